/* The only file that talks to the server. */

import { lang, t } from './i18n'
import type { Duplicate, FieldError, Found, Moment, Page, Row, SummaryRow, Upload } from './types'

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly errors: FieldError[] = [],
    readonly current?: Row,
    readonly duplicates?: Duplicate[],
    readonly request?: string,
  ) { super(message) }
}

interface Options {
  body?: unknown
  version?: number
  headers?: Record<string, string>
  signal?: AbortSignal
}

let csrf = ''
let signedOut: () => void = () => {}
let reached: (yes: boolean) => void = () => {}

export function setCsrf(text: string) { csrf = text }
export function onSignedOut(handler: () => void) { signedOut = handler }
/** Told after each request whether the server answered at all. */
export function onReached(handler: (yes: boolean) => void) { reached = handler }

/** Not crypto.randomUUID: plain http on a LAN address is no secure context. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}

export async function request<T>(method: string, path: string, { body, version, headers = {}, signal }: Options = {}): Promise<T> {
  const head: Record<string, string> = { 'Accept': 'application/json', 'Accept-Language': lang(), ...headers }
  if (method !== 'GET') head['X-CSRF-Token'] = csrf
  if (method === 'POST') head['Idempotency-Key'] ??= newKey()
  if (version !== undefined) head['If-Match'] = `"${version}"`
  const raw = body instanceof Blob
  if (body !== undefined && !raw) head['Content-Type'] = 'application/json'

  let response: Response
  try {
    response = await fetch('/api/' + path, {
      method, headers: head, signal, credentials: 'same-origin',
      body: raw ? body : body === undefined ? undefined : JSON.stringify(body),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    reached(false)
    throw new ApiError(0, 'offline', t('error.offline'))
  }
  reached(true)
  if (response.status === 204) return undefined as T
  const answer = await response.json().catch(() => null)
  if (response.ok) return answer as T
  if (response.status === 401 && path !== 'session') signedOut()
  throw refusal(response.status, answer)
}

const refusal = (status: number, answer: Partial<ApiError & { error: string }> | null) =>
  new ApiError(status, answer?.error ?? 'internal', answer?.message ?? t('error.status', { status }), answer?.errors, answer?.current, answer?.duplicates, answer?.request)

/* On the road a request takes a sixth of a second, and a few go at a time: what a page asks for in one turn goes as one. */

interface Asked { path: string, part: string, resolve: (answer: never) => void, reject: (error: unknown) => void }
const MOST = { paths: 20, letters: 6000 }
const alone = /^(?:session|meta|report|access|import|export|changes)\b/
let waiting: Asked[] = []

function askTogether() {
  while (waiting.length) {
    let letters = 0
    let n = 0
    while (n < Math.min(waiting.length, MOST.paths) && (!n || letters + waiting[n].part.length < MOST.letters)) letters += waiting[n++].part.length
    const some = waiting.splice(0, n)
    if (n === 1) request<never>('GET', some[0].path).then(some[0].resolve, some[0].reject)
    else request<{ answers: { status: number, body: never }[] }>('GET', 'many?' + some.map(one => one.part).join('&')).then(
      ({ answers }) => answers.forEach(({ status, body }, at) => status < 400 ? some[at].resolve(body) : some[at].reject(refusal(status, body))),
      error => some.forEach(one => one.reject(error)))
  }
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  if (signal || alone.test(path)) return request<T>('GET', path, { signal })
  return new Promise((resolve, reject) => { if (waiting.push({ path, part: 'get=' + encodeURIComponent(path), resolve, reject }) === 1) setTimeout(askTogether) })
}
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, { body: body ?? {} })

/* Records */

export const list = (object: string, query = '', signal?: AbortSignal) => get<Page>(`${object}${query && '?' + query}`, signal)
export const read = (object: string, id: string) => get<Row>(`${object}/${id}`)
export const create = (object: string, values: object, allowDuplicate = false) =>
  post<Row>(object + (allowDuplicate ? '?allow_duplicate=true' : ''), values)
export const update = (object: string, id: string, version: number, values: object, allowDuplicate = false) =>
  request<Row>('PATCH', `${object}/${id}${allowDuplicate ? '?allow_duplicate=true' : ''}`, { body: values, version })
export const remove = (object: string, id: string, version: number) => request<void>('DELETE', `${object}/${id}`, { version })
export const restore = (object: string, id: string) => post<Row>(`${object}/${id}/restore`)
export const merge = (object: string, id: string, from: string[]) => post<Row>(`${object}/${id}/merge`, { from })
export const act = (object: string, id: string, action: string, params: object) => post<Row | null>(`${object}/${id}/${action}`, params)
export const bulk = (object: string, change: object) =>
  post<{ changed: number, failed: { id: string, message: string }[] }>(`${object}/bulk`, change)
export const check = (object: string, values: object) =>
  post<{ errors: FieldError[], duplicates: Duplicate[], conflict: boolean }>(`${object}/check`, values)
export const timeline = (object: string, id: string, after = '') =>
  get<{ rows: Moment[], next: string | null }>(`${object}/${id}/timeline?limit=30${after && '&after=' + encodeURIComponent(after)}`)
export const summary = (object: string, query: string) => get<{ rows: SummaryRow[] }>(`${object}/summary?${query}`)
export const search = (words: string, signal?: AbortSignal) => get<{ rows: Found[] }>(`search?q=${encodeURIComponent(words)}&limit=20`, signal)
export const upload = (file: File) => request<Upload>('POST', 'file', {
  body: file,
  headers: { 'X-File-Name': encodeURIComponent(file.name), 'Content-Type': file.type || 'application/octet-stream' },
})

/** Who is signed in now; a page opened without a connection learns here how to write. */
export async function whoami<T extends { csrf: string }>(): Promise<T> {
  const answer = await get<T>('session').catch(error => {
    if (error instanceof ApiError && error.status === 401) signedOut()
    throw error
  })
  setCsrf(answer.csrf)
  return answer
}
