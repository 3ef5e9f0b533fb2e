/* Reports with their parameters and columns, which only those need who show them. */

import { shallowRef, watch } from 'vue'
import { lang } from '@/core/i18n'
import { recall } from '@/core/kept'
import type { Report } from '@/core/types'
import { meta } from '@/state/meta'

const known = new Map<string, Promise<Report>>()
export function wholeReport(name: string): Promise<Report> {
  const path = `meta/report/${name}?language=${lang()}`
  let asked = known.get(path)
  if (!asked) {
    known.set(path, asked = recall<Report>(path).then(report => ({ ...report, ...meta.reports.find(one => one.name === name) })))
    asked.catch(() => known.delete(path))
  }
  return asked
}

/** That report as soon as it is here; nothing for one that may not be read. */
export function useReport(name: () => string | undefined) {
  const report = shallowRef<Report>()
  watch(name, async now => {
    report.value = undefined
    const found = now && meta.reports.some(one => one.name === now) ? await wholeReport(now).catch(() => undefined) : undefined
    if (now === name()) report.value = found
  }, { immediate: true })
  return report
}
