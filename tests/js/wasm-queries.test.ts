// The whole query language in a page: what views show of optimistic writes, on the real wasm module in Node.
import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {
  bigint,
  boolean,
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  json,
  number,
  string,
  table,
} from 'tidemark'
import type {InsertRow, QueryRoots} from 'tidemark'
import {decodeArgs, encodeCanonicalArgs} from '../../js/src/json.js'
import {PageTab} from './page-tab.js'

interface Doc {
  nodes: {title: string; size: number}[]
}

const schema = defineSchema(
  {
    board: table({id: string(), title: string(), doc: json<Doc>().optional()}).primaryKey('id'),
    todo: table({
      id: string(),
      boardID: string().optional(),
      title: string(),
      done: boolean().default(false),
      rank: number(),
      votes: bigint().default(0n),
    }).primaryKey('id'),
    label: table({id: string(), name: string()}).primaryKey('id'),
    todoLabel: table({todoID: string(), labelID: string()}).primaryKey('todoID', 'labelID'),
  },
  {
    board: ({many}) => ({todos: many('todo', {boardID: 'id'})}),
    todo: ({one, many}) => ({
      board: one('board', {id: 'boardID'}),
      labels: many('label').through('todoLabel', {todoID: 'id'}, {labelID: 'id'}),
    }),
    label: ({many}) => ({
      todos: many('todo').through('todoLabel', {labelID: 'id'}, {todoID: 'id'}),
    }),
  },
)

type Roots = QueryRoots<typeof schema>
// What the walk below watches: every kind of list in every kind of list.
const walked = {
  tree: (q: Roots) =>
    q.board
      .orderBy('title', 'desc')
      .related('todos', todos =>
        todos
          .orderBy('rank', 'desc')
          .limit(2)
          .related('labels', labels => labels.orderBy('name').related('todos', t => t.count()))
          .related('board'),
      )
      .related('todos', todos => todos.groupBy('done').count().sum('votes'), {as: 'states'}),
  labels: (q: Roots) =>
    q.label
      .whereExists('todos', todos => todos.where('done', false).whereExists('board'))
      .related('todos', todos => todos.orderBy('rank').one().related('board')),
  rest: (q: Roots) =>
    q.todo
      .where(({or, exists, not, cmp}) =>
        or(
          not(exists('labels')),
          cmp('done', true),
          exists('board', b => b.where('title', 'C')),
        ),
      )
      .orderBy('rank')
      .start({rank: 20, id: '1'})
      .limit(4)
      .related('labels'),
  sums: (q: Roots) => q.todo.groupBy('boardID').count().max('rank').avg('votes').limit(2),
}

const queries = defineQueries(schema, {
  ...walked,
  boards: q => q.board.related('todos', todos => todos.orderBy('rank')),
  deep: q =>
    q.board
      .where('id', 'a')
      .related('todos', todos =>
        todos
          .where('done', false)
          .orderBy('rank', 'desc')
          .limit(2)
          .related('labels', labels => labels.orderBy('name')),
      )
      .one(),
  parents: q => q.todo.related('board').orderBy('rank'),
  junction: q =>
    q.label.related('todos', todos => todos.orderBy('rank').related('board')).orderBy('name'),
  twice: q =>
    q.board
      .related('todos', todos => todos.where('done', false).orderBy('rank'), {as: 'open'})
      .related('todos', todos => todos.where('done', true).orderBy('rank').one(), {as: 'done'}),
  labelled: q => q.todo.whereExists('labels', labels => labels.where('name', 'like', 'x%')),
  idle: q => q.board.whereNotExists('todos', todos => todos.where('done', false)),
  either: q =>
    q.todo.where(({or, cmp, exists, not}) =>
      or(cmp('rank', '>', 90), not(exists('board')), exists('labels')),
    ),
  totals: q => q.todo.where('done', false).count().sum('votes').avg('rank').max('title'),
  byBoard: q => q.todo.groupBy('boardID').count().min('rank'),
  counts: q => q.board.related('todos', todos => todos.where('done', false).count().sum('votes')),
  groups: q => q.board.related('todos', todos => todos.groupBy('done').count('n')),
  after: (q, {rank, id}: {rank: number; id: string}) =>
    q.todo.orderBy('rank').start({rank, id}).limit(2),
  documents: q => q.board.where(['doc', 'nodes', 0, 'size'], '>', 2),
})

const mutators = defineMutators(schema, {
  board: (tx, board: InsertRow<typeof schema, 'board'>) => tx.board.upsert(board),
  resize: (tx, {id, size}: {id: string; size: number}) =>
    tx.board.set(id, ['doc', 'nodes', 0, 'size'], size),
  todo: (tx, todo: InsertRow<typeof schema, 'todo'>) => tx.todo.insert(todo),
  move: (tx, {id, to}: {id: string; to: string | null}) => tx.todo.update({id, boardID: to}),
  done: (tx, {id}: {id: string}) => tx.todo.update({id, done: true}),
  rank: (tx, {id, rank}: {id: string; rank: number}) => tx.todo.update({id, rank}),
  remove: (tx, {id}: {id: string}) => tx.todo.delete(id),
  label: (tx, {id, name}: {id: string; name: string}) => tx.label.upsert({id, name}),
  attach: (tx, {todo, label}: {todo: string; label: string}) =>
    tx.todoLabel.insert({todoID: todo, labelID: label}),
  detach: (tx, {todo, label}: {todo: string; label: string}) =>
    tx.todoLabel.delete({todoID: todo, labelID: label}),
  fresh: (_tx, {name}: {name: keyof typeof walked}, ctx) =>
    ctx.run<unknown>(q => walked[name](q)) as object,
  read: (_tx, _args: undefined, ctx) =>
    ctx.run(q =>
      q.board
        .where('id', 'a')
        .related('todos', todos => todos.orderBy('rank').related('labels'))
        .related('todos', todos => todos.count().sum('votes'), {as: 'sum'})
        .one(),
    ),
})

const app = defineApp({schema, queries, mutators})

/** Boards a, b and empty c; todos 1, 2 on a, 3 on b, 4 on none; 1 and 3 labelled. */
async function world(): Promise<PageTab> {
  const tab = await PageTab.open(app)
  for (const id of ['a', 'b', 'c']) tab.mutate('board', {id, title: id.toUpperCase()})
  const todos: [id: string, boardID: string | null, rank: number][] = [
    ['1', 'a', 10],
    ['2', 'a', 20],
    ['3', 'b', 30],
    ['4', null, 40],
  ]
  for (const [id, boardID, rank] of todos) {
    tab.mutate('todo', {id, boardID, rank, title: `t${id}`, votes: 2n ** 60n + BigInt(rank)})
  }
  tab.mutate('label', {id: 'l', name: 'x-ray'})
  tab.mutate('label', {id: 'm', name: 'mike'})
  tab.mutate('attach', {todo: '1', label: 'l'})
  tab.mutate('attach', {todo: '3', label: 'm'})
  return tab
}

const ids = (rows: readonly {readonly id: string}[]) => rows.map(({id}) => id).join()

describe('views of nested results', () => {
  it('show what is there, and each write at once', async () => {
    const tab = await world()
    const view = tab.watch(queries.boards())
    const todosOf = () => view.data.map(({id, todos}) => `${id}:${ids(todos)}`).join(' ')
    assert.equal(todosOf(), 'a:1,2 b:3 c:')
    tab.mutate('todo', {id: '5', boardID: 'c', rank: 1, title: 't5'})
    assert.equal(todosOf(), 'a:1,2 b:3 c:5')
    tab.mutate('rank', {id: '1', rank: 25})
    assert.equal(todosOf(), 'a:2,1 b:3 c:5')
    tab.mutate('remove', {id: '3'})
    assert.equal(todosOf(), 'a:2,1 b: c:5')
    tab.mutate('board', {id: 'd', title: 'D'})
    assert.equal(todosOf(), 'a:2,1 b: c:5 d:')
  })

  it('move rows between parents, and keep what did not change', async () => {
    const tab = await world()
    const view = tab.watch(queries.boards())
    const [a, b, c] = view.data
    tab.mutate('move', {id: '1', to: 'b'})
    assert.equal(view.data.map(({todos}) => ids(todos)).join(' '), '2 1,3 ')
    assert.equal(ids(a?.todos ?? []), '1,2')
    assert.notEqual(view.data[0], a)
    assert.notEqual(view.data[1], b)
    assert.equal(view.data[2], c)
    assert.equal(view.data[0]?.todos[0], a?.todos[1])
    assert.equal(view.data[1]?.todos[1], b?.todos[0])
    tab.mutate('move', {id: '1', to: null})
    assert.equal(view.data.map(({todos}) => ids(todos)).join(' '), '2 3 ')
    const before = view.data
    tab.mutate('label', {id: 'n', name: 'november'})
    assert.equal(view.data, before)
  })

  it('keep windows of each parent, at every depth', async () => {
    const tab = await world()
    const view = tab.watch(queries.deep())
    const shown = () =>
      view.data?.todos.map(({id, labels}) => `${id}[${labels.map(({name}) => name).join()}]`).join()
    assert.equal(shown(), '2[],1[x-ray]')
    tab.mutate('move', {id: '3', to: 'a'})
    assert.equal(shown(), '3[mike],2[]')
    tab.mutate('attach', {todo: '3', label: 'l'})
    assert.equal(shown(), '3[mike,x-ray],2[]')
    const two = view.data?.todos[1]
    tab.mutate('label', {id: 'l', name: 'lima'})
    assert.equal(shown(), '3[lima,mike],2[]')
    assert.equal(view.data?.todos[1], two)
    tab.mutate('done', {id: '2'})
    assert.equal(shown(), '3[lima,mike],1[lima]')
    tab.mutate('detach', {todo: '3', label: 'm'})
    assert.equal(shown(), '3[lima],1[lima]')
  })

  it('give one row, or none', async () => {
    const tab = await world()
    const view = tab.watch(queries.parents())
    const boards = () => view.data.map(({board}) => board?.title ?? '-').join('')
    assert.equal(boards(), 'AAB-')
    tab.mutate('move', {id: '4', to: 'c'})
    assert.equal(boards(), 'AABC')
    assert.equal(view.data[0]?.board, view.data[1]?.board)
    tab.mutate('board', {id: 'a', title: 'Z'})
    assert.equal(boards(), 'ZZBC')
    tab.mutate('move', {id: '4', to: 'nowhere'})
    assert.equal(boards(), 'ZZB-')
  })

  it('follow a junction from its other side', async () => {
    const tab = await world()
    const view = tab.watch(queries.junction())
    const shown = () =>
      view.data
        .map(
          ({name, todos}) =>
            `${name}:${todos.map(({id, board}) => id + (board?.id ?? '')).join('+')}`,
        )
        .join(' ')
    assert.equal(shown(), 'mike:3b x-ray:1a')
    tab.mutate('attach', {todo: '1', label: 'm'})
    assert.equal(shown(), 'mike:1a+3b x-ray:1a')
    tab.mutate('move', {id: '1', to: 'c'})
    assert.equal(shown(), 'mike:1c+3b x-ray:1c')
    tab.mutate('remove', {id: '1'})
    assert.equal(shown(), 'mike:3b x-ray:')
  })

  it('have one relationship twice', async () => {
    const tab = await world()
    const view = tab.watch(queries.twice())
    const shown = () => view.data.map(({open, done}) => `${ids(open)}/${done?.id ?? ''}`).join(' ')
    assert.equal(shown(), '1,2/ 3/ /')
    tab.mutate('done', {id: '2'})
    assert.equal(shown(), '1/2 3/ /')
    tab.mutate('done', {id: '1'})
    assert.equal(shown(), '/1 3/ /')
  })
})

describe('views with conditions on what is related', () => {
  it('follow rows that come and go', async () => {
    const tab = await world()
    const view = tab.watch(queries.labelled())
    assert.equal(ids(view.data), '1')
    tab.mutate('attach', {todo: '2', label: 'l'})
    assert.equal(ids(view.data), '1,2')
    tab.mutate('label', {id: 'm', name: 'xylophone'})
    assert.equal(ids(view.data), '1,2,3')
    tab.mutate('detach', {todo: '1', label: 'l'})
    assert.equal(ids(view.data), '2,3')
    tab.mutate('label', {id: 'l', name: 'lima'})
    assert.equal(ids(view.data), '3')
  })

  it('follow what is not there', async () => {
    const tab = await world()
    const view = tab.watch(queries.idle())
    assert.equal(ids(view.data), 'c')
    tab.mutate('done', {id: '3'})
    assert.equal(ids(view.data), 'b,c')
    tab.mutate('move', {id: '2', to: 'c'})
    assert.equal(ids(view.data), 'b')
    tab.mutate('move', {id: '1', to: 'c'})
    assert.equal(ids(view.data), 'a,b')
  })

  it('combine', async () => {
    const tab = await world()
    const view = tab.watch(queries.either())
    assert.equal(ids(view.data), '1,3,4')
    tab.mutate('rank', {id: '2', rank: 91})
    assert.equal(ids(view.data), '1,2,3,4')
    tab.mutate('move', {id: '4', to: 'a'})
    assert.equal(ids(view.data), '1,2,3')
  })

  it('look into documents', async () => {
    const tab = await world()
    const view = tab.watch(queries.documents())
    assert.equal(ids(view.data), '')
    tab.mutate('board', {id: 'a', title: 'A', doc: {nodes: [{title: 'n', size: 3}]}})
    assert.equal(ids(view.data), 'a')
    tab.mutate('resize', {id: 'a', size: 1})
    assert.equal(ids(view.data), '')
  })

  it('begin where they are told to', async () => {
    const tab = await world()
    const view = tab.watch(queries.after({rank: 10, id: '1'}))
    assert.equal(ids(view.data), '2,3')
    tab.mutate('rank', {id: '1', rank: 15})
    assert.equal(ids(view.data), '1,2')
    tab.mutate('rank', {id: '1', rank: 10})
    assert.equal(ids(view.data), '2,3')
  })
})

describe('views of aggregates', () => {
  it('are one object, of nothing too', async () => {
    const empty = (await PageTab.open(app)).watch(queries.totals())
    assert.deepEqual(empty.data, {count: 0, sum_votes: null, avg_rank: null, max_title: null})
    const tab = await world()
    const view = tab.watch(queries.totals())
    const votes = 4n * 2n ** 60n + 100n
    assert.deepEqual(view.data, {count: 4, sum_votes: votes, avg_rank: 25, max_title: 't4'})
    const before = view.data
    tab.mutate('label', {id: 'n', name: 'november'})
    assert.equal(view.data, before)
    tab.mutate('done', {id: '4'})
    const fewer = 3n * 2n ** 60n + 60n
    assert.deepEqual(view.data, {count: 3, sum_votes: fewer, avg_rank: 20, max_title: 't3'})
  })

  it('are one object a group', async () => {
    const tab = await world()
    const view = tab.watch(queries.byBoard())
    assert.deepEqual(view.data, [
      {boardID: null, count: 1, min_rank: 40},
      {boardID: 'a', count: 2, min_rank: 10},
      {boardID: 'b', count: 1, min_rank: 30},
    ])
    const b = view.data[2]
    tab.mutate('move', {id: '1', to: null})
    assert.deepEqual(view.data, [
      {boardID: null, count: 2, min_rank: 10},
      {boardID: 'a', count: 1, min_rank: 20},
      {boardID: 'b', count: 1, min_rank: 30},
    ])
    assert.equal(view.data[2], b)
    tab.mutate('move', {id: '2', to: 'b'})
    assert.deepEqual(
      view.data.map(({boardID, count}) => [boardID, count]),
      [
        [null, 2],
        ['b', 2],
      ],
    )
  })

  it('are members of rows', async () => {
    const tab = await world()
    const view = tab.watch(queries.counts())
    const groups = tab.watch(queries.groups())
    const counts = () => view.data.map(({todos: {count}}) => count).join()
    assert.equal(counts(), '2,1,0')
    assert.deepEqual(view.data[2]?.todos, {count: 0, sum_votes: null})
    const b = view.data[1]
    tab.mutate('done', {id: '1'})
    assert.equal(counts(), '1,1,0')
    assert.equal(view.data[1], b)
    assert.deepEqual(
      groups.data.map(({todos}) => todos),
      [
        [
          {done: false, n: 1},
          {done: true, n: 1},
        ],
        [{done: false, n: 1}],
        [],
      ],
    )
    tab.mutate('move', {id: '2', to: 'c'})
    assert.equal(counts(), '0,1,1')
    assert.equal(view.data[2]?.todos.sum_votes, 2n ** 60n + 20n)
  })
})

describe('ctx.run in a page', () => {
  it('gives nested rows and aggregates', async () => {
    const tab = await world()
    const result = tab.mutate('read', null) as Record<string, unknown>
    assert.deepEqual(result['sum'], {
      count: 2,
      sum_votes: {$bigint: (2n * 2n ** 60n + 30n).toString()},
    })
    const todos = result['todos'] as {id: string; labels: unknown}[]
    assert.deepEqual(
      todos.map(({id, labels}) => [id, labels]),
      [
        ['1', [{id: 'l', name: 'x-ray'}]],
        ['2', []],
      ],
    )
  })
})

describe('after every write of a long walk', () => {
  it('views are what the query gives afresh', async () => {
    const tab = await world()
    const views = {
      tree: tab.watch(queries.tree()),
      labels: tab.watch(queries.labels()),
      rest: tab.watch(queries.rest()),
      sums: tab.watch(queries.sums()),
    }
    let state = 7
    const below = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % n
    }
    const todo = (): string => String(1 + below(8))
    const board = (): string => 'abcd'.charAt(below(4))
    const label = (): string => 'lmn'.charAt(below(3))
    const steps: (() => [name: string, args: object])[] = [
      () => ['todo', {id: todo(), boardID: board(), rank: below(5) * 10, title: 't', votes: 1n}],
      () => ['remove', {id: todo()}],
      () => ['move', {id: todo(), to: below(4) === 0 ? null : board()}],
      () => ['rank', {id: todo(), rank: below(5) * 10}],
      () => ['done', {id: todo()}],
      () => ['board', {id: board(), title: 'ABC'.charAt(below(3))}],
      () => ['label', {id: label(), name: `name ${below(4)}`}],
      () => ['attach', {todo: todo(), label: label()}],
      () => ['detach', {todo: todo(), label: label()}],
    ]
    let written = 0
    for (let step = 0; step < 400; step++) {
      const [name, args] = (steps[below(steps.length)] as (typeof steps)[number])()
      try {
        tab.mutate(name, args)
        written += 1
      } catch {
        continue // What is there already, or not there.
      }
      for (const [query, view] of Object.entries(views)) {
        const fresh = decodeArgs(JSON.stringify(tab.mutate('fresh', {name: query})))
        assert.equal(
          encodeCanonicalArgs(view.data, query),
          encodeCanonicalArgs(fresh, query),
          `step ${step}: ${name} ${encodeCanonicalArgs(args, name)}`,
        )
      }
    }
    assert.ok(written > 200, `${written} writes`)
  })
})
