/* Saving and deleting as every page does it: announced, undoable, with the question when two people changed the same. */

import { shallowRef } from 'vue'
import { ApiError, create, remove, restore, update } from '@/core/api'
import { t } from '@/core/i18n'
import type { Entity, Row } from '@/core/types'
import { titleOf, toWire } from '@/meta/values'
import { announce } from './changes'
import { toast, toastError } from './toast'

type Values = Record<string, unknown>

/** Fields that both changed, to different values: what I began with, mine, and the present ones. */
export interface Conflict { object: Entity, base: Row, mine: Partial<Row>, current: Row, answer: (values: Values) => void }
export const conflict = shallowRef<Conflict | null>(null)

function askConflict(object: Entity, base: Row, mine: Partial<Row>, current: Row): Promise<Values> {
  return new Promise(resolve => {
    conflict.value = { object, base, mine, current, answer: values => { conflict.value = null; resolve(values) } }
  })
}

const same = (a: unknown, b: unknown) => JSON.stringify(a === '' ? null : a ?? null) === JSON.stringify(b === '' ? null : b ?? null)

/** Which of my fields somebody else changed meanwhile, and not to the same. */
export const contested = (base: Row, mine: Values, current: Row) =>
  Object.keys(mine).filter(name => !same(current[name], base[name]) && !same(current[name], mine[name]))

/** What two people changed in different fields goes together; for the same field one of them is asked. */
async function merged(object: Entity, base: Row, mine: Values, labels: Row['labels'], current: Row): Promise<Values> {
  const names = contested(base, mine, current)
  if (!names.length) {
    toast(t('conflict.merged', { x: String(current.labels?.changed_by ?? t('conflict.other')) }))
    return mine
  }
  const rest = Object.fromEntries(Object.entries(mine).filter(([name]) => !names.includes(name)))
  const asked = Object.fromEntries(names.map(name => [name, mine[name]]))
  return { ...rest, ...await askConflict(object, base, { ...asked, labels }, current) }
}

/** Changes some fields of `row`, the state they were changed from; `labels` only help to show them if someone else was faster. */
export async function saveFields(object: Entity, row: Row, values: Values, labels: Row['labels'] = {}, allowDuplicate = false): Promise<Row> {
  let saved: Row
  try {
    saved = await update(object.name, row.id, row.version, toWire(object, values), allowDuplicate)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409 && error.current)) throw error
    const chosen = await merged(object, row, values, labels, error.current)
    if (Object.keys(chosen).length) return saveFields(object, error.current, chosen, labels, allowDuplicate)
    saved = error.current
  }
  announce(object.name, row.id, saved)
  return saved
}

export async function createRow(object: Entity, values: Values, allowDuplicate = false): Promise<Row> {
  const row = await create(object.name, toWire(object, values), allowDuplicate)
  announce(object.name, row.id, row)
  return row
}

export async function deleteRow(object: Entity, row: Row) {
  try {
    await remove(object.name, row.id, row.version)
  } catch (error) {
    return toastError(error)
  }
  announce(object.name, row.id, null)
  toast(t('done.deleted', { title: titleOf(object, row) }), { action: { label: t('act.undo'), run: () => restoreRow(object, row) } })
}

export async function restoreRow(object: Entity, row: Row) {
  try {
    announce(object.name, row.id, await restore(object.name, row.id))
  } catch (error) {
    toastError(error)
  }
}
