/* Views of an object: the declared ones and those people saved; and which of them one keeps in the navigation. */

import { ref, shallowRef } from 'vue'
import { create, list, remove, restore, update } from '@/core/api'
import { t, say } from '@/core/i18n'
import { recallList } from '@/core/kept'
import { isAdmin } from '@/core/perms'
import { asIn, fromDeclaration, join } from '@/core/query'
import type { Entity, Row } from '@/core/types'
import { findObject, meta } from './meta'

export type Layout = 'list' | 'board' | 'calendar' | 'pivot'
export const layouts: Layout[] = ['list', 'board', 'calendar', 'pivot']

export interface AnyView {
  name: string
  label: string
  query: string
  layout?: Layout
  columns?: string[]
  /** Widths of columns in pixels, where somebody chose one. */
  widths?: Widths
  /** What a pivot is made of: `down`, `across`, `sum`. */
  marks?: Record<string, string>
  /** The record behind a saved view. */
  row?: Row
}

export type Widths = Record<string, number>
export const parseWidths = (text: string): Widths => Object.fromEntries(text.split(',').map(part => part.split('.')).filter(([name, px]) => name && Number(px) > 0).map(([name, px]) => [name, Number(px)]))
export const formatWidths = (widths: Widths) => Object.entries(widths).map(([name, px]) => `${name}.${px}`).join()

export const savedViews = shallowRef<Row[]>([])

/** The server shows an administrator everybody's; offered are their own, those for everybody, and what somebody shared with them. */
async function offered() {
  if (!isAdmin(meta)) return ''
  const shares = await recallList('share', 'object=eq.view&or=(member.eq.$me,team.eq.$team)&or=(until.is.null,until.gte.today)&limit=200')
  const ids = shares.rows.map(row => row.record)
  return `or=(owner.eq.$me,owner.is.null${ids.length ? `,id.in.${asIn(ids.map(String))}` : ''})`
}

export async function loadViews() {
  const [views, mine] = await Promise.all([findObject('view') ? recallList('view', join(await offered(), 'limit=200', 'sort=position,name')) : null, findObject('preference') ? recallList('preference', 'member=eq.$me') : null])
  savedViews.value = views?.rows ?? []
  preference.value = mine?.rows[0] ?? null
  countPins()
}

const placeOf = (row: Row) => Number(row.position ?? 1000)

export function viewsOf(object: Entity): AnyView[] {
  return [
    { name: 'all', label: t('view.all'), query: '' },
    ...(object.views ?? []).map(view => ({ name: view.name, label: say(view.label), query: fromDeclaration(view.query) })),
    ...savedViews.value.filter(row => row.object === object.name).sort((one, other) => placeOf(one) - placeOf(other)).map(asView),
  ]
}

/** Columns and widths travel inside the query, as they do in the address bar. */
const COLUMNS = '_cols='
const WIDTHS = '_widths='

function asView(row: Row): AnyView {
  const parts = fromDeclaration(String(row.query ?? '')).split('&')
  const part = (mark: string) => parts.find(one => one.startsWith(mark))?.slice(mark.length)
  return {
    name: row.id,
    label: String(row.name ?? ''),
    query: parts.filter(one => !one.startsWith('_')).join('&'),
    layout: layouts.find(layout => layout === row.layout) ?? 'list',
    marks: Object.fromEntries(parts.filter(one => /^_(down|across|sum)=/.test(one)).map(one => one.slice(1).split('='))),
    columns: part(COLUMNS)?.split(','),
    widths: parseWidths(part(WIDTHS) ?? ''),
    row,
  }
}

export interface ViewValues { name: string, query: string, layout: Layout, columns?: string, widths?: string, marks?: string }

const wire = ({ columns, widths, marks, ...values }: Partial<ViewValues>) => ({
  ...values, ...(columns !== undefined && { query: join(values.query, columns && COLUMNS + columns, widths && WIDTHS + widths, marks) }),
})

export async function saveView(object: string, values: ViewValues): Promise<string> {
  const row = await create('view', { object, ...wire(values) })
  savedViews.value = [...savedViews.value, row]
  return row.id
}

export async function changeView(row: Row, values: Partial<ViewValues> & { owner?: string | null, position?: number }) {
  const next = await update('view', row.id, row.version, wire(values))
  savedViews.value = savedViews.value.map(other => other.id === row.id ? next : other)
}

/** One's own, in this order. */
export async function orderViews(rows: Row[]) {
  const moved = rows.map((row, at) => ({ row, position: at + 1 })).filter(({ row, position }) => row.position !== position)
  // They stand there at once.
  savedViews.value = savedViews.value.map(row => ({ ...row, position: moved.find(one => one.row.id === row.id)?.position ?? row.position }))
  for (const { row, position } of moved) await changeView(row, { position })
}

/** What was deleted a moment ago is there again, with whom it was shared. */
export async function restoreView(row: Row) {
  savedViews.value = [...savedViews.value, await restore('view', row.id)]
}

export async function removeView(row: Row) {
  await remove('view', row.id, row.version)
  savedViews.value = savedViews.value.filter(other => other.id !== row.id)
}

/** What somebody shared is theirs to change; what is for everybody, an administrator's. */
export const ownsView = (row: Row) => row.owner ? row.owner === meta.me.id : !!meta.me.admin

/* Pins: everybody's own, of declared and saved views alike */

const preference = shallowRef<Row | null>(null)
const counts = ref<Record<string, number>>({})
const MOST = 12
// The server counts no further: this many means this many or more.
const BOUND = 1000

const pinNames = () => String(preference.value?.pins ?? '').split(',').filter(Boolean)
const keyOf = (object: string, view: string) => `${object}/${view}`

export interface Pin { key: string, object: Entity, view: AnyView, count: string }

export const pinnedViews = (): Pin[] => pinNames().flatMap(key => {
  const [name, view] = key.split('/')
  const object = findObject(name)
  const found = object && viewsOf(object).find(one => one.name === view)
  if (!object || !found) return []
  const count = counts.value[key]
  return [{ key, object, view: found, count: count === undefined ? '' : count >= BOUND ? `${BOUND - 1}+` : String(count) }]
})

export const isPinned = (object: string, view: string) => pinNames().includes(keyOf(object, view))
export const canPin = () => !!findObject('preference')?.can.create

export async function togglePin(object: string, view: string) {
  const key = keyOf(object, view)
  const pins = (isPinned(object, view) ? pinNames().filter(other => other !== key) : [...pinNames(), key].slice(-MOST)).join()
  // Quiet hours are kept in the same row.
  const row = (await list('preference', 'member=eq.$me')).rows[0]
  preference.value = row ? await update('preference', row.id, row.version, { pins }) : await create('preference', { pins })
  await countPins()
}

async function countPins(object?: string) {
  await Promise.all(pinnedViews().filter(pin => !object || pin.object.name === object).map(async pin => {
    const page = await list(pin.object.name, join(pin.view.query, 'fields=id', 'limit=1', 'count=bounded')).catch(() => null)
    if (page) counts.value = { ...counts.value, [pin.key]: page.count ?? 0 }
  }))
}

let timer = 0
const changed = new Set<string>()
/** Something of this object changed: its pins are counted again, soon and once. */
export function recountPins(object: string) {
  if (!pinNames().some(key => key.startsWith(object + '/'))) return
  changed.add(object)
  clearTimeout(timer)
  timer = window.setTimeout(() => { for (const name of changed) countPins(name); changed.clear() }, 1500)
}
