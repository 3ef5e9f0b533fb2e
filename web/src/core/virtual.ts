/* Which rows of a long list of equal heights are worth having in the page. */

export interface Span { start: number, end: number, before: number, after: number }

/** Of `count` rows those around what is seen, as far as they are there: `from` to before `to`. */
export function visibleSpan(scroll: number, height: number, row: number, count: number, from = 0, to = count, spare = 12): Span {
  to = Math.min(to, count)
  const start = Math.max(from, Math.min(to, Math.floor(scroll / row) - spare))
  const end = Math.max(start, Math.min(to, Math.ceil((scroll + height) / row) + spare))
  return { start, end, before: start * row, after: Math.max(0, count - end) * row }
}
