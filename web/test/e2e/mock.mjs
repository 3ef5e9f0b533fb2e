// Walks the built UI against the mock server in the system's Chromium. Nothing else is needed: npm run build && npm run e2e:mock
import { spawn } from 'node:child_process'
import { strict as assert } from 'node:assert'
import { chromium } from 'playwright-core'
import { colours, faults } from './axe.mjs'
import { launch } from './browser.mjs'

const port = 8791
const base = `http://127.0.0.1:${port}`
const server = spawn(process.execPath, [new URL('../mock/server.mjs', import.meta.url).pathname, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
await new Promise(resolve => server.stdout.once('data', resolve))
const browser = await launch(chromium)
const only = process.argv[2]
let failed = 0
const violations = []

async function open(options = {}) {
  // The policy forbids inline scripts, axe included: only the accessibility check may lift it.
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(5000)
  page.on('console', message => /Content Security Policy/.test(message.text()) && violations.push(message.text()))
  page.on('pageerror', error => violations.push(String(error)))
  page.on('request', request => request.url().startsWith(base) || request.url().startsWith('data:') || violations.push('foreign ' + request.url()))
  await page.goto(base + '/login')
  await page.fill('#name', 'wangfang')
  await page.fill('#password', 'demo')
  await page.click('button[type=submit]')
  await page.waitForURL(base + '/')
  return page
}
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const api = (page, path) => page.evaluate(path => fetch('/api/' + path).then(answer => answer.json()), path)
const field = (page, label) => page.locator('.field', { has: page.locator('label', { hasText: new RegExp('^' + label) }) }).locator('input').first()
const text = (page, selector) => page.locator(selector).first().innerText()

const tests = {
  async 'signing in: wrong password, then back to the wanted page'() {
    const context = await browser.newContext({ locale: 'zh-CN' })
    const page = await context.newPage()
    await page.goto(base + '/o/customer?grade=eq.a')
    await page.waitForURL(/login/).catch(() => {})
    if (!page.url().includes('login')) { // an earlier session of the mock is still open
      await page.request.delete(base + '/api/session', { headers: { 'x-csrf-token': 'mock' } })
      await page.goto(base + '/o/customer?grade=eq.a')
    }
    await page.fill('#name', 'wangfang')
    await page.fill('#password', 'no')
    await page.click('button[type=submit]')
    await page.waitForSelector('[role=alert]')
    await page.fill('#password', 'demo')
    await page.keyboard.press('Enter')
    await page.waitForURL(/o\/customer\?grade=eq\.a/)
    await page.waitForSelector('.chip')
    assert.equal(await text(page, '.chip-text'), '等级 是 A 重点')
    await context.close()
  },

  async 'grid: keyboard editing saves'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    await page.waitForSelector('.data-grid td')
    await page.focus('.data-grid table')
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key)
    await page.waitForSelector('td.editing input')
    await page.fill('td.editing input', '13900001111')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('tr[aria-rowindex="4"] > :nth-child(5)')?.textContent === '139 0000 1111')
    await page.waitForTimeout(200)
    assert.equal((await api(page, 'customer/3')).phone, '13900001111')
    // Tab goes on editing, over the choice and the region to the owner.
    await page.keyboard.press('F2')
    await page.keyboard.press('Tab')
    await page.waitForSelector('tr[aria-rowindex="5"] > :nth-child(6).editing')
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('td.editing').count(), 0)
  },

  async 'grid: choosing an owner in place'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    await page.dblclick('tr[aria-rowindex="3"] > :nth-child(9)')
    await page.waitForSelector('td.editing [role=option]')
    await page.locator('td.editing input').pressSequentially('周敏')
    await page.waitForFunction(() => document.querySelectorAll('td.editing [role=option]').length === 1)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('tr[aria-rowindex="3"] > :nth-child(9)')?.textContent.includes('周敏'))
    await page.waitForTimeout(200)
    assert.equal((await api(page, 'customer/2')).owner, '6')
  },

  async 'panel: opens beside the list, steps, edits in place, address follows'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    await page.click('tr[aria-rowindex="2"] > :nth-child(2)')
    await page.waitForURL(/o\/customer\/1/)
    await page.waitForSelector('.record-panel .panel-title')
    await page.keyboard.press(']')
    await page.waitForURL(/o\/customer\/2/)
    await page.keyboard.press('[')
    await page.waitForURL(/o\/customer\/1/)
    await page.click('.record-panel [role=tab]:has-text("资料")')
    await page.click('.field-row:has(dt:text-is("来源")) dd')
    await page.fill('.field-row .inline-edit input', '老客户介绍')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.field-row:has-text("老客户介绍")')
    await page.keyboard.press('Escape')
    await page.waitForURL(/o\/customer$/)
  },

  async 'timeline: writing what happened'() {
    const page = await open()
    await page.goto(base + '/r/customer/5')
    await page.fill('.composer textarea', '电话确认了样品规格')
    await page.click('.composer button:has-text("电话")')
    await page.click('.composer button[type=submit]')
    await page.waitForSelector('.moment:has-text("电话确认了样品规格")')
  },

  async 'form: all errors of the server at their fields, then saved'() {
    const page = await open()
    await page.goto(base + '/new/opportunity')
    await page.click('.topbar .button.primary')
    await page.waitForSelector('.field.wrong')
    assert.equal(await page.locator('.field.wrong').count(), 4)
    await field(page, '名称').fill('测试商机')
    await field(page, '客户').click()
    await page.click('[role=option] >> nth=0')
    await field(page, '流程').click()
    await page.click('[role=option]:has-text("标准销售")')
    await field(page, '阶段').click()
    await page.waitForSelector('[role=option]')
    assert.equal(await page.locator('[role=option]').count(), 6) // only stages of the pipeline
    await page.click('[role=option]:has-text("方案报价")')
    await field(page, '金额').fill('１２，３４５')
    await page.click('.topbar .button.primary')
    await page.waitForURL(/r\/opportunity\/\d+/)
    assert.match(await text(page, '.record-page'), /12,345/)
  },

  async 'form: duplicates are told while typing'() {
    const page = await open()
    const first = (await api(page, 'customer/7')).name
    await page.goto(base + '/o/customer')
    await page.waitForSelector('.data-grid td')
    await page.keyboard.press('c')
    await page.waitForURL(/new\/customer/)
    await page.locator('.form input').first().fill(first)
    await page.waitForSelector('.notice:has-text("客户已存在")')
    assert.match(await text(page, '.notice'), /负责人/)
  },

  async 'region: level by level'() {
    const page = await open()
    await page.goto(base + '/new/customer')
    await page.click('.region-button')
    for (const name of ['广东省', '深圳市', '南山区']) await page.click(`.region .option:has-text("${name}")`)
    assert.equal((await text(page, '.region-button')).trim(), '广东省 深圳市 南山区')
  },

  async 'filters: built by hand, kept in the address, saved as a view'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    await page.click('.filter-bar button:has-text("筛选")')
    await page.click('.panel .option:has-text("等级")')
    await page.click('.panel label:has-text("A 重点")')
    await page.waitForURL(/grade=eq\.a/)
    await page.keyboard.press('Escape')
    await page.click('.view-changed button:has-text("另存为")')
    await page.fill('#view-label', '重点名单')
    await page.click('.sheet .button.primary')
    await page.waitForSelector('.tab[aria-current=true]:has-text("重点名单")')
    assert.equal(await page.locator('.view-changed').count(), 0)
  },

  async 'batch: several records get another owner'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    for (const row of [3, 4]) await page.locator('.data-grid tbody .tick-cell input').nth(row).click()
    await page.click('.batch button:has-text("转移负责人")')
    await page.locator('.sheet .combo input').click()
    await page.click('.sheet [role=option]:has-text("赵磊")')
    await page.click('.sheet .button.primary')
    await page.waitForSelector('.toast:has-text("已处理 2 条")')
    assert.equal((await api(page, 'customer/4')).owner, '4')
  },

  async 'deleting can be undone'() {
    const page = await open()
    await page.goto(base + '/o/customer/9')
    await page.waitForSelector('.panel-title')
    await page.locator('.panel-head button[aria-label="更多"]').click()
    await page.click('.panel .option.danger')
    await page.click('.toast-act')
    await page.waitForTimeout(300)
    assert.equal((await api(page, 'customer/9')).id, '9')
  },

  async 'board: dragging with the mouse moves, counts follow'() {
    const page = await open()
    await page.goto(base + '/o/opportunity?_layout=board')
    await page.waitForSelector('.kanban-card')
    const count = column => page.locator(`[data-column="${column}"] .kanban-head .muted`).innerText().then(Number)
    const before = [await count(1), await count(2)]
    const card = page.locator('[data-column="1"] .kanban-card').first()
    const title = await card.locator('.kanban-link').innerText()
    const from = await card.boundingBox()
    const to = await page.locator('[data-column="2"]').boundingBox()
    await page.mouse.move(from.x + 60, from.y + 50)
    await page.mouse.down()
    await page.mouse.move(to.x + 80, to.y + 200, { steps: 8 })
    await page.mouse.up()
    await page.waitForSelector(`[data-column="2"] .kanban-card:has-text("${title}")`)
    assert.deepEqual([await count(1), await count(2)], [before[0] - 1, before[1] + 1])
    assert.equal(await page.locator('.record-panel').count(), 0)
  },

  async 'board: a finger that rests drags, one that moves scrolls'() {
    const page = await open(phone)
    await page.goto(base + '/o/opportunity?_layout=board')
    await page.waitForSelector('.kanban-card')
    const touch = await page.context().newCDPSession(page)
    const at = (type, x, y) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
    const title = await page.locator('[data-column="1"] .kanban-link').first().innerText()
    const box = await page.locator('[data-column="1"] .kanban-card').first().boundingBox()
    // At once: the board swipes.
    await at('touchStart', 300, box.y + 60)
    for (let x = 290; x > 40; x -= 25) { await at('touchMove', x, box.y + 60); await page.waitForTimeout(16) }
    await at('touchEnd')
    await page.waitForTimeout(500)
    assert.ok(await page.evaluate(() => document.querySelector('.kanban').scrollLeft) > 100, 'swiped')
    await page.evaluate(() => { document.querySelector('.kanban').scrollLeft = 0 })
    await page.waitForTimeout(300)
    // After resting: the card comes along, and the board scrolls at its edge.
    await at('touchStart', 100, box.y + 60)
    await page.waitForTimeout(300)
    assert.equal(await page.locator('.ghost').count(), 1)
    for (let x = 110; x <= 380; x += 30) { await at('touchMove', x, box.y + 80); await page.waitForTimeout(30) }
    await page.waitForFunction(() => document.querySelector('.kanban-column.over')?.dataset.column === '2')
    await at('touchEnd')
    await page.waitForSelector(`[data-column="2"] .kanban-card:has-text("${title}")`)
  },

  async 'board: a refused move asks for what is missing'() {
    const page = await open()
    await page.goto(base + '/o/opportunity?_layout=board')
    await page.locator('[data-column="3"] .kanban-card').first().locator('.kanban-menu').click()
    await page.click('.panel .option:has-text("丢单")')
    await page.waitForSelector('.sheet .field.wrong')
    await page.fill('.sheet .field.wrong input', '价格')
    await page.click('.sheet-foot .primary')
    await page.waitForSelector('.sheet', { state: 'detached' })
  },

  async 'conflict: both values, one choice'() {
    const page = await open()
    await page.goto(base + '/r/customer/11')
    await page.waitForSelector('.record-side .field-row')
    await page.evaluate(() => fetch('/api/mock/touch/customer/11', { method: 'POST', body: '{"source":"别人改的"}', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': 'mock' } }))
    await page.click('.record-side .field-row:has(dt:text-is("来源")) dd')
    await page.fill('.inline-edit input', '我改的')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.conflict')
    assert.match(await text(page, '.conflict'), /别人改的/)
    await page.click('.sheet-foot .primary')
    await page.waitForSelector('.record-side .field-row:has-text("我改的")')
    for (let turn = 0; turn < 20 && (await api(page, 'customer/11')).source !== '我改的'; turn++) await page.waitForTimeout(100)
    assert.equal((await api(page, 'customer/11')).source, '我改的')
  },

  async 'merge: one record stays'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    for (const row of [12, 13]) await page.locator('.data-grid tbody .tick-cell input').nth(row).click()
    await page.click('.batch button:has-text("合并")')
    await page.waitForSelector('.merge')
    await page.click('.sheet-foot .primary')
    await page.waitForSelector('.toast:has-text("已合并")')
  },

  async 'palette: finds records and pages'() {
    const page = await open()
    await page.waitForSelector('.sidebar')
    await page.keyboard.press('Control+k')
    await page.locator('.palette-input').pressSequentially('深圳')
    await page.waitForSelector('.palette [role=group][aria-label="记录"]')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/r\//)
  },

  async 'English everywhere'() {
    const page = await open()
    await page.goto(base + '/me')
    await page.click('button:has-text("English")')
    await page.waitForFunction(() => document.documentElement.lang === 'en')
    for (const path of ['/', '/o/customer', '/o/opportunity?_layout=board', '/new/task', '/me']) {
      await page.goto(base + path)
      await page.waitForTimeout(300)
      const left = await page.evaluate(() => [...document.querySelectorAll('h1, h2, label, button:not([lang]), [aria-label], .tab, th, dt')].filter(element => !element.closest('.kanban-column, .block-row, td, .side-scroll .side-group:last-child'))
        .map(element => element.getAttribute('aria-label') ?? element.textContent).filter(text => /[\u4e00-\u9fff]/.test(text) && !/远航|王芳|中文|深圳|标准|选择|重点/.test(text)))
      assert.deepEqual(left, [], path)
    }
  },

  async 'phone: list, record, call bar, plus'() {
    const page = await open(phone)
    await page.click('.tabbar-link >> nth=1')
    await page.locator('.row-card-main').first().click()
    await page.waitForSelector('.record-panel')
    await page.click('.panel-head .button.phone')
    await page.waitForSelector('.record-panel', { state: 'detached' })
    await page.click('.tabbar-new')
    await page.waitForSelector('.form')
    const sizes = await page.evaluate(() => [...document.querySelectorAll('.form input:not([type=checkbox]):not([type=file]), .form select, .form textarea')].map(input => parseFloat(getComputedStyle(input).fontSize)))
    assert.ok(sizes.every(size => size >= 16), 'inputs of at least 16 px')
  },

  async 'touch: targets of 44 px, no sideways scrolling at 320'() {
    const page = await open({ ...phone, viewport: { width: 320, height: 640 } })
    for (const path of ['/', '/o/customer', '/o/customer/3', '/o/opportunity?_layout=board', '/r/customer/3', '/new/customer', '/me', '/o/opportunity?stage=in.(1,2)&close_on=gte.month&close_on=lt.month%2B1']) {
      await page.goto(base + path)
      await page.waitForTimeout(350)
      const wide = await page.evaluate(() => [document.documentElement, document.querySelector('.page')].some(element => element && element.scrollWidth > element.clientWidth + 1))
      assert.ok(!wide, path + ' scrolls sideways')
      const small = await page.evaluate(() => [...document.querySelectorAll('button, a, select, input')].filter(element => {
        const box = element.getBoundingClientRect()
        return box.width && box.top < innerHeight && !element.closest('.sr, .skip, dd, p, .combo, .moment') && !element.classList.contains('sr') && element.type !== 'checkbox'
          && (box.height < 43.5 || box.width < 36) && !element.closest('label')
      }).map(element => element.outerHTML.slice(0, 90)))
      assert.deepEqual(small, [], path)
    }
  },

  async 'accessibility: axe finds nothing'() {
    const found = []
    for (const [size, options] of [['desk', {}], ['phone', phone]])
      for (const colorScheme of ['light', 'dark']) {
        const page = await open({ ...options, colorScheme, bypassCSP: true })
        for (const path of ['/', '/o/customer', '/o/customer/3', '/o/opportunity?_layout=board', '/o/opportunity?stage=in.(1,2)', '/r/customer/3', '/new/customer', '/new/activity', '/me', '/login']) {
          await page.goto(base + path)
          await page.waitForTimeout(450)
          for (const one of await faults(page, '', colorScheme === 'dark' ? colours : {})) found.push(`${size} ${colorScheme} ${path} ${one}`)
        }
        await page.context().close()
      }
    assert.deepEqual(found, [])
  },

  async 'set-up: the first administrator'() {
    const setup = spawn(process.execPath, [new URL('../mock/server.mjs', import.meta.url).pathname, '8792'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, MOCK_SETUP: '1' } })
    await new Promise(resolve => setup.stdout.once('data', resolve))
    const page = await (await browser.newContext({ locale: 'zh-CN' })).newPage()
    await page.goto('http://127.0.0.1:8792/')
    await page.fill('#code', '1')
    for (const [id, value] of [['company', '远航'], ['label', '王芳'], ['name', 'wangfang'], ['password', 'demo'], ['again', 'demo']]) await page.fill('#' + id, value)
    await page.click('button[type=submit]')
    await page.waitForSelector('.field.wrong:has(#code)')
    await page.fill('#code', '123456')
    await page.click('button[type=submit]')
    await page.waitForURL('http://127.0.0.1:8792/')
    await page.waitForSelector('.sidebar')
    setup.kill()
  },

  async 'print: white, without the frame'() {
    const page = await open({ colorScheme: 'dark' })
    await page.goto(base + '/r/customer/3')
    await page.waitForSelector('.record-side .field-row')
    await page.emulateMedia({ media: 'print' })
    const seen = await page.evaluate(() => ['.sidebar', '.topbar .button', '.composer'].filter(name => document.querySelector(name)?.checkVisibility()))
    assert.deepEqual(seen, [])
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  },

  async 'speed: a thousand rows scroll'() {
    const page = await open()
    await page.goto(base + '/o/activity')
    await page.waitForSelector('.data-grid td')
    for (let turn = 0; turn < 16; turn++) {
      await page.evaluate(() => { const grid = document.querySelector('.data-grid'); grid.scrollTop = grid.scrollHeight })
      await page.waitForTimeout(120)
    }
    const [rows, inPage, frame] = await page.evaluate(async () => {
      const grid = document.querySelector('.data-grid')
      const start = performance.now()
      let frames = 0
      for (; frames < 60; frames++) { grid.scrollTop -= 200; await new Promise(requestAnimationFrame) }
      return [Number(grid.querySelector('table').ariaRowCount ?? grid.querySelector('table').getAttribute('aria-rowcount')) - 1, grid.querySelectorAll('tbody tr').length, (performance.now() - start) / frames]
    })
    console.log(`     ${rows} rows loaded, ${inPage} in the page, ${frame.toFixed(1)} ms a frame`)
    assert.ok(rows >= 1000 && inPage > 0 && inPage < 80)
  },

  async 'speed: the list is there within a second'() {
    const page = await open()
    await page.goto(base + '/o/customer')
    await page.waitForFunction(() => performance.getEntriesByName('ready:list').length)
    const time = await page.evaluate(() => Math.round(performance.getEntriesByName('ready:list')[0].startTime))
    console.log(`     list ready after ${time} ms`)
    assert.ok(time < 1000)
  },

  async 'no foreign request, nothing against the content security policy, no script error'() {
    assert.deepEqual(violations, [])
  },
}

for (const [name, test] of Object.entries(tests)) {
  if (only && !name.includes(only)) continue
  try {
    await test()
    console.log('ok   ' + name)
  } catch (error) {
    failed++
    console.log('FAIL ' + name + '\n     ' + String(error.message).split('\n').slice(0, 60).join('\n     '))
  }
}
await browser.close()
server.kill()
process.exit(failed ? 1 : 0)
