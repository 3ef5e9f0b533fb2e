/*
 * What can be told without the server. Not whether a field is required: a rule of the server may fill it
 * (a title made from other fields), so only its answer counts.
 */

import { t } from './i18n'
import { isOpen } from './perms'
import type { Field, FieldError } from './types'

export const isBlank = (value: unknown) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length)

const numeric = new Set(['integer', 'duration', 'decimal', 'money', 'percent'])

export function problem(field: Field, value: unknown): string {
  if (isBlank(value)) return ''
  const text = String(value)
  if (numeric.has(field.type)) {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return t('valid.number')
    if ((field.type === 'integer' || field.type === 'duration') && text.includes('.')) return t('valid.whole')
    if (!isBlank(field.min) && Number(text) < Number(field.min)) return t('valid.min', { n: field.min! })
    if (!isBlank(field.max) && Number(text) > Number(field.max)) return t('valid.max', { n: field.max! })
  } else if ((field.type === 'text' || field.type === 'long') && field.max && [...text].length > Number(field.max)) {
    return t('valid.long', { n: field.max })
  } else if (field.type === 'email' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) {
    return t('valid.email')
  } else if (field.type === 'url' && !/^(https?:\/\/)?[^\s/]+\.[^\s]+$/.test(text)) {
    return t('valid.url')
  }
  return ''
}

export function problems(fields: Field[], values: Record<string, unknown>): FieldError[] {
  return fields.filter(isOpen)
    .map(field => ({ field: field.name, message: problem(field, values[field.name]) }))
    .filter(error => error.message)
}
