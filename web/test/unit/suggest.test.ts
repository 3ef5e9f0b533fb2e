import { describe, expect, it } from 'vitest'
import { nextDay, nextSteps, phrases, promises, workday } from '@/core/suggest'
import type { Row } from '@/core/types'

const names = { result: 'result', words: 'words', step: 'step', on: 'on', done: 'done' }
let id = 0
const row = (values: Partial<Row>): Row => ({ id: String(++id), version: 1, ...values })

describe('suggestions', () => {
  it('follow the rhythm of the customer', () => {
    const theirs = ['2026-11-20', '2026-11-06', '2026-10-23'].map(day => row({ done: day + 'T10:00:00+08:00' }))
    expect(nextDay('2026-11-25', theirs, [], names)).toBe('2026-12-09')
  })
  it('else the habit of whoever writes, else a week, never a weekend', () => {
    expect(nextDay('2026-11-23', [], [row({ done: '2026-11-01T10:00:00+08:00', on: '2026-11-04' })], names)).toBe('2026-11-26')
    expect(nextDay('2026-11-25', [], [], names)).toBe('2026-12-02')
    expect(nextDay('2026-11-21', [], [], names)).toBe('2026-11-30')
    expect(workday('2026-11-29')).toBe('2026-11-30')
  })
  it('take the next step that mostly followed such a result', () => {
    const mine = [row({ result: 'yes', step: 'sign' }), row({ result: 'yes', step: 'quote' }), row({ result: 'yes', step: 'quote' }), row({ result: 'no', step: 'call' })]
    expect(nextSteps('yes', mine, names)).toEqual(['quote', 'sign'])
    expect(nextSteps('partly', mine, names)).toEqual([])
  })
  it('offer only phrases that are a habit', () => {
    expect(phrases('', [row({ words: 'nobody there' }), row({ words: 'once' }), row({ words: 'nobody there' }), row({ words: 'x'.repeat(30) }), row({ words: 'x'.repeat(30) })], names)).toEqual(['nobody there'])
  })
  it('remember what was agreed', () => {
    expect(promises([row({ step: 'send samples', on: '2026-12-01', done: '2026-11-20T09:00:00+08:00' }), row({ step: '' })], names)).toEqual([{ step: 'send samples', on: '2026-12-01', said: '2026-11-20' }])
  })
})
