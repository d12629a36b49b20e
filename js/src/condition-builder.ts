// Conditions of queries as they run: checks what got past the compiler and writes the tree.
import {invalidArgs} from './errors.js'
import {encodeText, kindOf} from './json.js'
import {encodeColumn} from './layout.js'
import type {ColumnLayout, TableLayout} from './layout.js'
import type {PathStep} from './paths.js'
import type {ComparisonAst, ComparisonOperator, ConditionAst} from './query-ast.js'

/** The arguments of a comparison. */
export type Compared = readonly [left: unknown, operatorOrValue: unknown, value?: unknown]

/** `condition and further`, flat. */
export const conjunction = (
  condition: ConditionAst | undefined,
  further: ConditionAst,
): ConditionAst => {
  if (condition === undefined) return further
  const args = condition.op === 'and' ? condition.args : [condition]
  return {op: 'and', args: [...args, further]}
}

/** A condition with its syntax tree, hidden from the compiler. */
class BuiltCondition {
  readonly ast: ConditionAst

  constructor(ast: ConditionAst) {
    this.ast = ast
  }
}

export function conditionOf(value: unknown): ConditionAst {
  if (value instanceof BuiltCondition) return value.ast
  throw invalidArgs(
    `where: a condition is made by cmp, and, or, not, exists; this is ${kindOf(value)}`,
  )
}

/** What the callback of `where` gets; `exists` makes the condition of a relationship. */
export const helpersFor = (
  layout: TableLayout,
  exists: (relationship: unknown, rows: unknown) => ConditionAst,
) => ({
  cmp: (...args: Compared) => new BuiltCondition(comparison(layout, args)),
  and: (...args: unknown[]) => new BuiltCondition({op: 'and', args: args.map(conditionOf)}),
  or: (...args: unknown[]) => new BuiltCondition({op: 'or', args: args.map(conditionOf)}),
  not: (arg: unknown) => new BuiltCondition({op: 'not', arg: conditionOf(arg)}),
  exists: (relationship: unknown, rows?: unknown) => new BuiltCondition(exists(relationship, rows)),
})

type OperatorKind = 'equality' | 'order' | 'list' | 'pattern' | 'identity'
const operators: ReadonlyMap<unknown, OperatorKind> = new Map<ComparisonOperator, OperatorKind>([
  ['=', 'equality'],
  ['!=', 'equality'],
  ['<', 'order'],
  ['<=', 'order'],
  ['>', 'order'],
  ['>=', 'order'],
  ['in', 'list'],
  ['not in', 'list'],
  ['like', 'pattern'],
  ['not like', 'pattern'],
  ['ilike', 'pattern'],
  ['not ilike', 'pattern'],
  ['is', 'identity'],
  ['is not', 'identity'],
])

export function comparison(layout: TableLayout, args: Compared): ComparisonAst {
  const [left, second, third] = args
  const op = args.length === 2 ? '=' : second
  const value = args.length === 2 ? second : third
  const kind = operators.get(op)
  if (kind === undefined) throw invalidArgs(`where: there is no operator ${String(op)}`)
  const operator = op as ComparisonOperator
  if (Array.isArray(left)) return ofDocument(layout, left as unknown[], operator, kind, value)

  const column = layout.column(left as string)
  const {type, name} = column.document
  if (type === 'json' && (kind !== 'identity' || value !== null)) {
    throw invalidArgs(
      `where: ${column.path} is JSON: it only compares as 'is' or 'is not' null, and what is in it by a path, ['${name}', …]`,
    )
  }
  if (kind === 'pattern' && type !== 'string' && type !== 'enumeration') {
    throw invalidArgs(`where: '${operator}' needs text, and ${column.path} is a ${type}`)
  }
  return {op: operator, column: name, value: literal(column, kind, value)}
}

// The wire form of a literal. Null is one of every type.
function literal(column: ColumnLayout, kind: OperatorKind, value: unknown): unknown {
  if (kind === 'list') {
    return listOf(column.path, value).map(element => literal(column, 'equality', element))
  }
  if (value === undefined) throw invalidArgs(`where: ${column.path} is compared with undefined`)
  if (value === null) return null
  // A pattern is any text, also where the column is an enumeration.
  const json = kind === 'pattern' ? encodeText(value, column.path) : encodeColumn(column, value)
  return JSON.parse(json) as unknown
}

function listOf(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[]
  throw invalidArgs(`where: 'in' takes an array, and ${path} got ${kindOf(value)}`)
}

function ofDocument(
  layout: TableLayout,
  [name, ...steps]: readonly unknown[],
  op: ComparisonOperator,
  kind: OperatorKind,
  value: unknown,
): ComparisonAst {
  const {document, path: columnPath} = layout.column(name as string)
  if (document.type !== 'json') {
    throw invalidArgs(`where: ${columnPath} is a ${document.type}: paths go into JSON columns`)
  }
  if (steps.length === 0) {
    throw invalidArgs(
      `where: a path into ${columnPath} has a step at least: ['${document.name}', …]`,
    )
  }
  const path = steps.map(step => checkedStep(columnPath, step))
  const place = [columnPath, ...path].join('.')
  return {op, column: document.name, path, value: scalars(place, op, kind, value)}
}

function checkedStep(path: string, step: unknown): PathStep {
  if (typeof step === 'string') {
    encodeText(step, `a path below ${path}`)
    return step
  }
  if (Number.isSafeInteger(step) && (step as number) >= 0) return step as number
  throw invalidArgs(`a path below ${path} takes names and indexes, not ${kindOf(step)}`)
}

// A literal says which type is compared: all of a list are of one type.
function scalars(
  place: string,
  op: ComparisonOperator,
  kind: OperatorKind,
  value: unknown,
): unknown {
  if (kind === 'list') {
    const list = listOf(place, value)
    for (const element of list) {
      checkScalar(place, op, kind, element)
      if (typeof element !== typeof list[0]) {
        throw invalidArgs(`where: ${place} is compared with values of different types`)
      }
    }
    return list
  }
  if (kind === 'identity' && value === null) return null
  checkScalar(place, op, kind, value)
  return value
}

function checkScalar(
  place: string,
  op: ComparisonOperator,
  kind: OperatorKind,
  value: unknown,
): void {
  if (value === undefined) throw invalidArgs(`where: ${place} is compared with undefined`)
  if (value === null) {
    throw invalidArgs(`where: ${place} is compared with null: use 'is' or 'is not'`)
  }
  if (kind === 'pattern' || typeof value === 'string') encodeText(value, place)
  else if (typeof value === 'boolean' && kind === 'order') {
    throw invalidArgs(`where: ${place} ${op} ${String(value)}: booleans have no order`)
  } else if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'boolean') {
    throw invalidArgs(
      `where: ${place} compares with text, finite numbers and booleans, not ${typeof value === 'number' ? String(value) : kindOf(value)}`,
    )
  }
}
