/* Entries of the menu: the objects of the declarations, and pages that are no object. */

import { say, t } from './core/i18n'
import { isAdmin } from './core/perms'
import { findObject, isLog, menuObjects, meta } from './state/meta'

export interface NavEntry { to: string, label: string, icon?: string, key?: string, also?: string[] }

export const topEntries = (): NavEntry[] => [{ to: '/', label: t('nav.today'), icon: 'today', key: 't' }]

export const objectEntries = (): NavEntry[] =>
  menuObjects().map(object => ({ to: `/o/${object.name}`, label: say(object.plural), icon: object.icon }))

/** Pages beside the objects: whoever adds a page adds its entry here. */
export const pageEntries = (): NavEntry[] => [
  ...(findObject('daily_report') ? [{ to: '/workday', label: t('workday.title'), icon: 'note' }] : []),
  ...(findObject('dashboard') ? [{ to: '/boards', label: t('nav.boards'), icon: 'board' }] : []),
  ...(findObject('target') ? [{ to: '/targets', label: t('target.title'), icon: 'target' }] : []),
  ...(meta.reports.length || meta.metrics.length ? [{ to: '/analysis', label: t('nav.analysis'), icon: 'chart', also: ['/report', '/metric'] }] : []),
  ...(isAdmin(meta) ? [{ to: '/settings', label: t('nav.settings'), icon: 'gear' }] : []),
]

export const allEntries = () => [...topEntries(), ...objectEntries(), ...pageEntries()]

/** What a phone shows beside 今日 and 我的: the first object, and the first with a board. */ // i18n-ok
export function phoneObjects() {
  const [first, ...others] = menuObjects()
  const board = others.find(object => object.board) ?? others[0]
  return [first, board].filter(object => object !== undefined)
}

/** What “＋” makes: things noted first, because they are made most often. */
export function creatables() {
  const all = menuObjects().filter(object => object.can.create)
  return [...new Set([...meta.objects.filter(isLog), ...all])]
}
