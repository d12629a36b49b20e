// One query of 100 rows over 20,000, subscribed to by many: from a write until each of them has it, at 20 writes a
// second, over real sockets.

import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {promisify} from 'node:util'
import {serve} from '../browser/harness.mjs'
import {root} from '../support/server.mjs'
import {schemaJson} from './push-client.mjs'
import {fill} from './page-figures.mjs'

const program = path.join(root, 'build/release/tests/bench/subscribers')
const writes = 100
const rate = 20

const clientID = () =>
  `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(16).toString('base64url')}`

const hello = (group, clients, queries) =>
  JSON.stringify({
    t: 'hello',
    protocol: 2,
    build: 'bench',
    schemaHash: '',
    schema: JSON.parse(schemaJson()),
    group,
    base: ['', 0],
    clients,
    queries,
  })

/** Seconds of processor time that a process has used. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function measure(server, subscribers) {
  const run = randomBytes(6).toString('hex')
  const writer = clientID()
  const mutation = `{"t":"push","mutations":[{"client":"${writer}","id":$N,"name":"todo.rename","args":{"id":"t7","title":"w$N"},"timestamp":${Date.now()},"seed":"${'0'.repeat(32)}"}]}`
  const query = {key: 'first-hundred', name: 'first', args: {limit: 100}}
  const before = cpuSeconds(server.child.pid)
  const {stdout} = await promisify(execFile)(program, [
    String(server.port),
    String(subscribers),
    String(writes),
    String(rate),
    hello(`subscriber-${run}-$N`, [], [query]),
    hello(`writer-${run}-000000000`, [[writer, 0]], []),
    mutation,
  ])
  return {...JSON.parse(stdout), cpu: cpuSeconds(server.child.pid) - before}
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
    const {p50, p99, deliveries, cpu} = await measure(server, subscribers)
    if (deliveries !== subscribers * writes) throw new Error(`${deliveries} deliveries`)
    const what = `20 writes/s to ${subscribers} subscribers`
    figures.add(`${what}, p99`, 'ms', [p99], goal)
    figures.add(`${what}, median`, 'ms', [p50])
    figures.add(`${what}, server CPU a write, connecting included`, 'ms', [(cpu * 1000) / writes])
  }
  await server.stop()
}
