// The bundle of an app as the server's engine runs it: one script, in a world that has the language
// and nothing else.
import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {describe, it} from 'node:test'
import {pathToFileURL} from 'node:url'
import {createContext, runInContext} from 'node:vm'
import esbuild from 'esbuild'
import type {AppRuntime} from 'tidemark/app'
import {bundleApp} from '../../js/src/node/app-bundle.js'
import {MemoryHost} from './memory-host.js'
import {schema} from './sample-app.js'

// What the export condition "tidemark-app" makes of the package's names.
const builders = {
  'tidemark/app': path.resolve('js/src/app-entry.ts'),
  tidemark: path.resolve('js/src/builders.ts'),
}

async function bundle(source: string, options: esbuild.BuildOptions): Promise<string> {
  const {outputFiles} = await esbuild.build({
    stdin: {contents: source, resolveDir: path.resolve('tests/js'), loader: 'ts'},
    bundle: true,
    write: false,
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    tsconfig: 'tests/js/tsconfig.json',
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}

describe('the bundle of an app', () => {
  it('runs where there is only the language', async () => {
    const script = await bundle(
      `import {app} from './sample-app.js'
       import {installApp} from 'tidemark/app'
       installApp(app)`,
      {format: 'iife', alias: builders},
    )
    const world = createContext({})
    runInContext(script, world)
    // Zod, which the sample uses, keeps two values of its own.
    const names = Object.keys(world).filter(name => !name.startsWith('__zod'))
    assert.deepEqual(names, ['__tidemark'])
    const runtime = world['__tidemark'] as AppRuntime
    assert.deepEqual((JSON.parse(runtime.describe()) as {schema: unknown}).schema, schema.document)
    const host = new MemoryHost(schema.document)
    const args = '{"id":"t","boardID":"b","title":"x"}'
    const ctx =
      '{"auth":null,"clientID":"c","location":"server","reason":"authoritative","timestamp":5}'
    assert.equal(runtime.runMutator(host, 'todo.add', args, ctx), '{"ok":true}')
    const row = {id: 't', boardID: 'b', title: 'x', done: false, rank: 5}
    assert.deepEqual(host.writes, [['insert', 'todo', row]])
    assert.match(runtime.runMutator(host, 'todo.add', args, ctx), /"code":"already_exists"/)
    assert.match(runtime.runMutator(host, 'todo.rename', '{"id":3}', ctx), /"code":"invalid_args"/)
  })
})

describe('the bundle that tidemark build makes', () => {
  it('has no native await, and async functions work', async () => {
    mkdirSync('build', {recursive: true})
    const folder = mkdtempSync('build/app-bundle-')
    const file = path.join(folder, 'sync.ts')
    const source = `
      import {defineApp, defineMutators, defineQueries, defineSchema, string, table} from 'tidemark'
      const schema = defineSchema({todo: table({id: string()}).primaryKey('id')})
      async function* numbers() { yield await 1; yield 2 }
      async function sum(): Promise<number> {
        let result = 0
        for await (const number of numbers()) result += number
        return result
      }
      void sum().then(result => { Reflect.set(globalThis, 'result', result) })
      const queries = defineQueries(schema, {})
      export default defineApp({schema, queries, mutators: defineMutators(schema, {})})`
    try {
      writeFileSync(file, source)
      const {code} = await bundleApp(file)
      assert.doesNotMatch(code, /\bawait\s/)
      assert.doesNotMatch(code, /\basync\s/)
      const world = createContext({})
      runInContext(code, world)
      await new Promise(resolve => setImmediate(resolve))
      assert.equal(world['result'], 3)
    } finally {
      rmSync(folder, {recursive: true})
    }
  })
})

describe('the package', () => {
  it('can be imported where there is no DOM', async () => {
    // As it is published, in Node.
    const built = pathToFileURL(path.resolve('js/dist/index.js')).href
    const names = Object.keys((await import(built)) as object)
    for (const name of ['Tidemark', 'defineSchema', 'defineApp', 'MutationError', 'uuid']) {
      assert.ok(names.includes(name), name)
    }
  })
})
