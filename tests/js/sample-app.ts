// The app that the tests of the builders share: one column of every type, a compound key, a document
// with records, arrays and optional members, and a recursive one.
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
  MutationError,
  number,
  string,
  table,
  timestamp,
} from 'tidemark'
import type {JsonValue} from 'tidemark'
import {z} from 'zod'

export interface BoardNode {
  position: {x: number; y: number}
  label?: string
  size: number
  ports: {name: string; in: boolean}[]
}

export interface BoardDoc {
  nodes: Record<string, BoardNode>
  order: string[]
  settings?: {grid: boolean; zoom?: number}
  title: string
}

export interface Tree {
  value: number
  children: Tree[]
}

export const schema = defineSchema(
  {
    board: table({
      id: string(),
      title: string(),
      doc: json<BoardDoc>(),
      tree: json<Tree>().optional(),
      createdAt: timestamp().from('created_at'),
      owner: string().optional(),
    })
      .primaryKey('id')
      .from('app.boards'),
    todo: table({
      id: string(),
      boardID: string().from('board_id'),
      title: string(),
      done: boolean().default(false),
      rank: number(),
      votes: bigint().default(0n),
      due: date().optional(),
      priority: enumeration('low', 'high').default('low'),
      tags: json<string[]>().optional(),
      extra: json<JsonValue>().default({}),
    })
      .primaryKey('id')
      .index('boardID', 'rank')
      .unique('title'),
    member: table({
      boardID: string(),
      userID: string(),
      level: number(),
      seen: bigint().optional(),
    }).primaryKey('boardID', 'userID'),
    counter: table({id: bigint(), value: number()}).primaryKey('id'),
    label: table({id: string(), name: string()}).primaryKey('id'),
    todoLabel: table({todoID: string(), labelID: string()}).primaryKey('todoID', 'labelID'),
  },
  {
    board: ({many}) => ({
      todos: many('todo', {boardID: 'id'}),
      members: many('member', {boardID: 'id'}),
    }),
    todo: ({one, many}) => ({
      board: one('board', {id: 'boardID'}),
      labels: many('label').through('todoLabel', {todoID: 'id'}, {labelID: 'id'}),
      topLabel: one('label').through('todoLabel', {todoID: 'id'}, {labelID: 'id'}),
    }),
    label: ({many}) => ({
      todos: many('todo').through('todoLabel', {labelID: 'id'}, {todoID: 'id'}),
    }),
  },
)

export const queries = defineQueries(schema, ({query}) => ({
  board: (q, {id}: {id: string}) => q.board.where('id', id).one(),
  open: q => q.todo.where('done', false).orderBy('rank').limit(100),
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- as apps write it
  mine: (q, _args: {}, ctx) => q.board.where('owner', ctx.auth?.sub ?? ''),
  todo: {
    voted: (q, {least}: {least: bigint}) => q.todo.where('votes', '>=', least),
    ranked: query(z.object({from: z.number(), to: z.number().default(10)}), (q, {from, to}) =>
      q.todo.where(({and, cmp}) => and(cmp('rank', '>=', from), cmp('rank', '<', to))),
    ),
  },
}))

export const mutators = defineMutators(schema, ({mutator}) => ({
  todo: {
    add: (tx, {id, boardID, title}: {id: string; boardID: string; title: string}, ctx) =>
      tx.todo.insert({id, boardID, title, done: false, rank: ctx.timestamp}),
    rename: mutator(
      z.object({id: z.string(), title: z.string().max(20).default('untitled')}),
      (tx, {id, title}) => {
        tx.todo.update({id, title})
        return {renamed: title}
      },
    ),
    vote: (tx, {id, by}: {id: string; by: bigint}) => {
      const todo = tx.todo.get(id)
      if (todo === undefined) throw new MutationError('no-todo', 'There is no such todo', {id})
      const votes = todo.votes + by
      tx.todo.update({id, votes})
      return votes
    },
  },
  board: {
    moveNode: (tx, {id, node, x, y}: {id: string; node: string; x: number; y: number}) =>
      tx.board.set(id, ['doc', 'nodes', node, 'position'], {x, y}),
    restore: (tx, {id, doc}: {id: string; doc: BoardDoc}) => tx.board.update({id, doc}),
    clear: tx => tx.board.delete('b'),
  },
}))

export const app = defineApp({schema, queries, mutators})
