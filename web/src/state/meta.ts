/* The declarations the member may use; read once, everything renders from them. */

import { shallowReactive } from 'vue'
import { setCompany } from '@/core/format'
import { lang, say } from '@/core/i18n'
import { recall } from '@/core/kept'
import type { Entity, Field, Meta, MetaSent, Text } from '@/core/types'

export const meta = shallowReactive({
  ready: false,
  me: { id: '', name: '', label: '', roles: [], language: 'zh' } as Meta['me'],
  company: { name: '', currency: 'CNY', timezone: 'Asia/Shanghai', week_start: 1 } as Meta['company'],
  objects: [] as Entity[],
  menus: [] as Meta['menus'],
  reports: [] as Meta['reports'],
  metrics: [] as Meta['metrics'],
  jobs: {} as Record<string, Text>,
  settings: {} as Meta['settings'],
})

/** The numbers of requirements in a doc are for whoever builds, not for whoever reads. */
const plain = (text: string) => text.replace(/^(?:[SK]\d*-\d\d[、, ]*)+[：:] ?| ?[（(](?:K-\d\d[ 、，,…]*)*S\d\d-\d\d[^）)]*[）)]/g, '')

let byName = new Map<string, Entity>()

let texts = ''
/** Texts come in one language, half of all there is; `both` is for who writes them. */
export async function loadMeta(both = false) {
  const wanted = both ? 'both' : lang()
  if (meta.ready && (texts === wanted || texts === 'both')) return
  const { types, system: everywhere, ...answer } = await recall<MetaSent>(both ? 'meta' : `meta?language=${wanted}`)
  for (const one of [...answer.objects, ...answer.reports]) if (one.doc) one.doc = Object.fromEntries(Object.entries(one.doc).map(([key, text]) => [key, plain(text)])) as Text
  const know = (field: Field): Field => ({ ...types[field.yields ?? field.type], ...field })
  const system = everywhere.map(field => ({ ...know(field), system: true }))
  for (const object of answer.objects) object.fields = [...system, ...object.fields.map(know)]
  // Names that people know by a label: of a metric, wherever one is named, and of a job.
  const metrics = answer.metrics.map(({ name, label }) => ({ value: name, label }))
  for (const object of answer.objects) for (const field of object.fields) {
    if (field.name === 'metric' && field.type === 'text' && metrics.length) Object.assign(field, { type: 'choice', choices: metrics, help: undefined })
    if (object.name === 'job' && field.name === 'name') Object.assign(field, { type: 'choice', choices: Object.entries(answer.jobs ?? {}).map(([value, label]) => ({ value, label })) })
  }
  byName = new Map(answer.objects.map(object => [object.name, object]))
  setCompany(answer.company.currency, answer.company.timezone)
  texts = wanted
  Object.assign(meta, answer, { ready: true })
}

/** What a job does; its name where nobody says. */
export const jobLabel = (name: unknown) => say(meta.jobs[String(name)]) || String(name)
export const findObject = (name: string | undefined) => name ? byName.get(name) : undefined
export const findField = (object: Entity, name: string | undefined): Field | undefined => object.fields.find(field => field.name === name)
export const pickFields = (object: Entity, names: string[]) =>
  names.map(name => findField(object, name)).filter(field => field !== undefined)

/** Objects of the menu by their groups, in declared order; what no group names comes last, in a group without a name. */
export function menuGroups(): { name: string, label: Text | null, objects: Entity[] }[] {
  const named = new Set(meta.menus.flatMap(menu => menu.objects))
  return [
    ...meta.menus.map(({ name, label, objects }) => ({ name, label, objects: objects.map(findObject).filter(object => object !== undefined) })),
    { name: '', label: null, objects: meta.objects.filter(object => object.menu && !named.has(object.name)) },
  ]
}

/** All of them in that order. */
export const menuObjects = () => menuGroups().flatMap(group => group.objects)

/**
 * What the records of an object step through on its board: the steps are records of chains (`within`), and an action of the chain
 * takes all of them in their order.
 */
export function stepsOf(object: Entity) {
  const [by, within] = [findField(object, object.board?.by), findField(object, object.board?.within)]
  const [step, chain] = [findObject(by?.to), findObject(within?.to)]
  const link = step?.fields.find(field => field.to && field.to === chain?.name)
  const arrange = chain?.actions?.find(action => action.params?.length === 1 && action.params[0].to === step?.name)
  return step && chain && link && arrange ? { by: by!.name, step, chain, within: link.name, arrange } : null
}

/** The object of things that happen at an hour and are described in words: noted on others, they are the timeline. */
export const isLog = (object: Entity) => object.can.create && object.fields.some(field => field.type === 'long')
  && !!object.calendar && findField(object, object.calendar.start)?.type === 'instant'

export function logOf(object: Entity): { log: Entity, via: string } | null {
  for (const { object: name, field } of object.related ?? []) {
    const log = findObject(name)
    if (log && isLog(log)) return { log, via: field }
  }
  return null
}

/** What a reference field points to. */
export const targetOf = (field: Field): string =>
  field.to ?? (field.type === 'member' || field.type === 'team' || field.type === 'region' ? field.type : '')
