/* Which rows of a long list of equal heights are worth having in the page. */

export interface Span { start: number, end: number, before: number, after: number }

export function visibleSpan(scroll: number, height: number, row: number, count: number, spare = 12): Span {
  const start = Math.max(0, Math.min(count, Math.floor(scroll / row) - spare))
  const end = Math.min(count, Math.ceil((scroll + height) / row) + spare)
  return { start, end, before: start * row, after: (count - end) * row }
}
