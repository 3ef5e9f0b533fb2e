/* The shapes of docs/api.md. */

export type Lang = 'zh' | 'en'
export type Text = Record<Lang, string>
export type Color = 'gray' | 'red' | 'orange' | 'yellow' | 'green' | 'teal' | 'blue' | 'indigo' | 'purple' | 'pink'

export type FieldType =
  | 'text' | 'long' | 'phone' | 'email' | 'url' | 'number'
  | 'integer' | 'duration' | 'decimal' | 'money' | 'percent'
  | 'bool' | 'date' | 'instant' | 'choice' | 'choices'
  | 'ref' | 'refs' | 'member' | 'team' | 'region' | 'location'
  | 'file' | 'image' | 'formula' | 'total'

export type Op = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'in' | 'like' | 'is'

export interface Choice { value: string, label: Text, color?: Color, retired?: boolean }

export interface Field {
  name: string
  type: FieldType
  label: Text
  help?: Text | null
  /** The heading above the row of the form that begins with it. */
  section?: Text
  /** The object a ref or refs field points to. */
  to?: string
  /** What a formula or total yields. */
  yields?: FieldType
  required?: boolean
  read_only?: boolean
  unique?: boolean
  index?: boolean
  search?: boolean
  min?: number | string | null
  max?: number | string | null
  scale?: number | null
  default?: unknown
  filter?: string | null
  /** `year`: a whole number written without separators. */
  format?: 'year'
  choices?: Choice[]
  ops?: Op[]
  sortable?: boolean
  /** Every record has it: when and by whom it was made. */
  system?: boolean
}

export interface Can { create: boolean, update: boolean, delete: boolean, export: boolean, import: boolean }
export interface View { name: string, label: Text, query: string }
export interface Action { name: string, label: Text, params?: Field[], on: 'record' | 'list', confirm?: Text | null, when?: string }

/** Of a record that is fixed: the fields that stay; all but these; all of them. */
export interface Stays { fields?: string[], but?: string[] }
/** While `when` holds, a record stays as it is; `delete`: it may still be deleted. */
export interface FixedRule extends Stays { when: string, delete?: boolean, parts?: (Stays & { object: string })[], why: Text, instead: Text }

export interface Entity {
  name: string
  label: Text
  plural: Text
  doc?: Text
  module?: string
  title?: string
  icon?: string
  can: Can
  menu?: boolean
  /** Its records are about others, and made from there. */
  about?: boolean
  /** The field that says whose a record is. */
  owner?: string | null
  /** Whether its records are compared with others. */
  duplicates?: boolean
  board?: { by: string, sum?: string, within?: string } | null
  calendar?: { start: string, end?: string, done?: string } | null
  fields: Field[]
  list: string[]
  form: string[][]
  /** Its page: names of fields, and of objects whose records refer to it. */
  parts?: string[]
  views?: View[]
  related?: { object: string, field: string }[]
  actions?: Action[]
  fixed?: FixedRule[]
}

export interface Me { id: string, name: string, label: string, team?: string | null, roles: string[], admin?: boolean, language: Lang }

export interface Metric {
  name: string
  label: Text
  doc?: Text
  unit?: Text
  kind: 'count' | 'sum' | 'ratio'
  yields?: FieldType
  good: 'up' | 'down' | 'none'
  id?: string
}

export type ChartKind = 'bar' | 'line' | 'funnel' | 'table' | 'heat' | 'venn' | 'gauge' | 'spider' | 'sections'

export interface ReportHead {
  name: string
  label: Text
  doc?: Text
  module?: string
  /** It is about the days between its parameters `from` and `to`. */
  period?: boolean
  chart?: { kind: ChartKind, x: string, y: string[], by?: string, sets?: string[] }
}
export interface Report extends ReportHead { params: Field[], columns: Field[] }

export interface Meta {
  me: Me
  company: { name: string, currency: string, timezone: string, week_start: number }
  objects: Entity[]
  menus: { name: string, label: Text, objects: string[], reports: string[] }[]
  reports: ReportHead[]
  metrics: Metric[]
  /** What each job does; only for whoever looks after them. */
  jobs?: Record<string, Text>
  settings: Record<string, unknown>
}

/** As the server sends it: what is the same at many fields is there once. */
export interface MetaSent extends Meta {
  types: Record<FieldType, { ops: Op[], sortable: boolean }>
  /** The fields every object has. */
  system: Field[]
}

export interface Row {
  id: string
  version: number
  labels?: Record<string, string | string[]>
  [field: string]: unknown
}

export interface Page { rows: Row[], next: string | null, count?: number }
export interface FieldError { field: string, message: string }
export interface Duplicate { object: string, owner?: string, owner_label?: string, id?: string, title?: string, reason?: string }
export interface Upload { id: string, name: string, size: number, type: string }
export interface Place { lat: string, lng: string, address?: string }
export interface Change { field: string, label: string, old: unknown, new: unknown, old_label?: string, new_label?: string }

export interface Moment {
  at: string
  kind: 'create' | 'update' | 'delete' | 'restore' | 'activity' | 'related' | 'comment' | 'share' | 'try' | 'try_end'
  by?: string
  by_label?: string
  object: string
  id: string
  title?: string
  changes?: Change[]
  record?: Row
}

export interface Found { object: string, id: string, title: string, subtitle?: string, match?: string }
export interface SummaryRow { count: number, sum?: Record<string, string>, labels?: Record<string, string>, [group: string]: unknown }
