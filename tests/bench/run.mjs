// `npm run bench [-- --json FILE] [--only PART]`: every figure that has a goal, in the real browser against the real server, and the
// native benchmarks of single parts beside them.

import {execFileSync} from 'node:child_process'
import process from 'node:process'
import {build} from '../browser/harness.mjs'
import {launchBrowser} from '../support/browser.mjs'
import {measureFanOut} from './fan-out.mjs'
import {Figures} from './figures.mjs'
import {measureHydration} from './hydration.mjs'
import {measureIdleServer} from './idle-server.mjs'
import {measureNative} from './native-figures.mjs'
import {measurePage} from './page-figures.mjs'
import {measurePageToPage} from './page-to-page.mjs'
import {measureReplay} from './replay.mjs'
import {measureResume} from './resume.mjs'
import {measureSizes} from './sizes.mjs'
import {measureTracker} from './tracker-figures.mjs'

const option = name => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
const json = option('--json')
const only = option('--only')

/** @type {Record<string, (figures: Figures, browser: import('playwright-core').Browser) => Promise<void>>} */
const parts = {
  sizes: measureSizes,
  'idle-server': measureIdleServer,
  page: measurePage,
  tracker: measureTracker,
  'page-to-page': measurePageToPage,
  replay: measureReplay,
  'fan-out': measureFanOut,
  hydration: measureHydration,
  resume: measureResume,
  native: measureNative,
}
if (only !== undefined && !(only in parts)) {
  throw new Error(`--only takes one of: ${Object.keys(parts).join(', ')}`)
}

const figures = new Figures()
await build()
const browser = await launchBrowser()
for (const [name, measure] of Object.entries(parts)) {
  if (only === undefined || only === name) await measure(figures, browser)
}
await browser.close()

console.log(`${execFileSync('uname', ['-sr'], {encoding: 'utf8'}).trim()}, ${process.version}`)
figures.print()
if (json !== undefined) figures.write(json)
