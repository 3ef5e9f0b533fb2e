import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { visibleSpan } from '@/core/virtual'
import type { Entity, Row } from '@/core/types'
import CardList from '@/meta/CardList.vue'
import DataGrid from '@/meta/DataGrid.vue'
import { problem } from '@/core/validate'

const object = {
  name: 'thing', label: { zh: '物', en: 'Thing' }, plural: { zh: '物', en: 'Things' }, title: 'name', list: ['name', 'count'], form: [],
  can: { create: true, update: true, delete: true, export: true, import: true },
  fields: [
    { name: 'name', type: 'text', label: { zh: '名', en: 'Name' }, sortable: true },
    { name: 'count', type: 'integer', label: { zh: '数', en: 'Count' } },
    { name: 'total', type: 'total', label: { zh: '计', en: 'Total' }, read_only: true },
  ],
} as Entity
const rows: Row[] = ['a', 'b'].map((name, at) => ({ id: String(at + 1), version: 1, name, count: at, total: '5' }))

enableAutoUnmount(afterEach)
beforeEach(() => {
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} })
  Element.prototype.scrollIntoView = () => {}
})

function grid() {
  const wrapper = mount(DataGrid, {
    props: { object, fields: object.fields, rows, sort: '', selected: new Set<string>() },
    attachTo: document.body, global: { stubs: { RouterLink: { template: '<a><slot /></a>' } } },
  })
  const table = wrapper.find('table')
  const press = async (key: string) => { await table.trigger('keydown', { key }); await nextTick() }
  return { wrapper, table, press }
}

describe('grid', () => {
  it('edits by keyboard and tells what changed', async () => {
    const { wrapper, press } = grid()
    await press('ArrowRight')
    await press('Enter')
    const input = wrapper.find<HTMLInputElement>('td.editing input')
    expect(input.exists()).toBe(true)
    await input.setValue('7')
    await input.trigger('keydown', { key: 'Enter' })
    await nextTick()
    const [row, field, edit] = wrapper.emitted('edit')![0] as [Row, { name: string }, { value: unknown }]
    expect([row.id, field.name, edit.value]).toEqual(['1', 'count', 7])
  })
  it('does not take the Enter of an IME for its own', async () => {
    const { wrapper, press } = grid()
    await press('ArrowRight')
    await press('F2')
    const input = wrapper.find('td.editing input')
    await input.trigger('keydown', { key: 'Enter', isComposing: true })
    expect(wrapper.find('td.editing').exists()).toBe(true)
  })
  it('reverts on Esc', async () => {
    const { wrapper, press } = grid()
    await press('ArrowRight')
    await press('F2')
    await wrapper.find('td.editing input').setValue('9')
    await wrapper.find('td.editing input').trigger('keydown', { key: 'Escape' })
    await nextTick()
    expect(wrapper.emitted('edit')).toBeUndefined()
    expect(wrapper.find('td.editing').exists()).toBe(false)
  })
  it('does not open what cannot be changed', async () => {
    const { wrapper, press } = grid()
    await press('End')
    await press('Enter')
    expect(wrapper.find('td.editing').exists()).toBe(false)
  })
  it('opens with Space and selects with x', async () => {
    const { wrapper, press } = grid()
    await press('ArrowDown')
    await press(' ')
    expect((wrapper.emitted('open')![0] as [Row])[0].id).toBe('2')
    await press('x')
    expect([...(wrapper.emitted('select')![0] as [Set<string>])[0]]).toEqual(['2'])
  })
})

const many: Row[] = Array.from({ length: 1000 }, (_, at) => ({ id: String(at), version: 1, name: 'n' + at, count: at, total: '5' }))
const lists = {
  grid: (rows: Row[]) => mount(DataGrid, { props: { object, fields: object.fields, rows, total: 5000, sort: '', selected: new Set<string>() }, attachTo: document.body }),
  cards: (rows: Row[]) => mount(CardList, { props: { object, fields: object.fields, rows, total: 5000 }, attachTo: document.body }),
}

describe.each([['grid', '.data-grid', 'tbody tr[aria-rowindex]'], ['cards', '.card-scroll', 'li']] as const)('long list as %s', (which, box, row) => {
  it('has the rows in sight in the page, and tells where they stand', async () => {
    const wrapper = lists[which](many)
    const seen = () => wrapper.findAll(row)
    expect(seen().length).toBeLessThan(60)
    wrapper.find(box).element.scrollTop = 20000
    await wrapper.find(box).trigger('scroll')
    expect(seen().length).toBeLessThan(60)
    const [height, first] = which === 'grid' ? [40, 2] : [69, 1]
    const place = Math.floor(20000 / height)
    const one = seen().find(one => one.text().includes('n' + place))!
    expect(one.attributes(which === 'grid' ? 'aria-rowindex' : 'aria-posinset')).toBe(String(place + first))
    expect(which === 'grid' ? wrapper.find('table').attributes('aria-rowcount') : one.attributes('aria-setsize')).toBe(which === 'grid' ? '5001' : '5000')
    expect(wrapper.emitted('need')!.at(-1)).toEqual([place - 50, place + Math.ceil(800 / height) + 50])
  })
  it('is whole on paper', async () => {
    const wrapper = lists[which](many.slice(0, 100))
    dispatchEvent(new Event('beforeprint'))
    await nextTick()
    expect(wrapper.findAll(row).length).toBe(100)
    dispatchEvent(new Event('afterprint'))
    await nextTick()
    expect(wrapper.findAll(row).length).toBeLessThan(60)
  })
})

describe('grid while one scrolls', () => {
  it('writes the next records into the rows that are there', async () => {
    const wrapper = lists.grid(many)
    const scroll = async (row: number) => {
      wrapper.find('.data-grid').element.scrollTop = row * 40
      await wrapper.find('.data-grid').trigger('scroll')
    }
    await scroll(100)
    const words = (row: number) => wrapper.find(`tr[aria-rowindex="${row + 2}"] a`).element.firstChild!
    const before = Array.from({ length: 20 }, (_, at) => words(100 + at))
    await scroll(120)
    expect(words(139).textContent).toBe('n139')
    await scroll(144)
    expect(before.filter(node => node.isConnected).length).toBe(20)
  })
})

describe('cards', () => {
  it('keep the one the keyboard is on', async () => {
    const wrapper = lists.cards(many)
    await wrapper.find('li a').trigger('focusin')
    wrapper.find('.card-scroll').element.scrollTop = 20000
    await wrapper.find('.card-scroll').trigger('scroll')
    expect(wrapper.find('li').text()).toContain('n0')
    await wrapper.find('li a').trigger('focusout')
    expect(wrapper.find('li').text()).not.toContain('n0')
  })
})

describe('grid by pointer', () => {
  it('edits a cell at the second click, opens by the title, selects by the box', async () => {
    const { wrapper } = grid()
    await wrapper.find('table').trigger('focus')
    const cell = () => wrapper.findAll('tbody tr')[1].findAll('td')
    await cell()[2].trigger('click')
    expect(wrapper.find('td.editing').exists()).toBe(false)
    await cell()[2].trigger('click')
    expect(wrapper.find('td.editing input').exists()).toBe(true)
    await cell()[1].find('a').trigger('click')
    expect((wrapper.emitted('open')![0] as [Row])[0].id).toBe('2')
    await cell()[0].find('input').trigger('click')
    expect([...(wrapper.emitted('select')![0] as [Set<string>])[0]]).toEqual(['2'])
  })
})

describe('virtual rows', () => {
  it('keeps only what is in sight, and the height of the rest', () => {
    expect(visibleSpan(0, 400, 40, 1000, 0, 1000, 2)).toEqual({ start: 0, end: 12, before: 0, after: 39520 })
    expect(visibleSpan(4000, 400, 40, 1000, 0, 1000, 2)).toEqual({ start: 98, end: 112, before: 3920, after: 35520 })
    expect(visibleSpan(99999, 400, 40, 3, 0, 3, 2)).toMatchObject({ end: 3, after: 0 })
  })
})

describe('validation', () => {
  it('says what is wrong, and leaves required fields to the server', () => {
    const number = { ...object.fields[1], min: 1, max: 5 }
    expect(problem(number, 'x')).toBe('请输入数字')
    expect(problem(number, '2.5')).toBe('请输入整数')
    expect(problem(number, 9)).toBe('不能大于 5')
    expect(problem({ ...number, required: true }, '')).toBe('')
    expect(problem({ ...object.fields[0], max: 2 }, '一二三')).toBe('最多 2 个字')
  })
})
