/* The periods of the home page: a day, and the week (from Monday), month, quarter or year it lies in. */

import { addDays, date, dayLong, daysBetween, month, monthDays, today, weekday } from '@/core/format'

export type SpanKind = 'day' | 'week' | 'month' | 'quarter' | 'year'
export interface Span { from: string, to: string }

const two = (number: number) => String(number).padStart(2, '0')
const parts = (day: string) => day.split('-').map(Number)

/** The whole period around a day. */
export function spanOf(kind: SpanKind, day: string): Span {
  const [year, number] = parts(day)
  if (kind === 'day') return { from: day, to: day }
  if (kind === 'week') {
    const from = addDays(day, -((weekday(day) + 6) % 7))
    return { from, to: addDays(from, 6) }
  }
  const first = kind === 'month' ? number : kind === 'quarter' ? Math.floor((number - 1) / 3) * 3 + 1 : 1
  const last = kind === 'month' ? first : kind === 'quarter' ? first + 2 : 12
  return { from: `${year}-${two(first)}-01`, to: `${year}-${two(last)}-${two(monthDays(year, last))}` }
}

/** A day of the next (1) or former (-1) period. */
export const moveSpan = (kind: SpanKind, day: string, by: 1 | -1) => {
  const { from, to } = spanOf(kind, day)
  return by > 0 ? addDays(to, 1) : spanOf(kind, addDays(from, -1)).from
}

/** What has passed of it, and as many days of the one before (all of it, if it is over): what may be compared. */
export function spansUntil(kind: SpanKind, day: string, now = today()): { span: Span, before: Span } {
  const whole = spanOf(kind, day)
  const past = spanOf(kind, addDays(whole.from, -1))
  if (now >= whole.to || now < whole.from) return { span: whole, before: past }
  const to = addDays(past.from, daysBetween(whole.from, now))
  return { span: { from: whole.from, to: now }, before: { from: past.from, to: to < past.to ? to : past.to } }
}

export function spanText(kind: SpanKind, day: string): string {
  const { from, to } = spanOf(kind, day)
  const [year, number] = parts(from)
  if (kind === 'day') return dayLong(day)
  if (kind === 'week') return `${date(from)} – ${date(to)}`
  if (kind === 'month') return month(year, number)
  return kind === 'quarter' ? `${year} Q${Math.ceil(number / 3)}` : String(year)
}
