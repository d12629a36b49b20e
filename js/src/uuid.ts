// UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits; sorts by time of creation.
// Within one millisecond the 12 bits after the time count up from a random start (method 1 of
// section 6.2), so that ids of one page never go back.

interface RandomSource {
  getRandomValues(bytes: Uint8Array): Uint8Array
}

let lastMs = 0
let counter = 0

/**
 * A new UUID of version 7, for keys that are made before a mutator is called. Inside a mutator use
 * `ctx.uuid()`, which is the same in every run.
 */
export function uuid(): string {
  const {crypto} = globalThis as {crypto?: RandomSource}
  if (crypto === undefined) {
    throw new Error('uuid() needs crypto.getRandomValues; inside a mutator use ctx.uuid()')
  }
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    // The top bit stays free, so that the count has room.
    counter = (((bytes[0] ?? 0) & 0x07) << 8) | (bytes[1] ?? 0)
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const sequence = counter.toString(16).padStart(3, '0')
  const variant = (0x80 | ((bytes[2] ?? 0) & 0x3f)).toString(16)
  let random = ''
  for (const byte of bytes.subarray(3)) random += byte.toString(16).padStart(2, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${variant}${random.slice(0, 2)}-${random.slice(2)}`
}
