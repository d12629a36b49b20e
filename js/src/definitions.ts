// Mutators and queries are declared as trees of functions; their names are the paths into the tree,
// joined by dots. Shared by both.
import type {StandardSchema} from './standard-schema.js'

/** Where a definition keeps its validator. */
export const validator: unique symbol = Symbol('tidemark.validator')
/** Where a tree of definitions keeps the schema it was made for. */
export const definedFor: unique symbol = Symbol('tidemark.schema')

/** A function with a validator for its arguments. */
export interface Validated<V extends StandardSchema> {
  readonly [validator]: V
}

/** A function of a tree, as the runtime calls it. */
export interface Definition {
  readonly name: string
  readonly run: (subject: unknown, args: unknown, context: unknown) => unknown
  readonly validator: StandardSchema | undefined
}

/** `run` as a function that carries its validator; `run` itself is left as it is. */
export function withValidator<V extends StandardSchema, Args extends readonly unknown[], Result>(
  schema: V,
  run: (...args: Args) => Result,
): ((...args: Args) => Result) & Validated<V> {
  if (typeof (schema as Partial<V> | undefined)?.['~standard']?.validate !== 'function') {
    throw new TypeError('a validator is a schema of a Standard Schema library')
  }
  return Object.assign((...args: Args) => run(...args), {[validator]: schema})
}

/** The functions of a tree by dotted name; `what` is "mutator" or "query". */
export function flatten(what: string, tree: object): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>()
  collect(what, tree, '', found)
  return found
}

function collect(what: string, tree: object, prefix: string, into: Map<string, Definition>): void {
  for (const [key, member] of Object.entries(tree) as [string, unknown][]) {
    const name = prefix + key
    if (!/^[A-Za-z_$][\w$]*$/.test(key) || key === '__proto__' || key === 'then') {
      throw new TypeError(`${what} "${name}": "${key}" cannot be a name`)
    }
    if (typeof member === 'function') {
      const run = member as Definition['run'] & Partial<Validated<StandardSchema>>
      into.set(name, {name, run, validator: run[validator]})
    } else if (typeof member === 'object' && member !== null) {
      collect(what, member, `${name}.`, into)
    } else {
      throw new TypeError(`${what} "${name}" is a ${typeof member}, not a function`)
    }
  }
}

/**
 * What `args` is until a function declares its type. It is all of `unknown`, but taking it apart as
 * in `(tx, {id}) => …` is an error, where `unknown` would give `id` the type any.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no other type behaves so
export type Undeclared = {} | null | undefined

/** The argument list of a call: none where the function takes none, optional where `{}` fits. */
export type CallArgs<Args> = [Args] extends [never]
  ? []
  : unknown extends Args
    ? []
    : object extends Args
      ? [args?: Args]
      : [args: Args]

/** What the caller of a function passes: the validator's input, or the declared argument. */
export type ArgsOf<F> =
  F extends Validated<infer V>
    ? NonNullable<V['~standard']['types']>['input']
    : F extends (subject: never, args: infer Args, context: never) => unknown
      ? Args
      : never
