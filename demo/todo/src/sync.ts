// What page and server share: the tables, what a page may ask for, and everything that can be done to a row.
import {
  boolean,
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  MutationError,
  string,
  table,
  timestamp,
} from 'tidemark'

const schema = defineSchema({
  list: table({
    id: string(),
    title: string(),
    rank: string(),
    createdAt: timestamp().from('created_at'),
  }).primaryKey('id'),
  todo: table({
    id: string(),
    listID: string().from('list_id'),
    title: string(),
    done: boolean().default(false),
    rank: string(),
    createdAt: timestamp().from('created_at'),
  })
    .primaryKey('id')
    .index('listID', 'rank'),
  // One row per open page, written anew every few seconds; one that is old says that its page is gone.
  presence: table({
    id: string(),
    name: string(),
    hue: string(),
    seenAt: timestamp().from('seen_at'),
  }).primaryKey('id'),
})

/** A page that has not been heard of for so long is not there any more. */
export const presenceMs = 60_000

export const queries = defineQueries(schema, {
  lists: q => q.list.orderBy('rank'),
  todos: (q, {listID}: {listID: string}) => q.todo.where('listID', listID).orderBy('rank'),
  open: q => q.todo.where('done', false),
  presence: q => q.presence.orderBy('name'),
})

const titleMax = 200

function checkTitle(title: string): string {
  const trimmed = title.trim()
  if (trimmed === '') throw new MutationError('title-empty', 'A title cannot be empty')
  if (trimmed.length > titleMax) {
    throw new MutationError('title-too-long', `A title has at most ${titleMax} characters`, {
      max: titleMax,
    })
  }
  return trimmed
}

const mutators = defineMutators(schema, {
  list: {
    add: (tx, {id, title, rank}: {id: string; title: string; rank: string}, ctx) => {
      tx.list.insert({id, title: checkTitle(title), rank, createdAt: ctx.timestamp})
    },
    rename: (tx, {id, title}: {id: string; title: string}) => {
      tx.list.update({id, title: checkTitle(title)})
    },
    remove: (tx, {id}: {id: string}, ctx) => {
      for (const todo of ctx.run(q => q.todo.where('listID', id))) tx.todo.delete(todo.id)
      tx.list.delete(id)
    },
  },
  todo: {
    add: (
      tx,
      {id, listID, title, rank}: {id: string; listID: string; title: string; rank: string},
      ctx,
    ) => {
      // Only the server knows for sure: the list may have been deleted while this page was offline.
      if (ctx.location === 'server' && tx.list.get(listID) === undefined) {
        throw new MutationError('list-gone', `The list of "${title}" has been deleted`)
      }
      tx.todo.insert({id, listID, title: checkTitle(title), rank, createdAt: ctx.timestamp})
    },
    rename: (tx, {id, title}: {id: string; title: string}) => {
      tx.todo.update({id, title: checkTitle(title)})
    },
    setDone: (tx, {id, done}: {id: string; done: boolean}) => {
      tx.todo.update({id, done})
    },
    move: (tx, {id, rank}: {id: string; rank: string}) => {
      tx.todo.update({id, rank})
    },
    remove: (tx, {id}: {id: string}) => {
      tx.todo.delete(id)
    },
    removeDone: (tx, {listID}: {listID: string}, ctx) => {
      const done = ctx.run(q => q.todo.where('listID', listID).where('done', true))
      for (const todo of done) tx.todo.delete(todo.id)
    },
  },
  presence: {
    here: (tx, {name, hue}: {name: string; hue: string}, ctx) => {
      const before = ctx.timestamp - presenceMs
      for (const gone of ctx.run(q => q.presence.where('seenAt', '<', before))) {
        tx.presence.delete(gone.id)
      }
      tx.presence.upsert({id: ctx.clientID, name, hue, seenAt: ctx.timestamp})
    },
    leave: (tx, _args: object, ctx) => {
      tx.presence.delete(ctx.clientID)
    },
  },
})

const app = defineApp({schema, queries, mutators})
export default app

declare module 'tidemark' {
  interface Register {
    app: typeof app
  }
}
