// Invented names, out of syllables. Now and then one with what a comparison or a pattern could stumble over.
import type {Random} from './random.js'

const onsets = [
  'b',
  'br',
  'd',
  'f',
  'g',
  'h',
  'k',
  'kl',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  'st',
  't',
  'v',
  'z',
]
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou', 'ö']
const codas = ['', '', '', 'l', 'n', 'r', 's', 'nd', 'rk']

/** Order by code point is not that of UTF-16 for two of them, and no locale's for the others. */
const oddities = [
  '100% live',
  'lo_fi',
  'back\\slash',
  "d'Arna",
  '"quoted"',
  '𝄞 clef',
  'ｗide',
  'Éa',
  'éa',
  'Zulo',
  'zulo',
  ' leading',
  'tab\there',
  '',
]

export function syllables(random: Random, count: number): string {
  let word = ''
  for (let n = 0; n < count; n++) {
    word += random.pick(onsets) + random.pick(vowels) + random.pick(codas)
  }
  return word
}

export const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

export const properName = (random: Random): string =>
  capitalized(syllables(random, random.between(2, 3)))

/** One to four words; one title in forty is odd. */
export function title(random: Random): string {
  if (random.once(40)) return random.pick(oddities)
  const words = Array.from({length: random.between(1, 4)}, () =>
    syllables(random, random.between(1, 3)),
  )
  const text = words.join(' ')
  return random.once(6) ? text : capitalized(text)
}
