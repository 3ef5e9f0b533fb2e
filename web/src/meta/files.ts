import type { Upload } from '@/core/types'

/** What a browser shows by itself. SVG is a program, not a picture. */
export const isPicture = (file: Upload) => ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(file.type)
export const isPdf = (file: Upload) => file.type === 'application/pdf'
/** Longer texts are for an editor. */
export const isText = (file: Upload) => file.type === 'text/plain' && file.size <= 256 * 1024
export const isShown = (file: Upload) => isPicture(file) || isPdf(file) || isText(file)
