import { describe, expect, it } from 'vitest'
import { moveSpan, spanOf, spansUntil } from '../../src/today/span'

describe('periods of the home page', () => {
  it('weeks begin on Monday, also over the turn of a year', () => {
    expect(spanOf('week', '2026-11-26')).toEqual({ from: '2026-11-23', to: '2026-11-29' })
    expect(spanOf('week', '2027-01-01')).toEqual({ from: '2026-12-28', to: '2027-01-03' })
    expect(spanOf('week', '2026-11-29')).toEqual(spanOf('week', '2026-11-23'))
  })
  it('knows the last day of months and quarters', () => {
    expect(spanOf('month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
    expect(spanOf('quarter', '2026-11-26')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
    expect(spanOf('year', '2026-11-26')).toEqual({ from: '2026-01-01', to: '2026-12-31' })
  })
  it('goes on and back without leaving one out', () => {
    for (const kind of ['day', 'week', 'month', 'quarter', 'year'] as const) {
      const next = moveSpan(kind, '2026-01-31', 1)
      expect(spanOf(kind, moveSpan(kind, next, -1))).toEqual(spanOf(kind, '2026-01-31'))
    }
    expect(spanOf('month', moveSpan('month', '2026-01-31', -1)).from).toBe('2025-12-01')
  })
  it('compares what has passed with as many days before, a past period with the whole of the one before', () => {
    expect(spansUntil('month', '2026-11-26', '2026-11-26')).toEqual({ span: { from: '2026-11-01', to: '2026-11-26' }, before: { from: '2026-10-01', to: '2026-10-26' } })
    expect(spansUntil('month', '2026-03-31', '2026-03-31').before).toEqual({ from: '2026-02-01', to: '2026-02-28' })
    expect(spansUntil('month', '2026-03-30', '2026-03-30').before).toEqual({ from: '2026-02-01', to: '2026-02-28' })
    expect(spansUntil('week', '2026-11-18', '2026-11-26')).toEqual({ span: { from: '2026-11-16', to: '2026-11-22' }, before: { from: '2026-11-09', to: '2026-11-15' } })
    expect(spansUntil('day', '2026-11-26', '2026-11-26').before).toEqual({ from: '2026-11-25', to: '2026-11-25' })
  })
})
