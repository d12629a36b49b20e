// How long queries live: shared by their views, kept for a ttl behind the last one.
import assert from 'node:assert/strict'
import {describe, it, mock} from 'node:test'
import type {TestContext} from 'node:test'
import {layoutsOf} from '../../js/src/layout.js'
import {ttlMs, ttlSeconds} from '../../js/src/ttl.js'
import type {Ttl} from '../../js/src/ttl.js'
import {WatchedQueries} from '../../js/src/watched-queries.js'
import type {QueryAst, QueryRequest} from 'tidemark'
import {queries, schema} from './sample-app.js'

class Core {
  readonly calls: string[] = []
  readonly queries: WatchedQueries
  astOf: (request: QueryRequest) => QueryAst = request => request.ast()
  #views = 0

  constructor() {
    this.queries = new WatchedQueries(() => this, {
      astOf: request => this.astOf(request),
      layouts: () => layoutsOf(schema),
    })
  }

  watch(
    name: string,
    _args: string,
    _ast: string,
    ttl: number,
    opened: (view: number) => void,
  ): void {
    const view = ++this.#views
    this.calls.push(`watch ${view} ${name}${ttl === 0 ? '' : ` ${ttl}`}`)
    opened(view)
    const rows = [[`row of ${view}`, 'b', 'title', false, 1, '0', null, 'low', null, {}]]
    this.queries.flush(view, {status: 'partial', stale: false, rows})
  }

  keep(view: number, ttl: number): void {
    this.calls.push(`keep ${view} ${ttl}`)
  }

  unwatch(view: number): void {
    this.calls.push(`unwatch ${view}`)
  }

  taken(): string[] {
    return this.calls.splice(0)
  }
}

function timers(test: TestContext): void {
  mock.timers.enable({apis: ['setTimeout', 'Date']})
  test.after(() => mock.timers.reset())
}

describe('queries of a page', () => {
  it('are shared by their views, and go with the last one', () => {
    const core = new Core()
    const one = core.queries.open(queries.open(), 0)
    const two = core.queries.open(queries.open(), 0)
    assert.equal(one.data, two.data)
    assert.equal(one.data[0]?.id, 'row of 1')
    one.close()
    one.close()
    assert.deepEqual(core.taken(), ['watch 1 open'])
    two.close()
    assert.deepEqual(core.taken(), ['unwatch 1'])
  })

  it('stay for the longest ttl', test => {
    timers(test)
    const core = new Core()
    const long = core.queries.open(queries.open(), 10_000)
    const short = core.queries.open(queries.open(), 1000)
    long.close()
    short.close()
    mock.timers.tick(9999)
    assert.deepEqual(core.taken(), ['watch 1 open'])
    mock.timers.tick(1)
    assert.deepEqual(core.taken(), ['unwatch 1'])
  })

  it('tell how long the storage is to keep them', () => {
    const core = new Core()
    core.queries.open(queries.open(), 0, 60)
    core.queries.open(queries.open(), 0, 60)
    core.queries.open(queries.open(), 0, 3600)
    core.queries.open(queries.mine(), 0)
    core.queries.open(queries.mine(), 0)
    assert.deepEqual(core.taken(), ['watch 1 open 60', 'keep 1 3600', 'watch 2 mine'])
  })

  it('are found as they are by who comes back', test => {
    timers(test)
    const core = new Core()
    core.queries.open(queries.open(), 5000).close()
    const back = core.queries.open(queries.open(), 0)
    assert.equal(back.data[0]?.id, 'row of 1')
    mock.timers.tick(60_000)
    assert.deepEqual(core.taken(), ['watch 1 open'])
    back.close()
    assert.deepEqual(core.taken(), ['unwatch 1'])
  })

  it('stay for longer than a timer can', test => {
    timers(test)
    const core = new Core()
    const month = 31 * 86_400_000
    core.queries.open(queries.open(), month).close()
    core.queries.open(queries.mine(), Infinity).close()
    mock.timers.tick(2 ** 31 - 1)
    mock.timers.tick(month - 2 ** 31)
    assert.deepEqual(core.taken(), ['watch 1 open', 'watch 2 mine'])
    mock.timers.tick(1)
    assert.deepEqual(core.taken(), ['unwatch 1'])
  })

  it('are forgotten before their time when told so, unless they are shown', test => {
    timers(test)
    const core = new Core()
    const view = core.queries.open(queries.open(), 5000)
    core.queries.forget(queries.open())
    assert.deepEqual(core.taken(), ['watch 1 open'])
    view.close()
    core.queries.forget(queries.open())
    assert.deepEqual(core.taken(), ['unwatch 1'])
    mock.timers.tick(5000)
    assert.deepEqual(core.taken(), [])
  })

  it('begin anew where their tree is another one', () => {
    const core = new Core()
    const open = core.queries.open(queries.open(), 0)
    const mine = core.queries.open(queries.mine(), 0)
    let told = 0
    open.listen(() => (told += 1))
    core.taken()
    const other = queries.todo.voted({least: 1n}).ast()
    core.astOf = request => (request.name === 'open' ? other : request.ast())
    core.queries.refresh()
    core.queries.notify()
    assert.deepEqual(core.taken(), ['watch 3 open', 'unwatch 1'])
    assert.equal(open.data[0]?.id, 'row of 3')
    assert.equal(told, 1)
    core.astOf = () => {
      throw new Error('no longer yours')
    }
    core.queries.refresh()
    assert.deepEqual(core.taken(), [])
    mine.close()
    open.close()
    assert.deepEqual(core.taken(), ['unwatch 2', 'unwatch 3'])
  })
})

describe('a ttl', () => {
  it('is whole seconds for the core', () => {
    const all = [undefined, 1, 1500, '1d', 'forever'] as const
    assert.deepEqual(all.map(ttlSeconds), [0, 1, 2, 86_400, 2 ** 32 - 1])
  })

  it('is a number of milliseconds, or says its unit', () => {
    const all: Ttl[] = [0, 1500, '30s', '1.5m', '12h', '7d', 'forever']
    assert.deepEqual(all.map(ttlMs), [0, 1500, 30_000, 90_000, 43_200_000, 604_800_000, Infinity])
  })

  it('is refused when it is anything else', () => {
    for (const wrong of [-1, NaN, '5', '5 m', '5w', '', null]) {
      assert.throws(() => ttlMs(wrong as Ttl), {code: 'invalid_args', message: /a ttl is/})
    }
  })
})
