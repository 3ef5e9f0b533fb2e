/* Entries of the menu: the objects of the declarations, and pages that are no object. */

import { say, t } from './core/i18n'
import { canMake, isAdmin } from './core/perms'
import type { Entity } from './core/types'
import { findObject, isLog, menuGroups, menuObjects, meta } from './state/meta'

export interface NavEntry { to: string, label: string, icon?: string, key?: string, also?: string[] }

export const topEntries = (): NavEntry[] => [{ to: '/', label: t('nav.today'), icon: 'today', key: 't' }]

export interface NavGroup { name: string, label: string, entries: NavEntry[] }

const entryOf = (object: Entity): NavEntry => ({ to: `/o/${object.name}`, label: say(object.plural), icon: object.icon })

/** Pages beside the objects: whoever adds a page adds its entry here, first in its group or after an object's, or after all groups. */
const pages = (): (NavEntry & { group?: string, after?: string })[] => [
  ...(findObject('daily_report') ? [{ to: '/workday', label: t('workday.title'), icon: 'note', group: 'day' }] : []),
  ...(findObject('activity')?.can.create && meta.reports.some(report => report.name === 'call_list') ? [{ to: '/calls', label: t('calls.title'), icon: 'phone', group: 'day' }] : []),
  ...(findObject('target') ? [{ to: '/targets', label: t('target.title'), icon: 'target', group: 'control' }] : []),
  ...(findObject('stakeholder') ? [{ to: '/map', label: t('map.title'), icon: 'map', group: 'customers', after: 'opportunity' }] : []),
  ...(findObject('dashboard') ? [{ to: '/boards', label: t('nav.boards'), icon: 'board' }] : []),
  ...(meta.reports.length || meta.metrics.length ? [{ to: '/analysis', label: t('nav.analysis'), icon: 'chart', also: ['/report', '/metric'] }] : []),
  ...(isAdmin(meta) ? [{ to: '/settings', label: t('nav.settings'), icon: 'gear' }] : []),
]

/** The groups of the menu that have something for the member; the last has no name. */
export function navGroups(): NavGroup[] {
  const groups = menuGroups().map(({ name, label, objects }) => {
    const entries = objects.map(entryOf)
    for (const page of pages().filter(page => page.group && page.group === name).reverse())
      entries.splice(entries.findIndex(({ to }) => to === `/o/${page.after}`) + 1, 0, page)
    return { name, label: label ? say(label) : '', entries }
  })
  groups.at(-1)!.entries.push(...pages().filter(page => !page.group))
  return groups.filter(group => group.entries.length)
}

/** Pages about one record, beside its own. */
export const recordPages = (object: string, id: string): NavEntry[] =>
  object === 'opportunity' && findObject('stakeholder') ? [{ to: `/map/${id}`, label: t('map.title'), icon: 'map' }] : []

export const allEntries = () => [...topEntries(), ...navGroups().flatMap(group => group.entries)]

/** What a phone shows beside 今日 and 我的: what is noted, and the first with a board. */ // i18n-ok
export function phoneObjects() {
  const all = menuObjects()
  const log = all.find(isLog) ?? all[0]
  const others = all.filter(object => object !== log)
  const board = others.find(object => object.board) ?? others[0]
  return [log, board].filter(object => object !== undefined)
}

/** What “＋” makes: things noted first, because they are made most often. */
export function creatables() {
  const all = menuObjects().filter(canMake)
  return [...new Set([...meta.objects.filter(isLog), ...all])]
}
