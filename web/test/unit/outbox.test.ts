import { describe, expect, it } from 'vitest'
import { ApiError } from '@/core/api'
import { flush, holds, isLocal, localId, needs, type Box, type Entry, type Send } from '@/core/outbox'
import type { Row } from '@/core/types'

const key = (n: number) => n.toString(16).padStart(32, '0')
const entry = (n: number, more: Partial<Entry> = {}): Entry =>
  ({ n, key: key(n), member: '1', object: 'thing', values: { a: n }, title: 't' + n, at: 0, state: 'waiting', tries: 0, after: 0, ...more })

/** A box in memory, as durable as the test. */
function boxOf(...entries: Entry[]) {
  const held = new Map(entries.map(one => [one.n, one]))
  const ids = new Map<string, string>()
  const box: Box = {
    all: async member => [...held.values()].filter(one => one.member === member).sort((one, other) => one.n - other.n),
    get: async n => held.get(n),
    put: async one => { held.set(one.n, one) },
    remove: async n => { held.delete(n) },
    arrived: async one => ids.get(one),
    async arrive(one, row) {
      held.delete(one.n)
      ids.set(one.key, row.id)
      for (const other of held.values())
        if (one.id && other.object === one.object && other.id === one.id && other.version === one.version) held.set(other.n, { ...other, version: row.version })
    },
  }
  return { box, held, ids, states: () => [...held.values()].map(one => one.state) }
}

/** A server that keeps its promises: a key does something once, a version is needed for a change. */
function server() {
  const rows = new Map<string, Row>()
  const answers = new Map<string, Row>()
  const seen: string[] = []
  let next = 100
  const send: Send = async (one, id, values) => {
    seen.push(one.title)
    if (id) {
      const row = rows.get(id)!
      if (row.version !== one.version) throw new ApiError(409, 'conflict', 'changed', [], row)
      rows.set(id, { ...row, ...values, version: row.version + 1 })
      return rows.get(id)!
    }
    const known = answers.get(one.key)
    if (known) return known
    const row: Row = { id: String(next++), version: 1, ...values }
    rows.set(row.id, row)
    answers.set(one.key, row)
    return row
  }
  return { rows, seen, send }
}
const offline = () => { throw new ApiError(0, 'offline', 'no') }

describe('outbox', () => {
  it('sends in order, each once', async () => {
    const { box, held } = boxOf(entry(2), entry(1), entry(3))
    const { send, seen, rows } = server()
    expect(await flush('1', box, send)).toBe(true)
    expect(seen).toEqual(['t1', 't2', 't3'])
    expect(held.size).toBe(0)
    expect(rows.size).toBe(3)
    await flush('1', box, send)
    expect(seen).toHaveLength(3)
  })
  it('touches only what is mine', async () => {
    const { box, held } = boxOf(entry(1, { member: '2' }), entry(2))
    await flush('1', box, server().send)
    expect([...held.keys()]).toEqual([1])
  })
  it('a lost answer doubles nothing', async () => {
    const { box, held } = boxOf(entry(1))
    const { send, rows } = server()
    expect(await flush('1', box, async (...all) => { await send(...all); return offline() })).toBe(false)
    expect(held.get(1)).toMatchObject({ state: 'waiting', sent: expect.any(Number) })
    expect(await flush('1', box, send)).toBe(true)
    expect(rows.size).toBe(1)
    expect(held.size).toBe(0)
  })
  it('a change whose answer was lost is recognised', async () => {
    const { box, held } = boxOf(entry(1, { id: '7', version: 1, values: { a: 'x', at: '2026-01-01T08:00:00+08:00' } }))
    const { send, rows } = server()
    rows.set('7', { id: '7', version: 1 })
    await flush('1', box, async (...all) => { await send(...all); return offline() })
    rows.set('7', { ...rows.get('7')!, at: '2026-01-01T00:00:00+00:00' })
    await flush('1', box, send)
    expect(held.size).toBe(0)
    expect(rows.get('7')!.version).toBe(2)
  })
  it('stops where there is no connection and loses nothing', async () => {
    const { box, held, states } = boxOf(entry(1), entry(2))
    expect(await flush('1', box, async () => offline())).toBe(false)
    expect(held.size).toBe(2)
    expect(states()).toEqual(['waiting', 'waiting'])
  })
  it('what refers to another made here waits and gets its id', async () => {
    const { box } = boxOf(
      entry(1, { after: 1000, values: { name: 'company' } }),
      entry(2, { values: { customer: localId(key(1)), photos: [localId(key(3)), '5'], words: 'new: not a reference' } }),
      entry(3, { object: 'file' }))
    const { send, rows, seen } = server()
    await flush('1', box, send, () => 0)
    expect(seen).toEqual(['t3'])
    await flush('1', box, send, () => 2000)
    expect(seen).toEqual(['t3', 't1', 't2'])
    expect([...rows.values()].at(-1)).toMatchObject({ customer: '101', photos: ['100', '5'], words: 'new: not a reference' })
  })
  it('says so when what it refers to is gone', async () => {
    const { box, held } = boxOf(entry(2, { values: { customer: localId(key(1)) } }))
    await flush('1', box, server().send)
    expect(held.get(2)).toMatchObject({ state: 'refused', problem: { kind: 'gone' } })
  })
  it('a refusal stays with its reason and holds up nobody', async () => {
    const { box, held } = boxOf(entry(1), entry(2))
    const { send, rows } = server()
    await flush('1', box, async (one, ...rest) => { if (one.n === 1) throw new ApiError(422, 'invalid', 'no', [{ field: 'a', message: 'x' }]); return send(one, ...rest) })
    expect(held.get(1)).toMatchObject({ state: 'refused', problem: { message: 'no', errors: [{ field: 'a' }] } })
    expect(rows.size).toBe(1)
  })
  it('two changes of one record follow each other without a conflict', async () => {
    const { box, held } = boxOf(entry(1, { id: '7', version: 4, values: { a: 1 } }), entry(2, { id: '7', version: 4, values: { b: 2 } }))
    const { send, rows } = server()
    rows.set('7', { id: '7', version: 4 })
    await flush('1', box, send)
    expect(held.size).toBe(0)
    expect(rows.get('7')).toMatchObject({ a: 1, b: 2, version: 6 })
  })
  it('somebody else’s change is a conflict with both values', async () => {
    const { box, held } = boxOf(entry(1, { id: '7', version: 4, values: { a: 1 } }))
    const { send, rows } = server()
    rows.set('7', { id: '7', version: 5, a: 9 })
    await flush('1', box, send)
    expect(held.get(1)).toMatchObject({ state: 'conflict', problem: { current: { a: 9 } } })
  })
  it('somebody else’s change in another field is no question', async () => {
    const { box, held } = boxOf(entry(1, { id: '7', version: 4, values: { a: 1 }, base: { a: 0 } }))
    const { send, rows } = server()
    rows.set('7', { id: '7', version: 5, a: 0, b: 'theirs' })
    await flush('1', box, send)
    expect(held.size).toBe(0)
    expect(rows.get('7')).toMatchObject({ a: 1, b: 'theirs', version: 6 })
  })
  it('a server in trouble is asked again later, by degrees, and others go through', async () => {
    const { box, held } = boxOf(entry(1), entry(2))
    const { send } = server()
    let now = 0
    const sick: Send = (one, ...rest) => { if (one.n === 1) throw new ApiError(500, 'internal', 'oh'); return send(one, ...rest) }
    const pauses = []
    for (let turn = 0; turn < 6; turn++) {
      await flush('1', box, sick, () => now)
      pauses.push(held.get(1)!.after - now)
      now = held.get(1)!.after
    }
    expect(pauses).toEqual([2000, 5000, 15000, 60000, 300000, 300000])
    expect([...held.keys()]).toEqual([1])
  })
  it('a busy server is not asked for the next one', async () => {
    const { box } = boxOf(entry(1), entry(2))
    let asked = 0
    expect(await flush('1', box, async () => { asked++; throw new ApiError(503, 'busy', 'later') })).toBe(false)
    expect(asked).toBe(1)
  })
  it('asks a person when the server may have forgotten the key', async () => {
    const { box, held } = boxOf(entry(1, { sent: 1 }), entry(2, { sent: 1, id: '7', version: 1 }))
    const { send, rows, seen } = server()
    rows.set('7', { id: '7', version: 1 })
    await flush('1', box, send, () => 24 * 3600e3)
    expect(held.get(1)).toMatchObject({ state: 'doubt' })
    expect(seen).toEqual(['t2'])
  })
  it('two hundred entries over twenty ends of the process arrive exactly once', async () => {
    const { box, held } = boxOf()
    const { send, rows } = server()
    let n = 0
    for (let life = 0; life < 20; life++) {
      for (let at = 0; at < 10; at++) await box.put(entry(++n))
      let left = life % 7
      // The end comes while an answer is on its way.
      await flush('1', box, async (...all) => { const row = await send(...all); if (!left--) throw new Error('killed'); return row }).catch(() => {})
    }
    await flush('1', box, send)
    expect(held.size).toBe(0)
    expect([...rows.values()].map(row => row.a)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
  })
  it('knows local ids from text', () => {
    expect(isLocal(localId(key(1)))).toBe(true)
    expect(isLocal('new:thing')).toBe(false)
    expect(needs({ object: 'a', id: localId(key(4)), values: { b: [localId(key(2))], c: 'x', d: null }, title: '' })).toEqual([key(4), key(2)])
  })
  it('compares what was sent with what is there', () => {
    expect(holds({ id: '1', version: 2, a: '5.00', b: null, f: [{ id: '3' }], p: { lat: '1', lng: '2', address: null } }, { a: 5, b: '', f: ['3'], p: { lng: '2', lat: '1' } })).toBe(true)
    expect(holds({ id: '1', version: 2, a: 'x' }, { a: 'y' })).toBe(false)
  })
})
