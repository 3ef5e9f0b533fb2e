// What axe finds on a page as it stands. The page is opened with bypassCSP: the policy forbids inline scripts, axe included.
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'

const source = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** window.axe is there. */
export async function axe(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(source)
}

/** Once nothing moves: each violation as "rule: element"; within a selector, else everywhere; `options` as axe has them. */
export async function faults(page, within, options) {
  await page.waitForFunction(() => document.getAnimations().every(one => one.playState !== 'running'))
  await axe(page)
  return page.evaluate(async ([within, options]) => {
    const result = await window.axe.run((within && document.querySelector(within)) || document, { resultTypes: ['violations'], ...options })
    return result.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)
  }, [within, options])
}

/** In the dark only the colours are others. */
export const colours = { runOnly: ['color-contrast'] }

/** Words that run out of what they stand in: they lie over the next. */
export const spilled = page => page.evaluate(() => [...document.querySelectorAll('button, .button, .tab, .badge, .option, th')]
  .filter(element => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'visible')
  .map(element => element.innerText))

/** Cells so narrow that what they say stands letter below letter. */
export const squeezed = page => page.evaluate(() => [...document.querySelectorAll('.report-table td, .report-table tbody th')]
  .filter(cell => cell.checkVisibility() && cell.innerText.length > 12 && cell.clientHeight > 1.5 * cell.clientWidth)
  .map(cell => cell.innerText))

/** Nothing axe finds, nothing wider than the screen, no words over others. */
export async function audit(page, name) {
  assert.deepEqual((await faults(page)).map(one => `${name} ${one}`), [])
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing is wider than the screen`)
  assert.deepEqual(await spilled(page), [], `${name}: words run over others`)
  assert.deepEqual(await squeezed(page), [], `${name}: cells too narrow to be read`)
}
