// Pictures, calendar, pivot, dashboards and the big screen.
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'

/** Width and height of a PNG, from its head. */
const sizeOf = file => { const head = readFileSync(file); return [head.readUInt32BE(16), head.readUInt32BE(20)] }

export function screenTests({ base, open, api, until, text, phone, axe }) {
  const goto = (page, path) => page.goto(base + path)

  /** Nothing axe finds, and nothing wider than the screen. */
  async function audit(page, name) {
    await page.waitForFunction(() => document.getAnimations().every(one => one.playState !== 'running'))
    await page.evaluate(axe)
    const result = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
    assert.deepEqual(result.violations.map(one => `${name} ${one.id}: ${one.nodes[0].html.slice(0, 200)}`), [])
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing is wider than the screen`)
  }

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
  ]

  return {
    async 'pictures: heat map, Venn and gauge: every number opens its records, and each is saved as an image'() {
      const page = await open('admin', { bypassCSP: true })
      for (const report of reports) await api(page, 'object', 'POST', { name: report.report, body: JSON.stringify(report) })
      const small = await open('admin', { ...phone, bypassCSP: true, colorScheme: 'dark' })
      for (const [name, part] of [['x_heat', '.heat-table'], ['x_venn', '.venn svg'], ['x_gauge', '.gauge']])
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
