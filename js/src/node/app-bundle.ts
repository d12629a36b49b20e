// The bundle of an app that tidemark-server runs: one script, made by esbuild from the app's file and `tidemark/app`,
// and run once here, so that a file that cannot be loaded never reaches a server. Reads files; writes only `saveBundle`.
import {mkdirSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {SourceMap} from 'node:module'
import type {SourceMapPayload} from 'node:module'
import path from 'node:path'
import {createContext, Script} from 'node:vm'
import {build} from 'esbuild'
import type {BuildOptions, BuildResult, Message} from 'esbuild'
import {CommandError} from './command-error.js'

/** What is told about an app that loads. */
export interface AppSummary {
  readonly tables: readonly string[]
  readonly mutators: readonly string[]
  readonly queries: readonly string[]
}

export interface AppBundle {
  readonly code: string
  readonly summary: AppSummary
}

/** Loading may take this long, as in the server. */
const loadTimeoutMs = 5000
const outfile = 'app.js'

/** esbuild's options for the app in `file`; `file` must exist. */
export function bundleOptions(file: string): BuildOptions & {write: false} {
  const app = path.resolve(file)
  if (statSync(app, {throwIfNoEntry: false})?.isFile() !== true) {
    throw new CommandError(
      `there is no app file ${file}: pass the file that exports defineApp({…})`,
    )
  }
  const contents = [
    `import app from ${JSON.stringify(`./${path.basename(app)}`)}`,
    `import {installApp} from 'tidemark/app'`,
    `installApp(app)`,
  ].join('\n')
  return {
    stdin: {contents, resolveDir: path.dirname(app), sourcefile: entryName},
    bundle: true,
    write: false,
    outfile,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['tidemark-app'],
    target: 'es2022',
    // The server stops promises that never end, but JavaScriptCore may abort when native `await`s are watched.
    supported: {'async-await': false, 'async-generator': false, 'for-await': false},
    charset: 'utf8',
    keepNames: true,
    legalComments: 'none',
    sourcemap: 'external',
    logLevel: 'silent',
  }
}
const entryName = 'tidemark:entry'

/** The bundle of the app in `file`; a CommandError names file and line of what is wrong. */
export async function bundleApp(file: string): Promise<AppBundle> {
  let result: BuildResult<{write: false}>
  try {
    result = await build(bundleOptions(file))
  } catch (error) {
    const {errors} = error as {errors?: Message[]}
    throw errors === undefined ? error : new CommandError(describeMessages(file, errors))
  }
  return checkedBundle(file, result)
}

/** What esbuild made, once it has been loaded as the server will load it. */
export function checkedBundle(
  file: string,
  {outputFiles}: Pick<BuildResult<{write: false}>, 'outputFiles'>,
): AppBundle {
  const code = outputFiles.find(output => output.path.endsWith('.js'))?.text ?? ''
  const map = outputFiles.find(output => output.path.endsWith('.map'))?.text ?? '{}'
  // The language and nothing else, which is what the server's engine has.
  const context = createContext({}) as {__tidemark?: {describe(): string}}
  try {
    new Script(code, {filename: outfile}).runInContext(context, {timeout: loadTimeoutMs})
    return {code, summary: summaryOf(context.__tidemark?.describe() ?? '{}')}
  } catch (error) {
    const {stack = '', message = String(error)} = error as {stack?: string; message?: string}
    throw new CommandError(`${placeOf(stack, map) ?? file}: ${message}`)
  }
}

function summaryOf(description: string): AppSummary {
  const {schema, mutators, queries} = JSON.parse(description) as {
    schema: {tables: {name: string}[]}
    mutators: string[]
    queries: string[]
  }
  return {tables: schema.tables.map(({name}) => name), mutators, queries}
}

/** The first place of a stack that lies in a file of the app and not in a package. */
function placeOf(stack: string, map: string): string | undefined {
  const source = new SourceMap(JSON.parse(map) as SourceMapPayload)
  for (const [, line, column] of stack.matchAll(/\bapp\.js:(\d+)(?::(\d+))?/g)) {
    const entry = source.findEntry(Number(line) - 1, Math.max(0, Number(column ?? 1) - 1))
    if (!('originalSource' in entry)) continue
    const {originalSource, originalLine} = entry
    if (/(^|\/)node_modules\/|(^|\/)js\/(src|dist)\//.test(originalSource)) continue
    if (originalSource.includes(entryName)) continue
    return `${originalSource}:${originalLine + 1}`
  }
  return undefined
}

/** esbuild's errors, a line each: `file:line:column: text`. */
export function describeMessages(file: string, messages: readonly Message[]): string {
  return messages.map(message => describeMessage(file, message)).join('\n')
}

function describeMessage(file: string, {text, location}: Message): string {
  if (/^No matching export in .* for import "default"$/.test(text)) {
    return `${file}: there is no default export: export default defineApp({schema, queries, mutators})`
  }
  if (text.startsWith('Could not resolve "tidemark')) {
    return `${file}: the package tidemark is not installed there: npm install tidemark`
  }
  if (location === null || location.file === entryName) return `${file}: ${text}`
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`
}

/** Writes a bundle whole or not at all. */
export function saveBundle(file: string, code: string): void {
  mkdirSync(path.dirname(path.resolve(file)), {recursive: true})
  const partial = `${file}.partial`
  writeFileSync(partial, code)
  renameSync(partial, file)
}
