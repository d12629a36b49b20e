import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {
  defineApp,
  defineMutators,
  defineQueries,
  defineSchema,
  MutationError,
  string,
  table,
} from 'tidemark'
import type {MutatorContext, StandardSchema, Tx} from 'tidemark'
import {createAppRuntime} from 'tidemark/app'
import {fail, MemoryHost} from './memory-host.js'
import {app, queries, schema} from './sample-app.js'

type S = typeof schema

interface Outcome {
  ok: boolean
  result?: unknown
  error?: {code: string; appCode?: string; message: string; details?: unknown}
}

const ctx = {
  auth: {sub: 'u1'},
  clientID: 'c1',
  location: 'client',
  reason: 'optimistic',
  timestamp: 1_700_000_000_000,
}

/** Runs `mutate` as the mutator `m` of an app with the sample schema. */
function run(mutate: (tx: Tx<S>, args: never, ctx: MutatorContext<S>) => unknown, args?: unknown) {
  const host = new MemoryHost(schema.document)
  return {host, outcome: runOn(host, mutate, args)}
}

function runOn(
  host: MemoryHost,
  mutate: (tx: Tx<S>, args: never, ctx: MutatorContext<S>) => unknown,
  args: unknown = {},
): Outcome {
  const mutators = defineMutators(schema, {m: mutate as () => undefined})
  const runtime = createAppRuntime(defineApp({schema, queries, mutators}))
  return outcome(runtime.runMutator(host, 'm', JSON.stringify(args), JSON.stringify(ctx)))
}

const outcome = (json: string) => JSON.parse(json) as Outcome

const sample = createAppRuntime(app)
const call = (host: MemoryHost, name: string, args: string) =>
  outcome(sample.runMutator(host, name, args, JSON.stringify(ctx)))

const failed = (code: string, message: string | RegExp) => (result: Outcome) => {
  assert.equal(result.ok, false)
  assert.equal(result.error?.code, code)
  if (typeof message === 'string') assert.equal(result.error.message, message)
  else assert.match(result.error.message, message)
}

// A table's calls without their types, for what got past the compiler.
type Loose = Record<string, (...args: unknown[]) => unknown>

describe('describe', () => {
  it('tells schema, mutators and queries', () => {
    assert.deepEqual(JSON.parse(sample.describe()), {
      schema: schema.document,
      mutators: [
        'todo.add',
        'todo.rename',
        'todo.vote',
        'board.moveNode',
        'board.restore',
        'board.clear',
      ],
      queries: ['board', 'open', 'mine', 'todo.voted', 'todo.ranked'],
    })
  })
})

describe('writes', () => {
  it('are payloads of columns, bigints as text and undefined left out', () => {
    const {host, outcome} = run(tx => {
      tx.todo.insert({
        id: 't',
        boardID: 'b',
        title: 'x"y',
        rank: 1.5,
        votes: 2n ** 62n,
        due: null,
        tags: undefined,
      })
      tx.todo.upsert({id: 't', boardID: 'b', title: 'x', rank: 1, extra: {a: [1, null]}})
      tx.todo.update({id: 't', done: true, title: undefined})
      tx.todo.delete('t')
      tx.member.delete({userID: 'u', boardID: 'b'})
      tx.counter.delete(3n)
    })
    assert.deepEqual(outcome, {ok: true})
    assert.deepEqual(host.writes, [
      [
        'insert',
        'todo',
        {id: 't', boardID: 'b', title: 'x"y', rank: 1.5, votes: '4611686018427387904', due: null},
      ],
      ['upsert', 'todo', {id: 't', boardID: 'b', title: 'x', rank: 1, extra: {a: [1, null]}}],
      ['update', 'todo', {id: 't', done: true}],
      ['delete', 'todo', {id: 't'}],
      ['delete', 'member', {boardID: 'b', userID: 'u'}],
      ['delete', 'counter', {id: '3'}],
    ])
  })

  it('at a path name key and path', () => {
    const {host, outcome} = run(tx => {
      tx.board.set('b', ['doc', 'nodes', 'n', 'position'], {x: 1, y: 2})
      tx.board.set({id: 'b'}, ['doc', 'nodes', 'n', 'ports', 0, 'in'], true)
      tx.board.unset('b', ['doc', 'settings'])
      tx.board.merge('b', ['doc', 'nodes', 'n'], {size: 2})
      tx.board.increment('b', ['doc', 'nodes', 'n', 'size'], -0.5)
      tx.board.splice('b', ['doc', 'order'], 1, 2, 'a', 'b')
    })
    assert.deepEqual(outcome, {ok: true})
    const key = {id: 'b'}
    assert.deepEqual(host.writes, [
      ['set', 'board', {key, path: ['doc', 'nodes', 'n', 'position'], value: {x: 1, y: 2}}],
      ['set', 'board', {key, path: ['doc', 'nodes', 'n', 'ports', 0, 'in'], value: true}],
      ['unset', 'board', {key, path: ['doc', 'settings']}],
      ['merge', 'board', {key, path: ['doc', 'nodes', 'n'], value: {size: 2}}],
      ['increment', 'board', {key, path: ['doc', 'nodes', 'n', 'size'], by: -0.5}],
      ['splice', 'board', {key, path: ['doc', 'order'], index: 1, remove: 2, insert: ['a', 'b']}],
    ])
  })

  const wrong: [what: string, write: (todo: Loose, board: Loose) => unknown, message: RegExp][] = [
    [
      'an unknown column',
      todo => todo['insert']?.({id: 't', nope: 1}),
      /"todo" has no column "nope"/,
    ],
    [
      'a row that is none',
      todo => todo['insert']?.([]),
      /a row of table "todo" is an object, not an array/,
    ],
    [
      'a wrong type',
      todo => todo['update']?.({id: 't', rank: '1'}),
      /todo\.rank takes a number, not "1"/,
    ],
    ['NaN', todo => todo['update']?.({id: 't', rank: NaN}), /todo\.rank takes a finite number/],
    [
      'null where it must not be',
      todo => todo['update']?.({id: 't', title: null}),
      /todo\.title is not optional/,
    ],
    [
      'an update without key',
      todo => todo['update']?.({title: 'x'}),
      /primary key, and todo\.id is missing/,
    ],
    [
      'a key of another table',
      todo => todo['delete']?.({key: 't'}),
      /"key" is not in the primary key/,
    ],
    ['no key', todo => todo['delete']?.(null), /the key of table "todo" is \{id\}, and not null/],
    ['a key of a wrong type', todo => todo['delete']?.(3), /todo\.id takes a string, not 3/],
    [
      'half a character',
      todo => todo['update']?.({id: 't', title: '\udfff'}),
      /half a surrogate pair/,
    ],
    [
      'a fraction of a millisecond',
      (_, board) => board['update']?.({id: 'b', createdAt: 1.5}),
      /whole milliseconds/,
    ],
    [
      'a document that is not JSON',
      (_, board) => board['update']?.({id: 'b', doc: {at: new Date(0)}}),
      /board\.doc\.at is a Date/,
    ],
    [
      'a path into text',
      (_, board) => board['set']?.('b', ['title', 'x'], 1),
      /board\.title is a string: paths go into JSON/,
    ],
    [
      'a path that is none',
      (_, board) => board['set']?.('b', 'doc', 1),
      /a path into table "board" is \[column/,
    ],
    [
      'a step that is none',
      (_, board) => board['set']?.('b', ['doc', -1], 1),
      /takes names and indexes, not a number/,
    ],
    [
      'undefined at a path',
      (_, board) => board['set']?.('b', ['doc', 'x'], undefined),
      /board\.doc\.x is undefined/,
    ],
    [
      'a merge of an array',
      (_, board) => board['merge']?.('b', ['doc'], []),
      /merge into board\.doc takes an object/,
    ],
    [
      'an increment by NaN',
      (_, board) => board['increment']?.('b', ['doc', 'x'], NaN),
      /takes a finite number, not NaN/,
    ],
    [
      'a splice before the start',
      (_, board) => board['splice']?.('b', ['doc'], -1, 0),
      /splice of board\.doc takes whole numbers/,
    ],
  ]
  for (const [what, write, message] of wrong) {
    it(`refuse ${what}`, () => {
      const {host, outcome} = run(tx => {
        write(tx.todo as unknown as Loose, tx.board as unknown as Loose)
      })
      failed('invalid_args', message)(outcome)
      assert.deepEqual(host.calls, [])
    })
  }

  it('doom the mutation when they fail, even if it catches the error', () => {
    const {host, outcome} = run(tx => {
      try {
        tx.todo.update({id: 'gone', title: 'x'})
      } catch (error) {
        assert.ok(error instanceof MutationError && error.code === 'not_found')
      }
      assert.throws(() => tx.todo.delete('t'), {code: 'not_found'})
      return 'fine'
    })
    failed('not_found', 'there is no todo["gone"]')(outcome)
    assert.equal(host.writes.length, 1)
  })

  it('doom the mutation when their arguments are wrong', () => {
    const {outcome} = run(tx => {
      try {
        tx.todo.insert({id: 3} as never)
      } catch {
        throw new MutationError('other', 'another error')
      }
    })
    failed('invalid_args', 'todo.id takes a string, not 3')(outcome)
  })

  it('leave the next mutation alone', () => {
    const host = new MemoryHost(schema.document)
    assert.equal(call(host, 'board.restore', '{"id":"b","doc":{}}').ok, false)
    assert.deepEqual(call(host, 'board.clear', '{}'), {ok: true})
  })
})

describe('reads', () => {
  it('give the row, with bigints, or undefined', () => {
    const host = new MemoryHost(schema.document)
    const row = {id: 't', boardID: 'b', title: 'x', rank: 1, votes: 2n ** 60n, tags: ['a']}
    const result = runOn(host, tx => {
      tx.todo.insert(row)
      const {votes, due, tags, done} = tx.todo.get('t') ?? assert.fail()
      assert.equal(tx.todo.get({id: 'gone'}), undefined)
      assert.equal(tx.member.get({userID: 'u', boardID: 'b'}), undefined)
      return {votes, due, tags, done}
    })
    assert.deepEqual(result.result, {
      votes: {$bigint: '1152921504606846976'},
      due: null,
      tags: ['a'],
      done: null,
    })
    const keys = host.calls.filter(([name]) => name === 'get').map(([, , key]) => key)
    assert.deepEqual(keys, ['["t"]', '["gone"]', '["b","u"]'])
  })

  it('by query give rows, or the first', () => {
    const host = new MemoryHost(schema.document)
    const result = runOn(host, (tx, _args, {run}) => {
      assert.equal(
        run(q => q.counter.one()),
        undefined,
      )
      tx.counter.insert({id: 1n, value: 5})
      tx.counter.insert({id: 2n, value: 6})
      const rows = run(q => q.counter.where('value', '>', 4).orderBy('value'))
      assert.deepEqual(rows, [
        {id: 1n, value: 5},
        {id: 2n, value: 6},
      ])
      return run(q => q.counter.one())?.value
    })
    assert.equal(result.result, 5)
    const {where} = JSON.parse(host.calls.at(-2)?.[1] ?? '') as {where: unknown}
    assert.deepEqual(where, {op: '>', column: 'value', value: 4})
  })

  it('by query give nested rows', () => {
    const host = new MemoryHost(schema.document)
    const todo = (id: string, votes: string, ...related: unknown[]) => {
      const columns = [id, 'b', `title of ${id}`, false, 1, votes, null, 'low', null, {}]
      return [...columns, ...related]
    }
    const board = ['b', 'Board', {}, null, 5, null]
    host.answers.push(
      JSON.stringify([
        [
          ...board,
          [[0, '12345678901234567890', 2]],
          [todo('t2', '7', [board], [['l', 'Label']])],
          [todo('t1', '9007199254740993', [], []), todo('t2', '7', [board], [['l', 'Label']])],
        ],
      ]),
    )
    const {error} = runOn(host, (_tx, _args, {run}) => {
      const data = run(q =>
        q.board
          .related('todos', todos => todos.related('board').related('labels'))
          .related('todos', todos => todos.related('board').related('labels').one(), {as: 'first'})
          .related('members', members => members.groupBy('level').sum('seen').count(), {as: 'by'})
          .one(),
      )
      assert.deepEqual(data?.by, [{level: 0, sum_seen: 12345678901234567890n, count: 2}])
      assert.deepEqual(
        data.todos.map(({id, votes}) => [id, votes]),
        [
          ['t1', 9007199254740993n],
          ['t2', 7n],
        ],
      )
      assert.equal(data.todos[0]?.board, undefined)
      assert.equal(data.todos[1]?.board?.title, 'Board')
      assert.deepEqual(data.todos[1].labels, [{id: 'l', name: 'Label'}])
      assert.equal(data.first?.id, 't2')
      assert.equal(data.title, 'Board')
    })
    assert.equal(error, undefined)
  })

  it('by aggregation give an object, or one for each group', () => {
    const host = new MemoryHost(schema.document)
    host.answers.push('[[3,"10",0.5,"2026-01-01"]]', '[]', '[[true,2],[false,1]]')
    const {error} = runOn(host, (_tx, _args, {run}) => {
      assert.deepEqual(
        run(q => q.todo.count().sum('votes').avg('rank').max('due')),
        {count: 3, sum_votes: 10n, avg_rank: 0.5, max_due: '2026-01-01'},
      )
      assert.deepEqual(
        run(q => q.todo.count().sum('votes')),
        {count: 0, sum_votes: null},
      )
      assert.deepEqual(
        run(q => q.todo.groupBy('done').count('n')),
        [
          {done: true, n: 2},
          {done: false, n: 1},
        ],
      )
    })
    assert.equal(error, undefined)
  })

  it('fail with the error of the host', () => {
    const host = new MemoryHost(schema.document)
    host.answers.push(fail('forbidden', 'not yours', {who: 'u1'}))
    const result = runOn(host, tx => void tx.todo.get('t'))
    assert.deepEqual(result.error, {code: 'forbidden', message: 'not yours', details: {who: 'u1'}})
    host.answers.push(fail('limit', 'too many rows'))
    failed('limit', 'too many rows')(runOn(host, (_tx, _args, {run}) => void run(q => q.todo)))
    host.answers.push(fail('internal', 'no more ids'))
    failed('internal', 'no more ids')(runOn(host, (_tx, _args, {uuid}) => uuid()))
  })

  it('by something that is no query are refused', () => {
    const {outcome} = run((_tx, _args, {run}) => run(() => ({ast: {table: 'todo'}})))
    failed('invalid_args', 'ctx.run: an object is not a query')(outcome)
  })
})

describe('a mutator', () => {
  it('sees its arguments and its context', () => {
    const host = new MemoryHost(schema.document)
    const {result} = runOn(
      host,
      (_tx, args, {auth, clientID, location, reason, timestamp, uuid}) => [
        args,
        auth,
        clientID,
        location,
        reason,
        timestamp,
        uuid(),
        uuid(),
      ],
      {a: [1]},
    )
    assert.deepEqual(result, [
      {a: [1]},
      {sub: 'u1'},
      'c1',
      'client',
      'optimistic',
      ctx.timestamp,
      'uuid-1',
      'uuid-2',
    ])
  })

  it('gets bigints back from its arguments', () => {
    const host = new MemoryHost(schema.document)
    runOn(host, tx => tx.todo.insert({id: 't', boardID: 'b', title: 'x', rank: 1, votes: 2n}))
    const voted = call(host, 'todo.vote', '{"id":"t","by":{"$bigint":"40"}}')
    assert.deepEqual(voted, {ok: true, result: {$bigint: '42'}})
  })

  it('gets what its validator makes of the arguments', () => {
    const host = new MemoryHost(schema.document)
    host.answers.push('')
    const renamed = call(host, 'todo.rename', '{"id":"t","more":1}')
    assert.deepEqual(renamed, {ok: true, result: {renamed: 'untitled'}})
    assert.deepEqual(host.writes, [['update', 'todo', {id: 't', title: 'untitled'}]])
  })

  it('does not run on arguments that its validator refuses', () => {
    const host = new MemoryHost(schema.document)
    const {ok, error} = call(host, 'todo.rename', `{"id":3,"title":"${'x'.repeat(21)}"}`)
    assert.equal(ok, false)
    assert.equal(error?.code, 'invalid_args')
    assert.match(error.message, /^todo\.rename: id: .*; title: /)
    assert.deepEqual(
      (error.details as {path: string[]}[]).map(({path}) => path),
      [['id'], ['title']],
    )
    assert.deepEqual(host.calls, [])
  })

  it('cannot have an asynchronous validator', () => {
    const later: StandardSchema<object, object> = {
      '~standard': {version: 1, vendor: 'test', validate: value => Promise.resolve({value})},
    }
    const mutators = defineMutators(schema, ({mutator}) => ({m: mutator(later, () => undefined)}))
    const runtime = createAppRuntime(defineApp({schema, queries, mutators}))
    const host = new MemoryHost(schema.document)
    failed(
      'invalid_args',
      /validators must be synchronous/,
    )(outcome(runtime.runMutator(host, 'm', '{}', JSON.stringify(ctx))))
  })

  it('can call another one', () => {
    const inner = defineMutators(schema, {
      add: (tx, {id}: {id: string}) => tx.board.delete(id),
    })
    const {host} = run((tx, _args, ctx) => {
      inner.add(tx, {id: 'b'})
      app.mutators.todo.rename(tx, {id: 't', title: 'x'}, ctx)
    })
    assert.deepEqual(
      host.writes.map(([op]) => op),
      ['delete', 'update'],
    )
  })

  it('returns JSON, nothing, or fails', () => {
    assert.deepEqual(run(() => undefined).outcome, {ok: true})
    assert.deepEqual(run(() => null).outcome, {ok: true, result: null})
    assert.deepEqual(run(() => ({a: [1n]})).outcome, {ok: true, result: {a: [{$bigint: '1'}]}})
    failed(
      'invalid_args',
      'the result of m.at is a Date, which is not JSON',
    )(run(() => ({at: new Date(0)})).outcome)
  })

  it('cannot be asynchronous', async () => {
    let late: unknown
    const {host, outcome} = run(async tx => {
      await Promise.resolve()
      try {
        tx.todo.delete('t')
      } catch (error) {
        late = error
        throw error
      }
    })
    failed('invalid_args', 'm returned a promise: mutators are synchronous')(outcome)
    await new Promise(setImmediate)
    assert.ok(late instanceof MutationError && /only be used while/.test(late.message))
    assert.deepEqual(host.calls, [])
  })

  it('fails with what it throws', () => {
    const {outcome} = run(() => {
      throw new MutationError('title-too-long', 'Title is too long', {max: 100, at: 2n})
    })
    assert.deepEqual(outcome.error, {
      code: 'app',
      appCode: 'title-too-long',
      message: 'Title is too long',
      details: {max: 100, at: {$bigint: '2'}},
    })
    const thrown: [unknown, string][] = [
      [new Error('plain'), 'plain'],
      [new TypeError('typed'), 'typed'],
      ['text', 'text'],
      [undefined, 'the app threw undefined'],
      [{code: 'forbidden'}, 'the app threw an object'],
      [new Error('half \ud800'), 'half \ufffd'],
    ]
    for (const [what, message] of thrown) {
      const result = run(() => {
        throw what
      }).outcome
      assert.deepEqual(result, {ok: false, error: {code: 'app', message}})
    }
  })

  it('loses details that are not JSON, and not the error', () => {
    const {outcome} = run(() => {
      throw new MutationError('x', 'y', {at: new Date(0)})
    })
    assert.deepEqual(outcome.error, {code: 'app', appCode: 'x', message: 'y'})
  })

  it('survives an endless recursion', () => {
    const recurse = (): number => recurse() + 1
    failed('app', /call stack/i)(run(() => recurse()).outcome)
  })

  it('that is unknown is an error', () => {
    const host = new MemoryHost(schema.document)
    failed('unknown_mutator', 'the app has no mutator "todo.nope"')(call(host, 'todo.nope', '{}'))
    failed('unknown_mutator', /"toString"/)(call(host, 'toString', '{}'))
  })

  it('that is called with text that is not JSON is an error', () => {
    const host = new MemoryHost(schema.document)
    failed(
      'invalid_args',
      'the arguments of board.clear are not JSON',
    )(call(host, 'board.clear', '{'))
  })
})

describe('resolveQuery', () => {
  const resolve = (name: string, args: unknown, auth: unknown = null) =>
    JSON.parse(
      sample.resolveQuery(name, JSON.stringify(args), JSON.stringify({auth, location: 'server'})),
    ) as Outcome & {ast?: unknown}

  it('gives the tree for a caller', () => {
    const where = {op: '=', column: 'owner', value: 'u7'}
    assert.deepEqual(resolve('mine', {}, {sub: 'u7'}), {ok: true, ast: {table: 'board', where}})
    const board = {table: 'board', where: {op: '=', column: 'id', value: 'b'}, one: true}
    assert.deepEqual(resolve('board', {id: 'b'}), {ok: true, ast: board})
  })

  it('fails with what is wrong', () => {
    failed('unknown_query', 'the app has no query "nope"')(resolve('nope', {}))
    failed('invalid_args', /^todo\.ranked: from: /)(resolve('todo.ranked', {from: 'x'}))
    failed('invalid_args', 'board.id takes a string, not 3')(resolve('board', {id: 3}))
    failed('invalid_args', /is compared with undefined/)(resolve('board', {}))
    failed('app', /null/)(resolve('board', null))
  })
})

describe('defineApp', () => {
  it('refuses parts of another schema', () => {
    const other = defineSchema({x: table({id: string()}).primaryKey('id')})
    const parts = {schema: other, queries, mutators: defineMutators(other, {})} as never
    assert.throws(() => defineApp(parts), /must be defined for the schema of the app/)
  })

  it('takes an app without queries and mutators', () => {
    const empty = defineApp({
      schema,
      queries: defineQueries(schema, {}),
      mutators: defineMutators(schema, {}),
    })
    const described = JSON.parse(createAppRuntime(empty).describe()) as object
    assert.deepEqual(described, {schema: schema.document, mutators: [], queries: []})
  })
})

describe('defineMutators', () => {
  it('refuses names and values that cannot be called', () => {
    const loosely = defineMutators as unknown as (schema: unknown, tree: unknown) => unknown
    assert.throws(() => loosely(schema, {'a.b': () => 1}), /mutator "a\.b": .* cannot be a name/)
    assert.throws(() => loosely(schema, {a: {then: () => 1}}), /mutator "a\.then"/)
    assert.throws(() => loosely(schema, {a: {b: 3}}), /mutator "a\.b" is a number, not a function/)
    type Make = {mutator: (...args: unknown[]) => unknown}
    const bad = ({mutator}: Make) => ({m: mutator({}, () => 1)})
    assert.throws(() => loosely(schema, bad), /Standard Schema/)
  })
})
