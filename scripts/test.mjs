// npm test: everything, on a fresh Debian 12 machine with Node 20. em++ comes first, because it is the
// pickiest compiler and because the package's declarations are what the type checks read; then what
// can be said without running anything, native tests, JavaScript, browsers.

import os from 'node:os'
import {quickStages} from './lib/checks.mjs'
import {buildDemo, buildPackage, buildServer, buildTests, buildWasm} from './lib/build.mjs'
import {script} from './lib/log.mjs'
import {setup} from './lib/setup.mjs'
import {runStages, tests} from './lib/stages.mjs'

const jobs = process.env.TIDEMARK_JOBS ?? String(os.availableParallelism())
const ctest = ['ctest', '--test-dir', 'build/dev', '-j', jobs, '--output-on-failure']

await script(() =>
  runStages([
    {name: 'Setup', run: () => setup(['build', 'check', 'test'])},
    {name: 'WebAssembly modules', run: buildWasm},
    {name: 'npm package', run: buildPackage},
    ...quickStages(),
    {name: 'Native build with sanitizers', run: buildTests},
    tests('Native tests', 'node', ['tests/support/with-postgres.mjs', ...ctest], {
      UBSAN_OPTIONS: 'print_stacktrace=1',
    }),
    tests('JavaScript tests', 'node', ['tests/js/run.mjs']),
    {name: 'tidemark-server', run: buildServer},
    tests('Music store', 'node', ['tests/music-store/run.mjs']),
    {name: 'Todo demo', run: buildDemo},
    tests('Browser tests', 'node', ['tests/browser/run.mjs']),
    tests('Package tests', 'node', ['tests/package/run.mjs']),
  ]),
)
