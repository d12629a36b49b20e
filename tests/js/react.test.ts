// The views behind the hooks, and the hooks as a server renders them.
import assert from 'node:assert/strict'
import {describe, it, mock} from 'node:test'
import type {TestContext} from 'node:test'
import {createElement} from 'react'
import {renderToString} from 'react-dom/server'
import {QueryCache} from '../../js/src/react-query-cache.js'
import {defineQueries, MutationError} from 'tidemark'
import {TidemarkProvider, usePagedQuery, useQuery} from 'tidemark/react'
import {FakeTidemark} from './fake-tidemark.js'
import {queries, schema} from './sample-app.js'

const shapes = defineQueries(schema, {
  list: q => q.board.related('todos'),
  first: (q, {limit}: {limit: number}) => q.todo.orderBy('rank').limit(limit),
  sum: q => q.todo.count().sum('rank'),
})

function timers(test: TestContext): void {
  mock.timers.enable({apis: ['setTimeout']})
  test.after(() => mock.timers.reset())
}

describe('the views of hooks', () => {
  it('open with the first component and close some time after the last', test => {
    timers(test)
    const tidemark = new FakeTidemark()
    const cache = new QueryCache(tidemark.client)
    const release = [cache.hold(queries.open()), cache.hold(queries.open())]
    assert.equal(tidemark.open.length, 1)
    for (const stop of release) stop()
    mock.timers.tick(4999)
    assert.equal(tidemark.open.length, 1)
    mock.timers.tick(1)
    assert.equal(tidemark.open.length, 0)
  })

  it('stay for a ttl that is longer', test => {
    timers(test)
    const tidemark = new FakeTidemark()
    const cache = new QueryCache(tidemark.client)
    cache.hold(queries.open(), '20s')()
    mock.timers.tick(19_999)
    assert.equal(tidemark.open.length, 1)
    mock.timers.tick(1)
    assert.equal(tidemark.open.length, 0)

    cache.hold(queries.open(), '1h')()
    mock.timers.tick(30_000)
    assert.equal(tidemark.open.length, 0)
    assert.deepEqual(
      tidemark.views.map(({options}) => options),
      [{}, {}, {ttl: 3_570_000}],
    )
  })

  it('tell who waits when the server has answered', async test => {
    timers(test)
    const tidemark = new FakeTidemark()
    const cache = new QueryCache(tidemark.client)
    let settled = 0
    const waiting = cache.settled(queries.open())
    assert.equal(cache.settled(queries.open()), waiting)
    void waiting.then(() => (settled += 1))
    tidemark.views[0]?.show({data: ['local']})
    await Promise.resolve()
    assert.equal(settled, 0)
    tidemark.views[0]?.show({data: ['all'], status: 'complete'})
    await waiting
    assert.deepEqual(cache.snapshot(queries.open())[0], ['all'])
    await cache.settled(queries.open())
    await Promise.resolve()
    // Nobody shows it: it goes.
    mock.timers.tick(30_000)
    assert.equal(tidemark.open.length, 0)
  })

  it('tell who waits when the server refuses', async test => {
    timers(test)
    const tidemark = new FakeTidemark()
    const cache = new QueryCache(tidemark.client)
    const waiting = cache.settled(queries.open())
    const error = new MutationError('no', 'not for you')
    tidemark.views[0]?.show({status: 'error', error})
    await waiting
    const [, info] = cache.snapshot(queries.open())
    assert.equal(info.error, error)
  })

  it('show the same nothing until something is known', () => {
    const cache = new QueryCache(new FakeTidemark().client)
    for (const [request, data] of [
      [shapes.list(), []],
      [queries.board({id: 'b'}), undefined],
      [shapes.sum(), {count: 0, sum_rank: null}],
    ] as const) {
      const snapshot = cache.snapshot(request)
      assert.deepEqual(snapshot[0], data)
      assert.equal(cache.snapshot(request), snapshot)
    }
  })
})

describe('hooks on a server', () => {
  const rendered = (component: () => string) => {
    const client = new FakeTidemark().client
    return renderToString(createElement(TidemarkProvider, {client}, createElement(component)))
  }

  it('are partial', () => {
    const shown = rendered(() => {
      const [sum, {status}] = useQuery(shapes.sum())
      const [boards] = useQuery(shapes.list(), {ttl: '1m'})
      const [none] = useQuery(null)
      return `${sum.count} ${boards.length} ${status} ${String(none)}`
    })
    assert.equal(shown, '0 0 partial undefined')
  })

  it('page nothing', () => {
    const shown = rendered(() => {
      const [todos, {hasMore}] = usePagedQuery(({limit}) => shapes.first({limit}), {size: 10})
      return `${todos.length} ${hasMore}`
    })
    assert.equal(shown, '0 false')
  })
})
