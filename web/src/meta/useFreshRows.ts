import { ref, watch, type ShallowRef } from 'vue'
import { list } from '@/core/api'
import { join } from '@/core/query'
import type { Entity, Row } from '@/core/types'
import { onFeed } from '@/state/changes'
import { meta } from '@/state/meta'

const MANY = 100

/**
 * Keeps the rows of a list fresh while others change them: in place, so that nothing moves under the pointer.
 * Returns how many came that the list would show if it were read again.
 */
export function useFreshRows(object: () => Entity | undefined, query: () => string, rows: ShallowRef<Row[]>) {
  const arrived = ref(0)
  let ids = new Set<string>()

  function forget() {
    ids = new Set()
    arrived.value = 0
  }
  watch(() => [object()?.name, query()].join('?'), forget)

  onFeed(async feed => {
    const entity = object()
    const text = query()
    const touched = [...new Set(feed.filter(one => one.object === entity?.name && one.by !== meta.me.id).map(one => one.id))].slice(0, MANY)
    if (!entity || !touched.length) return
    const shown = touched.filter(id => rows.value.some(row => row.id === id))
    const other = touched.filter(id => !shown.includes(id))
    try {
      const [fresh, more] = await Promise.all([
        shown.length ? list(entity.name, `id=in.(${shown})&limit=${MANY}`) : null,
        other.length ? list(entity.name, join(text, `id=in.(${other})`, 'fields=id', `limit=${MANY}`)) : null,
      ])
      if (entity !== object() || text !== query()) return
      const byId = new Map(fresh?.rows.map(row => [row.id, row]))
      if (fresh) rows.value = rows.value.filter(row => !shown.includes(row.id) || byId.has(row.id)).map(row => byId.get(row.id) ?? row)
      more?.rows.forEach(row => ids.add(row.id))
      arrived.value = [...ids].filter(id => !rows.value.some(row => row.id === id)).length
    } catch { /* the next change, or the next look, asks again */ }
  })
  return { arrived, forget }
}
