/* A calendar's arithmetic: which days a page shows, and what moving means. Days are texts, hours are the company's wall clock. */

import { addDays, daysBetween, monthDays, weekday } from './format'

export type Span = 'day' | 'week' | 'month'
export const spans: Span[] = ['day', 'week', 'month']

/** A record on a day; `time` and `minutes` only where its field has an hour. */
export interface Entry<R = unknown> { row: R, day: string, time: string, minutes: number, title: string, tint: string, done: boolean, movable: boolean }

export const weekOf = (day: string, weekStart: number) => addDays(day, -((weekday(day) - weekStart + 7) % 7))

/** The days a page shows: a month is filled up to whole weeks. */
export function daysShown(day: string, span: Span, weekStart: number): string[] {
  if (span === 'day') return [day]
  const [year, month] = day.split('-').map(Number)
  const from = weekOf(span === 'week' ? day : day.slice(0, 8) + '01', weekStart)
  const last = span === 'week' ? addDays(from, 6) : addDays(weekOf(`${day.slice(0, 8)}${monthDays(year, month)}`, weekStart), 6)
  return Array.from({ length: daysBetween(from, last) + 1 }, (_, at) => addDays(from, at))
}

/** One page on or back. From the 31st of January a month on is the last of February. */
export function turn(day: string, span: Span, way: 1 | -1): string {
  if (span !== 'month') return addDays(day, span === 'day' ? way : 7 * way)
  const [year, month, number] = day.split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 + way, 1)).toISOString().slice(0, 8)
  const [y, m] = first.split('-').map(Number)
  return first + String(Math.min(number, monthDays(y, m))).padStart(2, '0')
}

export const toMinutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
export const toTime = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** A moment of the wall clock some minutes later, over midnight if need be. */
export function later(day: string, time: string, minutes: number): [string, string] {
  const all = toMinutes(time) + minutes
  const days = Math.floor(all / 1440)
  return [addDays(day, days), toTime(all - days * 1440)]
}

/** Entries of one day side by side where they overlap: which lane, of how many. */
export function lanes(entries: Entry[]): Map<Entry, [number, number]> {
  const placed = new Map<Entry, [number, number]>()
  let group: Entry[] = []
  let ends: number[] = []
  const close = () => {
    for (const one of group) placed.get(one)![1] = ends.length
    group = []
    ends = []
  }
  for (const one of [...entries].sort((a, b) => toMinutes(a.time) - toMinutes(b.time))) {
    const from = toMinutes(one.time)
    if (ends.length && from >= Math.max(...ends)) close()
    const free = ends.findIndex(end => end <= from)
    const at = free < 0 ? ends.length : free
    ends[at] = from + Math.max(30, one.minutes)
    placed.set(one, [at, 1])
    group.push(one)
  }
  close()
  return placed
}
