// Exponential back-off with full jitter: the nth delay is uniform in [0, min(max, base · 2ⁿ)], so that clients that
// lost a server together do not come back together.

export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
}

export class Backoff {
  #attempts = 0

  constructor(private readonly options: BackoffOptions) {}

  /** Milliseconds to wait before the next attempt; the first attempt after a reset is nearly immediate. */
  next(): number {
    const ceiling = Math.min(this.options.maxMs, this.options.baseMs * 2 ** this.#attempts)
    this.#attempts += 1
    return Math.random() * ceiling
  }

  reset(): void {
    this.#attempts = 0
  }
}
