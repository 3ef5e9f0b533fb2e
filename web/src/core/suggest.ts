/* What somebody will probably write next, from what was written before. Only offered, never decided. */

import { addDays, daysBetween, weekday } from './format'
import type { Row } from './types'

/** The fields of a log that suggestions are about; see state/log.ts. */
export interface Names { result?: string, words: string, step?: string, on?: string, done: string }

const text = (row: Row, name: string | undefined) => name ? String(row[name] ?? '').trim() : ''
const date = (row: Row, name: string | undefined) => text(row, name).slice(0, 10)

function median(numbers: number[]): number | undefined {
  const sorted = [...numbers].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)]
}

/** Most used first, of equals the newest; `rows` come newest first. */
function usual(texts: string[], most: number): string[] {
  const counts = new Map<string, number>()
  for (const one of texts) if (one) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].sort((one, other) => other[1] - one[1]).slice(0, most).map(([one]) => one)
}

const WEEK = 7
const LONG_TIME = 90
export const workday = (day: string) => addDays(day, weekday(day) === 6 ? 2 : weekday(day) === 0 ? 1 : 0)

/** The rhythm of this customer, else one's own habit, else a week; never on a weekend. */
export function nextDay(today: string, theirs: Row[], mine: Row[], names: Names): string {
  const dates = theirs.map(row => date(row, names.done)).filter(Boolean)
  const rhythm = dates.slice(1).map((day, at) => daysBetween(day, dates[at])).filter(days => days > 0)
  const habit = mine.map(row => date(row, names.on) ? daysBetween(date(row, names.done), date(row, names.on)) : 0).filter(days => days > 0)
  const days = (rhythm.length > 1 ? median(rhythm) : undefined) ?? median(habit) ?? WEEK
  return workday(addDays(today, Math.min(days, LONG_TIME)))
}

/** What mostly followed after such a result. */
export const nextSteps = (result: string, mine: Row[], names: Names) =>
  usual(mine.filter(row => text(row, names.result) === result).map(row => text(row, names.step)), 3)

/** Short sentences one writes again and again after such a result; only what was written twice is a habit. */
export function phrases(result: string, mine: Row[], names: Names): string[] {
  const short = mine.filter(row => !result || text(row, names.result) === result).map(row => text(row, names.words)).filter(words => words && [...words].length <= 24)
  return usual(short.filter((words, at) => short.indexOf(words) !== at || short.lastIndexOf(words) !== at), 4)
}

/** What was agreed the last times, newest first. */
export const promises = (theirs: Row[], names: Names) => names.step
  ? theirs.filter(row => text(row, names.step)).slice(0, 3).map(row => ({ step: text(row, names.step), on: date(row, names.on), said: date(row, names.done) })) : []
