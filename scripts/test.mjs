// npm test: everything, on a fresh Debian 12 machine with Node 20. The order is that of the cheapest
// failure first: style, then em++ (the pickiest compiler), then native, then browsers.

import os from 'node:os'
import {checkStages} from './lib/checks.mjs'
import {buildDemo, buildPackage, buildServer, buildTests, buildWasm} from './lib/build.mjs'
import {script} from './lib/log.mjs'
import {setup} from './lib/setup.mjs'
import {runStages, tests} from './lib/stages.mjs'

const jobs = String(os.availableParallelism())

await script(() =>
  runStages([
    {name: 'Setup', run: () => setup(['build', 'check', 'test'])},
    {name: 'WebAssembly modules', run: buildWasm},
    {name: 'npm package', run: buildPackage},
    ...checkStages(),
    {name: 'Native build with sanitizers', run: buildTests},
    tests('Native tests', 'ctest', ['--preset', 'dev', '-j', jobs, '--output-on-failure']),
    tests('JavaScript tests', 'node', ['tests/js/run.mjs']),
    {name: 'tidemark-server', run: buildServer},
    {name: 'Todo demo', run: buildDemo},
    tests('Browser tests', 'node', ['tests/browser/run.mjs']),
    tests('Package tests', 'node', ['tests/package/run.mjs']),
  ]),
)
