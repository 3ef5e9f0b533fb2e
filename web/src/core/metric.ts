/* Numbers as the API answers them, and how they are written. */

import { get } from './api'
import { addDays, duration, money, percent, decimal, short, monthDays, today } from './format'
import { say, t, type Key } from './i18n'
import { fromDeclaration } from './query'
import type { Metric } from './types'

export interface MetricRow { key: string, label: string, value: string | number | null, numerator?: string | number | null, denominator?: string | number | null, open?: string }
export interface MetricAnswer extends Omit<MetricRow, 'key'> { name: string, id?: string, definition: string, unit: string, from: string, to: string, rows: MetricRow[], open_denominator?: string }

export const readMetric = (name: string, from: string, to: string, by = '') =>
  get<MetricAnswer>(`metric/${name}?from=${from}&to=${to}${by && '&by=' + by}`)

/** `brief` for tiles (12.3万), otherwise as exact as a table wants it. */
export function showMetric(metric: Metric, value: string | number | null | undefined, brief = false): { text: string, unit: string } {
  if (value === null || value === undefined) return { text: '—', unit: '' }
  const type = metric.yields ?? (metric.kind === 'ratio' ? 'percent' : 'integer')
  if (type === 'percent') return { text: percent(value), unit: '' }
  if (type === 'duration' && !brief) return { text: duration(Math.round(Number(value))), unit: '' }
  const unit = say(metric.unit)
  if (type === 'money') return { text: brief ? short(value) : money(value), unit }
  return { text: metric.kind === 'ratio' ? decimal(value) : brief ? short(value) : decimal(value), unit }
}

/** A column of a report may be called `open` too: only an object's query, or a report's ("report/NAME?…"), is a way to its list. */
export const openLink = (open: unknown) => typeof open !== 'string' || !open.includes('?') ? undefined : open.startsWith('report/') ? '/' + open : '/o/' + fromDeclaration(open)

/* Periods people ask for */

export type Period = 'week' | 'month' | 'lastMonth' | 'quarter' | 'year' | 'days90'
export const periods: Period[] = ['month', 'lastMonth', 'quarter', 'year', 'days90']
export const periodLabel = (period: Period) => t(({ week: 'range.week', month: 'range.month', lastMonth: 'range.lastMonth', quarter: 'range.quarter', year: 'range.year', days90: 'period.days90' } as Record<Period, Key>)[period])

export function periodDays(period: Period, now = today()): { from: string, to: string } {
  const [year, month] = now.split('-').map(Number)
  const first = (y: number, m: number) => `${y}-${String(m).padStart(2, '0')}-01`
  if (period === 'month') return { from: first(year, month), to: now }
  if (period === 'lastMonth') {
    const [y, m] = month === 1 ? [year - 1, 12] : [year, month - 1]
    return { from: first(y, m), to: `${first(y, m).slice(0, 8)}${monthDays(y, m)}` }
  }
  if (period === 'quarter') return { from: first(year, Math.floor((month - 1) / 3) * 3 + 1), to: now }
  if (period === 'year') return { from: first(year, 1), to: now }
  return { from: addDays(now, period === 'week' ? -6 : -89), to: now }
}
