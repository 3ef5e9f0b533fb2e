// The phone of somebody on the road: taps counted, the connection cut, the browser killed. Belongs to run.mjs.
import { strict as assert } from 'node:assert'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { colours, faults } from './axe.mjs'
import { flags } from './browser.mjs'

/** Between browser and server: a connection that can be cut, that loses answers, that pretends a newer build. */
export async function line(target) {
  const sockets = new Set()
  const state = { cut: false, lose: 0, lost: 0, build: '' }
  let posts = 0
  const proxy = createServer((incoming, outgoing) => {
    if (state.cut) return incoming.socket.destroy()
    const onward = request(target + incoming.url, { method: incoming.method, headers: { ...incoming.headers, 'accept-encoding': 'identity' } }, answer => {
      const chunks = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () => {
        // The server has done it; whoever asked never hears so.
        if (state.lose && incoming.method === 'POST' && ++posts % state.lose === 0) { state.lost++; return incoming.socket.destroy() }
        let body = Buffer.concat(chunks)
        if (state.build && incoming.url === '/sw.js') body = Buffer.concat([body, Buffer.from('\n// ' + state.build)])
        const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
        outgoing.writeHead(answer.statusCode, { ...headers, 'content-length': body.length }).end(body)
      })
    })
    onward.on('error', () => incoming.socket.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  proxy.on('connection', socket => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)) })
  await new Promise(done => proxy.listen(0, '127.0.0.1', done))
  return {
    base: `http://127.0.0.1:${proxy.address().port}`, state,
    cut() { state.cut = true; for (const socket of sockets) socket.destroy() },
    mend() { state.cut = false },
    close() { for (const socket of sockets) socket.destroy(); proxy.close() },
  }
}

/** Every process of the browser that works on this profile. */
function kill(profile) {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    let command = ''
    try { command = readFileSync(`/proc/${pid}/cmdline`, 'utf8') } catch { continue }
    if (command.includes(profile)) try { process.kill(Number(pid), 'SIGKILL') } catch { /* gone already */ }
  }
}

export const phoneTests = ({ base, open, api, until, text, phone, password }) => {
  const ready = page => page.waitForFunction(() => navigator.serviceWorker?.controller)
  const home = async page => { await page.goto(new URL('/', page.url()).href); await page.waitForSelector('.today-log') }
  const waits = page => page.evaluate(() => new Promise(done => {
    const opening = indexedDB.open('loudou')
    opening.onsuccess = () => { const all = opening.result.transaction('outbox').objectStore('outbox').getAll(); all.onsuccess = () => { opening.result.close(); done(all.result.map(({ object, state, title, sent }) => ({ object, state, title, sent }))) } }
  }))
  const kept = page => page.evaluate(() => new Promise(done => {
    const opening = indexedDB.open('loudou')
    opening.onsuccess = () => { const all = opening.result.transaction('kept').objectStore('kept').getAllKeys(); all.onsuccess = () => { opening.result.close(); done(all.result.map(key => key[0])) } }
  }))
  const day = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date())
  /** A visit planned for today, the first of the page of the day: what the demo left open is called off. */
  async function plan(page, goal, at = '00:01') {
    await api(page, 'activity/bulk', 'POST', { query: 'owner=eq.$me&state=eq.planned&planned_at=lt.today', set: { state: 'cancelled' }, partial: true })
    const customer = (await api(page, 'customer?owner=eq.$me&limit=1&sort=name')).rows[0]
    const row = await api(page, 'activity', 'POST', { kind: 'visit', state: 'planned', customer: customer.id, planned_at: `${day()}T${at}:00+08:00`, goal })
    assert.ok(row.id, JSON.stringify(row))
    return { row, customer }
  }
  const road = async (name, connection, options = {}) => open(name, { ...phone, base: connection.base, offline: true, ...options })
  /** Something beside the plan, by way of ＋. */
  async function note(page, words) {
    await page.locator('.tabbar-new').tap()
    await page.locator('.rows a[href*="who="]').first().tap()
    await page.locator('.log-results button').first().tap()
    await page.fill('#log-words', words)
    await page.locator('.log-foot button').tap()
    await page.waitForSelector('.log-done')
  }

  /** The same by clicks within the page, for where it is done hundreds of times: nothing is waited for but the page. */
  const noteAtOnce = (page, words) => page.evaluate(async words => {
    const there = name => new Promise(done => { const look = () => { const one = document.querySelector(name); one ? done(one) : requestAnimationFrame(look) }; look() })
    const click = async name => (await there(name)).click()
    await click('.tabbar-new')
    await click('.rows a[href*="who="]')
    await click('.log-results button')
    const box = await there('#log-words')
    box.value = words
    box.dispatchEvent(new Event('input', { bubbles: true }))
    await click('.log-foot button')
    await there('.log-done')
  }, words)

  return {
    async 'phone: a planned visit is written down with three taps, and gives something back'() {
      const page = await open('wangfang', phone)
      const { row, customer } = await plan(page, '三下记完')
      await api(page, 'activity', 'POST', { kind: 'call', customer: customer.id, next_step: '寄样品', next_on: day() })
      await home(page)
      let taps = 0
      const tap = async selector => { taps++; await page.locator(selector).first().tap() }
      const start = Date.now()
      await tap(`.block-act[href="/log/${row.id}"]`)
      await page.waitForSelector('.notice:has-text("寄样品")')
      await tap('.log-results button')
      await tap('.log-foot button')
      await page.waitForSelector('.log-done:has-text("已记录")')
      const took = Date.now() - start
      assert.ok(taps <= 3 && took < 10000, `${taps} taps, ${took} ms`)
      console.log(`     ${taps} taps, ${(took / 1000).toFixed(1)} s`)
      const done = await api(page, `activity/${row.id}`)
      assert.equal(done.state, 'done')
      assert.equal(done.goal_reached, 'yes')
      assert.ok(done.next_on > day(), 'the next date was suggested')
      assert.ok(done.effective)
      assert.match(await text(page, '.goal'), /今天计划完成 \d+\/\d+/)
      assert.match(await text(page, '.log-agreed'), /寄样品/)
      assert.ok(await page.locator('.log-next').count(), 'who is next')
      assert.equal((await api(page, `activity?id=eq.${row.id}`)).rows.length, 1)
    },

    async 'phone: whose turn it is, with reasons; one tap overrules it, also without a connection'() {
      const connection = await line(base)
      const page = await road('wangfang', connection, { viewport: { width: 320, height: 700 } })
      await page.waitForSelector('.turn')
      const titles = () => page.locator('.turn .block-title').allInnerTexts()
      const [first, second] = await titles()
      assert.match(await text(page, '.turn .muted'), /\S/)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut at 320')
      await page.locator('.turn').first().locator('button').nth(0).tap()
      await until('done is gone', async () => (await titles())[0] === second)
      const marks = () => api(page, 'today_mark?owner=eq.$me&sort=id').then(answer => answer.rows.map(row => row.choice))
      await until('the server knows', async () => (await marks()).join() === 'done')
      // Taken back.
      await page.locator('.toast button').first().tap()
      await until('it is back', async () => (await titles())[0] === first)
      await ready(page)
      await page.waitForTimeout(800)
      connection.cut()
      await page.reload()
      await page.waitForSelector('.turn')
      assert.equal((await titles())[0], first, 'the last answer')
      await page.locator('.turn').first().locator('button').nth(1).tap()
      await until('put off without a connection', async () => (await titles())[0] === second, 12000)
      connection.mend()
      await until('it arrived, once', async () => (await marks().catch(() => [])).join() === 'later', 20000)
      connection.close()
    },

    async 'phone: without a connection everything can be entered, and arrives once'() {
      const connection = await line(base)
      const page = await road('wangfang', connection)
      const { row } = await plan(page, '离线拜访')
      await home(page)
      await ready(page)
      await page.waitForTimeout(800)
      connection.cut()
      await page.reload()
      await page.waitForSelector('.today-log')
      await page.waitForSelector('.status:has-text("没有连接")')
      // A planned visit, with a photo.
      await page.locator(`.block-act[href="/log/${row.id}"]`).tap()
      await page.locator('.log-results button').nth(1).tap()
      await page.fill('#log-words', '没有信号，见到了采购')
      await page.setInputFiles('.upload input', { name: 'site.png', mimeType: 'image/png', buffer: readFileSync(join(import.meta.dirname, '../../public/icon-512.png')) })
      await page.waitForSelector('.upload:has-text("1 张照片")')
      await page.locator('.log-foot button').tap()
      await page.waitForSelector('.log-done:has-text("自动发送")')
      // A new person, and a task that is about them.
      await page.goto(connection.base + '/new/contact')
      const field = label => page.locator('.field', { has: page.locator('label', { hasText: new RegExp('^' + label) }) }).locator('input').first()
      await field('姓名').fill('离线新联系人')
      await field('客户').click()
      await page.locator('.panel .option').first().click()
      await page.locator('.topbar .button.primary').tap()
      await page.waitForURL(/outbox/)
      await page.goto(connection.base + '/new/task')
      await field('任务').fill('离线任务')
      await field('客户').click()
      await page.locator('.panel .option').first().click()
      await field('联系人').click()
      await page.locator('.panel .option:has-text("离线新联系人")').click()
      await page.locator('.topbar .button.primary').tap()
      await page.waitForURL(/outbox/)
      await note(page, '离线电话')
      await page.goto(connection.base + '/outbox')
      await until('five entries', async () => await page.locator('.outbox-entry').count() === 5)
      assert.match(await text(page, '.outbox-entry:has-text("离线任务")'), /等待发送[\s\S]*等“离线新联系人”先发送/)
      assert.match(await text(page, '.status'), /5 条等待发送/)
      await page.reload()
      await until('still five', async () => await page.locator('.outbox-entry').count() === 5)
      connection.mend()
      await page.evaluate(() => window.dispatchEvent(new Event('online')))
      await until('all gone', async () => (await waits(page)).length === 0, 15000)
      await page.waitForSelector('.empty:has-text("没有待发送")')
      const done = await api(page, `activity/${row.id}`)
      assert.deepEqual([done.state, done.goal_reached, done.outcome, done.photos.length], ['done', 'partly', '没有信号，见到了采购', 1])
      const contact = (await api(page, 'contact?name=eq.' + encodeURIComponent('离线新联系人'))).rows
      const task = (await api(page, 'task?title=eq.' + encodeURIComponent('离线任务'))).rows
      assert.equal(contact.length, 1)
      assert.deepEqual(task.map(one => one.contact), [contact[0].id])
      assert.equal((await api(page, 'activity?outcome=like.' + encodeURIComponent('*离线电话*'))).rows.length, 1)
      connection.close()
    },

    async 'phone: a conflict of an entry made offline shows both values'() {
      const connection = await line(base)
      const page = await road('wangfang', connection)
      const { row } = await plan(page, '冲突拜访')
      await home(page)
      await ready(page)
      await page.waitForTimeout(500)
      connection.cut()
      await page.locator(`.block-act[href="/log/${row.id}"]`).tap()
      await page.locator('.log-results button').first().tap()
      await page.fill('#log-words', '我写的')
      await page.locator('.log-foot button').tap()
      await page.waitForSelector('.log-done')
      const other = await open()
      await api(other, `activity/${row.id}`, 'PATCH', { version: row.version, outcome: '别人写的' })
      connection.mend()
      await page.goto(connection.base + '/outbox')
      await page.waitForSelector('.badge:has-text("有冲突")')
      await page.locator('.outbox-entry button:has-text("比较")').tap()
      await page.waitForSelector('.conflict:has-text("别人写的"):has-text("我写的")')
      await page.locator('.sheet-foot .primary').tap()
      await until('mine', async () => (await api(other, `activity/${row.id}`)).outcome === '我写的', 8000)
      assert.equal((await api(other, `activity/${row.id}`)).state, 'done')
      connection.close()
    },

    async 'phone: a refused entry says why, is corrected and goes'() {
      const connection = await line(base)
      const page = await road('wangfang', connection)
      await home(page)
      await ready(page)
      await page.goto(connection.base + '/new/task')
      connection.cut()
      await page.locator('.field', { has: page.locator('label', { hasText: /^客户/ }) }).waitFor()
      await page.locator('.topbar .button.primary').tap()
      await page.waitForURL(/outbox/)
      connection.mend()
      await page.evaluate(() => window.dispatchEvent(new Event('online')))
      await page.waitForSelector('.badge:has-text("被拒绝")')
      assert.match(await text(page, '.outbox-entry .bad'), /任务/)
      await page.locator('.outbox-entry button:has-text("修改")').tap()
      await page.locator('.sheet .field', { has: page.locator('label', { hasText: /^任务/ }) }).locator('input').fill('改好的任务')
      await page.locator('.sheet-foot .primary').tap()
      await page.waitForSelector('.empty:has-text("没有待发送")')
      assert.equal((await api(page, 'task?title=eq.' + encodeURIComponent('改好的任务'))).rows.length, 1)
      connection.close()
    },

    async 'phone: signing out forgets what was kept; another member sees nothing of it'() {
      const connection = await line(base)
      const page = await road('wangfang', connection)
      await home(page)
      await ready(page)
      await until('kept', async () => (await kept(page)).length > 4)
      const me = (await api(page, 'session')).member.id
      assert.ok((await kept(page)).every(member => member === me || member === ''))
      connection.cut()
      await note(page, '留给下次登录')
      await page.goto(connection.base + '/me')
      await page.locator('button:has-text("退出登录")').tap()
      await page.waitForSelector('.notice:has-text("还有 1 条没有发送")')
      await page.locator('button:has-text("仍然退出")').tap()
      await page.waitForURL(/login/)
      assert.deepEqual(await kept(page), [])
      await page.goto(connection.base + '/')
      await page.waitForURL(/login/)
      connection.mend()
      const enter = async name => {
        await page.goto(connection.base + '/login')
        await page.fill('#name', name)
        await page.fill('#password', password)
        await page.click('button[type=submit]')
        await page.waitForURL(connection.base + '/')
      }
      await enter('zhouyong')
      await page.goto(connection.base + '/outbox')
      await page.waitForSelector('.empty')
      await until('kept anew', async () => (await kept(page)).length > 1)
      assert.ok(!(await kept(page)).includes(me))
      assert.equal((await waits(page)).length, 1, 'it waits for whoever wrote it')
      await page.goto(connection.base + '/me')
      await page.locator('button:has-text("退出登录")').tap()
      await page.waitForURL(/login/)
      await enter('wangfang')
      await until('sent by its author', async () => (await waits(page)).length === 0, 8000)
      const rows = (await api(page, 'activity?outcome=like.' + encodeURIComponent('*留给下次登录*'))).rows
      assert.deepEqual(rows.map(row => row.owner), [me])
      connection.close()
    },

    async 'phone: a call made from here proposes its entry'() {
      const page = await open('wangfang', phone)
      const contact = (await api(page, 'contact?limit=1&mobile=is.notnull')).rows?.[0] ?? (await api(page, 'contact?limit=50')).rows[0]
      await page.goto(base + `/r/contact/${contact.id}`)
      const link = page.locator('a[href^="tel:"]').first()
      await link.waitFor()
      // The dialler of a phone: the page is left, and come back to minutes later.
      await page.evaluate(() => document.addEventListener('click', event => event.target.closest('a[href^="tel:"]') && event.preventDefault(), true))
      await link.click()
      await page.evaluate(() => { const call = JSON.parse(sessionStorage.call); sessionStorage.call = JSON.stringify({ ...call, at: call.at - 4 * 60000 }) })
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await page.locator('.status.call .primary').tap()
      await page.waitForURL(/\/log\?/)
      await page.locator('.chips button[aria-pressed=true]:has-text("电话")').waitFor()
      await page.locator('.log-results button').first().tap()
      await page.locator('.log-foot button').tap()
      await page.waitForSelector('.log-done')
      const row = (await api(page, `activity?contacts=in.(${contact.id})&sort=-id&limit=1`)).rows[0]
      assert.deepEqual([row.kind, row.minutes, row.customer], ['call', 4, contact.customer])
      assert.ok(row.number)
    },

    async 'phone: the place is asked for with its reason, and kept with its accuracy'() {
      const page = await open('wangfang', { ...phone, geolocation: { latitude: 31.2304, longitude: 121.4737, accuracy: 18 }, permissions: ['geolocation'] })
      const { row } = await plan(page, '定位拜访')
      await page.goto(base + `/log/${row.id}`)
      await page.locator('button:has-text("用当前位置")').tap()
      await page.waitForSelector('.notice:has-text("只随这条记录保存")')
      await page.locator('button:has-text("同意并定位")').tap()
      await page.waitForSelector(':text("±18 米")')
      await page.locator('.log-results button').first().tap()
      await page.locator('.log-foot button').tap()
      await page.waitForSelector('.log-done')
      const { place } = await api(page, `activity/${row.id}`)
      assert.match(`${place.lat} ${place.lng} ${place.address}`, /^31\.2304\d* 121\.4737\d* .*±18/)
    },

    async 'phone: a newer build is taken over, the outbox stays'() {
      const connection = await line(base)
      const page = await road('wangfang', connection)
      await home(page)
      await ready(page)
      connection.cut()
      await note(page, '升级前写的')
      connection.mend()
      await page.route('**/api/**', route => route.abort())
      connection.state.build = 'newer'
      const changed = page.evaluate(() => new Promise(done => navigator.serviceWorker.addEventListener('controllerchange', done)).then(() => true))
      await page.evaluate(() => navigator.serviceWorker.getRegistration().then(one => one.update()))
      assert.ok(await changed)
      assert.equal((await waits(page)).length, 1)
      await page.unroute('**/api/**')
      // The next page is loaded anew, by itself.
      await Promise.all([page.waitForEvent('load'), page.locator('.tabbar-link').last().tap()])
      await page.waitForSelector('.me-card')
      await until('sent', async () => (await waits(page)).length === 0, 10000)
      assert.equal((await api(page, 'activity?outcome=like.' + encodeURIComponent('*升级前写的*'))).rows.length, 1)
      connection.close()
    },

    async 'phone: installable'() {
      const page = await open('wangfang', phone)
      await ready(page)
      const answers = {}
      for (const path of ['/manifest.webmanifest', '/sw.js', '/icon-192.png', '/']) {
        const answer = await fetch(base + path)
        answers[path] = [answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')].join(' ')
      }
      assert.deepEqual(answers, {
        '/manifest.webmanifest': '200 application/manifest+json no-cache', '/sw.js': '200 text/javascript; charset=utf-8 no-cache',
        '/icon-192.png': '200 image/png no-cache', '/': '200 text/html; charset=utf-8 no-cache',
      })
      const client = await page.context().newCDPSession(page)
      const { errors, data } = await client.send('Page.getAppManifest')
      assert.deepEqual(errors, [])
      const { icons, screenshots, shortcuts } = JSON.parse(data)
      assert.deepEqual([icons.some(one => one.purpose === 'maskable'), ...screenshots.map(one => one.form_factor).sort()], [true, 'narrow', 'wide'])
      for (const { src, type, sizes } of [...icons, ...screenshots]) {
        const answer = await fetch(base + src)
        assert.equal(`${answer.status} ${answer.headers.get('content-type')}`, `200 ${type}`, src)
        const size = await page.evaluate(async src => { const image = new Image(); image.src = src; await image.decode(); return `${image.naturalWidth}x${image.naturalHeight}` }, src)
        assert.ok(sizes === 'any' || sizes === size, `${src}: ${size}`)
      }
      // What no page shows is not kept on the phone.
      const worker = await (await fetch(base + '/sw.js')).text()
      for (const { src } of screenshots) assert.ok(!worker.includes(src), src)
      for (const { url } of shortcuts) {
        await page.goto(base + url)
        await page.waitForSelector('main h1, main h2')
        assert.equal(await page.locator('text=找不到').count(), 0, url)
      }
      const { installabilityErrors } = await client.send('Page.getInstallabilityErrors')
      // A private window is none to install from, which is what a test has.
      assert.deepEqual(installabilityErrors.map(one => one.errorId).filter(id => id !== 'in-incognito'), [])
    },

    async 'phone: accessible, light and dark, with entries that wait'() {
      const found = new Set()
      for (const colorScheme of ['light', 'dark']) {
        const connection = await line(base)
        const page = await road('wangfang', connection, { colorScheme, bypassCSP: true })
        const { row } = await plan(page, '无障碍')
        await home(page)
        await ready(page)
        await page.waitForTimeout(500)
        const audit = async name => {
          await page.waitForTimeout(300)
          for (const one of await faults(page, '', colorScheme === 'dark' ? colours : {})) found.add(`${colorScheme} ${name} ${one}`)
        }
        connection.cut()
        await page.locator('.tabbar-new').tap()
        await page.waitForSelector('.rows a[href*="who="]')
        await audit('choose')
        await page.locator(`a[href="/log/${row.id}"]`).tap()
        await page.locator('.log-foot button').tap()
        await page.waitForSelector('[role=alert]')
        await page.locator('button:has-text("用当前位置")').tap()
        await audit('write')
        await page.locator('.log-results button').first().tap()
        await page.locator('.log-foot button').tap()
        await page.waitForSelector('.log-done')
        await audit('written')
        await page.locator('.status').tap()
        await page.waitForSelector('.outbox-entry')
        await page.locator('.outbox-entry button:has-text("丢弃")').tap()
        await audit('outbox')
        await page.locator('.tabbar-link').first().tap()
        await page.waitForSelector('.today-log')
        await audit('today')
        if (await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.page')].some(element => element.scrollWidth > element.clientWidth + 1))) found.add('today scrolls sideways')
        connection.close()
      }
      assert.deepEqual([...found], [])
    },

    async 'phone: two hundred entries over twenty kills of the browser arrive exactly once'() {
      const connection = await line(base)
      const profile = mkdtempSync(join(tmpdir(), 'loudou-phone-'))
      const mark = 'K' + Date.now()
      const live = async () => {
        const context = await chromium.launchPersistentContext(profile, { ...flags(), locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...phone })
        const page = context.pages()[0] ?? await context.newPage()
        page.setDefaultTimeout(15000)
        return { context, page }
      }
      try {
        const first = await live()
        await first.page.goto(connection.base + '/login')
        await first.page.fill('#name', 'wangfang')
        await first.page.fill('#password', password)
        await first.page.click('button[type=submit]')
        await first.page.waitForSelector('.today-log')
        await ready(first.page)
        await first.page.locator('.tabbar-new').tap()
        await first.page.waitForSelector('.rows a[href*="who="]')
        await first.context.close()
        connection.cut()
        let n = 0
        const left = []
        for (let lives = 0; lives < 20; lives++) {
          connection.cut()
          const { page } = await live()
          await page.goto(connection.base + '/')
          await page.waitForSelector('.today-log')
          for (let at = 0; at < 10; at++) await (at ? noteAtOnce : note)(page, `${mark}-${String(++n).padStart(3, '0')}`)
          if (lives === 13) assert.equal((await waits(page)).length, 140, 'everything written down survives')
          if (lives > 13) {
            // From here on the end comes while it is being sent, over a connection that loses answers.
            connection.state.lose = 6
            connection.mend()
            await page.evaluate(() => window.dispatchEvent(new Event('online')))
            await page.waitForTimeout(250 + 150 * (lives - 14))
            left.push((await waits(page)).length)
          }
          kill(profile)
        }
        const { context, page } = await live()
        connection.state.lose = 0
        await page.goto(connection.base + '/')
        await page.waitForSelector('.today-log')
        await until('the outbox is empty', async () => (await waits(page)).length === 0, 60000)
        const arrived = []
        for (let after = ''; ;) {
          const answer = await api(page, `activity?outcome=like.*${mark}*&limit=200&fields=outcome${after && '&after=' + encodeURIComponent(after)}`)
          arrived.push(...answer.rows.map(row => row.outcome))
          if (!(after = answer.next ?? '')) break
        }
        assert.equal(arrived.length, 200)
        assert.equal(new Set(arrived).size, 200)
        console.log(`     200 entered, ${arrived.length} arrived, ${new Set(arrived).size} different; 20 kills, ${connection.state.lost} answers lost, killed while ${left.join(', ')} were waiting`)
        await context.close()
      } finally {
        kill(profile)
        connection.close()
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
      }
    },
  }
}
