/* A form of the day in work: what was changed in it, and handing it in or taking it back. */

import { ref, shallowRef } from 'vue'
import { ApiError } from '@/core/api'
import { t, type Key } from '@/core/i18n'
import type { FieldError } from '@/core/types'
import { toast, toastError } from '@/state/toast'
import { save, type DayForm } from './forms'

export function useHandIn(form: () => DayForm, sent: Key, changed: () => void) {
  const draft = shallowRef<Record<string, unknown>>({})
  const errors = shallowRef<FieldError[]>([])
  const busy = ref(false)

  /** `more`: fields that go along even if nobody touched them. */
  async function handIn(state: 'submitted' | 'draft', more: Record<string, unknown> = {}) {
    if (busy.value) return
    busy.value = true
    errors.value = []
    try {
      await save(form(), { ...draft.value, ...more, state })
      draft.value = {}
      toast(t(state === 'submitted' ? sent : 'workday.takenBack'))
      changed()
    } catch (error) {
      if (error instanceof ApiError && error.errors.length) errors.value = error.errors
      else toastError(error)
    } finally { busy.value = false }
  }

  const errorOf = (name: string) => errors.value.find(error => error.field === name)?.message
  return { draft, errors, busy, handIn, errorOf }
}
