// Every screen there is, found by the page's own router and by what the server declares. Belongs to run.mjs.
// A new page or object is walked without being named here.
import { strict as assert } from 'node:assert'
import { axe } from './axe.mjs'

/** In the page: when nothing is asked, loaded or drawn any more; and every text the server sent as data. */
function watchPage() {
  let asking = 0, last = 0
  window.sent = ''
  const { fetch } = window
  window.fetch = async (...args) => {
    asking++
    try {
      const answer = await fetch(...args)
      if (!/\/api\/(meta(\?.*|\/.*)?|session)$/.test(answer.url) && /json/.test(answer.headers.get('content-type') ?? '')) answer.clone().text().then(text => { window.sent += text })
      return answer
    } finally { setTimeout(() => { asking--; last = performance.now() }, 20) }
  }
  new PerformanceObserver(() => { last = performance.now() }).observe({ type: 'resource' })
  new MutationObserver(() => { last = performance.now() }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
  window.settled = () => new Promise(done => {
    const start = performance.now()
    const look = () => {
      const now = performance.now()
      if ((!asking && now - Math.max(last, start) > 70) || now - start > 6000) done(now - start <= 6000)
      else setTimeout(look, 15)
    }
    look()
  })
  /** As a link does: the page stays. */
  window.visit = async path => {
    await document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(path)
    return settled()
  }
}

export const walkTests = ({ open, api, phone }) => {
  /** A page that moves without loading anew. */
  async function walker(name, options) {
    const page = await open(name, { reducedMotion: 'reduce', colorScheme: 'light', init: watchPage, ...options })
    await axe(page)
    return page
  }

  /** One address for each route, each object's list, form and record, each report, and a metric of each kind. */
  async function addresses(page) {
    const meta = await api(page, 'meta')
    const found = [], menu = new Set(meta.objects.filter(object => object.menu).map(object => `/o/${object.name}`))
    for (const object of meta.objects) {
      if (!object.list?.length) continue
      const { rows } = await api(page, `${object.name}?limit=1&sort=-id`)
      if (!rows) continue   // Its name is a route of its own: /api/session is who is signed in.
      found.push(`/o/${object.name}`)
      if (object.can.create) found.push(`/new/${object.name}`)
      if (object.can.import && object.menu) found.push(`/import/${object.name}`)
      if (rows[0]) found.push(`/r/${object.name}/${rows[0].id}`)
      if (rows[0] && object.menu) found.push(`/o/${object.name}/${rows[0].id}`)
    }
    for (const report of meta.reports) found.push(`/report/${report.name}`)
    const kinds = new Map(meta.metrics.map(metric => [[metric.kind, metric.yields].join(), metric]))
    for (const metric of kinds.values()) found.push(`/metric/${metric.name}`, `/metric/${metric.name}?by=day`, `/metric/${metric.name}?by=member`)
    // What the router knows besides: without parameters as it stands, with some from a link somewhere.
    const routes = await page.evaluate(() => document.querySelector('#app').__vue_app__.config.globalProperties.$router.getRoutes()
      .filter(route => !route.meta.open && !route.redirect).map(route => ({ path: route.path, pattern: String(route.path).replace(/\/:\w+(\([^)]*\))?[?*]/g, '(/[^/]+)?').replace(/:\w+(\([^)]*\))?/g, '[^/]+') })))
    const wanting = []
    for (const { path, pattern } of routes) {
      const plain = path.replace(/\/:\w+(\([^)]*\))?[?*]+/g, '') || '/'
      if (!plain.includes(':')) { if (plain !== '/o') found.unshift(plain) }
      else if (!found.some(one => new RegExp(`^${pattern}$`).test(one.split('?')[0]))) wanting.push(pattern)
    }
    return { found: [...new Set([...found, '/no/such/page', '/o/nothing', '/r/nothing/1', '/report/nothing', '/metric/nothing'])], wanting, menu }
  }

  /** Runs `look` on every screen, and on each way the lists of the menu can be laid out; follows links to routes nothing else led to. */
  async function walk(page, wrong, look) {
    const { found, wanting, menu } = await addresses(page)
    const began = Date.now()
    let at = 0
    for (const path of found) {
      if (at++ % 25 === 0) console.log(`     ${page.viewportSize().width} px: screen ${at} of ${found.length}, ${Math.round((Date.now() - began) / 1000)} s, ${wrong.length} wrong`)
      if (!await page.evaluate(path => visit(path), path)) throw new Error(`${path} does not come to rest`)
      await look(path)
      const layouts = page.locator('.layouts button')
      for (let at = 0; menu.has(path) && at < await layouts.count(); at++) {
        if (await layouts.nth(at).getAttribute('aria-pressed') === 'true') continue
        await layouts.nth(at).click()
        await page.evaluate(() => settled())
        await look(new URL(page.url()).pathname + new URL(page.url()).search)
      }
      if (!wanting.length) continue
      const links = await page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].map(link => link.getAttribute('href')))
      for (const link of links) {
        const at = wanting.findIndex(pattern => new RegExp(`^${pattern}$`).test(link.split('?')[0]))
        if (at >= 0) { wanting.splice(at, 1); found.push(link) }
      }
    }
    wrong.push(...wanting.map(pattern => `no link leads to the route ${pattern}`))
    return found.length
  }

  /** What is wrong with the screen as it stands: WCAG 2.2 AA in both themes, width from a small phone to 4K, motion. */
  async function look(page, widths) {
    const wrong = []
    for (const theme of ['light', 'dark']) {
      // What is where does not change with the colours.
      const result = await page.evaluate(async theme => {
        document.documentElement.dataset.theme = theme
        const answer = await window.axe.run(theme === 'dark' ? { runOnly: ['color-contrast'], resultTypes: ['violations'] } : { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] })
        return answer.violations.map(one => `${theme} ${one.id}: ${one.nodes[0].html.slice(0, 150)} ${one.nodes[0].failureSummary.split('\n')[1]?.trim().slice(0, 100)}`)
      }, theme)
      wrong.push(...result)
    }
    await page.evaluate(() => { delete document.documentElement.dataset.theme })
    const before = page.viewportSize()
    for (const width of widths) {
      await page.setViewportSize({ width, height: before.height })
      const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.page')].filter(element => element.scrollWidth > element.clientWidth + 1)
        .map(element => [...element.querySelectorAll('*')].filter(inner => inner.getBoundingClientRect().right > element.getBoundingClientRect().right + 1).slice(0, 2).map(inner => inner.outerHTML.slice(0, 120)).join(' … ')))
      for (const inside of wide) wrong.push(`${width} px scrolls sideways: ${inside}`)
    }
    await page.setViewportSize(before)
    wrong.push(...await page.evaluate(() => [...document.querySelectorAll('.tab')].filter(tab => tab.clientWidth && tab.scrollWidth > tab.clientWidth + 1).map(tab => 'cut off: ' + tab.innerText)))
    for (const moving of await page.evaluate(() => document.getAnimations().filter(one => one.playState === 'running' && one.effect.getComputedTiming().duration > 20).map(one => one.effect.target.className))) wrong.push('moves although less motion is wished: ' + moving)
    return wrong
  }

  /** Texts in Chinese that no answer of the server held as data. */
  const untranslated = page => page.evaluate(() => {
    const all = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node; (node = texts.nextNode());) if (!node.parentElement.closest('[lang]:not(html), script')) all.push(node.data)
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) all.push(...['aria-label', 'title', 'placeholder'].map(name => element.getAttribute(name) ?? ''))
    return [...new Set(all.flatMap(text => text.match(/[\u3400-\u9fff]+/g) ?? []))].filter(word => !window.sent.includes(word))
  })

  async function desk(wrong) {
    const page = await walker('admin')
    await page.evaluate(() => visit('/me'))
    await page.click('button:has-text("English")')
    await page.waitForSelector('h1:has-text("Me")')
    const seen = await walk(page, wrong, async path => {
      wrong.push(...(await look(page, [768, 3840])).map(one => `desk ${path} ${one}`))
      for (const word of await untranslated(page)) wrong.push(`desk ${path} not English: ${word}`)
    })
    await page.evaluate(() => visit('/me'))
    await page.click('button:has-text("中文")')
    await page.waitForSelector('h1:has-text("我")')
    return seen
  }

  async function pocket(wrong) {
    const page = await walker('admin', phone)
    return walk(page, wrong, async path => wrong.push(...(await look(page, [320])).map(one => `phone ${path} ${one}`)))
  }

  /** What opens over a screen, or only for some: how one comes there from where, on a desk and on a phone. */
  async function opened(page, wrong, where) {
    const first = async (object, query = '') => (await api(page, `${object}?limit=1&${query}`)).rows[0]?.id
    const customer = await first('customer')
    const record = `/r/customer/${customer}`
    const plan = await first('target_plan', 'approval=eq.approved')
    const more = page.locator('.topbar .menu button, .record-bar .menu button').last()
    const option = async words => { await more.click(); await page.locator('.panel .option', { hasText: words }).first().click() }
    // Of the customer, as an administrator shapes it.
    const shaped = words => async () => {
      const customer = page.locator('details:has(> summary code:text-is("customer"))')
      if (await customer.getAttribute('open') === null) await customer.locator('> summary').click()
      await page.locator('details[open] button', { hasText: words }).first().click()
      for (const closed of await page.locator('.sheet details:not([open]) > summary').all()) await closed.click()
    }
    const states = {
      'an object': ['/settings/objects', shaped(/^编辑|^Edit/)],
      'a form, and its preview': ['/settings/objects', shaped(/表单|[Ff]orm/)],
      'views of all': ['/settings/objects', shaped(/视图|[Vv]iews/)],
      'a field that is there': ['/settings/objects', shaped(/名称|Name/)],
      'one more field': ['/settings/objects', shaped(/加字段|Add a field/)],
      'a new object': ['/settings/objects', () => page.locator('.topbar .button.primary').click()],
      'a proposal of targets': [`/r/target_plan/${plan}`],
      'more of a record': [record, () => more.click()],
      'share a record': [record, () => option(/共享|Share/)],
      'edit a record': [record, () => option(/编辑全部|Edit all/)],
      'columns': ['/o/customer', () => page.locator('.tools .menu button').first().click()],
      'filter': ['/o/customer', () => page.locator('.filter-bar .menu button').first().click()],
      'a new record': ['/o/customer', () => page.locator('.objects-head .button:visible').last().click()],
      'search': ['/', () => page.keyboard.press('Control+k')],
      'keys': ['/', () => page.keyboard.press('?')],
      'targets': [`/targets/${plan}/${await first('target', `plan=eq.${plan}&sort=id`)}`],
      'approval': [`/r/target_plan/${await first('target_plan', 'approval=eq.pending')}`],
      'weekly report': [`/r/week_report/${await first('week_report')}`],
      ...Object.fromEntries(['plan', 'report', 'sign'].map(tab => [`workday, ${tab}`, [`/workday?tab=${tab}`]])),
      'guide': ['/start'],
    }
    for (const [name, [path, act]] of Object.entries(states)) {
      await page.evaluate(path => visit(path), path)
      await act?.()
      await page.evaluate(() => settled())
      wrong.push(...(await look(page, where === 'desk' ? [768, 3840] : [320])).map(one => `${where} ${name} ${one}`))
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
    }
    return Object.keys(states).length
  }

  /** Looked at as another member: the bar that says so is on every page. */
  async function tried(page, wrong, where) {
    const member = (await api(page, 'member?name=eq.wangfang')).rows[0].id
    await api(page, 'session/try', 'POST', { member })
    await page.reload()
    await page.waitForSelector('.status')
    await axe(page)
    for (const path of ['/', '/o/customer', '/me']) {
      await page.evaluate(path => visit(path), path)
      wrong.push(...(await look(page, where === 'desk' ? [768, 3840] : [320])).map(one => `${where} tried ${path} ${one}`))
    }
    await api(page, 'session/try', 'DELETE')
  }

  return {
    async 'every screen, and what opens over it: dialogs, menus, targets, approval, reports, guide, another’s eyes'() {
      const wrong = []
      for (const [where, options] of [['desk', {}], ['phone', phone]]) {
        const page = await walker('admin', options)
        const seen = await opened(page, wrong, where)
        await tried(page, wrong, where)
        console.log(`     ${where}: ${seen} states`)
      }
      assert.deepEqual(wrong, [])
    },

    async 'every screen, on a desk in English and on a phone in Chinese: accessible in light and dark, 320 px to 4K, still, translated'() {
      const wrong = []
      const seen = await Promise.all([pocket(wrong), desk(wrong)])
      console.log(`     ${seen.join(' and ')} screens`)
      assert.deepEqual(wrong, [])
    },
  }
}
