/*
 * Alerts: every deviation a report shows becomes somebody's dated task, once.
 *
 * Each night every active rule reads the report it stands for.  What it finds is
 * raised as a task unless one for the same thing is still open, or there was one
 * in the same period.  The task is closed with a remark.
 */
#include "modules/alerts/alerts_inner.h"

/*
 * Whose task
 */

static bool is_active(struct ctx *ctx, int64_t member, bool *ret)
{
	struct value active;

	*ret = false;
	if (!member)
		return true;
	if (!record_get(ctx, "member", member, "active", &active))
		return false;
	*ret = value_id(active) != 0;
	return true;
}

/* The nearest leader of the team or one above it who is active and not this person; 0: there is none. */
static bool leader_of(struct ctx *ctx, int64_t team, int64_t person, int64_t *ret)
{
	enum { MOST = 20 };

	*ret = 0;
	for (int i = 0; team && i < MOST; i++) {
		struct value leader;
		struct value parent;
		bool active;

		if (!record_get(ctx, "team", team, "leader", &leader) ||
		    !record_get(ctx, "team", team, "parent", &parent) || !is_active(ctx, value_id(leader), &active))
			return false;
		if (active && value_id(leader) != person) {
			*ret = value_id(leader);
			return true;
		}
		team = value_id(parent);
	}
	return true;
}

static bool receiver_of(const struct run *r, const struct finding *f, int64_t *ret)
{
	struct value superior;
	struct value team;
	bool active;

	if (!f->person)
		return leader_of(r->ctx, f->team, 0, ret);
	if (!is_active(r->ctx, f->person, &active))
		return false;
	*ret = active && !r->to_lead ? f->person : 0;
	if (!active || !r->to_lead)
		return true;
	if (!record_get(r->ctx, "member", f->person, "leader", &superior) ||
	    !record_get(r->ctx, "member", f->person, "team", &team) ||
	    !is_active(r->ctx, value_id(superior), &active))
		return false;
	*ret = value_id(superior);
	return active || leader_of(r->ctx, value_id(team), f->person, ret);
}

/*
 * Raising
 */

static const char *const PREFIX = "alert/";

/* Only for receivers who read the language this run speaks: the other run is theirs. */
static bool reads_this(struct ctx *ctx, int64_t member, bool *ret)
{
	struct value language;

	if (!record_get(ctx, "member", member, "language", &language))
		return false;
	*ret = value_is(language, "en") == in_english(ctx);
	return true;
}

bool raise_task(const struct run *r, const struct finding *f)
{
	struct ctx *ctx = r->ctx;
	const char *period = f->period ? f->period : r->period;
	const char *origin = fmt(ctx->mem, "%s%s/%c%" PRId64 "%s", PREFIX, r->rule, f->person ? 'm' : 't',
	                         f->person ? f->person : f->team, f->place);
	int64_t due = calendar_add_workdays(instant_day(ctx->now), r->workdays);
	int64_t receiver;
	int64_t task;
	bool theirs;

	if (!receiver_of(r, f, &receiver))
		return false;
	if (!receiver)
		return true;
	if (!reads_this(ctx, receiver, &theirs) ||
	    !record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&or=(state.eq.open,period.eq.%s)", origin, period),
	                 &task))
		return false;
	return task || !theirs || record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, f->title, 200)) },
		{ "owner", v_int(receiver) },
		{ "due_on", v_text(date_text(ctx->mem, due)) },
		{ "priority", v_text(r->priority) },
		{ "state", v_text("open") },
		{ "origin", v_text(origin) },
		{ "period", v_text(period) },
		{ "figure", v_text(f->figure) },
		{ "remark", v_text(f->remark) },
		{ 0 } }, NULL);
}

/*
 * The rules
 */

static const char *text_of(const struct report_line *l, const char *column)
{
	struct value v = report_value(l, column);

	return v.kind == V_TEXT ? v.s : "";
}

static int64_t int_of(const struct report_line *l, const char *column)
{
	return value_id(report_value(l, column));
}

static struct bind number_param(const struct run *r, const char *name, int64_t n)
{
	return (struct bind){ name, v_text(fmt(r->ctx->mem, "%" PRId64, n)) };
}

/* "12.5" of hundredths. */
static const char *percent(struct ctx *ctx, int64_t hundredths)
{
	return fmt(ctx->mem, "%" PRId64 ".%" PRId64, hundredths / 100, hundredths % 100 / 10);
}

/* In whole units of money. */
static const char *amount(struct ctx *ctx, int64_t minor)
{
	return fmt(ctx->mem, "%" PRId64, (minor + 50) / 100);
}

static struct bind share_param(const struct run *r)
{
	return (struct bind){ "share", v_text(fmt(r->ctx->mem, "%" PRId64 ".%02" PRId64, r->share / 100, r->share % 100)) };
}

static const char *pitfall_title(const struct run *r, const struct report_line *l)
{
	struct ctx *ctx = r->ctx;
	const char *who = text_of(l, "who");
	const char *part = percent(ctx, int_of(l, "part"));
	int64_t n = int_of(l, "count");

	if (text_eq(r->rule, "stopped"))
		return fmt(ctx->mem, in_english(ctx) ? "%s: since the success of %s no new prospect in %" PRId64 " workdays" : "%s：%s 成交或收款后 %" PRId64 " 个工作日没有开源",
		           who, text_of(l, "since"), n);
	if (text_eq(r->rule, "few_good"))
		return fmt(ctx->mem, in_english(ctx) ? "%s: %s %% of the value under way lies with %" PRId64 " customers" : "%s：在途金额的 %s %% 集中在 %" PRId64 " 个客户", who, part, n);
	if (text_eq(r->rule, "picking"))
		return fmt(ctx->mem, in_english(ctx) ? "%s: %" PRId64 " leads of 30 days dropped without a contact (%s %%)" : "%s：30 天内未联系就放弃 %" PRId64 " 条线索（%s %%）", who, n, part);
	return fmt(ctx->mem, in_english(ctx) ? "%s: visits are good, but only %s %% of the opening due: %" PRId64 " missing" : "%s：拜访质量达标，开源只达成 %s %%，还差 %" PRId64 " 个", who, part, n);
}

static bool pitfall(const struct run *r)
{
	struct report_line *l;
	struct bind params[4] = { { 0 } };

	if (text_eq(r->rule, "stopped")) {
		params[0] = number_param(r, "days", r->number);
	} else if (text_eq(r->rule, "few_good")) {
		params[0] = share_param(r);
		params[1] = number_param(r, "customers", r->number);
	} else if (text_eq(r->rule, "picking")) {
		params[0] = number_param(r, "dropped", r->number);
	}
	if (!report_rows(r->ctx, "pitfalls", params, &l))
		return false;
	for (; l; l = l->next) {
		struct value since = report_value(l, "since");

		if (!text_eq(text_of(l, "pitfall"), r->rule))
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = int_of(l, "owner_id"), .place = "", .period = since.kind == V_TEXT ? since.s : NULL,
		        .figure = fmt(r->ctx->mem, "/report/pitfalls?owner=%" PRId64, int_of(l, "owner_id")),
		        .title = pitfall_title(r, l) }))
			return false;
	}
	return true;
}

/* S02-01, S02-13: a factor below its own floor, or into another corner of the quadrant. */
static bool below(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	const char *from = date_text(ctx->mem, instant_day(ctx->now) - 29);
	struct report_line *l;

	if (!report_rows(ctx, "two_q", (struct bind[]){ { "from", v_text(from) }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		const char *quadrant = text_of(l, "quadrant");
		bool known = report_value(l, "quantity").kind == V_INT;
		bool judged = report_value(l, "quality").kind == V_INT;

		if (!*text_of(l, "below"))
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = int_of(l, "owner_id"), .place = fmt(ctx->mem, "/%s", *quadrant ? quadrant : text_of(l, "below")),
		        .figure = fmt(ctx->mem, "/report/two_q?owner=%" PRId64 "&from=%s&to=%s", int_of(l, "owner_id"), from, ctx->today),
		        .title = fmt(ctx->mem, in_english(ctx) ? "%s: quantity %s %%, quality %s %% in 30 days, below the floor" : "%s：30 天数量达成 %s %%，质量 %s %%，低于底线",
		                     text_of(l, "who"), known ? percent(ctx, int_of(l, "quantity")) : "–",
		                     judged ? percent(ctx, int_of(l, "quality")) : "–"),
		        .remark = *quadrant ? text_of(l, "reading") : NULL }))
			return false;
	}
	return true;
}

/* Results that fall, period after period. */
static bool falling(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct report_line *l;

	if (!report_rows(ctx, "two_q_trend", (struct bind[]){ number_param(r, "months", r->number + 1), { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		if (int_of(l, "falls") < r->number)
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = int_of(l, "owner_id"), .place = "",
		        .figure = fmt(ctx->mem, "/report/two_q_trend?owner=%" PRId64, int_of(l, "owner_id")),
		        .title = fmt(ctx->mem, in_english(ctx) ? "%s: 2Q fell %" PRId64 " months in a row, by %s to %s" : "%s：2Q 连续 %" PRId64 " 个月下降，到 %s 为 %s",
		                     text_of(l, "who"), int_of(l, "falls"), text_of(l, "month"),
		                     fmt(ctx->mem, "%" PRId64 ".%02" PRId64, int_of(l, "index") / 100, int_of(l, "index") % 100)) }))
			return false;
	}
	return true;
}

static const char *stage_name(struct ctx *ctx, const struct report_line *l)
{
	const char *english = text_of(l, "stage_en");

	return in_english(ctx) && *english ? english : text_of(l, "stage");
}

/* A stage of a team that is thin by more than chance. */
static bool neck(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct report_line *l;

	if (!report_rows(ctx, "funnel_diagnosis", (struct bind[]){ { "by", v_text("team") }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		if (!text_eq(text_of(l, "verdict"), "neck"))
			continue;
		if (!raise_task(r, &(struct finding){
		        .team = int_of(l, "team_id"), .place = fmt(ctx->mem, "/s%" PRId64, int_of(l, "stage_id")),
		        .figure = fmt(ctx->mem, "/report/funnel_diagnosis?by=team&team=%" PRId64, int_of(l, "team_id")),
		        .title = fmt(ctx->mem, in_english(ctx) ? "%s: the funnel has a neck at \"%s\"" : "%s：漏斗在“%s”处有细颈",
		                     text_of(l, "who"), stage_name(ctx, l)),
		        .remark = fmt(ctx->mem, "%s\n%s", text_of(l, "why"), text_of(l, "advice")) }))
			return false;
	}
	return true;
}

static const struct report_line *same_stage(const struct report_line *l, int64_t team, int64_t stage)
{
	while (l && (int_of(l, "team_id") != team || int_of(l, "stage_id") != stage))
		l = l->next;
	return l;
}

/* S03-05: somebody always fails at the same step, where the team does not. */
static bool coaching(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct report_line *teams;
	struct report_line *l;

	if (!report_rows(ctx, "funnel_diagnosis", (struct bind[]){ { "by", v_text("team") }, { 0 } }, &teams) ||
	    !report_rows(ctx, "funnel_diagnosis", (struct bind[]){ { "by", v_text("owner") }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		int64_t person = int_of(l, "owner_id");
		const struct report_line *all;
		struct value team;

		if (!person || int_of(l, "entered") < r->number)
			continue;
		if (!record_get(ctx, "member", person, "team", &team))
			return false;
		all = same_stage(teams, value_id(team), int_of(l, "stage_id"));
		if (!all || int_of(l, "count_rate") * 10000 >= int_of(all, "count_rate") * r->share)
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = person, .place = fmt(ctx->mem, "/s%" PRId64, int_of(l, "stage_id")),
		        .figure = fmt(ctx->mem, "/report/funnel_diagnosis?by=owner&owner=%" PRId64, person),
		        .title = fmt(ctx->mem, in_english(ctx) ? "Coach %s: \"%s\" passed %s %% (of %" PRId64 "), the team %s %%" : "辅导 %s：“%s”前进 %s %%（%" PRId64 " 个），团队 %s %%",
		                     text_of(l, "who"), stage_name(ctx, l), percent(ctx, int_of(l, "count_rate")),
		                     int_of(l, "entered"), percent(ctx, int_of(all, "count_rate"))),
		        .remark = text_of(l, "why") }))
			return false;
	}
	return true;
}

/* S01-47 */
static bool red_list(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	bool stalled = text_eq(r->rule, "stalled");
	struct report_line *l;

	if (!report_rows(ctx, "red_list", NULL, &l))
		return false;
	for (; l; l = l->next) {
		int64_t person = int_of(l, "owner_id");
		int64_t n = int_of(l, stalled ? "stalled" : "no_next");

		if (n < r->number)
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = person, .place = "",
		        .figure = fmt(ctx->mem, "/report/%s?owner=%" PRId64, stalled ? "stalled" : "red_list", person),
		        .title = fmt(ctx->mem, stalled
		            ? in_english(ctx) ? "%s: %" PRId64 " opportunities are stalled, of %" PRId64 : "%s：%" PRId64 " 个商机停滞（共 %" PRId64 " 个）"
		            : in_english(ctx) ? "%s: %" PRId64 " opportunities without a dated next step, of %" PRId64 : "%s：%" PRId64 " 个商机没有下一步日期（共 %" PRId64 " 个）",
		            text_of(l, "who"), n, int_of(l, "open_count")) }))
			return false;
	}
	return true;
}

/* Promised beyond what experience gives any chance of. */
static bool committed(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct report_line *l;

	if (!report_rows(ctx, "forecast", (struct bind[]){ { "by", v_text("owner") }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		int64_t said = int_of(l, "committed");
		int64_t likely = int_of(l, "calibrated");

		if (report_value(l, "calibrated").kind != V_INT || said <= int_of(l, "high") ||
		    (said - likely) * 10000 <= likely * r->share)
			continue;
		if (!raise_task(r, &(struct finding){
		        .person = int_of(l, "owner_id"), .place = "", .period = text_of(l, "name"),
		        .figure = fmt(ctx->mem, "/report/forecast?owner=%" PRId64, int_of(l, "owner_id")),
		        .title = fmt(ctx->mem, in_english(ctx)
		            ? "%s: committed to %s in %s, calibrated %s, at most %s"
		            : "%s：承诺 %s（%s），历史校准 %s，上限 %s",
		            text_of(l, "who"), amount(ctx, said), text_of(l, "name"),
		            amount(ctx, likely), amount(ctx, int_of(l, "high"))) }))
			return false;
	}
	return true;
}

/* The rules that C judges; all others name a report (declared.c). */
static const struct {
	const char *rule;
	bool (*find)(const struct run *r);
} judges[] = {
	{ "stopped", pitfall }, { "few_good", pitfall }, { "picking", pitfall }, { "excuse", pitfall },
	{ "below", below }, { "falling", falling }, { "neck", neck }, { "coaching", coaching },
	{ "no_next", red_list }, { "stalled", red_list }, { "committed", committed },
};

static bool find_with(const struct run *r)
{
	for (size_t i = 0; i < LENGTH(judges); i++)
		if (text_eq(judges[i].rule, r->rule))
			return judges[i].find(r);
	return declared_find(r);
}

/* "": a rule of every night. */
static const char *clock_of(struct value at)
{
	return at.kind == V_TEXT ? at.s : "";
}

/* Once in each language, so that each receiver reads theirs. */
static bool run_rule(struct ctx *ctx, int64_t id)
{
	static const char *const languages[] = { "zh", "en" };
	const struct member *me = ctx->me;
	struct value rule, active, share, number, receiver, workdays, priority, at;
	bool ok = true;

	if (!record_get(ctx, "alert_rule", id, "rule", &rule) ||
	    !record_get(ctx, "alert_rule", id, "active", &active) ||
	    !record_get(ctx, "alert_rule", id, "share", &share) ||
	    !record_get(ctx, "alert_rule", id, "number", &number) ||
	    !record_get(ctx, "alert_rule", id, "receiver", &receiver) ||
	    !record_get(ctx, "alert_rule", id, "workdays", &workdays) ||
	    !record_get(ctx, "alert_rule", id, "priority", &priority) ||
	    !record_get(ctx, "alert_rule", id, "at", &at))
		return false;
	if (!value_id(active))
		return true;
	for (size_t i = 0; ok && i < LENGTH(languages); i++) {
		struct member reader = *me;

		reader.language = languages[i];
		ctx_as(ctx, &reader);
		ok = find_with(&(struct run){
			.ctx = ctx, .rule = rule.s, .share = value_id(share), .number = value_id(number),
			.to_lead = value_is(receiver, "lead"), .workdays = value_id(workdays), .priority = priority.s,
			.period = *clock_of(at) ? ctx->today : arena_dupn(ctx->mem, ctx->today, 7),
		});
		ctx_as(ctx, me);
	}
	return ok;
}

static bool enter_job(struct ctx *ctx, const char *rule, const char *at, int64_t due)
{
	return job_add(ctx, "alerts", fmt(ctx->mem, "{\"rule\":\"%s\",\"day\":\"%s\",\"at\":\"%s\"}", rule, ctx->today, at), due, NULL);
}

/* A job for each rule, so that nobody waits long for the write lane: at once, or at the rule's own time of this day. */
static bool enter_jobs(struct ctx *ctx)
{
	int64_t after = 0;

	for (;;) {
		struct value rule, at;
		int64_t id;

		if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "active=eq.true&id=gt.%" PRId64 "&sort=id", after), &id))
			return false;
		if (!id)
			return true;
		after = id;
		if (!record_get(ctx, "alert_rule", id, "rule", &rule) || !record_get(ctx, "alert_rule", id, "at", &at) ||
		    !enter_job(ctx, rule.s, clock_of(at), *clock_of(at) ? day_clock(instant_day(ctx->now), at.s) : ctx->now))
			return false;
	}
}

/* A rule that is new, or has another time, still holds today if that time lies ahead. */
static bool rule_after(struct ctx *ctx, struct change *c)
{
	struct value at = change_new(c, "at");
	int64_t due = *clock_of(at) ? day_clock(instant_day(ctx->now), at.s) : 0;
	bool other = change_act(c) == CHANGE_CREATE || (change_act(c) == CHANGE_UPDATE && (change_has(c, "at") || change_has(c, "active")));

	return !other || due <= ctx->now || enter_job(ctx, change_new(c, "rule").s, at.s, due);
}

static bool raise_all(struct ctx *ctx, const struct json *args)
{
	const char *name = json_text(args, "rule", NULL);
	const char *clock = json_text(args, "at", "");
	struct value at;
	int64_t id;

	if (!name)
		return shipped_add(ctx) && enter_jobs(ctx);
	if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", name), &id))
		return false;
	if (!id)
		return true;
	if (!record_get(ctx, "alert_rule", id, "at", &at))
		return false;
	/* What was to be said at a time of a workday is not said at another. */
	if (!text_eq(clock, clock_of(at)) ||
	    (*clock && !(text_eq(json_text(args, "day", ""), ctx->today) && calendar_workday(instant_day(ctx->now)))))
		return true;
	return run_rule(ctx, id);
}

/* What a rule raised is closed by saying what was done about it, and does not just disappear. */
static bool task_before(struct ctx *ctx, struct change *c)
{
	struct value origin = change_old(c, "origin");
	bool closes = change_act(c) == CHANGE_UPDATE && change_has(c, "state") &&
	              !value_is(change_new(c, "state"), "open");

	if (origin.kind != V_TEXT || !text_starts(origin.s, PREFIX) || !ctx->actor)
		return true;
	if (change_act(c) == CHANGE_DELETE)
		return fail(ctx, ERR_INVALID, NULL, "预警任务不能删除，请写明处理情况后关闭",
		            "A task raised by a rule is not deleted: close it with a remark");
	if (closes && value_empty(change_new(c, "answer")))
		return fail(ctx, ERR_INVALID, "answer", "请写明处理情况", "Say what was done about it");
	return true;
}

const struct module alerts_module = {
	.name = "alerts",
	.hooks = (const struct hook[]){
		{ "task", HOOK_BEFORE, task_before },
		{ "indicator", HOOK_BEFORE, indicator_before },
		{ "alert_rule", HOOK_BEFORE, rule_before },
		{ "alert_rule", HOOK_AFTER, rule_after },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "anomalies", declared_anomalies },
		{ "indicators", indicators },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "alerts", "daily 03:20", raise_all, { "发出预警", "Raise alerts" } },
		{ 0 },
	},
	.seed = shipped_add,
};
