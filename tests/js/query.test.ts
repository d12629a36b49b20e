import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {defineQueries, MutationError} from 'tidemark'
import type {QueryAst, QueryRoots} from 'tidemark'
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
type Loose = (...args: unknown[]) => unknown
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
      [['tags', '=', []], /todo\.tags is JSON: .*\['tags', …\]/],
      [['votes', 3], /todo\.votes takes a bigint, not 3/],
      [['votes', 2n ** 63n], /todo\.votes takes a bigint of 64 bits/],
      [['due', '2026-02-30'], /todo\.due takes YYYY-MM-DD, not "2026-02-30"/],
      [['priority', 'middle'], /todo\.priority takes one of "low", "high", not "middle"/],
      [['title', '\ud800'], /todo\.title is text with half a surrogate pair/],
      [[() => true], /a condition is made by cmp, and, or, not, exists; this is a boolean/],
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

describe('related queries', () => {
  const related = (ast: QueryAst) => ast.related

  it('are the whole table when nothing is said', () => {
    assert.deepEqual(q.board.related('todos').ast, {
      table: 'board',
      related: [{relationship: 'todos', as: 'todos', query: {table: 'todo'}}],
    })
  })

  it('say what they are, at any depth', () => {
    const ast = q.board.related('todos', todos =>
      todos
        .where('done', false)
        .orderBy('rank')
        .limit(3)
        .related('labels', labels => labels.orderBy('name').related('todos')),
    ).ast
    const todos = {relationship: 'todos', as: 'todos', query: {table: 'todo'}}
    assert.deepEqual(related(ast), [
      {
        relationship: 'todos',
        as: 'todos',
        query: {
          table: 'todo',
          where: {op: '=', column: 'done', value: false},
          orderBy: [['rank', 'asc']],
          limit: 3,
          related: [
            {
              relationship: 'labels',
              as: 'labels',
              query: {table: 'label', orderBy: [['name', 'asc']], related: [todos]},
            },
          ],
        },
      },
    ])
  })

  it('are one row where the relationship is, and a whole aggregation', () => {
    const one = related(q.todo.related('board').ast)
    assert.deepEqual(one?.[0]?.query, {table: 'board', one: true})
    const count = related(q.todo.related('board', board => board.count()).ast)
    assert.deepEqual(count?.[0]?.query, {
      table: 'board',
      aggregates: [{function: 'count', as: 'count'}],
    })
  })

  it('are in the order of their names, each once', () => {
    const query = q.board.related('todos').related('members')
    const ast = query.related('todos', todos => todos.where('done', true), {as: 'Done'}).ast
    assert.deepEqual(
      related(ast)?.map(({as, relationship}) => [as, relationship]),
      [
        ['Done', 'todos'],
        ['members', 'members'],
        ['todos', 'todos'],
      ],
    )
  })

  it('are conditions, too', () => {
    const labelled = {op: 'exists', relationship: 'labels', query: {table: 'label'}}
    assert.deepEqual(q.todo.whereExists('labels').ast.where, labelled)
    assert.deepEqual(q.todo.whereNotExists('labels').ast.where, {op: 'not', arg: labelled})
    const ast = q.todo.where('done', true).where(({or, exists}) =>
      or(
        exists('labels'),
        exists('board', board => board.where('title', 'x').whereNotExists('members')),
      ),
    ).ast
    const noMembers = {
      op: 'not',
      arg: {op: 'exists', relationship: 'members', query: {table: 'member'}},
    }
    const where = {op: 'and', args: [{op: '=', column: 'title', value: 'x'}, noMembers]}
    assert.deepEqual(ast.where, {
      op: 'and',
      args: [
        {op: '=', column: 'done', value: true},
        {
          op: 'or',
          args: [labelled, {op: 'exists', relationship: 'board', query: {table: 'board', where}}],
        },
      ],
    })
  })

  it('refuse what does not fit, naming it', () => {
    const {board, todo} = loose() as Record<'board' | 'todo', Record<string, Loose>>
    const wrong: [() => unknown, RegExp][] = [
      [() => board['related']?.('nope'), /table "board" has no relationship "nope"/],
      [() => board['whereExists']?.('todo'), /table "board" has no relationship "todo"/],
      [() => board['related']?.('todos', 3), /"todos" of "board" takes a function, not a number/],
      [() => board['related']?.('todos', () => q.board), /the function gives a query of "todo"/],
      [
        () => board['related']?.('todos', () => q.todo, {as: 'title'}),
        /"title" of "board": a column has this name/,
      ],
      [
        () => board['related']?.('todos', () => q.todo, {as: 'no name'}),
        /"no name": a name is letters/,
      ],
      [
        () => (board['related']?.('todos') as typeof board)['related']?.('todos'),
        /"todos" of "board" is there already/,
      ],
      [
        () => board['related']?.('todos', () => todo['groupBy']?.('done')),
        /related: "todos" of "board": groupBy needs an aggregate/,
      ],
      [
        () => board['whereExists']?.('todos', () => q.todo.limit(3)),
        /exists: "todos" of "board" takes conditions only, and not limit/,
      ],
    ]
    for (const [call, message] of wrong) assert.throws(call, invalid(message))
  })
})

describe('starts', () => {
  it('have the columns that decide, in their wire form', () => {
    const query = q.todo.where('done', false).orderBy('votes', 'desc').orderBy('due')
    const row = {id: 't', votes: 2n ** 62n, due: null, title: 'not asked'}
    assert.deepEqual(query.start(row).limit(2).ast.start, {
      row: {votes: '4611686018427387904', due: null, id: 't'},
      inclusive: false,
    })
    assert.deepEqual(q.todo.start({id: 't'}, {inclusive: true}).ast.start, {
      row: {id: 't'},
      inclusive: true,
    })
  })

  it('end where the primary key is complete', () => {
    const start = q.member.orderBy('userID').orderBy('boardID').orderBy('level').ast
    assert.equal(start.orderBy?.length, 3)
    const row = {userID: 'u', boardID: 'b', level: 3}
    assert.deepEqual(
      q.member.orderBy('userID').orderBy('boardID').orderBy('level').start(row).ast.start?.row,
      {userID: 'u', boardID: 'b'},
    )
  })

  it('refuse what does not fit, naming it', () => {
    const {todo} = loose() as Record<'todo', Record<string, Loose>>
    const ordered = q.todo.orderBy('rank') as unknown as typeof todo
    assert.throws(() => ordered['start']?.({id: 't'}), invalid(/start: todo\.rank is in the order/))
    assert.throws(
      () => ordered['start']?.({id: 't', rank: 'x'}),
      invalid(/todo\.rank takes a number/),
    )
    assert.throws(
      () => ordered['start']?.({id: null, rank: 1}),
      invalid(/todo\.id .*cannot be null/),
    )
    assert.throws(() => todo['start']?.('t'), invalid(/start takes a row of "todo", not a string/))
    const started = q.todo.start({id: 't'}) as unknown as typeof todo
    assert.throws(() => started['orderBy']?.('rank'), invalid(/todo\.rank comes after start/))
  })
})

describe('aggregates', () => {
  it('have names of their own, and groups', () => {
    assert.deepEqual(
      q.todo.where('done', true).groupBy('boardID').count().sum('votes').max('rank', 'top').ast,
      {
        table: 'todo',
        where: {op: '=', column: 'done', value: true},
        groupBy: ['boardID'],
        aggregates: [
          {function: 'count', as: 'count'},
          {function: 'sum', column: 'votes', as: 'sum_votes'},
          {function: 'max', column: 'rank', as: 'top'},
        ],
      },
    )
    const ast = q.todo.min('due').avg('rank').groupBy('done').groupBy('priority', 'done').ast
    assert.deepEqual(ast.groupBy, ['done', 'priority'])
    assert.deepEqual(
      ast.aggregates?.map(({as}) => as),
      ['min_due', 'avg_rank'],
    )
    assert.deepEqual(q.todo.count().groupBy('done').orderBy('done', 'desc').limit(1).ast.orderBy, [
      ['done', 'desc'],
    ])
  })

  it('refuse what does not fit, naming it', () => {
    const {todo, counted, grouped, limited} = {
      ...loose(),
      counted: q.todo.count(),
      grouped: q.todo.groupBy('done'),
      limited: q.todo.limit(3),
    } as unknown as Record<string, Record<string, Loose>>
    const wrong: [() => unknown, RegExp][] = [
      [() => todo?.['sum']?.('title'), /sum: todo\.title is a string/],
      [() => todo?.['avg']?.('due'), /avg: todo\.due is a date/],
      [() => todo?.['min']?.('done'), /min: todo\.done is a boolean/],
      [() => todo?.['max']?.('nope'), /table "todo" has no column "nope"/],
      [() => todo?.['count']?.('a b'), /count "a b": a name is letters/],
      [() => counted?.['count']?.(), /"count" is there already/],
      [() => grouped?.['count']?.('done'), /"done" is there already/],
      [() => todo?.['groupBy']?.('tags'), /groupBy: todo\.tags is JSON/],
      [() => counted?.['related']?.('labels'), /related: an aggregation of "todo" has groups/],
      [() => counted?.['start']?.({id: 't'}), /start: an aggregation/],
      [() => grouped?.['one']?.(), /one: an aggregation/],
      [() => counted?.['limit']?.(3), /without groups is one object/],
      [() => limited?.['count']?.(), /count: comes before limit/],
      [() => limited?.['groupBy']?.('done'), /groupBy: comes before limit/],
      [() => grouped?.['orderBy']?.('rank'), /groups are ordered by their own columns/],
    ]
    for (const [call, message] of wrong) assert.throws(call, invalid(message))
    const bad = defineQueries(schema, {bad: () => q.todo.groupBy('done') as never})
    assert.throws(
      () => bad.bad().ast(),
      invalid('query "bad": groupBy needs an aggregate: count, sum, min, max or avg'),
    )
  })
})

describe('parts of documents', () => {
  it('compare with values of every type', () => {
    const path = (value: unknown, op = '=') => ({op, column: 'extra', path: ['a', 0, 'b'], value})
    for (const value of ['x', 3, true]) {
      assert.deepEqual(q.todo.where(['extra', 'a', 0, 'b'], value).ast.where, path(value))
      assert.deepEqual(
        q.todo.where(['extra', 'a', 0, 'b'], 'is not', value).ast.where,
        path(value, 'is not'),
      )
    }
    assert.deepEqual(q.todo.where(['extra', 'a', 0, 'b'], 'is', null).ast.where, path(null, 'is'))
    assert.deepEqual(
      q.todo.where(['extra', 'a', 0, 'b'], 'in', ['x', 'y']).ast.where,
      path(['x', 'y'], 'in'),
    )
    assert.deepEqual(
      q.todo.where(['extra', 'a', 0, 'b'], 'like', 'x%').ast.where,
      path('x%', 'like'),
    )
    assert.deepEqual(q.board.where(({cmp}) => cmp(['doc', 'title'], '<', 'x')).ast.where, {
      op: '<',
      column: 'doc',
      path: ['title'],
      value: 'x',
    })
  })

  it('refuse what does not fit, naming it', () => {
    const {todo} = loose() as Record<'todo', Record<string, Loose>>
    const wrong: [unknown[], RegExp][] = [
      [[['nope', 'a'], 1], /table "todo" has no column "nope"/],
      [[['title', 'a'], 1], /todo\.title is a string: paths go into JSON columns/],
      [[['extra'], 1], /a path into todo\.extra has a step at least/],
      [[['extra', -1], 1], /a path below todo\.extra takes names and indexes/],
      [[['extra', '\ud800'], 1], /a path below todo\.extra is text with half a surrogate/],
      [[['extra', 'a'], null], /todo\.extra\.a is compared with null: use 'is'/],
      [[['extra', 'a'], undefined], /todo\.extra\.a is compared with undefined/],
      [[['extra', 'a'], 3n], /todo\.extra\.a compares with text, finite numbers and booleans/],
      [[['extra', 'a'], Infinity], /todo\.extra\.a compares with .*, not Infinity/],
      [[['extra', 'a'], {}], /todo\.extra\.a compares with/],
      [[['extra', 'a'], '<', true], /booleans have no order/],
      [[['extra', 'a'], 'like', 3], /todo\.extra\.a takes a string, not 3/],
      [[['extra', 'a'], 'in', 3], /'in' takes an array, and todo\.extra\.a got a number/],
      [
        [['extra', 'a'], 'in', [1, 'x']],
        /todo\.extra\.a is compared with values of different types/,
      ],
      [[['extra', 'a'], 'near', 3], /there is no operator near/],
    ]
    for (const [args, message] of wrong) {
      assert.throws(() => todo['where']?.(...args), invalid(message))
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
