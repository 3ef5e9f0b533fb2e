/* Who is signed in, in which language, in which light. */

import { shallowReactive, watch } from 'vue'
import { post, request, setCsrf, whoami } from '@/core/api'
import { useLang } from '@/core/i18n'
import { forget, forgetMe, isUnreachable, keepFor, recall, rememberMe } from '@/core/kept'
import type { Lang, Me } from '@/core/types'
import { loadMeta } from './meta'
import { openOutbox } from './outbox'

export type Theme = 'system' | 'light' | 'dark'

type Person = Pick<Me, 'id' | 'name' | 'label'> & { language?: Lang }
interface Answer { member: Person, csrf: string, tried_by?: Person, must_change_password?: boolean }

export const session = shallowReactive({
  member: null as Answer['member'] | null,
  /** The administrator who looks as this member: nothing can be written. */
  triedBy: null as Person | null,
  /** The password is one somebody else set: nothing is open until it is changed. */
  mustChange: false,
  asked: false,
  lang: 'zh' as Lang,
  theme: 'system' as Theme,
})

// Storage may be switched off; preferences are then forgotten, nothing else.
export function remembered(key: string): string | null {
  try { return localStorage.getItem(key) } catch { return null }
}
export function remember(key: string, value: string) {
  try { localStorage.setItem(key, value) } catch { /* see above */ }
}

const darkness = matchMedia('(prefers-color-scheme: dark)')

function applyTheme() {
  const dark = session.theme === 'dark' || (session.theme === 'system' && darkness.matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', dark ? '#181c24' : '#ffffff')
}

export async function startSession() {
  session.theme = (remembered('theme') as Theme) ?? 'system'
  applyTheme()
  darkness.addEventListener('change', applyTheme)
  watch(() => session.theme, theme => { remember('theme', theme); applyTheme() })
  await speak((remembered('lang') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')) as Lang)
}

async function speak(lang: Lang) {
  await useLang(lang)
  session.lang = lang
}

/** Before signing in: what this browser is to speak. */
export async function changeLang(lang: Lang) {
  await speak(lang)
  remember('lang', lang)
}

/** Signed in: the member's language, on the server if `kept`, else only on this device. */
export async function changeMyLang(lang: Lang, kept: boolean) {
  await useLang(lang)
  // Without a connection declarations stay in the language they are in.
  await loadMeta().catch(() => {})
  session.lang = lang
  remember('lang/' + session.member!.id, kept ? '' : lang)
}

async function entered(answer: Answer) {
  session.member = answer.member
  session.triedBy = answer.tried_by ?? null
  session.mustChange = !!answer.must_change_password
  session.asked = true
  setCsrf(answer.csrf)
  keepFor(answer.member.id)
  remember('member', answer.member.id)
  // What the member has not sent yet is theirs to send.
  if (!answer.tried_by && !session.mustChange) openOutbox(answer.member.id)
  await speak((remembered('lang/' + answer.member.id) || answer.member.language || 'zh') as Lang)
}

// One browser, one member: pages of another one would show and keep what is not theirs.
window.addEventListener('storage', event => {
  if (event.key === 'member' && session.member && event.newValue !== session.member.id) location.assign('/')
})

export async function askSession() {
  if (session.asked) return
  try {
    if (remembered('leaving')) await leave()
    await entered(await recall<Answer>('session'))
  } catch (error) {
    if (!isUnreachable(error)) forgetMe()
    session.asked = true
  }
}

export async function signIn(name: string, password: string) {
  const answer = await post<Answer>('session', { name, password })
  remember('leaving', '')
  await rememberMe(answer)
  await entered(answer)
}

/** A new password ends every session of the member; here they go on with it. */
export async function changePassword(old: string, next: string) {
  await post('session/password', { old, new: next })
  await signIn(session.member!.name, next)
}

async function leave() {
  await whoami()
  await request('DELETE', 'session')
  remember('leaving', '')
}

/** Without a connection the server hears of it the next time; nothing stays on this device either way. */
export async function signOut() {
  await forget()
  remember('leaving', '1')
  remember('member', '')
  await leave().catch(error => { if (!isUnreachable(error) && error.status !== 401) throw error })
  // A fresh page forgets every record that was in memory.
  location.assign('/login')
}

/* Looking as another member: the same session, until it is ended; every page begins anew. */

export async function tryAs(member: string) {
  await post('session/try', { member })
  location.assign('/')
}

export async function stopTrying() {
  await request('DELETE', 'session/try')
  location.assign('/settings/roles')
}
