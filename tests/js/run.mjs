// `node tests/js/run.mjs [file…]`: compiles the TypeScript tests and runs them with node's own test
// runner. Without arguments all of them, the check of what must and must not compile among them.

import {spawnSync} from 'node:child_process'
import {readdirSync, rmSync} from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import esbuild from 'esbuild'
import {wasmModules} from '../../js/wasm-modules.mjs'
import {endings} from '../support/node-test.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const root = path.resolve(here, '../..')
const outdir = path.join(root, 'build/tests-js')

const named = process.argv.slice(2).map(file => path.resolve(file))
const all = readdirSync(here).filter(file => /\.test\.tsx?$/.test(file))
const tests = named.length > 0 ? named : all.sort().map(file => path.join(here, file))

rmSync(outdir, {recursive: true, force: true})
await esbuild.build({
  entryPoints: tests,
  outdir,
  outExtension: {'.js': '.mjs'},
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  // Packages are Node's to find; Tidemark is taken from its sources by the paths of tsconfig.json.
  packages: 'external',
  plugins: [wasmModules],
  tsconfig: path.join(here, 'tsconfig.json'),
  logLevel: 'warning',
})

const files = tests.map(file => path.join(outdir, path.basename(file).replace(/tsx?$/, 'mjs')))
const node = ['--enable-source-maps', '--test', ...endings, '--test-reporter=spec', ...files]
const {status} = spawnSync(process.execPath, node, {cwd: root, stdio: 'inherit'})
process.exitCode = status ?? 1
