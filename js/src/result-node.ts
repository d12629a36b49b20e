// The shape of a query's result: how what the core gives (docs/protocol.md, "Results") becomes the
// objects that apps see. One node for the query and each related one, numbered as the core numbers
// them: the query first, each before those below it.
import type {TableLayout} from './layout.js'
import type {QueryAst} from './query-ast.js'

/** Values in the order of the columns, then one list of rows for each related query. */
export type WireRow = readonly unknown[]
export type ResultRow = Readonly<Record<string, unknown>>

type Layouts = ReadonlyMap<string, TableLayout>

interface RelatedNode {
  readonly as: string
  readonly node: ResultNode
}

export class ResultNode {
  readonly related: readonly RelatedNode[]
  /** The result is the first row, and not a list. */
  readonly single: boolean
  readonly #names: readonly string[]
  readonly #bigints: readonly number[]
  readonly #ofNothing: unknown

  constructor(layouts: Layouts, ast: QueryAst) {
    const {columns} = layouts.get(ast.table) as TableLayout
    const {aggregates, groupBy = []} = ast
    const typeOf = (name: string | undefined) =>
      columns.find(({document}) => document.name === name)?.document.type
    const members =
      aggregates === undefined
        ? columns.map(({document: {name, type}}) => ({name, type}))
        : [
            ...groupBy.map(name => ({name, type: typeOf(name)})),
            ...aggregates.map(({as, function: name, column}) => ({
              name: as,
              type: name === 'count' || name === 'avg' ? 'number' : typeOf(column),
            })),
          ]
    this.#names = members.map(({name}) => name)
    this.#bigints = members.flatMap(({type}, index) => (type === 'bigint' ? [index] : []))
    this.related = (ast.related ?? []).map(({as, query}) => ({
      as,
      node: new ResultNode(layouts, query),
    }))
    this.single = ast.one === true || isOneObject(ast)
    this.#ofNothing = isOneObject(ast) ? emptyResult(ast) : undefined
  }

  /** This one and all below it, as the core numbers them. */
  get nodes(): readonly ResultNode[] {
    return [this, ...this.related.flatMap(({node}) => node.nodes)]
  }

  /** The result that these rows are: the rows, or the first of them. */
  of(rows: readonly ResultRow[]): unknown {
    return this.single ? (rows[0] ?? this.#ofNothing) : rows
  }

  /** The result in the core's form, all of it. */
  result(rows: readonly WireRow[]): unknown {
    return this.of(rows.map(values => this.#nested(values)))
  }

  /** The columns of a row as an object, to which the related results are still to be added. */
  row(values: WireRow): Record<string, unknown> {
    const row: Record<string, unknown> = {}
    const names = this.#names
    for (let index = 0; index < names.length; index++) row[names[index] as string] = values[index]
    for (const index of this.#bigints) {
      const digits = values[index]
      if (typeof digits === 'string') row[names[index] as string] = BigInt(digits)
    }
    return row
  }

  #nested(values: WireRow): ResultRow {
    const row = this.row(values)
    let index = this.#names.length
    for (const {as, node} of this.related) row[as] = node.result(values[index++] as WireRow[])
    return row
  }
}

const isOneObject = ({aggregates, groupBy}: QueryAst): boolean =>
  aggregates !== undefined && groupBy === undefined

/** What a query gives of nothing: no rows, no row, or a count of 0 and nulls. */
export function emptyResult(ast: QueryAst): unknown {
  if (!isOneObject(ast)) return ast.one === true ? undefined : []
  const members = (ast.aggregates ?? []).map(
    ({as, function: name}) => [as, name === 'count' ? 0 : null] as const,
  )
  return Object.freeze(Object.fromEntries(members))
}
