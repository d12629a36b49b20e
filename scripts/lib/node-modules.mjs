// `npm ci` when node_modules is not what package-lock.json says.

import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {Failure, say} from './log.mjs'
import {root, run} from './run.mjs'

/**
 * @typedef {{version?: string, integrity?: string, link?: boolean, resolved?: string,
 *   optional?: boolean}} LockEntry
 */

/** @param {string} file */
function lockEntries(file) {
  const parsed = JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  return /** @type {Record<string, LockEntry>} */ (parsed.packages)
}

/** True when every locked package is installed; an optional one may be for another platform. */
function nodeModulesMatch() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false
  const wanted = lockEntries('package-lock.json')
  const installed = lockEntries('node_modules/.package-lock.json')
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.includes('node_modules/')) return true
    const found = installed[name]
    if (!found) return entry.optional === true
    if (!existsSync(path.join(root, name))) return false
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

export async function installNodeModules() {
  if (nodeModulesMatch()) return
  say('installing the npm packages of package-lock.json')
  // No package may run code at install time: esbuild and rolldown find their platform packages
  // without it, and of better-sqlite3 only the sources are used.
  await run('npm', ['ci', '--ignore-scripts', '--include=dev', '--include=optional'], {
    env: {npm_config_loglevel: 'error'},
  })
  if (!nodeModulesMatch()) {
    throw new Failure('npm ci did not install what package-lock.json lists')
  }
}
