// One run of tidemark-server as a child: known by the address it prints, stopped by SIGTERM.
import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import process from 'node:process'

export interface ServerEnd {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

export class ServerProcess {
  /** How it ended; settles once. */
  readonly ended: Promise<ServerEnd>
  /** The address it listens on, or undefined: it ended before it did. */
  readonly listening: Promise<string | undefined>
  readonly #child: ChildProcess
  #stopping = false

  /** Its log and its complaints go to our standard error; what it prints goes to `print`. */
  constructor(binary: string, args: readonly string[], print: (line: string) => void) {
    const child = spawn(binary, args, {stdio: ['ignore', 'pipe', 'inherit']})
    this.#child = child
    const kill = (): void => void child.kill('SIGKILL')
    process.once('exit', kill)
    this.ended = new Promise(resolve => {
      child.once('error', error => {
        print(`cannot run ${binary}: ${error.message}`)
        resolve({status: null, signal: null})
      })
      child.once('close', (status, signal) => {
        process.removeListener('exit', kill)
        resolve({status, signal})
      })
    })
    this.listening = new Promise(resolve => {
      let text = ''
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString()
        const lines = text.split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) {
          const url = /\blistening on (https?:\/\/\S+)/.exec(line)?.[1]
          if (url === undefined) print(line)
          else resolve(url)
        }
      })
      void this.ended.then(() => resolve(undefined))
    })
  }

  /** True once `stop` was called. */
  get stopping(): boolean {
    return this.#stopping
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Lets it finish what it does; what it does not finish in time is in the clients' logs anyway. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.running) this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs)
    await this.ended
    clearTimeout(timer)
  }
}

const stopWithinMs = 5000
