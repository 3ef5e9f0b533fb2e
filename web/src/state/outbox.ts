/* The outbox as the pages see it: what waits, when it is tried again, and what came back. */

import { shallowReactive, shallowRef } from 'vue'
import { ApiError, get, newKey, onReached } from '@/core/api'
import { add, box, deliver, onNews, send, tidy } from '@/core/box'
import { t } from '@/core/i18n'
import { localId, pause, type Draft, type Entry } from '@/core/outbox'
import type { Row, Upload } from '@/core/types'
import { announce } from './changes'
import { toast } from './toast'

export const waiting = shallowRef<Entry[]>([])
/** Whether the server answered the last time it was asked. */
export const network = shallowReactive({ reached: true })

let member = ''
let tries = 0
let timer = 0
const rows = new Map<string, Row>()

const look = async () => { waiting.value = member ? await box.all(member).catch(() => []) : [] }

// No browser tells reliably when a connection is back; asking costs little.
const AGAIN = 15000
let asking = 0
function ask() {
  clearTimeout(asking)
  if (!network.reached) asking = window.setTimeout(() => document.visibilityState === 'visible' ? get('health').catch(() => {}).finally(ask) : ask(), AGAIN)
}
onReached(yes => {
  if (network.reached === yes) return
  network.reached = yes
  if (yes) hurry()
  else ask()
})
let looking = 0
onNews(({ entry, row }) => {
  // While two hundred arrive, looking at each would be two hundred times two hundred.
  clearTimeout(looking)
  looking = window.setTimeout(look, 60)
  if (!entry || !row) return
  rows.set(entry.key, row)
  if (entry.merged !== undefined) toast(t('conflict.merged', { x: entry.merged || t('conflict.other') }))
  if (entry.object !== 'file' && entry.member === member) announce(entry.object, row.id, row)
})

let running: Promise<void> | undefined
let again = false

/** Tries to send; whoever calls while that goes on makes it look once more. */
export function sendWaiting(): Promise<void> {
  again = true
  return running ??= (async () => {
    try {
      while (again) {
        again = false
        const reached = await deliver().catch(error => { if (!(error instanceof ApiError)) console.error(error); return false })
        if (reached) tries = 0
        else break
      }
      await look()
      later()
    } finally { running = undefined }
  })()
}

/* Timers stop with the page: the browser's own sync takes over where it exists. */
function later() {
  clearTimeout(timer)
  const open = waiting.value.filter(entry => entry.state === 'waiting')
  if (!open.length) return
  timer = window.setTimeout(sendWaiting, Math.max(pause(++tries), Math.min(...open.map(entry => entry.after)) - Date.now()))
  navigator.serviceWorker?.ready.then(worker => (worker as unknown as { sync?: { register(tag: string): Promise<void> } }).sync?.register('outbox')).catch(() => {})
}

function hurry() {
  tries = 0
  if (member && waiting.value.length) sendWaiting()
}
function maybeBack() {
  if (document.visibilityState !== 'visible') return
  if (network.reached) hurry()
  else get('health').catch(() => {})
}
window.addEventListener('online', maybeBack)
document.addEventListener('visibilitychange', maybeBack)

/** Whose entries these are; nobody's after signing out. */
export async function openOutbox(id: string) {
  member = id
  await look()
  if (waiting.value.length) sendWaiting()
  else tidy()
}

const asError = ({ status, kind, message, errors, current, duplicates }: NonNullable<Entry['problem']>) => new ApiError(status, kind, message, errors, current, duplicates)

/**
 * Writes an entry down and sends it. Answers with the record if the server was quick enough, else with what will be
 * one; a refusal in time is thrown, and the entry was none.
 */
export async function submit(draft: Draft, patience = 8000): Promise<Row> {
  const key = newKey()
  const entry: Omit<Entry, 'n'> = { ...draft, key, member, at: Date.now(), state: 'waiting', tries: 0, after: 0 }
  try {
    await add(entry)
  } catch {
    // A browser without storage: straight to the server, or not at all.
    const row = await send(entry as Entry, draft.id, draft.values)
    announce(draft.object, row.id, row)
    return row
  }
  navigator.storage?.persist?.()
  let over = 0
  await Promise.race([sendWaiting(), new Promise(resolve => { over = window.setTimeout(resolve, patience) })])
  clearTimeout(over)
  const row = rows.get(key)
  if (row) return row
  const now = (await box.all(member)).find(one => one.key === key)
  if (now?.problem && now.state !== 'waiting') {
    await box.remove(now.n)
    throw asError(now.problem)
  }
  await look()
  return { version: draft.version ?? 0, ...draft.values, id: draft.id ?? localId(key), labels: draft.labels }
}

/** An attachment; without a connection it has a local id until it has travelled. */
export async function attach(file: File): Promise<Upload> {
  const { name, size, type } = file
  const row = await submit({ object: 'file', values: {}, blob: file, title: name }, 10000)
  return { name, size, type, ...row } as unknown as Upload
}

/** Rows as they will be: changes that wait are shown, and new records of which `counts` says that they belong here. */
export function overlay(object: string, rows: Row[], counts: (values: Draft['values']) => boolean = () => false): Row[] {
  const mine = waiting.value.filter(entry => entry.object === object)
  const made = mine.filter(entry => !entry.id && counts(entry.values)).map(entry => ({ ...entry.values, id: localId(entry.key), version: 0, labels: entry.labels }))
  return [...made, ...rows.map(row => mine.filter(entry => entry.id === row.id)
    .reduce<Row>((now, entry) => ({ ...now, ...entry.values, labels: { ...now.labels, ...entry.labels } }), row))]
}

/* What a person does about an entry */

export async function retry(entry: Entry, change: Partial<Entry> = {}) {
  await box.put({ ...entry, state: 'waiting', tries: 0, after: 0, sent: undefined, problem: undefined, ...change })
  sendWaiting()
}

/** With it goes what refers to it. */
export const followers = (entry: Entry): Entry[] => {
  const direct = waiting.value.filter(other => other !== entry && JSON.stringify([other.id, other.values]).includes(`"${localId(entry.key)}"`))
  return [...new Set(direct.flatMap(other => [other, ...followers(other)]))]
}
export async function discard(entry: Entry) {
  for (const one of [entry, ...followers(entry)]) await box.remove(one.n)
}
