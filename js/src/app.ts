// An app: what page and server share. The default export of the file that `tidemark build` bundles.
import {definedFor, flatten} from './definitions.js'
import type {Definition} from './definitions.js'
import type {Mutators} from './mutators.js'
import {queryDefinitions} from './queries.js'
import type {Queries} from './queries.js'
import type {AnySchema} from './schema.js'

/** Where an app keeps its functions by name, for the runtime. */
export const appDefinitions: unique symbol = Symbol('tidemark.app')

/** Schema, queries and mutators, made by `defineApp`. */
export interface App<S extends AnySchema = AnySchema, Q = unknown, M = unknown> {
  readonly schema: S
  readonly queries: Q
  readonly mutators: M
  readonly [appDefinitions]: {
    readonly queries: ReadonlyMap<string, Definition>
    readonly mutators: ReadonlyMap<string, Definition>
  }
}

/** An app from its parts, which must all be defined for the same schema. */
export function defineApp<
  S extends AnySchema,
  Q extends Queries<S, unknown>,
  M extends Mutators<S, unknown>,
>(parts: {readonly schema: S; readonly queries: Q; readonly mutators: M}): App<S, Q, M> {
  const {schema, queries, mutators} = parts
  if (queries[definedFor] !== schema || mutators[definedFor] !== schema) {
    throw new TypeError('defineApp: queries and mutators must be defined for the schema of the app')
  }
  const definitions = {
    queries: queries[queryDefinitions],
    mutators: flatten('mutator', mutators),
  }
  return Object.freeze({schema, queries, mutators, [appDefinitions]: definitions})
}
