// What a test started ends with it, however it ends: processes are stopped by their own ids, and
// temporary folders removed, also on Ctrl-C and after an uncaught error.

import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** @type {Set<() => void>} */
const pending = new Set()

function runAll() {
  // Last in, first out: a process goes before the folder it writes to.
  for (const undo of [...pending].reverse()) {
    pending.delete(undo)
    try {
      undo()
    } catch (error) {
      console.error(`cleanup: ${String(error)}`)
    }
  }
}

process.on('exit', runAll)
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    runAll()
    process.kill(process.pid, signal)
  })
}

/**
 * Registers something synchronous to be undone at the end of this process.
 * @param {() => void} undo
 * @returns {() => void} forgets it, for what was undone earlier
 */
export function atExit(undo) {
  pending.add(undo)
  return () => void pending.delete(undo)
}

/**
 * A new folder that is gone when this process ends.
 * @param {string} name
 */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `tidemark-${name}-`))
  atExit(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5}))
  return folder
}
