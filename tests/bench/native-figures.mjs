// The native benchmarks of single parts: everything they print, and beside their goals those figures that have one.
// Processor time, not time: they are one thread, and the machine may have other work.

import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {root} from '../support/server.mjs'
import {temporaryFolder} from '../support/cleanup.mjs'

const nanoseconds = {ns: 1, us: 1e3, ms: 1e6}
const cpu = (result, unit) => (result.cpu_time * nanoseconds[result.time_unit]) / nanoseconds[unit]

/** @type {Record<string, Record<string, {what: string, unit: string, goal: string, value?: (result: any) => number}>>} */
const programs = {
  ivm_bench: {
    'PushInsideWindow/100000': {
      what: 'push inside a window of 50 with two joins, 100,000 rows',
      unit: 'us',
      goal: '< 2',
    },
    'HydrateTree/100000': {
      what: 'hydrate 500 rows, two joins, 1,000 children of 100,000',
      unit: 'ms',
      goal: '< 1',
    },
  },
  hub_bench: {
    'WriteToSubscribersOfOneQuery/10000': {
      what: 'one write to 10,000 subscribers of one query, hub alone',
      unit: 'ms',
      goal: '< 50',
    },
  },
  rebase_bench: {
    'ConfirmAll/1/iterations:1': {
      what: 'mutators run while 5,000 pending mutations are confirmed one by one',
      unit: 'runs',
      goal: '< 12000000',
      value: result => result.runs,
    },
  },
  engine_bench: {},
}

/** @param {import('./figures.mjs').Figures} figures */
export async function measureNative(figures) {
  for (const [name, goals] of Object.entries(programs)) {
    const out = path.join(temporaryFolder('bench'), `${name}.json`)
    const program = path.join(root, 'build/release/tests/bench', name)
    const args = ['--benchmark_min_time=0.2', `--benchmark_out=${out}`]
    const {status} = spawnSync(program, args, {stdio: ['ignore', 2, 2]})
    if (status !== 0) throw new Error(`${name} failed`)
    const results = new Map(
      JSON.parse(readFileSync(out, 'utf8')).benchmarks.map(result => [result.name, result]),
    )
    for (const [benchmark, {what, unit, goal, value}] of Object.entries(goals)) {
      const result = results.get(benchmark)
      if (result === undefined) throw new Error(`${name} has no ${benchmark}`)
      figures.add(what, unit, [value === undefined ? cpu(result, unit) : value(result)], goal)
    }
  }
}
