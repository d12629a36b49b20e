// A client reduced to the protocol: says hello, pushes mutations that it encoded beforehand, and counts confirmations.
// It costs so little that what is measured is the server.

import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import {bundle} from '../browser/harness.mjs'
import {root} from '../support/server.mjs'

const mutationsPerPush = 100

/** As the server speaks it. */
export const protocolVersion = Number(
  /kProtocolVersion = (\d+)/.exec(
    readFileSync(path.join(root, 'core/protocol/version.h'), 'utf8'),
  )?.[1],
)

/** The schema document, from the bundle that the server runs. */
export function schemaJson() {
  const context = vm.createContext({})
  vm.runInContext(readFileSync(bundle, 'utf8'), context)
  return JSON.stringify(JSON.parse(context.__tidemark.describe()).schema)
}

/** A row, and then its title over and over. */
function edits(count) {
  const id = randomBytes(6).toString('hex')
  return Array.from({length: count}, (_, n) =>
    n === 0 ? ['todo.add', {id, title: '', rank: 1}] : ['todo.rename', {id, title: `Title ${n}`}],
  )
}

export class PushClient {
  #socket
  #pushes
  #last
  #lmid = 0
  #confirmed = () => undefined
  #clientID = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(16).toString('base64url')}`

  /**
   * Connects, and encodes mutations: so many of one row, or these.
   * @param {string} url @param {number | readonly [name: string, args: unknown][]} what
   */
  static async connect(url, what) {
    const client = new PushClient(url)
    await client.#open(typeof what === 'number' ? edits(what) : what)
    return client
  }

  constructor(url) {
    // Node 20 has it behind --experimental-websocket.
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/tidemark/sync`)
  }

  async #open(calls) {
    await new Promise((resolve, reject) => {
      this.#socket.onopen = resolve
      this.#socket.onerror = () => reject(new Error('no connection'))
    })
    const welcomed = new Promise(resolve => {
      this.#socket.onmessage = ({data}) => resolve(data)
    })
    this.#socket.send(
      JSON.stringify({
        t: 'hello',
        protocol: protocolVersion,
        build: 'bench',
        schemaHash: '',
        schema: JSON.parse(schemaJson()),
        group: randomBytes(16).toString('base64url'),
        base: ['', 0],
        clients: [[this.#clientID, 0]],
        queries: [],
      }),
    )
    const answer = await welcomed
    if (!answer.includes('"welcome"')) throw new Error(answer)
    this.#socket.onmessage = ({data}) => this.#receive(data)
    this.#receive(answer)
    this.#encode(calls)
  }

  #encode(calls) {
    const all = calls.map(([name, args], n) => ({
      client: this.#clientID,
      id: n + 1,
      name,
      args,
      timestamp: Date.now(),
      seed: randomBytes(16).toString('hex'),
    }))
    this.#pushes = []
    for (let from = 0; from < all.length; from += mutationsPerPush) {
      const mutations = all.slice(from, from + mutationsPerPush)
      this.#pushes.push(JSON.stringify({t: 'push', mutations}))
    }
    this.#last = all.length
  }

  /** Sends everything; resolves when all of it is confirmed. */
  async push() {
    const done = new Promise(resolve => (this.#confirmed = resolve))
    for (const push of this.#pushes) this.#socket.send(push)
    await done
  }

  close() {
    this.#socket.close()
  }

  #receive(frame) {
    for (const text of frame.split('\n')) this.#handle(text, JSON.parse(text))
  }

  #handle(text, message) {
    if (message.t === 'refused') throw new Error(text)
    if (message.t !== 'poke') return
    for (const [client, lmid] of message.lmids ?? []) {
      if (client === this.#clientID) this.#lmid = lmid
    }
    if (this.#lmid >= this.#last) this.#confirmed()
  }
}
