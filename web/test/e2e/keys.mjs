// The keyboard alone: lists, boards and calendars are one stop of Tab, within them keys lead from record to record.
import { strict as assert } from 'node:assert'
import { keys } from './jobs.mjs'

const here = (page, selector) => page.evaluate(selector => document.activeElement.matches(selector), selector)
const press = async (page, ...names) => { for (const name of names) await page.keyboard.press(name) }
const at = page => page.evaluate(() => document.activeElement.getAttribute('aria-activedescendant'))

export const keyTests = ({ open, api, until, text }) => ({
  async 'keys: one Tab into a list and one out of it; j and k, x, the heading, Enter opens'() {
    const page = await open('wangfang', { to: '/o/customer' })
    await page.waitForSelector('.data-grid td')
    await page.focus('.tools .menu:last-child button')
    await press(page, 'Tab')
    assert.ok(await here(page, '.data-grid table'))
    await press(page, 'j', 'j', 'k')
    assert.equal(await at(page), 'cell-1-0')
    await press(page, 'x')
    await page.waitForSelector('.batch')
    assert.equal(await page.locator('tr[aria-rowindex="3"] input:checked').count(), 1)
    await press(page, 'x', 'ArrowUp', 'ArrowUp', 'ArrowRight')
    assert.equal(await at(page), 'cell--1-1')
    const wide = () => page.locator('#cell--1-1').evaluate(th => th.offsetWidth)
    const before = await wide()
    await press(page, 'Shift+ArrowRight')
    await until('16 wider', async () => await wide() === before + 16)
    await press(page, 'ArrowLeft', 'Enter')
    await page.waitForSelector('#cell--1-0[aria-sort="ascending"]')
    await page.waitForFunction(() => document.querySelector('.data-grid td'))
    await press(page, 'ArrowDown', 'Tab')
    assert.ok(!await page.evaluate(() => document.activeElement.closest('.data-grid')), 'one Tab leads out of it')
    await press(page, 'Shift+Tab', 'j', 'Enter')
    await page.waitForSelector('.record-panel .panel-title')
    await press(page, 'Escape')
    await page.waitForSelector('.record-panel', { state: 'detached' })
    assert.ok(await here(page, '.data-grid table'), 'and the keyboard is where it was')
    await press(page, 'k', 'k')
    await until('from the first row k goes on to the part before', async () => !await here(page, '.data-grid table'))
  },

  async 'keys: a board is walked, a card moved, and taken back'() {
    const page = await open('admin', { to: '/o/opportunity?_layout=board' })
    await page.waitForSelector('.kanban-card')
    await page.focus('.kanban-within select')
    await press(page, 'Tab')
    const card = () => page.evaluate(() => document.activeElement.closest('.kanban-card')?.dataset.id)
    const column = () => page.evaluate(() => document.activeElement.closest('[data-column]')?.dataset.column)
    const all = await page.locator('[data-column]').evaluateAll(all => all.map(one => [one.dataset.column, [...one.querySelectorAll('.kanban-card')].map(card => card.dataset.id)]))
    const filled = all.filter(([, cards]) => cards.length > 1)
    const [[first, cards], [second]] = filled
    assert.equal(await card(), cards[0])
    await press(page, 'j')
    assert.equal(await card(), cards[1])
    await press(page, 'ArrowUp', 'ArrowRight', 'ArrowLeft')
    assert.equal(await card(), cards[0])
    await press(page, 'Alt+ArrowRight')
    const stage = async () => (await api(page, `opportunity/${cards[0]}`)).stage
    await until('moved', async () => await stage() === second)
    await until('the keyboard went with it', async () => await card() === cards[0] && await column() === second)
    await page.waitForSelector('.toast-act')
    await press(page, 'Control+z')
    await until('taken back', async () => await stage() === first)
    await until('and the keyboard with it', async () => await card() === cards[0] && await column() === first)
    await press(page, 'm')
    await page.waitForSelector('.panel .option')
    await press(page, 'Escape', 'Tab', 'Tab')
    assert.ok(!await card(), 'a card and its menu are all that Tab stops at')
  },

  async 'keys: a month and its records are walked'() {
    const page = await open('wangfang', { to: '/o/activity?_layout=calendar' })
    await page.waitForSelector('.calendar-entry')
    await page.focus('.month-day[tabindex="0"]')
    await page.keyboard.press('ArrowRight')
    assert.ok(await here(page, '.month-day'))
    const entry = () => page.evaluate(() => document.activeElement.dataset.id)
    const ids = await page.locator('.calendar-entry').evaluateAll(all => all.map(one => one.dataset.id))
    for (let turn = 0; turn < 60 && !await here(page, '.calendar-entry'); turn++) await press(page, 'k')
    const place = ids.indexOf(await entry())
    assert.ok(place >= 0)
    await press(page, place ? 'k' : 'j')
    assert.equal(await entry(), ids[place + (place ? -1 : 1)])
    await press(page, 'Enter')
    await page.waitForSelector('.record-panel .panel-title')
    await press(page, 'Escape')
    await page.waitForSelector('.record-panel', { state: 'detached' })
    await page.focus('.month-day[tabindex="0"]')
    await press(page, 'Space')
    await page.waitForURL(/_span=day/)
  },

  async 'keys: letters press what they stand at, in what lies over the page too, and can be switched off'() {
    const page = await open('wangfang')
    await page.waitForSelector('.kpi-value')
    const hand = keys(page)
    await press(page, 'f')
    await page.waitForSelector('.hints kbd')
    await press(page, 'Escape')
    await page.waitForSelector('.hints', { state: 'detached' })
    await press(page, '?')
    await page.waitForSelector('dialog .help')
    await press(page, 'f')
    await page.waitForSelector('.hints kbd')
    assert.equal(await page.locator('main [data-hint]').count(), 0, 'what is beneath a dialog has no letters')
    await press(page, 'Escape')
    await hand.hit('.help-letters input')
    assert.equal(await page.locator('.help-letters input').isChecked(), false)
    await press(page, 'Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await press(page, 'f', '?')
    assert.equal(await page.locator('.hints, dialog').count(), 0, 'switched off')
    await press(page, 'Control+k')
    await page.waitForSelector('.palette-input')
  },

  async 'undo: a change of many, and their deletion, is taken back at once; what somebody else changed since is told'() {
    const page = await open()
    const made = []
    for (const [at, level] of ['a', 'b', 'c'].entries()) made.push(await api(page, 'customer', 'POST', { name: `撤销回退测试${at}厂`, level }))
    const levels = async () => Promise.all(made.map(async ({ id }) => (await api(page, `customer/${id}`)).level))
    await page.goto(new URL('/o/customer?q=' + encodeURIComponent('撤销回退测试') + '&sort=name', page.url()).href)
    await page.waitForFunction(() => document.querySelectorAll('.data-grid tbody tr').length === 3)
    const requests = []
    page.on('request', request => { if (request.method() !== 'GET') requests.push(new URL(request.url()).pathname) })
    const all = async () => { await page.focus('.data-grid table'); await press(page, 'Home', 'ArrowUp', 'x'); await page.waitForSelector('.batch') }
    const change = async () => {
      await all()
      await page.click('.batch button:has-text("批量修改")')
      await page.selectOption('#batch-field', 'level')
      await page.selectOption('#batch-value', 'd')
      await page.click('.sheet-foot .primary')
      await page.waitForSelector('.toast:has-text("已处理 3 条")')
      assert.deepEqual(await levels(), ['d', 'd', 'd'])
    }
    await change()
    await page.click('.toast-act')
    await page.waitForSelector('.toast:has-text("已撤销 3 条")')
    assert.deepEqual(await levels(), ['a', 'b', 'c'])
    assert.deepEqual(requests, ['/api/customer/bulk', '/api/customer/bulk'])
    await until('the list shows it', async () => /A/.test(await text(page, 'tr[aria-rowindex="2"]')))
    for (const close of await page.locator('.toast-close').all()) await close.click()

    await change()
    const now = await api(page, `customer/${made[1].id}`)
    await api(page, `customer/${made[1].id}`, 'PATCH', { level: 'c', version: now.version })
    await page.click('.toast-act')
    await page.waitForSelector('.toast:has-text("撤销了 2 条，1 条没有")')
    assert.deepEqual(await levels(), ['a', 'c', 'c'])
    for (const close of await page.locator('.toast-close').all()) await close.click()

    await all()
    await page.click('.batch button:has-text("删除")')
    await page.click('.sheet-foot .danger')
    await page.waitForSelector('.toast:has-text("已处理 3 条")')
    await page.waitForFunction(() => !document.querySelector('.data-grid tbody tr'))
    await press(page, 'Control+z')
    await page.waitForFunction(() => document.querySelectorAll('.data-grid tbody tr').length === 3)
    assert.deepEqual(await levels(), ['a', 'c', 'c'])
  },

  async 'undo: a cell, and a field of a record, edited in place'() {
    const page = await open()
    const made = await api(page, 'customer', 'POST', { name: '单格改回示例厂', level: 'a' })
    assert.ok(made.id, JSON.stringify(made))
    const level = async () => (await api(page, `customer/${made.id}`)).level
    await page.goto(new URL('/o/customer?q=' + encodeURIComponent('单格改回示例') + '&_cols=name,level', page.url()).href)
    await page.waitForSelector('tr[aria-rowindex="2"] > :nth-child(3)')
    await page.focus('.data-grid table')
    await press(page, 'ArrowRight', 'Enter')
    await page.waitForSelector('td.editing select')
    await page.selectOption('td.editing select', 'c')
    await until('saved', async () => await level() === 'c')
    await page.waitForSelector('.toast:has-text("单格改回示例厂"):has-text("等级")')
    await page.focus('.data-grid table')
    await press(page, 'Control+z')
    await until('taken back', async () => await level() === 'a')
    await until('and shown', async () => /A/.test(await text(page, 'tr[aria-rowindex="2"] > :nth-child(3)')))
    await page.goto(new URL(`/r/customer/${made.id}`, page.url()).href)
    const row = page.locator('.field-row', { has: page.locator('dt:text-is("等级")') }).first()
    await row.locator('dd').click()
    await row.locator('select').selectOption('b')
    await until('saved', async () => await level() === 'b')
    await page.click('.toast-act')
    await until('taken back', async () => await level() === 'a')
    await until('and shown', async () => /A/.test(await row.innerText()))
  },

  async 'edit: what others make up offers no change: the amount of an order with lines'() {
    const page = await open('admin')
    const withLines = (await api(page, 'sales_order?lines=gt.0&limit=1')).rows[0]
    const customer = (await api(page, 'customer?limit=1')).rows[0]
    const without = await api(page, 'sales_order', 'POST', { customer: customer.id, amount: '500.00' })
    assert.ok(withLines && without.id, JSON.stringify(without))
    for (const [order, offered] of [[withLines, 0], [without, 1]]) {
      await page.goto(new URL(`/r/sales_order/${order.id}`, page.url()).href)
      const amount = page.locator('.field-row', { has: page.locator('dt:text-is("金额")') }).first()
      await amount.waitFor()
      assert.equal(await amount.locator('.pencil').count(), offered)
      await page.keyboard.press('e')
      const field = page.locator('dialog .field', { has: page.locator('label:has-text("金额")') }).first()
      await field.waitFor()
      assert.equal(await field.locator('input').count(), offered)
      await page.keyboard.press('Escape')
    }
    await page.goto(new URL(`/o/sales_order?id=eq.${withLines.id}&_cols=number,amount`, page.url()).href)
    await page.waitForSelector('tr[aria-rowindex="2"] > :nth-child(3)')
    await page.dblclick('tr[aria-rowindex="2"] > :nth-child(3)')
    assert.equal(await page.locator('td.editing').count(), 0)
  },

  async 'list: names have the room that is left'() {
    const page = await open('admin', { to: '/o/contract' })
    await page.waitForSelector('.data-grid td')
    const { cut, spare } = await page.evaluate(() => {
      const grid = document.querySelector('.data-grid')
      const at = [...grid.querySelectorAll('thead th')].findIndex(th => th.innerText.includes('合同名称')) 
      const names = [...grid.querySelectorAll('tbody tr')].map(tr => tr.cells[at])
      const last = grid.querySelector('thead th:last-child')
      return { cut: names.filter(td => td.scrollWidth > td.clientWidth).length, spare: grid.clientWidth - (last.offsetLeft + last.offsetWidth) }
    })
    assert.equal(cut, 0, 'no name of a contract is cut')
    assert.ok(spare < 20, `${spare} px are left over`)
  },

  async 'keys: what the help names does what it says'() {
    const page = await open('wangfang')
    await page.waitForSelector('.kpi-value')
    await press(page, '?')
    await page.waitForSelector('dialog .help')
    const named = (await page.locator('.help kbd').allInnerTexts()).join(' ')
    for (const key of ['K', 'f', 'c', 'g t', 'g m', 'g n', 'j', 'F2', 'Space', 'x', 'm', 'Z', '[', 'e']) assert.ok(named.includes(key), key)
    await press(page, 'Escape', 'g', 'm')
    await page.waitForURL(/\/me$/)
    await press(page, 'g', 't')
    await page.waitForURL(/\/$/)
    await press(page, 'g', '1')
    await page.waitForURL(/\/(o|workday|analysis|boards|report)/)
    await press(page, 'g', 'n')
    await page.waitForSelector('dialog')
    assert.ok(await text(page, 'dialog'))
  },
})
