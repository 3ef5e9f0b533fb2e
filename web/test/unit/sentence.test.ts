import { describe, expect, it } from 'vitest'
import { useLang } from '@/core/i18n'
import { parseQuery } from '@/core/query'
import type { Field } from '@/core/types'
import { sentence } from '@/meta/sentence'

const field = (name: string, type: Field['type'], zh: string, more: Partial<Field> = {}): Field => ({ name, type, label: { zh, en: name }, ...more })
const say = (one: Field, query: string, names = new Map<string, string>()) => sentence(one, parseQuery(query).where, names)

describe('filters read as sentences', () => {
  it('choices and references', () => {
    const grade = field('grade', 'choice', '等级', { choices: [{ value: 'a', label: { zh: '重点', en: 'Key' } }, { value: 'b', label: { zh: '普通', en: 'Normal' } }] })
    expect(say(grade, 'grade=in.(a,b)')).toBe('等级 是 重点、普通')
    expect(say(field('owner', 'member', '负责人'), 'owner=eq.$me')).toBe('负责人 是 我')
    expect(say(field('stage', 'ref', '阶段', { to: 'stage' }), 'stage=eq.3', new Map([['stage/3', '谈判']]))).toBe('阶段 是 谈判')
  })
  it('ranges of dates by their names', async () => {
    const close = field('close_on', 'date', '成交')
    expect(say(close, 'close_on=gte.month&close_on=lt.month%2B1')).toBe('成交 本月')
    expect(say(close, 'close_on=gte.2025-03-01')).toBe('成交 自 2025年3月1日')
    expect(say(close, 'close_on=is.null')).toBe('成交 为空')
    await useLang('en')
    expect(say(close, 'close_on=gte.month&close_on=lt.month%2B1')).toBe('close_on this month')
    await useLang('zh')
  })
  it('numbers and words', () => {
    expect(say(field('amount', 'money', '金额'), 'amount=gte.5000')).toBe('金额 不少于 5,000')
    expect(say(field('name', 'text', '名称'), 'name=like.*华为*')).toBe('名称 包含 华为')
  })
})
