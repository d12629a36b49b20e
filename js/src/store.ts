// The smallest observable value: what connection, storage state, pending and rejected are. The shape (get, subscribe,
// listen) is that of nanostores, so that their framework bindings work.

export interface ReadableStore<T> {
  get(): T
  /** Calls at once and after each change; returns how to stop. */
  subscribe(listener: (value: T) => void): () => void
  /** Calls after each change. */
  listen(listener: (value: T) => void): () => void
}

export class Store<T> implements ReadableStore<T> {
  readonly #listeners = new Set<(value: T) => void>()
  #value: T

  constructor(value: T) {
    this.#value = value
  }

  get(): T {
    return this.#value
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    callAll(this.#listeners, value)
  }

  subscribe(listener: (value: T) => void): () => void {
    const stop = this.listen(listener)
    listener(this.#value)
    return stop
  }

  listen(listener: (value: T) => void): () => void {
    // The same function may be given twice: each call has its own way to stop.
    const own = (value: T): void => listener(value)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }
}

/** Calls every listener, whatever one of them throws; that is reported and keeps nobody else from hearing. */
export function callAll<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(value)
    } catch (error) {
      reportError(error)
    }
  }
}

/** An exception of the app's own callback: shown as uncaught, without stopping what called it. */
function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
