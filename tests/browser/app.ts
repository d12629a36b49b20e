// The app of the browser tests: small, with a mutator for each way a mutation can go.
import {
  boolean,
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  json,
  MutationError,
  number,
  string,
  table,
} from 'tidemark'
import type {Filtered} from 'tidemark'

const tables = {
  todo: table({
    id: string(),
    title: string(),
    done: boolean().default(false),
    rank: number(),
    note: string().optional(),
    doc: json<{parts: Record<string, {x: number; y: number}>}>().optional(),
  })
    .primaryKey('id')
    .index('rank'),
  counter: table({id: string(), value: number()}).primaryKey('id'),
  // Rows with owners, for what a caller may read and write.
  note: table({id: string(), owner: string(), text: string()}).primaryKey('id').index('owner'),
  list: table({id: string(), title: string()}).primaryKey('id'),
  item: table({id: string(), listID: string(), text: string(), rank: number()})
    .primaryKey('id')
    .index('listID', 'rank'),
}

const schema = defineSchema(tables, {
  list: ({many}) => ({items: many('item', {listID: 'id'})}),
  item: ({one}) => ({list: one('list', {id: 'listID'})}),
})

/** Lists, by conditions that are so many tables deep, or read so many tables. */
function shaped<Lists extends Filtered<typeof schema, 'list'>>(
  lists: Lists,
  levels: number,
  tables: number,
): Lists {
  if (tables > 1) return shaped(lists.whereExists('items'), 0, tables - 1)
  if (levels === 0) return lists
  if (levels === 1) return lists.whereExists('items')
  return lists.whereExists('items', items =>
    items.whereExists('list', list => shaped(list, levels - 2, 0)),
  )
}

export const queries = defineQueries(schema, {
  all: q => q.todo.orderBy('rank'),
  open: q => q.todo.where('done', false).orderBy('rank').limit(100),
  first: (q, {limit}: {limit: number}) => q.todo.orderBy('rank').limit(limit),
  todo: (q, {id}: {id: string}) => q.todo.where('id', id).one(),
  counter: (q, {id}: {id: string}) => q.counter.where('id', id).one(),
  /** `here`: as the page resolves it, too. */
  shaped: (
    q,
    {levels = 0, tables = 0, here}: {levels?: number; tables?: number; here: boolean},
    ctx,
  ) => (here || ctx.location === 'server' ? shaped(q.list, levels, tables) : q.list),
  lists: q => q.list.orderBy('title').related('items', items => items.orderBy('rank')),
  // Refused by the server only.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- takes no arguments
  secret: (q, _args: {}, ctx) => {
    if (ctx.location === 'server') throw new MutationError('secret', 'nobody may read this')
    return q.todo
  },
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- takes no arguments
  mine: (q, _args: {}, ctx) => q.note.where('owner', ctx.auth?.sub ?? ''),
  // An admin's are all of them.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- takes no arguments
  notes: (q, _args: {}, ctx) =>
    ctx.auth?.role === 'admin' ? q.note : q.note.where('owner', ctx.auth?.sub ?? ''),
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- takes no arguments
  allNotes: (q, _args: {}, ctx) => {
    if (ctx.auth?.role !== 'admin') throw new MutationError('forbidden', 'for admins')
    return q.note
  },
})

export const mutators = defineMutators(schema, {
  todo: {
    add: (tx, {id, title, rank}: {id: string; title: string; rank: number}) => {
      tx.todo.insert({id, title, rank})
      return {added: id}
    },
    rename: (tx, {id, title}: {id: string; title: string}) => tx.todo.update({id, title}),
    annotate: (tx, {id, note}: {id: string; note: string}) => tx.todo.update({id, note}),
    setDone: (tx, {id, done}: {id: string; done: boolean}) => tx.todo.update({id, done}),
    remove: (tx, {id}: {id: string}) => tx.todo.delete(id),
    movePart: (tx, {id, part, x, y}: {id: string; part: string; x: number; y: number}) =>
      tx.todo.set(id, ['doc', 'parts', part], {x, y}),
    // Shown here, refused there.
    renameUnlessServer: (tx, {id, title}: {id: string; title: string}, ctx) => {
      tx.todo.update({id, title})
      if (ctx.location === 'server') {
        throw new MutationError('title-too-long', 'Title is too long', {max: 3})
      }
    },
    addMany: (tx, {from, count}: {from: number; count: number}) => {
      for (let n = from; n < from + count; n++) {
        tx.todo.insert({id: `t${n}`, title: `Todo number ${n}`, rank: n})
      }
    },
  },
  note: {
    add: (tx, {id, text}: {id: string; text: string}, ctx) =>
      tx.note.insert({id, text, owner: ctx.auth?.sub ?? ''}),
    edit: (tx, {id, text}: {id: string; text: string}, ctx) => {
      const note = tx.note.get(id)
      if (note !== undefined && note.owner !== ctx.auth?.sub) {
        throw new MutationError('forbidden', 'not your note')
      }
      tx.note.update({id, text})
    },
  },
  list: {
    add: (tx, {id, items}: {id: string; items: number}) => {
      tx.list.insert({id, title: `List ${id}`})
      for (let n = 0; n < items; n++) {
        tx.item.insert({id: `${id}${n}`, listID: id, text: `Item ${n}`, rank: n})
      }
    },
    editItem: (tx, {id, text}: {id: string; text: string}) => tx.item.update({id, text}),
  },
  counter: {
    increment: (tx, {id}: {id: string}) => {
      const row = tx.counter.get(id)
      if (row === undefined) tx.counter.insert({id, value: 1})
      else tx.counter.update({id, value: row.value + 1})
    },
  },
})

export const app = defineApp({schema, queries, mutators})
export default app
