// What a page feels, over 20,000 rows: a mutation until every view shows it, the first sync, the warm start with the
// server stopped.

import {launchProfile} from '../support/browser.mjs'
import {openPage, serve, serveSite} from '../browser/harness.mjs'

const rows = 20_000
const runs = 7

/** Fills the server's database through a client, in mutations of 500 rows. */
export async function fill(browser, server) {
  const context = await browser.newContext()
  const page = await openPage(context, server.url, 'storage=memory')
  await page.evaluate(async count => {
    const calls = []
    for (let from = 0; from < count; from += 500) {
      calls.push(window.t.tm.mutate.todo.addMany({from, count: 500}).server)
    }
    await Promise.all(calls)
  }, rows)
  await context.close()
}

/** Milliseconds of `work` in a fresh page, from before the page opens its client until all rows are in its view. */
const untilAllRows = async (page, status) =>
  await page.evaluate(
    async ([count, wanted]) => {
      const started = performance.now()
      const tm = await window.t.open()
      const view = tm.watch(window.t.queries.all())
      window.t.views.all = view
      await new Promise(resolve => {
        view.subscribe(({data, status: now}) => {
          if (data.length === count && (wanted === undefined || now === wanted)) resolve()
        })
      })
      return performance.now() - started
    },
    [rows, status],
  )

/** @param {import('./figures.mjs').Figures} figures @param {import('playwright-core').Browser} browser */
export async function measurePage(figures, browser) {
  const server = await serve({})
  await fill(browser, server)

  const first = []
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext()
    const page = await openPage(context, server.url, 'open=no')
    first.push((await untilAllRows(page, 'complete')) / 1000)
    if (run === 0)
      figures.add('mutate to view, 100 of 20,000 rows', 'ms', await mutateToView(page), '< 0.15')
    await context.close()
  }
  figures.add('first sync of 20,000 rows into an empty page', 's', first, '< 0.4')

  const {context} = await launchProfile()
  const filled = await openPage(context, server.url, 'open=no')
  await untilAllRows(filled, 'complete')
  await filled.waitForTimeout(1000)
  await filled.close()
  await server.stop()
  const stopSite = await serveSite(server.port)
  const warm = []
  for (let run = 0; run < runs; run++) {
    const page = await openPage(context, server.url, 'open=no')
    warm.push((await untilAllRows(page, undefined)) / 1000)
    await page.close()
  }
  figures.add('warm start of 20,000 rows from OPFS, server stopped', 's', warm, '< 0.2')
  await context.close()
  await stopSite()
}

/** One field of a row in a window of 100 ordered rows; the whole table is here too, in a view of its own. */
const mutateToView = async page =>
  await page.evaluate(async () => {
    const {tm, queries} = window.t
    const view = tm.watch(queries.first({limit: 100}))
    await new Promise(resolve => {
      view.subscribe(({status}) => status === 'complete' && resolve())
    })
    const times = []
    for (let n = 0; n < 600; n++) {
      const id = `t${n % 100}`
      const title = `Renamed ${n}`
      const started = performance.now()
      tm.mutate.todo.rename({id, title})
      if (view.data[n % 100].title !== title) throw new Error('the view does not show it')
      times.push(performance.now() - started)
    }
    // The first calls warm the engine up; a browser's clock is coarse, so means of ten.
    const means = []
    for (let n = 100; n < 600; n += 10) {
      means.push(times.slice(n, n + 10).reduce((sum, time) => sum + time, 0) / 10)
    }
    return means
  })
