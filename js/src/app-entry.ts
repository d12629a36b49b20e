// `tidemark/app`: what the server's bundle of an app begins with. Needs nothing but the language.
import {appDefinitions} from './app.js'
import type {App} from './app.js'
import {createAppRuntime} from './app-runtime.js'
import type {AppRuntime} from './app-runtime.js'

export {createAppRuntime} from './app-runtime.js'
export type {AppRuntime, MutatorHostCalls} from './app-runtime.js'

declare global {
  var __tidemark: AppRuntime | undefined
}

/** Makes `app` the app of this engine: its host calls `globalThis.__tidemark`. */
export function installApp(app: App): void {
  if ((app as Partial<App> | undefined)?.[appDefinitions] === undefined) {
    throw new TypeError('the default export is not an app: export default defineApp({…})')
  }
  globalThis.__tidemark = createAppRuntime(app)
}
