// The hooks in a real React: what waits, what is shown at once, what grows page by page, and what is not rendered again.

import assert from 'node:assert/strict'
import {after, before, beforeEach, afterEach, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {complete, mutate, openPage, serve, settled, state} from './harness.mjs'

let browser
let server
let context
before(async () => (browser = await launchBrowser()))
after(async () => await browser?.close())
beforeEach(async () => {
  server = await serve()
  context = await browser.newContext()
})
afterEach(async () => {
  await context?.close()
  await server?.stop()
})

/** A page with React on it, and `sent`: the frames that it sent to the server (with `storage=memory`). */
async function openScreens(query = '') {
  const sent = []
  const page = await openPage(context, server.url, query, {
    file: 'react.html',
    prepare: opening =>
      opening.on('websocket', socket =>
        socket.on('framesent', ({payload}) => sent.push(JSON.parse(payload.toString()))),
      ),
  })
  await page.getByTestId('nothing').waitFor({state: 'attached'})
  return {page, sent}
}

const show = async (page, name, props = {}) =>
  await page.evaluate(([screen, given]) => window.r.show(screen, given), [name, props])

const rendered = async page => await page.evaluate(() => window.r.rendered.splice(0))

const todos = async (page, ...ranks) => {
  for (const rank of ranks) {
    await mutate(page, 'todo', 'add', {id: `t${rank}`, title: `Todo ${rank}`, rank})
  }
  await settled(page)
}

test('useSuspenseQuery waits for the whole result, also when rows of it are here', async () => {
  const {page: writer} = await openScreens('storage=memory')
  await todos(writer, 1, 2)
  const {page} = await openScreens('storage=memory&strict')
  await complete(page)
  await context.setOffline(true)
  await state(page, 'connection', 'offline')
  await mutate(page, 'todo', 'add', {id: 'mine', title: 'Mine', rank: 3})
  await show(page, 'below')
  await page.getByTestId('waiting').waitFor({state: 'attached'})
  assert.equal(await page.evaluate(() => window.t.tm.watch(window.t.queries.open()).data.length), 3)
  assert.deepEqual(await rendered(page), [])

  await context.setOffline(false)
  await page.getByTestId('todos').waitFor()
  assert.equal(await page.getByTestId('todos').textContent(), '3')
  const said = await rendered(page)
  assert.ok(said.length > 0 && said.every(each => each === 'suspense complete 3'), said.join())
  // What is complete is shown at once by who comes back.
  await show(page, null)
  await page.getByTestId('nothing').waitFor({state: 'attached'})
  const waited = await page.evaluate(async () => {
    let seen = false
    const observer = new MutationObserver(() => {
      seen ||= document.querySelector('[data-testid=waiting]') !== null
    })
    observer.observe(document.body, {childList: true, subtree: true})
    window.r.show('below')
    await new Promise(resolve => {
      const look = () =>
        document.querySelector('[data-testid=todos]') === null
          ? requestAnimationFrame(look)
          : resolve()
      look()
    })
    return seen
  })
  assert.equal(waited, false)
})

test('useSuspenseQuery throws what the server refuses the query with', async () => {
  const {page} = await openScreens('strict')
  await show(page, 'below', {refused: true})
  await page.getByTestId('refused').waitFor()
  assert.equal(await page.getByTestId('refused').textContent(), 'nobody may read this')
})

test('usePagedQuery shows page after page, each live, and never fewer rows than before', async () => {
  const {page: writer} = await openScreens()
  await todos(writer, 1, 2, 3, 4, 5, 6, 7)
  const {page} = await openScreens('strict&watch=no')
  await show(page, 'paged', {size: 3})
  const shown = async () => await page.locator('li').allTextContents()
  const shows = async (...ranks) => {
    const wanted = ranks.map(rank => `Todo ${rank}`)
    await page.waitForFunction(
      texts =>
        document.querySelector('main')?.dataset.status === 'complete' &&
        [...document.querySelectorAll('li')].map(({textContent}) => textContent).join() === texts,
      wanted.join(),
    )
    assert.deepEqual(await shown(), wanted)
  }
  await shows(1, 2, 3)
  await page.evaluate(() => {
    window.fewest = Infinity
    new MutationObserver(() => {
      window.fewest = Math.min(window.fewest, document.querySelectorAll('li').length)
    }).observe(document.body, {childList: true, subtree: true})
  })
  await page.getByText('more').click()
  await shows(1, 2, 3, 4, 5, 6)
  const fewest = await page.evaluate(() => window.fewest)
  assert.ok(fewest >= 3, `${fewest} rows were shown`)
  // A row above moves the others; the one that leaves the second page begins the third.
  await todos(writer, 0)
  await shows(0, 1, 2, 3, 4, 5)
  await page.getByText('more').click()
  await shows(0, 1, 2, 3, 4, 5, 6, 7)
  assert.equal(await page.getByText('more').count(), 0)
  await mutate(writer, 'todo', 'remove', {id: 't0'})
  await shows(1, 2, 3, 4, 5, 6, 7)
  await todos(writer, 8, 9, 10)
  await shows(1, 2, 3, 4, 5, 6, 7, 8, 9)
  assert.equal(await page.getByText('more').count(), 1)
})

test('an edit of a nested row renders what shows it, once, and nothing beside it', async () => {
  const {page: writer} = await openScreens()
  for (const id of ['a', 'b', 'c']) await mutate(writer, 'list', 'add', {id, items: 3})
  await settled(writer)
  const {page} = await openScreens()
  await show(page, 'nested')
  await page.locator('main[data-status=complete]').waitFor()
  await page.waitForFunction(() => document.querySelectorAll('li').length === 9)
  const says = async (id, text) =>
    await page.waitForFunction(
      ([item, wanted]) => document.querySelector(`[data-testid=${item}]`)?.textContent === wanted,
      [id, text],
    )
  await rendered(page)
  // Optimistic, and confirmed by the server: one rendering.
  await mutate(page, 'list', 'editItem', {id: 'b1', text: 'Edited here'})
  await says('b1', 'Edited here')
  await settled(page)
  assert.deepEqual(await rendered(page), ['nested complete 3', 'list b', 'item b1'])
  await mutate(writer, 'list', 'editItem', {id: 'c2', text: 'Edited there'})
  await says('c2', 'Edited there')
  assert.deepEqual(await rendered(page), ['nested complete 3', 'list c', 'item c2'])
  await mutate(writer, 'list', 'add', {id: 'd', items: 1})
  await says('d0', 'Item 0')
  assert.deepEqual(await rendered(page), ['nested complete 4', 'list d', 'item d0'])
})

test('what was preloaded is complete in its first rendering, without a word to the server', async () => {
  const {page: writer} = await openScreens()
  await mutate(writer, 'list', 'add', {id: 'a', items: 2})
  await settled(writer)
  const {page, sent} = await openScreens('storage=memory')
  await complete(page)
  await page.evaluate(async () => {
    window.preloaded = window.t.tm.preload(window.t.queries.lists(), {ttl: '1d'})
    await window.preloaded.complete
  })
  assert.equal(sent.filter(({t, put}) => t === 'queries' && put[0]?.name === 'lists').length, 1)
  sent.length = 0
  await show(page, 'nested')
  await page.getByTestId('a1').waitFor()
  // React renders before it subscribes: what is painted first is the second.
  const [, first] = await rendered(page)
  assert.equal(first, 'nested complete 1')
  await mutate(writer, 'list', 'editItem', {id: 'a1', text: 'Still live'})
  await page.getByText('Still live').waitFor()
  assert.deepEqual(
    sent.filter(({t}) => t !== 'ping'),
    [],
  )
})

test('a query stays subscribed for its ttl behind the last view, and no longer', async () => {
  const {page, sent} = await openScreens('storage=memory')
  await complete(page)
  await page.evaluate(async () => {
    const view = window.t.tm.watch(window.t.queries.lists(), {ttl: '1.5s'})
    await new Promise(resolve =>
      view.subscribe(({status}) => status === 'complete' && resolve(undefined)),
    )
    view.close()
  })
  const back = await page.evaluate(() => {
    const view = window.t.tm.watch(window.t.queries.lists())
    const {status} = view
    view.close()
    return status
  })
  assert.equal(back, 'complete')
  const removals = () => sent.filter(({t, remove}) => t === 'queries' && remove.length > 0)
  assert.deepEqual(removals(), [])
  const started = Date.now()
  while (removals().length === 0) {
    assert.ok(Date.now() - started < 30_000, 'it is still subscribed')
    await page.evaluate(async () => await new Promise(requestAnimationFrame))
  }
  const after = await page.evaluate(() => {
    const view = window.t.tm.watch(window.t.queries.lists())
    const {status} = view
    view.close()
    return status
  })
  assert.equal(after, 'partial')
})
