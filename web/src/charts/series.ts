/* What every chart is given: points with one or more values, already written out as text. */

export interface Point { label: string, values: (number | null)[], texts: string[], open?: string }

/** The sentence a screen reader hears instead of the picture; the table beside it holds the rest. */
export const spoken = (points: Point[], most = 12) =>
  points.slice(0, most).map(point => `${point.label} ${point.texts.filter(Boolean).join(' / ')}`).join('; ')

export const largest = (points: Point[]) => Math.max(0, ...points.flatMap(point => point.values.map(value => value ?? 0)))
export const share = (value: number | null, most: number) => most > 0 && value ? `${Math.max(0.4, Math.max(0, value) / most * 100)}%` : '0'
