// npm run fuzz: random schemas, data, queries and changes, each query maintained and held against its oracles, for as long
// as one likes. Every fifteenth case is one for Postgres too: its tables are made anew each time.
//
//   npm run fuzz -- --rounds 20 --cases 5000   20 seeds, 5000 queries each (default: until interrupted, 1500 each)
//   npm run fuzz -- --from 77 --rounds 1       one seed, as a failure says

import {build, configure} from './lib/cmake.mjs'
import {Failure, headline, say, script} from './lib/log.mjs'
import {run} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

/** @param {string} name @param {number} otherwise */
function number(name, otherwise) {
  const at = process.argv.indexOf(name)
  if (at < 0) return otherwise
  const value = Number(process.argv[at + 1])
  if (!Number.isInteger(value) || value < 1) throw new Failure(`${name} takes a number`)
  return value
}

await script(async () => {
  const rounds = number('--rounds', Infinity)
  const cases = number('--cases', 1500)
  const from = number('--from', 1 + Math.floor(Math.random() * 1e9))
  headline('[1/3] Setup')
  await setup(['build', 'test'])
  headline('[2/3] Native build with sanitizers')
  await configure('dev')
  await build('dev', ['ivm_test', 'postgres_test'])
  headline('[3/3] Queries')
  for (let seed = from; seed < from + rounds; seed++) {
    say(`seed ${seed}: again with npm run fuzz -- --from ${seed} --rounds 1 --cases ${cases}`)
    const env = {SEED: String(seed), CASES: String(cases)}
    await run('build/dev/tests/core/ivm/ivm_test', ['--gtest_filter=TreeTest.*'], {
      env,
      quiet: true,
    })
    await run(
      'node',
      [
        'tests/support/with-postgres.mjs',
        'build/dev/tests/server/postgres/postgres_test',
        '--gtest_filter=PostgresTreeTest.*',
      ],
      {env: {...env, CASES: String(Math.ceil(cases / 15))}, quiet: true},
    )
  }
})
