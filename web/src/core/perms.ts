/* What the member may do. The server decides; this only keeps useless buttons away. */

import type { Entity, Field, Meta } from './types'

const computed = new Set(['formula', 'total', 'number'])

export const canWrite = (object: Entity, field: Field) => object.can.update && isOpen(field)
/** May one be made by itself?  What is about another record is made from there. */
export const canMake = (object: Entity) => object.can.create && !object.about
export const canFill = (object: Entity, field: Field) => object.can.create && isOpen(field)
export const isOpen = (field: Field) => !field.read_only && !computed.has(field.type)
export const isAdmin = (meta: Meta) => meta.me.admin ?? meta.me.roles.includes('admin')
