/* What was proposed each morning, and what became of it. */
#include "modules/today/today_inner.h"

enum { PEOPLE = 20, PROPOSED = 20, JUDGED_AFTER = 15, WITHIN = 14 };

static bool keep_list(struct ctx *ctx, int64_t member)
{
	struct report_line *l;

	if (!report_rows(ctx, "today_list", (struct bind[]){
	        { "owner", v_text(fmt(ctx->mem, "%" PRId64, member)) }, { "most", v_text(fmt(ctx->mem, "%d", PROPOSED)) }, { 0 } }, &l))
		return false;
	for (; l; l = l->next)
		if (value_is(report_value(l, "object"), "customer") && !record_create(ctx, "today_offer", (struct cell[]){
		        { "owner", v_int(member) }, { "day", v_text(ctx->today) }, { "customer", report_value(l, "record") },
		        { "place", report_value(l, "place") }, { "score", report_value(l, "score") }, { "judged", v_int(0) },
		        { "followed", v_int(0) }, { "moved", v_int(0) }, { 0 } }, NULL))
			return false;
	return true;
}

/* On workdays; so many people at a time: nobody waits long for the write lane. */
bool today_offers(struct ctx *ctx, const struct json *args)
{
	int64_t member = json_int(args, "after", 0);

	if (!calendar_workday(instant_day(ctx->now)))
		return true;
	for (int i = 0; i < PEOPLE; i++) {
		int64_t kept;

		if (!record_find(ctx, "member", fmt(ctx->mem, "active=eq.true&id=gt.%" PRId64 "&sort=id", member), &member))
			return false;
		if (!member)
			return true;
		if (!record_find(ctx, "today_offer", fmt(ctx->mem, "owner=eq.%" PRId64 "&day=eq.%s", member, ctx->today), &kept) ||
		    (!kept && !keep_list(ctx, member)))
			return false;
	}
	return job_add(ctx, "today_offers", fmt(ctx->mem, "{\"after\":%" PRId64 "}", member), ctx->now, NULL);
}

struct offer {
	int64_t id;
	bool followed, moved;
};

/*
 * Fifteen days later, so that what is written down late counts: was there a conversation that day or
 * the next, and did an opportunity of the customer go forward or close as won within fourteen days.
 */
bool today_judge(struct ctx *ctx, const struct json *args)
{
	struct offer *offers = arena_array(ctx->mem, QUERY_LIMIT, sizeof *offers);
	size_t n = 0;

	(void)args;
	const char *sql = scope_sql(ctx, "today_offer activity opportunity stage_visit calendar_day",
		fmt(ctx->mem, "SELECT f.id, CASE WHEN EXISTS (SELECT 1 FROM activity a WHERE a.customer = f.customer AND a.state = 'done'"
		"  AND a.owner = f.owner AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message')"
		"  AND a.done_at >= c.starts_at AND a.done_at < c.starts_at + 2 * 86400000) THEN 1 ELSE 0 END,"
		" CASE WHEN EXISTS (SELECT 1 FROM opportunity o JOIN stage_visit v ON v.opportunity = o.id WHERE o.customer = f.customer"
		"  AND v.forward = 1 AND v.left_at >= c.starts_at AND v.left_at < c.starts_at + %d * $day) THEN 1 ELSE 0 END"
		" FROM today_offer f JOIN calendar_day c ON c.day = f.day WHERE f.judged = 0 AND f.day <= $before"
		" ORDER BY f.id LIMIT %d", WITHIN, QUERY_LIMIT));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "day", v_int(86400000) },
		{ "before", v_text(date_text(ctx->mem, instant_day(ctx->now) - JUDGED_AFTER)) }, { 0 } });

	if (!q)
		return false;
	for (; n < QUERY_LIMIT && db_next(q); n++)
		offers[n] = (struct offer){ db_int(q, 0), db_int(q, 1) != 0, db_int(q, 2) != 0 };

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "proposals");
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "today_offer", offers[i].id, (struct cell[]){
		        { "judged", v_int(1) }, { "followed", v_int(offers[i].followed) }, { "moved", v_int(offers[i].moved) }, { 0 } }))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "today_judge", NULL, ctx->now, NULL);
}
