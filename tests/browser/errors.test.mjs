// What goes wrong says what it is, and the server stays up.

import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {launchBrowser} from '../support/browser.mjs'
import {temporaryFolder} from '../support/cleanup.mjs'
import {startPostgres} from '../support/postgres.mjs'
import {serverBinary} from '../support/server.mjs'
import {bundle, complete, openPage, serve, shows, mutate} from './harness.mjs'

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

/** How a server that cannot start ends: exit status and its one line. */
function refusal(args) {
  const {status, stderr} = spawnSync(serverBinary, args, {
    cwd: temporaryFolder('refused'),
    encoding: 'utf8',
    timeout: 30_000,
  })
  return {status, lines: stderr.trim().split('\n')}
}

test('a server that cannot start exits with 2 and one line that names the reason', async () => {
  const folder = temporaryFolder('bundles')
  const file = (name, text) => {
    writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  const cases = [
    [[], /--app/],
    [['--app', path.join(folder, 'missing.js')], /missing\.js/],
    [['--app', folder], /is a folder/],
    [['--app', file('broken.js', 'let x = ;')], /broken\.js:1/],
    [['--app', file('other.js', 'globalThis.x = 1')], /other\.js/],
    [['--app', bundle, '--no-such-flag'], /no-such-flag/],
    [['--app', bundle, '--listen', '0.0.0.0:0'], /insecure-open/],
    [['--app', bundle, '--auth', `hs256:${file('short.key', 'secret')}`], /at least 32 bytes/],
    [['--app', bundle, '--auth', `rs256:${file('text.pem', 'x'.repeat(99))}`], /text\.pem/],
    [['--app', bundle, '--auth', 'none:x'], /hs256:FILE/],
    [['--app', bundle, '--db', 'postgres://nobody@127.0.0.1:1/none'], /127\.0\.0\.1/],
  ]
  for (const [args, expected] of cases) {
    const {status, lines} = refusal(args)
    assert.equal(status, 2, `${args.join(' ')}: ${lines.join('\n')}`)
    assert.match(lines.at(-1), expected)
  }
})

test('a table that lacks a column is named', async () => {
  const postgres = await startPostgres()
  postgres.psql(
    'create table todo (id text primary key, title text not null); create table counter (id text primary key, value float8 not null)',
  )
  const {status, lines} = refusal(['--app', bundle, '--db', postgres.url])
  await postgres.stop()
  assert.equal(status, 2)
  assert.match(lines.join('\n'), /todo\.done/)
})

test('malformed and oversized messages are refused, and the server stays up', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await complete(page)
  const answers = await page.evaluate(async () => {
    const send = async text =>
      await new Promise(resolve => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/tidemark/sync`)
        let answer = ''
        socket.onopen = () => socket.send(text)
        socket.onmessage = ({data}) => (answer += data)
        socket.onclose = () => resolve(answer)
      })
    return [
      await send('{"t":'),
      await send('{"t":"no-such-message"}'),
      await send('x'.repeat(5 << 20)),
    ]
  })
  assert.match(answers[0], /invalid_args/)
  assert.match(answers[1], /invalid_args/)
  assert.match(answers[2], /limit/)
  await mutate(page, 'todo', 'add', {id: 'alive', title: 'Still here', rank: 1})
  await shows(page, 'alive', {title: 'Still here'})
  await page.context().close()
})

test('a query that the server refuses is an error of its view, and of nothing else', async () => {
  const page = await openPage(await browser.newContext(), server.url)
  await complete(page)
  const error = await page.evaluate(
    async () =>
      await window.t.outcome(window.t.tm.run(window.t.queries.secret(), {until: 'complete'})),
  )
  assert.equal(error.error.appCode, 'secret')
  assert.equal(await page.evaluate(() => window.t.views.all.status), 'complete')
  await page.context().close()
})

test('an incompatible schema is told as outdated, and writing goes on', async () => {
  const page = await openPage(await browser.newContext(), server.url, 'open=no')
  const connection = await page.evaluate(async () => {
    const {app} = window.t
    const tables = app.schema.document.tables.map(table =>
      table.name === 'todo'
        ? {...table, columns: [...table.columns, {name: 'colour', type: 'string', optional: true}]}
        : table,
    )
    const newer = {...app, schema: {document: {tables}}}
    const tm = await window.t.open({app: newer, onOutdated: () => undefined})
    return await new Promise(resolve => {
      tm.connection.subscribe(value => {
        if (value.state === 'outdated') resolve(value)
      })
    })
  })
  assert.match(connection.reason, /todo\.colour/)
  const shown = await page.evaluate(() => {
    const view = window.t.tm.watch(window.t.queries.all())
    window.t.tm.mutate.todo.add({id: 'newer', title: 'Newer', rank: 1})
    return view.data.map(row => row.id)
  })
  assert.deepEqual(shown, ['newer'])
  await page.context().close()
})
