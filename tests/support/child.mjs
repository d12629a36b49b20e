// A process that a test starts, watches and ends: by its id, and never longer than the test itself.

import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {atExit} from './cleanup.mjs'

/**
 * @typedef {{
 *   cwd?: string,
 *   env?: Record<string, string | undefined>,
 *   uid?: number,
 *   gid?: number,
 *   exitSignal?: NodeJS.Signals,
 * }} ChildOptions
 */

export class Child {
  /** @type {import('node:child_process').ChildProcess} */
  #process
  #output = ''
  /** @type {Set<() => void>} */
  #watchers = new Set()
  /** @type {{status: number | null, signal: string | null} | undefined} */
  #ended
  #command

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {ChildOptions} [options] `exitSignal` ends it when the test process ends first
   */
  constructor(command, args, options = {}) {
    this.#command = [command, ...args].join(' ')
    const {exitSignal = 'SIGKILL', env, ...rest} = options
    this.#process = spawn(command, args, {
      ...rest,
      env: {...process.env, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const forget = atExit(() => this.#process.kill(exitSignal))
    const collect = (/** @type {Buffer} */ data) => {
      this.#output += data.toString()
      this.#notify()
    }
    this.#process.stdout?.on('data', collect)
    this.#process.stderr?.on('data', collect)
    this.#process.on('error', error => {
      this.#output += String(error)
      this.#end({status: null, signal: null}, forget)
    })
    this.#process.on('close', (status, signal) => this.#end({status, signal}, forget))
  }

  /** The process id. */
  get pid() {
    return this.#process.pid
  }

  /** Everything it printed so far, on both channels. */
  get output() {
    return this.#output
  }

  get running() {
    return this.#ended === undefined
  }

  /**
   * Waits until the output has a match.
   * @param {RegExp} pattern
   * @param {number} [timeoutMs]
   * @returns {Promise<RegExpExecArray>}
   */
  waitFor(pattern, timeoutMs = 30_000) {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        this.#watchers.delete(look)
      }
      const look = () => {
        const match = pattern.exec(this.#output)
        if (match) {
          finish()
          resolve(match)
        } else if (this.#ended) {
          finish()
          reject(
            new Error(`${this.#command}\nended before it printed ${pattern}:\n${this.#output}`),
          )
        }
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`${this.#command}\ndid not print ${pattern}:\n${this.#output}`))
      }, timeoutMs)
      this.#watchers.add(look)
      look()
    })
  }

  /** @returns {Promise<{status: number | null, signal: string | null}>} */
  async exited() {
    if (!this.#ended) await once(this.#process, 'close')
    return this.#ended ?? {status: null, signal: null}
  }

  /**
   * Ends it, and with SIGKILL when it has not ended by then.
   * @param {NodeJS.Signals} [signal]
   * @param {number} [timeoutMs]
   */
  async stop(signal = 'SIGTERM', timeoutMs = 15_000) {
    if (this.running) this.#process.kill(signal)
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), timeoutMs)
    const result = await this.exited()
    clearTimeout(timer)
    return result
  }

  #notify() {
    for (const watcher of [...this.#watchers]) watcher()
  }

  /**
   * @param {{status: number | null, signal: string | null}} how
   * @param {() => void} forget
   */
  #end(how, forget) {
    this.#ended ??= how
    forget()
    this.#notify()
  }
}
