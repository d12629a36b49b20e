// `tidemark/vite`: in development the app's server runs beside Vite's and is reached through it; in both development and
// builds the package's worker and wasm files keep their places.
import {createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import path from 'node:path'
import type {Plugin, ResolvedConfig, ViteDevServer} from 'vite'
import {DevServer} from './node/dev-server.js'

export interface TidemarkPluginOptions {
  /** The app's file, from Vite's root: `src/sync.ts`. */
  readonly app: string
  /** Further flags of tidemark-server, such as `['--db', 'postgres://…']`. */
  readonly serverArgs?: readonly string[]
}

/** Where the server's own paths begin; everything else is Vite's. */
const proxied = '^/tidemark/'

/** The servers of this process by Vite's root: the embedded database takes one at a time. */
const running = new Map<string, DevServer>()

/**
 * ```ts
 * // vite.config.ts
 * export default defineConfig({plugins: [react(), tidemark({app: 'src/sync.ts'})]})
 * ```
 */
export function tidemark(options: TidemarkPluginOptions): Plugin {
  let config: ResolvedConfig | undefined
  let listen = ''
  const appFile = (): string => path.resolve(config?.root ?? '.', options.app)

  return {
    name: 'tidemark',
    // After TypeScript has become JavaScript, and before Vite reads the imports.
    enforce: 'post',

    async config(_, {command, isPreview}) {
      const always = {
        // Pre-bundling would move the files away from what they name by `import.meta.url`.
        optimizeDeps: {exclude: ['tidemark', 'tidemark/react', 'tidemark/hot-swap']},
        worker: {format: 'es' as const},
      }
      if (command !== 'serve' || isPreview === true) return always
      listen = `127.0.0.1:${await freePort()}`
      return {...always, server: {proxy: {[proxied]: {target: `http://${listen}`, ws: true}}}}
    },

    configResolved(resolved) {
      config = resolved
    },

    async configureServer(vite: ViteDevServer) {
      const {logger, root} = vite.config
      // When its configuration changes, Vite makes the new server before it closes the old one.
      await running.get(root)?.close()
      const server = new DevServer({
        app: path.relative(process.cwd(), appFile()),
        args: [...(options.serverArgs ?? []), '--listen', listen],
        folder: path.join(root, '.tidemark'),
        onRunning: url => logger.info(`tidemark: ${url} runs ${options.app}`, {timestamp: true}),
        onProblem: problem => logger.error(`tidemark: ${problem}`, {timestamp: true}),
        print: line => logger.info(`tidemark: ${line}`, {timestamp: true}),
      })
      running.set(root, server)
      vite.httpServer?.once('close', () => void server.close())
      await server.start()
    },

    transform(code, id) {
      if (config?.command !== 'serve' || id.split('?')[0] !== vitePath(appFile())) return undefined
      return {code: `${code}\n${swapCode}`, map: null}
    },
  }
}

const vitePath = (file: string): string => file.split(path.sep).join('/')

/** Added to the app's module: a new version of it goes into the clients that are open. */
const swapCode = `
import {swapApp as __swapApp} from 'tidemark/hot-swap'
if (import.meta.hot) {
  import.meta.hot.accept(async next => {
    if (next && !(await __swapApp(next.default))) location.reload()
  })
}
`

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  return await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
