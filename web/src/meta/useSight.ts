import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'
import type { Row } from '@/core/types'
import { visibleSpan } from '@/core/virtual'
import { isPrinted } from '@/ds/screen'

/** Asked for beyond what is seen, so that it is there when it comes into sight. */
const AHEAD = 50

/** A long list of which `rows` is the stretch from the row `first` of `total`. */
export interface Stretch { rows: Row[], first?: number, total?: number }

/**
 * The rows of a long list that are in sight in `root`, each `rowHeight` high: only these are in the page. On paper all that
 * are there. `need` is told which rows should be there; `scrolled` belongs to the scrolling of `root`.
 */
export function useSight(root: Ref<HTMLElement | null>, rowHeight: () => number, list: Stretch, need: (start: number, stop: number) => void) {
  const scroll = ref(0)
  const width = ref(Infinity)
  const height = ref(800)
  const from = computed(() => list.first ?? 0)
  const total = computed(() => list.total ?? list.rows.length)
  const span = computed(() => {
    const end = from.value + list.rows.length
    return isPrinted.value ? { start: from.value, end, before: 0, after: 0 } : visibleSpan(scroll.value, height.value, rowHeight(), total.value, from.value, end)
  })
  const visible = computed(() => list.rows.slice(span.value.start - from.value, span.value.end - from.value))
  const rowAt = (index: number): Row | undefined => list.rows[index - from.value]

  function scrolled() {
    scroll.value = root.value!.scrollTop
    const seen = Math.floor(scroll.value / rowHeight())
    need(Math.max(0, seen - AHEAD), Math.min(total.value, seen + Math.ceil(height.value / rowHeight()) + AHEAD))
  }
  const observer = new ResizeObserver(([entry]) => { ({ width: width.value, height: height.value } = entry.contentRect) })
  onMounted(() => { observer.observe(root.value!); scrolled() })
  onBeforeUnmount(() => observer.disconnect())
  // A short first page must ask for more by itself.
  watch([() => list.rows, height], () => nextTick(() => root.value && scrolled()))

  return { span, visible, total, width, height, rowAt, scrolled }
}
