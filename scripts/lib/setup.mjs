// Brings a fresh Debian 12 machine with Node 20 to where a task can run; does nothing, quickly, on
// one that is there already.

import {installPackages} from './apt.mjs'
import {Failure} from './log.mjs'
import {installNodeModules} from './node-modules.mjs'

/** @param {string[]} groups names in packages.mjs */
export async function setup(groups) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) {
    throw new Failure(`Node 20 or later is needed, this is ${process.versions.node}`)
  }
  await installPackages(groups)
  await installNodeModules()
}
