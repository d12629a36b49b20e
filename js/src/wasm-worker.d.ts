// The loader of the worker's wasm module, made by Emscripten; js/build.mjs says where it is.
import type {ModuleFactory} from './wasm-module.js'
import type {WorkerModule} from './worker/relay-core.js'

export declare const createWorkerModule: ModuleFactory<WorkerModule>
