#include "modules/demo/demo_inner.h"

/*
 * The company before its first day: teams, people, products, customers.
 */

static bool find_named(struct ctx *ctx, const char *object, const char *name, int64_t *ret)
{
	struct text q;

	text_init(&q, ctx->mem);
	text_add(&q, "name=eq.");
	text_url_encode(&q, name);
	return record_need(ctx, object, q.s, ret);
}

/* What modules seeded and the demo refers to. */
static bool find_seeds(struct ctx *ctx, struct sim *s)
{
	static const char *const reasons[REASONS] = {
		"价格", "价格", "选择竞争对手", "产品功能不足", "需求取消或推迟", "预算取消", "跟进不及时", "维持现状",
	};

	for (int i = 0; i < SOURCES; i++)
		if (!find_named(ctx, "source", word_source(i), &s->sources[i]))
			return false;
	for (int i = 0; i < INDUSTRIES; i++)
		if (!find_named(ctx, "industry", word_industry(i), &s->industries[i]))
			return false;
	for (int i = 0; i < REASONS; i++)
		if (!find_named(ctx, "loss_reason", reasons[i], &s->reasons[i]))
			return false;
	if (!record_need(ctx, "pipeline", "sort=position,id", &s->pipeline))
		return false;
	for (int i = 0; i < STAGES; i++)
		if (!record_need(ctx, "stage", fmt(ctx->mem, "pipeline=eq.%" PRId64 "&position=eq.%d",
		                                   s->pipeline, i + 1), &s->stages[i]))
			return false;
	return true;
}

static bool make_products(struct ctx *ctx, struct sim *s)
{
	static const struct {
		const char *name, *code, *category, *series, *unit;
		int64_t price, cost;    /* yuan */
	} products[PRODUCTS] = {
		{ "立体仓库 L2", "WH-L2", "智能仓储", "立库", "套", 680000, 455000 },
		{ "立体仓库 L5", "WH-L5", "智能仓储", "立库", "套", 1850000, 1260000 },
		{ "搬运机器人 R100", "AG-100", "智能仓储", "机器人", "台", 96000, 61000 },
		{ "搬运机器人 R300", "AG-300", "智能仓储", "机器人", "台", 168000, 108000 },
		{ "视觉检测仪 V1", "VI-1", "检测设备", "视觉", "台", 128000, 70000 },
		{ "视觉检测仪 V3", "VI-3", "检测设备", "视觉", "台", 245000, 139000 },
		{ "三坐标测量机", "CM-8", "检测设备", "测量", "台", 420000, 288000 },
		{ "仓储管理软件", "SW-WMS", "软件", "软件", "年", 86000, 12000 },
		{ "生产执行软件", "SW-MES", "软件", "软件", "年", 198000, 32000 },
		{ "年度维保服务", "SV-1", "服务", "服务", "年", 36000, 14000 },
	};
	static const char *const rivals[RIVALS] = { "北方智造", "海川自动化", "科远检测", "宏图软件" };

	for (int i = 0; i < PRODUCTS; i++) {
		s->prices[i] = products[i].price * 100;
		if (!record_create(ctx, "product", (struct cell[]){
		        { "name", v_text(products[i].name) },
		        { "code", v_text(products[i].code) },
		        { "category", v_text(products[i].category) },
		        { "series", v_text(products[i].series) },
		        { "unit", v_text(products[i].unit) },
		        { "list_price", v_int(products[i].price * 100) },
		        { "cost", v_int(products[i].cost * 100) },
		        { "commission_rate", v_int((3 + i % 3) * 100) },
		        { "active", v_int(1) },
		        { 0 } }, &s->products[i]))
			return false;
	}
	for (int i = 0; i < RIVALS; i++)
		if (!record_create(ctx, "competitor", (struct cell[]){
		        { "name", v_text(rivals[i]) },
		        { "active", v_int(1) },
		        { 0 } }, &s->rivals[i]))
			return false;
	return true;
}

static bool make_team(struct ctx *ctx, const char *name, const char *kind, int64_t parent,
                      int64_t heads, int64_t *ret)
{
	return record_create(ctx, "team", (struct cell[]){
		{ "name", v_text(name) },
		{ "kind", v_text(kind) },
		{ "parent", v_id(parent) },
		{ "planned_heads", v_id(heads) },
		{ 0 } }, ret);
}

static bool make_member(struct ctx *ctx, struct sim *s, int n, const char *role, int64_t team,
                        int64_t leader, int64_t *ret)
{
	int64_t role_id;
	char digits[11];

	if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", role), &role_id))
		return false;
	date_format(s->day - between(s, 60, 2400), digits);
	return record_create(ctx, "member", (struct cell[]){
		{ "name", v_text(person_login(ctx->mem, n)) },
		{ "label", v_text(person_name(ctx->mem, n)) },
		{ "team", v_id(team) },
		{ "leader", v_id(leader) },
		{ "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role_id)) },
		{ "phone", v_text(mobile_number(ctx->mem, s->phone++)) },
		{ "language", v_text("zh") },
		{ "active", v_int(1) },
		{ "hired_on", v_text(arena_dup(ctx->mem, digits)) },
		{ 0 } }, ret);
}

static void make_seller(struct sim *s, int64_t id, int64_t team, int area, bool neck)
{
	assert(s->n_sellers < s->cap_sellers);
	s->sellers[s->n_sellers++] = (struct seller){
		.id = id,
		.team = team,
		.skill = between(s, 65, 130),
		.diligence = between(s, 60, 125),
		.order = between(s, 45, 97),
		.neck = neck,
		.area = area,
	};
}

static bool set_leader(struct ctx *ctx, int64_t team, int64_t member)
{
	return record_update(ctx, "team", team, (struct cell[]){ { "leader", v_int(member) }, { 0 } });
}

/*
 * The first names go to those a reader meets first: 王芳 sells, 李伟 leads her
 * team, 张敏 manages the region, 刘静 owns the company.
 */
bool make_company(struct ctx *ctx, struct sim *s, int members)
{
	static const char *const region_names[] = { "华东大区", "华南大区" };
	static const char *const team_names[] = { "上海组", "江浙组", "广深组", "华中组" };
	static const char *const others[] = { "analyst", "inside", "finance", "service", "marketing" };
	int64_t top;
	int64_t office;
	int64_t owner;
	int64_t id;
	int64_t regions[2];
	int64_t managers[2];
	int64_t teams[4];
	int64_t leads[4];
	/* Two or four teams, each with a lead; a manager per region; the staff; the rest sells. */
	int n_teams = members >= 16 ? 4 : 2;
	int n_others = members >= 16 ? (int)LENGTH(others) : 1;
	int n = 0;
	int rank[4] = { 1, 5, 6, 7 };
	int sells = members - n_teams - n_teams / 2 - n_others - 1;

	if (!make_products(ctx, s) || !find_seeds(ctx, s) ||
	    !make_team(ctx, "华诚智能设备", "company", 0, 0, &top) ||
	    !make_team(ctx, "总部", "department", top, n_others, &office) ||
	    !make_member(ctx, s, 3, "owner", top, 0, &owner) || !set_leader(ctx, top, owner))
		return false;
	for (int i = 0; i < n_teams / 2; i++)
		if (!make_team(ctx, region_names[i], "region", top, 0, &regions[i]) ||
		    !make_member(ctx, s, i ? 4 : 2, "manager", regions[i], owner, &managers[i]) ||
		    !set_leader(ctx, regions[i], managers[i]))
			return false;
	for (int i = 0; i < n_teams; i++)
		if (!make_team(ctx, team_names[i], "team", regions[i / 2], sells / n_teams + 2, &teams[i]) ||
		    !make_member(ctx, s, rank[i], "lead", teams[i], managers[i / 2], &leads[i]) ||
		    !set_leader(ctx, teams[i], leads[i]))
			return false;
	for (int i = 0; i < sells; i++) {
		int team = i % n_teams;

		/* Names 1 to 7 are taken by those above. */
		n = i ? 7 + i : 0;
		if (!make_member(ctx, s, n, "rep", teams[team], leads[team], &id))
			return false;
		make_seller(s, id, teams[team], team, team == 1);
	}
	for (int i = 0; i < n_others; i++)
		if (!make_member(ctx, s, 7 + sells + i, others[i], office, owner, &s->marketer))
			return false;
	return true;
}

/*
 * Customers
 */

static bool make_contact(struct ctx *ctx, struct sim *s, struct client *c, int role)
{
	static const char *const roles[] = { "decider", "buyer", "user", "influencer", "decider", "user" };
	static const char *const attitudes[] = { "support", "neutral", "neutral", "oppose" };
	int year = between(s, 1966, 1996);
	struct ymd born = { year, between(s, 1, 12), between(s, 1, 28) };

	return record_create(ctx, "contact", (struct cell[]){
		{ "name", v_text(person_name(ctx->mem, s->person++)) },
		{ "customer", v_int(c->id) },
		{ "position", v_text(word_position(role)) },
		{ "decision_role", v_text(roles[role % 6]) },
		{ "attitude", v_text(attitudes[pick(s, 4)]) },
		{ "mobile", v_text(mobile_number(ctx->mem, s->phone++)) },
		{ "birthday", chance(s, 40) ? v_text(date_text(ctx->mem, date_days(born))) : v_null() },
		{ "birthday_lunar", v_int(chance(s, 20)) },
		{ 0 } }, &c->contacts[c->n_contacts++]);
}

bool make_client(struct ctx *ctx, struct sim *s, int seller, int area, int source, int brand,
                 const char *lifecycle, int *ret)
{
	static const char *const levels[] = { "a", "b", "b", "c", "c", "c", "d" };
	int industry = pick(s, INDUSTRIES);
	int size = between(s, 20, 900);
	bool deal = text_eq(lifecycle, "deal") || text_eq(lifecycle, "loyal");
	bool key = deal && chance(s, 25);
	struct client c = { .seller = seller, .deal = -1, .product = pick(s, PRODUCTS) };
	const char *first = date_text(ctx->mem, s->day - between(s, 30, 700));

	assert(s->n_clients < s->cap_clients);
	c.name = company_name(ctx->mem, brand, area, industry);
	if (!record_create(ctx, "customer", (struct cell[]){
	        { "name", v_text(c.name) },
	        { "short_name", v_text(brand_name(ctx->mem, brand)) },
	        { "level", v_text(levels[pick(s, (int)LENGTH(levels))]) },
	        { "lifecycle", v_text(lifecycle) },
	        { "source", v_int(s->sources[source]) },
	        { "industry", v_int(s->industries[industry]) },
	        { "region", v_text(area_region(area, brand)) },
	        { "phone", v_text(mobile_number(ctx->mem, s->phone++)) },
	        { "employees", v_int(size) },
	        { "revenue", v_int((int64_t)size * between(s, 20, 90) * 1000000) },
	        { "established", v_int(between(s, 1992, 2022)) },
	        { "key_account", v_int(key) },
	        { "key_reason", key ? v_text("年采购额高，行业样板") : v_null() },
	        { "credit_limit", deal ? v_int((int64_t)between(s, 5, 60) * 1000000) : v_null() },
	        { "credit_days", deal ? v_int(30) : v_null() },
	        { "owner", seller < 0 ? v_null() : v_int(s->sellers[seller].id) },
	        { "first_deal_on", deal ? v_text(first) : v_null() },
	        { "last_deal_on", deal ? v_text(first) : v_null() },
	        { 0 } }, &c.id))
		return false;

	int people = between(s, 1, CONTACTS);
	int role = pick(s, 3);

	for (int i = 0; i < people; i++)
		if (!make_contact(ctx, s, &c, role + i))
			return false;
	*ret = s->n_clients;
	s->clients[s->n_clients++] = c;
	return true;
}

bool make_clients(struct ctx *ctx, struct sim *s, int seller, int n)
{
	static const char *const cycles[] = { "potential", "potential", "intending", "deal", "deal",
	                                      "loyal", "silent" };
	int client;

	for (int i = 0; i < n; i++) {
		at_time(ctx, s, 9, between(s, 0, 59), s->sellers[seller].id);
		if (!make_client(ctx, s, seller, s->sellers[seller].area, pick(s, SOURCES), s->brand++,
		                 cycles[pick(s, (int)LENGTH(cycles))], &client))
			return false;
	}
	return true;
}

/* Customers given back some time ago. */
bool make_pool(struct ctx *ctx, struct sim *s, int n)
{
	static const char *const reasons[] = { "none", "unreachable", "capacity", "idle", "left" };
	int client;

	for (int i = 0; i < n; i++) {
		int former = pick(s, s->n_sellers);

		at_time(ctx, s, 8, 30, 0);
		if (!make_client(ctx, s, -1, s->sellers[former].area, pick(s, SOURCES), s->brand++,
		                 "potential", &client) ||
		    !record_update(ctx, "customer", s->clients[client].id, (struct cell[]){
			    { "former_owner", v_int(s->sellers[former].id) },
			    { "released_at", v_int(ctx->now - (int64_t)between(s, 1, 90) * 86400000) },
			    { "release_reason", v_text(reasons[pick(s, (int)LENGTH(reasons))]) },
			    { 0 } }))
			return false;
	}
	return true;
}
