// The query tree as the core parses it (docs/protocol.md). Literals are in their wire form.
import type {PathStep} from './paths.js'

export type ComparisonOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'not in'
  | 'like'
  | 'not like'
  | 'ilike'
  | 'not ilike'
  | 'is'
  | 'is not'

export interface ComparisonAst {
  readonly op: ComparisonOperator
  readonly column: string
  /** Below a JSON column: what is compared lies there. */
  readonly path?: readonly PathStep[]
  readonly value: unknown
}

export interface ExistsAst {
  readonly op: 'exists'
  readonly relationship: string
  /** Of the other table, with a condition at most. */
  readonly query: QueryAst
}

export type ConditionAst =
  | ComparisonAst
  | ExistsAst
  | {readonly op: 'and' | 'or'; readonly args: readonly ConditionAst[]}
  | {readonly op: 'not'; readonly arg: ConditionAst}

export interface StartAst {
  /** Values of every column of the total order. */
  readonly row: Readonly<Record<string, unknown>>
  readonly inclusive: boolean
}

export interface RelatedAst {
  readonly relationship: string
  /** The member of the row that holds the result. */
  readonly as: string
  readonly query: QueryAst
}

export type AggregateFunction = 'count' | 'sum' | 'min' | 'max' | 'avg'

export interface AggregateAst {
  readonly function: AggregateFunction
  readonly column?: string
  readonly as: string
}

export interface QueryAst {
  readonly table: string
  readonly where?: ConditionAst
  readonly orderBy?: readonly (readonly [column: string, direction: 'asc' | 'desc'])[]
  readonly limit?: number
  /** The result is the first row or undefined, and not an array. */
  readonly one?: true
  readonly start?: StartAst
  /** In the order of `as`. */
  readonly related?: readonly RelatedAst[]
  readonly aggregates?: readonly AggregateAst[]
  readonly groupBy?: readonly string[]
}
