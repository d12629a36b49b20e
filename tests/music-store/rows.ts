// The store's rows, some 15,600, all from one seed: by table of the database, in an order that foreign keys allow, each
// an object by the database's column names. Prices are exact in binary, so that sums are exact in any order.
import {properName, syllables, title} from './names.js'
import {Random} from './random.js'

export type StoredRow = Readonly<Record<string, unknown>>

export const counts = {
  artists: 275,
  albums: 347,
  tracks: 3503,
  genres: 25,
  playlists: 18,
  entries: 8715,
  employees: 9,
  customers: 59,
  invoices: 412,
  lines: 2240,
}
/** Above 2^53, where a double would lose the last digit. */
export const firstLineID = 9_007_199_254_740_993n

const prices = [0.25, 0.75, 1.25, 1.5, 2]
const instruments = ['oud', 'viola', 'bass', 'drums', 'Rhodes', 'voice']
const moods = ['calm', 'bright', 'dark', 'Dark', '']
const cities = ['Arvelo', 'Brunn', 'Castarra', 'Dolm', 'Esk']
const countries = ['Norland', 'Sudria', 'Ostmark', 'Vesta']
const states = ['NA', 'NB', 'SA', null, null]
const days = 24 * 60 * 60 * 1000

const range = (count: number): number[] => Array.from({length: count}, (_, index) => index + 1)
const maybe = <T>(random: Random, value: T): T | null => (random.once(4) ? null : value)
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const moment = (random: Random, from: string, spanDays: number): number =>
  Date.parse(from) + random.int(spanDays) * days + random.int(1000) * 125

const documentOf = (random: Random): StoredRow => ({
  instruments: instruments.filter(() => random.once(3)),
  ...(random.once(3) ? {} : {mood: random.once(8) ? null : random.pick(moods)}),
  ...(random.once(4) ? {} : {bpm: random.between(60, 180) + (random.once(5) ? 0.5 : 0)}),
  ...(random.once(2) ? {} : {live: random.once(2)}),
  ...(random.once(3)
    ? {credits: range(random.between(0, 2)).map(() => ({name: properName(random), role: 'mix'}))}
    : {}),
})

export function trackRow(random: Random, id: number): StoredRow {
  return {
    id,
    name: title(random),
    album_id: random.once(30) ? null : random.between(1, counts.albums),
    media_type: random.pick(['mp3', 'mp3', 'aac', 'flac', 'strm']),
    genre_id: random.once(20) ? null : random.between(1, counts.genres - 1),
    composer: maybe(random, properName(random)),
    milliseconds: random.between(60, 420) * 1000,
    bytes: random.once(9) ? null : String(2n ** 53n + BigInt(random.int(6)) - 3n + BigInt(id % 4)),
    unit_price: random.pick(prices),
    added_at: new Date(moment(random, '2009-01-01', 700)).toISOString(),
    tags: random.once(6) ? null : documentOf(random),
  }
}

export function customerRow(random: Random, id: number): StoredRow {
  const [first, last] = [properName(random), properName(random)]
  return {
    id,
    first_name: first,
    last_name: last,
    company: random.once(4) ? `${syllables(random, 2)} & Co` : null,
    city: random.pick(cities),
    state: random.pick(states),
    country: random.pick(countries),
    fax: random.once(5) ? `+${random.between(100000, 999999)}` : null,
    email: `${first}.${last}@example.org`.toLowerCase(),
    support_rep_id: random.once(8) ? null : random.between(3, 5),
    preferences: {
      newsletter: random.once(2),
      formats: ['mp3', 'aac', 'flac'].filter(() => random.once(2)),
      ...(random.once(2)
        ? {notify: {email: random.once(2), limit: maybe(random, random.int(9))}}
        : {}),
    },
  }
}

export function lineRow(random: Random, id: bigint, invoiceID: number): StoredRow {
  return {
    id: String(id),
    invoice_id: invoiceID,
    track_id: random.between(1, counts.tracks),
    unit_price: random.pick(prices),
    quantity: random.between(1, 3),
  }
}

export function invoiceRow(random: Random, id: number): StoredRow {
  const at = moment(random, '2011-01-01', 900)
  return {
    id,
    customer_id: random.between(1, counts.customers - 4),
    invoiced_at: new Date(at).toISOString(),
    due_on: maybe(random, date(at + 30 * days)),
    billing_state: random.pick(states),
    billing_country: random.pick(countries),
    total: 0,
    paid: random.once(5) ? null : random.once(2),
  }
}

function employees(random: Random): StoredRow[] {
  const managers = [null, 1, 2, 2, 2, 1, 6, 6, null]
  return managers.map((manager, index) => ({
    id: index + 1,
    last_name: properName(random),
    first_name: properName(random),
    title: index === 8 ? null : random.pick(['Manager', 'Agent', 'agent']),
    reports_to: manager,
    birth_date: date(moment(random, '1947-01-01', 12000)),
    hired_at: new Date(moment(random, '1999-01-01', 4000)).toISOString().replace('Z', ''),
    city: random.pick(cities),
    fax: maybe(random, `+${random.between(100000, 999999)}`),
  }))
}

function playlists(random: Random): StoredRow[] {
  return range(counts.playlists).map(n => ({
    id: `pl-${n}`,
    // Two of one name, one without.
    name: n === 7 ? null : n % 8 === 0 ? 'Again' : title(random),
    // Below a millisecond: rounded down.
    shared_at: n % 3 === 0 ? null : `2010-0${random.between(1, 3)}-01T12:00:00.12345${n % 10}`,
  }))
}

// The last playlist is empty; the others differ in size.
function entries(random: Random): StoredRow[] {
  const made = new Map<string, StoredRow>()
  while (made.size < counts.entries) {
    const list = Math.min(random.between(1, counts.playlists - 1), random.between(1, 40))
    const row = {playlist_id: `pl-${list}`, track_id: random.between(1, counts.tracks)}
    made.set(`${row.playlist_id} ${row.track_id}`, row)
  }
  return [...made.values()]
}

const mediaTypes: readonly StoredRow[] = [
  {code: 'mp3', name: 'MPEG audio', kind: 'file', lossless: false},
  {code: 'aac', name: 'AAC audio', kind: 'file', lossless: false},
  {code: 'flac', name: 'FLAC', kind: 'file', lossless: true},
  {code: 'strm', name: 'Stream', kind: 'stream', lossless: false},
  {code: 'sacd', name: 'Disc', kind: 'disc', lossless: true},
]

/** Every table's rows. */
export function storeRows(seed: number): ReadonlyMap<string, readonly StoredRow[]> {
  const random = new Random(seed)
  const artists = range(counts.artists).map(id => ({
    id,
    name: random.once(25) ? null : title(random),
    active: random.once(3),
  }))
  const albums = range(counts.albums).map(id => ({
    id,
    title: title(random),
    artist_id: random.between(1, counts.artists - 40),
    released_on: maybe(random, date(moment(random, '1958-06-01', 22000))),
  }))
  const genres = range(counts.genres).map(id => ({id, name: id === 24 ? null : title(random)}))
  const invoices = range(counts.invoices).map(id => invoiceRow(random, id))
  const lines = range(counts.lines).map((_, n) =>
    lineRow(random, firstLineID + BigInt(n), random.between(1, counts.invoices - 12)),
  )
  const totals = new Map<unknown, number>()
  for (const {invoice_id: id, unit_price: price, quantity} of lines) {
    totals.set(id, (totals.get(id) ?? 0) + (price as number) * (quantity as number))
  }
  return new Map<string, readonly StoredRow[]>([
    ['artist', artists],
    ['album', albums],
    ['genre', genres],
    ['media_type', mediaTypes],
    ['track', range(counts.tracks).map(id => trackRow(random, id))],
    ['playlist', playlists(random)],
    ['playlist_track', entries(random)],
    ['employee', employees(random)],
    ['customer', range(counts.customers).map(id => customerRow(random, id))],
    ['sales.invoice', invoices.map(row => ({...row, total: totals.get(row.id) ?? 0}))],
    ['sales.invoice_line', lines],
  ])
}
