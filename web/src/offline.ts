/* The service worker of this page, and how a newer build is taken over. */

import { router } from './router'

export function keepShell() {
  const workers = navigator.serviceWorker
  // Plain http has none; then the application needs a connection to open, and only to open.
  if (!workers || !import.meta.env.PROD) return
  // The first worker of all is no newer build.
  let controlled = !!workers.controller
  let newer = false
  // The whole shell travels then; what is looked at now goes first.
  router.isReady().then(() => setTimeout(() => {
    workers.register('/sw.js').then(registration => {
      document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') registration.update().catch(() => {}) })
    }, () => {})
  }, 1000))
  workers.addEventListener('controllerchange', () => { newer = controlled; controlled = true })
  // What is being written stays: the new build comes with the next page. What was entered lies in the outbox.
  router.beforeEach((to, from) => {
    if (!newer || to.path === from.path) return true
    location.assign(to.fullPath)
    return false
  })
}
