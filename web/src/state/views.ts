/* Views of an object: the declared ones and those people saved. */

import { shallowRef } from 'vue'
import { create, remove, update } from '@/core/api'
import { t, say } from '@/core/i18n'
import { recallList } from '@/core/kept'
import { fromDeclaration, join } from '@/core/query'
import type { Entity, Row } from '@/core/types'
import { findObject, meta } from './meta'

export type Layout = 'list' | 'board'

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
  if (findObject('view')) savedViews.value = (await recallList('view', 'limit=200')).rows
}

export function viewsOf(object: Entity): AnyView[] {
  return [
    { name: 'all', label: t('view.all'), query: '' },
    ...(object.views ?? []).map(view => ({ name: view.name, label: say(view.label), query: fromDeclaration(view.query) })),
    ...savedViews.value.filter(row => row.object === object.name).map(asView),
  ]
}

export const pinnedViews = () => savedViews.value.filter(row => row.pinned && findObject(String(row.object)))

function asView(row: Row): AnyView {
  const query = fromDeclaration(String(row.query ?? ''))
  const parts = query.split('&')
  return {
    name: row.id,
    label: String(row.name ?? ''),
    query: parts.filter(part => !part.startsWith(COLUMNS)).join('&'),
    layout: row.layout === 'board' ? 'board' : 'list',
    columns: parts.find(part => part.startsWith(COLUMNS))?.slice(COLUMNS.length).split(','),
    row,
  }
}

/** The columns travel inside the query, as they do in the address bar. */
const COLUMNS = '_cols='

export interface ViewValues { name: string, query: string, layout: Layout, columns?: string, shared: boolean, pinned: boolean }

const wire = ({ columns, ...values }: Partial<ViewValues>) => ({
  ...values, ...(columns !== undefined && { query: join(values.query, columns && COLUMNS + columns) }),
})

export async function saveView(object: string, values: ViewValues): Promise<string> {
  const row = await create('view', { object, ...wire(values) })
  savedViews.value = [...savedViews.value, row]
  return row.id
}

export async function changeView(row: Row, values: Partial<ViewValues>) {
  const next = await update('view', row.id, row.version, wire(values))
  savedViews.value = savedViews.value.map(other => other.id === row.id ? next : other)
}

export async function removeView(row: Row) {
  await remove('view', row.id, row.version)
  savedViews.value = savedViews.value.filter(other => other.id !== row.id)
}

export const ownsView = (row: Row) => !row.owner || row.owner === meta.me.id
