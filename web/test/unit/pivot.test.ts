import { describe, expect, it } from 'vitest'
import { axisOf, cellKey, daysOf, groupQuery, pivotTable } from '@/core/pivot'

describe('the days of a part', () => {
  it.each([
    ['2026', '2026-01-01', '2026-12-31'], ['2026-Q1', '2026-01-01', '2026-03-31'], ['2026-Q4', '2026-10-01', '2026-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'], ['2026-W01', '2025-12-29', '2026-01-04'], ['2026-W48', '2026-11-23', '2026-11-29'], ['2027-W53', '2028-01-03', '2028-01-09'], ['2026-11-26', '2026-11-26', '2026-11-26'],
  ])('%s', (text, first, last) => expect(daysOf(text)).toEqual([first, last]))
})

it('a group says which records it holds', () => {
  expect(groupQuery(axisOf('stage'), '3')).toBe('stage=eq.3')
  expect(groupQuery(axisOf('stage'), null)).toBe('stage=is.null')
  expect(groupQuery(axisOf('region.province'), '44')).toBe('region=eq.44')
  expect(groupQuery(axisOf('close_on.month'), '2026-12')).toBe('close_on=gte.2026-12-01&close_on=lt.2027-01-01')
})

it('rows and columns add up to the cent', () => {
  const rows = [
    { stage: '1', 'on.month': '2026-02', count: 2, sum: { amount: '0.10' }, labels: { stage: 'A' } },
    { stage: '2', 'on.month': '2026-02', count: 1, sum: { amount: '0.20' }, labels: { stage: 'B' } },
    { stage: '1', 'on.month': null, count: 3, sum: { amount: '900719925474.13' }, labels: { stage: 'A' } },
  ]
  const table = pivotTable(rows, 'stage', 'on.month', 'amount', 2, (_, one, other) => String(one.value).localeCompare(String(other.value)))
  expect(table.rows.map(row => [row.label, row.count, row.total])).toEqual([['A', 5, 900719925474.23], ['B', 1, 0.2]])
  expect(table.columns.map(column => [column.value, column.total])).toEqual([['2026-02', 0.3], [null, 900719925474.13]])
  expect([table.count, table.total]).toEqual([6, 900719925474.43])
  expect(table.cells.get(cellKey(table.rows[0], table.columns[0]))).toEqual({ count: 2, value: 0.1 })
  expect(table.cells.get(cellKey(table.rows[1], table.columns[1]))).toBeUndefined()
})
