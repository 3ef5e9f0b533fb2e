/* A table of counts or sums by two fields: from the rows of a summary to fields that add up and open their records. */

import { addDays, monthDays } from './format'
import type { SummaryRow } from './types'

/** `close_on.month`: a field, and the part of it that is grouped by. */
export interface Axis { field: string, part: string }
export const axisOf = (text: string): Axis => { const [field, part = ''] = text.split('.'); return { field, part } }

/** The first and the last day of `2026`, `2026-Q1`, `2026-03`, `2026-W11`, `2026-03-04`. */
export function daysOf(text: string): [string, string] {
  const year = Number(text.slice(0, 4))
  const two = (n: number) => String(n).padStart(2, '0')
  const months = (from: number, to: number): [string, string] => [`${year}-${two(from)}-01`, `${year}-${two(to)}-${monthDays(year, to)}`]
  if (text.length === 4) return months(1, 12)
  if (text[5] === 'Q') return months(Number(text[6]) * 3 - 2, Number(text[6]) * 3)
  if (text[5] === 'W') {
    // The first week of a year is the one with its fourth of January.
    const fourth = `${year}-01-04`
    const weekday = (new Date(fourth + 'T00:00:00Z').getUTCDay() + 6) % 7
    const monday = addDays(fourth, (Number(text.slice(6)) - 1) * 7 - weekday)
    return [monday, addDays(monday, 6)]
  }
  return text.length === 7 ? months(Number(text.slice(5)), Number(text.slice(5))) : [text, text]
}

/** Conditions that hold for exactly the records of one group. */
export function groupQuery({ field, part }: Axis, value: unknown): string {
  if (value === null || value === undefined || value === '') return `${field}=is.null`
  if (!part || part === 'province') return `${field}=eq.${encodeURIComponent(String(value))}`
  const [first, last] = daysOf(String(value))
  return `${field}=gte.${first}&${field}=lt.${addDays(last, 1)}`
}

export interface Group { key: string, value: unknown, label: string, total: number, count: number }
export interface PivotTable { rows: Group[], columns: Group[], cells: Map<string, { count: number, value: number }>, count: number, total: number }

export const cellKey = (row: Group, column: Group) => row.key + '\n' + column.key

/** Sums travel as text with decimals: they are added as whole numbers, so that no digit is lost. */
export function pivotTable(rows: SummaryRow[], down: string, across: string, sum: string, scale: number, order: (axis: Axis, one: Group, other: Group) => number): PivotTable {
  const table: PivotTable = { rows: [], columns: [], cells: new Map(), count: 0, total: 0 }
  const known = [new Map<string, Group>(), new Map<string, Group>()]
  const unit = 10 ** scale
  const find = (at: number, text: string, row: SummaryRow): Group => {
    const value = text ? row[text] : ''
    const key = JSON.stringify(value ?? null)
    let group = known[at].get(key)
    if (!group) known[at].set(key, group = { key, value, label: row.labels?.[axisOf(text).field] ?? '', total: 0, count: 0 })
    return group
  }
  for (const row of rows) {
    const [one, other] = [find(0, down, row), find(1, across, row)]
    const value = sum ? Math.round(Number(row.sum?.[sum] ?? 0) * unit) : row.count
    for (const group of [one, other]) {
      group.total += value
      group.count += row.count
    }
    table.cells.set(cellKey(one, other), { count: row.count, value })
    table.count += row.count
    table.total += value
  }
  const back = sum ? unit : 1
  for (const groups of known) for (const group of groups.values()) group.total /= back
  for (const cell of table.cells.values()) cell.value /= back
  table.total /= back
  table.rows = [...known[0].values()].sort((one, other) => order(axisOf(down), one, other))
  table.columns = [...known[1].values()].sort((one, other) => order(axisOf(across), one, other))
  return table
}
