/* What the bell counts: unread, and outside quiet hours. */

import { ref } from 'vue'
import { bulk, list, update } from '@/core/api'
import type { Row } from '@/core/types'

export const unread = ref(0)
export const showing = ref(false)

const mine = 'member=eq.$me'
const told = `${mine}&read_at=is.null&due_at=lte.$now`

/** Out of reach the last number stays; the next question corrects it. */
export async function countNotices() {
  try {
    unread.value = (await list('notice', `${told}&limit=1&count=exact`)).count ?? 0
  } catch { /* see above */ }
}

export const readNotices = () => list('notice', `${mine}&sort=-at&limit=100`)

export async function markNotice(row: Row, read: boolean): Promise<Row> {
  const next = await update('notice', row.id, row.version, { read_at: read ? new Date().toISOString() : null })
  countNotices()
  return next
}

export async function markAll() {
  await bulk('notice', { query: `${mine}&read_at=is.null`, set: { read_at: new Date().toISOString() } })
  countNotices()
}
