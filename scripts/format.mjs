// npm run format: makes the files what `npm run check` wants them to be.

import {cppFiles} from './lib/checks.mjs'
import {headline, script} from './lib/log.mjs'
import {run, tool} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

await script(async () => {
  headline('Format')
  await setup(['check'])
  await run(tool('prettier'), ['--write', '--log-level=warn', '.'])
  await run('clang-format-14', ['-i', ...cppFiles()])
})
