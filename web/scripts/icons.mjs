// Draws the icons a phone wants as pictures from public/icon.svg, with the system's Chromium: node scripts/icons.mjs
// What it writes is checked in, because a build has no browser.
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { launch } from '../test/e2e/browser.mjs'

const pub = new URL('../public/', import.meta.url).pathname
const svg = readFileSync(pub + 'icon.svg', 'utf8')
// Systems that cut their own shape want colour to the edge and the mark inside the safe circle.
const full = svg.replace(/rx="\d+"/, '').replace('<path', '<path transform="translate(8 8) scale(.75)"')

const browser = await launch(chromium)
const page = await browser.newPage()
for (const [name, size, picture] of [['icon-192', 192, svg], ['icon-512', 512, svg], ['icon-full-512', 512, full], ['icon-apple-180', 180, full]]) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 100vw }</style>${picture}`)
  await page.screenshot({ path: `${pub}${name}.png`, omitBackground: true })
}
await browser.close()
