/* `@` and a name in a text: where one is being typed, and which of those chosen are still there. */

export interface Named { id: string, label: string }

/** What is typed behind the last `@` before the caret; null: no mention is being typed. */
export function mentionAt(text: string, caret: number): { from: number, words: string } | null {
  const before = text.slice(0, caret)
  const from = before.lastIndexOf('@')
  if (from < 0 || (from > 0 && /[\w.@-]/.test(before[from - 1]))) return null
  const words = before.slice(from + 1)
  return words.length > 20 || /[\s@]/.test(words) ? null : { from, words }
}

export const mentionedIn = (text: string, chosen: Named[]): Named[] =>
  chosen.filter((one, at) => text.includes('@' + one.label) && chosen.findIndex(other => other.id === one.id) === at)

/** The text in pieces, mentions apart. Longer names first: @王芳芳 is not @王芳. */ // i18n-ok
export function pieces(text: string, names: string[]): { text: string, mention: boolean }[] {
  const sorted = [...names].filter(Boolean).sort((a, b) => b.length - a.length)
  const found: { text: string, mention: boolean }[] = []
  let plain = ''
  for (let at = 0; at < text.length;) {
    const name = text[at] === '@' ? sorted.find(one => text.startsWith(one, at + 1)) : undefined
    if (name) {
      if (plain) found.push({ text: plain, mention: false })
      plain = ''
      found.push({ text: '@' + name, mention: true })
    } else plain += text[at]
    at += name ? name.length + 1 : 1
  }
  if (plain) found.push({ text: plain, mention: false })
  return found
}
