/* What every field type looks like as text, and how its value travels. The table here and FieldInput/FieldView are the only places that know types. */

import * as format from '@/core/format'
import { say, t } from '@/core/i18n'
import type { Choice, Entity, Field, FieldType, Op, Place, Row, Upload } from '@/core/types'
import { isOpen } from '@/core/perms'
import { isBlank } from '@/core/validate'
import { findField, findObject, meta, pickFields } from '@/state/meta'

interface Kind {
  /** Column width in the grid. */
  width: number
  /** Takes what room is left. */
  grows?: boolean
  right?: boolean
  /** How the filter asks: see FilterBar. */
  filter: 'words' | 'range' | 'dates' | 'choices' | 'records' | 'region' | 'bool' | 'none'
  text: (value: unknown, field: Field) => string
}

const plain = (value: unknown) => String(value)
const line = (width = 240): Kind => ({ width, grows: width >= 200, filter: 'words', text: plain })
const amount = (text: Kind['text'], width = 120): Kind => ({ width, right: true, filter: 'range', text })
const choiceText = (value: unknown, field: Field) => say(choiceOf(field, value)?.label) || String(value)
const files = (value: unknown) => (value as Upload[]).map(file => file.name).join(', ')

const kinds: Record<FieldType, Kind> = {
  text: line(),
  long: line(260),
  phone: { ...line(140), text: format.phone },
  email: line(200),
  url: line(200),
  number: line(124),
  integer: amount((value, field) => field.format === 'year' ? String(value) : format.decimal(value, 0), 96),
  duration: amount(format.duration, 110),
  decimal: amount((value, field) => format.decimal(value, Number.isInteger(Number(value)) ? 0 : field.scale)),
  money: amount(format.money, 118),
  percent: amount(format.percent, 90),
  bool: { width: 80, filter: 'bool', text: value => t(value ? 'bool.yes' : 'bool.no') },
  date: { width: 106, filter: 'dates', text: format.date },
  instant: { width: 150, filter: 'dates', text: format.instant },
  choice: { width: 110, filter: 'choices', text: choiceText },
  choices: { width: 180, filter: 'choices', text: (value, field) => (value as string[]).map(one => choiceText(one, field)).join(t('list.comma')) },
  ref: { width: 200, grows: true, filter: 'records', text: plain },
  refs: { width: 200, grows: true, filter: 'records', text: plain },
  member: { width: 96, filter: 'records', text: plain },
  team: { width: 120, filter: 'records', text: plain },
  region: { width: 170, filter: 'region', text: plain },
  location: { width: 200, filter: 'none', text: value => (value as Place).address || `${(value as Place).lat}, ${(value as Place).lng}` },
  file: { width: 160, filter: 'none', text: files },
  image: { width: 120, filter: 'none', text: files },
  formula: line(120),
  total: amount(value => format.decimal(value), 110),
}

/** Formulas and totals look like what they yield. */
export const shownType = (field: Field): FieldType => field.yields ?? field.type
export const kindOf = (field: Field): Kind => kinds[shownType(field)] ?? kinds.text
/** What may still be chosen: a retired choice only by who has it. */
export const offered = (field: Field, has?: unknown): Choice[] => (field.choices ?? []).filter(choice => !choice.retired || [has].flat().includes(choice.value))
export const choiceOf = (field: Field, value: unknown): Choice | undefined => field.choices?.find(choice => choice.value === value)

const drawn = new Set<FieldType>(['choice', 'choices', 'member', 'bool'])
/** Shown as more than its text, also where there are no links: what is not needs no component in each cell of a grid. */
export const isDrawn = (field: Field) => drawn.has(shownType(field))

/** A bare number or a yes says nothing without its name. */
export const isBare = (field: Field) => ['range', 'bool'].includes(kindOf(field).filter)

const labelled = new Set<FieldType>(['ref', 'refs', 'member', 'team', 'region'])
export const isLabelled = (field: Field) => labelled.has(shownType(field))

/** The heading above a row of the form. */
export const sectionOf = (fields: Field[]) => say(fields.find(field => field.section)?.section)

/** The text of a field of a record, for sentences, tooltips and comparisons. */
export function textOf(field: Field, row: Partial<Row>): string {
  const value = row[field.name]
  if (isBlank(value)) return ''
  if (isLabelled(field)) {
    const label = row.labels?.[field.name]
    if (Array.isArray(label)) return label.join(t('list.comma'))
    return label ?? (shownType(field) === 'region' ? String(value) : t('value.hidden'))
  }
  return kindOf(field).text(value, field)
}

export function titleOf(object: Entity | undefined, row: Partial<Row>): string {
  const field = object && findField(object, object.title)
  return field ? textOf(field, row) || t('value.untitled') : String(row.label ?? row.title ?? row.name ?? row.id ?? '')
}

/** Files are answered as objects and sent as ids. */
export function toWire(object: Entity, values: Record<string, unknown>): Record<string, unknown> {
  const wire: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const type = findField(object, name)?.type
    wire[name] = (type === 'file' || type === 'image') && Array.isArray(value) ? value.map((file: Upload) => file.id) : value
  }
  return wire
}

/** A new record, or an action's parameters, as the declarations want them to begin. */
export function fresh(fields: Field[], preset: Partial<Row> = {}): Partial<Row> {
  const row: Partial<Row> = { labels: {} }
  for (const field of fields.filter(isOpen)) {
    const value = field.default
    if (value === '$me') {
      row[field.name] = meta.me.id
      row.labels![field.name] = meta.me.label
    } else if (value === '$today') row[field.name] = format.today()
    else if (value === '$now') row[field.name] = nowInstant()
    else if (field.type === 'bool') row[field.name] = String(value) === 'true'
    else if (!isBlank(value) && !String(value).startsWith('$') && !isLabelled(field)) row[field.name] = value
  }
  return { ...row, ...preset, labels: { ...row.labels, ...preset.labels } }
}

/** Now, in the company's zone. */
export const nowInstant = () => format.toInstant(format.today(), nowClock())

const nowClock = () => new Intl.DateTimeFormat('en-GB', { timeZone: meta.company.timezone, hour: '2-digit', minute: '2-digit' }).format(new Date())

/** The rows of a form, with required fields the declaration forgot. */
export function formRows(object: Entity): Field[][] {
  const named = new Set(object.form.flat())
  const rows = object.form.map(names => pickFields(object, names)).filter(fields => fields.length)
  const missing = object.fields.filter(field => !named.has(field.name) && (field.required || !object.form.length) && isOpen(field) && !field.system)
  return missing.length ? [...rows, missing] : rows
}

/** What a part of a record says on its page: its list, without the record it is part of and the number that orders it. */
export const partFields = (object: Entity, via: string): Field[] =>
  pickFields(object, object.list.filter(name => name !== via && name !== 'position'))

/** Fields by which a record stands on a day: the calendar's own first. */
export function dateFields(object: Entity | undefined): Field[] {
  const all = object?.fields.filter(field => ['date', 'instant'].includes(shownType(field))) ?? []
  const first = all.filter(field => field.name === object!.calendar?.start)
  return [...first, ...all.filter(field => !first.includes(field) && field.name !== object!.calendar?.end && !field.system), ...all.filter(field => field.system)]
}

/** The member a record belongs to. */
export const ownerField = (object: Entity): Field | undefined =>
  findField(object, object.owner ?? 'owner') ?? object.fields.find(field => field.type === 'member' && !field.system)

/** A reference to one record, as its field holds it and as a condition. */
export const refTo = (field: Field | undefined, id: string) => field?.type === 'refs' ? [id] : id
export const refCond = (field: Field | undefined, id: string) => field?.type === 'refs' ? `in.(${id})` : `eq.${id}`

export const linkOf = (object: string | undefined, id: unknown) => findObject(object) ? `/r/${object}/${id}` : undefined
export const opsOf = (field: Field): Op[] => field.ops ?? []
export const canFilter = (field: Field) => opsOf(field).length > 0 && kindOf(field).filter !== 'none'
