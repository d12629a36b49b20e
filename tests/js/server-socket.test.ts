import assert from 'node:assert/strict'
import {afterEach, beforeEach, describe, it} from 'node:test'
import {ServerSocket} from '../../js/src/server-socket.js'
import type {AuthReason} from '../../js/src/server-socket.js'
import {askAgainIn, refreshIn} from '../../js/src/token-expiry.js'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (claims: object): string => `${encode({alg: 'HS256'})}.${encode(claims)}.signature`
const now = 1_700_000_000_000
const inSeconds = (seconds: number): number => now / 1000 + seconds

describe('when the next token is asked for', () => {
  it('is a minute before the present one expires', () => {
    assert.equal(refreshIn(token({exp: inSeconds(3600)}), now), 3_540_000)
  })
  it('is after four fifths of a short life', () => {
    assert.equal(refreshIn(token({exp: inSeconds(10)}), now), 8000)
    assert.equal(refreshIn(token({exp: inSeconds(0.1)}), now), 1000)
  })
  it('is once a day at least, for timers hold no more than 24 days', () => {
    assert.equal(refreshIn(token({exp: inSeconds(1e9)}), now), 86_400_000)
  })
  it('goes by the life of the token where our clock must be wrong', () => {
    assert.equal(refreshIn(token({iat: inSeconds(-7210), exp: inSeconds(-7200)}), now), 8000)
  })
  it('is never for what is no JWT or does not expire', () => {
    for (const other of [null, '', 'opaque', 'a.b.c', 'a.bnVsbA.c', token({}), token({exp: '1'})]) {
      assert.equal(refreshIn(other, now), undefined, String(other))
      assert.equal(askAgainIn(other, now), undefined, String(other))
    }
  })
  it('is again, in vain, until there is no time left', () => {
    assert.equal(askAgainIn(token({exp: inSeconds(60)}), now), 30_000)
    assert.equal(askAgainIn(token({exp: inSeconds(6)}), now), 5000)
    assert.equal(askAgainIn(token({exp: inSeconds(4)}), now), undefined)
  })
  it('reads claims in any script', () => {
    assert.equal(refreshIn(token({name: 'Ådåŀa>>??', exp: inSeconds(10)}), now), 8000)
  })
})

/** A socket that opens at once; what is sent over it is of no interest. */
class FakeSocket {
  static readonly all: FakeSocket[] = []
  binaryType = ''
  onopen: (() => void) | null = null
  closed = false
  constructor() {
    FakeSocket.all.push(this)
    queueMicrotask(() => this.onopen?.())
  }
  send(): void {
    // Nobody listens.
  }
  close(): void {
    this.closed = true
  }
}

const settle = async (): Promise<void> => {
  await new Promise(resolve => {
    setTimeout(resolve, 5)
  })
}

describe('the tokens of a connection', () => {
  let asked: AuthReason[]
  let log: string[]
  let tokens: Partial<Record<AuthReason, string | null | Error>>
  let socket: ServerSocket

  beforeEach(() => {
    asked = []
    log = []
    tokens = {connect: 'first'}
    FakeSocket.all.length = 0
    socket = new ServerSocket(
      'ws://test.example',
      {
        auth: async why => {
          asked.push(why)
          const answer = tokens[why] ?? null
          if (answer instanceof Error) throw answer
          return await Promise.resolve(answer)
        },
        refreshed: fresh => log.push(`refreshed ${fresh}`),
        opened: given => log.push(`opened ${given}`),
        closed: () => log.push('closed'),
        message: () => undefined,
        state: connection => log.push(connection),
      },
      FakeSocket,
      () => '{}',
    )
  })
  afterEach(() => socket.stop())

  const connect = async (): Promise<void> => {
    socket.start()
    await settle()
    socket.accepted()
    log.length = 0
  }

  it('is asked for before the connection and travels in the hello', async () => {
    socket.start()
    await settle()
    assert.deepEqual(asked, ['connect'])
    assert.deepEqual(log, ['connecting', 'opened first'])
  })

  it('is replaced, once, when the server refused it and there is another', async () => {
    tokens.rejected = 'second'
    socket.start()
    await settle()
    socket.refused('unauthorized', 'expired')
    await settle()
    assert.deepEqual(log.slice(2), ['closed', 'connecting', 'opened second'])
    socket.refused('unauthorized', 'expired as well')
    await settle()
    assert.deepEqual(log.slice(5), ['closed', 'unauthorized'])
    assert.deepEqual(asked, ['connect', 'rejected'])
  })

  it('leaves the connection unauthorized when there is no other', async () => {
    for (const none of [null, 'first', new Error('logged out')]) {
      asked.length = 0
      tokens.rejected = none
      socket.start()
      await settle()
      log.length = 0
      tokens.connect = 'first'
      socket.refused('unauthorized', 'expired')
      await settle()
      assert.equal(log.at(-1), 'unauthorized', String(none))
      // Neither the network nor the page coming to the front makes the token good.
      const sockets = FakeSocket.all.length
      socket.setOnline(false)
      socket.setOnline(true)
      socket.hurry()
      await settle()
      assert.equal(FakeSocket.all.length, sockets)
      tokens.rejected = 'fresh'
      socket.connect()
      await settle()
      assert.equal(log.at(-1), 'opened fresh')
      socket.accepted()
      socket.stop()
    }
  })

  it('is not replaced when the client group is somebody else’s', async () => {
    await connect()
    socket.refused('forbidden', 'somebody else')
    await settle()
    assert.deepEqual(log, ['closed', 'unauthorized'])
    assert.deepEqual(asked, ['connect'])
  })

  it('is swapped on the open connection by connect()', async () => {
    await connect()
    socket.connect()
    await settle()
    assert.deepEqual(log, [], 'the same token is no news')
    tokens.connect = 'second'
    socket.connect()
    await settle()
    tokens.connect = null
    socket.connect()
    await settle()
    assert.deepEqual(log, ['refreshed second', 'refreshed '])
    assert.equal(FakeSocket.all.length, 1)
  })

  it('comes from another tab, whose page has a newer one', async () => {
    tokens.rejected = null
    socket.start()
    await settle()
    socket.refused('unauthorized', 'expired')
    await settle()
    log.length = 0
    socket.connect('of the other tab')
    await settle()
    assert.deepEqual(log, ['opened of the other tab'])
    socket.accepted()
    socket.connect('its next one')
    socket.connect('its next one')
    assert.deepEqual(log.slice(1), ['connected', 'refreshed its next one'])
    assert.deepEqual(asked, ['connect', 'rejected'])
  })

  it('is swapped before it expires', async () => {
    tokens.connect = token({exp: Date.now() / 1000 + 1})
    await connect()
    const second = token({exp: Date.now() / 1000 + 3600})
    tokens.expiring = second
    while (log.length === 0) await settle()
    assert.deepEqual(asked, ['connect', 'expiring'])
    assert.deepEqual(log, [`refreshed ${second}`])
  })

  it('of an answer that comes too late is not used', async () => {
    await connect()
    let answer: (late: string) => void = () => undefined
    tokens.connect = new Promise<string>(resolve => (answer = resolve)) as unknown as string
    socket.connect()
    socket.stop()
    answer('late')
    await settle()
    assert.deepEqual(log, ['closed'])
  })
})
