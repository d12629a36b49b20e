// Columns of a table: `string() number() boolean() bigint() timestamp() date() json<T>()
// enumeration(…)` and what can be said of each. A column is immutable: every method gives a new one.
import {encodeDocument} from './json.js'

/** The closed set of column types. */
export type ColumnType =
  'string' | 'number' | 'boolean' | 'bigint' | 'timestamp' | 'date' | 'json' | 'enumeration'

/** A column in the schema document. */
export interface ColumnDocument {
  readonly name: string
  readonly from?: string
  readonly type: ColumnType
  readonly optional?: true
  readonly default?: unknown
  readonly values?: readonly string[]
}

/** Marks what exists for the compiler only. */
export declare const types: unique symbol

/** A column that holds `Value`; made by the builders below, never by hand. */
export class Column<
  Value,
  Type extends ColumnType,
  Optional extends boolean = false,
  HasDefault extends boolean = false,
> {
  declare readonly [types]: {
    readonly value: Value
    readonly type: Type
    readonly optional: Optional
    readonly hasDefault: HasDefault
  }
  /** What the schema document says of the column, its name apart. */
  readonly definition: Omit<ColumnDocument, 'name'>

  constructor(definition: Omit<ColumnDocument, 'name'>) {
    this.definition = definition
  }

  /** May be null, which is also what a row has that was inserted without it. */
  optional(): Column<Value, Type, true, HasDefault> {
    return new Column({...this.definition, optional: true})
  }

  /** The value of a row that was inserted without this column. */
  default(value: Value): Column<Value, Type, Optional, true> {
    const wire = typeof value === 'bigint' ? value.toString() : value
    const json: unknown = JSON.parse(encodeDocument(wire, 'a column default'))
    return new Column({...this.definition, default: json})
  }

  /** The column's name in the database, where it differs. */
  from(databaseName: string): Column<Value, Type, Optional, HasDefault> {
    return new Column({...this.definition, from: databaseName})
  }
}

/** Any column. */
export interface AnyColumn {
  readonly [types]: {
    readonly value: unknown
    readonly type: ColumnType
    readonly optional: boolean
    readonly hasDefault: boolean
  }
  readonly definition: Omit<ColumnDocument, 'name'>
}
/** The columns of a table by name. */
export type Columns = Readonly<Record<string, AnyColumn>>

/** Text, compared by code point. */
export const string = (): Column<string, 'string'> => new Column({type: 'string'})

/** A finite double. */
export const number = (): Column<number, 'number'> => new Column({type: 'number'})

export const boolean = (): Column<boolean, 'boolean'> => new Column({type: 'boolean'})

/** A 64-bit integer, exact; a decimal string in JSON. */
export const bigint = (): Column<bigint, 'bigint'> => new Column({type: 'bigint'})

/** A moment: whole milliseconds since the epoch, as `Date.now()` gives them. */
export const timestamp = (): Column<number, 'timestamp'> => new Column({type: 'timestamp'})

/** A calendar day: text of the form YYYY-MM-DD. */
export const date = (): Column<string, 'date'> => new Column({type: 'date'})

/** Any JSON value, which mutators can change in part (`tx.board.set(id, ['doc', …], value)`). */
export const json = <Value>(): Column<Value, 'json'> => new Column({type: 'json'})

/** One of a few texts: `enumeration('low', 'high')`. */
export const enumeration = <const Values extends readonly [string, ...string[]]>(
  ...values: Values
): Column<Values[number], 'enumeration'> => new Column({type: 'enumeration', values})
