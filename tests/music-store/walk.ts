// A seeded walk over the store: steps that an app's user takes, by mutators, and steps that somebody takes in Postgres,
// each one transaction. Rows come, go, change what they belong to and where they stand in an order; some steps touch many
// rows, some rows that are not there.
import {title} from './names.js'
import type {Random} from './random.js'
import {counts, customerRow, firstLineID, invoiceRow, lineRow, trackRow} from './rows.js'
import type {StoredRow} from './rows.js'

export type Step =
  | {readonly sql: string}
  | {readonly mutator: string; readonly args: Readonly<Record<string, unknown>>}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const insertion = (table: string, row: StoredRow): string =>
  `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, ${text(JSON.stringify(row))})`

export class Walk {
  readonly #random: Random
  /** Keys of rows to come. */
  #next = 100_000

  constructor(random: Random) {
    this.#random = random
  }

  step(): Step {
    if (this.#random.once(2)) return this.#mutation()
    const changes = this.#random.once(5) ? this.#random.between(2, 6) : 1
    return {sql: Array.from({length: changes}, () => this.#statement()).join(';\n')}
  }

  #mutation(): Step {
    const random = this.#random
    const args = {
      renameArtist: {id: this.#artist(), name: random.once(5) ? null : title(random)},
      moveTrack: {
        id: this.#track(),
        albumID: random.once(4) ? null : this.#album(),
        genreID: random.once(4) ? null : this.#genre(),
      },
      retag: {
        id: this.#track(),
        mood: random.pick(['Dark', 'calm', null]),
        bpm: random.pick([99, 99.5, 120, 179]),
      },
      addToPlaylist: {playlistID: this.#playlist(), trackID: this.#track()},
      takeFromPlaylist: {playlistID: this.#playlist(), trackID: this.#track()},
      pay: {id: this.#invoice(), paid: random.pick([true, false, null])},
      promote: {id: random.between(1, 9), reportsTo: random.pick([null, 1, 2, 6])},
      moveCustomer: {
        id: random.between(1, counts.customers),
        state: random.pick(['NA', 'SA', null]),
        supportRepID: random.pick([3, 4, 5, null]),
      },
      buy: {
        id: firstLineID + BigInt(this.#next++),
        invoiceID: this.#invoice(),
        trackID: this.#track(),
        quantity: random.between(1, 3),
      },
    }
    const mutator = random.pick(Object.keys(args) as (keyof typeof args)[])
    return {mutator, args: args[mutator]}
  }

  #statement(): string {
    const random = this.#random
    const track = this.#track()
    const statements = [
      () => this.#newTrack(),
      () => `DELETE FROM track WHERE id = ${track}`,
      () => `DELETE FROM album WHERE id = ${this.#album()}`,
      () => `DELETE FROM sales.invoice WHERE id = ${this.#invoice()}`,
      () => insertion('customer', customerRow(random, this.#next++)),
      () => insertion('sales.invoice', invoiceRow(random, this.#next++)),
      () => this.#line(),
      () =>
        `UPDATE track SET milliseconds = ${random.between(55, 430)}000, unit_price = 1.5 WHERE id = ${track}`,
      () => `UPDATE track SET name = ${text(title(random))}, composer = NULL WHERE id = ${track}`,
      () =>
        `UPDATE track SET bytes = 9007199254740990 + ${random.int(9)} WHERE id % 97 = ${random.int(97)}`,
      () => `UPDATE track SET genre_id = ${this.#genre()} WHERE album_id = ${this.#album()}`,
      () => `UPDATE track SET tags = NULL WHERE id BETWEEN ${track} AND ${track + 5}`,
      () =>
        `UPDATE playlist SET name = ${text(title(random))}, shared_at = NULL WHERE id = ${text(this.#playlist())}`,
      () =>
        `DELETE FROM playlist_track WHERE playlist_id = ${text(this.#playlist())} AND track_id % 3 = 0`,
      () =>
        `INSERT INTO playlist_track SELECT 'pl-18', id FROM track WHERE id % 400 = ${random.int(400)} ON CONFLICT DO NOTHING`,
      () =>
        `UPDATE employee SET reports_to = ${random.pick([1, 2, 6])}, city = 'Esk' WHERE id = ${random.between(3, 9)}`,
      () =>
        `UPDATE sales.invoice SET total = ${random.int(160) / 4}, billing_state = NULL WHERE id = ${this.#invoice()}`,
      () =>
        `UPDATE album SET artist_id = ${this.#artist()}, released_on = '1960-0${random.between(1, 9)}-01' WHERE id = ${this.#album()}`,
      // A row that changes its key, and one that goes and comes back in the same transaction.
      () => `UPDATE artist SET id = ${this.#next++} WHERE id = ${random.between(236, 275)}`,
      () => `DELETE FROM genre WHERE id = 9; INSERT INTO genre VALUES (9, ${text(title(random))})`,
      () =>
        `UPDATE customer SET country = 'Norland', state = 'NA', company = NULL WHERE id = ${random.between(1, counts.customers)}`,
    ]
    return random.pick(statements)()
  }

  #newTrack(): string {
    const {album_id: album, ...row} = trackRow(this.#random, this.#next++)
    // The album may be gone.
    return `${insertion('track', row)};
      UPDATE track SET album_id = (SELECT id FROM album WHERE id = ${String(album)}) WHERE id = ${String(row.id)}`
  }

  #line(): string {
    const row = lineRow(this.#random, firstLineID + BigInt(this.#next++), this.#invoice())
    // The invoice or the track may be gone.
    return `${insertion('sales.invoice_line', row)}
      WHERE EXISTS (SELECT FROM sales.invoice WHERE id = ${String(row.invoice_id)})
        AND EXISTS (SELECT FROM track WHERE id = ${String(row.track_id)})`
  }

  #artist = (): number => this.#random.between(1, 235)
  #album = (): number => this.#random.between(1, counts.albums)
  #genre = (): number => this.#random.between(1, counts.genres - 1)
  // Among the first more often: most queries look there.
  #track = (): number => this.#random.between(1, this.#random.pick([120, 900, counts.tracks]))
  #playlist = (): string => `pl-${this.#random.between(1, counts.playlists)}`
  #invoice = (): number => this.#random.between(1, counts.invoices)
}
