/* Many records at once: one request, and one to take it back; what of that could not be done is told. */

import { bulk } from '@/core/api'
import { t } from '@/core/i18n'
import type { Entity, Row } from '@/core/types'
import { announceFeed } from '@/state/changes'
import { meta } from '@/state/meta'
import { toast, toastError } from '@/state/toast'
import { toWire } from './values'

type Said = 'done' | 'back'

/** `back` is the request that takes it back. */
async function many(object: Entity, rows: Row[], change: object, said: Said, back?: object) {
  const { changed, failed } = await bulk(object.name, change)
  announceFeed(rows.map(({ id }) => ({ seq: 0, by: meta.me.id, object: object.name, id, act: 'update' })))
  toast(failed.length ? t(`batch.${said}Some`, { n: changed, m: failed.length, why: failed[0].message }) : t(`batch.${said}`, { n: changed }), {
    bad: failed.length > 0, ...(back && { action: { label: t('act.undo'), run: () => many(object, rows, { ...back, partial: true }, 'back').catch(toastError) } }),
  })
}

const ids = (rows: Row[]) => rows.map(row => row.id)

/** All the same values. Taken back where they still stand: what somebody changed meanwhile is left alone. */
export function saveMany(object: Entity, rows: Row[], values: Record<string, unknown>) {
  const set = toWire(object, values)
  const before = (row: Row) => toWire(object, Object.fromEntries(Object.keys(values).map(name => [name, row[name] ?? null])))
  return many(object, rows, { ids: ids(rows), set }, 'done', { rows: rows.map(row => ({ id: row.id, set: before(row), was: set })) })
}

export const deleteMany = (object: Entity, rows: Row[]) => many(object, rows, { ids: ids(rows), delete: true }, 'done', { ids: ids(rows), restore: true })
export const restoreMany = (object: Entity, rows: Row[]) => many(object, rows, { ids: ids(rows), restore: true, partial: true }, 'done')
