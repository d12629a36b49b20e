// `node tests/music-store/run.mjs [WORD…]`: queries on a store for music, against what Postgres answers. With words, only
// the cases whose names have one of them; with `-WORD`, those whose names have not.

import {spawnSync} from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {buildStore} from './build.mjs'
import {endings} from '../support/node-test.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
await buildStore()
const node = [
  '--experimental-websocket',
  '--no-warnings',
  '--enable-source-maps',
  '--test',
  ...endings,
]
const {status} = spawnSync(
  process.execPath,
  [...node, '--test-reporter=spec', path.join(here, 'music-store.test.mjs')],
  {stdio: 'inherit', env: {...process.env, CASES: process.argv.slice(2).join(' ')}},
)
process.exitCode = status ?? 1
