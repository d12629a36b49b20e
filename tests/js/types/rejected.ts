/* eslint-disable -- what the compiler is tried with: it never runs */
// What must not compile: each line below `@ts-expect-error` is one mistake.
import {
  boolean,
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
import type {Mutate, MutatorContext, QueryRoots, Row, Tx} from 'tidemark'
import {z} from 'zod'
import {mutators, queries, schema} from '../sample-app.js'

type S = typeof schema
declare const tx: Tx<S>
declare const ctx: MutatorContext<S>
declare const q: QueryRoots<S>
declare const mutate: Mutate<typeof mutators>

// Schema.
const columns = {id: string(), n: number(), o: string().optional(), j: json<{a: number}>()}
// @ts-expect-error a table without a primary key
defineSchema({t: table(columns)})
// @ts-expect-error a primary key of no column
table(columns).primaryKey()
// @ts-expect-error a primary key of an unknown column
table(columns).primaryKey('nope')
// @ts-expect-error a primary key of an optional column
table(columns).primaryKey('o')
// @ts-expect-error a primary key of a JSON column
table(columns).primaryKey('id', 'j')
// @ts-expect-error an index of an unknown column
table(columns).primaryKey('id').index('n', 'nope')
// @ts-expect-error an index of a JSON column
table(columns).primaryKey('id').index('j')
// @ts-expect-error a unique of an unknown column
table(columns).primaryKey('id').unique('nope')
// @ts-expect-error a default of another type
boolean().default('no')
// @ts-expect-error a default that is none of the values
enumeration('a', 'b').default('c')
// @ts-expect-error an enumeration without values
enumeration()
// @ts-expect-error a timestamp is a number
timestamp().default(new Date(0))
// @ts-expect-error a column that is not a column
table({id: 'string'})

const one = table(columns).primaryKey('id')
const other = table({id: string(), n: string()}).primaryKey('id')
// @ts-expect-error a relationship to an unknown table
defineSchema({one, other}, {one: ({many}) => ({x: many('nope', {id: 'id'})})})
// @ts-expect-error a relationship by an unknown column of the other table
defineSchema({one, other}, {one: ({many}) => ({x: many('other', {nope: 'id'})})})
// @ts-expect-error a relationship by an unknown column of the own table
defineSchema({one, other}, {one: ({many}) => ({x: many('other', {id: 'nope'})})})
// @ts-expect-error a relationship between columns of different types
defineSchema({one, other}, {one: ({many}) => ({x: many('other', {n: 'n'})})})
// @ts-expect-error relationships of an unknown table
defineSchema({one, other}, {nope: () => ({})})

// Queries.
// @ts-expect-error an unknown table
q.nope
// @ts-expect-error an unknown column
q.todo.where('nope', 1)
// @ts-expect-error a value of another type
q.todo.where('done', 'yes')
// @ts-expect-error a comparison with null, which matches nothing
q.board.where('owner', null)
// @ts-expect-error a comparison with what may be undefined
q.board.where('owner', undefined as string | undefined)
// @ts-expect-error an unknown operator
q.todo.where('rank', '==', 1)
// @ts-expect-error an operator for text on a number
q.todo.where('rank', 'like', '%1%')
// @ts-expect-error an order of booleans
q.todo.where('done', '<', true)
// @ts-expect-error an order of an enumeration
q.todo.where('priority', '>', 'low')
// @ts-expect-error an equality of JSON
q.board.where('doc', '=', {nodes: {}, order: [], title: ''})
// @ts-expect-error an array for an operator that takes one value
q.todo.where('rank', '=', [1])
// @ts-expect-error one value for an operator that takes an array
q.todo.where('rank', 'in', 1)
// @ts-expect-error an array of another type
q.todo.where('rank', 'not in', ['1'])
// @ts-expect-error a value that the enumeration lacks
q.todo.where('priority', 'middle')
// @ts-expect-error a number for a bigint
q.todo.where('votes', '>', 3)
// @ts-expect-error `is` with a value of another type
q.todo.where('rank', 'is', 'x')
// @ts-expect-error an unknown column in a callback
q.todo.where(({cmp}) => cmp('nope', 1))
// @ts-expect-error a value of another type in a callback
q.todo.where(({or, cmp}) => or(cmp('done', true), cmp('rank', '<', 'x')))
// @ts-expect-error a callback without condition
q.todo.where(() => true)
// @ts-expect-error a condition on another table
q.todo.where(() => q.board.where(({cmp}) => cmp('title', 'x')))
// @ts-expect-error an order by an unknown column
q.todo.orderBy('nope')
// @ts-expect-error an order by JSON
q.todo.orderBy('tags')
// @ts-expect-error an unknown direction
q.todo.orderBy('rank', 'up')
// @ts-expect-error a limit that is not a number
q.todo.limit('10')
// @ts-expect-error a column that the result lacks
ctx.run(() => q.todo.one())?.nope
// @ts-expect-error one row is not an array
ctx.run(() => q.todo.one()).length
// @ts-expect-error a named query must give a query
defineQueries(schema, {bad: () => 3})
// @ts-expect-error a named query declares the type of its arguments
defineQueries(schema, {bad: (q, {id}) => q.todo.where('id', id)})
// @ts-expect-error a named query with an unknown column
defineQueries(schema, {bad: q => q.todo.where('nope', 1)})
// @ts-expect-error a missing argument
queries.board()
// @ts-expect-error an argument of another type
queries.board({id: 3})
// @ts-expect-error an argument that the validator does not take
queries.todo.ranked({from: 'x'})
// @ts-expect-error an argument for a query that takes none
queries.open({id: 'x'})
// @ts-expect-error an unknown query
queries.nope()

// Relationships.
defineSchema(
  {one, other},
  {
    // @ts-expect-error a relationship without what matches
    one: ({many}) => ({x: many('other')}),
  },
)
// @ts-expect-error a junction that is no table
defineSchema({one, other}, {one: ({many}) => ({x: many('other').through('nope', {}, {})})})
defineSchema(
  {one, other},
  {
    // @ts-expect-error a column that the junction lacks
    one: ({many}) => ({x: many('other').through('one', {nope: 'id'}, {id: 'id'})}),
  },
)
defineSchema(
  {one, other},
  {
    // @ts-expect-error a column of another type behind the junction
    one: ({many}) => ({x: many('other').through('one', {id: 'id'}, {n: 'n'})}),
  },
)
// @ts-expect-error an unknown relationship
q.board.related('nope')
// @ts-expect-error a relationship of another table
q.todo.related('todos')
// @ts-expect-error a relationship where the schema has none
q.counter.related('todos')
// @ts-expect-error a query of another table
q.board.related('todos', () => q.board)
// @ts-expect-error no query
q.board.related('todos', () => 3)
// @ts-expect-error an unknown column of the other table
q.board.related('todos', todos => todos.where('owner', 'x'))
// @ts-expect-error the same name twice
q.board.related('todos').related('todos')
// @ts-expect-error an alias that is a column
q.board.related('todos', todos => todos, {as: 'title'})
// @ts-expect-error an alias that is there already
q.board.related('members').related('todos', todos => todos, {as: 'members'})
// @ts-expect-error a member that the result lacks
ctx.run(() => q.board.related('todos').one())?.members
// @ts-expect-error a row that may be missing
ctx.run(() => q.todo.related('board'))[0]!.board.title
// @ts-expect-error one row is not a list
ctx.run(() => q.todo.related('board'))[0]!.board?.length
// @ts-expect-error an unknown relationship
q.board.whereExists('nope')
// @ts-expect-error a column that the other table lacks
q.board.whereNotExists('todos', todos => todos.where('owner', 'x'))
// @ts-expect-error an order, which exists does not have
q.board.whereExists('todos', todos => todos.orderBy('rank'))
// @ts-expect-error a query of another table
q.board.whereExists('todos', () => q.board)
// @ts-expect-error an unknown relationship in a callback
q.board.where(({exists}) => exists('nope'))
// @ts-expect-error a condition on another table in a callback
q.board.where(({exists}) => exists('todos', () => q.member))

// Where a result begins.
// @ts-expect-error a start without the primary key
q.todo.start({})
// @ts-expect-error a start without a column of the order
q.todo.orderBy('rank').start({id: 't'})
// @ts-expect-error a start with a value of another type
q.todo.orderBy('rank').start({id: 't', rank: '1'})
// @ts-expect-error an order behind the start
q.todo.orderBy('rank').start({id: 't', rank: 1}).orderBy('title')
// @ts-expect-error an unknown option
q.todo.start({id: 't'}, {exclusive: true})

// Aggregates.
// @ts-expect-error a sum of text
q.todo.sum('title')
// @ts-expect-error a sum of moments
q.board.sum('createdAt')
// @ts-expect-error an average of booleans
q.todo.avg('done')
// @ts-expect-error a minimum of JSON
q.todo.min('tags')
// @ts-expect-error a maximum of an unknown column
q.todo.max('nope')
// @ts-expect-error two counts of one name
q.todo.count().count()
// @ts-expect-error two sums of one name
q.todo.sum('rank').sum('rank')
// @ts-expect-error an alias that is taken
q.todo.count('n').max('rank', 'n')
// @ts-expect-error an alias that is a column of the groups
q.todo.groupBy('rank').count('rank')
// @ts-expect-error groups by JSON
q.todo.groupBy('tags')
// @ts-expect-error groups by an unknown column
q.todo.groupBy('nope')
// @ts-expect-error groups without an aggregate are no query
ctx.run(() => q.todo.groupBy('done'))
// @ts-expect-error related rows of an aggregation
q.board.count().related('todos')
// @ts-expect-error a start of an aggregation
q.todo.count().start({id: 't'})
// @ts-expect-error one of an aggregation
q.todo.groupBy('done').count().one()
// @ts-expect-error an aggregate of what a limit left
q.todo.limit(3).count()
// @ts-expect-error an aggregate of ordered rows
q.todo.orderBy('rank').max('rank')
// @ts-expect-error an order by what is not in the groups
q.todo.groupBy('done').count().orderBy('rank')
// @ts-expect-error a limit without groups
q.todo.count().limit(3)
// @ts-expect-error a sum of nothing is null
ctx.run(() => q.todo.sum('rank')).sum_rank.toFixed()
// @ts-expect-error a sum of bigints is one
ctx.run(() => q.todo.groupBy('done').sum('votes'))[0]!.sum_votes satisfies number

// Parts of documents.
// @ts-expect-error a path into a column that is not JSON
q.todo.where(['title', 'x'], 'x')
// @ts-expect-error a path of no steps
q.board.where(['doc'], 'is', null)
// @ts-expect-error a member that is not there
q.board.where(['doc', 'nope'], 'x')
// @ts-expect-error a name where an index is meant
q.board.where(['doc', 'order', 'first'], 'x')
// @ts-expect-error an object, which does not compare
q.board.where(['doc', 'nodes', 'n', 'position'], 'x')
// @ts-expect-error a value of another type
q.board.where(['doc', 'nodes', 'n', 'size'], 'x')
// @ts-expect-error an operator for text on a number
q.board.where(['doc', 'nodes', 'n', 'size'], 'like', 'x')
// @ts-expect-error an order of booleans
q.board.where(['doc', 'settings', 'grid'], '<', true)
// @ts-expect-error a comparison with null, which matches nothing
q.board.where(['doc', 'title'], '=', null)
// @ts-expect-error an array of another type
q.board.where(({cmp}) => cmp(['doc', 'title'], 'in', [1]))

// Rows.
declare const todo: Row<S, 'todo'>
// @ts-expect-error rows are shared and not to be changed
todo.title = 'x'
// @ts-expect-error an unknown table
tx.nope.get('x')
// @ts-expect-error tx holds tables and nothing else
tx.commit()
// @ts-expect-error a key of another type
tx.todo.get(3)
// @ts-expect-error a part of a compound key
tx.member.get({boardID: 'b'})
// @ts-expect-error a value for a compound key
tx.member.delete('b')
// @ts-expect-error a row may be missing
tx.todo.get('t').title
// @ts-expect-error a missing column
tx.todo.insert({id: 't', boardID: 'b', rank: 1})
// @ts-expect-error an unknown column
tx.todo.insert({id: 't', boardID: 'b', title: '', rank: 1, nope: 1})
// @ts-expect-error null for a column that is not optional
tx.todo.insert({id: 't', boardID: 'b', title: null, rank: 1})
// @ts-expect-error a value that the enumeration lacks
tx.todo.upsert({id: 't', boardID: 'b', title: '', rank: 1, priority: 'x'})
// @ts-expect-error an update without its key
tx.todo.update({title: 'x'})
// @ts-expect-error an update without a part of its key
tx.member.update({boardID: 'b', level: 1})
// @ts-expect-error an update with a value of another type
tx.todo.update({id: 't', done: 1})
// @ts-expect-error a part of a document
tx.board.update({id: 'b', doc: {title: 'x'}})

// Paths.
// @ts-expect-error a path into a column that is not JSON
tx.board.set('b', ['title', 'x'], 1)
// @ts-expect-error a path of no column
tx.board.set('b', [], 1)
// @ts-expect-error an unknown member
tx.board.set('b', ['doc', 'nodez', 'n'], 1)
// @ts-expect-error an unknown member, deep
tx.board.set('b', ['doc', 'nodes', 'n', 'position', 'z'], 1)
// @ts-expect-error a name for an array's index
tx.board.set('b', ['doc', 'order', 'first'], 'n')
// @ts-expect-error a step below a number
tx.board.set('b', ['doc', 'nodes', 'n', 'size', 'x'], 1)
// @ts-expect-error a value of another type
tx.board.set('b', ['doc', 'nodes', 'n', 'position', 'x'], '1')
// @ts-expect-error a part of the value
tx.board.set('b', ['doc', 'nodes', 'n', 'position'], {x: 1})
// @ts-expect-error too much of a value
tx.board.set('b', ['doc', 'nodes', 'n', 'position'], {x: 1, y: 1, z: 1})
// @ts-expect-error undefined is for unset
tx.board.set('b', ['doc', 'nodes', 'n', 'label'], undefined)
// @ts-expect-error a value of another type in a recursive document
tx.board.set('b', ['tree', 'children', 0, 'children', 0, 'value'], 'x')
// @ts-expect-error a path that is a list of any names
tx.board.set('b', ['doc', ...['nodes', 'n']], 1)
// @ts-expect-error a member that must be there
tx.board.unset('b', ['doc', 'title'])
// @ts-expect-error an element of an array
tx.board.unset('b', ['doc', 'order', 0])
// @ts-expect-error the column itself
tx.board.unset('b', ['tree'])
// @ts-expect-error a merge into an array
tx.board.merge('b', ['doc', 'order'], {})
// @ts-expect-error a merge of an unknown member
tx.board.merge('b', ['doc', 'nodes', 'n'], {nope: 1})
// @ts-expect-error a merge of a member of another type
tx.board.merge('b', ['doc', 'nodes', 'n'], {size: '1'})
// @ts-expect-error an increment of text
tx.board.increment('b', ['doc', 'title'], 1)
// @ts-expect-error an increment by text
tx.board.increment('b', ['doc', 'nodes', 'n', 'size'], '1')
// @ts-expect-error an increment of a column that is not JSON
tx.todo.increment('t', ['rank'], 1)
// @ts-expect-error a splice of an object
tx.board.splice('b', ['doc', 'nodes'], 0, 0)
// @ts-expect-error a splice of elements of another type
tx.board.splice('b', ['doc', 'order'], 0, 0, 1)

// Mutators.
// @ts-expect-error an asynchronous mutator
defineMutators(schema, {bad: async tx => tx.todo.delete('t')})
// @ts-expect-error a mutator that returns a promise
defineMutators(schema, {bad: () => Promise.resolve(1)})
// @ts-expect-error an asynchronous mutator in a namespace
defineMutators(schema, {todo: {bad: async () => await Promise.resolve()}})
// @ts-expect-error an asynchronous mutator with a validator
defineMutators(schema, ({mutator}) => ({bad: mutator(z.object({}), async () => {})}))
// @ts-expect-error a mutator declares the type of its arguments
defineMutators(schema, {bad: (tx, {id}) => tx.todo.delete(id)})
// @ts-expect-error a mutator that is not a function
defineMutators(schema, {bad: 3})
// @ts-expect-error a validator's output is checked
defineMutators(schema, ({mutator}) => ({bad: mutator(z.number(), (tx, n) => tx.todo.get(n))}))
// @ts-expect-error a validator that is none
defineMutators(schema, ({mutator}) => ({bad: mutator({}, () => undefined)}))
// @ts-expect-error a missing argument
mutate.todo.add()
// @ts-expect-error an incomplete argument
mutate.todo.add({id: 't', boardID: 'b'})
// @ts-expect-error an unknown mutator
mutate.todo.nope({})
// @ts-expect-error an argument that the validator does not take
mutate.todo.rename({id: 3})
// @ts-expect-error a result of another type
mutate.todo.vote({id: 't', by: 1n}).result satisfies string
// @ts-expect-error an argument for a mutator that takes none
mutate.board.clear({id: 'b'})
// @ts-expect-error ctx is the same in every run
ctx.timestamp = 3
// @ts-expect-error an unknown claim may be anything
ctx.auth?.['role'] satisfies string

// Apps.
const foreign = defineSchema({x: table({id: string()}).primaryKey('id')})
// @ts-expect-error queries of another schema
defineApp({schema: foreign, queries, mutators: defineMutators(foreign, {})})
// @ts-expect-error mutators of another schema
defineApp({schema, queries, mutators: defineMutators(foreign, {})})
// @ts-expect-error an app without mutators
defineApp({schema, queries})
