/*
 * Writing down what happened, as the declarations describe it: the log is the object of things that happen at an hour,
 * its first reference says with whom, and the first action that asks for words says what is asked when one is over.
 * What this needs is kept, so that it works where there is no connection.
 */

import { list } from '@/core/api'
import { addDays, today } from '@/core/format'
import { recallList } from '@/core/kept'
import { isLocal } from '@/core/outbox'
import { fromDeclaration, join } from '@/core/query'
import { isOpen } from '@/core/perms'
import type { Names } from '@/core/suggest'
import type { Entity, Field, FieldType, Row } from '@/core/types'
import { isBlank } from '@/core/validate'
import { ownerField, titleOf } from '@/meta/values'
import { findField, findObject, isLog, meta } from './meta'
import { network, overlay } from './outbox'

export interface LogForm {
  log: Entity
  start: string
  done: string
  owner: Field
  who: Field
  words: Field
  kind?: Field
  result?: Field
  step?: Field
  on?: Field
  minutes?: Field
  number?: Field
  place?: Field
  photos?: Field
  names: Names
}

export function logForm(): LogForm | null {
  const log = meta.objects.find(object => isLog(object) && object.calendar?.done)
  const asked = log?.actions?.find(action => action.on === 'record' && action.params?.some(field => field.type === 'long'))?.params
    ?.map(param => findField(log, param.name)).filter(field => field !== undefined) ?? []
  const first = (fields: Field[], type: FieldType) => fields.find(field => field.type === type && isOpen(field))
  const words = first(asked, 'long')
  const owner = log && ownerField(log)
  const who = log && log.fields.find(field => field.type === 'ref' && isOpen(field))
  if (!log || !words || !owner || !who) return null
  const [result, step, on, minutes] = (['choice', 'text', 'date', 'duration'] as const).map(type => first(asked, type))
  const [number, place, photos] = (['phone', 'location', 'image'] as const).map(type => first(log.fields, type))
  const kind = log.fields.find(field => field.type === 'choice' && field.required && isOpen(field))
  const { start, done } = log.calendar as { start: string, done: string }
  return { log, start, done, owner, who, words, kind, result, step, on, minutes, number, place, photos,
    names: { result: result?.name, words: words.name, step: step?.name, on: on?.name, done } }
}

export interface Day {
  /** What is planned and not done: today's by the hour, then what was left from before, the latest first. */
  open: Row[]
  /** Of today's plan. */
  done: number
  total: number
  /** Done beside the plan. */
  extra: number
  /** With whom, done or not. */
  who: string[]
}

export async function dayOf(form: LogForm): Promise<Day> {
  const now = today()
  const next = addDays(now, 1)
  const { log, start, done } = form
  const mine = `${form.owner.name}=eq.$me`
  const view = log.views?.find(one => one.name === 'today')
  const [waits, planned, happened] = (await Promise.all([
    recallList(log.name, join(view ? fromDeclaration(view.query) : `${mine}&${start}=lt.${next}&${done}=is.null&sort=${start}`, 'limit=100')),
    recallList(log.name, `${mine}&${start}=gte.${now}&${start}=lt.${next}&${done}=is.notnull&limit=100`),
    recallList(log.name, `${mine}&${done}=gte.${now}&${done}=lt.${next}&limit=100&fields=${start},${done}`),
  ])).map(page => page.rows)
  const isDone = (row: Row) => !isBlank(row[done])
  const isToday = (row: Row) => String(row[start] ?? '').startsWith(now)
  const seen = overlay(log.name, waits)
  const waiting = seen.filter(row => !isDone(row))
  // First what today asks for, then what was left, the latest first.
  const open = [...waiting.filter(isToday), ...waiting.filter(row => !isToday(row)).reverse()]
  const finished = seen.filter(row => isDone(row) && isToday(row) && !planned.some(one => one.id === row.id)).length + planned.length
  const extra = overlay(log.name, happened, values => String(values[done] ?? '').startsWith(now)).filter(row => !isToday(row)).length
  return {
    open, extra, done: finished, total: finished + open.filter(isToday).length,
    who: [...new Set([...waits, ...planned].map(row => String(row[form.who.name] ?? '')).filter(id => id))].sort(),
  }
}

export interface Due { title: string, on: string, who: string, label: string }

/** After the plan: the first of what else is due today that is about somebody other than `id`. */
export async function nextDue(form: LogForm, id: string): Promise<Due | null> {
  for (const object of meta.objects) {
    const view = object.views?.find(one => one.name === 'today')
    const via = object.fields.find(field => field.type === 'ref' && field.to === form.who.to)
    if (object === form.log || !view || !via || !object.calendar) continue
    const { start, done } = object.calendar
    // Asked for as the page of the day does, whose answer is kept.
    const page = await recallList(object.name, join(fromDeclaration(view.query), 'limit=8', 'count=exact'))
    const row = overlay(object.name, page.rows).find(one => isBlank(one[done ?? '']) && !isBlank(one[via.name]) && one[via.name] !== id)
    if (row) return { title: titleOf(object, row), on: String(row[start]), who: String(row[via.name]), label: String(row.labels?.[via.name] ?? '') }
  }
  return null
}

const historyOf = (form: LogForm, cond: string) => recallList(form.log.name,
  join(cond, `${form.done}=is.notnull&sort=-${form.done}&limit=100`, 'fields=' + [form.who, form.kind, form.result, form.words, form.step, form.on].filter(field => !!field).map(field => field.name).concat(form.done).join()))

/** What I wrote down lately. */
export const myHistory = async (form: LogForm) => (await historyOf(form, `${form.owner.name}=eq.$me`)).rows

/** What happened with those of today: asked for together, so that it is there later without asking. */
export const dayHistory = async (form: LogForm, day: Day) => day.who.length ? (await historyOf(form, `${form.who.name}=in.(${day.who.join()})`)).rows : []

export async function historyWith(form: LogForm, id: string, day: Day): Promise<Row[]> {
  const rows = day.who.includes(id) ? await dayHistory(form, day) : isLocal(id) ? [] : (await historyOf(form, `${form.who.name}=eq.${id}`)).rows
  return rows.filter(row => row[form.who.name] === id)
}

/* Names of mine, to choose from without a connection */

const MOST = 1000
const asked = new Map<string, Promise<Row[]>>()

async function readNames(object: Entity): Promise<Row[]> {
  const owner = ownerField(object)
  const fields = ['phone', 'location'].map(type => object.fields.find(field => field.type === type)?.name).filter(name => !!name)
  const rows: Row[] = []
  let after = ''
  do {
    const page = await recallList(object.name, join(owner && `${owner.name}=eq.$me`, object.title && 'sort=' + object.title, 'limit=200&fields=' + [object.title, ...fields].filter(name => !!name).join(), after && 'after=' + encodeURIComponent(after)))
    rows.push(...page.rows)
    after = page.next ?? ''
  } while (after && rows.length < MOST)
  return rows
}

export function myNames(object: Entity): Promise<Row[]> {
  let rows = asked.get(object.name)
  if (!rows) {
    asked.set(object.name, rows = readNames(object))
    rows.catch(() => asked.delete(object.name))
  }
  return rows
}

/** By any part of the name; what was made here and has not travelled yet is among them. With a connection also by pinyin and initials. */
export async function findName(target: string, words: string): Promise<Row[]> {
  const object = findObject(target)
  if (!object) return []
  const wanted = words.trim().toLowerCase()
  const known = asked.has(target) || target === logForm()?.who.to ? await myNames(object) : []
  const here = overlay(target, known, () => true).filter(row => titleOf(object, row).toLowerCase().includes(wanted))
  const more = wanted && network.reached ? await list(target, `q=${encodeURIComponent(wanted)}&limit=20`).catch(() => null) : null
  return [...here, ...(more?.rows ?? []).filter(row => !here.some(one => one.id === row.id))].slice(0, 20)
}
