// Every query gives what Postgres gives for SQL that was written by hand: in a page, inside a mutator on the server, and in
// views that were kept up through a walk of changes. SEED chooses the walk, CASES the queries.

import assert from 'node:assert/strict'
import process from 'node:process'
import {after, before, test} from 'node:test'
import {pathToFileURL} from 'node:url'
import {startPostgres} from '../support/postgres.mjs'
import {startServer} from '../support/server.mjs'
import {appBundle, pageWasm, storeModule} from './build.mjs'
import {expectedResults, fillStore, literal, runScript} from './store-database.mjs'

const {Tidemark, Random, Walk, app, cases, difference, markRequest, plain, request, storeRows} =
  await import(pathToFileURL(storeModule).href)

const seed = Number(process.env.SEED ?? 20_260_101)
const words = (process.env.CASES ?? '').split(' ').filter(word => word !== '')
const wanted = words.filter(word => !word.startsWith('-'))
const unwanted = words.filter(word => word.startsWith('-')).map(word => word.slice(1))
const isChosen = name =>
  (wanted.length === 0 || wanted.some(word => name.includes(word))) &&
  !unwanted.some(word => name.includes(word))
const chosen = new Map([...cases].filter(([name]) => isChosen(name)))
const rounds = 8
const stepsOfRound = 25
const settledWithinMs = 60_000

/** What one page knows can mislead another query of its own: aggregates bring whole tables. */
const withoutAggregates = new Map([...chosen].filter(([name]) => !name.startsWith('aggregates.')))

let postgres
let server
let pages
before(async () => {
  postgres = await startPostgres()
  fillStore(postgres.url, storeRows(seed))
  server = await startServer({app: appBundle, db: postgres.url, args: ['--migrate']})
  pages = [await openPage('all', chosen), await openPage('rows', withoutAggregates)]
})
after(async () => {
  for (const page of pages ?? []) await page.tidemark.close()
  await server?.stop()
  await postgres?.stop()
})

const openClient = name =>
  Tidemark.open({
    app,
    server: server.url,
    name,
    storage: 'memory',
    wasmUrl: {page: pathToFileURL(pageWasm).href},
    onRejected: () => undefined,
  })

/** A client with a view of each case, once the server has answered for all of them. */
async function openPage(name, some) {
  const tidemark = await openClient(name)
  const views = new Map([...some.keys()].map(key => [key, tidemark.watch(request(key))]))
  const mark = tidemark.watch(markRequest())
  for (const [key, view] of [...views, ['mark', mark]]) {
    await until(tidemark, view, () => view.status !== 'partial', `an answer for ${key}`)
  }
  return {name, tidemark, views, mark}
}

/** Waits until a view is as it should be, as long as its client works. */
function until(tidemark, view, isSo, what) {
  return new Promise((resolve, reject) => {
    const {connection} = tidemark
    const look = () => {
      if (isSo()) finish(() => resolve(undefined))
      else if (connection.get().state === 'error') finish(fail)
    }
    const fail = () => {
      const state = JSON.stringify(connection.get())
      reject(new Error(`there was not ${what}: ${state}; the server: ${server.child.output}`))
    }
    const timer = setTimeout(() => finish(fail), settledWithinMs)
    const stops = [view.listen(look), connection.listen(look)]
    const finish = end => {
      clearTimeout(timer)
      for (const stop of stops) stop()
      end()
    }
    look()
  })
}

/** The results that are not what Postgres gives, with the first difference of each. */
function differences(where, results) {
  const expected = expectedResults(postgres.url, chosen)
  return results.flatMap(([name, {data, error}]) => {
    const found = error ?? difference(data, expected.get(name))
    return found === undefined ? [] : [`${name.padEnd(40)} ${where.padEnd(16)} ${found}`]
  })
}

const resultOf = view =>
  view.status === 'complete'
    ? {data: plain(view.data)}
    : {error: `${view.status}: ${view.error?.message}`}

const inPages = () =>
  pages.flatMap(({name, views}) =>
    differences(
      `page ${name}`,
      [...views].map(([key, view]) => [key, resultOf(view)]),
    ),
  )

/** Each query in a client that knows nothing else. */
async function alone() {
  const results = []
  for (const key of chosen.keys()) {
    const tidemark = await openClient(`alone ${key}`)
    const view = tidemark.watch(request(key))
    await until(tidemark, view, () => view.status !== 'partial', `an answer for ${key}`)
    results.push([key, resultOf(view)])
    await tidemark.close()
  }
  return differences('alone', results)
}

/** Each query inside a mutator, on the server. */
async function inMutators() {
  const results = []
  for (const key of chosen.keys()) {
    try {
      results.push([key, {data: await pages[0].tidemark.mutate.ask({name: key}).server}])
    } catch (error) {
      results.push([key, {error: `${error.code}: ${error.message}`}])
    }
  }
  return differences('mutator', results)
}

function report(when, wrong) {
  assert.ok(
    wrong.length === 0,
    `${when}, SEED=${seed}: ${wrong.length} results are not what Postgres gives\n  ${wrong.join('\n  ')}`,
  )
}

test('there are enough queries, and few give nothing', () => {
  assert.ok(cases.size >= 60)
  const empty = [...expectedResults(postgres.url, cases)].filter(
    ([, result]) => result === null || result.length === 0,
  )
  assert.deepEqual(
    empty.map(([name]) => name),
    [
      'conditions.equalNullIsNothing',
      'conditions.inEmptyList',
      'conditions.notInListWithNull',
      'conditions.emptyOrIsFalse',
      'pages.limitZero',
      'pages.nothingFound',
      'pages.oneOfNone',
      'aggregates.noGroups',
    ],
  )
})

test('in a page with all queries', () => report('at first', inPages()))

test('in a page with no other query', async () => report('at first', await alone()))

test('inside a mutator on the server', async () => report('at first', await inMutators()))

test('in views that are kept up while rows change', async () => {
  const walk = new Walk(new Random(seed))
  for (let round = 1; round <= rounds; round++) {
    const answers = []
    for (let n = 0; n < stepsOfRound; n++) {
      const step = walk.step()
      if ('sql' in step) runScript(postgres.url, `${step.sql};`)
      // What the server refuses, because a row is gone meanwhile, is undone.
      else answers.push(pages[n % 2].tidemark.mutate[step.mutator](step.args).server)
    }
    await Promise.allSettled(answers)
    await catchUp(`mark ${round}`)
    report(`after ${round * stepsOfRound} steps`, inPages())
  }
})

/** All queries of a client are at one version: when one shows the last write, all do. */
async function catchUp(name) {
  runScript(postgres.url, `UPDATE genre SET name = ${literal(name)} WHERE id = 25;`)
  for (const {tidemark, mark} of pages) {
    await until(tidemark, mark, () => mark.data?.name === name, name)
  }
}

test('in a page that is opened afterwards', async () => report('afterwards', await alone()))

test('inside a mutator afterwards', async () => report('afterwards', await inMutators()))
