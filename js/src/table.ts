// A table: its columns, primary key, indexes. Immutable: every method gives a new one.
import type {AnyColumn, Columns, types} from './column.js'

type Names<C extends Columns> = keyof C & string
type TypeOf<C extends AnyColumn> = C[typeof types]['type']

/** Columns that can be in a primary key: always there, and comparable. */
export type KeyColumn<C extends Columns> = {
  [N in Names<C>]: TypeOf<C[N]> extends 'json'
    ? never
    : C[N][typeof types]['optional'] extends true
      ? never
      : N
}[Names<C>]

/** Columns that can be in an index or an ordering: all but JSON. */
export type ComparableColumn<C extends Columns> = {
  [N in Names<C>]: TypeOf<C[N]> extends 'json' ? never : N
}[Names<C>]

export interface TableDefinition {
  readonly columns: Columns
  readonly from?: string
  readonly primaryKey?: readonly string[]
  readonly indexes: readonly (readonly string[])[]
  readonly uniques: readonly (readonly string[])[]
}

/** A table with primary key `Key` (undefined until `primaryKey` was called). */
export class Table<C extends Columns, Key extends readonly string[] | undefined> {
  declare readonly [types]: {readonly columns: C; readonly primaryKey: Key}
  readonly definition: TableDefinition

  constructor(definition: TableDefinition) {
    this.definition = definition
  }

  /** The columns whose values identify a row. Every table has a primary key. */
  primaryKey<const Names extends readonly [KeyColumn<C>, ...KeyColumn<C>[]]>(
    ...columns: Names
  ): Table<C, Names> {
    return new Table({...this.definition, primaryKey: columns})
  }

  /** The table's name in the database, `'table'` or `'schema.table'`, where it differs. */
  from(databaseName: string): Table<C, Key> {
    return new Table({...this.definition, from: databaseName})
  }

  /** An index that the embedded database and the page's storage keep. */
  index(...columns: [ComparableColumn<C>, ...ComparableColumn<C>[]]): Table<C, Key> {
    return new Table({...this.definition, indexes: [...this.definition.indexes, columns]})
  }

  /** Columns whose values no two rows may share. */
  unique(...columns: [ComparableColumn<C>, ...ComparableColumn<C>[]]): Table<C, Key> {
    return new Table({...this.definition, uniques: [...this.definition.uniques, columns]})
  }
}

/** A table of these columns; it needs `.primaryKey(…)` before a schema takes it. */
export const table = <C extends Columns>(columns: C): Table<C, undefined> =>
  new Table({columns, indexes: [], uniques: []})

/** Any table that a schema takes: one with a primary key. */
export interface AnyTable {
  readonly [types]: {readonly columns: Columns; readonly primaryKey: readonly string[]}
  readonly definition: TableDefinition
}
/** The tables of a schema by name. */
export type Tables = Readonly<Record<string, AnyTable>>
