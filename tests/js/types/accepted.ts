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
  Claims,
  InsertRow,
  Key,
  Mutate,
  MutationCall,
  QueryRequest,
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
