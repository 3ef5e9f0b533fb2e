#include "modules/circle/circle_inner.h"

#include "base/stat.h"

/* k of n in per cent with its interval; empty where n is 0. */
struct share {
	struct value rate, low, high;
};

static struct value percent(double share)
{
	return v_int((int64_t)(share * 10000 + 0.5));
}

static struct share share_of(int64_t k, int64_t n)
{
	double low;
	double high;

	if (n <= 0)
		return (struct share){ v_null(), v_null(), v_null() };
	stat_wilson(k, n, &low, &high);
	return (struct share){ percent((double)k / (double)n), percent(low), percent(high) };
}

/* Columns of circle_people.sql. */
enum { CP_ID, CP_WHO, CP_TEAM, CP_OPEN, CP_KNOWN, CP_ALL, CP_PRODUCT_ONLY, CP_REP_ONLY, CP_FIT_KNOWN, CP_OUTSIDE,
       CP_SAID, CP_EXPLICIT };

/* Fewer cases make no pattern; from half on it is one. */
enum { PATTERN_CASES = 10 };

static bool mostly(int64_t k, int64_t n)
{
	return n >= PATTERN_CASES && k * 2 > n;
}

static bool people(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t known = db_int(q, CP_KNOWN);
		int64_t product_only = db_int(q, CP_PRODUCT_ONLY);
		int64_t rep_only = db_int(q, CP_REP_ONLY);
		struct share all = share_of(db_int(q, CP_ALL), known);
		const char *pattern = known < PATTERN_CASES ? "few" : mostly(product_only, known) ? "product_only"
			: mostly(rep_only, known) ? "rep_only"
			: mostly(db_int(q, CP_OUTSIDE), db_int(q, CP_FIT_KNOWN)) ? "outside"
			: mostly(db_int(q, CP_EXPLICIT), db_int(q, CP_SAID)) ? "explicit_only" : "none";

		report_row(ctx, call, (struct cell[]){
			{ "owner_id", v_int(db_int(q, CP_ID)) },
			{ "who", v_text(db_text(q, CP_WHO)) },
			{ "team", v_text(db_text(q, CP_TEAM)) },
			{ "open_count", v_int(db_int(q, CP_OPEN)) },
			{ "known", v_int(known) },
			{ "overlap", v_int(db_int(q, CP_ALL)) },
			{ "overlap_share", all.rate },
			{ "low", all.low },
			{ "high", all.high },
			{ "product_only", v_int(product_only) },
			{ "rep_only", v_int(rep_only) },
			{ "outside", share_of(db_int(q, CP_OUTSIDE), db_int(q, CP_FIT_KNOWN)).rate },
			{ "explicit_share", share_of(db_int(q, CP_EXPLICIT), db_int(q, CP_SAID)).rate },
			{ "pattern", v_text(pattern) },
			{ 0 } });
	}
	return true;
}

/* Columns of circle_result.sql. */
enum { CR_AREA, CR_WON, CR_CLOSED, CR_P, CR_R };

static bool result(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		struct share s = share_of(db_int(q, CR_WON), db_int(q, CR_CLOSED));

		report_row(ctx, call, (struct cell[]){
			{ "area", v_text(db_text(q, CR_AREA)) },
			{ "won", v_int(db_int(q, CR_WON)) },
			{ "closed", v_int(db_int(q, CR_CLOSED)) },
			{ "rate", s.rate },
			{ "low", s.low },
			{ "high", s.high },
			{ "p", v_text(db_text(q, CR_P)) },
			{ "r", v_text(db_text(q, CR_R)) },
			{ 0 } });
	}
	return true;
}

/* Columns of circle_zones.sql. */
enum { CZ_ZONE, CZ_ACTIVITIES, CZ_ALL, CZ_OPEN, CZ_WON, CZ_CLOSED, CZ_TEST };

static bool zones(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		struct share s = share_of(db_int(q, CZ_WON), db_int(q, CZ_CLOSED));

		report_row(ctx, call, (struct cell[]){
			{ "zone", v_text(db_text(q, CZ_ZONE)) },
			{ "activities", v_int(db_int(q, CZ_ACTIVITIES)) },
			{ "part", share_of(db_int(q, CZ_ACTIVITIES), db_int(q, CZ_ALL)).rate },
			{ "open_count", v_int(db_int(q, CZ_OPEN)) },
			{ "won", v_int(db_int(q, CZ_WON)) },
			{ "closed", v_int(db_int(q, CZ_CLOSED)) },
			{ "rate", s.rate },
			{ "low", s.low },
			{ "high", s.high },
			{ "test", v_text(db_text(q, CZ_TEST)) },
			{ 0 } });
	}
	return true;
}

/* Columns of need_kinds.sql. */
enum { NK_LABEL, NK_OPEN, NK_EXPLICIT, NK_IMPLICIT, NK_UNSAID, NK_WON_EXPLICIT, NK_CLOSED_EXPLICIT, NK_WON_IMPLICIT,
       NK_CLOSED_IMPLICIT, NK_CULTIVATED, NK_DAYS, NK_OWNER, NK_TEAM, NK_PRODUCT, NK_SOURCE, NK_RECORDS };

static bool need_kinds(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t said = db_int(q, NK_EXPLICIT) + db_int(q, NK_IMPLICIT);
		struct share s = share_of(db_int(q, NK_EXPLICIT), said);
		struct share open = share_of(db_int(q, NK_WON_EXPLICIT), db_int(q, NK_CLOSED_EXPLICIT));
		struct share hidden = share_of(db_int(q, NK_WON_IMPLICIT), db_int(q, NK_CLOSED_IMPLICIT));

		report_row(ctx, call, (struct cell[]){
			{ "label", v_text(db_text(q, NK_LABEL)) },
			{ "open_count", v_int(db_int(q, NK_OPEN)) },
			{ "explicit", v_int(db_int(q, NK_EXPLICIT)) },
			{ "implicit", v_int(db_int(q, NK_IMPLICIT)) },
			{ "unsaid", v_int(db_int(q, NK_UNSAID)) },
			{ "explicit_share", s.rate },
			{ "low", s.low },
			{ "high", s.high },
			{ "market", said ? v_int(1000) : v_null() },
			{ "closed_explicit", v_int(db_int(q, NK_CLOSED_EXPLICIT)) },
			{ "rate_explicit", open.rate },
			{ "rate_explicit_low", open.low },
			{ "rate_explicit_high", open.high },
			{ "closed_implicit", v_int(db_int(q, NK_CLOSED_IMPLICIT)) },
			{ "rate_implicit", hidden.rate },
			{ "rate_implicit_low", hidden.low },
			{ "rate_implicit_high", hidden.high },
			{ "cultivated", v_int(db_int(q, NK_CULTIVATED)) },
			{ "days", db_null(q, NK_DAYS) ? v_null() : v_int(db_int(q, NK_DAYS)) },
			{ "alert", v_text(said < PATTERN_CASES ? "few" : db_int(q, NK_EXPLICIT) * 2 > said ? "explicit_only" : "none") },
			{ "owner", v_text(db_text(q, NK_OWNER)) },
			{ "team", v_text(db_text(q, NK_TEAM)) },
			{ "product", v_text(db_text(q, NK_PRODUCT)) },
			{ "source", v_text(db_text(q, NK_SOURCE)) },
			{ "open", v_text(db_text(q, NK_RECORDS)) },
			{ 0 } });
	}
	return true;
}

const struct report_impl circle_reports[] = {
	{ "circle_people", people },
	{ "circle_result", result },
	{ "circle_zones", zones },
	{ "need_kinds", need_kinds },
	{ 0 },
};
