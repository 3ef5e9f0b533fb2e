/*
 * Forecast: three methods side by side, and how far they were off.
 *
 * The figures come from reports/forecast.sql; chance.c and sum.c judge them.  The
 * hook keeps commitments in order: a person states, a superior confirms or changes.
 */
#include "modules/forecast/forecast_inner.h"
#include "modules/forecast/sum.h"

#include <math.h>
#include <stdlib.h>

/* Columns and parts of the SQL. */
enum { PART, BUCKET, A, B, C, D, LABEL, WORD, MORE };
enum { PART_PERIOD, PART_GROUP, PART_DEAL, PART_RATE, PART_WON, PART_COMMITTED, PART_STRETCH, PART_SINCE };

/* Earlier stretches that are looked at for new business, at most. */
enum { STRETCHES = 52, STRETCH_DAYS = 730 };

struct deal {
	int64_t bucket, stage, amount, probability, due;
	const char *kind;
	int32_t days;                   /* in the stage */
};

struct experience {
	int64_t stage;
	const char *kind;
	int32_t age;
	struct chance_curve curve;
};

/* What a person won from nothing in the stretches before. */
struct starter {
	int64_t bucket, id;
	const char *since;              /* the first month with business */
	double won[STRETCHES];
};

struct group {
	int64_t id;
	const char *label;
	int64_t won, committed, committers;
	bool has_committed, seen;
};

struct outlook {
	struct arena *mem;
	int64_t today;
	int32_t days, skip;             /* after `skip` days the period begins, after `days` it is over */
	const char *name;
	struct group *groups;
	struct deal *deals;
	struct experience *rates;
	struct starter *starters;
	size_t n_groups, cap_groups, n_deals, cap_deals, n_rates, cap_rates, n_starters, cap_starters;
};

/*
 * Reading
 */

static int by_group(const void *a, const void *b)
{
	const struct group *x = a;
	const struct group *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_bucket(const void *a, const void *b)
{
	const struct deal *x = a;
	const struct deal *y = b;

	return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static int by_place(const void *a, const void *b)
{
	const struct experience *x = a;
	const struct experience *y = b;
	int kind = strcmp(x->kind, y->kind);

	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return kind ? kind : x->age - y->age;
}

/* Hundredths of a percent, as they are kept. */
static void read_weeks(struct arena *mem, const char *s, double *ret)
{
	char **words;
	size_t n = s ? text_split(mem, s, ' ', &words) : 0;

	for (size_t i = 0; i < n && i < CHANCE_WEEKS; i++) {
		int64_t x = 0;

		int_parse(words[i], &x);
		ret[i] = (double)x / 10000;
	}
}

static struct starter *starter_of(struct outlook *o, int64_t bucket, int64_t id)
{
	for (size_t i = o->n_starters; i-- > 0;)
		if (o->starters[i].id == id)
			return &o->starters[i];
	o->starters = arena_grow(o->mem, o->starters, &o->cap_starters, o->n_starters + 1, sizeof *o->starters);
	o->starters[o->n_starters] = (struct starter){ .bucket = bucket, .id = id };
	return &o->starters[o->n_starters++];
}

static void read_deal(struct outlook *o, struct query *q)
{
	const char *since = db_text(q, WORD);
	const char *kind = db_text(q, LABEL);
	int64_t day = o->today;

	if (since)
		date_parse(since, &day);
	o->deals = arena_grow(o->mem, o->deals, &o->cap_deals, o->n_deals + 1, sizeof *o->deals);
	o->deals[o->n_deals++] = (struct deal){
		.bucket = db_int(q, BUCKET), .stage = db_int(q, A), .amount = db_int(q, B), .probability = db_int(q, C),
		.due = db_int(q, D), .kind = kind ? arena_dup(o->mem, kind) : "",
		.days = day < o->today ? (int32_t)(o->today - day) : 0,
	};
}

static void read_rate(struct outlook *o, struct query *q)
{
	const char *kind = db_text(q, LABEL);
	struct experience *e;

	o->rates = arena_grow(o->mem, o->rates, &o->cap_rates, o->n_rates + 1, sizeof *o->rates);
	e = &o->rates[o->n_rates++];
	*e = (struct experience){ .stage = db_int(q, A), .kind = kind ? arena_dup(o->mem, kind) : "",
	                          .age = (int32_t)db_int(q, B), .curve = { .cases = db_int(q, C) } };
	read_weeks(o->mem, db_text(q, WORD), e->curve.value);
	read_weeks(o->mem, db_text(q, MORE), e->curve.error);
}

/* What belongs to a group is kept until all groups are known. */
struct sum_line {
	int part;
	int64_t bucket, a, c;
};

static void read_period(struct outlook *o, struct query *q)
{
	o->days = (int32_t)db_int(q, A);
	o->skip = (int32_t)db_int(q, B);
	o->name = arena_dup(o->mem, db_text(q, LABEL));
}

static void read_starter(struct outlook *o, struct query *q, int64_t part)
{
	struct starter *s = starter_of(o, db_int(q, BUCKET), db_int(q, A));

	if (part == PART_SINCE)
		s->since = arena_dup(o->mem, db_text(q, WORD) ? db_text(q, WORD) : db_text(q, LABEL));
	else if (db_int(q, B) >= 0 && db_int(q, B) < STRETCHES)
		s->won[db_int(q, B)] += (double)db_int(q, C);
}

static struct group *group_of(struct outlook *o, int64_t id)
{
	struct group key = { .id = id };
	struct group *g = array_find(&key, o->groups, o->n_groups, sizeof *o->groups, by_group);

	if (g)
		g->seen = true;
	return g;
}

static void read_figures(struct outlook *o, struct query *q)
{
	struct sum_line *lines = NULL;
	size_t n = 0;
	size_t cap = 0;

	while (db_next(q)) {
		int64_t part = db_int(q, PART);

		switch (part) {
		case PART_PERIOD:
			read_period(o, q);
			break;
		case PART_GROUP:
			o->groups = arena_grow(o->mem, o->groups, &o->cap_groups, o->n_groups + 1, sizeof *o->groups);
			o->groups[o->n_groups++] = (struct group){ .id = db_int(q, BUCKET), .label = arena_dup(o->mem, db_text(q, LABEL)) };
			break;
		case PART_DEAL:
			read_deal(o, q);
			break;
		case PART_RATE:
			read_rate(o, q);
			break;
		case PART_STRETCH:
		case PART_SINCE:
			read_starter(o, q, part);
			break;
		default:
			lines = arena_grow(o->mem, lines, &cap, n + 1, sizeof *lines);
			lines[n++] = (struct sum_line){ (int)part, db_int(q, BUCKET), db_int(q, A), db_int(q, C) };
		}
	}
	array_sort(o->groups, o->n_groups, sizeof *o->groups, by_group);
	array_sort(o->deals, o->n_deals, sizeof *o->deals, by_bucket);
	array_sort(o->rates, o->n_rates, sizeof *o->rates, by_place);
	for (size_t i = 0; i < n; i++) {
		struct group *g = group_of(o, lines[i].bucket);

		if (!g)
			continue;
		if (lines[i].part == PART_WON) {
			g->won = lines[i].a;
		} else {
			g->committed = lines[i].a;
			g->committers = lines[i].c;
			g->has_committed = true;
		}
	}
}

/*
 * Adding up
 */

/* The experience with such opportunities; of their kind, else of all; NULL: too few were ever there. */
static const struct experience *experience_of(const struct outlook *o, const struct deal *d)
{
	struct experience key = { .stage = d->stage, .kind = d->kind, .age = chance_age(d->days) };
	const struct experience *e = array_find(&key, o->rates, o->n_rates, sizeof *o->rates, by_place);

	if (!e && *d->kind) {
		key.kind = "";
		e = array_find(&key, o->rates, o->n_rates, sizeof *o->rates, by_place);
	}
	return e && e->curve.cases >= CHANCE_CASES ? e : NULL;
}

struct figures {
	struct sum weighted, calibrated;
	int64_t open, due, undated, beyond, beyond_amount;
	bool has_new;
	double new_mean, new_variance;
};

static void add_new(const struct outlook *o, int64_t bucket, struct figures *f)
{
	int32_t length = o->days - o->skip;

	for (size_t i = 0; i < o->n_starters; i++) {
		const struct starter *s = &o->starters[i];
		int64_t since;
		double mean;
		double variance;

		if (s->bucket != bucket || !s->since || !date_parse(fmt(o->mem, "%.7s-01", s->since), &since))
			continue;

		int64_t watched = o->today - since < STRETCH_DAYS ? o->today - since : STRETCH_DAYS;
		int64_t n = (watched - o->skip) / length < STRETCHES ? (watched - o->skip) / length : STRETCHES;

		if (n < 2)
			continue;
		sum_next(s->won, (size_t)n, &mean, &variance);
		f->has_new = true;
		f->new_mean += mean;
		f->new_variance += variance;
	}
}

/* Opportunities of one group, which stand together. */
static struct figures figures_of(const struct outlook *o, int64_t bucket, const struct deal *deals, size_t n)
{
	struct figures f = { 0 };
	struct bet *weighted = arena_array(o->mem, n + 1, sizeof *weighted);
	struct bet *calibrated = arena_array(o->mem, n + 1, sizeof *calibrated);
	double *exposed = arena_array(o->mem, o->n_rates + 1, sizeof *exposed);
	size_t n_weighted = 0;
	size_t n_calibrated = 0;

	add_new(o, bucket, &f);

	double variance = f.new_variance;

	for (size_t i = 0; i < n; i++) {
		const struct deal *d = &deals[i];
		const struct experience *e = experience_of(o, d);

		f.open++;
		f.undated += d->due == 0;
		if (d->due == 1) {
			f.due++;
			weighted[n_weighted++] = (struct bet){ (double)d->amount, (double)d->probability / 10000 };
		}
		if (!e) {
			f.beyond++;
			f.beyond_amount += d->amount;
			continue;
		}
		calibrated[n_calibrated++] = (struct bet){ (double)d->amount,
			chance_within(e->curve.value, o->days) - chance_within(e->curve.value, o->skip) };
		exposed[e - o->rates] += (double)d->amount;
	}
	/* All that share an estimate share its error. */
	for (size_t i = 0; i < o->n_rates; i++) {
		double error = exposed[i] > 0 ? exposed[i] * chance_within(o->rates[i].curve.error, o->days) : 0;

		variance += error * error;
	}
	f.weighted = sum_of(o->mem, weighted, n_weighted, 0, 0);
	f.calibrated = sum_of(o->mem, calibrated, n_calibrated, f.new_mean, variance);
	return f;
}

/*
 * Rows
 */

static struct value money(double x)
{
	return v_int((int64_t)floor(x + 0.5));
}

static struct value money_if(bool known, double x)
{
	return known ? money(x) : v_null();
}

static void write_group(struct ctx *ctx, struct report_call *call, const struct outlook *o, const struct group *g,
                        const struct deal *deals, size_t n)
{
	struct figures f = figures_of(o, g->id, deals, n);
	struct value by = report_param(call, "by");
	/* Experience of something, even if nothing is open. */
	bool known = o->n_rates > 0 && (n == 0 || f.beyond < f.open || f.has_new);
	double won = (double)g->won;

	report_row(ctx, call, (struct cell[]){
		{ "who", v_text(g->label) },
		{ "owner_id", value_is(by, "owner") ? v_id(g->id) : report_param(call, "owner") },
		{ "team_id", value_is(by, "team") ? v_id(g->id) : report_param(call, "team") },
		{ "name", v_text(o->name) },
		{ "won", v_int(g->won) },
		{ "weighted", money(won + f.weighted.mean) },
		{ "weighted_low", money(won + f.weighted.low) },
		{ "weighted_high", money(won + f.weighted.high) },
		{ "calibrated", money_if(known, won + f.calibrated.mean) },
		{ "low", money_if(known, won + f.calibrated.low) },
		{ "high", money_if(known, won + f.calibrated.high) },
		{ "new_business", money_if(known && f.has_new, f.new_mean) },
		{ "committed", g->has_committed ? v_int(g->committed) : v_null() },
		{ "committers", v_int(g->committers) },
		{ "open_count", v_int(f.open) },
		{ "due_count", v_int(f.due) },
		{ "undated", v_int(f.undated) },
		{ "beyond", v_int(f.beyond) },
		{ "beyond_amount", v_int(f.beyond_amount) },
		{ 0 } });
}

bool forecast_report(struct ctx *ctx, struct report_call *call)
{
	struct outlook o = { .mem = ctx->mem, .today = instant_day(ctx->now) };
	size_t at = 0;

	o.groups = arena_grow(o.mem, o.groups, &o.cap_groups, 1, sizeof *o.groups);
	o.groups[o.n_groups++] = (struct group){ .label = value_is(report_param(call, "by"), "none") ? say(ctx, "合计", "all") : "–" };
	read_figures(&o, call->figures);
	if (o.days <= o.skip)
		return fail(ctx, ERR_INTERNAL, NULL, "工作日历没有这个期间", "The calendar does not have this period");
	for (size_t i = 0; i < o.n_deals; i++)
		group_of(&o, o.deals[i].bucket);
	for (size_t i = 0; i < o.n_starters; i++)
		group_of(&o, o.starters[i].bucket);
	for (size_t i = 0; i < o.n_groups; i++) {
		size_t from = at;

		while (at < o.n_deals && o.deals[at].bucket == o.groups[i].id)
			at++;
		if (o.groups[i].seen)
			write_group(ctx, call, &o, &o.groups[i], o.deals + from, at - from);
	}
	return true;
}

/*
 * How far they were off
 */

enum { METHODS = 3 };
static const char *const methods[METHODS] = { "weighted", "calibrated", "committed" };

struct record {
	const struct report_line *who;  /* a row of theirs */
	struct tally {
		int64_t periods, within;
		double forecast, actual, off;
	} by[METHODS];
};

static bool same_who(const struct report_line *a, const struct report_line *b)
{
	return value_id(report_value(a, "owner_id")) == value_id(report_value(b, "owner_id")) &&
	       value_id(report_value(a, "team_id")) == value_id(report_value(b, "team_id"));
}

static void add_line(struct record *r, const struct report_line *l)
{
	double actual = (double)value_id(report_value(l, "actual"));

	for (int m = 0; m < METHODS; m++) {
		struct value forecast = report_value(l, methods[m]);
		struct tally *t = &r->by[m];

		if (forecast.kind != V_INT)
			continue;
		t->periods++;
		t->forecast += (double)forecast.i;
		t->actual += actual;
		t->off += fabs((double)forecast.i - actual);
		t->within += m == 1 && value_id(report_value(l, "within"));
	}
}

/* The method with the smallest spread of those that have enough periods; METHODS: none. */
static int best_of(const struct record *r, int64_t periods)
{
	int best = METHODS;

	for (int m = 0; m < METHODS; m++)
		if (r->by[m].periods >= periods && r->by[m].actual > 0 &&
		    (best == METHODS || r->by[m].off / r->by[m].actual < r->by[best].off / r->by[best].actual))
			best = m;
	return best;
}

static struct value share(double part, double of)
{
	return of > 0 ? v_int((int64_t)floor(part / of * 10000 + 0.5)) : v_null();
}

static void write_record(struct ctx *ctx, struct report_call *call, const struct record *r)
{
	int64_t periods = value_id(report_param(call, "periods"));
	int best = best_of(r, periods);

	for (int m = 0; m < METHODS; m++) {
		const struct tally *t = &r->by[m];

		report_row(ctx, call, (struct cell[]){
			{ "who", report_value(r->who, "who") },
			{ "owner_id", report_value(r->who, "owner_id") },
			{ "team_id", report_value(r->who, "team_id") },
			{ "method", v_text(methods[m]) },
			{ "periods", v_int(t->periods) },
			{ "forecast", money_if(t->periods > 0, t->forecast) },
			{ "actual", money_if(t->periods > 0, t->actual) },
			{ "bias", share(t->forecast - t->actual, t->actual) },
			{ "spread", share(t->off, t->actual) },
			{ "within", m == 1 && value_is(report_param(call, "by"), "owner") ? v_int(t->within) : v_null() },
			{ "verdict", v_text(m == best ? "best" : t->periods < periods || t->actual <= 0 ? "few" : "other") },
			{ 0 } });
	}
}

static const char *param_text(struct ctx *ctx, const struct report_call *call, const char *name)
{
	struct value v = report_param(call, name);

	return v.kind == V_INT ? fmt(ctx->mem, "%" PRId64, v.i) : v.kind == V_TEXT ? v.s : NULL;
}

bool forecast_error_report(struct ctx *ctx, struct report_call *call)
{
	struct record *records = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct report_line *l;

	if (!report_rows(ctx, "forecast_history", (struct bind[]){
	        { "length", v_text(param_text(ctx, call, "length")) },
	        { "by", v_text(param_text(ctx, call, "by")) },
	        { "team", v_text(param_text(ctx, call, "team")) },
	        { "owner", v_text(param_text(ctx, call, "owner")) },
	        { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		size_t i = 0;

		while (i < n && !same_who(records[i].who, l))
			i++;
		if (i == n) {
			records = arena_grow(ctx->mem, records, &cap, n + 1, sizeof *records);
			records[n++] = (struct record){ .who = l };
		}
		add_line(&records[i], l);
	}
	for (size_t i = 0; i < n; i++)
		write_record(ctx, call, &records[i]);
	return true;
}

/*
 * Commitments
 */

static bool is_period(const char *s)
{
	size_t n = strlen(s);

	if (n != 7 || strspn(s, "0123456789") != 4 || s[4] != '-')
		return false;
	if (s[5] == 'Q')
		return s[6] >= '1' && s[6] <= '4';
	return strspn(s + 5, "0123456789") == 2 && strcmp(s + 5, "01") >= 0 && strcmp(s + 5, "12") <= 0;
}

/* Its last month: "2026-Q4" → "2026-12". */
static const char *last_month(struct arena *mem, const char *period)
{
	return period[5] == 'Q' ? fmt(mem, "%.5s%02d", period, (period[6] - '0') * 3) : period;
}

static bool check_over(struct ctx *ctx, struct change *c)
{
	struct value period = change_new(c, "period");

	if (strcmp(last_month(ctx->mem, period.s), arena_dupn(ctx->mem, ctx->today, 7)) >= 0)
		return true;
	return fail(ctx, ERR_INVALID, "period", "这个期间已经结束，承诺不能再改",
	            "This period is over: what was committed to stays");
}

/* The person states, whoever leads them confirms: neither for the other. */
static bool check_hands(struct ctx *ctx, struct change *c)
{
	bool own = value_id(change_new(c, "owner")) == ctx->actor;

	if (!ctx->actor)
		return true;
	if (change_has(c, "stated") && !own)
		return fail(ctx, ERR_INVALID, "stated", "承诺金额由本人填写，上级请填“主管确认”",
		            "The person states it; a superior fills in \"Confirmed\"");
	if ((change_has(c, "confirmed") || change_has(c, "reason")) && own && !ctx->me->admin)
		return fail(ctx, ERR_INVALID, "confirmed", "不能确认自己的承诺", "Nobody confirms their own commitment");
	if (change_has(c, "confirmed"))
		change_set(c, "confirmed_by", v_int(ctx->actor));
	return true;
}

static bool commitment_before(struct ctx *ctx, struct change *c)
{
	struct value period = change_new(c, "period");
	struct value stated = change_new(c, "stated");
	struct value confirmed = change_new(c, "confirmed");

	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;
	if (value_empty(period))
		change_set(c, "period", v_text(arena_dupn(ctx->mem, ctx->today, 7)));
	else if (!is_period(period.s))
		return fail(ctx, ERR_INVALID, "period", "请填写月如 2026-11，或季度如 2026-Q4",
		            "Give a month such as 2026-11 or a quarter such as 2026-Q4");
	if (stated.kind == V_NULL && confirmed.kind == V_NULL)
		return fail(ctx, ERR_INVALID, "stated", "请填写承诺金额", "Say how much");
	if (confirmed.kind == V_INT && (stated.kind != V_INT || stated.i != confirmed.i) &&
	    value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "与本人的承诺不同，请说明理由", "It differs from what was stated: say why");
	return check_over(ctx, c) && check_hands(ctx, c);
}

const struct module forecast_module = {
	.name = "forecast",
	.hooks = (const struct hook[]){
		{ "forecast_commitment", HOOK_BEFORE, commitment_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "forecast", forecast_report },
		{ "forecast_error", forecast_error_report },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "forecast_rates", "daily 00:20", forecast_rates, { "预测：更新赢率", "Forecast: refresh win rates" } },
		{ "forecast_snapshots", NULL, forecast_snapshots, { "预测：留存快照", "Forecast: keep snapshots" } },
		{ "forecast_lines", "daily 00:15", forecast_lines, { "预测：每日记录", "Forecast: record the day" } },
		{ 0 },
	},
};
