import assert from 'node:assert/strict'
import {describe, it} from 'node:test'
import {runInNewContext} from 'node:vm'
import {decodeArgs, encodeArgs, encodeCanonicalArgs, encodeDocument} from '../../js/src/json.js'

const invalid = (message: string | RegExp) => ({code: 'invalid_args', message})

describe('JSON of arguments', () => {
  it('is what JSON.stringify writes', () => {
    const value = {b: [1, 'x', null, true, {c: -0}], a: undefined, d: 'ü😀\n'}
    assert.equal(encodeArgs(value, 'x'), JSON.stringify(value))
  })

  it('carries bigints', () => {
    const value = {a: [1n, {b: -5n}], c: {}}
    assert.equal(encodeArgs(value, 'x'), '{"a":[{"$bigint":"1"},{"b":{"$bigint":"-5"}}],"c":{}}')
    assert.deepEqual(decodeArgs(encodeArgs(value, 'x')), value)
    assert.equal(decodeArgs(encodeArgs(7n, 'x')), 7n)
  })

  it('sorts the members of objects in the canonical form', () => {
    const text = '{"a":1,"b":{"x":[{"p":1,"q":2}],"y":2}}'
    assert.equal(encodeCanonicalArgs({b: {y: 2, x: [{q: 2, p: 1}]}, a: 1}, 'x'), text)
  })

  it('takes plain objects of other realms and without prototype', () => {
    const other: unknown = runInNewContext('({a: [1]})')
    assert.equal(encodeArgs(other, 'x'), '{"a":[1]}')
    assert.equal(encodeArgs(Object.assign(Object.create(null), {a: 1}), 'x'), '{"a":1}')
  })

  it('keeps a member named __proto__ a member', () => {
    const value = decodeArgs('{"__proto__":{"a":1},"b":{"$bigint":"1"}}') as Record<string, unknown>
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
    assert.equal(value['b'], 1n)
    assert.equal(encodeArgs(JSON.parse('{"__proto__":1}'), 'x'), '{"__proto__":1}')
  })

  const cycle: unknown[] = []
  cycle.push({again: cycle})
  const wrong: [what: string, value: unknown, message: string | RegExp][] = [
    ['NaN', {a: [0, NaN]}, 'x.a[1] is NaN, which is not JSON'],
    ['infinity', -Infinity, 'x is -Infinity, which is not JSON'],
    ['a Date', {at: new Date(0)}, 'x.at is a Date, which is not JSON'],
    ['a Map', [new Map()], 'x[0] is a Map, which is not JSON'],
    ['an Error', {e: new Error('x')}, 'x.e is an Error, which is not JSON'],
    ['bytes', new Uint8Array(2), 'x is an Uint8Array, which is not JSON'],
    ['a function', {f: () => 1}, 'x.f is a function, which is not JSON'],
    ['a symbol', {s: Symbol('s')}, 'x.s is a symbol, which is not JSON'],
    ['undefined in an array', [1, undefined], 'x[1] is undefined, which is not JSON'],
    ['a hole in an array', new Array(1), 'x[0] is undefined, which is not JSON'],
    ['a cycle', cycle, /is a cycle or nested deeper than/],
    ['half a character', {t: 'a\udc00'}, 'x.t is text with half a surrogate pair'],
    ['half a character in a name', {'\ud800': 1}, /has half a surrogate pair in its name/],
    ['the reserved name', {$bigint: '1'}, 'x.$bigint is a reserved name'],
  ]
  for (const [what, value, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(() => encodeArgs(value, 'x'), invalid(message)))
  }
})

describe('JSON of a column', () => {
  it('has no bigints, and no reserved names', () => {
    assert.equal(encodeDocument({$bigint: '1'}, 'x'), '{"$bigint":"1"}')
    assert.throws(() => encodeDocument({a: 1n}, 'x'), invalid('x.a is a bigint, which is not JSON'))
  })
})
