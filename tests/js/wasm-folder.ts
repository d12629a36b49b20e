// Where the wasm modules are that the tests load; see js/wasm-modules.mjs.
import path from 'node:path'
import process from 'node:process'
import {pathToFileURL} from 'node:url'

export const wasmFolder = pathToFileURL(
  `${path.resolve(process.env['TIDEMARK_WASM_FOLDER'] ?? 'build/wasm/wasm')}/`,
)
