// The schema: tables, typed columns, primary keys, relationships. One value that page and server
// share; `document` is its JSON form, which the core parses and hashes. What a definition says wrong
// is an error where it is made, naming table and column.
import type {ColumnDocument, types} from './column.js'
import {checkName} from './names.js'
import {relationshipHelpers} from './relationship.js'
import type {MatchedColumns, Relationships, RelationshipsOf} from './relationship.js'
import {checkRelationship, relationshipDocument} from './schema-relationships.js'
import type {TableDefinition, Tables} from './table.js'

export interface RelationshipDocument {
  readonly name: string
  readonly kind: 'one' | 'many'
  readonly table: string
  /** Own column → column of the other table, or of the junction. */
  readonly match: MatchedColumns
  /** The junction; its columns → columns of the other table. */
  readonly through?: {readonly table: string; readonly match: MatchedColumns}
}

export interface TableDocument {
  readonly name: string
  readonly from?: string
  readonly columns: readonly ColumnDocument[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly (readonly string[])[]
  readonly uniques: readonly (readonly string[])[]
  readonly relationships: readonly RelationshipDocument[]
}

/** The JSON form of a schema. Tables and columns are in the order of their declaration. */
export interface SchemaDocument {
  readonly tables: readonly TableDocument[]
}

/** A schema of these tables; made by `defineSchema`. */
export interface Schema<T extends Tables, R> {
  readonly [types]?: {readonly tables: T; readonly relationships: R}
  readonly document: SchemaDocument
}

/** Any schema. */
export type AnySchema = Schema<Tables, unknown>

/** The tables of a schema by name. */
export type TablesOf<S extends AnySchema> = NonNullable<S[typeof types]>['tables']
/** The names of a schema's tables. */
export type TableName<S extends AnySchema> = keyof TablesOf<S> & string

/**
 * A schema from tables by name and, optionally, the relationships of each.
 *
 * ```ts
 * const schema = defineSchema({
 *   board: table({id: string(), title: string()}).primaryKey('id'),
 *   todo: table({id: string(), boardID: string(), done: boolean().default(false)}).primaryKey('id'),
 * }, {
 *   board: ({many}) => ({todos: many('todo', {boardID: 'id'})}),
 * })
 * ```
 */
export function defineSchema<
  const T extends Tables,
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no relationships at all
  R extends {readonly [N in keyof T]?: Relationships} = {},
>(tables: T, relationships?: RelationshipsOf<T, R>): Schema<T, R> {
  const documents = Object.entries(tables).map(([name, table]) =>
    tableDocument(name, table.definition, relationshipsOf(name, relationships)),
  )
  if (documents.length === 0) throw new TypeError('defineSchema: a schema has at least one table')
  const byName = new Map(documents.map(document => [document.name, document]))
  for (const document of documents) {
    for (const relationship of document.relationships) {
      checkRelationship(byName, document, relationship)
    }
  }
  for (const name of Object.keys(relationships ?? {})) {
    if (!byName.has(name)) throw new TypeError(`defineSchema: relationships of no table "${name}"`)
  }
  return Object.freeze({document: {tables: documents}})
}

function relationshipsOf(name: string, declared: object | undefined): Relationships {
  const functions = declared as Record<string, ((helpers: unknown) => Relationships) | undefined>
  return declared === undefined ? {} : (functions[name]?.(relationshipHelpers) ?? {})
}

function tableDocument(
  name: string,
  {columns, from, primaryKey, indexes, uniques}: TableDefinition,
  relationships: Relationships,
): TableDocument {
  checkTableName(name)
  if (from !== undefined) checkTableSource(name, from)
  const documents = Object.entries(columns).map(([column, {definition}]) => {
    checkName(`table "${name}": column`, column)
    if (definition.from === '') throw new TypeError(`${name}.${column}: from('') names no column`)
    checkEnumeration(`${name}.${column}`, definition)
    return {name: column, ...definition}
  })
  if (primaryKey === undefined || primaryKey.length === 0) {
    throw new TypeError(`table "${name}" has no primary key: add .primaryKey('id')`)
  }
  checkColumns(name, 'primary key', documents, primaryKey)
  for (const column of documents) {
    if (primaryKey.includes(column.name) && column.optional === true) {
      throw new TypeError(`table "${name}": "${column.name}" of the primary key is optional`)
    }
  }
  for (const index of indexes) checkColumns(name, 'index', documents, index)
  for (const unique of uniques) checkColumns(name, 'unique', documents, unique)
  return {
    name,
    ...(from === undefined ? {} : {from}),
    columns: documents,
    primaryKey,
    indexes,
    uniques,
    relationships: Object.entries(relationships).map(([key, relationship]) =>
      relationshipDocument(name, key, relationship),
    ),
  }
}

function checkTableName(name: string): void {
  checkName('table', name)
  if (/^(sqlite|tidemark)_/i.test(name)) {
    throw new TypeError(`table "${name}": names that begin with sqlite_ or tidemark_ are reserved`)
  }
}

function checkTableSource(name: string, from: string): void {
  const parts = from.split('.')
  if (parts.length > 2 || parts.includes('')) {
    throw new TypeError(`table "${name}": from("${from}") must be 'table' or 'schema.table'`)
  }
}

function checkEnumeration(where: string, {values}: Omit<ColumnDocument, 'name'>): void {
  if (values === undefined) return
  if (values.length === 0 || new Set(values).size !== values.length) {
    throw new TypeError(`${where}: an enumeration has at least one value and none twice`)
  }
}

function checkColumns(
  table: string,
  what: string,
  columns: readonly ColumnDocument[],
  names: readonly string[],
): void {
  if (new Set(names).size !== names.length) {
    throw new TypeError(`table "${table}": a column is in the ${what} twice`)
  }
  for (const name of names) {
    const column = columns.find(candidate => candidate.name === name)
    if (column === undefined) {
      throw new TypeError(`table "${table}": the ${what} names no column "${name}"`)
    }
    if (column.type === 'json') {
      throw new TypeError(`table "${table}": the JSON column "${name}" cannot be in the ${what}`)
    }
  }
}
