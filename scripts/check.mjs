// npm run check: everything that can be said without running the product.

import {buildPackage, buildWasm} from './lib/build.mjs'
import {checkStages} from './lib/checks.mjs'
import {script} from './lib/log.mjs'
import {setup} from './lib/setup.mjs'
import {runStages} from './lib/stages.mjs'

await script(() =>
  runStages([
    {name: 'Setup', run: () => setup(['build', 'check', 'test'])},
    {name: 'WebAssembly modules', run: buildWasm},
    {name: 'npm package', run: buildPackage},
    ...checkStages(),
  ]),
)
