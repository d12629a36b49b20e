// The page's mirror of a view, driven by edits as the core makes them: what changes, what stays the same object.
import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {layoutsOf} from '../../js/src/layout.js'
import type {EditDocument} from '../../js/src/page-core.js'
import {ResultNode} from '../../js/src/result-node.js'
import {RowTree} from '../../js/src/row-tree.js'
import {defineQueries, defineSchema, number, string, table} from 'tidemark'
import type {AnyQuery, QueryRoots} from 'tidemark'

const schema = defineSchema(
  {
    list: table({id: string()}).primaryKey('id'),
    item: table({id: string(), rank: number()}).primaryKey('id'),
  },
  {
    list: ({many, one}) => ({items: many('item', {id: 'id'}), first: one('item', {id: 'id'})}),
    item: ({many}) => ({lists: many('list', {id: 'id'})}),
  },
)

let roots!: QueryRoots<typeof schema>
defineQueries(schema, {take: q => (roots = q).list})
  .take()
  .ast()

interface Item {
  readonly id: string
  readonly rank: number
}
interface List {
  readonly id: string
  readonly items: readonly Item[]
  readonly first: Item | undefined
}

const treeOf = (query: AnyQuery) => new RowTree(new ResultNode(layoutsOf(schema), query.ast))
const apply = (tree: RowTree, ...edits: EditDocument[]) =>
  tree.apply({status: 'complete', stale: false, edits})

// Nodes by name: first, items. Two lists share their items.
function sample(): RowTree {
  const tree = treeOf(roots.list.related('items').related('first'))
  tree.apply({
    status: 'complete',
    stale: false,
    reset: true,
    edits: [
      [3, 1, 1],
      [3, 2, 2],
      [0, 2, 0, ['x', 1]],
      [0, 2, 1, ['y', 2]],
      [0, 0, 0, ['a'], [1, 2]],
      [3, 3, 1],
      [0, 3, 0, ['x', 1]],
      [0, 0, 1, ['b'], [3, 2]],
    ],
  })
  return tree
}
const rowsOf = (tree: RowTree) => tree.data as readonly List[]

describe('a tree of rows', () => {
  it('nests what is related, shared lists being one object', () => {
    const x = {id: 'x', rank: 1}
    const y = {id: 'y', rank: 2}
    const rows = rowsOf(sample())
    assert.deepEqual(rows, [
      {id: 'a', first: undefined, items: [x, y]},
      {id: 'b', first: x, items: [x, y]},
    ])
    assert.equal(rows[0]?.items, rows[1]?.items)
  })

  it('gives what changed a new identity, and nothing else', () => {
    const tree = sample()
    const before = rowsOf(tree)
    apply(tree, [2, 3, 0, ['x', 5]], [4, 0, 1])
    const after = rowsOf(tree)
    assert.notEqual(after, before)
    assert.equal(after[0], before[0])
    assert.notEqual(after[1], before[1])
    assert.equal(after[1]?.items, before[1]?.items)
    assert.deepEqual(after[1]?.first, {id: 'x', rank: 5})
    assert.deepEqual(before[1]?.first, {id: 'x', rank: 1})
  })

  it('changes all rows that share a list', () => {
    const tree = sample()
    const before = rowsOf(tree)
    apply(tree, [1, 2, 0], [0, 2, 1, ['z', 3]], [4, 0, 0], [4, 0, 1])
    const after = rowsOf(tree)
    assert.deepEqual(
      after.map(({items}) => items.map(({id}) => id)),
      [
        ['y', 'z'],
        ['y', 'z'],
      ],
    )
    assert.equal(after[0]?.items, after[1]?.items)
    assert.equal(after[0]?.items[0], before[0]?.items[1])
    assert.deepEqual(
      before[0]?.items.map(({id}) => id),
      ['x', 'y'],
    )
  })

  it('follows rows that move, and forgets lists that are closed', () => {
    const tree = sample()
    const [a] = rowsOf(tree)
    apply(
      tree,
      [1, 0, 1],
      [3, 4, 2],
      [0, 4, 0, ['z', 1]],
      [0, 0, 0, ['_'], [1, 4]],
      [5, 3, 0],
      [2, 0, 0, ['A'], [1, 4]],
    )
    const rows = rowsOf(tree)
    assert.deepEqual(rows[0], {id: 'A', first: undefined, items: [{id: 'z', rank: 1}]})
    assert.equal(rows[1], a)
    apply(tree, [1, 2, 0], [4, 0, 1])
    assert.deepEqual(
      rowsOf(tree)[1]?.items.map(({id}) => id),
      ['y'],
    )
  })

  it('stays the same when nothing is said, and begins anew when told so', () => {
    const tree = sample()
    const before = rowsOf(tree)
    tree.apply({status: 'complete', stale: true})
    apply(tree)
    assert.equal(rowsOf(tree), before)
    tree.apply({status: 'complete', stale: false, reset: true, edits: []})
    assert.deepEqual(rowsOf(tree), [])
    tree.apply({status: 'complete', stale: false, reset: true, edits: [[3, 1, 1]]})
    assert.deepEqual(rowsOf(tree), [])
  })

  it('takes rows as they are where nothing is related', () => {
    const tree = treeOf(roots.item)
    tree.apply({status: 'complete', stale: false, rows: [['x', 1]]})
    const before = tree.data as readonly Item[]
    apply(tree, [0, 0, 1, ['y', 2]])
    assert.deepEqual(before, [{id: 'x', rank: 1}])
    assert.equal((tree.data as readonly Item[])[0], before[0])
  })

  it('is one row, or one object of aggregates', () => {
    const one = treeOf(roots.item.one())
    assert.equal(one.data, undefined)
    apply(one, [0, 0, 0, ['x', 1]])
    assert.deepEqual(one.data, {id: 'x', rank: 1})
    const count = treeOf(roots.item.count().sum('rank'))
    assert.deepEqual(count.data, {count: 0, sum_rank: null})
    apply(count, [0, 0, 0, [2, 5]])
    assert.deepEqual(count.data, {count: 2, sum_rank: 5})
    const related = treeOf(roots.list.related('items', items => items.count()))
    apply(related, [3, 1, 1], [0, 1, 0, [7]], [0, 0, 0, ['a'], [1]])
    assert.deepEqual(related.data, [{id: 'a', items: {count: 7}}])
    apply(related, [2, 1, 0, [8]], [4, 0, 0])
    assert.deepEqual(related.data, [{id: 'a', items: {count: 8}}])
  })
})
