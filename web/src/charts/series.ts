/* What every chart is given: points with one or more values, already written out as text. */

export interface Point { label: string, values: (number | null)[], texts: string[], open?: string }

/** A field of a heat map. */
export interface Cell { value: number | null, text: string, open?: string }

/** An area of a Venn picture: which of the sets it is inside, and how many are there. */
export interface Area { inside: boolean[], label: string, text: string, open?: string }

/** The sentence a screen reader hears instead of the picture; the table beside it holds the rest. */
export const spoken = (points: Point[], most = 12) =>
  points.slice(0, most).map(point => `${point.label} ${point.texts.filter(Boolean).join(' / ')}`).join('; ')

export const largest = (points: Point[]) => Math.max(0, ...points.flatMap(point => point.values.map(value => value ?? 0)))
/** The end of a scale that begins with 0: 5 for marks, else a round number above. */
export function scaleOf(most: number): number {
  if (most <= 5) return 5
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map(one => one * power).find(one => one >= most)!
}

export const share = (value: number | null, most: number) => most > 0 && value ? `${Math.max(0.4, Math.max(0, value) / most * 100)}%` : '0'

/** The class that shades a field by its share of the largest: five steps, none for nothing. */
export function heatOf(cell: Cell | undefined, cells: (Cell | undefined)[][]): string {
  const most = Math.max(0, ...cells.flatMap(row => row.map(one => one?.value ?? 0)))
  return cell?.value && cell.value > 0 && most > 0 ? `heat-${Math.max(1, Math.ceil(cell.value / most * 5))}` : ''
}
