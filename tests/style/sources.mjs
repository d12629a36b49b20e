// The repository's own files, as git would commit them: tracked, or new and not ignored.

import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** @param {RegExp} pattern of the path from the root */
export function sources(pattern) {
  const listing = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  return listing
    .split('\0')
    .filter(file => pattern.test(file) && existsSync(path.join(root, file)))
    .sort()
}

/** @param {string} file */
export const read = file => readFileSync(path.join(root, file), 'utf8')

/**
 * The text with comments and the contents of strings blanked out, line by line as it was, so that a
 * rule about code does not trip over prose.
 * @param {string} text
 */
export function codeOf(text) {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|R"\((?:[\s\S]*?)\)"/g,
    match =>
      (match.startsWith('"') || match.startsWith('R') ? '""' : '') + match.replace(/[^\n]/g, ''),
  )
}

/**
 * @param {string} text
 * @param {RegExp} pattern with the g flag
 * @returns {{line: number, match: RegExpMatchArray}[]}
 */
export function occurrences(text, pattern) {
  return [...text.matchAll(pattern)].map(match => ({
    line: text.slice(0, match.index).split('\n').length,
    match,
  }))
}
