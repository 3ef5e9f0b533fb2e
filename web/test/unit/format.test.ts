import { afterEach, describe, expect, it } from 'vitest'
import * as format from '@/core/format'
import { t, useLang } from '@/core/i18n'

afterEach(() => useLang('zh'))

describe('numbers', () => {
  it('counts one otherwise than several', async () => {
    expect(t('list.count', { n: 1 })).toBe('共 1 条')
    await useLang('en')
    expect([1, '1,040', 0].map(n => t('list.count', { n }))).toEqual(['1 record', '1,040 records', '0 records'])
  })

  it('shortens in the units of the language', async () => {
    expect(['999', '12345', '12345678', '234567890'].map(format.short)).toEqual(['999', '1.23万', '1,235万', '2.35亿'])
    expect(format.short('-50000')).toBe('-5万')
    await useLang('en')
    expect(['999', '12345', '12345678'].map(format.short)).toEqual(['999', '12.35K', '12.35M'])
  })
  it('shows money with cents only where there are any', () => {
    expect(format.money('1234.00')).toBe('1,234')
    expect(format.money('1234.5')).toBe('1,234.50')
    expect(format.money(null)).toBe('')
    expect(format.shortMoney('20000')).toBe('¥2万')
  })
  it('writes the sign before the currency', () => expect(format.shortMoney('-1260000')).toMatch(/^-¥126/))
  it('keeps the scale of decimals', () => expect(format.decimal('2.50')).toBe('2.50'))
  it('splits mobile numbers and nothing else', () => {
    expect(format.phone('13800138000')).toBe('138 0013 8000')
    expect(format.phone('+8613800138000')).toBe('+86 138 0013 8000')
    expect(format.phone('0755-8888')).toBe('0755-8888')
  })
  it('says durations', () => expect([0, 30, 60, 90].map(format.duration)).toEqual(['0 分钟', '30 分钟', '1 小时', '1 小时 30 分']))
})

describe('dates', () => {
  it('knows the day of the company, not of the browser', () => {
    expect(format.today(new Date('2026-11-25T17:00:00Z'))).toBe('2026-11-26')
  })
  it('adds days across months and leap days', () => {
    expect(format.addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(format.addDays('2026-01-01', -1)).toBe('2025-12-31')
  })
  it.each([
    ['2026-11-5', '2026-11-05'], ['2026.11.25', '2026-11-25'], ['2026年11月25日', '2026-11-25'], ['20261125', '2026-11-25'], ['11-3', '2026-11-03'],
    ['3', '2026-11-03'], ['今天', '2026-11-25'], ['+7', '2026-12-02'], ['2026-02-30', null], ['13-1', null], ['abc', null],
  ])('understands %s', (text, date) => expect(format.parseDate(text, '2026-11-25')).toBe(date))
  it('gives instants the offset of the company', () => {
    expect(format.toInstant('2026-11-25', '09:30')).toBe('2026-11-25T09:30:00+08:00')
  })
  it('reads instants by their own clock', () => expect(format.instant('2026-11-25T09:30:00+08:00')).toBe('2026-11-25 09:30'))
})
