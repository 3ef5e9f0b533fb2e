import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, create, list, onSignedOut, setCsrf, update } from '@/core/api'

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
