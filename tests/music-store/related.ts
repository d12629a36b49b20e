// Rows with what belongs to them: to any depth, through junctions, to themselves, with conditions, order, limits and
// cursors of each level for itself.
import type {Cases} from './case.js'

export const related: Cases = {
  children: {
    query: q => q.artist.where('id', '<', 40).related('albums'),
    sql: `SELECT j(a) || jsonb_build_object('albums',
        array(SELECT j(b) FROM album b WHERE b.artist_id = a.id ORDER BY b.id))
      FROM artist a WHERE a.id < 40 ORDER BY a.id`,
  },
  parents: {
    query: q =>
      q.track
        .where('id', 'in', [1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
        .related('album', a => a.related('artist'))
        .related('genre')
        .related('media'),
    sql: `SELECT j(t) || jsonb_build_object(
        'album', (SELECT j(a) || jsonb_build_object('artist', (SELECT j(r) FROM artist r WHERE r.id = a.artist_id))
          FROM album a WHERE a.id = t.album_id),
        'genre', (SELECT j(g) FROM genre g WHERE g.id = t.genre_id),
        'media', (SELECT j(m) FROM media_type m WHERE m.code = t.media_type))
      FROM track t WHERE t.id IN (1, 2, 3, 5, 8, 13, 21, 34, 55, 89) ORDER BY t.id`,
  },
  parentIsNull: {
    query: q => q.track.where('albumID', 'is', null).orderBy('name').limit(30).related('album'),
    sql: `SELECT j(t) || '{"album": null}' FROM track t WHERE t.album_id IS NULL
      ORDER BY t.name COLLATE "C", t.id LIMIT 30`,
  },
  fourLevels: {
    query: q =>
      q.artist.where('id', '<=', 12).related('albums', a =>
        a.orderBy('title').related('tracks', t =>
          t
            .orderBy('unitPrice', 'desc')
            .limit(4)
            .related('lines', l => l.where('quantity', '>', 1).related('invoice')),
        ),
      ),
    sql: `SELECT j(a) || jsonb_build_object('albums', array(
        SELECT j(b) || jsonb_build_object('tracks', array(
          SELECT j(t) || jsonb_build_object('lines', array(
            SELECT j(l) || jsonb_build_object('invoice', (SELECT j(i) FROM sales.invoice i WHERE i.id = l.invoice_id))
            FROM sales.invoice_line l WHERE l.track_id = t.id AND l.quantity > 1 ORDER BY l.id))
          FROM track t WHERE t.album_id = b.id ORDER BY t.unit_price DESC, t.id LIMIT 4))
        FROM album b WHERE b.artist_id = a.id ORDER BY b.title COLLATE "C", b.id))
      FROM artist a WHERE a.id <= 12 ORDER BY a.id`,
  },
  limitsOfEveryLevel: {
    query: q =>
      q.genre
        .orderBy('name', 'desc')
        .limit(6)
        .related('tracks', t =>
          t
            .where('milliseconds', '<', 200_000)
            .orderBy('milliseconds', 'desc')
            .limit(5)
            .related('lines', l => l.orderBy('quantity', 'desc').orderBy('id', 'desc').limit(2)),
        ),
    sql: `SELECT j(g) || jsonb_build_object('tracks', array(
        SELECT j(t) || jsonb_build_object('lines', array(
          SELECT j(l) FROM sales.invoice_line l WHERE l.track_id = t.id ORDER BY l.quantity DESC, l.id DESC LIMIT 2))
        FROM track t WHERE t.genre_id = g.id AND t.milliseconds < 200000 ORDER BY t.milliseconds DESC, t.id LIMIT 5))
      FROM genre g ORDER BY g.name COLLATE "C" DESC NULLS LAST, g.id LIMIT 6`,
  },
  sameTwice: {
    query: q =>
      q.customer
        .where('id', '<', 30)
        .related('invoices', i => i.where('paid', 'is not', true), {as: 'open'})
        .related('invoices', i => i.orderBy('invoicedAt', 'desc').one(), {as: 'latest'}),
    sql: `SELECT j(c) || jsonb_build_object(
        'open', array(SELECT j(i) FROM sales.invoice i
          WHERE i.customer_id = c.id AND i.paid IS DISTINCT FROM true ORDER BY i.id),
        'latest', (SELECT j(i) FROM sales.invoice i WHERE i.customer_id = c.id ORDER BY i.invoiced_at DESC, i.id LIMIT 1))
      FROM customer c WHERE c.id < 30 ORDER BY c.id`,
  },
  throughJunction: {
    query: q =>
      q.playlist.related('tracks', t => t.where('unitPrice', '>', 1).orderBy('name').limit(15)),
    sql: `SELECT j(p) || jsonb_build_object('tracks', array(
        SELECT j(t) FROM track t JOIN playlist_track e ON e.track_id = t.id
        WHERE e.playlist_id = p.id AND t.unit_price > 1 ORDER BY t.name COLLATE "C", t.id LIMIT 15))
      FROM playlist p ORDER BY p.id COLLATE "C"`,
  },
  throughJunctionBack: {
    query: q =>
      q.track
        .where('genreID', 7)
        .limit(60)
        .related('playlists', p => p.orderBy('name', 'desc')),
    sql: `SELECT j(t) || jsonb_build_object('playlists', array(
        SELECT j(p) FROM playlist p JOIN playlist_track e ON e.playlist_id = p.id
        WHERE e.track_id = t.id ORDER BY p.name COLLATE "C" DESC NULLS LAST, p.id COLLATE "C"))
      FROM track t WHERE t.genre_id = 7 ORDER BY t.id LIMIT 60`,
  },
  throughJunctionThere: {
    query: q =>
      q.playlist.where('id', 'in', ['pl-16', 'pl-17', 'pl-18']).related('tracks', t =>
        t
          .limit(10)
          .related('album')
          .related('playlists', p => p.where('sharedAt', 'is', null)),
      ),
    sql: `SELECT j(p) || jsonb_build_object('tracks', array(
        SELECT j(t) || jsonb_build_object(
          'album', (SELECT j(a) FROM album a WHERE a.id = t.album_id),
          'playlists', array(SELECT j(q) FROM playlist q JOIN playlist_track f ON f.playlist_id = q.id
            WHERE f.track_id = t.id AND q.shared_at IS NULL ORDER BY q.id COLLATE "C"))
        FROM track t JOIN playlist_track e ON e.track_id = t.id WHERE e.playlist_id = p.id ORDER BY t.id LIMIT 10))
      FROM playlist p WHERE p.id IN ('pl-16', 'pl-17', 'pl-18') ORDER BY p.id COLLATE "C"`,
  },
  throughRowsThatRepeat: {
    query: q => q.invoice.where('total', '>', 24).related('tracks', t => t.orderBy('milliseconds')),
    sql: `SELECT j(i) || jsonb_build_object('tracks', array(
        SELECT j(t) FROM track t WHERE t.id IN (SELECT track_id FROM sales.invoice_line WHERE invoice_id = i.id)
        ORDER BY t.milliseconds, t.id))
      FROM sales.invoice i WHERE i.total > 24 ORDER BY i.id`,
  },
  rowsOfTheJunction: {
    query: q =>
      q.playlist
        .where('id', 'pl-9')
        .related('entries', e => e.orderBy('trackID', 'desc').limit(12).related('track'))
        .one(),
    sql: `SELECT j(p) || jsonb_build_object('entries', array(
        SELECT j(e) || jsonb_build_object('track', (SELECT j(t) FROM track t WHERE t.id = e.track_id))
        FROM playlist_track e WHERE e.playlist_id = p.id ORDER BY e.track_id DESC LIMIT 12))
      FROM playlist p WHERE p.id = 'pl-9'`,
    single: true,
  },
  upTheLadder: {
    query: q => q.employee.related('manager', m => m.related('manager', n => n.related('manager'))),
    sql: `SELECT j(a) || jsonb_build_object('manager', (
        SELECT j(b) || jsonb_build_object('manager', (
          SELECT j(c) || jsonb_build_object('manager', (SELECT j(d) FROM employee d WHERE d.id = c.reports_to))
          FROM employee c WHERE c.id = b.reports_to))
        FROM employee b WHERE b.id = a.reports_to))
      FROM employee a ORDER BY a.id`,
  },
  downTheLadder: {
    query: q =>
      q.employee
        .where('reportsTo', 'is', null)
        .orderBy('hiredAt', 'desc')
        .related('reports', r =>
          r.orderBy('lastName').related('reports', s => s.orderBy('birthDate', 'desc').limit(2)),
        ),
    sql: `SELECT j(a) || jsonb_build_object('reports', array(
        SELECT j(b) || jsonb_build_object('reports', array(
          SELECT j(c) FROM employee c WHERE c.reports_to = b.id ORDER BY c.birth_date DESC, c.id LIMIT 2))
        FROM employee b WHERE b.reports_to = a.id ORDER BY b.last_name COLLATE "C", b.id))
      FROM employee a WHERE a.reports_to IS NULL ORDER BY a.hired_at DESC, a.id`,
  },
  overTwoColumns: {
    query: q => q.customer.where('id', '<=', 20).related('neighbours', n => n.orderBy('email')),
    sql: `SELECT j(c) || jsonb_build_object('neighbours', array(
        SELECT j(n) FROM customer n WHERE n.country = c.country AND n.state = c.state
        ORDER BY n.email COLLATE "C", n.id))
      FROM customer c WHERE c.id <= 20 ORDER BY c.id`,
  },
  cursorOfEachParent: {
    query: q =>
      q.genre
        .where('id', '<', 8)
        .related('tracks', t =>
          t.orderBy('composer').start({composer: 'M', id: 0}, {inclusive: true}).limit(3),
        ),
    sql: `SELECT j(g) || jsonb_build_object('tracks', array(
        SELECT j(t) FROM track t WHERE t.genre_id = g.id AND t.composer COLLATE "C" >= 'M'
        ORDER BY t.composer COLLATE "C", t.id LIMIT 3))
      FROM genre g WHERE g.id < 8 ORDER BY g.id`,
  },
  conditionsOfEachLevel: {
    query: q =>
      q.employee.whereExists('customers').related('customers', c =>
        c
          .whereExists('invoices', i => i.where('total', '>', 20))
          .where(['preferences', 'formats', 0], 'mp3')
          .related('invoices', i =>
            i
              .where('total', '>', 20)
              .whereNotExists('tracks', t => t.where('mediaType', 'strm'))
              .related('lines', l => l.limit(3)),
          ),
      ),
    sql: `SELECT j(e) || jsonb_build_object('customers', array(
        SELECT j(c) || jsonb_build_object('invoices', array(
          SELECT j(i) || jsonb_build_object('lines', array(
            SELECT j(l) FROM sales.invoice_line l WHERE l.invoice_id = i.id ORDER BY l.id LIMIT 3))
          FROM sales.invoice i WHERE i.customer_id = c.id AND i.total > 20 AND NOT EXISTS (
            SELECT FROM sales.invoice_line l JOIN track t ON t.id = l.track_id
            WHERE l.invoice_id = i.id AND t.media_type = 'strm') ORDER BY i.id))
        FROM customer c WHERE c.support_rep_id = e.id AND c.preferences#>>'{formats,0}' = 'mp3'
          AND EXISTS (SELECT FROM sales.invoice i WHERE i.customer_id = c.id AND i.total > 20) ORDER BY c.id))
      FROM employee e WHERE EXISTS (SELECT FROM customer c WHERE c.support_rep_id = e.id) ORDER BY e.id`,
  },
  oneWithBranches: {
    query: q =>
      q.customer
        .where('id', 5)
        .related('supportRep', e => e.related('manager'))
        .related('invoices', i =>
          i
            .orderBy('total', 'desc')
            .limit(3)
            .related('lines', l => l.related('track')),
        )
        .one(),
    sql: `SELECT j(c) || jsonb_build_object(
        'supportRep', (SELECT j(e) || jsonb_build_object('manager', (SELECT j(m) FROM employee m WHERE m.id = e.reports_to))
          FROM employee e WHERE e.id = c.support_rep_id),
        'invoices', array(SELECT j(i) || jsonb_build_object('lines', array(
            SELECT j(l) || jsonb_build_object('track', (SELECT j(t) FROM track t WHERE t.id = l.track_id))
            FROM sales.invoice_line l WHERE l.invoice_id = i.id ORDER BY l.id))
          FROM sales.invoice i WHERE i.customer_id = c.id ORDER BY i.total DESC, i.id LIMIT 3))
      FROM customer c WHERE c.id = 5`,
    single: true,
  },
}
