// Free ports on loopback, below the ephemeral range: a port inside it can connect to itself while
// it is polled, and can be taken by any outgoing connection in between.

import {createServer} from 'node:net'

const first = 20000
const last = 32000
let next = first + ((process.pid * 37) % (last - first))

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({port, host: '127.0.0.1', exclusive: true}, () => {
      server.close(() => resolve(true))
    })
  })
}

/** @returns {Promise<number>} */
export async function freePort() {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = next
    next = next + 1 > last ? first : next + 1
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${first} and ${last}`)
}
