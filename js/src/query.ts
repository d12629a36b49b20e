// The query builder, for the compiler. A query is an immutable value: every method gives a new one,
// and `ast` is what it says. Wrong columns, operators, relationships and types do not compile; what
// gets past the compiler is an `invalid_args` that names the place (query-builder.ts).
import type {Aggregating, Aggregation} from './query-aggregates.js'
import type {QueryAst} from './query-ast.js'
import type {Filtered, OfTable} from './query-conditions.js'
import type {KindOf, RelationshipName, TargetOf} from './related.js'
import type {ColumnsOf, ColumnValue, Flat, KeyNames, Row} from './rows.js'
import type {AnySchema, TableName} from './schema.js'
import type {ComparableColumn} from './table.js'

/** Marks the type of a query's result for the compiler. */
declare const data: unique symbol

/** A query of any table whose result is `Data`. */
export interface AnyQuery<out Data = unknown> {
  readonly [data]?: () => Data
  readonly ast: QueryAst
}

/** The type of a query's result. */
export type DataOf<Q extends AnyQuery> = Q extends AnyQuery<infer Data> ? Data : never

/** What a related query adds to each row: a list, or for `one` (of either kind) a row or nothing. */
type RelatedData<Kind, Q extends AnyQuery> = Kind extends 'one'
  ? Q extends Aggregation
    ? DataOf<Q>
    : DataOf<Q> extends readonly (infer Row)[]
      ? Row | undefined
      : DataOf<Q>
  : DataOf<Q>

type With<R, As extends string, Data> = Flat<R & {readonly [N in As]: Data}>

/** `As` if nothing in `Used` has that name. */
export type Unused<As, Used> = As extends Used ? `"${As & string}" is taken: give another name` : As

/**
 * Rows of table `T` in an order, with what is related to them: each row an `R`. The primary key is
 * the last key of every order; `Order` has the columns before it.
 */
export interface RowQuery<
  S extends AnySchema,
  T extends TableName<S>,
  R,
  One extends boolean,
  Order extends string,
  Orderable extends string,
>
  extends Filtered<S, T>, AnyQuery<One extends true ? R | undefined : readonly R[]> {
  orderBy<N extends Orderable>(
    column: N,
    direction?: 'asc' | 'desc',
  ): RowQuery<S, T, R, One, Order | N, Orderable>

  /** At most so many rows; in a related query, for each row that it belongs to. */
  limit(rows: number): RowQuery<S, T, R, One, Order, Orderable>

  /**
   * Begins behind `row` in the query's order, or with it if `inclusive`. It has the columns of the
   * order and of the primary key, and need not exist (any more). After `orderBy`.
   */
  start(
    row: {readonly [N in Order | KeyNames<S, T>]: ColumnValue<ColumnsOf<S, T>[N]>},
    options?: {readonly inclusive?: boolean},
  ): RowQuery<S, T, R, One, Order, never>

  /** The first row, or undefined if there is none. */
  one(): RowQuery<S, T, R, true, Order, Orderable>

  /**
   * Adds the rows that a relationship leads to as a member of each row, under the relationship's
   * name; the callback narrows, orders, limits, aggregates them, and relates further.
   */
  related<
    N extends Exclude<RelationshipName<S, T>, keyof R>,
    Q extends AnyQuery & OfTable<TargetOf<S, T, N>> = Query<S, TargetOf<S, T, N>>,
  >(
    relationship: N,
    rows?: (rows: Query<S, TargetOf<S, T, N>>) => Q,
  ): RowQuery<S, T, With<R, N, RelatedData<KindOf<S, T, N>, Q>>, One, Order, Orderable>
  /** The same under another name, so that one relationship can be there twice. */
  related<
    N extends RelationshipName<S, T>,
    Q extends AnyQuery & OfTable<TargetOf<S, T, N>>,
    const As extends string,
  >(
    relationship: N,
    rows: (rows: Query<S, TargetOf<S, T, N>>) => Q,
    options: {readonly as: Unused<As, keyof R>},
  ): RowQuery<S, T, With<R, As, RelatedData<KindOf<S, T, N>, Q>>, One, Order, Orderable>
}

/** A query of table `T`: all its rows until it says otherwise. */
export interface Query<S extends AnySchema, T extends TableName<S>>
  extends
    RowQuery<S, T, Row<S, T>, false, never, ComparableColumn<ColumnsOf<S, T>>>,
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no aggregates yet
    Aggregating<S, T, never, {}> {}

/** Where queries begin: one per table, `q.todo`. */
export type QueryRoots<S extends AnySchema> = {readonly [T in TableName<S>]: Query<S, T>}
