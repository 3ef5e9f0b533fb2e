/* A person in a decision, from a row of the report and the ties that name them. */

import type { ReportRow } from '@/analysis/columns'
import type { Row } from '@/core/types'

export const attitudes = [
  { name: 'support', label: 'map.support', color: 'green' },
  { name: 'neutral', label: 'map.neutral', color: 'gray' },
  { name: 'oppose', label: 'map.oppose', color: 'red' },
] as const

/** Whom a tie names besides somebody; a contact one may not see has no name and is left out. */
export interface Known { row: Row, name: string }

export interface Line {
  id: string
  contact: string
  name: string
  attitude: string
  influence: unknown
  access: unknown
  talks: number
  last: string
  introducer: string
  knows: Known[]
  knownBy: Known[]
}

const label = (tie: Row, ...fields: string[]) => fields.map(field => tie.labels?.[field]).find(text => typeof text === 'string') as string | undefined
const named = (ties: Row[], ...fields: string[]) => ties.map(row => ({ row, name: label(row, ...fields) ?? '' })).filter(one => one.name)

export function lineOf(row: ReportRow, ties: Row[]): Line {
  const contact = String(row.contact_id ?? '')
  return {
    id: String(row.stakeholder_id), contact, name: String(row.person ?? '—'), attitude: String(row.attitude ?? 'neutral'),
    influence: row.influence, access: row.access, talks: Number(row.talks ?? 0), last: String(row.last_on ?? ''), introducer: String(row.introducer ?? ''),
    knows: named(ties.filter(tie => tie.from_contact === contact), 'to_contact', 'to_member'),
    knownBy: named(ties.filter(tie => tie.to_contact === contact), 'from_contact', 'from_member'),
  }
}
