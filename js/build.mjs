// Builds js/dist, what the npm package carries: JavaScript by esbuild, declarations by tsc.
// `node js/build.mjs --no-types` leaves the declarations out.

import {spawnSync} from 'node:child_process'
import {copyFileSync, rmSync} from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import esbuild from 'esbuild'
import {wasmFolder, wasmModules} from './wasm-modules.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const common = {
  absWorkingDir: here,
  bundle: true,
  format: /** @type {const} */ ('esm'),
  target: 'es2022',
  // Names of classes and functions appear in messages.
  keepNames: true,
  sourcemap: true,
  logLevel: /** @type {const} */ ('warning'),
}

// Each bundle is one call of esbuild. What entries of one bundle share goes into chunks beside them,
// so that a class is the same class in `tidemark` and `tidemark/react`.
/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    // What runs in pages and in the server's engine.
    entryPoints: [
      'src/index.ts',
      'src/builders.ts',
      'src/app-entry.ts',
      'src/react.ts',
      'src/hot-swap.ts',
    ],
    outdir: 'dist',
    splitting: true,
    chunkNames: '[name]-[hash]',
    platform: 'neutral',
    external: ['react'],
    plugins: [wasmModules],
  },
  {
    // The worker is one file of its own.
    entryPoints: ['src/worker/relay-worker.ts'],
    outdir: 'dist',
    platform: 'neutral',
    minify: true,
    plugins: [wasmModules],
  },
  {
    // What runs in Node: the command and the Vite plugin. Packages are found where they are installed.
    entryPoints: {'cli/tidemark': 'cli/tidemark.ts', vite: 'src/vite.ts'},
    outdir: 'dist',
    splitting: true,
    chunkNames: '[name]-[hash]',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  },
]

rmSync(path.join(here, 'dist'), {recursive: true, force: true})
for (const bundle of bundles) await esbuild.build({...common, ...bundle})
for (const role of ['page', 'worker']) {
  copyFileSync(
    path.join(wasmFolder, `tidemark_${role}.wasm`),
    path.join(here, 'dist', `tidemark_${role}.wasm`),
  )
}

if (!process.argv.includes('--no-types')) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const arguments_ = [tsc, '-p', path.join(here, 'tsconfig.build.json')]
  const {status} = spawnSync(process.execPath, arguments_, {stdio: 'inherit'})
  process.exitCode = status ?? 1
}
