// Every text goes through t(): no CJK outside locales, no unknown key, no dead key, both languages alike, what only setting up says in files of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const src = new URL('../src', import.meta.url).pathname
const keys = file => new Map([...readFileSync(join(src, 'locales', file), 'utf8')
  .matchAll(/^ {2}'?([\w.]+)'?: ['"`](.*)['"`],$/gm)].map(found => [found[1], found[2]]))
const setup = keys('zh.setup.ts')
const zh = new Map([...keys('zh.ts'), ...setup])
const en = new Map([...keys('en.ts'), ...keys('en.setup.ts')])
const problems = []

for (const key of zh.keys()) if (!en.has(key)) problems.push(`en.ts lacks ${key}`)
for (const key of en.keys()) if (!zh.has(key)) problems.push(`zh.ts lacks ${key}`)
const chinese = /[\u3400-\u9fff]/
for (const [key, text] of en) if (!text.trim() || chinese.test(text)) problems.push(`en.ts ${key}: no English`)
// Marks have no letters, and names are the same in both.
for (const [key, text] of zh) if (!text.trim() || (/[a-z]/i.test(text) && !chinese.test(text) && text !== en.get(key))) problems.push(`zh.ts ${key}: no Chinese`)
// A language with plurals may name what it counts once more: {n} {n|record|records}.
const holes = text => [...new Set([...text.matchAll(/\{(\w+)(?:\|.*?\|.*?)?\}/g)].map(hole => hole[1]))].sort().join()
for (const [key, text] of zh)
  if (en.has(key) && holes(text) !== holes(en.get(key))) problems.push(`${key}: the placeholders differ`)

let all = ''
let others = ''   // than the pages of setting up
for (const name of readdirSync(src, { recursive: true })) {
  if (!/\.(vue|ts)$/.test(name) || name.startsWith('locales')) continue
  const code = readFileSync(join(src, name), 'utf8')
  all += code
  if (!/^(import|start|pages\/settings)\/|^pages\/(Import|Start)\.vue$/.test(name)) others += code
  code.split('\n').forEach((line, at) => {
    if (/[\u3400-\u9fff]/.test(line) && !/\/\*?.*[\u3400-\u9fff]|i18n-ok/.test(line)) problems.push(`${name}:${at + 1}: text outside the locales`)
    for (const found of line.matchAll(/\bt\('([\w.]+)'/g))
      if (!zh.has(found[1])) problems.push(`${name}:${at + 1}: unknown key ${found[1]}`)
    if (/\sstyle="/.test(line)) problems.push(`${name}:${at + 1}: static style`)
    if (/v-html/.test(line)) problems.push(`${name}:${at + 1}: v-html`)
  })
}
// A key counts as used when its name, or the prefix in a template literal, occurs anywhere.
const used = (key, code) => code.includes(`'${key}'`) || code.includes('`' + key.replace(/\.[^.]*$/, '.${'))
for (const key of zh.keys()) {
  if (!used(key, all)) problems.push(`unused key ${key}`)
  else if (used(key, others) === setup.has(key)) problems.push(`${key} belongs into ${setup.has(key) ? 'zh.ts: others use it' : 'zh.setup.ts: only setting up uses it'}`)
}

for (const problem of problems) console.error(problem)
console.log(`${zh.size} texts, ${problems.length} problems`)
if (problems.length) process.exit(1)
