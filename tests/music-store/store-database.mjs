// The store in Postgres: its tables, its rows, and what its queries give there.

import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'

const program = '/usr/lib/postgresql/15/bin/psql'
const tables = new URL('tables.sql', import.meta.url)

/**
 * What psql prints for a script that may be long, as may be what it prints.
 * @param {string} url
 * @param {string} script
 */
export function runScript(url, script) {
  return execFileSync(program, ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-1', '-d', url, '-f', '-'], {
    input: script,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: {...process.env, PGTZ: 'UTC', PGOPTIONS: '-c client_min_messages=warning'},
  }).trimEnd()
}

/** @param {unknown} value */
export const literal = value =>
  value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`

/**
 * Makes the tables and fills them.
 * @param {string} url
 * @param {ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>} rows
 */
export function fillStore(url, rows) {
  const inserts = [...rows].map(
    ([table, list]) =>
      `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, ${literal(JSON.stringify(list))});`,
  )
  runScript(url, [readFileSync(tables, 'utf8'), ...inserts, 'ANALYZE;'].join('\n'))
}

/**
 * What each case's SQL gives at one moment.
 * @param {string} url
 * @param {ReadonlyMap<string, {sql: string, single?: true}>} cases
 * @returns {Map<string, unknown>}
 */
export function expectedResults(url, cases) {
  const statements = [...cases].map(
    ([name, {sql}]) => `SELECT ${literal(name)} AS name, array(${sql}) AS rows`,
  )
  const script = `SELECT jsonb_build_object('name', name, 'rows', rows) FROM (${statements.join('\nUNION ALL\n')}) answers;`
  const answers = runScript(url, script)
    .split('\n')
    .map(line => JSON.parse(line))
  return new Map(
    answers.map(({name, rows}) => [name, cases.get(name)?.single ? (rows[0] ?? null) : rows]),
  )
}
