// Trees in the page: a push inside a window in WebAssembly, hydrating 500 rows with two joins and 1,000 children until
// they are JavaScript objects, and the memory that a page holds for each row.

import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import esbuild from 'esbuild'
import {root, startServer} from '../support/server.mjs'

const issues = 20_000
const runs = 7
const built = path.join(root, 'build/tests-bench')
const site = path.join(built, 'site')
const bundle = path.join(built, 'app.js')

async function build() {
  mkdirSync(site, {recursive: true})
  const here = path.join(root, 'tests/bench')
  await esbuild.build({
    entryPoints: [path.join(here, 'tracker-page.ts')],
    outdir: site,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  })
  const dist = path.join(root, 'js/dist')
  cpSync(path.join(dist, 'tidemark_page.wasm'), path.join(site, 'tidemark_page.wasm'))
  for (const file of ['page_bench.mjs', 'page_bench.wasm']) {
    cpSync(path.join(root, 'build/wasm/tests/bench', file), path.join(site, file))
  }
  writeFileSync(
    path.join(site, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>opening</title><script type="module" src="tracker-page.js"></script>\n',
  )
  writeFileSync(path.join(site, 'empty.html'), '<!doctype html><title>ready</title>\n')
  const args = ['build', path.join(here, 'tracker-app.ts'), '-o', bundle]
  const {status} = spawnSync(process.execPath, [path.join(dist, 'cli/tidemark.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('tidemark build failed')
}

/** A page whose WebAssembly memory can be looked at. */
async function open(browser, url) {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    const instantiate = WebAssembly.instantiateStreaming
    WebAssembly.instantiateStreaming = async (...args) => {
      const result = await instantiate(...args)
      const exported = Object.values(result.instance.exports)
      globalThis.wasmMemory = exported.find(each => each instanceof WebAssembly.Memory)
      return result
    }
  })
  const page = await context.newPage()
  page.on('pageerror', error => console.error('page error:', error))
  await page.goto(url)
  await page.waitForFunction(() => document.title === 'ready')
  return page
}

/** Bytes of WebAssembly memory, and of JavaScript objects that are still in use. */
async function memory(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const {usedSize} = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return {wasm: await page.evaluate(() => globalThis.wasmMemory.buffer.byteLength), js: usedSize}
}

/** The core alone: microseconds a push, milliseconds a hydration, bytes a row of the store. */
const inWasm = async page =>
  await page.evaluate(
    async ([count, repeat]) => {
      const module = await (await import('./page_bench.mjs')).default()
      const timed = (times, work) => {
        const started = performance.now()
        work(times)
        return (performance.now() - started) / times
      }
      const each = work => Array.from({length: repeat}, work)
      const before = module._AllocatedBytes()
      module._Prepare(count)
      const bytes = module._AllocatedBytes() - before
      module._WatchWindow()
      timed(2000, module._Push) // warms up
      const push = each(() => timed(5000, module._Push) * 1000)
      module._WatchProject()
      timed(20, module._Hydrate)
      const hydrate = each(() => timed(50, module._Hydrate))
      return {bytes, push, hydrate}
    },
    [issues, runs],
  )

/** @param {import('./figures.mjs').Figures} figures @param {import('playwright-core').Browser} browser */
export async function measureTracker(figures, browser) {
  await build()
  const server = await startServer({app: bundle, staticFiles: site})
  const core = await open(browser, `${server.url}/empty.html`)
  const {bytes, push, hydrate} = await inWasm(core)
  figures.add('push inside a window of 50 with two joins, wasm', 'us', push, '< 10')
  figures.add('hydrate 500 rows, two joins, 1,000 children, wasm', 'ms', hydrate)
  figures.add('memory of a row in the store, wasm', 'bytes', [bytes / (3 * issues + 50)])
  await core.context().close()

  const first = await open(browser, server.url)
  await first.evaluate(async count => await window.tracker.fill(count), issues)
  await first.context().close()

  const page = await open(browser, server.url)
  const before = await memory(page)
  const {rows, jsonBytes} = await page.evaluate(async () => await window.tracker.holdAll())
  const after = await memory(page)
  const wasm = (after.wasm - before.wasm) / jsonBytes
  const js = (after.js - before.js) / jsonBytes
  const held = `memory of ${rows.toLocaleString('en')} rows in views, times their JSON`
  figures.add(`${held} (${Math.round(jsonBytes / rows)} bytes a row)`, 'x', [wasm + js], '< 2')
  figures.add(`${held}: WebAssembly, at its peak`, 'x', [wasm])
  figures.add(`${held}: JavaScript`, 'x', [js])

  const times = []
  for (let project = 0; project < 2 * runs; project++) {
    times.push(await page.evaluate(number => window.tracker.watchProject(number), project))
  }
  figures.add(
    'hydrate 500 rows, two joins, 1,000 children as JavaScript objects',
    'ms',
    times.slice(runs), // the first ones warm the engine up
    '< 3',
  )
  await page.context().close()
  await server.stop()
}
