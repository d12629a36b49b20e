// CMake presets: configured once, built incrementally, with ccache inside the checkout so that a
// changed branch or a removed build folder costs little.

import {existsSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {root, run} from './run.mjs'

const environment = () => ({
  CCACHE_DIR: process.env.CCACHE_DIR ?? path.join(root, '.cache/ccache'),
  CCACHE_BASEDIR: root,
  CCACHE_MAXSIZE: process.env.CCACHE_MAXSIZE ?? '2G',
  // Debian's emcc looks for its acorn here; without it every optimised link fails.
  NODE_PATH: '/usr/share/nodejs',
})

/**
 * @param {string} preset
 * @param {Record<string, string>} [cache] cache variables set on top of the preset's
 */
export async function configure(preset, cache = {}) {
  const definitions = Object.entries(cache).map(([name, value]) => `-D${name}=${value}`)
  const configured = existsSync(path.join(root, 'build', preset, 'build.ninja'))
  // Ninja reconfigures by itself when a CMakeLists.txt changes; cache variables it cannot know.
  if (configured && definitions.length === 0) return
  await run('cmake', ['--preset', preset, ...definitions], {env: environment(), quiet: true})
}

/**
 * @param {string} preset
 * @param {string[]} targets
 */
export async function build(preset, targets) {
  const jobs = process.env.TIDEMARK_JOBS ?? String(os.availableParallelism())
  await run('cmake', ['--build', '--preset', preset, '-j', jobs, '--target', ...targets], {
    env: environment(),
  })
}
