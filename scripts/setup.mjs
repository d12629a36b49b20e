// npm run setup [-- GROUP...]: installs what is missing. Without a group: everything.

import {headline, Failure, script} from './lib/log.mjs'
import {packageGroups} from './lib/packages.mjs'
import {setup} from './lib/setup.mjs'

await script(async () => {
  const known = Object.keys(packageGroups)
  const groups = process.argv.slice(2)
  for (const group of groups) {
    if (!known.includes(group)) {
      throw new Failure(`unknown group '${group}': use ${known.join(', ')}`)
    }
  }
  headline('Setup')
  await setup(groups.length > 0 ? groups : known)
})
