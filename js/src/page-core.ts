// The one typed binding of the page's wasm module: the client role of the core. One call in, one value out: whatever
// follows from a call is handed to the sink before it returns.
import {MutationError} from './errors.js'
import type {ErrorDocument} from './errors.js'
import type {MutatorHostCalls} from './table-calls.js'
import {callModule, section, writeBytes, writeText} from './wasm-sections.js'
import type {ModuleMemory, Section} from './wasm-sections.js'

/** The Embind class `Page` (wasm/page_module.cc). Calls answer the size of their output. */
interface PageBinding extends ModuleMemory {
  valid(): boolean
  error(): string
  schemaHash(): string
  mutate(name: string, argsBytes: number, timestamp: number, seed: string): number
  watch(name: string, argsJson: string, astJson: string, ttlS: number): number
  keep(view: number, ttlS: number): number
  unwatch(view: number): number
  run(astJson: string): number
  dismiss(client: string, id: number): number
  setAuthToken(token: string): number
  goDirect(group: string): number
  linkOpened(): number
  linkClosed(): number
  message(bytes: number): number
  get(table: string, keyJson: string): string
  write(op: string, table: string, payloadJson: string): string
  query(astJson: string): string
  uuid(): string
}

export interface PageModule {
  readonly HEAPU8: Uint8Array
  readonly Page: new (
    schemaJson: string,
    clientId: string,
    build: string,
    runMutator: (name: string, argsJson: string, ctxJson: string) => string,
  ) => PageBinding
  pingMessage(): string
}

/** What an edit does (core/ivm/view_edit.h). */
export const edit = {insert: 0, remove: 1, replace: 2, open: 3, touch: 4, close: 5} as const

/**
 * One edit of a list; sequential, as the lists stand after the edits before. `index` is that of a row or, of a list that
 * is opened, the number of its node. `lists` names the list of each related query of `row`, in order.
 */
export type EditDocument = readonly [
  kind: number,
  list: number,
  index: number,
  row?: readonly unknown[],
  lists?: readonly number[],
]

export interface FlushDocument {
  readonly status: 'partial' | 'complete' | 'error'
  readonly stale: boolean
  readonly error?: ErrorDocument
  /** All rows of a result without related ones, instead of edits. */
  readonly rows?: readonly (readonly unknown[])[]
  /** The edits are of an empty result. */
  readonly reset?: true
  readonly edits?: readonly EditDocument[]
}

export interface MutationDocument {
  readonly id: number
  readonly kind: 'persisted' | 'memory' | 'confirmed' | 'rejected'
  readonly result?: unknown
  readonly error?: ErrorDocument
}

export interface LinkDocument {
  readonly connection: string
  readonly reason: string
  readonly auth: Readonly<Record<string, unknown>> | null
}

export interface RejectionDocument {
  readonly client: string
  readonly id: number
  readonly name: string
  readonly args: unknown
  readonly at: number
  readonly error: ErrorDocument
}

/** What follows from calls, in the order in which it is to be acted on. */
export interface PageSink {
  /** To be sent upstream. The bytes are the receiver's own. */
  send(bytes: Uint8Array): void
  flush(view: number, flush: FlushDocument): void
  pending(count: number): void
  link(link: LinkDocument): void
  rejections(rejections: readonly RejectionDocument[]): void
  mutation(event: MutationDocument): void
  refused(error: ErrorDocument): void
}

export interface PageCoreOptions {
  readonly schemaJson: string
  readonly clientID: string
  readonly build: string
  readonly runMutator: (host: MutatorHostCalls, name: string, args: string, ctx: string) => string
}

export class PageCore {
  readonly #module: PageModule
  readonly #page: PageBinding
  readonly #sink: PageSink
  readonly #memory = (): Uint8Array => this.#module.HEAPU8

  constructor(module: PageModule, options: PageCoreOptions, sink: PageSink) {
    this.#module = module
    this.#sink = sink
    const {schemaJson, clientID, build, runMutator} = options
    const host: MutatorHostCalls = {
      get: (table, key) => this.#page.get(table, key),
      write: (op, table, payload) => this.#page.write(op, table, payload),
      run: ast => this.#page.query(ast),
      uuid: () => this.#page.uuid(),
    }
    this.#page = new module.Page(schemaJson, clientID, build, (name, args, ctx) =>
      runMutator(host, name, args, ctx),
    )
    if (!this.#page.valid())
      throw MutationError.from(JSON.parse(this.#page.error()) as ErrorDocument)
  }

  /** Runs the mutator; throws its error. The result is undecoded JSON of the app's value. */
  mutate(
    name: string,
    argsJson: string,
    timestamp: number,
    seed: string,
  ): {id: number; result?: unknown} {
    const bytes = writeText(this.#memory, this.#page, argsJson)
    return this.#call(this.#page.mutate(name, bytes, timestamp, seed)) as {id: number}
  }

  /**
   * The view's number; its first flush has been handed to the sink before. Its rows stay in the browser's storage for
   * `ttlS` seconds (0: the core's default) behind the last page that wants the query.
   */
  watch(
    name: string,
    argsJson: string,
    astJson: string,
    ttlS: number,
    opened: (view: number) => void,
  ): void {
    this.#call(this.#page.watch(name, argsJson, astJson, ttlS), view => opened(view as number))
  }

  /** At least so long. */
  keep(view: number, ttlS: number): void {
    this.#call(this.#page.keep(view, ttlS))
  }

  unwatch(view: number): void {
    this.#call(this.#page.unwatch(view))
  }

  run(astJson: string): readonly (readonly unknown[])[] {
    return this.#call(this.#page.run(astJson)) as readonly (readonly unknown[])[]
  }

  dismiss(client: string, id: number): void {
    this.#call(this.#page.dismiss(client, id))
  }

  setAuthToken(token: string | null): void {
    this.#call(this.#page.setAuthToken(token ?? ''))
  }

  /** There is no relay: from the next channel on the upstream is the server itself. */
  goDirect(group: string): void {
    this.#call(this.#page.goDirect(group))
  }

  linkOpened(): void {
    this.#call(this.#page.linkOpened())
  }

  linkClosed(): void {
    this.#call(this.#page.linkClosed())
  }

  /** Throws if the upstream broke the protocol: the channel is to be closed. */
  message(bytes: Uint8Array): void {
    this.#call(this.#page.message(writeBytes(this.#memory, this.#page, bytes)))
  }

  pingMessage(): string {
    return this.#module.pingMessage()
  }

  #call(size: number, onResult?: (result: unknown) => void): unknown {
    return callModule(
      this.#memory,
      this.#page,
      size,
      (part, text) => this.#handle(part, text),
      onResult,
    )
  }

  #handle(part: Section, text: () => string): void {
    const sink = this.#sink
    switch (part.kind) {
      case section.message:
        sink.send(part.bytes)
        break
      case section.flush:
        sink.flush(part.tag, JSON.parse(text()) as FlushDocument)
        break
      case section.pending:
        sink.pending(part.tag)
        break
      case section.link:
        sink.link(JSON.parse(text()) as LinkDocument)
        break
      case section.rejections:
        sink.rejections(JSON.parse(text()) as RejectionDocument[])
        break
      case section.mutation:
        sink.mutation(JSON.parse(text()) as MutationDocument)
        break
      case section.refused:
        sink.refused(JSON.parse(text()) as ErrorDocument)
        break
    }
  }
}
