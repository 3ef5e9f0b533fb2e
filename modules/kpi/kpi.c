/*
 * What people are assessed by (S04-23), and a month's score of each of them (S01-04, K-92).
 *
 * A sheet is computed as its owner sees the figures: nobody is scored by, or told, rows beyond their reach.
 */
#include "modules/kpi/kpi_inner.h"

static bool is(struct value v, const char *word)
{
	return v.kind == V_TEXT && text_eq(v.s, word);
}

/*
 * The library
 */

static bool kpi_before(struct ctx *ctx, struct change *c)
{
	struct value metric = change_new(c, "metric");
	int64_t parent = value_id(change_new(c, "parent"));
	struct value kind;

	if (change_has(c, "metric") && metric.kind == V_TEXT && !metric_named(ctx, metric.s))
		return fail(ctx, ERR_INVALID, "metric", "没有指标“%s”，请填写分析页中的名称",
		            "There is no metric \"%s\": give a name as the page Analysis shows it", metric.s);
	if (!parent || !change_has(c, "parent"))
		return true;
	if (!record_get(ctx, "kpi", parent, "kind", &kind))
		return false;
	return (is(kind, "financial") && parent != change_id(c)) ||
	       fail(ctx, ERR_INVALID, "parent", "请选择它所支撑的财务指标", "Choose the financial KPI it decides");
}

static bool use_before(struct ctx *ctx, struct change *c)
{
	struct value role, name, kind;
	int64_t kpi = value_id(change_new(c, "kpi"));

	if (change_act(c) == CHANGE_DELETE || !kpi || !value_id(change_new(c, "role")))
		return true;
	if (!record_get(ctx, "role", value_id(change_new(c, "role")), "name", &role) ||
	    !record_get(ctx, "kpi", kpi, "name", &name) || !record_get(ctx, "kpi", kpi, "kind", &kind))
		return false;
	change_set(c, "name", v_text(fmt(ctx->mem, "%s · %s", role.s, name.s)));
	return is(kind, "financial") || value_id(change_new(c, "chosen")) || (!is(role, "senior") && !is(role, "owner")) ||
	       fail(ctx, ERR_INVALID, "chosen", "高层的考核表不放运营指标；确实需要请勾选“特意选用”",
	            "An executive's sheet has no operating detail; tick \"chosen on purpose\" if it is to have it");
}

/*
 * One line
 */

struct line {
	const struct metric *metric;
	const char *name;
	int64_t kpi, weight;
	struct value target, actual, attainment;
	bool team;                      /* of everybody the owner sees */
	const char *records;
};

struct sheet {
	int64_t id, owner, team;
	const char *month, *first, *last;
};

static bool counts(const struct line *l, const struct sheet *s, int64_t member)
{
	return l->team || member == s->owner;
}

/* The list of what was counted. */
static const char *records_of(struct ctx *ctx, const struct sheet *s, const struct line *l, const int64_t *people, size_t n)
{
	const struct measure *m = l->metric->top;
	struct text out;
	size_t shown = 0;

	text_init(&out, ctx->mem);
	metric_list(m, s->first, s->last, &out);
	text_addf(&out, "&%s=in.(", m->by->name);
	for (size_t i = 0; i < n; i++)
		if (counts(l, s, people[i]))
			text_addf(&out, "%s%" PRId64, shown++ ? "," : "", people[i]);
	text_addc(&out, ')');
	return out.s;
}

static bool read_actual(struct ctx *ctx, const struct sheet *s, struct line *l)
{
	struct metric_piece *pieces;
	int64_t *people;
	size_t n, n_people;
	int64_t top = 0;
	int64_t bottom = 0;
	int64_t actual;

	if (!metric_may(ctx, l->metric))
		return true;
	if (!metric_people(ctx, l->metric, &people, &n_people) ||
	    !metric_pieces(ctx, l->metric, &(struct metric_cut){ .from = s->first, .to = s->last }, &pieces, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (counts(l, s, pieces[i].member)) {
			top += pieces[i].top;
			bottom += pieces[i].bottom;
		}
	if (metric_hundredths(l->metric, top, bottom, &actual))
		l->actual = v_int(actual);
	l->records = records_of(ctx, s, l, people, n_people);
	return true;
}

/* The target in force, where the position names none. */
static bool read_target(struct ctx *ctx, const struct sheet *s, struct line *l)
{
	struct report_line *line;

	if (!report_rows(ctx, "target_span", (struct bind[]){
	        { "metric", v_text(l->metric->name) }, { "from", v_text(s->first) }, { "to", v_text(s->last) },
	        { l->team ? "team" : "person", v_text(fmt(ctx->mem, "%" PRId64, l->team ? s->team : s->owner)) }, { 0 } }, &line))
		return false;
	if (line)
		l->target = report_value(line, "target");
	return true;
}

/* Of what should be low, half of the target is as good as twice of what should be high. */
static void judge(struct line *l, int64_t cap)
{
	int64_t a = l->actual.i;
	int64_t b = l->target.i;
	int64_t rate;

	if (l->actual.kind != V_INT || l->target.kind != V_INT || b <= 0)
		return;
	if (l->metric->good_down)
		rate = a > 0 && int_muldiv(b, 10000, a, &rate) ? rate : cap;
	else if (!int_muldiv(a, 10000, b, &rate))
		rate = cap;
	l->attainment = v_int(rate < 0 ? 0 : rate > cap ? cap : rate);
}

static bool read_line(struct ctx *ctx, const struct sheet *s, struct line *l)
{
	const struct member *me = ctx->me;
	struct member owner;
	bool found;
	bool ok;

	if (!member_load(ctx, s->owner, &owner, &found))
		return false;
	if (!found)
		return true;
	ctx_as(ctx, &owner);
	ok = read_actual(ctx, s, l) && (l->target.kind == V_INT || read_target(ctx, s, l));
	ctx_as(ctx, me);
	return ok;
}

/*
 * A sheet
 */

static bool write_line(struct ctx *ctx, const struct sheet *s, const struct line *l, struct value points)
{
	int64_t id;
	const struct cell cells[] = {
		{ "sheet", v_int(s->id) }, { "kpi", v_int(l->kpi) }, { "name", v_text(l->name) }, { "weight", v_int(l->weight) },
		{ "target", l->target }, { "actual", l->actual }, { "attainment", l->attainment }, { "points", points },
		{ "records", v_text(l->records) }, { 0 } };

	if (!record_find(ctx, "kpi_line", fmt(ctx->mem, "sheet=eq.%" PRId64 "&kpi=eq.%" PRId64, s->id, l->kpi), &id))
		return false;
	return id ? record_update(ctx, "kpi_line", id, cells + 2) : record_create(ctx, "kpi_line", cells, NULL);
}

/* What a position no longer has. */
static bool drop_lines(struct ctx *ctx, const struct sheet *s, const char *kept)
{
	for (;;) {
		int64_t id;

		if (!record_find(ctx, "kpi_line", fmt(ctx->mem, "sheet=eq.%" PRId64 "%s", s->id, kept), &id))
			return false;
		if (!id)
			return true;
		if (!record_delete(ctx, "kpi_line", id, 0))
			return false;
	}
}

static bool sheet_read(struct ctx *ctx, int64_t id, struct sheet *ret)
{
	struct value owner, month, team;
	int64_t first;

	if (!record_get(ctx, "kpi_sheet", id, "owner", &owner) || !record_get(ctx, "kpi_sheet", id, "month", &month) ||
	    !record_get(ctx, "member", value_id(owner), "team", &team))
		return false;
	(void)date_parse(fmt(ctx->mem, "%s-01", month.s), &first);
	*ret = (struct sheet){ .id = id, .owner = value_id(owner), .team = value_id(team), .month = month.s,
	                       .first = date_text(ctx->mem, first),
	                       .last = date_text(ctx->mem, date_days(date_add_months(date_ymd(first), 1)) - 1) };
	return true;
}

/* What a sheet has, by the roles of its owner: of several that name a KPI, the one with the greatest weight. */
static bool read_uses(struct ctx *ctx, const struct sheet *s, struct line **ret, size_t *ret_n)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "kpi kpi_use member",
		"SELECT k.id, k.name, k.metric, u.weight, u.target, u.over FROM kpi_use u JOIN kpi k ON k.id = u.kpi"
		" JOIN member m ON m.id = $owner WHERE m.roles LIKE '%,' || u.role || ',%' ORDER BY k.id, u.weight DESC"),
		(struct bind[]){ { "owner", v_int(s->owner) }, { 0 } });
	size_t cap = 0;

	*ret = NULL;
	*ret_n = 0;
	if (!q)
		return false;
	while (db_next(q)) {
		const struct metric *metric = metric_named(ctx, db_text(q, 2));

		if (!metric || (*ret_n && (*ret)[*ret_n - 1].kpi == db_int(q, 0)))
			continue;
		*ret = arena_grow(ctx->mem, *ret, &cap, *ret_n + 1, sizeof **ret);
		(*ret)[(*ret_n)++] = (struct line){
			.metric = metric, .name = arena_dup(ctx->mem, db_text(q, 1)), .kpi = db_int(q, 0), .weight = db_int(q, 3),
			.target = db_null(q, 4) ? v_null() : v_int(db_int(q, 4)), .team = text_eq(db_text(q, 5), "team"),
			.actual = v_null(), .attainment = v_null(),
		};
	}
	db_done(q);
	return true;
}

/* Computes an open sheet; as system. */
static bool compute(struct ctx *ctx, int64_t id)
{
	int64_t cap = setting_int(ctx, "kpi_cap") * 100;
	int64_t points = 0;
	int64_t known = 0;
	struct line *lines;
	struct sheet s;
	struct text kept;
	size_t n;

	text_init(&kept, ctx->mem);
	if (!sheet_read(ctx, id, &s) || !read_uses(ctx, &s, &lines, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value gained = v_null();
		int64_t part;

		if (!read_line(ctx, &s, &lines[i]))
			return false;
		judge(&lines[i], cap);
		if (lines[i].attainment.kind == V_INT && int_muldiv(lines[i].weight, lines[i].attainment.i, 10000, &part)) {
			gained = v_int(part);
			points += lines[i].weight * lines[i].attainment.i;
			known += lines[i].weight;
		}
		if (!write_line(ctx, &s, &lines[i], gained))
			return false;
		text_addf(&kept, "&kpi=ne.%" PRId64, lines[i].kpi);
	}
	return drop_lines(ctx, &s, kept.s) && record_update(ctx, "kpi_sheet", id, (struct cell[]){
		{ "score", known ? v_int((points + known / 2) / known) : v_null() }, { "weight", v_int(known) },
		{ "computed_at", v_int(ctx->now) }, { 0 } });
}

static bool sheet_open(struct ctx *ctx, int64_t id)
{
	struct value state;

	if (!record_get(ctx, "kpi_sheet", id, "state", &state))
		return false;
	return is(state, "draft") || fail(ctx, ERR_INVALID, NULL, "考核表已定稿，不再改变", "The sheet is final: it stays as it is");
}

static bool refresh(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = sheet_open(ctx, call->id) && compute(ctx, call->id);

	ctx_as(ctx, me);
	return ok;
}

static bool finish(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx->me;
	struct sheet s;
	bool ok;

	ctx_as_system(ctx);
	ok = sheet_open(ctx, call->id) && sheet_read(ctx, call->id, &s);
	if (ok && s.owner == me->id && !me->system)
		ok = fail(ctx, ERR_DENIED, NULL, "不能给自己定稿", "Nobody finishes their own");
	if (ok && strcmp(s.last, ctx->today) >= 0)
		ok = fail(ctx, ERR_INVALID, NULL, "%s 还没有结束", "%s is not over yet", s.month);
	ok = ok && compute(ctx, call->id) &&
	     record_update(ctx, "kpi_sheet", call->id, (struct cell[]){ { "state", v_text("final") }, { 0 } });
	ctx_as(ctx, me);
	return ok;
}

static bool sheet_before(struct ctx *ctx, struct change *c)
{
	return ctx->me->system || value_id(change_new(c, "owner")) != ctx->me->id ||
	       fail(ctx, ERR_DENIED, "remark", "评语由上级填写", "The remark is for the leader to write");
}

/*
 * At night
 */

/* Everybody whose position has KPIs gets a sheet of the month; what is open is computed, a job each. */
static bool night(struct ctx *ctx, const struct json *args)
{
	const char *month = fmt(ctx->mem, "%.7s", ctx->today);
	int64_t *ids;
	size_t n;

	(void)args;
	if (!ctx_ids(ctx, scope_sql(ctx, "member kpi_use kpi_sheet",
		"SELECT m.id FROM member m WHERE m.active = 1 AND EXISTS (SELECT 1 FROM kpi_use u WHERE m.roles LIKE '%,' || u.role || ',%')"
		" AND NOT EXISTS (SELECT 1 FROM kpi_sheet s WHERE s.owner = m.id AND s.month = $month) ORDER BY m.id"),
		(struct bind[]){ { "month", v_text(month) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value label;

		if (!record_get(ctx, "member", ids[i], "label", &label) || !record_create(ctx, "kpi_sheet", (struct cell[]){
		        { "name", v_text(fmt(ctx->mem, "%s %s", label.s, month)) }, { "owner", v_int(ids[i]) },
		        { "month", v_text(month) }, { 0 } }, NULL))
			return false;
	}
	if (!ctx_ids(ctx, scope_sql(ctx, "kpi_sheet", "SELECT id FROM kpi_sheet WHERE state = 'draft' ORDER BY id"), NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!job_add(ctx, "kpi_sheet", fmt(ctx->mem, "{\"sheet\":%" PRId64 "}", ids[i]), ctx->now, NULL))
			return false;
	return true;
}

static bool one(struct ctx *ctx, const struct json *args)
{
	int64_t id;

	/* Finished, or gone, meanwhile. */
	if (!record_find(ctx, "kpi_sheet", fmt(ctx->mem, "id=eq.%" PRId64 "&state=eq.draft", json_int(args, "sheet", 0)), &id))
		return false;
	return !id || compute(ctx, id);
}

/*
 * Reports
 */

static struct value text_at(struct ctx *ctx, struct query *q, size_t i)
{
	return db_null(q, i) ? v_null() : v_text(arena_dup(ctx->mem, db_text(q, i)));
}

static struct value int_at(struct query *q, size_t i)
{
	return db_null(q, i) ? v_null() : v_int(db_int(q, i));
}

static bool scores(struct ctx *ctx, struct report_call *call)
{
	enum { OWNER, WHO, KPI, WEIGHT, TARGET, ACTUAL, ATTAINMENT, POINTS, RECORDS, SHEET };
	struct query *q = call->figures;

	while (db_next(q)) {
		bool item = !db_null(q, KPI);

		report_row(ctx, call, (struct cell[]){
			{ "owner_id", int_at(q, OWNER) }, { "who", text_at(ctx, q, WHO) },
			{ "kpi", item ? text_at(ctx, q, KPI) : v_text(say(ctx, "总分", "Score")) },
			{ "weight", int_at(q, WEIGHT) }, { "target", int_at(q, TARGET) }, { "actual", int_at(q, ACTUAL) },
			{ "attainment", int_at(q, ATTAINMENT) }, { "points", int_at(q, POINTS) },
			{ "open", item ? text_at(ctx, q, RECORDS)
			               : v_text(fmt(ctx->mem, "kpi_line?sheet=eq.%" PRId64, db_int(q, SHEET))) },
			{ 0 } });
	}
	return true;
}

/* S01-09: what a library has out of the box. */
static bool seed(struct ctx *ctx)
{
	int64_t sales;

	return record_create(ctx, "kpi", (struct cell[]){
		{ "name", v_text(say(ctx, "销售额", "Sales amount")) }, { "kind", v_text("financial") }, { "metric", v_text("sales_amount") }, { 0 } }, &sales) &&
	       record_create(ctx, "kpi", (struct cell[]){
		{ "name", v_text(say(ctx, "客户满意度", "Customer satisfaction")) }, { "kind", v_text("operating") }, { "parent", v_int(sales) },
		{ "metric", v_text("customer_satisfaction") }, { 0 } }, NULL) &&
	       record_create(ctx, "kpi", (struct cell[]){
		{ "name", v_text(say(ctx, "订单完成率", "Order completion rate")) }, { "kind", v_text("operating") }, { "parent", v_int(sales) },
		{ "metric", v_text("order_completion") }, { 0 } }, NULL);
}

const struct module kpi_module = {
	.name = "kpi",
	.seed = seed,
	.hooks = (const struct hook[]){
		{ "kpi", HOOK_BEFORE, kpi_before },
		{ "kpi_use", HOOK_BEFORE, use_before },
		{ "kpi_sheet", HOOK_BEFORE, sheet_before },
		{ "bonus_round", HOOK_BEFORE, bonus_before },
		{ "pool_share", HOOK_BEFORE, share_before },
		{ "performance_case", HOOK_BEFORE, case_before },
		{ "performance_step", HOOK_BEFORE, step_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "kpi_sheet", "refresh", refresh },
		{ "kpi_sheet", "finish", finish },
		{ "bonus_round", "propose", bonus_propose },
		{ "bonus_round", "scale", bonus_scale },
		{ 0 },
	},
	.reports = (const struct report_impl[]){ { "kpi_scores", scores }, { 0 } },
	.jobs = (const struct job_impl[]){
		{ "kpi_night", "daily 04:10", night, { "计算考核表", "Compute KPI sheets" } },
		{ "kpi_sheet", NULL, one, { "计算一份考核表", "Compute one KPI sheet" } },
		{ 0 },
	},
};
