// Declarations and example records for the mock server: a small sales company.

const L = (zh, en) => ({ zh, en })
const opsOf = type => ({
  long: ['like', 'is'], file: [], image: [], location: ['is'], bool: ['eq', 'is'],
  choice: ['eq', 'ne', 'in', 'is'], choices: ['in', 'is'], ref: ['eq', 'ne', 'in', 'is'], refs: ['in', 'is'], member: ['eq', 'ne', 'in', 'is'], team: ['eq', 'in', 'is'],
  region: ['eq', 'is'], text: ['eq', 'like', 'is'], phone: ['eq', 'like', 'is'], email: ['eq', 'like', 'is'], url: ['like', 'is'],
})[type] ?? ['eq', 'lt', 'lte', 'gt', 'gte', 'is']

const f = (name, type, zh, en, more = {}) => ({
  name, type, label: L(zh, en), ...more,
})
const c = (value, zh, en, color) => ({ value, label: L(zh, en), color })
const all = { create: true, update: true, delete: true, export: true, import: true }
const none = { create: false, update: false, delete: false, export: false, import: false }
const owner = f('owner', 'member', '负责人', 'Owner', { required: true, default: '$me' })

const kinds = ['text', 'long', 'phone', 'email', 'url', 'number', 'integer', 'duration', 'decimal', 'money', 'percent', 'bool', 'date', 'instant', 'choice', 'choices',
  'ref', 'refs', 'member', 'team', 'region', 'location', 'file', 'image', 'formula', 'total']

export const meta = {
  types: Object.fromEntries(kinds.map(type => [type, { ops: opsOf(type), sortable: !['long', 'file', 'image', 'location', 'choices', 'refs'].includes(type) }])),
  system: [],
  me: { id: '1', name: 'wangfang', label: '王芳', team: '1', roles: ['rep'], language: 'zh' },
  company: { name: '远航科技', currency: 'CNY', timezone: 'Asia/Shanghai', week_start: 1 },
  menus: [],
  objects: [
    {
      name: 'customer', label: L('客户', 'Customer'), plural: L('客户', 'Customers'), doc: L('与我们有往来或可能有往来的单位。', 'Companies we deal with or may deal with.'),
      module: 'customer', title: 'name', icon: 'building', can: all, menu: true,
      fields: [
        f('name', 'text', '名称', 'Name', { required: true, max: 120, search: true }),
        f('grade', 'choice', '等级', 'Grade', { choices: [c('a', 'A 重点', 'A key', 'red'), c('b', 'B 重要', 'B important', 'orange'), c('c', 'C 普通', 'C normal', 'gray')] }),
        f('industry', 'choice', '行业', 'Industry', { choices: [c('it', '信息技术', 'IT', 'blue'), c('make', '制造', 'Manufacturing', 'teal'), c('trade', '商贸', 'Trade', 'purple'), c('edu', '教育', 'Education', 'green')] }),
        f('phone', 'phone', '电话', 'Phone'), f('website', 'url', '网址', 'Website'),
        f('region', 'region', '地区', 'Region'), f('address', 'text', '地址', 'Address', { max: 200 }), f('place', 'location', '位置', 'Position'),
        f('tags', 'choices', '标签', 'Tags', { choices: [c('key', '大客户', 'Key account', 'pink'), c('chain', '连锁', 'Chain', 'indigo'), c('gov', '政府', 'Government', 'yellow')] }),
        f('headcount', 'integer', '人数', 'Head count', { min: 0 }), f('credit', 'money', '信用额度', 'Credit limit', { min: 0, help: L('超过额度的订单需要审批。', 'Orders above it need approval.') }),
        f('source', 'text', '来源', 'Source'), f('note', 'long', '备注', 'Note', { max: 20000 }), f('papers', 'file', '资料', 'Papers'),
        f('contacted_at', 'instant', '最近跟进', 'Last contact', { read_only: true }),
        f('open_amount', 'total', '在谈金额', 'Open amount', { read_only: true, yields: 'money' }), owner,
      ],
      list: ['name', 'grade', 'industry', 'phone', 'region', 'open_amount', 'contacted_at', 'owner'],
      form: [['name'], ['grade', 'industry'], ['phone', 'website'], ['region', 'address'], ['place'], ['tags'], ['headcount', 'credit'], ['source', 'owner'], ['note'], ['papers']],
      views: [
        { name: 'mine', label: L('我的客户', 'My customers'), query: 'owner=eq.$me&sort=-contacted_at' },
        { name: 'key', label: L('重点客户', 'Key customers'), query: 'grade=eq.a' },
        { name: 'today_silent', label: L('30 天没联系的重点客户', 'Key customers silent for 30 days'), query: 'owner=eq.$me&grade=in.(a,b)&contacted_at=lt.today-30&sort=contacted_at' },
      ],
      related: [{ object: 'contact', field: 'customer' }, { object: 'opportunity', field: 'customer' }, { object: 'activity', field: 'customer' }],
      actions: [{ name: 'release', label: L('放入公海', 'Release'), on: 'record', params: [f('reason', 'text', '原因', 'Reason', { required: true })], confirm: L('放入公海后，其他人可以领取。', 'Others may claim it afterwards.') }],
    },
    {
      name: 'contact', label: L('联系人', 'Contact'), plural: L('联系人', 'Contacts'), module: 'customer', title: 'name', icon: 'user', can: all, menu: true,
      fields: [
        f('name', 'text', '姓名', 'Name', { required: true, max: 60, search: true }), f('customer', 'ref', '客户', 'Customer', { to: 'customer', required: true }),
        f('position', 'text', '职务', 'Position'), f('role', 'choice', '决策角色', 'Decision role', { choices: [c('decider', '决策者', 'Decider', 'red'), c('user', '使用者', 'User', 'blue'), c('gate', '把关者', 'Gatekeeper', 'yellow')] }),
        f('mobile', 'phone', '手机', 'Mobile'), f('email', 'email', '邮箱', 'E-mail'), f('birthday', 'date', '生日', 'Birthday'), owner,
      ],
      list: ['name', 'customer', 'position', 'role', 'mobile', 'owner'],
      form: [['name', 'customer'], ['position', 'role'], ['mobile', 'email'], ['birthday', 'owner']], views: [],
      related: [{ object: 'activity', field: 'contact' }], actions: [],
    },
    {
      name: 'opportunity', label: L('商机', 'Opportunity'), plural: L('商机', 'Opportunities'), module: 'opportunity', title: 'name', icon: 'target', can: all, menu: true,
      board: { by: 'stage', sum: 'amount', within: 'pipeline' },
      fields: [
        f('name', 'text', '名称', 'Name', { required: true, max: 120, search: true }), f('customer', 'ref', '客户', 'Customer', { to: 'customer', required: true }),
        f('pipeline', 'ref', '流程', 'Pipeline', { to: 'pipeline', required: true }), f('stage', 'ref', '阶段', 'Stage', { to: 'stage', required: true, filter: 'pipeline=eq.$pipeline' }),
        f('amount', 'money', '金额', 'Amount', { min: 0 }), f('chance', 'percent', '把握', 'Chance', { min: 0, max: 100 }),
        f('weighted', 'formula', '加权金额', 'Weighted', { read_only: true, yields: 'money' }), f('close_on', 'date', '预计成交', 'Expected close'),
        f('next_step', 'text', '下一步', 'Next step'), f('next_on', 'date', '下一步日期', 'Next step on'), f('lost_reason', 'text', '丢单原因', 'Lost because'), owner,
      ],
      list: ['name', 'customer', 'stage', 'amount', 'chance', 'close_on', 'next_on', 'owner'],
      form: [['name'], ['customer', 'owner'], ['pipeline', 'stage'], ['amount', 'chance', 'close_on'], ['next_step', 'next_on'], ['lost_reason']],
      views: [
        { name: 'mine', label: L('我的商机', 'My opportunities'), query: 'owner=eq.$me&sort=-amount' },
        { name: 'closing', label: L('本月预计成交', 'Closing this month'), query: 'close_on=gte.month&close_on=lt.month+1&sort=close_on' },
        { name: 'today_no_step', label: L('没有下一步的商机', 'Without a next step'), query: 'owner=eq.$me&next_on=is.null&stage=in.(1,2,3,4)&sort=-amount' },
      ],
      related: [{ object: 'activity', field: 'opportunity' }], actions: [{ name: 'win', label: L('赢单', 'Win'), on: 'record', params: [] }],
    },
    {
      name: 'activity', label: L('跟进', 'Activity'), plural: L('跟进', 'Activities'), module: 'activity', title: 'subject', icon: 'chat', can: all, menu: true, calendar: { start: 'planned_at' },
      fields: [
        f('subject', 'text', '主题', 'Subject'), f('kind', 'choice', '方式', 'Kind', { required: true, choices: [c('visit', '拜访', 'Visit', 'blue'), c('call', '电话', 'Call', 'green'), c('message', '微信', 'Message', 'teal'), c('meeting', '会议', 'Meeting', 'purple')] }),
        f('customer', 'ref', '客户', 'Customer', { to: 'customer' }), f('contact', 'ref', '联系人', 'Contact', { to: 'contact', filter: 'customer=eq.$customer' }), f('opportunity', 'ref', '商机', 'Opportunity', { to: 'opportunity', filter: 'customer=eq.$customer' }),
        f('planned_at', 'instant', '计划时间', 'Planned at'), f('done_at', 'instant', '完成时间', 'Done at', { default: '$now' }), f('minutes', 'duration', '时长', 'Duration'),
        f('result', 'choice', '结果', 'Result', { choices: [c('good', '有进展', 'Progress', 'green'), c('same', '无变化', 'No change', 'gray'), c('bad', '受阻', 'Blocked', 'red')] }),
        f('goal_met', 'bool', '达成目标', 'Goal met'), f('note', 'long', '内容', 'What happened', { search: true }), f('photos', 'image', '照片', 'Photos'), owner,
      ],
      list: ['subject', 'kind', 'customer', 'planned_at', 'result', 'owner'],
      form: [['subject'], ['kind', 'result'], ['customer', 'contact'], ['opportunity'], ['planned_at', 'done_at'], ['minutes', 'goal_met'], ['note'], ['photos'], ['owner']],
      views: [{ name: 'today_planned', label: L('今天的计划', 'Planned today'), query: 'owner=eq.$me&planned_at=gte.today&planned_at=lt.today+1&sort=planned_at' }], related: [], actions: [],
    },
    {
      name: 'task', label: L('待办', 'Task'), plural: L('待办', 'Tasks'), module: 'activity', title: 'title', icon: 'tasks', can: all, menu: true, calendar: { start: 'due_on' }, board: { by: 'state' },
      fields: [
        f('title', 'text', '事项', 'What', { required: true, search: true }), f('due_on', 'date', '期限', 'Due', { required: true }),
        f('state', 'choice', '状态', 'State', { required: true, default: 'open', choices: [c('open', '待办', 'Open', 'blue'), c('doing', '进行中', 'Doing', 'yellow'), c('done', '完成', 'Done', 'green')] }),
        f('customer', 'ref', '客户', 'Customer', { to: 'customer' }), owner,
      ],
      list: ['title', 'due_on', 'state', 'customer', 'owner'], form: [['title'], ['due_on', 'state'], ['customer', 'owner']],
      views: [{ name: 'today_due', label: L('到期的待办', 'Due tasks'), query: 'owner=eq.$me&state=ne.done&due_on=lte.today&sort=due_on' }], related: [], actions: [],
    },
    {
      name: 'product', label: L('产品', 'Product'), plural: L('产品', 'Products'), module: 'product', title: 'name', icon: 'box', can: { ...none, export: true }, menu: true,
      fields: [f('code', 'number', '编号', 'Code', { read_only: true }), f('name', 'text', '名称', 'Name', { required: true, search: true }), f('price', 'money', '单价', 'Price'), f('active', 'bool', '在售', 'On sale')],
      list: ['code', 'name', 'price', 'active'], form: [['name', 'price'], ['active']], views: [], related: [], actions: [],
    },
    { name: 'pipeline', label: L('流程', 'Pipeline'), plural: L('流程', 'Pipelines'), title: 'name', icon: 'funnel', can: none, menu: false, fields: [f('name', 'text', '名称', 'Name')], list: ['name'], form: [['name']], views: [] },
    {
      name: 'stage', label: L('阶段', 'Stage'), plural: L('阶段', 'Stages'), title: 'name', icon: 'flag', can: none, menu: false,
      fields: [f('name', 'text', '名称', 'Name'), f('pipeline', 'ref', '流程', 'Pipeline', { to: 'pipeline' }), f('position', 'integer', '顺序', 'Position'), f('color', 'choice', '颜色', 'Colour', { choices: ['gray', 'blue', 'teal', 'yellow', 'green', 'red'].map(color => c(color, color, color, color)) })],
      list: ['name'], form: [['name']], views: [],
    },
    { name: 'member', label: L('成员', 'Member'), plural: L('成员', 'Members'), title: 'label', icon: 'users', can: none, menu: false, fields: [f('name', 'text', '用户名', 'Name'), f('label', 'text', '姓名', 'Full name', { search: true }), f('team', 'team', '团队', 'Team')], list: ['label', 'team'], form: [['name', 'label'], ['team']], views: [] },
    { name: 'team', label: L('团队', 'Team'), plural: L('团队', 'Teams'), title: 'name', icon: 'users', can: none, menu: false, fields: [f('name', 'text', '名称', 'Name')], list: ['name'], form: [['name']], views: [] },
    { name: 'role', label: L('角色', 'Role'), plural: L('角色', 'Roles'), title: 'label', icon: 'shield', can: none, menu: false, fields: [f('name', 'text', '名称', 'Name'), f('label', 'text', '标签', 'Label')], list: ['label'], form: [['label']], views: [] },
    {
      name: 'view', label: L('视图', 'View'), plural: L('视图', 'Views'), title: 'name', icon: 'eye', can: all, menu: false,
      fields: [f('object', 'text', '对象', 'Object', { required: true }), f('name', 'text', '名称', 'Name', { required: true }), f('query', 'long', '条件', 'Query'), f('layout', 'choice', '布局', 'Layout', { choices: [c('list', '列表', 'List'), c('board', '看板', 'Board')] }), owner],
      list: ['name'], form: [['name']], views: [],
    },
  ],
  reports: [],
  metrics: [
    { name: 'visit_done', label: L('拜访次数', 'Visits'), doc: L('已完成的拜访。', 'Visits done.'), unit: L('次', ''), kind: 'count', good: 'up', id: 'K-01' },
    { name: 'won_amount', label: L('赢单金额', 'Won'), unit: L('元', ''), kind: 'sum', good: 'up', id: 'K-02' },
    { name: 'win_rate', label: L('赢单率', 'Win rate'), unit: L('', ''), kind: 'ratio', good: 'up', id: 'K-03' },
    { name: 'new_customer', label: L('新客户', 'New customers'), unit: L('家', ''), kind: 'count', good: 'up', id: 'K-04' },
  ],
  settings: { colors_up: 'red' },
}

/* Example records, the same at every start */

let state = 20261125
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
const pick = list => list[Math.floor(random() * list.length)]
const day = offset => new Date(Date.now() + 8 * 3600e3 + offset * 86400e3).toISOString().slice(0, 10)
const at = (offset, hour = 9 + Math.floor(random() * 9)) => `${day(offset)}T${String(hour).padStart(2, '0')}:${pick(['00', '15', '30', '45'])}:00+08:00`
const fill = (count, make) => Array.from({ length: count }, (_, index) => ({ id: String(index + 1), ...make(index) }))

const cities = ['深圳', '广州', '东莞', '杭州', '苏州', '上海', '北京', '成都', '武汉', '青岛']
const names = ['华康', '远大', '中科', '瑞丰', '宏图', '天成', '信达', '博雅', '金桥', '恒通', '新宇', '万和', '东方', '联创', '海纳', '鼎盛']
const trades = ['科技有限公司', '实业股份有限公司', '贸易有限公司', '医疗器械有限公司', '教育咨询有限公司', '智能装备有限公司']
const people = ['张伟', '李娜', '刘洋', '陈静', '杨磊', '赵敏', '黄强', '周婷', '吴昊', '徐丽', '孙鹏', '马超', '欧阳雪', '林涛']
const members = ['王芳', '李强', '陈晨', '赵磊', '刘洋', '周敏']
const needs = ['ERP 升级', '产线改造', '年度采购', '会员系统', '仓储自动化', '云桌面', '安防二期', '数据中台']

export function examples() {
  const pipeline = [{ id: '1', name: '标准销售' }, { id: '2', name: '渠道合作' }]
  const stage = [
    ['初步接触', 1, 'gray'], ['需求确认', 1, 'blue'], ['方案报价', 1, 'teal'], ['商务谈判', 1, 'yellow'], ['赢单', 1, 'green'], ['丢单', 1, 'red'],
    ['洽谈', 2, 'blue'], ['签约', 2, 'green'],
  ].map(([name, line, color], index) => ({ id: String(index + 1), name, pipeline: String(line), position: index + 1, color }))
  const member = members.map((label, index) => ({ id: String(index + 1), name: 'm' + (index + 1), label, team: String(index % 2 + 1) }))
  member[0].name = 'wangfang'
  const customer = fill(320, index => ({
    name: `${pick(cities)}${pick(names)}${pick(trades)}`, grade: pick(['a', 'b', 'b', 'c', 'c', null]), industry: pick(['it', 'make', 'trade', 'edu']),
    phone: `1${pick(['38', '39', '86', '59'])}${String(10000000 + Math.floor(random() * 89999999))}`, website: index % 4 ? null : 'www.example.com',
    region: pick(['440305', '440303', '440106', '310115', '330106', '4403']), address: index % 3 ? null : '科技园南区 8 号', tags: pick([[], [], ['key'], ['chain'], ['key', 'gov']]),
    headcount: Math.floor(random() * 2000), credit: index % 3 ? null : String(Math.floor(random() * 90) * 10000) + '.00', source: pick(['展会', '转介绍', '官网', '电话']),
    note: index % 5 ? null : '老板重视服务响应速度，\n采购决策由信息部和财务部共同做出。', contacted_at: index % 7 ? at(-Math.floor(random() * 70)) : null,
    open_amount: String(Math.floor(random() * 300) * 10000) + '.00', owner: String(index % 3 ? index % 6 + 1 : 1), place: index % 6 ? null : { lat: '22.5431', lng: '113.9530', address: '深圳市南山区科技园' },
  }))
  const contact = fill(240, index => ({ name: pick(people), customer: String(index % 120 + 1), position: pick(['总经理', '采购经理', '信息部主任', '财务总监']), role: pick(['decider', 'user', 'gate', null]), mobile: `137${String(10000000 + Math.floor(random() * 89999999))}`, email: 'li@example.com', birthday: null, owner: String(index % 6 + 1) }))
  const opportunity = fill(130, index => {
    const line = index % 5 === 4 ? 2 : 1
    const amount = Math.floor(5 + random() * 400) * 5000
    const chance = pick([10, 30, 50, 80])
    return { name: `${pick(cities)}${pick(names)}${pick(needs)}`, customer: String(index % 90 + 1), pipeline: String(line), stage: line === 1 ? pick(['1', '1', '2', '2', '3', '3', '4', '5', '6']) : pick(['7', '8']), amount: amount + '.00', chance: String(chance), weighted: (amount * chance / 100).toFixed(2), close_on: day(Math.floor(random() * 80) - 15), next_step: index % 3 ? '送样并约总经理' : null, next_on: index % 3 ? day(Math.floor(random() * 20) - 4) : null, owner: String(index % 3 ? index % 6 + 1 : 1) }
  })
  const activity = fill(1100, index => {
    const planned = index < 4
    return { subject: planned ? pick(['拜访总经理', '方案演示', '催款', '回访']) : pick(['电话回访', '上门拜访', '方案沟通', '报价说明']), kind: pick(['visit', 'call', 'message', 'meeting']), customer: String(index % 60 + 1), contact: null, opportunity: index % 3 ? null : String(index % 90 + 1), planned_at: planned ? at(0, 9 + index * 2) : null, done_at: planned ? null : at(-Math.floor(random() * 40)), minutes: pick([15, 30, 60, 90]), result: planned ? null : pick(['good', 'same', 'bad']), goal_met: random() > 0.4, note: planned ? null : pick(['客户认可方案，价格还要再谈，约下周二再见。', '介绍了新产品的三个卖点，对方想看同行业案例。', '电话没有接通，改发微信。', '采购反馈预算已批，月底前定供应商。']), owner: String(index % 2 ? 1 : index % 6 + 1) }
  })
  const task = fill(40, index => ({ title: pick(['寄送样品', '准备报价单', '催办合同盖章', '整理会议纪要', '预约技术交流']), due_on: day(index % 12 - 4), state: pick(['open', 'open', 'doing', 'done']), customer: String(index + 1), owner: String(index % 2 ? 1 : 2) }))
  const product = fill(24, index => ({ code: `P2026${String(index + 1).padStart(4, '0')}`, name: pick(['智能网关', '工业相机', '云服务', '巡检终端']) + ' ' + pick(['标准版', '专业版', '旗舰版']), price: String(Math.floor(random() * 500) * 100) + '.00', active: index % 5 > 0 }))
  const region = [
    ['44', '广东省', null], ['31', '上海市', null], ['33', '浙江省', null], ['4403', '深圳市', '44'], ['4401', '广州市', '44'], ['3301', '杭州市', '33'], ['3101', '市辖区', '31'],
    ['440303', '罗湖区', '4403'], ['440305', '南山区', '4403'], ['440106', '天河区', '4401'], ['330106', '西湖区', '3301'], ['310115', '浦东新区', '3101'],
  ].map(([code, name, parent]) => ({ id: code, code, name, parent }))
  return {
    customer, contact, opportunity, activity, task, product, pipeline, stage, member, region,
    team: [{ id: '1', name: '华南一部' }, { id: '2', name: '华南二部' }], role: [{ id: '1', name: 'rep', label: '销售' }],
    view: [{ id: '1', object: 'opportunity', name: '深圳大单', query: 'name=like.*深圳*&amount=gte.500000&sort=-amount&_cols=name,customer,stage,amount', layout: 'list', owner: '1' }],
  }
}
