// npm run sim: the whole system in one process, from many seeds, under the sanitizers. SEEDS and
// STEPS make it longer; SEED=n replays one run.

import {build, configure} from './lib/cmake.mjs'
import {headline, script} from './lib/log.mjs'
import {run} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

await script(async () => {
  headline('[1/3] Setup')
  await setup(['build', 'test'])
  headline('[2/3] Native build with sanitizers')
  await configure('dev')
  await build('dev', ['sim_test'])
  headline('[3/3] Simulation')
  /** @type {Record<string, string>} */
  const campaign = process.env.SEED === undefined ? {SEEDS: process.env.SEEDS ?? '500'} : {}
  await run('build/dev/tests/sim/sim_test', process.argv.slice(2), {env: campaign})
})
