// What the scripts say. Headlines name a stage and how long it took; everything else is the output
// of the tools themselves.

const colours = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
  colours ? `\x1b[${code}m${text}\x1b[0m` : text

/** @param {string} text */
export const bold = text => paint(1, text)

/** @param {string} text */
export function headline(text) {
  console.log(`\n${paint(36, '==>')} ${bold(text)}`)
}

/** @param {string} text */
export function say(text) {
  console.log(`    ${text}`)
}

/** @param {string} text */
export function complain(text) {
  console.error(`\n${paint(31, 'error:')} ${text}`)
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/**
 * A failure that was explained to the person at the terminal: printed without a stack.
 */
export class Failure extends Error {}

/**
 * Runs the main function of a script; a Failure ends it with its message and exit status 1.
 * @param {() => Promise<unknown>} main
 */
export async function script(main) {
  try {
    await main()
  } catch (error) {
    complain(error instanceof Failure ? error.message : String(Object(error).stack ?? error))
    process.exitCode = 1
  }
}
