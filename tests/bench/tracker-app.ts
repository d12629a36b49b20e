// The app of the benchmarks of trees in the page: issues of projects, 500 each, with authors and two comments, as in
// tracker.h.
import {
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  number,
  string,
  table,
} from 'tidemark'

const projectSize = 500
const users = 50

const tables = {
  user: table({id: string(), name: string()}).primaryKey('id'),
  issue: table({id: string(), project: string(), author: string(), title: string(), rank: number()})
    .primaryKey('id')
    .index('project', 'rank'),
  comment: table({id: string(), issue: string(), text: string()}).primaryKey('id').index('issue'),
}

const schema = defineSchema(tables, {
  issue: ({one, many}) => ({
    writer: one('user', {id: 'author'}),
    comments: many('comment', {issue: 'id'}),
  }),
})

export const queries = defineQueries(schema, {
  users: q => q.user,
  issues: q => q.issue,
  comments: q => q.comment,
  project: (q, {project}: {project: string}) =>
    q.issue.where('project', project).orderBy('rank').related('writer').related('comments'),
})

const id = (kind: string, n: number): string => `0192f0c1-${kind}-7000-8000-${100_000 + n}`

export const mutators = defineMutators(schema, {
  tracker: {
    addUsers: tx => {
      for (let n = 0; n < users; n++) {
        tx.user.insert({id: id('user', n), name: `Name of ${id('', n)}`})
      }
    },
    addIssues: (tx, {from, count}: {from: number; count: number}) => {
      for (let n = from; n < from + count; n++) {
        tx.issue.insert({
          id: id('issue', n),
          project: `project${Math.floor(n / projectSize)}`,
          author: id('user', (n * 31) % users),
          title: 'Water the plants',
          rank: (n * 7919) % 1_000_003,
        })
        for (const note of [2 * n, 2 * n + 1]) {
          const text = 'They have been watered.'
          tx.comment.insert({id: id('note', note), issue: id('issue', n), text})
        }
      }
    },
  },
})

export const app = defineApp({schema, queries, mutators})
export default app
