// Typed paths into JSON columns: `['doc', 'nodes', node, 'position']` begins with the column, goes on
// with names of objects' members and indexes of arrays, and gives the type at its end. A path is
// checked step by step against the type, so recursive documents need no depth limit.
import type {Columns, types} from './column.js'

/** A member's name or an array's index. */
export type PathStep = string | number

type NotNull<T> = Exclude<T, null | undefined>

// The steps that can be taken from a value of type `T`.
type StepsOf<T> = unknown extends T
  ? PathStep
  : NotNull<T> extends infer N
    ? N extends readonly unknown[]
      ? number
      : N extends object
        ? keyof N & string
        : never
    : never

type ChildOf<T, K> = unknown extends T
  ? unknown
  : NotNull<T> extends infer N
    ? N extends readonly (infer Element)[]
      ? K extends number
        ? Element
        : never
      : K extends keyof N
        ? Exclude<N[K], undefined>
        : never
    : never

// The type at the end of a path below a value of type `T`.
type AtPath<T, P extends readonly unknown[]> = P extends readonly [infer K, ...infer Rest]
  ? AtPath<ChildOf<T, K>, Rest>
  : T

// `P` if every step fits, else the path up to the wrong step followed by what would fit.
type Checked<
  T,
  P extends readonly unknown[],
  Done extends readonly unknown[],
> = P extends readonly [infer K, ...infer Rest]
  ? [K] extends [StepsOf<T>]
    ? Checked<ChildOf<T, K>, Rest, readonly [...Done, K]>
    : readonly [...Done, StepsOf<T>]
  : Done

type JsonColumn<C extends Columns> = {
  [N in keyof C & string]: C[N][typeof types]['type'] extends 'json' ? N : never
}[keyof C & string]

// What the JSON columns hold, by name: the value that the paths of a row start from.
type Documents<C extends Columns> = {
  readonly [N in JsonColumn<C>]: C[N][typeof types]['value']
}

/** Any path of a table: its first step is a JSON column. */
export type Path<C extends Columns> = readonly [JsonColumn<C>, ...PathStep[]]

/** The type of the value at path `P`. */
export type ValueAt<C extends Columns, P extends readonly unknown[]> = AtPath<Documents<C>, P>

// True where member `K` of an object may be absent: optional, or one of a record.
type IsOptional<N, K> = N extends readonly unknown[]
  ? false
  : K extends keyof N
    ? string extends keyof N
      ? true
      : object extends Pick<N, K>
        ? true
        : false
    : false

type CanUnset<T, P extends readonly unknown[]> = P extends readonly [infer K, ...infer Rest]
  ? Rest extends readonly []
    ? unknown extends T
      ? true
      : IsOptional<NotNull<T>, K>
    : CanUnset<ChildOf<T, K>, Rest>
  : false

// A parameter of type `P` where the path fits; where it does not, the compiler's message shows what
// would fit or says what is wrong.
type Fitting<T, P extends readonly unknown[], Fits, Complaint extends string> =
  P extends Checked<T, P, readonly []>
    ? [Fits] extends [true]
      ? P
      : Complaint
    : Checked<T, P, readonly []>

type Ends<T, Wanted> = unknown extends T ? true : [NotNull<T>] extends [Wanted] ? true : false

/** `P` if it exists. */
export type PathToValue<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  true,
  never
>

/** `P` if what is at its end may be absent. */
export type PathToOptional<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  CanUnset<Documents<C>, P>,
  'only an optional member, or one of a record, can be unset'
>

/** `P` if an object is at its end. */
export type PathToObject<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  ValueAt<C, P> extends readonly unknown[] | null ? false : Ends<ValueAt<C, P>, object>,
  'the value at the end of the path is not an object'
>

/** `P` if a number is at its end. */
export type PathToNumber<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  Ends<ValueAt<C, P>, number>,
  'the value at the end of the path is not a number'
>

/** `P` if an array is at its end. */
export type PathToArray<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  Ends<ValueAt<C, P>, readonly unknown[]>,
  'the value at the end of the path is not an array'
>

/** The members of the object at the end of `P`, each of them optional. */
export type MembersAt<C extends Columns, P extends readonly unknown[]> = Partial<
  NotNull<ValueAt<C, P>>
>

/** The elements of the array at the end of `P`. */
export type ElementAt<C extends Columns, P extends readonly unknown[]> =
  unknown extends ValueAt<C, P>
    ? unknown
    : NotNull<ValueAt<C, P>> extends readonly (infer Element)[]
      ? Element
      : never

/** A path with a step at least below its column. */
export type PathBelow<C extends Columns> = readonly [JsonColumn<C>, PathStep, ...PathStep[]]

type Scalar = string | number | boolean

/** What a condition compares at path `P`: text, numbers or booleans; any where nothing is known. */
export type ScalarAt<C extends Columns, P extends readonly unknown[]> =
  unknown extends ValueAt<C, P> ? Scalar : Extract<NotNull<ValueAt<C, P>>, Scalar>

/** `P` if text, a number or a boolean may be at its end. */
export type PathToScalar<C extends Columns, P extends readonly unknown[]> = Fitting<
  Documents<C>,
  P,
  [ScalarAt<C, P>] extends [never] ? false : true,
  'what is at the end of the path is no text, number or boolean'
>
