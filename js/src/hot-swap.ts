// What the Vite plugin calls in the page when the app's file changed. Not part of the package's surface.
import type {App} from './app.js'
import {instances} from './tidemark.js'

/** Gives every open instance the new mutators and queries; false: one cannot take them, and the page must be reloaded. */
export async function swapApp(app: App): Promise<boolean> {
  try {
    for (const {tidemark} of instances.values()) (await tidemark).replaceApp(app)
    return true
  } catch {
    return false
  }
}
