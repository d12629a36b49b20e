// Counts, sums, extremes and averages: of all rows, of groups, of what is related. Nulls are passed over; groups are in
// the order of their columns, the one of nulls first.
import type {Cases} from './case.js'

export const aggregates: Cases = {
  countAll: {
    query: q => q.track.count(),
    sql: `SELECT jsonb_build_object('count', count(*)) FROM track`,
    single: true,
  },
  countOfNothing: {
    query: q => q.track.where('id', '<', 0).count().sum('milliseconds').min('name').avg('bytes'),
    sql: `SELECT '{"count": 0, "sum_milliseconds": null, "min_name": null, "avg_bytes": null}'::jsonb`,
    single: true,
  },
  ofNumbers: {
    query: q =>
      q.invoice
        .where('billingCountry', '!=', 'Vesta')
        .count('invoices')
        .sum('total')
        .avg('total')
        .min('total', 'least')
        .max('total', 'most'),
    sql: `SELECT jsonb_build_object('invoices', count(*), 'sum_total', sum(total),
        'avg_total', sum(total) / count(total), 'least', min(total), 'most', max(total))
      FROM sales.invoice WHERE billing_country <> 'Vesta'`,
    single: true,
  },
  ofBigints: {
    query: q => q.track.where('id', '<=', 900).sum('bytes').min('bytes').max('bytes').avg('bytes'),
    sql: `SELECT jsonb_build_object('sum_bytes', sum(bytes)::text, 'min_bytes', min(bytes)::text,
        'max_bytes', max(bytes)::text, 'avg_bytes', sum(bytes)::float8 / count(bytes)) FROM track WHERE id <= 900`,
    single: true,
  },
  ofTextAndTime: {
    query: q =>
      q.album
        .min('title')
        .max('title')
        .min('releasedOn', 'first')
        .max('releasedOn', 'last')
        .count(),
    sql: `SELECT jsonb_build_object('min_title', min(title COLLATE "C"), 'max_title', max(title COLLATE "C"),
        'first', min(released_on), 'last', max(released_on), 'count', count(*)) FROM album`,
    single: true,
  },
  ofMoments: {
    query: q => q.playlist.max('sharedAt').min('sharedAt'),
    sql: `SELECT jsonb_build_object('max_sharedAt', ms(max(shared_at)), 'min_sharedAt', ms(min(shared_at)))
      FROM playlist`,
    single: true,
  },
  countOfGroups: {
    query: q => q.track.groupBy('genreID').count(),
    sql: `SELECT jsonb_build_object('genreID', genre_id, 'count', count(*)) FROM track
      GROUP BY genre_id ORDER BY genre_id NULLS FIRST`,
  },
  severalOfGroups: {
    query: q =>
      q.invoiceLine
        .where('quantity', '>', 1)
        .groupBy('invoiceID')
        .count()
        .sum('unitPrice')
        .min('id')
        .avg('quantity', 'mean'),
    sql: `SELECT jsonb_build_object('invoiceID', invoice_id, 'count', count(*), 'sum_unitPrice', sum(unit_price),
        'min_id', min(id)::text, 'mean', sum(quantity)::float8 / count(quantity))
      FROM sales.invoice_line WHERE quantity > 1 GROUP BY invoice_id ORDER BY invoice_id`,
  },
  groupsOfTwoColumns: {
    query: q => q.customer.groupBy('country', 'state').count().max('lastName'),
    sql: `SELECT jsonb_build_object('country', country, 'state', state, 'count', count(*),
        'max_lastName', max(last_name COLLATE "C"))
      FROM customer GROUP BY country, state ORDER BY country, state NULLS FIRST`,
  },
  groupsInOrder: {
    query: q =>
      q.invoice
        .groupBy('billingCountry', 'paid')
        .sum('total')
        .orderBy('paid', 'desc')
        .orderBy('billingCountry', 'desc')
        .limit(7),
    sql: `SELECT jsonb_build_object('billingCountry', billing_country, 'paid', paid, 'sum_total', sum(total))
      FROM sales.invoice GROUP BY billing_country, paid
      ORDER BY paid DESC NULLS LAST, billing_country DESC LIMIT 7`,
  },
  groupsOfThoseWithOthers: {
    query: q => q.track.whereExists('lines').groupBy('mediaType').count().max('milliseconds'),
    sql: `SELECT jsonb_build_object('mediaType', media_type, 'count', count(*), 'max_milliseconds', max(milliseconds))
      FROM track WHERE id IN (SELECT track_id FROM sales.invoice_line)
      GROUP BY media_type ORDER BY media_type COLLATE "C"`,
  },
  noGroups: {
    query: q => q.track.where('name', 'no such track').groupBy('genreID').count(),
    sql: `SELECT '{}'::jsonb WHERE false`,
  },
  ofRelated: {
    query: q =>
      q.customer.related('invoices', i => i.count().sum('total').max('invoicedAt', 'latest')),
    sql: `SELECT j(c) || jsonb_build_object('invoices', (
        SELECT jsonb_build_object('count', count(*), 'sum_total', sum(total), 'latest', ms(max(invoiced_at)))
        FROM sales.invoice WHERE customer_id = c.id)) FROM customer c ORDER BY c.id`,
  },
  groupsOfRelated: {
    query: q =>
      q.genre.related('tracks', t => t.where('unitPrice', '>=', 1.25).groupBy('mediaType').count()),
    sql: `SELECT j(g) || jsonb_build_object('tracks', array(
        SELECT jsonb_build_object('mediaType', media_type, 'count', count(*)) FROM track
        WHERE genre_id = g.id AND unit_price >= 1.25 GROUP BY media_type ORDER BY media_type COLLATE "C"))
      FROM genre g ORDER BY g.id`,
  },
  ofRelatedThroughJunction: {
    query: q =>
      q.playlist
        .related('tracks', t => t.count().sum('unitPrice').avg('milliseconds'), {as: 'figures'})
        .related('tracks', t => t.orderBy('id', 'desc').limit(2)),
    sql: `SELECT j(p) || jsonb_build_object(
        'figures', (SELECT jsonb_build_object('count', count(*), 'sum_unitPrice', sum(t.unit_price),
            'avg_milliseconds', sum(t.milliseconds)::float8 / nullif(count(*), 0))
          FROM track t JOIN playlist_track e ON e.track_id = t.id WHERE e.playlist_id = p.id),
        'tracks', array(SELECT j(t) FROM track t JOIN playlist_track e ON e.track_id = t.id
          WHERE e.playlist_id = p.id ORDER BY t.id DESC LIMIT 2))
      FROM playlist p ORDER BY p.id COLLATE "C"`,
  },
  ofRelatedFarDown: {
    query: q =>
      q.artist
        .where('id', '<', 25)
        .related('albums', a => a.related('tracks', t => t.count().min('addedAt'))),
    sql: `SELECT j(a) || jsonb_build_object('albums', array(
        SELECT j(b) || jsonb_build_object('tracks', (
          SELECT jsonb_build_object('count', count(*), 'min_addedAt', ms(min(added_at))) FROM track
          WHERE album_id = b.id))
        FROM album b WHERE b.artist_id = a.id ORDER BY b.id))
      FROM artist a WHERE a.id < 25 ORDER BY a.id`,
  },
}
