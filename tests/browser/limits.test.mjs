// The limits of queries: what passes one is refused by name when it is subscribed, and nothing else is.

import assert from 'node:assert/strict'
import {after, afterEach, before, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {complete, mutate, openPage, serve, settled} from './harness.mjs'

let browser
let server
before(async () => (browser = await launchBrowser()))
after(async () => await browser?.close())
afterEach(async () => await server?.stop())

async function open(args, query = '') {
  server = await serve({args})
  const page = await openPage(await browser.newContext(), server.url, query)
  await complete(page)
  return page
}

/** Keeps views of queries, `[name, args]` each, on the page; how each ended: its status, or its error. */
const watch = async (page, ...requests) =>
  await page.evaluate(async names => {
    const {tm, queries, views} = window.t
    return await Promise.all(
      names.map(async ([name, args]) => {
        const view = tm.watch(queries[name](args))
        views[`${name}${JSON.stringify(args)}`] = view
        await new Promise(resolve => {
          view.subscribe(({status}) => status !== 'partial' && resolve(undefined))
        })
        return view.error === undefined ? view.status : [view.error.code, view.error.message]
      }),
    )
  }, requests)

for (const storage of ['', 'storage=memory']) {
  test(`too many rows, ${storage || 'in storage'}`, async () => {
    const page = await open(['--rows-per-query-max', '10'], storage)
    await mutate(page, 'todo', 'addMany', {from: 0, count: 10})
    await settled(page)
    assert.deepEqual(await watch(page, ['first', {limit: 5}], ['open']), ['complete', 'complete'])
    // One more, while it is maintained; the mutation is none the worse.
    await mutate(page, 'todo', 'addMany', {from: 10, count: 1})
    await page.waitForFunction(() => window.t.views.all.status === 'error')
    await settled(page)
    const message =
      'a query on todo has more than 10 rows (rows_per_query_max): add a limit or a condition'
    const error = await page.evaluate(() => window.t.views.all.error.toJSON())
    assert.deepEqual([error.code, error.message], ['limit', message])
    assert.equal(await page.evaluate(() => window.t.views['first{"limit":5}'].status), 'complete')
    // And when it is subscribed.
    const other = await openPage(await browser.newContext(), server.url, storage)
    await other.waitForFunction(() => window.t.views.all.status === 'error')
    assert.deepEqual(await watch(other, ['open'], ['first', {limit: 10}]), [
      ['limit', message],
      'complete',
    ])
  })
}

test('too many queries', async () => {
  const page = await open(['--queries-per-client-max', '3'])
  const [one, two] = await watch(page, ['first', {limit: 1}], ['first', {limit: 2}])
  assert.deepEqual([one, two], ['complete', 'complete'])
  const refused = ['limit', 'more than 3 queries at once (queries_per_client_max)']
  assert.deepEqual(await watch(page, ['first', {limit: 3}]), [refused])
  assert.equal(await page.evaluate(() => window.t.views['first{"limit":1}'].status), 'complete')
  // There is room again.
  await page.evaluate(() => {
    window.t.views['first{"limit":1}'].close()
    window.t.views['first{"limit":3}'].close()
  })
  assert.deepEqual(await watch(page, ['first', {limit: 4}]), ['complete'])
})

test('too many queries of one page', async () => {
  const page = await open([])
  const thrown = await page.evaluate(() => {
    const {tm, queries} = window.t
    try {
      for (let limit = 1; limit <= 500; limit++) tm.watch(queries.first({limit}))
      return undefined
    } catch (error) {
      return [error.code, error.message]
    }
  })
  assert.deepEqual(thrown, ['limit', 'more than 500 queries at once (queries_per_client_max)'])
})

for (const [what, wrong, right, message] of [
  ['too deep', {levels: 11}, {levels: 10}, /nest deeper than 10 \(query_depth_max\)/],
  ['too wide', {tables: 65}, {tables: 64}, /more than 64 tables.*\(query_nodes_max\)/],
]) {
  test(`${what}, as the page and as the server resolves it`, async () => {
    const page = await open([])
    assert.deepEqual(await watch(page, ['shaped', {...right, here: true}]), ['complete'])
    const [thrown] = await page.evaluate(
      args => {
        try {
          window.t.tm.watch(window.t.queries.shaped(args))
          return []
        } catch (error) {
          return [[error.code, error.message]]
        }
      },
      {...wrong, here: true},
    )
    const [[code, said]] = await watch(page, ['shaped', {...wrong, here: false}])
    assert.deepEqual([thrown[0], code], ['limit', 'limit'])
    for (const text of [thrown[1], said]) assert.match(text, message)
  })
}
