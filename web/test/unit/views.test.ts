import { beforeEach, describe, expect, it, vi } from 'vitest'
import { recallList } from '@/core/kept'
import { meta } from '@/state/meta'
import { loadViews } from '@/state/views'

vi.mock('@/core/kept', () => ({ recallList: vi.fn(async (object: string) => ({ rows: object === 'share' ? [{ id: '1', version: 1, record: 7 }] : [], next: null })) }))
vi.mock('@/state/meta', async original => ({ ...await original<object>(), findObject: (name: string) => ({ name }) }))

const asked = () => vi.mocked(recallList).mock.calls.filter(([object]) => object === 'view').map(([, query]) => query)

describe('the views on offer', () => {
  beforeEach(() => { vi.mocked(recallList).mockClear() })
  it('are what the server lets one see', async () => {
    meta.me.admin = false
    await loadViews()
    expect(asked()).toEqual(['limit=200&sort=name'])
  })
  it('are not those an administrator only may look at: own, everybody’s, shared with them', async () => {
    meta.me.admin = true
    await loadViews()
    expect(asked()).toEqual(['or=(owner.eq.$me,owner.is.null,id.in.(7))&limit=200&sort=name'])
  })
})
