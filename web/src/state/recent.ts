import { shallowRef } from 'vue'
import type { Found } from '@/core/types'

/* Records looked at lately; kept in memory only, because storage would outlive the session. */
export const recent = shallowRef<Found[]>([])

export function visited(object: string, id: string, title: string) {
  recent.value = [{ object, id, title }, ...recent.value.filter(one => one.object !== object || one.id !== id)].slice(0, 8)
}
