/*
 * Dragging cards with mouse, pen and finger, without moving nodes that the framework owns:
 * a ghost follows the pointer, columns are found by their data-column.
 * A finger must rest 220 ms first, so that boards still scroll.
 */

interface Drop { onOver(column: string | null): void, onDrop(column: string): void, onEnd(): void }

const HOLD = 220
const SLOP = 6
const EDGE = 48

export function startDrag(down: PointerEvent, card: HTMLElement, board: HTMLElement, drop: Drop) {
  if (down.button !== 0) return
  const touch = down.pointerType === 'touch'
  let ghost: HTMLElement | null = null
  let column: string | null = null
  let last = { x: down.clientX, y: down.clientY }
  let frame = 0
  const timer = touch ? window.setTimeout(lift, HOLD) : 0

  function lift() {
    const box = card.getBoundingClientRect()
    ghost = card.cloneNode(true) as HTMLElement
    ghost.classList.add('ghost')
    ghost.style.width = `${box.width}px`
    ghost.dataset.dx = String(down.clientX - box.left)
    ghost.dataset.dy = String(down.clientY - box.top)
    document.body.append(ghost)
    board.classList.add('dragging')
    if (touch) navigator.vibrate?.(10)
    follow()
  }

  function follow() {
    if (!ghost) return
    ghost.style.transform = `translate(${last.x - Number(ghost.dataset.dx)}px, ${last.y - Number(ghost.dataset.dy)}px) rotate(1.5deg)`
    const under = document.elementFromPoint(last.x, last.y)?.closest<HTMLElement>('[data-column]')?.dataset.column ?? null
    if (under !== column) drop.onOver(column = under)
  }

  // The board scrolls by itself while the card is held near its edge.
  function edge() {
    frame = 0
    if (!ghost) return
    const box = board.getBoundingClientRect()
    const step = last.x > box.right - EDGE ? 12 : last.x < box.left + EDGE ? -12 : 0
    if (!step) return
    board.scrollLeft += step
    follow()
    frame = requestAnimationFrame(edge)
  }

  function move(event: PointerEvent) {
    last = { x: event.clientX, y: event.clientY }
    const far = Math.hypot(last.x - down.clientX, last.y - down.clientY) > SLOP
    if (!ghost && far) {
      if (touch) return end()
      lift()
    }
    follow()
    frame ||= requestAnimationFrame(edge)
  }

  function up() {
    const target = ghost && column
    if (ghost) window.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 50)
    end()
    if (target) drop.onDrop(target)
  }

  // The click that ends a drag must not open the card.
  const swallow = (event: Event) => { event.stopPropagation(); event.preventDefault() }
  const noScroll = (event: TouchEvent) => { if (ghost) event.preventDefault() }
  const escape = (event: KeyboardEvent) => { if (event.key === 'Escape') end() }

  function end() {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    ghost?.remove()
    ghost = null
    board.classList.remove('dragging')
    window.removeEventListener('pointermove', move)
    window.removeEventListener('pointerup', up)
    window.removeEventListener('pointercancel', end)
    window.removeEventListener('keydown', escape)
    window.removeEventListener('touchmove', noScroll)
    drop.onOver(null)
    drop.onEnd()
  }

  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', up)
  window.addEventListener('pointercancel', end)
  window.addEventListener('keydown', escape)
  window.addEventListener('touchmove', noScroll, { passive: false })
}
