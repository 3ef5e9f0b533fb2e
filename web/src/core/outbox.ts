/*
 * What was entered goes through here: written down on this device first, then sent, in the order it was made, until the
 * server has answered. The key of an entry is its Idempotency-Key, so that sending again after a lost answer does
 * nothing twice; a change of a record is guarded by its version. Until the server has given a new record its id,
 * others refer to it by its local one.
 *
 * Nothing here knows where entries lie (Box) or how they travel (Send): the page, the service worker and the tests
 * bring their own.
 */

import { ApiError } from './api'
import type { Duplicate, FieldError, Row } from './types'

export interface Problem { status: number, kind: string, message: string, errors: FieldError[], current?: Row, duplicates?: Duplicate[] }

/** waiting: will be sent by itself. refused, conflict, doubt: a person has to look. */
export type State = 'waiting' | 'refused' | 'conflict' | 'doubt'

export interface Draft {
  object: string
  /** The record to change and the version it was seen in; without, a new one is made. */
  id?: string
  version?: number
  /** What the changed fields were, to tell whether somebody else changed the same ones. */
  base?: Partial<Row>
  /** As the API wants them; local ids stand where the server's will. */
  values: Record<string, unknown>
  /** An attachment: the bytes. */
  blob?: Blob
  allowDuplicate?: boolean
  /** For people. */
  title: string
  labels?: Row['labels']
}

export interface Entry extends Draft {
  /** Given by the box; the order of sending. */
  n: number
  key: string
  member: string
  at: number
  state: State
  tries: number
  /** Not again before. */
  after: number
  /** When it first set out, while no answer has come back. */
  sent?: number
  problem?: Problem
  /** Who else changed the record meanwhile, in other fields. */
  merged?: string
}

export interface Box {
  /** In order. */
  all: (member: string) => Promise<Entry[]>
  get: (n: number) => Promise<Entry | undefined>
  put: (entry: Entry) => Promise<void>
  remove: (n: number) => Promise<void>
  /** At once: the entry is gone, its new id is known, and what waits for the same record goes on from its new version. */
  arrive: (entry: Entry, row: Row) => Promise<void>
  /** The id the server gave. */
  arrived: (key: string) => Promise<string | undefined>
}

export type Send = (entry: Entry, id: string | undefined, values: Record<string, unknown>) => Promise<Row>

const local = /^new:([0-9a-f]{32})$/
export const localId = (key: string) => 'new:' + key
export const isLocal = (id: unknown) => typeof id === 'string' && local.test(id)

/** The keys of the entries this one refers to. */
export function needs(entry: Draft): string[] {
  return [entry.id, ...Object.values(entry.values).flat()].flatMap(value => typeof value === 'string' ? local.exec(value)?.[1] ?? [] : [])
}

/** The server remembers keys for a day; later, sending again could make a second one. */
const REMEMBERED = 23 * 3600e3
const WAITS = [2, 5, 15, 60, 300]
export const pause = (tries: number) => WAITS[Math.min(tries, WAITS.length) - 1] * 1000

/** The server did not do it for a reason that has nothing to do with the entry: nothing else will go through either. */
const isHopeless = (error: ApiError) => error.status === 0 || [401, 429, 502, 503, 504, 507].includes(error.status)

/** Values compare as what they mean: a file as its id, an instant in any zone, 5 as 5.00, empty as nothing. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(one => String(one?.id ?? one)).join()
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Object.entries(value).filter(pair => pair[1]).map(pair => pair.join('=')).sort().join()
  const text = String(value).trim()
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return String(Date.parse(text))
  return /^-?\d{1,15}(\.\d+)?$/.test(text) ? String(Number(text)) : text
}
const same = (one: unknown, other: unknown) => plain(one) === plain(other)

/** Whether a record already holds what was to be written: an earlier attempt arrived, only its answer was lost. */
export const holds = (row: Row, values: Record<string, unknown>) => Object.entries(values).every(([name, value]) => same(value, row[name]))

/** Which of my fields somebody else changed meanwhile, and not to the same. */
export const contested = (base: Partial<Row>, mine: Record<string, unknown>, current: Row) =>
  Object.keys(mine).filter(name => !same(current[name], base[name]) && !same(current[name], mine[name]))

async function attempt(entry: Entry, box: Box, send: Send, now: () => number): Promise<boolean> {
  const ids = new Map<string, string>()
  for (const key of needs(entry)) {
    const id = await box.arrived(key)
    if (id) ids.set(localId(key), id)
  }
  const real = <T>(value: T) => (typeof value === 'string' ? ids.get(value) ?? value : value) as T
  const values = Object.fromEntries(Object.entries(entry.values).map(([name, value]) => [name, Array.isArray(value) ? value.map(real) : real(value)]))

  if (!entry.sent) await box.put(entry = { ...entry, sent: now() })
  try {
    await box.arrive(entry, await send(entry, real(entry.id), values))
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (isHopeless(error)) {
      if (error.status) await box.put({ ...entry, sent: undefined })
      return false
    }
    const { status, kind, message, errors, current, duplicates } = error
    const problem = { status, kind, message, errors, current, duplicates }
    if (current && holds(current, values)) await box.arrive(entry, current)
    else if (current && entry.base && !contested(entry.base, values, current).length)
      await box.put({ ...entry, sent: undefined, version: current.version, merged: String(current.labels?.changed_by ?? '') })
    else if (status >= 500) await box.put({ ...entry, sent: undefined, tries: entry.tries + 1, after: now() + pause(entry.tries + 1), problem })
    else await box.put({ ...entry, sent: undefined, state: current ? 'conflict' : 'refused', problem })
    return true
  }
}

/**
 * Sends what can be sent. False: the server cannot be reached, try again later. Only one at a time may run; see
 * state/outbox.ts and the worker.
 */
export async function flush(member: string, box: Box, send: Send, now: () => number = Date.now): Promise<boolean> {
  for (let moved = true; moved;) {
    moved = false
    const entries = await box.all(member)
    const here = new Set(entries.map(entry => entry.key))
    for (const { n } of entries) {
      const entry = await box.get(n)
      if (!entry || entry.state !== 'waiting' || entry.after > now()) continue
      const missing = []
      for (const key of needs(entry)) if (!await box.arrived(key)) missing.push(key)
      if (missing.some(key => here.has(key))) continue
      if (missing.length) await box.put({ ...entry, state: 'refused', problem: { status: 0, kind: 'gone', message: '', errors: [] } })
      else if (entry.sent && !entry.id && !entry.blob && now() - entry.sent > REMEMBERED) await box.put({ ...entry, state: 'doubt' })
      else if (!await attempt(entry, box, send, now)) return false
      moved = true
    }
  }
  return true
}
