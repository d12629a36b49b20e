// npm run demo [-- SERVER OPTION...]: builds what the todo demo needs and serves it on the embedded
// database. The data is in .tidemark/, so it is still there the next time.

import {spawn} from 'node:child_process'
import {buildDemo, buildPackage, buildServer, buildWasm, demoBundle} from './lib/build.mjs'
import {serverBinary} from './lib/build.mjs'
import {headline, say, script} from './lib/log.mjs'
import {root} from './lib/run.mjs'
import {setup} from './lib/setup.mjs'

async function build() {
  headline('[1/5] Setup')
  await setup(['build'])
  headline('[2/5] WebAssembly modules (a few minutes the first time)')
  await buildWasm()
  headline('[3/5] npm package')
  await buildPackage()
  headline('[4/5] tidemark-server (a few minutes the first time)')
  await buildServer()
  headline('[5/5] Todo demo')
  await buildDemo()
}

function serve() {
  headline('Todo demo: open the address below, in two windows; stop with Ctrl-C')
  say(`data: ${root}/.tidemark`)
  const args = ['--app', demoBundle, '--static', 'demo/todo/dist', ...process.argv.slice(2)]
  const server = spawn(serverBinary, args, {cwd: root, stdio: 'inherit'})
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    // Ctrl-C reaches the server by itself; a SIGTERM only reaches this process.
    process.on(signal, () => signal === 'SIGTERM' && server.kill(signal))
  }
  server.on('exit', (status, signal) => {
    process.exitCode = status ?? (signal ? 1 : 0)
  })
}

await script(async () => {
  await build()
  serve()
})
