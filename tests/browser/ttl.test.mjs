// How long rows stay in the browser's storage when no page wants them: for a query's ttl, over reloads, without a server.

import assert from 'node:assert/strict'
import {test} from 'node:test'
import {launchProfile} from '../support/browser.mjs'
import {mutate, openPage, serve, serveSite, settled} from './harness.mjs'

const hourMs = 3_600_000

/** From here on the workers of the context's new pages live so much later. */
const travel = async (context, ms) =>
  await context.route('**/relay-worker.js', async route => {
    const response = await route.fetch()
    const clock = `{const now = Date.now; Date.now = () => now() + ${ms}}\n`
    await route.fulfill({response, body: clock + (await response.text())})
  })

/** What a new page finds of both queries, once the storage has answered. */
async function found(context, url) {
  const page = await openPage(context, url, 'open=no')
  const lengths = await page.evaluate(async () => {
    const {queries} = window.t
    const tm = await window.t.open()
    const lists = tm.watch(queries.lists(), {ttl: '1d'})
    const all = tm.watch(queries.all())
    await new Promise(resolve => all.subscribe(({data}) => data.length > 0 && resolve(undefined)))
    // What is persisted now was preceded by the note that both are wanted.
    await tm.mutate.counter.increment({id: 'visits'}).persisted
    return [all.data.length, lists.data.length]
  })
  await page.close()
  return lengths
}

test('what was preloaded is there for its ttl after the last page, and then gone', async t => {
  const server = await serve()
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, server.url)
  await mutate(page, 'todo', 'add', {id: 'x', title: 'X', rank: 1})
  await mutate(page, 'list', 'add', {id: 'a', items: 2})
  await settled(page)
  await page.evaluate(async () => {
    const {tm, queries} = window.t
    await tm.preload(queries.lists(), {ttl: '1d'}).complete
    // One flush writes both databases: what is persisted now was preceded by the rows.
    await tm.mutate.list.editItem({id: 'a0', text: 'Edited'}).persisted
  })
  await settled(page)
  await page.close()
  await server.stop()
  const stopSite = await serveSite(server.port)
  t.after(stopSite)

  await travel(context, 23 * hourMs)
  assert.deepEqual(await found(context, server.url), [1, 1])
  // The ttl counts from the page that was open last, and the other query has none.
  await travel(context, 46 * hourMs)
  assert.deepEqual(await found(context, server.url), [1, 1])
  await travel(context, 71 * hourMs)
  assert.deepEqual(await found(context, server.url), [1, 0])
})
