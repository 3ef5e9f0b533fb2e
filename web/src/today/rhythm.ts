/* Who follows at which rhythm (S01-53): rows of `rhythm`, which an administrator may change. */

import { recallList } from '@/core/kept'
import type { Metric, ReportHead, Row } from '@/core/types'
import { findObject, meta } from '@/state/meta'
import type { SpanKind } from './span'

export interface Rhythm {
  name: string
  period: SpanKind
  metrics: Metric[]
  people: 'member' | 'team' | null
  trend: 'day' | 'week' | 'month' | null
  reports: ReportHead[]
  lists: boolean
  /** Whether I open with it. */
  mine: boolean
}

/** A store from before there were rhythms has none: then there is the day, with the first metrics. */
const plain = (): Rhythm => ({ name: 'day', period: 'day', metrics: meta.metrics.slice(0, 4), people: 'member', trend: null, reports: [], lists: true, mine: true })

const named = <T extends { name: string }>(all: T[], names: unknown) =>
  String(names ?? '').split(',').map(name => all.find(one => one.name === name)).filter(one => one !== undefined)

export async function loadRhythms(): Promise<Rhythm[]> {
  if (!findObject('rhythm')) return [plain()]
  const [rhythms, me] = await Promise.all([recallList('rhythm', 'sort=position'), recallList('member', 'id=eq.$me&fields=roles')])
  const roles = new Set((me.rows[0]?.roles ?? []) as string[])
  const asRhythm = (row: Row): Rhythm => ({
    name: String(row.rhythm), period: row.period as SpanKind,
    metrics: named(meta.metrics, row.metrics), reports: named(meta.reports, row.reports),
    people: (row.people || null) as Rhythm['people'], trend: (row.trend || null) as Rhythm['trend'],
    lists: !!row.lists, mine: ((row.roles ?? []) as string[]).some(role => roles.has(role)),
  })
  return rhythms.rows.length ? rhythms.rows.map(asRhythm) : [plain()]
}

/** Of several the last: the wider view. */
export const ownRhythm = (all: Rhythm[]) => [...all].reverse().find(one => one.mine) ?? all[0]
