import assert from 'node:assert/strict'
import {afterEach, beforeEach, describe, it} from 'node:test'
import {Followers} from '../../js/src/worker/followers.js'
import type {BetweenWorkers, MessageOf} from '../../js/src/worker/protocol.js'
import type {WorkerChannel} from '../../js/src/worker/worker-channel.js'

/** The locks of tabs that are still there; `end` is the end of one of them. */
class TabLocks {
  readonly #waiting = new Map<string, () => void>()

  async request(name: string, _options: unknown, granted: () => void): Promise<void> {
    await new Promise<void>(resolve => this.#waiting.set(name, resolve))
    granted()
  }

  end(tab: string): void {
    this.#waiting.get(`tidemark:db:tab:${tab}`)?.()
  }
}

describe('the tabs that follow a leader', () => {
  let locks: TabLocks
  let sent: MessageOf<BetweenWorkers>[]
  let events: string[]
  let followers: Followers
  const saved = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
  const up = (tab: string, epoch = 'now') =>
    followers.receive({type: 'up', tab, epoch, bytes: new Uint8Array([1])})

  beforeEach(() => {
    locks = new TabLocks()
    Object.defineProperty(globalThis, 'navigator', {value: {locks}, configurable: true})
    sent = []
    events = []
    const channel: Pick<WorkerChannel, 'send'> = {send: message => void sent.push(message)}
    followers = new Followers(
      'db',
      'now',
      channel as WorkerChannel,
      () => ({state: 'persisted', role: 'follower'}),
      {
        opened: tab => events.push(`opened ${tab}`),
        closed: tab => events.push(`closed ${tab}`),
        message: tab => events.push(`message ${tab}`),
      },
    )
  })

  afterEach(() => {
    if (saved) Object.defineProperty(globalThis, 'navigator', saved)
    else Reflect.deleteProperty(globalThis, 'navigator')
  })

  it('are numbered when they join, and heard', () => {
    followers.receive({type: 'join', tab: 'a'})
    followers.receive({type: 'join', tab: 'b'})
    up('b')
    assert.deepEqual(events, ['opened 1', 'opened 2', 'message 2'])
    assert.deepEqual(
      sent.map(({type}) => type),
      ['opened', 'opened'],
    )
  })

  it('are closed when their lock is free', async () => {
    followers.receive({type: 'join', tab: 'a'})
    locks.end('a')
    await Promise.resolve().then(() => undefined)
    assert.deepEqual(events, ['opened 1', 'closed 1'])
  })

  it('are told to join again when they are not known, so that none talks to nobody', () => {
    up('a')
    assert.deepEqual(sent, [{type: 'dropped', tab: 'a', epoch: 'now'}])
    assert.deepEqual(events, [])
  })

  it('are told who leads when they talk to an earlier leader', () => {
    followers.receive({type: 'join', tab: 'a'})
    up('a', 'before')
    assert.deepEqual(sent.at(-1), {type: 'lead', epoch: 'now'})
    assert.deepEqual(events, ['opened 1'])
  })
})
