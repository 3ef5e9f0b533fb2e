/* Saving and deleting as every page does it: announced, undoable, with the question when two people changed the same. */

import { shallowRef } from 'vue'
import { ApiError, create, remove, restore, update } from '@/core/api'
import { say, t } from '@/core/i18n'
import { contested, type Draft } from '@/core/outbox'
import type { Entity, Row } from '@/core/types'
import { isBlank } from '@/core/validate'
import { titleOf, toWire } from '@/meta/values'
import { announce } from './changes'
import { submit } from './outbox'
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

/*
 * What people enter goes through the outbox, so that it also works without a connection. What administrators set up
 * (no entry of the menu) goes straight to the server: it may hold a password, and half of it is worth nothing.
 */

/** Changes some fields of `row`, the state they were changed from; `labels` only help to show them if someone else was faster. */
export async function saveFields(object: Entity, row: Row, values: Values, labels: Row['labels'] = {}, allowDuplicate = false, patience?: number): Promise<Row> {
  const wire = toWire(object, values)
  let saved: Row
  try {
    saved = object.menu
      ? await submit({ object: object.name, id: row.id, version: row.version, base: { ...Object.fromEntries(Object.keys(wire).map(name => [name, row[name]])), labels: row.labels }, values: wire, labels, allowDuplicate, title: titleOf(object, row) }, patience)
      : await update(object.name, row.id, row.version, wire, allowDuplicate)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409 && error.current)) throw error
    const chosen = await merged(object, row, values, labels, error.current)
    if (Object.keys(chosen).length) return saveFields(object, error.current, chosen, labels, allowDuplicate)
    saved = error.current
  }
  // Not there yet: what it will be.
  if (!isSent(row, saved)) saved = { ...row, ...values, labels: { ...row.labels, ...labels } }
  announce(object.name, row.id, saved)
  return saved
}

/** The server has it: what still waits on this device is taken back there. */
export const isSent = (before: Row, saved: Row) => saved.version !== before.version

/** What gets its title only from the server is called after whom it is about. */
const nameOf = (object: Entity, row: Partial<Row>) =>
  !object.title || isBlank(row[object.title]) ? [say(object.label), Object.values(row.labels ?? {}).flat()[0]].filter(Boolean).join(' ') : titleOf(object, row)

export async function createRow(object: Entity, values: Values, allowDuplicate = false, labels: Row['labels'] = {}, patience?: number): Promise<Row> {
  const wire = toWire(object, values)
  if (object.menu) return submit({ object: object.name, values: wire, labels, allowDuplicate, title: nameOf(object, { ...values, labels }) }, patience)
  const row = await create(object.name, wire, allowDuplicate)
  announce(object.name, row.id, row)
  return row
}

/** An entry of the outbox that someone else's change stopped: both values side by side; what is to be sent then. */
export const settle = async (object: Entity, entry: Draft, current: Row): Promise<Values> =>
  toWire(object, await merged(object, { ...current, ...entry.base }, entry.values, entry.labels, current))

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
