// What travels before the first query can run, and what the worker loads beside it.

import {readFileSync} from 'node:fs'
import path from 'node:path'
import {gzipSync} from 'node:zlib'
import esbuild from 'esbuild'
import {root} from '../support/server.mjs'

const dist = path.join(root, 'js/dist')
const kilobytes = bytes => gzipSync(bytes, {level: 9}).length / 1024

/** @param {import('./figures.mjs').Figures} figures */
export async function measureSizes(figures) {
  // As an app bundles it: everything that `Tidemark` needs, minified.
  const {outputFiles} = await esbuild.build({
    stdin: {
      contents: `export * from ${JSON.stringify(path.join(dist, 'index.js'))}`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  const javascript = kilobytes(outputFiles[0].contents)
  const page = kilobytes(readFileSync(path.join(dist, 'tidemark_page.wasm')))
  const worker = kilobytes(readFileSync(path.join(dist, 'tidemark_worker.wasm')))
  figures.add('JavaScript of a page, gzip', 'KB', [javascript])
  figures.add('page wasm, gzip', 'KB', [page])
  figures.add(
    'JavaScript + page wasm before the first query, gzip',
    'KB',
    [javascript + page],
    '< 150',
  )
  figures.add('worker wasm, gzip', 'KB', [worker], '< 450')
}
