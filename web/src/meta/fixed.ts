/*
 * What stays as it is while a record fulfils a condition: the rules `fixed` of its object, and of the records it is part
 * of. The server refuses; this keeps away what it would refuse. The record it is part of must have been seen: while it is
 * read nothing is offered, and where it may not be read the server has the last word.
 */

import { shallowReactive } from 'vue'
import { read } from '@/core/api'
import { canMake, canWrite } from '@/core/perms'
import { holds } from '@/core/query'
import type { Entity, Field, FixedRule, Row, Stays } from '@/core/types'
import { findObject, meta } from '@/state/meta'

/** `null` while it is read. */
const seen = shallowReactive(new Map<string, Row | null>())

const stays = ({ fields, but }: Stays, field: Field) => fields ? fields.includes(field.name) : !but?.includes(field.name)
const inForce = (object: Entity, row: Row) => (object.fixed ?? []).filter(rule => holds(rule.when, row, meta.me.id))

/** What the record is part of, and the rules there that name its object. */
const wholes = (object: Entity) => object.fields.filter(field => field.type === 'ref').flatMap(via => {
  const whole = findObject(via.to)
  return whole?.fixed?.some(rule => rule.parts?.some(part => part.object === object.name)) ? [{ via, whole }] : []
})
function partsIn(object: Entity, whole: Entity, id: unknown): { rule: FixedRule, part: Stays }[] {
  const row = seen.get(`${whole.name}/${id}`)
  return row ? inForce(whole, row).flatMap(rule => rule.parts?.filter(part => part.object === object.name).map(part => ({ rule, part })) ?? []) : []
}
const above = (object: Entity, row: Partial<Row>) => wholes(object).flatMap(({ via, whole }) => partsIn(object, whole, row[via.name]).map(({ rule, part }) => ({ rule, part, via })))
/** Nor does a part go over to another record. */
const staysPart = ({ part, via }: ReturnType<typeof above>[0], field: Field) => via === field || stays(part, field)

/** A record was read: what belongs to it, and what it belongs to, is judged by it. */
export function see(object: Entity, row: Row) {
  if (object.fixed?.some(rule => rule.parts)) seen.set(`${object.name}/${row.id}`, row)
  for (const { via, whole } of wholes(object)) {
    if (!row[via.name]) continue
    const key = `${whole.name}/${row[via.name]}`
    if (!seen.has(key)) seen.set(key, null)
    read(whole.name, String(row[via.name])).then(found => seen.set(key, found), () => { if (!seen.get(key)) seen.delete(key) })
  }
}
const isRead = (object: Entity, row: Row) => wholes(object).every(({ via, whole }) => seen.get(`${whole.name}/${row[via.name]}`) !== null)

export const mayWrite = (object: Entity, field: Field, row: Row) => canWrite(object, field) && isRead(object, row)
  && !inForce(object, row).some(rule => stays(rule, field)) && !above(object, row).some(one => staysPart(one, field))

export const mayDelete = (object: Entity, row: Row) => object.can.delete && isRead(object, row)
  && inForce(object, row).every(rule => rule.delete) && !above(object, row).length

/** May one more be made that refers to this record? */
export function mayAdd(object: Entity, via: string, id: string) {
  const whole = findObject(object.fields.find(field => field.name === via)?.to)
  return canMake(object) && !(whole && partsIn(object, whole, id).length)
}

/** Why, and what to do instead: of the rules that keep some field people would write. */
export function fixedBecause(object: Entity, row: Row): FixedRule[] {
  const open = object.fields.filter(field => canWrite(object, field))
  const own = inForce(object, row).filter(rule => open.some(field => stays(rule, field)))
  return [...new Set([...own, ...above(object, row).filter(one => open.some(field => staysPart(one, field))).map(({ rule }) => rule)])]
}
