// The todo demo as two people use it: built, served by tidemark-server, each in a browser of their own.

import assert from 'node:assert/strict'
import path from 'node:path'
import {after, afterEach, before, beforeEach, describe, it} from 'node:test'
import {demoBundle} from '../../scripts/lib/build.mjs'
import {launchBrowser} from '../support/browser.mjs'
import {root, startServer} from '../support/server.mjs'

const options = {
  app: path.join(root, demoBundle),
  staticFiles: path.join(root, 'demo/todo/dist'),
}

/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server

/** A page of a new user. */
async function openDemo() {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.on('pageerror', error => console.error('page error:', error))
  page.on('dialog', dialog => dialog.accept())
  await page.goto(server.url)
  await connected(page)
  return page
}

/** @typedef {import('playwright-core').Page} Page */
const titles = (/** @type {Page} */ page) => page.getByTestId('todo-title').allInnerTexts()
const connected = (/** @type {Page} */ page) =>
  page.locator('[data-testid=connection][data-state=connected]').waitFor()
const nothingPending = (/** @type {Page} */ page) =>
  page.locator('[data-testid=pending][data-count="0"]').waitFor()

/** @param {Page} page @param {string} list @param {string[]} todos */
async function fill(page, list, todos) {
  await page.getByTestId('new-list').fill(list)
  await page.keyboard.press('Enter')
  for (const todo of todos) {
    await page.getByTestId('new-todo').fill(todo)
    await page.keyboard.press('Enter')
  }
}

/** Waits until the page shows these todos in this order. @param {Page} page @param {string[]} wanted */
async function shows(page, wanted) {
  await page.waitForFunction(
    text =>
      JSON.stringify(
        [...document.querySelectorAll('[data-testid=todo-title]')].map(each => each.textContent),
      ) === text,
    JSON.stringify(wanted),
  )
}

/** @param {Page} page @param {string} list */
const choose = (page, list) => page.getByTestId('list').filter({hasText: list}).click()

describe('the todo demo', () => {
  before(async () => {
    browser = await launchBrowser()
  })
  beforeEach(async () => {
    server = await startServer(options)
  })
  afterEach(async () => await server.stop())
  after(async () => await browser.close())

  it('shows to one what the other writes, ticks off, renames and deletes', async () => {
    const [anna, ben] = await Promise.all([openDemo(), openDemo()])
    await fill(anna, 'Shopping', ['bread', 'milk', 'eggs'])
    await choose(ben, 'Shopping')
    await shows(ben, ['bread', 'milk', 'eggs'])
    assert.deepEqual(await titles(anna), ['bread', 'milk', 'eggs'])

    await ben.getByTestId('todo-title').first().dblclick()
    await ben.getByTestId('todo-title-edit').fill('rye bread')
    await ben.keyboard.press('Enter')
    await ben.getByTestId('todo-done').nth(1).click()
    await ben.getByTestId('todo').nth(2).hover()
    await ben.getByTestId('todo-remove').nth(2).click()
    await shows(anna, ['rye bread', 'milk'])
    await anna.locator('[data-testid=todo][data-done=true]').getByText('milk').waitFor()

    await anna.getByTestId('filter-active').click()
    await shows(anna, ['rye bread'])
    await anna.getByTestId('filter-done').click()
    await shows(anna, ['milk'])
    await anna.getByTestId('clear-done').click()
    await anna.getByTestId('empty').waitFor()
    await shows(ben, ['rye bread'])
  })

  it('is ordered by keys and by dragging, for both', async () => {
    const [anna, ben] = await Promise.all([openDemo(), openDemo()])
    await fill(anna, 'Order', ['a', 'b', 'c', 'd'])
    await choose(ben, 'Order')
    await shows(ben, ['a', 'b', 'c', 'd'])
    await anna.getByTestId('todo').first().focus()
    await anna.keyboard.press('Alt+ArrowDown')
    await shows(anna, ['b', 'a', 'c', 'd'])
    await shows(ben, ['b', 'a', 'c', 'd'])
    await ben
      .getByTestId('todo')
      .nth(3)
      .dragTo(ben.getByTestId('todo').nth(0), {
        targetPosition: {x: 60, y: 4},
      })
    await shows(ben, ['d', 'b', 'a', 'c'])
    await shows(anna, ['d', 'b', 'a', 'c'])
  })

  it('is worked with by keys alone', async () => {
    const page = await openDemo()
    await page.keyboard.press('l')
    await page.keyboard.type('Keys')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    for (const title of ['one', 'two', 'three']) {
      await page.keyboard.type(title)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await page.locator('[data-testid=todo][data-done=true]').getByText('two').waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type('zwei')
    await page.keyboard.press('Enter')
    await shows(page, ['one', 'zwei', 'three'])
    await page.keyboard.press('Delete')
    await shows(page, ['one', 'three'])
    await page.keyboard.press('?')
    await page.getByTestId('shortcuts').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('shortcuts').waitFor({state: 'detached'})
  })

  it('keeps what is written while the server is away, also over a reload', async () => {
    const anna = await openDemo()
    await fill(anna, 'Away', ['before'])
    await nothingPending(anna)
    // What is on the page stays; a reload needs somebody who serves the files.
    await server.stop()
    await fill(anna, 'Offline', ['meanwhile'])
    await anna.locator('[data-testid=pending][data-count="2"]').waitFor()
    server = await startServer({
      ...options,
      folder: server.folder,
      listen: `127.0.0.1:${server.port}`,
    })
    await anna.reload()
    await connected(anna)
    await nothingPending(anna)
    const ben = await openDemo()
    await choose(ben, 'Offline')
    await shows(ben, ['meanwhile'])
  })

  it('says what the server refused, and who is there', async () => {
    const [anna, ben] = await Promise.all([openDemo(), openDemo()])
    await anna.locator('[data-testid=people][data-count="2"]').waitFor()
    await fill(anna, 'Short-lived', ['x'])
    await choose(ben, 'Short-lived')
    await shows(ben, ['x'])
    await ben.context().setOffline(true)
    await ben.locator('[data-testid=connection]:not([data-state=connected])').waitFor()
    await ben.getByTestId('new-todo').fill('too late')
    await ben.keyboard.press('Enter')
    await shows(ben, ['x', 'too late'])
    await anna.getByTestId('remove-list').click()
    await nothingPending(anna)
    await ben.context().setOffline(false)
    await ben
      .getByTestId('rejections')
      .getByText('The list of "too late" has been deleted')
      .waitFor()
    await ben.getByRole('button', {name: 'Dismiss'}).click()
    await ben.getByTestId('rejections').waitFor({state: 'detached'})
  })
})
