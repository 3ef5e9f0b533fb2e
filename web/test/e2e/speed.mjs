// How fast the pages are on this machine: medians over the built binary with the demo company, in the system's Chromium.
// npm run speed [runs] [pattern of parts]   LOUDOU=the binary   CHROMIUM=the browser; all parts together also write the tables of docs/screens.md
// Times, not a test: a busy machine is slower. What is over its bar is marked.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { launch } from './browser.mjs'
import { awaitSignature, keys, sign, signedFor, work } from './jobs.mjs'
import { password, serve } from './server.mjs'

const runs = Number(process.argv[2] ?? 5)
const only = process.argv[3]
const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const median = values => values.toSorted((a, b) => a - b)[values.length >> 1]

const server = await serve()
const { base } = server
const browser = await launch(chromium)

/* In the page: when is something on the screen */

function watchPage() {
  // A frame that holds the element is drawn before the message is handled.
  window.painted = selector => new Promise(done => {
    const look = () => {
      if (!document.querySelector(selector)) return requestAnimationFrame(look)
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => done(performance.now())
      port2.postMessage(0)
    }
    requestAnimationFrame(look)
  })
  addEventListener('click', event => { window.clicked = event.timeStamp }, true)
  performance.setResourceTimingBufferSize(5000)
}
// Alone or with what else was asked for in that turn.
const answered = (page, part) => page.evaluate(part => {
  const all = performance.getEntriesByType('resource').filter(one => new RegExp(part).test(decodeURIComponent(one.name)))
  const { requestStart, responseEnd } = all[all.length - 1]
  return { took: responseEnd - requestStart, at: responseEnd }
}, part)

async function open(device, slow, state) {
  const context = await browser.newContext({ ...device, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', storageState: state })
  const page = await context.newPage()
  page.setDefaultTimeout(20000)
  await page.addInitScript(watchPage)
  const cdp = await context.newCDPSession(page)
  if (slow) {
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 })
  }
  return page
}

async function signIn(name = 'admin', base = server.base) {
  const page = await open(desk)
  await page.goto(base + '/login')
  await page.fill('#name', name)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await page.waitForSelector('.main')
  const state = await page.context().storageState()
  await page.context().close()
  return state
}

/* What is measured */

/** The list asks for its first page and is given a thousand rows of the server's. */
async function thousand(state, device, rowOf) {
  const page = await open(device, false, state)
  const rows = []
  for (let after = ''; rows.length < 1000;) {
    const answer = await (await page.context().request.get(`${base}/api/activity?limit=200&sort=-id&after=${after}`)).json()
    rows.push(...answer.rows)
    after = encodeURIComponent(answer.next)
  }
  const body = JSON.stringify({ rows: rows.slice(0, 1000), next: null, count: 1000 })
  await page.route(/\/api\/activity\?.*limit=50/, route => route.fulfill({ body, contentType: 'application/json' }))
  await page.goto(base + '/o/task')
  const times = []
  for (let run = 0; run <= runs; run++) {
    await page.waitForSelector(rowOf('task'))
    const drawn = page.evaluate(selector => painted(selector), rowOf('activity'))
    // As a link does: the page stays, its address changes.
    await page.evaluate(() => { history.pushState({}, '', '/o/activity'); dispatchEvent(new PopStateEvent('popstate', { state: {} })) })
    const at = await drawn
    times.push(at - (await answered(page, '/api/activity\\?.*limit=50')).at)
    await page.evaluate(() => { history.pushState({}, '', '/o/task'); dispatchEvent(new PopStateEvent('popstate', { state: {} })) })
  }
  await page.context().close()
  return median(times.slice(1))   // the first also compiles
}

/** Scrolled through at ten rows a frame. */
async function scroll(page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const worked = async () => (await cdp.send('Performance.getMetrics')).metrics.find(one => one.name === 'TaskDuration').value * 1000
  const before = await worked()
  const scrolled = await page.evaluate(async () => {
    const grid = document.querySelector('.data-grid')
    let most = 0
    const times = []
    for (let frame = 0, top = 0, before = await new Promise(requestAnimationFrame); frame < 600; frame++) {
      grid.scrollTop = top += 400
      const now = await new Promise(requestAnimationFrame)
      times.push(now - before)
      before = now
      most = Math.max(most, grid.querySelectorAll('tbody tr').length)
    }
    times.sort((a, b) => a - b)
    return { fps: 1000 * times.length / times.reduce((sum, one) => sum + one), p95: times[Math.floor(times.length * .95)], most, at: Math.round(grid.scrollTop / 40) }
  })
  return { ...scrolled, cpu: (await worked() - before) / 600 }
}

/** What this browser on this machine can do at best: as many rows and cells of bare text, nothing else, by a script that does only this. */
async function bare(rows, cells) {
  const page = await open(desk)
  await page.setContent(`<style>.data-grid { height: 780px; overflow: auto } tbody { display: block; position: relative; height: 4000000px }
    tr { position: absolute; display: block; left: 0; width: 1200px; height: 40px; contain: strict } td { position: absolute; width: 130px; height: 20px; white-space: nowrap }</style>
    <div class="data-grid"><table><tbody></tbody></table></div>`)
  await page.evaluate(([count, cells]) => {
    const grid = document.querySelector('.data-grid')
    const said = (index, cell) => `客户名称 ${index} ${cell}`
    const rows = Array.from({ length: count }, () => {
      const row = grid.querySelector('tbody').insertRow()
      return { row, at: -1, words: Array.from({ length: cells }, (_, cell) => {
        const td = row.insertCell()
        td.style.left = `${cell * 140}px`
        return td.appendChild(document.createTextNode(''))
      }) }
    })
    grid.onscroll = () => {
      const start = Math.max(0, Math.floor(grid.scrollTop / 40) - 12)
      for (let index = start; index < start + count; index++) {
        const one = rows[index % count]
        if (one.at === index) continue
        one.at = index
        one.row.style.top = `${index * 40}px`
        one.words.forEach((words, cell) => { words.data = said(index, cell) })
      }
    }
    grid.onscroll()
  }, [rows, cells])
  const scrolled = await scroll(page)
  await page.context().close()
  return scrolled
}

/** A hundred thousand customers: scrolled through, then to the last row at once; beside it the least it could be. */
async function long() {
  const big = await serve({ rows: 100_000 })
  const page = await open(desk, false, await signIn('m0', big.base))
  await page.goto(big.base + '/o/customer?sort=id')
  await page.waitForSelector('.data-grid td')
  const scrolled = await scroll(page)
  await page.focus('.data-grid table')
  const start = Date.now()
  await page.keyboard.press('Control+End')
  await page.waitForSelector('tr[aria-rowindex="100001"]')
  const end = Date.now() - start
  const cells = await page.locator('tr[aria-rowindex="100001"] td').count()
  await page.context().close()
  await big.stop()
  return { ...scrolled, end, bare: await bare(scrolled.most, cells) }
}

const api = (page, path, method = 'GET', body) => page.evaluate(async ([path, method, body]) => {
    const csrf = method === 'GET' ? '' : (await (await fetch('/api/session')).json()).csrf
    const answer = await fetch('/api/' + path, { method, headers: { 'X-CSRF-Token': csrf, ...(body && { 'Content-Type': 'application/json' }) }, body: body && JSON.stringify(body) })
    return answer.status === 204 ? null : answer.json()
}, [path, method, body])

/** A leader signs a team of twelve, two keys each, without the time to read. */
async function team() {
  const page = await open(desk, false, await signIn('liwei'))
  await page.goto(base + '/')
  const rep = await open(desk, false, await signIn(await signedFor(page, api)))
  await rep.goto(base + '/')
  await awaitSignature(rep, api, 12)
  await rep.context().close()
  await page.goto(base + '/workday')
  const took = await sign(page, keys(page), 12)
  await page.context().close()
  return took
}

/** The ten jobs of jobs.mjs, by fingers and by keys. */
async function people() {
  const who = await signIn('wangfang')
  const all = new Map()
  for (const [way, device] of [['phone', phone], ['desk', desk]]) {
    const page = await open(device, false, who)
    await page.goto(base + '/')
    for await (const [job, acts, letters, ms] of work(page, api, way)) all.set(job.name, { ...all.get(job.name), name: job.name, zh: job.zh, [way]: { acts, letters, ms } })
    await page.context().close()
  }
  return [...all.values()]
}

/** A click on a row: its facts at once from the list, what happened from the server. */
async function record(state) {
  const page = await open(desk, false, state)
  await page.goto(base + '/o/customer')
  const facts = [], whole = [], read = [], story = []
  for (let run = 0; run <= runs; run++) {
    const link = page.locator('.data-grid a.title').nth(run)
    const href = await link.getAttribute('href')
    const drawn = page.evaluate(() => Promise.all([painted('.record-panel .panel-facts'), painted('.record-panel .timeline li')]))
    await link.click()
    const [first, second] = await drawn
    const clicked = await page.evaluate(() => window.clicked)
    facts.push(first - clicked)
    whole.push(second - clicked)
    const id = href.split('/').pop()
    read.push((await answered(page, `[/=]customer/${id}(&|$)`)).took)
    story.push((await answered(page, `[/=]customer/${id}/timeline`)).took)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.record-panel', { state: 'detached' })
  }
  await page.context().close()
  return [facts, whole, read, story].map(times => median(times.slice(1)))
}

/**
 * Nothing cached. Interactive: after the content and the last long task of the five seconds after it. A task is long by the
 * time it has the processor, 50 ms; on the slow one that is a quarter. By the clock, others on the machine would make tasks long.
 */
async function cold(state, device, slow, path, there) {
  const paints = [], lists = [], idle = []
  for (let run = 0; run < Math.min(runs, 3); run++) {
    const page = await open(device, slow, state)
    const cdp = await page.context().newCDPSession(page)
    const events = []
    cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value))
    await cdp.send('Tracing.start', { categories: 'toplevel,blink.user_timing', transferMode: 'ReportEvents' })
    await page.goto(base + path)
    const drawn = await page.evaluate(selector => painted(selector), there)
    await page.waitForTimeout(5000)
    // A mark says which thread is the page's, and what its clock shows there.
    const [fcp, now] = await page.evaluate(() => { performance.mark('measured'); return ['first-contentful-paint', 'measured'].map(name => performance.getEntriesByName(name)[0].startTime) })
    const done = new Promise(resolve => cdp.once('Tracing.tracingComplete', resolve))
    await cdp.send('Tracing.end')
    await done
    const mark = events.find(one => one.name === 'measured')
    const ends = events.filter(one => one.tid === mark.tid && one.pid === mark.pid && /RunTask$/.test(one.name) && one.tdur > 50000 / (slow ? 4 : 1))
      .map(one => now + (one.ts + one.dur - mark.ts) / 1000)
    paints.push(fcp)
    lists.push(drawn)
    idle.push(Math.max(fcp, drawn, ...ends))
    await page.context().close()
  }
  return [paints, lists, idle].map(median)
}

const state = await signIn()
const table = []
const row = (what, ms, bar) => table.push({ what, ms: ms < 20 ? Math.round(ms * 10) / 10 : Math.round(ms), bar: bar ?? '', '': bar && ms > bar ? 'OVER' : '' })

let done, list
const pages = [['sign-in', '/login', '#password', undefined], ['today', '/', '.tile', state], ['customers', '/o/customer', '.data-grid td, .row-cards li', state]]
const parts = {
  async rows() {
    row('1,000 rows, data there → painted', await thousand(state, desk, name => `.data-grid a.title[href^="/r/${name}/"]`), 150)
    row('1,000 cards in the width of a phone, the same', await thousand(state, phone, name => `.row-cards a[href^="/r/${name}/"]`), 150)
  },
  async record() {
    const [facts, whole, read, story] = await record(state)
    row('record from a list: click → facts painted', facts, 100)
    row('record from a list: click → story painted', whole, 100)
    row('  of it the server: the record', read)
    row('  of it the server: its story', story)
  },
  async cold() {
    for (const [name, path, there, who] of pages) {
      for (const [where, device, slow] of [['desk', desk, false], ['phone', phone, true]]) {
        const [fcp, list, idle] = await cold(who, device, slow, path, there)
        row(`cold, ${where}, ${name}: first contentful paint`, fcp)
        row(`cold, ${where}, ${name}: content painted`, list)
        row(`cold, ${where}, ${name}: interactive`, idle)
      }
    }
  },
  async jobs() {
    row('12 forms signed one after the other, by keyboard', await team())
    done = await people()
  },
  async scrolling() {
    list = await long()
    row('100,000 rows: a frame while scrolling, 95th of 100', list.p95, 17)
    row('  of it this page at work, on average', list.cpu, 8)
    row('  as many bare texts instead: a frame, 95th of 100', list.bare.p95)
    row('  of it that page at work, on average', list.bare.cpu)
    row('100,000 rows: Ctrl End → the last row there', list.end)
  },
}
for (const [name, part] of Object.entries(parts)) if (!only || new RegExp(only).test(name)) await part()
await browser.close()
await server.stop()
const width = Math.max(...table.map(one => one.what.length))
for (const { what, ms, bar, '': over } of table) console.log(`${what.padEnd(width)} ${String(ms).padStart(6)} ms${bar && `  of ${bar}`}  ${over}`.trimEnd())
if (only) process.exit()

/* docs/screens.md: what stands between its marks is written here */

const file = join(import.meta.dirname, '../../../docs/screens.md')
const seconds = ms => (ms / 1000).toFixed(1)
const tables = {
  speed: ['| | ms | bar |', '|---|---|---|', ...table.map(one => `| ${one.what} | ${one.ms} | ${one.bar} ${one['']} |`)].join('\n')
    + `\n\n100,000 rows: ${list.fps.toFixed(0)} frames a second over ${list.at.toLocaleString('en')} rows, at most ${list.most} rows in the page.`,
  jobs: ['| | phone: taps | letters | app, s | desk: keys | letters | app, s |', '|---|---|---|---|---|---|---|',
    ...done.map(({ name, zh, phone, desk }) => `| ${name} ${zh} | ${phone.acts} | ${phone.letters} | ${seconds(phone.ms)} | ${desk.acts} | ${desk.letters} | ${seconds(desk.ms)} |`)].join('\n'),
}
let page = readFileSync(file, 'utf8')
for (const [name, text] of Object.entries(tables))
  page = page.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`), (_, from, to) => `${from}\nMeasured ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0].toFixed(1)} on two cores, \`npm run speed\`.\n\n${text}\n${to}`)
writeFileSync(file, page)
