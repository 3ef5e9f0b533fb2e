import { list } from '@/core/api'
import { join } from '@/core/query'
import type { Row } from '@/core/types'

/** Every record of a small object: people, teams, roles. */
export async function all(object: string, query = ''): Promise<Row[]> {
  const rows: Row[] = []
  let after: string | null = ''
  while (after !== null && rows.length < 5000) {
    const page: { rows: Row[], next: string | null } = await list(object, join(query, 'limit=200', after && `after=${encodeURIComponent(after)}`))
    rows.push(...page.rows)
    after = page.next
  }
  return rows
}
