// A result as JSON says it, so that it can be compared with what a database answered: undefined is null, a bigint the
// text of its digits.

export function plain(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

/** Where two plain values first differ, or undefined if they are equal: `[3].albums.length: 2, and not 1`. */
export function difference(actual: unknown, expected: unknown, path = ''): string | undefined {
  if (Object.is(actual, expected)) return undefined
  if (
    !isObject(actual) ||
    !isObject(expected) ||
    Array.isArray(actual) !== Array.isArray(expected)
  ) {
    return `${path || 'all'}: ${excerpt(actual)}, and not ${excerpt(expected)}`
  }
  const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])]
  for (const name of names) {
    const place = Array.isArray(actual) ? `${path}[${name}]` : `${path}.${name}`
    if (!(name in actual)) return `${place} is missing: ${excerpt(expected[name])}`
    if (!(name in expected)) return `${place} is too much: ${excerpt(actual[name])}`
    const found = difference(actual[name], expected[name], place)
    if (found !== undefined) return found
  }
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
