/*
 * 2Q: quantity × quality.
 *
 * The hook marks the first contact with each prospect, by which the opening
 * quantity counts; score.c judges; this file reads the figures of the reports and hands out rows.
 */
#include "engine/module.h"
#include "modules/twoq/score.h"

/*
 * First contacts
 */

#define TALKS "state=eq.done&kind=in.(call,visit,reception,meeting,message)"

/* The first of the talks that fit is marked, no other. */
static bool mark_first(struct ctx *ctx, const char *prospect, const char *bought)
{
	int64_t first;
	int64_t marked;
	struct value at;

	if (!record_find(ctx, "activity", fmt(ctx->mem, "%s&" TALKS "&sort=done_at,id", prospect), &first))
		return false;
	if (first && bought) {
		if (!record_get(ctx, "activity", first, "done_at", &at))
			return false;
		/* Who bought before is no prospect. */
		if (strcmp(date_text(ctx->mem, instant_day(value_id(at))), bought) > 0)
			first = 0;
	}
	for (;;) {
		if (!record_find(ctx, "activity", fmt(ctx->mem, "%s&first_contact=eq.true&id=ne.%" PRId64,
		                                      prospect, first), &marked))
			return false;
		if (!marked)
			break;
		if (!record_update(ctx, "activity", marked, (struct cell[]){ { "first_contact", v_int(0) }, { 0 } }))
			return false;
	}
	if (!first)
		return true;
	if (!record_get(ctx, "activity", first, "first_contact", &at))
		return false;
	return value_id(at) || record_update(ctx, "activity", first, (struct cell[]){
		{ "first_contact", v_int(1) }, { 0 } });
}

static bool mark_customer(struct ctx *ctx, int64_t id)
{
	struct value bought;

	return id == 0 || (record_get(ctx, "customer", id, "first_deal_on", &bought) &&
	                   mark_first(ctx, fmt(ctx->mem, "customer=eq.%" PRId64, id),
	                              bought.kind == V_TEXT ? bought.s : NULL));
}

/* Until it is a customer. */
static bool mark_lead(struct ctx *ctx, int64_t id)
{
	return id == 0 || mark_first(ctx, fmt(ctx->mem, "lead=eq.%" PRId64 "&customer=is.null", id), NULL);
}

static bool mark_both(struct ctx *ctx, const struct change *c, const char *field,
                      bool (*mark)(struct ctx *ctx, int64_t id))
{
	int64_t was = value_id(change_old(c, field));
	int64_t now = value_id(change_new(c, field));

	return mark(ctx, now) && (was == now || mark(ctx, was));
}

/* S02-08: whom a missed visit is blamed on; the company may ask for a reason. */
static bool activity_before(struct ctx *ctx, struct change *c)
{
	bool them = !value_empty(change_new(c, "lost_customer"));
	bool us = !value_empty(change_new(c, "lost_us"));

	if (change_has(c, "lost_customer") || change_has(c, "lost_us"))
		change_set(c, "lost_side", them && us ? v_text("both") : them ? v_text("customer") : us ? v_text("us") : v_null());
	if (ctx->import || them || us || !value_is(change_new(c, "kind"), "visit") || !value_is(change_new(c, "state"), "done") ||
	    !value_is(change_new(c, "goal_reached"), "no") || !(change_has(c, "goal_reached") || change_has(c, "state")) ||
	    !setting_bool(ctx, "missed_reason_required"))
		return true;
	return fail(ctx, ERR_INVALID, "lost_us", "没有达成的拜访，请写原因：客户一方的，我们一方的", "Say why it was missed: on their side, on ours");
}

static bool activity_after(struct ctx *ctx, struct change *c)
{
	static const char *const fields[] = { "customer", "lead", "state", "kind", "done_at" };
	bool matters = change_act(c) != CHANGE_UPDATE;

	for (size_t i = 0; i < LENGTH(fields); i++)
		matters |= change_has(c, fields[i]);
	if (ctx->import || !matters)
		return true;            /* twoq_openings follows an import */

	const struct member *me = ctx_as_system(ctx);
	bool ok = mark_both(ctx, c, "customer", mark_customer) && mark_both(ctx, c, "lead", mark_lead);

	ctx_as(ctx, me);
	return ok;
}

/* The next prospects, by id, whose first contact is not the marked one. */
static bool refresh(struct ctx *ctx, const struct json *args)
{
	bool customers = text_eq(json_text(args, "of", "customer"), "customer");
	int64_t *ids;
	size_t n;

	const char *sql = scope_sql(ctx, "activity",
		fmt(ctx->mem, "SELECT %s FROM activity WHERE %s > $after AND state = 'done'%s"
		" AND kind IN ('call', 'visit', 'reception', 'meeting', 'message') GROUP BY 1"
		" HAVING coalesce(min(done_at) FILTER (WHERE first_contact = 1), 0) <> min(done_at)"
		" ORDER BY 1 LIMIT %d", customers ? "customer" : "lead", customers ? "customer" : "lead",
		customers ? "" : " AND customer IS NULL", QUERY_LIMIT));
	if (!ctx_ids(ctx, sql, (struct bind[]){ { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(customers ? mark_customer : mark_lead)(ctx, ids[i]))
			return false;
	if (n < QUERY_LIMIT && !customers)
		return true;
	return job_add(ctx, "twoq_openings",
	               fmt(ctx->mem, "{\"of\":\"%s\",\"after\":%" PRId64 "}",
	                   customers && n == QUERY_LIMIT ? "customer" : "lead",
	                   n == QUERY_LIMIT ? ids[n - 1] : 0), ctx->now, NULL);
}

static bool import_after(struct ctx *ctx, struct change *c)
{
	return !change_has(c, "state") || !value_is(change_new(c, "state"), "done") ||
	       job_add(ctx, "twoq_openings", NULL, ctx->now, "twoq_openings");
}

/*
 * Reports
 */

static struct value hundredths(double x)
{
	return v_int((int64_t)(x * 100 + 0.5));
}

static struct value percent_if(bool known, double share)
{
	return known ? hundredths(share * 100) : v_null();
}

/* Columns of two_q.sql: a person's rows stand together, one for each month of results. */
enum { TQ_ID, TQ_WHO, TQ_TEAM, TQ_OPENING, TQ_OPENING_DUE, TQ_FOLLOW, TQ_FOLLOW_DUE, TQ_VISITS, TQ_REACHED,
       TQ_ADVANCED, TQ_PROFILE_KNOWN, TQ_PROFILE_MET, TQ_SKILL, TQ_FLOOR_QUANTITY, TQ_FLOOR_QUALITY,
       TQ_FINAL, TQ_AMOUNT, TQ_MONTH_AMOUNT };

enum { MONTHS = 24 };

struct person {
	int64_t id;                     /* 0: nobody yet */
	const char *who, *team;
	struct work work;
	int64_t opening_due;            /* tenths */
	int64_t final, amount;
	double months[MONTHS];
	size_t n_months;
};

static void read_person(struct arena *mem, struct query *q, const double *weights, struct person *p)
{
	*p = (struct person){
		.id = db_int(q, TQ_ID),
		.who = arena_dup(mem, db_text(q, TQ_WHO)),
		.team = arena_dup(mem, db_text(q, TQ_TEAM)),
		.opening_due = db_int(q, TQ_OPENING_DUE),
		.final = db_int(q, TQ_FINAL),
		.amount = db_int(q, TQ_AMOUNT),
		.work = {
			.opening = db_int(q, TQ_OPENING),
			.opening_due = (double)db_int(q, TQ_OPENING_DUE) / 10,
			.follow = db_int(q, TQ_FOLLOW),
			.follow_due = (double)db_int(q, TQ_FOLLOW_DUE),
			.visits = db_int(q, TQ_VISITS),
			.reached = db_int(q, TQ_REACHED),
			.advanced = db_int(q, TQ_ADVANCED),
			.profile_known = db_int(q, TQ_PROFILE_KNOWN),
			.profile_met = db_int(q, TQ_PROFILE_MET),
			.skill = db_null(q, TQ_SKILL) ? -1 : db_real(q, TQ_SKILL),
			.floor_quantity = (double)db_int(q, TQ_FLOOR_QUANTITY) / 10000,
			.floor_quality = (double)db_int(q, TQ_FLOOR_QUALITY) / 10000,
		},
	};
	memcpy(p->work.weights, weights, sizeof p->work.weights);
}

static void write_person(struct ctx *ctx, struct report_call *call, const struct person *p)
{
	static const char *const belows[] = {
		[BELOW_QUANTITY] = "quantity", [BELOW_QUALITY] = "quality", [BELOW_BOTH] = "both",
	};
	static const char *const quadrants[] = {
		[QUADRANT_BALANCED] = "balanced", [QUADRANT_MUCH_POOR] = "much_poor",
		[QUADRANT_GOOD_FEW] = "good_few", [QUADRANT_FEW_POOR] = "few_poor",
	};
	const struct work *w = &p->work;
	struct score s = score_work(w);
	double swing = 0;
	bool swings = score_volatility(p->months, p->n_months, &swing);

	report_row(ctx, call, (struct cell[]){
		{ "owner_id", v_int(p->id) },
		{ "who", v_text(p->who) },
		{ "team", v_text(p->team) },
		{ "opening", v_int(w->opening) },
		{ "opening_due", w->opening_due > 0 ? v_int(p->opening_due) : v_null() },
		{ "follow", v_int(w->follow) },
		{ "follow_due", w->follow_due > 0 ? v_int((int64_t)w->follow_due) : v_null() },
		{ "quantity", percent_if(s.has_quantity, s.quantity) },
		{ "visits", v_int(w->visits) },
		{ "goal_rate", percent_if(w->visits > 0, s.goal_rate) },
		{ "advance_rate", percent_if(w->visits > 0, s.advance_rate) },
		{ "profile_rate", percent_if(w->profile_known > 0, s.profile_rate) },
		{ "skill", percent_if(w->skill >= 0, w->skill) },
		{ "quality", percent_if(s.has_quality, s.quality) },
		{ "index", s.has_quantity && s.has_quality ? hundredths(s.index) : v_null() },
		{ "below", v_text(belows[s.below]) },
		{ "quadrant", v_text(quadrants[s.quadrant]) },
		{ "final", v_int(p->final) },
		{ "amount", v_int(p->amount) },
		{ "volatility", swings ? hundredths(swing) : v_null() },
		{ "reading", v_text(score_reading(&s, swing, in_english(ctx))) },
		{ 0 } });
}

static bool two_q(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	struct person p = { 0 };
	const double weights[QUALITIES] = {
		[QUALITY_GOAL] = (double)setting_int(ctx, "quality_weight_goal"),
		[QUALITY_ADVANCE] = (double)setting_int(ctx, "quality_weight_advance"),
		[QUALITY_PROFILE] = (double)setting_int(ctx, "quality_weight_profile"),
		[QUALITY_SKILL] = (double)setting_int(ctx, "quality_weight_skill"),
	};

	while (db_next(q)) {
		if (p.id != db_int(q, TQ_ID)) {
			if (p.id)
				write_person(ctx, call, &p);
			read_person(ctx->mem, q, weights, &p);
		}
		if (!db_null(q, TQ_MONTH_AMOUNT) && p.n_months < MONTHS)
			p.months[p.n_months++] = (double)db_int(q, TQ_MONTH_AMOUNT);
	}
	if (p.id)
		write_person(ctx, call, &p);
	return true;
}

/* Columns of two_q_trend.sql. */
enum { TR_MONTH, TR_FIRST, TR_LAST };

struct month {
	const char *name, *first, *last;
	struct report_line *people;     /* of two_q */
	const struct report_line *next; /* of them, behind whom was asked for last */
};

/* All months have their people in the same order: who is asked for in that order is next, or not there. */
static const struct report_line *person_of(struct month *m, int64_t id)
{
	for (const struct report_line *l = m->next; l; l = l->next)
		if (value_id(report_value(l, "owner_id")) == id) {
			m->next = l->next;
			return l;
		}
	return NULL;
}

/* Whoever is in the latest month, through the months: two_q of each, the latest first in `months`. */
static void write_trend(struct ctx *ctx, struct report_call *call, struct month *months, size_t n,
                        const struct report_line *of)
{
	const struct report_line *lines[MONTHS];
	int64_t falls = 0;
	struct value before = v_null();

	for (size_t i = 0; i < n; i++)
		lines[i] = person_of(&months[i], value_id(report_value(of, "owner_id")));
	for (size_t i = n; i-- > 0;) {
		const struct report_line *l = lines[i];
		struct value index = l ? report_value(l, "index") : v_null();

		falls = index.kind == V_INT && before.kind == V_INT && index.i < before.i ? falls + 1 : 0;
		before = index;
		if (!l)
			continue;
		report_row(ctx, call, (struct cell[]){
			{ "owner_id", report_value(l, "owner_id") },
			{ "who", report_value(l, "who") },
			{ "month", v_text(months[i].name) },
			{ "quantity", report_value(l, "quantity") },
			{ "quality", report_value(l, "quality") },
			{ "index", index },
			{ "quadrant", report_value(l, "quadrant") },
			{ "falls", v_int(falls) },
			{ "amount", report_value(l, "amount") },
			{ "amount_next", i && lines[i - 1] ? report_value(lines[i - 1], "amount") : v_null() },
			{ "first_day", v_text(months[i].first) },
			{ "last_day", v_text(months[i].last) },
			{ 0 } });
	}
}

static const char *id_text(struct ctx *ctx, struct value v)
{
	return v.kind == V_INT ? fmt(ctx->mem, "%" PRId64, v.i) : NULL;
}

static bool two_q_trend(struct ctx *ctx, struct report_call *call)
{
	struct month months[MONTHS];
	size_t n = 0;

	for (; n < MONTHS && db_next(call->figures); n++)
		months[n] = (struct month){ arena_dup(ctx->mem, db_text(call->figures, TR_MONTH)),
		                            arena_dup(ctx->mem, db_text(call->figures, TR_FIRST)),
		                            arena_dup(ctx->mem, db_text(call->figures, TR_LAST)), NULL, NULL };
	for (size_t i = 0; i < n; i++)
		if (!report_rows(ctx, "two_q", (struct bind[]){
		        { "from", v_text(months[i].first) },
		        { "to", v_text(months[i].last) },
		        /* How it swings is not asked. */
		        { "months", v_text("0") },
		        { "team", v_text(id_text(ctx, report_param(call, "team"))) },
		        { "owner", v_text(id_text(ctx, report_param(call, "owner"))) },
		        { 0 } }, &months[i].people))
			return false;
	for (size_t i = 0; i < n; i++)
		months[i].next = months[i].people;
	for (const struct report_line *l = n ? months[0].people : NULL; l; l = l->next)
		write_trend(ctx, call, months, n, l);
	return true;
}

/* Columns of follow_ratio.sql. */
enum { FR_ID, FR_WHO, FR_TEAM_ID, FR_TEAM, FR_OPENED, FR_FOLLOWED };

static bool follow_ratio(struct ctx *ctx, struct report_call *call)
{
	static const char *const readings[] = {
		[READING_FEW] = "few", [READING_NORMAL] = "normal", [READING_REP] = "rep", [READING_MARKET] = "market",
	};
	struct ratio *ratios = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct query *q = call->figures;
	struct value only = report_param(call, "only");
	bool by_team = value_is(report_param(call, "by"), "team");

	while (db_next(q)) {
		ratios = arena_grow(ctx->mem, ratios, &cap, n + 1, sizeof *ratios);
		ratios[n++] = (struct ratio){
			.id = db_int(q, FR_ID), .who = arena_dup(ctx->mem, db_text(q, FR_WHO)),
			.group = db_int(q, FR_TEAM_ID), .group_name = arena_dup(ctx->mem, db_text(q, FR_TEAM)),
			.opened = db_int(q, FR_OPENED), .followed = db_int(q, FR_FOLLOWED),
		};
	}
	score_ratios(ctx->mem, ratios, n);
	for (size_t i = 0; i < n; i++) {
		const struct ratio *r = &ratios[i];

		if (only.kind == V_TEXT && !text_eq(only.s, readings[r->reading]))
			continue;
		report_row(ctx, call, (struct cell[]){
			{ "owner_id", v_int(r->id) },
			{ "who", v_text(r->who) },
			{ "team_id", by_team ? v_id(r->group) : v_null() },
			{ "team", v_text(r->group_name) },
			{ "opened", v_int(r->opened) },
			{ "followed", v_int(r->followed) },
			{ "ratio", percent_if(r->opened > 0, r->value) },
			{ "median", percent_if(r->has_median, r->median) },
			{ "reading", v_text(readings[r->reading]) },
			{ 0 } });
	}
	return true;
}

const struct module twoq_module = {
	.name = "twoq",
	.hooks = (const struct hook[]){
		{ "activity", HOOK_BEFORE | HOOK_WRITES, activity_before },
		{ "activity", HOOK_AFTER, activity_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "two_q", two_q },
		{ "two_q_trend", two_q_trend },
		{ "follow_ratio", follow_ratio },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "twoq_openings", "daily 02:50", refresh, { "刷新首次联系", "Refresh first contacts" } },
		{ 0 },
	},
};
