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
const chosen = new Map(
  [...cases].filter(([name]) => words.length === 0 || words.some(word => name.includes(word))),
)
const rounds = 8
const stepsOfRound = 25
const settledWithinMs = 60_000

let postgres
let server
let page
before(async () => {
  postgres = await startPostgres()
  fillStore(postgres.url, storeRows(seed))
  server = await startServer({app: appBundle, db: postgres.url, args: ['--migrate']})
  page = await openPage('first')
})
after(async () => {
  await page?.tidemark.close()
  await server?.stop()
  await postgres?.stop()
})

/** A client with a view of every case, once the server has answered for all of them. */
async function openPage(name) {
  const tidemark = await Tidemark.open({
    app,
    server: server.url,
    name,
    storage: 'memory',
    wasmUrl: {page: pathToFileURL(pageWasm).href},
    onRejected: () => undefined,
  })
  const views = new Map([...chosen.keys()].map(key => [key, tidemark.watch(request(key))]))
  const mark = tidemark.watch(markRequest())
  for (const [key, view] of [...views, ['mark', mark]]) {
    await until(view, () => view.status !== 'partial', `an answer for ${key}`)
  }
  return {tidemark, views, mark}
}

/** Waits until a view is as it should be. */
function until(view, isSo, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        finish(() => reject(new Error(`there was not ${what} in time: ${server.child.output}`))),
      settledWithinMs,
    )
    const stop = view.listen(() => look())
    const finish = end => {
      clearTimeout(timer)
      stop()
      end()
    }
    const look = () => isSo() && finish(() => resolve(undefined))
    look()
  })
}

/** The cases whose result is not what Postgres gives, with the first difference of each. */
function compare(results) {
  const expected = expectedResults(postgres.url, chosen)
  const wrong = []
  for (const [name, result] of results) {
    const found = result.error ?? difference(result.data, expected.get(name))
    if (found !== undefined) wrong.push(`${name}: ${found}`)
  }
  return wrong
}

const resultsOf = ({views}) =>
  [...views].map(([name, view]) => [
    name,
    view.status === 'complete'
      ? {data: plain(view.data)}
      : {error: `${view.status}: ${view.error?.message}`},
  ])

function report(where, wrong) {
  assert.equal(
    wrong.length,
    0,
    `${where}: ${wrong.length} of ${chosen.size} queries differ from Postgres (SEED=${seed})\n  ${wrong.join('\n  ')}`,
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

test('in a page', () => report('in a page', compare(resultsOf(page))))

test('inside a mutator on the server', async () => report('on the server', await askServer()))

async function askServer() {
  const results = []
  for (const name of chosen.keys()) {
    const {server: answer} = page.tidemark.mutate.ask({name})
    results.push([
      name,
      await answer.then(
        data => ({data}),
        error => ({error: `${error.code}: ${error.message}`}),
      ),
    ])
  }
  return compare(results)
}

test('in views that are kept up while rows change', async () => {
  const walk = new Walk(new Random(seed))
  for (let round = 1; round <= rounds; round++) {
    const answers = []
    for (let n = 0; n < stepsOfRound; n++) {
      const step = walk.step()
      if ('sql' in step) runScript(postgres.url, `${step.sql};`)
      // What the server refuses, because a row is gone meanwhile, is undone.
      else answers.push(page.tidemark.mutate[step.mutator](step.args).server.catch(() => undefined))
    }
    await Promise.all(answers)
    await catchUp(`mark ${round}`)
    report(`after ${round * stepsOfRound} steps`, compare(resultsOf(page)))
  }
})

/** All queries of a client are at one version: when one shows the last write, all do. */
async function catchUp(name) {
  runScript(postgres.url, `UPDATE genre SET name = ${literal(name)} WHERE id = 25;`)
  await until(page.mark, () => page.mark.data?.name === name, name)
}

test('in a page that is opened afterwards', async () => {
  const late = await openPage('late')
  const wrong = compare(resultsOf(late))
  await late.tidemark.close()
  report('in a late page', wrong)
})

test('inside a mutator afterwards', async () => report('on the server', await askServer()))
