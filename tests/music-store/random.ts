// Numbers that are the same on every machine for the same seed.

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to `below`, which is not one of them. */
  int(below: number): number {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  between(first: number, last: number): number {
    return first + this.int(last - first + 1)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)] as T
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.int(times) === 0
  }
}
