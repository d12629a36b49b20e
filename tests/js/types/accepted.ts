/* eslint-disable -- what the compiler is tried with: it never runs */
// What must compile, and the types that come of it.
import {
  bigint,
  boolean,
  date,
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  enumeration,
  json,
  number,
  string,
  table,
  timestamp,
} from 'tidemark'
import type {
  AnyQuery,
  Claims,
  DataOf,
  InsertRow,
  Key,
  Mutate,
  MutationCall,
  QueryRequest,
  QueryRoots,
  RegisteredApp,
  RequestData,
  Row,
  Tx,
  UpdateRow,
} from 'tidemark'
import {z} from 'zod'
import type {app, mutators, queries, schema, BoardDoc, Tree} from '../sample-app.js'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Flat<T> = {[K in keyof T]: T[K]}

/** Compiles only where both types are the same. */
declare function same<A, B>(..._: Equal<Flat<A>, Flat<B>> extends true ? [] : [A, B]): void

type S = typeof schema

same<
  Row<S, 'board'>,
  {
    readonly id: string
    readonly title: string
    readonly doc: BoardDoc
    readonly tree: Tree | null
    readonly createdAt: number
    readonly owner: string | null
  }
>()

same<
  InsertRow<S, 'todo'>,
  {
    readonly id: string
    readonly boardID: string
    readonly title: string
    readonly rank: number
    readonly done?: boolean | undefined
    readonly votes?: bigint | undefined
    readonly due?: string | null | undefined
    readonly priority?: 'low' | 'high' | undefined
    readonly tags?: string[] | null | undefined
    readonly extra?: Row<S, 'todo'>['extra'] | undefined
  }
>()

same<
  UpdateRow<S, 'member'>,
  {
    readonly boardID: string
    readonly userID: string
    readonly level?: number | undefined
    readonly seen?: bigint | null | undefined
  }
>()

same<{key: Key<S, 'todo'>}, {key: string | {readonly id: string}}>()
same<{key: Key<S, 'counter'>}, {key: bigint | {readonly id: bigint}}>()
same<Key<S, 'member'>, {readonly boardID: string; readonly userID: string}>()

// Queries.
declare const q: typeof queries
type Board = Row<S, 'board'>
type Todo = Row<S, 'todo'>
declare function request<Data>(of: QueryRequest<Data>): Data
export const open: readonly Todo[] = request(q.open())
same<{data: RequestData<ReturnType<typeof q.open>>}, {data: readonly Todo[]}>()
same<{data: RequestData<ReturnType<typeof q.board>>}, {data: Board | undefined}>()
same<{data: RequestData<ReturnType<typeof q.todo.ranked>>}, {data: readonly Todo[]}>()
q.mine()
q.mine({})
q.todo.voted({least: 3n})
q.todo.ranked({from: 1})
q.todo.ranked({from: 1, to: 2})

// The builder.
declare const roots: QueryRoots<S>
type Member = Row<S, 'member'>
type Label = Row<S, 'label'>
declare function dataOf<Data>(query: AnyQuery<Data>): Data
const todosOfBoard = roots.board.related('todos')
same<DataOf<typeof todosOfBoard>[number], Board & {readonly todos: readonly Todo[]}>()
const deep = roots.board
  .where('id', 'b')
  .related('todos', todos =>
    todos
      .where('done', false)
      .whereExists('labels', labels => labels.where('name', 'like', 'a%'))
      .related('labels', labels => labels.orderBy('name').limit(3))
      .related('board')
      .orderBy('rank', 'desc')
      .limit(10),
  )
  .related('todos', todos => todos.where('done', true).orderBy('rank').one(), {as: 'firstDone'})
  .related('members', members => members.count(), {as: 'members'})
  .one()
type DeepTodo = Todo & {readonly labels: readonly Label[]; readonly board: Board | undefined}
same<NonNullable<DataOf<typeof deep>>['todos'][number], DeepTodo>()
same<
  Omit<NonNullable<DataOf<typeof deep>>, 'todos'>,
  Board & {readonly firstDone: Todo | undefined; readonly members: {readonly count: number}}
>()
export const deepData: DataOf<typeof deep> = dataOf(deep)
same<{d: typeof deepData}, {d: DataOf<typeof deep>}>()
const topLabels = roots.todo.related('topLabel').related('labels', labels => labels.limit(1))
same<
  DataOf<typeof topLabels>[number],
  Todo & {readonly topLabel: Label | undefined; readonly labels: readonly Label[]}
>()
roots.todo.where(({and, not, exists, cmp}) =>
  and(
    cmp('done', false),
    not(exists('board', board => board.where('title', 'x').whereNotExists('members'))),
    exists('labels'),
  ),
)
roots.todo.start({id: 't'})
roots.todo.orderBy('rank').orderBy('due', 'desc').start({rank: 1, due: null, id: 't'})
roots.todo
  .orderBy('rank')
  .start({} as Todo, {inclusive: true})
  .limit(3)
  .one()
roots.member.start({boardID: 'b', userID: 'u'})

const counted = roots.todo.where('done', true).count().sum('votes').min('due').max('rank', 'top')
same<
  DataOf<typeof counted>,
  {
    readonly count: number
    readonly sum_votes: bigint | null
    readonly min_due: string | null
    readonly top: number | null
  }
>()
const grouped = roots.todo.groupBy('boardID', 'due').avg('votes').max('rank').max('due')
same<
  DataOf<typeof grouped>[number],
  {
    readonly boardID: string
    readonly due: string | null
    readonly avg_votes: number
    readonly max_rank: number
    readonly max_due: string | null
  }
>()
const late = roots.todo.count('n').groupBy('priority').orderBy('priority', 'desc').limit(3)
same<DataOf<typeof late>[number], {readonly priority: 'low' | 'high'; readonly n: number}>()
const perBoard = roots.board.related('members', members => members.count().groupBy('level'))
same<
  DataOf<typeof perBoard>[number]['members'][number],
  {readonly level: number; readonly count: number}
>()
same<Member['seen'], bigint | null>()

roots.board.where(['doc', 'nodes', 'n1', 'position', 'x'], '>', 3)
roots.board.where(['doc', 'nodes', 'n1', 'label'], 'like', 'a%')
roots.board.where(['doc', 'nodes', 'n1', 'ports', 0, 'in'], true)
roots.board.where(['doc', 'settings', 'zoom'], 'is', null)
roots.board.where(({or, cmp}) => or(cmp(['doc', 'order', 0], 'in', ['a', 'b']), cmp('id', 'b')))
roots.board.where(['tree', 'children', 0, 'children', 1, 'value'], 'not in', [1, 2])
roots.todo.where(['tags', 0], '!=', 'x')
roots.todo.where(['extra', 'any', 'thing', 3], 'x')
roots.todo.where(['extra', 'any'], '<', 3)
roots.todo.where(['extra', 'any'], 'is not', true)

// Mutators.
declare const mutate: Mutate<typeof mutators>
export const renamed: MutationCall<{renamed: string}> = mutate.todo.rename({id: 't'})
export const votes: bigint = mutate.todo.vote({id: 't', by: 1n}).result
export const cleared: undefined = mutate.board.clear().result as undefined
same<{result: (typeof votesCall)['result']}, {result: bigint}>()
declare const votesCall: ReturnType<typeof mutate.todo.vote>

// Helpers in other files.
export function helper(tx: Tx<S>, node: string): void {
  const board = tx.board.get('b')
  const todo = tx.todo.get({id: 't'})
  tx.member.delete({boardID: 'b', userID: 'u'})
  tx.counter.increment satisfies unknown
  tx.board.update({id: 'b', owner: null, title: undefined})
  tx.board.set('b', ['doc', 'nodes', node], {position: {x: 1, y: 2}, size: 3, ports: []})
  tx.board.set('b', ['doc', 'nodes', node, 'position', 'x'], 1)
  tx.board.set('b', ['doc', 'settings', 'zoom'], 2)
  tx.board.set('b', ['doc', 'order', 3], 'n')
  tx.board.set('b', ['doc', 'nodes', node, 'ports', 0, 'in'], true)
  tx.board.set('b', ['tree', 'children', 0, 'children', 1, 'children', 2, 'value'], 3)
  tx.board.set('b', ['doc'], {nodes: {}, order: [], title: 'fresh'})
  tx.board.unset('b', ['doc', 'settings'])
  tx.board.unset('b', ['doc', 'nodes', node])
  tx.board.unset('b', ['doc', 'nodes', node, 'label'])
  tx.board.merge('b', ['doc', 'nodes', node, 'position'], {y: 4})
  tx.board.merge('b', ['doc', 'settings'], {grid: false})
  tx.board.increment('b', ['doc', 'settings', 'zoom'], 0.5)
  tx.board.splice('b', ['doc', 'order'], 0, 1, 'a', 'b')
  tx.board.splice('b', ['doc', 'nodes', node, 'ports'], 0, 0, {name: 'p', in: true})
  tx.todo.splice('t', ['tags'], 0, 0)
  tx.todo.set('t', ['extra', 'any', 'thing', 3], {a: [1, null]})
  tx.todo.insert({
    id: todo?.id ?? 't',
    boardID: board?.id ?? 'b',
    title: '',
    rank: 1,
    priority: 'high',
    tags: undefined,
  })
}

// The example of the documentation, of all column types.
const tiny = defineSchema({
  all: table({
    a: string(),
    b: number().default(1),
    c: boolean().optional(),
    d: bigint(),
    e: timestamp(),
    f: date(),
    g: json<{x?: number}>(),
    h: enumeration('x', 'y'),
  }).primaryKey('a', 'd'),
})
const tinyQueries = defineQueries(tiny, {
  all: q =>
    q.all
      .where('a', 'in', ['x', 'y'])
      .where('b', '<', 3)
      .where('c', 'is', null)
      .where('d', '>=', 3n)
      .where('e', '!=', 5)
      .where('f', '<=', '2026-01-01')
      .where('g', 'is not', null)
      .where('h', 'not in', ['x'])
      .where('a', 'not ilike', '%a%')
      .where(({and, or, not, cmp}) =>
        or(and(cmp('a', 'b'), cmp('b', '>', 1)), not(cmp('c', true)), or()),
      )
      .orderBy('h', 'desc')
      .orderBy('d')
      .limit(5),
})
const tinyMutators = defineMutators(tiny, ({mutator}) => ({
  plain: (tx, {a, d}: {a: string; d: bigint}) => tx.all.get({a, d}),
  checked: mutator(z.object({n: z.string().transform(Number)}), (_tx, {n}, ctx) => {
    const rows = ctx.run(q => q.all.where('b', n).limit(1))
    const first = ctx.run(q => q.all.where('b', n).one())
    const claims: Claims | null = ctx.auth
    return [rows[0]?.h, first?.h, claims?.sub, ctx.uuid(), ctx.timestamp + n]
  }),
}))
const tinyApp = defineApp({schema: tiny, queries: tinyQueries, mutators: tinyMutators})
declare const tinyMutate: Mutate<(typeof tinyApp)['mutators']>
tinyMutate.checked({n: '3'})
export const got: Row<typeof tiny, 'all'> | undefined = tinyMutate.plain({a: 'a', d: 1n}).result

// Hooks and stores know the registered app.
declare module 'tidemark' {
  interface Register {
    app: typeof app
  }
}
same<{app: RegisteredApp}, {app: typeof app}>()
