// Fails when the built bundle outgrows the promises made to slow phones (brotli sizes).
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const KB = 1024
const dist = new URL('../dist', import.meta.url).pathname
if (!existsSync(dist)) throw new Error('no dist/: run `npm run build` first')

const assets = readdirSync(join(dist, 'assets'))
const size = name => statSync(join(dist, 'assets', name + '.br')).size
const html = readFileSync(join(dist, 'index.html'), 'utf8')
const entry = assets.filter(name => name.endsWith('.js') && html.includes(name))
const sum = names => names.reduce((total, name) => total + size(name), 0)

const rows = [
  ['entry JS', sum(entry), 70],
  // What every page waits for; what only some need comes with them.
  ['entry CSS', sum(assets.filter(name => name.endsWith('.css') && html.includes(name))), 15],
  ...assets.filter(name => name.endsWith('.css') && !html.includes(name)).map(name => [name, size(name), 2]),
  ...assets.filter(name => name.endsWith('.js') && !entry.includes(name))
    .map(name => [name, size(name), name.startsWith('echarts') ? 220 : 40]),
]
let failed = assets.some(name => name.endsWith('.map'))
if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/.test(html)) {
  failed = true
  console.error('index.html holds inline code, which the content security policy forbids')
}
for (const [name, bytes, limit] of rows) {
  const over = bytes > limit * KB
  failed ||= over
  console.log(`${over ? 'OVER' : 'ok  '} ${(bytes / KB).toFixed(1).padStart(6)} of ${limit} KB  ${name}`)
}
if (failed) process.exit(1)
