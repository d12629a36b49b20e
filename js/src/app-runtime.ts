// Runs an app's mutators and resolves its queries. The same code in the page, called by the wasm
// module, and in the server's JavaScript engine. Everything crosses as JSON text and no function of
// the runtime throws. Mutators run one at a time: `tx` is built once, and what changes per call is
// the host behind it.
import {appDefinitions} from './app.js'
import type {App} from './app.js'
import type {Definition} from './definitions.js'
import {invalidArgs, isMutationError, MutationError} from './errors.js'
import type {ErrorDocument} from './errors.js'
import {decodeArgs, encodeArgs, kindOf, toWellFormed} from './json.js'
import {layoutsOf} from './layout.js'
import {resolve} from './queries.js'
import {queryAst, queryRoots} from './query-builder.js'
import type {AnyQuery} from './query.js'
import {ResultNode} from './result-node.js'
import type {WireRow} from './result-node.js'
import {validate} from './standard-schema.js'
import {hostError, hostOf, read, tablesOf} from './table-calls.js'
import type {MutatorHostCalls, Run} from './table-calls.js'
import type {MutatorContext, QueryContext} from './tx.js'

export type {MutatorHostCalls} from './table-calls.js'

/** An app as its host calls it; the JSON forms are in docs/protocol.md. */
export interface AppRuntime {
  /** `{schema, mutators: ["todo.add", …], queries: ["board", …]}` */
  readonly describe: () => string
  /** `{"ok": true, "result"?}` or `{"ok": false, "error": {code, appCode?, message, details?}}` */
  readonly runMutator: (
    host: MutatorHostCalls,
    name: string,
    argsJson: string,
    ctxJson: string,
  ) => string
  /** `{"ok": true, "ast"}` or `{"ok": false, "error"}` */
  readonly resolveQuery: (name: string, argsJson: string, ctxJson: string) => string
}

type Context = Omit<MutatorContext<App['schema']>, 'uuid' | 'run'>

export function createAppRuntime(app: App): AppRuntime {
  const {schema} = app
  const {mutators, queries} = app[appDefinitions]
  const run: Run = {host: undefined, doom: undefined}
  const tables = tablesOf(run, schema)
  const uuid = (): string => {
    const id = hostOf(run).uuid()
    if (id.startsWith('!')) throw hostError(id)
    return id
  }
  const runQuery = queryRunner(run, schema)
  const description = JSON.stringify({
    schema: schema.document,
    mutators: [...mutators.keys()],
    queries: [...queries.keys()],
  })

  function call({name, run: mutate, validator}: Definition, args: string, ctx: string): string {
    const input = parseArgs(name, args)
    const checked = validator === undefined ? input : validate(validator, name, input)
    const {auth, clientID, location, reason, timestamp} = JSON.parse(ctx) as Context
    const context = {auth, clientID, location, reason, timestamp, uuid, run: runQuery}
    const result = mutate(tables, checked, context)
    if (run.doom !== undefined) throw run.doom
    if (result === undefined) return '{"ok":true}'
    if (isPromiseLike(result)) {
      const ignore = () => undefined
      result.then(ignore, ignore)
      throw invalidArgs(`${name} returned a promise: mutators are synchronous`)
    }
    return `{"ok":true,"result":${encodeArgs(result, `the result of ${name}`)}}`
  }

  return {
    describe: () => description,

    runMutator(host, name, argsJson, ctxJson) {
      const definition = mutators.get(name)
      if (definition === undefined) return unknown('mutator', name)
      // Set whatever is there: an engine that stops a mutator for its time skips `finally`.
      run.host = host
      run.doom = undefined
      try {
        return call(definition, argsJson, ctxJson)
      } catch (error) {
        return failure(run.doom ?? error)
      } finally {
        run.host = undefined
      }
    },

    resolveQuery(name, argsJson, ctxJson) {
      const definition = queries.get(name)
      if (definition === undefined) return unknown('query', name)
      try {
        const {auth, location} = JSON.parse(ctxJson) as QueryContext
        const ast = resolve(schema, definition, argsJson, {auth, location})
        return JSON.stringify({ok: true, ast})
      } catch (error) {
        return failure(error)
      }
    },
  }
}

function queryRunner(run: Run, schema: App['schema']) {
  const layouts = layoutsOf(schema)
  const roots = queryRoots(schema)
  return (build: (q: typeof roots) => AnyQuery): unknown => {
    const ast = queryAst(build(roots), 'ctx.run')
    if (!layouts.has(ast.table)) throw invalidArgs('ctx.run: a query of another schema')
    const answer = read(hostOf(run).run(JSON.stringify(ast))) as readonly WireRow[]
    return new ResultNode(layouts, ast).result(answer)
  }
}

function parseArgs(name: string, argsJson: string): unknown {
  try {
    return decodeArgs(argsJson)
  } catch {
    throw invalidArgs(`the arguments of ${name} are not JSON`)
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

const unknown = (what: 'mutator' | 'query', name: string): string =>
  failure(
    new MutationError(
      '',
      `the app has no ${what} "${name}"`,
      undefined,
      `unknown_${what}` as const,
    ),
  )

// `{"ok": false, …}` for anything that was thrown.
function failure(thrown: unknown): string {
  const {code, appCode, message, details} = documentOf(thrown)
  const error = {
    code,
    ...(appCode === undefined ? {} : {appCode: toWellFormed(appCode)}),
    message: toWellFormed(message),
  }
  return `{"ok":false,"error":${JSON.stringify(error).slice(0, -1)}${detailsMember(details)}}}`
}

function documentOf(thrown: unknown): ErrorDocument {
  if (isMutationError(thrown)) return thrown
  const message = thrown instanceof Error ? thrown.message : describeThrown(thrown)
  return {code: 'app', message}
}

function describeThrown(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : `the app threw ${kindOf(thrown)}`
}

// Details that are not JSON are left out: the error itself must arrive.
function detailsMember(details: unknown): string {
  if (details === undefined) return ''
  try {
    return `,"details":${encodeArgs(details, 'details')}`
  } catch {
    return ''
  }
}
