/* The outbox of this browser: its entries in IndexedDB, its requests to the server, and who hears of changes. */

import { ApiError, request, whoami } from './api'
import { done, transact } from './db'
import { flush, localId, type Box, type Entry, type Send } from './outbox'
import type { Row } from './types'

/** Something arrived (with the entry it was), or entries changed. */
export interface News { entry?: Entry, row?: Row }

const listeners = new Set<(news: News) => void>()
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('outbox')
const hear = (news: News) => listeners.forEach(listener => listener(news))
channel?.addEventListener('message', event => hear(event.data))
export const onNews = (listener: (news: News) => void) => { listeners.add(listener) }

function tell(news: News = {}) {
  // The bytes of an attachment are of no interest to other tabs.
  const told = news.entry ? { ...news, entry: { ...news.entry, blob: undefined } } : news
  hear(told)
  channel?.postMessage(told)
}

export const box: Box = {
  all: member => transact('readonly', ['outbox'], async store => (await done(store('outbox').getAll()) as Entry[]).filter(entry => entry.member === member)),
  get: n => transact<Entry | undefined>('readonly', ['outbox'], store => done(store('outbox').get(n))),
  put: async entry => { await transact('readwrite', ['outbox'], store => { store('outbox').put(entry) }); tell() },
  remove: async n => { await transact('readwrite', ['outbox'], store => { store('outbox').delete(n) }); tell() },
  arrived: key => transact('readonly', ['arrived'], async store => (await done(store('arrived').get(key)))?.id),
  async arrive(entry, row) {
    await transact('readwrite', ['outbox', 'arrived'], async store => {
      const entries = store('outbox')
      entries.delete(entry.n)
      store('arrived').put({ key: entry.key, id: row.id, at: Date.now() })
      if (!entry.id) return
      for (const other of await done(entries.getAll()) as Entry[])
        if (other.object === entry.object && other.id === entry.id && other.version === entry.version) entries.put({ ...other, version: row.version, base: { ...Object.fromEntries(Object.keys(other.values).map(name => [name, row[name]])), labels: row.labels } })
    })
    tell({ entry, row })
  },
}

/** The number is given by the browser, so the order is that of writing down. */
export async function add(entry: Omit<Entry, 'n'>): Promise<void> {
  await transact('readwrite', ['outbox'], store => { store('outbox').add(entry) })
  tell()
}

const MONTH = 30 * 86400e3

/** Ids are needed as long as an entry that refers to them may turn up. */
export const tidy = () => transact('readwrite', ['outbox', 'arrived'], async store => {
  if (await done(store('outbox').count())) return
  for (const one of await done(store('arrived').getAll())) if (one.at < Date.now() - MONTH) store('arrived').delete(one.key)
}).catch(() => {})

const PATIENCE = 30e3
const PATIENCE_FILE = 300e3

export const send: Send = async (entry, id, values) => {
  const headers = { 'Idempotency-Key': entry.key }
  // A connection that only seems to be one must not hold up everybody who waits for the lock.
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), entry.blob ? PATIENCE_FILE : PATIENCE)
  const { signal } = abort
  try {
    if (entry.blob)
      return await request<Row>('POST', 'file', { body: entry.blob, signal, headers: { ...headers, 'X-File-Name': encodeURIComponent(entry.title), 'Content-Type': entry.blob.type || 'application/octet-stream' } })
    const path = entry.object + (id ? '/' + id : '') + (entry.allowDuplicate ? '?allow_duplicate=true' : '')
    // Given away with this very change, a record may be out of sight: then there is no answer to show.
    return await request<Row | undefined>(id ? 'PATCH' : 'POST', path, { body: values, version: entry.version, signal, headers: id ? {} : headers }) ?? { id: id ?? localId(entry.key), version: 0 }
  } catch (error) {
    throw signal.aborted ? new ApiError(0, 'offline', '') : error
  } finally { clearTimeout(timer) }
}

const exclusively = <T>(work: () => Promise<T>): Promise<T> => navigator.locks ? navigator.locks.request('outbox', work) as Promise<T> : work()

/** Sends what whoever is signed in has waiting. Where the browser has locks, one tab or the worker does so at a time. */
export const deliver = () => exclusively(async () => {
  if (!await transact('readonly', ['outbox'], store => done(store('outbox').count()))) return true
  const { member, tried_by } = await whoami<{ member: { id: string }, tried_by?: unknown, csrf: string }>()
  // Whoever only looks as this member sends nothing in their name.
  return !!tried_by || flush(member.id, box, send)
})
