// Photographs the main screens at desk and phone size, light and dark: node test/e2e/shots.mjs [port] [filter]
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { launch } from './browser.mjs'

const base = `http://127.0.0.1:${process.argv[2] ?? 8790}`
const only = process.argv[3] ?? ''
const out = new URL('../shots/', import.meta.url).pathname
mkdirSync(out, { recursive: true })

const screens = {
  today: '/', customers: '/o/customer', panel: '/o/customer/3', board: '/o/opportunity?_layout=board', record: '/r/customer/3',
  filtered: '/o/opportunity?_view=closing&close_on=gte.month&close_on=lt.month%2B1&stage=in.(2,3)&owner=eq.$me&sort=-amount', new: '/new/customer', me: '/me',
}

const browser = await launch(chromium)
for (const [size, viewport] of [['desk', { width: 1440, height: 900 }], ['phone', { width: 390, height: 844 }]])
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'zh-CN', hasTouch: size === 'phone', isMobile: size === 'phone' })
    const page = await context.newPage()
    page.on('console', message => ['error', 'warning'].includes(message.type()) && console.log(size, theme, message.text()))
    page.on('pageerror', error => console.log(size, theme, error))
    await page.goto(base + '/login')
    if (!only || 'login'.includes(only)) { await page.waitForSelector('#name'); await page.screenshot({ path: `${out}login-${size}-${theme}.png` }) }
    await page.fill('#name', 'wangfang')
    await page.fill('#password', 'demo')
    await page.click('button[type=submit]')
    await page.waitForURL(base + '/')
    for (const [name, path] of Object.entries(screens)) {
      if (only && !name.includes(only)) continue
      await page.goto(base + path)
      await page.waitForTimeout(700)
      await page.screenshot({ path: `${out}${name}-${size}-${theme}.png` })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      if (wide) console.log(name, size, 'scrolls sideways')
    }
    await context.close()
  }
await browser.close()
