// Bundles the store for its two places: Node, with Tidemark's client, and the server's engine. Tidemark is taken from its
// sources.

import path from 'node:path'
import {fileURLToPath} from 'node:url'
import esbuild from 'esbuild'
import {wasmFolder, wasmModules} from '../../js/wasm-modules.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const root = path.resolve(here, '../..')
const built = path.join(root, 'build/tests-music-store')

export const pageWasm = path.join(wasmFolder, 'tidemark_page.wasm')
/** What the server runs. */
export const appBundle = path.join(built, 'app.js')
/** Client, app, cases and rows, for the test. */
export const storeModule = path.join(built, 'store.mjs')

export async function buildStore() {
  const common = {bundle: true, sourcemap: /** @type {const} */ ('inline'), absWorkingDir: root}
  await esbuild.build({
    ...common,
    entryPoints: [path.join(here, 'store.ts')],
    outfile: storeModule,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [wasmModules],
    tsconfig: path.join(here, 'tsconfig.json'),
  })
  await esbuild.build({
    ...common,
    stdin: {
      contents:
        "import app from './app.js'; import {installApp} from 'tidemark/app'; installApp(app)",
      resolveDir: here,
      loader: 'ts',
    },
    outfile: appBundle,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    keepNames: true,
    sourcemap: false,
    alias: {
      'tidemark/app': path.join(root, 'js/src/app-entry.ts'),
      tidemark: path.join(root, 'js/src/builders.ts'),
    },
  })
}
