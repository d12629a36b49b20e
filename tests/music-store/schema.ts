// The schema of a store for music, in the well-known shape of eleven tables. What it is made for: a junction with a
// compound key, a table that refers to itself, a relationship over two columns that may be null, keys of three types
// (one of them beyond 2^53), names that differ from the database's, a table in another schema of Postgres.

import {
  bigint,
  boolean,
  date,
  defineSchema,
  enumeration,
  json,
  number,
  string,
  table,
  timestamp,
} from 'tidemark'

/** What is known of a recording besides its columns; absent members and JSON's null occur. */
export interface TrackTags {
  mood?: string | null
  bpm?: number
  live?: boolean
  instruments: string[]
  credits?: {name: string; role: string}[]
}

export interface Preferences {
  newsletter: boolean
  formats: string[]
  notify?: {email: boolean; limit?: number | null}
}

const artist = table({id: number(), name: string().optional(), active: boolean()}).primaryKey('id')

const album = table({
  id: number(),
  title: string(),
  artistID: number().from('artist_id'),
  releasedOn: date().from('released_on').optional(),
})
  .primaryKey('id')
  .index('artistID')

const genre = table({id: number(), name: string().optional()}).primaryKey('id')

const mediaType = table({
  code: string(),
  name: string(),
  kind: enumeration('file', 'stream', 'disc'),
  lossless: boolean(),
})
  .from('media_type')
  .primaryKey('code')

const track = table({
  id: number(),
  name: string(),
  albumID: number().from('album_id').optional(),
  mediaType: string().from('media_type'),
  genreID: number().from('genre_id').optional(),
  composer: string().optional(),
  milliseconds: number(),
  bytes: bigint().optional(),
  unitPrice: number().from('unit_price'),
  addedAt: timestamp().from('added_at'),
  tags: json<TrackTags>().optional(),
})
  .primaryKey('id')
  .index('albumID')
  .index('genreID')

const playlist = table({
  id: string(),
  name: string().optional(),
  sharedAt: timestamp().from('shared_at').optional(),
}).primaryKey('id')

const playlistTrack = table({
  playlistID: string().from('playlist_id'),
  trackID: number().from('track_id'),
})
  .from('playlist_track')
  .primaryKey('playlistID', 'trackID')
  .index('trackID')

const employee = table({
  id: number(),
  lastName: string().from('last_name'),
  firstName: string().from('first_name'),
  title: string().optional(),
  reportsTo: number().from('reports_to').optional(),
  birthDate: date().from('birth_date'),
  hiredAt: timestamp().from('hired_at'),
  city: string(),
  fax: string().optional(),
}).primaryKey('id')

const customer = table({
  id: number(),
  firstName: string().from('first_name'),
  lastName: string().from('last_name'),
  company: string().optional(),
  city: string(),
  state: string().optional(),
  country: string(),
  fax: string().optional(),
  email: string(),
  supportRepID: number().from('support_rep_id').optional(),
  preferences: json<Preferences>(),
})
  .primaryKey('id')
  .index('supportRepID')

const invoice = table({
  id: number(),
  customerID: number().from('customer_id'),
  invoicedAt: timestamp().from('invoiced_at'),
  dueOn: date().from('due_on').optional(),
  billingState: string().from('billing_state').optional(),
  billingCountry: string().from('billing_country'),
  total: number(),
  paid: boolean().optional(),
})
  .from('sales.invoice')
  .primaryKey('id')
  .index('customerID')

const invoiceLine = table({
  id: bigint(),
  invoiceID: number().from('invoice_id'),
  trackID: number().from('track_id'),
  unitPrice: number().from('unit_price'),
  quantity: number(),
})
  .from('sales.invoice_line')
  .primaryKey('id')
  .index('invoiceID')
  .index('trackID')

export const schema = defineSchema(
  {
    artist,
    album,
    genre,
    mediaType,
    track,
    playlist,
    playlistTrack,
    employee,
    customer,
    invoice,
    invoiceLine,
  },
  {
    artist: ({many}) => ({albums: many('album', {artistID: 'id'})}),
    album: ({one, many}) => ({
      artist: one('artist', {id: 'artistID'}),
      tracks: many('track', {albumID: 'id'}),
    }),
    genre: ({many}) => ({tracks: many('track', {genreID: 'id'})}),
    mediaType: ({many}) => ({tracks: many('track', {mediaType: 'code'})}),
    track: ({one, many}) => ({
      album: one('album', {id: 'albumID'}),
      genre: one('genre', {id: 'genreID'}),
      media: one('mediaType', {code: 'mediaType'}),
      lines: many('invoiceLine', {trackID: 'id'}),
      playlists: many('playlist').through('playlistTrack', {trackID: 'id'}, {playlistID: 'id'}),
    }),
    playlist: ({many}) => ({
      entries: many('playlistTrack', {playlistID: 'id'}),
      tracks: many('track').through('playlistTrack', {playlistID: 'id'}, {trackID: 'id'}),
    }),
    playlistTrack: ({one}) => ({
      playlist: one('playlist', {id: 'playlistID'}),
      track: one('track', {id: 'trackID'}),
    }),
    employee: ({one, many}) => ({
      manager: one('employee', {id: 'reportsTo'}),
      reports: many('employee', {reportsTo: 'id'}),
      customers: many('customer', {supportRepID: 'id'}),
    }),
    customer: ({one, many}) => ({
      supportRep: one('employee', {id: 'supportRepID'}),
      invoices: many('invoice', {customerID: 'id'}),
      // Of the same state and country, the customer among them; who has no state has none.
      neighbours: many('customer', {country: 'country', state: 'state'}),
    }),
    invoice: ({one, many}) => ({
      customer: one('customer', {id: 'customerID'}),
      lines: many('invoiceLine', {invoiceID: 'id'}),
      // A track that two lines name is there once.
      tracks: many('track').through('invoiceLine', {invoiceID: 'id'}, {trackID: 'id'}),
    }),
    invoiceLine: ({one}) => ({
      invoice: one('invoice', {id: 'invoiceID'}),
      track: one('track', {id: 'trackID'}),
    }),
  },
)
