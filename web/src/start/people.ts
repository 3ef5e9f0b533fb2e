/* People as they are pasted without a heading: a line each, in any order of columns. What a cell is shows in what it holds. */

export interface Known { roles: { id: string, names: string[] }[], teams: { id: string, name: string }[] }
export interface Person {
  line: number
  label: string
  name: string
  phone: string
  email: string
  /** An existing team, or the name of one to be made. */
  team: string
  teamId?: string
  roles: string[]
  roleNames: string[]
  /** A word that is neither: told, not guessed. */
  unknown: string[]
}

const isPhone = (cell: string) => /^\+?[\d\s()-]{7,20}$/.test(cell)
const isMail = (cell: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(cell)
// Words of a heading, in both languages.
const heading = /^(姓名|名字|员工|name|电话|手机|手机号|phone|mobile|邮箱|email|mail|团队|部门|team|department|角色|职位|role|上级|直接上级|leader|superior|登录名|账号|sign-in name|login)$/i // i18n-ok

/** A table with its own heading, as it is copied out of a sheet. */
export function hasHeading(text: string): boolean {
  const cells = text.trimStart().split(/\r?\n/, 1)[0].split(/\t|,/).map(cell => cell.trim()).filter(Boolean)
  return cells.length > 1 && cells.every(cell => heading.test(cell))
}

export function parsePeople(text: string, known: Known): Person[] {
  const same = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase()
  return text.split(/\r?\n/).map((raw, at) => ({ raw, line: at + 1 })).filter(({ raw }) => raw.trim()).flatMap(({ raw, line }) => {
    const cells = raw.split(/\t|[,，;；]|\s{2,}/).map(cell => cell.trim()).filter(Boolean)
    if (cells.every(cell => heading.test(cell))) return []
    const person: Person = { line, label: '', name: '', phone: '', email: '', team: '', roles: [], roleNames: [], unknown: [] }
    for (const cell of cells) {
      const role = known.roles.find(one => one.names.some(name => same(name, cell)))
      const team = known.teams.find(one => same(one.name, cell))
      if (isMail(cell)) person.email = cell
      else if (isPhone(cell)) person.phone = cell.replace(/[\s()-]/g, '')
      else if (role) { person.roles.push(role.id); person.roleNames.push(cell) }
      else if (team) { person.team = team.name; person.teamId = team.id }
      else if (!person.label) person.label = cell
      else if (!person.team) person.team = cell
      else person.unknown.push(cell)
    }
    // What they sign in with: the mail's name, else the number.
    person.name = person.email.split('@')[0].toLowerCase() || person.phone
    return [person]
  })
}

/** The same people as a table that any import reads. */
export function toTable(people: Person[], heading: (field: string) => string): string {
  const cell = (text: string) => text.replace(/[\t\r\n"]/g, ' ')
  return [['label', 'name', 'phone', 'email', 'team', 'roles'].map(heading).join('\t'), ...people.map(one => [one.label, one.name, one.phone, one.email, one.team, one.roleNames.join(';')].map(cell).join('\t'))].join('\n') + '\n'
}

/** Can be read over the phone: no 0 O 1 l. */
export function suggestPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => letters[byte % letters.length]).join('')
}
