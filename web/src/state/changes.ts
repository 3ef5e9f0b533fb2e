/* Lists, boards and panels that show the same record hear of its changes here. */

import { onBeforeUnmount } from 'vue'
import type { Row } from '@/core/types'

type Listener = (object: string, id: string, row: Row | null) => void
const listeners = new Set<Listener>()

/** `row` is null for a record that went away. */
export const announce: Listener = (object, id, row) => listeners.forEach(listener => listener(object, id, row))

export function onChange(listener: Listener) {
  listeners.add(listener)
  onBeforeUnmount(() => listeners.delete(listener))
}

/* What others changed, as the change feed tells it: what shows it asks again, quietly. */

export interface FeedRow { seq: number, by: string | null, object: string, id: string, act: 'create' | 'update' | 'delete' | 'restore' | 'export' }
type FeedListener = (rows: FeedRow[]) => void
const feedListeners = new Set<FeedListener>()

export const announceFeed: FeedListener = rows => feedListeners.forEach(listener => listener(rows))

export function onFeed(listener: FeedListener) {
  feedListeners.add(listener)
  onBeforeUnmount(() => feedListeners.delete(listener))
}
