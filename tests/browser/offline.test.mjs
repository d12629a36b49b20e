// Offline: what was written survives reloads and the server's absence, and arrives exactly once; concurrent edits of
// different fields all survive.

import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {launchBrowser, launchProfile} from '../support/browser.mjs'
import {
  complete,
  mutate,
  openPage,
  serve,
  serveSite,
  settled,
  shows,
  state,
  titles,
} from './harness.mjs'

let browser
before(async () => (browser = await launchBrowser()))
after(async () => await browser?.close())

const todo = (id, rank = 1) => ({id, title: `Todo ${id}`, rank})

test('a reload with the server stopped shows data and pending mutations, which arrive once', async t => {
  const first = await serve()
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, first.url)
  await mutate(page, 'todo', 'add', todo('before'))
  await complete(page)
  await settled(page)
  await first.stop()
  await mutate(page, 'todo', 'add', todo('offline', 2))
  await mutate(page, 'counter', 'increment', {id: 'offline'})
  await page.evaluate(
    async () => await window.t.tm.mutate.counter.increment({id: 'offline'}).persisted,
  )

  // The same address, served by the test while the server is away.
  const stopSite = await serveSite(first.port)
  await page.reload()
  await page.waitForFunction(() => document.title === 'ready')
  await page.waitForFunction(() => window.t.tm.pending.get() === 3)
  assert.deepEqual(await titles(page), [
    ['before', 'Todo before'],
    ['offline', 'Todo offline'],
  ])
  await stopSite()

  const second = await serve({folder: first.folder, listen: `127.0.0.1:${first.port}`})
  await page.evaluate(() => window.t.tm.connect())
  await settled(page)
  const other = await openPage(await browser.newContext(), second.url)
  await complete(other)
  assert.deepEqual(await titles(other), [
    ['before', 'Todo before'],
    ['offline', 'Todo offline'],
  ])
  const counter = await other.evaluate(
    async () =>
      await window.t.tm.run(window.t.queries.counter({id: 'offline'}), {until: 'complete'}),
  )
  assert.deepEqual(counter, {id: 'offline', value: 2})
  await other.context().close()
  await second.stop()
})

test('offline edits of different fields both survive; of one field, the last replayed wins everywhere', async () => {
  const server = await serve()
  const [a, b] = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  await mutate(a, 'todo', 'add', todo('both'))
  await mutate(a, 'todo', 'add', todo('name', 2))
  await settled(a)
  await shows(b, 'name', {})
  await Promise.all([a, b].map(async page => await page.context().setOffline(true)))
  await Promise.all([a, b].map(async page => await state(page, 'connection', 'offline')))

  await mutate(a, 'todo', 'rename', {id: 'both', title: 'A names it'})
  await mutate(b, 'todo', 'annotate', {id: 'both', note: 'B notes it'})
  await mutate(a, 'todo', 'rename', {id: 'name', title: 'by A'})
  await mutate(b, 'todo', 'rename', {id: 'name', title: 'by B'})
  assert.equal((await titles(a)).find(([id]) => id === 'name')[1], 'by A')
  assert.equal((await titles(b)).find(([id]) => id === 'name')[1], 'by B')

  await a.context().setOffline(false)
  await settled(a)
  await b.context().setOffline(false)
  await settled(b)
  for (const page of [a, b]) {
    await shows(page, 'both', {title: 'A names it', note: 'B notes it'})
    await shows(page, 'name', {title: 'by B'})
    await page.context().close()
  }
  await server.stop()
})

test('a rejection reaches a page that was reloaded meanwhile', async t => {
  const server = await serve()
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, server.url)
  await mutate(page, 'todo', 'add', todo('late'))
  await settled(page)
  await context.setOffline(true)
  await state(page, 'connection', 'offline')
  await page.evaluate(
    async () =>
      await window.t.tm.mutate.todo.renameUnlessServer({id: 'late', title: 'x'}).persisted,
  )
  await context.setOffline(false)
  await page.reload()
  await page.waitForFunction(() => document.title === 'ready')
  await page.waitForFunction(() => window.t.tm.rejected.get().length === 1)
  await settled(page)
  await shows(page, 'late', {title: 'Todo late'})
  const rejected = await page.evaluate(() => window.t.tm.rejected.get()[0].error.appCode)
  assert.equal(rejected, 'title-too-long')
  await server.stop()
})
