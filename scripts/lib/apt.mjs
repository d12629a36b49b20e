// Installs the Debian packages that are missing, and only those.

import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {Failure, say} from './log.mjs'
import {packageGroups} from './packages.mjs'
import {output, run} from './run.mjs'

/** @param {string[]} names */
function missingPackages(names) {
  const installed = new Set()
  // dpkg-query fails as a whole when one name is unknown, so all installed packages are listed.
  const listing = output('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'])
  if (listing === null) {
    throw new Failure(
      'this machine has no dpkg. Tidemark is built on Debian 12; elsewhere install the ' +
        `equivalents of these and set TIDEMARK_SKIP_APT=1:\n  ${names.join(' ')}`,
    )
  }
  for (const line of listing.split('\n')) {
    const [name, status] = line.split(' ')
    if (status === 'installed') installed.add(name)
  }
  return names.filter(name => !installed.has(name))
}

/**
 * postgresql-15 would make and start a cluster of its own when it is installed; the tests start
 * theirs, so that one is not wanted. A configuration that is there already is left alone.
 * @param {string[]} sudo
 */
async function forbidDefaultCluster(sudo) {
  const file = '/etc/postgresql-common/createcluster.conf'
  if (existsSync(file)) return
  const line = 'create_main_cluster = false\n'
  if (sudo.length === 0) {
    mkdirSync('/etc/postgresql-common', {recursive: true})
    writeFileSync(file, line)
  } else {
    await run('sudo', ['mkdir', '-p', '/etc/postgresql-common'])
    await run('sudo', ['sh', '-c', `printf '${line}' > ${file}`])
  }
}

/** @param {string[]} groups names in packageGroups */
export async function installPackages(groups) {
  if (process.env.TIDEMARK_SKIP_APT) return
  const wanted = [...new Set(groups.flatMap(group => packageGroups[group] ?? []))].sort()
  const missing = missingPackages(wanted)
  if (missing.length === 0) return

  const isRoot = process.getuid?.() === 0
  if (!isRoot && output('sudo', ['-V']) === null) {
    throw new Failure(
      `Debian packages are missing and there is no sudo. As root, run:\n  apt-get update && ` +
        `apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
  }
  const sudo = isRoot ? [] : ['sudo']
  const apt = (/** @type {string[]} */ ...args) => {
    const line = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
    return run(/** @type {string} */ (line[0]), line.slice(1))
  }
  say(`installing ${missing.length} Debian packages: ${missing.join(' ')}`)
  if (missing.includes('postgresql-15')) await forbidDefaultCluster(sudo)
  await apt('update', '-q')
  await apt('install', '-q', '-y', '--no-install-recommends', ...missing)
}
