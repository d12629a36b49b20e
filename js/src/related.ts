// What the compiler knows of a schema's relationships.
import type {types} from './column.js'
import type {Relationship} from './relationship.js'
import type {AnySchema, TableName} from './schema.js'

type DeclaredIn<R, T> = T extends keyof R ? NonNullable<R[T]> : unknown
type Declared<S extends AnySchema, T> = DeclaredIn<NonNullable<S[typeof types]>['relationships'], T>

/** The relationships of table `T` by name. */
export type RelationshipName<S extends AnySchema, T extends TableName<S>> = keyof Declared<S, T> &
  string

type RelationshipNamed<S extends AnySchema, T, N> = N extends keyof Declared<S, T>
  ? Declared<S, T>[N]
  : never

/** The table that a relationship leads to. */
export type TargetOf<S extends AnySchema, T extends TableName<S>, N> =
  RelationshipNamed<S, T, N> extends Relationship<'one' | 'many', infer Target>
    ? Target & TableName<S>
    : never

/** `one` or `many`. */
export type KindOf<S extends AnySchema, T extends TableName<S>, N> =
  RelationshipNamed<S, T, N> extends Relationship<infer Kind> ? Kind : never
