// The server of `tidemark dev` and of the Vite plugin: bundles the app, runs it, and does both again when a file of the
// app changes. Invariant: once a bundle has run, one runs; a bundle that cannot be made, or that the server refuses,
// leaves the last good one in place.
import {mkdirSync, renameSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {context} from 'esbuild'
import type {BuildContext, BuildResult} from 'esbuild'
import {bundleOptions, checkedBundle, describeMessages} from './app-bundle.js'
import type {AppSummary} from './app-bundle.js'
import {CommandError} from './command-error.js'
import {serverBinary} from './server-binary.js'
import {ServerProcess} from './server-process.js'

export interface DevServerOptions {
  /** The app's file. */
  readonly app: string
  /** Further flags of tidemark-server. */
  readonly args: readonly string[]
  /** Where the bundles are kept; made if it is not there. */
  readonly folder: string
  /** A server runs a new bundle. */
  readonly onRunning: (url: string, summary: AppSummary) => void
  readonly onProblem: (message: string) => void
  readonly print?: (line: string) => void
}

export class DevServer {
  readonly #options: DevServerOptions
  readonly #binary: string
  readonly #good: string
  readonly #next: string
  #context: BuildContext | undefined
  #server: ServerProcess | undefined
  /** Bundles are taken up one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #code: string | undefined
  #hasGood = false
  /** Of the first run; later ones take the same address. */
  #listen: string | undefined
  #closed = false

  /** Throws a CommandError if there is no server or no app file. */
  constructor(options: DevServerOptions) {
    this.#options = options
    this.#binary = serverBinary()
    this.#good = path.join(options.folder, 'dev-app.js')
    this.#next = path.join(options.folder, 'dev-app.next.js')
    bundleOptions(options.app)
    if (options.args.some(arg => /^--app(=|$)/.test(arg))) {
      throw new CommandError(`dev bundles the app itself: leave --app out`)
    }
  }

  /** Resolves when the first bundle has been tried. */
  async start(): Promise<void> {
    mkdirSync(this.#options.folder, {recursive: true})
    let tried: () => void = () => undefined
    const first = new Promise<void>(resolve => (tried = resolve))
    const options = bundleOptions(this.#options.app)
    this.#context = await context({
      ...options,
      plugins: [
        {
          name: 'tidemark-dev',
          setup: build => {
            build.onEnd(result => {
              this.#turn = this.#turn.then(() => this.#take(result)).finally(tried)
            })
          },
        },
      ],
    })
    await this.#context.watch()
    await first
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#context?.dispose()
    await this.#turn
    await this.#server?.stop()
  }

  async #take(result: BuildResult): Promise<void> {
    if (this.#closed) return
    const {app, onProblem} = this.#options
    try {
      if (result.errors.length > 0) throw new CommandError(describeMessages(app, result.errors))
      const {code, summary} = checkedBundle(app, {outputFiles: result.outputFiles ?? []})
      if (code === this.#code && this.#server?.running === true) return
      await this.#swap(code, summary)
    } catch (error) {
      const message = error instanceof CommandError ? error.message : String(error)
      onProblem(
        this.#server?.running === true ? `${message}\nthe last good app still runs` : message,
      )
    }
  }

  async #swap(code: string, summary: AppSummary): Promise<void> {
    writeFileSync(this.#next, code)
    await this.#server?.stop()
    const url = await this.#run(this.#next)
    if (url !== undefined) {
      renameSync(this.#next, this.#good)
      this.#hasGood = true
      this.#code = code
      this.#options.onRunning(url, summary)
      return
    }
    if (this.#closed) return
    if (this.#hasGood && (await this.#run(this.#good)) !== undefined) {
      this.#options.onProblem(
        'the server did not start with this app: the last good one runs again',
      )
    } else {
      this.#options.onProblem('the server did not start: it is tried again at the next change')
    }
  }

  /** The address of a server that runs `bundle`, or undefined: it ended first, and said why. */
  async #run(bundle: string): Promise<string | undefined> {
    const {args, print = () => undefined} = this.#options
    const given = args.includes('--migrate') ? args : [...args, '--migrate']
    const flags =
      this.#listen === undefined ? given : ['--listen', this.#listen, ...withoutListen(given)]
    const server = new ServerProcess(this.#binary, ['--app', bundle, ...flags], print)
    this.#server = server
    const url = await server.listening
    if (url === undefined) return undefined
    this.#listen = new URL(url).host
    void server.ended.then(({status, signal}) => {
      if (this.#closed || server.stopping) return
      this.#options.onProblem(
        `the server ended (${signal ?? `status ${String(status)}`}): it starts again at the next change`,
      )
    })
    return url
  }
}

function withoutListen(args: readonly string[]): string[] {
  return args.filter((arg, index) => {
    return !/^--listen(=|$)/.test(arg) && args[index - 1] !== '--listen'
  })
}
