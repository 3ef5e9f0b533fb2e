/* Views of an object: the declared ones and those people saved. */

import { shallowRef } from 'vue'
import { create, list, remove, update } from '@/core/api'
import { t, say } from '@/core/i18n'
import type { Entity, Row } from '@/core/types'
import { findField, findObject, meta } from './meta'

export type Layout = 'grid' | 'board'

export interface AnyView {
  name: string
  label: string
  query: string
  layout?: Layout
  columns?: string[]
  /** The record behind a saved view. */
  row?: Row
}

export const savedViews = shallowRef<Row[]>([])

export async function loadViews() {
  if (findObject('view')) savedViews.value = (await list('view', 'limit=200')).rows
}

export function viewsOf(object: Entity): AnyView[] {
  return [
    { name: 'all', label: t('view.all'), query: '' },
    ...(object.views ?? []).map(view => ({ name: view.name, label: say(view.label), query: view.query })),
    ...savedViews.value.filter(row => row.object === object.name).map(asView),
  ]
}

export const pinnedViews = () => savedViews.value.filter(row => row.pinned && findObject(String(row.object)))

const asView = (row: Row): AnyView => ({
  name: row.id,
  label: String(row.label ?? row.name ?? ''),
  query: String(row.query ?? ''),
  layout: row.layout as Layout | undefined,
  columns: row.columns ? String(row.columns).split(',') : undefined,
  row,
})

export interface ViewValues { label: string, query: string, layout: Layout, columns: string, shared: boolean, pinned: boolean }

/** Only the fields the server's `view` object has are sent. */
function known(values: Partial<ViewValues> & { object?: string }) {
  const view = findObject('view')!
  const all: Record<string, unknown> = { ...values }
  if (!findField(view, 'label')) all.name = values.label
  return Object.fromEntries(Object.entries(all).filter(([name]) => findField(view, name)))
}

export async function saveView(object: string, values: ViewValues): Promise<string> {
  const row = await create('view', known({ object, ...values }))
  savedViews.value = [...savedViews.value, row]
  return row.id
}

export async function changeView(row: Row, values: Partial<ViewValues>) {
  const next = await update('view', row.id, row.version, known(values))
  savedViews.value = savedViews.value.map(other => other.id === row.id ? next : other)
}

export async function removeView(row: Row) {
  await remove('view', row.id, row.version)
  savedViews.value = savedViews.value.filter(other => other.id !== row.id)
}

export const ownsView = (row: Row) => !row.owner || row.owner === meta.me.id
