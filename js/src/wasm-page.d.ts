// The loader of the page's wasm module, made by Emscripten; js/build.mjs says where it is.
import type {PageModule} from './page-core.js'
import type {ModuleFactory} from './wasm-module.js'

export declare const createPageModule: ModuleFactory<PageModule>
