// All queries of the test by name, `conditions.equalText`.
import {aggregates} from './aggregates.js'
import type {Case, Cases} from './case.js'
import {conditions} from './conditions.js'
import {documents} from './documents.js'
import {exists} from './exists.js'
import {pages} from './pages.js'
import {related} from './related.js'

const groups: Readonly<Record<string, Cases>> = {
  conditions,
  documents,
  pages,
  exists,
  related,
  aggregates,
}

export const cases: ReadonlyMap<string, Case> = new Map(
  Object.entries(groups).flatMap(([group, members]) =>
    Object.entries(members).map(([name, made]) => [`${group}.${name}`, made] as const),
  ),
)
