// tidemark-server as a test uses it: started on a port of the system's choice, known by the address
// it prints, stopped or killed at any moment.

import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {Child} from './child.mjs'
import {temporaryFolder} from './cleanup.mjs'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const serverBinary =
  process.env.TIDEMARK_SERVER ?? path.join(root, 'build/release/server/tidemark-server')

/**
 * @typedef {object} Server
 * @property {string} url http://127.0.0.1:PORT
 * @property {number} port
 * @property {string} folder its working folder; the embedded database is in `.tidemark` below it
 * @property {Child} child
 * @property {() => Promise<void>} stop SIGTERM, and wait
 * @property {() => Promise<void>} kill SIGKILL, and wait
 */

/**
 * @param {{
 *   app: string,
 *   db?: string,
 *   staticFiles?: string,
 *   listen?: string,
 *   folder?: string,
 *   args?: string[],
 *   env?: Record<string, string>,
 * }} options pass `folder` and `listen` of an earlier server to take its place
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const folder = options.folder ?? temporaryFolder('server')
  const args = ['--app', options.app, '--listen', options.listen ?? '127.0.0.1:0']
  if (options.db) args.push('--db', options.db)
  if (options.staticFiles) args.push('--static', options.staticFiles)
  const child = new Child(serverBinary, [...args, ...(options.args ?? [])], {
    cwd: folder,
    env: options.env ?? {},
  })
  const match = await child.waitFor(/listening\b.*?(http:\/\/[\d.]+:(\d+))/)
  return {
    url: /** @type {string} */ (match[1]),
    port: Number(match[2]),
    folder,
    child,
    stop: async () => void (await child.stop('SIGTERM')),
    kill: async () => void (await child.stop('SIGKILL')),
  }
}
