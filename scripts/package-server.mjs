// node scripts/package-server.mjs [BINARY]: assembles the npm package of this platform's tidemark-server in
// build/npm/tidemark-server-linux-x64, with the shared libraries that a plain machine may lack, and their licences.

import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import {serverBinary} from './lib/build.mjs'
import {Failure, say, script} from './lib/log.mjs'
import {root} from './lib/run.mjs'

const template = path.join(root, 'server/npm/linux-x64')
export const packageFolder = path.join(root, 'build/npm/tidemark-server-linux-x64')

// The C and C++ run time belongs to the machine: a second copy of it in one process does not work.
const ofTheMachine = /^(ld-linux|linux-vdso|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+)\.so)/

const launcher = `#!/bin/sh
# Runs tidemark-server with the libraries that lie beside it.
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/../lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/../lib/tidemark-server" "$@"
`

/**
 * @typedef {{name: string, file: string, package: string, version: string, source: string,
 *   licences: string[]}} Library
 */

/** @param {string} command @param {string[]} args */
const output = (command, ...args) =>
  execFileSync(command, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})

/**
 * The libraries that `binary` needs, directly or not, but for the machine's own.
 * @param {string} binary
 * @returns {Library[]}
 */
function librariesOf(binary) {
  const lines = output('ldd', binary).split('\n')
  const missing = lines.filter(line => line.includes('not found'))
  if (missing.length > 0) throw new Failure(`${binary} lacks ${missing.join(', ').trim()}`)
  return lines
    .map(line => /^\s*(\S+) => (\S+)/.exec(line))
    .filter(match => match !== null)
    .map(match => ({name: String(match[1]), file: String(match[2])}))
    .filter(({name}) => !ofTheMachine.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({name, file}) => ({name, file, ...origin(file)}))
}

/**
 * The Debian package that a library comes from.
 * @param {string} file
 */
function origin(file) {
  const real = realpathSync(file)
  const owner = [real, real.replace(/^\/usr\/lib/, '/lib'), file].map(ownerOf).find(Boolean)
  if (!owner) throw new Failure(`no Debian package owns ${file}: its licence is unknown`)
  const [name, version, source] = output(
    'dpkg-query',
    '-W',
    '-f',
    '${Package}\t${Version}\t${source:Package}',
    owner,
  ).split('\t')
  const copyright = readFileSync(`/usr/share/doc/${name}/copyright`, 'utf8')
  const licences = [...copyright.matchAll(/^Licen[sc]e:[ \t]*(\S.*)$/gim)].map(match =>
    String(match[1]),
  )
  return {
    package: String(name),
    version: String(version),
    source: String(source),
    licences: [...new Set(licences)],
  }
}

/** @param {string} file */
function ownerOf(file) {
  try {
    return output('dpkg-query', '-S', file).split(': ')[0]
  } catch {
    return undefined
  }
}

/** @param {Library[]} libraries */
function notices(libraries) {
  const entries = libraries.map(library =>
    [
      library.name,
      `  from the Debian package ${library.package} ${library.version} (source: ${library.source})`,
      `  licences: ${library.licences.join('; ') || 'see the text'}`,
      `  text: licenses/${library.package}.txt`,
    ].join('\n'),
  )
  return `tidemark-server is licensed under the Apache License 2.0 (licenses/tidemark.txt). It contains SQLite, which is in
the public domain.

The files in lib/ are unmodified shared libraries of Debian 12, stripped of debugging symbols. JavaScriptCore
(libjavascriptcoregtk) and GLib are under the GNU Lesser General Public License: lib/tidemark-server links to them
dynamically, so that you may replace them with versions of your own by putting those in their place. Their complete
source is the Debian source package of the version named below, at https://snapshot.debian.org.

${entries.join('\n\n')}
`
}

/** @param {string} binary */
export function packageServer(binary) {
  if (!existsSync(binary)) throw new Failure(`there is no ${binary}: npm run build makes it`)
  const libraries = librariesOf(binary)
  rmSync(packageFolder, {recursive: true, force: true})
  for (const folder of ['bin', 'lib', 'licenses']) {
    mkdirSync(path.join(packageFolder, folder), {recursive: true})
  }
  cpSync(path.join(template, 'package.json'), path.join(packageFolder, 'package.json'))
  const inPackage = (/** @type {string[]} */ ...parts) => path.join(packageFolder, ...parts)
  for (const {name, file} of [...libraries, {name: 'tidemark-server', file: binary}]) {
    copyFileSync(realpathSync(file), inPackage('lib', name))
    chmodSync(inPackage('lib', name), 0o755)
    output('strip', '--strip-unneeded', inPackage('lib', name))
  }
  writeFileSync(inPackage('bin/tidemark-server'), launcher, {mode: 0o755})
  copyFileSync(path.join(root, 'LICENSE'), inPackage('licenses/tidemark.txt'))
  for (const {package: name} of libraries) {
    copyFileSync(`/usr/share/doc/${name}/copyright`, inPackage('licenses', `${name}.txt`))
  }
  writeFileSync(inPackage('NOTICES.txt'), notices(libraries))
  say(`${path.relative(root, packageFolder)}: tidemark-server and ${libraries.length} libraries`)
}

if (import.meta.filename === process.argv[1]) {
  await script(async () => packageServer(process.argv[2] ?? serverBinary))
}
