// How fast the server starts and how much memory it holds when nobody talks to it.

import {readFileSync} from 'node:fs'
import {serve} from '../browser/harness.mjs'

const runs = 7

/** @param {import('./figures.mjs').Figures} figures */
export async function measureIdleServer(figures) {
  const seconds = []
  const megabytes = []
  for (let run = 0; run < runs; run++) {
    const started = performance.now()
    const server = await serve({})
    seconds.push((performance.now() - started) / 1000)
    const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8')
    megabytes.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    await server.stop()
  }
  figures.add('server start, embedded, to listening', 's', seconds, '< 0.2')
  figures.add('server memory, idle', 'MB', megabytes, '< 60')
}
