/* Keys of the whole application. Single letters are silent while someone types or an IME composes. */

type Handler = (event: KeyboardEvent) => void

const handlers = new Map<string, Handler[]>()
let prefix = ''
let prefixTimer = 0

export const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

export const isMac = /Mac|iP(hone|ad)/.test(navigator.platform)

/** `mod+k`, `/`, `[`, `g t`. The newest binding of a key wins; returns how to unbind. */
export function bind(keys: string, handler: Handler): () => void {
  const stack = handlers.get(keys) ?? []
  handlers.set(keys, [...stack, handler])
  return () => handlers.set(keys, handlers.get(keys)!.filter(other => other !== handler))
}

export function listen() {
  window.addEventListener('keydown', event => {
    if (event.isComposing || event.defaultPrevented || event.altKey) return
    const mod = event.metaKey || event.ctrlKey
    if (!mod && isTyping(event.target)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const name = mod ? `mod+${key}` : prefix + key
    clearTimeout(prefixTimer)
    prefix = ''
    const handler = handlers.get(name)?.at(-1)
    if (handler) {
      event.preventDefault()
      handler(event)
    } else if (!mod && [...handlers.keys()].some(other => other.startsWith(key + ' '))) {
      prefix = key + ' '
      prefixTimer = window.setTimeout(() => prefix = '', 1200)
    }
  })
}
