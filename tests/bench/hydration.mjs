// What one subscriber waits for its writes, at 50 a second, while another session subscribes to 20,000 rows that
// nobody had before: the longest time from a write until the subscriber is told.

import {randomBytes} from 'node:crypto'
import {serve} from '../browser/harness.mjs'
import {protocolVersion, schemaJson} from './push-client.mjs'

const rows = 20_000
const writes = 100
const rate = 50
const rounds = 5

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
const clientID = () =>
  `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(16).toString('base64url')}`

/** A connection that says hello and hands on the text of every frame. */
async function connect(server, clients, queries, onFrame) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/tidemark/sync`)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('no connection'))
  })
  socket.onmessage = ({data}) => {
    if (data.includes('"t":"refused"')) throw new Error(data)
    onFrame(data)
  }
  socket.send(
    JSON.stringify({
      t: 'hello',
      protocol: protocolVersion,
      build: 'bench',
      schemaHash: '',
      schema: JSON.parse(schemaJson()),
      group: randomBytes(16).toString('base64url'),
      base: ['', 0],
      clients,
      queries,
    }),
  )
  return socket
}

class Writer {
  #client = clientID()
  #socket
  #id = 0
  #confirmed = 0
  #wake = () => undefined

  async open(server) {
    this.#socket = await connect(server, [[this.#client, 0]], [], frame => {
      for (const [, id] of frame.matchAll(new RegExp(`"${this.#client}",(\\d+)`, 'g'))) {
        this.#confirmed = Math.max(this.#confirmed, Number(id))
      }
      this.#wake()
    })
    return this
  }
  push(name, args) {
    const mutation = {client: this.#client, id: ++this.#id, name, args, timestamp: Date.now()}
    const seed = randomBytes(16).toString('hex')
    this.#socket.send(JSON.stringify({t: 'push', mutations: [{...mutation, seed}]}))
  }
  async settled() {
    while (this.#confirmed < this.#id) await new Promise(resolve => (this.#wake = resolve))
  }
  close() {
    this.#socket.close()
  }
}

/** @param {import('./figures.mjs').Figures} figures */
export async function measureHydration(figures) {
  const server = await serve({})
  const writer = await new Writer().open(server)
  for (let from = 0; from < rows; from += 500) writer.push('todo.addMany', {from, count: 500})
  await writer.settled()

  const sent = []
  const took = []
  const query = {key: 'one', name: 'todo', args: {id: 't7'}}
  const subscriber = await connect(server, [], [query], frame => {
    for (const [, write] of frame.matchAll(/"w(\d+)"/g)) {
      took.push(performance.now() - sent[Number(write)])
    }
  })
  const longest = async meanwhile => {
    took.length = 0
    let others
    for (let write = 0; write < writes; write++) {
      if (write === writes / 4) others = meanwhile()
      sent.push(performance.now())
      writer.push('todo.rename', {id: 't7', title: `w${sent.length - 1}`})
      await sleep(1000 / rate)
    }
    await writer.settled()
    await others
    return Math.max(...took)
  }
  const quiet = []
  const reading = []
  const until = []
  for (let round = 0; round < rounds; round++) {
    quiet.push(await longest(async () => undefined))
    reading.push(
      await longest(async () => {
        // A limit that nobody had: nothing of it is known.
        const large = {key: 'large', name: 'first', args: {limit: rows + round}}
        const begin = performance.now()
        let socket
        await new Promise((resolve, reject) => {
          connect(server, [], [large], frame => {
            if (frame.includes('"refused"') || frame.includes('"query_failed"')) reject(frame)
            if (frame.includes('"segment"')) resolve(undefined)
          }).then(open => (socket = open), reject)
        })
        until.push(performance.now() - begin)
        socket.close()
      }),
    )
  }
  subscriber.close()
  writer.close()
  await server.stop()
  figures.add('longest wait for a write, 50 writes/s', 'ms', quiet)
  figures.add('the same while 20,000 rows are first read', 'ms', reading, '< 10')
  figures.add('20,000 rows to a socket, first time', 'ms', until)
}
