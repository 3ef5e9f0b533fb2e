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

/* Columns of figures.part.sql, and what two_q.sql and two_q_trend.sql have behind them. */
enum { TQ_ID, TQ_WHO, TQ_TEAM, TQ_OPENING, TQ_OPENING_DUE, TQ_FOLLOW, TQ_FOLLOW_DUE, TQ_VISITS, TQ_REACHED,
       TQ_ADVANCED, TQ_PROFILE_KNOWN, TQ_PROFILE_MET, TQ_SKILL, TQ_FLOOR_QUANTITY, TQ_FLOOR_QUALITY,
       TQ_FINAL, TQ_AMOUNT, TQ_REST };
enum { TQ_MONTH_AMOUNT = TQ_REST };
enum { TR_MONTH = TQ_REST, TR_FIRST, TR_LAST };

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

static void read_weights(struct ctx *ctx, double ret[static QUALITIES])
{
	static const char *const settings[] = {
		[QUALITY_GOAL] = "quality_weight_goal", [QUALITY_ADVANCE] = "quality_weight_advance",
		[QUALITY_PROFILE] = "quality_weight_profile", [QUALITY_SKILL] = "quality_weight_skill",
	};

	for (size_t i = 0; i < QUALITIES; i++)
		ret[i] = (double)setting_int(ctx, settings[i]);
}

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

static const char *const quadrants[] = {
	[QUADRANT_BALANCED] = "balanced", [QUADRANT_MUCH_POOR] = "much_poor",
	[QUADRANT_GOOD_FEW] = "good_few", [QUADRANT_FEW_POOR] = "few_poor",
};

static struct value index_of(const struct score *s)
{
	return s->has_quantity && s->has_quality ? hundredths(s->index) : v_null();
}

static void write_person(struct ctx *ctx, struct report_call *call, const struct person *p)
{
	static const char *const belows[] = {
		[BELOW_QUANTITY] = "quantity", [BELOW_QUALITY] = "quality", [BELOW_BOTH] = "both",
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
		{ "index", index_of(&s) },
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
	double weights[QUALITIES];

	read_weights(ctx, weights);
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

struct month {
	const char *name, *first, *last;
	struct person person;
};

/* One person through the months, the latest first in `months`. */
static void write_trend(struct ctx *ctx, struct report_call *call, const struct month *months, size_t n)
{
	int64_t falls = 0;
	struct value before = v_null();

	for (size_t i = n; i-- > 0;) {
		const struct person *p = &months[i].person;
		struct score s = score_work(&p->work);
		struct value index = index_of(&s);

		falls = index.kind == V_INT && before.kind == V_INT && index.i < before.i ? falls + 1 : 0;
		before = index;
		report_row(ctx, call, (struct cell[]){
			{ "owner_id", v_int(p->id) },
			{ "who", v_text(p->who) },
			{ "month", v_text(months[i].name) },
			{ "quantity", percent_if(s.has_quantity, s.quantity) },
			{ "quality", percent_if(s.has_quality, s.quality) },
			{ "index", index },
			{ "quadrant", v_text(quadrants[s.quadrant]) },
			{ "falls", v_int(falls) },
			{ "amount", v_int(p->amount) },
			{ "amount_next", i ? v_int(months[i - 1].person.amount) : v_null() },
			{ "first_day", v_text(months[i].first) },
			{ "last_day", v_text(months[i].last) },
			{ 0 } });
	}
}

/* A person's rows stand together. */
static bool two_q_trend(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	struct month months[MONTHS];
	double weights[QUALITIES];
	size_t n = 0;

	read_weights(ctx, weights);
	while (db_next(q)) {
		if (n && months[0].person.id != db_int(q, TQ_ID)) {
			write_trend(ctx, call, months, n);
			n = 0;
		}
		assert(n < MONTHS);
		months[n].name = arena_dup(ctx->mem, db_text(q, TR_MONTH));
		months[n].first = arena_dup(ctx->mem, db_text(q, TR_FIRST));
		months[n].last = arena_dup(ctx->mem, db_text(q, TR_LAST));
		read_person(ctx->mem, q, weights, &months[n++].person);
	}
	write_trend(ctx, call, months, n);
	return true;
}

/* Columns of follow_ratio.sql. */
enum { FR_ID, FR_WHO, FR_TEAM_ID, FR_TEAM, FR_OPENED, FR_FOLLOWED, FR_SINCE };

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
	const char *since = NULL;
	bool by_team = value_is(report_param(call, "by"), "team");

	while (db_next(q)) {
		ratios = arena_grow(ctx->mem, ratios, &cap, n + 1, sizeof *ratios);
		ratios[n++] = (struct ratio){
			.id = db_int(q, FR_ID), .who = arena_dup(ctx->mem, db_text(q, FR_WHO)),
			.group = db_int(q, FR_TEAM_ID), .group_name = arena_dup(ctx->mem, db_text(q, FR_TEAM)),
			.opened = db_int(q, FR_OPENED), .followed = db_int(q, FR_FOLLOWED),
		};
		since = arena_dup(ctx->mem, db_text(q, FR_SINCE));
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
			{ "since", v_text(since) },     /* of the list behind the row */
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
