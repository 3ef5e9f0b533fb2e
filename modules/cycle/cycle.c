/*
 * Cycle: sales that take a year or three (S02-17).
 *
 * Within the cycle of its class an opportunity does not count as stalled as long as it is touched; on the nurture
 * track the next touch is a task.  Phases that must not be skipped are, with a reason, and it is counted.
 */
#include "engine/module.h"

/*
 * Phases
 */

/* The opportunity went past a phase; once for each. */
static bool note_skip(struct ctx *ctx, int64_t opportunity, int64_t stage, struct value reason)
{
	int64_t there;

	if (!record_find(ctx, "phase_skip", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&stage=eq.%" PRId64, opportunity, stage), &there))
		return false;
	return there || record_create(ctx, "phase_skip", (struct cell[]){
		{ "opportunity", v_int(opportunity) },
		{ "stage", v_int(stage) },
		{ "skipped_on", v_text(ctx->today) },
		{ "reason", reason },
		{ 0 } }, NULL);
}

/* Forward past phases that must not be skipped and that it never was in: only with a reason. */
static bool check_skips(struct ctx *ctx, struct change *c)
{
	struct value reason = change_new(c, "skip_reason");
	int64_t *ids;
	size_t n;
	struct value name;

	const char *sql = scope_sql(ctx, "stage stage_visit",
		"SELECT s.id FROM stage s JOIN stage was ON was.id = $was JOIN stage now ON now.id = $now"
		" WHERE s.no_skip = 1 AND s.kind = 'open' AND now.kind <> 'lost' AND s.pipeline = was.pipeline AND s.pipeline = now.pipeline"
		" AND s.position > was.position AND s.position < now.position"
		" AND s.id NOT IN (SELECT stage FROM stage_visit WHERE opportunity = $id) ORDER BY s.position");

	if (!ctx_ids(ctx, sql, (struct bind[]){ { "was", change_old(c, "stage") }, { "now", change_new(c, "stage") },
	                                         { "id", v_int(change_id(c)) }, { 0 } }, &ids, &n))
		return false;
	if (n == 0)
		return true;
	if (value_empty(reason)) {
		if (!record_get(ctx, "stage", ids[0], "name", &name))
			return false;
		return fail(ctx, ERR_INVALID, "skip_reason", "跳过“%s”须说明理由", "Say why \"%s\" is skipped", name.s);
	}
	for (size_t i = 0; i < n; i++)
		if (!note_skip(ctx, change_id(c), ids[i], reason))
			return false;
	/* The next skip has a reason of its own. */
	change_set(c, "skip_reason", v_null());
	return true;
}

/*
 * Touches
 */

struct cycle {
	int64_t months_to;              /* 0: no end */
	int64_t touch_days;
	bool known;                     /* it has a class */
};

static bool read_class(struct ctx *ctx, int64_t id, struct cycle *ret)
{
	struct value to;
	struct value touch;

	*ret = (struct cycle){ 0 };
	if (!id)
		return true;
	if (!record_get(ctx, "offer_class", id, "months_to", &to) || !record_get(ctx, "offer_class", id, "touch_days", &touch))
		return false;
	*ret = (struct cycle){ value_id(to), value_id(touch), true };
	return true;
}

/* The day by which the customer is to be touched again. */
static int64_t touch_by(const struct cycle *cycle, struct value last, struct value entered)
{
	return instant_day(last.kind == V_INT ? last.i : value_id(entered)) + cycle->touch_days;
}

/* Until then it is not stalled: the day before the touch is due, at most the end of the cycle; nothing without a class. */
static struct value calm_until(struct ctx *ctx, const struct cycle *cycle, struct value began, int64_t touch)
{
	int64_t day = touch - 1;
	int64_t start;

	if (!cycle->known)
		return v_null();
	if (cycle->months_to && began.kind == V_TEXT && date_parse(began.s, &start)) {
		int64_t end = date_days(date_add_months(date_ymd(start), (int)cycle->months_to)) - 1;

		if (end < day)
			day = end;
	}
	return v_text(date_text(ctx->mem, day));
}

static struct value began_on(struct value engaged, struct value entered)
{
	return engaged.kind == V_TEXT ? engaged : entered;
}

static bool prepare(struct ctx *ctx, struct change *c)
{
	static const char *const matters[] = { "offer_class", "last_activity_at", "engaged_on", "began_on", "stage_entered_at" };
	int64_t product = value_id(change_new(c, "product"));
	struct value class = change_new(c, "offer_class");
	struct cycle cycle;
	bool touched = false;

	if (value_empty(class) && product && change_has(c, "product")) {
		if (!record_get(ctx, "product", product, "offer_class", &class))
			return false;
		change_set(c, "offer_class", class);
	}
	for (size_t i = 0; i < LENGTH(matters); i++)
		touched |= change_has(c, matters[i]);
	if (touched && (!read_class(ctx, value_id(class), &cycle)))
		return false;
	if (touched)
		change_set(c, "calm_until", calm_until(ctx, &cycle, began_on(change_new(c, "engaged_on"), change_new(c, "began_on")),
			touch_by(&cycle, change_new(c, "last_activity_at"), change_new(c, "stage_entered_at"))));
	return ctx->import || change_act(c) != CHANGE_UPDATE || !change_has(c, "stage") || check_skips(ctx, c);
}

/* One open task for the next touch: there while it is nurtured, its day following the last touch. */
static bool settle_touch(struct ctx *ctx, int64_t id)
{
	static const char *const names[] = { "offer_class", "track", "result", "owner", "customer", "name", "last_activity_at",
	                                     "stage_entered_at" };
	enum { CLASS, TRACK, RESULT, OWNER, CUSTOMER, NAME, LAST, ENTERED };
	struct value v[LENGTH(names)];
	const char *origin = fmt(ctx->mem, "nurture/%" PRId64, id);
	struct cycle cycle;
	int64_t task;

	for (size_t i = 0; i < LENGTH(names); i++)
		if (!record_get(ctx, "opportunity", id, names[i], &v[i]))
			return false;
	if (!read_class(ctx, value_id(v[CLASS]), &cycle) || !record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open", origin), &task))
		return false;
	if (!cycle.known || !value_is(v[TRACK], "nurture") || !value_is(v[RESULT], "open"))
		return !task || record_update(ctx, "task", task, (struct cell[]){ { "state", v_text("cancelled") }, { 0 } });

	struct value due = v_text(date_text(ctx->mem, touch_by(&cycle, v[LAST], v[ENTERED])));

	if (task)
		return record_update(ctx, "task", task, (struct cell[]){ { "due_on", due }, { "owner", v[OWNER] }, { 0 } });
	return record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "Keep in touch: %s" : "培育接触：%s", v[NAME].s), 200)) },
		{ "owner", v[OWNER] },
		{ "customer", v[CUSTOMER] },
		{ "opportunity", v_int(id) },
		{ "due_on", due },
		{ "state", v_text("open") },
		{ "origin", v_text(origin) },
		{ 0 } }, NULL);
}

static bool opportunity_after(struct ctx *ctx, struct change *c)
{
	static const char *const matters[] = { "track", "offer_class", "last_activity_at", "result", "owner" };
	bool touched = false;

	for (size_t i = 0; i < LENGTH(matters); i++)
		touched |= change_has(c, matters[i]);
	/* Tasks of what is deleted go with it; who was never nurtured has none. */
	if (!touched || (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    (!value_is(change_new(c, "track"), "nurture") && !value_is(change_old(c, "track"), "nurture")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = settle_touch(ctx, change_id(c));

	ctx_as(ctx, me);
	return ok;
}

/* Another cycle: what is open follows, a page at a time. */
static bool class_after(struct ctx *ctx, struct change *c)
{
	return change_act(c) != CHANGE_UPDATE ||
	       job_add(ctx, "cycle_refresh", fmt(ctx->mem, "{\"class\":%" PRId64 "}", change_id(c)), ctx->now, NULL);
}

static bool refresh(struct ctx *ctx, const struct json *args)
{
	int64_t class = json_int(args, "class", 0);
	struct cycle cycle;
	int64_t *ids;
	size_t n;

	const char *sql = scope_sql(ctx, "opportunity", fmt(ctx->mem,
		"SELECT id FROM opportunity WHERE offer_class = $class AND result = 'open' AND id > $after ORDER BY id LIMIT %d", QUERY_LIMIT));

	if (!read_class(ctx, class, &cycle) ||
	    !ctx_ids(ctx, sql, (struct bind[]){ { "class", v_int(class) }, { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value last, entered, engaged, began;

		if (!record_get(ctx, "opportunity", ids[i], "last_activity_at", &last) ||
		    !record_get(ctx, "opportunity", ids[i], "stage_entered_at", &entered) ||
		    !record_get(ctx, "opportunity", ids[i], "engaged_on", &engaged) ||
		    !record_get(ctx, "opportunity", ids[i], "began_on", &began) ||
		    !record_update(ctx, "opportunity", ids[i], (struct cell[]){
			    { "calm_until", calm_until(ctx, &cycle, began_on(engaged, began), touch_by(&cycle, last, entered)) }, { 0 } }) ||
		    !settle_touch(ctx, ids[i]))
			return false;
	}
	return n < QUERY_LIMIT || job_add(ctx, "cycle_refresh", fmt(ctx->mem, "{\"class\":%" PRId64 ",\"after\":%" PRId64 "}", class,
	                                                            ids[n - 1]), ctx->now, NULL);
}

/*
 * First rows: the cycles of the source; what is learned from data replaces them (G-07).
 */

static bool seed(struct ctx *ctx)
{
	static const struct {
		const char *zh, *en;
		int64_t from, to;
	} classes[] = { { "低端", "Low end", 36, 48 }, { "中端", "Mid-range", 12, 24 }, { "高端", "High end", 24, 0 } };

	for (size_t i = 0; i < LENGTH(classes); i++)
		if (!record_create(ctx, "offer_class", (struct cell[]){
			{ "name", v_text(say(ctx, classes[i].zh, classes[i].en)) },
			{ "months_from", v_int(classes[i].from) },
			{ "months_to", v_id(classes[i].to) },
			{ "touch_days", v_int(60) },
			{ 0 } }, NULL))
			return false;
	return true;
}

const struct module cycle_module = {
	.name = "cycle",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE | HOOK_WRITES | HOOK_SYSTEM, prepare },
		{ "opportunity", HOOK_AFTER, opportunity_after },
		{ "offer_class", HOOK_AFTER, class_after },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "cycle_refresh", NULL, refresh, { "刷新销售周期", "Refresh sales cycles" } },
		{ 0 },
	},
	.seed = seed,
};
