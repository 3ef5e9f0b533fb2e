import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import Spider from '@/charts/Spider.vue'
import { scaleOf } from '@/charts/series'

const stubs = { RouterLink: { props: ['to'], template: '<a :href="to"><slot /></a>' } }
const series = ['drive', 'knowledge', 'insight', 'talk']
const points = [
  { label: 'Li', values: [5, 2.5, null, 1], texts: ['5.0', '2.5', '', '1.0'], open: '/r/1' },
  { label: 'Nobody rated', values: [null, null, null, null], texts: ['', '', '', ''] },
]

describe('a spider', () => {
  it('says every value in words, and draws who has one', () => {
    const spider = mount(Spider, { props: { points, series, label: 'abilities' }, global: { stubs } })
    expect(spider.findAll('li')).toHaveLength(1)
    expect(spider.find('svg').attributes('aria-label')).toBe('Li: drive 5.0, knowledge 2.5, insight —, talk 1.0')
    expect(spider.find('a').attributes('href')).toBe('/r/1')
    expect(spider.findAll('.spider-name').map(one => one.text())).toEqual(['drive 5.0', 'knowledge 2.5', 'insight —', 'talk 1.0'])
  })
  it('has a corner where the value is, and none where there is no value', () => {
    const spider = mount(Spider, { props: { points, series, label: 'abilities' }, global: { stubs } })
    expect(spider.find('.spider-shape').attributes('points')).toBe('180.0,44.0 216.0,116.0 165.6,116.0')
    expect(spider.findAll('.spider-spot')).toHaveLength(3)
  })
  it('counts marks to five, other figures to a round number', () => {
    expect([3.2, 5, 7, 12, 40, 100, 101].map(scaleOf)).toEqual([5, 5, 10, 20, 50, 100, 200])
  })
})
