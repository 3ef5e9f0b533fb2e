/*
 * Before targets are set, and where they are missed: what history proposes (S03-02), and each product in each
 * region beside its potential, its history and its target (S03-06, S03-10).
 */
#include "modules/target/target_inner.h"

#include <math.h>

#include "base/map.h"

static int64_t month_shift(int64_t day, int n)
{
	return date_days(date_add_months(date_ymd(day), n));
}

static int64_t param_id(const struct report_call *call, const char *name)
{
	return value_id(report_param(call, name));
}

/* a ÷ b in hundredths of a percent. */
static struct value share(int64_t a, int64_t b)
{
	int64_t n;

	return b > 0 && int_muldiv(a, 10000, b, &n) ? v_int(n) : v_null();
}

/* The market potential of a year as the caller knows it; 0: not known. */
static bool potential_of(struct ctx *ctx, const struct slice *s, int64_t year, int64_t *ret)
{
	return ctx_get_int(ctx, scope_sql(ctx, "market_potential",
		"SELECT CAST(sum(value) AS BIGINT) FROM market_potential WHERE year = $year AND coalesce(team, 0) = $team"
		" AND coalesce(person, 0) = $person AND coalesce(product, 0) = $product"),
		(struct bind[]){ { "year", v_int(year) }, { "team", v_int(s->team) }, { "person", v_int(s->person) },
		                 { "product", v_int(s->product) }, { 0 } }, 0, ret);
}

bool market_metric(struct ctx *ctx, const char *name, const struct metric **ret)
{
	return plan_metric(ctx, name, ret) &&
	       (!(*ret)->bottom || fail(ctx, ERR_INVALID, "metric", "比率没有合计，请选择数量或金额",
	                                "A ratio has no sum: choose an amount or a number"));
}

/*
 * What history proposes
 */

enum { YEAR = 12, TWO_YEARS = 24, BEST_OF = 36 };

/* What was reached in each of the months before, the last first. */
static void past_months(const struct past *p, const struct slice *s, int64_t ret[static BEST_OF])
{
	struct ymd next = date_ymd(p->month);
	const struct piece *end;

	memset(ret, 0, BEST_OF * sizeof *ret);
	for (const struct piece *i = pieces_first(&p->pieces, s, &end); i < end; i++) {
		struct ymd month = date_ymd(i->at.from);

		if (slice_unit_within(p->units, &i->at, s))
			ret[(next.year - month.year) * YEAR + next.month - month.month - 1] += i->top;
	}
}

static int64_t sum_of(const int64_t *months, int from, int to)
{
	int64_t sum = 0;

	for (int i = from; i < to; i++)
		sum += months[i];
	return sum;
}

static int64_t hundredths(const struct metric *m, int64_t top)
{
	int64_t n = 0;

	metric_hundredths(m, top, 0, &n);
	return n;
}

bool past_open(struct ctx *ctx, const struct metric *m, const struct units *units, struct value month, struct past *ret)
{
	int64_t today, end;

	*ret = (struct past){ .metric = m, .units = units };
	if (!date_parse(ctx->today, &today))
		return false;
	ret->name = month.kind == V_TEXT ? month.s
	          : fmt(ctx->mem, "%.7s", date_text(ctx->mem, month_shift(today - date_ymd(today).day + 1, 1)));
	if (!period_read(ret->name, &ret->month, &end) || end - ret->month > 31)
		return fail(ctx, ERR_INVALID, "month", "月份写作 2026-07", "Write months as 2026-07");
	return metric_people(ctx, m, &ret->people, &ret->n_people) &&
	       pieces_load(ctx, m, month_shift(ret->month, -BEST_OF), ret->month - 1, false, PIECES_PERSONS,
	                   &ret->pieces);
}

bool past_propose(struct ctx *ctx, const struct past *p, const struct slice *s, struct proposal *ret)
{
	int year = date_ymd(p->month).year;
	int64_t months[BEST_OF];
	int64_t recent, before, same;
	bool enough;
	int64_t now, then;

	if (!potential_of(ctx, s, year, &now) || !potential_of(ctx, s, year - 1, &then))
		return false;
	past_months(p, s, months);
	recent = sum_of(months, 0, YEAR);
	before = sum_of(months, YEAR, TWO_YEARS);
	same = months[YEAR - 1] + months[TWO_YEARS - 1];
	/* Sold in the first and in the last month of two years: then they are two years. */
	enough = recent > 0 && before > 0 && sum_of(months, TWO_YEARS - 1, BEST_OF) > 0;
	*ret = (struct proposal){
		.recent = hundredths(p->metric, recent), .before = hundredths(p->metric, before),
		.trend = enough ? share(recent, before) : v_null(),
		.season = enough ? share(same * YEAR, recent + before) : v_null(),
		.growth = now > 0 && then > 0 ? share(now, then) : v_int(10000), .value = v_null(),
	};
	for (int i = 0; i < BEST_OF; i++) {
		int64_t month = hundredths(p->metric, months[i]);

		ret->best = month > ret->best ? month : ret->best;
	}
	if (ret->trend.kind == V_INT && ret->season.kind == V_INT)
		ret->value = v_int(llround((double)ret->recent / YEAR * (double)ret->trend.i / 1e4 *
		                           (double)ret->season.i / 1e4 * (double)ret->growth.i / 1e4));
	return true;
}

const char *proposal_hint(struct ctx *ctx)
{
	return say(ctx, "数据不足：须有 24 个月的记录", "Not enough data: it takes 24 months of records");
}

static bool propose_one(struct ctx *ctx, struct report_call *call, const struct past *p, const struct slice *s,
                        const char *who)
{
	struct proposal one;

	if (!past_propose(ctx, p, s, &one))
		return false;
	report_row(ctx, call, (struct cell[]){
		{ "person_id", v_id(s->person) }, { "who", v_text(who) }, { "recent", v_int(one.recent) },
		{ "before", v_int(one.before) }, { "mean", v_int((one.recent + YEAR / 2) / YEAR) },
		{ "trend", one.trend }, { "season", one.season }, { "growth", one.growth },
		{ "proposal", one.value }, { "best", v_int(one.best) },
		{ "beyond", v_int(one.value.kind == V_INT && one.value.i > one.best) },
		{ "hint", one.trend.kind == V_INT ? v_null() : v_text(proposal_hint(ctx)) }, { 0 } });
	return true;
}

bool target_proposal(struct ctx *ctx, struct report_call *call)
{
	struct slice whole = { .team = param_id(call, "team") };
	const struct metric *m;
	struct units units;
	struct past p;

	if (!market_metric(ctx, report_param(call, "metric").s, &m))
		return false;
	if (!metric_may(ctx, m))
		return true;
	if (!units_load(ctx, &units) || !past_open(ctx, m, &units, report_param(call, "month"), &p) ||
	    !propose_one(ctx, call, &p, &whole, say(ctx, "合计", "Together")))
		return false;
	for (size_t i = 0; i < p.n_people; i++) {
		struct slice s = { .person = p.people[i] };
		const struct unit *who = units_member(&units, p.people[i]);

		if (who && who->sells && (!whole.team || units_within(&units, who->team, whole.team)) &&
		    !propose_one(ctx, call, &p, &s, who->label))
			return false;
	}
	return true;
}

/*
 * Product by region
 */

/* The times a row speaks of: the period so far, as much of the one before, the same a year ago, and the year so far. */
enum times { NOW, BEFORE, YEAR_AGO, THIS_YEAR, SPANS };

struct market {
	struct ctx *ctx;
	struct report_call *call;
	const struct metric *metric;
	struct units units;
	struct tree tree;
	const char **products;          /* names */
	int64_t *ids;                   /* theirs */
	size_t n_products;
	int64_t *sums[SPANS];           /* of product and team, that of the teams below it not included */
	int64_t from, to, on;           /* the period, and as far as it has come */
	int64_t before_from, before_on; /* the one before, as many workdays of it */
	int64_t fall;                   /* red from there, in hundredths of a percent */
};

/* Adds up what was reached from a day to another. */
static bool add_up(struct market *m, const struct map *products, enum times times, int64_t from, int64_t to)
{
	struct ctx *ctx = m->ctx;
	struct metric_piece *pieces = NULL;
	size_t n = 0;

	m->sums[times] = arena_array(ctx->mem, m->n_products * m->units.n_teams + 1, sizeof *m->sums[times]);
	if (from <= to && !metric_pieces(ctx, m->metric, &(struct metric_cut){
	        .from = date_text(ctx->mem, from), .to = date_text(ctx->mem, to), .whole = true,
	        .fields = { "product" } }, &pieces, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct unit *who = units_member(&m->units, pieces[i].member);
		const struct unit *team = who ? units_team(&m->units, who->team) : NULL;
		const int64_t *product = map_find(products, pieces[i].keys[0]);

		if (team && product)
			m->sums[times][(size_t)*product * m->units.n_teams + (size_t)(team - m->units.teams)] += pieces[i].top;
	}
	return true;
}

static int64_t reached(const struct market *m, size_t product, const struct unit *team, enum times times)
{
	int64_t sum = 0;

	for (size_t t = 0; t < m->units.n_teams; t++)
		if (units_within(&m->units, m->units.teams[t].id, team->id))
			sum += m->sums[times][product * m->units.n_teams + t];
	return hundredths(m->metric, sum);
}

static const char *alert_of(const struct market *m, struct value change)
{
	if (change.kind != V_INT)
		return "unknown";
	return change.i <= -m->fall ? "red" : change.i < 0 ? "yellow" : "green";
}

static bool market_row(struct market *m, size_t product, const struct unit *team)
{
	struct ctx *ctx = m->ctx;
	struct slice s = { .from = m->from, .to = m->to, .team = team->id, .product = m->ids[product] };
	int64_t now = reached(m, product, team, NOW);
	int64_t before = reached(m, product, team, BEFORE);
	int64_t ago = reached(m, product, team, YEAR_AGO);
	int64_t potential, target;
	struct value change = share(now - before, before);

	if (!potential_of(ctx, &s, date_ymd(m->from).year, &potential))
		return false;

	bool aimed = slice_target(&m->units, &m->tree, &s, false, &target);

	if (!now && !before && !ago && !potential && !aimed)
		return true;
	report_row(ctx, m->call, (struct cell[]){
		{ "product_id", v_id(s.product) }, { "team_id", v_id(s.team) }, { "product", v_text(m->products[product]) }, { "team", v_text(team->label) },
		{ "potential", potential ? v_int(potential) : v_null() }, { "year_ago", v_int(ago) }, { "before", v_int(before) },
		{ "target", aimed ? v_int(target) : v_null() }, { "actual", v_int(now) },
		{ "attainment", aimed ? share(now, target) : v_null() }, { "change", change },
		{ "alert", v_text(alert_of(m, change)) },
		{ "penetration", share(reached(m, product, team, THIS_YEAR), potential) }, { 0 } });
	return true;
}

static bool load_products(struct market *m, struct map *ret)
{
	struct query *q = ctx_query(m->ctx, scope_sql(m->ctx, "product", "SELECT id, name FROM product ORDER BY name, id"), NULL);
	size_t cap = 0, cap_names = 0;
	bool fresh;

	if (!q)
		return false;
	map_init(ret, m->ctx->mem);
	while (db_next(q)) {
		m->ids = arena_grow(m->ctx->mem, m->ids, &cap, m->n_products + 1, sizeof *m->ids);
		m->products = arena_grow(m->ctx->mem, m->products, &cap_names, m->n_products + 1, sizeof *m->products);
		m->ids[m->n_products] = db_int(q, 0);
		map_put(ret, fmt(m->ctx->mem, "%" PRId64, db_int(q, 0)), (int64_t)m->n_products, &fresh);
		m->products[m->n_products++] = arena_dup(m->ctx->mem, db_text(q, 1));
	}
	db_done(q);
	return true;
}

static bool market_rows(struct market *m)
{
	for (size_t i = 0; i < m->n_products; i++)
		for (size_t t = 0; t < m->units.n_teams; t++) {
			const struct unit *team = &m->units.teams[t];
			bool sells = false;

			for (size_t k = 0; !sells && k < m->units.n_members; k++)
				sells = m->units.members[k].sells && m->units.members[k].team == team->id;
			if (sells && !market_row(m, i, team))
				return false;
		}
	return true;
}

/* As many workdays of the period before as this one has come to. */
static void set_before(struct market *m)
{
	int months = (int)((m->to - m->from + 15) / 30);

	m->before_from = month_shift(m->from, -months);
	m->before_on = m->on >= m->to ? m->from - 1
	             : calendar_add_workdays(m->before_from - 1, period_workdays(m->from, m->on));
	if (m->before_on >= m->from)
		m->before_on = m->from - 1;
}

bool target_market(struct ctx *ctx, struct report_call *call)
{
	struct market m = { .ctx = ctx, .call = call, .fall = value_id(report_param(call, "fall")) * 100 };
	struct value period = report_param(call, "period");
	struct query *q = call->figures;
	struct map products;
	int64_t plan = 0;
	int64_t first;

	if (!market_metric(ctx, report_param(call, "metric").s, &m.metric) || !date_parse(report_param(call, "on").s, &m.on))
		return false;
	if (period.kind != V_TEXT)
		period = v_text(fmt(ctx->mem, "%04d-Q%d", date_ymd(m.on).year, (date_ymd(m.on).month + 2) / 3));
	if (!period_read(period.s, &m.from, &m.to))
		return fail(ctx, ERR_INVALID, "period", "期间写作 2026、2026-Q3 或 2026-07", "Write periods as 2026, 2026-Q3 or 2026-07");
	m.on = m.on > m.to ? m.to : m.on;
	set_before(&m);
	/* The targets of the first plan in force. */
	while (db_next(q)) {
		plan = plan ? plan : db_int(q, TREE_END);
		if (db_int(q, TREE_END) == plan)
			tree_read(ctx, q, &m.tree);
	}
	m.tree.within = arena_array(ctx->mem, m.tree.n + 1, sizeof *m.tree.within);
	first = date_days((struct ymd){ date_ymd(m.from).year, 1, 1 });
	return !metric_may(ctx, m.metric) ||
	       (units_load(ctx, &m.units) && load_products(&m, &products) &&
	        add_up(&m, &products, NOW, m.from, m.on) && add_up(&m, &products, BEFORE, m.before_from, m.before_on) &&
	        add_up(&m, &products, YEAR_AGO, month_shift(m.from, -YEAR), month_shift(m.on, -YEAR)) &&
	        add_up(&m, &products, THIS_YEAR, first, m.on) && market_rows(&m));
}
