// From a write in one browser to the same row in another, through Postgres, at ten writes a second.

import {startPostgres} from '../support/postgres.mjs'
import {complete, openPage, serve} from '../browser/harness.mjs'
import {quantile} from './figures.mjs'

const writes = 100

/** @param {import('./figures.mjs').Figures} figures @param {import('playwright-core').Browser} browser */
export async function measurePageToPage(figures, browser) {
  const postgres = await startPostgres({durable: true})
  const server = await serve({db: postgres.url, args: ['--migrate']})
  const [a, b] = await Promise.all(
    [0, 1].map(async () => await openPage(await browser.newContext(), server.url)),
  )
  await complete(b)
  await a.evaluate(
    async () => await window.t.tm.mutate.todo.add({id: 'x', title: '', rank: 1}).server,
  )
  // Both pages' clocks count from their own start: compare them through the machine's.
  const seen = b.evaluate(
    async count =>
      await new Promise(resolve => {
        const times = {}
        window.t.views.all.listen(({data}) => {
          const title = data.find(row => row.id === 'x')?.title
          if (title !== undefined && times[title] === undefined) {
            times[title] = performance.timeOrigin + performance.now()
          }
          if (title === String(count - 1)) resolve(times)
        })
      }),
    writes,
  )
  const sent = await a.evaluate(async count => {
    const times = {}
    for (let n = 0; n < count; n++) {
      times[n] = performance.timeOrigin + performance.now()
      window.t.tm.mutate.todo.rename({id: 'x', title: String(n)})
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    return times
  }, writes)
  const arrived = await seen
  const latencies = Object.keys(arrived).map(title => arrived[title] - sent[title])
  figures.add('page to page through Postgres, 10 writes/s, median', 'ms', latencies, '< 6')
  figures.add('page to page through Postgres, p95', 'ms', [quantile(latencies, 0.95)])
  await server.stop()
  await postgres.stop()
}
