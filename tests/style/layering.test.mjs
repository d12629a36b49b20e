// Who may include whom (docs/architecture.md, "The house"): every #include line and every import
// is read and held against the rules below.

import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import {codeOf, occurrences, read, sources} from './sources.mjs'

// The core from the bottom up: a part may include itself and what stands before it. The three roles
// stand side by side on top and never see one another.
const coreParts = ['base', 'model', 'query', 'store', 'ivm', 'mutation', 'protocol']
const roles = ['client', 'relay', 'hub']

/**
 * The folders of this repository that a file may include from.
 * @param {string} file
 */
function allowedFolders(file) {
  const [top, part = ''] = file.split('/')
  const core = coreParts.map(name => `core/${name}`)
  if (top === 'core') {
    const place = coreParts.indexOf(part)
    if (place >= 0) return core.slice(0, place + 1)
    assert.ok(roles.includes(part), `${file}: core/${part} has no place in the layering`)
    return [...core, `core/${part}`]
  }
  if (top === 'wasm') return [...core, 'core/client', 'core/relay', 'wasm']
  if (top === 'server') return [...core, 'core/hub', 'server']
  if (top === 'tests' && part === 'core')
    return [...core, ...roles.map(role => `core/${role}`), 'tests']
  if (top === 'tests') return [...core, ...roles.map(role => `core/${role}`), 'server', 'tests']
  if (top === 'cmake') return []
  throw new Error(`${file}: C++ belongs in core/, wasm/, server/ or tests/`)
}

/** @param {string} file */
const includesOf = file =>
  occurrences(read(file), /^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]/gm).map(
    ({line, match}) => ({
      where: `${file}:${line}`,
      quoted: match[1] === '"',
      target: /** @type {string} */ (match[2]),
    }),
  )

const cpp = sources(/\.(cc|h)$/)

test('C++ includes point downwards only', () => {
  /** @type {string[]} */
  const wrong = []
  for (const file of cpp) {
    const allowed = allowedFolders(file)
    for (const {where, quoted, target} of includesOf(file)) {
      if (!quoted) continue
      if (!allowed.some(folder => target.startsWith(`${folder}/`))) {
        wrong.push(`${where} must not include ${target}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

// The core is sans-I/O: what touches a thread, a clock, a socket or a file is not included there.
const outside =
  /^(atomic|barrier|chrono|condition_variable|coroutine|ctime|filesystem|fstream|future|iostream|latch|mutex|random|semaphore|shared_mutex|stop_token|thread|time\.h|unistd\.h|pthread\.h|fcntl\.h|(sys|arpa|netinet|emscripten)\/.*|boost\/(asio|beast)(\/.*|\.hpp)|libpq.*|JavaScriptCore\/.*)$/

test('the core includes no thread, clock, socket or file', () => {
  const wrong = cpp
    .filter(file => file.startsWith('core/'))
    .flatMap(includesOf)
    .filter(({quoted, target}) => !quoted && outside.test(target))
    .map(({where, target}) => `${where} must not include <${target}>`)
  assert.deepEqual(wrong, [])
})

/** @type {{what: RegExp, home: RegExp, text: string}[]} */
const homes = [
  {what: /^sqlite3\.h$/, home: /^(core\/store|wasm|tests\/core)\//, text: 'core/store and wasm'},
  {what: /^boost\/beast/, home: /^(tests\/)?server\/net\/.*\.cc$/, text: 'sources of server/net'},
  {what: /^libpq/, home: /^(server|tests\/server)\/postgres\//, text: 'server/postgres'},
  {what: /^openssl\//, home: /^(server|tests\/server)\/auth\//, text: 'server/auth'},
  {what: /^JavaScriptCore\//, home: /^server\/engine\//, text: 'server/engine'},
  {what: /^emscripten/, home: /^wasm\//, text: 'wasm'},
]

test('each library is included in its home only', () => {
  const wrong = cpp.flatMap(file =>
    includesOf(file).flatMap(({where, quoted, target}) =>
      homes
        .filter(({what, home}) => !quoted && what.test(target) && !home.test(file))
        .map(({text}) => `${where}: <${target}> belongs in ${text}`),
    ),
  )
  assert.deepEqual(wrong, [])
})

test('a header never includes all of Boost.JSON or of SQLite', () => {
  const heavy = /^(boost\/json\.hpp|boost\/json\/src\.hpp|sqlite3\.h|boost\/asio\.hpp)$/
  const wrong = cpp
    .filter(file => file.endsWith('.h'))
    .flatMap(includesOf)
    .filter(({target}) => heavy.test(target))
    .map(({where, target}) => `${where}: <${target}> makes every file that includes this slow`)
  assert.deepEqual(wrong, [])
})

const script = sources(/^(js|demo|tests|scripts)\/.*\.(ts|tsx|mts|mjs|js)$/)

/** @param {string} file */
function importsOf(file) {
  const text = read(file)
  const pattern =
    /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return occurrences(text, pattern).map(({line, match}) => {
    const target = /** @type {string} */ (match[1] ?? match[2] ?? match[3])
    const relative = target.startsWith('.')
    return {
      where: `${file}:${line}`,
      relative,
      target: relative ? path.join(path.dirname(file), target) : target,
    }
  })
}

test('a demo imports the public names of the package only', () => {
  /** @type {string[]} */
  const wrong = []
  for (const file of script) {
    const demo = /^demo\/[^/]+\//.exec(file)?.[0]
    if (!demo) continue
    for (const {where, relative, target} of importsOf(file)) {
      if (relative && !target.startsWith(demo)) wrong.push(`${where} must not import ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the package imports nothing from outside its folder by path', () => {
  const wrong = script
    .filter(file => file.startsWith('js/'))
    .flatMap(importsOf)
    .filter(
      ({relative, target}) => relative && !target.startsWith('js/') && !target.startsWith('wasm/'),
    )
    .map(({where, target}) => `${where} must not import ${target}`)
  assert.deepEqual(wrong, [])
})

test('what runs in a page or in the engine imports nothing of Node', () => {
  const wrong = script
    .filter(file => file.startsWith('js/src/') && !/^js\/src\/(vite|node)/.test(file))
    .flatMap(importsOf)
    .filter(({target}) => target.startsWith('node:'))
    .map(({where, target}) => `${where} must not import ${target}`)
  assert.deepEqual(wrong, [])
})

test('React is imported by the React binding only', () => {
  const wrong = script
    .filter(file => file.startsWith('js/src/') && !/^js\/src\/react/.test(file))
    .flatMap(importsOf)
    .filter(({target}) => /^react(-dom)?(\/|$)/.test(target))
    .map(({where, target}) => `${where} must not import ${target}`)
  assert.deepEqual(wrong, [])
})

test('the app runtime stands on the builders alone, because the engine has nothing else', () => {
  const entry = 'js/src/app-runtime.ts'
  const seen = new Set()
  const browserOnly =
    /\b(window|navigator|localStorage|fetch|WebSocket|Worker|MessageChannel|setTimeout|setInterval|TextEncoder|TextDecoder|structuredClone|process)\b/g
  /** @type {string[]} */
  const wrong = []
  const visit = (/** @type {string} */ file) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const {line, match} of occurrences(codeOf(read(file)), browserOnly)) {
      wrong.push(`${file}:${line}: the engine has no ${match[0]}`)
    }
    for (const {where, relative, target} of importsOf(file)) {
      const source = target.replace(/\.js$/, '.ts')
      if (relative && script.includes(source)) visit(source)
      else if (!/^@standard-schema\//.test(target)) wrong.push(`${where} must not import ${target}`)
    }
  }
  visit(entry)
  assert.deepEqual(wrong, [])
})
