/* List queries: the grammar of docs/api.md, as text in the address bar and as a value in the pages. */

import type { Op, Row } from './types'

export interface Cond { field: string, op: Op, value: string }

export interface Query {
  where: Cond[]
  /** Alternatives, kept as they were written. */
  or: string[]
  sort: string
  q: string
  /** `only` shows the recycle bin. */
  deleted: string
}

const ops: Op[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'is']

export const emptyQuery = (): Query => ({ where: [], or: [], sort: '', q: '', deleted: '' })

export function parseQuery(text: string): Query {
  const query = emptyQuery()
  for (const part of text.replace(/^\?/, '').split('&')) {
    const at = part.indexOf('=')
    if (at < 1) continue
    const name = decode(part.slice(0, at))
    const value = decode(part.slice(at + 1))
    if (name === 'or') query.or.push(value)
    else if (name === 'sort' || name === 'q' || name === 'deleted') query[name] = value
    else {
      const dot = value.indexOf('.')
      const op = value.slice(0, dot) as Op
      if (ops.includes(op)) query.where.push({ field: name, op, value: value.slice(dot + 1) })
    }
  }
  return query
}

export function formatQuery(query: Query): string {
  const parts = query.where.map(cond => pair(cond.field, `${cond.op}.${cond.value}`))
  for (const group of query.or) parts.push(pair('or', group))
  if (query.q) parts.push(pair('q', query.q))
  if (query.sort) parts.push(pair('sort', query.sort))
  if (query.deleted) parts.push(pair('deleted', query.deleted))
  return parts.join('&')
}

/** Declarations write `lt.month+1`, and mean a plus; in an address a bare plus is a space. */
export const fromDeclaration = (text: string) => text.replace(/\+/g, '%2B')

/** Two queries mean the same whatever the order of their conditions. */
export const sameQuery = (one: string, two: string) => canonical(one) === canonical(two)

const canonical = (text: string) => formatQuery(parseQuery(text)).split('&').sort().join('&')

export const isIn = (value: string) => value.startsWith('(') ? value.slice(1, -1).split(',').filter(Boolean) : [value]
export const asIn = (values: string[]) => `(${values.join(',')})`

/** What `like` means to people: contains. */
export const asLike = (words: string) => `*${words}*`
export const isLike = (value: string) => value.replace(/^\*|\*$/g, '')

/** Fills `$field` of a field's filter from the record being edited; null while a value is missing. */
export function fillFilter(filter: string | null | undefined, row: Partial<Row>): string | null {
  let missing = false
  const text = (filter ?? '').replace(/\$(?!me\b|team\b|today\b|now\b)(\w+)/g, (_, name) => {
    const value = row[name]
    if (value === null || value === undefined || value === '') missing = true
    return encodeURIComponent(String(value))
  })
  return missing ? null : text
}

/** Does a record fulfil a condition over its own fields?  As the engine matches measures: no like, no alternatives. */
export function holds(query: string, row: Partial<Row>, me: string): boolean {
  return parseQuery(fromDeclaration(query)).where.every(({ field, op, value }) => {
    const has = row[field] ?? null
    const wanted = value === '$me' ? me : value
    if (op === 'is') return (has === null || has === '') === (wanted === 'null')
    if (op === 'in') return has !== null && isIn(wanted).includes(String(has))
    if (op === 'ne') return has === null || String(has) !== wanted
    if (has === null) return false
    const apart = Number(has) - Number(wanted)
    const order = Number.isNaN(apart) ? (String(has) < wanted ? -1 : Number(String(has) > wanted)) : apart
    return op === 'eq' ? order === 0 : op === 'lt' ? order < 0 : op === 'lte' ? order <= 0 : op === 'gt' ? order > 0 : op === 'gte' && order >= 0
  })
}

/** `-amount,name` → the direction of each field. */
export function sortOf(sort: string, field: string): 'up' | 'down' | '' {
  const first = sort.split(',')[0]
  return first === field ? 'up' : first === '-' + field ? 'down' : ''
}

export function nextSort(sort: string, field: string): string {
  const now = sortOf(sort, field)
  return now === '' ? field : now === 'up' ? '-' + field : ''
}

export const join = (...parts: (string | false | null | undefined)[]) => parts.filter(Boolean).join('&')

// Readable addresses: the grammar's own marks stay as they are, everything else is escaped.
const pair = (name: string, value: string) => `${escape(name)}=${escape(value)}`
const escape = (text: string) => encodeURIComponent(text).replace(/%(24|28|29|2A|2C|3A)/gi, mark => decodeURIComponent(mark))

function decode(text: string): string {
  try { return decodeURIComponent(text.replace(/\+/g, ' ')) } catch { return text }
}
