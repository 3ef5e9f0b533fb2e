import { ref, shallowRef, watch } from 'vue'
import { ApiError, read } from '@/core/api'
import type { Entity, Row } from '@/core/types'
import { onChange, onFeed } from '@/state/changes'
import { see } from './fixed'
import { toastError } from '@/state/toast'

/** One record, kept fresh; `known` shows at once what the list already had. */
export function useRecord(object: () => Entity | undefined, id: () => string, known: () => Row | undefined = () => undefined) {
  const row = shallowRef<Row | null>(null)
  const missing = ref(false)
  let asked = 0

  async function load(entity: Entity) {
    const mine = ++asked
    try {
      const fresh = await read(entity.name, id())
      if (mine === asked) row.value = fresh
    } catch (error) {
      if (mine !== asked) return
      if (error instanceof ApiError && error.status === 404) missing.value = true
      else toastError(error)
    }
  }

  watch(() => [object()?.name, id()], () => {
    const entity = object()
    if (!entity) return
    missing.value = false
    row.value = known() ?? null
    load(entity)
  }, { immediate: true })

  watch(row, now => {
    const entity = object()
    if (entity && now) see(entity, now)
  }, { immediate: true })

  onChange((name, changed, next) => {
    if (name !== object()?.name || changed !== id()) return
    if (next) row.value = next
    missing.value = !next
  })

  onFeed(feed => {
    const entity = object()
    if (entity && feed.some(one => one.object === entity.name && one.id === id())) load(entity)
  })

  return { row, missing }
}
