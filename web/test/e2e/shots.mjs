// The pictures of docs/screens, and the two of them that the manifest shows who installs it: main screens of the demo company, small. node test/e2e/shots.mjs [pattern of names]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { launch } from './browser.mjs'
import { password, serve } from './server.mjs'

const only = new RegExp(process.argv[2] ?? '')
const out = process.env.SHOTS ?? join(import.meta.dirname, '../../../docs/screens')
mkdirSync(out, { recursive: true })
const most = 60 * 1024
const manifest = { 'home-lead': 'screen-wide', 'home-rep-phone': 'screen-narrow' }

const desk = { viewport: { width: 1280, height: 800 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const dark = { colorScheme: 'dark' }
/* name, who, where, how; `about` finds a record to show. */
const shots = [
  ['home-lead', 'liwei', '/', desk],
  ['home-owner', 'liujing', '/', desk],
  ['home-rep-phone', 'wangfang', '/', phone],
  ['log-phone', 'wangfang', '/log', phone],
  ['list', 'admin', '/o/customer', desk],
  ['board', 'liwei', '/o/opportunity?_layout=board', desk],
  ['record', 'liwei', '/o/customer', { ...desk, about: 'customer' }],
  ['funnel', 'admin', '/report/funnel', desk],
  ['metric', 'liwei', '/metric/effective_visit_rate?by=week', desk],
  ['board-phone-dark', 'wangfang', '/o/opportunity?_layout=board', { ...phone, ...dark }],
  ['report-dark', 'liwei', '/report/win_rate?by=owner', { ...desk, ...dark }],
  ['home-english', 'liwei', '/', { ...desk, english: true }],
]

const server = await serve()
const browser = await launch(chromium)
for (const [name, who, path, { about, english, ...options }] of shots) {
  if (!only.test(name)) continue
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  await page.goto(server.base + '/login')
  await page.fill('#name', who)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  try {
    await page.waitForSelector('.main')
  } catch {
    console.log(`${name}: ${who} cannot sign in`)
    await context.close()
    continue
  }
  if (english) {
    await page.goto(server.base + '/me')
    await page.click('button:has-text("English")')
    await page.waitForSelector('h1:has-text("Me")')
  }
  const to = about ? await page.evaluate(async about => `/r/${about}/${(await (await fetch(`/api/${about}?limit=1&sort=-last_activity_at`)).json()).rows[0].id}`, about) : path
  await page.goto(server.base + to)
  await page.waitForFunction(() => document.querySelector('main')?.innerText.length > 40 && !document.querySelector('main [aria-busy=true], main .skeleton'))
  await page.waitForTimeout(600)
  const client = await context.newCDPSession(page)
  for (let quality = 80; quality >= 30; quality -= 10) {
    const { data } = await client.send('Page.captureScreenshot', { format: 'webp', quality })
    const bytes = Buffer.from(data, 'base64')
    if (bytes.length > most && quality > 30) continue
    writeFileSync(join(out, name + '.webp'), bytes)
    if (manifest[name] && !process.env.SHOTS) writeFileSync(join(import.meta.dirname, '../../public', manifest[name] + '.webp'), bytes)
    console.log(`${name} ${(bytes.length / 1024).toFixed(0)} KB`)
    break
  }
  await context.close()
}
await browser.close()
await server.stop()
