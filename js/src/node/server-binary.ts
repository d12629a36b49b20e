// Where tidemark-server is: named by the environment, or in the package of this platform that npm installed beside ours.
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import process from 'node:process'
import {CommandError} from './command-error.js'

const variable = 'TIDEMARK_SERVER_BINARY'
const platforms: ReadonlySet<string> = new Set(['linux-x64'])

/** The path of tidemark-server; a CommandError says what to do where there is none. */
export function serverBinary(): string {
  const named = process.env[variable]
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return path.resolve(named)
    throw new CommandError(`${variable} names ${named}, which does not exist`)
  }
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.has(platform)) {
    throw new CommandError(
      `there is no tidemark-server for ${platform} yet (only for ${[...platforms].join(', ')}): ` +
        `build it from source and set ${variable} to its path`,
    )
  }
  const name = `tidemark-server-${platform}`
  const manifest = resolved(`${name}/package.json`)
  const binary =
    manifest === undefined ? undefined : path.join(path.dirname(manifest), 'bin/tidemark-server')
  if (binary !== undefined && existsSync(binary)) return binary
  throw new CommandError(
    `the package ${name}, which carries tidemark-server, is not installed: ` +
      `npm install ${name} (it is left out by --omit=optional), or set ${variable} to the path of a binary`,
  )
}

function resolved(request: string): string | undefined {
  // From this package, and from the project, for layouts in which packages do not see one another.
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(request)
    } catch {
      // Not there: the next place.
    }
  }
  return undefined
}
