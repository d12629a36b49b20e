// Several tabs of one browser: one leads, the others follow, and none hangs or loses anything when one goes.

import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {crash, launchProfile} from '../support/browser.mjs'
import {complete, mutate, openPage, serve, settled, shows, state} from './harness.mjs'

let server
before(async () => (server = await serve()))
after(async () => await server?.stop())

const role = async page => await page.evaluate(() => window.t.tm.storageState.get())

test('a second tab follows, and each shows what the other writes, also offline', async t => {
  const {context} = await launchProfile({test: t})
  const first = await openPage(context, server.url)
  await state(first, 'storageState', 'persisted')
  const second = await openPage(context, server.url)
  await state(second, 'storageState', 'persisted')
  assert.deepEqual(await role(first), {state: 'persisted', role: 'leader'})
  assert.deepEqual(await role(second), {state: 'persisted', role: 'follower'})
  await complete(second)
  await context.setOffline(true)
  await mutate(second, 'todo', 'add', {id: 'tab2', title: 'From the second tab', rank: 1})
  await shows(first, 'tab2', {title: 'From the second tab'})
  await mutate(first, 'todo', 'rename', {id: 'tab2', title: 'By the first tab'})
  await shows(second, 'tab2', {title: 'By the first tab'})
  await context.setOffline(false)
  await settled(first)
  await settled(second)
})

for (const [how, end] of [
  ['closed', async page => await page.close()],
  ['crashed', async page => await crash(page)],
]) {
  test(`when the leader is ${how}, the follower leads and its writes arrive`, async t => {
    const {context} = await launchProfile({test: t})
    const first = await openPage(context, server.url)
    await state(first, 'storageState', 'persisted')
    const second = await openPage(context, server.url)
    await state(second, 'storageState', 'persisted')
    await mutate(second, 'todo', 'add', {id: how, title: 'Before', rank: 1})
    await end(first)
    await second.waitForFunction(() => window.t.tm.storageState.get().role === 'leader')
    const outcome = await second.evaluate(
      async id =>
        await window.t.outcome(window.t.tm.mutate.todo.rename({id, title: 'After'}).server),
      how,
    )
    assert.ok(!('error' in outcome), JSON.stringify(outcome))
    await shows(second, how, {title: 'After'})
    assert.equal(await second.evaluate(() => window.t.tm.pending.get()), 0)
  })
}

test('without storage a page works in memory and says so', async t => {
  const {context} = await launchProfile({test: t})
  const page = await openPage(context, server.url, 'storage=memory')
  assert.equal((await role(page)).state, 'memory')
  const outcome = await page.evaluate(async () => {
    const call = window.t.tm.mutate.todo.add({id: 'memory', title: 'In memory', rank: 3})
    return [await call.persisted, await window.t.outcome(call.server)]
  })
  assert.deepEqual(outcome, [false, {value: {added: 'memory'}}])
})
