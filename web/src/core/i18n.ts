/* Texts in the member's language. The second language is loaded only when asked for. */

import zh from '@/locales/zh'
import type { Lang, Text } from './types'

export type Key = keyof typeof zh

let current: Lang = 'zh'
let texts: Record<Key, string> = zh

export const lang = () => current

export async function useLang(next: Lang) {
  texts = next === 'en' ? (await import('@/locales/en')).default : zh
  current = next
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
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
