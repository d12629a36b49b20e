// Counts tests from what the runners print at the end: ctest, node's test runner (TAP or spec) and
// the plain line `N passed, N failed`.

const number = (/** @type {RegExpMatchArray | null | undefined} */ match, index = 1) =>
  match ? Number(match[index]) : 0

/**
 * @param {string} text everything one runner printed
 * @returns {{passed: number, failed: number}}
 */
export function tallyOf(text) {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/\x1b\[[0-9;]*m/g, '')
  let passed = 0
  let failed = 0
  for (const match of plain.matchAll(/(\d+) tests? failed out of (\d+)/g)) {
    failed += number(match)
    passed += number(match, 2) - number(match)
  }
  for (const match of plain.matchAll(/^(?:#|ℹ) pass (\d+)$/gm)) passed += number(match)
  for (const match of plain.matchAll(/^(?:#|ℹ) fail (\d+)$/gm)) failed += number(match)
  for (const match of plain.matchAll(/^(\d+) passed, (\d+) failed$/gm)) {
    passed += number(match)
    failed += number(match, 2)
  }
  return {passed, failed}
}
