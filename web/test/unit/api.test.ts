import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, create, get, list, onSignedOut, setCsrf, update } from '@/core/api'

function answer(status: number, body?: unknown) {
  const fetch = vi.fn(async () => new Response(body === undefined ? null : JSON.stringify(body), { status }))
  vi.stubGlobal('fetch', fetch)
  return fetch as unknown as ReturnType<typeof vi.fn<(url: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>>>
}
afterEach(() => vi.unstubAllGlobals())

describe('api', () => {
  it('sends csrf, version and a key for what must not happen twice', async () => {
    setCsrf('secret')
    const fetch = answer(200, { id: '1', version: 3 })
    await update('thing', '1', 2, { a: 1 })
    let [url, init] = fetch.mock.calls[0]
    expect(url).toBe('/api/thing/1')
    expect(init.headers).toMatchObject({ 'X-CSRF-Token': 'secret', 'If-Match': '"2"', 'Content-Type': 'application/json' })
    expect(init.headers['Idempotency-Key']).toBeUndefined()
    await create('thing', {}, true)
    ;[url, init] = fetch.mock.calls[1]
    expect(url).toBe('/api/thing?allow_duplicate=true')
    expect(init.headers['Idempotency-Key']).toMatch(/^[0-9a-f]{32}$/)
  })
  it('reads without a token', async () => {
    const fetch = answer(200, { rows: [], next: null })
    await list('thing', 'a=eq.1')
    expect(fetch.mock.calls[0][0]).toBe('/api/thing?a=eq.1')
    expect(fetch.mock.calls[0][1].headers['X-CSRF-Token']).toBeUndefined()
  })
  it('asks at once for what is wanted at once, and hands each its own answer', async () => {
    const fetch = answer(200, { answers: [{ status: 200, body: { rows: [] } }, { status: 404, body: { error: 'missing', message: 'gone' } }] })
    const [one, two] = await Promise.allSettled([list('thing', 'a=eq.1&b=eq.2'), get('thing/7')])
    expect(fetch.mock.calls.map(([url]) => url)).toEqual(['/api/many?get=thing%3Fa%3Deq.1%26b%3Deq.2&get=thing%2F7'])
    expect(one).toMatchObject({ status: 'fulfilled', value: { rows: [] } })
    expect(two).toMatchObject({ status: 'rejected', reason: { status: 404, message: 'gone' } })
  })
  it('asks alone for reports, and for what may be given up', async () => {
    const fetch = answer(200, { rows: [] })
    await Promise.all([get('report/pipeline'), list('thing', '', new AbortController().signal), list('thing')])
    expect(fetch.mock.calls.map(([url]) => url).sort()).toEqual(['/api/report/pipeline', '/api/thing', '/api/thing'])
  })
  it('splits what is too long for one address', async () => {
    const fetch = answer(200, { answers: [] })
    for (let at = 0; at < 90; at++) list('thing', `name=like.${'x'.repeat(200)}`).catch(() => {})
    await new Promise(done => setTimeout(done, 20))
    expect(fetch.mock.calls.length).toBeGreaterThan(2)
    for (const [url] of fetch.mock.calls) expect(url.length).toBeLessThan(8000)
  })
  it('turns problems into errors with all fields', async () => {
    answer(422, { error: 'invalid', message: 'no', errors: [{ field: 'a', message: 'x' }, { field: 'b', message: 'y' }], request: 'r1' })
    const error = await create('thing', {}).catch(problem => problem)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, kind: 'invalid', message: 'no', request: 'r1' })
    expect(error.errors).toHaveLength(2)
  })
  it('hands over the present state in a conflict', async () => {
    answer(409, { error: 'conflict', message: 'changed', current: { id: '1', version: 9 } })
    await expect(update('thing', '1', 2, {})).rejects.toMatchObject({ current: { version: 9 } })
  })
  it('notices the end of the session', async () => {
    const gone = vi.fn()
    onSignedOut(gone)
    answer(401, { error: 'login', message: 'sign in' })
    await list('thing').catch(() => {})
    expect(gone).toHaveBeenCalledOnce()
  })
  it('calls a missing network by its name', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => { throw new TypeError('failed') }))
    await expect(list('thing')).rejects.toMatchObject({ status: 0, kind: 'offline' })
  })
  it('survives an answer that is no JSON', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => new Response('<html>', { status: 502 })))
    await expect(list('thing')).rejects.toMatchObject({ status: 502, kind: 'internal' })
  })
})
