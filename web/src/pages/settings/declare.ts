/* Declarations an administrator wrote, found, checked and changed without showing them as text. */

import { ApiError, post } from '@/core/api'
import { say, t } from '@/core/i18n'
import type { Choice, Row } from '@/core/types'
import { findObject, meta } from '@/state/meta'
import { createRow, saveFields } from '@/state/records'

export type Json = Record<string, unknown>
export interface Complaint { position: string, message: string }
/** What is wrong, and where in the document: `fields.2.label`; nothing where it concerns the whole. */
export interface Told { path: string, message: string }

export const parse = (row: Row): Json[] => { try { return [JSON.parse(String(row.body))].flat() } catch { return [] } }
const isAbout = (document: Json, object: string) => document.extend === object || document.object === object

/** The text of a document, and which part of it stands on a line. */
export function printed(value: unknown): { text: string, pathAt: (line: number) => string } {
  const lines: string[] = []
  const paths: string[] = []
  const put = (text: string, path: string) => { lines.push(text); paths.push(path) }
  const walk = (one: unknown, path: string, head: string, tail: string, pad: string) => {
    if (one === null || typeof one !== 'object' || !Object.keys(one).length) return put(pad + head + JSON.stringify(one) + tail, path)
    const list = Array.isArray(one)
    const inside = Object.entries(one).filter(([, value]) => value !== undefined)
    put(pad + head + (list ? '[' : '{'), path)
    inside.forEach(([key, value], at) => walk(value, path ? `${path}.${key}` : key, list ? '' : JSON.stringify(key) + ': ', at < inside.length - 1 ? ',' : '', pad + '  '))
    put(pad + (list ? ']' : '}') + tail, path)
  }
  walk(value, '', '', '', '')
  return { text: lines.join('\n'), pathAt: line => paths[line - 1] ?? '' }
}

/** Checks the documents as they would stand, then saves them into the row, or a new one of that name. */
export async function putDocuments(row: Row | null, name: string, documents: Json[], save = true): Promise<Told[]> {
  const one = documents.length === 1
  const { text, pathAt } = printed(one ? documents[0] : documents)
  try {
    const found = (await post<{ errors: Complaint[] }>('meta/check', { body: text, ...(row && { instead: row.id }) })).errors
    if (found.length) return found.map(({ position, message }) => {
      // What it says of other documents concerns the whole.
      const line = /^declaration:(\d+):/.exec(position)?.[1]
      const path = line ? pathAt(Number(line)) : ''
      return { path: one ? path : path.replace(/^\d+\.?/, ''), message }
    })
    if (!save) return []
    const object = findObject('object')!
    if (row) await saveFields(object, row, { body: text })
    else await createRow(object, { name, body: text })
    return []
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return (error.errors.length ? error.errors : [error]).map(one => ({ path: '', message: one.message }))
  }
}

/** The document of one's own about this object that holds what is looked for. */
export function findDocument(rows: Row[], object: string, has: (document: Json) => boolean) {
  for (const row of rows) {
    const documents = parse(row)
    const document = documents.find(one => isAbout(one, object) && has(one))
    if (document) return { row, documents, document }
  }
  return null
}

export interface Choices { now: Choice[], added: string[], moved: boolean }

/** Changes a field: in the document that declares it if that is one's own, else by extending. */
export function changeField(rows: Row[], object: string, field: string, change: Json, choices?: Choices): Promise<Told[]> {
  const found = findDocument(rows, object, document => (document.fields as Json[] | undefined)?.some(one => one.name === field) ?? false)
  const one: Json = (found?.document.fields as Json[] | undefined)?.find(other => other.name === field) ?? { name: field }
  Object.assign(one, change)
  if (choices && one.type) one.choices = choices.now
  else if (choices) {
    const added = choices.now.filter(choice => choices.added.includes(choice.value))
    if (added.length) one.choices = [...(one.choices as Choice[] ?? []), ...added]
    if (choices.moved || one.choices_now) one.choices_now = choices.now
  }
  return found ? putDocuments(found.row, '', found.documents) : putDocuments(null, `${object}.${field}`, [{ extend: object, fields: [one] }])
}

/** Replaces parts of the declaration, such as form or list: where one's own document has them, there; else by extending. */
export function changeParts(rows: Row[], object: string, parts: Json, save = true, also: Json[] = []): Promise<Told[]> {
  const found = findDocument(rows, object, document => 'object' in document) ?? findDocument(rows, object, document => Object.keys(parts).some(key => key in document))
  if (!found) return putDocuments(null, `${object} ${Object.keys(parts).join(' ')}`, [...also, { extend: object, ...parts }], save)
  Object.assign(found.document, parts)
  return putDocuments(found.row, '', [...also, ...found.documents], save)
}

/** An object's place in the navigation: none, a group by name, one that is to be made, or after the groups (true). */
export type MenuPlace = boolean | string | { zh: string, en: string }

/** What will be said of the place. */
export const menuText = (place: MenuPlace) => place === true ? t('will.menu') : !place ? t('will.noMenu')
  : t('will.menuGroup', { x: typeof place === 'object' ? say(both(place.zh, place.en)) : say(meta.menus.find(one => one.name === place)?.label) })

/** What the object's declaration says of the place, the declaration of a group that is to be made, and what is missing. */
export function placeOf(place: MenuPlace): { menu: boolean | string, group: Json[], told: Told[] } {
  if (typeof place !== 'object') return { menu: place, group: [], told: [] }
  const label = both(place.zh, place.en)
  if (!label.zh) return { menu: '', group: [], told: [{ path: 'menu', message: t('declare.needMenu') }] }
  const taken = (name: string) => meta.menus.some(one => one.name === name)
  let name = machineName(place.en)
  for (let next = 1; name === 'x_' || taken(name); next++) name = `x_menu${next}`
  return { menu: name, group: [{ menu: name, label }], told: [] }
}

/** A name for the machine: of the English one, lower case, beginning with x_. */
export const machineName = (text: string) => 'x_' + text.trim().toLowerCase().replace(/^x_/, '').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
export const both = (zh: string, en: string) => ({ zh: zh.trim() || en.trim(), en: en.trim() || zh.trim() })

/** The first value that is not taken. */
export function freeValue(taken: string[]): string {
  let next = 1
  while (taken.includes(`x_c${next}`)) next++
  return `x_c${next}`
}

/** A choice a line: the label, or `value = label`; without a value, one that is not taken. */
export function readChoices(lines: string, taken: string[] = []): Choice[] {
  const used = [...taken]
  return lines.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
    const [, value, label] = /^([a-z0-9_]+)\s*=\s*(.+)$/.exec(line) ?? [null, freeValue(used), line]
    used.push(value)
    return { value, label: { zh: label, en: label } }
  })
}
