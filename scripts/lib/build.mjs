// What can be built, each by one function: the wasm modules, the native programs, the npm package,
// the demo.

import {filesBelow, once} from './stamp.mjs'
import {build, configure} from './cmake.mjs'
import {root, run} from './run.mjs'

export const serverBinary = `${root}/build/release/server/tidemark-server`
export const demoBundle = 'demo/todo/dist-server/app.js'

const wasmFiles = ['page', 'worker'].flatMap(role => [
  `build/wasm/wasm/tidemark_${role}.mjs`,
  `build/wasm/wasm/tidemark_${role}.wasm`,
])
const packageSources = ['js', ...wasmFiles]

/** The page's and the worker's module, and with them the core as em++ sees it. */
export async function buildWasm() {
  await configure('wasm')
  await build('wasm', ['tidemark_page', 'tidemark_worker'])
}

/** tidemark-server as it is shipped. */
export async function buildServer() {
  await configure('release', {TIDEMARK_TESTS: 'OFF', TIDEMARK_BENCHMARKS: 'OFF'})
  await build('release', ['tidemark-server'])
}

/** The benchmarks of single parts, compiled as server and page are shipped. */
export async function buildBenchmarks() {
  await configure('wasm')
  await build('wasm', ['page_bench'])
  await configure('release', {TIDEMARK_TESTS: 'OFF', TIDEMARK_BENCHMARKS: 'ON'})
  await build('release', ['all'])
}

/** The server and all native tests under AddressSanitizer and UndefinedBehaviorSanitizer. */
export async function buildTests() {
  await configure('dev')
  await build('dev', ['all'])
}

/** js/dist: the npm package's contents. */
export async function buildPackage() {
  await once('package', {inputs: packageSources, outputs: ['js/dist']}, () =>
    run('node', ['js/build.mjs']),
  )
}

/** The todo demo: its pages and the bundle that the server runs. */
export async function buildDemo() {
  const outputs = ['demo/todo/dist', demoBundle]
  const inputs = ['demo/todo', ...filesBelow(packageSources)]
  await once('demo', {inputs, outputs}, async () => {
    await run('npm', ['run', 'build', '-w', 'demo/todo', '--silent'])
    // By path: npm links a workspace's command only when its file was there at install time.
    await run('node', [
      'js/dist/cli/tidemark.js',
      'build',
      'demo/todo/src/sync.ts',
      '-o',
      demoBundle,
    ])
  })
}
