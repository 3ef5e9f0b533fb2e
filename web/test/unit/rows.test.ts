import { describe, expect, it } from 'vitest'
import type { Page } from '@/core/types'
import { REACH, useRows } from '@/meta/useRows'

/** A server with `n` rows, whose ids are their places. */
function server(n: number) {
  const asked: string[] = []
  const state = { n, fails: false }
  const ask = async (text: string): Promise<Page> => {
    asked.push(text)
    if (state.fails) throw new Error('gone')
    const query = new URLSearchParams(text)
    const from = Number(query.get('after') ?? 0) + Number(query.get('skip') ?? 0)
    const stop = Math.min(state.n, from + Number(query.get('limit')))
    return { rows: Array.from({ length: Math.max(0, stop - from) }, (_, at) => ({ id: String(from + at), version: 1 })), next: stop < state.n ? String(stop) : null }
  }
  return { ask, asked, state }
}

async function list(n: number) {
  const errors: unknown[] = []
  const one = server(n)
  const rows = useRows(one.ask, error => errors.push(error))
  rows.begin(await one.ask('limit=50'))
  rows.count.value = n
  /** What a grid looks at is there, at its place, and little besides. */
  const look = async (start: number) => {
    await rows.need(Math.max(0, start - 50), start + 70)
    const stretch = rows.rows.value.map(row => Number(row.id))
    const from = rows.first.value
    expect(stretch.every((id, at) => id === from + at), `in order, ${from} and on`).toBe(true)
    expect([from <= Math.max(0, start - 50), from + stretch.length >= Math.min(n, start + 70)], `${start} is there`).toEqual([true, true])
    expect(stretch.length).toBeLessThanOrEqual(2000)
  }
  return { ...one, rows, errors, look }
}

describe('a long list', () => {
  it('goes on by its cursor, down to the last row, and keeps little', async () => {
    const { rows, asked, look } = await list(100_000)
    expect(rows.total.value).toBe(100_000)
    for (let at = 0; at < 100_000; at += 60) await look(at)
    await look(99_960)
    expect(asked.filter(text => text.includes('skip')).length).toBe(0)
    expect(rows.next.value).toBe(null)
    expect(rows.total.value).toBe(100_000)
  })
  it('jumps anywhere, and back again', async () => {
    const { asked, look } = await list(100_000)
    const before = asked.length
    for (const at of [99_900, 50_000, 50_100, 49_900, 3, 77_777, 0]) await look(at)
    expect(asked.length - before).toBeLessThan(16)
    for (let at = 60_000; at > 55_000; at -= 60) await look(at)
    for (let at = 55_000; at < 58_000; at += 60) await look(at)
  })
  it('follows who scrolls on while it reads', async () => {
    const { rows, look } = await list(100_000)
    await Promise.all([rows.need(40_000, 40_100), rows.need(70_000, 70_100), rows.need(80_000, 80_120)])
    await look(80_050)
  })
  it('ends where rows went away meanwhile, and tells of a failure once', async () => {
    const { rows, errors, state } = await list(1000)
    state.n = 500
    await rows.need(900, 1000)
    expect(rows.rows.value).toEqual([])
    await rows.need(380, 520)
    expect(rows.total.value).toBe(500)
    state.fails = true
    await rows.need(0, 50)
    expect(errors.length).toBe(1)
  })
  it('says how far it reaches', async () => {
    const { rows } = await list(1_000_000)
    expect(rows.total.value).toBe(REACH)
    await rows.need(REACH - 50, REACH + 50)
    expect(rows.rows.value.some(row => row.id === String(REACH - 1))).toBe(true)
    expect(rows.total.value).toBe(REACH)
  })
})
