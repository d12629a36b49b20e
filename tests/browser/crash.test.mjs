// The server killed at any moment under load: nothing acknowledged is lost, nothing is applied twice. On the embedded
// database and on Postgres.

import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {startPostgres} from '../support/postgres.mjs'
import {openPage, serve, settled} from './harness.mjs'

let browser
before(async () => (browser = await launchBrowser()))
after(async () => await browser?.close())

const kills = 5
const callsBetween = 60

/** Writes while the server dies again and again; every call increments one counter and adds one todo. */
async function survive(options) {
  let server = await serve(options)
  const page = await openPage(await browser.newContext(), server.url)
  await page.evaluate(() => {
    window.t.views.counter = window.t.tm.watch(window.t.queries.counter({id: 'kills'}))
  })
  let made = 0
  for (let kill = 0; kill < kills; kill++) {
    const reached = await page.evaluate(
      async ([from, count]) => {
        const {mutate} = window.t.tm
        const calls = []
        for (let n = from; n < from + count; n++) {
          mutate.counter.increment({id: 'kills'})
          calls.push(mutate.todo.add({id: `k${n}`, title: `Todo ${n}`, rank: n}))
        }
        // Somewhere in the middle of what is being replayed.
        await calls[Math.floor(count / 3)].server
        return from + count
      },
      [made, callsBetween],
    )
    made = reached
    await server.kill()
    server = await serve({...options, folder: server.folder, listen: `127.0.0.1:${server.port}`})
    await page.evaluate(() => window.t.tm.connect())
  }
  await settled(page)
  const fresh = await openPage(await browser.newContext(), server.url)
  const found = await fresh.evaluate(async () => {
    const {tm, queries} = window.t
    const counter = await tm.run(queries.counter({id: 'kills'}), {until: 'complete'})
    const todos = await tm.run(queries.all(), {until: 'complete'})
    return {
      value: counter?.value,
      todos: todos.length,
      distinct: new Set(todos.map(row => row.id)).size,
    }
  })
  assert.deepEqual(found, {value: made, todos: made, distinct: made})
  await page.waitForFunction(value => window.t.views.counter.data?.value === value, made)
  assert.deepEqual(await page.evaluate(() => window.t.rejections), [])
  await fresh.context().close()
  await page.context().close()
  await server.stop()
}

test('kill -9 under load, embedded: everything arrives exactly once', async () => {
  await survive({})
})

test('kill -9 under load, Postgres: everything arrives exactly once', async () => {
  const postgres = await startPostgres()
  await survive({db: postgres.url, args: ['--migrate']})
  await postgres.stop()
})
