import { beforeEach, describe, expect, it, vi } from 'vitest'
import { update } from '@/core/api'
import { recallList } from '@/core/kept'
import { meta } from '@/state/meta'
import type { Row } from '@/core/types'
import { loadViews, orderViews, savedViews, viewsOf } from '@/state/views'

vi.mock('@/core/kept', () => ({ recallList: vi.fn(async (object: string) => ({ rows: object === 'share' ? [{ id: '1', version: 1, record: 7 }] : [], next: null })) }))
vi.mock('@/core/api', async original => ({ ...await original<object>(), update: vi.fn(async (_: string, id: string, version: number, values: object) => ({ ...savedViews.value.find(row => row.id === id)!, ...values, version: version + 1 })) }))
vi.mock('@/state/meta', async original => ({ ...await original<object>(), findObject: (name: string) => ({ name }) }))

const asked = () => vi.mocked(recallList).mock.calls.filter(([object]) => object === 'view').map(([, query]) => query)

describe('the views on offer', () => {
  beforeEach(() => { vi.mocked(recallList).mockClear() })
  it('are what the server lets one see', async () => {
    meta.me.admin = false
    await loadViews()
    expect(asked()).toEqual(['limit=200&sort=position,name'])
  })
  it('are not those an administrator only may look at: own, everybody’s, shared with them', async () => {
    meta.me.admin = true
    await loadViews()
    expect(asked()).toEqual(['or=(owner.eq.$me,owner.is.null,id.in.(7))&limit=200&sort=position,name'])
  })
  it('stand in the order one gives them, and only what moved is written', async () => {
    const rows = ['a', 'b', 'c'].map((name, at): Row => ({ id: name, version: 1, object: 'thing', name, position: at + 1 }))
    savedViews.value = rows
    await orderViews([rows[0], rows[2], rows[1]])
    expect(vi.mocked(update).mock.calls.map(([, id, version, values]) => [id, version, values])).toEqual([['c', 1, { position: 2 }], ['b', 1, { position: 3 }]])
    expect(viewsOf({ name: 'thing', views: [] } as never).map(view => view.label).slice(1)).toEqual(['a', 'c', 'b'])
  })
})
