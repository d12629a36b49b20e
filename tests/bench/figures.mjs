// Figures beside goals: collected by the benchmarks, printed as a table, written as JSON.

import {writeFileSync} from 'node:fs'

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} unit
 * @property {number} value the median of the runs
 * @property {string} goal `< 0.15` or `> 1000`; empty: only for comparison
 * @property {boolean} ok
 * @property {number} runs
 */

/** @param {readonly number[]} values */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export const median = values => quantile(values, 0.5)

export class Figures {
  /** @type {Figure[]} */
  #figures = []

  /** @param {string} name @param {string} unit @param {readonly number[]} values @param {string} [goal] */
  add(name, unit, values, goal = '') {
    const value = median(values)
    const bound = Number(goal.slice(2))
    const ok = goal === '' || (goal.startsWith('<') ? value < bound : value > bound)
    this.#figures.push({name, unit, value, goal, ok, runs: values.length})
    console.error(`  ${name}: ${format(value)} ${unit}${goal && ` (goal ${goal})`}`)
  }

  print() {
    const rows = this.#figures.map(({name, unit, value, goal, ok, runs}) => [
      name,
      `${format(value)} ${unit}`,
      goal === '' ? '' : `${goal} ${unit}`,
      goal === '' ? '' : ok ? 'ok' : 'MISSED',
      String(runs),
    ])
    const table = [['what', 'figure', 'goal', '', 'runs'], ...rows]
    const widths = table[0].map((_, column) => Math.max(...table.map(row => row[column].length)))
    for (const row of table)
      console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  '))
  }

  /** @param {string} file */
  write(file) {
    writeFileSync(file, `${JSON.stringify(this.#figures, null, 2)}\n`)
  }
}

const format = value =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
