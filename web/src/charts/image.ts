/*
 * A picture on the page as a PNG. Charts are HTML and SVG; what is seen of them – boxes, lines, words, shapes – is written
 * down as one SVG, and that is drawn.
 */

import { saveFile } from '@/core/save'

const NS = 'http://www.w3.org/2000/svg'
const PAD = 20
const HEAD = 34
/** Properties of shapes that style sheets give: in a picture of its own there is none. */
const painted = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'font-size', 'font-weight', 'text-anchor', 'opacity', 'text-decoration']

type Attributes = Record<string, string | number>

function add(to: Element, name: string, attributes: Attributes, text?: string): SVGElement {
  const element = document.createElementNS(NS, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = text
  to.append(element)
  return element
}

const isClear = (colour: string) => colour === 'transparent' || /, 0\)$|\/ 0\)$/.test(colour)

/** Where `root` is drawn, as SVG of its own, with a title above. */
export function toSvg(root: HTMLElement, title: string): SVGElement {
  // What scrolls is drawn whole.
  const width = Math.max(root.scrollWidth, ...[...root.querySelectorAll('*')].map(one => one.scrollWidth)) + 2 * PAD
  const box = root.getBoundingClientRect()
  const look = getComputedStyle(root)
  const surface = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim()
  const svg = document.createElementNS(NS, 'svg')
  const height = Math.ceil(box.height) + HEAD + 2 * PAD
  for (const [key, value] of Object.entries({ xmlns: NS, width, height, 'font-family': look.fontFamily })) svg.setAttribute(key, String(value))
  add(svg, 'rect', { width, height, fill: surface })
  add(svg, 'text', { x: PAD, y: PAD + 16, fill: look.color, 'font-size': 16, 'font-weight': 600 }, title)
  const left = box.left - PAD
  const top = box.top - PAD - HEAD
  let patterns = 0

  function fillOf(style: CSSStyleDeclaration): string {
    const colours = style.backgroundImage.match(/rgba?\([^)]*\)/g)
    if (!colours || colours.length < 2) return style.backgroundColor
    const id = `p${++patterns}`
    const slope = /-45deg/.test(style.backgroundImage) ? 45 : 0
    const pattern = add(svg, 'pattern', { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${slope})` })
    add(pattern, 'rect', { width: 6, height: 6, fill: colours.at(-1)! })
    add(pattern, 'rect', { width: 3, height: 6, fill: colours[0] })
    return `url(#${id})`
  }

  function boxOf(element: Element, style: CSSStyleDeclaration) {
    const { x, y, width, height } = element.getBoundingClientRect()
    const at = { x: x - left, y: y - top, width, height }
    const fill = fillOf(style)
    if (!isClear(fill)) add(svg, 'rect', { ...at, fill, rx: parseFloat(style.borderTopLeftRadius) || 0 })
    const lines: [number, string, string, Attributes][] = [
      [parseFloat(style.borderBottomWidth), style.borderBottomColor, style.borderBottomStyle, { x1: at.x, x2: at.x + width, y1: at.y + height, y2: at.y + height }],
      [parseFloat(style.borderLeftWidth), style.borderLeftColor, style.borderLeftStyle, { x1: at.x, x2: at.x, y1: at.y, y2: at.y + height }],
    ]
    for (const [size, stroke, kind, ends] of lines)
      if (size && kind !== 'none' && !isClear(stroke)) add(svg, 'line', { ...ends, stroke, 'stroke-width': size, 'stroke-dasharray': kind === 'dashed' ? '4 3' : 'none' })
  }

  /** Words line by line, as the page broke them. */
  function wordsOf(node: Text, style: CSSStyleDeclaration) {
    const range = document.createRange()
    const lines: { x: number, y: number, text: string }[] = []
    for (let at = 0; at < node.length; at++) {
      range.setStart(node, at)
      range.setEnd(node, at + 1)
      const { left: x, top: y, height, width } = range.getBoundingClientRect()
      const line = lines.at(-1)
      if (line && Math.abs(line.y - y - height / 2) < 2) line.text += node.data[at]
      else if (width) lines.push({ x, y: y + height / 2, text: node.data[at] })
    }
    for (const line of lines)
      add(svg, 'text', { x: line.x - left, y: line.y - top, fill: style.color, 'font-size': style.fontSize, 'font-weight': style.fontWeight, 'dominant-baseline': 'central' }, line.text.trimEnd())
  }

  function shapeOf(drawing: SVGSVGElement) {
    const { x, y, width, height } = drawing.getBoundingClientRect()
    const copy = drawing.cloneNode(true) as SVGSVGElement
    const copies = [...copy.querySelectorAll('*')]
    const own = [...drawing.querySelectorAll('*')]
    own.forEach((one, at) => {
      const style = getComputedStyle(one)
      for (const name of painted) copies[at].setAttribute(name, style.getPropertyValue(name))
    })
    for (const [key, value] of Object.entries({ x: x - left, y: y - top, width, height, overflow: 'visible' })) copy.setAttribute(key, String(value))
    svg.append(copy)
  }

  function walk(element: Element) {
    const style = getComputedStyle(element)
    if (style.display === 'none' || style.visibility === 'hidden' || element.classList.contains('sr')) return
    if (element instanceof SVGSVGElement) return shapeOf(element)
    boxOf(element, style)
    for (const child of element.childNodes) {
      if (child instanceof Element) walk(child)
      else if (child instanceof Text && child.data.trim()) wordsOf(child, style)
    }
  }
  walk(root)
  return svg
}

export async function savePng(root: HTMLElement, name: string) {
  const svg = toSvg(root, name)
  const [width, height] = [Number(svg.getAttribute('width')), Number(svg.getAttribute('height'))]
  const image = new Image()
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(svg))
  await image.decode()
  const canvas = document.createElement('canvas')
  const scale = 2
  canvas.width = width * scale
  canvas.height = height * scale
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>(done => canvas.toBlob(done, 'image/png'))
  saveFile(blob!, `${name}.png`)
}
