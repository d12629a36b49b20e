// What a call into a wasm module leaves behind: a sequence of sections in the module's memory. The C++ side is
// wasm/output_buffer.h; the numbers are the same there.
import {MutationError} from './errors.js'
import type {ErrorDocument} from './errors.js'

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
  needsFlush: 12,
  reopenLink: 13,
} as const

export interface Section {
  readonly kind: number
  readonly tag: number
  /** A copy of the module's memory. */
  readonly bytes: Uint8Array
}

/** What both modules' classes have: memory to write input to, and the address of the output. */
export interface ModuleMemory {
  reserve(bytes: number): number
  output(): number
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Writes UTF-8 into the module's input buffer; the number of bytes. */
export function writeText(memory: () => Uint8Array, target: ModuleMemory, text: string): number {
  const address = target.reserve(text.length * 3)
  return encoder.encodeInto(text, memory().subarray(address, address + text.length * 3)).written
}

/** Writes bytes into the module's input buffer; their number. */
export function writeBytes(
  memory: () => Uint8Array,
  target: ModuleMemory,
  bytes: Uint8Array,
): number {
  const address = target.reserve(bytes.length)
  memory().set(bytes, address)
  return bytes.length
}

/**
 * Hands the sections of a call that left `size` bytes of output to `handle`; gives the call's result, or throws its
 * error after everything else has been handled. The output is copied first: what handles it may call the module again.
 */
export function callModule(
  memory: () => Uint8Array,
  target: ModuleMemory,
  size: number,
  handle: (part: Section, text: () => string) => void,
  onResult?: (result: unknown) => void,
): unknown {
  if (size === 0) return undefined
  const address = target.output()
  const output = memory().slice(address, address + size)
  let result: unknown
  let error: ErrorDocument | undefined
  for (const part of readSections(output)) {
    const text = (): string => decoder.decode(part.bytes)
    if (part.kind === section.result) {
      result = JSON.parse(text())
      onResult?.(result)
    } else if (part.kind === section.error) {
      error = JSON.parse(text()) as ErrorDocument
    } else {
      handle(part, text)
    }
  }
  if (error !== undefined) throw MutationError.from(error)
  return result
}

function* readSections(output: Uint8Array): Generator<Section> {
  const header = new DataView(output.buffer, output.byteOffset, output.byteLength)
  let offset = 0
  while (offset < output.byteLength) {
    const length = header.getUint32(offset + 8, true)
    yield {
      kind: header.getUint32(offset, true),
      tag: header.getUint32(offset + 4, true),
      bytes: output.subarray(offset + 12, offset + 12 + length),
    }
    offset += 12 + Math.ceil(length / 4) * 4
  }
}
