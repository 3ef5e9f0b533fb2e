/*
 * Letters at whatever can be pressed on the screen: typing them presses it, or goes there where something is written.
 * Of what lies over the page, an open dialog or panel, only that has letters; Esc, a click or scrolling takes them away.
 */

const PRESSED = 'a[href], button:not(:disabled), select:not(:disabled), textarea:not(:disabled), input:not(:disabled):not([tabindex="-1"]), [role="grid"][tabindex]'
const WRITTEN = 'input:not([type="checkbox"], [type="radio"], [type="file"]), textarea, select, [role="grid"]'
/** Those under the fingers first. */
const LETTERS = 'fjdkslaghrueiwotyqpvmcnxbz'

/** `n` words of letters of which none begins with another: as many single letters as that allows, and those first. */
export function codes(n: number): string[] {
  const most = LETTERS.length
  const single = Math.max(0, Math.min(n, Math.floor((most * most - n) / (most - 1))))
  const heads = [...LETTERS].slice(single)
  return [...[...LETTERS].slice(0, single), ...heads.flatMap(head => [...LETTERS].map(letter => head + letter))].slice(0, n)
}

/** Where it is seen, in the window and under nothing else. */
function boxOf(one: HTMLElement): DOMRect | null {
  // A hidden box is pressed by its label.
  const shown = one.classList.contains('sr') ? one.closest('label') ?? one : one
  const box = shown.getBoundingClientRect()
  const [x, y] = [box.left + Math.min(box.width / 2, 12), box.top + Math.min(box.height / 2, 12)]
  const top = box.width > 2 && box.height > 2 ? document.elementFromPoint(x, y) : null
  return top && (shown.contains(top) || top.contains(shown) || top.closest('label')?.contains(shown)) ? box : null
}

/** The present letters; null where there are none. */
let shown: { layer: HTMLElement, targets: Map<string, HTMLElement>, typed: string } | null = null

function hide() {
  if (!shown) return
  shown.layer.remove()
  for (const target of shown.targets.values()) delete target.dataset.hint
  shown = null
  window.removeEventListener('keydown', key, true)
  for (const event of ['scroll', 'resize', 'pointerdown', 'blur']) window.removeEventListener(event, hide, true)
}

function press(target: HTMLElement) {
  target.focus()
  if (!target.matches(WRITTEN)) target.click()
}

function key(event: KeyboardEvent) {
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const { layer, targets } = shown!
  const typed = shown!.typed + event.key.toLowerCase()
  const target = targets.get(typed)
  if (target || ![...targets.keys()].some(code => code.startsWith(typed))) hide()
  if (target) return press(target)
  if (!shown) return
  shown.typed = typed
  for (const label of layer.children) label.toggleAttribute('hidden', !label.textContent!.toLowerCase().startsWith(typed))
}

export function showHints() {
  hide()
  const dialog = [...document.querySelectorAll<HTMLElement>('dialog[open]')].at(-1)
  const over = [...document.querySelectorAll<HTMLElement>('.panel:not([role="listbox"])')].filter(panel => panel.getClientRects().length).at(-1) ?? dialog
  const found = [...(over ?? document).querySelectorAll<HTMLElement>(PRESSED)].map(one => ({ one, box: boxOf(one) })).filter(({ box }) => box)
  // The form in which somebody writes before the rest of the page, that before the menu beside it.
  const nearest = [document.activeElement?.closest('form'), document.querySelector('main')]
  const rank = (one: HTMLElement) => nearest.filter(part => part?.contains(one)).length
  found.sort((a, b) => rank(b.one) - rank(a.one))
  if (!found.length) return
  const layer = document.createElement('div')
  layer.className = 'hints noprint'
  layer.setAttribute('aria-hidden', 'true')
  const targets = new Map<string, HTMLElement>()
  codes(found.length).forEach((code, at) => {
    const { one, box } = found[at]
    const label = document.createElement('kbd')
    label.textContent = code.toUpperCase()
    label.style.left = `${Math.max(0, box!.left - 4)}px`
    label.style.top = `${Math.max(0, box!.top - 4)}px`
    layer.append(label)
    targets.set(code, one)
    one.dataset.hint = code
  })
  // Inside an open dialog only what belongs to it is seen.
  ;(dialog ?? document.body).append(layer)
  shown = { layer, targets, typed: '' }
  window.addEventListener('keydown', key, true)
  for (const event of ['scroll', 'resize', 'pointerdown', 'blur']) window.addEventListener(event, hide, true)
}
