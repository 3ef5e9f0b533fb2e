/*
 * Who is below standard, and for how long it was tolerated (S00-07, S01-63); superiors by the middle and the tail of
 * their teams, not by the star (S00-08).  Attainment is read from the report of targets, behind the reader's own views.
 */
#include "modules/coach/coach_inner.h"

enum { MONTHS = 6 };                    /* looked back at most */

/* What a person attained in the last full months, newest first. */
struct attained {
	int64_t person;
	int64_t rate[MONTHS];           /* hundredths of a per cent; of several metrics the lowest */
	bool known[MONTHS];
};

static int64_t last_of_month_before(int64_t day)
{
	char text[11];

	date_format(day, text);
	return day - (text[8] - '0') * 10 - (text[9] - '0');
}

static bool read_month(struct ctx *ctx, int64_t last, struct report_line **ret)
{
	const char *on = date_text(ctx->mem, last);

	return report_rows(ctx, "target_attainment", (struct bind[]){
		{ "by", v_text("unit") }, { "on", v_text(on) }, { "period", v_text(arena_dupn(ctx->mem, on, 7)) }, { 0 } }, ret);
}

static struct attained *find(struct attained *list, size_t n, int64_t person)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].person == person)
			return &list[i];
	return NULL;
}

static bool read_attained(struct ctx *ctx, int64_t day, size_t months, struct attained **ret, size_t *ret_n)
{
	struct attained *list = NULL;
	size_t cap = 0;
	size_t n = 0;

	for (size_t m = 0; m < months; m++) {
		struct report_line *l;

		day = last_of_month_before(day);
		if (!read_month(ctx, day, &l))
			return false;
		for (; l; l = l->next) {
			int64_t person = value_id(report_value(l, "person_id"));
			struct value rate = report_value(l, "attainment");
			struct attained *a;

			if (!person || rate.kind != V_INT)
				continue;
			a = find(list, n, person);
			if (!a) {
				list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
				list[n] = (struct attained){ .person = person };
				a = &list[n++];
			}
			if (!a->known[m] || rate.i < a->rate[m])
				a->rate[m] = rate.i;
			a->known[m] = true;
		}
	}
	*ret = list;
	*ret_n = n;
	return true;
}

static int64_t months_below(const struct attained *a, int64_t limit)
{
	int64_t n = 0;

	while (a && n < MONTHS && a->known[n] && a->rate[n] < limit)
		n++;
	return n;
}

/* Whole months between two days. */
static int64_t months_between(const char *from, const char *to)
{
	int64_t months = ((to[0] - from[0]) * 1000 + (to[1] - from[1]) * 100 + (to[2] - from[2]) * 10 + to[3] - from[3]) * 12 +
	                 (to[5] - from[5]) * 10 + to[6] - from[6];

	return months - (strcmp(to + 8, from + 8) < 0);
}

/* A row of watch_list.sql, copied: its query is over before the targets are read. */
struct watched {
	int64_t id, leader, uncoached, plan;
	const char *who, *leader_name, *hired_on, *coached_on;
	bool has_uncoached;
};

enum { W_ID, W_WHO, W_LEADER, W_LEADER_NAME, W_HIRED, W_COACHED, W_UNCOACHED, W_PLAN, W_LIMIT, W_MONTHS, W_PERIODS, W_DAY };

static void one(struct ctx *ctx, struct report_call *call, const struct watched *w, const struct attained *a,
                const char *day, int64_t limit, int64_t new_months, int64_t periods)
{
	static const char *const plans[] = { "none", "missed", "open" };
	int64_t below = months_below(a, limit);
	int64_t tenure = w->hired_on ? months_between(w->hired_on, day) : -1;
	bool is_new = tenure >= 0 && tenure < new_months;
	bool gap = w->plan == 1 || (w->plan == 0 && below >= periods);

	if (!below && !is_new && w->plan != 1)
		return;
	report_row(ctx, call, (struct cell[]){
		{ "owner_id", v_int(w->id) }, { "who", v_text(w->who) }, { "leader_id", v_id(w->leader) }, { "leader_name", v_text(w->leader_name) },
		{ "why", v_text(below && is_new ? "both" : is_new ? "new" : "weak") },
		{ "attainment", a && a->known[0] ? v_int(a->rate[0]) : v_null() }, { "months_below", v_int(below) },
		{ "tenure", tenure >= 0 ? v_int(tenure) : v_null() }, { "coached_on", v_text(w->coached_on) },
		{ "uncoached", w->has_uncoached ? v_int(w->uncoached) : v_null() },
		{ "plan", v_text(plans[w->plan]) }, { "plan_gap", v_int(gap) }, { 0 } });
}

bool watch_list(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	struct watched *list = NULL;
	struct attained *attained;
	const char *day = NULL;
	int64_t limit = 0, months = 0, periods = 0;
	size_t cap = 0, n = 0, n_attained;

	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct watched){
			.id = db_int(q, W_ID), .who = arena_dup(ctx->mem, db_text(q, W_WHO)), .leader = db_int(q, W_LEADER),
			.leader_name = arena_dup(ctx->mem, db_text(q, W_LEADER_NAME)), .hired_on = arena_dup(ctx->mem, db_text(q, W_HIRED)),
			.coached_on = arena_dup(ctx->mem, db_text(q, W_COACHED)), .uncoached = db_int(q, W_UNCOACHED),
			.has_uncoached = db_value(q, W_UNCOACHED).kind == V_INT, .plan = db_int(q, W_PLAN) };
		limit = db_int(q, W_LIMIT);
		months = db_int(q, W_MONTHS);
		periods = db_int(q, W_PERIODS);
		day = arena_dup(ctx->mem, db_text(q, W_DAY));
	}
	if (!n)
		return true;
	if (!read_attained(ctx, value_day(v_text(day)), MONTHS, &attained, &n_attained))
		return false;
	for (size_t i = 0; i < n; i++)
		one(ctx, call, &list[i], find(attained, n_attained, list[i].id), day, limit, months, periods);
	return true;
}

/* By superior, from the same list. */
bool tolerated(struct ctx *ctx, struct report_call *call)
{
	struct { int64_t leader; const char *who; int64_t weak, without, months; } *list = NULL;
	struct report_line *l;
	size_t cap = 0, n = 0;
	const char *day = db_next(call->figures) ? arena_dup(ctx->mem, db_text(call->figures, 1)) : ctx->today;

	if (!report_rows(ctx, "watch_list", (struct bind[]){ { "on", v_text(day) }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		int64_t leader = value_id(report_value(l, "leader_id"));
		int64_t below = value_id(report_value(l, "months_below"));
		size_t i = 0;

		if (!leader || !below)
			continue;
		while (i < n && list[i].leader != leader)
			i++;
		if (i == n) {
			list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
			memset(&list[n], 0, sizeof *list);
			list[n].leader = leader;
			list[n++].who = report_value(l, "leader_name").s;
		}
		list[i].weak++;
		if (!value_is(report_value(l, "plan"), "open")) {
			list[i].without++;
			list[i].months += below;
		}
	}
	for (size_t i = 0; i < n; i++)
		report_row(ctx, call, (struct cell[]){
			{ "leader_id", v_int(list[i].leader) }, { "who", v_text(list[i].who) }, { "weak", v_int(list[i].weak) },
			{ "without", v_int(list[i].without) }, { "months", v_int(list[i].months) }, { 0 } });
	return true;
}

/*
 * Superiors
 */

struct score {
	int64_t people;
	struct value total, without_best, median, lowest;
};

static struct value rate_of(int64_t actual, int64_t target)
{
	int64_t rate;

	return target > 0 && int_muldiv(actual, 10000, target, &rate) ? v_int(rate) : v_null();
}

static int by_rate(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What a person has come to in a month. */
struct result {
	int64_t person, rate, actual, target;
};

struct results {
	struct result *list;
	size_t n;
};

/* The rows of one metric that have a rate: looked up by name once, not for each team. */
static struct results results_of(struct ctx *ctx, const struct report_line *l, const char *metric)
{
	struct results r = { 0 };
	size_t cap = 0;

	for (; l; l = l->next) {
		struct value rate = report_value(l, "attainment");

		if (rate.kind != V_INT || !value_is(report_value(l, "metric"), metric))
			continue;
		r.list = arena_grow(ctx->mem, r.list, &cap, r.n + 1, sizeof *r.list);
		r.list[r.n++] = (struct result){ value_id(report_value(l, "person_id")), rate.i, value_id(report_value(l, "actual")),
		                                 value_id(report_value(l, "target")) };
	}
	return r;
}

/* Of those whose person is among `ids`. */
static struct score score_of(struct ctx *ctx, const struct results *r, const int64_t *ids, size_t n_ids)
{
	int64_t *rates = arena_array(ctx->mem, n_ids + 1, sizeof *rates);
	int64_t actual = 0, target = 0, best_actual = INT64_MIN, best_target = 0, low = 0;
	struct score s = { .total = v_null(), .without_best = v_null(), .median = v_null(), .lowest = v_null() };
	size_t n = 0;

	for (size_t k = 0; k < r->n && n < n_ids; k++) {
		const struct result *one = &r->list[k];
		size_t i = 0;

		while (i < n_ids && ids[i] != one->person)
			i++;
		if (i == n_ids)
			continue;
		rates[n++] = one->rate;
		actual += one->actual;
		target += one->target;
		if (one->actual > best_actual) {
			best_actual = one->actual;
			best_target = one->target;
		}
	}
	s.people = (int64_t)n;
	if (!n)
		return s;
	array_sort(rates, n, sizeof *rates, by_rate);
	s.total = rate_of(actual, target);
	s.without_best = n > 1 ? rate_of(actual - best_actual, target - best_target) : v_null();
	s.median = v_int((rates[(n - 1) / 2] + rates[n / 2]) / 2);

	size_t tail = n / 4 ? n / 4 : 1;

	for (size_t i = 0; i < tail; i++)
		low += rates[i];
	s.lowest = v_int(low / (int64_t)tail);
	return s;
}

static struct value change_of(struct value now, struct value before)
{
	return now.kind == V_INT && before.kind == V_INT ? v_int(now.i - before.i) : v_null();
}

static const char *first_metric(const struct report_line *l)
{
	for (; l; l = l->next)
		if (value_id(report_value(l, "person_id")))
			return report_value(l, "metric").s;
	return "";
}

struct team {
	int64_t id;
	const char *name, *leader;
	int64_t *ids;
	size_t n, cap;
};

static void put_team(struct ctx *ctx, struct report_call *call, const struct team *t, const struct results *now,
                     const struct results *before)
{
	struct score s = score_of(ctx, now, t->ids, t->n);
	struct score was = score_of(ctx, before, t->ids, t->n);

	if (s.people)
		report_row(ctx, call, (struct cell[]){
			{ "team_id", v_int(t->id) }, { "team", v_text(t->name) }, { "who", v_text(t->leader) }, { "people", v_int(s.people) },
			{ "total", s.total }, { "without_best", s.without_best }, { "median", s.median },
			{ "median_change", change_of(s.median, was.median) }, { "lowest", s.lowest },
			{ "lowest_change", change_of(s.lowest, was.lowest) }, { 0 } });
}

bool manager_score(struct ctx *ctx, struct report_call *call)
{
	enum { ID, NAME, LEADER, MEMBER, DAY, METRIC };
	struct query *q = call->figures;
	struct report_line *now, *before;
	struct team *teams = NULL;
	const char *metric = NULL;
	int64_t day = 0;
	size_t cap = 0, n = 0;

	while (db_next(q)) {
		if (!n || teams[n - 1].id != db_int(q, ID)) {
			teams = arena_grow(ctx->mem, teams, &cap, n + 1, sizeof *teams);
			teams[n++] = (struct team){ .id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)),
			                            .leader = arena_dup(ctx->mem, db_text(q, LEADER)) };
		}

		struct team *t = &teams[n - 1];

		t->ids = arena_grow(ctx->mem, t->ids, &t->cap, t->n + 1, sizeof *t->ids);
		t->ids[t->n++] = db_int(q, MEMBER);
		day = value_day(db_value(q, DAY));
		metric = arena_dup(ctx->mem, db_text(q, METRIC));
	}
	if (!n)
		return true;
	day = last_of_month_before(day);
	if (!read_month(ctx, day, &now) || !read_month(ctx, last_of_month_before(day), &before))
		return false;
	if (!metric)
		metric = first_metric(now);

	struct results this_month = results_of(ctx, now, metric);
	struct results month_before = results_of(ctx, before, metric);

	for (size_t i = 0; i < n; i++)
		put_team(ctx, call, &teams[i], &this_month, &month_before);
	return true;
}
