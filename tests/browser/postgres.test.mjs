// On a Postgres of the test's own: writes reach it, what others change in it reaches every page, and its absence is a
// state, not a loss.

import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {startPostgres} from '../support/postgres.mjs'
import {complete, mutate, openPage, serve, settled, shows} from './harness.mjs'

let browser
let postgres
let server
before(async () => {
  browser = await launchBrowser()
  postgres = await startPostgres()
  server = await serve({db: postgres.url, args: ['--migrate']})
})
after(async () => {
  await browser?.close()
  await server?.stop()
  await postgres?.stop()
})

test('a mutation is a row of the database, and every page shows it', async () => {
  const [a, b] = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  await mutate(a, 'todo', 'add', {id: 'pg', title: 'In Postgres', rank: 1.5})
  await mutate(a, 'todo', 'movePart', {id: 'pg', part: 'head', x: 1, y: 2})
  await settled(a)
  assert.equal(
    postgres.psql(`select id, title, done, rank, doc->'parts'->'head'->>'y' from todo`).trim(),
    'pg|In Postgres|f|1.5|2',
  )
  await shows(b, 'pg', {title: 'In Postgres', done: false, rank: 1.5})
  await Promise.all([a, b].map(async page => await page.context().close()))
})

test('a row changed with psql reaches every page', async () => {
  const pages = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  for (const page of pages) await complete(page)
  postgres.psql(`insert into todo (id, title, done, rank) values ('psql', 'From psql', true, 7)`)
  for (const page of pages) await shows(page, 'psql', {title: 'From psql', done: true, rank: 7})
  postgres.psql(`update todo set title = 'Changed' where id = 'psql'`)
  for (const page of pages) await shows(page, 'psql', {title: 'Changed'})
  postgres.psql(`delete from todo where id = 'psql'`)
  for (const page of pages) {
    await page.waitForFunction(() => !window.t.views.all.data.some(row => row.id === 'psql'))
    await page.context().close()
  }
})

test('what the server refuses is undone, and its error is kept', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await mutate(page, 'todo', 'add', {id: 'no', title: 'No', rank: 1})
  const error = await page.evaluate(
    async () =>
      await window.t.outcome(
        window.t.tm.mutate.todo.renameUnlessServer({id: 'no', title: 'Optimistic'}).server,
      ),
  )
  assert.equal(error.error.appCode, 'title-too-long')
  await shows(page, 'no', {title: 'No'})
  await page.context().close()
})

test('while Postgres is away, mutations wait; when it is back, they arrive once', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await complete(page)
  await postgres.crash()
  await page.evaluate(async () => {
    for (let n = 0; n < 5; n++) await window.t.tm.mutate.counter.increment({id: 'away'}).persisted
  })
  await postgres.start()
  await settled(page)
  assert.equal(postgres.psql(`select value from counter where id = 'away'`).trim(), '5')
  assert.deepEqual(await page.evaluate(() => window.t.rejections), [])
  await page.context().close()
})
