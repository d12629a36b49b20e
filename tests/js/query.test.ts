import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {defineQueries, MutationError} from 'tidemark'
import type {QueryRoots} from 'tidemark'
import {queries, schema} from './sample-app.js'

// The roots, as a named query gets them.
let q!: QueryRoots<typeof schema>
defineQueries(schema, {
  take: roots => {
    q = roots
    return roots.todo
  },
})
  .take()
  .ast()

const invalid = (message: string | RegExp) => ({
  name: 'MutationError',
  code: 'invalid_args',
  message,
})
// A query of what got past the compiler.
const loose = () => q as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>

describe('query builder', () => {
  it('says nothing that was not said', () => assert.deepEqual(q.todo.ast, {table: 'todo'}))

  it('compares with = by default', () => {
    assert.deepEqual(q.todo.where('done', false).ast.where, {op: '=', column: 'done', value: false})
  })

  it('takes every operator', () => {
    for (const op of [
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      'like',
      'not like',
      'ilike',
      'not ilike',
    ] as const) {
      assert.deepEqual(q.todo.where('title', op, 'a').ast.where, {op, column: 'title', value: 'a'})
    }
    for (const op of ['in', 'not in'] as const) {
      const value = ['a', 'b']
      assert.deepEqual(q.todo.where('title', op, value).ast.where, {op, column: 'title', value})
    }
    for (const op of ['is', 'is not'] as const) {
      assert.deepEqual(q.todo.where('due', op, null).ast.where, {op, column: 'due', value: null})
    }
  })

  it('takes any text as a pattern', () => {
    assert.deepEqual(q.todo.where('priority', 'like', 'l%').ast.where, {
      op: 'like',
      column: 'priority',
      value: 'l%',
    })
  })

  it('writes literals in their wire form', () => {
    assert.deepEqual(q.todo.where('votes', 'in', [1n, -(2n ** 63n)]).ast.where, {
      op: 'in',
      column: 'votes',
      value: ['1', '-9223372036854775808'],
    })
    const where = q.todo.where('rank', -0).ast.where
    assert.ok(where?.op === '=' && Object.is(where.value, 0))
  })

  it('ands several where', () => {
    const ast = q.todo.where('done', false).where('rank', '>', 1).where('title', 'x').ast
    assert.deepEqual(ast.where, {
      op: 'and',
      args: [
        {op: '=', column: 'done', value: false},
        {op: '>', column: 'rank', value: 1},
        {op: '=', column: 'title', value: 'x'},
      ],
    })
  })

  it('builds conditions with a callback', () => {
    const ast = q.todo.where(({and, or, not, cmp}) =>
      or(and(cmp('done', true), cmp('rank', '<', 3)), not(cmp('due', 'is', null)), or(), and()),
    ).ast
    assert.deepEqual(ast.where, {
      op: 'or',
      args: [
        {
          op: 'and',
          args: [
            {op: '=', column: 'done', value: true},
            {op: '<', column: 'rank', value: 3},
          ],
        },
        {op: 'not', arg: {op: 'is', column: 'due', value: null}},
        {op: 'or', args: []},
        {op: 'and', args: []},
      ],
    })
  })

  it('orders, limits and takes one', () => {
    assert.deepEqual(q.todo.orderBy('rank').orderBy('title', 'desc').limit(3).one().ast, {
      table: 'todo',
      orderBy: [
        ['rank', 'asc'],
        ['title', 'desc'],
      ],
      limit: 3,
      one: true,
    })
  })

  it('is immutable', () => {
    const base = q.todo.where('done', false)
    base.where('rank', 1).orderBy('rank').limit(1).one()
    assert.deepEqual(base.ast, {table: 'todo', where: {op: '=', column: 'done', value: false}})
    assert.ok(Object.isFrozen(base.ast))
  })

  it('refuses what does not fit, naming it', () => {
    const todo = loose()['todo'] as Record<string, (...args: unknown[]) => unknown>
    const wrong: [unknown[], RegExp][] = [
      [['nope', 1], /table "todo" has no column "nope"/],
      [['done', '==', 1], /there is no operator ==/],
      [['done', 'yes'], /todo\.done takes a boolean, not "yes"/],
      [['rank', '<', NaN], /todo\.rank takes a finite number, not NaN/],
      [['rank', undefined], /todo\.rank is compared with undefined/],
      [['rank', 'in', 3], /'in' takes an array, and todo\.rank got a number/],
      [['rank', 'in', [1, '2']], /todo\.rank takes a number, not "2"/],
      [['rank', 'like', 'x'], /'like' needs text, and todo\.rank is a number/],
      [['tags', '=', []], /todo\.tags is JSON/],
      [['votes', 3], /todo\.votes takes a bigint, not 3/],
      [['votes', 2n ** 63n], /todo\.votes takes a bigint of 64 bits/],
      [['due', '2026-02-30'], /todo\.due takes YYYY-MM-DD, not "2026-02-30"/],
      [['priority', 'middle'], /todo\.priority takes one of "low", "high", not "middle"/],
      [['title', '\ud800'], /todo\.title is text with half a surrogate pair/],
      [[() => true], /a condition is made by cmp, and, or, not; this is a boolean/],
    ]
    for (const [args, message] of wrong) {
      assert.throws(() => todo['where']?.(...args), invalid(message))
    }
    assert.throws(() => todo['orderBy']?.('nope'), invalid(/has no column "nope"/))
    assert.throws(() => todo['orderBy']?.('tags'), invalid(/todo\.tags is JSON/))
    assert.throws(() => todo['orderBy']?.('rank', 'up'), invalid(/'asc' or 'desc'/))
    for (const rows of [-1, 1.5, NaN, '3', 2 ** 32]) {
      assert.throws(() => todo['limit']?.(rows), invalid(/limit takes a whole number/))
    }
  })
})

describe('named queries', () => {
  it('are values of name, arguments and result', () => {
    const request = queries.board({id: 'b1'})
    assert.equal(request.name, 'board')
    assert.deepEqual(request.args, {id: 'b1'})
    assert.equal(request.argsJson, '{"id":"b1"}')
    assert.deepEqual(request.ast(), {
      table: 'board',
      where: {op: '=', column: 'id', value: 'b1'},
      one: true,
    })
  })

  it('have dotted names in namespaces', () => {
    assert.equal(queries.todo.voted({least: 1n}).name, 'todo.voted')
  })

  it('have equal keys for equal arguments in any order', () => {
    const one = queries.todo.ranked({from: 1, to: 2})
    const other = queries.todo.ranked({to: 2, from: 1})
    assert.equal(one.key, other.key)
    assert.notEqual(one.key, queries.todo.ranked({from: 2, to: 1}).key)
    assert.equal(queries.mine().key, queries.mine({}).key)
    assert.notEqual(queries.open().key, queries.mine().key)
  })

  it('take bigints as arguments', () => {
    const request = queries.todo.voted({least: 2n ** 60n})
    assert.equal(request.argsJson, '{"least":{"$bigint":"1152921504606846976"}}')
    assert.deepEqual(request.ast().where, {op: '>=', column: 'votes', value: '1152921504606846976'})
  })

  it('see who asks', () => {
    const owner = (value: string) => ({op: '=', column: 'owner', value})
    assert.deepEqual(queries.mine().ast().where, owner(''))
    const context = {auth: {sub: 'u1'}, location: 'client'} as const
    assert.deepEqual(queries.mine().ast(context).where, owner('u1'))
  })

  it('apply the validator, whose input is what travels', () => {
    const request = queries.todo.ranked({from: 1})
    assert.equal(request.argsJson, '{"from":1}')
    const where = request.ast().where
    assert.deepEqual(where?.op === 'and' && where.args[1], {op: '<', column: 'rank', value: 10})
  })

  it('refuse arguments that are not JSON at the call', () => {
    const bad = queries.board as unknown as (args: unknown) => unknown
    assert.throws(() => bad({id: new Date(0)}), invalid('board.id is a Date, which is not JSON'))
  })

  it('refuse names that cannot be dotted', () => {
    assert.throws(
      () => defineQueries(schema, {'a.b': q => q.todo}),
      /query "a\.b": .* cannot be a name/,
    )
  })

  it('refuse what is not a query', () => {
    const bad = defineQueries(schema, {bad: () => 3 as unknown as typeof q.todo})
    assert.throws(() => bad.bad().ast(), MutationError)
  })
})
