// The stages of `npm run check`: format, lint, types, house rules, clang-tidy. `npm test` runs all but the last, which takes
// as long as everything else together.

import {run, tool} from './run.mjs'
import {filesBelow} from './stamp.mjs'
import {tests} from './stages.mjs'
import {tidy} from './tidy.mjs'

export const cppFolders = ['core', 'wasm', 'server', 'tests', 'cmake']
const isCpp = (/** @type {string} */ file) => /\.(cc|h)$/.test(file)
const houseRules = ['tests/style/layering.test.mjs', 'tests/style/files.test.mjs']

/** The C++ files of the project that clang-format looks after. */
export const cppFiles = () => filesBelow(cppFolders).filter(isCpp)

const typedProjects = () =>
  filesBelow(['js', 'demo', 'scripts', 'tests']).filter(file => /(^|\/)tsconfig\.json$/.test(file))

/** @returns {import("./stages.mjs").Stage[]} what takes a minute or two */
export function quickStages() {
  return [
    {
      name: 'Format',
      async run() {
        await run(tool('prettier'), ['--check', '--log-level=warn', '.'])
        await run('clang-format-14', ['--dry-run', '-Werror', ...cppFiles()])
      },
    },
    {
      name: 'Lint',
      // Without a cache: what a rule knows of types changes with files that eslint does not see.
      run: () => run(tool('eslint'), ['--max-warnings=0', '.']),
    },
    {
      name: 'Types',
      async run() {
        for (const project of typedProjects()) await run(tool('tsc'), ['--noEmit', '-p', project])
      },
    },
    tests('House rules', 'node', ['--test', ...houseRules]),
  ]
}

/** @returns {import("./stages.mjs").Stage[]} */
export const checkStages = () => [...quickStages(), {name: 'clang-tidy', run: tidy}]
