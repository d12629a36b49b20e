// npm run sim: the whole system in one process, from many seeds, under the sanitizers.
//
//   npm run sim -- --seeds 2000 --from 5000   2000 seeds of each kind of network, from 5000 on
//   npm run sim -- --seed 1167                that one seed (a failure says how to replay it)
//   npm run sim -- --steps 2000               longer runs
//
// Everything else goes to the test program (--gtest_filter=…).

import {build, configure} from './lib/cmake.mjs'
import {Failure, headline, script} from './lib/log.mjs'
import {run} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

/** @type {Record<string, string>} */
const variables = {'--seed': 'SEED', '--seeds': 'SEEDS', '--from': 'FROM', '--steps': 'STEPS'}

/** @param {string[]} args */
function parse(args) {
  /** @type {Record<string, string>} */
  const env = {}
  const rest = []
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split('=', 2)
    const variable = variables[name]
    if (variable === undefined) {
      rest.push(args[i] ?? '')
      continue
    }
    const value = inline ?? args[++i] ?? ''
    if (!/^[0-9]+$/.test(value)) throw new Failure(`${name} takes a number, not "${value}"`)
    env[variable] = value
  }
  const isReplay = (env.SEED ?? process.env.SEED) !== undefined
  if (!isReplay) env.SEEDS ??= process.env.SEEDS ?? '500'
  return {env, rest}
}

await script(async () => {
  const {env, rest} = parse(process.argv.slice(2))
  headline('[1/3] Setup')
  await setup(['build', 'test'])
  headline('[2/3] Native build with sanitizers')
  await configure('dev')
  await build('dev', ['sim_test'])
  headline('[3/3] Simulation')
  await run('build/dev/tests/sim/sim_test', rest, {env})
})
