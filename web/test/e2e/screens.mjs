// Pictures, calendar, pivot, dashboards and the big screen.
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { audit } from './axe.mjs'

/** Width and height of a PNG, from its head. */
const sizeOf = file => { const head = readFileSync(file); return [head.readUInt32BE(16), head.readUInt32BE(20)] }

export function screenTests({ base, open, api, until, text, phone }) {
  const goto = (page, path) => page.goto(base + path)

  /** Every record behind a query, page by page. */
  async function every(page, query) {
    const rows = []
    for (let after = ''; after !== null;) {
      const answer = await api(page, `${query}&limit=200${after && '&after=' + after}`)
      rows.push(...answer.rows)
      after = answer.next
    }
    return rows
  }

  /** What the open form holds. */
  const filled = page => page.locator('dialog').evaluate(dialog => [...dialog.querySelectorAll('input')].map(input => input.value).join())

  const label = text => ({ zh: text, en: text })
  const reports = [
    { report: 'x_heat', label: label('测试热力'), doc: label('x'), uses: ['customer', 'industry'], chart: { kind: 'heat', x: 'level', by: 'industry', y: ['n'] }, open: 'customer?level=eq.{level}&industry=eq.{industry_id}',
      columns: [{ name: 'level', type: 'text', label: label('等级') }, { name: 'industry', type: 'text', label: label('行业') }, { name: 'industry_id', type: 'ref', to: 'industry', label: label('行业编号') }, { name: 'n', type: 'integer', label: label('客户数') }],
      sql: 'SELECT c.level, i.name AS industry, i.id AS industry_id, count(*) AS n FROM customer c JOIN industry i ON i.id = c.industry WHERE c.level IS NOT NULL GROUP BY c.level, i.id, i.name ORDER BY 1, 2' },
    { report: 'x_venn', label: label('测试韦恩'), doc: label('x'), uses: ['customer'], chart: { kind: 'venn', x: 'area', sets: ['key', 'big', 'near'], y: ['n'] }, open: 'customer?level=eq.a',
      columns: [{ name: 'area', type: 'text', label: label('区域') }, ...['key', 'big', 'near'].map((name, at) => ({ name, type: 'bool', label: label(['合适产品', '合适本人', '到期'][at]) })), { name: 'n', type: 'integer', label: label('客户数') }],
      sql: [0, 1, 2, 3, 4, 5, 6, 7].map(at => `SELECT '区域 ${at}' AS area, ${at & 1} AS key, ${at >> 1 & 1} AS big, ${at >> 2} AS near, ${at * 11} AS n`).join(' UNION ALL ') },
    { report: 'x_gauge', label: label('测试进度'), doc: label('x'), uses: ['customer'], chart: { kind: 'gauge', x: 'who', y: ['done', 'target', 'pace'] }, open: 'customer?level=eq.a',
      columns: [{ name: 'who', type: 'text', label: label('谁') }, ...['done', 'target', 'pace'].map((name, at) => ({ name, type: 'integer', label: label(['完成', '目标', '应达'][at]) }))],
      sql: "SELECT '张三' AS who, 40 AS done, 100 AS target, 60 AS pace UNION ALL SELECT '李四', 120, 100, 60 UNION ALL SELECT '王五', 70, 100, 60 UNION ALL SELECT '赵六', 3, NULL, NULL" },
    { report: 'x_spider', label: label('测试雷达'), doc: label('x'), uses: ['customer'], chart: { kind: 'spider', x: 'who', y: ['drive', 'knowledge', 'insight', 'talk'] }, open: 'customer?level=eq.a',
      columns: [{ name: 'who', type: 'text', label: label('谁') }, ...['drive', 'knowledge', 'insight', 'talk'].map((name, at) => ({ name, type: 'integer', label: label(['内驱力', '专业知识', '洞察力', '沟通'][at]) }))],
      sql: "SELECT '张三' AS who, 4 AS drive, 3 AS knowledge, 5 AS insight, 2 AS talk UNION ALL SELECT '李四', 2, 5, NULL, 4" },
  ]

  return {
    async 'pictures: heat map, Venn, gauge and spider: every number opens its records, and each is saved as an image'() {
      const page = await open('admin', { bypassCSP: true })
      for (const report of reports) await api(page, 'object', 'POST', { name: report.report, body: JSON.stringify(report) })
      const small = await open('admin', { ...phone, bypassCSP: true, colorScheme: 'dark' })
      for (const [name, part] of [['x_heat', '.heat-table'], ['x_venn', '.venn svg'], ['x_gauge', '.gauge'], ['x_spider', '.spiders svg']])
        for (const at of [page, small]) {
          await goto(at, '/report/' + name)
          await at.waitForSelector(part)
          await audit(at, name)
          const download = at.waitForEvent('download')
          await at.locator('.frame-save button').click()
          const [width, height] = sizeOf(await (await download).path())
          assert.ok(width > 400 && height > 200, `${name}: ${width} × ${height}`)
        }
      // The heat map: a field as the list has it; keyboard opens it.
      const [row] = (await api(page, 'report/x_heat')).rows
      const due = (await api(page, `customer?level=eq.${row.level}&industry=eq.${row.industry_id}&count=exact&limit=1`)).count
      await goto(page, '/report/x_heat')
      await page.waitForSelector('a.heat-cell')
      assert.equal(await text(page, 'a.heat-cell'), String(due))
      await page.focus('a.heat-cell')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/o\/customer\?level=eq/)
      await until('the count', async () => (await text(page, '.list-count')).includes(` ${due} `))
      // Venn: eight areas, each said in words.
      await goto(page, '/report/x_venn')
      await page.waitForSelector('a.venn-area')
      const areas = await page.locator('a.venn-area').evaluateAll(all => all.map(one => one.getAttribute('aria-label')))
      assert.deepEqual([areas[0], areas[3], areas[7]], ['都不在内: 0', '合适产品 ∩ 合适本人: 33', '合适产品 ∩ 合适本人 ∩ 到期: 77'])
      await page.locator('a.venn-area').nth(7).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/o\/customer\?level=eq\.a/)
      // The gauge says in words how it stands.
      await goto(page, '/report/x_gauge')
      await page.waitForSelector('.gauge')
      const words = await page.locator('.gauges li').allInnerTexts()
      assert.match(words[0], /落后进度[\s\S]*40%[\s\S]*完成 40 · 目标 100 · 应达 60/)
      assert.match(words[1], /已达成[\s\S]*120%/)
      assert.match(words[2], /领先进度[\s\S]*70%/)
      assert.match(words[3], /没有目标[\s\S]*—/)
    },

    async 'sections: the day in four quadrants, each number with its records, on a desk and on a phone'() {
      for (const at of [await open('liwei'), await open('liwei', { ...phone, colorScheme: 'dark' })]) {
        await goto(at, '/report/four_controls?day=today-1')
        await at.waitForSelector('.sections')
        assert.deepEqual(await at.locator('.sections caption').allInnerTexts(), ['人', '事', '地', '物'])
        await audit(at, 'sections')
        const visits = at.locator('.sections tr', { hasText: /^拜访\s*\d/ })
        const shown = Number((await visits.locator('td').innerText()).trim())
        await visits.locator('a').click()
        await at.waitForURL(/\/o\/activity\?.*kind=eq\.visit/)
        await until('the count', async () => (await text(at, '.list-count')).includes(String(shown)))
      }
    },

    async 'pivot: rows by columns add up to what the reader sees, and every number opens its records'() {
      const page = await open('admin', { bypassCSP: true })
      const rep = await open('wangfang', { ...phone, bypassCSP: true, colorScheme: 'dark' })
      for (const at of [page, rep]) {
        const rows = await every(at, 'opportunity?fields=stage,close_on,amount')
        await goto(at, '/o/opportunity?_layout=pivot&_down=stage&_across=close_on.month&_sum=amount')
        await at.waitForSelector('.pivot-table tfoot')
        await audit(at, 'pivot')
        const due = rows.reduce((sum, row) => sum + Math.round(Number(row.amount ?? 0) * 100), 0) / 100
        assert.equal(Number((await text(at, '.pivot-table tfoot td:last-child')).replace(/,/g, '')), due, 'the total')
        // One field, recounted from the records.
        const cell = at.locator('.pivot-table tbody .number:not(:last-child) a').first()
        const query = new URLSearchParams((await cell.getAttribute('href')).split('?')[1].replaceAll('gte.', 'a.').replaceAll('lt.', 'b.'))
        const stage = query.get('stage').slice(3)
        const [from, to] = query.getAll('close_on').map(one => one.slice(2))
        const behind = rows.filter(row => row.stage === stage && row.close_on >= from && row.close_on < to)
        assert.equal(Number((await cell.innerText()).replace(/,/g, '')), behind.reduce((sum, row) => sum + Number(row.amount ?? 0), 0), 'one field')
        await cell.focus()
        await at.keyboard.press('Enter')
        await at.waitForURL(/stage=eq\.\d+&close_on=gte/)
        await until('the count', async () => (await text(at, '.list-count')).includes(` ${behind.length} `))
      }
      // Nothing chosen: what stands there first can be counted.
      await goto(page, '/o/opportunity?_layout=pivot')
      await page.waitForSelector('.pivot-table tfoot')
      // Swapped, written out, and kept as a view.
      await goto(page, '/o/customer?_layout=pivot&_down=level&_across=region.province')
      await page.waitForSelector('.pivot-table tfoot')
      const head = await page.locator('.pivot-table thead th').allInnerTexts()
      await page.click('.pivot-head button[aria-label="行列互换"]')
      await page.waitForURL(/_down=region\.province&_across=level/)
      await until('swapped', async () => (await page.locator('.pivot-table tbody th').allInnerTexts()).join() === head.slice(0, -1).join())
      const download = page.waitForEvent('download')
      await page.click('.pivot-head button:has-text("CSV")')
      const lines = readFileSync(await (await download).path(), 'utf8').trim().split('\r\n')
      assert.equal(lines.length, head.length + 1)
      assert.match(lines.at(-1), new RegExp(`"${(await api(page, 'customer?count=exact&limit=1')).count}"$`))
      await page.click('.view-changed button:has-text("另存为")')
      await page.fill('#view-label', '各省客户等级')
      await page.click('.sheet-foot .primary')
      await page.waitForURL(/_view=\d+/)
      await goto(page, '/o/customer?' + page.url().match(/_view=\d+/)[0])
      await page.waitForSelector('.pivot-table tfoot')
      assert.equal(await page.locator('.pivot-head select').first().inputValue(), 'region.province')
    },

    async 'calendar: a plan is moved by pointer and by keyboard, made by a drag and by Enter; holidays are marked'() {
      const page = await open('wangfang', { bypassCSP: true })
      const plan = await api(page, 'activity', 'POST', { kind: 'visit', subject: '日历上的拜访', planned_at: '2027-03-10T10:00:00+08:00', planned_end: '2027-03-10T11:30:00+08:00', goal: '约定样机时间', customer: (await api(page, 'customer?owner=eq.$me&limit=1')).rows[0].id })
      const now = async () => { const row = await api(page, 'activity/' + plan.id); return [row.planned_at.slice(0, 16), row.planned_end.slice(0, 16)] }
      const drag = async (from, to) => {
        const [a, b] = [await from.boundingBox(), await to.boundingBox()]
        await page.mouse.move(a.x + a.width / 2, a.y + 8)
        await page.mouse.down()
        await page.mouse.move(b.x + b.width / 2, b.y + Math.min(b.height - 4, 60), { steps: 6 })
        await page.mouse.up()
      }
      await goto(page, '/o/activity?_layout=calendar&_date=2027-03-10&owner=eq.$me')
      const entry = page.locator(`[data-id="${plan.id}"]`)
      await entry.waitFor()
      await audit(page, 'month')
      await drag(entry, page.locator('[data-column="2027-03-18"]'))
      await until('moved', async () => (await now()).join() === '2027-03-18T10:00,2027-03-18T11:30')
      await page.click('.toast button:has-text("撤销")')
      await until('taken back', async () => (await now()).join() === '2027-03-10T10:00,2027-03-10T11:30')
      await page.locator('[data-column="2027-03-10"]').locator(entry).waitFor()
      await entry.focus()
      await page.keyboard.press('Alt+ArrowDown')
      await until('a week on', async () => (await now())[0] === '2027-03-17T10:00')
      await page.focus('[data-column="2027-03-10"]')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Enter')
      await page.waitForSelector('dialog .record-form, dialog form')
      assert.match(await filled(page), /2027-03-11/)
      await page.keyboard.press('Escape')
      // Hours: half an hour by key, a length by dragging.
      await goto(page, '/o/activity?_layout=calendar&_span=week&_date=2027-03-17&owner=eq.$me')
      await entry.waitFor()
      await audit(page, 'week')
      await entry.focus()
      await page.keyboard.press('Alt+ArrowDown')
      await until('half an hour on', async () => (await now()).join() === '2027-03-17T10:30,2027-03-17T12:00')
      await drag(entry, page.locator('[data-column="2027-03-19T14:00"]'))
      await until('moved to another hour', async () => /^2027-03-19T1[45]/.test((await now())[0]))
      const [first, last] = [await page.locator('[data-column="2027-03-16T13:00"]').boundingBox(), await page.locator('[data-column="2027-03-16T14:30"]').boundingBox()]
      await page.mouse.move(first.x + 20, first.y + 5)
      await page.mouse.down()
      await page.mouse.move(last.x + 20, last.y + 5, { steps: 5 })
      await page.mouse.up()
      await page.waitForSelector('dialog form')
      assert.match(await filled(page), /13:00[\s\S]*15:00/)
      await page.keyboard.press('Escape')
      // The State Council's days of 2026, and the lunar calendar.
      await goto(page, '/o/activity?_layout=calendar&_date=2026-10-01')
      await page.waitForSelector('[data-column="2026-10-01"] .day-mark.off')
      assert.match(await text(page, '[data-column="2026-10-01"]'), /休[\s\S]*国庆/)
      assert.match(await text(page, '[data-column="2026-10-10"]'), /班/)
      assert.match(await text(page, '[data-column="2026-10-13"]'), /初四/)
      // What has a day but no hour; and a phone's agenda.
      await goto(page, '/o/opportunity?_layout=calendar&_span=week')
      await page.waitForSelector('.month-day')
      assert.equal(await page.locator('.month-day').count(), 7, 'a week of days')
      await audit(page, 'week without hours')
      const small = await open('wangfang', { ...phone, bypassCSP: true, colorScheme: 'dark', to: '/o/activity?_layout=calendar&_date=2027-03-19&owner=eq.$me' })
      await small.waitForSelector(`[data-id="${plan.id}"]`)
      await audit(small, 'phone day')
      await small.locator('.agenda-head button').tap()
      await small.waitForSelector('dialog form')
      await small.keyboard.press('Escape')
      await goto(small, '/o/activity?_layout=calendar&_span=month&_date=2027-03-01&owner=eq.$me')
      await small.waitForSelector(`[data-id="${plan.id}"]`)
      await audit(small, 'phone month')
      await page.emulateMedia({ media: 'print' })
      assert.equal(await page.evaluate(() => ['.sidebar', '.search-box', '.tools', '.calendar-hint'].some(name => document.querySelector(name)?.checkVisibility())), false)
    },

    async 'dashboard: each opens with theirs, makes one without code, shares it, and every number opens its records'() {
      const lead = await open('liwei', { bypassCSP: true, to: '/boards' })
      await lead.waitForSelector('.tile-figure')
      assert.equal(await lead.locator('select.board-name option:checked').innerText(), '团队看板')
      await until('every tile is there', async () => await lead.locator('.tile-card .skeleton').count() === 0)
      await audit(lead, 'dashboard')
      // A figure is that of the metric, and opens its records.
      const [first] = await lead.locator('.tile-figure').all()
      const href = await first.getAttribute('href')
      const shown = (await first.innerText()).replace(/\D/g, '')
      const behind = await api(lead, href.replace(/^\/o\//, '') + '&count=exact&limit=1')
      assert.equal(shown, String(behind.count), 'visits of the week')
      await first.click()
      await lead.waitForURL(/\/o\/activity\?/)
      // What belongs to everybody is copied, not changed: a tile is added, moved, widened, removed, without a pointer.
      await goto(lead, '/boards')
      await lead.waitForSelector('.tile-figure')
      await lead.locator('.topbar .button:has-text("编排")').press('Enter')
      await lead.waitForSelector('.tile-tools')
      const titles = () => lead.locator('.tile-head h2').allInnerTexts()
      const before = await titles()
      await lead.locator('.tile-tools').first().locator('button').nth(1).press('Enter')
      await until('moved', async () => (await titles())[1] === before[0])
      await lead.locator('.tile-tools').nth(2).locator('button').nth(2).press('Enter')
      await lead.waitForSelector('.tile-place:nth-child(3).wide-2')
      await lead.locator('.tile-tools').nth(3).locator('button').nth(4).press('Enter')
      await until('removed', async () => (await titles()).length === before.length - 1)
      const [from, to] = [await lead.locator('.tile-place').nth(0).boundingBox(), await lead.locator('.tile-place').nth(1).boundingBox()]
      await lead.mouse.move(from.x + 40, from.y + from.height - 12)
      await lead.mouse.down()
      await lead.mouse.move(to.x + to.width / 2, to.y + to.height - 12, { steps: 6 })
      await lead.mouse.up()
      await until('dragged back', async () => (await titles())[0] === before[0])
      await lead.click('.topbar .button:has-text("添加一块")')
      await lead.selectOption('#tile-kind', 'list')
      await lead.selectOption('#tile-name', 'customer')
      await lead.fill('#tile-label', '我的重点')
      await audit(lead, 'tile form')
      await lead.click('.sheet-foot .primary')
      await lead.waitForSelector('.tile-head h2:has-text("我的重点")')
      await lead.fill('input.board-name', '李伟的看板')
      await lead.click('.topbar .button.primary')
      await lead.waitForURL(/\/boards\/\d+$/)
      const id = lead.url().split('/').pop()
      const kept = await api(lead, 'dashboard/' + id)
      assert.equal(kept.name, '李伟的看板')
      assert.equal(JSON.parse(kept.tiles).length, before.length)
      // Shared with one person, who sees it with their own figures; nobody else does.
      const rep = await open('wangfang', { ...phone, bypassCSP: true, colorScheme: 'dark' })
      assert.equal((await api(rep, 'dashboard/' + id)).error, 'missing')
      const me = (await api(rep, 'session')).member.id
      await api(lead, `dashboard/${id}/share`, 'POST', { member: me, write: false })
      await goto(rep, '/boards/' + id)
      await rep.waitForSelector('.tile-figure')
      await until('every tile is there', async () => await rep.locator('.tile-card .skeleton').count() === 0)
      // What a board shows of things one may not see is not there: no tile, no name of it.
      const hidden = await api(await open(), 'dashboard', 'POST', { name: '半张', owner: null, tiles: JSON.stringify([{ kind: 'metric', name: 'visits' }, { kind: 'report', name: 'indicators' }]) })
      await goto(rep, '/boards/' + hidden.id)
      await rep.waitForSelector('.tile-figure')
      assert.equal(await rep.locator('.tile-card').count(), 1)
      await audit(rep, 'dashboard on a phone')
      await lead.emulateMedia({ media: 'print' })
      assert.equal(await lead.evaluate(() => ['.sidebar', '.topbar .button', '.topbar select', '.tile-tools'].some(name => document.querySelector(name)?.checkVisibility())), false)
      assert.equal(await lead.locator('.topbar h1').innerText(), '李伟的看板')
    },

    async 'big screen: dark, scaled to any size, cycling, and following changes'() {
      const page = await open('admin', { viewport: { width: 3840, height: 2160 }, bypassCSP: true, colorScheme: 'light', to: '/screen?seconds=5' })
      await page.waitForSelector('.wall .tile-figure')
      assert.equal(await page.locator('.sidebar').count(), 0)
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
      const box = await page.locator('.wall-stage').boundingBox()
      assert.deepEqual([box.x, box.y, box.width, box.height].map(Math.round), [0, 0, 3840, 2160])
      await page.click('.wall-tools button:has-text("暂停轮播")')
      // What is shipped works: every tile of each shows something; a board that is too long for one page has two.
      const pages = Number((await text(page, '.wall-head')).match(/1 \/ (\d+)/)[1])
      assert.ok(pages > await page.evaluate(async () => (await (await fetch('/api/dashboard?screen=eq.true')).json()).rows.length))
      for (let turn = 0; turn < pages; turn++) {
        await until('every tile is there', async () => await page.locator('.wall .skeleton').count() === 0 && await page.locator('.wall .tile-card').count() > 0)
        await page.waitForTimeout(600)
        assert.deepEqual(await page.locator('.wall .tile-none.danger').allInnerTexts(), [], await text(page, '.wall h1'))
        // Nobody scrolls a wall: a picture is drawn as small as its tile.
        const cut = () => page.evaluate(() => [...document.querySelectorAll('.wall .tile-main')].filter(one => one.scrollHeight > one.clientHeight + 1).map(one => one.closest('.tile-card').querySelector('h2').innerText))
        assert.deepEqual(await cut(), [], await text(page, '.wall h1'))
        await page.mouse.move(5, 2100)
        await audit(page, 'big screen')
        await page.keyboard.press('ArrowRight')
        await page.waitForTimeout(300)
      }
      // Held it stays; let go it goes on.
      const shown = page.url()
      await page.waitForTimeout(6000)
      assert.equal(page.url(), shown, 'held')
      await page.click('.wall-tools button:has-text("暂停轮播")')
      await until('the next', async () => page.url() !== shown, 9000)
      // A change of somebody else arrives by itself.
      const board = await api(page, 'dashboard', 'POST', { name: '现场', tiles: JSON.stringify([{ kind: 'list', object: 'customer', query: 'sort=-id', label: '新客户' }, { kind: 'metric', name: 'orders_confirmed' }]) })
      await goto(page, `/screen/${board.id}?seconds=600`)
      await page.waitForSelector('.wall .tile-open')
      const rep = await open('wangfang')
      const buyer = await api(rep, 'customer', 'POST', { name: '南通江海大屏测试有限公司' })
      await page.waitForSelector('.wall .tile-open:has-text("南通江海大屏测试有限公司")', { timeout: 15000 })
      // So does an order, in the figure.
      const orders = async () => Number((await text(page, '.wall .tile-figure')).replace(/\D/g, ''))
      const before = await orders()
      const order = await api(rep, 'sales_order', 'POST', { customer: buyer.id, promised_on: '2099-01-01', address: '南通', payment_method: 'transfer' })
      await api(rep, 'order_line', 'POST', { sales_order: order.id, product: (await api(rep, 'product?limit=1')).rows[0].id, price: '100' })
      for (const step of ['verify', 'confirm']) await api(rep, `sales_order/${order.id}/${step}`, 'POST', {})
      await until('the order on the wall', async () => await orders() === before + 1)
      await page.keyboard.press('Escape')
      await page.waitForURL(/\/boards\/\d+/)
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light', 'the theme is as before')
      const small = await open('admin', { ...phone, bypassCSP: true, to: '/screen' })
      await small.waitForSelector('.wall .tile-figure')
      assert.ok(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight))
    },

    async 'what is signed shows no pencil, what may still be said does: contract and payment plan, on a desk and on a phone'() {
      const page = await open()
      const pencil = (on, what) => on.locator(`.field-list button[aria-label="编辑${what}"]`)
      const signed = (await api(page, 'contract?state=in.(signed,executing)&limit=1')).rows[0]
      const draft = (await api(page, 'contract?state=eq.draft&limit=1')).rows[0]
      await goto(page, `/r/contract/${draft.id}`)
      await pencil(page, '合同金额').waitFor({ state: 'attached' })
      assert.equal(await page.locator('.field-fixed').count(), 0)
      await goto(page, `/r/contract/${signed.id}`)
      await page.waitForSelector('.field-fixed:has-text("合同已签订")')
      assert.match(await text(page, '.field-fixed'), /合同变更/, 'what to do instead')
      assert.equal(await pencil(page, '合同金额').count() + await pencil(page, '客户').count(), 0)
      await page.click('.topbar button[aria-label="更多"]')
      await page.waitForSelector('.option:has-text("编辑")')
      assert.equal(await page.locator('.option.danger').count(), 0, 'it is not deleted')
      await page.keyboard.press('Escape')
      await audit(page, 'a signed contract')
      // The form has what is open, nothing else.
      await page.keyboard.press('e')
      await page.waitForSelector('dialog textarea[id$="-remark"]')
      assert.equal(await page.locator('dialog input[id$="-amount"]').count(), 0)
      await page.keyboard.press('Escape')
      await page.locator('dialog').waitFor({ state: 'detached' })
      await pencil(page, '备注').click({ force: true })
      await page.fill('.inline-edit textarea', '原件在柜')
      await page.keyboard.press('Control+Enter')
      await until('what is open is written', async () => (await api(page, `contract/${signed.id}`)).remark === '原件在柜')
      // No instalment is added, a milestone and a receipt are.
      const plan = page.locator('.parts section[aria-label="付款计划"]')
      await goto(page, `/r/contract/${signed.id}`)
      await plan.locator('.part').first().waitFor()
      assert.equal(await plan.locator('.part-new').count(), 0)
      assert.equal(await plan.locator('[aria-label$=" 金额"]').count(), 0)
      await page.waitForSelector('.parts section[aria-label="执行节点"] .part-new')
      await goto(page, `/r/contract/${signed.id}?tab=receipt.contract`)
      await page.waitForSelector('.record-tab button:has-text("新建")')
      await goto(page, `/r/contract/${draft.id}`)
      await plan.locator('.part-new').waitFor()
      const part = (await api(page, `instalment?contract=eq.${signed.id}&limit=1`)).rows[0]
      // Until the contract is read the instalment's page offers nothing of what the contract keeps.
      let pass = () => {}
      const held = new Promise(done => { pass = done })
      const ofContract = url => url.pathname.startsWith('/api/') && new RegExp(`\\bcontract/${signed.id}\\b`).test(decodeURIComponent(url.href))
      await page.route(ofContract, async route => { await held; await route.continue() })
      await goto(page, `/r/instalment/${part.id}`)
      await page.waitForSelector('.field-list dd')
      assert.equal(await page.locator('.field-list .pencil').count(), 0)
      pass()
      await page.waitForSelector('.field-list .field-fixed')
      await page.unroute(ofContract)
      // In a calendar what stays on its day cannot be taken hold of.
      const promised = (await api(page, 'sales_order?state=eq.confirmed&promised_on=is.notnull&limit=1')).rows[0]
      await goto(page, `/o/sales_order?_layout=calendar&_on=promised_on&_date=${promised.promised_on}`)
      await page.waitForSelector(`.calendar-entry[href="/r/sales_order/${promised.id}"]:not(.movable)`)
      const small = await open('admin', { ...phone, bypassCSP: true, to: `/r/instalment/${part.id}?tab=fields` })
      await small.waitForSelector('.field-fixed')
      assert.equal(await pencil(small, '金额').count() + await pencil(small, '合同').count(), 0)
      assert.equal(await pencil(small, '承诺付款').count(), 1)
      await audit(small, 'a fixed part')
    },

    async 'a story says who: what nobody did, the product did'() {
      const page = await open('admin')
      const { id } = (await api(page, 'month_report?limit=1&sort=id')).rows[0]
      await page.goto(new URL(`/r/month_report/${id}`, page.url()).href)
      await page.waitForSelector('.timeline li')
      assert.match(await page.locator('.timeline li:has-text("新建")').last().innerText(), /漏斗/)
    },

    async 'a whole year has no separator'() {
      const page = await open()
      const row = (await api(page, 'customer?established=is.notnull&limit=1')).rows[0]
      await goto(page, `/r/customer/${row.id}`)
      const shown = page.locator('.field-row:has(dt:text-is("成立年份")) dd').first()
      await shown.waitFor()
      assert.equal((await shown.innerText()).trim(), String(row.established))
    },
  }
}
