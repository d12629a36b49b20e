// Fractional ranks: between any two there is a third, so that moving a row changes that row alone. A rank is a fraction
// between 0 and 1, its digits after the point in base 62, never ending in 0; ranks compare as text. After David
// Greenspan, "Implementing Fractional Indexing".

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A rank between two others; null is before the first, or after the last. Needs `before < after`. */
export function rankBetween(before: string | null, after: string | null): string {
  return between(before ?? '', after)
}

function between(low: string, high: string | null): string {
  if (high !== null) {
    let same = 0
    while ((low[same] ?? '0') === high[same]) same += 1
    if (same > 0) return high.slice(0, same) + between(low.slice(same), high.slice(same))
  }
  const lowest = low === '' ? 0 : digits.indexOf(low.charAt(0))
  const highest = high === null ? digits.length : digits.indexOf(high.charAt(0))
  if (highest - lowest > 1) return digits.charAt(step(low, lowest, high, highest))
  if (high !== null && high.length > 1) return high.charAt(0)
  return digits.charAt(lowest) + between(low.slice(1), null)
}

/** At the ends, where rows are added one after the other, small steps keep ranks short; else the middle. */
function step(low: string, lowest: number, high: string | null, highest: number): number {
  if (high === null && low !== '') return lowest + 1
  if (low === '' && high !== null) return highest - 1
  return Math.round((lowest + highest) / 2)
}

interface Ranked {
  readonly id: string
  readonly rank: string
}

/** The rank of a row at the end. */
export const rankAtEnd = (rows: readonly Ranked[]): string =>
  rankBetween(rows.at(-1)?.rank ?? null, null)

/**
 * The rank that puts row `id` before row `next` (null: at the end) of rows that are in order. Two rows can have the same
 * rank, made by two pages at once: then it goes behind both.
 */
export function rankBefore(rows: readonly Ranked[], id: string, next: string | null): string {
  const others = rows.filter(row => row.id !== id)
  const at = next === null ? others.length : others.findIndex(row => row.id === next)
  const index = at < 0 ? others.length : at
  const before = others[index - 1]?.rank ?? null
  const after = others.slice(index).find(row => before === null || row.rank > before)
  return rankBetween(before, after?.rank ?? null)
}
