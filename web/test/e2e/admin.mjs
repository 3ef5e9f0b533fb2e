// What an administrator does without code, and the first day of those who were brought in.
import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { colours, faults } from './axe.mjs'

/** A workbook of one sheet, as Excel would save it. */
function workbook(rows) {
  const script = `import sys, json, zipfile
rows = json.load(sys.stdin)
cell = lambda at, r, v: '<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % (chr(65 + at), r, v)
sheet = ''.join('<row r="%d">%s</row>' % (n, ''.join(cell(i, n, v) for i, v in enumerate(row) if v)) for n, row in enumerate(rows, 1))
main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
package = 'http://schemas.openxmlformats.org/package/2006/'
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('[Content_Types].xml', '<Types xmlns="%scontent-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>' % package)
    z.writestr('_rels/.rels', '<Relationships xmlns="%srelationships"><Relationship Id="r1" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % (package, office))
    z.writestr('xl/workbook.xml', '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>' % (main, office))
    z.writestr('xl/_rels/workbook.xml.rels', '<Relationships xmlns="%srelationships"><Relationship Id="r1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % (package, office))
    z.writestr('xl/worksheets/sheet1.xml', '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, sheet))
`
  const folder = mkdtempSync(join(tmpdir(), 'loudou-xlsx-'))
  execFileSync('python3', ['-c', script, join(folder, 'a.xlsx')], { input: JSON.stringify(rows) })
  const bytes = readFileSync(join(folder, 'a.xlsx'))
  rmSync(folder, { recursive: true })
  return bytes
}

export function adminTests({ base, open, api, until, text, phone }) {
  const goto = (page, path) => page.goto(base + path)
  const found = []
  /** In the light it is in, and in the other. */
  async function audit(page, name) {
    for (const theme of ['light', 'dark']) {
      await page.evaluate(theme => { document.documentElement.dataset.theme = theme }, theme)
      for (const one of await faults(page, 'dialog[open]', theme === 'dark' ? colours : {})) found.push(`${name} ${theme} ${one}`)
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (wide > 0) found.push(`${name}: ${wide} px too wide`)
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, name.replaceAll(' ', '-') + '.png') })
  }
  const clean = () => assert.deepEqual(found.splice(0), [])

  return {
    async 'people: a workbook is all or nothing, whoever it brings has a temporary password, and changes it before anything else'() {
      const page = await open('admin', { bypassCSP: true, to: '/settings/members' })
      await page.click('.topbar button:has-text("批量添加")')
      const head = ['姓名', '登录名', '手机', '部门', '角色', '直接上级']
      const send = rows => page.setInputFiles('.people input[type=file]', { name: '人员.xlsx', mimeType: '', buffer: workbook([head, ...rows]) })
      await send([['表一', 'biao1', '13722220001', '新表组', '销售', '表二'], ['表二', '', '13722220002', '新表组', '主管、销售', ''], ['表三', 'biao3', '', '', '没有这个角色', ''], ['', 'biao4', '', '', '', '']])
      await page.waitForSelector('.import-problems')
      const told = await page.locator('.import-problems tbody tr').allInnerTexts()
      assert.deepEqual(told.map(one => one.split('\t').slice(0, 2).join(' ')), ['4 角色', '5 姓名'])
      assert.equal(await page.locator('.people button:has-text("建立")').count(), 0, 'one wrong line: nobody')
      await audit(page, 'people with problems')
      await send([['表一', 'biao1', '13722220001', '新表组', '销售', '表二'], ['表二', '', '13722220002', '新表组', '主管、销售', '']])
      await page.click('.people button:has-text("建立 2 人")')
      await page.waitForSelector('.people-done:has-text("已建立 2 人")')
      const [one, two] = (await api(page, 'member?label=in.(表一,表二)&sort=label')).rows
      assert.deepEqual([one.labels.leader, two.name, two.roles.length, one.password_state], ['表二', 'biaoer', 2, 'none'])
      await page.keyboard.press('Escape')
      await page.click('.passwords-ask button')
      await page.waitForSelector('.passwords code')
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('.passwords button:has-text("CSV")')])
      const line = readFileSync(await download.path(), 'utf8').split('\r\n').find(line => line.includes('biaoer'))
      const password = line.split(',')[2].replaceAll('"', '')
      await page.waitForSelector('.members li:has-text("表二"):has-text("临时密码")')
      await audit(page, 'members with passwords')

      // The first day: nothing but the screen for it, wherever one wants to go.
      const fresh = await open('biaoer', { password, ...phone, bypassCSP: true, to: '/o/customer' })
      await fresh.waitForURL(/\/password\?to=/)
      assert.equal((await api(fresh, 'customer')).error, 'denied')
      await audit(fresh, 'first sign-in')
      await fresh.fill('#old', password)
      await fresh.fill('#new', 'sea-breeze-2026')
      await fresh.fill('#again', 'sea-breeze')
      await fresh.keyboard.press('Enter')
      await fresh.waitForSelector('.field.wrong #again')
      await fresh.fill('#again', 'sea-breeze-2026')
      await fresh.keyboard.press('Enter')
      await fresh.waitForURL(/\/o\/customer/)
      await fresh.waitForSelector('.objects-head h1')
      await goto(fresh, '/password')
      await fresh.waitForSelector('.main')
      assert.equal((await api(page, `member/${two.id}`)).password_state, 'own')
      clean()
    },

    async 'objects: made by form, its mistakes told beside the field, its list changed; all without JSON'() {
      const page = await open('admin', { bypassCSP: true, to: '/settings/objects' })
      await page.click('.topbar button:has-text("新建对象")')
      await page.fill('#o-zh', '样机')
      await page.fill('#o-en', 'Sample unit')
      await page.fill('[aria-label="字段 1 中文名称"]', '编号名')
      await page.click('button:has-text("再加字段")')
      await page.fill('[aria-label="字段 2 中文名称"]', '状态')
      await page.selectOption('[aria-label="字段 2 类型"]', 'choice')
      await page.click('.sheet-foot .primary')
      await page.waitForSelector('.object-field:nth-of-type(2) [role=alert]')
      await page.fill('.object-field textarea', '在库\n借出')
      await page.selectOption('#o-like', 'customer')
      await page.selectOption('#menu-group', '/day')
      await page.waitForSelector('.will:has-text("多一个对象“样机”（x_sample_unit）"):has-text("主菜单的“每日工作”"):has-text("销售看自己的、改自己的")')
      await audit(page, 'new object')
      await page.click('.sheet-foot .primary')
      await page.waitForURL(/\/o\/x_sample_unit/)
      await page.waitForSelector('.sidebar :text("样机")')
      const rep = await open('wangfang')
      const { id } = await api(rep, 'x_sample_unit', 'POST', { x_f1: '甲机', x_f2: 'x_c2' })
      assert.equal((await api(rep, `x_sample_unit/${id}`)).labels.x_f2, '借出')
      assert.equal((await api(await open('liujing'), 'x_sample_unit')).rows.length, 1)
      assert.ok((await api(page, 'meta')).menus.find(menu => menu.name === 'day').objects.includes('x_sample_unit'))

      await goto(page, '/settings/objects')
      await page.locator('details:has(> summary code:text-is("x_sample_unit")) > summary').click()
      await page.click('details[open] button:has-text("编辑样机")')
      await page.fill('#e-zh', '展示机')
      await page.click('.ordered-line:has-text("状态") button[aria-label*="去掉"]')
      await page.selectOption('#menu-group', 'new')
      await page.click('.sheet-foot .primary')
      await page.waitForSelector('[role=alert]:has-text("请填写组名")')
      await page.fill('#menu-zh', '设备')
      await page.waitForSelector('.will:has-text("“样机”改叫“展示机”"):has-text("列表的列：编号名"):has-text("主菜单的“设备”一组")')
      await audit(page, 'object changed')
      await Promise.all([page.waitForEvent('load'), page.click('.sheet-foot .primary')])
      const now = (await api(page, 'meta')).objects.find(one => one.name === 'x_sample_unit')
      assert.deepEqual([now.label.zh, now.list.includes('x_f2')], ['展示机', false])
      await goto(page, '/settings/objects')
      await page.locator('details:has(> summary code:text-is("x_sample_unit")) > summary').click()
      await page.click('details[open] .declare-change:has-text("状态")')
      await page.fill('#c-section-zh', '在哪里')
      await page.waitForSelector('.will:has-text("标题“在哪里”")')
      await Promise.all([page.waitForEvent('load'), page.click('.sheet-foot .primary')])
      await goto(page, '/new/x_sample_unit')
      await page.waitForSelector('.form-section:has-text("在哪里")')
      await page.waitForSelector('.sidebar :text("设备")')
      assert.deepEqual((await api(page, 'meta')).menus.find(menu => menu.label.zh === '设备').objects, ['x_sample_unit'])
      assert.equal((await api(page, 'object?name=like.x_sample*&count=exact&limit=1')).count, 1, 'one document')
      clean()
    },

    async 'stages: ordered by keyboard, named, and one in use says what uses it'() {
      const page = await open('admin', { bypassCSP: true, ...phone, to: '/settings' })
      await page.click('.card-link:has-text("商机的阶段")')
      await page.waitForSelector('.stages .ordered-line')
      await audit(page, 'stages')
      const names = () => page.locator('.stage-name strong').allInnerTexts()
      const before = await names()
      await page.locator('.stages .ordered-line').first().locator('button[aria-label$="后移"]').first().focus()
      await page.keyboard.press('Enter')
      await until('second', async () => (await names())[1] === before[0])
      await page.waitForSelector('.toast')
      assert.deepEqual((await api(page, 'stage?pipeline=eq.' + (await api(page, 'pipeline?sort=position,id&limit=1')).rows[0].id + '&sort=position')).rows.map(row => row.name), await names())
      await page.locator('.stages .ordered-line').nth(1).locator('button[aria-label$="前移"]').first().focus()
      await page.keyboard.press('Enter')
      await until('as before', async () => (await names()).join() === before.join())
      await page.locator('.stages .ordered-line:has(.stage-count) button[aria-label^="移除"]').first().click()
      await page.waitForSelector('.toast:has-text("个商机在")')
      assert.deepEqual(await names(), before)
      clean()
    },

    async 'jobs and imports: by which schedule, run at once; every import with who, when and how it went, and taken back'() {
      const page = await open('admin', { bypassCSP: true, to: '/settings/jobs' })
      await page.waitForSelector('.jobs tr:has-text("清除完成的任务"):has-text("每天 03:40")')
      await audit(page, 'jobs')
      await page.locator('.jobs tr:has-text("清除完成的任务") button').click()
      await page.waitForSelector('.jobs tr:has-text("清除完成的任务"):has-text("完成")', { timeout: 20000 })
      const rep = await open('wangfang', { ...phone, bypassCSP: true, to: '/settings/jobs' })
      await rep.waitForSelector('.empty')
      await goto(page, '/import')
      await page.waitForSelector('.cards')
      const sent = await page.evaluate(async () => {
        const { csrf } = await (await fetch('/api/session')).json()
        const answer = await fetch('/api/import/product', { method: 'POST', headers: { 'X-CSRF-Token': csrf, 'X-File-Name': 'goods.csv' }, body: 'name,price\n历史样品,12\n' })
        return (await answer.json()).id
      })
      await api(page, `import/${sent}/preview`, 'POST', {})
      await until('checked', async () => (await api(page, `import/${sent}`)).state === 'checked', 15000)
      await api(page, `import/${sent}/run`, 'POST', {})
      await page.reload()
      await page.waitForSelector('.import-past li:has-text("goods.csv"):has-text("完成"):has-text("新建 1")', { timeout: 15000 })
      await audit(page, 'imports')
      await page.click('.import-past li:has-text("goods.csv") button[aria-label^="撤销"]')
      await page.waitForSelector('.import-past li:has-text("goods.csv"):has-text("已撤销")', { timeout: 15000 })
      clean()
    },

    async 'empty: a report and a related list say what goes here, and offer what the reader may do'() {
      const page = await open('wangfang', { ...phone, bypassCSP: true, to: '/report/sales_by?from=2001-01-01&to=2001-01-02' })
      await page.waitForSelector('.empty:has-text("会自己进到这里")')
      const made = await api(page, 'customer', 'POST', { name: '宁静港口测试公司' })
      await goto(page, `/r/customer/${made.id}?tab=contact.customer`)
      await page.waitForSelector('.empty:has-text("还没有联系人") button.primary')
      await audit(page, 'empty')
      clean()
    },
  }
}
