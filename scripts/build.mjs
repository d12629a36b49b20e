// npm run build: the wasm modules, the npm package, the release server and the demo.

import {buildDemo, buildPackage, buildServer, buildWasm} from './lib/build.mjs'
import {script} from './lib/log.mjs'
import {setup} from './lib/setup.mjs'
import {runStages} from './lib/stages.mjs'

await script(() =>
  runStages([
    {name: 'Setup', run: () => setup(['build'])},
    {name: 'WebAssembly modules', run: buildWasm},
    {name: 'npm package', run: buildPackage},
    {name: 'tidemark-server', run: buildServer},
    {name: 'Todo demo', run: buildDemo},
  ]),
)
