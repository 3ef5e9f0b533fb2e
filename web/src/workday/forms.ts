/*
 * The plan and the report of a person's day, with what stands in them. All of it is asked for in a way that keeps the
 * answer, and saved through the outbox: it works where there is no connection.
 */

import { addDays, toInstant, today } from '@/core/format'
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

/* What could be visited that day: what is due with a customer, and who has not been heard of for long. */

export interface Proposal { key: string, customer: string, label: string, why: 'due' | 'silent', goal: string, since: string }

const SILENT = 30

export async function proposals(form: DayForm): Promise<Proposal[]> {
  const [tasks, silent] = await Promise.all([
    findObject('task') ? recallList('task', `owner=eq.$me&state=eq.open&customer=is.notnull&due_on=lte.${form.day}&sort=due_on&limit=20`) : null,
    findObject('customer') ? recallList('customer', `owner=eq.$me&last_activity_at=lt.today-${SILENT}&sort=last_activity_at&limit=10`) : null,
  ])
  const found: Proposal[] = [
    ...(tasks?.rows ?? []).map((row): Proposal => ({ key: `t${row.id}`, customer: String(row.customer), label: String(row.labels?.customer ?? ''), why: 'due', goal: String(row.title), since: String(row.due_on) })),
    ...(silent?.rows ?? []).map((row): Proposal => ({ key: `c${row.id}`, customer: row.id, label: String(row.name), why: 'silent', goal: '', since: String(row.last_activity_at).slice(0, 10) })),
  ]
  const planned = new Set(form.visits.map(row => row.customer))
  return found.filter((one, at) => !planned.has(one.customer) && found.findIndex(other => other.customer === one.customer) === at).slice(0, 6)
}

/** Planned after the last one, an hour each. */
export function planVisit(form: DayForm, proposal: Proposal, goal: string): Promise<Row> {
  const last = form.visits.map(row => Number(String(row.planned_at).slice(11, 13))).filter(hour => hour >= 0)
  const hour = Math.min(last.length ? Math.max(...last) + 1 : 9, 20)
  const at = (clock: number) => toInstant(form.day, `${String(clock).padStart(2, '0')}:00`)
  return createRow(visits()!, {
    kind: 'visit', state: 'planned', owner: meta.me.id, customer: proposal.customer, purpose: proposal.why === 'due' ? 'service' : 'development',
    goal, planned_at: at(hour), planned_end: at(hour + 1),
  }, false, { customer: proposal.label }, 2500)
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
