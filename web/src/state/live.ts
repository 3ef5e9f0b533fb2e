/*
 * One stream of the server's change feed, while somebody looks at this tab: a browser has few connections to a
 * host, and tabs in the background would use them up. When it breaks, the feed is asked for at growing intervals
 * until it holds again; so a network that lets no streams through has polling.
 */

import { get } from '@/core/api'
import { announceFeed, type FeedRow } from './changes'
import { meta } from './meta'

const BATCH = 500
const SLOWEST = 30_000

let source: EventSource | null = null
let last: number | null = null
let failures = 0
let waiting: FeedRow[] = []
let flushTimer = 0
let retryTimer = 0
let running = false

/** Milliseconds until the next attempt; scattered, so that not all come back at once. */
export const backoff = (failures: number, chance = Math.random()) => Math.min(SLOWEST, 1000 * 2 ** failures) * (0.5 + chance / 2)

function hear(row: FeedRow) {
  last = Math.max(last ?? 0, row.seq)
  // What one did oneself is on the screen already.
  if (row.by === meta.me.id || row.act === 'export') return
  waiting.push(row)
  flushTimer ||= window.setTimeout(flush, BATCH)
}

function flush() {
  flushTimer = 0
  const rows = waiting
  waiting = []
  announceFeed(rows)
}

async function catchUp() {
  const answer = await get<{ rows: FeedRow[], last: number }>(`changes?after=${last ?? 'now'}&limit=500`)
  answer.rows.forEach(hear)
  last = answer.last
}

async function connect() {
  clearTimeout(retryTimer)
  if (!running || source || document.hidden) return
  try {
    await catchUp()
  } catch {
    return retry()
  }
  // Another call may have been faster, or the page hidden meanwhile.
  if (!running || source || document.hidden) return
  source = new EventSource(`/api/changes?after=${last}`)
  source.onopen = () => { failures = 0 }
  source.onmessage = event => hear(JSON.parse(event.data))
  source.onerror = () => { close(); retry() }
}

function close() {
  source?.close()
  source = null
}

function retry() {
  clearTimeout(retryTimer)
  retryTimer = window.setTimeout(connect, backoff(failures++))
}

const seen = () => document.hidden ? close() : connect()

export function startLive() {
  running = true
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', connect)
  connect()
}

export function stopLive() {
  running = false
  close()
  clearTimeout(retryTimer)
  document.removeEventListener('visibilitychange', seen)
  window.removeEventListener('online', connect)
}
