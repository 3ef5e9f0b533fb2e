// Who decides a deal, on a desk and on a phone: read at a glance, and the next step is two taps away. Belongs to run.mjs.
import { strict as assert } from 'node:assert'
import { audit } from './axe.mjs'

export function projectTests({ base, open, api, until, phone }) {
  return {
    async 'map: who decides, who is missing, and the next step, on a desk and on a phone'() {
      const desk = await open('admin', { bypassCSP: true, to: '/map' })
      await desk.waitForSelector('.rows a')
      // One where the next step is somebody's: what the demo company has differs from day to day.
      for (let deal = 0; await desk.locator('.map-next li:has(strong)').count() === 0; deal++) {
        await desk.goto(base + '/map')
        await desk.locator('.rows a').nth(deal).click()
        await desk.waitForSelector('.map-card')
        await desk.waitForSelector('.map-next li')
      }
      await audit(desk, 'map')
      const id = desk.url().split('/').pop()
      const known = (await api(desk, `stakeholder?opportunity=eq.${id}&count=exact`)).count
      assert.equal(await desk.locator('.map-card').count(), known, 'everybody known is in the map')
      assert.ok(await desk.locator('.map-missing').count() > 0, 'who is missing is said')
      assert.ok(await desk.locator('.map-next li').count() > 0, 'there is something to do next')
      if (process.env.SHOTS) await desk.screenshot({ path: process.env.SHOTS + '/map-desk.png', fullPage: true })

      // From the deal's page it is one click away.
      await desk.goto(`${base}/r/opportunity/${id}`)
      await desk.click(`a[href="/map/${id}"]`)
      await desk.waitForSelector('.map-card')

      const page = await open('admin', { ...phone, bypassCSP: true })
      await page.goto(`${base}/map/${id}`)
      await page.waitForSelector('.map-card')
      await audit(page, 'map on a phone')
      if (process.env.SHOTS) await page.screenshot({ path: process.env.SHOTS + '/map-phone.png', fullPage: true })

      // The next step of somebody known: what the form holds already is enough to save.
      const before = (await api(page, `activity?opportunity=eq.${id}&state=eq.planned&count=exact`)).count + (await api(page, `task?opportunity=eq.${id}&state=eq.open&count=exact`)).count
      await page.tap('.map-next li:has(strong) .button:last-child')
      await page.waitForSelector('dialog .button.primary')
      await page.tap('dialog .button.primary')
      await until('it is planned', async () => (await api(page, `activity?opportunity=eq.${id}&state=eq.planned&count=exact`)).count + (await api(page, `task?opportunity=eq.${id}&state=eq.open&count=exact`)).count === before + 1)
    },
  }
}
