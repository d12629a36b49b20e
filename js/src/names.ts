// Names of tables, columns, relationships and of what a query calls the members of its result.

// What Postgres takes; it cuts longer names off.
const nameLengthMax = 63

// Names are identifiers, so that `tx.todo`, SQL and paths all take them as they are.
export function checkName(what: string, name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__') {
    throw new TypeError(
      `${what} "${name}": a name is letters, digits and _, and begins with no digit`,
    )
  }
  if (name.length > nameLengthMax) {
    throw new TypeError(`${what} "${name}": a name has at most ${nameLengthMax} characters`)
  }
}
