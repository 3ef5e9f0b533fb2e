/*
 * Opportunity: the way through the stages, to won or lost.
 *
 * The before hook keeps stage, result, probability and dates in agreement and
 * guards the way forward; the after hook writes stage visits, the base of the
 * funnel, and carries a result to the customer.  An import brings history as it
 * was: no guards, and the dates of the file stand.
 */
#include "modules/opportunity/opportunity_inner.h"

struct stage {
	int64_t id;
	int64_t pipeline;
	int64_t position;
	int64_t probability;
	const char *name;
	const char *kind;               /* open, won, lost */
	const char *required;           /* field names, NULL */
	const char *condition;          /* query text, NULL */
	const char *hint;               /* the condition in words, NULL */
};

static bool is_kind(const struct stage *s, const char *kind)
{
	return text_eq(s->kind, kind);
}

/* Deleted stages are read too: old records still lie in them. */
static bool load_stage(struct ctx *ctx, int64_t id, struct stage *ret)
{
	const struct object *views[] = { schema_object(ctx->schema, "stage"), NULL };
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, views, SCOPE_BOTH, &sql);
	text_add(&sql, "SELECT pipeline, position, probability, name, kind, required_fields,"
	               " entry_condition, entry_hint FROM stage WHERE id = $id");

	struct query *q = ctx_query(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { 0 } });

	if (!q)
		return false;
	if (!db_next(q)) {
		db_done(q);
		return fail(ctx, ERR_INVALID, "stage", "没有这个阶段", "There is no such stage");
	}
	*ret = (struct stage){
		.id = id,
		.pipeline = db_int(q, 0),
		.position = db_int(q, 1),
		.probability = db_int(q, 2),
		.name = arena_dup(ctx->mem, db_text(q, 3)),
		.kind = arena_dup(ctx->mem, db_text(q, 4)),
		.required = arena_dup(ctx->mem, db_text(q, 5)),
		.condition = arena_dup(ctx->mem, db_text(q, 6)),
		.hint = arena_dup(ctx->mem, db_text(q, 7)),
	};
	db_done(q);
	return true;
}

/* The first stage of a pipeline that fits more query text; 0 if there is none. */
static bool find_stage(struct ctx *ctx, int64_t pipeline, const char *more, int64_t *ret)
{
	return record_find(ctx, "stage", fmt(ctx->mem, "pipeline=eq.%" PRId64 "&%s", pipeline, more),
	                   ret);
}

/*
 * Before: which stage, and what it means
 */

/* No stage chosen: the first one of the pipeline, or of the default pipeline. */
static bool first_stage(struct ctx *ctx, int64_t pipeline, int64_t *ret)
{
	if (!pipeline && !record_find(ctx, "pipeline", "active=eq.true&sort=position,id", &pipeline))
		return false;
	if (pipeline && !find_stage(ctx, pipeline, "sort=position", ret))
		return false;
	return (pipeline && *ret) || fail(ctx, ERR_INVALID, "stage",
	                                  "销售流程还没有阶段，请先设置", "The pipeline has no stages yet");
}

static bool choose_stage(struct ctx *ctx, struct change *c, struct stage *ret)
{
	int64_t pipeline = value_id(change_new(c, "pipeline"));
	int64_t stage = value_id(change_new(c, "stage"));
	bool moved = change_has(c, "pipeline") && !change_has(c, "stage");

	if ((!stage || moved) && !first_stage(ctx, pipeline, &stage))
		return false;
	if (!load_stage(ctx, stage, ret))
		return false;
	/* The stage says which pipeline, unless both were given and disagree. */
	if (pipeline && ret->pipeline != pipeline && change_has(c, "pipeline"))
		return fail(ctx, ERR_INVALID, "stage", "阶段“%s”不属于所选的销售流程",
		            "The stage \"%s\" is not of this pipeline", ret->name);
	change_set(c, "stage", v_int(stage));
	change_set(c, "pipeline", v_int(ret->pipeline));
	return true;
}

static bool fill_from_customer(struct ctx *ctx, struct change *c)
{
	static const char *const refs[] = { "customer", "product" };
	int64_t customer = value_id(change_new(c, "customer"));
	struct value source;
	struct text name;

	if (customer && value_empty(change_new(c, "source")) && change_has(c, "customer")) {
		if (!record_get(ctx, "customer", customer, "source", &source))
			return false;
		change_set(c, "source", source);
	}
	if (!value_empty(change_new(c, "name")))
		return true;
	text_init(&name, ctx->mem);
	for (size_t i = 0; i < LENGTH(refs); i++) {
		int64_t id = value_id(change_new(c, refs[i]));
		struct value part;

		if (!id)
			continue;
		if (!record_get(ctx, refs[i], id, "name", &part))
			return false;
		if (part.kind == V_TEXT)
			text_addf(&name, "%s%s", name.len ? " - " : "", part.s);
	}
	/* Neither known: the number of a file is better than nothing. */
	if (name.len == 0 && !value_empty(change_new(c, "number")))
		text_add(&name, change_new(c, "number").s);
	if (name.len)
		change_set(c, "name", v_text(utf8_cut(ctx->mem, name.s, 120)));
	return true;
}

/* A lead that is converted brings its day along. */
static void fill_need(struct ctx *ctx, struct change *c)
{
	bool brought = change_act(c) == CHANGE_CREATE && !value_empty(change_new(c, "explicit_on"));

	if (!change_has(c, "need_kind") || brought)
		return;
	change_set(c, "explicit_on", value_is(change_new(c, "need_kind"), "explicit")
		? v_text(ctx->today) : v_null());
}

/* Only what is over has a day on which it ended. */
static bool fill_closed(struct ctx *ctx, struct change *c, const struct stage *to)
{
	struct value closed = change_new(c, "closed_on");
	struct value expected = change_new(c, "close_on");

	if (is_kind(to, "open")) {
		if (ctx->import && closed.kind == V_TEXT && value_empty(expected))
			change_set(c, "close_on", closed);
		else if (!ctx->import && closed.kind == V_TEXT && change_has(c, "closed_on"))
			return fail(ctx, ERR_INVALID, "closed_on", "进行中的商机没有结束日期，请填写预计成交",
			            "An open opportunity has no closing day: use the expected one");
		change_set(c, "closed_on", v_null());
		return true;
	}
	if (value_empty(closed))
		change_set(c, "closed_on", ctx->import && !value_empty(expected) ? expected
		                                                                 : v_text(ctx->today));
	closed = change_new(c, "closed_on");
	if (!ctx->import && change_has(c, "closed_on") && strcmp(closed.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "closed_on", "结束日期不能晚于今天",
		            "It cannot have closed later than today");
	return true;
}

/* The sales cycle counts from the stage marked as engaging. */
static bool fill_engaged(struct ctx *ctx, struct change *c, const struct stage *to)
{
	int64_t engaging;
	struct value position;
	struct value closed = change_new(c, "closed_on");

	if (ctx->import || !value_empty(change_new(c, "engaged_on")))
		return true;
	if (!find_stage(ctx, to->pipeline, "engages=eq.true&sort=position", &engaging))
		return false;
	if (!engaging)
		return true;
	if (!record_get(ctx, "stage", engaging, "position", &position))
		return false;
	if (to->position >= value_id(position))
		change_set(c, "engaged_on", value_empty(closed) ? v_text(ctx->today) : closed);
	return true;
}

static bool check_loss(struct ctx *ctx, struct change *c, const struct stage *to)
{
	static const char *const fields[] = { "loss_reason", "lost_to", "loss_note" };

	if (!is_kind(to, "lost")) {
		for (size_t i = 0; i < LENGTH(fields); i++)
			if (!value_empty(change_new(c, fields[i])))
				change_set(c, fields[i], v_null());
		return true;
	}
	/* Asked of who loses it or takes the reason away, not of what else is written to an old one. */
	if (ctx->import || !value_empty(change_new(c, "loss_reason")) ||
	    !(change_has(c, "stage") || change_has(c, "loss_reason")) || !setting_bool(ctx, "loss_reason_required"))
		return true;
	return fail(ctx, ERR_INVALID, "loss_reason", "输单须选择原因", "A lost deal needs a reason");
}

/* S01-10: the fields a stage asks for, each told under its own name. */
static bool check_required(struct ctx *ctx, const struct change *c, const struct stage *to)
{
	const struct object *o = change_object(c);
	char **names;
	size_t n = to->required ? text_split(ctx->mem, to->required, ',', &names) : 0;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		const struct field *f = object_field(o, text_trim(ctx->mem, names[i]));

		if (!f || f->computed || !value_empty(change_new(c, f->name)))
			continue;
		ok = fail(ctx, ERR_INVALID, f->name, "进入“%s”前须填写“%s”",
		          "To enter \"%s\", fill in \"%s\" first", to->name,
		          label_in(f->label, in_english(ctx) ? "en" : "zh"));
	}
	return ok;
}

static int64_t instant_of(struct value day, int64_t otherwise)
{
	int64_t days;

	return day.kind == V_TEXT && date_parse(day.s, &days) ? day_start(days) : otherwise;
}

/* When the stage was entered: now, or what the file says. */
static int64_t entered_at(const struct ctx *ctx, const struct change *c, const struct stage *to)
{
	if (!ctx->import)
		return ctx->now;
	return instant_of(change_new(c, is_kind(to, "open") ? "engaged_on" : "closed_on"), ctx->now);
}

/*
 * A file with the day of engagement and the day of closing tells of one stay more than its last stage: the one
 * in the engaging stage between the two.  The day it began; NULL if there is none.
 */
static const char *history_day(const struct ctx *ctx, const struct change *c, const struct stage *to)
{
	struct value engaged = change_new(c, "engaged_on");

	return ctx->import && change_act(c) == CHANGE_CREATE && !is_kind(to, "open") && instant_of(engaged, 0) &&
	       instant_of(change_new(c, "closed_on"), 0) ? engaged.s : NULL;
}

static void fill_stage_day(struct ctx *ctx, struct change *c, const struct stage *to)
{
	struct value day = change_new(c, is_kind(to, "open") ? "engaged_on" : "closed_on");

	change_set(c, "stage_entered_on", ctx->import && !value_empty(day) ? day : v_text(ctx->today));
	change_set(c, "stage_entered_at", v_int(entered_at(ctx, c, to)));
}

/*
 * What the stays of opportunities in their present pipeline say: the first day, and the furthest stage that is
 * not lost (who is lost at once was in the first).
 */
#define WAY \
	"SELECT o.id, o.began_on, o.reached, way.began, coalesce(way.furthest %% 4294967296, first.id)" \
	" FROM opportunity o" \
	" JOIN (SELECT v.opportunity AS opportunity, s.pipeline AS pipeline, min(v.entered_on) AS began," \
	"              max(CASE WHEN s.kind <> 'lost' THEN s.position * 4294967296 + s.id END) AS furthest" \
	"       FROM stage_visit v JOIN stage s ON s.id = v.stage" \
	"       WHERE v.opportunity > $after AND v.opportunity <= $until GROUP BY v.opportunity, s.pipeline) way" \
	" ON way.opportunity = o.id AND way.pipeline = %s" \
	" LEFT JOIN stage first ON first.pipeline = way.pipeline AND first.kind <> 'lost'" \
	"  AND NOT EXISTS (SELECT 1 FROM stage b WHERE b.pipeline = first.pipeline AND b.kind <> 'lost' AND b.position < first.position)"

/* As far as `far` or this stage, whichever comes later. */
static bool later_stage(struct ctx *ctx, const struct stage *to, int64_t *far)
{
	struct stage was;

	if (is_kind(to, "lost"))
		return true;
	if (*far && !load_stage(ctx, *far, &was))
		return false;
	if (!*far || to->position > was.position)
		*far = to->id;
	return true;
}

/* Where the stays in another pipeline, to which it comes back, have brought it; nothing if it is new there. */
static bool former_way(struct ctx *ctx, int64_t id, int64_t pipeline, struct value *ret_began, int64_t *ret_reached)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "opportunity stage stage_visit", fmt(ctx->mem, WAY, "$pipeline")),
	                            (struct bind[]){ { "after", v_int(id - 1) }, { "until", v_int(id) },
	                                             { "pipeline", v_int(pipeline) }, { 0 } });

	if (!q)
		return false;

	bool found = db_next(q);

	*ret_began = found ? v_text(arena_dup(ctx->mem, db_text(q, 3))) : v_null();
	*ret_reached = found ? db_int(q, 4) : 0;
	db_done(q);
	return true;
}

/* The first day in this pipeline and the furthest stage, the base of the funnel. */
static bool fill_way(struct ctx *ctx, struct change *c, const struct stage *to)
{
	struct value began = change_new(c, "began_on");
	int64_t reached = value_id(change_new(c, "reached"));
	const char *day = date_text(ctx->mem, instant_day(entered_at(ctx, c, to)));
	const char *engaged = history_day(ctx, c, to);
	struct stage first;
	int64_t engaging = 0;

	if (change_has(c, "pipeline") && value_id(change_old(c, "pipeline")) &&
	    !former_way(ctx, change_id(c), to->pipeline, &began, &reached))
		return false;
	if (engaged && !find_stage(ctx, to->pipeline, "engages=eq.true&sort=position", &engaging))
		return false;
	if (engaging && (!load_stage(ctx, engaging, &first) || !later_stage(ctx, &first, &reached)))
		return false;
	if (engaging && strcmp(engaged, day) < 0)
		day = engaged;
	if (!later_stage(ctx, to, &reached) || (!reached && !find_stage(ctx, to->pipeline, "kind=ne.lost&sort=position", &reached)))
		return false;
	change_set(c, "began_on", began.kind == V_TEXT && strcmp(began.s, day) <= 0 ? began : v_text(day));
	change_set(c, "reached", v_id(reached));
	return true;
}

static bool enter_stage(struct ctx *ctx, struct change *c, const struct stage *to)
{
	int64_t left = value_id(change_old(c, "stage"));
	struct stage from = { 0 };

	if (left && !load_stage(ctx, left, &from))
		return false;
	change_set(c, "result", v_text(to->kind));
	if (!is_kind(to, "open") || !change_has(c, "probability") ||
	    value_empty(change_new(c, "probability")))
		change_set(c, "probability", v_int(to->probability));
	fill_stage_day(ctx, c, to);
	if (!fill_way(ctx, c, to))
		return false;
	if (ctx->import || is_kind(to, "lost"))
		return true;

	bool forward = from.pipeline != to->pipeline || to->position > from.position;

	return !forward || check_required(ctx, c, to);
}

static bool prepare(struct ctx *ctx, struct change *c)
{
	struct stage to;

	fill_need(ctx, c);
	if (!fill_from_customer(ctx, c) || !choose_stage(ctx, c, &to))
		return false;
	if (!fill_closed(ctx, c, &to) || !fill_engaged(ctx, c, &to) || !check_loss(ctx, c, &to))
		return false;
	return !change_has(c, "stage") || enter_stage(ctx, c, &to);
}

/*
 * After: stage visits
 */

/*
 * "f12": went forward after twelve whole days; "w07": still there, entered on the 7th.  With the month of
 * entering it is all the estimate of the funnel needs.
 */
static struct value fate_of(struct ctx *ctx, int64_t entered, int64_t left, bool forward)
{
	int64_t days = left > entered ? (left - entered) / 86400000 : 0;

	if (!left)
		return v_text(fmt(ctx->mem, "w%02d", date_ymd(instant_day(entered)).day));
	return v_text(fmt(ctx->mem, "%c%" PRId64, forward ? 'f' : 'o', days < 999 ? days : 999));
}

/* `left` 0: it is still there. */
static bool add_visit(struct ctx *ctx, const struct change *c, int64_t stage, int64_t came_from,
                      int64_t entered, int64_t left, int64_t gone_to, bool forward)
{
	/* Tenths of a day. */
	int64_t days = left > entered ? (left - entered + 4320000) / 8640000 : 0;

	return record_create(ctx, "stage_visit", (struct cell[]){
		{ "opportunity", v_int(change_id(c)) },
		{ "stage", v_int(stage) },
		{ "owner", change_new(c, "owner") },
		{ "entered_at", v_int(entered) },
		{ "entered_on", v_text(date_text(ctx->mem, instant_day(entered))) },
		{ "came_from", v_id(came_from) },
		{ "left_at", v_id(left) },
		{ "gone_to", v_id(gone_to) },
		{ "days", left ? v_int(days) : v_null() },
		{ "forward", left ? v_int(forward) : v_null() },
		{ "fate", fate_of(ctx, entered, left, forward) },
		{ 0 } }, NULL);
}

/* Ends the running visit; *ret_from is the stage it was in, id 0 if there was none. */
static bool end_visit(struct ctx *ctx, const struct change *c, const struct stage *to, int64_t at,
                      struct stage *ret_from)
{
	int64_t visit;
	struct value stage;
	struct value entered;

	*ret_from = (struct stage){ 0 };
	if (!record_find(ctx, "stage_visit", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&left_at=is.null",
	                                         change_id(c)), &visit))
		return false;
	if (!visit)
		return true;
	if (!record_get(ctx, "stage_visit", visit, "stage", &stage) ||
	    !record_get(ctx, "stage_visit", visit, "entered_at", &entered) ||
	    !load_stage(ctx, value_id(stage), ret_from))
		return false;

	int64_t stayed = at > value_id(entered) ? at - value_id(entered) : 0;
	bool forward = !is_kind(to, "lost") && to->pipeline == ret_from->pipeline &&
	               to->position > ret_from->position;

	return record_update(ctx, "stage_visit", visit, (struct cell[]){
		{ "left_at", v_int(at) },
		{ "days", v_int((stayed + 4320000) / 8640000) },
		{ "forward", v_int(forward) },
		{ "gone_to", v_int(to->id) },
		{ "fate", fate_of(ctx, value_id(entered), at, forward) },
		{ 0 } });
}

/* See history_day. */
static bool add_history(struct ctx *ctx, const struct change *c, const struct stage *to)
{
	int64_t engaging;
	int64_t from = instant_of(change_new(c, "engaged_on"), 0);
	int64_t till = instant_of(change_new(c, "closed_on"), 0);

	if (!history_day(ctx, c, to))
		return true;
	if (!find_stage(ctx, to->pipeline, "engages=eq.true&sort=position", &engaging))
		return false;
	return !engaging || add_visit(ctx, c, engaging, 0, from, till, to->id, is_kind(to, "won"));
}

/* A conversation of the same day is what moved the stage (metrics K-13, K-26). */
static bool credit_activity(struct ctx *ctx, const struct stage *to, int64_t opportunity)
{
	const char *today = fmt(ctx->mem,
		"opportunity=eq.%" PRId64 "&state=eq.done&kind=in.(visit,meeting,reception,call)"
		"&done_at=gte.%s&sort=-done_at", opportunity, ctx->today);
	int64_t credited;
	int64_t activity;

	if (!record_find(ctx, "activity", fmt(ctx->mem, "%s&stage_after=eq.%" PRId64, today, to->id),
	                 &credited) ||
	    !record_find(ctx, "activity", fmt(ctx->mem, "%s&stage_after=is.null", today), &activity))
		return false;
	return credited || !activity || record_update(ctx, "activity", activity, (struct cell[]){
		{ "stage_after", v_int(to->id) },
		{ 0 } });
}

static bool move(struct ctx *ctx, const struct change *c, const struct stage *to)
{
	int64_t at = entered_at(ctx, c, to);
	struct stage from;

	if (!add_history(ctx, c, to) || !end_visit(ctx, c, to, at, &from) ||
	    !add_visit(ctx, c, to->id, from.id, at, 0, 0, false))
		return false;
	return ctx->import || !from.id || to->position <= from.position || is_kind(to, "lost") ||
	       credit_activity(ctx, to, change_id(c));
}

/* The entry condition is asked of the record as written, totals and references included. */
static bool check_condition(struct ctx *ctx, const struct change *c, const struct stage *to)
{
	int64_t left = value_id(change_old(c, "stage"));
	int64_t found;
	struct stage from = { 0 };

	if (ctx->import || !to->condition || is_kind(to, "lost"))
		return true;
	if (left && !load_stage(ctx, left, &from))
		return false;
	if (from.pipeline == to->pipeline && to->position <= from.position)
		return true;
	if (!record_find(ctx, "opportunity", fmt(ctx->mem, "id=eq.%" PRId64 "&%s", change_id(c),
	                                         to->condition), &found))
		return false;
	return found || fail(ctx, ERR_INVALID, "stage", "尚不满足“%s”的进入条件：%s",
	                     "Not yet ready for \"%s\": %s", to->name,
	                     to->hint ? to->hint : to->condition);
}

/*
 * After: what the customer becomes
 */

/* The module customer knows what follows from it. */
static bool add_deals(struct ctx *ctx, int64_t customer, struct value from, struct value to)
{
	return record_update(ctx, "customer", customer, (struct cell[]){
		{ "first_deal_on", from }, { "last_deal_on", to }, { 0 } });
}

static bool lift_customer(struct ctx *ctx, const struct change *c)
{
	int64_t customer = value_id(change_new(c, "customer"));
	struct value result = change_new(c, "result");
	struct value closed = change_new(c, "closed_on");
	struct value lifecycle;

	if (!customer || ctx->import || value_is(result, "lost"))
		return true;            /* customer_deals follows an import */
	if (value_is(result, "won"))
		return add_deals(ctx, customer, closed, closed);
	if (!record_get(ctx, "customer", customer, "lifecycle", &lifecycle))
		return false;
	return !value_is(lifecycle, "potential") ||
	       record_update(ctx, "customer", customer, (struct cell[]){
		       { "lifecycle", v_text("intending") },
		       { 0 } });
}

/* The next customers, by id, whose deals reach further than they say. */
static bool refresh_deals(struct ctx *ctx, const struct json *args)
{
	struct value days[QUERY_LIMIT][2];
	int64_t ids[QUERY_LIMIT];
	size_t n = 0;

	const char *sql = scope_sql(ctx, "customer opportunity",
		fmt(ctx->mem, "SELECT c.id, min(o.closed_on), max(o.closed_on) FROM customer c"
		" JOIN opportunity o ON o.customer = c.id AND o.result = 'won' AND o.closed_on IS NOT NULL"
		" WHERE c.id > $after GROUP BY c.id, c.first_deal_on, c.last_deal_on"
		" HAVING min(o.closed_on) < coalesce(c.first_deal_on, '9')"
		" OR max(o.closed_on) > coalesce(c.last_deal_on, '0') ORDER BY c.id LIMIT %d", QUERY_LIMIT));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "after", v_int(json_int(args, "after", 0)) },
		{ 0 } });

	if (!q)
		return false;
	for (; n < LENGTH(ids) && db_next(q); n++) {
		ids[n] = db_int(q, 0);
		days[n][0] = v_text(arena_dup(ctx->mem, db_text(q, 1)));
		days[n][1] = v_text(arena_dup(ctx->mem, db_text(q, 2)));
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "deals of customers");
	for (size_t i = 0; i < n; i++)
		if (!add_deals(ctx, ids[i], days[i][0], days[i][1]))
			return false;
	return n < LENGTH(ids) ||
	       job_add(ctx, "customer_deals", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]),
	               ctx->now, NULL);
}

enum { WAYS = 5000 };           /* opportunities looked at in one go */

/* Stages were put in another order, records merged, a store is older than the fields: what differs from the stays is set right. */
static bool refresh_ways(struct ctx *ctx, const struct json *args)
{
	int64_t after = json_int(args, "after", 0);
	int64_t last;
	struct way {
		int64_t id, reached;
		const char *began;
	} *list = NULL;
	size_t n = 0;
	size_t cap = 0;

	if (!ctx_get_int(ctx, scope_sql(ctx, "opportunity", "SELECT max(id) FROM opportunity"), NULL, 0, &last))
		return false;

	struct query *q = ctx_query(ctx, scope_sql(ctx, "opportunity stage stage_visit", fmt(ctx->mem, WAY
		" WHERE o.began_on IS NULL OR o.began_on <> way.began OR o.reached IS NULL"
		" OR o.reached <> coalesce(way.furthest %% 4294967296, first.id)", "o.pipeline")),
		(struct bind[]){ { "after", v_int(after) }, { "until", v_int(after + WAYS) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct way){ db_int(q, 0), db_int(q, 4), arena_dup(ctx->mem, db_text(q, 3)) };
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "ways of opportunities");
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "opportunity", list[i].id, (struct cell[]){
			{ "began_on", v_text(list[i].began) }, { "reached", v_id(list[i].reached) }, { 0 } }))
			return false;
	return after + WAYS >= last || job_add(ctx, "opportunity_ways", fmt(ctx->mem, "{\"after\":%" PRId64 "}", after + WAYS),
	                                       ctx->now, NULL);
}

static bool import_after(struct ctx *ctx, struct change *c)
{
	return !change_has(c, "state") || !value_is(change_new(c, "state"), "done") ||
	       job_add(ctx, "customer_deals", NULL, ctx->now, "customer_deals");
}

static bool follow_up(struct ctx *ctx, struct change *c)
{
	struct stage to;

	/* Visits go and come back with their opportunity by themselves. */
	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	if (change_has(c, "stage") &&
	    !(load_stage(ctx, value_id(change_new(c, "stage")), &to) && check_condition(ctx, c, &to) &&
	      move(ctx, c, &to)))
		return false;
	return !(change_has(c, "result") || change_has(c, "customer") || change_has(c, "closed_on")) ||
	       lift_customer(ctx, c);
}

/* How many records of the object the query finds. */
static bool count_of(struct ctx *ctx, const char *object, const char *query, int64_t *ret)
{
	struct list l;

	return query_parse(ctx, schema_object(ctx->schema, object), query, &l) && query_count(ctx, &l, ret);
}

/* What deals stand in, or went through, is part of their history: it says what uses it, and stays. */
static bool unused(struct ctx *ctx, struct change *c)
{
	const char *query = fmt(ctx->mem, "%s=eq.%" PRId64, change_object(c)->name, change_id(c));
	bool is_stage = text_eq(change_object(c)->name, "stage");
	struct value name = change_old(c, "name");
	int64_t standing = 0;
	int64_t passed = 0;

	if (change_act(c) != CHANGE_DELETE)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = count_of(ctx, "opportunity", query, &standing) &&
	          (!is_stage || standing || count_of(ctx, "stage_visit", query, &passed));

	ctx_as(ctx, me);
	if (!ok)
		return false;
	if (standing)
		return fail(ctx, ERR_INVALID, NULL, "还有 %" PRId64 " 个商机在“%s”，请先移走再删除",
		            "%" PRId64 " opportunities are in \"%s\": move them first", standing, name.s);
	if (passed)
		return fail(ctx, ERR_INVALID, NULL, "商机历史里有 %" PRId64 " 次经过“%s”，删除后就对不上了；请改名或改次序",
		            "Opportunities passed %" PRId64 " times through \"%s\": their history needs it; rename or move it",
		            passed, name.s);
	return true;
}

/* A stage's conditions are checked when they are written, not when somebody is stopped by them. */
static bool stage_before(struct ctx *ctx, struct change *c)
{
	const struct object *o = schema_object(ctx->schema, "opportunity");
	struct value required = change_new(c, "required_fields");
	struct value condition = change_new(c, "entry_condition");
	struct list l;
	char **names;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return unused(ctx, c);
	if (required.kind == V_TEXT && change_has(c, "required_fields")) {
		size_t n = text_split(ctx->mem, required.s, ',', &names);

		for (size_t i = 0; i < n; i++) {
			const char *name = text_trim(ctx->mem, names[i]);

			if (!object_field(o, name))
				return fail(ctx, ERR_INVALID, "required_fields", "商机没有字段“%s”",
				            "Opportunities have no field \"%s\"", name);
		}
	}
	if (condition.kind != V_TEXT || !change_has(c, "entry_condition") ||
	    query_parse(ctx, o, condition.s, &l))
		return true;
	return fail(ctx, ERR_INVALID, "entry_condition", "进入条件写法有误",
	            "The entry condition cannot be read");
}

/*
 * Actions
 */

/* All stages of a pipeline in the order given, in one write. */
static bool arrange(struct ctx *ctx, struct action_call *call)
{
	enum { ASIDE = 500 };           /* positions are unique: first all step out of each other's way */
	struct value wanted = action_param(call, "stages");
	int64_t *ids;
	size_t n = wanted.kind == V_TEXT ? ids_split(ctx->mem, wanted.s, &ids) : 0;
	int64_t there;

	if (!count_of(ctx, "stage", fmt(ctx->mem, "pipeline=eq.%" PRId64, call->id), &there))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value pipeline;

		if (!record_get(ctx, "stage", ids[i], "pipeline", &pipeline))
			return false;
		there -= value_id(pipeline) == call->id;
	}
	if (there != 0 || n >= ASIDE)
		return fail(ctx, ERR_INVALID, "stages", "请给出这个流程的全部阶段，各一次",
		            "Give all stages of this pipeline, each once");
	for (int64_t from = ASIDE; from >= 0; from -= ASIDE)
		for (size_t i = 0; i < n; i++)
			if (!record_update(ctx, "stage", ids[i], (struct cell[]){
				{ "position", v_int(from + 1 + (int64_t)i) }, { 0 } }))
				return false;
	return true;
}

/* Where it stands: stage and pipeline, as the caller sees it. */
static bool standing(struct ctx *ctx, int64_t id, struct stage *ret)
{
	struct value stage;

	return record_get(ctx, "opportunity", id, "stage", &stage) &&
	       load_stage(ctx, value_id(stage), ret);
}

static bool advance(struct ctx *ctx, struct action_call *call)
{
	struct stage at;
	int64_t next;

	if (!standing(ctx, call->id, &at))
		return false;
	if (!find_stage(ctx, at.pipeline, fmt(ctx->mem, "kind=eq.open&position=gt.%" PRId64
	                                      "&sort=position", at.position), &next))
		return false;
	if (!is_kind(&at, "open") || !next)
		return fail(ctx, ERR_INVALID, "stage", "后面没有进行中的阶段，请选择赢单或输单",
		            "There is no further open stage: win or lose it");
	return record_update(ctx, "opportunity", call->id, (struct cell[]){
		{ "stage", v_int(next) },
		{ 0 } });
}

/* Moves to the stage of this kind, with those parameters that were given. */
static bool close_as(struct ctx *ctx, const struct action_call *call, const char *kind,
                     const char *const *names, size_t n_names)
{
	struct cell cells[8] = { 0 };
	struct stage at;
	int64_t stage;
	size_t n = 0;

	assert(n_names + 2 <= LENGTH(cells));
	if (!standing(ctx, call->id, &at) ||
	    !find_stage(ctx, at.pipeline, fmt(ctx->mem, "kind=eq.%s&sort=position", kind), &stage))
		return false;
	if (!stage)
		return fail(ctx, ERR_INVALID, "stage", "该销售流程没有相应的结束阶段",
		            "This pipeline has no such closing stage");
	cells[n++] = (struct cell){ "stage", v_int(stage) };
	for (size_t i = 0; i < n_names; i++) {
		struct value v = action_param(call, names[i]);

		if (v.kind != V_NULL)
			cells[n++] = (struct cell){ names[i], v };
	}
	return record_update(ctx, "opportunity", call->id, cells);
}

static bool win(struct ctx *ctx, struct action_call *call)
{
	static const char *const names[] = { "amount", "closed_on" };

	return close_as(ctx, call, "won", names, LENGTH(names));
}

static bool lose(struct ctx *ctx, struct action_call *call)
{
	static const char *const names[] = { "loss_reason", "lost_to", "loss_note", "closed_on" };

	return close_as(ctx, call, "lost", names, LENGTH(names));
}

/* Back to the last open stage it was in. */
static bool reopen(struct ctx *ctx, struct action_call *call)
{
	struct stage at;
	struct value stage = v_null();
	int64_t visit;
	int64_t first;

	if (!standing(ctx, call->id, &at))
		return false;
	if (is_kind(&at, "open"))
		return fail(ctx, ERR_CONFLICT, "stage", "该商机正在进行中", "This opportunity is open");
	if (!record_find(ctx, "stage_visit", fmt(ctx->mem,
	        "opportunity=eq.%" PRId64 "&stage.kind=eq.open&stage.pipeline=eq.%" PRId64
	        "&sort=-entered_at", call->id, at.pipeline), &visit) ||
	    !find_stage(ctx, at.pipeline, "kind=eq.open&sort=position", &first))
		return false;
	if (visit && !record_get(ctx, "stage_visit", visit, "stage", &stage))
		return false;
	return record_update(ctx, "opportunity", call->id, (struct cell[]){
		{ "stage", stage.kind == V_INT ? stage : v_id(first) },
		{ 0 } });
}

/*
 * First rows
 */

struct seed_stage {
	const char *name, *name_en, *kind;
	int64_t probability;            /* percent */
	int64_t norm_days;              /* 0: none */
	bool engages;
	const char *quantity_role;
	const char *required;
};

static bool seed_pipeline(struct ctx *ctx, const char *name, const char *name_en, int64_t position,
                          const struct seed_stage *stages, size_t n)
{
	int64_t pipeline;

	if (!record_create(ctx, "pipeline", (struct cell[]){
	        { "name", v_text(name) },
	        { "name_en", v_text(name_en) },
	        { "position", v_int(position) },
	        { "active", v_int(1) },
	        { 0 } }, &pipeline))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_create(ctx, "stage", (struct cell[]){
		        { "pipeline", v_int(pipeline) },
		        { "name", v_text(stages[i].name) },
		        { "name_en", v_text(stages[i].name_en) },
		        { "position", v_int((int64_t)i + 1) },
		        { "kind", v_text(stages[i].kind) },
		        { "probability", v_int(stages[i].probability * 100) },
		        { "norm_days", v_id(stages[i].norm_days) },
		        { "engages", v_int(stages[i].engages) },
		        { "quantity_role", v_text(stages[i].quantity_role) },
		        { "required_fields", v_text(stages[i].required) },
		        { 0 } }, NULL))
			return false;
	return true;
}

static const struct seed_stage standard[] = {
	{ "初步接触", "First contact", "open", 10, 14, true, "opening", NULL },
	{ "需求确认", "Needs confirmed", "open", 25, 21, false, "follow", "customer" },
	{ "方案报价", "Proposal", "open", 50, 21, false, "follow", "amount" },
	{ "商务谈判", "Negotiation", "open", 75, 30, false, "follow", "amount,close_on" },
	{ "赢单", "Closed won", "won", 100, 0, false, "final", "customer,amount" },
	{ "输单", "Closed lost", "lost", 0, 0, false, NULL, NULL },
};
static const struct seed_stage direct[] = {
	{ "线索挖掘", "Prospecting", "open", 10, 30, false, "opening", NULL },
	{ "接洽", "Engaging", "open", 40, 60, true, "follow", NULL },
	{ "赢单", "Won", "won", 100, 0, false, "final", "amount" },
	{ "输单", "Lost", "lost", 0, 0, false, NULL, NULL },
};
static const struct {
	const char *name, *side;
} reasons[] = {
	{ "价格", "us" }, { "产品功能不足", "us" }, { "服务与交付", "us" }, { "跟进不及时", "us" },
	{ "预算取消", "customer" }, { "需求取消或推迟", "customer" }, { "维持现状", "customer" },
	{ "选择竞争对手", "market" }, { "关系不足", "us" }, { "其他", "customer" },
};

static bool seed(struct ctx *ctx)
{
	if (!seed_pipeline(ctx, "标准销售", "Standard", 1, standard, LENGTH(standard)) ||
	    !seed_pipeline(ctx, "直接销售", "Direct sales", 2, direct, LENGTH(direct)))
		return false;
	for (size_t i = 0; i < LENGTH(reasons); i++)
		if (!record_create(ctx, "loss_reason", (struct cell[]){
		        { "name", v_text(reasons[i].name) },
		        { "side", v_text(reasons[i].side) },
		        { "position", v_int((int64_t)i + 1) },
		        { "active", v_int(1) },
		        { 0 } }, NULL))
			return false;
	return true;
}

const struct module opportunity_module = {
	.name = "opportunity",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE | HOOK_WRITES | HOOK_SYSTEM, prepare },
		{ "opportunity", HOOK_AFTER | HOOK_SYSTEM, follow_up },
		{ "stage", HOOK_BEFORE, stage_before },
		{ "pipeline", HOOK_BEFORE, unused },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "opportunity", "advance", advance },
		{ "opportunity", "win", win },
		{ "opportunity", "lose", lose },
		{ "opportunity", "reopen", reopen },
		{ "pipeline", "arrange", arrange },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "win_rate", deals_win_rate },
		{ "cycle_time", deals_cycle_time },
		{ "stage_time", deals_stage_time },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "customer_deals", "daily 02:40", refresh_deals, { "刷新客户的成交数字", "Refresh the deal figures of customers" } },
		{ "opportunity_ways", "daily 02:45", refresh_ways, { "刷新商机的路径", "Refresh the ways of opportunities" } },
		{ 0 },
	},
	.seed = seed,
};
