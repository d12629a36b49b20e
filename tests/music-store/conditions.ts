// Conditions: every operator on every type of column, and what null does to each.
import type {Cases} from './case.js'

const moment = (text: string): number => Date.parse(text)
/** What the compiler refuses in a list, and SQL takes. */
const nothing = null as unknown as string

export const conditions: Cases = {
  everyRow: {
    query: q => q.genre,
    sql: `SELECT j(g) FROM genre g ORDER BY g.id`,
  },
  equalText: {
    query: q => q.employee.where('title', 'agent'),
    sql: `SELECT j(e) FROM employee e WHERE e.title = 'agent' ORDER BY e.id`,
  },
  unequalPassesNullOver: {
    query: q => q.customer.where('state', '!=', 'NA'),
    sql: `SELECT j(c) FROM customer c WHERE c.state <> 'NA' ORDER BY c.id`,
  },
  numbersBetween: {
    query: q => q.track.where('milliseconds', '>=', 61_000).where('milliseconds', '<', 64_000),
    sql: `SELECT j(t) FROM track t WHERE t.milliseconds >= 61000 AND t.milliseconds < 64000 ORDER BY t.id`,
  },
  priceAndLength: {
    query: q => q.track.where('unitPrice', '>', 1.25).where('milliseconds', '<=', 67_000),
    sql: `SELECT j(t) FROM track t WHERE t.unit_price > 1.25 AND t.milliseconds <= 67000 ORDER BY t.id`,
  },
  textByCodePoint: {
    query: q => q.artist.where('name', '>=', 'z'),
    sql: `SELECT j(a) FROM artist a WHERE a.name COLLATE "C" >= 'z' ORDER BY a.id`,
  },
  equalNullIsNothing: {
    query: q => q.customer.where(({cmp}) => cmp('state', '=', nothing)),
    sql: `SELECT j(c) FROM customer c WHERE c.state = NULL ORDER BY c.id`,
  },
  inList: {
    query: q => q.customer.where('country', 'in', ['Norland', 'Vesta', 'Nowhere']),
    sql: `SELECT j(c) FROM customer c WHERE c.country IN ('Norland', 'Vesta', 'Nowhere') ORDER BY c.id`,
  },
  inListWithNull: {
    query: q => q.customer.where('state', 'in', ['SA', nothing]),
    sql: `SELECT j(c) FROM customer c WHERE c.state IN ('SA', NULL) ORDER BY c.id`,
  },
  inEmptyList: {
    query: q => q.customer.where('state', 'in', []),
    sql: `SELECT j(c) FROM customer c WHERE c.state = ANY ('{}')`,
  },
  notInList: {
    query: q => q.album.where('artistID', '<', 30).where('releasedOn', 'not in', ['1968-02-14']),
    sql: `SELECT j(a) FROM album a WHERE a.artist_id < 30 AND a.released_on NOT IN ('1968-02-14') ORDER BY a.id`,
  },
  notInListWithNull: {
    query: q => q.customer.where('state', 'not in', ['SA', nothing]),
    sql: `SELECT j(c) FROM customer c WHERE c.state NOT IN ('SA', NULL) ORDER BY c.id`,
  },
  notInEmptyListTakesNull: {
    query: q => q.customer.where('state', 'not in', []),
    sql: `SELECT j(c) FROM customer c WHERE c.state <> ALL ('{}') ORDER BY c.id`,
  },
  isNull: {
    query: q => q.track.where('albumID', 'is', null),
    sql: `SELECT j(t) FROM track t WHERE t.album_id IS NULL ORDER BY t.id`,
  },
  isNotNull: {
    query: q => q.customer.where('company', 'is not', null),
    sql: `SELECT j(c) FROM customer c WHERE c.company IS NOT NULL ORDER BY c.id`,
  },
  isNotValueTakesNull: {
    query: q => q.customer.where('state', 'is not', 'NA').where('country', 'is', 'Sudria'),
    sql: `SELECT j(c) FROM customer c
      WHERE c.state IS DISTINCT FROM 'NA' AND c.country IS NOT DISTINCT FROM 'Sudria' ORDER BY c.id`,
  },
  likePattern: {
    query: q => q.artist.where('name', 'like', '%o_r%'),
    sql: `SELECT j(a) FROM artist a WHERE a.name LIKE '%o_r%' ORDER BY a.id`,
  },
  likeHasNoEscape: {
    query: q =>
      q.track.where(({or, cmp}) =>
        or(
          cmp('name', 'like', 'back\\sl%'),
          cmp('name', 'like', '100\\% %'),
          cmp('name', 'like', 'lo\\_fi'),
        ),
      ),
    sql: `SELECT j(t) FROM track t WHERE t.name = 'back\\slash' ORDER BY t.id`,
  },
  notLikePassesNullOver: {
    query: q => q.artist.where('name', 'not like', '%a%'),
    sql: `SELECT j(a) FROM artist a WHERE a.name NOT LIKE '%a%' ORDER BY a.id`,
  },
  // One character of a pattern is a code point, also outside of the basic plane; only ASCII is folded.
  ilikeFoldsAscii: {
    query: q =>
      q.track.where(({or, cmp}) =>
        or(
          cmp('name', 'ilike', 'zULo'),
          cmp('name', 'ilike', 'éA'),
          cmp('name', 'ilike', '_ CLEF'),
        ),
      ),
    sql: `SELECT j(t) FROM track t
      WHERE t.name IN ('Zulo', 'zulo') OR t.name = 'éa' OR t.name = '𝄞 clef' ORDER BY t.id`,
  },
  notIlike: {
    query: q => q.employee.where('title', 'not ilike', 'AGENT'),
    sql: `SELECT j(e) FROM employee e WHERE lower(e.title) <> 'agent' ORDER BY e.id`,
  },
  enumerationLike: {
    query: q => q.mediaType.where('kind', 'in', ['file', 'disc']).where('kind', 'like', '%i%e'),
    sql: `SELECT j(m) FROM media_type m WHERE m.kind IN ('file', 'disc') AND m.kind LIKE '%i%e' ORDER BY m.code`,
  },
  booleanWithNull: {
    query: q => q.invoice.where('paid', '!=', true).where('customerID', '<', 12),
    sql: `SELECT j(i) FROM sales.invoice i WHERE i.paid <> true AND i.customer_id < 12 ORDER BY i.id`,
  },
  andOrNot: {
    query: q =>
      q.invoice.where(({and, or, not, cmp}) =>
        or(
          and(cmp('billingCountry', 'Vesta'), cmp('total', '>', 12.5)),
          and(not(or(cmp('paid', true), cmp('billingState', '!=', 'SA'))), cmp('total', '<', 6)),
        ),
      ),
    sql: `SELECT j(i) FROM sales.invoice i
      WHERE (i.billing_country = 'Vesta' AND i.total > 12.5)
         OR (NOT (i.paid = true OR i.billing_state <> 'SA') AND i.total < 6) ORDER BY i.id`,
  },
  notOfUnknownIsUnknown: {
    query: q => q.customer.where(({not, cmp}) => not(cmp('fax', 'like', '+5%'))),
    sql: `SELECT j(c) FROM customer c WHERE NOT (c.fax LIKE '+5%') ORDER BY c.id`,
  },
  emptyAndIsTrue: {
    query: q => q.playlist.where(({and}) => and()),
    sql: `SELECT j(p) FROM playlist p ORDER BY p.id COLLATE "C"`,
  },
  emptyOrIsFalse: {
    query: q => q.playlist.where(({or}) => or()),
    sql: `SELECT j(p) FROM playlist p WHERE false`,
  },
  bigintExact: {
    query: q => q.track.where('bytes', 9_007_199_254_740_993n).where('id', '<=', 700),
    sql: `SELECT j(t) FROM track t WHERE t.bytes = 9007199254740993 AND t.id <= 700 ORDER BY t.id`,
  },
  bigintOrder: {
    query: q => q.track.where('bytes', '>', 9_007_199_254_740_996n),
    sql: `SELECT j(t) FROM track t WHERE t.bytes > 9007199254740996 ORDER BY t.id`,
  },
  bigintKeys: {
    query: q => q.invoiceLine.where('id', 'in', [9_007_199_254_740_993n, 9_007_199_254_740_994n]),
    sql: `SELECT j(l) FROM sales.invoice_line l WHERE l.id IN (9007199254740993, 9007199254740994) ORDER BY l.id`,
  },
  timestampBetween: {
    query: q =>
      q.invoice
        .where('invoicedAt', '>=', moment('2011-03-01T00:00:00.125Z'))
        .where('invoicedAt', '<', moment('2011-04-01T00:00:00Z')),
    sql: `SELECT j(i) FROM sales.invoice i
      WHERE i.invoiced_at >= '2011-03-01T00:00:00.125Z' AND i.invoiced_at < '2011-04-01T00:00:00Z' ORDER BY i.id`,
  },
  timestampRoundedDown: {
    query: q => q.playlist.where('sharedAt', '<=', moment('2010-02-01T12:00:00.123Z')),
    sql: `SELECT j(p) FROM playlist p
      WHERE date_trunc('milliseconds', p.shared_at) <= '2010-02-01 12:00:00.123' ORDER BY p.id COLLATE "C"`,
  },
  dateBefore: {
    query: q => q.album.where('releasedOn', '<', '1962-01-01'),
    sql: `SELECT j(a) FROM album a WHERE a.released_on < '1962-01-01' ORDER BY a.id`,
  },
}
