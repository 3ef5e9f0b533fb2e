/* Fields of a record that is shown, edited one at a time in place. */

import { ref } from 'vue'
import type { Entity, Field, Row } from '@/core/types'
import { say, t } from '@/core/i18n'
import { mayWrite } from './fixed'
import { isSent, saveFields } from '@/state/records'
import { toast, toastError } from '@/state/toast'
import type { Edit, Leave } from './InlineEdit.vue'
import { titleOf } from './values'

/** Changes one field of `base`, as it was when the editing began; the message says how to take it back. */
export async function editField(object: Entity, field: Field, { base, value }: Edit, labels: Row['labels']): Promise<Row> {
  const saved = await saveFields(object, base, { [field.name]: value === '' ? null : value }, labels)
  const undo = () => saveFields(object, saved, { [field.name]: base[field.name] ?? null }, base.labels).catch(toastError)
  toast(t('done.changed', { title: titleOf(object, saved), x: say(field.label) }), isSent(base, saved) ? { action: { label: t('act.undo'), run: undo } } : {})
  return saved
}

/** `order` is where Tab leads; `change` shows what is not saved yet, what was, or, if that failed, what it was before. */
export function useFieldEdit(props: { object: Entity, row: Row }, order: () => Field[], change: (row: Row) => void) {
  const editing = ref('')

  async function done(field: Field, edit: Edit | null, how: Leave) {
    editing.value = ''
    if (how === 'tab' || how === 'back') {
      const all = order().filter(other => mayWrite(props.object, other, props.row))
      editing.value = all[all.indexOf(field) + (how === 'tab' ? 1 : -1)]?.name ?? ''
    }
    if (!edit) return
    const before = props.row
    const labels = { ...before.labels, ...(edit.label !== undefined && { [field.name]: edit.label }) }
    change({ ...before, [field.name]: edit.value, labels })
    try {
      change(await editField(props.object, field, edit, labels))
    } catch (error) {
      change(before)
      toastError(error)
    }
  }

  function start(field: Field, event: Event) {
    // A link inside the value is followed, not edited.
    if ((event.target as HTMLElement).closest('a')) return
    if (mayWrite(props.object, field, props.row)) editing.value = field.name
  }

  return { editing, done, start }
}
