// Tokens end to end: who may connect, what a caller may read and write, and what a new token changes.

import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {launchBrowser, launchProfile} from '../support/browser.mjs'
import {temporaryFolder} from '../support/cleanup.mjs'
import {startPostgres} from '../support/postgres.mjs'
import {now, signToken} from '../support/tokens.mjs'
import {openPage, serve, serveSite, settled, state} from './harness.mjs'

const secret = 'a secret of the tests, long enough: 32 bytes'
const secretFile = path.join(temporaryFolder('auth'), 'secret.key')
writeFileSync(secretFile, `${secret}\n`)
const args = ['--auth', `hs256:${secretFile}`]
const token = (sub, more = {}) => signToken(secret, {sub, exp: now() + 3600, ...more})

let browser
let server
before(async () => {
  browser = await launchBrowser()
  server = await serve({args})
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Opens the app on a page with this token, and watches these queries. */
async function open(page, {token: first, user, storage, watch = ['mine']}) {
  await page.evaluate(
    async ([given, options, names]) => {
      const {t} = window
      t.token = given
      const auth = why => {
        t.asked.push(why)
        return t.token
      }
      await t.open({...options, auth})
      t.states = []
      t.tm.connection.subscribe(({state: name, reason}) => t.states.push([name, reason]))
      for (const name of names) t.views[name] = t.tm.watch(t.queries[name]())
    },
    [first, {...(user ? {user} : {}), ...(storage ? {storage} : {})}, watch],
  )
}

/** A page of somebody else's browser, opened with a token. */
async function pageOf(options, {url} = server) {
  const page = await openPage(await browser.newContext(), url, 'open=no')
  await open(page, options)
  return page
}

const close = async (...pages) => await Promise.all(pages.map(async page => page.context().close()))

/** Waits until a view is complete and shows these texts. */
const texts = async (page, view, wanted) =>
  await page.waitForFunction(
    ([name, expected]) => {
      const {status, stale, data} = window.t.views[name]
      const shown = data.map(row => row.text).sort()
      return status === 'complete' && !stale && JSON.stringify(shown) === JSON.stringify(expected)
    },
    [view, wanted],
  )

const add = async (page, id, text) =>
  await page.evaluate(
    async ([noteID, noteText]) =>
      await window.t.outcome(window.t.tm.mutate.note.add({id: noteID, text: noteText}).server),
    [id, text],
  )

const swapToken = async (page, given) =>
  await page.evaluate(next => {
    window.t.token = next
    window.t.tm.connect()
  }, given)

const connections = async page => await page.evaluate(() => window.t.states.map(([name]) => name))

for (const database of ['the embedded database', 'Postgres']) {
  test(`two users see and change only what is theirs, on ${database}`, async t => {
    let own = server
    if (database === 'Postgres') {
      const postgres = await startPostgres()
      own = await serve({db: postgres.url, args: [...args, '--migrate']})
      t.after(async () => {
        await own.stop()
        await postgres.stop()
      })
    }
    const ada = await pageOf({token: token('ada'), user: 'ada'}, own)
    const bob = await openPage(await browser.newContext(), own.url, 'open=no')
    const received = []
    bob.on('websocket', socket =>
      socket.on('framereceived', ({payload}) => received.push(String(payload))),
    )
    // In the page itself, so that the test sees what comes over the wire.
    await open(bob, {token: token('bob'), user: 'bob', storage: 'memory'})
    await state(ada, 'connection', 'connected')
    await state(bob, 'connection', 'connected')
    assert.deepEqual(await add(ada, 'a1', "Ada's secret"), {value: undefined})
    assert.deepEqual(await add(bob, 'b1', "Bob's own"), {value: undefined})
    await texts(ada, 'mine', ["Ada's secret"])
    await texts(bob, 'mine', ["Bob's own"])

    // Bob knows the id, and it is of no use to him.
    const edited = await bob.evaluate(
      async () =>
        await window.t.outcome(
          window.t.tm.mutate.note.edit({id: 'a1', text: 'Bob was here'}).server,
        ),
    )
    assert.equal(edited.error.appCode, 'forbidden')
    assert.equal(edited.error.message, 'not your note')
    await texts(ada, 'mine', ["Ada's secret"])
    await texts(bob, 'mine', ["Bob's own"])
    assert.ok(received.some(frame => frame.includes("Bob's own")))
    assert.deepEqual(
      received.filter(frame => frame.includes("Ada's secret")),
      [],
    )
    await close(ada, bob)
  })
}

test('without a token, or with a forged one, nothing is told', async () => {
  for (const given of [
    null,
    'x',
    signToken('another secret, just as long as it is', {sub: 'ada'}),
  ]) {
    const page = await pageOf({token: given, watch: ['mine', 'all']})
    await state(page, 'connection', 'unauthorized')
    const {reason, rows, asked} = await page.evaluate(() => ({
      reason: window.t.tm.connection.get().reason,
      rows: window.t.views.all.data.length + window.t.views.mine.data.length,
      asked: window.t.asked,
    }))
    assert.match(reason, /token/)
    assert.equal(rows, 0)
    assert.deepEqual(asked, ['connect', 'rejected'])
    await close(page)
  }
  // On the wire there is a refusal, and nothing about the app in it.
  const page = await openPage(await browser.newContext(), server.url, 'open=no')
  const received = []
  page.on('websocket', socket =>
    socket.on('framereceived', ({payload}) => received.push(String(payload))),
  )
  await open(page, {token: 'x', storage: 'memory', watch: ['all', 'mine']})
  await state(page, 'connection', 'unauthorized')
  assert.equal(received.length, 1)
  assert.match(received[0], /"refused".*"unauthorized"/)
  assert.doesNotMatch(received[0], /todo|note|counter/)
  await close(page)
})

test('another token changes what is seen, without reconnecting, and its claims are kept', async t => {
  const own = await serve({args})
  const bob = await pageOf({token: token('bob'), user: 'bob'}, own)
  await add(bob, 'of-bob', "Bob's")
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, own.url, 'open=no')
  await open(page, {token: token('ada', {role: 'admin'}), user: 'ada', watch: ['notes']})
  await state(page, 'connection', 'connected')
  await page.evaluate(
    () => (window.t.views.allNotes = window.t.tm.watch(window.t.queries.allNotes())),
  )
  await add(page, 'of-ada', "Ada's")
  await texts(page, 'notes', ["Ada's", "Bob's"])
  await texts(page, 'allNotes', ["Ada's", "Bob's"])

  await swapToken(page, token('ada'))
  await texts(page, 'notes', ["Ada's"])
  await page.waitForFunction(() => window.t.views.allNotes.status === 'error')
  const {asked, error} = await page.evaluate(() => ({
    asked: window.t.asked,
    error: window.t.views.allNotes.error.toJSON(),
  }))
  assert.deepEqual(asked, ['connect', 'connect'])
  assert.equal(error.appCode, 'forbidden')
  await add(bob, 'of-bob-2', "Bob's second")

  await swapToken(page, token('ada', {role: 'admin'}))
  await texts(page, 'notes', ["Ada's", "Bob's", "Bob's second"])
  await swapToken(page, token('ada'))
  await texts(page, 'notes', ["Ada's"])
  assert.equal((await connections(page)).filter(name => name !== 'connected').length <= 1, true)
  await bob.context().close()

  // The last claims hold for the time without a server.
  await own.stop()
  const stopSite = await serveSite(own.port)
  await page.reload()
  await page.waitForFunction(() => document.title === 'ready')
  await open(page, {token: null, user: 'ada', watch: ['notes', 'mine']})
  await page.waitForFunction(() => window.t.views.notes.data.length > 0)
  const shown = await page.evaluate(() => {
    const notes = window.t.views.notes.data.map(row => row.text)
    window.t.tm.mutate.note.add({id: 'offline', text: 'Offline'})
    return {
      notes,
      owner: window.t.views.mine.data.find(row => row.id === 'offline')?.owner,
    }
  })
  assert.deepEqual(shown, {notes: ["Ada's"], owner: 'ada'})
  await stopSite()
})

test('the app is asked for the next token before one expires, and nothing is reconnected', async () => {
  for (const storage of ['opfs', 'memory']) {
    const page = await pageOf({
      token: token('ada', {exp: now() + 3}),
      user: `expiring-${storage}`,
      storage,
    })
    await state(page, 'connection', 'connected')
    await page.evaluate(next => (window.t.token = next), token('ada', {role: 'admin'}))
    await page.waitForFunction(() => window.t.asked.includes('expiring'))
    await page.evaluate(() => (window.t.views.notes = window.t.tm.watch(window.t.queries.notes())))
    await add(page, `expiring-${storage}`, 'Written with the second token')
    await page.waitForFunction(() => window.t.views.notes.status === 'complete')
    assert.deepEqual(await page.evaluate(() => window.t.asked), ['connect', 'expiring'])
    const states = await connections(page)
    assert.deepEqual(states.slice(states.indexOf('connected')), ['connected'])
    await close(page)
  }
})

test('a session ends with its token, and goes on with the one that follows', async () => {
  // Over, but within what the server grants to clocks that differ: it ends in a moment.
  const page = await pageOf({token: token('ada', {exp: now() - 26}), user: 'ending'})
  await state(page, 'connection', 'connected')
  await state(page, 'connection', 'unauthorized')
  assert.equal(await page.evaluate(() => window.t.asked.at(-1)), 'rejected')
  await swapToken(page, token('ada'))
  await state(page, 'connection', 'connected')
  await close(page)
})

test('with an expired token one writes on, and it arrives once when there is a new one', async () => {
  for (const storage of ['opfs', 'memory']) {
    const page = await pageOf({
      token: token('ada', {exp: now() - 3600}),
      user: `expired-${storage}`,
      storage,
      watch: ['all'],
    })
    await state(page, 'connection', 'unauthorized')
    const id = `late-${storage}`
    const shown = await page.evaluate(noteID => {
      const {t} = window
      t.tm.mutate.counter.increment({id: noteID})
      t.tm.mutate.todo.add({id: noteID, title: 'Late', rank: 1})
      return {
        reason: t.tm.connection.get().reason,
        titles: t.views.all.data.map(row => row.title),
        pending: t.tm.pending.get(),
      }
    }, id)
    assert.match(shown.reason, /expired/)
    assert.deepEqual(shown.titles, ['Late'])
    assert.equal(shown.pending, 2)

    await swapToken(page, token('ada'))
    await state(page, 'connection', 'connected')
    await settled(page)
    const counter = await page.evaluate(
      async noteID =>
        await window.t.tm.run(window.t.queries.counter({id: noteID}), {until: 'complete'}),
      id,
    )
    assert.deepEqual(counter, {id, value: 1})
    await page.evaluate(noteID => window.t.tm.mutate.todo.remove({id: noteID}), id)
    await settled(page)
    await close(page)
  }
})

test('an app that has another token when one was refused is connected without being told', async () => {
  const page = await openPage(await browser.newContext(), server.url, 'open=no')
  await page.evaluate(
    async ([stale, fresh]) => {
      const auth = why => (why === 'rejected' ? fresh : stale)
      await window.t.open({auth, user: 'stale'})
      window.t.states = []
      window.t.tm.connection.subscribe(({state: name}) => window.t.states.push(name))
    },
    [token('ada', {exp: 1}), token('ada')],
  )
  await state(page, 'connection', 'connected')
  assert.ok(!(await page.evaluate(() => window.t.states)).includes('unauthorized'))
  await close(page)
})

test('who logs in in one tab is logged in in all', async () => {
  const context = await browser.newContext()
  const [leader, follower] = [
    await openPage(context, server.url, 'open=no'),
    await openPage(context, server.url, 'open=no'),
  ]
  const stale = {token: token('erin', {exp: 1}), user: 'erin'}
  await open(leader, stale)
  await state(leader, 'connection', 'unauthorized')
  await open(follower, stale)
  await state(follower, 'connection', 'unauthorized')
  // Only the tab that follows has the new token.
  await swapToken(follower, token('erin'))
  for (const page of [leader, follower]) await state(page, 'connection', 'connected')
  await add(follower, 'of-erin', "Erin's")
  for (const page of [leader, follower]) await texts(page, 'mine', ["Erin's"])
  await context.close()
})

test("another user's token does not get at a client group", async t => {
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, server.url, 'open=no')
  await open(page, {token: token('carol')})
  await add(page, 'of-carol', "Carol's")
  await texts(page, 'mine', ["Carol's"])
  await page.reload()
  await page.waitForFunction(() => document.title === 'ready')
  await open(page, {token: token('dave')})
  await state(page, 'connection', 'unauthorized')
  const {reason, asked} = await page.evaluate(() => ({
    reason: window.t.tm.connection.get().reason,
    asked: window.t.asked,
  }))
  assert.match(reason, /somebody else/)
  assert.deepEqual(asked, ['connect'])
  // A token of somebody else on an open connection is refused as well.
  await swapToken(page, token('carol'))
  await state(page, 'connection', 'connected')
  await swapToken(page, token('dave'))
  await state(page, 'connection', 'unauthorized')
  await swapToken(page, token('carol'))
  await texts(page, 'mine', ["Carol's"])
})
