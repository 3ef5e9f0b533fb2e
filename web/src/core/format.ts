/* Numbers, money, dates and times: the only place that turns values into text. */

import { lang, t } from './i18n'

const company = { currency: 'CNY', zone: 'Asia/Shanghai' }

export function setCompany(currency: string, zone: string) {
  company.currency = currency
  company.zone = zone
}

/* Numbers */

const locale = () => lang() === 'zh' ? 'zh-CN' : 'en-GB'

/** What the browser formats with takes longer to make than a screen of cells to draw: each is made once. */
function kept<Format, Options>(Format: new (locale: string, options: Options) => Format) {
  const formats = new Map<string, Format>()
  return (locale: string, options: Options): Format => {
    const key = locale + JSON.stringify(options)
    let format = formats.get(key)
    if (!format) formats.set(key, format = new Format(locale, options))
    return format
  }
}
const numbers = kept<Intl.NumberFormat, Intl.NumberFormatOptions>(Intl.NumberFormat)
const dates = kept<Intl.DateTimeFormat, Intl.DateTimeFormatOptions>(Intl.DateTimeFormat)
const numberFormat = (options: Intl.NumberFormatOptions) => numbers(locale(), options)

const isEmpty = (value: unknown) => value === null || value === undefined || value === ''

export function decimal(value: unknown, scale?: number | null): string {
  if (isEmpty(value)) return ''
  const text = String(value)
  const digits = scale ?? (text.split('.')[1]?.length ?? 0)
  return numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(text))
}

const symbols = (): string => numberFormat({ style: 'currency', currency: company.currency, currencyDisplay: 'narrowSymbol' })
  .formatToParts(0).find(part => part.type === 'currency')?.value ?? ''

export function money(value: unknown): string {
  if (isEmpty(value)) return ''
  const whole = /^-?\d+(\.0+)?$/.test(String(value))
  return decimal(value, whole ? 0 : 2)
}

/** 12345678 → 1234.6万 in Chinese, 12.3M in English: for headings and tiles, never for a ledger. */
export function short(value: unknown): string {
  if (isEmpty(value)) return ''
  const number = Number(value)
  const units: [number, string][] = lang() === 'zh'
    ? [[1e8, t('unit.yi')], [1e4, t('unit.wan')]]
    : [[1e9, 'B'], [1e6, 'M'], [1e3, 'K']]
  for (const [size, unit] of units) {
    if (Math.abs(number) < size) continue
    const scaled = number / size
    const digits = Math.abs(scaled) >= 1000 ? 0 : Math.abs(scaled) >= 100 ? 1 : 2
    return numberFormat({ maximumFractionDigits: digits }).format(scaled) + unit
  }
  return numberFormat({ maximumFractionDigits: 2 }).format(number)
}

export const shortMoney = (value: unknown) => isEmpty(value) ? '' : (Number(value) < 0 ? '-' : '') + symbols() + short(Math.abs(Number(value)))
export const percent = (value: unknown) => isEmpty(value) ? '' : numberFormat({ maximumFractionDigits: 2 }).format(Number(value)) + '%'

export function duration(minutes: unknown): string {
  if (isEmpty(minutes)) return ''
  const total = Number(minutes)
  const hours = Math.floor(total / 60)
  const rest = total % 60
  if (!hours) return t('time.minutes', { n: rest })
  return rest ? t('time.both', { h: hours, n: rest }) : t('time.hours', { h: hours })
}

export function size(bytes: number): string {
  if (bytes < 1024) return bytes + ' B'
  return bytes < 1048576 ? Math.round(bytes / 1024) + ' KB' : (bytes / 1048576).toFixed(1) + ' MB'
}

/** 13800138000 → 138 0013 8000; anything else stays as it was written. */
export function phone(value: unknown): string {
  const text = String(value ?? '')
  const found = /^(\+86)?(1\d{2})(\d{4})(\d{4})$/.exec(text)
  return found ? [found[1], found[2], found[3], found[4]].filter(Boolean).join(' ') : text
}

/* Dates are texts like 2026-11-25; they are moved by way of UTC so that no zone can shift them. */

const utc = (date: string) => new Date(date.slice(0, 10) + 'T00:00:00Z')

export function today(now = new Date()): string {
  return dates('en-CA', { timeZone: company.zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
}

export function addDays(date: string, days: number): string {
  const day = utc(date)
  day.setUTCDate(day.getUTCDate() + days)
  return day.toISOString().slice(0, 10)
}

export const daysBetween = (from: string, to: string) => Math.round((utc(to).getTime() - utc(from).getTime()) / 86400000)
export const weekday = (date: string) => utc(date).getUTCDay()
export const monthDays = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()

function dateParts(value: string, options: Intl.DateTimeFormatOptions): string {
  return dates(locale(), { timeZone: 'UTC', ...options }).format(utc(value))
}

/** The full date for fields, always of the same width. */
export function date(value: unknown): string {
  if (isEmpty(value)) return ''
  return lang() === 'zh' ? String(value).slice(0, 10) : dateParts(String(value), { day: '2-digit', month: 'short', year: 'numeric' })
}

/** Today, yesterday, 11月25日, with the year only when it is another. */
export function day(value: unknown): string {
  if (isEmpty(value)) return ''
  const text = String(value)
  const away = daysBetween(today(), text)
  if (away === 0) return t('day.today')
  if (away === 1) return t('day.tomorrow')
  if (away === -1) return t('day.yesterday')
  const sameYear = text.slice(0, 4) === today().slice(0, 4)
  return dateParts(text, { month: lang() === 'zh' ? 'long' : 'short', day: 'numeric', ...(sameYear ? {} : { year: 'numeric' }) })
}

export const month = (year: number, number: number) =>
  dateParts(`${year}-${String(number).padStart(2, '0')}-01`, { year: 'numeric', month: 'long' })
export const dayLong = (value: string) => dateParts(value, { month: 'long', day: 'numeric', weekday: 'long' })
export const weekdayName = (number: number) => dateParts(`2023-01-0${number + 1}`, { weekday: 'narrow' })

/* Instants carry the company's offset, so their wall clock is already the right one. */

export const clock = (instant: unknown) => String(instant ?? '').slice(11, 16)
export const instant = (value: unknown) => isEmpty(value) ? '' : `${date(value)} ${clock(value)}`
export const moment = (value: unknown) => isEmpty(value) ? '' : `${day(value)} ${clock(value)}`

export function ago(value: string, now = Date.now()): string {
  const minutes = Math.floor((now - new Date(value).getTime()) / 60000)
  if (minutes < 1) return t('ago.now')
  if (minutes < 60) return t('ago.minutes', { n: minutes })
  return minutes < 1440 ? t('ago.hours', { n: Math.floor(minutes / 60) }) : day(value)
}

/** A wall clock in the company's zone → an instant with that zone's offset. */
export function toInstant(date: string, time: string): string {
  const guess = new Date(`${date}T${time}:00Z`)
  const name = dates('en-US', { timeZone: company.zone, timeZoneName: 'longOffset' })
    .formatToParts(guess).find(part => part.type === 'timeZoneName')?.value ?? ''
  return `${date}T${time}:00${name.slice(3) || '+00:00'}`
}

/** What people type for a day: 2026-11-25, 2026.11.25, 20261125, 11-25, 25, today, +3. */
export function parseDate(text: string, from = today()): string | null {
  const clean = text.trim().toLowerCase()
  if (!clean) return null
  if (clean === 'today' || clean === t('day.today')) return from
  if (/^[+-]\d{1,3}$/.test(clean)) return addDays(from, Number(clean))
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(clean)
  const parts = compact ? compact.slice(1) : clean.split(/[^\d]+/).filter(Boolean)
  if (parts.length < 1 || parts.length > 3) return null
  const [year, month, day] = [...from.split('-').slice(0, 3 - parts.length), ...parts].map(Number)
  const full = year < 100 ? 2000 + year : year
  if (month < 1 || month > 12 || day < 1 || day > monthDays(full, month)) return null
  return `${full}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
