// Targets into their parts, and their approval. Belongs to run.mjs.
import { strict as assert } from 'node:assert'

export function controlTests({ base, open, api, until, phone }) {
  const goto = (page, path) => page.goto(base + path)

  return {
    async 'targets: a year into its months, one by hand, what is missing is told; pace and records where a plan is in force'() {
      const page = await open('liujing')
      const team = (await api(page, 'team?kind=eq.company&limit=1')).rows[0]
      const plan = await api(page, 'target_plan', 'POST', { name: '试分解', year: 2026, metric: 'won_amount', why: '试一试' })
      const root = await api(page, 'target', 'POST', { plan: plan.id, team: team.id, period: '2026', value: '1200000' })
      assert.ok(root.id, JSON.stringify(root))
      await goto(page, `/targets/${plan.id}/${root.id}`)
      await page.click('.target-head button:has-text("分解")')
      await page.click('dialog .primary')
      await until('twelve months', async () => await page.locator('.target-value').count() === 12)
      await page.waitForSelector('.target-sums .badge')
      await page.locator('.target-value').first().fill('50000')
      await page.keyboard.press('Enter')
      await until('50,000 are missing', async () => /50,000/.test(await page.locator('.target-sums .bad').first().innerText().catch(() => '')))
      assert.equal(await page.locator('.target-value').nth(1).evaluate(input => input === document.activeElement), true, 'Enter goes on to the next')

      const force = (await api(page, 'target_plan?approval=eq.approved&limit=1')).rows[0]
      const top = (await api(page, `target?plan=eq.${force.id}&sort=id&limit=1`)).rows[0]
      await goto(page, `/targets/${force.id}/${top.id}`)
      await page.waitForSelector('.target-sums dd a')
      assert.equal(await page.locator('.target-value:not(:disabled)').count(), 0, 'what is in force is not typed over')
      const sums = await page.locator('.target-sums').innerText()
      assert.match(sums, /%/)
      const part = page.locator('.target-table tbody tr', { has: page.locator('td a:text-matches("[1-9]")') }).first()
      await part.locator('th a').click()
      await page.waitForURL(url => url.pathname.startsWith(`/targets/${force.id}/`) && !url.pathname.endsWith('/' + top.id))
      await page.waitForSelector('.target-sums dd a')
      await page.locator('.target-sums dd a').first().click()
      await page.waitForURL(/\/o\/opportunity\?/)
      await until('the records behind it', async () => /[1-9]/.test(await page.locator('.list-count').innerText().catch(() => '')))

      // Who does not see the whole begins with targets of their own, and with what came of each.
      const rep = await open('wangfang', { ...phone, to: `/targets/${force.id}` })
      await rep.waitForSelector('.target-table tbody tr')
      const own = await rep.locator('.target-table tbody tr').count()
      assert.ok(own > 1)
      assert.equal(await rep.locator('.target-table td:nth-child(4)').filter({ hasText: /[0-9]/ }).count(), own)
    },

    async 'targets: what history proposes is taken on the phone and at a desk, in parts that add up'() {
      const page = await open('liujing', phone)
      const next = new Date(Date.now() + 8 * 3600e3)
      next.setUTCDate(15)
      next.setUTCMonth(next.getUTCMonth() + 1)
      const ago = months => `${next.getUTCFullYear() - months / 12}-${next.toISOString().slice(5, 10)}`
      const team = (await api(page, 'team?kind=eq.company&limit=1')).rows[0]
      const rep = (await api(page, 'member?name=eq.wangfang')).rows[0]
      const customer = await api(page, 'customer', 'POST', { name: '两年老客户有限公司', owner: rep.id })
      const won = (await api(page, 'stage?kind=eq.won&limit=1')).rows[0]
      for (const months of [12, 24]) {
        const row = await api(page, 'opportunity', 'POST', { name: `${months} 个月前`, customer: customer.id, owner: rep.id, amount: '88888.88', stage: won.id, closed_on: ago(months) })
        assert.ok(row.id, JSON.stringify(row))
      }
      for (const [at, press, name] of [[page, 'tap', '试建议'], [await open('liujing'), 'click', '再试建议']]) {
        const plan = await api(at, 'target_plan', 'POST', { name, year: next.getUTCFullYear(), metric: 'won_amount', why: '试一试' })
        await goto(at, `/targets/${plan.id}`)
        await at[press]('.topbar .menu > button')
        await at[press]('.option:has-text("采纳建议")')
        await at[press]('dialog .primary')
        await at.waitForURL(url => url.pathname.startsWith(`/targets/${plan.id}/`))
        await at.waitForSelector('.target-sums .badge')
        const target = await api(at, 'target/' + at.url().split('/').pop())
        assert.equal(target.team, team.id)
        assert.ok(Number(target.value) > 0 && target.value === target.parts_sum, JSON.stringify(target))
      }
    },

    async 'approval: returned with a reason on the phone, asked again, approved'() {
      const boss = await open('liujing', phone)
      const asked = (await api(boss, 'approval?state=eq.pending&object=eq.target_plan&limit=1')).rows[0]
      const state = async () => (await api(boss, `target_plan/${asked.record}`)).approval
      await goto(boss, `/r/target_plan/${asked.record}`)
      await boss.tap('.approval button:has-text("退回")')
      await boss.waitForSelector('.approval [role=alert]')
      assert.equal(await state(), 'pending', 'not without a reason')
      await boss.fill('.approval textarea', '先说明新区的人手')
      await boss.tap('.approval button:has-text("退回")')
      await until('returned', async () => await state() === 'returned')
      await boss.waitForSelector('.approval-turns:has-text("先说明新区的人手")')

      const lead = await open('zhangmin', { to: `/r/target_plan/${asked.record}` })
      await lead.fill('.approval textarea', '人手从华南调两名')
      await lead.locator('.approval-do .button.primary').click()
      await until('asked again', async () => await state() === 'pending')
      await goto(boss, `/r/target_plan/${asked.record}`)
      await boss.tap('.approval .button.primary:has-text("同意")')
      await until('approved', async () => await state() === 'approved')
      // What would be refused is not offered: a signed contract changes by a change of contract.
      for (const [state, offered] of [['draft', true], ['signed', false]]) {
        const { rows: [contract] } = await api(boss, `contract?state=eq.${state}&approval=is.null&deviations=eq.0&limit=1`)
        const owner = await open((await api(boss, 'member/' + contract.owner)).name)
        const answered = owner.waitForResponse(/approval\/check/)
        await goto(owner, `/r/contract/${contract.id}`)
        assert.equal((await (await answered).json()).conflict, !offered, state)
        await owner.waitForSelector('.parts')
        if (offered) await owner.waitForSelector('.approval-do .button.primary:has-text("提交审批")')
        else assert.equal(await owner.locator('.approval').count(), 0, state)
      }
      await goto(lead, `/targets/${asked.record}`)
      await until('what is in force is locked', async () => await lead.locator('.target-value').count() > 0 && await lead.locator('.target-value:not(:disabled)').count() === 0)
    },
  }
}
