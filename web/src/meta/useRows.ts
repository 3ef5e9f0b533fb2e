import { computed, ref, shallowRef } from 'vue'
import type { Page, Row } from '@/core/types'

const PAGE = 100
/** Rows kept in the page: what was scrolled past is asked for again. */
const KEPT = 2000
/** Browsers end what scrolls at some sixteen million pixels: so many rows of the highest kind, a card, go into that. */
export const REACH = 230_000

/**
 * The rows of a long list, of which the page holds one stretch, `first` and on. `ask` reads a page of it; `failed` is told
 * when that fails. A list goes on by its cursor; where that is not known, in the middle, by passing rows over.
 */
export function useRows(ask: (page: string) => Promise<Page>, failed: (error: unknown) => void) {
  const rows = shallowRef<Row[]>([])
  const first = ref(0)
  /** Of the row after the stretch: null at the end of the list, undefined where it is not known. */
  const next = ref<string | null | undefined>(null)
  const count = ref<number | null>(null)
  const busy = ref(false)
  const end = () => first.value + rows.value.length
  const total = computed(() => Math.min(REACH, next.value === null ? end() : Math.max(count.value ?? 0, end() + 1)))
  let age = 0
  let wanted: [number, number] | null = null

  /** Begins anew, with the first page. */
  function begin(page: Page | null) {
    age++
    rows.value = page?.rows ?? []
    first.value = 0
    next.value = page?.next ?? null
  }

  const others = (page: Page) => {
    const known = new Set(rows.value.map(row => row.id))
    return page.rows.filter(row => !known.has(row.id))
  }

  async function read(from: number, limit: number, take: (page: Page) => void) {
    const mine = age
    const cursor = from === end() ? next.value : undefined
    busy.value = true
    try {
      const page = await ask(`limit=${limit}&` + (cursor ? `after=${encodeURIComponent(cursor)}` : `skip=${from}`))
      if (mine === age) take(page)
      return mine === age
    } catch (error) {
      if (mine === age) failed(error)
      return false
    } finally { busy.value = false }
  }

  const after = () => read(end(), PAGE, page => {
    rows.value = [...rows.value, ...others(page)]
    next.value = page.next
  })

  function before() {
    const from = Math.max(0, first.value - PAGE)
    return read(from, first.value - from, page => {
      rows.value = [...others(page), ...rows.value]
      first.value = from
    })
  }

  const jump = (from: number) => read(from, PAGE, page => {
    rows.value = page.rows
    first.value = from
    next.value = page.next
  })

  /** Rows `start` to before `stop` are looked at. */
  async function need(start: number, stop: number) {
    wanted = [start, Math.min(stop, total.value)]
    if (busy.value) return
    for (let going = true; going && wanted;) {
      [start, stop] = wanted
      if (start >= first.value && stop <= end()) break
      if (start > end() || stop < first.value) going = await jump(Math.max(0, Math.floor((start + stop - PAGE) / 2)))
      else if (start < first.value) going = await before()
      else going = next.value !== null && await after()
      if (rows.value.length <= KEPT) continue
      if (start - first.value > end() - stop) {
        const cut = rows.value.length - KEPT
        rows.value = rows.value.slice(cut)
        first.value += cut
      } else {
        rows.value = rows.value.slice(0, KEPT)
        next.value = undefined
      }
    }
    wanted = null
  }

  return { rows, first, next, count, total, busy, begin, need }
}
