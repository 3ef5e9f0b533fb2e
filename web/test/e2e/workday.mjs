// The forms of the day: planned in two taps, reported in one, signed by keyboard and by thumb. Belongs to run.mjs.
import { strict as assert } from 'node:assert'
import { audit } from './axe.mjs'
import { awaitSignature, fingers, keys, sign, signedFor } from './jobs.mjs'

export function workdayTests({ base, open, api, until, phone }) {
  const goto = (page, path) => page.goto(base + path)

  const mine = async (page, object, day) => (await api(page, `${object}?owner=eq.$me&day=eq.${day}`)).rows[0]

  return {
    async 'workday: the call list, one tap for what came of it, also without a connection'() {
      const page = await open('zhouyong', { ...phone, bypassCSP: true, offline: true })
      await api(page, 'lead', 'POST', { name: '电话甲', phone: '13911110001' })
      await api(page, 'lead', 'POST', { name: '电话乙', phone: '13911110002' })
      await goto(page, '/calls')
      await page.waitForSelector('.calls-results button')
      await audit(page, 'calls')
      // S01-69: what a call is worth stands there with what it is worked out from, and counts up with each.
      const worth = (await api(page, 'report/effort_value?by=none&from=today-89&to=today')).rows[0]
      const each = Number(worth.commission) / worth.calls
      assert.ok(worth.calls > 0 && each > 0)
      assert.match(await page.textContent('.calls-earned'), new RegExp(`近 90 天 ${worth.calls} 通、${worth.deals} 单`))
      const first = (await page.textContent('.calls-name')).trim()
      await page.tap('.calls-now [aria-pressed]:has-text("2")')
      await page.tap('.calls-results button:has-text("高意向")')
      await page.waitForFunction(was => document.querySelector('.calls-name')?.textContent.trim() !== was, first)
      const noted = (await api(page, 'activity?owner=eq.$me&kind=eq.call&sort=-id&limit=1')).rows[0]
      assert.deepEqual([noted.intention, noted.appointment_attempts, noted.state], ['high', 2, 'done'])
      await page.context().setOffline(true)
      const second = (await page.textContent('.calls-name')).trim()
      await page.tap('.calls-results button:has-text("没接")')
      await page.waitForFunction(was => document.querySelector('.calls-name')?.textContent.trim() !== was, second)
      await page.context().setOffline(false)
      await until('the second call has arrived', async () => (await api(page, 'activity?owner=eq.$me&kind=eq.call&sort=-id&limit=1')).rows[0].id !== noted.id)
    },

    async 'workday: the plan in two taps, the report in one, also without a connection'() {
      const page = await open('zhouyong', { ...phone, bypassCSP: true, offline: true })
      const customer = (await api(page, 'customer?owner=eq.$me&limit=1')).rows[0]
      await api(page, 'activity', 'POST', { kind: 'visit', customer: customer.id, goal: 'x', goal_reached: 'yes', outcome: '谈妥' })
      // Late in the evening it is too late for a plan to be due, but not for one to be made.
      const next = Array.from({ length: 3 }, (_, at) => new Date(Date.now() + 8 * 3600e3 + (at + 1) * 86400e3)).find(date => date.getUTCDay() % 6)
      const [day = next.toISOString().slice(0, 10)] = (await api(page, 'visit_plan?owner=eq.$me&state=eq.draft&day=gt.today&sort=day')).rows.map(row => row.day)
      await api(page, 'activity', 'POST', { kind: 'visit', state: 'planned', customer: customer.id, purpose: 'development', goal: '约到设备负责人面谈', planned_at: `${day}T10:00:00+08:00`, planned_end: `${day}T11:00:00+08:00` })
      await goto(page, '/')
      await page.waitForSelector('.workday-card .workday-line')
      await audit(page, 'home')
      await page.tap('.workday-card a.button:has-text("去确认")')
      await page.waitForSelector('.workday-bar [type=submit]')
      await audit(page, 'plan')
      await page.tap('.workday-bar [type=submit]')
      await until('the plan is handed in', async () => (await mine(page, 'visit_plan', day))?.state === 'submitted')

      await goto(page, '/')
      await page.waitForSelector('.workday-card button:has-text("发送日报")')
      await page.context().setOffline(true)
      await page.tap('.workday-card button:has-text("发送日报")')
      await page.waitForSelector('.toast')
      await page.context().setOffline(false)
      await page.evaluate(() => dispatchEvent(new Event('online')))
      const [today] = await page.evaluate(() => [new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)])
      await until('the report has arrived', async () => (await mine(page, 'daily_report', today))?.state === 'submitted', 30000)
      const report = await mine(page, 'daily_report', today)
      assert.equal(report.attendance, 'present')
      assert.ok(report.visits >= 1, 'the visit of today stands in it')
      await goto(page, '/workday?tab=report')
      await page.waitForSelector('.workday-facts')
      await audit(page, 'report')
    },

    // S01-54: from whose turn it is, in the order of the way, with times; without a connection as well.
    async 'workday: the next day is proposed: all taken with one tap, handed in with another, nothing twice'() {
      const page = await open('gaochao', { ...phone, bypassCSP: true, offline: true })
      const { day } = (await api(page, 'visit_plan?owner=eq.$me&state=eq.draft&day=gt.today&sort=day&limit=1')).rows[0] ?? {}
      assert.ok(day, 'a plan is to be made')
      for (const row of (await api(page, `activity?owner=eq.$me&kind=eq.visit&state=eq.planned&planned_at=gte.${day}`)).rows) await api(page, `activity/${row.id}`, 'PATCH', { state: 'cancelled', version: row.version })
      await api(page, 'activity', 'POST', { kind: 'note', customer: (await api(page, 'customer?owner=eq.$me&limit=1')).rows[0].id, subject: 'x', next_step: '送样品', next_on: day })
      const proposed = async () => (await api(page, `report/plan_proposal?day=${day}`)).rows
      const rows = await proposed()
      const fitting = rows.filter(row => row.planned_at)
      assert.ok(fitting.length >= 2 && rows.length > fitting.length, 'a day, and some more')
      await goto(page, '/')
      await page.waitForSelector(`.workday-card :text("建议 ${fitting.length} 家")`)
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.context().setOffline(true)
      await page.tap('.workday-card a.button:has-text("去确认")')
      await page.waitForSelector('.proposal')
      await audit(page, 'a proposed day')
      assert.equal(await page.locator('.proposal').count(), rows.length)
      assert.ok((await page.textContent('.proposal')).includes(fitting[0].reasons), 'the reason in words')
      const thumb = fingers(page)
      await thumb.tap('.workday-bar .primary:has-text("全部加入")')
      await page.waitForSelector(`.workday-bar .primary:has-text("提交计划（${fitting.length} 家）")`)
      assert.equal(await page.locator('.proposal').count(), rows.length - fitting.length, 'what is planned is not proposed again')
      await thumb.tap('.workday-bar .primary')
      assert.equal(thumb.acts, 2)
      await page.waitForSelector('.toast')
      await page.context().setOffline(false)
      await page.evaluate(() => dispatchEvent(new Event('online')))
      await until('the plan has arrived', async () => (await mine(page, 'visit_plan', day))?.state === 'submitted', 30000)
      const planned = (await api(page, `activity?owner=eq.$me&kind=eq.visit&state=eq.planned&planned_at=gte.${day}&sort=planned_at`)).rows
      assert.deepEqual(planned.map(row => [row.customer, row.planned_at, row.planned_end, row.purpose, row.goal]), fitting.map(row => [row.customer, row.planned_at, row.planned_end, row.purpose, row.goal]))
      assert.equal((await mine(page, 'visit_plan', day)).lines, fitting.length)
      assert.ok((await proposed()).every(row => !planned.some(one => one.customer === row.customer)), 'not proposed again')

      // Taken back, one is left out and one that had no room is taken with a goal of one's own.
      await goto(page, '/workday?tab=plan')
      await page.tap('.workday-bar button:has-text("撤回修改")')
      await page.waitForSelector('.proposal')
      assert.equal(await page.locator('.proposal input:checked').count(), 0, 'the day is full')
      const extra = (await proposed())[0]
      await page.tap('.proposal input')
      await page.tap('.proposal .button[aria-expanded]')
      await page.fill('.proposal-fields input[id$=-goal], .proposal-fields textarea[id$=-goal]', '见厂长')
      await audit(page, 'a proposal changed')
      await page.tap('.workday-bar .primary:has-text("全部加入（1 家）")')
      await until('one more is planned', async () => (await api(page, `activity?owner=eq.$me&customer=eq.${extra.customer}&state=eq.planned&planned_at=gte.${day}`)).rows[0]?.goal === '见厂长')
      const own = (await api(page, `activity?owner=eq.$me&customer=eq.${extra.customer}&state=eq.planned&planned_at=gte.${day}`)).rows[0]
      assert.ok(own.planned_at > planned.at(-1).planned_end, 'after the last one')
    },

    // A team of 12 hands in 24 forms a day: 48 keys or taps, 12 seconds to read each, are five minutes.
    async 'workday: a leader signs with two keys or two taps each, returns one with a reason by thumb'() {
      const page = await open('liwei', { bypassCSP: true })
      const turns = 12
      await awaitSignature(await open(await signedFor(page, api)), api, turns)
      const count = async () => (await api(page, 'daily_report?leader=eq.$me&state=eq.submitted&count=exact')).count + (await api(page, 'visit_plan?leader=eq.$me&state=eq.submitted&count=exact')).count
      const before = await count()
      assert.ok(before >= turns + 2, `${before} wait`)
      await goto(page, '/workday')
      await page.waitForSelector('.workday-grade')
      await audit(page, 'sign')
      // On a busy line the news of a signature is there before the answer to it: the next key counts all the same.
      await page.route(/api\/(visit_plan|daily_report)\/\d+$/, async route => {
        const response = await route.fetch()
        await new Promise(done => setTimeout(done, 600))
        await route.fulfill({ response })
      })
      const desk = keys(page)
      console.log(`     ${turns} forms signed by keyboard in ${(await sign(page, desk, turns) / 1000).toFixed(1)} s`)
      await until('twelve are signed', async () => await count() === before - turns)
      assert.equal(desk.acts, 2 * turns)
      const small = await open('liwei', { ...phone, viewport: { width: 320, height: 700 }, bypassCSP: true, colorScheme: 'dark', to: '/workday?tab=sign' })
      await small.waitForSelector('.workday-grade')
      await audit(small, 'sign on a phone')
      const title = await small.locator('h2').first().innerText()
      const thumb = fingers(small)
      await thumb.tap('.workday-grade:has-text("5")')
      await thumb.tap('.workday-bar .primary')
      await until('the next one', async () => await count() === before - turns - 1 && await small.locator('h2').first().innerText() !== title)
      assert.equal(thumb.acts, 2)
      await small.tap('.workday-bar button:has-text("退回")')
      await small.waitForSelector('.field.wrong')
      assert.equal(await count(), before - turns - 1, 'not without a reason')
      await small.fill('#sign-reason', '少了客户意见')
      await small.tap('.workday-bar button:has-text("退回")')
      await until('it is returned', async () => await count() === before - turns - 2)
    },
  }
}
