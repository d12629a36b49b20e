// What a call into a wasm module leaves behind: a sequence of sections in the module's memory. The C++ side is
// wasm/output_buffer.h; the numbers are the same there.

export const section = {
  message: 1,
  flush: 2,
  mutation: 3,
  pending: 4,
  link: 5,
  rejections: 6,
  refused: 7,
  tabMessage: 8,
  closeTab: 9,
  result: 10,
  error: 11,
} as const

export interface Section {
  readonly kind: number
  readonly tag: number
  /** A view on the module's memory: valid until the next call into it. */
  readonly bytes: Uint8Array
}

/** The sections of `size` bytes at `address`. `memory` is read anew for each call: growth replaces it. */
export function readSections(memory: Uint8Array, address: number, size: number): Section[] {
  const sections: Section[] = []
  const header = new DataView(memory.buffer, memory.byteOffset + address, size)
  let offset = 0
  while (offset < size) {
    const kind = header.getUint32(offset, true)
    const tag = header.getUint32(offset + 4, true)
    const length = header.getUint32(offset + 8, true)
    const start = address + offset + 12
    sections.push({kind, tag, bytes: memory.subarray(start, start + length)})
    offset += 12 + Math.ceil(length / 4) * 4
  }
  return sections
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

/** What both modules' classes have: memory to write input to, and the address of the output. */
export interface ModuleMemory {
  reserve(bytes: number): number
  output(): number
}

/** Writes UTF-8 into the module's input buffer; the number of bytes. */
export function writeText(memory: () => Uint8Array, target: ModuleMemory, text: string): number {
  const address = target.reserve(text.length * 3)
  return encoder.encodeInto(text, memory().subarray(address, address + text.length * 3)).written
}

export function writeBytes(memory: () => Uint8Array, target: ModuleMemory, bytes: Uint8Array): number {
  const address = target.reserve(bytes.length)
  memory().set(bytes, address)
  return bytes.length
}
