import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

// Every pair of text and background the design uses; 4.5 is what WCAG AA asks for text, 3 for edges of controls.
const pairs: [string, string][] = [
  ...['bg', 'surface', 'raised', 'sunken', 'hover', 'selected'].flatMap(back => ['text', 'text-2', 'text-3', 'link'].map(text => [text, back] as [string, string])),
  ...['surface', 'raised', 'hover', 'danger-soft'].map(back => ['danger', back] as [string, string]),
  ['on-brand', 'brand'], ['on-brand', 'brand-strong'], ['on-danger', 'danger'], ['ok', 'surface'], ['ok', 'ok-soft'], ['warn', 'surface'], ['warn', 'warn-soft'], ['link', 'warn-soft'],
  ['up', 'surface'], ['down', 'surface'], ['on-toast', 'toast'], ['toast-link', 'toast'],
  ...[1, 2, 3, 4, 5].map(step => ['text', `heat-${step}`] as [string, string]),
  ...['gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'indigo', 'purple', 'pink'].map(tint => [`${tint}-text`, `${tint}-soft`] as [string, string]),
]

const css = readFileSync('src/ds/tokens.css', 'utf8')

function tokens(theme: string): Map<string, string> {
  const block = css.slice(css.indexOf(`[data-theme="${theme}"]`)).split('}')[0]
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(found => [found[1], found[2]]))
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16) / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, two: string): number {
  const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

describe.each(['light', 'dark'])('%s', theme => {
  const colours = tokens(theme)
  it.each(pairs)('%s on %s', (text, back) => {
    expect(contrast(colours.get(text)!, colours.get(back)!)).toBeGreaterThanOrEqual(4.5)
  })
  it.each(['surface', 'raised'])('edge of controls on %s', back => {
    expect(contrast(colours.get('edge')!, colours.get(back)!)).toBeGreaterThanOrEqual(3)
  })
})
