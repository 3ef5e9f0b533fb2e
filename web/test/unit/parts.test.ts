import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { create, list, update } from '@/core/api'
import type { Entity, Field, Row } from '@/core/types'
import PartList from '@/meta/PartList.vue'
import { partFields } from '@/meta/values'

const kept: Row[] = []
vi.mock('@/core/api', async original => ({
  ...await original<object>(),
  list: vi.fn(async () => ({ rows: [...kept], next: null, count: kept.length })),
  create: vi.fn(async (_: string, values: object) => { const row = { id: String(kept.length + 1), version: 1, ...values } as Row; kept.push(row); return row }),
  update: vi.fn(async (_: string, id: string, version: number, values: object) => ({ ...kept.find(row => row.id === id)!, ...values, version: version + 1 })),
}))

const both = (word: string) => ({ zh: word, en: word })
const field = (name: string, more: Partial<Field> = {}): Field => ({ name, type: 'text', label: both(name), ...more })
const topic: Entity = {
  name: 'topic', label: both('topic'), plural: both('topics'), title: 'name', can: { create: true, update: true, delete: true, export: true, import: true },
  fields: [field('name', { required: true }), field('whole', { type: 'ref', to: 'whole', required: true }), field('words', { type: 'long' }), field('way', { type: 'url', read_only: true }), field('position', { type: 'integer', default: 100 })],
  list: ['whole', 'name', 'words', 'way', 'position'], form: [],
}
const stubs = { RouterLink: { props: ['to'], template: '<a :href="to"><slot /></a>' } }
const shown = (object = topic) => mount(PartList, { props: { object, via: 'whole', id: '7', title: 'the whole' }, global: { stubs } })

describe('the parts of a record', () => {
  beforeEach(() => { kept.length = 0; vi.clearAllMocks() })
  it('say what their list says, without whose part they are and their place', () => {
    expect(partFields(topic, 'whole').map(one => one.name)).toEqual(['name', 'words', 'way'])
  })
  it('are added by their title alone, in their order', async () => {
    const page = shown()
    await flushPromises()
    expect(vi.mocked(list).mock.calls[0]).toEqual(['topic', 'whole=eq.7&sort=position&limit=100&count=exact'])
    await page.find('input').setValue('  first ')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(vi.mocked(create).mock.calls[0].slice(0, 2)).toEqual(['topic', { name: 'first', whole: '7' }])
    expect(page.findAll('.part-title').map(one => one.text())).toEqual(['first'])
    expect((page.find('input').element as HTMLInputElement).value).toBe('')
  })
  it('are written in place, and lead on by what they name', async () => {
    kept.push({ id: '3', version: 4, name: 'second', way: '/o/thing' })
    const page = shown()
    await flushPromises()
    expect(page.find('a[href="/o/thing"]').text()).toContain('way')
    await page.find('.part-open button').trigger('click')
    const words = page.find('textarea')
    await words.setValue('said')
    await words.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await flushPromises()
    expect(vi.mocked(update).mock.calls[0].slice(0, 4)).toEqual(['topic', '3', 4, { words: 'said' }])
    expect(page.find('.part-facts').text()).toContain('said')
  })
  it('are added by a form where more is needed, and by nobody who may not', async () => {
    const more = { ...topic, fields: [...topic.fields, field('kind', { required: true })] }
    const page = shown(more)
    await flushPromises()
    expect([page.find('input').exists(), page.find('button.part-new').exists()]).toEqual([false, true])
    const closed = shown({ ...topic, can: { ...topic.can, create: false } })
    await flushPromises()
    expect([closed.find('input').exists(), closed.find('button').exists()]).toEqual([false, false])
  })
})
