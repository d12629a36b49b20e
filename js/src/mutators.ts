// Mutators: named synchronous functions `(tx, args, ctx)` that run optimistically on the page and
// authoritatively on the server.
import {definedFor, flatten, withValidator} from './definitions.js'
import type {ArgsOf, CallArgs, Undeclared, Validated} from './definitions.js'
import type {AnySchema} from './schema.js'
import type {OutputOf, StandardSchema} from './standard-schema.js'
import type {MutatorContext, Tx} from './tx.js'

/** What a mutator may return: JSON or nothing, and never a promise. */
export type MutatorResult =
  void | undefined | null | boolean | number | bigint | string | (object & {readonly then?: never})

/**
 * A mutator. It declares the type of `args` itself, which is why this is a method's type: the
 * parameters of methods may be narrower.
 */
export type Mutator<S extends AnySchema> = {
  run(tx: Tx<S>, args: Undeclared, ctx: MutatorContext<S>): MutatorResult
}['run']

/** Mutators by name, in namespaces if one likes. */
export interface MutatorTree<S extends AnySchema> {
  readonly [name: string]: Mutator<S> | MutatorTree<S>
}

/** What `defineMutators` gives the function form. */
export interface MutatorHelpers<S extends AnySchema> {
  /** A mutator whose arguments a validator of any Standard Schema library checks, in every run. */
  readonly mutator: <V extends StandardSchema, Result extends MutatorResult>(
    validator: V,
    run: (tx: Tx<S>, args: OutputOf<V>, ctx: MutatorContext<S>) => Result,
  ) => ((tx: Tx<S>, args: OutputOf<V>, ctx: MutatorContext<S>) => Result) & Validated<V>
}

/** The mutators of an app: the tree that was defined. They can be called from other mutators. */
export type Mutators<S extends AnySchema, M> = M & {readonly [definedFor]: S}

/**
 * The mutators of an app.
 *
 * ```ts
 * const mutators = defineMutators(schema, {
 *   todo: {
 *     rename: (tx, {id, title}: {id: string; title: string}) => tx.todo.update({id, title}),
 *   },
 * })
 * ```
 *
 * With validators: `defineMutators(schema, ({mutator}) => ({add: mutator(z.object({…}), (tx, args) => …)}))`.
 */
export function defineMutators<S extends AnySchema, M extends MutatorTree<S>>(
  schema: S,
  mutators: M | ((helpers: MutatorHelpers<S>) => M),
): Mutators<S, M> {
  const tree = typeof mutators === 'function' ? mutators({mutator: withValidator}) : mutators
  flatten('mutator', tree)
  return Object.freeze({...tree, [definedFor]: schema})
}

/** One call of a mutator, from the page. */
export interface MutationCall<Result> {
  /** What the optimistic run returned. */
  readonly result: Result
  /** The mutation's id: 1, 2, 3, … per client. */
  readonly id: number
  /** True once it is in the durable log; false if this session is memory only. */
  readonly persisted: Promise<boolean>
  /** The server's result; rejects with a MutationError. Never an unhandled rejection. */
  readonly server: Promise<Result>
}

/** A tree of mutators as the page calls them: `tm.mutate.todo.add({…})`. */
export type Mutate<M> = {
  readonly [N in keyof M as N extends string ? N : never]: M[N] extends (
    ...args: never[]
  ) => infer Result
    ? (...args: CallArgs<ArgsOf<M[N]>>) => MutationCall<Result>
    : Mutate<M[N]>
}
