// A host for mutators that keeps rows in memory and records every call: what the core does, reduced
// to what the runtime can see of it.
import type {SchemaDocument, TableDocument} from 'tidemark'
import type {MutatorHostCalls} from 'tidemark/app'

type JsonRow = Record<string, unknown>

export class MemoryHost implements MutatorHostCalls {
  /** Every call: `[function, ...arguments]`. */
  readonly calls: string[][] = []
  /** What the next calls answer instead of what they do. */
  readonly answers: string[] = []
  private readonly tables: ReadonlyMap<string, TableDocument>
  private readonly rows = new Map<string, JsonRow>()
  private uuids = 0

  constructor(schema: SchemaDocument) {
    this.tables = new Map(schema.tables.map(table => [table.name, table]))
  }

  readonly get = (table: string, keyJson: string): string => {
    this.calls.push(['get', table, keyJson])
    const answer = this.answers.shift()
    if (answer !== undefined) return answer
    const row = this.rows.get(`${table}${keyJson}`)
    return row === undefined ? '' : this.encode(table, row)
  }

  readonly write = (op: string, table: string, payloadJson: string): string => {
    this.calls.push(['write', op, table, payloadJson])
    const answer = this.answers.shift()
    if (answer !== undefined) return answer
    const payload = JSON.parse(payloadJson) as JsonRow
    const at = this.keyOf(table, (payload['key'] ?? payload) as JsonRow)
    const before = this.rows.get(at)
    if (op === 'insert' && before !== undefined) return fail('already_exists', `${at} exists`)
    if (op === 'update' && before === undefined) return fail('not_found', `there is no ${at}`)
    if (op === 'insert' || op === 'upsert') this.rows.set(at, payload)
    if (op === 'update') this.rows.set(at, {...before, ...payload})
    if (op === 'delete') this.rows.delete(at)
    return ''
  }

  readonly run = (astJson: string): string => {
    this.calls.push(['run', astJson])
    const answer = this.answers.shift()
    if (answer !== undefined) return answer
    const {table} = JSON.parse(astJson) as {table: string}
    const rows = [...this.rows].filter(([key]) => key.startsWith(`${table}[`))
    return `[${rows.map(([, row]) => this.encode(table, row)).join(',')}]`
  }

  readonly uuid = (): string => this.answers.shift() ?? `uuid-${++this.uuids}`

  /** The payloads of all writes: `[op, table, payload]`. */
  get writes(): [op: string, table: string, payload: unknown][] {
    return this.calls
      .filter(([call]) => call === 'write')
      .map(([, op = '', table = '', payload = '']) => [op, table, JSON.parse(payload) as unknown])
  }

  private keyOf(table: string, row: JsonRow): string {
    const key = this.tables.get(table)?.primaryKey.map(name => row[name])
    return `${table}${JSON.stringify(key)}`
  }

  private encode(table: string, row: JsonRow): string {
    return JSON.stringify(this.tables.get(table)?.columns.map(({name}) => row[name] ?? null))
  }
}

export const fail = (code: string, message: string, details?: unknown): string =>
  `!${JSON.stringify({code, message, ...(details === undefined ? {} : {details})})}`
