/* Saving and deleting as every page does it: announced, undoable, with the question when two people changed the same. */

import { shallowRef } from 'vue'
import { ApiError, create, remove, restore, update } from '@/core/api'
import { t } from '@/core/i18n'
import type { Entity, Row } from '@/core/types'
import { titleOf, toWire } from '@/meta/values'
import { announce } from './changes'
import { toast, toastError } from './toast'

type Values = Record<string, unknown>

export interface Conflict { object: Entity, mine: Partial<Row>, current: Row, answer: (values: Values) => void }
export const conflict = shallowRef<Conflict | null>(null)

function askConflict(object: Entity, mine: Partial<Row>, current: Row): Promise<Values> {
  return new Promise(resolve => {
    conflict.value = { object, mine, current, answer: values => { conflict.value = null; resolve(values) } }
  })
}

/** Changes some fields; `labels` only help to show them if someone else was faster. */
export async function saveFields(object: Entity, row: Row, values: Values, labels: Row['labels'] = {}, allowDuplicate = false): Promise<Row> {
  let saved: Row
  try {
    saved = await update(object.name, row.id, row.version, toWire(object, values), allowDuplicate)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409 && error.current)) throw error
    const chosen = await askConflict(object, { ...values, labels }, error.current)
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
