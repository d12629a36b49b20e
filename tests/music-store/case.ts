// One query twice: as an app says it, and as SQL written by hand, whose answer is the expectation. The SQL gives one
// jsonb a row in the order of the result; `j` (tables.sql) is a row as it looks in a result, and what is related is
// added with `||`. In results of queries that end in one row or none, that is the only one, or null.
import type {AnyQuery, QueryRoots} from 'tidemark'
import type {schema} from './schema.js'

export interface Case {
  readonly query: (q: QueryRoots<typeof schema>) => AnyQuery
  readonly sql: string
  /** The result is one row, or null for none, and not a list. */
  readonly single?: true
}

export type Cases = Readonly<Record<string, Case>>
