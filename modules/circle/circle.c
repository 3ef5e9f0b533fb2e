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
	int64_t product, customer, contact, owner;
	struct value need_by, close_on;
};

/* The cells that follow from it; `ret` has room for CELLS. */
enum { CELLS = 6 };

/*
 * What zones may go by: as in rep_zone.by, and of a customer c, or the contact p of the deal, in SQL: a number for each
 * segment.  Where segments are choices, `choices` names them, from 1 on.
 */
enum dimension { BY_INDUSTRY, BY_REGION, BY_SIZE, BY_SOURCE, BY_AGE, BY_ROLE, BY_CHARACTER, DIMENSIONS };
enum { CHOICES = 6 };

static const struct {
	const char *name, *setting, *sql;
	const char *choices[CHOICES];
} dimensions[DIMENSIONS] = {
	[BY_INDUSTRY] = { "industry", "zone_by_trade", "c.industry", { NULL } },
	[BY_REGION] = { "region", "zone_by_region", "CAST(substr(c.region, 1, 2) AS BIGINT)", { NULL } },
	[BY_SIZE] = { "size", "zone_by_size", "c.size_class", { "small", "middle", "large" } },
	[BY_SOURCE] = { "source", "zone_by_source", "c.source", { NULL } },
	[BY_AGE] = { "age", "zone_by_age", "CASE p.age WHEN 'young' THEN 1 WHEN 'middle' THEN 2 WHEN 'senior' THEN 3 END", { "young", "middle", "senior" } },
	[BY_ROLE] = { "role", "zone_by_role", "CASE p.decision_role WHEN 'decider' THEN 1 WHEN 'influencer' THEN 2 WHEN 'user' THEN 3"
		" WHEN 'gatekeeper' THEN 4 WHEN 'buyer' THEN 5 WHEN 'coach' THEN 6 END",
		{ "decider", "influencer", "user", "gatekeeper", "buyer", "coach" } },
	[BY_CHARACTER] = { "character", "zone_by_character", "CASE p.character WHEN 'driver' THEN 1 WHEN 'expressive' THEN 2 WHEN 'amiable' THEN 3"
		" WHEN 'analytical' THEN 4 END", { "driver", "expressive", "amiable", "analytical" } },
};

/* "industry/5": by which a zone is found. */
static const char *segment_of(struct ctx *ctx, enum dimension by, int64_t segment)
{
	return fmt(ctx->mem, "%s/%" PRId64, dimensions[by].name, segment);
}

/* The segment of a customer, and of the contact of the deal, in each dimension, 0 where it is not known. */
static bool read_segments(struct ctx *ctx, int64_t customer, int64_t contact, int64_t ret[static DIMENSIONS])
{
	struct text select;

	text_init(&select, ctx->mem);
	for (int i = 0; i < DIMENSIONS; i++)
		text_addf(&select, "%s%s", i ? ", " : "SELECT ", dimensions[i].sql);
	text_add(&select, " FROM customer c LEFT JOIN contact p ON p.id = $contact WHERE c.id = $id");

	const char *sql = scope_sql(ctx, "customer contact", select.s);
	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "id", v_int(customer) }, { "contact", v_int(contact) }, { 0 } });

	if (!q)
		return false;

	bool found = db_next(q);

	for (int i = 0; i < DIMENSIONS; i++)
		ret[i] = found ? db_int(q, (size_t)i) : 0;

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "segments of a customer");
}

/*
 * A minefield in one dimension and the efficient zone in another make it neither: effective.
 * What is not judged says nothing.
 */
static bool find_zone(struct ctx *ctx, const struct standing *s, struct value *ret)
{
	int64_t segments[DIMENSIONS];
	bool efficient = false;
	bool mine = false;
	bool judged = false;

	*ret = v_null();
	if (!s->customer || !s->owner)
		return true;
	if (!read_segments(ctx, s->customer, s->contact, segments))
		return false;
	for (int i = 0; i < DIMENSIONS; i++) {
		struct value zone = v_null();
		int64_t id;

		if (!segments[i] || !setting_bool(ctx, dimensions[i].setting))
			continue;
		if (!record_find(ctx, "rep_zone", fmt(ctx->mem, "person=eq.%" PRId64 "&segment=eq.%s", s->owner,
		                                      segment_of(ctx, (enum dimension)i, segments[i])), &id) ||
		    (id && !record_get(ctx, "rep_zone", id, "zone", &zone)))
			return false;
		efficient |= value_is(zone, "efficient");
		mine |= value_is(zone, "mine");
		judged |= !value_empty(zone);
	}
	if (judged)
		*ret = v_text(efficient == mine ? "effective" : efficient ? "efficient" : "mine");
	return true;
}

static bool stand(struct ctx *ctx, struct fits *fits, const struct standing *s, struct cell *ret)
{
	struct fit fit;
	struct value zone;

	if (!fit_of(ctx, fits, s->product, s->customer, &fit) || !find_zone(ctx, s, &zone))
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
	static const char *const fields[] = { "customer", "contact", "product", "owner", "need_by", "close_on", "result" };
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
		.contact = value_id(change_new(c, "contact")), .owner = value_id(change_new(c, "owner")),
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
		fmt(ctx->mem, "SELECT id, product, customer, contact, owner, need_by, close_on FROM opportunity"
		" WHERE result = 'open' AND id > $after%s ORDER BY id LIMIT %d",
		customer ? " AND customer = $customer" : "", QUERY_LIMIT));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "after", v_int(after) }, { "customer", v_int(customer) }, { 0 } });

	if (!q)
		return false;
	for (; n < LENGTH(ids) && db_next(q); n++) {
		ids[n] = db_int(q, 0);
		found[n] = (struct standing){ db_int(q, 1), db_int(q, 2), db_int(q, 3), db_int(q, 4),
		                              v_text(arena_dup(ctx->mem, db_text(q, 5))),
		                              v_text(arena_dup(ctx->mem, db_text(q, 6))) };
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

/* Zones by whom the deal is with. */
static bool contact_after(struct ctx *ctx, struct change *c)
{
	bool matters = change_has(c, "age") || change_has(c, "decision_role") || change_has(c, "character");

	return ctx->import || !matters || change_act(c) != CHANGE_UPDATE || refresh_soon(ctx);
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

/* The segment a zone is for, and what people call it. */
static bool read_segment(struct ctx *ctx, const struct change *c, enum dimension *ret_by, int64_t *ret, const char **ret_name)
{
	struct value by = change_new(c, "by");
	struct value of;
	struct value name;

	*ret_by = BY_INDUSTRY;
	for (int i = 0; i < DIMENSIONS; i++)
		if (value_is(by, dimensions[i].name))
			*ret_by = (enum dimension)i;
	of = change_new(c, dimensions[*ret_by].name);
	if (value_empty(of))
		return fail(ctx, ERR_INVALID, dimensions[*ret_by].name, "请填写是哪个客户群", "Say which segment it is");
	for (int i = 0; i < CHOICES && dimensions[*ret_by].choices[i]; i++)
		if (value_is(of, dimensions[*ret_by].choices[i])) {
			*ret = i + 1;
			*ret_name = label_in(field_choice(object_field(change_object(c), dimensions[*ret_by].name), of.s)->label,
			                     in_english(ctx) ? "en" : "zh");
			return true;
		}
	if (*ret_by == BY_REGION) {
		const char *code = arena_dupn(ctx->mem, of.s, of.n < 2 ? of.n : 2);
		int64_t region;

		*ret = (code[0] - '0') * 10 + (code[1] - '0');
		*ret_name = code;
		if (!record_find(ctx, "region", fmt(ctx->mem, "code=eq.%s", code), &region) ||
		    (region && !record_get(ctx, "region", region, "name", &name)))
			return false;
		if (region && name.kind == V_TEXT)
			*ret_name = name.s;
		return true;
	}
	*ret = value_id(of);
	if (!record_get(ctx, dimensions[*ret_by].name, *ret, "name", &name))
		return false;
	*ret_name = name.kind == V_TEXT ? name.s : "";
	return true;
}

static bool zone_before(struct ctx *ctx, struct change *c)
{
	struct value manual = change_new(c, "manual");
	struct value computed = change_new(c, "computed");
	enum dimension by;
	struct value person;
	const char *name;
	int64_t segment;

	if (!value_empty(manual) && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "人工调整须说明理由", "Say why it is set by hand");
	change_set(c, "zone", !value_empty(manual) ? manual : value_is(computed, "few") ? v_null() : computed);
	if (!read_segment(ctx, c, &by, &segment, &name) ||
	    !record_get(ctx, "member", value_id(change_new(c, "person")), "label", &person))
		return false;
	change_set(c, "segment", v_text(segment_of(ctx, by, segment)));
	change_set(c, "name", v_text(fmt(ctx->mem, "%s · %s", person.kind == V_TEXT ? person.s : "", name)));
	return true;
}

static bool zone_after(struct ctx *ctx, struct change *c)
{
	return !(change_has(c, "zone") || change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE) ||
	       refresh_soon(ctx);
}

static bool read_cases(struct ctx *ctx, enum dimension by, struct zone_case **ret, size_t *ret_n)
{
	struct zone_case *list = NULL;
	size_t n = 0;
	size_t cap = 0;

	const char *sql = scope_sql(ctx, "opportunity customer contact member", fmt(ctx->mem,
		"SELECT o.owner, coalesce(m.team, 0), %s AS segment, count(*) FILTER (WHERE o.result = 'won'), count(*)"
		" FROM opportunity o JOIN customer c ON c.id = o.customer LEFT JOIN contact p ON p.id = o.contact JOIN member m ON m.id = o.owner"
		" WHERE o.result IN ('won', 'lost') AND o.closed_on >= $from AND %s IS NOT NULL"
		" GROUP BY 1, 2, 3", dimensions[by].sql, dimensions[by].sql));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "from", v_text(date_text(ctx->mem, instant_day(ctx->now) - setting_int(ctx, "zone_days"))) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct zone_case){ .person = db_int(q, 0), .team = db_int(q, 1), .segment = db_int(q, 2),
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

/* The field that says which segment it is. */
static struct cell segment_cell(struct ctx *ctx, enum dimension by, int64_t segment)
{
	return (struct cell){ dimensions[by].name, dimensions[by].choices[0] ? v_text(dimensions[by].choices[segment - 1])
		: by == BY_REGION ? v_text(fmt(ctx->mem, "%02" PRId64, segment)) : v_int(segment) };
}

static bool write_zone(struct ctx *ctx, enum dimension by, const struct zone_case *z)
{
	struct cell cells[] = {
		{ "person", v_int(z->person) },
		{ "by", v_text(dimensions[by].name) },
		segment_cell(ctx, by, z->segment),
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

	if (!record_find(ctx, "rep_zone", fmt(ctx->mem, "person=eq.%" PRId64 "&segment=eq.%s", z->person,
	                                      segment_of(ctx, by, z->segment)), &id))
		return false;
	/* Zones from before there were segments go by the industry. */
	if (!id && by == BY_INDUSTRY && !record_find(ctx, "rep_zone", fmt(ctx->mem, "person=eq.%" PRId64 "&industry=eq.%" PRId64,
	                                                                  z->person, z->segment), &id))
		return false;
	return id ? record_update(ctx, "rep_zone", id, cells + 3) : record_create(ctx, "rep_zone", cells, NULL);
}

/* Zones of which nothing is left within the window; what was set by hand stays. */
static bool forget_zones(struct ctx *ctx, enum dimension by, const struct zone_case *cases, size_t n)
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
		map_put(&alive, fmt(ctx->mem, "%" PRId64 " %s", cases[i].person, segment_of(ctx, by, cases[i].segment)), 1, &fresh);
	for (size_t i = 0; i < LENGTH(fields); i++)
		cells[3 + i] = (struct cell){ fields[i], v_null() };
	const char *sql = scope_sql(ctx, "rep_zone",
		"SELECT id, person, segment FROM rep_zone WHERE closed > 0 AND by = $by");

	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "by", v_text(dimensions[by].name) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		if (map_find(&alive, fmt(ctx->mem, "%" PRId64 " %s", db_int(q, 1), db_text(q, 2))))
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

/* All zones from what was won and lost, then every open opportunity.  What is not looked at has no zones. */
static bool zones(struct ctx *ctx, const struct json *args)
{
	(void)args;
	for (int by = 0; by < DIMENSIONS; by++) {
		struct zone_case *cases = NULL;
		size_t n = 0;

		if (setting_bool(ctx, dimensions[by].setting) && !read_cases(ctx, (enum dimension)by, &cases, &n))
			return false;
		zone_judge(cases, n, setting_int(ctx, "zone_cases"));
		for (size_t i = 0; i < n; i++)
			if (!write_zone(ctx, (enum dimension)by, &cases[i]))
				return false;
		if (!forget_zones(ctx, (enum dimension)by, cases, n))
			return false;
	}
	return refresh_soon(ctx);
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
		{ "contact", HOOK_AFTER, contact_after },
		{ "activity", HOOK_AFTER, activity_after },
		{ "customer_profile", HOOK_BEFORE | HOOK_WRITES, fit_profile_before },
		{ "customer_profile", HOOK_AFTER, profile_after },
		{ "rep_zone", HOOK_BEFORE | HOOK_WRITES, zone_before },
		{ "rep_zone", HOOK_AFTER, zone_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.reports = circle_reports,
	.jobs = (const struct job_impl[]){
		{ "circle_zones", "daily 02:55", zones, { "刷新成交与丢单的区域", "Refresh where deals are won and lost" } },
		{ "circle_refresh", NULL, refresh, { "刷新客户圈", "Refresh the circle of customers" } },
		{ 0 },
	},
};
