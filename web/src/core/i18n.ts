/* Texts in the member's language. The second language, and what only setting up says, are loaded only when asked for. */

import zh from '@/locales/zh'
import type setup from '@/locales/zh.setup'
import type { Lang, Text } from './types'

export type Key = keyof typeof zh | keyof typeof setup

let current: Lang = 'zh'
let texts: Partial<Record<Key, string>> = zh
let withSetup = false

export const lang = () => current

let wanted: Lang = 'zh'
let reading = Promise.resolve()
/** One after the other: what was asked for last holds, however long each takes to come. */
export function useLang(next: Lang): Promise<void> {
  wanted = next
  return reading = reading.catch(() => {}).then(() => readTexts(next))
}

async function readTexts(next: Lang) {
  const [most, more] = await Promise.all(next === 'en'
    ? [import('@/locales/en'), withSetup && import('@/locales/en.setup')]
    : [{ default: zh }, withSetup && import('@/locales/zh.setup')])
  texts = { ...most.default, ...more && more.default }
  current = next
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}

let setupRead: Promise<void> | null = null
/** Before a page of setting up is shown. */
export function useSetup() {
  withSetup = true
  return setupRead ??= useLang(wanted).catch(error => {
    setupRead = null
    throw error
  })
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  // Newer servers may name what this page does not know yet.
  // `{n|record|records}`: one, or several.
  return (texts[key] ?? key.split('.').at(-1)!).replace(/\{(\w+)(?:\|(.*?)\|(.*?))?\}/g, (hole, name, one, more) => more ? String(values[name]) === '1' ? one : more : String(values[name] ?? hole))
}

/** A label that came from the declarations. */
export function say(text: Text | string | null | undefined): string {
  if (!text) return ''
  return typeof text === 'string' ? text : text[current] || text.zh || text.en
}
