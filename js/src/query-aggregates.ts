// Aggregates and groups, for the compiler.
import type {Columns, types} from './column.js'
import type {Filtered, Ordered, Type, Value} from './query-conditions.js'
import type {AnyQuery, Unused} from './query.js'
import type {ColumnsOf, ColumnValue, Flat} from './rows.js'
import type {AnySchema, TableName} from './schema.js'
import type {ComparableColumn} from './table.js'

declare const aggregation: unique symbol
/** Marks, for the compiler, what gives aggregates and not rows. */
export interface Aggregation {
  readonly [aggregation]: true
}

/** A value of an aggregation: of a group it is null only if the column may be. */
export interface Aggregated<Value, Nullable extends boolean> {
  readonly value: Value
  readonly nullable: Nullable
}

type ColumnOf<C extends Columns, Wanted> = {
  [N in keyof C & string]: Type<C[N]> extends Wanted ? N : never
}[keyof C & string]

type Of<C extends Columns, N extends keyof C, V = Value<C[N]>> = Aggregated<
  V,
  C[N][typeof types]['optional']
>

type Values<A, Grouped> = {
  readonly [N in keyof A]: A[N] extends Aggregated<infer V, infer Nullable>
    ? Nullable extends true
      ? V | null
      : Grouped extends true
        ? V
        : V | null
    : A[N] extends {readonly count: infer V}
      ? V
      : never
}

/** A count, which is never null. */
interface Count {
  readonly count: number
}

type GroupRow<C extends Columns, G extends string, A> = Flat<
  {readonly [N in G]: ColumnValue<C[N]>} & Values<A, true>
>

/** One object without groups, else one for each group. */
type AggregationData<C extends Columns, G extends string, A> = [G] extends [never]
  ? Flat<Values<A, false>>
  : readonly GroupRow<C, G, A>[]

type Add<A, As extends string, V> = A & {readonly [N in As]: V}

/** `sum('rank')` is named `sum_rank`; `sum('rank', 'total')` is `total`. */
interface AggregateCall<
  S extends AnySchema,
  T extends TableName<S>,
  G extends string,
  A,
  Name extends string,
  Wanted,
  Result = never,
> {
  <N extends ColumnOf<ColumnsOf<S, T>, Wanted>>(
    column: `${Name}_${N}` extends G | keyof A ? never : N,
  ): AggregateQuery<S, T, G, Add<A, `${Name}_${N}`, Given<ColumnsOf<S, T>, N, Result>>>
  <N extends ColumnOf<ColumnsOf<S, T>, Wanted>, const As extends string>(
    column: N,
    as: Unused<As, G | keyof A>,
  ): AggregateQuery<S, T, G, Add<A, As, Given<ColumnsOf<S, T>, N, Result>>>
}

type Given<C extends Columns, N extends keyof C, Result> = [Result] extends [never]
  ? Of<C, N>
  : Of<C, N, Result>

interface CountCall<S extends AnySchema, T extends TableName<S>, G extends string, A> {
  (
    ...taken: 'count' extends G | keyof A ? ['"count" is taken: give another name'] : []
  ): AggregateQuery<S, T, G, Add<A, 'count', Count>>
  <const As extends string>(as: Unused<As, G | keyof A>): AggregateQuery<S, T, G, Add<A, As, Count>>
}

/**
 * What makes a query an aggregation: one object of values in the place of rows, or one for each
 * group. Nulls are passed over; of no values a count is 0 and the others are null.
 */
export interface Aggregating<S extends AnySchema, T extends TableName<S>, G extends string, A> {
  /** How many rows. */
  readonly count: CountCall<S, T, G, A>
  /** Exact for bigint columns; for numbers the double that is nearest. */
  readonly sum: AggregateCall<S, T, G, A, 'sum', 'number' | 'bigint'>
  readonly min: AggregateCall<S, T, G, A, 'min', Ordered>
  readonly max: AggregateCall<S, T, G, A, 'max', Ordered>
  readonly avg: AggregateCall<S, T, G, A, 'avg', 'number' | 'bigint', number>
  /** One result row for each combination of these columns' values, in their order. */
  groupBy<N extends Exclude<ComparableColumn<ColumnsOf<S, T>>, keyof A>>(
    ...columns: readonly [N, ...N[]]
  ): keyof A extends never ? Grouping<S, T, G | N> : AggregateQuery<S, T, G | N, A>
}

/** Groups that still need an aggregate. */
export type Grouping<
  S extends AnySchema,
  T extends TableName<S>,
  G extends string,
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no aggregates yet
> = Aggregating<S, T, G, {}>

/** Aggregates `A` over rows of table `T`, in groups by the columns `G`. */
export interface AggregateQuery<S extends AnySchema, T extends TableName<S>, G extends string, A>
  extends
    Filtered<S, T>,
    Aggregating<S, T, G, A>,
    Aggregation,
    AnyQuery<AggregationData<ColumnsOf<S, T>, G, A>> {
  /** Groups are in the order of their columns, if nothing else is said. */
  orderBy(column: G, direction?: 'asc' | 'desc'): AggregateQuery<S, T, G, A>
  /** At most so many groups. */
  limit(groups: [G] extends [never] ? never : number): AggregateQuery<S, T, G, A>
}
