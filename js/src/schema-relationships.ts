// Relationships in the schema document: written from what was declared, and checked against the
// tables they name.
import type {ColumnDocument, ColumnType} from './column.js'
import {checkName} from './names.js'
import type {MatchedColumns, Relationship} from './relationship.js'
import type {RelationshipDocument, TableDocument} from './schema.js'

export function relationshipDocument(
  table: string,
  name: string,
  {kind, table: target, match, through}: Relationship,
): RelationshipDocument {
  const where = `${table}.${name}`
  checkName(`table "${table}": relationship`, name)
  // A junction that was not said is a mistake that only JavaScript can make.
  if ((match as MatchedColumns | undefined) === undefined) {
    throw new TypeError(`${where}: say what matches, or .through(a junction, …)`)
  }
  const pairs = Object.entries(match)
  const own = new Map(pairs.map(([other, column]) => [column, other]))
  if (own.size !== pairs.length) {
    throw new TypeError(`${where}: a column of "${table}" is matched twice`)
  }
  for (const columns of through === undefined ? [match] : [match, through.match]) {
    if (Object.keys(columns).length > 0) continue
    throw new TypeError(`${where}: a relationship matches columns`)
  }
  const document = {name, kind, table: target, match: Object.fromEntries(own)}
  return through === undefined ? document : {...document, through}
}

export function checkRelationship(
  tables: ReadonlyMap<string, TableDocument>,
  table: TableDocument,
  {name, table: target, match, through}: RelationshipDocument,
): void {
  const where = `${table.name}.${name}`
  const tableNamed = (named: string): TableDocument => {
    const found = tables.get(named)
    if (found === undefined) throw new TypeError(`${where}: there is no table "${named}"`)
    return found
  }
  if (table.columns.some(column => column.name === name)) {
    throw new TypeError(`${where}: a column has the same name as the relationship`)
  }
  const other = tableNamed(target)
  if (through === undefined) {
    checkMatch(where, table, other, match)
  } else {
    const junction = tableNamed(through.table)
    checkMatch(where, table, junction, match)
    checkMatch(where, junction, other, through.match)
  }
}

function checkMatch(
  where: string,
  left: TableDocument,
  right: TableDocument,
  match: MatchedColumns,
): void {
  for (const [name, otherName] of Object.entries(match)) {
    const column = columnOf(left, name, where)
    const other = columnOf(right, otherName, where)
    if (column.type === 'json' || kindOfType(column.type) !== kindOfType(other.type)) {
      throw new TypeError(
        `${where}: ${left.name}.${name} (${column.type}) cannot match ${right.name}.${otherName} (${other.type})`,
      )
    }
  }
}

// Columns match when their values compare: text with text, numbers with moments.
function kindOfType(type: ColumnType): string {
  if (type === 'date' || type === 'enumeration') return 'string'
  return type === 'timestamp' ? 'number' : type
}

function columnOf(table: TableDocument, name: string, where: string): ColumnDocument {
  const column = table.columns.find(candidate => candidate.name === name)
  if (column === undefined) throw new TypeError(`${where}: "${table.name}" has no column "${name}"`)
  return column
}
