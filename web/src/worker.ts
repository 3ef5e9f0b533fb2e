/*
 * The service worker: the shell of the application from this device, so that it opens without a connection; and what
 * waits in the outbox, when the browser says that the connection is back and no page is open. It never sees an answer
 * of the API: those are kept by core/kept.ts, by member.
 *
 * A new build is a new worker with a new cache. The one before stays, because pages of it may still be open.
 */

import { deliver } from './core/box'

// The types of workers and of pages cannot be loaded together; this much is needed.
interface Lasting extends Event { waitUntil(work: Promise<unknown>): void, tag: string, request: Request, respondWith(answer: Promise<Response>): void }
declare const self: {
  location: Location
  clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate' | 'fetch' | 'sync', handler: (event: Lasting) => void): void
}
declare const FILES: string[]
declare const BUILD: string

const name = 'shell-' + BUILD

async function install() {
  const cache = await caches.open(name)
  await Promise.all(FILES.map(async file => {
    // Hashed names never change: what an earlier build brought need not travel again.
    const known = file.startsWith('/assets/') ? await caches.match(file) : undefined
    if (known) return cache.put(file, known)
    const answer = await fetch(file, { cache: file.startsWith('/assets/') ? 'default' : 'reload' })
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`)
    return cache.put(file, answer)
  }))
  await self.skipWaiting()
}

async function activate() {
  const shells = (await caches.keys()).filter(key => key.startsWith('shell-'))
  // In the order they were made.
  for (const old of shells.slice(0, -2)) await caches.delete(old)
  await self.clients.claim()
}

const always = { ignoreVary: true, ignoreSearch: true }
const fromShell = async (request: Request) =>
  await (await caches.open(name)).match(request.mode === 'navigate' ? '/' : request, always) ?? await caches.match(request, always) ?? fetch(request)

async function sync() {
  // Rejecting makes the browser try again later.
  if (!await deliver()) throw new Error('not reached')
}

self.addEventListener('install', event => event.waitUntil(install()))
self.addEventListener('activate', event => event.waitUntil(activate()))
self.addEventListener('fetch', event => {
  const url = new URL(event.request.url)
  if (event.request.method === 'GET' && url.origin === self.location.origin && !url.pathname.startsWith('/api/')) event.respondWith(fromShell(event.request))
})
self.addEventListener('sync', event => { if (event.tag === 'outbox') event.waitUntil(sync()) })
