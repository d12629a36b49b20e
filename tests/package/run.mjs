// `node tests/package/run.mjs`: packs the npm package and the server's platform package, installs both tarballs into an
// empty Vite app, and uses it as its developer and two of its users would. Nothing of this checkout is on the way.

import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {packageFolder, packageServer} from '../../scripts/package-server.mjs'
import {launchBrowser} from '../support/browser.mjs'
import {Child} from '../support/child.mjs'
import {temporaryFolder} from '../support/cleanup.mjs'
import {root, serverBinary} from '../support/server.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const folder = temporaryFolder('package')
const project = path.join(folder, 'project')
const listening = /listening\b.*?(http:\/\/[\d.]+:\d+)/
// The packed package is what is tested: not the binary of this checkout.
const env = {TIDEMARK_SERVER_BINARY: undefined, npm_config_loglevel: 'error'}
const readyWithinMs = 60_000

/**
 * What a command prints; all of it is part of the error if it fails.
 * @param {string} command
 * @param {string[]} args
 */
function run(command, ...args) {
  const {status, stdout, stderr} = spawnSync(command, args, {
    cwd: project,
    encoding: 'utf8',
    env: {...process.env, ...env},
  })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`)
}

/**
 * The tarball of a package's folder.
 * @param {string} source
 */
function pack(source) {
  const listing = run(
    'npm',
    'pack',
    source,
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  )
  const [packed] = JSON.parse(listing)
  return {
    file: path.join(folder, packed.filename),
    files: packed.files.map((/** @type {{path: string}} */ file) => file.path),
  }
}

/**
 * A command of the app, without npx in between: that passes no signals on.
 * @param {string} name
 */
const installed = name => path.join(project, 'node_modules/.bin', name)

/** The tool packages of the empty app in the versions of this checkout. */
function tools() {
  const {devDependencies} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const names = [
    'vite',
    'react',
    'react-dom',
    '@vitejs/plugin-react',
    'typescript',
    '@types/react',
    '@types/react-dom',
  ]
  return names.map(name => `${name}@${devDependencies[name]}`)
}

/** @type {[string, () => void | Promise<void>][]} */
const tests = []
const test = (/** @type {string} */ name, /** @type {() => void | Promise<void>} */ body) =>
  tests.push([name, body])

/** @type {ReturnType<typeof pack>} */
let packed

test('the packages are packed with all their parts', () => {
  mkdirSync(project)
  cpSync(path.join(here, 'app'), project, {recursive: true})
  packServer()
  packed = pack(path.join(root, 'js'))
  const wanted = [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/react.js',
    'dist/vite.js',
    'dist/cli/tidemark.js',
    'dist/relay-worker.js',
    'dist/tidemark_page.wasm',
    'dist/tidemark_worker.wasm',
  ]
  assert.deepEqual(
    wanted.filter(file => !packed.files.includes(file)),
    [],
  )
})

/** @type {string} */
let serverTarball
function packServer() {
  packageServer(serverBinary)
  serverTarball = pack(packageFolder).file
}

test('both tarballs are installed into an empty app', () => {
  run(
    'npm',
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    serverTarball,
    packed.file,
    ...tools(),
  )
})

test('the types of the package are found', () => {
  run('npx', 'tsc', '--noEmit')
})

test('the app is bundled for the server', () => {
  assert.match(
    run('npx', 'tidemark', 'build', 'src/sync.ts', '-o', 'app.js'),
    /1 table, 2 mutators, 1 query/,
  )
})

test('an app with an error is refused with file and line', () => {
  writeFileSync(path.join(project, 'src/wrong.ts'), 'export const app = {}\nexport default app (\n')
  const child = new Child('npx', ['tidemark', 'build', 'src/wrong.ts'], {cwd: project, env})
  return child.exited().then(({status}) => {
    assert.equal(status, 2)
    assert.match(child.output, /^tidemark: src\/wrong\.ts:\d+:\d+: /)
  })
})

test('the page is built by Vite', () => {
  run('npx', 'vite', 'build', '--logLevel', 'warn')
  const assets = readdirSync(path.join(project, 'dist/assets'))
  assert.equal(assets.filter(name => name.endsWith('.wasm')).length, 2, assets.join(' '))
})

test('two browsers share rows through the built app', async () => {
  const args = ['server', '--app', 'app.js', '--static', 'dist', '--listen', '127.0.0.1:0']
  const server = new Child(installed('tidemark'), args, {cwd: project, env, exitSignal: 'SIGTERM'})
  const [, url] = await server.waitFor(listening)
  await shareRows(String(url))
  await server.stop()
})

test('two browsers share rows through the dev server', async () => {
  const vite = new Child(installed('vite'), ['--port', '0', '--host', '127.0.0.1'], {
    cwd: project,
    env: {...env, NO_COLOR: '1'},
    exitSignal: 'SIGTERM',
  })
  const [, url] = await vite.waitFor(/Local:\s+(http:\/\/[\d.]+:\d+)/, readyWithinMs)
  await shareRows(String(url))
  await vite.stop()
})

/**
 * A row of one page shows in the page of another user.
 * @param {string} url
 */
async function shareRows(url) {
  const browser = await launchBrowser()
  try {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        const page = await (await browser.newContext()).newPage()
        page.on('pageerror', error => console.error(`page: ${error.stack}`))
        await page.goto(url)
        await page
          .getByTestId('connection')
          .getByText('connected', {exact: true})
          .waitFor({timeout: readyWithinMs})
        return page
      }),
    )
    assert(first && second)
    const title = `written at ${url}`
    await first.getByTestId('add').fill(title)
    await first.keyboard.press('Enter')
    await second.getByText(title).waitFor()
    await second.getByText(title).click()
    await first.getByText(title).waitFor({state: 'detached'})
    assert.match(await first.getByTestId('storage').innerText(), /persisted/)
  } finally {
    await browser.close()
  }
}

let passed = 0
for (const [name, body] of tests) {
  const began = performance.now()
  try {
    await body()
    passed += 1
    console.log(`ok ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  } catch (error) {
    // What follows stands on it.
    console.error(`not ok ${name}\n${String(Object(error).stack ?? error)}`)
    process.exitCode = 1
    break
  }
}
console.log(`${passed} passed, ${passed < tests.length ? 1 : 0} failed`)
