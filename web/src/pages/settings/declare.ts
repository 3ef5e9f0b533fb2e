/* Declarations an administrator wrote, found and changed without showing them as text. */

import { ApiError, post } from '@/core/api'
import type { Row } from '@/core/types'
import { findObject } from '@/state/meta'
import { createRow, saveFields } from '@/state/records'

type Json = Record<string, unknown>
export interface Complaint { position: string, message: string }

const parse = (row: Row): Json[] => { try { return [JSON.parse(String(row.body))].flat() } catch { return [] } }
const isAbout = (document: Json, object: string) => document.extend === object || document.object === object

/** Checks the text, then saves it into the row, or a new one of that name. What is wrong comes back in words. */
export async function putDeclaration(row: Row | null, name: string, body: string): Promise<string[]> {
  try {
    // A changed row is checked when it is written: beside itself it would declare everything twice.
    if (!row) {
      const found = (await post<{ errors: Complaint[] }>('meta/check', { body })).errors
      if (found.length) return found.map(one => one.message)
    }
    const object = findObject('object')!
    if (row) await saveFields(object, row, { body })
    else await createRow(object, { name, body })
    return []
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.errors.length ? error.errors.map(one => one.message) : [error.message]
  }
}

/** The document of one's own that `key` of this object stands in; of a list of fields, that one. */
function findIn(rows: Row[], object: string, has: (document: Json) => boolean) {
  for (const row of rows) {
    const documents = parse(row)
    const document = documents.find(one => isAbout(one, object) && has(one))
    if (document) return { row, documents, document }
  }
  return null
}
const text = (documents: Json[]) => JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2)

/** Changes a field: in the document that declares it if that is one's own, else by extending. */
export function changeField(rows: Row[], object: string, field: string, change: Json): Promise<string[]> {
  const found = findIn(rows, object, document => (document.fields as Json[] | undefined)?.some(one => one.name === field) ?? false)
  if (!found) return putDeclaration(null, `${object}.${field}`, text([{ extend: object, fields: [{ name: field, ...change }] }]))
  const fields = found.document.fields as Json[]
  const one = fields.find(other => other.name === field)!
  const choices = [...(one.choices as Json[] ?? []), ...(change.choices as Json[] ?? [])]
  Object.assign(one, change, choices.length ? { choices } : {})
  return putDeclaration(found.row, '', text(found.documents))
}

/** Replaces the form: where one's own document has one, there. */
export function changeForm(rows: Row[], object: string, form: string[][]): Promise<string[]> {
  const found = findIn(rows, object, document => !!document.form)
  if (!found) return putDeclaration(null, `${object} form`, text([{ extend: object, form }]))
  found.document.form = form
  return putDeclaration(found.row, '', text(found.documents))
}

/** A choice a line: the label, or `value = label`; without a value, one that is not taken. */
export function readChoices(lines: string, taken: string[] = []): Json[] {
  let next = 1
  const free = () => { while (taken.includes(`x_c${next}`)) next++; return `x_c${next++}` }
  return lines.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
    const [, value, label] = /^([a-z0-9_]+)\s*=\s*(.+)$/.exec(line) ?? [null, free(), line]
    return { value, label: { zh: label, en: label } }
  })
}
