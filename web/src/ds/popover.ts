import { nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue'

const TALLEST = 440

/*
 * A panel at an anchor, kept inside the window. Not teleported: inside an open <dialog> only its own
 * descendants can be seen. The popover attribute is too new for our oldest browser.
 */
export function usePopover(anchor: Ref<HTMLElement | null>, panel: Ref<HTMLElement | null>, wide = false) {
  const open = ref(false)
  const place = ref<Record<string, string>>({})

  function put() {
    const box = anchor.value?.getBoundingClientRect()
    const size = panel.value?.getBoundingClientRect()
    if (!box || !size) return
    const below = window.innerHeight - box.bottom
    const above = below < Math.min(size.height, 260) && box.top > below
    const width = wide ? Math.max(box.width, size.width) : size.width
    const left = Math.max(8, Math.min(box.left, window.innerWidth - width - 8))
    place.value = {
      left: `${left}px`,
      ...(wide ? { minWidth: `${box.width}px` } : {}),
      ...(above
        ? { bottom: `${window.innerHeight - box.top + 4}px`, maxHeight: `${Math.min(TALLEST, box.top - 12)}px` }
        : { top: `${box.bottom + 4}px`, maxHeight: `${Math.min(TALLEST, below - 12)}px` }),
    }
  }

  const inside = (event: Event) => {
    const path = event.composedPath()
    return (anchor.value && path.includes(anchor.value)) || (panel.value && path.includes(panel.value))
  }
  const outside = (event: Event) => { if (!inside(event)) open.value = false }
  const scrolled = (event: Event) => {
    if (!panel.value?.contains(event.target as Node)) put()
  }

  function unlisten() {
    document.removeEventListener('pointerdown', outside, true)
    window.removeEventListener('resize', put)
    window.removeEventListener('scroll', scrolled, true)
  }

  watch(open, async on => {
    unlisten()
    if (!on) return
    document.addEventListener('pointerdown', outside, true)
    window.addEventListener('resize', put)
    window.addEventListener('scroll', scrolled, true)
    await nextTick()
    put()
  })
  onBeforeUnmount(unlisten)

  return { open, place, put }
}
