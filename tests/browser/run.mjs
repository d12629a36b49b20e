// `node tests/browser/run.mjs [file…]`: the behaviours of the product in Debian's Chromium against the real server.

import {spawnSync} from 'node:child_process'
import {readdirSync} from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {endings} from '../support/node-test.mjs'
import {build} from './harness.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
await build()
const named = process.argv.slice(2).map(file => path.resolve(file))
const all = readdirSync(here).filter(file => file.endsWith('.test.mjs'))
const tests = named.length > 0 ? named : all.sort().map(file => path.join(here, file))
const node = ['--test', ...endings, '--test-concurrency=1', '--test-reporter=spec', ...tests]
const {status} = spawnSync(process.execPath, node, {stdio: 'inherit'})
process.exitCode = status ?? 1
