// Order, limits and cursors: several columns, both directions, nulls first when ascending, text by code point, the
// primary key as the last word.
import type {Cases} from './case.js'

export const pages: Cases = {
  byText: {
    query: q => q.artist.orderBy('name'),
    sql: `SELECT j(a) FROM artist a ORDER BY a.name COLLATE "C" NULLS FIRST, a.id`,
  },
  byTextDescending: {
    query: q => q.artist.orderBy('name', 'desc').limit(60),
    sql: `SELECT j(a) FROM artist a ORDER BY a.name COLLATE "C" DESC NULLS LAST, a.id LIMIT 60`,
  },
  nullsFirst: {
    query: q => q.invoice.orderBy('paid').orderBy('dueOn', 'desc').limit(120),
    sql: `SELECT j(i) FROM sales.invoice i
      ORDER BY i.paid NULLS FIRST, i.due_on DESC NULLS LAST, i.id LIMIT 120`,
  },
  nullsLastWhenDescending: {
    query: q =>
      q.customer.orderBy('state', 'desc').orderBy('supportRepID', 'asc').orderBy('id', 'desc'),
    sql: `SELECT j(c) FROM customer c
      ORDER BY c.state COLLATE "C" DESC NULLS LAST, c.support_rep_id NULLS FIRST, c.id DESC`,
  },
  byBigint: {
    query: q => q.track.orderBy('bytes', 'desc').orderBy('milliseconds').limit(40),
    sql: `SELECT j(t) FROM track t ORDER BY t.bytes DESC NULLS LAST, t.milliseconds, t.id LIMIT 40`,
  },
  byMoment: {
    query: q => q.track.where('genreID', 3).orderBy('addedAt').limit(30),
    sql: `SELECT j(t) FROM track t WHERE t.genre_id = 3 ORDER BY t.added_at, t.id LIMIT 30`,
  },
  limitZero: {
    query: q => q.artist.limit(0),
    sql: `SELECT j(a) FROM artist a LIMIT 0`,
  },
  nothingFound: {
    query: q => q.track.where('name', 'no such track').orderBy('name').limit(5),
    sql: `SELECT j(t) FROM track t WHERE t.name = 'no such track'`,
  },
  startAfter: {
    query: q => q.track.orderBy('milliseconds').start({milliseconds: 100_000, id: 1700}).limit(25),
    sql: `SELECT j(t) FROM track t WHERE (t.milliseconds, t.id) > (100000, 1700)
      ORDER BY t.milliseconds, t.id LIMIT 25`,
  },
  startWith: {
    query: q => q.genre.start({id: 20}, {inclusive: true}),
    sql: `SELECT j(g) FROM genre g WHERE g.id >= 20 ORDER BY g.id`,
  },
  startDescending: {
    query: q =>
      q.customer
        .orderBy('country', 'desc')
        .orderBy('city')
        .start({country: 'Sudria', city: 'Castarra', id: 0}, {inclusive: true}),
    sql: `SELECT j(c) FROM customer c
      WHERE c.country < 'Sudria' OR (c.country = 'Sudria' AND c.city >= 'Castarra')
      ORDER BY c.country DESC, c.city, c.id`,
  },
  startAmongNulls: {
    query: q => q.invoice.orderBy('billingState').start({billingState: null, id: 300}).limit(90),
    sql: `SELECT j(i) FROM sales.invoice i WHERE i.billing_state IS NOT NULL OR i.id > 300
      ORDER BY i.billing_state NULLS FIRST, i.id LIMIT 90`,
  },
  startBeforeNulls: {
    query: q => q.customer.orderBy('state', 'desc').start({state: 'NA', id: 30}, {inclusive: true}),
    sql: `SELECT j(c) FROM customer c WHERE c.state IS NULL OR (c.state = 'NA' AND c.id >= 30)
      ORDER BY c.state DESC NULLS LAST, c.id`,
  },
  startInCompoundKey: {
    query: q =>
      q.playlistTrack
        .where('playlistID', '!=', 'pl-1')
        .start({playlistID: 'pl-12', trackID: 1200})
        .limit(50),
    sql: `SELECT j(e) FROM playlist_track e
      WHERE e.playlist_id <> 'pl-1' AND (e.playlist_id COLLATE "C", e.track_id) > ('pl-12', 1200)
      ORDER BY e.playlist_id COLLATE "C", e.track_id LIMIT 50`,
  },
  startAtBigintKey: {
    query: q => q.invoiceLine.orderBy('id', 'desc').start({id: 9_007_199_254_741_010n}).limit(100),
    sql: `SELECT j(l) FROM sales.invoice_line l WHERE l.id < 9007199254741010 ORDER BY l.id DESC LIMIT 100`,
  },
  oneByKey: {
    query: q => q.track.where('id', 42).one(),
    sql: `SELECT j(t) FROM track t WHERE t.id = 42`,
    single: true,
  },
  oneInOrder: {
    query: q => q.employee.orderBy('birthDate', 'desc').one(),
    sql: `SELECT j(e) FROM employee e ORDER BY e.birth_date DESC, e.id LIMIT 1`,
    single: true,
  },
  oneOfNone: {
    query: q => q.artist.where('id', 0).one(),
    sql: `SELECT j(a) FROM artist a WHERE a.id = 0`,
    single: true,
  },
}
