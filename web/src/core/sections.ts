/* By one key from part to part of a page, instead of past everything that is in each of them. */

const PARTS = 'header, section, form, aside, .toolbar, .kpis, .tiles, .layouts, [role="grid"], [role="tabpanel"], [role="tablist"]'
const REACHED = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]'

/** Where the keyboard is in each part of `root` at first, in the order of the page; a part that begins with another is one with it. */
export function partStarts(root: ParentNode): HTMLElement[] {
  const starts = [...root.querySelectorAll<HTMLElement>(PARTS)].map(part => part.matches(REACHED) ? part
    : [...part.querySelectorAll<HTMLElement>(REACHED)].find(one => one.tabIndex >= 0 && one.checkVisibility()))
  return [...new Set(starts)].filter(one => one !== undefined)
}

/** To the part after, or before, that in which the keyboard is; at the ends it stays. */
export function step(root: ParentNode, by: 1 | -1) {
  const starts = partStarts(root)
  const here = document.activeElement
  const isPast = (one: HTMLElement) => !!here && here !== document.body && !one.contains(here)
    && !!(here.compareDocumentPosition(one) & (by > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING))
  const found = root instanceof Node && here && root.contains(here) && here !== root ? (by > 0 ? starts.find(isPast) : starts.filter(isPast).at(-1)) : starts.at(by > 0 ? 0 : -1)
  found?.focus()
}
