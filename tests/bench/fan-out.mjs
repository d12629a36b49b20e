// One query of 100 rows over 20,000, subscribed to by many: from a write until each of them has it, at 20 writes a
// second, over real sockets; and the server's processor time for one write to 10,000 of them.

import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import path from 'node:path'
import {promisify} from 'node:util'
import {serve} from '../browser/harness.mjs'
import {root} from '../support/server.mjs'
import {protocolVersion, schemaJson} from './push-client.mjs'
import {fill} from './page-figures.mjs'

const program = path.join(root, 'build/release/tests/bench/subscribers')

const clientID = () =>
  `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(16).toString('base64url')}`

const hello = (group, clients, queries) =>
  JSON.stringify({
    t: 'hello',
    protocol: protocolVersion,
    build: 'bench',
    schemaHash: '',
    schema: JSON.parse(schemaJson()),
    group,
    base: ['', 0],
    clients,
    queries,
  })

async function measure(server, subscribers, writes, rate) {
  const run = randomBytes(6).toString('hex')
  const writer = clientID()
  const mutation = `{"t":"push","mutations":[{"client":"${writer}","id":$N,"name":"todo.rename","args":{"id":"t7","title":"w$N"},"timestamp":${Date.now()},"seed":"${'0'.repeat(32)}"}]}`
  const query = {key: 'first-hundred', name: 'first', args: {limit: 100}}
  const {stdout} = await promisify(execFile)(program, [
    String(server.port),
    String(server.child.pid),
    String(subscribers),
    String(writes),
    String(rate),
    hello(`subscriber-${run}-$N`, [], [query]),
    hello(`writer-${run}-000000000`, [[writer, 0]], []),
    mutation,
  ])
  const measured = JSON.parse(stdout)
  if (measured.deliveries !== subscribers * writes) throw new Error(stdout)
  return measured
}

/** @param {import('./figures.mjs').Figures} figures @param {import('playwright-core').Browser} browser */
export async function measureFanOut(figures, browser) {
  const server = await serve({})
  await fill(browser, server)
  for (const [subscribers, goal] of [
    [200, ''],
    [500, ''],
    [2000, '< 50'],
  ]) {
    const {p50, p99, serverCpu, ownCpu} = await measure(server, subscribers, 200, 20)
    const what = `20 writes/s to ${subscribers} subscribers`
    figures.add(`${what}, p99`, 'ms', [p99], goal)
    figures.add(`${what}, median`, 'ms', [p50])
    figures.add(`${what}, server CPU a write`, 'ms', [serverCpu])
    figures.add(`${what}, CPU of the subscribers a write`, 'ms', [ownCpu])
  }
  // Slowly, so that each write is a commit of its own.
  const {serverCpu} = await measure(server, 10_000, 20, 2)
  figures.add(
    'one write to 10,000 subscribers, server CPU with its sockets',
    'ms',
    [serverCpu],
    '< 50',
  )
  await server.stop()
}
