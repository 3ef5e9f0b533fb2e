/*
 * The plan and the report of a person's day, with what stands in them. All of it is asked for in a way that keeps the
 * answer, and saved through the outbox: it works where there is no connection.
 */

import { addDays, clock, toInstant, today } from '@/core/format'
import { recall, recallList } from '@/core/kept'
import { workday } from '@/core/suggest'
import type { Entity, Row } from '@/core/types'
import { findObject, meta } from '@/state/meta'
import { overlay } from '@/state/outbox'
import { createRow, saveFields } from '@/state/records'

export const planForm = () => findObject('visit_plan')
export const reportForm = () => findObject('daily_report')
const visits = () => findObject('activity')

/** A form of one day; `row` is missing until it was ever saved. */
export interface DayForm { object: Entity, day: string, row: Row | null, visits: Row[] }

export const isOpen = (form: DayForm) => !form.row || form.row.state === 'draft' || form.row.state === 'returned'

const mine = (object: Entity, query: string, day: string) => recallList(object.name, query)
  .then(page => overlay(object.name, page.rows, values => values.day === day))
const onDay = (instant: unknown, day: string) => String(instant ?? '').startsWith(day)

/** Of a day: its planned visits (those of a plan, too, once done), or the visits done. */
async function visitsOf(day: string, field: 'planned_at' | 'done_at', row: Row | null): Promise<Row[]> {
  const object = visits()
  if (!object) return []
  const state = field === 'done_at' ? '&state=eq.done' : '&state=eq.planned'
  const handedIn = field === 'planned_at' && row && !['draft', 'returned'].includes(String(row.state))
  const query = handedIn ? `plan=eq.${row.id}&sort=planned_at&limit=50`
    : `owner=eq.$me&kind=eq.visit${state}&${field}=gte.${day}&${field}=lt.${addDays(day, 1)}&sort=${field}&limit=50`
  const page = await recallList(object.name, query)
  const shown = overlay(object.name, page.rows, values => values.kind === 'visit' && onDay(values[field], day))
  return shown.filter(one => handedIn || (onDay(one[field], day) && (field === 'done_at') === !!one.done_at && one.state !== 'cancelled'))
    .sort((one, other) => String(one[field]).localeCompare(String(other[field])))
}

/** The next plan that still has to be handed in, else the latest. */
export async function nextPlan(): Promise<DayForm | null> {
  const object = planForm()
  if (!object?.can.create) return null
  const rows = (await mine(object, 'owner=eq.$me&day=gte.today&sort=day&limit=10', '')).filter(row => row.day)
  const open = rows.find(row => row.state === 'draft' || row.state === 'returned')
  const row = open ?? rows.find(one => String(one.day) > today()) ?? null
  const day = row ? String(row.day) : workday(addDays(today(), 1))
  return { object, day, row, visits: await visitsOf(day, 'planned_at', row) }
}

export async function todaysReport(): Promise<DayForm | null> {
  const object = reportForm()
  if (!object?.can.create) return null
  const day = today()
  const row = (await mine(object, 'owner=eq.$me&day=eq.today&limit=1', day)).find(one => one.day === day) ?? null
  return { object, day, row, visits: await visitsOf(day, 'done_at', row) }
}

export function save(form: DayForm, values: Record<string, unknown>): Promise<Row> {
  return form.row ? saveFields(form.object, form.row, values, {}, false, 2500) : createRow(form.object, { day: form.day, ...values }, false, {}, 2500)
}

/** In one tap: who says nothing else was present. */
export const sendReport = (form: DayForm) => save(form, { state: 'submitted', attendance: form.row?.attendance ?? 'present' })

/* Whom to visit that day: the server lays it out, in the order of the way and with times; what is planned goes off it. */

export interface Proposal {
  customer: string
  title: string
  /** Empty where the day has no room for it. */
  planned_at: string | null
  planned_end: string | null
  purpose: string
  goal: string
  reasons: string
  area: string | null
  km: string | null
}

export async function proposals(form: DayForm): Promise<Proposal[]> {
  if (!isOpen(form) || !meta.reports.some(report => report.name === 'plan_proposal')) return []
  const { rows } = await recall<{ rows: Proposal[] }>(`report/plan_proposal?day=${form.day}`)
  const planned = new Set(form.visits.map(row => String(row.customer)))
  return rows.map(row => ({ ...row, customer: String(row.customer) })).filter(row => !planned.has(row.customer))
}

/** An hour, after the last of the day and half an hour for the way. */
export function timesAfter(day: string, ends: unknown[]): Pick<Proposal, 'planned_at' | 'planned_end'> {
  const minutes = ends.map(end => clock(end)).filter(Boolean).map(text => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
  const from = minutes.length ? Math.min(Math.max(...minutes) + 30, 22 * 60) : 9 * 60
  const at = (minute: number) => toInstant(day, `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
  return { planned_at: at(from), planned_end: at(from + 60) }
}

export function planVisit(one: Proposal): Promise<Row> {
  const { customer, purpose, goal, planned_at, planned_end } = one
  return createRow(visits()!, { kind: 'visit', state: 'planned', owner: meta.me.id, customer, purpose, goal, planned_at, planned_end }, false, { customer: one.title }, 2500)
}

/* What waits for my signature */

export interface ToSign { object: Entity, row: Row }

export async function toSign(): Promise<ToSign[]> {
  const objects = [reportForm(), planForm()].filter(object => object !== undefined)
  const pages = await Promise.all(objects.map(object => recallList(object.name, 'leader=eq.$me&state=eq.submitted&sort=sign_due_at&limit=100')))
  return pages.flatMap((page, at) => overlay(objects[at].name, page.rows).filter(row => row.state === 'submitted').map(row => ({ object: objects[at], row })))
    .sort((one, other) => String(one.row.sign_due_at).localeCompare(String(other.row.sign_due_at)))
}

/** S01-56 beside the report: that person's day. */
export async function efficiency(owner: string, day: string): Promise<Record<string, unknown> | undefined> {
  const answer = await recall<{ rows: Record<string, unknown>[] }>(`report/selling_efficiency?from=${day}&to=${day}&owner=${owner}`)
  return answer.rows[0]
}
