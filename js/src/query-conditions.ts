// What `where` takes, for the compiler: operators and operands that fit a column, or what lies at a
// path of a JSON column; the helpers that conditions are built with.
import type {AnyColumn, Columns, types} from './column.js'
import type {PathBelow, PathToScalar, ScalarAt} from './paths.js'
import type {ComparisonOperator} from './query-ast.js'
import type {RelationshipName, TargetOf} from './related.js'
import type {ColumnsOf} from './rows.js'
import type {AnySchema, TableName} from './schema.js'
import type {ComparableColumn} from './table.js'

export type Value<C extends AnyColumn> = C[typeof types]['value']
export type Type<C extends AnyColumn> = C[typeof types]['type']

/** The types of columns whose values have an order. */
export type Ordered = 'string' | 'number' | 'bigint' | 'timestamp' | 'date'

interface Equality<V> {
  '=': V
  '!=': V
  in: readonly V[]
  'not in': readonly V[]
  is: V | null
  'is not': V | null
}
interface Order<V> {
  '<': V
  '<=': V
  '>': V
  '>=': V
}
interface Patterns {
  like: string
  'not like': string
  ilike: string
  'not ilike': string
}

/** What each operator compares a column with. */
type Operands<C extends AnyColumn> = (Type<C> extends 'json'
  ? {is: null; 'is not': null}
  : Equality<Value<C>>) &
  (Type<C> extends Ordered ? Order<Value<C>> : unknown) &
  (Type<C> extends 'string' | 'enumeration' ? Patterns : unknown)

/** What each operator compares a part of a document with. */
type ScalarOperands<V> = Equality<V> &
  ([Extract<V, string | number>] extends [never] ? unknown : Order<Extract<V, string | number>>) &
  ([Extract<V, string>] extends [never] ? unknown : Patterns)

/** The operators that fit a column. */
export type OperatorFor<C extends AnyColumn> = keyof Operands<C> & ComparisonOperator
/** What operator `O` compares a column with. */
export type OperandFor<C extends AnyColumn, O> = O extends keyof Operands<C>
  ? Operands<C>[O]
  : never

type ScalarOperator<V> = keyof ScalarOperands<V> & ComparisonOperator
type ScalarOperand<V, O> = O extends keyof ScalarOperands<V> ? ScalarOperands<V>[O] : never

declare const conditionTable: unique symbol
/** A condition on rows of one table; made by the helpers that `where` hands to its callback. */
export interface Condition<C extends Columns> {
  readonly [conditionTable]: (columns: C) => void
}

export interface Compare<C extends Columns, Result> {
  /** The column equals the value. `null` equals nothing: use `is`. */
  <N extends ComparableColumn<C>>(column: N, value: Value<C[N]>): Result
  /** `in`, `not in` take arrays; `is`, `is not` also take null; `ilike` ignores case in ASCII. */
  <N extends keyof C & string, O extends OperatorFor<C[N]>>(
    column: N,
    operator: O,
    value: OperandFor<C[N], O>,
  ): Result
  /** What lies at a path of a JSON column, `['doc', 'nodes', 0, 'title']`, equals the value. */
  <const P extends PathBelow<C>>(path: PathToScalar<C, P>, value: ScalarAt<C, P>): Result
  /** It compares with values of its own type only: text with text, a number with a number. */
  <const P extends PathBelow<C>, O extends ScalarOperator<ScalarAt<C, P>>>(
    path: PathToScalar<C, P>,
    operator: O,
    value: ScalarOperand<ScalarAt<C, P>, O>,
  ): Result
}

declare const ofTable: unique symbol
/** Marks, for the compiler, what is a query of table `T`. */
export interface OfTable<T> {
  readonly [ofTable]?: T
}

/** Narrows the rows that a relationship leads to. */
export type Narrow<S extends AnySchema, T extends TableName<S>> = (
  rows: Filtered<S, T>,
) => OfTable<T> & {readonly where: unknown}

/** What the callback of `where` builds its condition with. */
export interface ConditionHelpers<S extends AnySchema, T extends TableName<S>> {
  /** A comparison, as the arguments of `where`. */
  readonly cmp: Compare<ColumnsOf<S, T>, Condition<ColumnsOf<S, T>>>
  /** All of them; of none: true. */
  readonly and: (...conditions: readonly Condition<ColumnsOf<S, T>>[]) => Condition<ColumnsOf<S, T>>
  /** Any of them; of none: false. */
  readonly or: (...conditions: readonly Condition<ColumnsOf<S, T>>[]) => Condition<ColumnsOf<S, T>>
  readonly not: (condition: Condition<ColumnsOf<S, T>>) => Condition<ColumnsOf<S, T>>
  /** The relationship leads to a row at least (one that the callback's conditions hold for). */
  readonly exists: <N extends RelationshipName<S, T>>(
    relationship: N,
    rows?: Narrow<S, TargetOf<S, T, N>>,
  ) => Condition<ColumnsOf<S, T>>
}

interface Where<S extends AnySchema, T extends TableName<S>, Result> extends Compare<
  ColumnsOf<S, T>,
  Result
> {
  (build: (helpers: ConditionHelpers<S, T>) => Condition<ColumnsOf<S, T>>): Result
}

/** Rows of table `T`, some of them. Several conditions are and-ed. */
export interface Filtered<S extends AnySchema, T extends TableName<S>> extends OfTable<T> {
  readonly where: Where<S, T, this>
  /** Rows for which the relationship leads to a row at least (one that the conditions hold for). */
  whereExists<N extends RelationshipName<S, T>>(
    relationship: N,
    rows?: Narrow<S, TargetOf<S, T, N>>,
  ): this
  /** Rows for which it leads to none. */
  whereNotExists<N extends RelationshipName<S, T>>(
    relationship: N,
    rows?: Narrow<S, TargetOf<S, T, N>>,
  ): this
}
