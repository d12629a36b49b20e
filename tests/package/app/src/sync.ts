import {defineApp, defineMutators, defineQueries, defineSchema, string, table} from 'tidemark'

const schema = defineSchema({
  note: table({id: string(), title: string()}).primaryKey('id'),
})

export const queries = defineQueries(schema, {
  notes: q => q.note.orderBy('title'),
})

const mutators = defineMutators(schema, {
  add: (tx, {title}: {title: string}, ctx) => {
    tx.note.insert({id: ctx.uuid(), title})
  },
  remove: (tx, {id}: {id: string}) => {
    tx.note.delete(id)
  },
})

const app = defineApp({schema, queries, mutators})
export default app

declare module 'tidemark' {
  interface Register {
    app: typeof app
  }
}
