// An esbuild plugin: `#wasm/page` and `#wasm/worker` are the loaders that Emscripten made, which are built before
// (`cmake --build --preset wasm`). Emscripten exports its factory as default; the sources import it by name.

import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'

/** Where the wasm preset puts the modules; TIDEMARK_WASM_FOLDER names those of another build. */
export const wasmFolder = path.resolve(
  process.env.TIDEMARK_WASM_FOLDER ??
    path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/wasm/wasm'),
)

/** @type {import('esbuild').Plugin} */
export const wasmModules = {
  name: 'wasm-modules',
  setup(build) {
    build.onResolve({filter: /^#wasm\//}, ({path: name}) => ({
      path: name,
      namespace: 'wasm-module',
    }))
    build.onLoad({filter: /.*/, namespace: 'wasm-module'}, ({path: name}) => {
      const role = name.slice('#wasm/'.length)
      const factory = `create${role === 'page' ? 'Page' : 'Worker'}Module`
      const file = path.join(wasmFolder, `tidemark_${role}.mjs`)
      return {
        contents: `export {default as ${factory}} from ${JSON.stringify(file)}`,
        resolveDir: wasmFolder,
      }
    })
  },
}
