// A view's rows as immutable snapshots. The core's view is a tree of lists: list 0 has the result's rows, and each row
// names, for each related query, the list of its related rows; rows may share one. Lists and rows are replaced, never
// changed: what did not change, and everything below it, stays the same object.
import {edit} from './page-core.js'
import type {EditDocument, FlushDocument} from './page-core.js'
import type {ResultNode, ResultRow, WireRow} from './result-node.js'

interface List {
  readonly node: ResultNode
  /** What apps see. */
  rows: ResultRow[]
  /** The lists that each row names; empty where nothing is related. */
  readonly lists: (readonly number[])[]
}

const rootList = 0

export class RowTree {
  readonly #nodes: readonly ResultNode[]
  readonly #lists = new Map<number, List>()
  /** Lists that were replaced in this flush: nobody has seen them yet. */
  readonly #fresh = new Set<List>()
  #root: List

  constructor(shape: ResultNode) {
    this.#nodes = shape.nodes
    this.#root = this.#clear([])
  }

  /** The result: a list, or its first row. */
  get data(): unknown {
    const {node, rows} = this.#root
    return node.of(rows)
  }

  apply({rows, reset, edits}: FlushDocument): void {
    if (rows !== undefined) this.#clear(rows.map(values => this.#root.node.row(values)))
    else if (reset === true) this.#clear([])
    if (edits === undefined || edits.length === 0) return
    for (const document of edits) this.#apply(document)
    this.#fresh.clear()
  }

  #clear(rows: ResultRow[]): List {
    this.#lists.clear()
    this.#root = {node: this.#nodes[0] as ResultNode, rows, lists: []}
    this.#lists.set(rootList, this.#root)
    return this.#root
  }

  #apply([kind, id, index, values, named]: EditDocument): void {
    if (kind === edit.open) {
      const opened = {node: this.#nodes[index] as ResultNode, rows: [], lists: []}
      this.#lists.set(id, opened)
      this.#fresh.add(opened)
      return
    }
    if (kind === edit.close) {
      this.#lists.delete(id)
      return
    }
    const list = this.#lists.get(id) as List
    if (!this.#fresh.has(list)) {
      list.rows = list.rows.slice()
      this.#fresh.add(list)
    }
    switch (kind) {
      case edit.insert:
        list.rows.splice(index, 0, this.#row(list, values as WireRow, named))
        if (named !== undefined) list.lists.splice(index, 0, named)
        break
      case edit.replace:
        list.rows[index] = this.#row(list, values as WireRow, named)
        if (named !== undefined) list.lists[index] = named
        break
      case edit.remove:
        list.rows.splice(index, 1)
        if (list.node.related.length > 0) list.lists.splice(index, 1)
        break
      case edit.touch:
        list.rows[index] = this.#relate(list, {...list.rows[index]}, list.lists[index])
        break
    }
  }

  #row(list: List, values: WireRow, named: readonly number[] | undefined): ResultRow {
    return this.#relate(list, list.node.row(values), named)
  }

  // Each related result as it is now: the same object if none of its rows changed.
  #relate(
    {node: {related}}: List,
    row: Record<string, unknown>,
    named: readonly number[] = [],
  ): ResultRow {
    for (let index = 0; index < named.length; index++) {
      const {as, node} = related[index] as (typeof related)[number]
      row[as] = node.of((this.#lists.get(named[index] as number) as List).rows)
    }
    return row
  }
}
