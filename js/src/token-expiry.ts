// When to ask the app for the next token: some time before the present one expires, by the token's own claims. Only a
// plan: the server decides when a token is over. Tokens that are no JWT, or without `exp`, are not planned for.

/** As much before the end as leaves time to ask twice, or a fifth of a short life. */
const marginMsMax = 60_000
const delayMsMin = 1000
/** Longer waits than a timer can hold are cut short: asking early does no harm. */
const delayMsMax = 24 * 3_600_000
/** Between two times of asking in vain. */
const pauseMsMin = 5000

interface Times {
  readonly exp?: unknown
  readonly iat?: unknown
}

/** Milliseconds until the token of a new connection is to be exchanged; nothing if never. */
export function refreshIn(token: string | null, now: number): number | undefined {
  const remaining = remainingMs(token, now)
  if (remaining === undefined) return undefined
  const delay = remaining - Math.min(marginMsMax, remaining / 5)
  return Math.min(Math.max(delay, delayMsMin), delayMsMax)
}

/** The same when the app has just been asked and had no other; nothing when it is too late. */
export function askAgainIn(token: string | null, now: number): number | undefined {
  const remaining = remainingMs(token, now)
  if (remaining === undefined || remaining < pauseMsMin) return undefined
  return Math.min(Math.max(remaining / 2, pauseMsMin), delayMsMax)
}

function remainingMs(token: string | null, now: number): number | undefined {
  const {exp, iat} = claimsOf(token)
  if (typeof exp !== 'number') return undefined
  const remaining = exp * 1000 - now
  // The server has just accepted it: if it is over by our clock, our clock is wrong.
  if (remaining <= 0 && typeof iat === 'number') return Math.max(0, (exp - iat) * 1000)
  return Math.max(0, remaining)
}

function claimsOf(token: string | null): Times {
  const payload = token?.split('.')[1]
  if (payload === undefined) return {}
  try {
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as unknown
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}
