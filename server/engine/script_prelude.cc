#include "server/engine/script_prelude.h"

namespace tidemark::server {

const char kScriptPrelude[] = R"js((function (now, random, print, beginTail) {
  'use strict'
  const {apply, construct, ownKeys} = Reflect
  const {defineProperty, getOwnPropertyDescriptor, freeze, preventExtensions} = Object
  const define = (object, name, value) =>
    defineProperty(object, name, {value, writable: true, enumerable: false, configurable: true})

  // The clock is the call's timestamp.
  const RealDate = Date
  function Date_(...args) {
    if (new.target === undefined) return new RealDate(now()).toString()
    return construct(RealDate, args.length === 0 ? [now()] : args, new.target)
  }
  defineProperty(Date_, 'name', {value: 'Date'})
  defineProperty(Date_, 'length', {value: 7})
  defineProperty(Date_, 'prototype', {value: RealDate.prototype, writable: false})
  define(Date_, 'now', () => now())
  define(Date_, 'parse', RealDate.parse)
  define(Date_, 'UTC', RealDate.UTC)
  define(RealDate.prototype, 'constructor', Date_)
  define(globalThis, 'Date', Date_)
  define(Math, 'random', () => random())

  // Formatting "no date" means now.
  const formats = Intl.DateTimeFormat.prototype
  const getFormat = getOwnPropertyDescriptor(formats, 'format').get
  defineProperty(formats, 'format', {
    configurable: true,
    enumerable: false,
    get() {
      const format = apply(getFormat, this, [])
      return date => format(date === undefined ? now() : date)
    },
  })
  const {formatToParts} = formats
  define(formats, 'formatToParts', function (date) {
    return apply(formatToParts, this, [date === undefined ? now() : date])
  })

  // What depends on the moment of a garbage collection, on other threads or on code that is not
  // JavaScript.
  const absent = ['Atomics', 'FinalizationRegistry', 'SharedArrayBuffer', 'Temporal', 'WeakRef',
                  'WebAssembly']
  for (const name of absent) delete globalThis[name]

  const show = value => {
    if (typeof value === 'string') return value
    if (value instanceof Error) return `${value.name}: ${value.message}\n${value.stack}`
    try {
      return JSON.stringify(value) ?? String(value)
    } catch {
      return String(value)
    }
  }
  const console = {}
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    console[level] = (...values) => {
      print(level, values.map(show).join(' '))
    }
  }
  define(globalThis, 'console', console)

  // Nothing new on a prototype, and its methods stay what they are; names that objects and
  // subclasses assign for themselves stay writable, because a frozen one would forbid that as well.
  const assignable = new Set(['constructor', 'message', 'name', 'toJSON', 'toLocaleString',
                              'toString', 'valueOf'])
  const lockPrototype = prototype => {
    for (const key of ownKeys(prototype)) {
      const property = getOwnPropertyDescriptor(prototype, key)
      if (!property.configurable) continue
      const writable = prototype === Object.prototype || assignable.has(key)
      defineProperty(prototype, key, 'value' in property && !writable
        ? {configurable: false, writable: false}
        : {configurable: false})
    }
    preventExtensions(prototype)
  }
  const standard = ownKeys(globalThis)
  const lock = () => {
    const hidden = [(function* () {})(), (async function* () {})(), [][Symbol.iterator](),
                    new Map().entries(), new Set().values(), ''[Symbol.iterator](), async () => {}]
    for (const object of hidden) lockPrototype(Object.getPrototypeOf(object))
    lockPrototype(Object.getPrototypeOf(Int8Array.prototype))
    for (const name of [...standard, 'Date', 'console']) {
      const value = globalThis[name]
      if (typeof value === 'function' && typeof value.prototype === 'object') {
        lockPrototype(value.prototype)
      }
      if ((typeof value === 'function' || typeof value === 'object') && value !== globalThis) {
        freeze(value)
      }
    }
    for (const name of ownKeys(Intl)) {
      if (typeof Intl[name] !== 'function') continue
      if (typeof Intl[name].prototype === 'object') lockPrototype(Intl[name].prototype)
      freeze(Intl[name])
    }
    freeze(globalThis)
  }
  const invoke = (f, self, ...args) => {
    try {
      return apply(f, self, args)
    } finally {
      beginTail()
    }
  }
  return {lock, invoke}
}))js";

}  // namespace tidemark::server
