// What every browser test needs: the test page on disk, a server that serves it, a browser, and words for what a page
// shows.

import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import process from 'node:process'
import esbuild from 'esbuild'
import {root, startServer} from '../support/server.mjs'

export const built = path.join(root, 'build/tests-browser')
export const bundle = path.join(built, 'app.js')
export const site = path.join(built, 'site')

/** Bundles page and app, once before all tests (run.mjs). */
export async function build() {
  mkdirSync(site, {recursive: true})
  const here = path.join(root, 'tests/browser')
  await esbuild.build({
    entryPoints: [path.join(here, 'page.ts'), path.join(here, 'react-page.tsx')],
    outdir: site,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    logLevel: 'warning',
  })
  const dist = path.join(root, 'js/dist')
  for (const file of ['relay-worker.js', 'tidemark_page.wasm', 'tidemark_worker.wasm']) {
    cpSync(path.join(dist, file), path.join(site, file))
  }
  for (const [file, script] of [
    ['index.html', 'page.js'],
    ['react.html', 'react-page.js'],
  ]) {
    const body = `<body><script type="module" src="${script}"></script></body>`
    writeFileSync(
      path.join(site, file),
      `<!doctype html><meta charset="utf-8"><title>opening</title>${body}\n`,
    )
  }
  const cli = path.join(dist, 'cli/tidemark.js')
  const {status} = spawnSync(
    process.execPath,
    [cli, 'build', path.join(here, 'app.ts'), '-o', bundle],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  if (status !== 0) throw new Error('tidemark build failed')
}

/** @param {Partial<Parameters<typeof startServer>[0]>} [options] */
export const serve = options => startServer({app: bundle, staticFiles: site, ...options})

const contentTypes = {'.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm'}

/**
 * Serves the test page alone, without a Tidemark server, on the port of one that is stopped.
 * @param {number} port
 * @returns {Promise<() => Promise<void>>} how to stop
 */
export async function serveSite(port) {
  const server = http.createServer(({url}, response) => {
    const {pathname} = new URL(url ?? '/', 'http://localhost')
    const file = path.join(site, pathname === '/' ? 'index.html' : path.basename(pathname))
    try {
      const body = readFileSync(file)
      response.writeHead(200, {'content-type': contentTypes[path.extname(file)] ?? 'text/plain'})
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  return async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

/**
 * A page of the test app, open.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @param {string} [query] of the address: `storage=memory`, `name=other`, `open=no`, `watch=no`
 * @param {{file?: string, prepare?: (page: import('playwright-core').Page) => void}} [options] `react.html` has React
 *   on it; `prepare` listens to the page before it is loaded
 */
export async function openPage(context, url, query = '', {file = '', prepare} = {}) {
  const page = await context.newPage()
  prepare?.(page)
  page.on('pageerror', error => console.error('page error:', error))
  if (process.env.TIDEMARK_TEST_LOG)
    page.on('console', message => console.error('page:', message.text()))
  await page.goto(`${url}/${file}?${query}`)
  await page.waitForFunction(() => document.title === 'ready')
  return page
}

/** Waits until a store of the page has this state: `state(page, 'connection', 'connected')`. */
export const state = async (page, store, wanted) =>
  await page.waitForFunction(
    ([name, value]) => window.t.tm[name].get().state === value,
    [store, wanted],
  )

/** Waits until nothing is pending any more. */
export const settled = async page =>
  await page.waitForFunction(() => window.t.tm.pending.get() === 0)

/** Waits until the view of all todos is the server's. */
export const complete = async page =>
  await page.waitForFunction(
    () => window.t.views.all.status === 'complete' && !window.t.views.all.stale,
  )

/** The todos that the page shows, as `[id, title]` pairs. */
export const titles = async page =>
  await page.evaluate(() => window.t.views.all.data.map(row => [row.id, row.title]))

/** Waits until the page shows a todo with these values. */
export const shows = async (page, id, values) =>
  await page.waitForFunction(
    ([wantedId, wanted]) => {
      const row = window.t.views.all.data.find(each => each.id === wantedId)
      return (
        row !== undefined && Object.entries(wanted).every(([name, value]) => row[name] === value)
      )
    },
    [id, values],
  )

/** Calls a mutator; its id. */
export const mutate = async (page, table, name, args) =>
  await page.evaluate(([t, n, a]) => window.t.tm.mutate[t][n](a).id, [table, name, args])
