// npm run bench [-- --json FILE]: builds everything as it is shipped, then prints a table of figure
// beside goal (tests/bench/run.mjs).

import {buildBenchmarks, buildDemo, buildPackage, buildWasm} from './lib/build.mjs'
import {headline, script} from './lib/log.mjs'
import {run} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

await script(async () => {
  headline('[1/6] Setup')
  await setup(['build', 'bench'])
  headline('[2/6] WebAssembly modules')
  await buildWasm()
  headline('[3/6] npm package')
  await buildPackage()
  headline('[4/6] tidemark-server and native benchmarks')
  await buildBenchmarks()
  headline('[5/6] Todo demo')
  await buildDemo()
  headline('[6/6] Benchmarks')
  await run('node', ['--experimental-websocket', 'tests/bench/run.mjs', ...process.argv.slice(2)])
})
