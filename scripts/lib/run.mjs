// Child processes. A command that fails is a Failure that names it.

import {spawn, spawnSync} from 'node:child_process'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {Failure} from './log.mjs'

/**
 * A command of an npm package of this repository.
 * @param {string} name
 */
export const tool = name => path.join(root, 'node_modules/.bin', name)

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * Runs a command in the repository's root with its output passed on.
 * @param {string} command
 * @param {string[]} args
 * @param {{
 *   env?: Record<string, string>,
 *   cwd?: string,
 *   watch?: (text: string) => void,
 *   quiet?: boolean,
 * }} [options] `watch` is given the output as well, in pieces; `quiet` shows it only when the command
 *   fails
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const piped = options.watch !== undefined || options.quiet === true
    let kept = ''
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: {...process.env, ...options.env},
      stdio: ['ignore', piped ? 'pipe' : 'inherit', piped ? 'pipe' : 'inherit'],
    })
    for (const channel of /** @type {const} */ (['stdout', 'stderr'])) {
      child[channel]?.on('data', (/** @type {Buffer} */ data) => {
        if (options.quiet) kept += data.toString()
        else process[channel].write(data)
        options.watch?.(data.toString())
      })
    }
    child.on('error', error => reject(new Failure(`cannot run ${command}: ${error.message}`)))
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(undefined)
      process.stderr.write(kept)
      const how = signal ? `was ended by ${signal}` : `exited with status ${status}`
      const line = [command, ...args].join(' ')
      const shown = line.length > 120 ? `${line.slice(0, 120)} …` : line
      reject(new Failure(`${shown}\n    ${how}`))
    })
  })
}

/**
 * The standard output of a short command, or null when it fails or does not exist.
 * @param {string} command
 * @param {string[]} args
 */
export function output(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 << 20,
  })
  return result.status === 0 ? result.stdout : null
}
