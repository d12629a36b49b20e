// clang-tidy over the sources of core/ and server/, several at a time. A file that passed is not
// looked at again until its text, that of a project header it includes, its compile command or the
// configuration changes.

import {createHash} from 'node:crypto'
import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {configure} from './cmake.mjs'
import {Failure, say} from './log.mjs'
import {output, root} from './run.mjs'

const clangTidy = 'clang-tidy-14'
const cache = path.join(root, '.cache/clang-tidy')
const looked = /^(core|server)\//

/** @typedef {{file: string, command: string, directory: string}} CompileCommand */

/**
 * The file and every project header it reaches, each once.
 * @param {string} file relative to the root
 * @param {Set<string>} [seen]
 */
function withHeaders(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(path.join(root, file))) return seen
  seen.add(file)
  const text = readFileSync(path.join(root, file), 'utf8')
  for (const match of text.matchAll(/^\s*#\s*include "([^"]+)"/gm)) {
    withHeaders(/** @type {string} */ (match[1]), seen)
  }
  return seen
}

/**
 * @param {CompileCommand} unit
 * @param {string} common what all units share
 */
function keyOf(unit, common) {
  const hash = createHash('sha256').update(common).update(unit.command.replaceAll(root, ''))
  for (const file of withHeaders(path.relative(root, unit.file))) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(root, file)))
  }
  return path.join(cache, hash.digest('hex'))
}

/**
 * @param {CompileCommand} unit
 * @returns {Promise<string | null>} null when it is clean, else what clang-tidy says
 */
function complaintsOf(unit) {
  return new Promise((resolve, reject) => {
    const child = spawn(clangTidy, ['--quiet', '-p', 'build/clang', unit.file], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    child.stdout.on('data', data => (text += data))
    child.on('error', reject)
    child.on('close', status => resolve(status === 0 ? null : text || `status ${status}`))
  })
}

/** Looks at all files that changed since they last passed; a Failure lists what is wrong. */
export async function tidy() {
  // No compiler launcher: clang-tidy reads the commands and must find the compiler first in them.
  await configure('clang', {CMAKE_CXX_COMPILER_LAUNCHER: '', CMAKE_C_COMPILER_LAUNCHER: ''})
  const commands = readFileSync(path.join(root, 'build/clang/compile_commands.json'), 'utf8')
  const configuration = readFileSync(path.join(root, '.clang-tidy'), 'utf8')
  const common = configuration + String(output(clangTidy, ['--version']))

  const units = /** @type {CompileCommand[]} */ (JSON.parse(commands))
    .filter(unit => looked.test(path.relative(root, unit.file)))
    .map(unit => ({unit, key: keyOf(unit, common)}))
    .filter(({key}) => !existsSync(key))
  say(`${units.length} files to look at`)

  mkdirSync(cache, {recursive: true})
  /** @type {string[]} */
  const complaints = []
  let done = 0
  const total = units.length
  const worker = async () => {
    for (let next = units.shift(); next; next = units.shift()) {
      const complaint = await complaintsOf(next.unit)
      done += 1
      const name = path.relative(root, next.unit.file)
      say(`[${done}/${total}] ${name}${complaint ? ': complaints' : ''}`)
      if (complaint) complaints.push(complaint)
      else writeFileSync(next.key, '')
    }
  }
  const jobs = Number(process.env.TIDEMARK_JOBS ?? os.availableParallelism())
  await Promise.all(Array.from({length: jobs}, worker))
  if (complaints.length > 0) {
    throw new Failure(
      `clang-tidy complains about ${complaints.length} files\n${complaints.join('\n')}`,
    )
  }
}
