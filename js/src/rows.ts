// The types of rows: as they are read, inserted and updated, and of primary keys.
import type {AnyColumn, Columns, types} from './column.js'
import type {AnySchema, TableName, TablesOf} from './schema.js'

type Info<C extends AnyColumn> = C[typeof types]
/** An intersection as one object type. */
export type Flat<T> = {[K in keyof T]: T[K]}
type Names<C extends Columns> = keyof C & string

/** The columns of table `T`. */
export type ColumnsOf<
  S extends AnySchema,
  T extends TableName<S>,
> = TablesOf<S>[T][typeof types]['columns']
/** The columns of its primary key. */
export type KeyNames<
  S extends AnySchema,
  T extends TableName<S>,
> = TablesOf<S>[T][typeof types]['primaryKey'][number]

/** What a column holds in a row. */
export type ColumnValue<C extends AnyColumn> = Info<C>['optional'] extends true
  ? Info<C>['value'] | null
  : Info<C>['value']
// What may be written to it: undefined stands for "not given".
type ColumnInput<C extends AnyColumn> = Info<C>['optional'] extends true
  ? Info<C>['value'] | null | undefined
  : Info<C>['value']

type OptionalOnInsert<C extends Columns> = {
  [N in Names<C>]: Info<C[N]>['optional'] extends true
    ? N
    : Info<C[N]>['hasDefault'] extends true
      ? N
      : never
}[Names<C>]

/** A row as queries and `tx` give it. Shared between readers: never change one in place. */
export type Row<S extends AnySchema, T extends TableName<S>> = Flat<{
  readonly [N in Names<ColumnsOf<S, T>>]: ColumnValue<ColumnsOf<S, T>[N]>
}>

type InsertOf<C extends Columns> = Flat<
  {readonly [N in Exclude<Names<C>, OptionalOnInsert<C>>]: ColumnInput<C[N]>} & {
    readonly [N in OptionalOnInsert<C>]?: ColumnInput<C[N]> | undefined
  }
>

/** What `insert` and `upsert` take: columns with a default and optional columns may be left out. */
export type InsertRow<S extends AnySchema, T extends TableName<S>> = InsertOf<ColumnsOf<S, T>>

type UpdateOf<C extends Columns, K extends string> = Flat<
  {readonly [N in Names<C> & K]: ColumnInput<C[N]>} & {
    readonly [N in Exclude<Names<C>, K>]?: ColumnInput<C[N]> | undefined
  }
>

/** What `update` takes: the primary key and the columns that change; undefined is unchanged. */
export type UpdateRow<S extends AnySchema, T extends TableName<S>> = UpdateOf<
  ColumnsOf<S, T>,
  KeyNames<S, T>
>

type KeyObject<C extends Columns, K extends string> = Flat<{
  readonly [N in Names<C> & K]: ColumnValue<C[N]>
}>
type IsSingle<K extends readonly string[]> = K extends readonly [string] ? true : false

/** A primary key: the value itself for a key of one column, and always an object of its columns. */
export type Key<S extends AnySchema, T extends TableName<S>> =
  | KeyObject<ColumnsOf<S, T>, KeyNames<S, T>>
  | (IsSingle<TablesOf<S>[T][typeof types]['primaryKey']> extends true
      ? ColumnValue<ColumnsOf<S, T>[KeyNames<S, T>]>
      : never)
