/* What a role or a member may do, in words. */

import { say, t, type Key } from '@/core/i18n'
import { findField, findObject } from '@/state/meta'

export type Act = 'read' | 'create' | 'update' | 'delete' | 'export'
export type Reach = 'none' | 'own' | 'team' | 'tree' | 'all'
export interface Access extends Record<Act, Reach> { object: string, hidden: string[], fixed: string[] }
export interface Counted extends Access { seen: number, total: number }

const acts: Act[] = ['read', 'create', 'update', 'delete', 'export']
const reaches: Reach[] = ['own', 'team', 'tree', 'all']
const nameOf = (object: string) => say(findObject(object)?.plural) || object

/** One sentence an act: “sees own customers and tasks; everybody's products”. What the engine keeps is left out. */
export function sentences(objects: Access[]): { act: string, text: string }[] {
  const work = objects.filter(one => findObject(one.object)?.module !== 'engine')
  return acts.map(act => {
    const parts = reaches.map(reach => ({ reach, names: work.filter(one => one[act] === reach).map(one => nameOf(one.object)) })).filter(part => part.names.length)
    return { act: t(`access.${act}` as Key), text: parts.map(part => t(`reach.${part.reach}` as Key, { x: part.names.join(t('list.comma')) })).join(t('list.semicolon')) || t('access.nothing') }
  })
}

/** Fields out of sight, and those that are seen but not changed. */
export function closedFields(objects: Access[]): { act: string, text: string }[] {
  const of = (key: 'hidden' | 'fixed') => objects.filter(one => findObject(one.object)?.module !== 'engine' && one[key].length)
    .map(one => t('access.fields', { x: nameOf(one.object), y: one[key].map(name => say(findField(findObject(one.object)!, name)?.label) || name).join(t('list.comma')) })).join(t('list.semicolon'))
  return [{ act: t('access.hidden'), text: of('hidden') }, { act: t('access.fixed'), text: of('fixed') }].filter(one => one.text)
}

export const reachText = (reach: Reach) => t(`reach.short.${reach}` as Key)
