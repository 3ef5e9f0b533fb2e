// Serves dist/ and the shapes of docs/api.md over an in-memory store. For looking at screens and for tests:
//   node test/mock/server.mjs [port]        sign in as wangfang / demo
// MOCK_SETUP=1 pretends an empty installation; POST /api/mock/touch/{object}/{id} changes a record behind your back.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { examples, meta } from './meta.mjs'

const port = Number(process.argv[2] ?? process.env.PORT ?? 8790)
const dist = new URL('../../dist', import.meta.url).pathname
const store = examples()
const history = []
const files = new Map()
let setup = process.env.MOCK_SETUP === '1'
let seq = 10000

const objectOf = name => meta.objects.find(object => object.name === name)
const fieldOf = (object, name) => objectOf(object)?.fields.find(field => field.name === name)
const now = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 19) + '+08:00'
const today = () => now().slice(0, 10)

for (const [object, rows] of Object.entries(store))
  for (const row of rows) Object.assign(row, { version: 1, created_at: '2026-10-08T09:00:00+08:00', created_by: '1', changed_at: row.done_at ?? '2026-11-20T10:00:00+08:00', changed_by: '1', $object: object })

class Fail extends Error {
  constructor(status, body) { super(body.message); Object.assign(this, { status, body }) }
}
const fail = (status, error, message, more = {}) => { throw new Fail(status, { error, message, request: 'mock', ...more }) }

/* Labels */

const titleOf = (object, id) => {
  const row = store[object]?.find(one => one.id === String(id))
  return row && String(row[objectOf(object)?.title ?? 'name'] ?? '')
}
const regionText = code => [2, 4, 6].filter(length => length <= code.length).map(length => titleOf('region', code.slice(0, length))).filter(Boolean).join(' ')
const targetOf = field => field.to ?? field.type
function label(field, value) {
  if (value === null || value === undefined) return undefined
  if (field.type === 'region') return regionText(value)
  if (field.type === 'refs') return value.map(id => titleOf(field.to, id) ?? '')
  if (['ref', 'member', 'team'].includes(field.type)) return titleOf(targetOf(field), value)
  if (field.type === 'choice') return field.choices.find(choice => choice.value === value)?.label.zh
}
function answer(row) {
  const labels = {}
  for (const field of objectOf(row.$object)?.fields ?? []) {
    const text = label(field, row[field.name])
    if (text) labels[field.name] = text
  }
  const { $object: _, $deleted: __, ...rest } = row
  return { ...rest, labels }
}

/* Queries */

function dateValue(text) {
  const found = /^(today|week|month|quarter|year)([+-]\d+)?$/.exec(text)
  if (!found) return text
  const [, unit, by] = found
  const date = new Date(today() + 'T00:00:00Z')
  const step = Number(by ?? 0)
  if (unit === 'today') date.setUTCDate(date.getUTCDate() + step)
  if (unit === 'week') date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7 + step * 7)
  if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + step, 1)
  if (unit === 'quarter') date.setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3 + step * 3, 1)
  if (unit === 'year') date.setUTCFullYear(date.getUTCFullYear() + step, 0, 1)
  return date.toISOString().slice(0, 10)
}
const numeric = new Set(['integer', 'duration', 'decimal', 'money', 'percent', 'total', 'formula'])
const compare = (field, a, b) => numeric.has(field?.type) ? Number(a) - Number(b) : String(a).localeCompare(String(b), 'zh')

function test(object, row, name, op, raw) {
  const field = fieldOf(object, name)
  if (!field && !['code', 'parent', 'id'].includes(name)) fail(400, 'invalid', `unknown field ${name}`)
  const value = row[name]
  const blank = value === null || value === undefined || value === ''
  if (op === 'is') return blank === (raw === 'null')
  const want = raw === '$me' ? meta.me.id : raw === '$team' ? meta.me.team : ['date', 'instant'].includes(field?.type) ? dateValue(raw) : raw
  if (op === 'ne') return String(value) !== want
  if (blank) return false
  if (op === 'in') {
    const wanted = raw.slice(1, -1).split(',').map(one => one === '$me' ? meta.me.id : one)
    return [value].flat().some(one => wanted.includes(String(one)))
  }
  if (op === 'like') return new RegExp('^' + want.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*') + '$', 'i').test(value)
  if (op === 'eq') return field?.type === 'region' ? value.startsWith(want) : numeric.has(field?.type) ? Number(value) === Number(want) : String(value) === want
  const order = compare(field, value, want)
  return { lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0 }[op]
}
const reserved = new Set(['sort', 'limit', 'after', 'skip', 'fields', 'q', 'count', 'deleted', 'group', 'sum', 'format', 'allow_duplicate'])

function select(object, params) {
  let rows = store[object].filter(row => !!row.$deleted === (params.get('deleted') === 'only'))
  for (const [name, text] of params) {
    if (name === 'or') {
      const parts = text.slice(1, -1).split(',').map(part => /^(\w+)\.(\w+)\.(.*)$/.exec(part))
      rows = rows.filter(row => parts.some(([, field, op, value]) => test(object, row, field, op, value)))
    } else if (!reserved.has(name)) {
      const dot = text.indexOf('.')
      rows = rows.filter(row => test(object, row, name, text.slice(0, dot), text.slice(dot + 1)))
    }
  }
  const words = params.get('q')?.toLowerCase()
  if (words) rows = rows.filter(row => Object.values(row).some(value => typeof value === 'string' && value.toLowerCase().includes(words)))
  const sorts = params.get('sort')?.split(',').filter(Boolean) ?? []
  return [...rows].sort((a, b) => {
    for (const sort of sorts) {
      const name = sort.replace(/^-/, '')
      const blank = row => row[name] === null || row[name] === undefined
      const order = blank(a) || blank(b) ? Number(blank(a)) - Number(blank(b)) : compare(fieldOf(object, name), a[name], b[name]) * (sort.startsWith('-') ? -1 : 1)
      if (order) return order
    }
    return Number(a.id) - Number(b.id)
  })
}

/* Changes */

function validate(object, values, row = {}) {
  const errors = []
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(object, name)
    if (name === 'version' || name === 'id') continue
    if (!field) errors.push({ field: name, message: '没有这个字段' })
    else if (field.read_only) errors.push({ field: name, message: '不能修改' })
    else if (numeric.has(field.type) && value !== null && isNaN(value)) errors.push({ field: name, message: '请输入数字' })
  }
  const next = { ...row, ...values }
  for (const field of objectOf(object).fields)
    if (field.required && !field.read_only && [null, undefined, ''].includes(next[field.name])) errors.push({ field: field.name, message: '请填写' })
  if (object === 'opportunity' && next.stage === '6' && !next.lost_reason) errors.push({ field: 'lost_reason', message: '丢单时请填写原因' })
  return errors
}
const duplicates = (object, values) => ['customer', 'contact'].includes(object)
  ? store[object].filter(row => !row.$deleted && row.id !== values.id && ((values.name && row.name === values.name && object === 'customer') || (values.phone && row.phone === values.phone)))
    .slice(0, 3).map(row => ({ object, id: row.id, title: row.name, owner: row.owner, owner_label: titleOf('member', row.owner), reason: row.name === values.name ? '名称相同' : '电话相同' })) : []

function toStore(object, values) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== 'version' && name !== 'id').map(([name, value]) =>
    [name, ['file', 'image'].includes(fieldOf(object, name)?.type) ? (value ?? []).map(id => files.get(id)?.info) : value]))
}
function note(kind, row, changes) {
  history.push({ at: now(), kind, by: meta.me.id, by_label: meta.me.label, object: row.$object, id: row.id, title: titleOf(row.$object, row.id), changes })
}
function write(row, values) {
  const changes = Object.entries(values).filter(([name, value]) => JSON.stringify(row[name]) !== JSON.stringify(value)).map(([name, value]) => {
    const field = fieldOf(row.$object, name)
    return { field: name, label: field.label.zh, old: row[name] ?? null, new: value, old_label: label(field, row[name]), new_label: label(field, value) }
  })
  Object.assign(row, values, { version: row.version + 1, changed_at: now() })
  if (row.$object === 'opportunity') row.weighted = (Number(row.amount) * Number(row.chance) / 100).toFixed(2)
  if (changes.length) note('update', row, changes)
}

function timeline(object, id) {
  const noted = (store.activity ?? []).filter(row => !row.$deleted && row[object] === id && row.done_at)
    .map(row => ({ at: row.done_at, kind: 'activity', by: row.owner, by_label: titleOf('member', row.owner), object: 'activity', id: row.id, title: row.subject || '跟进', record: answer(row) }))
  const row = store[object].find(one => one.id === id)
  return [...noted, ...history.filter(one => one.object === object && one.id === id), { at: row.created_at, kind: 'create', by: '1', by_label: '王芳', object, id, title: titleOf(object, id) }]
    .sort((a, b) => b.at.localeCompare(a.at))
}

/* Routes */

let signedIn = process.env.MOCK_SIGNED_IN === '1'

async function api(request, path, params, body) {
  const method = request.method
  const [first, second, third] = path
  if (first === 'setup') {
    if (method === 'POST') {
      if (body.code !== '123456') fail(422, 'invalid', '代码不对', { errors: [{ field: 'code', message: '一次性代码不对' }] })
      setup = false
      return [204]
    }
    return [200, { needed: setup }]
  }
  if (first === 'session') {
    const session = { member: meta.me, csrf: 'mock' }
    if (second === 'password') return body.old === 'demo' ? [204] : fail(422, 'invalid', '旧密码不对', { errors: [{ field: 'old', message: '旧密码不对' }] })
    if (method === 'POST') {
      if (!(body.name === 'wangfang' && body.password === 'demo')) fail(401, 'login', '用户名或密码不对')
      signedIn = true
      return [200, session]
    }
    if (method === 'DELETE') { signedIn = false; return [204] }
    return signedIn ? [200, session] : fail(401, 'login', '请登录')
  }
  if (!signedIn) fail(401, 'login', '请登录')
  if (method !== 'GET' && request.headers['x-csrf-token'] !== 'mock') fail(403, 'denied', 'csrf')
  if (first === 'meta') return [200, meta]
  if (first === 'changes') return [200, { rows: [], last: 0 }]
  if (first === 'search') {
    const words = params.get('q').toLowerCase()
    const rows = ['customer', 'contact', 'opportunity'].flatMap(object => store[object].filter(row => row.name.toLowerCase().includes(words) || (row.phone ?? row.mobile ?? '').includes(words))
      .slice(0, 8).map(row => ({ object, id: row.id, title: row.name, subtitle: object === 'customer' ? row.phone : titleOf('customer', row.customer) })))
    return [200, { rows: rows.slice(0, 20) }]
  }
  if (first === 'metric') {
    const value = { visit_done: '23', won_amount: '1286000', win_rate: '36.5', new_customer: '7' }[second]
    return [200, { name: second, value, rows: [{ key: '1', label: '王芳', value, open: 'activity?owner=eq.$me' }] }]
  }
  if (first === 'file' && method === 'POST') {
    const id = String(++seq)
    const info = { id, name: decodeURIComponent(request.headers['x-file-name']), size: body.length, type: request.headers['content-type'] }
    files.set(id, { info, bytes: body })
    return [201, info]
  }
  if (first === 'mock') {
    write(store[third].find(row => row.id === path[3]), body)
    return [204]
  }
  if (!store[first]) fail(404, 'missing', '没有这个对象')
  if (second === 'summary') {
    const groups = params.get('group')?.split(',') ?? []
    const sums = params.get('sum')?.split(',') ?? []
    const found = new Map()
    for (const row of select(first, params)) {
      const key = groups.map(name => row[name]).join('|')
      const total = found.get(key) ?? { ...Object.fromEntries(groups.map(name => [name, row[name]])), count: 0, sum: Object.fromEntries(sums.map(name => [name, 0])) }
      total.count++
      for (const name of sums) total.sum[name] += Number(row[name] ?? 0)
      found.set(key, total)
    }
    return [200, { rows: [...found.values()].map(row => ({ ...row, sum: Object.fromEntries(Object.entries(row.sum).map(([name, value]) => [name, value.toFixed(2)])) })) }]
  }
  if (second === 'check') return [200, { errors: validate(first, body), duplicates: duplicates(first, body) }]
  if (second === 'bulk') {
    const rows = store[first].filter(row => body.ids.includes(row.id))
    for (const row of rows) if (body.delete) row.$deleted = true; else write(row, toStore(first, body.set))
    return [200, { changed: rows.length, failed: [] }]
  }
  if (!second) {
    if (method === 'POST') {
      for (const field of objectOf(first).fields) if (field.default === '$me') body[field.name] ??= meta.me.id
      const errors = validate(first, body)
      if (errors.length) fail(422, 'invalid', '请检查填写的内容', { errors })
      const found = duplicates(first, body)
      if (found.length && params.get('allow_duplicate') !== 'true') fail(409, 'conflict', '可能重复', { duplicates: found })
      const row = { id: String(++seq), version: 1, created_at: now(), created_by: '1', changed_at: now(), changed_by: '1', $object: first, ...toStore(first, body) }
      store[first].push(row)
      return [201, answer(row)]
    }
    const rows = select(first, params)
    const start = Number(params.get('after') ?? params.get('skip') ?? 0)
    const limit = Number(params.get('limit') ?? 50)
    return [200, { rows: rows.slice(start, start + limit).map(answer), next: start + limit < rows.length ? String(start + limit) : null, ...(params.get('count') === 'exact' && { count: rows.length }) }]
  }
  const row = store[first].find(one => one.id === second)
  if (!row || (row.$deleted && third !== 'restore')) fail(404, 'missing', '没有这条记录，或者你看不到')
  if (third === 'timeline') {
    const rows = timeline(first, second)
    const start = Number(params.get('after') ?? 0)
    return [200, { rows: rows.slice(start, start + 30), next: rows.length > start + 30 ? String(start + 30) : null }]
  }
  if (third === 'restore') { row.$deleted = false; row.version++; return [200, answer(row)] }
  if (third === 'merge') {
    for (const id of body.from) store[first].find(one => one.id === id).$deleted = true
    row.version++
    return [200, answer(row)]
  }
  if (third) { write(row, third === 'win' ? { stage: '5' } : {}); return [200, answer(row)] }
  if (method === 'GET') return [200, answer(row)]
  const version = Number((request.headers['if-match'] ?? '').replaceAll('"', '') || body?.version)
  if (version !== row.version) fail(409, 'conflict', '刚被别人修改', { current: answer(row) })
  if (method === 'DELETE') { row.$deleted = true; row.version++; return [204] }
  const errors = validate(first, body, row).filter(error => error.field in body || error.field === 'lost_reason')
  if (errors.length) fail(422, 'invalid', '请检查填写的内容', { errors })
  write(row, toStore(first, body))
  return [200, answer(row)]
}

/* HTTP */

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json' }
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock')
  if (url.pathname.startsWith('/api/')) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const path = url.pathname.slice(5).split('/').map(decodeURIComponent)
    if (path[0] === 'file' && request.method === 'GET') {
      const file = files.get(path[1])
      response.writeHead(file ? 200 : 404, { 'Content-Type': file?.info.type ?? 'text/plain' })
      return response.end(file?.bytes)
    }
    // Nobody else changes anything here: a feed without news.
    if (path[0] === 'changes' && request.headers.accept?.includes('event-stream')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      return response.write('retry: 3000\n\n')
    }
    const answer = async (path, params) => {
      try {
        const json = request.headers['content-type'] === 'application/json'
        return await api(request, path, params, json ? JSON.parse(bytes.toString() || '{}') : bytes)
      } catch (error) {
        if (!(error instanceof Fail)) console.error(error)
        return [error.status ?? 500, error.body ?? { error: 'internal', message: String(error) }]
      }
    }
    const many = async () => {
      const answers = []
      for (const wanted of url.searchParams.getAll('get')) {
        const [path, query] = wanted.split('?')
        const [status, body] = await answer(path.split('/').map(decodeURIComponent), new URLSearchParams(query ?? ''))
        answers.push({ status, body: body ?? null })
      }
      return [200, { answers }]
    }
    const [status, answered] = await (path[0] === 'many' ? many() : answer(path, url.searchParams))
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    return response.end(answered === undefined ? undefined : JSON.stringify(answered))
  }
  let file = join(dist, url.pathname)
  if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) {
    if (extname(url.pathname)) { response.writeHead(404); return response.end() }
    file = join(dist, 'index.html')
  }
  const br = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') && existsSync(file + '.br')
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': policy,
    'Cache-Control': url.pathname.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache', ...(br && { 'Content-Encoding': 'br' }),
  })
  createReadStream(br ? file + '.br' : file).pipe(response)
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
