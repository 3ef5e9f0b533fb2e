/* How the rows of a report are read: which columns are shown, as what, and what a share rests on. */

import { lang, say, t } from '@/core/i18n'
import { openLink } from '@/core/metric'
import type { Field, Report, Row } from '@/core/types'
import { kindOf, shownType, textOf } from '@/meta/values'

export type ReportRow = Row & { open?: unknown }
export interface ReportAnswer { params: Record<string, unknown>, rows: ReportRow[], total?: ReportRow }

/** Ids serve only to open, and of two languages one is shown. */
export function columnsOf(report: Report): Field[] {
  const all = report.columns
  const names = new Set(all.map(column => column.name))
  return all.filter(column => !(['ref', 'member', 'team'].includes(column.type) && column.name.endsWith('_id')))
    .filter(column => column.name.endsWith('_en') ? lang() === 'en' : !(names.has(column.name + '_en') && lang() === 'en'))
}

export const isNumeric = (column: Field) => !!kindOf(column).right
export const cellOf = (column: Field, row: ReportRow) => textOf(column, row) || '—'
/** The list behind a row. A column may be called `open`, too: then the query is in `records`. */
export const openOf = (row: ReportRow) => openLink(row.records ?? row.open)

/** `Won ÷ (won + lost)`: where the help of a share names columns, their sum is its base. */
export function baseOf(columns: Field[], column: Field, row: ReportRow): number | null {
  if (shownType(column) !== 'percent') return null
  const below = say(column.help).split('÷')[1]?.replace(/[()（）]/g, '')
  if (!below) return null
  const terms = below.split(/[+＋]/).map(word => columns.find(one => say(one.label).toLowerCase() === word.trim().toLowerCase()))
  return terms.every(Boolean) ? terms.reduce((sum, term) => sum + Number(row[term!.name] ?? 0), 0) : null
}

export function baseText(columns: Field[], column: Field, row: ReportRow): string {
  const base = baseOf(columns, column, row)
  return base === null ? '' : t('def.base', { n: base.toLocaleString() })
}
