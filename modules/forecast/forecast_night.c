/* What the forecast keeps each night: experience, snapshots, and how each opportunity stands. */
#include "modules/forecast/forecast_inner.h"

enum { CASES = 100000, HISTORY_DAYS = 730, KINDS = 20 };

/*
 * Experience: a job for each stage
 */

struct stay {
	struct chance_case c;
	const char *kind;               /* "" if the opportunity has none */
};

/* The newest stays of a stage, and what became of their opportunities. */
static bool read_stays(struct ctx *ctx, int64_t stage, struct stay **ret, size_t *ret_n)
{
	int64_t today = instant_day(ctx->now);
	size_t cap = 0;

	*ret = NULL;
	*ret_n = 0;
	const char *sql = scope_sql(ctx, "stage_visit opportunity",
		fmt(ctx->mem, "SELECT v.entered_at, v.left_at, o.result, o.closed_on, o.kind FROM stage_visit v"
		" JOIN opportunity o ON o.id = v.opportunity WHERE v.stage = $stage AND v.entered_at >= $since"
		" ORDER BY v.entered_at DESC, v.id DESC LIMIT %d", CASES));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "stage", v_int(stage) }, { "since", v_int(day_start(today - HISTORY_DAYS)) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		int64_t entered = instant_day(db_int(q, 0));
		int64_t left = db_null(q, 1) ? today : instant_day(db_int(q, 1));
		const char *result = db_text(q, 2);
		const char *kind = db_text(q, 4);
		enum chance_end end = text_eq(result, "won") ? CHANCE_WON : text_eq(result, "lost") ? CHANCE_LOST : CHANCE_OPEN;
		int64_t ended = today;

		if (end != CHANCE_OPEN && (db_null(q, 3) || !date_parse(db_text(q, 3), &ended)))
			continue;
		*ret = arena_grow(ctx->mem, *ret, &cap, *ret_n + 1, sizeof **ret);
		(*ret)[(*ret_n)++] = (struct stay){
			{ (int32_t)(left - entered), (int32_t)(ended - entered), end }, kind ? arena_dup(ctx->mem, kind) : "",
		};
	}

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "stays of a stage");
}

/* Hundredths of a percent, a blank between. */
static const char *write_weeks(struct arena *mem, const double *weeks)
{
	struct text t;

	text_init(&t, mem);
	for (int w = 0; w < CHANCE_WEEKS; w++)
		text_addf(&t, "%s%d", w ? " " : "", (int)(weeks[w] * 10000 + 0.5));
	return t.s;
}

static bool keep_rate(struct ctx *ctx, int64_t stage, const char *kind, int32_t age, const struct chance_curve *c)
{
	struct cell cells[] = {
		{ "stage", v_int(stage) }, { "kind", *kind ? v_text(kind) : v_null() }, { "age", v_int(age) },
		{ "cases", v_int(c->cases) }, { "chances", v_text(write_weeks(ctx->mem, c->value)) },
		{ "errors", v_text(write_weeks(ctx->mem, c->error)) }, { "fitted_on", v_text(ctx->today) }, { 0 },
	};
	int64_t id;

	if (!record_find(ctx, "forecast_rate", fmt(ctx->mem, "stage=eq.%" PRId64 "&age=eq.%d&kind=%s%s", stage, age,
	                                           *kind ? "eq." : "is.null", kind), &id))
		return false;
	if (!id && c->cases == 0)
		return true;
	return id ? record_update(ctx, "forecast_rate", id, cells) : record_create(ctx, "forecast_rate", cells, NULL);
}

static size_t kinds_of(const struct stay *stays, size_t n, const char *ret[KINDS])
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < found && !text_eq(ret[k], stays[i].kind))
			k++;
		if (k == found && *stays[i].kind && found < KINDS)
			ret[found++] = stays[i].kind;
	}
	return found;
}

/* At each landmark: of all, then of each kind drawn to that. */
static bool fit_stage(struct ctx *ctx, int64_t stage)
{
	const char *kinds[KINDS];
	struct chance_case *cases;
	struct stay *stays;
	size_t n_kinds;
	size_t n;

	if (!read_stays(ctx, stage, &stays, &n))
		return false;
	n_kinds = kinds_of(stays, n, kinds);
	cases = arena_array(ctx->mem, n + 1, sizeof *cases);
	for (size_t a = 0; a < chance_n_ages; a++) {
		struct chance_curve all;

		for (size_t i = 0; i < n; i++)
			cases[i] = stays[i].c;
		chance_fit(ctx->mem, cases, n, chance_ages[a], &all);
		if (!keep_rate(ctx, stage, "", chance_ages[a], &all))
			return false;
		for (size_t k = 0; k < n_kinds; k++) {
			struct chance_curve c;
			size_t some = 0;

			for (size_t i = 0; i < n; i++)
				if (text_eq(stays[i].kind, kinds[k]))
					cases[some++] = stays[i].c;
			chance_fit(ctx->mem, cases, some, chance_ages[a], &c);
			chance_blend(&c, &all);
			if (!keep_rate(ctx, stage, kinds[k], chance_ages[a], &c))
				return false;
		}
	}
	return true;
}

/* Stage by stage; when the last is done, the snapshot that rests on them. */
bool forecast_rates(struct ctx *ctx, const struct json *args)
{
	int64_t stage;

	if (!record_find(ctx, "stage", fmt(ctx->mem, "kind=eq.open&id=gt.%" PRId64 "&sort=id", json_int(args, "after", 0)), &stage))
		return false;
	if (!stage)
		return job_add(ctx, "forecast_snapshots", NULL, ctx->now, NULL);
	return fit_stage(ctx, stage) &&
	       job_add(ctx, "forecast_rates", fmt(ctx->mem, "{\"after\":%" PRId64 "}", stage), ctx->now, NULL);
}

/*
 * Snapshots
 */

/* "2026-11" → "2026-11-01", "2026-Q4" → "2026-10-01". */
static const char *first_day(struct arena *mem, const char *period)
{
	return period[5] == 'Q' ? fmt(mem, "%.5s%02d-01", period, (period[6] - '0') * 3 - 2) : fmt(mem, "%s-01", period);
}

/* Later than so many days after its beginning, a snapshot is none of the beginning. */
enum { BEGINNING = 3 };

static bool take_snapshot(struct ctx *ctx, const char *period)
{
	struct report_line *l;
	const char *name;
	int64_t taken;
	int64_t earlier;
	int64_t begins;
	bool first;

	if (!report_rows(ctx, "forecast", (struct bind[]){
	        { "period", v_text(period) }, { "by", v_text("owner") }, { 0 } }, &l))
		return false;
	if (!l)
		return true;
	name = report_value(l, "name").s;
	if (!record_find(ctx, "forecast_snapshot", fmt(ctx->mem, "period=eq.%s&taken_on=eq.%s", name, ctx->today), &taken) ||
	    !record_find(ctx, "forecast_snapshot", fmt(ctx->mem, "period=eq.%s&first=eq.true", name), &earlier))
		return false;
	if (taken)
		return true;
	first = !earlier && date_parse(first_day(ctx->mem, name), &begins) && instant_day(ctx->now) - begins <= BEGINNING;
	for (; l; l = l->next)
		if (value_id(report_value(l, "owner_id")) && !record_create(ctx, "forecast_snapshot", (struct cell[]){
		        { "owner", report_value(l, "owner_id") }, { "period", v_text(name) },
		        { "taken_on", v_text(ctx->today) }, { "first", v_int(first) },
		        { "won", report_value(l, "won") }, { "weighted", report_value(l, "weighted") },
		        { "calibrated", report_value(l, "calibrated") }, { "low", report_value(l, "low") },
		        { "high", report_value(l, "high") }, { "committed", report_value(l, "committed") }, { 0 } }, NULL))
			return false;
	return true;
}

bool forecast_snapshots(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return take_snapshot(ctx, "this_month") && take_snapshot(ctx, "this_quarter");
}

/*
 * Lines
 */

/* Ends the lines of what is not open any more, or not as it was; *ret_n: how many. */
static bool end_lines(struct ctx *ctx, size_t *ret_n)
{
	int64_t *ids;
	const char *sql = scope_sql(ctx, "opportunity forecast_line", fmt(ctx->mem,
		"SELECT l.id FROM forecast_line l LEFT JOIN opportunity o ON o.id = l.opportunity AND o.result = 'open'"
		" WHERE l.until IS NULL AND (o.id IS NULL OR l.owner <> o.owner"
		" OR coalesce(l.amount, -1) <> coalesce(o.amount, -1)"
		" OR coalesce(l.probability, -1) <> coalesce(o.probability, -1)"
		" OR coalesce(l.close_on, '') <> coalesce(o.close_on, '')) ORDER BY l.id LIMIT %d", QUERY_LIMIT));

	if (!ctx_ids(ctx, sql, NULL, &ids, ret_n))
		return false;
	for (size_t i = 0; i < *ret_n; i++)
		if (!record_update(ctx, "forecast_line", ids[i], (struct cell[]){ { "until", v_text(ctx->today) }, { 0 } }))
			return false;
	return true;
}

static bool add_line(struct ctx *ctx, int64_t opportunity)
{
	static const char *const fields[] = { "owner", "amount", "probability", "close_on" };
	struct cell cells[] = { { "opportunity", v_int(opportunity) }, { "since", v_text(ctx->today) },
	                        { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };

	for (size_t i = 0; i < LENGTH(fields); i++) {
		cells[i + 2].name = fields[i];
		if (!record_get(ctx, "opportunity", opportunity, fields[i], &cells[i + 2].value))
			return false;
	}
	return record_create(ctx, "forecast_line", cells, NULL);
}

static bool begin_lines(struct ctx *ctx, size_t *ret_n)
{
	int64_t *ids;
	const char *sql = scope_sql(ctx, "opportunity forecast_line", fmt(ctx->mem,
		"SELECT o.id FROM opportunity o WHERE o.result = 'open' AND o.owner IS NOT NULL AND NOT EXISTS"
		" (SELECT 1 FROM forecast_line l WHERE l.opportunity = o.id AND l.until IS NULL)"
		" ORDER BY o.id LIMIT %d", QUERY_LIMIT));

	if (!ctx_ids(ctx, sql, NULL, &ids, ret_n))
		return false;
	for (size_t i = 0; i < *ret_n; i++)
		if (!add_line(ctx, ids[i]))
			return false;
	return true;
}

bool forecast_lines(struct ctx *ctx, const struct json *args)
{
	size_t ended;
	size_t begun;

	(void)args;
	if (!end_lines(ctx, &ended) || !begin_lines(ctx, &begun))
		return false;
	/* The rest is the next job's: nobody waits long for the write lane. */
	return (ended < QUERY_LIMIT && begun < QUERY_LIMIT) || job_add(ctx, "forecast_lines", NULL, ctx->now, NULL);
}
