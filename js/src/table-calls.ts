// The tables of `tx`: turns a mutator's calls into calls of its host, in the JSON forms of
// docs/protocol.md. Built once per app; the functions are free of `this`. A write that fails dooms
// the run: the same error meets every later write, and the run ends with it.
import {invalidArgs, isMutationError, MutationError} from './errors.js'
import type {ErrorDocument} from './errors.js'
import {encodeDocument, encodeText, isPlainObject, kindOf} from './json.js'
import {layoutsOf} from './layout.js'
import type {TableLayout} from './layout.js'
import type {AnySchema} from './schema.js'

export type WriteOp =
  'insert' | 'upsert' | 'update' | 'delete' | 'set' | 'unset' | 'merge' | 'increment' | 'splice'

/** What a mutator runs on. A string that begins with "!" is an error: `!{code, message, details?}`. */
export interface MutatorHostCalls {
  /** The row as a JSON array; "" if there is none, or it is unknown on a client. */
  readonly get: (table: string, keyJson: string) => string
  /** "" or an error. */
  readonly write: (op: WriteOp, table: string, payloadJson: string) => string
  /** A JSON array of rows. */
  readonly run: (astJson: string) => string
  readonly uuid: () => string
}

/** The run that is going on. */
export interface Run {
  host: MutatorHostCalls | undefined
  doom: MutationError | undefined
}

/** The host of the run that is going on; an error when `tx` or `ctx` outlived its run. */
export function hostOf(run: Run): MutatorHostCalls {
  if (run.host !== undefined) return run.host
  throw invalidArgs(
    'tx and ctx can only be used while their mutator runs: mutators are synchronous',
  )
}

/** The JSON that a host answered; throws the error that it answered. */
export function read(answer: string): unknown {
  if (answer.startsWith('!')) throw hostError(answer)
  return JSON.parse(answer)
}

/** The error of a host's answer that begins with "!". */
export function hostError(answer: string): MutationError {
  return MutationError.from(JSON.parse(answer.slice(1)) as ErrorDocument)
}

/** `tx`: one object of calls per table. */
export function tablesOf(run: Run, schema: AnySchema): object {
  const tables = [...layoutsOf(schema)].map(
    ([name, layout]) => [name, Object.freeze(tableCalls(run, layout))] as const,
  )
  return Object.freeze(Object.fromEntries(tables))
}

function tableCalls(run: Run, layout: TableLayout) {
  const table = layout.document.name
  const write = (op: WriteOp, encode: Encode, ...args: unknown[]): void => {
    const host = hostOf(run)
    if (run.doom !== undefined) throw run.doom
    const answer = host.write(op, table, encodeOrDoom(run, layout, encode, args))
    if (answer === '') return
    run.doom = hostError(answer)
    throw run.doom
  }
  return {
    get(key: unknown): unknown {
      const answer = hostOf(run).get(table, layout.encodeKeyArray(key))
      return answer === '' ? undefined : layout.row(read(answer) as unknown[])
    },
    insert: (row: unknown) => write('insert', encodeRow, row),
    upsert: (row: unknown) => write('upsert', encodeRow, row),
    update: (row: unknown) => write('update', encodeUpdate, row),
    delete: (key: unknown) => write('delete', encodeKey, key),
    set: (key: unknown, path: unknown, value: unknown) => write('set', encodeSet, key, path, value),
    unset: (key: unknown, path: unknown) => write('unset', encodeUnset, key, path),
    merge: (key: unknown, path: unknown, value: unknown) =>
      write('merge', encodeMerge, key, path, value),
    increment: (key: unknown, path: unknown, by: unknown) =>
      write('increment', encodeIncrement, key, path, by),
    splice: (key: unknown, path: unknown, index: unknown, remove: unknown, ...insert: unknown[]) =>
      write('splice', encodeSplice, key, path, index, remove, insert),
  }
}

type Encode = (layout: TableLayout, ...args: unknown[]) => string

function encodeOrDoom(
  run: Run,
  layout: TableLayout,
  encode: Encode,
  args: readonly unknown[],
): string {
  try {
    return encode(layout, ...args)
  } catch (error) {
    run.doom = isMutationError(error) ? error : invalidArgs(String(error))
    throw run.doom
  }
}

const encodeRow: Encode = (layout, row) => layout.encodeRow(row)

const encodeKey: Encode = (layout, key) => layout.encodeKey(key)

const encodeUpdate: Encode = (layout, row) => {
  const json = layout.encodeRow(row)
  for (const {document, path} of layout.key) {
    if ((row as Record<string, unknown>)[document.name] === undefined) {
      throw invalidArgs(`update needs the primary key, and ${path} is missing`)
    }
  }
  return json
}

const encodeSet: Encode = (layout, key, path, value) =>
  `${keyAndPath(layout, key, path)},"value":${encodeDocument(value, whereOf(layout, path))}}`

const encodeUnset: Encode = (layout, key, path) => `${keyAndPath(layout, key, path)}}`

const encodeMerge: Encode = (layout, key, path, value) => {
  const where = whereOf(layout, path)
  if (typeof value !== 'object' || value === null || !isPlainObject(value)) {
    throw invalidArgs(`merge into ${where} takes an object, not ${kindOf(value)}`)
  }
  return `${keyAndPath(layout, key, path)},"value":${encodeDocument(value, where)}}`
}

const encodeIncrement: Encode = (layout, key, path, by) => {
  if (typeof by !== 'number' || !Number.isFinite(by)) {
    throw invalidArgs(
      `increment of ${whereOf(layout, path)} takes a finite number, not ${String(by)}`,
    )
  }
  return `${keyAndPath(layout, key, path)},"by":${by}}`
}

const encodeSplice: Encode = (layout, key, path, index, remove, insert) => {
  const where = whereOf(layout, path)
  for (const count of [index, remove]) {
    if (!isIndex(count)) throw invalidArgs(`splice of ${where} takes whole numbers from 0`)
  }
  const head = `${keyAndPath(layout, key, path)},"index":${String(index)},"remove":${String(remove)}`
  return `${head},"insert":${encodeDocument(insert, `splice of ${where}: `)}}`
}

// `{"key":{…},"path":[…]`, to be continued.
function keyAndPath(layout: TableLayout, key: unknown, path: unknown): string {
  return `{"key":${layout.encodeKey(key)},"path":${encodePath(layout, path)}`
}

function encodePath(layout: TableLayout, path: unknown): string {
  if (!Array.isArray(path) || typeof path[0] !== 'string') {
    throw invalidArgs(`a path into table "${layout.document.name}" is [column, …steps]`)
  }
  const {document, path: name} = layout.column(path[0])
  if (document.type !== 'json') {
    throw invalidArgs(`${name} is a ${document.type}: paths go into JSON columns`)
  }
  let json = '['
  for (const step of path as unknown[]) {
    if (typeof step === 'string') json += `${json === '[' ? '' : ','}${encodeText(step, name)}`
    else if (isIndex(step)) json += `,${String(step)}`
    else throw invalidArgs(`a path below ${name} takes names and indexes, not ${kindOf(step)}`)
  }
  return `${json}]`
}

const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

// "board.doc.nodes.n1", for messages.
function whereOf(layout: TableLayout, path: unknown): string {
  return [layout.document.name, ...(Array.isArray(path) ? (path as unknown[]) : [])].join('.')
}
