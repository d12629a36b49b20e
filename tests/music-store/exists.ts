// Rows for which others exist, or do not: nested, under or and not, through a junction, on the table itself.
import type {Cases} from './case.js'

export const exists: Cases = {
  hasAny: {
    query: q => q.artist.whereExists('albums'),
    sql: `SELECT j(a) FROM artist a WHERE a.id IN (SELECT artist_id FROM album) ORDER BY a.id`,
  },
  hasNone: {
    query: q => q.artist.whereNotExists('albums').orderBy('name', 'desc'),
    sql: `SELECT j(a) FROM artist a WHERE a.id NOT IN (SELECT artist_id FROM album)
      ORDER BY a.name COLLATE "C" DESC NULLS LAST, a.id`,
  },
  hasSuch: {
    query: q => q.album.whereExists('tracks', t => t.where('milliseconds', '>', 415_000)).limit(50),
    sql: `SELECT j(a) FROM album a WHERE EXISTS (
        SELECT FROM track t WHERE t.album_id = a.id AND t.milliseconds > 415000) ORDER BY a.id LIMIT 50`,
  },
  hasNoneSuch: {
    query: q =>
      q.album.whereNotExists('tracks', t => t.where('genreID', '<', 5)).where('id', '<', 200),
    sql: `SELECT j(a) FROM album a WHERE a.id < 200 AND NOT EXISTS (
        SELECT FROM track t WHERE t.album_id = a.id AND t.genre_id < 5) ORDER BY a.id`,
  },
  nullMatchesNothing: {
    query: q => q.track.whereNotExists('album').where('id', '<', 1500),
    sql: `SELECT j(t) FROM track t WHERE t.album_id IS NULL AND t.id < 1500 ORDER BY t.id`,
  },
  nested: {
    query: q =>
      q.artist.whereExists('albums', a =>
        a.whereExists('tracks', t => t.whereExists('lines', l => l.where('quantity', 3))),
      ),
    sql: `SELECT j(a) FROM artist a WHERE a.id IN (
        SELECT b.artist_id FROM album b JOIN track t ON t.album_id = b.id
          JOIN sales.invoice_line l ON l.track_id = t.id WHERE l.quantity = 3) ORDER BY a.id`,
  },
  noneOfNested: {
    query: q =>
      q.artist
        .whereExists('albums')
        .whereNotExists('albums', a =>
          a.whereNotExists('tracks', t => t.where('mediaType', 'flac')),
        ),
    sql: `SELECT j(a) FROM artist a WHERE EXISTS (SELECT FROM album b WHERE b.artist_id = a.id)
        AND NOT EXISTS (SELECT FROM album b WHERE b.artist_id = a.id AND NOT EXISTS (
          SELECT FROM track t WHERE t.album_id = b.id AND t.media_type = 'flac')) ORDER BY a.id`,
  },
  underOr: {
    query: q =>
      q.customer.where(({or, and, not, cmp, exists}) =>
        or(
          cmp('state', 'SA'),
          exists('invoices', i => i.where('total', '>', 30)),
          and(not(exists('supportRep')), cmp('company', 'is', null)),
        ),
      ),
    sql: `SELECT j(c) FROM customer c WHERE c.state = 'SA'
        OR EXISTS (SELECT FROM sales.invoice i WHERE i.customer_id = c.id AND i.total > 30)
        OR (c.support_rep_id IS NULL AND c.company IS NULL) ORDER BY c.id`,
  },
  eitherOfTwo: {
    query: q =>
      q.employee.where(({or, exists}) =>
        or(
          exists('manager', m => m.where('title', 'Manager')),
          exists('customers', c => c.where(['preferences', 'newsletter'], true)),
        ),
      ),
    sql: `SELECT j(e) FROM employee e
      WHERE EXISTS (SELECT FROM employee m WHERE m.id = e.reports_to AND m.title = 'Manager')
         OR EXISTS (SELECT FROM customer c WHERE c.support_rep_id = e.id
              AND c.preferences->>'newsletter' = 'true') ORDER BY e.id`,
  },
  throughJunction: {
    query: q => q.playlist.whereExists('tracks', t => t.where('name', 'like', 'z%')),
    sql: `SELECT j(p) FROM playlist p WHERE EXISTS (
        SELECT FROM playlist_track e JOIN track t ON t.id = e.track_id
        WHERE e.playlist_id = p.id AND t.name LIKE 'z%') ORDER BY p.id COLLATE "C"`,
  },
  noneThroughJunction: {
    query: q => q.track.whereNotExists('playlists').where('genreID', 'in', [1, 2, 5]),
    sql: `SELECT j(t) FROM track t WHERE t.genre_id IN (1, 2, 5)
        AND t.id NOT IN (SELECT track_id FROM playlist_track) ORDER BY t.id`,
  },
  noneSuchThroughJunction: {
    query: q =>
      q.track
        .where('id', '<', 200)
        .whereNotExists('playlists', p => p.where('name', 'is not', 'Again')),
    sql: `SELECT j(t) FROM track t WHERE t.id < 200 AND NOT EXISTS (
        SELECT FROM playlist_track e JOIN playlist p ON p.id = e.playlist_id
        WHERE e.track_id = t.id AND p.name IS DISTINCT FROM 'Again') ORDER BY t.id`,
  },
  amongThemselves: {
    query: q => q.employee.whereExists('reports', r => r.whereNotExists('reports')),
    sql: `SELECT j(e) FROM employee e WHERE EXISTS (SELECT FROM employee r WHERE r.reports_to = e.id
        AND NOT EXISTS (SELECT FROM employee s WHERE s.reports_to = r.id)) ORDER BY e.id`,
  },
  amongThemselvesTwice: {
    query: q =>
      q.employee
        .whereNotExists('manager', m => m.whereNotExists('manager'))
        .related('reports', r => r.whereNotExists('reports')),
    sql: `SELECT j(e) || jsonb_build_object('reports', array(
          SELECT j(r) FROM employee r WHERE r.reports_to = e.id
            AND NOT EXISTS (SELECT FROM employee s WHERE s.reports_to = r.id) ORDER BY r.id))
        FROM employee e WHERE NOT EXISTS (SELECT FROM employee m WHERE m.id = e.reports_to
          AND NOT EXISTS (SELECT FROM employee n WHERE n.id = m.reports_to)) ORDER BY e.id`,
  },
  overTwoColumns: {
    query: q => q.customer.whereExists('neighbours', c => c.where('company', 'is not', null)),
    sql: `SELECT j(c) FROM customer c WHERE EXISTS (SELECT FROM customer n
        WHERE n.country = c.country AND n.state = c.state AND n.company IS NOT NULL) ORDER BY c.id`,
  },
  fillsTheWindow: {
    query: q =>
      q.track
        .whereExists('lines', l => l.whereExists('invoice', i => i.where('paid', false)))
        .orderBy('milliseconds', 'desc')
        .limit(20),
    sql: `SELECT j(t) FROM track t WHERE EXISTS (
        SELECT FROM sales.invoice_line l JOIN sales.invoice i ON i.id = l.invoice_id
        WHERE l.track_id = t.id AND i.paid = false) ORDER BY t.milliseconds DESC, t.id LIMIT 20`,
  },
}
