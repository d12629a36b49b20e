// JSON as it crosses the boundary of the core: checked before it is written, so that what
// JSON.stringify would silently change (NaN, Date, Map, undefined, functions, cycles) is an error
// that names the place. Bigints inside arguments and results travel as {"$bigint": "123"}.
import {invalidArgs} from './errors.js'
import type {MutationError} from './errors.js'

/** What JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | {readonly [key: string]: JsonValue}

// How deep a document may nest in the core; what is deeper is often a cycle.
const depthMax = 128
const bigintKey = '$bigint'

interface Problem {
  path: string
  readonly text: string
}

// One check of a value: whether bigints may occur in it, and whether one did.
interface Check {
  readonly bigintAllowed: boolean
  bigintFound: boolean
}

/** JSON text of a mutation's arguments or result. */
export function encodeArgs(value: unknown, what: string): string {
  const check = {bigintAllowed: true, bigintFound: false}
  assertJson(value, what, check)
  return check.bigintFound ? canonical(value) : JSON.stringify(value)
}

/** The same with the members of objects sorted by name: equal arguments are equal text. */
export function encodeCanonicalArgs(value: unknown, what: string): string {
  assertJson(value, what, {bigintAllowed: true, bigintFound: false})
  return canonical(value)
}

/** The value of text made by `encodeArgs`, bigints revived. */
export function decodeArgs(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return text.includes(bigintKey) ? reviveBigints(value) : value
}

/** JSON text of a value for a JSON column: no bigints, which JSON has no type for. */
export function encodeDocument(value: unknown, what: string): string {
  assertJson(value, what, {bigintAllowed: false, bigintFound: false})
  return JSON.stringify(value)
}

/** A JSON string literal of well-formed text; a lone surrogate is an error. */
export function encodeText(text: unknown, what: string): string {
  if (typeof text !== 'string') throw mismatch(what, 'a string', text)
  const json = JSON.stringify(text)
  if (json.length !== text.length + 2 && json.includes('\\ud') && !isWellFormed(text)) {
    throw invalidArgs(`${what} is text with half a surrogate pair, which UTF-8 cannot hold`)
  }
  return json
}

function assertJson(value: unknown, what: string, check: Check): void {
  const found = problemOf(value, check, 0)
  if (found !== undefined) throw invalidArgs(`${what}${found.path} ${found.text}`)
}

// `value` was checked.
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `{"${bigintKey}":"${value.toString()}"}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members: string[] = []
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonical(member)}`)
  }
  return `{${members.join(',')}}`
}

function problemOf(value: unknown, check: Check, depth: number): Problem | undefined {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? undefined : problem('is text with half a surrogate pair')
    case 'number':
      return Number.isFinite(value) ? undefined : problem(`is ${value}, which is not JSON`)
    case 'boolean':
      return undefined
    case 'bigint':
      return bigintIn(check)
    case 'object':
      break
    default:
      return problem(`is ${kindOf(value)}, which is not JSON`)
  }
  if (value === null) return undefined
  if (depth === depthMax) return problem(`is a cycle or nested deeper than ${depthMax} levels`)
  if (Array.isArray(value)) return problemOfArray(value, check, depth)
  if (!isPlainObject(value)) return problem(`is ${kindOf(value)}, which is not JSON`)
  return problemOfObject(value, check, depth)
}

function problemOfArray(
  array: readonly unknown[],
  check: Check,
  depth: number,
): Problem | undefined {
  for (let index = 0; index < array.length; index++) {
    const found = problemOf(array[index], check, depth + 1)
    if (found !== undefined) return within(`[${index}]`, found)
  }
  return undefined
}

function problemOfObject(
  object: Readonly<Record<string, unknown>>,
  check: Check,
  depth: number,
): Problem | undefined {
  for (const key of Object.keys(object)) {
    const member = object[key]
    if (member === undefined) continue
    const found =
      check.bigintAllowed && key === bigintKey
        ? problem('is a reserved name')
        : (problemOf(member, check, depth + 1) ??
          (isWellFormed(key) ? undefined : problem('has half a surrogate pair in its name')))
    if (found !== undefined) return within(`.${key}`, found)
  }
  return undefined
}

function bigintIn(check: Check): Problem | undefined {
  check.bigintFound = true
  return check.bigintAllowed ? undefined : problem('is a bigint, which is not JSON')
}

function problem(text: string): Problem {
  return {path: '', text}
}

function within(step: string, found: Problem): Problem {
  found.path = step + found.path
  return found
}

/** True for `{}` and objects without prototype, also those of another realm (an iframe). */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** "todo.rank takes a number, not "2"". */
export function mismatch(what: string, wanted: string, value: unknown): MutationError {
  const plain = typeof value === 'number' || typeof value === 'string'
  return invalidArgs(
    `${what} takes ${wanted}, not ${plain ? JSON.stringify(value) : kindOf(value)}`,
  )
}

/** What a value is, for messages: "a string", "a Date", "undefined". */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === 'Object' || name === '') return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

// A surrogate without its other half. With the flag u a pair is one character that does not match.
const loneSurrogate = /\p{Surrogate}/u

/** `text` with every half of a surrogate pair replaced by U+FFFD. */
export function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text)
}

function reviveBigints(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const array: unknown[] = value
    for (let index = 0; index < array.length; index++) array[index] = reviveBigints(array[index])
    return array
  }
  const object = value as Record<string, unknown>
  const digits = object[bigintKey]
  if (typeof digits === 'string' && Object.keys(object).length === 1) return BigInt(digits)
  for (const key of Object.keys(object)) {
    const member = object[key]
    // `__proto__` parsed from JSON is an own member; assigning to it would set the prototype.
    if (typeof member === 'object' && key !== '__proto__') object[key] = reviveBigints(member)
  }
  return object
}
