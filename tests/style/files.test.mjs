// What a file looks like: its name, its first lines, its length, and words that do not belong in it.

import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import {codeOf, occurrences, read, sources} from './sources.mjs'

const all = sources(/./)
const cpp = sources(/\.(cc|h)$/)
const headers = cpp.filter(file => file.endsWith('.h'))
const typescript = sources(/\.(ts|tsx|mts)$/)
const texts = all.filter(
  file =>
    !/\.(png|jpg|webp|svg|ico|gif|wasm)$/.test(file) && !/(package-lock\.json|LICENSE)$/.test(file),
)

test('names follow the language of the file', () => {
  const rules = [
    {files: cpp, name: /^[a-z0-9]+(_[a-z0-9]+)*\.(cc|h)$/, say: 'snake_case'},
    {
      files: typescript,
      name: /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*\.(ts|tsx|mts)$/,
      say: 'kebab-case',
    },
  ]
  const wrong = rules.flatMap(({files, name, say}) =>
    files.filter(file => !name.test(path.basename(file))).map(file => `${file} is not ${say}`),
  )
  assert.deepEqual(wrong, [])
})

test('a file is named after what it is', () => {
  const vague = /^(utils?|helpers?|common|misc|manager|shared|stuff|base)$/
  const wrong = all.filter(file => vague.test(path.basename(file).replace(/\..*$/, '')))
  assert.deepEqual(wrong, [])
})

test('C++ tests stand in files that end in _test.cc', () => {
  const tests = cpp.filter(file => /^(TYPED_)?TEST(_[FP])?\(/m.test(read(file)))
  assert.deepEqual(
    tests.filter(file => !file.endsWith('_test.cc')),
    [],
  )
})

test('a header opens with what it is, and is guarded by its path', () => {
  /** @type {string[]} */
  const wrong = []
  for (const file of headers) {
    const text = read(file)
    const guard = `TIDEMARK_${file.replace(/[/.]/g, '_').toUpperCase()}_`
    if (!/^\/\/ \S/.test(text)) wrong.push(`${file} does not open with a comment`)
    if (!text.includes(`#ifndef ${guard}\n#define ${guard}\n`)) wrong.push(`${file} lacks ${guard}`)
  }
  assert.deepEqual(wrong, [])
})

test('a source opens with what it includes or what it is', () => {
  const wrong = cpp.filter(file => file.endsWith('.cc') && !/^(\/\/ \S|#include )/.test(read(file)))
  assert.deepEqual(wrong, [])
})

test('a file is of a size one can read', () => {
  const limits = [
    {files: headers, lines: 250},
    {files: cpp.filter(file => file.endsWith('.cc')), lines: 700},
    {files: typescript, lines: 700},
  ]
  const wrong = limits.flatMap(({files, lines}) =>
    files
      .map(file => ({file, length: read(file).split('\n').length}))
      .filter(({length}) => length > lines)
      .map(({file, length}) => `${file} has ${length} lines, more than ${lines}`),
  )
  assert.deepEqual(wrong, [])
})

test('nothing is left for later in a comment', () => {
  // In two pieces, so that this file passes its own rule.
  const marks = new RegExp(
    `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`,
    'g',
  )
  const wrong = texts.flatMap(file =>
    occurrences(read(file), marks).map(({line, match}) => `${file}:${line}: ${match[0]}`),
  )
  assert.deepEqual(wrong, [])
})

test('no path of the machine it was written on', () => {
  const homes = new RegExp(
    ['/ho' + 'me/', '/wo' + 'rk/', '/ro' + 'ot/', '/Us' + 'ers/'].join('|'),
    'g',
  )
  const wrong = texts.flatMap(file =>
    occurrences(read(file), homes).map(({line, match}) => `${file}:${line}: ${match[0]}`),
  )
  assert.deepEqual(wrong, [])
})

test('the core throws nothing, shares no ownership and keeps no globals', () => {
  const rules = [
    {pattern: /\bthrow\b/g, say: 'return a Result instead of throwing'},
    {
      pattern: /\b(shared_ptr<(?!const\b)|make_shared<(?!const\b)|weak_ptr)/g,
      say: 'name one owner; only what is immutable may be shared',
    },
    {pattern: /\b(thread_local|volatile)\b/g, say: 'the core is single-threaded'},
    {
      pattern: /\b(time|clock|rand|srand|getenv)\(/g,
      say: 'no clock, chance or environment in the core',
    },
  ]
  const wrong = cpp
    .filter(file => file.startsWith('core/'))
    .flatMap(file =>
      rules.flatMap(({pattern, say}) =>
        occurrences(codeOf(read(file)), pattern).map(
          ({line, match}) => `${file}:${line}: ${match[0]}: ${say}`,
        ),
      ),
    )
  assert.deepEqual(wrong, [])
})

test('no test is skipped, focused or made to sleep', () => {
  const marks =
    /\b(GTEST_SKIP|DISABLED_|(?:test|it|describe)\.(?:skip|only|todo)|sleep_for|sleep_until)\b/g
  const wrong = texts
    .filter(file => file.startsWith('tests/') && !file.startsWith('tests/style/'))
    .flatMap(file =>
      occurrences(read(file), marks).map(({line, match}) => `${file}:${line}: ${match[0]}`),
    )
  assert.deepEqual(wrong, [])
})

test('every relative link in a document leads to a file', () => {
  /** @type {string[]} */
  const wrong = []
  for (const file of sources(/\.md$/)) {
    for (const {line, match} of occurrences(read(file), /\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
      const target = path.join(path.dirname(file), /** @type {string} */ (match[1]))
      if (!all.some(name => name === target || name.startsWith(`${target.replace(/\/$/, '')}/`))) {
        wrong.push(`${file}:${line}: ${match[1]} does not exist`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})
