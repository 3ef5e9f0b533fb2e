// One working day of a team, as its people have it: the rep on the road, with and without a connection, the leaders at
// their desks. What the whole product is for; belongs to run.mjs.
import { strict as assert } from 'node:assert'
import { line } from './phone.mjs'

const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date())

export const dayTests = ({ base, open, api, until, text, phone }) => ({
  async 'day: six visits and two calls from the road, half of them offline; the lead sees each arrive, answers, works the board, opens a number'() {
    const road = await line(base)
    const rep = await open('wangfang', { ...phone, base: road.base, offline: true })
    const lead = await open('liwei')

    // The day before: six visits are planned.
    const customers = (await api(rep, 'customer?owner=eq.$me&limit=6&sort=name')).rows
    const visits = []
    for (const [at, customer] of customers.entries())
      visits.push(await api(rep, 'activity', 'POST', { kind: 'visit', state: 'planned', customer: customer.id, goal: `第 ${at + 1} 家：确认需求`, planned_at: `${today()}T0${at}:05:00+08:00` }))
    assert.ok(visits.every(visit => visit.id), JSON.stringify(visits.find(visit => !visit.id)))

    // In the morning both open the product.
    await rep.goto(road.base + '/')
    await rep.waitForSelector('.today-log')
    await rep.evaluate(() => navigator.serviceWorker.ready.then(() => true))
    if (!await rep.evaluate(() => navigator.serviceWorker.controller !== null)) await rep.reload()
    await rep.waitForFunction(() => navigator.serviceWorker.controller)
    await rep.waitForSelector('.today-log')
    await rep.waitForTimeout(1000)   // what is needed without a connection is fetched after the page
    await lead.goto(`${base}/o/activity?owner=eq.${visits[0].owner}&state=eq.done&sort=-done_at`)
    await lead.waitForSelector('.data-grid td')

    /** Written down by way of ＋, which lists what is planned. */
    const visit = async at => {
      await rep.locator('.tabbar-new').tap()
      await rep.locator(`.rows a[href="/log/${visits[at].id}"]`).tap()
      await rep.locator('.log-results button').first().tap()
      await rep.fill('#log-words', `见到负责人，第 ${at + 1} 家`)
      await rep.locator('.log-foot button').tap()
      await rep.waitForSelector('.log-done')
    }
    const call = async words => {
      await rep.locator('.tabbar-new').tap()
      await rep.locator('.rows a[href*="who="]').first().tap()
      const kind = rep.locator('.chips button:has-text("电话")')
      if (await kind.getAttribute('aria-pressed') !== 'true') await kind.tap()
      await rep.fill('#log-words', words)
      await rep.locator('.log-results button').first().tap()
      await rep.locator('.log-foot button').tap()
      await rep.waitForSelector('.log-done')
    }
    /** The leader looks only: what arrives is told by itself. */
    const arrives = async count => {
      await lead.waitForSelector(`.list-arrived:has-text("${count} 条新的")`, { timeout: 15000 })
      await lead.click('.list-arrived')
      await until('shown', async () => await lead.locator('.list-arrived').count() === 0)
    }

    // Three visits and a call with a connection: each is seen at the desk.
    for (const at of [0, 1, 2]) { await visit(at); await arrives(1) }
    await call('通了电话，约好寄样品'); await arrives(1)
    assert.match(await text(rep, '.goal'), /今天计划完成 3\/\d+/, 'the rep sees how far the day is')

    // Without one: three visits and a call, through closing the page; then all of them arrive, once.
    road.cut()
    for (const at of [3, 4, 5]) await visit(at)
    await call('车库里记的电话')
    await rep.reload()
    await rep.waitForSelector('.status:has-text("4 条等待发送")')
    road.mend()
    await rep.evaluate(() => window.dispatchEvent(new Event('online')))
    await arrives(4)
    const done = (await api(lead, `activity?owner=eq.${visits[0].owner}&done_at=gte.today&state=eq.done&limit=200&fields=outcome,kind`)).rows
    const mine = done.filter(row => /第 \d 家|约好寄样品|车库里/.test(row.outcome ?? ''))
    assert.deepEqual([mine.filter(row => row.kind === 'visit').length, mine.filter(row => row.kind === 'call').length], [6, 2])
    assert.equal(new Set(mine.map(row => row.outcome)).size, 8, 'nothing came twice')

    // The lead opens one and answers it; the rep is told.
    await lead.locator('.data-grid a.title').first().click()
    await lead.waitForSelector('.record-panel .panel-title')
    await lead.click('.record-panel [role=tab]:has-text("评论")')
    await lead.locator('.record-panel .comment-box textarea').fill('做得好，把需求写进商机')
    await lead.keyboard.press('Control+Enter')
    await lead.waitForSelector('.record-panel .comment:has-text("做得好")')
    await rep.goto(road.base + '/me')
    await rep.locator('main button:has-text("通知")').tap()
    await rep.locator('.notice-row.unread:has-text("做得好") .notice-main').tap()
    await rep.waitForSelector('.comment:has-text("做得好")')

    // The lead moves an opportunity on the board.
    await lead.goto(base + '/o/opportunity?_layout=board')
    await lead.locator('.kanban-menu').first().click()
    const to = (await text(lead, '.panel .option')).trim()
    await lead.locator('.panel .option').first().click()
    await until('moved', async () => (await api(lead, 'opportunity?changed_by=eq.$me&changed_at=gte.today&sort=-changed_at&limit=1')).rows[0]?.labels.stage === to)

    // And opens a number down to its records, which are as many as it says.
    await lead.goto(base + '/metric/visits')
    await lead.waitForSelector('.kpi .kpi-value')
    const said = Number((await text(lead, '.kpi .kpi-value')).replace(/[^\d]/g, ''))
    await lead.click('.kpi .def-button')
    await lead.click('.def-link >> nth=0')
    await lead.waitForSelector('.data-grid td')
    await until('as many', async () => (await text(lead, '.list-count')).includes(` ${said} `))
    road.close()
  },

  async 'day: middle lead, senior, owner and administrator open at their rhythm, and come from a number to its records'() {
    const meta = await open()
    const { rows: members } = await api(meta, 'member?active=eq.true&sort=id&limit=200')
    const { rows: roles } = await api(meta, 'role?limit=200')
    const named = name => { const role = roles.find(role => role.name === name); return members.find(member => role && member.roles?.includes(role.id)) }
    const seen = []
    for (const role of ['rep', 'lead', 'manager', 'senior', 'owner', 'admin']) {
      const member = named(role)
      if (!member) continue
      const page = await open(member.name)
      await page.waitForSelector('.kpi-value')
      const rhythm = await page.locator('.home-head .tab[aria-current=true]').innerText()
      seen.push(`${role} ${rhythm}`)
      const number = page.locator('a.kpi-value').first()
      if (await number.count()) {
        await number.click()
        await page.waitForURL(/\/o\/\w+\?/)
        await page.waitForSelector('.data-grid td, .empty')
      }
      await page.goto(base + '/analysis')
      await page.locator('main a[href^="/report/"]').first().click()
      await page.waitForSelector('.report-table tbody tr, .empty')
      assert.equal(await page.locator('.sidebar a[href="/settings"]').count() === 1, role === 'admin', `${role}: settings`)
      await page.context().close()
    }
    console.log(`     ${seen.join(', ')}`)
    for (const role of ['rep', 'lead', 'owner', 'admin']) assert.ok(seen.some(one => one.startsWith(role)), `nobody is ${role}`)
  },
})
