import { describe, expect, it } from 'vitest'
import { parsePeople } from '../../src/start/people'

const known = { roles: [{ id: '1', names: ['rep', '销售', 'Representative'] }, { id: '2', names: ['lead', '主管'] }], teams: [{ id: '7', name: '华东组' }] }

describe('people as they are pasted', () => {
  it('takes columns in any order, from a sheet or typed, and leaves the heading out', () => {
    const people = parsePeople('姓名\t电话\t团队\t角色\n王芳\t138 0013 8000\t华东组\t销售\n\n主管，李伟，liwei@example.com，华南组', known)
    expect(people.map(({ line, label, name, phone, email, team, teamId, roles }) => ({ line, label, name, phone, email, team, teamId, roles }))).toEqual([
      { line: 2, label: '王芳', name: '13800138000', phone: '13800138000', email: '', team: '华东组', teamId: '7', roles: ['1'] },
      { line: 4, label: '李伟', name: 'liwei', phone: '', email: 'liwei@example.com', team: '华南组', teamId: undefined, roles: ['2'] },
    ])
  })
  it('keeps an English name whole and tells what it does not understand', () => {
    const [person] = parsePeople('Anna Snelling  +86 139-0000-1111  East  Representative  whatever', known)
    expect([person.label, person.team, person.phone, person.unknown]).toEqual(['Anna Snelling', 'East', '+8613900001111', ['whatever']])
  })
})
