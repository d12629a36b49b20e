// A Postgres 15 of the tests' own: a new cluster in a temporary folder, a private socket folder, a
// loopback port, logical replication on. Never the machine's default cluster.

import {execFileSync} from 'node:child_process'
import {chownSync, existsSync} from 'node:fs'
import path from 'node:path'
import {Child} from './child.mjs'
import {temporaryFolder} from './cleanup.mjs'
import {freePort} from './ports.mjs'

const programs = '/usr/lib/postgresql/15/bin'

/** Postgres refuses to run as root, so root runs it as the user that the package made. */
function account() {
  if (process.getuid?.() !== 0) return {}
  const id = (/** @type {string} */ flag) =>
    Number(execFileSync('id', [flag, 'postgres'], {encoding: 'utf8'}))
  return {uid: id('-u'), gid: id('-g')}
}

/**
 * @typedef {object} Postgres
 * @property {string} url of the database `app`, for superuser `tidemark`
 * @property {number} port
 * @property {string} socketFolder
 * @property {() => Promise<void>} stop ends it and forgets its data
 * @property {() => Promise<void>} crash as if the machine had lost power: SIGQUIT, no checkpoint
 * @property {() => Promise<void>} start again after a crash, on the same data and port
 * @property {(sql: string, database?: string) => string} psql the unaligned output of psql
 * @property {(name: string) => string} createDatabase a new, empty database; its url
 */

/**
 * @param {{durable?: boolean, settings?: Record<string, string>}} [options] `durable`: really fsync,
 *   for benchmarks and for tests that crash Postgres itself
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({durable = false, settings = {}} = {}) {
  if (!existsSync(programs)) {
    throw new Error(`Postgres 15 is not installed (${programs}): npm run setup -- test`)
  }
  const user = account()
  const folder = temporaryFolder('postgres')
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = path.join(folder, 'data')
  const options = {...user, cwd: folder, env: {...process.env, HOME: folder, LC_ALL: 'C.UTF-8'}}

  const initdb = ['-D', data, '-U', 'tidemark', '--auth=trust', '--encoding=UTF8', '--no-sync']
  execFileSync(`${programs}/initdb`, [...initdb, '--locale=C.UTF-8'], {...options, stdio: 'pipe'})

  const port = await freePort()
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    wal_level: 'logical',
    max_replication_slots: '32',
    max_wal_senders: '32',
    max_connections: '100',
    shared_buffers: '64MB',
    fsync: durable ? 'on' : 'off',
    log_min_messages: 'warning',
    ...settings,
  }
  const args = [
    '-D',
    data,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]

  /** @type {Child} */
  let child
  const urlOf = (/** @type {string} */ database) =>
    `postgres://tidemark@127.0.0.1:${port}/${database}`

  /** @type {Postgres['psql']} */
  const psql = (sql, database = 'app') =>
    execFileSync(
      `${programs}/psql`,
      ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(database), '-c', sql],
      {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: options.env},
    ).trimEnd()

  const start = async () => {
    child = new Child(`${programs}/postgres`, args, {...options, exitSignal: 'SIGQUIT'})
    const deadline = Date.now() + 30_000
    for (;;) {
      try {
        psql('SELECT 1', 'postgres')
        return
      } catch (error) {
        if (!child.running || Date.now() > deadline) {
          throw new Error(`Postgres does not start: ${child.output}`, {cause: error})
        }
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
  }

  await start()
  const createDatabase = (/** @type {string} */ name) => {
    psql(`CREATE DATABASE "${name}"`, 'postgres')
    return urlOf(name)
  }
  createDatabase('app')
  return {
    url: urlOf('app'),
    port,
    socketFolder: folder,
    start,
    psql,
    createDatabase,
    crash: async () => void (await child.stop('SIGQUIT')),
    stop: async () => void (await child.stop('SIGINT')),
  }
}
