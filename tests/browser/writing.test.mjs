// Writing: shown in the same call, durable, replayed exactly once, undone when refused.

import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {complete, mutate, openPage, serve, settled, shows, state, titles} from './harness.mjs'

let browser
let server
before(async () => {
  browser = await launchBrowser()
  server = await serve()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

const todo = id => ({id, title: `Todo ${id}`, rank: 1})

test('a view shows a mutation on the next line', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  const shown = await page.evaluate(() => {
    const view = window.t.views.all
    const calls = []
    view.listen(({data}) => calls.push(data.length))
    const call = window.t.tm.mutate.todo.add({id: 'sync', title: 'Sync', rank: 1})
    return {titles: view.data.map(row => row.title), calls, result: call.result}
  })
  assert.deepEqual(shown, {titles: ['Sync'], calls: [1], result: {added: 'sync'}})
  await page.context().close()
})

test('a call tells when it is persisted and what the server returned', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await state(page, 'storageState', 'persisted')
  const outcome = await page.evaluate(async () => {
    const call = window.t.tm.mutate.todo.add({id: 'told', title: 'Told', rank: 2})
    return [await call.persisted, await window.t.outcome(call.server)]
  })
  assert.deepEqual(outcome, [true, {value: {added: 'told'}}])
  assert.equal(await page.evaluate(() => window.t.tm.pending.get()), 0)
  await page.context().close()
})

test('another browser shows a write', async () => {
  const [a, b] = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  await complete(b)
  await mutate(a, 'todo', 'add', todo('shared'))
  await shows(b, 'shared', {title: 'Todo shared'})
  await mutate(b, 'todo', 'rename', {id: 'shared', title: 'Renamed'})
  await shows(a, 'shared', {title: 'Renamed'})
  await mutate(a, 'todo', 'remove', {id: 'shared'})
  await b.waitForFunction(() => !window.t.views.all.data.some(row => row.id === 'shared'))
  await Promise.all([a, b].map(async page => await page.context().close()))
})

test('a mutator that throws at once changes nothing and is not logged', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await complete(page)
  const before = await titles(page)
  const outcome = await page.evaluate(() => {
    try {
      window.t.tm.mutate.todo.add({id: 'twice', title: 'Once', rank: 1})
      window.t.tm.mutate.todo.add({id: 'twice', title: 'Twice', rank: 1})
      return 'both'
    } catch (error) {
      return error.code
    }
  })
  assert.equal(outcome, 'already_exists')
  await settled(page)
  assert.deepEqual(
    (await titles(page)).filter(([id]) => !before.some(([known]) => known === id)),
    [['twice', 'Once']],
  )
  await page.context().close()
})

test('what the server refuses is undone, told and kept', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await complete(page)
  await mutate(page, 'todo', 'add', todo('refused'))
  const outcome = await page.evaluate(async () => {
    const call = window.t.tm.mutate.todo.renameUnlessServer({id: 'refused', title: 'Optimistic'})
    const shown = window.t.views.all.data.find(row => row.id === 'refused').title
    const later = window.t.tm.mutate.todo.annotate({id: 'refused', note: 'later'})
    const error = await window.t.outcome(call.server)
    await later.server
    // The list is told when it is durable.
    await new Promise(resolve => {
      window.t.tm.rejected.subscribe(list => {
        if (list.length > 0) resolve()
      })
    })
    const row = window.t.views.all.data.find(each => each.id === 'refused')
    const rejected = window.t.tm.rejected
      .get()
      .map(({name, args, error: why}) => [name, args, why.appCode])
    return {
      shown,
      error,
      title: row.title,
      note: row.note,
      rejected,
      told: window.t.rejections.length,
    }
  })
  assert.equal(outcome.shown, 'Optimistic')
  assert.deepEqual(outcome.error, {
    error: {
      code: 'app',
      appCode: 'title-too-long',
      message: 'Title is too long',
      details: {max: 3},
    },
  })
  assert.equal(outcome.title, 'Todo refused')
  assert.equal(outcome.note, 'later')
  assert.deepEqual(outcome.rejected, [
    ['todo.renameUnlessServer', {id: 'refused', title: 'Optimistic'}, 'title-too-long'],
  ])
  assert.equal(outcome.told, 1)
  await page.evaluate(() => window.t.tm.rejected.dismiss(window.t.tm.rejected.get()[0].id))
  await page.waitForFunction(() => window.t.tm.rejected.get().length === 0)
  await page.context().close()
})

test('two browsers increment one counter and lose nothing', async () => {
  const pages = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  await Promise.all(
    pages.map(
      async page =>
        await page.evaluate(async () => {
          window.t.views.counter = window.t.tm.watch(window.t.queries.counter({id: 'clicks'}))
          const calls = []
          for (let n = 0; n < 25; n++)
            calls.push(window.t.tm.mutate.counter.increment({id: 'clicks'}).server)
          await Promise.all(calls)
        }),
    ),
  )
  for (const page of pages) {
    await page.waitForFunction(() => window.t.views.counter.data?.value === 50)
    await page.context().close()
  }
})
