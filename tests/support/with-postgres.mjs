// node tests/support/with-postgres.mjs COMMAND [ARGUMENT...]: runs a command with a Postgres that
// lives as long as it does, its address in TIDEMARK_TEST_POSTGRES.

import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {startPostgres} from './postgres.mjs'

const [command, ...args] = process.argv.slice(2)
if (!command) throw new Error('usage: with-postgres.mjs COMMAND [ARGUMENT...]')

const postgres = await startPostgres()
const child = spawn(command, args, {
  stdio: 'inherit',
  env: {...process.env, TIDEMARK_TEST_POSTGRES: postgres.url},
})
const [status] = await once(child, 'close')
await postgres.stop()
process.exitCode = status ?? 1
