// The implementation behind the interfaces of query.ts, which the compiler sees through those only:
// one class, whose every method checks what got past the compiler and adds to the tree.
import {comparison, conditionOf, conjunction, helpersFor} from './condition-builder.js'
import type {Compared} from './condition-builder.js'
import {invalidArgs} from './errors.js'
import {kindOf} from './json.js'
import {encodeColumn, layoutsOf} from './layout.js'
import type {ColumnLayout, TableLayout} from './layout.js'
import {checkName} from './names.js'
import type {
  AggregateAst,
  AggregateFunction,
  ConditionAst,
  QueryAst,
  RelatedAst,
} from './query-ast.js'
import type {AnyQuery, QueryRoots} from './query.js'
import type {AnySchema, RelationshipDocument} from './schema.js'

type Layouts = ReadonlyMap<string, TableLayout>

class TableQuery {
  readonly ast: QueryAst
  readonly #layouts: Layouts
  readonly #layout: TableLayout

  constructor(layouts: Layouts, ast: QueryAst) {
    this.#layouts = layouts
    this.#layout = layouts.get(ast.table) as TableLayout
    this.ast = Object.freeze(ast)
  }

  where(...args: Compared | [build: (helpers: unknown) => unknown]): TableQuery {
    const [build] = args
    if (typeof build !== 'function') return this.#filter(comparison(this.#layout, args as Compared))
    const exists = (name: unknown, rows: unknown): ConditionAst => this.#exists(name, rows)
    return this.#filter(conditionOf((build as Build)(helpersFor(this.#layout, exists))))
  }

  whereExists(relationship: string, rows?: unknown): TableQuery {
    return this.#filter(this.#exists(relationship, rows))
  }

  whereNotExists(relationship: string, rows?: unknown): TableQuery {
    return this.#filter({op: 'not', arg: this.#exists(relationship, rows)})
  }

  orderBy(name: string, direction: 'asc' | 'desc' = 'asc'): TableQuery {
    const {document, path} = this.#layout.column(name)
    if (document.type === 'json') throw invalidArgs(`orderBy: ${path} is JSON, which has no order`)
    if (direction !== 'asc' && direction !== 'desc') {
      throw invalidArgs(`orderBy: the direction of ${path} is 'asc' or 'desc'`)
    }
    if (this.ast.start !== undefined) throw invalidArgs(`orderBy: ${path} comes after start`)
    if (this.#isAggregation() && !(this.ast.groupBy ?? []).includes(name)) {
      throw invalidArgs(`orderBy: groups are ordered by their own columns, and not by ${path}`)
    }
    return this.#with({orderBy: [...(this.ast.orderBy ?? []), [name, direction] as const]})
  }

  limit(rows: number): TableQuery {
    if (!Number.isInteger(rows) || rows < 0 || rows > 0xffffffff) {
      throw invalidArgs(`limit takes a whole number of rows, not ${String(rows)}`)
    }
    if (this.ast.aggregates !== undefined && this.ast.groupBy === undefined) {
      throw invalidArgs(`limit: an aggregation of "${this.ast.table}" without groups is one object`)
    }
    return this.#with({limit: rows})
  }

  start(row: unknown, {inclusive = false}: {readonly inclusive?: boolean} = {}): TableQuery {
    this.#refuseAggregation('start')
    if (typeof row !== 'object' || row === null) {
      throw invalidArgs(`start takes a row of "${this.ast.table}", not ${kindOf(row)}`)
    }
    const values = this.#totalOrder().map(column => {
      const value = (row as Record<string, unknown>)[column.document.name]
      if (value === undefined) {
        throw invalidArgs(
          `start: ${column.path} is in the order of the query, and the row lacks it`,
        )
      }
      return [column.document.name, JSON.parse(encodeColumn(column, value))] as const
    })
    return this.#with({start: {row: Object.fromEntries(values), inclusive}})
  }

  one(): TableQuery {
    this.#refuseAggregation('one')
    return this.#with({one: true})
  }

  related(name: string, build?: unknown, options: {readonly as?: string} = {}): TableQuery {
    this.#refuseAggregation('related')
    const relationship = this.#relationship(name)
    const as = options.as ?? name
    const where = `related: "${as}" of "${this.ast.table}"`
    checkMember(where, as)
    if (this.#layout.byName.has(as)) throw invalidArgs(`${where}: a column has this name`)
    const others = this.ast.related ?? []
    if (others.some(other => other.as === as)) throw invalidArgs(`${where} is there already`)

    const query = this.#target(relationship, build, where).finished(where)
    const first = relationship.kind === 'one' && query.aggregates === undefined
    const added: RelatedAst = {
      relationship: name,
      as,
      query: first ? {...query, one: true} : query,
    }
    // The core's order of related queries.
    return this.#with({related: [...others, added].sort((a, b) => (a.as < b.as ? -1 : 1))})
  }

  count(as = 'count'): TableQuery {
    return this.#aggregate({function: 'count', as})
  }
  sum(column: string, as = `sum_${column}`): TableQuery {
    return this.#aggregate({function: 'sum', column, as})
  }
  min(column: string, as = `min_${column}`): TableQuery {
    return this.#aggregate({function: 'min', column, as})
  }
  max(column: string, as = `max_${column}`): TableQuery {
    return this.#aggregate({function: 'max', column, as})
  }
  avg(column: string, as = `avg_${column}`): TableQuery {
    return this.#aggregate({function: 'avg', column, as})
  }

  groupBy(...names: string[]): TableQuery {
    this.#refuseRows('groupBy')
    const before = this.ast.groupBy ?? []
    for (const name of names) {
      const {document, path} = this.#layout.column(name)
      if (document.type === 'json') {
        throw invalidArgs(`groupBy: ${path} is JSON, which is not compared`)
      }
      if (this.ast.aggregates?.some(({as}) => as === name) === true) {
        throw invalidArgs(`groupBy: ${path}: an aggregate has this name`)
      }
    }
    return this.#with({groupBy: [...new Set([...before, ...names])]})
  }

  /** The tree, when nothing is missing. */
  finished(where: string): QueryAst {
    if (this.ast.groupBy !== undefined && this.ast.aggregates === undefined) {
      throw invalidArgs(`${where}: groupBy needs an aggregate: count, sum, min, max or avg`)
    }
    return this.ast
  }

  #with(more: Partial<QueryAst>): TableQuery {
    return new TableQuery(this.#layouts, {...this.ast, ...more})
  }

  #filter(condition: ConditionAst): TableQuery {
    return this.#with({where: conjunction(this.ast.where, condition)})
  }

  #relationship(name: unknown): RelationshipDocument {
    const {relationships} = this.#layout.document
    const found = relationships.find(candidate => candidate.name === name)
    if (found !== undefined) return found
    throw invalidArgs(`table "${this.ast.table}" has no relationship "${String(name)}"`)
  }

  // The query that a callback made of the rows that a relationship leads to.
  #target({table}: RelationshipDocument, build: unknown, where: string): TableQuery {
    const rows = new TableQuery(this.#layouts, {table})
    if (build === undefined) return rows
    if (typeof build !== 'function') {
      throw invalidArgs(`${where} takes a function, not ${kindOf(build)}`)
    }
    const query = (build as Build)(rows)
    if (!(query instanceof TableQuery) || query.ast.table !== table) {
      throw invalidArgs(`${where}: the function gives a query of "${table}"`)
    }
    return query
  }

  #exists(name: unknown, rows: unknown): ConditionAst {
    const relationship = this.#relationship(name)
    const what = `exists: "${relationship.name}" of "${this.ast.table}"`
    const {ast} = this.#target(relationship, rows, what)
    for (const member of Object.keys(ast)) {
      if (member === 'table' || member === 'where') continue
      throw invalidArgs(`${what} takes conditions only, and not ${member}`)
    }
    return {op: 'exists', relationship: relationship.name, query: ast}
  }

  #aggregate(aggregate: AggregateAst): TableQuery {
    const {function: name, column, as} = aggregate
    this.#refuseRows(name)
    if (column !== undefined) checkAggregated(name, this.#layout.column(column))
    checkMember(name, as)
    const {aggregates = [], groupBy = []} = this.ast
    if (aggregates.some(other => other.as === as) || groupBy.includes(as)) {
      throw invalidArgs(`${name}: "${as}" is there already: give another name`)
    }
    return this.#with({aggregates: [...aggregates, aggregate]})
  }

  #isAggregation(): boolean {
    return this.ast.aggregates !== undefined || this.ast.groupBy !== undefined
  }

  #refuseAggregation(method: string): void {
    if (!this.#isAggregation()) return
    throw invalidArgs(`${method}: an aggregation of "${this.ast.table}" has groups and no rows`)
  }

  // What is said of rows would be lost: an aggregation is of all that the conditions hold for.
  #refuseRows(method: string): void {
    const {start, related, one} = this.ast
    const rows = this.#isAggregation() ? {start, related, one} : {...this.ast, groupBy: undefined}
    for (const said of ['orderBy', 'limit', 'start', 'related', 'one'] as const) {
      if (rows[said as keyof typeof rows] === undefined) continue
      throw invalidArgs(`${method}: comes before ${said}, and aggregates all rows`)
    }
  }

  // The columns that decide: those of orderBy, then the primary key, up to where the key is complete.
  #totalOrder(): readonly ColumnLayout[] {
    const names = new Set<string>()
    const key = this.#layout.document.primaryKey
    for (const name of [...(this.ast.orderBy ?? []).map(([column]) => column), ...key]) {
      if (key.every(column => names.has(column))) break
      names.add(name)
    }
    return [...names].map(name => this.#layout.column(name))
  }
}

type Build = (subject: unknown) => unknown

function checkMember(where: string, name: unknown): void {
  try {
    checkName(where, String(name))
  } catch (error) {
    throw invalidArgs((error as Error).message)
  }
}

function checkAggregated(name: AggregateFunction, {document: {type}, path}: ColumnLayout): void {
  const summed = type === 'number' || type === 'bigint'
  const ordered = summed || type === 'string' || type === 'timestamp' || type === 'date'
  if (name === 'min' || name === 'max' ? ordered : summed) return
  throw invalidArgs(`${name}: ${path} is a ${type}`)
}

/** True for what the query builder made. */
export const isQuery = (value: unknown): value is AnyQuery => value instanceof TableQuery

/** The tree of what `where` says is a query. */
export function queryAst(value: unknown, where: string): QueryAst {
  if (value instanceof TableQuery) return value.finished(where)
  throw invalidArgs(`${where}: ${kindOf(value)} is not a query`)
}

const roots = new WeakMap<AnySchema, unknown>()

/** The roots of a schema; the same object for the same schema. */
export function queryRoots<S extends AnySchema>(schema: S): QueryRoots<S> {
  let made = roots.get(schema)
  if (made === undefined) {
    const layouts = layoutsOf(schema)
    const tables = [...layouts.keys()].map(
      table => [table, new TableQuery(layouts, {table})] as const,
    )
    made = Object.freeze(Object.fromEntries(tables))
    roots.set(schema, made)
  }
  return made as QueryRoots<S>
}
