/* Filters as sentences, and the presets people think in. */

import * as format from '@/core/format'
import { say, t, type Key } from '@/core/i18n'
import { isIn, isLike, type Cond } from '@/core/query'
import type { Field, Op } from '@/core/types'
import { choiceOf, kindOf } from './values'

export interface Preset { name: string, label: Key, from?: string, to?: string }

/** From and to are the first day and the first day after. */
export const presets: Preset[] = [
  { name: 'today', label: 'range.today', from: 'today', to: 'today+1' },
  { name: 'past', label: 'range.past', to: 'today' },
  { name: 'next7', label: 'range.next7', from: 'today', to: 'today+8' },
  { name: 'last30', label: 'range.last30', from: 'today-30', to: 'today+1' },
  { name: 'week', label: 'range.week', from: 'week', to: 'week+1' },
  { name: 'month', label: 'range.month', from: 'month', to: 'month+1' },
  { name: 'lastMonth', label: 'range.lastMonth', from: 'month-1', to: 'month' },
  { name: 'quarter', label: 'range.quarter', from: 'quarter', to: 'quarter+1' },
  { name: 'year', label: 'range.year', from: 'year', to: 'year+1' },
]

export const presetConds = (field: string, preset: Preset): Cond[] => [
  ...(preset.from ? [{ field, op: 'gte' as Op, value: preset.from }] : []),
  ...(preset.to ? [{ field, op: 'lt' as Op, value: preset.to }] : []),
]

const marks = (conds: Cond[]) => conds.map(cond => cond.op + cond.value).sort().join()
export const presetOf = (conds: Cond[]) => presets.find(preset => marks(presetConds(conds[0].field, preset)) === marks(conds))

const words: Record<Op, Key> = {
  eq: 'op.eq', ne: 'op.ne', lt: 'op.lt', lte: 'op.lte', gt: 'op.gt', gte: 'op.gte', in: 'op.in', like: 'op.like', is: 'op.eq',
}

const dateWords: Partial<Record<Op, Key>> = { lt: 'op.before', lte: 'op.until', gt: 'op.after', gte: 'op.since' }

function valueText(field: Field, value: string, names: Map<string, string>): string {
  if (value === '$me') return t('filter.me')
  if (value === '$team') return t('filter.team')
  const kind = kindOf(field)
  if (kind.filter === 'choices') return say(choiceOf(field, value)?.label) || value
  if (kind.filter === 'records' || kind.filter === 'region') return names.get(`${field.name}/${value}`) ?? value
  if (kind.filter === 'bool') return t(value === 'true' ? 'bool.yes' : 'bool.no')
  if (kind.filter === 'dates') return /^\d{4}-/.test(value) ? format.day(value) : value
  return kind.filter === 'range' ? kind.text(value, field) : value
}

/** All conditions on one field, as one sentence; `names` knows the texts of ids. */
export function sentence(field: Field, conds: Cond[], names: Map<string, string>): string {
  const label = say(field.label)
  const dated = kindOf(field).filter === 'dates'
  const preset = dated ? presetOf(conds) : undefined
  if (preset) return `${label} ${t(preset.label)}`
  const parts = conds.map(cond => {
    if (cond.op === 'is') return t(cond.value === 'null' ? 'op.empty' : 'op.filled')
    const values = cond.op === 'in' ? isIn(cond.value) : [cond.op === 'like' ? isLike(cond.value) : cond.value]
    return `${t((dated && dateWords[cond.op]) || words[cond.op])} ${values.map(value => valueText(field, value, names)).join(t('list.or'))}`
  })
  return `${label} ${parts.join(t('list.and'))}`
}
