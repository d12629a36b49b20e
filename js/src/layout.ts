// How the rows of one table cross the boundary of the core: as JSON arrays in column order, with
// bigints as decimal strings. Built once per table; knows how to read a row and how to write a
// column's value as JSON text, with an error that names table and column.
import type {ColumnDocument} from './column.js'
import {invalidArgs} from './errors.js'
import {encodeDocument, encodeText, isPlainObject, kindOf, mismatch} from './json.js'
import type {AnySchema, SchemaDocument, TableDocument} from './schema.js'

/** One column, with its place in a row. */
export interface ColumnLayout {
  readonly document: ColumnDocument
  /** "table.column", for messages. */
  readonly path: string
  /** `"column":`, as an object's member begins. */
  readonly member: string
  /** JSON text of a value that is not null; throws `invalid_args`. */
  readonly encode: (value: unknown) => string
  readonly isKey: boolean
}

/** One table. */
export class TableLayout {
  readonly document: TableDocument
  readonly columns: readonly ColumnLayout[]
  readonly byName: ReadonlyMap<string, ColumnLayout>
  /** The columns of the primary key, in its order. */
  readonly key: readonly ColumnLayout[]
  private readonly names: readonly string[]
  private readonly bigints: readonly number[]

  constructor(document: TableDocument) {
    this.document = document
    this.columns = document.columns.map(column => columnLayout(document, column))
    this.byName = new Map(this.columns.map(column => [column.document.name, column]))
    this.key = document.primaryKey.map(name => this.column(name))
    this.names = document.columns.map(column => column.name)
    this.bigints = document.columns.flatMap(({type}, index) => (type === 'bigint' ? [index] : []))
  }

  /** The column of this name; throws `invalid_args` when there is none. */
  column(name: string): ColumnLayout {
    const column = this.byName.get(name)
    if (column === undefined) {
      throw invalidArgs(`table "${this.document.name}" has no column "${name}"`)
    }
    return column
  }

  /** A row's values, in column order, as an object. */
  row(values: readonly unknown[]): Record<string, unknown> {
    const row: Record<string, unknown> = {}
    const names = this.names
    for (let index = 0; index < names.length; index++) row[names[index] as string] = values[index]
    for (const index of this.bigints) {
      const digits = values[index]
      if (typeof digits === 'string') row[names[index] as string] = BigInt(digits)
    }
    return row
  }

  /** The JSON object of a primary key, given as the value of its only column or as an object. */
  encodeKey(key: unknown): string {
    let json = '{'
    for (const column of this.key) {
      json += `${json === '{' ? '' : ','}${column.member}${this.encodeKeyValue(key, column)}`
    }
    return `${json}}`
  }

  /** The same as a JSON array of values in primary key order. */
  encodeKeyArray(key: unknown): string {
    let json = '['
    for (const column of this.key) {
      json += `${json === '[' ? '' : ','}${this.encodeKeyValue(key, column)}`
    }
    return `${json}]`
  }

  private encodeKeyValue(key: unknown, column: ColumnLayout): string {
    if (typeof key !== 'object') {
      if (this.key.length === 1) return encodeColumn(column, key)
    } else if (key !== null && isPlainObject(key)) {
      for (const name of Object.keys(key)) this.checkKeyColumn(name)
      return encodeColumn(column, key[column.document.name])
    }
    const columns = this.document.primaryKey.join(', ')
    throw invalidArgs(
      `the key of table "${this.document.name}" is {${columns}}, and not ${kindOf(key)}`,
    )
  }

  private checkKeyColumn(name: string): void {
    if (this.document.primaryKey.includes(name)) return
    throw invalidArgs(`"${name}" is not in the primary key of table "${this.document.name}"`)
  }

  /** The JSON object of a row or a part of one; members that are undefined are left out. */
  encodeRow(row: unknown): string {
    if (typeof row !== 'object' || row === null || !isPlainObject(row)) {
      throw invalidArgs(`a row of table "${this.document.name}" is an object, not ${kindOf(row)}`)
    }
    let json = '{'
    for (const name of Object.keys(row)) {
      const value = row[name]
      if (value === undefined) continue
      const column = this.column(name)
      json += `${json === '{' ? '' : ','}${column.member}${encodeColumn(column, value)}`
    }
    return `${json}}`
  }
}

/** JSON text of a column's value; null only where the column is optional. */
export function encodeColumn(column: ColumnLayout, value: unknown): string {
  if (value !== null && value !== undefined) return column.encode(value)
  if (value === null && column.document.optional === true) return 'null'
  // A JSON column can hold JSON's own null.
  if (value === null && column.document.type === 'json') return 'null'
  throw invalidArgs(
    value === null
      ? `${column.path} is not optional: it cannot be null`
      : `${column.path} is missing`,
  )
}

function columnLayout(table: TableDocument, document: ColumnDocument): ColumnLayout {
  const path = `${table.name}.${document.name}`
  return {
    document,
    path,
    member: `${JSON.stringify(document.name)}:`,
    encode: encoder(path, document),
    isKey: table.primaryKey.includes(document.name),
  }
}

function encoder(path: string, {type, values}: ColumnDocument): (value: unknown) => string {
  switch (type) {
    case 'string':
      return value => encodeText(value, path)
    case 'number':
      return value => {
        if (typeof value !== 'number') throw mismatch(path, 'a number', value)
        if (!Number.isFinite(value))
          throw invalidArgs(`${path} takes a finite number, not ${value}`)
        return String(value)
      }
    case 'boolean':
      return value => {
        if (typeof value !== 'boolean') throw mismatch(path, 'a boolean', value)
        return value ? 'true' : 'false'
      }
    case 'bigint':
      return value => {
        if (typeof value !== 'bigint') throw mismatch(path, 'a bigint', value)
        if (BigInt.asIntN(64, value) !== value) {
          throw invalidArgs(`${path} takes a bigint of 64 bits, not ${value.toString()}`)
        }
        return `"${value.toString()}"`
      }
    case 'timestamp':
      return value => {
        if (!Number.isSafeInteger(value)) throw mismatch(path, 'whole milliseconds', value)
        return String(value)
      }
    case 'date':
      return value => {
        if (typeof value !== 'string' || !isDate(value)) throw mismatch(path, 'YYYY-MM-DD', value)
        return `"${value}"`
      }
    case 'enumeration': {
      const known = new Set<unknown>(values)
      const wanted = `one of ${(values ?? []).map(value => JSON.stringify(value)).join(', ')}`
      return value => {
        if (!known.has(value)) throw mismatch(path, wanted, value)
        return JSON.stringify(value)
      }
    }
    case 'json':
      return value => encodeDocument(value, path)
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

const layouts = new WeakMap<SchemaDocument, ReadonlyMap<string, TableLayout>>()

/** The layouts of a schema's tables by name; the same ones for the same schema. */
export function layoutsOf(schema: AnySchema): ReadonlyMap<string, TableLayout> {
  const known = layouts.get(schema.document)
  if (known !== undefined) return known
  const made = new Map(schema.document.tables.map(table => [table.name, new TableLayout(table)]))
  layouts.set(schema.document, made)
  return made
}
