import { createRouter, createWebHistory } from 'vue-router'
import { say, t, useSetup } from './core/i18n'
import { findObject, loadMeta } from './state/meta'
import { askSession, session } from './state/session'
import { toastError } from './state/toast'
import { loadViews } from './state/views'

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown without the frame and without signing in. */
    open?: boolean
    /** Shown without the frame, to who is signed in. */
    bare?: boolean
    title?: () => string
  }
}

const setup = <T>(page: () => Promise<T>) => async () => (await Promise.all([page(), useSetup()]))[0]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { open: true } },
    { path: '/password', name: 'password', component: () => import('./pages/Password.vue'), meta: { open: true, title: () => t('password.title') } },
    { path: '/', name: 'today', component: () => import('./pages/Today.vue'), meta: { title: () => t('nav.today') } },
    { path: '/o/:object/:id?', name: 'objects', component: () => import('./pages/Objects.vue') },
    { path: '/r/:object/:id', name: 'record', component: () => import('./pages/Record.vue') },
    { path: '/new/:object?', name: 'new', component: () => import('./pages/New.vue'), meta: { title: () => t('nav.new') } },
    { path: '/log/:id?', name: 'log', component: () => import('./pages/Log.vue'), meta: { title: () => t('nav.log') } },
    { path: '/calls', name: 'calls', component: () => import('./workday/Calls.vue'), meta: { title: () => t('calls.title') } },
    { path: '/workday', name: 'workday', component: () => import('./pages/Workday.vue'), meta: { title: () => t('workday.title') } },
    { path: '/outbox', name: 'outbox', component: () => import('./pages/Outbox.vue'), meta: { title: () => t('outbox.title') } },
    { path: '/analysis', name: 'analysis', component: () => import('./pages/Analysis.vue'), meta: { title: () => t('nav.analysis') } },
    { path: '/targets/:plan?/:node?', name: 'targets', component: () => import('./target/Targets.vue'), meta: { title: () => t('target.title') } },
    { path: '/map/:id?', name: 'map', component: () => import('./project/Map.vue'), meta: { title: () => t('map.title') } },
    { path: '/report/:name', name: 'report', component: () => import('./pages/Report.vue'), meta: { title: () => t('nav.analysis') } },
    { path: '/metric/:name', name: 'metric', component: () => import('./pages/Metric.vue'), meta: { title: () => t('nav.analysis') } },
    { path: '/boards/:id?', name: 'boards', component: () => import('./pages/Boards.vue'), meta: { title: () => t('nav.boards') } },
    { path: '/screen/:id?', name: 'screen', component: () => import('./pages/Screen.vue'), meta: { title: () => t('board.screen'), bare: true } },
    { path: '/import/:object?/:id?', name: 'import', component: setup(() => import('./pages/Import.vue')), meta: { title: () => t('import.title') } },
    { path: '/settings', name: 'settings', component: setup(() => import('./pages/settings/Settings.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/start', name: 'start', component: setup(() => import('./pages/Start.vue')), meta: { title: () => t('start.title') } },
    { path: '/settings/company', name: 'company', component: setup(() => import('./pages/settings/Company.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/members', name: 'members', component: setup(() => import('./pages/settings/Members.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/teams', name: 'teams', component: setup(() => import('./pages/settings/Teams.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/roles', name: 'roles', component: setup(() => import('./pages/settings/Roles.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/objects', name: 'declarations', component: setup(() => import('./pages/settings/Declarations.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/jobs', name: 'jobs', component: setup(() => import('./pages/settings/Jobs.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/settings/stages/:object', name: 'stages', component: setup(() => import('./pages/settings/Stages.vue')), meta: { title: () => t('nav.settings') } },
    { path: '/me', name: 'me', component: () => import('./pages/Me.vue'), meta: { title: () => t('nav.me') } },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/Missing.vue') },
  ],
  scrollBehavior: (to, from, saved) => to.path === from.path ? false : saved ?? { top: 0 },
})

router.beforeEach(async to => {
  const asked = askSession()
  // The code of the page comes while it is asked who is signed in, and what there is.
  for (const { components } of to.matched) if (typeof components?.default === 'function') (components.default as () => Promise<unknown>)().catch(() => {})
  await asked
  const back = to.fullPath === '/' ? {} : { to: to.fullPath }
  if (to.name === 'password' ? session.mustChange : to.meta.open) return true
  if (!session.member) return { name: 'login', query: back }
  if (session.mustChange) return { name: 'password', query: back }
  if (to.name === 'password') return { name: 'today' }
  try {
    await loadMeta()
  } catch (error) {
    toastError(error)
    return session.member ? true : { name: 'login' }
  }
  // Pinned views may come a moment later.
  if (to.redirectedFrom === undefined && !viewsAsked) {
    viewsAsked = true
    loadViews().catch(toastError)
  }
  return true
})
let viewsAsked = false

router.afterEach(to => {
  const object = findObject(String(to.params.object ?? ''))
  const title = to.meta.title?.() ?? say(object?.plural)
  document.title = [title, t('app.name')].filter(Boolean).join(' · ')
})

// After an upgrade the old chunks are gone: load the page anew, once.
router.onError((error, to) => {
  if (/dynamically imported module|Importing a module script failed/i.test(String(error))) location.assign(to.fullPath)
})
