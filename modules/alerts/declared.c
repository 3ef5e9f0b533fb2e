/*
 * Declared rules: a report, the column that is measured, a limit, and the sentence to say.
 *
 * Every row beyond the limit becomes a task of the person in its column.  An administrator adds such a rule for any
 * report, shipped or own, and changes those there are.
 */
#include "modules/alerts/alerts_inner.h"

enum { COLUMNS = 5 };

/* Fields that name a column of the report. */
static const char *const columns[COLUMNS] = { "measured", "person_column", "team_column", "subject_column", "period_column" };

struct declared {
	const struct report *report;
	const char *params;             /* as in an address, NULL: none */
	const char *column[COLUMNS];    /* NULL: none */
	bool below;
	int64_t limit;                  /* hundredths */
	const char *sentence;
};

static const struct field *column_of(const struct report *r, const char *name)
{
	for (size_t i = 0; name && i < r->n_columns; i++)
		if (text_eq(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

static const char *text_or_null(struct value v)
{
	return v.kind == V_TEXT && v.n ? v.s : NULL;
}

/* NULL report: the rule names one that is no longer there, or a column it no longer has. */
static bool load(struct ctx *ctx, int64_t id, struct declared *ret)
{
	struct value report, params, side, limit, sentence;

	*ret = (struct declared){ 0 };
	if (!record_get(ctx, "alert_rule", id, "report", &report) || !record_get(ctx, "alert_rule", id, "params", &params) ||
	    !record_get(ctx, "alert_rule", id, "side", &side) || !record_get(ctx, "alert_rule", id, "limit_value", &limit) ||
	    !record_get(ctx, "alert_rule", id, in_english(ctx) ? "sentence_en" : "sentence", &sentence))
		return false;
	ret->params = text_or_null(params);
	ret->below = value_is(side, "below");
	ret->limit = value_id(limit);
	ret->sentence = text_or_null(sentence);
	ret->report = report.kind == V_TEXT ? schema_report(ctx->schema, report.s) : NULL;
	for (size_t i = 0; i < COLUMNS; i++) {
		struct value name;

		if (!record_get(ctx, "alert_rule", id, columns[i], &name))
			return false;
		ret->column[i] = text_or_null(name);
		if (ret->report && ret->column[i] && !column_of(ret->report, ret->column[i]))
			ret->report = NULL;
	}
	return true;
}

/* "a=1&b=2" as parameters. */
static struct bind *binds_of(struct arena *mem, const char *params)
{
	char **parts;
	size_t n = text_split(mem, params ? params : "", '&', &parts);
	struct bind *binds = arena_array(mem, n + 1, sizeof *binds);
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char *mark = strchr(parts[i], '=');

		if (!mark)
			continue;
		*mark = '\0';
		binds[used++] = (struct bind){ parts[i], v_text(mark + 1) };
	}
	return binds;
}

/* In hundredths, whatever the column counts. */
static bool measured(const struct declared *d, const struct report_line *l, int64_t *ret)
{
	const struct field *f = column_of(d->report, d->column[0]);
	struct value v = report_value(l, d->column[0]);

	return v.kind == V_INT && int_muldiv(v.i, 100, decimal_power(f->scale), ret);
}

static bool beyond(const struct declared *d, const struct report_line *l)
{
	int64_t value;

	/* Without a column every row is one. */
	if (!d->column[0])
		return true;
	return measured(d, l, &value) && (d->below ? value <= d->limit : value >= d->limit);
}

/* The sentence with {columns} filled in. */
static const char *say_it(struct ctx *ctx, const struct declared *d, const struct report_line *l)
{
	struct text out;
	const char *p = d->sentence ? d->sentence : "";

	text_init(&out, ctx->mem);
	while (*p) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const struct field *f = end ? column_of(d->report, arena_dupn(ctx->mem, p + 1, (size_t)(end - p - 1))) : NULL;

		if (!f) {
			text_addc(&out, *p++);
			continue;
		}

		struct value v = report_value(l, f->name);

		text_add(&out, v.kind == V_NULL ? "–" : field_type(f)->show(ctx, f, v));
		p = end + 1;
	}
	return out.s;
}

static bool one(const struct run *r, const struct declared *d, const struct report_line *l)
{
	struct ctx *ctx = r->ctx;
	int64_t ids[COLUMNS] = { 0 };
	const char *period = NULL;

	for (size_t i = 1; i < COLUMNS; i++)
		if (d->column[i]) {
			struct value v = report_value(l, d->column[i]);

			ids[i] = value_id(v);
			if (i == COLUMNS - 1)
				period = text_or_null(v);
		}
	if (!ids[1] && !ids[2])
		return true;
	return raise_task(r, &(struct finding){
		.person = ids[1], .team = ids[1] ? 0 : ids[2],
		.place = ids[3] ? fmt(ctx->mem, "/%" PRId64, ids[3]) : "",
		.period = period ? utf8_cut(ctx->mem, period, 10) : NULL,
		.figure = fmt(ctx->mem, "/report/%s%s%s", d->report->name, d->params ? "?" : "", d->params ? d->params : ""),
		.title = say_it(ctx, d, l) });
}

bool declared_find(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct declared d;
	struct report_line *l;
	int64_t id;

	if (!record_need(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", r->rule), &id) || !load(ctx, id, &d))
		return false;
	if (!d.report)
		return true;
	if (!report_rows(ctx, d.report->name, binds_of(ctx->mem, d.params), &l))
		return false;
	for (; l; l = l->next)
		if (beyond(&d, l) && !one(r, &d, l))
			return false;
	return true;
}

bool declared_gone(struct ctx *ctx, const char *rule)
{
	int64_t id;

	return !record_find(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s&report=is.notnull", rule), &id) || !id;
}

bool declared_jobs(struct ctx *ctx)
{
	int64_t after = 0;

	for (;;) {
		struct value rule;
		int64_t id;

		if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "report=is.notnull&active=eq.true&id=gt.%" PRId64 "&sort=id",
		                                        after), &id))
			return false;
		if (!id)
			return true;
		after = id;
		if (!record_get(ctx, "alert_rule", id, "rule", &rule) ||
		    !job_add(ctx, "alerts", fmt(ctx->mem, "{\"rule\":\"%s\"}", rule.s), ctx->now, NULL))
			return false;
	}
}

/*
 * Shipped
 */

static const struct {
	const char *rule, *name, *name_en, *report, *params, *column[COLUMNS], *side;
	int64_t limit;                  /* hundredths */
	const char *sentence, *sentence_en, *receiver;
	int64_t workdays;
} shipped[] = {
	{ "behind", "落后于时间进度（S01-52）", "Behind the time of the period (S01-52)", "target_attainment", "by=unit&on=today-1",
	  { "pace", "person_id", NULL, "plan_id", NULL }, "below", -2000,
	  "{unit}：{period} {metric}达成 {attainment}（{actual}，目标 {target}），时间已过 {elapsed}",
	  "{unit}: {attainment} of {metric} in {period} ({actual} of {target}), {elapsed} of the time is over", "lead", 2 },
	{ "activity_drop", "活动骤减", "Activity dropped", "activity_drop", NULL,
	  { "drop_rate", "owner_id", NULL, NULL, NULL }, "above", 5000,
	  "{who}：近 5 个工作日 {recent} 次活动，此前平均 {usual} 次",
	  "{who}: {recent} activities in 5 workdays, {usual} before on average", "lead", 2 },
	{ "silent", "老客户不再下单", "A customer stopped ordering", "silent_customers", NULL,
	  { NULL, "owner_id", NULL, "customer_id", "last_on" }, "above", 0,
	  "{customer}：{days} 天没有下单，平常 {rhythm} 天一单",
	  "{customer}: no order for {days} days, one in {rhythm} is usual", "person", 3 },
	{ "complaint_spike", "投诉骤增", "Complaints rose", "complaint_spike", NULL,
	  { "beyond", NULL, "team_id", NULL, NULL }, "above", 0,
	  "{team}：7 天 {recent} 起投诉，此前平均每周 {usual} 起",
	  "{team}: {recent} complaints in 7 days, {usual} a week before", "lead", 1 },
	{ "blame", "没成的拜访多怪客户（S02-08）", "Missed visits are blamed on customers (S02-08)", "blame", "least=10",
	  { "share", "owner_id", NULL, NULL, NULL }, "above", 8000,
	  "辅导 {who}：{judged} 次没成的拜访，{share} 只怪客户",
	  "Coach {who}: of {judged} missed visits {share} are blamed on the customer only", "lead", 3 },
	{ "opening_falls", "开源量连降三周（S02-02）", "Opening fell three weeks in a row (S02-02)", "opening_course", "falls=3",
	  { NULL, "owner_id", NULL, NULL, "first_day" }, "above", 0,
	  "{who}：开源量连降 {fell} 周，上周 {opened} 个",
	  "{who}: opening fell {fell} weeks in a row, to {opened}", "lead", 2 },
	{ "explicit", "只做显性需求（S02-09）", "Works explicit needs only (S02-09)", "positioning", NULL,
	  { "explicit_share", "owner_id", NULL, NULL, NULL }, "above", 5001,
	  "{who}：{explicit_share} 的商机是显性需求，隐性的要培育",
	  "{who}: {explicit_share} of the opportunities are explicit needs, implicit ones have to be cultivated", "lead", 3 },
	{ "outside", "不合客户定位（S02-09）", "Out of the customer profile (S02-09)", "positioning", NULL,
	  { "outside_share", "owner_id", NULL, NULL, NULL }, "above", 5001,
	  "{who}：{outside_share} 的商机不合产品的客户定位",
	  "{who}: {outside_share} of the opportunities are out of the product's profile", "lead", 3 },
	{ "prospecting", "开发太少（S01-65）", "Too little prospecting (S01-65)", "prospecting_gap", NULL,
	  { NULL, "owner_id", NULL, NULL, NULL }, "above", 0,
	  "{who}：{gap}不足，开发占 {prospecting}，最近新线索 {last_lead_on}",
	  "{who}: {gap}; {prospecting} of the time prospecting, last new lead {last_lead_on}", "lead", 3 },
	{ "key_uncovered", "大客户没人接触（S01-66）", "A key customer is not contacted (S01-66)", "key_uncovered", NULL,
	  { NULL, "owner_id", NULL, "customer_id", NULL }, "above", 0,
	  "大客户{customer}：{idle_days} 天没有接触",
	  "Key customer {customer}: no contact for {idle_days} days", "person", 1 },
	{ "largest", "靠一个客户（S01-72）", "Resting on one customer (S01-72)", "largest_customer", NULL,
	  { NULL, "owner_id", NULL, NULL, NULL }, "above", 0,
	  "{who}：{largest} 的业绩来自{customer}",
	  "{who}: {largest} of the value won is {customer}", "lead", 5 },
	{ "slack", "老员工松懈（S02-49）", "A veteran slackens (S02-49)", "veteran_slack", NULL,
	  { "drop_rate", "owner_id", NULL, NULL, NULL }, "above", 3000,
	  "{who}：近 90 天活动 {recent} 次，之前 {before} 次，目标变化 {target_change}",
	  "{who}: {recent} activities in 90 days, {before} before; targets changed by {target_change}", "lead", 3 },
	{ "request", "内部请求未按时接受（S02-18）", "An internal request is not accepted (S02-18)", "requests_late", NULL,
	  { NULL, "receiver_id", NULL, "request_id", "accept_by" }, "above", 0,
	  "{asker} 请你：{request}，{accept_by} 前应接受",
	  "{asker} asks you: {request}, to be accepted by {accept_by}", "person", 1 },
	{ "untouched", "长周期商机久未接触（S02-17）", "A long sale is not touched (S02-17)", "cycle_watch", "state=untouched",
	  { NULL, "owner_id", NULL, "opportunity_id", NULL }, "above", 0,
	  "{opportunity}：该接触了，已 {idle_days} 天没有接触，间隔 {touch_days} 天",
	  "{opportunity}: time to be in touch, the last was {idle_days} days ago, every {touch_days} days is due", "person", 2 },
	{ "skipped", "跳过了不该跳的阶段（S02-17）", "A phase was skipped (S02-17)", "skips_lately", NULL,
	  { NULL, "owner_id", NULL, "skip_id", "skipped_on" }, "above", 0,
	  "{who}：{opportunity}跳过“{stage}”，理由：{reason}",
	  "{who}: {opportunity} skipped \"{stage}\", reason: {reason}", "lead", 2 },
};

bool declared_add(struct ctx *ctx)
{
	for (size_t i = 0; i < LENGTH(shipped); i++) {
		int64_t id;

		if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", shipped[i].rule), &id))
			return false;
		if (!id && !record_create(ctx, "alert_rule", (struct cell[]){
		        { "rule", v_text(shipped[i].rule) }, { "name", v_text(shipped[i].name) },
		        { "name_en", v_text(shipped[i].name_en) }, { "active", v_int(1) },
		        { "report", v_text(shipped[i].report) }, { "params", v_text(shipped[i].params) },
		        { columns[0], v_text(shipped[i].column[0]) }, { columns[1], v_text(shipped[i].column[1]) },
		        { columns[2], v_text(shipped[i].column[2]) }, { columns[3], v_text(shipped[i].column[3]) },
		        { columns[4], v_text(shipped[i].column[4]) }, { "side", v_text(shipped[i].side) },
		        { "limit_value", v_int(shipped[i].limit) }, { "sentence", v_text(shipped[i].sentence) },
		        { "sentence_en", v_text(shipped[i].sentence_en) }, { "receiver", v_text(shipped[i].receiver) },
		        { "workdays", v_int(shipped[i].workdays) }, { "priority", v_text("high") }, { 0 } }, NULL))
			return false;
	}
	return true;
}

/*
 * What they found
 */

enum { A_RULE, A_NAME, A_NAME_EN, A_FOUND, A_OPEN, A_OVERDUE, A_SOLVED, A_TOOK, A_ON_TIME };

bool declared_anomalies(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t solved = db_int(q, A_SOLVED);
		int64_t days = 0;
		int64_t rate = 0;

		/* Tenths of a day. */
		if (solved && (!int_muldiv(db_int(q, A_TOOK), 1, solved * INT64_C(8640000), &days) ||
		               !int_muldiv(db_int(q, A_ON_TIME), 10000, solved, &rate)))
			return false;
		report_row(ctx, call, (struct cell[]){
			{ "rule", v_text(db_text(q, A_RULE)) },
			{ "kind", v_text(db_text(q, in_english(ctx) ? A_NAME_EN : A_NAME)) },
			{ "found", v_int(db_int(q, A_FOUND)) },
			{ "open_count", v_int(db_int(q, A_OPEN)) },
			{ "overdue", v_int(db_int(q, A_OVERDUE)) },
			{ "solved", v_int(solved) },
			{ "mean_days", solved ? v_int(days) : v_null() },
			{ "on_time_rate", solved ? v_int(rate) : v_null() },
			{ 0 } });
	}
	return true;
}

/*
 * An administrator's
 */

static bool check_column(struct ctx *ctx, struct change *c, const struct report *r, size_t i)
{
	const char *name = text_or_null(change_new(c, columns[i]));

	return !name || column_of(r, name) ||
	       fail(ctx, ERR_INVALID, columns[i], "报表“%s”没有列“%s”", "The report \"%s\" has no column \"%s\"", r->name, name);
}

bool declared_before(struct ctx *ctx, struct change *c)
{
	const char *name = text_or_null(change_new(c, "report"));
	const struct report *r = name ? schema_report(ctx->schema, name) : NULL;
	bool ok = true;

	if (change_act(c) == CHANGE_DELETE || (!name && change_act(c) != CHANGE_CREATE) || (ctx->me->system && !name))
		return true;
	if (!r)
		return fail(ctx, ERR_INVALID, "report", "没有这个报表；新规则须指明一个报表",
		            "There is no such report: a new rule names one");
	/* It goes by a name of its own in what it raises. */
	if (change_new(c, "rule").kind == V_NULL)
		change_set(c, "rule", v_text(fmt(ctx->mem, "own%" PRId64, ctx->now)));
	for (size_t i = 0; i < COLUMNS; i++)
		ok &= check_column(ctx, c, r, i);
	if (!text_or_null(change_new(c, "person_column")) && !text_or_null(change_new(c, "team_column")))
		ok = fail(ctx, ERR_INVALID, "person_column", "请指明哪一列是成员，或哪一列是团队",
		          "Say which column is the member, or which is the team");
	if (!text_or_null(change_new(c, "sentence")) || !text_or_null(change_new(c, "sentence_en")))
		ok = fail(ctx, ERR_INVALID, "sentence", "请写任务标题的中文和英文，列写作 {列名}",
		          "Write the task's title in both languages, columns as {name}");
	return ok;
}
