/* Records of another object that point to one, as they come and go. */

import { computed, ref, shallowRef, watch } from 'vue'
import { list } from '@/core/api'
import { join } from '@/core/query'
import type { Entity, Row } from '@/core/types'
import { onChange, onFeed } from '@/state/changes'
import { findField } from '@/state/meta'
import { toastError } from '@/state/toast'
import { refCond } from './values'

export function useRelated(props: { object: Entity, via: string, id: string }, most: number, sort = '') {
  const rows = shallowRef<Row[]>([])
  const count = ref(0)
  const loading = ref(true)
  const query = computed(() => `${props.via}=${refCond(findField(props.object, props.via), props.id)}`)

  async function load() {
    try {
      const page = await list(props.object.name, join(query.value, sort && `sort=${sort}`, `limit=${most}`, 'count=exact'))
      rows.value = page.rows
      count.value = page.count ?? page.rows.length
    } catch (error) { toastError(error) } finally { loading.value = false }
  }
  watch(() => [props.object.name, props.id], () => { loading.value = true; load() }, { immediate: true })
  onChange(object => { if (object === props.object.name) load() })
  onFeed(feed => { if (feed.some(one => one.object === props.object.name)) load() })
  return { rows, count, loading, query }
}
