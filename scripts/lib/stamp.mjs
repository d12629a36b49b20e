// Skips a step whose inputs have not changed since it last succeeded, by content and not by time:
// a fresh clone, a checkout of another branch and a touched file do not fool it.

import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {say} from './log.mjs'
import {root} from './run.mjs'

const skipped = new Set(['node_modules', 'dist', 'dist-server', 'build', '.cache', '.tidemark'])

/**
 * The files below the given files and folders, relative to the root, sorted.
 * @param {string[]} inputs
 * @returns {string[]}
 */
export function filesBelow(inputs) {
  const found = new Set()
  const visit = (/** @type {string} */ name) => {
    const full = path.join(root, name)
    if (!existsSync(full)) return
    if (!statSync(full).isDirectory()) {
      found.add(name)
      return
    }
    for (const entry of readdirSync(full)) {
      if (!skipped.has(entry)) visit(path.join(name, entry))
    }
  }
  inputs.forEach(visit)
  return [...found].sort()
}

/** @param {string[]} files */
export function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

/**
 * @param {string} name of the step, and of its stamp
 * @param {{inputs: string[], outputs: string[]}} files files or folders, relative to the root;
 *   inputs inside an ignored folder (build/, dist/) are named one by one
 * @param {() => Promise<unknown>} step
 */
export async function once(name, {inputs, outputs}, step) {
  const stamp = path.join(root, '.cache/stamps', name)
  const hash = hashOf(filesBelow(inputs))
  const made = outputs.every(output => existsSync(path.join(root, output)))
  if (made && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    say(`${name}: nothing changed`)
    return
  }
  await step()
  mkdirSync(path.dirname(stamp), {recursive: true})
  writeFileSync(stamp, hash)
}
