// What must compile does, what must not does not (every `@ts-expect-error` in types/ is one case),
// and what runs in the server's engine needs nothing but the language.
import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import {describe, it} from 'node:test'

const tsc = createRequire(path.resolve('package.json')).resolve('typescript/bin/tsc')

function check(project: string): void {
  const {status, stdout} = spawnSync(process.execPath, [tsc, '-p', project], {encoding: 'utf8'})
  assert.equal(status, 0, `tsc -p ${project}\n${stdout}`)
}

describe('types', () => {
  it('accept what is right and reject what is wrong', () => check('tests/js'))

  it('need neither DOM nor Node where the app runs', () => check('tests/js/tsconfig.app.json'))

  it('are tried with at least forty mistakes', () => {
    const files = readdirSync('tests/js/types').map(file => `tests/js/types/${file}`)
    const text = files.map(file => readFileSync(file, 'utf8')).join('')
    const mistakes = text.match(/\/\/ @ts-expect-error/g)?.length ?? 0
    assert.ok(mistakes >= 40, `${mistakes} mistakes`)
  })
})
