// Coming back after a while: a relay that had all of a result of 20,000 rows, of which 1% has changed beyond what the
// server remembers. Bytes of all messages, up and down, as a share of those of the full download: on the same server,
// after its restart, and on another server with a copy of the database.

import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {cpSync} from 'node:fs'
import path from 'node:path'
import {promisify} from 'node:util'
import {serve} from '../browser/harness.mjs'
import {temporaryFolder} from '../support/cleanup.mjs'
import {root} from '../support/server.mjs'
import {PushClient, protocolVersion, schemaJson} from './push-client.mjs'

const program = process.env.TIDEMARK_RESUME ?? path.join(root, 'build/release/tests/bench/resume')
const rows = 20_000

const hello = () =>
  JSON.stringify({
    t: 'hello',
    protocol: protocolVersion,
    build: 'bench',
    schemaHash: 'bench',
    schema: JSON.parse(schemaJson()),
    group: '',
    base: ['', 0],
    clients: [],
    queries: [{key: 'all', name: 'all', args: {}, ask: 1}],
  })

/** Connects the relay whose databases are in `folder` until it has everything. */
async function comeBack(server, folder) {
  const {stdout} = await promisify(execFile)(program, [String(server.port), folder, hello()])
  const result = JSON.parse(stdout)
  return {...result, bytes: result.up + result.down}
}

async function push(server, calls) {
  const client = await PushClient.connect(server.url, calls)
  await client.push()
  client.close()
}

/** 1% of the rows: some removed, some added, most edited, and these so often that the server does not remember all of it. */
async function change(server, round) {
  const few = []
  for (let n = 0; n < 20; n++) {
    few.push(['todo.remove', {id: `t${(n * 700 + 60 + round) % rows}`}])
    few.push(['todo.add', {id: `n${round}-${n}`, title: `Added in ${round}`, rank: n}])
  }
  await push(server, few)
  for (let time = 0; time < 2400 / 160; time++) {
    const edits = Array.from({length: 160}, (_, n) => [
      'todo.rename',
      {id: `t${(n * 120 + round) % rows}`, title: `Edited in ${round}, ${n}, ${time}`},
    ])
    await push(server, edits)
  }
}

/** @param {import('./figures.mjs').Figures} figures */
export async function measureResume(figures) {
  let server = await serve({})
  const fill = []
  for (let from = 0; from < rows; from += 500) fill.push(['todo.addMany', {from, count: 500}])
  await push(server, fill)

  const folder = temporaryFolder('resume')
  const whole = await comeBack(server, folder)
  if (whole.rows !== rows) throw new Error(`${whole.rows} rows`)
  figures.add('full download of 20,000 rows', 'bytes', [whole.bytes])
  const again = async what => {
    const {bytes, compared, rows: count, fingerprint} = await comeBack(server, folder)
    if (!compared) throw new Error('the server remembered everything')
    const fresh = await comeBack(server, temporaryFolder('resume'))
    if (fingerprint !== fresh.fingerprint || count !== fresh.rows) throw new Error('they differ')
    figures.add(`back after 1% has changed, ${what}`, '%', [(100 * bytes) / whole.bytes], '< 5')
  }

  await change(server, 1)
  await again('same server')
  await change(server, 2)
  await server.stop()
  server = await serve({folder: server.folder})
  await again('server restarted')
  await change(server, 3)
  await server.stop()
  const other = temporaryFolder(`server-${randomBytes(4).toString('hex')}`)
  cpSync(server.folder, other, {recursive: true})
  server = await serve({folder: other})
  await again('another server, on a copy')
  const nothing = await comeBack(server, folder)
  figures.add('back when nothing has changed', 'bytes', [nothing.bytes])
  await server.stop()
}
