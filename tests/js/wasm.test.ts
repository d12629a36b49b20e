// The two wasm modules in Node, without a browser: the page's client on the worker's relay, the relay on files of the
// test's own.
import assert from 'node:assert/strict'
import {test} from 'node:test'
import {createPageModule} from '#wasm/page'
import {createWorkerModule} from '#wasm/worker'
import {createAppRuntime} from '../../js/src/app-runtime.js'
import {PageCore} from '../../js/src/page-core.js'
import type {FlushDocument, MutationDocument} from '../../js/src/page-core.js'
import {loadModule} from '../../js/src/wasm-module.js'
import {wasmFolder} from './wasm-folder.js'
import {DatabaseDamaged, RelayCore} from '../../js/src/worker/relay-core.js'
import type {SyncFile} from '../../js/src/worker/relay-core.js'
import {defineApp, defineMutators, defineQueries, defineSchema, string, table} from 'tidemark'

const folder = wasmFolder

/** A file in memory that forgets, on a crash, what was not flushed. */
class MemoryFile implements SyncFile {
  #bytes = new Uint8Array(0)
  #flushed = new Uint8Array(0)

  read(into: Uint8Array, {at}: {at: number}): number {
    const part = this.#bytes.subarray(at, at + into.length)
    into.set(part)
    return part.length
  }
  write(bytes: Uint8Array, {at}: {at: number}): number {
    if (at + bytes.length > this.#bytes.length) this.truncate(at + bytes.length)
    this.#bytes.set(bytes, at)
    return bytes.length
  }
  getSize(): number {
    return this.#bytes.length
  }
  truncate(size: number): void {
    const resized = new Uint8Array(size)
    resized.set(this.#bytes.subarray(0, size))
    this.#bytes = resized
  }
  flush(): void {
    this.#flushed = this.#bytes.slice()
  }
  crash(): void {
    this.#bytes = this.#flushed.slice()
  }
  /** Overwrites the beginning, as damage does. */
  damage(): void {
    this.#bytes.fill(0x5a, 0, 64)
    this.flush()
  }
}

const files = (): MemoryFile[] => Array.from({length: 6}, () => new MemoryFile())

const schema = defineSchema({note: table({id: string(), text: string()}).primaryKey('id')})
const queries = defineQueries(schema, {all: q => q.note.orderBy('id')})
const mutators = defineMutators(schema, {
  add: (tx, {id, text}: {id: string; text: string}) => tx.note.insert({id, text}),
})
const app = defineApp({schema, queries, mutators})

const seed = (n: number): string => n.toString(16).padStart(32, '0')

class Tab {
  readonly flushes: FlushDocument[] = []
  readonly events: MutationDocument[] = []
  readonly outbox: Uint8Array[] = []
  readonly core: PageCore
  pending = 0

  private constructor(core: (tab: Tab) => PageCore) {
    this.core = core(this)
  }

  static async open(name: string): Promise<Tab> {
    const module = await loadModule(createPageModule, new URL('tidemark_page.wasm', folder))
    const runtime = createAppRuntime(app)
    const options = {
      schemaJson: JSON.stringify(schema.document),
      clientID: `000000001-${name.padEnd(22, '-')}`,
      build: 'test',
      runMutator: runtime.runMutator,
    }
    return new Tab(
      tab =>
        new PageCore(module, options, {
          send: bytes => void tab.outbox.push(bytes.slice()),
          flush: (_view, flush) => void tab.flushes.push(flush),
          pending: count => void (tab.pending = count),
          link: () => undefined,
          rejections: () => undefined,
          mutation: event => void tab.events.push(event),
          refused: error => assert.fail(error.message),
        }),
    )
  }

  watchAll(): void {
    const request = queries.all()
    this.core.watch(
      request.name,
      request.argsJson,
      JSON.stringify(request.ast()),
      0,
      () => undefined,
    )
  }
}

async function openRelay(
  disk: readonly MemoryFile[],
  tab: () => Tab | undefined,
): Promise<RelayCore> {
  const module = await loadModule(createWorkerModule, new URL('tidemark_worker.wasm', folder))
  return new RelayCore(module, disk, {
    toServer: () => assert.fail('there is no server'),
    toTab: (_tab, bytes) => tab()?.core.message(bytes.slice()),
    closeTab: () => assert.fail('the tab was closed'),
    refused: error => assert.fail(error.message),
    reopenLink: () => undefined,
    needsFlush: () => undefined,
  })
}

function deliver(tab: Tab, relay: RelayCore): void {
  for (let bytes = tab.outbox.shift(); bytes !== undefined; bytes = tab.outbox.shift()) {
    relay.tabMessage(0, bytes)
  }
}

test('a mutation is shown at once, persisted by a flush, and there after a crash', async () => {
  const disk = files()
  const first = await Tab.open('first')
  const relay = await openRelay(disk, () => first)
  relay.open('test', 'group-of-the-wasm-test')
  relay.tabOpened(0)
  first.core.linkOpened()
  deliver(first, relay)
  first.watchAll()
  first.core.mutate('add', '{"id":"a","text":"kept"}', 1, seed(1))
  assert.deepEqual(first.flushes.at(-1)?.edits, [[0, 0, 0, ['a', 'kept']]])
  deliver(first, relay)
  assert.deepEqual(first.events, [])
  relay.flush()
  assert.deepEqual(first.events, [{id: 1, kind: 'persisted'}])

  first.core.mutate('add', '{"id":"b","text":"not flushed"}', 2, seed(2))
  deliver(first, relay)
  for (const file of disk) file.crash()

  const second = await Tab.open('second')
  const reopened = await openRelay(disk, () => second)
  reopened.open('test', 'another-group')
  reopened.tabOpened(0)
  second.watchAll()
  second.core.linkOpened()
  deliver(second, reopened)
  assert.equal(reopened.pending(), 1)
  assert.equal(second.pending, 1)
  assert.deepEqual(second.core.run(JSON.stringify(queries.all().ast())), [['a', 'kept']])
})

test('a damaged database is named, and nothing of it is touched', async () => {
  const disk = files()
  const tab = await Tab.open('tab')
  const relay = await openRelay(disk, () => tab)
  relay.open('test', 'group-of-the-wasm-test')
  relay.close()
  disk[0]?.damage()
  const size = disk[0]?.getSize()
  const again = await openRelay(disk, () => tab)
  assert.throws(
    () => again.open('test', 'another-group'),
    (error: unknown) => error instanceof DatabaseDamaged && error.database === 'log',
  )
  assert.equal(disk[0]?.getSize(), size)
})

test('a mutator that throws changes nothing', async () => {
  const tab = await Tab.open('throws')
  tab.watchAll()
  tab.core.mutate('add', '{"id":"a","text":"one"}', 1, seed(1))
  assert.throws(
    () => tab.core.mutate('add', '{"id":"a","text":"two"}', 2, seed(2)),
    /already|exists/,
  )
  assert.equal(tab.pending, 1)
})
