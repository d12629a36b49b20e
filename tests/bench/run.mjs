// `npm run bench [-- --json FILE]`: every figure that has a goal, in the real browser against the real server, and the
// native benchmarks of single parts beside them.

import {execFileSync, spawnSync} from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import {build} from '../browser/harness.mjs'
import {launchBrowser} from '../support/browser.mjs'
import {root} from '../support/server.mjs'
import {Figures} from './figures.mjs'
import {measureIdleServer} from './idle-server.mjs'
import {measurePage} from './page-figures.mjs'
import {measurePageToPage} from './page-to-page.mjs'
import {measureReplay} from './replay.mjs'
import {measureSizes} from './sizes.mjs'

const flag = process.argv.indexOf('--json')
const json = flag < 0 ? undefined : process.argv[flag + 1]

const figures = new Figures()
await build()
const browser = await launchBrowser()
await measureSizes(figures)
await measureIdleServer(figures)
await measurePage(figures, browser)
await measurePageToPage(figures, browser)
await measureReplay(figures)
await browser.close()

for (const name of ['ivm_bench', 'engine_bench']) {
  const program = path.join(root, 'build/release/tests/bench', name)
  const {status} = spawnSync(program, ['--benchmark_min_time=0.2'], {stdio: ['ignore', 2, 2]})
  if (status !== 0) throw new Error(`${name} failed`)
}

console.log(`${execFileSync('uname', ['-sr'], {encoding: 'utf8'}).trim()}, ${process.version}`)
figures.print()
if (json !== undefined) figures.write(json)
