/*
 * Reads that also work without a connection: the server's answer if there is one soon, else the last one kept.
 * Only what is asked for this way is kept, by member, until signing out.
 */

import { ApiError, get } from './api'
import { done, transact } from './db'
import type { Page } from './types'

interface Kept { member: string, path: string, answer: unknown }

let member = ''

/** From here on answers are kept for this member; those of others go away. */
export function keepFor(id: string) {
  member = id
  transact('readwrite', ['kept'], async store => {
    for (const key of await done(store('kept').getAllKeys()) as [string, string][])
      if (key[0] && key[0] !== id) store('kept').delete(key)
  }).catch(() => {})
}

export const forget = () => transact('readwrite', ['kept'], store => { store('kept').clear() }).catch(() => {})

// A browser without storage is one without memory, nothing else.
const put = (row: Kept) => transact('readwrite', ['kept'], store => { store('kept').put(row) }).catch(() => {})
const find = (owner: string, path: string) => transact<Kept | undefined>('readonly', ['kept'], store => done(store('kept').get([owner, path]))).catch(() => undefined)

/** The server could not be asked, or was not itself. */
export const isUnreachable = (error: unknown) => error instanceof ApiError && (error.status === 0 || error.status >= 502)

// How long to wait for an answer when there is a kept one; where the last request came to nothing, hardly.
const SOON = 2500
const HARDLY = 200
let soon = SOON

export async function recall<T>(path: string): Promise<T> {
  const asked = get<T>(path)
  const owner = member
  asked.then(answer => { soon = SOON; put({ member: owner, path, answer }) }, error => { if (isUnreachable(error)) soon = HARDLY })
  let timer = 0
  const slow = new Promise<null>(resolve => { timer = self.setTimeout(() => resolve(null), soon) })
  try {
    const answer = await Promise.race([asked, slow])
    if (answer !== null) return answer
    return (await find(owner, path))?.answer as T | undefined ?? await asked
  } catch (error) {
    const last = isUnreachable(error) ? await find(owner, path) : undefined
    if (!last) throw error
    return last.answer as T
  } finally { clearTimeout(timer) }
}

export const recallList = (object: string, query: string) => recall<Page>(`${object}?${query}`)

/* Who is signed in is asked for before anybody is known; it is the one answer that belongs to nobody. */

export const rememberMe = (answer: unknown) => put({ member: '', path: 'session', answer })
export const forgetMe = () => transact('readwrite', ['kept'], store => { store('kept').delete(['', 'session']) }).catch(() => {})
