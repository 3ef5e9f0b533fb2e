/* An import as the server keeps it (docs/api.md). */

import { request } from '@/core/api'

export type State = 'new' | 'checking' | 'checked' | 'running' | 'finishing' | 'removing' | 'done' | 'failed' | 'cancelled' | 'undoing' | 'undone'
export interface Column { index: number, name: string, samples: string[], field: string | null, why?: string | null, ask?: string }
export interface Problem { line: number, column?: string, field?: string, value?: string, message: string }
export interface Unresolved { field: string, to: string, value: string, rows: number, create?: boolean, suggestions: { id: string, title: string, score: number }[] }
export interface Import {
  id: string, object?: string, file: string, size: number, kind: string, encoding: string, delimiter: string, sheet: number, header: boolean, date_order: string | null
  sheets?: string[], columns: Column[], key: string | null, duplicates?: string, values?: Record<string, Record<string, string>>
  state?: State, done?: number, total?: number, created?: number, updated?: number, unchanged?: number, failed?: number
  problems?: Problem[], unresolved?: Unresolved[], created_at?: string, create?: string[] | null
}

export const isWorking = (state?: State) => ['checking', 'running', 'finishing', 'removing', 'undoing'].includes(state ?? 'new')

export const sendFile = (object: string, file: Blob, name: string) =>
  request<Import>('POST', `import/${object}`, { body: file, headers: { 'Content-Type': 'application/octet-stream', 'X-File-Name': encodeURIComponent(name) } })
export const readImport = (id: string) => request<Import>('GET', `import/${id}`)
export const changeImport = (id: string, body: object) => request<Import>('PATCH', `import/${id}`, { body })
