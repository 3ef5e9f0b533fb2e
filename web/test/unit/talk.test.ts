import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { contested } from '@/core/outbox'
import CommentBox from '@/meta/CommentBox.vue'
import { mentionAt, mentionedIn, pieces } from '@/meta/mentions'
import { announceFeed, onFeed, type FeedRow } from '@/state/changes'
import { backoff, startLive, stopLive } from '@/state/live'

describe('mentions', () => {
  it('are typed behind an @ that begins a word', () => {
    expect(mentionAt('请 @王', 4)).toEqual({ from: 2, words: '王' })
    expect(mentionAt('@', 1)).toEqual({ from: 0, words: '' })
    expect(mentionAt('mail me@x', 9)).toBeNull()
    expect(mentionAt('@王芳 好', 5)).toBeNull()
  })
  it('count only while their name is still in the text', () => {
    const chosen = [{ id: '1', label: '王芳' }, { id: '2', label: '李伟' }, { id: '1', label: '王芳' }]
    expect(mentionedIn('@王芳 看', chosen)).toEqual([{ id: '1', label: '王芳' }])
  })
  it('stand out, longer names first', () => {
    expect(pieces('问@王芳芳和@王芳', ['王芳', '王芳芳'])).toEqual([
      { text: '问', mention: false }, { text: '@王芳芳', mention: true }, { text: '和', mention: false }, { text: '@王芳', mention: true }])
  })
})

describe('merging', () => {
  const base = { id: '1', version: 1, a: 'old', b: 'old', c: null, files: [{ id: '7' }] }
  it('asks only for fields that both changed to different values', () => {
    const mine = { a: 'mine', b: 'mine', c: '' }
    expect(contested(base, mine, { ...base, version: 2, a: 'theirs' })).toEqual(['a'])
    expect(contested(base, mine, { ...base, version: 2, a: 'mine' })).toEqual([])
    expect(contested(base, mine, { ...base, version: 2, files: [] })).toEqual([])
  })
})

describe('live changes', () => {
  class Source {
    static all: Source[] = []
    closed = false
    onopen = () => {}
    onmessage = (_: { data: string }) => {}
    onerror = () => {}
    constructor(readonly url: string) { Source.all.push(this) }
    close() { this.closed = true }
  }
  const row = (seq: number, by: string): FeedRow => ({ seq, by, object: 'thing', id: '1', act: 'update' })
  let asked: string[] = []

  beforeEach(() => {
    vi.useFakeTimers()
    Source.all = []
    asked = []
    vi.stubGlobal('EventSource', Source)
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url)
      return new Response(JSON.stringify({ rows: asked.length > 1 ? [row(12, '2')] : [], last: asked.length > 1 ? 12 : 10 }))
    })
  })
  afterEach(() => {
    stopLive()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('come in batches, without one’s own; after a break what was missed is asked for', async () => {
    const heard: FeedRow[][] = []
    mount({ setup: () => { onFeed(rows => heard.push(rows)); return () => null } })
    startLive()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual(['/api/changes?after=now&limit=500'])
    expect(Source.all[0].url).toBe('/api/changes?after=10')
    Source.all[0].onopen()
    Source.all[0].onmessage({ data: JSON.stringify(row(11, '2')) })
    Source.all[0].onmessage({ data: JSON.stringify(row(11, '')) })
    await vi.advanceTimersByTimeAsync(600)
    expect(heard.flat().map(one => one.by)).toEqual(['2'])
    Source.all[0].onerror()
    expect(Source.all[0].closed).toBe(true)
    await vi.advanceTimersByTimeAsync(2000)
    expect(asked[1]).toBe('/api/changes?after=11&limit=500')
    expect(Source.all[1].url).toBe('/api/changes?after=12')
    await vi.advanceTimersByTimeAsync(600)
    expect(heard.flat().map(one => one.seq)).toEqual([11, 12])
  })

  it('are asked for ever less often while nothing works', () => {
    expect([0, 1, 2, 10].map(failures => backoff(failures, 1))).toEqual([1000, 2000, 4000, 30000])
    expect(backoff(0, 0)).toBe(500)
  })

  it('reach nobody who went away', () => {
    const heard = vi.fn()
    const one = mount({ setup: () => { onFeed(heard); return () => null } })
    one.unmount()
    announceFeed([row(1, '2')])
    expect(heard).not.toHaveBeenCalled()
  })
})

describe('a comment', () => {
  const answers: [RegExp, number, unknown][] = []
  const sent: { url: string, body: unknown }[] = []
  beforeEach(() => {
    vi.useFakeTimers()
    answers.length = sent.length = 0
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (init.method !== 'GET') sent.push({ url, body: JSON.parse(String(init.body ?? '{}')) })
      const at = answers.findIndex(([pattern]) => pattern.test(url))
      const [, status, body] = at < 0 ? [null, 404, {}] : answers.splice(at, 1)[0]
      return new Response(JSON.stringify(body), { status: status as number })
    })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('mentions by keyboard; who sees nothing of the record is offered a share', async () => {
    const box = mount(CommentBox, { props: { object: 'thing', id: '5' }, attachTo: document.body })
    const area = box.get('textarea')
    answers.push([/member\?.*q=li/, 200, { rows: [{ id: '8', label: '刘静' }, { id: '9', label: '李伟' }], next: null }])
    await area.setValue('看 @li')
    area.element.setSelectionRange(5, 5)
    await area.trigger('input')
    await vi.advanceTimersByTimeAsync(200)
    expect(box.findAll('[role=option]').map(one => one.text())).toEqual(['刘静', '李伟'])
    expect(area.attributes('aria-activedescendant')).toBe(box.findAll('[role=option]')[0].attributes('id'))
    await area.trigger('keydown', { key: 'ArrowDown' })
    await area.trigger('keydown', { key: 'Enter' })
    await vi.advanceTimersByTimeAsync(0)
    expect(area.element.value).toBe('看 @李伟 ')
    expect(box.find('[role=listbox]').exists()).toBe(false)

    answers.push([/api\/comment$/, 422, { error: 'invalid', message: '李伟看不到这条记录', errors: [{ field: 'mentions.9', message: '李伟看不到这条记录' }] }],
      [/thing\/5\/share/, 201, { id: '1' }], [/api\/comment$/, 201, { id: '3', version: 1 }])
    await area.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await vi.advanceTimersByTimeAsync(0)
    expect(sent[0].body).toEqual({ object: 'thing', record: '5', body: '看 @李伟', mentions: ['9'], files: [] })
    expect(box.get('[role=alert]').text()).toContain('李伟看不到这条记录')
    await box.get('[role=alert] button').trigger('click')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.map(one => one.url)).toEqual(['/api/comment', '/api/thing/5/share', '/api/comment'])
    expect(box.emitted('saved')).toHaveLength(1)
    expect(area.element.value).toBe('')
    box.unmount()
  })
})
