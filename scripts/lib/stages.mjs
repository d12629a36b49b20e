// A list of stages run one after the other. The first that fails ends the run; the last line is the
// sum of all tests that were run.

import {Failure, complain, duration, headline, say} from './log.mjs'
import {run} from './run.mjs'
import {tallyOf} from './tally.mjs'

/**
 * @typedef {{passed: number, failed: number}} Tally
 * @typedef {{name: string, run: () => Promise<Tally | void>}} Stage
 */

/**
 * A stage that is one command whose closing lines tell how many tests it ran. Running none is a
 * failure: a runner that found nothing has not tested anything.
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Stage}
 */
export function tests(name, command, args, env = {}) {
  return {
    name,
    async run() {
      let text = ''
      let failure
      await run(command, args, {env, watch: piece => (text += piece)}).catch(error => {
        failure = error
      })
      const tally = tallyOf(text)
      if (failure && tally.failed === 0) tally.failed = 1
      if (!failure && tally.passed === 0) throw new Failure(`${name}: no test was run`)
      return tally
    },
  }
}

/** @param {Stage[]} stages */
export async function runStages(stages) {
  const total = {passed: 0, failed: 0}
  const began = performance.now()
  for (const [index, stage] of stages.entries()) {
    headline(`[${index + 1}/${stages.length}] ${stage.name}`)
    const start = performance.now()
    try {
      const tally = await stage.run()
      total.passed += tally?.passed ?? 0
      total.failed += tally?.failed ?? 0
    } catch (error) {
      total.failed += 1
      complain(error instanceof Failure ? error.message : String(Object(error).stack ?? error))
    }
    const took = duration(performance.now() - start)
    if (total.failed > 0) {
      complain(`stage '${stage.name}' failed after ${took}`)
      break
    }
    say(`${stage.name}: ${took}`)
  }
  say(`everything together: ${duration(performance.now() - began)}`)
  console.log(`${total.passed} passed, ${total.failed} failed`)
  if (total.failed > 0) process.exitCode = 1
}
