#!/usr/bin/env node
// The command `tidemark`: bundles an app, runs its server, and both while one works on it.
import {spawn} from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import {bundleApp, saveBundle} from '../src/node/app-bundle.js'
import type {AppSummary} from '../src/node/app-bundle.js'
import {CommandError} from '../src/node/command-error.js'
import {DevServer} from '../src/node/dev-server.js'
import {serverBinary} from '../src/node/server-binary.js'

const help = `tidemark: real-time sync for web apps

  tidemark dev APP-FILE [SERVER-FLAG…]     bundle the app, run its server, and again when a file changes
  tidemark build APP-FILE [-o FILE]        write the bundle that \`tidemark server --app\` takes (default: app.js)
  tidemark server [SERVER-FLAG…]           run tidemark-server; \`tidemark server --help\` lists its flags
  tidemark --help | --version

APP-FILE is the module that page and server share: export default defineApp({schema, queries, mutators}).
dev passes flags on, as in: tidemark dev src/sync.ts --listen 127.0.0.1:9000 --db postgres://…

TIDEMARK_SERVER_BINARY names another tidemark-server than the one that the package carries.
`

/** Exit status for what the caller has to put right. */
const misused = 2

async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'dev':
      return await dev(args)
    case 'build':
      return await build(args)
    case 'server':
      return await server(args)
    case undefined:
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(help)
      return command === undefined ? misused : 0
    case '--version':
      process.stdout.write(`tidemark ${version}\n`)
      return 0
    default:
      throw new CommandError(`there is no command "${command}": dev, build or server; see --help`)
  }
}
const version = '0.1.0'

async function dev([file, ...args]: readonly string[]): Promise<number> {
  if (file === '--help' || file === '-h') return await main(['--help'])
  if (file === undefined || file.startsWith('-')) {
    throw new CommandError('dev needs the app file first: tidemark dev src/sync.ts')
  }
  const devServer = new DevServer({
    app: file,
    args,
    folder: path.resolve('.tidemark'),
    onRunning: (url, summary) => say(`${url} runs ${file}: ${describe(summary)}`),
    onProblem: complain,
    print: say,
  })
  const stopped = new Promise<number>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        void devServer.close().then(() => resolve(0))
      })
    }
  })
  await devServer.start()
  return await stopped
}

async function build(args: readonly string[]): Promise<number> {
  const {file, output} = buildArguments(args)
  const {code, summary} = await bundleApp(file)
  saveBundle(output, code)
  const size = `${(Buffer.byteLength(code) / 1000).toFixed(1)} kB`
  say(`${output} (${size}): ${describe(summary)}`)
  return 0
}

function buildArguments(args: readonly string[]): {file: string; output: string} {
  let file: string | undefined
  let output = 'app.js'
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] as string
    if (arg === '-o' || arg === '--output') {
      const value = args[(index += 1)]
      if (value === undefined)
        throw new CommandError(
          `${arg} needs a file: tidemark build ${file ?? 'src/sync.ts'} -o app.js`,
        )
      output = value
    } else if (arg.startsWith('-')) {
      throw new CommandError(`build has no option ${arg}: it takes -o FILE`)
    } else if (file === undefined) {
      file = arg
    } else {
      throw new CommandError(`build takes one app file, not also ${arg}`)
    }
  }
  if (file === undefined) {
    throw new CommandError('build needs the app file: tidemark build src/sync.ts -o app.js')
  }
  return {file, output}
}

/** Runs the binary in our place: its output, its signals, its status. */
async function server(args: readonly string[]): Promise<number> {
  const child = spawn(serverBinary(), args, {stdio: 'inherit'})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal sends Ctrl-C to both by itself.
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  return await new Promise<number>((resolve, reject) => {
    child.once('error', error =>
      reject(new CommandError(`cannot run tidemark-server: ${error.message}`)),
    )
    child.once('close', (status, signal) => resolve(status ?? (signal === null ? 1 : 128)))
  })
}

function describe({tables, mutators, queries}: AppSummary): string {
  return [
    count(tables.length, 'table', 'tables'),
    count(mutators.length, 'mutator', 'mutators'),
    count(queries.length, 'query', 'queries'),
  ].join(', ')
}

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`

const say = (line: string): void => void process.stdout.write(`tidemark: ${line}\n`)
const complain = (message: string): void => {
  for (const line of message.split('\n')) process.stderr.write(`tidemark: ${line}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  complain(error.message)
  process.exitCode = misused
}
