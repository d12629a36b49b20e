// The promises of mutations that were called here: `persisted` and `server` settle as the core tells. Neither ever
// raises an unhandled rejection: what nobody awaits is still in `tm.rejected`.
import {MutationError} from './errors.js'
import {decodeArgs} from './json.js'
import type {MutationCall} from './mutators.js'
import type {MutationDocument} from './page-core.js'

interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

function defer<T>(): Deferred<T> {
  let settle: {resolve(value: T): void; reject(error: Error): void} | undefined
  const promise = new Promise<T>((resolve, reject) => (settle = {resolve, reject}))
  promise.catch(() => undefined)
  if (settle === undefined) throw new Error('a promise runs its executor at once')
  return {promise, ...settle}
}

interface Call {
  readonly persisted: Deferred<boolean>
  readonly server: Deferred<unknown>
}

export class PendingCalls {
  readonly #calls = new Map<number, Call>()

  /** A call that has just been made; events for it may have come before its id was known. */
  add(id: number, result: unknown): MutationCall<unknown> {
    const call = this.#callOf(id)
    return {id, result, persisted: call.persisted.promise, server: call.server.promise}
  }

  settle({id, kind, result, error}: MutationDocument): void {
    const call = this.#callOf(id)
    switch (kind) {
      case 'persisted':
        call.persisted.resolve(true)
        break
      case 'memory':
        call.persisted.resolve(false)
        break
      case 'confirmed':
        call.persisted.resolve(true)
        call.server.resolve(valueOf(result))
        this.#calls.delete(id)
        break
      case 'rejected':
        call.persisted.resolve(true)
        call.server.reject(
          error === undefined
            ? new MutationError('', 'rejected', undefined, 'internal')
            : MutationError.from(error),
        )
        this.#calls.delete(id)
        break
    }
  }

  #callOf(id: number): Call {
    const known = this.#calls.get(id)
    if (known !== undefined) return known
    const made: Call = {persisted: defer(), server: defer()}
    this.#calls.set(id, made)
    return made
  }
}

/** A mutator's result as the core hands it on: JSON in which bigints are tagged. */
export const valueOf = (result: unknown): unknown =>
  result === undefined ? undefined : decodeArgs(JSON.stringify(result))
