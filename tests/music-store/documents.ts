// Conditions on what lies at a path of a JSON column: absent, JSON's null and another type are unknown.
import type {Cases} from './case.js'

export const documents: Cases = {
  textAtPath: {
    query: q => q.track.where(['tags', 'mood'], 'Dark').where('id', '<', 900),
    sql: `SELECT j(t) FROM track t WHERE t.tags->>'mood' = 'Dark' AND t.id < 900 ORDER BY t.id`,
  },
  unequalTextAtPath: {
    query: q => q.track.where(['tags', 'mood'], '!=', 'Dark').where('id', '<', 120),
    sql: `SELECT j(t) FROM track t WHERE t.tags->>'mood' <> 'Dark' AND t.id < 120 ORDER BY t.id`,
  },
  notOfUnknownAtPath: {
    query: q =>
      q.track.where('id', '<', 120).where(({not, cmp}) => not(cmp(['tags', 'live'], true))),
    sql: `SELECT j(t) FROM track t WHERE t.id < 120 AND t.tags->>'live' = 'false' ORDER BY t.id`,
  },
  numberAtPath: {
    query: q => q.track.where(['tags', 'bpm'], '>', 178.5),
    sql: `SELECT j(t) FROM track t WHERE (t.tags->>'bpm')::float8 > 178.5 ORDER BY t.id`,
  },
  numbersAtPath: {
    query: q => q.track.where(['tags', 'bpm'], 'in', [99, 99.5]),
    sql: `SELECT j(t) FROM track t WHERE (t.tags->>'bpm')::float8 IN (99, 99.5) ORDER BY t.id`,
  },
  notAmongTextsAtPath: {
    query: q => q.track.where(['tags', 'mood'], 'not in', ['calm', '']).where('id', '>', 3300),
    sql: `SELECT j(t) FROM track t WHERE t.tags->>'mood' NOT IN ('calm', '') AND t.id > 3300 ORDER BY t.id`,
  },
  nothingAtPath: {
    query: q => q.track.where(['tags', 'mood'], 'is', null).where('id', '<', 100),
    sql: `SELECT j(t) FROM track t WHERE t.tags->>'mood' IS NULL AND t.id < 100 ORDER BY t.id`,
  },
  somethingAtPath: {
    query: q => q.track.where(['tags', 'credits', 1, 'role'], 'is not', null).where('id', '<', 500),
    sql: `SELECT j(t) FROM track t WHERE t.tags#>>'{credits,1,role}' IS NOT NULL AND t.id < 500 ORDER BY t.id`,
  },
  elementOfArray: {
    query: q => q.track.where(['tags', 'instruments', 0], 'like', '%ol_').where('id', '<', 800),
    sql: `SELECT j(t) FROM track t WHERE t.tags#>>'{instruments,0}' LIKE '%ol_' AND t.id < 800 ORDER BY t.id`,
  },
  // The column is `json` in the database, and not `jsonb`.
  deepInDocument: {
    query: q =>
      q.customer.where(({or, cmp}) =>
        or(
          cmp(['preferences', 'notify', 'limit'], '>=', 4),
          cmp(['preferences', 'formats', 1], 'ilike', 'FL%'),
        ),
      ),
    sql: `SELECT j(c) FROM customer c
      WHERE (c.preferences#>>'{notify,limit}')::int >= 4 OR c.preferences#>>'{formats,1}' LIKE 'fl%' ORDER BY c.id`,
  },
  booleanAtPath: {
    query: q => q.customer.where(['preferences', 'notify', 'email'], false),
    sql: `SELECT j(c) FROM customer c WHERE c.preferences#>>'{notify,email}' = 'false' ORDER BY c.id`,
  },
}
