// The ten jobs people do most: each by fingers on a phone, with taps counted, and by keyboard alone on a desk.
// run.mjs holds them to their bounds, speed.mjs writes the table of docs/screens.md.
import { strict as assert } from 'node:assert'

/** Counts what a person does. Words are typed, or said to the phone: their letters are counted apart. */
const counted = page => {
  const hand = {
    page, acts: 0, letters: 0,
    see: selector => page.locator(selector).first().waitFor(),
    async write(words) { hand.letters += words.length; await page.keyboard.insertText(words) },
  }
  return hand
}

export function fingers(page) {
  const hand = counted(page)
  hand.tap = async selector => { hand.acts++; await page.locator(selector).first().tap() }
  return hand
}

export function keys(page) {
  const hand = counted(page)
  hand.press = async (...names) => { for (const name of names) { hand.acts++; await page.keyboard.press(name) } }
  /** What is pressed by the letters it bears, or where something is written then; by j from part to part until it is seen. */
  hand.hit = async selector => {
    await hand.see(selector)
    const seen = () => page.locator(selector).first().evaluate(one => { const { top, bottom } = one.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight })
    for (let turn = 0; turn < 20 && !await seen(); turn++) await hand.press('j')
    await hand.press(await page.evaluate(() => document.activeElement.matches('input:not([type=checkbox], [type=radio]), textarea, select')) ? 'Control+.' : 'f')
    await hand.see('.hints')
    const letters = await page.locator(selector).first().getAttribute('data-hint')
    assert.ok(letters, `${selector} has no letters`)
    await hand.press(...letters)
    await page.waitForSelector('.hints', { state: 'detached' })
    const ring = await page.evaluate(() => { const { outlineStyle, boxShadow, borderColor } = getComputedStyle(document.activeElement); return outlineStyle !== 'none' || boxShadow !== 'none' || borderColor })
    assert.ok(ring, `${selector} does not show that it has the focus`)
  }
  hand.palette = async words => {
    await hand.press('Control+k')
    await hand.see('.palette-input')
    await hand.write(words)
    await hand.see(`.palette .option:has-text("${words}")`)
    await hand.press('Enter')
  }
  return hand
}

const field = label => `.field:has(label:has-text("${label}"))`
const tomorrow = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(Date.now() + 864e5)

/*
 * `ready` makes what the job needs and says what it is about; both ways begin on the home page. `most` is how many taps
 * and keys it may take: a job that grows is a test that fails.
 */
export function jobs(api) {
  const mine = async page => (await api(page, 'customer?owner=eq.$me&limit=1&sort=name')).rows[0]
  const day = (from = 0) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(Date.now() + from * 86400e3)
  const activities = async page => (await api(page, 'activity?sort=-id&limit=1')).rows[0]
  const customers = async (page, name) => (await api(page, 'customer?name=eq.' + encodeURIComponent(name))).rows.length

  return [
    {
      name: 'log a visit that was planned', zh: '记录一次计划内的拜访', most: [3, 8],
      async ready(page) {
        const row = await api(page, 'activity', 'POST', { kind: 'visit', state: 'planned', customer: (await mine(page)).id, planned_at: `${day()}T00:30:00+08:00`, goal: '看样机' })
        assert.ok(row.id, JSON.stringify(row))
        return Date.now()
      },
      async phone(hand) {
        await hand.tap('a.today-log')
        await hand.tap('.log-results button')
        await hand.tap('.log-foot button')
        await hand.see('.log-done')
      },
      async desk(hand) {
        await hand.hit('a.today-log')
        await hand.hit('.log-results button')
        await hand.press('Control+Enter')
        await hand.see('.log-done')
      },
      async done(page, since) {
        const row = (await api(page, 'activity?changed_by=eq.$me&planned_at=is.notnull&sort=-changed_at&limit=1')).rows[0]
        return row?.state === 'done' && Date.parse(row.changed_at) >= since - 1000
      },
    },
    {
      name: 'log a call beside the plan', zh: '记录一次计划外的电话', most: [4, 6],
      // Of somebody who mostly calls: the form proposes what one does most.
      async ready(page) {
        const customer = await mine(page)
        for (let one = 0; one < 10; one++) assert.ok((await api(page, 'activity', 'POST', { kind: 'call', state: 'done', customer: customer.id, outcome: `第 ${one + 1} 次通话` })).id)
        return customer
      },
      async phone(hand) {
        await hand.tap('.tabbar-new')
        await hand.tap('.rows a[href*="who="]')
        await hand.see('#log-words')
        if (await hand.page.locator('.chips button[aria-pressed=true]:has-text("电话")').count() === 0) await hand.tap('.chips button:has-text("电话")')
        await hand.tap('.log-results button')
        await hand.tap('.log-foot button')
        await hand.see('.log-done')
      },
      async desk(hand, customer) {
        await hand.palette(customer.name)
        await hand.hit('.composer textarea')
        await hand.write('谈好下周寄样品')
        await hand.press('Control+Enter')
        await hand.see('.toast:has-text("已记录")')
      },
      done: async (page, customer) => { const row = await activities(page); return row.kind === 'call' && row.state === 'done' },
    },
    {
      name: 'enter a new customer', zh: '新建客户', most: [4, 3], ready: async page => `职务测试${Date.now() % 1e6}有限公司`,
      async phone(hand, name) {
        await hand.tap('.tabbar-new')
        await hand.tap('.tabs a:has-text("客户")')
        await hand.tap(`${field('客户名称')} input`)
        await hand.write(name)
        await hand.tap('.topbar .button.primary')
        await hand.see(`h1:has-text("${name}")`)
      },
      async desk(hand, name) {
        await hand.palette('新建客户')
        await hand.see(`${field('客户名称')} input:focus`)
        await hand.write(name)
        await hand.press('Control+Enter')
        await hand.see(`h1:has-text("${name}")`)
      },
      done: async (page, name) => await customers(page, name) === 1,
    },
    {
      name: 'find a customer by hw', zh: '用 hw 找到客户', most: [3, 5],
      async ready(page) {
        const name = '华为测试通信有限公司'
        return (await api(page, 'customer?name=eq.' + encodeURIComponent(name))).rows[0] ?? api(page, 'customer', 'POST', { name })
      },
      async phone(hand, row) {
        await hand.tap('.tabbar-new')
        await hand.tap('#log-who')
        await hand.write('hw')
        await hand.tap(`.rows a[href*="who=${row.id}"]`)
        await hand.see('#log-words')
      },
      async desk(hand, row) {
        await hand.press('Control+k')
        await hand.see('.palette-input')
        await hand.write('hw')
        await hand.see(`.palette .option:has-text("${row.name}")`)
        for (let turn = 0; turn < 9 && !await hand.page.locator(`.palette .option.active:has-text("${row.name}")`).count(); turn++) await hand.press('ArrowDown')
        await hand.press('Enter')
        await hand.see(`h1:has-text("${row.name}")`)
      },
      done: async () => true,
    },
    {
      name: 'move an opportunity to the next stage', zh: '推进一个商机', most: [5, 8],
      ready: async () => Date.now(),
      async phone(hand) {
        await hand.tap('.tabbar-link:last-child')
        await hand.tap('main a[href="/o/opportunity"]')
        await hand.tap('.layouts button >> nth=1')
        await hand.tap('.kanban-menu')
        await hand.tap('.panel .option')
        await hand.see('.kanban-card')
      },
      async desk(hand) {
        await hand.palette('商机')
        await hand.see('.data-grid td')
        await hand.hit('.layouts button:nth-child(2)')
        await hand.hit('.kanban-menu')
        await hand.see('.panel .option')
        await hand.press('Enter')
      },
      done: async (page, since) => Date.parse((await api(page, 'opportunity?changed_by=eq.$me&sort=-changed_at&limit=1')).rows[0]?.changed_at) >= since - 1000,
    },
    {
      name: 'plan a visit for tomorrow', zh: '计划明天的拜访', most: [10, 12], ready: mine,
      async phone(hand, customer) {
        await hand.tap('.tabbar-link[href="/o/activity"]')
        await hand.tap('.objects-head > .phone')
        await hand.tap(`${field('类型')} select`)
        await hand.page.selectOption(`${field('类型')} select`, 'visit')
        await hand.tap(`${field('客户')} input`)
        await hand.tap('.panel .option')
        await hand.tap(`${field('计划时间')} input`)
        await hand.page.fill(`${field('计划时间')} input`, tomorrow() + 'T09:00')
        await hand.tap(`${field('沟通目标')} input`)
        await hand.write('确认交期')
        await hand.tap('.sheet-foot .primary')
        hand.acts += 2   // the wheels of kind and date
        await hand.see('.record-panel')
      },
      async desk(hand, customer) {
        await hand.palette('新建活动')
        await hand.see(`${field('类型')} select:focus`)
        await hand.press('ArrowDown')
        await hand.hit(`${field('客户')} input`)
        await hand.write(customer.name.slice(0, 6))
        await hand.see(`.panel .option.active:has-text("${customer.name}")`)
        await hand.press('Enter')
        await hand.hit(`${field('计划时间')} input`)
        await hand.write(tomorrow())
        await hand.hit(`${field('沟通目标')} input`)
        await hand.write('确认交期')
        await hand.press('Control+Enter')
        await hand.see('.toast')
      },
      async done(page) { const row = await activities(page); return row.kind === 'visit' && row.state === 'planned' && row.planned_at.startsWith(tomorrow()) },
    },
    {
      name: 'comment, and mention a colleague', zh: '评论并提到同事', most: [6, 9], ready: mine,
      async phone(hand, customer) {
        await hand.tap('.tabbar-link[href="/o/customer"]')
        await hand.tap(`.row-card-main`)
        await hand.tap('[role=tab]:has-text("评论")')
        await hand.tap('.comment-box textarea')
        await hand.write('报价请看 @李伟')
        await hand.tap('.comment-box [role=option]')
        await hand.tap('.comment-box button[type=submit]')
        await hand.see('.comment .mention:has-text("@李伟")')
      },
      async desk(hand, customer) {
        await hand.palette(customer.name)
        await hand.hit('[role=tab]:has-text("评论")')
        await hand.hit('.comment-box textarea')
        await hand.page.keyboard.type('报价请看 @liwei')
        hand.letters += 13
        await hand.see('.comment-box [role=option].active:has-text("李伟")')
        await hand.press('Enter', 'Control+Enter')
        await hand.see('.comment .mention:has-text("@李伟")')
      },
      done: async page => /@李伟/.test((await api(page, 'comment?sort=-id&limit=1')).rows[0].body),
    },
    {
      name: 'complete a task', zh: '完成一个任务', most: [1, 12],
      // Long due, it is among the first that the page of the day shows.
      async ready(page) { return api(page, 'task', 'POST', { title: `打勾${Date.now() % 1e6}`, due_on: day(-60) }) },
      async phone(hand, task) { await hand.tap(`.block-act[aria-label*="${task.title}"]`); await hand.see('.toast') },
      async desk(hand, task) { await hand.hit(`.block-act[aria-label*="${task.title}"]`); await hand.see('.toast') },
      done: async (page, task) => (await api(page, `task/${task.id}`)).done_at !== null,
    },
    {
      name: 'filter a list and save the view', zh: '筛选列表并保存视图', most: [7, 12], ready: async () => `视图${Date.now() % 1e6}`,
      async phone(hand, name) {
        await hand.tap('.tabbar-link[href="/o/customer"]')
        await hand.tap('.filter-bar button[aria-label="筛选"]')
        await hand.tap('.panel .option:has-text("等级")')
        await hand.tap('.filter-editor .option')
        await hand.page.keyboard.press('Escape')
        await hand.tap('.view-changed button:has-text("另存")')
        await hand.tap('#view-label')
        await hand.write(name)
        await hand.tap('.sheet-foot .primary')
        await hand.see(`.tab:has-text("${name}")`)
      },
      async desk(hand, name) {
        await hand.palette('客户')
        await hand.hit('.filter-bar button[aria-label="筛选"]')
        await hand.see('.filter-find:focus')
        await hand.write('等级')
        await hand.press('Enter')
        await hand.see('.filter-editor input[type=checkbox]:focus')
        await hand.press('Space', 'Escape')
        await hand.hit('.view-changed button:has-text("另存")')
        await hand.see('#view-label')
        await hand.write(name)
        await hand.press('Enter')
        await hand.see(`.tab:has-text("${name}")`)
      },
      done: async (page, name) => (await api(page, 'view?name=eq.' + encodeURIComponent(name))).rows.length === 1,
    },
    {
      name: 'from a number down to its records', zh: '从一个数字看到它的记录', most: [1, 3], ready: async () => null,
      async phone(hand) { await hand.tap('a.kpi-value'); await hand.see('.row-card-main, .empty') },
      async desk(hand) { await hand.hit('a.kpi-value'); await hand.see('.data-grid td, .empty') },
      done: async page => /\/o\/\w+\?/.test(page.url()),
    },
  ]
}

/** Does all of them on `page` with `hand` (phone or desk), each from the home page on; yields [job, acts, letters, ms]. */
export async function* work(page, api, way) {
  for (const job of jobs(api)) {
    const about = await job.ready(page)
    await page.goto(new URL('/', page.url()).href)
    await page.waitForSelector('.kpi-value')
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .skeleton'))
    const hand = way === 'phone' ? fingers(page) : keys(page)
    const start = Date.now()
    try {
      await job[way](hand, about)
      const took = Date.now() - start
      for (let turn = 0; !await job.done(page, about); turn++) {
        assert.ok(turn < 40, 'it is not done')
        await new Promise(done => setTimeout(done, 100))
      }
      yield [job, hand.acts, hand.letters, took]
    } catch (error) {
      error.message = `${job.name}, ${way}: ${error.message}`
      throw error
    }
  }
}

/** The name of somebody whose forms come to this leader. */
export const signedFor = async (page, api) => (await api(page, 'member/' + (await api(page, 'visit_plan?leader=eq.$me&sort=id&limit=1')).rows[0].owner)).name

/** Makes `n` plans of this representative wait for the leader's signature. */
export async function awaitSignature(page, api, n) {
  for (let at = 40; n > 0; at++) {
    const day = new Date(Date.now() + at * 864e5).toISOString().slice(0, 10)
    const made = await api(page, 'visit_plan', 'POST', { day, remark: '整天在培训', state: 'submitted' })
    if (made.id) n--
    else assert.ok(at < 140, JSON.stringify(made))
  }
}

/** The leader signs `n` forms that wait, one after the other, each with a grade: by keyboard alone. Milliseconds from the first form on the screen on. */
export async function sign(page, hand, n) {
  const title = () => page.locator('h2').first().innerText()
  await hand.see('.workday-grade')
  const start = Date.now()
  for (let turn = 0; turn < n; turn++) {
    const before = await title()
    await hand.press('4')
    await hand.see('.workday-grade[aria-pressed=true]')
    await hand.press('s')
    await page.waitForFunction(before => document.querySelector('h2')?.innerText !== before && !document.querySelector('.workday-grade[aria-pressed=true]'), before)
  }
  return Date.now() - start
}

export const jobTests = ({ open, api, phone }) => ({
  async 'jobs: the ten most frequent, with few taps on a phone'() {
    const page = await open('wangfang', phone)
    for await (const [job, taps] of work(page, api, 'phone')) assert.ok(taps <= job.most[0], `${job.name}: ${taps} taps`)
  },

  async 'jobs: the ten most frequent, by keyboard alone'() {
    const page = await open('wangfang')
    for await (const [job, pressed] of work(page, api, 'desk')) assert.ok(pressed <= job.most[1], `${job.name}: ${pressed} keys`)
  },
})
