// Named queries: functions `(q, args, ctx)` that give a query. The page asks for them by name and
// arguments, and the server resolves them with the caller's verified claims, so that a client cannot
// read what no query gives it.
import {definedFor, flatten, withValidator} from './definitions.js'
import type {ArgsOf, CallArgs, Definition, Undeclared, Validated} from './definitions.js'
import {decodeArgs, encodeCanonicalArgs} from './json.js'
import type {QueryAst} from './query-ast.js'
import {queryAst, queryRoots} from './query-builder.js'
import type {AnyQuery, QueryRoots} from './query.js'
import type {AnySchema} from './schema.js'
import {validate} from './standard-schema.js'
import type {OutputOf, StandardSchema} from './standard-schema.js'
import type {QueryContext} from './tx.js'

/**
 * A named query. It declares the type of `args` itself, which is why this is a method's type: the
 * parameters of methods may be narrower.
 */
export type NamedQuery<S extends AnySchema> = {
  run(q: QueryRoots<S>, args: Undeclared, ctx: QueryContext): AnyQuery
}['run']

/** Queries by name, in namespaces if one likes. */
export interface QueryTree<S extends AnySchema> {
  readonly [name: string]: NamedQuery<S> | QueryTree<S>
}

/** What `defineQueries` gives the function form. */
export interface QueryHelpers<S extends AnySchema> {
  /** A query whose arguments a validator of any Standard Schema library checks. */
  readonly query: <V extends StandardSchema, Q extends AnyQuery>(
    validator: V,
    run: (q: QueryRoots<S>, args: OutputOf<V>, ctx: QueryContext) => Q,
  ) => ((q: QueryRoots<S>, args: OutputOf<V>, ctx: QueryContext) => Q) & Validated<V>
}

declare const data: unique symbol

/** A named query with its arguments: what `tm.watch`, `tm.run` and `useQuery` take. */
export interface QueryRequest<out Data = unknown> {
  readonly [data]?: () => Data
  /** The query's dotted name. */
  readonly name: string
  /** What the caller passed (`{}` for nothing); do not change it. */
  readonly args: unknown
  /** `args` as canonical JSON: equal arguments, equal text. */
  readonly argsJson: string
  /** Equal for equal name and arguments. */
  readonly key: string
  /** What the query is for a caller, as the client resolves it; throws what the query throws. */
  readonly ast: (context?: QueryContext) => QueryAst
}

/** The type of a request's result. */
export type RequestData<R extends QueryRequest> = R extends QueryRequest<infer Data> ? Data : never

type Requests<Q> = {
  readonly [N in keyof Q as N extends string ? N : never]: Q[N] extends (
    ...args: never[]
  ) => AnyQuery<infer Data>
    ? (...args: CallArgs<ArgsOf<Q[N]>>) => QueryRequest<Data>
    : Requests<Q[N]>
}

/** Where the callables of a tree keep what they were made from. */
export const queryDefinitions: unique symbol = Symbol('tidemark.queries')

/** The queries of an app, as the page calls them: `queries.board({id})` is a QueryRequest. */
export type Queries<S extends AnySchema, Q> = Requests<Q> & {
  readonly [definedFor]: S
  readonly [queryDefinitions]: ReadonlyMap<string, Definition>
}

/**
 * The queries of an app.
 *
 * ```ts
 * const queries = defineQueries(schema, {
 *   open: q => q.todo.where('done', false).orderBy('rank').limit(100),
 *   todo: (q, {id}: {id: string}) => q.todo.where('id', id).one(),
 * })
 * ```
 *
 * With validators: `defineQueries(schema, ({query}) => ({todo: query(z.object({…}), (q, args) => …)}))`.
 */
export function defineQueries<S extends AnySchema, Q extends QueryTree<S>>(
  schema: S,
  queries: Q | ((helpers: QueryHelpers<S>) => Q),
): Queries<S, Q> {
  const tree = typeof queries === 'function' ? queries({query: withValidator}) : queries
  const definitions = flatten('query', tree)
  const callables: unknown = Object.freeze({
    ...requests(schema, tree, '', definitions),
    [definedFor]: schema,
    [queryDefinitions]: definitions,
  })
  return callables as Queries<S, Q>
}

function requests(
  schema: AnySchema,
  tree: object,
  prefix: string,
  definitions: ReadonlyMap<string, Definition>,
): Record<string, unknown> {
  const members = (Object.entries(tree) as [string, unknown][]).map(([key, member]) => {
    const definition = definitions.get(prefix + key)
    const made =
      definition === undefined
        ? Object.freeze(requests(schema, member as object, `${prefix}${key}.`, definitions))
        : (args: unknown) => new NamedRequest(schema, definition, args)
    return [key, made] as const
  })
  return Object.fromEntries(members)
}

class NamedRequest implements QueryRequest {
  readonly name: string
  readonly args: unknown
  readonly argsJson: string
  readonly key: string
  readonly ast: (context?: QueryContext) => QueryAst

  constructor(schema: AnySchema, definition: Definition, args: unknown = {}) {
    this.name = definition.name
    this.args = args
    this.argsJson = encodeCanonicalArgs(args, definition.name)
    this.key = `${this.name}(${this.argsJson})`
    this.ast = (context = {auth: null, location: 'client'}) =>
      resolve(schema, definition, this.argsJson, context)
  }
}

/** The tree of a named query for a caller; throws what its validator and the query throw. */
export function resolve(
  schema: AnySchema,
  {name, run, validator}: Definition,
  argsJson: string,
  context: QueryContext,
): QueryAst {
  const input = decodeArgs(argsJson)
  const args = validator === undefined ? input : validate(validator, name, input)
  return queryAst(run(queryRoots(schema), args, context), `query "${name}"`)
}
