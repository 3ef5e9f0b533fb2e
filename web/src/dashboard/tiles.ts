/* What a dashboard is made of: rows of the object `dashboard`, tiles as modules/dashboard/README.md has them. */

import { recallList } from '@/core/kept'
import { lang, say, t } from '@/core/i18n'
import { periodDays, periodLabel, type Period } from '@/core/metric'
import { fromDeclaration } from '@/core/query'
import type { Row, Text } from '@/core/types'
import { findObject, meta } from '@/state/meta'

export type TileKind = 'metric' | 'report' | 'list' | 'pivot'
export const tileKinds: TileKind[] = ['metric', 'report', 'list', 'pivot']
export const widest = 4

export interface Tile {
  kind: TileKind
  label?: Text | string
  wide?: number
  name?: string
  by?: string
  period?: Period
  object?: string
  query?: string
  down?: string
  across?: string
  sum?: string
}

export interface Dashboard { row: Row, name: string, tiles: Tile[], screen: boolean, mine: boolean, opens: boolean }

export async function loadDashboards(): Promise<Dashboard[]> {
  if (!findObject('dashboard')) return []
  const [rows, me] = await Promise.all([recallList('dashboard', 'sort=position&limit=200'), recallList('member', 'id=eq.$me&fields=roles')])
  const roles = new Set((me.rows[0]?.roles ?? []) as string[])
  return rows.rows.map(row => asDashboard(row, roles))
}

export function asDashboard(row: Row, roles = new Set<string>()): Dashboard {
  let tiles: Tile[] = []
  try { tiles = JSON.parse(String(row.tiles ?? '[]')) } catch { /* The server checks it; older rows may hold anything. */ }
  return {
    row, tiles, name: (lang() === 'en' && String(row.name_en ?? '')) || String(row.name), screen: !!row.screen,
    mine: row.owner === meta.me.id || (!row.owner && !!meta.me.admin), opens: ((row.roles ?? []) as string[]).some(role => roles.has(role)),
  }
}

export const widthOf = (tile: Tile) => tile.wide ?? (tile.kind === 'metric' && !tile.by ? 1 : 2)
export const metricOf = (tile: Tile) => meta.metrics.find(metric => metric.name === tile.name)
export const reportOf = (tile: Tile) => meta.reports.find(report => report.name === tile.name)
/** May the reader see what the tile is about?  Only who arranges a board is told of those they may not. */
export const isKnown = (tile: Tile) => !!(tile.kind === 'metric' ? metricOf(tile) : tile.kind === 'report' ? reportOf(tile) : findObject(tile.object))
export const daysOfTile = (tile: Tile) => periodDays(tile.period ?? 'month')

export function titleOfTile(tile: Tile): string {
  if (tile.label) return say(tile.label)
  if (tile.kind === 'metric') return say(metricOf(tile)?.label) || String(tile.name)
  if (tile.kind === 'report') return say(reportOf(tile)?.label) || String(tile.name)
  return say(findObject(tile.object)?.plural) || String(tile.object)
}

/** What the figures of the tile are about, in words: the period, and by what. */
export const baseOfTile = (tile: Tile) => tile.kind !== 'metric' ? '' : [periodLabel(tile.period ?? 'month'), tile.by && t(`metric.by.${tile.by}` as 'metric.by.member')].filter(Boolean).join(' · ')

export const reportQuery = (tile: Tile) => {
  const dated = tile.period && reportOf(tile)?.period
  const { from, to } = daysOfTile(tile)
  return [tile.query, dated && `from=${from}&to=${to}`].filter(Boolean).join('&')
}

/** The page that shows all of it. */
export function pageOfTile(tile: Tile): string {
  const { from, to } = daysOfTile(tile)
  const query = fromDeclaration(tile.query ?? '')
  if (tile.kind === 'metric') return `/metric/${tile.name}?from=${from}&to=${to}&by=${tile.by ?? 'member'}`
  if (tile.kind === 'report') return `/report/${tile.name}?${reportQuery(tile)}`
  if (tile.kind === 'list') return `/o/${tile.object}?${query}`
  return `/o/${tile.object}?${[query, '_layout=pivot', ...(['down', 'across', 'sum'] as const).map(name => tile[name] && `_${name}=${tile[name]}`)].filter(Boolean).join('&')}`
}
