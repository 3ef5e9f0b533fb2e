/*
 * Circle: whom the product fits, whom the person fits, who needs it now (S02-08 … S02-11).
 *
 * The hooks keep on each open opportunity how it stands in the three circles; when it is
 * closed they stay as they were.  fit.c judges customers against profiles, zone.c people's win
 * rates; circle_report.c hands out what comes of it.
 */
#include "modules/circle/circle_inner.h"

#include "base/map.h"
#include "modules/circle/fit.h"
#include "modules/circle/zone.h"

/*
 * An opportunity's standing
 */

struct standing {
	int64_t product, customer, owner;
	struct value need_by, close_on;
};

/* The cells that follow from it; `ret` has room for CELLS. */
enum { CELLS = 6 };

static bool find_zone(struct ctx *ctx, int64_t owner, int64_t customer, struct value *ret)
{
	struct value industry;
	int64_t id;

	*ret = v_null();
	if (!customer || !owner)
		return true;
	if (!record_get(ctx, "customer", customer, "industry", &industry))
		return false;
	if (!value_id(industry))
		return true;
	if (!record_find(ctx, "rep_zone", fmt(ctx->mem, "person=eq.%" PRId64 "&industry=eq.%" PRId64,
	                                      owner, value_id(industry)), &id))
		return false;
	return !id || record_get(ctx, "rep_zone", id, "zone", ret);
}

static bool stand(struct ctx *ctx, struct fits *fits, const struct standing *s, struct cell *ret)
{
	struct fit fit;
	struct value zone;

	if (!fit_of(ctx, fits, s->product, s->customer, &fit) || !find_zone(ctx, s->owner, s->customer, &zone))
		return false;
	*ret++ = (struct cell){ "product_fit", fit.known ? v_int((int64_t)(fit.share * 10000 + 0.5)) : v_null() };
	*ret++ = (struct cell){ "fits_product", fit.fits == ANSWER_UNKNOWN ? v_null() : v_int(fit.fits == ANSWER_YES) };
	*ret++ = (struct cell){ "owner_zone", zone };
	*ret++ = (struct cell){ "fits_rep", zone.kind == V_TEXT ? v_int(!value_is(zone, "mine")) : v_null() };
	*ret++ = (struct cell){ "need_due", value_empty(s->need_by) ? s->close_on : s->need_by };
	*ret = (struct cell){ 0 };
	return true;
}

static bool opportunity_before(struct ctx *ctx, struct change *c)
{
	static const char *const fields[] = { "customer", "product", "owner", "need_by", "close_on", "result" };
	struct fits fits = { 0 };
	struct cell cells[CELLS];
	bool matters = false;

	for (size_t i = 0; i < LENGTH(fields); i++)
		matters |= change_has(c, fields[i]);
	/* An import is followed by circle_zones; deleting and restoring change nothing of this. */
	if (ctx->import || !matters || !value_is(change_new(c, "result"), "open") ||
	    change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = stand(ctx, &fits, &(struct standing){
		.product = value_id(change_new(c, "product")), .customer = value_id(change_new(c, "customer")),
		.owner = value_id(change_new(c, "owner")),
		.need_by = change_new(c, "need_by"), .close_on = change_new(c, "close_on") }, cells);

	ctx_as(ctx, me);
	for (const struct cell *cell = cells; ok && cell->name; cell++)
		change_set(c, cell->name, cell->value);
	return ok;
}

/* Open opportunities after an id, in its order, of a customer or of all: brings them up to date. */
static bool refresh_some(struct ctx *ctx, int64_t after, int64_t customer, int64_t *ret_last, size_t *ret_n)
{
	struct standing found[QUERY_LIMIT];
	int64_t ids[QUERY_LIMIT];
	struct fits fits = { 0 };
	size_t n = 0;

	const char *sql = scope_sql(ctx, "opportunity",
		fmt(ctx->mem, "SELECT id, product, customer, owner, need_by, close_on FROM opportunity"
		" WHERE result = 'open' AND id > $after%s ORDER BY id LIMIT %d",
		customer ? " AND customer = $customer" : "", QUERY_LIMIT));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "after", v_int(after) }, { "customer", v_int(customer) }, { 0 } });

	if (!q)
		return false;
	for (; n < LENGTH(ids) && db_next(q); n++) {
		ids[n] = db_int(q, 0);
		found[n] = (struct standing){ db_int(q, 1), db_int(q, 2), db_int(q, 3),
		                              v_text(arena_dup(ctx->mem, db_text(q, 4))),
		                              v_text(arena_dup(ctx->mem, db_text(q, 5))) };
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "circles");
	for (size_t i = 0; i < n; i++) {
		struct cell cells[CELLS];

		if (!stand(ctx, &fits, &found[i], cells) || !record_update(ctx, "opportunity", ids[i], cells))
			return false;
		*ret_last = ids[i];
	}
	*ret_n = n;
	return true;
}

/* A page at a time: nobody waits long for the write lane. */
static bool refresh(struct ctx *ctx, const struct json *args)
{
	int64_t last = json_int(args, "after", 0);
	size_t n;

	return refresh_some(ctx, last, 0, &last, &n) &&
	       (n < QUERY_LIMIT || job_add(ctx, "circle_refresh", fmt(ctx->mem, "{\"after\":%" PRId64 "}", last),
	                                   ctx->now, NULL));
}

static bool refresh_soon(struct ctx *ctx)
{
	return job_add(ctx, "circle_refresh", NULL, ctx->now, "circle_refresh");
}

static bool profile_after(struct ctx *ctx, struct change *c)
{
	(void)c;
	return refresh_soon(ctx);
}

/* What profiles ask of by themselves; further conditions are looked at each night. */
static bool customer_after(struct ctx *ctx, struct change *c)
{
	static const char *const fields[] = { "industry", "region", "level", "employees", "revenue", "lifecycle",
	                                      "tags", "key_account", "source", "established" };
	bool matters = false;
	int64_t last = 0;
	size_t n;

	for (size_t i = 0; i < LENGTH(fields); i++)
		matters |= change_has(c, fields[i]);
	if (ctx->import || !matters || change_act(c) != CHANGE_UPDATE)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = refresh_some(ctx, 0, change_id(c), &last, &n);

	ctx_as(ctx, me);
	return ok && (n < QUERY_LIMIT || refresh_soon(ctx));
}

/*
 * Coaching
 */

/* The direct leader, else the team's; 0: nobody, or the person itself. */
static bool superior(struct ctx *ctx, int64_t person, int64_t *ret)
{
	struct value leader;
	struct value team;

	if (!record_get(ctx, "member", person, "leader", &leader) || !record_get(ctx, "member", person, "team", &team) ||
	    (!value_id(leader) && value_id(team) && !record_get(ctx, "team", value_id(team), "leader", &leader)))
		return false;
	*ret = value_id(leader) == person ? 0 : value_id(leader);
	return true;
}

static bool coach(struct ctx *ctx, int64_t person, int64_t visit, struct value customer)
{
	static const char origin[] = "visit_coaching";
	struct value name;
	int64_t to;
	int64_t open;

	if (!superior(ctx, person, &to) || !record_get(ctx, "member", person, "label", &name) ||
	    !record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open&activity.owner=eq.%" PRId64, origin, person), &open))
		return false;
	return !to || open || record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(fmt(ctx->mem, in_english(ctx) ? "Coach %s: two visits in a row missed their goal"
		                                                : "辅导 %s：连续两次拜访未达成目标", name.s)) },
		{ "owner", v_int(to) },
		{ "customer", customer },
		{ "activity", v_int(visit) },
		{ "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), 1))) },
		{ "priority", v_text("high") },
		{ "state", v_text("open") },
		{ "origin", v_text(origin) },
		{ 0 } }, NULL);
}

/* S02-12: the second visit in a row whose goal was missed is a matter for coaching. */
static bool missed_again(struct ctx *ctx, struct change *c)
{
	int64_t person = value_id(change_new(c, "owner"));
	struct value reached;
	int64_t before;
	char at[26];
	struct text query;

	/* Query text knows whole seconds. */
	instant_format(value_id(change_new(c, "done_at")) + 999, at);
	text_init(&query, ctx->mem);
	text_addf(&query, "owner=eq.%" PRId64 "&kind=eq.visit&state=eq.done&id=ne.%" PRId64 "&sort=-done_at&done_at=lte.",
	          person, change_id(c));
	text_url_encode(&query, at);
	if (!record_find(ctx, "activity", query.s, &before))
		return false;
	if (!before)
		return true;
	return record_get(ctx, "activity", before, "goal_reached", &reached) &&
	       (!value_is(reached, "no") || coach(ctx, person, change_id(c), change_new(c, "customer")));
}

static bool activity_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import || change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE ||
	    !(change_has(c, "goal_reached") || change_has(c, "state")) || !value_is(change_new(c, "kind"), "visit") ||
	    !value_is(change_new(c, "state"), "done") || !value_is(change_new(c, "goal_reached"), "no"))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = missed_again(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/*
 * Zones
 */

static bool zone_before(struct ctx *ctx, struct change *c)
{
	struct value manual = change_new(c, "manual");
	struct value computed = change_new(c, "computed");
	struct value person;
	struct value industry;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	if (!value_empty(manual) && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "人工调整须说明理由", "Say why it is set by hand");
	change_set(c, "zone", !value_empty(manual) ? manual : value_is(computed, "few") ? v_null() : computed);
	if (!change_has(c, "person") && !change_has(c, "industry"))
		return true;
	if (!record_get(ctx, "member", value_id(change_new(c, "person")), "label", &person) ||
	    !record_get(ctx, "industry", value_id(change_new(c, "industry")), "name", &industry))
		return false;
	change_set(c, "name", v_text(fmt(ctx->mem, "%s · %s", person.kind == V_TEXT ? person.s : "",
	                                 industry.kind == V_TEXT ? industry.s : "")));
	return true;
}

static bool zone_after(struct ctx *ctx, struct change *c)
{
	return !(change_has(c, "zone") || change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE) ||
	       refresh_soon(ctx);
}

static bool read_cases(struct ctx *ctx, struct zone_case **ret, size_t *ret_n)
{
	struct zone_case *list = NULL;
	size_t n = 0;
	size_t cap = 0;

	const char *sql = scope_sql(ctx, "opportunity customer member",
		"SELECT o.owner, coalesce(m.team, 0), c.industry, count(*) FILTER (WHERE o.result = 'won'), count(*)"
		" FROM opportunity o JOIN customer c ON c.id = o.customer JOIN member m ON m.id = o.owner"
		" WHERE o.result IN ('won', 'lost') AND o.closed_on >= $from AND c.industry IS NOT NULL"
		" GROUP BY o.owner, coalesce(m.team, 0), c.industry");

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "from", v_text(date_text(ctx->mem, instant_day(ctx->now) - setting_int(ctx, "zone_days"))) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct zone_case){ .person = db_int(q, 0), .team = db_int(q, 1), .industry = db_int(q, 2),
		                                .own = { db_int(q, 3), db_int(q, 4) } };
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret = list;
	*ret_n = n;
	return !failed || fail_db(ctx, "zones");
}

static struct value percent(double share)
{
	return v_int((int64_t)(share * 10000 + 0.5));
}

static bool write_zone(struct ctx *ctx, const struct zone_case *z)
{
	struct cell cells[] = {
		{ "person", v_int(z->person) },
		{ "industry", v_int(z->industry) },
		{ "computed", v_text(zone_words[z->zone]) },
		{ "won", v_int(z->own.won) },
		{ "closed", v_int(z->own.closed) },
		{ "rate", percent((double)z->own.won / (double)z->own.closed) },
		{ "estimate", percent(z->estimate) },
		{ "low", percent(z->low) },
		{ "high", percent(z->high) },
		{ "overall", percent(z->overall) },
		{ "chance", percent(z->chance) },
		{ 0 } };
	int64_t id;

	if (!record_find(ctx, "rep_zone", fmt(ctx->mem, "person=eq.%" PRId64 "&industry=eq.%" PRId64,
	                                      z->person, z->industry), &id))
		return false;
	return id ? record_update(ctx, "rep_zone", id, cells + 2) : record_create(ctx, "rep_zone", cells, NULL);
}

/* Zones of which nothing is left within the window; what was set by hand stays. */
static bool forget_zones(struct ctx *ctx, const struct zone_case *cases, size_t n)
{
	static const char *const fields[] = { "rate", "estimate", "low", "high", "overall", "chance" };
	struct cell cells[LENGTH(fields) + 4] = {
		{ "computed", v_text("few") }, { "won", v_int(0) }, { "closed", v_int(0) },
	};
	struct map alive;
	int64_t *ids = NULL;
	size_t n_ids = 0;
	size_t cap = 0;
	bool fresh;

	map_init(&alive, ctx->mem);
	for (size_t i = 0; i < n; i++)
		map_put(&alive, fmt(ctx->mem, "%" PRId64 " %" PRId64, cases[i].person, cases[i].industry), 1, &fresh);
	for (size_t i = 0; i < LENGTH(fields); i++)
		cells[3 + i] = (struct cell){ fields[i], v_null() };
	const char *sql = scope_sql(ctx, "rep_zone",
		"SELECT id, person, industry FROM rep_zone WHERE closed > 0");

	struct query *q = ctx_query(ctx, sql, NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		if (map_find(&alive, fmt(ctx->mem, "%" PRId64 " %" PRId64, db_int(q, 1), db_int(q, 2))))
			continue;
		ids = arena_grow(ctx->mem, ids, &cap, n_ids + 1, sizeof *ids);
		ids[n_ids++] = db_int(q, 0);
	}

	bool failed = db_failed(q);

	db_done(q);
	for (size_t i = 0; !failed && i < n_ids; i++)
		if (!record_update(ctx, "rep_zone", ids[i], cells))
			return false;
	return !failed || fail_db(ctx, "zones");
}

/* All zones from what was won and lost, then every open opportunity. */
static bool zones(struct ctx *ctx, const struct json *args)
{
	struct zone_case *cases;
	size_t n;
	(void)args;

	if (!read_cases(ctx, &cases, &n))
		return false;
	zone_judge(cases, n, setting_int(ctx, "zone_cases"));
	for (size_t i = 0; i < n; i++)
		if (!write_zone(ctx, &cases[i]))
			return false;
	return forget_zones(ctx, cases, n) && refresh_soon(ctx);
}

static bool import_after(struct ctx *ctx, struct change *c)
{
	return !change_has(c, "state") || !value_is(change_new(c, "state"), "done") ||
	       job_add(ctx, "circle_zones", NULL, ctx->now, "circle_zones");
}

const struct module circle_module = {
	.name = "circle",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE, opportunity_before },
		{ "customer", HOOK_AFTER, customer_after },
		{ "activity", HOOK_AFTER, activity_after },
		{ "customer_profile", HOOK_BEFORE, fit_profile_before },
		{ "customer_profile", HOOK_AFTER, profile_after },
		{ "rep_zone", HOOK_BEFORE, zone_before },
		{ "rep_zone", HOOK_AFTER, zone_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.reports = circle_reports,
	.jobs = (const struct job_impl[]){
		{ "circle_zones", "daily 02:55", zones },
		{ "circle_refresh", NULL, refresh },
		{ 0 },
	},
};
