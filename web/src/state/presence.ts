/* Who else has a record open, or is editing it. A hint, said again every few seconds while the page is looked at. */

import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { post } from '@/core/api'
import { session } from './session'

export interface Other { member: string, label: string, editing: boolean }

const AGAIN = 10_000
/** What is opened and left again is not told, and what it shows comes first. */
const SOON = 400

/** How many forms and fields of a record are open for editing in this tab. */
const editors = ref(0)

export function useEditing(on: () => boolean) {
  let counted = false
  const set = (now: boolean) => {
    if (now !== counted) editors.value += now ? 1 : -1
    counted = now
  }
  watch(on, set, { immediate: true })
  onBeforeUnmount(() => set(false))
}

export function usePresence(object: () => string, id: () => string) {
  const others = shallowRef<Other[]>([])
  let here: string[] = []
  let told = false
  let timer = 0

  async function say(state: 'open' | 'editing' | 'gone', [name, record]: string[]) {
    try {
      const answer = await post<{ others: Other[] }>(`${name}/${record}/presence`, { state })
      if (state !== 'gone' && here[0] === name && here[1] === record) others.value = answer.others
    } catch { /* without a hint the version still keeps changes apart */ }
  }

  function beat() {
    clearTimeout(timer)
    if (!here.length || document.hidden || session.triedBy) return
    told = true
    say(editors.value ? 'editing' : 'open', here)
    timer = window.setTimeout(beat, AGAIN)
  }

  function leave() {
    clearTimeout(timer)
    if (told) say('gone', here)
    told = false
    here = []
    others.value = []
  }

  watch(() => [object(), id()], next => {
    leave()
    here = next
    timer = window.setTimeout(beat, SOON)
  }, { immediate: true })
  watch(editors, beat)
  document.addEventListener('visibilitychange', beat)
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', beat)
    leave()
  })
  return others
}
