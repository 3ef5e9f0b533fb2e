/* Short messages, with a way back where there is one. */

import { shallowRef } from 'vue'
import { ApiError } from '@/core/api'
import { t } from '@/core/i18n'
import { isUnreachable } from '@/core/kept'

export interface Toast { id: number, text: string, bad?: boolean, action?: { label: string, run: () => void } }

export const toasts = shallowRef<Toast[]>([])
let last = 0

export function toast(text: string, options: Omit<Toast, 'id' | 'text'> = {}) {
  const id = ++last
  toasts.value = [...toasts.value.slice(-2), { id, text, ...options }]
  setTimeout(() => dismiss(id), options.action || options.bad ? 8000 : 3500)
}

/** Takes back what the newest message that can do so is about. */
export function undoLast() {
  const last = toasts.value.filter(one => one.action).at(-1)
  if (!last) return
  dismiss(last.id)
  last.action!.run()
}

export const dismiss = (id: number) => { toasts.value = toasts.value.filter(other => other.id !== id) }

export function toastError(error: unknown) {
  const known = error instanceof ApiError
  if (known && error.kind === 'login') return
  if (!known) console.error(error)
  const details = known ? error.errors.map(one => one.message).filter(text => text !== error.message) : []
  toast(known ? [error.message, ...details].join(' · ') : t('error.unknown'), { bad: true })
}

/** For what a page reads by itself: that there is no connection the status says already. */
export const toastUnread = (error: unknown) => { if (!isUnreachable(error)) toastError(error) }
