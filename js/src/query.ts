// The query builder. A query is an immutable value: every method gives a new one, and `ast` is what
// it says. Wrong columns, operators and types do not compile; what gets past the compiler is an
// `invalid_args` that names the place.
import type {AnyColumn, Columns, types} from './column.js'
import {invalidArgs} from './errors.js'
import {encodeText, kindOf} from './json.js'
import {encodeColumn, layoutsOf} from './layout.js'
import type {ColumnLayout, TableLayout} from './layout.js'
import type {ComparisonOperator, ConditionAst, QueryAst} from './query-ast.js'
import type {ColumnsOf, Row} from './rows.js'
import type {AnySchema, TableName} from './schema.js'
import type {ComparableColumn} from './table.js'

type Value<C extends AnyColumn> = C[typeof types]['value']
type Type<C extends AnyColumn> = C[typeof types]['type']

type Ordered = 'string' | 'number' | 'bigint' | 'timestamp' | 'date'

/** What each operator compares a column with. */
type Operands<C extends AnyColumn> = (Type<C> extends 'json'
  ? {is: null; 'is not': null}
  : {
      '=': Value<C>
      '!=': Value<C>
      in: readonly Value<C>[]
      'not in': readonly Value<C>[]
      is: Value<C> | null
      'is not': Value<C> | null
    }) &
  (Type<C> extends Ordered
    ? {'<': Value<C>; '<=': Value<C>; '>': Value<C>; '>=': Value<C>}
    : unknown) &
  (Type<C> extends 'string' | 'enumeration'
    ? {like: string; 'not like': string; ilike: string; 'not ilike': string}
    : unknown)

/** The operators that fit a column. */
export type OperatorFor<C extends AnyColumn> = keyof Operands<C> & ComparisonOperator
/** What operator `O` compares a column with. */
export type OperandFor<C extends AnyColumn, O> = O extends keyof Operands<C>
  ? Operands<C>[O]
  : never

declare const conditionTable: unique symbol
/** A condition on rows of one table; made by the helpers that `where` hands to its callback. */
export interface Condition<C extends Columns> {
  readonly [conditionTable]: (columns: C) => void
}

interface Compare<C extends Columns, Result> {
  /** The column equals the value. `null` equals nothing: use `is`. */
  <N extends ComparableColumn<C>>(column: N, value: Value<C[N]>): Result
  /** `in`, `not in` take arrays; `is`, `is not` also take null; `ilike` ignores case in ASCII. */
  <N extends keyof C & string, O extends OperatorFor<C[N]>>(
    column: N,
    operator: O,
    value: OperandFor<C[N], O>,
  ): Result
}

/** What the callback of `where` builds its condition with. */
export interface ConditionHelpers<C extends Columns> {
  /** A comparison, as the arguments of `where`. */
  readonly cmp: Compare<C, Condition<C>>
  /** All of them; of none: true. */
  readonly and: (...conditions: readonly Condition<C>[]) => Condition<C>
  /** Any of them; of none: false. */
  readonly or: (...conditions: readonly Condition<C>[]) => Condition<C>
  readonly not: (condition: Condition<C>) => Condition<C>
}

/** Marks the type of a query's result for the compiler. */
declare const data: unique symbol

/** A query of any table whose result is `Data`. */
export interface AnyQuery<out Data = unknown> {
  readonly [data]?: () => Data
  readonly ast: QueryAst
}

/** The type of a query's result. */
export type DataOf<Q extends AnyQuery> = Q extends AnyQuery<infer Data> ? Data : never

interface Where<S extends AnySchema, T extends TableName<S>, Data> extends Compare<
  ColumnsOf<S, T>,
  Query<S, T, Data>
> {
  (
    build: (helpers: ConditionHelpers<ColumnsOf<S, T>>) => Condition<ColumnsOf<S, T>>,
  ): Query<S, T, Data>
}

/** A query of table `T`. Several `where` are and-ed; the primary key is the last key of every order. */
export interface Query<
  S extends AnySchema,
  T extends TableName<S>,
  Data = readonly Row<S, T>[],
> extends AnyQuery<Data> {
  readonly where: Where<S, T, Data>
  orderBy(column: ComparableColumn<ColumnsOf<S, T>>, direction?: 'asc' | 'desc'): Query<S, T, Data>
  /** At most so many rows. */
  limit(rows: number): Query<S, T, Data>
  /** The first row, or undefined if there is none. */
  one(): Query<S, T, Row<S, T> | undefined>
}

/** Where queries begin: one per table, `q.todo`. */
export type QueryRoots<S extends AnySchema> = {readonly [T in TableName<S>]: Query<S, T>}

type Compared = readonly [column: string, operatorOrValue: unknown, value?: unknown]

/** The implementation behind `Query`, which the compiler sees through that interface only. */
class TableQuery {
  readonly ast: QueryAst
  private readonly layout: TableLayout

  constructor(layout: TableLayout, ast: QueryAst) {
    this.layout = layout
    this.ast = Object.freeze(ast)
  }

  where(...args: Compared | [build: (helpers: unknown) => unknown]): TableQuery {
    const [build] = args
    const condition =
      typeof build === 'function'
        ? conditionOf(build(helpersFor(this.layout)))
        : comparison(this.layout, args as Compared)
    const before = this.ast.where
    const where: ConditionAst =
      before === undefined ? condition : {op: 'and', args: [...conjuncts(before), condition]}
    return new TableQuery(this.layout, {...this.ast, where})
  }

  orderBy(column: string, direction: 'asc' | 'desc' = 'asc'): TableQuery {
    const {document, path} = this.layout.column(column)
    if (document.type === 'json') throw invalidArgs(`orderBy: ${path} is JSON, which has no order`)
    if (direction !== 'asc' && direction !== 'desc') {
      throw invalidArgs(`orderBy: the direction of ${path} is 'asc' or 'desc'`)
    }
    const orderBy = [...(this.ast.orderBy ?? []), [column, direction] as const]
    return new TableQuery(this.layout, {...this.ast, orderBy})
  }

  limit(rows: number): TableQuery {
    if (!Number.isInteger(rows) || rows < 0 || rows > 0xffffffff) {
      throw invalidArgs(`limit takes a whole number of rows, not ${String(rows)}`)
    }
    return new TableQuery(this.layout, {...this.ast, limit: rows})
  }

  one(): TableQuery {
    return new TableQuery(this.layout, {...this.ast, one: true})
  }
}

const conjuncts = (condition: ConditionAst): readonly ConditionAst[] =>
  condition.op === 'and' ? condition.args : [condition]

/** True for what the query builder made. */
export const isQuery = (value: unknown): value is AnyQuery => value instanceof TableQuery

/** A condition with its syntax tree, hidden from the compiler. */
class BuiltCondition {
  readonly ast: ConditionAst

  constructor(ast: ConditionAst) {
    this.ast = ast
  }
}

function conditionOf(value: unknown): ConditionAst {
  if (value instanceof BuiltCondition) return value.ast
  throw invalidArgs(`where: a condition is made by cmp, and, or, not; this is ${kindOf(value)}`)
}

const helpersFor = (layout: TableLayout) => ({
  cmp: (...args: Compared) => new BuiltCondition(comparison(layout, args)),
  and: (...args: unknown[]) => new BuiltCondition({op: 'and', args: args.map(conditionOf)}),
  or: (...args: unknown[]) => new BuiltCondition({op: 'or', args: args.map(conditionOf)}),
  not: (arg: unknown) => new BuiltCondition({op: 'not', arg: conditionOf(arg)}),
})

type OperatorKind = 'equality' | 'order' | 'list' | 'pattern' | 'identity'
const operators: ReadonlyMap<unknown, OperatorKind> = new Map<ComparisonOperator, OperatorKind>([
  ['=', 'equality'],
  ['!=', 'equality'],
  ['<', 'order'],
  ['<=', 'order'],
  ['>', 'order'],
  ['>=', 'order'],
  ['in', 'list'],
  ['not in', 'list'],
  ['like', 'pattern'],
  ['not like', 'pattern'],
  ['ilike', 'pattern'],
  ['not ilike', 'pattern'],
  ['is', 'identity'],
  ['is not', 'identity'],
])

function comparison(layout: TableLayout, args: Compared): ConditionAst {
  const [name, second, third] = args
  const column = layout.column(name)
  const op = args.length === 2 ? '=' : second
  const value = args.length === 2 ? second : third
  const kind = operators.get(op)
  if (kind === undefined) throw invalidArgs(`where: there is no operator ${String(op)}`)
  const {type} = column.document
  if (type === 'json' && (kind !== 'identity' || value !== null)) {
    throw invalidArgs(`where: ${column.path} is JSON: it only compares as 'is' or 'is not' null`)
  }
  if (kind === 'pattern' && type !== 'string' && type !== 'enumeration') {
    throw invalidArgs(`where: '${String(op)}' needs text, and ${column.path} is a ${type}`)
  }
  return {op: op as ComparisonOperator, column: name, value: literal(column, kind, value)}
}

// The wire form of a literal. Null is one of every type.
function literal(column: ColumnLayout, kind: OperatorKind, value: unknown): unknown {
  if (kind === 'list') {
    if (!Array.isArray(value)) {
      throw invalidArgs(`where: 'in' takes an array, and ${column.path} got ${kindOf(value)}`)
    }
    return value.map(element => literal(column, 'equality', element))
  }
  if (value === undefined) throw invalidArgs(`where: ${column.path} is compared with undefined`)
  if (value === null) return null
  // A pattern is any text, also where the column is an enumeration.
  const json = kind === 'pattern' ? encodeText(value, column.path) : encodeColumn(column, value)
  return JSON.parse(json) as unknown
}

const roots = new WeakMap<AnySchema, unknown>()

/** The roots of a schema; the same object for the same schema. */
export function queryRoots<S extends AnySchema>(schema: S): QueryRoots<S> {
  let made = roots.get(schema)
  if (made === undefined) {
    const tables = [...layoutsOf(schema)].map(
      ([table, layout]) => [table, new TableQuery(layout, {table})] as const,
    )
    made = Object.freeze(Object.fromEntries(tables))
    roots.set(schema, made)
  }
  return made as QueryRoots<S>
}
