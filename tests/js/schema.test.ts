import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {bigint, defineSchema, enumeration, json, number, string, table} from 'tidemark'
import {schema} from './sample-app.js'

const id = string()
// What got past the compiler: definitions as plain JavaScript makes them.
const loosely = defineSchema as unknown as (...args: unknown[]) => unknown

describe('defineSchema', () => {
  it('gives the schema document', () => {
    const [board, todo, member] = schema.document.tables
    assert.deepEqual(board, {
      name: 'board',
      from: 'app.boards',
      columns: [
        {name: 'id', type: 'string'},
        {name: 'title', type: 'string'},
        {name: 'doc', type: 'json'},
        {name: 'tree', type: 'json', optional: true},
        {name: 'createdAt', type: 'timestamp', from: 'created_at'},
        {name: 'owner', type: 'string', optional: true},
      ],
      primaryKey: ['id'],
      indexes: [],
      uniques: [],
      relationships: [
        {name: 'todos', kind: 'many', table: 'todo', match: {id: 'boardID'}},
        {name: 'members', kind: 'many', table: 'member', match: {id: 'boardID'}},
      ],
    })
    assert.deepEqual(todo?.columns.slice(3, 9), [
      {name: 'done', type: 'boolean', default: false},
      {name: 'rank', type: 'number'},
      {name: 'votes', type: 'bigint', default: '0'},
      {name: 'due', type: 'date', optional: true},
      {name: 'priority', type: 'enumeration', values: ['low', 'high'], default: 'low'},
      {name: 'tags', type: 'json', optional: true},
    ])
    assert.deepEqual(todo?.indexes, [['boardID', 'rank']])
    assert.deepEqual(todo?.uniques, [['title']])
    assert.deepEqual(todo?.relationships, [
      {name: 'board', kind: 'one', table: 'board', match: {boardID: 'id'}},
      {
        name: 'labels',
        kind: 'many',
        table: 'label',
        match: {id: 'todoID'},
        through: {table: 'todoLabel', match: {labelID: 'id'}},
      },
      {
        name: 'topLabel',
        kind: 'one',
        table: 'label',
        match: {id: 'todoID'},
        through: {table: 'todoLabel', match: {labelID: 'id'}},
      },
    ])
    assert.deepEqual(member?.primaryKey, ['boardID', 'userID'])
    assert.equal('from' in (member ?? {}), false)
  })

  it('leaves a column as it was when a method makes a new one', () => {
    const plain = number()
    plain.optional().default(3).from('other')
    assert.deepEqual(plain.definition, {type: 'number'})
  })

  const wrong: [what: string, make: () => unknown, message: RegExp][] = [
    ['no table', () => defineSchema({}), /at least one table/],
    ['a bad table name', () => loosely({'to do': table({id}).primaryKey('id')}), /table "to do"/],
    [
      'a reserved table name',
      () => defineSchema({tidemark_x: table({id}).primaryKey('id')}),
      /names that begin with sqlite_ or tidemark_ are reserved/,
    ],
    [
      'a name that is too long',
      () => defineSchema({['t'.repeat(64)]: table({id}).primaryKey('id')}),
      /a name has at most 63 characters/,
    ],
    [
      'a bad column name',
      () => defineSchema({t: table({id, 'a-b': string()}).primaryKey('id')}),
      /table "t": column "a-b"/,
    ],
    ['no primary key', () => loosely({t: table({id})}), /table "t" has no primary key/],
    [
      'a primary key of an unknown column',
      () => loosely({t: table({id}).primaryKey('nope' as 'id')}),
      /table "t": the primary key names no column "nope"/,
    ],
    [
      'a primary key with a column twice',
      () => defineSchema({t: table({id}).primaryKey('id', 'id')}),
      /a column is in the primary key twice/,
    ],
    [
      'an optional column in the primary key',
      () => loosely({t: table({id: id.optional()}).primaryKey('id' as never)}),
      /"id" of the primary key is optional/,
    ],
    [
      'a JSON column in an index',
      () =>
        loosely({
          t: table({id, j: json()})
            .primaryKey('id')
            .index('j' as 'id'),
        }),
      /the JSON column "j" cannot be in the index/,
    ],
    [
      'an enumeration with a value twice',
      () => defineSchema({t: table({id, e: enumeration('a', 'a')}).primaryKey('id')}),
      /t\.e: an enumeration has at least one value and none twice/,
    ],
    [
      'a database name of three parts',
      () => defineSchema({t: table({id}).primaryKey('id').from('a.b.c')}),
      /from\("a\.b\.c"\) must be 'table' or 'schema\.table'/,
    ],
    ['a default that is not JSON', () => number().default(NaN), /a column default is NaN/],
  ]
  for (const [what, make, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(make, {message}))
  }

  it('refuses relationships that do not hold', () => {
    const tables = {
      a: table({id, n: bigint()}).primaryKey('id'),
      b: table({id, a: string()}).primaryKey('id'),
    }
    type Many = {many: (table: string, match: Record<string, string>) => unknown}
    const relate = (table: string, match: Record<string, string>, name = 'x') =>
      loosely(tables, {a: ({many}: Many) => ({[name]: many(table, match)})})
    assert.throws(() => relate('c', {id: 'id'}), {message: 'a.x: there is no table "c"'})
    assert.throws(() => relate('b', {c: 'id'}), {message: 'a.x: "b" has no column "c"'})
    assert.throws(() => relate('b', {a: 'c'}), {message: 'a.x: "a" has no column "c"'})
    assert.throws(() => relate('b', {a: 'n'}), /a\.n \(bigint\) cannot match b\.a \(string\)/)
    assert.throws(() => relate('b', {}), /a relationship matches columns/)
    assert.throws(() => relate('b', {a: 'id'}, 'n'), /a column has the same name/)
    assert.throws(() => loosely(tables, {c: () => ({})}), /relationships of no table "c"/)
  })

  it('refuses junctions that do not hold', () => {
    const tables = {
      a: table({id}).primaryKey('id'),
      b: table({id, n: bigint()}).primaryKey('id'),
      ab: table({a: string(), b: string()}).primaryKey('a', 'b'),
    }
    type Match = Record<string, string>
    type Through = {through: (table: string, own: Match, other: Match) => unknown}
    type Many = {many: (table: string) => Through}
    const relate = (junction: string, own: Match, other: Match) =>
      loosely(tables, {a: ({many}: Many) => ({x: many('b').through(junction, own, other)})})
    relate('ab', {a: 'id'}, {b: 'id'})
    assert.throws(() => relate('c', {}, {}), /a\.x: a relationship matches columns/)
    assert.throws(() => relate('c', {a: 'id'}, {b: 'id'}), /a\.x: there is no table "c"/)
    assert.throws(() => relate('ab', {c: 'id'}, {b: 'id'}), /a\.x: "ab" has no column "c"/)
    assert.throws(() => relate('ab', {a: 'c'}, {b: 'id'}), /a\.x: "a" has no column "c"/)
    assert.throws(() => relate('ab', {a: 'id'}, {b: 'c'}), /a\.x: "b" has no column "c"/)
    assert.throws(() => relate('ab', {a: 'id'}, {b: 'n'}), /ab\.b \(string\) cannot match b\.n/)
    assert.throws(() => relate('ab', {a: 'id'}, {}), /a\.x: a relationship matches columns/)
    const none = () => loosely(tables, {a: ({many}: Many) => ({x: many('b')})})
    assert.throws(none, /a\.x: say what matches, or \.through/)
  })
})
