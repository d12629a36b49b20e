// The query tree as the core parses it (docs/protocol.md). Literals are in their wire form.

export type ComparisonOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'not in'
  | 'like'
  | 'not like'
  | 'ilike'
  | 'not ilike'
  | 'is'
  | 'is not'

export interface ComparisonAst {
  readonly op: ComparisonOperator
  readonly column: string
  readonly value: unknown
}

export type ConditionAst =
  | ComparisonAst
  | {readonly op: 'and' | 'or'; readonly args: readonly ConditionAst[]}
  | {readonly op: 'not'; readonly arg: ConditionAst}

export interface QueryAst {
  readonly table: string
  readonly where?: ConditionAst
  readonly orderBy?: readonly (readonly [column: string, direction: 'asc' | 'desc'])[]
  readonly limit?: number
  /** The result is the first row or undefined, and not an array. */
  readonly one?: true
}
