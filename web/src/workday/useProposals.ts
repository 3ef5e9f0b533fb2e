/* The proposed visits of a plan: which are taken along, what was changed in them, and taking them all at once. */

import { computed, ref, shallowRef, watch } from 'vue'
import { t } from '@/core/i18n'
import { toast, toastError, toastUnread } from '@/state/toast'
import { planVisit, proposals, timesAfter, type DayForm, type Proposal } from './forms'

export function useProposals(form: () => DayForm, changed: () => void) {
  const rows = shallowRef<Proposal[]>([])
  const edits = shallowRef<Record<string, Partial<Proposal>>>({})
  const chosen = shallowRef<Record<string, boolean>>({})
  const taken = shallowRef<string[]>([])
  const open = ref('')
  const busy = ref(false)
  watch(form, one => { proposals(one).then(found => { rows.value = found }, toastUnread) }, { immediate: true })

  const shown = computed(() => rows.value.filter(row => !taken.value.includes(row.customer)).map(row => ({ ...row, ...edits.value[row.customer] })))
  // What found no room in the day is there to be chosen, not chosen.
  const isChosen = (one: Proposal) => chosen.value[one.customer] ?? !!rows.value.find(row => row.customer === one.customer)?.planned_at
  const ready = computed(() => shown.value.filter(isChosen))

  function edit(one: Proposal, values: Partial<Proposal>) {
    edits.value = { ...edits.value, [one.customer]: { ...edits.value[one.customer], ...values } }
  }
  function choose(one: Proposal, yes: boolean) {
    if (yes && !one.planned_at) edit(one, timesAfter(form().day, [...form().visits, ...ready.value].map(row => row.planned_end ?? row.planned_at)))
    chosen.value = { ...chosen.value, [one.customer]: yes }
  }

  /** Each is an entry of its own: what is refused stays here, the rest is planned. */
  async function take() {
    const all = ready.value
    const vague = all.find(one => !one.goal.trim() || !one.planned_at)
    if (busy.value || !all.length) return
    if (vague) {
      open.value = vague.customer
      return toast(t('workday.needGoal', { x: vague.title }), { bad: true })
    }
    busy.value = true
    taken.value = [...taken.value, ...all.map(one => one.customer)]
    const results = await Promise.allSettled(all.map(planVisit))
    const failed = results.flatMap((result, at) => result.status === 'rejected' ? [{ one: all[at], reason: result.reason as unknown }] : [])
    taken.value = taken.value.filter(id => !failed.some(({ one }) => one.customer === id))
    if (failed.length) {
      open.value = failed[0].one.customer
      toastError(failed[0].reason)
    }
    busy.value = false
    changed()
  }

  return { shown, ready, open, busy, isChosen, choose, edit, take }
}
