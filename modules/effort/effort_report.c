#include "modules/effort/effort_inner.h"

#include "base/place.h"
#include "base/stat.h"
#include "modules/effort/compare.h"

/* A share of a report: its columns NAME, NAME_low and NAME_high, from two columns of the SQL. */
struct share {
	const char *report;
	const char *names[3];
	const char *k, *n;
};

static const struct share shares[] = {
	{ "effort_chain", { "rate", "rate_low", "rate_high" }, "n", "before" },
	{ "effort_standards", { "rate", "rate_low", "rate_high" }, "intending", "calls" },
	{ "effort_visits", { "rate", "rate_low", "rate_high" }, "effective", "visits" },
	{ "effort_visits", { "met", "met_low", "met_high" }, "deciders", "visits" },
	{ "effort_workload", { "rate", "rate_low", "rate_high" }, "effective", "activities" },
	{ "four_factors", { "share", "share_low", "share_high" }, "active", "heads" },
	{ "first_action", { "timely", "timely_low", "timely_high" }, "in_time", "leads" },
	{ "first_action", { "rate", "rate_low", "rate_high" }, "converted", "leads" },
	{ "coverage", { "rate", "rate_low", "rate_high" }, "covered", "customers" },
	{ "interviews", { "met", "met_low", "met_high" }, "deciders", "visits" },
	{ "interviews", { "found", "found_low", "found_high" }, "needs", "visits" },
};

const char *const effort_rate[3] = { "rate", "rate_low", "rate_high" };

struct value effort_percent(double share)
{
	return v_int((int64_t)(share * 10000 + 0.5));
}

size_t effort_share(struct cell *to, const char *const names[3], int64_t k, int64_t n)
{
	double low = 0;
	double high = 0;
	bool known = n > 0 && k >= 0 && k <= n;

	if (known)
		stat_wilson(k, n, &low, &high);
	to[0] = (struct cell){ names[0], known ? effort_percent((double)k / (double)n) : v_null() };
	to[1] = (struct cell){ names[1], known ? effort_percent(low) : v_null() };
	to[2] = (struct cell){ names[2], known ? effort_percent(high) : v_null() };
	return 3;
}

static int64_t of_column(struct query *q, const char *name)
{
	for (size_t i = 0; i < db_columns(q); i++)
		if (text_eq(db_column(q, i), name))
			return db_int(q, i);
	assert(false && "a column the SQL does not have");
	return 0;
}

/* The rows of the SQL, and what chance does to their shares. */
static bool with_shares(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	size_t columns = db_columns(q);
	struct cell *cells = arena_array(ctx->mem, columns + 3 * LENGTH(shares) + 1, sizeof *cells);

	while (db_next(q)) {
		size_t n = 0;

		for (; n < columns; n++)
			cells[n] = (struct cell){ db_column(q, n), db_value(q, n) };
		for (size_t i = 0; i < LENGTH(shares); i++)
			if (text_eq(shares[i].report, call->report->name))
				n += effort_share(&cells[n], shares[i].names, of_column(q, shares[i].k), of_column(q, shares[i].n));
		cells[n] = (struct cell){ 0 };
		report_row(ctx, call, cells);
	}
	return true;
}

/*
 * Hours
 */

enum { BH_HOUR, BH_WEEKDAY, BH_N, BH_WON };

static const char *const standings[] = {
	[PART_FEW] = "few", [PART_USUAL] = "usual", [PART_BETTER] = "better", [PART_WORSE] = "worse",
};

static bool hours(struct ctx *ctx, struct report_call *call)
{
	static const char *const days[7][2] = {
		{ "周一", "Mon" }, { "周二", "Tue" }, { "周三", "Wed" }, { "周四", "Thu" }, { "周五", "Fri" }, { "周六", "Sat" }, { "周日", "Sun" },
	};
	struct part parts[7 * 24];
	int64_t hour[7 * 24];
	int64_t weekday[7 * 24];
	struct query *q = call->figures;
	size_t n = 0;

	for (; n < LENGTH(parts) && db_next(q); n++) {
		hour[n] = db_int(q, BH_HOUR);
		weekday[n] = db_int(q, BH_WEEKDAY);
		parts[n] = (struct part){ .won = db_int(q, BH_WON), .n = db_int(q, BH_N) };
	}
	compare_parts(parts, n);
	for (size_t i = 0; i < n; i++) {
		struct cell cells[12] = {
			{ "hour", v_text(fmt(ctx->mem, "%02" PRId64 ":00", hour[i])) },
			{ "weekday", weekday[i] ? v_text(days[weekday[i] - 1][in_english(ctx)]) : v_null() },
			{ "n", v_int(parts[i].n) },
			{ "won", v_int(parts[i].won) },
			{ "standing", v_text(parts[i].best ? "best" : standings[parts[i].standing]) },
			{ "hour_number", v_int(hour[i]) },
			{ "weekday_number", v_id(weekday[i]) },
		};

		effort_share(&cells[7], effort_rate, parts[i].won, parts[i].n);
		report_row(ctx, call, cells);
	}
	return true;
}

/*
 * Nearby
 */

enum { NB_WHAT, NB_ID, NB_NAME, NB_LOCATION, NB_PHONE, NB_LAST };
enum { NEAREST = 50 };

struct neighbour {
	const char *what, *name;
	struct value phone, last;
	int64_t id;
	double km;
};

static int by_distance(const void *a, const void *b)
{
	const struct neighbour *x = a;
	const struct neighbour *y = b;

	return x->km < y->km ? -1 : x->km > y->km ? 1 : (x->id > y->id) - (x->id < y->id);
}

static bool nearby(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	double most = (double)value_id(report_param(call, "km"));
	struct neighbour *list = NULL;
	bool placed = false;
	struct place here = { 0 };
	size_t cap = 0;
	size_t n = 0;

	while (db_next(q)) {
		struct place there;

		if (db_null(q, NB_LOCATION) || !place_parse(db_text(q, NB_LOCATION), &there))
			continue;
		if (text_eq(db_text(q, NB_WHAT), "here")) {
			here = there;
			placed = true;
			continue;
		}

		double km = place_km(&here, &there);

		if (!placed || km > most)
			continue;
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct neighbour){ arena_dup(ctx->mem, db_text(q, NB_WHAT)), arena_dup(ctx->mem, db_text(q, NB_NAME)),
		                                db_null(q, NB_PHONE) ? v_null() : v_text(arena_dup(ctx->mem, db_text(q, NB_PHONE))),
		                                db_null(q, NB_LAST) ? v_null() : v_int(db_int(q, NB_LAST)), db_int(q, NB_ID), km };
	}
	if (n)
		array_sort(list, n, sizeof *list, by_distance);
	for (size_t i = 0; i < n && i < NEAREST; i++)
		report_row(ctx, call, (struct cell[]){
			{ "name", v_text(list[i].name) },
			{ "what", v_text(list[i].what) },
			{ "km_away", v_int((int64_t)(list[i].km * 10 + 0.5)) },
			{ "phone", list[i].phone },
			{ "last_on", list[i].last },
			{ "open", v_text(fmt(ctx->mem, "%s?id=eq.%" PRId64, list[i].what, list[i].id)) },
			{ 0 } });
	return true;
}

/*
 * The order of a day's visits
 */

struct stop {
	int64_t id, at;
	const char *name;
	double planned_km;
};

enum { STOPS = 50 };

static bool visit_route(struct ctx *ctx, struct report_call *call)
{
	struct stop stops[STOPS];
	struct place places[STOPS];
	size_t order[STOPS];
	struct query *q = call->figures;
	size_t n = 0;

	while (n < STOPS && db_next(q)) {
		stops[n] = (struct stop){ .id = db_int(q, 0), .name = arena_dup(ctx->mem, db_text(q, 1)), .at = db_int(q, 3) };
		if (!place_parse(db_text(q, 2), &places[n]))
			continue;
		stops[n].planned_km = n ? place_km(&places[n - 1], &places[n]) : 0;
		n++;
	}
	place_route(places, n, order);
	for (size_t i = 0; i < n; i++) {
		const struct stop *s = &stops[order[i]];

		report_row(ctx, call, (struct cell[]){
			{ "place", v_int((int64_t)i + 1) },
			{ "customer", v_text(s->name) },
			{ "planned_at", v_int(s->at) },
			{ "km", v_int((int64_t)((i ? place_km(&places[order[i - 1]], &places[order[i]]) : 0) * 10 + 0.5)) },
			{ "planned_km", v_int((int64_t)(s->planned_km * 10 + 0.5)) },
			{ "visit", v_int(s->id) },
			{ 0 } });
	}
	return true;
}

const struct report_impl effort_reports[] = {
	{ "visit_route", visit_route },
	{ "nearby", nearby },
	{ "effort_chain", with_shares },
	{ "effort_standards", with_shares },
	{ "effort_visits", with_shares },
	{ "effort_workload", with_shares },
	{ "four_factors", with_shares },
	{ "first_action", with_shares },
	{ "coverage", with_shares },
	{ "interviews", with_shares },
	{ "plan_need", with_shares },
	{ "best_hours", hours },
	{ "hour_map", hours },
	{ "contact_rhythm", contact_rhythm },
	{ "contact_gap", contact_gap },
	{ "contact_list", contact_list },
	{ 0 },
};
