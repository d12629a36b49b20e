// The store as an app: every case is a named query, and can be asked inside a mutator.
import {defineApp, defineMutators, defineQueries} from 'tidemark'
import type {AnyQuery, QueryRequest, QueryRoots} from 'tidemark'
import {cases} from './cases.js'
import {plain} from './plain.js'
import {schema} from './schema.js'
import type {TrackTags} from './schema.js'

type Store = typeof schema
type Ask = (q: QueryRoots<Store>) => AnyQuery

const named: Record<string, Record<string, Ask>> = {}
for (const [name, {query}] of cases) {
  const [group, member] = name.split('.') as [string, string]
  named[group] = {...named[group], [member]: query}
}

const queries = defineQueries(schema, {
  ...named,
  // Shows how far the walk has come: it is a row of the store like any other.
  mark: (q: QueryRoots<Store>) => q.genre.where('id', 25).one(),
})

/** The request of a case, by its name. */
export function request(name: string): QueryRequest {
  const [group, member] = name.split('.') as [string, string]
  const tree = queries as unknown as Record<string, Record<string, () => QueryRequest>>
  return (tree[group]?.[member] as () => QueryRequest)()
}
export const markRequest = (): QueryRequest =>
  (queries as unknown as {mark: () => QueryRequest}).mark()

const mutators = defineMutators(schema, {
  /** The result of a case where the mutator runs. */
  ask: (_tx, {name}: {name: string}, ctx) => {
    const found = cases.get(name)
    return found === undefined ? null : (plain(ctx.run(found.query)) as object | null)
  },
  renameArtist: (tx, {id, name}: {id: number; name: string | null}) => tx.artist.update({id, name}),
  moveTrack: (
    tx,
    {id, albumID, genreID}: {id: number; albumID: number | null; genreID: number | null},
  ) => tx.track.update({id, albumID, genreID}),
  retag: (tx, {id, mood, bpm}: {id: number; mood: string | null; bpm: number}) => {
    const tags: TrackTags = {instruments: ['bass'], mood, bpm}
    if (tx.track.get(id)?.tags == null) tx.track.update({id, tags})
    else tx.track.merge(id, ['tags'], {mood, bpm})
  },
  addToPlaylist: (tx, key: {playlistID: string; trackID: number}) => tx.playlistTrack.upsert(key),
  takeFromPlaylist: (tx, key: {playlistID: string; trackID: number}) =>
    tx.playlistTrack.delete(key),
  pay: (tx, {id, paid}: {id: number; paid: boolean | null}) => tx.invoice.update({id, paid}),
  promote: (tx, {id, reportsTo}: {id: number; reportsTo: number | null}) =>
    tx.employee.update({id, reportsTo}),
  moveCustomer: (
    tx,
    {id, state, supportRepID}: {id: number; state: string | null; supportRepID: number | null},
  ) => tx.customer.update({id, state, supportRepID}),
  buy: (
    tx,
    {
      id,
      invoiceID,
      trackID,
      quantity,
    }: {id: bigint; invoiceID: number; trackID: number; quantity: number},
  ) => {
    const unitPrice = tx.track.get(trackID)?.unitPrice ?? 0.5
    tx.invoiceLine.insert({id, invoiceID, trackID, quantity, unitPrice})
  },
})

export const app = defineApp({schema, queries, mutators})
export default app
