// Relationships: which rows of another table belong to a row. Declared beside the tables and kept in
// the schema document.
import type {AnyColumn, Columns, types} from './column.js'
import type {AnyTable, Tables} from './table.js'

/** Column of one table → column of the other with the same value. */
export type MatchedColumns = Readonly<Record<string, string>>

/** One row or many rows of `Target` that match; made by `one` and `many`. */
export interface Relationship<
  Kind extends 'one' | 'many' = 'one' | 'many',
  Target extends string = string,
> {
  readonly kind: Kind
  readonly table: Target
  /** Column of the other table, or of the junction → column of the own table. */
  readonly match: MatchedColumns
  /** The junction between both; its columns → columns of the other table. */
  readonly through?: {readonly table: string; readonly match: MatchedColumns}
}

type ColumnsOf<T extends AnyTable> = T[typeof types]['columns']
type ValueOf<C extends AnyColumn> = C[typeof types]['value']

/** Own columns that hold the same type of value as `Other`. */
type Matching<Own extends Columns, Other extends AnyColumn> = {
  [N in keyof Own & string]: ValueOf<Own[N]> extends ValueOf<Other>
    ? N
    : ValueOf<Other> extends ValueOf<Own[N]>
      ? N
      : never
}[keyof Own & string]

type Match<Own extends Columns, Other extends Columns> = {
  readonly [N in keyof Other & string]?: Matching<Own, Other[N]>
}

/** A relationship that still needs its junction. */
interface Junction<
  T extends Tables,
  Own extends keyof T,
  Kind extends 'one' | 'many',
  Target extends keyof T & string,
> {
  /** `through('playlistTrack', {playlistID: 'id'}, {trackID: 'id'})`: the junction's `playlistID` is the own `id`, its `trackID` the other table's. */
  through<const Between extends keyof T & string>(
    junction: Between,
    own: Match<ColumnsOf<T[Own]>, ColumnsOf<T[Between]>>,
    other: Match<ColumnsOf<T[Target]>, ColumnsOf<T[Between]>>,
  ): Relationship<Kind, Target>
}

interface Declare<T extends Tables, Own extends keyof T, Kind extends 'one' | 'many'> {
  <const Target extends keyof T & string>(
    table: Target,
    match: Match<ColumnsOf<T[Own]>, ColumnsOf<T[Target]>>,
  ): Relationship<Kind, Target>
  /** Through the rows of a third table: `many('track').through(…)`. */
  <const Target extends keyof T & string>(table: Target): Junction<T, Own, Kind, Target>
}

/** What a table's relationships are declared with. */
export interface RelationshipHelpers<T extends Tables, Own extends keyof T> {
  /** At most one row: `one('board', {id: 'boardID'})` is the board with `board.id = todo.boardID`. */
  readonly one: Declare<T, Own, 'one'>
  /** Any number of rows: `many('todo', {boardID: 'id'})` are those with `todo.boardID = board.id`. */
  readonly many: Declare<T, Own, 'many'>
}

/** The relationships of one table by name. */
export type Relationships = Readonly<Record<string, Relationship>>

/** The second argument of `defineSchema`: a function per table; `R` is what the functions give. */
export type RelationshipsOf<T extends Tables, R> = {
  readonly [Own in keyof R]: Own extends keyof T
    ? (helpers: RelationshipHelpers<T, Own>) => R[Own]
    : never
}

type GivenMatch = Readonly<Record<string, string | undefined>>

const matched = (match: GivenMatch): MatchedColumns =>
  Object.fromEntries(
    Object.entries(match).filter((pair): pair is [string, string] => pair[1] != null),
  )

const declare =
  <Kind extends 'one' | 'many'>(kind: Kind) =>
  (table: string, match?: GivenMatch) =>
    match === undefined
      ? {
          through: (junction: string, own: GivenMatch, other: GivenMatch): Relationship<Kind> => ({
            kind,
            table,
            match: matched(own),
            through: {table: junction, match: matched(other)},
          }),
        }
      : {kind, table, match: matched(match)}

export const relationshipHelpers = {one: declare('one'), many: declare('many')}
