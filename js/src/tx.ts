// What a mutator is given: `tx`, the tables, and `ctx`, the circumstances of its call. Everything is
// synchronous. A failed write fails the mutation, whatever the mutator does with the error: branch
// with `get`, or write with `upsert`.
import type {JsonValue} from './json.js'
import type {
  ElementAt,
  MembersAt,
  Path,
  PathToArray,
  PathToNumber,
  PathToObject,
  PathToOptional,
  PathToValue,
  ValueAt,
} from './paths.js'
import type {AnyQuery, QueryRoots} from './query.js'
import type {ColumnsOf, InsertRow, Key, Row, UpdateRow} from './rows.js'
import type {AnySchema, TableName} from './schema.js'

/** Reads and writes of one table inside a mutator. */
export interface TableTx<S extends AnySchema, T extends TableName<S>> {
  /** The row, or undefined: there is none or, on a client, it is not known here. */
  readonly get: (key: Key<S, T>) => Row<S, T> | undefined
  /** Adds a row; `already_exists` if its key is taken. */
  readonly insert: (row: InsertRow<S, T>) => void
  /** Adds a row, or writes the columns given over the row with its key. */
  readonly upsert: (row: InsertRow<S, T>) => void
  /** Changes the columns given; `not_found` if there is no such row. */
  readonly update: (row: UpdateRow<S, T>) => void
  /** Removes the row; nothing happens if there is none. */
  readonly delete: (key: Key<S, T>) => void

  /** Puts `value` at a path of a JSON column and leaves the rest; missing objects are made. */
  readonly set: <const P extends Path<ColumnsOf<S, T>>>(
    key: Key<S, T>,
    path: PathToValue<ColumnsOf<S, T>, P>,
    value: ValueAt<ColumnsOf<S, T>, P>,
  ) => void
  /** Removes an optional member or one of a record; nothing happens if it is absent. */
  readonly unset: <const P extends Path<ColumnsOf<S, T>>>(
    key: Key<S, T>,
    path: PathToOptional<ColumnsOf<S, T>, P>,
  ) => void
  /** Puts each member of `value` into the object at the path and leaves the other members. */
  readonly merge: <const P extends Path<ColumnsOf<S, T>>>(
    key: Key<S, T>,
    path: PathToObject<ColumnsOf<S, T>, P>,
    value: MembersAt<ColumnsOf<S, T>, P>,
  ) => void
  /** Adds to the number at the path; absent counts as 0. */
  readonly increment: <const P extends Path<ColumnsOf<S, T>>>(
    key: Key<S, T>,
    path: PathToNumber<ColumnsOf<S, T>, P>,
    by: number,
  ) => void
  /** Replaces `remove` elements at `index` of the array at the path, as Array's splice does. */
  readonly splice: <const P extends Path<ColumnsOf<S, T>>>(
    key: Key<S, T>,
    path: PathToArray<ColumnsOf<S, T>, P>,
    index: number,
    remove: number,
    ...insert: ElementAt<ColumnsOf<S, T>, P>[]
  ) => void
}

/** The tables of a schema inside a mutator, and nothing else. */
export type Tx<S extends AnySchema> = {readonly [T in TableName<S>]: TableTx<S, T>}

/** The claims of a caller, verified by the server. */
export interface Claims {
  /** The subject: who the caller is. */
  readonly sub?: string
  readonly [claim: string]: JsonValue | undefined
}

/** What a query is told about its caller. */
export interface QueryContext {
  /** On the client the last claims it was told (kept for offline); null without a token. */
  readonly auth: Claims | null
  readonly location: 'client' | 'server'
}

/** What a mutator is told about its call. The same values in every run of it, but for the last two. */
export interface MutatorContext<S extends AnySchema> {
  readonly auth: Claims | null
  readonly clientID: string
  /** When the call was made: milliseconds since the epoch. */
  readonly timestamp: number
  /** The next UUID (version 7) of this call. */
  readonly uuid: () => string
  /** Reads by a query; on a client only what is synced to it. */
  readonly run: <Data>(build: (q: QueryRoots<S>) => AnyQuery<Data>) => Data
  readonly location: 'client' | 'server'
  readonly reason: 'optimistic' | 'rebase' | 'authoritative'
}
