import { describe, expect, it } from 'vitest'
import { asIn, fillFilter, formatQuery, fromDeclaration, holds, isIn, nextSort, parseQuery, sameQuery } from '@/core/query'

describe('query', () => {
  it('reads and writes the grammar of the API', () => {
    const text = 'stage=in.(3,4)&name=like.*%E5%8D%8E*&owner=eq.$me&close_on=gte.month&close_on=lt.month%2B1&or=(stage.eq.3,amount.gte.1000)&q=abc&sort=-amount,name'
    expect(formatQuery(parseQuery(text))).toBe(text)
  })
  it('keeps two conditions on one field apart', () => {
    expect(parseQuery('a=gte.1&a=lt.5').where).toEqual([{ field: 'a', op: 'gte', value: '1' }, { field: 'a', op: 'lt', value: '5' }])
  })
  it('reads a literal + as it stands when escaped and as a space when not', () => {
    expect(parseQuery('d=lt.today%2B7').where[0].value).toBe('today+7')
    expect(parseQuery('n=eq.a+b').where[0].value).toBe('a b')
  })
  it('takes the plus of declarations for a plus', () => {
    expect(parseQuery(fromDeclaration('d=lt.month+1')).where[0].value).toBe('month+1')
  })
  it('ignores what only the page knows', () => {
    expect(formatQuery(parseQuery('_view=mine&_cols=a,b&a=eq.1'))).toBe('a=eq.1')
  })
  it('does not stumble over broken escapes', () => {
    expect(parseQuery('a=eq.%E5%8').where[0].value).toBe('%E5%8')
  })
  it('knows that order does not matter', () => {
    expect(sameQuery('a=eq.1&b=is.null', 'b=is.null&a=eq.1')).toBe(true)
    expect(sameQuery('a=eq.1', 'a=eq.2')).toBe(false)
  })
  it('fills filters from the record', () => {
    expect(fillFilter('pipeline=eq.$pipeline', { pipeline: '3' })).toBe('pipeline=eq.3')
    expect(fillFilter('pipeline=eq.$pipeline', {})).toBeNull()
    expect(fillFilter('owner=eq.$me', {})).toBe('owner=eq.$me')
    expect(fillFilter(null, {})).toBe('')
  })
  it('knows whether a record fulfils a condition', () => {
    const row = { id: '1', version: 1, owner: '7', state: 'open', amount: '900.00', on: '2026-11-26', done_at: null }
    for (const query of ['', 'owner=eq.$me', 'done_at=is.null', 'state=in.(open,new)', 'state=ne.won&owner=is.notnull', 'done_at=ne.2026-01-01', 'amount=gte.900&amount=lt.1000', 'on=lte.2026-11-26'])
      expect([query, holds(query, row, '7')]).toEqual([query, true])
    for (const query of ['owner=eq.$me&state=eq.won', 'done_at=is.notnull', 'state=in.(won,lost)', 'state=ne.open', 'amount=gt.900', 'done_at=lt.2027-01-01', 'gone=eq.1'])
      expect([query, holds(query, row, '7')]).toEqual([query, false])
  })
  it('lists and sorts', () => {
    expect(isIn('(1,2)')).toEqual(['1', '2'])
    expect(asIn(['1', '2'])).toBe('(1,2)')
    expect(['', 'a', '-a'].map(sort => nextSort(sort, 'a'))).toEqual(['a', '-a', ''])
  })
})
