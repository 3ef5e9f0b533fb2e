/*
 * deals: the reports whose figures are spreads: medians cannot be added up in SQL.
 *
 * The SQL of a report hands out totals, in any order; they are gathered by group, or stage, and written.
 */
#include "modules/opportunity/opportunity_inner.h"

#include "base/date.h"
#include "modules/opportunity/lengths.h"

/* Won, lost and open deals of one bucket. */
enum { WON, LOST, OPEN, RESULTS };

struct group {
	const char *bucket, *name, *teams;      /* name, teams: NULL if there are none */
	int64_t n[RESULTS];
	int64_t value;                          /* won */
	struct lengths days[RESULTS];
	const char *first_month, *last_month;   /* of closing; NULL: only open ones */
};

struct groups {
	struct group **list;                    /* by bucket */
	size_t n, cap;
	struct group *last;                     /* most rows are of the group before */
};

static struct group *group_of(struct ctx *ctx, struct groups *g, const char *bucket)
{
	size_t low = 0;
	size_t high = g->n;

	if (g->last && text_eq(g->last->bucket, bucket))
		return g->last;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(g->list[middle]->bucket, bucket);

		if (order == 0)
			return g->last = g->list[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	g->list = arena_grow(ctx->mem, g->list, &g->cap, g->n + 1, sizeof(struct group *));
	memmove(g->list + low + 1, g->list + low, (g->n - low) * sizeof(struct group *));
	g->n++;
	g->last = g->list[low] = arena_alloc(ctx->mem, sizeof(struct group));
	*g->last = (struct group){ .bucket = arena_dup(ctx->mem, bucket) };
	return g->last;
}

static int result_of(const char *s)
{
	return text_eq(s, "won") ? WON : text_eq(s, "lost") ? LOST : OPEN;
}

static void widen(struct ctx *ctx, struct group *g, const char *month)
{
	if (!month)
		return;
	if (!g->first_month || strcmp(month, g->first_month) < 0)
		g->first_month = arena_dup(ctx->mem, month);
	if (!g->last_month || strcmp(month, g->last_month) > 0)
		g->last_month = arena_dup(ctx->mem, month);
}

/* Half up; the parts are not negative. */
static struct value percent_of(int64_t part, int64_t whole)
{
	return whole > 0 ? v_int((part * 20000 + whole) / (2 * whole)) : v_null();
}

/* The mean, where a length is so many units, half up. */
static struct value mean_of(const struct lengths *l, int64_t units)
{
	return v_int((2 * units * l->sum + l->count) / (2 * l->count));
}

/* A median in days as tenths; none of none. */
static struct value median_tenths(struct lengths *days)
{
	return days->count ? v_int(lengths_middle(days) * 5) : v_null();
}

/*
 * The list behind a row
 */

/* "eq.5" of a parameter, empty if it is not given. */
static struct value given(struct ctx *ctx, struct report_call *call, const char *name)
{
	struct value v = report_param(call, name);

	if (v.kind == V_INT)
		return v_text(fmt(ctx->mem, "eq.%" PRId64, v.i));
	return v.kind == V_TEXT ? v_text(fmt(ctx->mem, "eq.%s", v.s)) : v_null();
}

/* The bucket, if that is what the report goes by; else what was asked for. */
static struct value test_of(struct ctx *ctx, struct report_call *call, const struct group *g, const char *name)
{
	if (!text_eq(report_param(call, "by").s, name))
		return given(ctx, call, name);
	return v_text(*g->bucket ? fmt(ctx->mem, "eq.%s", g->bucket) : "is.null");
}

static struct value team_test(struct ctx *ctx, struct report_call *call, const struct group *g)
{
	if (!text_eq(report_param(call, "by").s, "region") || report_param(call, "team").kind == V_INT || !g->teams)
		return test_of(ctx, call, g, "team");
	return v_text(fmt(ctx->mem, "in.(%s)", g->teams));
}

static bool dated(const struct report_call *call)
{
	const char *by = report_param(call, "by").s;

	return text_eq(by, "month") || text_eq(by, "quarter");
}

static const char *later(const char *a, const char *b)
{
	return !a || (b && strcmp(b, a) > 0) ? b : a;
}

static const char *earlier(const char *a, const char *b)
{
	return !a || (b && strcmp(b, a) < 0) ? b : a;
}

/* Open ones have no closing day: with a period, the list shows what ended in it. */
static struct value from_test(struct ctx *ctx, struct report_call *call, const struct group *g)
{
	const char *from = report_param(call, "from").s;

	if (dated(call) && !g->first_month)
		return v_text("is.null");
	if (dated(call))
		from = later(from, fmt(ctx->mem, "%s-01", g->first_month));
	return from ? v_text(fmt(ctx->mem, "gte.%s", from)) : v_null();
}

static struct value to_test(struct ctx *ctx, struct report_call *call, const struct group *g)
{
	const char *to = report_param(call, "to").s;
	int64_t day;

	if (dated(call) && !g->last_month)
		return v_null();
	if (dated(call) && date_parse(fmt(ctx->mem, "%s-01", g->last_month), &day))
		to = earlier(to, date_text(ctx->mem, date_days(date_add_months(date_ymd(day), 1)) - 1));
	return to ? v_text(fmt(ctx->mem, "lte.%s", to)) : v_null();
}

/*
 * win_rate
 */

static void read_deals(struct ctx *ctx, struct query *q, struct groups *ret)
{
	enum { BUCKET, NAME, TEAMS, RESULT, MONTH, N, AMOUNT, DAYS };

	while (db_next(q)) {
		struct group *g = group_of(ctx, ret, db_text(q, BUCKET));
		int result = result_of(db_text(q, RESULT));

		if (!g->name && db_text(q, NAME))
			g->name = arena_dup(ctx->mem, db_text(q, NAME));
		if (!g->teams && db_text(q, TEAMS))
			g->teams = arena_dup(ctx->mem, db_text(q, TEAMS));
		g->n[result] += db_int(q, N);
		g->value += result == WON ? db_int(q, AMOUNT) : 0;
		lengths_add_spread(ctx->mem, &g->days[result], db_text(q, DAYS));
		widen(ctx, g, db_text(q, MONTH));
	}
}

static void write_win_rate(struct ctx *ctx, struct report_call *call, struct group *g)
{
	int64_t closed = g->n[WON] + g->n[LOST];

	report_row(ctx, call, (struct cell[]){
		{ "label", v_text(g->name ? g->name : "–") },
		{ "won", v_int(g->n[WON]) }, { "lost", v_int(g->n[LOST]) }, { "open", v_int(g->n[OPEN]) },
		{ "rate_closed", percent_of(g->n[WON], closed) },
		{ "rate_all", percent_of(g->n[WON], closed + g->n[OPEN]) },
		{ "value_won", v_int(g->value) },
		{ "cycle_median_days", median_tenths(&g->days[WON]) },
		{ "cycle_lost_median_days", median_tenths(&g->days[LOST]) },
		{ "owner", test_of(ctx, call, g, "owner") }, { "team", team_test(ctx, call, g) },
		{ "leader", test_of(ctx, call, g, "leader") }, { "product", test_of(ctx, call, g, "product") },
		{ "source", test_of(ctx, call, g, "source") },
		{ "from", from_test(ctx, call, g) }, { "to", to_test(ctx, call, g) },
		{ 0 } });
}

static int by_value(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a;
	const struct group *y = *(struct group *const *)b;

	return x->value != y->value ? (x->value < y->value) - (x->value > y->value) : strcmp(x->bucket, y->bucket);
}

bool deals_win_rate(struct ctx *ctx, struct report_call *call)
{
	struct groups all = { 0 };

	read_deals(ctx, call->figures, &all);
	if (!dated(call))
		array_sort(all.list, all.n, sizeof(struct group *), by_value);
	for (size_t i = 0; i < all.n; i++)
		if (all.list[i]->n[WON] + all.list[i]->n[LOST] + all.list[i]->n[OPEN] > 0)
			write_win_rate(ctx, call, all.list[i]);
	return true;
}

/*
 * cycle_time
 */

static int by_count(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a;
	const struct group *y = *(struct group *const *)b;
	int64_t n = x->days[WON].count;
	int64_t m = y->days[WON].count;

	return n != m ? (n < m) - (n > m) : strcmp(x->bucket, y->bucket);
}

bool deals_cycle_time(struct ctx *ctx, struct report_call *call)
{
	enum { BUCKET, NAME, DAYS };
	struct groups all = { 0 };
	struct query *q = call->figures;

	while (db_next(q)) {
		struct group *g = group_of(ctx, &all, db_text(q, BUCKET));

		if (!g->name && db_text(q, NAME))
			g->name = arena_dup(ctx->mem, db_text(q, NAME));
		lengths_add_spread(ctx->mem, &g->days[WON], db_text(q, DAYS));
	}
	array_sort(all.list, all.n, sizeof(struct group *), by_count);
	for (size_t i = 0; i < all.n; i++) {
		struct group *g = all.list[i];
		struct lengths *days = &g->days[WON];
		bool by_result = text_eq(report_param(call, "by").s, "result");

		if (days->count == 0)
			continue;
		report_row(ctx, call, (struct cell[]){
			{ "label", v_text(g->name ? g->name : "–") },
			{ "count", v_int(days->count) },
			{ "mean_days", mean_of(days, 10) },
			{ "median_days", median_tenths(days) },
			{ "p90_days", v_int(lengths_ninety(days) * 10) },
			{ "max_days", v_int(lengths_longest(days) * 10) },
			{ "result", by_result ? test_of(ctx, call, g, "result") : v_text("eq.won") },
			{ "owner", test_of(ctx, call, g, "owner") }, { "team", test_of(ctx, call, g, "team") },
			{ "product", test_of(ctx, call, g, "product") },
			{ 0 } });
	}
	return true;
}

/*
 * stage_time
 */

struct step {
	int64_t id, pipeline, position;
	struct value norm;                      /* days */
	const char *name, *name_en;
	struct lengths tenths;
};

static int by_place(const void *a, const void *b)
{
	const struct step *x = a;
	const struct step *y = b;

	return x->pipeline != y->pipeline ? (x->pipeline > y->pipeline) - (x->pipeline < y->pipeline)
	                                  : (x->position > y->position) - (x->position < y->position);
}

static struct step *read_steps(struct ctx *ctx, struct query *q, size_t *ret_n)
{
	enum { ID, PIPELINE, POSITION, NORM, NAME, NAME_EN, DAYS };
	struct step *steps = NULL;
	size_t n = 0;
	size_t cap = 0;

	while (db_next(q)) {
		int64_t id = db_int(q, ID);
		size_t i = 0;

		while (i < n && steps[i].id != id)
			i++;
		if (i == n) {
			steps = arena_grow(ctx->mem, steps, &cap, n + 1, sizeof *steps);
			steps[n++] = (struct step){
				.id = id, .pipeline = db_int(q, PIPELINE), .position = db_int(q, POSITION),
				.norm = db_value(q, NORM), .name = arena_dup(ctx->mem, db_text(q, NAME)),
				.name_en = arena_dup(ctx->mem, db_text(q, NAME_EN)),
			};
		}
		lengths_add_spread(ctx->mem, &steps[i].tenths, db_text(q, DAYS));
	}
	array_sort(steps, n, sizeof *steps, by_place);
	*ret_n = n;
	return steps;
}

bool deals_stage_time(struct ctx *ctx, struct report_call *call)
{
	size_t n;
	struct step *steps = read_steps(ctx, call->figures, &n);

	for (size_t i = 0; i < n; i++) {
		struct step *s = &steps[i];

		if (s->tenths.count == 0)
			continue;
		report_row(ctx, call, (struct cell[]){
			{ "stage", v_text(s->name) }, { "stage_en", v_text(s->name_en) }, { "stage_id", v_int(s->id) },
			{ "count", v_int(s->tenths.count) },
			{ "mean_days", mean_of(&s->tenths, 1) },
			{ "median_days", v_int(lengths_middle(&s->tenths) / 2) },
			{ "p90_days", v_int(lengths_ninety(&s->tenths)) },
			{ "max_days", v_int(lengths_longest(&s->tenths)) },
			{ "norm_days", s->norm },
			{ "over_norm", s->norm.kind == V_INT ? v_int(lengths_over(&s->tenths, s->norm.i * 10)) : v_null() },
			{ 0 } });
	}
	return true;
}
