/* Keys of the whole application. Single letters are silent while someone types or an IME composes. */

type Handler = (event: KeyboardEvent) => void

const handlers = new Map<string, Handler[]>()
let prefix = ''
let prefixTimer = 0

export const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'))

export const isMac = /Mac|iP(hone|ad)/.test(navigator.platform)

/** `mod+k`, `/`, `[`, `g t`. The newest binding of a key wins; returns how to unbind. */
export function bind(keys: string, handler: Handler): () => void {
  const stack = handlers.get(keys) ?? []
  handlers.set(keys, [...stack, handler])
  return () => handlers.set(keys, handlers.get(keys)!.filter(other => other !== handler))
}

/** Whoever speaks to the computer, or presses keys by accident, does without those of a single letter. */
export const letters = {
  get on() { return localStorage.getItem('letters') !== 'off' },
  set on(on: boolean) { localStorage.setItem('letters', on ? 'on' : 'off') },
}

const isSilent = (event: KeyboardEvent) => event.isComposing || event.altKey
  || !(event.metaKey || event.ctrlKey) && (isTyping(event.target) || event.key.length === 1 && !letters.on)

export function listen() {
  // Also over the page, in a dialog or panel, which keep other keys to themselves.
  window.addEventListener('keydown', event => {
    const mod = event.metaKey || event.ctrlKey
    if (isSilent(event) || !(mod ? event.key === '.' : event.key === 'f' && !prefix) || document.querySelector('.hints')) return
    event.preventDefault()
    event.stopImmediatePropagation()
    import('./hints').then(({ showHints }) => showHints())
  }, true)
  window.addEventListener('keydown', event => {
    if (isSilent(event) || event.defaultPrevented) return
    const mod = event.metaKey || event.ctrlKey
    // What is written is taken back where it is written.
    if (event.key.toLowerCase() === 'z' && (isTyping(event.target) || event.shiftKey)) return
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
