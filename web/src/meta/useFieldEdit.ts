/* Fields of a record that is shown, edited one at a time in place. */

import { ref } from 'vue'
import { canWrite } from '@/core/perms'
import type { Entity, Field, Row } from '@/core/types'
import { saveFields } from '@/state/records'
import { toastError } from '@/state/toast'
import type { Edit, Leave } from './InlineEdit.vue'

/** `order` is where Tab leads; `change` shows what is not saved yet, what was, or, if that failed, what it was before. */
export function useFieldEdit(props: { object: Entity, row: Row }, order: () => Field[], change: (row: Row) => void) {
  const editing = ref('')

  async function done(field: Field, edit: Edit | null, how: Leave) {
    editing.value = ''
    if (how === 'tab' || how === 'back') {
      const all = order().filter(other => canWrite(props.object, other))
      editing.value = all[all.indexOf(field) + (how === 'tab' ? 1 : -1)]?.name ?? ''
    }
    if (!edit) return
    const before = props.row
    const labels = { ...before.labels, ...(edit.label !== undefined && { [field.name]: edit.label }) }
    change({ ...before, [field.name]: edit.value, labels })
    try {
      change(await saveFields(props.object, edit.base, { [field.name]: edit.value === '' ? null : edit.value }, labels))
    } catch (error) {
      change(before)
      toastError(error)
    }
  }

  function start(field: Field, event: Event) {
    // A link inside the value is followed, not edited.
    if ((event.target as HTMLElement).closest('a')) return
    if (canWrite(props.object, field)) editing.value = field.name
  }

  return { editing, done, start }
}
