// Mutations replayed per second, from one client and from ten: protocol clients that push as fast as the server takes
// it, counted by the confirmations that come back in pokes. Beside it the equivalent transaction by pgbench.

import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {temporaryFolder} from '../support/cleanup.mjs'
import {startPostgres} from '../support/postgres.mjs'
import {serve} from '../browser/harness.mjs'
import {PushClient} from './push-client.mjs'

/** Mutations per second over all clients. */
async function throughput(url, clients, each) {
  const pushers = []
  for (let n = 0; n < clients; n++) pushers.push(await PushClient.connect(url, each))
  const started = performance.now()
  await Promise.all(pushers.map(async pusher => await pusher.push()))
  const seconds = (performance.now() - started) / 1000
  for (const pusher of pushers) pusher.close()
  return (clients * each) / seconds
}

async function rounds(url, clients, each, runs) {
  const figures = []
  for (let run = 0; run < runs; run++) figures.push(await throughput(url, clients, each))
  return figures
}

/** @param {import('./figures.mjs').Figures} figures */
export async function measureReplay(figures) {
  const embedded = await serve({})
  figures.add(
    'mutations replayed, embedded, 1 client',
    '/s',
    await rounds(embedded.url, 1, 20_000, 3),
    '> 20000',
  )
  figures.add(
    'mutations replayed, embedded, 10 clients',
    '/s',
    await rounds(embedded.url, 10, 2000, 3),
    '> 20000',
  )
  await embedded.stop()

  const postgres = await startPostgres({durable: true})
  const server = await serve({db: postgres.url, args: ['--migrate']})
  figures.add(
    'mutations replayed, Postgres, 1 client',
    '/s',
    await rounds(server.url, 1, 2000, 3),
    '> 1000',
  )
  figures.add(
    'mutations replayed, Postgres, 10 clients',
    '/s',
    await rounds(server.url, 10, 500, 3),
    '> 2500',
  )
  await server.stop()
  figures.add('pgbench, same transaction, 1 client', '/s', pgbench(postgres, 1))
  figures.add('pgbench, same transaction, 10 clients', '/s', pgbench(postgres, 10))
  await postgres.stop()
}

/** What one mutation does, as pgbench does it: one client's counter and one row, serializable. */
function pgbench(postgres, clients) {
  postgres.psql(`create table if not exists bench_lmid (client int primary key, lmid bigint not null);
    truncate bench_lmid; insert into bench_lmid select n, 0 from generate_series(0, 15) n;
    create table if not exists bench_todo (id int primary key, title text not null);
    truncate bench_todo; insert into bench_todo select n, '' from generate_series(0, 9999) n`)
  const script = path.join(temporaryFolder('pgbench'), 'mutation.sql')
  writeFileSync(
    script,
    `\\set id random(0, 9999)
begin isolation level serializable;
update bench_lmid set lmid = lmid + 1 where client = :client_id;
select * from bench_todo where id = :id;
update bench_todo set title = 'x' where id = :id;
commit;
`,
  )
  const output = execFileSync(
    '/usr/lib/postgresql/15/bin/pgbench',
    [
      '-n',
      '-f',
      script,
      '-c',
      String(clients),
      '-j',
      '2',
      '-T',
      '5',
      '--max-tries=10',
      postgres.url,
    ],
    {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']},
  )
  return [Number(/tps = ([\d.]+)/.exec(output)?.[1])]
}
