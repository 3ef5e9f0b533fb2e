/*
 * Relation: who knows whom, whose help is asked for, what comes of a refusal, who else wants
 * the deal, and what follows a negotiation.
 */
#include "modules/project/project_inner.h"

#include "base/map.h"

/*
 * Ties (S02-45)
 */

bool tie_before(struct ctx *ctx, struct change *c)
{
	int64_t from_member = value_id(change_new(c, "from_member"));
	int64_t from_contact = value_id(change_new(c, "from_contact"));
	int64_t to_member = value_id(change_new(c, "to_member"));
	int64_t to_contact = value_id(change_new(c, "to_contact"));

	if (!project_written(c))
		return true;
	if (!from_member == !from_contact)
		return fail(ctx, ERR_INVALID, "from_member", "同事与联系人选填一位：谁认识", "Name one of colleague and contact: who knows");
	if (!to_member == !to_contact)
		return fail(ctx, ERR_INVALID, "to_contact", "联系人与同事选填一位：认识谁", "Name one of contact and colleague: whom they know");
	if ((from_member && from_member == to_member) || (from_contact && from_contact == to_contact))
		return fail(ctx, ERR_INVALID, "to_contact", "两边是同一个人", "Both are the same person");
	return true;
}

/* A tie from one person to another; persons by their place in the list of all. */
struct edge {
	size_t ends[2];
	int64_t tie;
	const char *kind, *strength, *entered_by;
	int64_t cost;
};

/* The best way to a person in so many steps; cost 0: none. */
struct way {
	int64_t cost;
	const struct edge *last;
	size_t before;          /* the person it came from */
};

struct web {
	struct map places;      /* id to place; members are below zero */
	const char **names;     /* NULL: the reader may not see them */
	struct edge *edges;
	size_t n, n_edges, cap, edges_cap;
};

enum { STEPS = 6, EACH = 1000 };

static size_t place_of(struct ctx *ctx, struct web *w, int64_t id, const char *name)
{
	bool fresh;
	int64_t place = *map_put(&w->places, fmt(ctx->mem, "%" PRId64, id), (int64_t)w->n, &fresh);

	if (fresh) {
		w->names = arena_grow(ctx->mem, w->names, &w->cap, w->n + 1, sizeof *w->names);
		w->names[w->n++] = NULL;
	}
	if (name)
		w->names[place] = name;
	return (size_t)place;
}

static const char *name_of(struct ctx *ctx, struct query *q, size_t column)
{
	return db_null(q, column) ? NULL : arena_dup(ctx->mem, db_text(q, column));
}

static void read_web(struct ctx *ctx, struct query *q, struct web *w)
{
	enum { A, B, KIND, STRENGTH, A_NAME, B_NAME, ENTERED_BY, TIE };

	while (db_next(q)) {
		const char *strength = arena_dup(ctx->mem, db_text(q, STRENGTH));
		size_t a = place_of(ctx, w, db_int(q, A), name_of(ctx, q, A_NAME));
		size_t b = place_of(ctx, w, db_int(q, B), name_of(ctx, q, B_NAME));

		w->edges = arena_grow(ctx->mem, w->edges, &w->edges_cap, w->n_edges + 1, sizeof *w->edges);
		w->edges[w->n_edges++] = (struct edge){
			.ends = { a, b }, .tie = db_int(q, TIE), .strength = strength,
			.kind = arena_dup(ctx->mem, db_text(q, KIND)), .entered_by = name_of(ctx, q, ENTERED_BY),
			/* A person less goes before any strength. */
			.cost = EACH + (text_eq(strength, "strong") ? 0 : text_eq(strength, "weak") ? 2 : 1),
		};
	}
}

/* One more step: whoever was reached in the step before introduces whom they know. */
static void step_on(const struct web *w, const struct way *before, struct way *now)
{
	for (size_t i = 0; i < w->n_edges; i++)
		for (int side = 0; side < 2; side++) {
			size_t from = w->edges[i].ends[side];
			struct way *to = &now[w->edges[i].ends[1 - side]];
			int64_t cost = before[from].cost + w->edges[i].cost;

			if (before[from].cost && (!to->cost || cost < to->cost))
				*to = (struct way){ cost, &w->edges[i], from };
		}
}

static void write_path(struct ctx *ctx, struct report_call *call, const struct web *w, struct way *const *ways, int step,
                       size_t to)
{
	const struct way *way = &ways[step][to];
	const char *hidden = say(ctx, "（看不到的联系人）", "(a contact you may not see)");

	if (step > 1)
		write_path(ctx, call, w, ways, step - 1, way->before);
	report_row(ctx, call, (struct cell[]){
		{ "step", v_int(step) },
		{ "from_name", v_text(w->names[way->before] ? w->names[way->before] : hidden) },
		{ "to_name", v_text(w->names[to] ? w->names[to] : hidden) },
		{ "kind", v_text(way->last->kind) },
		{ "strength", v_text(way->last->strength) },
		{ "entered_by", v_text(way->last->entered_by) },
		{ "open", way->last->tie ? v_text(fmt(ctx->mem, "tie?id=eq.%" PRId64, way->last->tie)) : v_null() },
		{ 0 } });
}

bool introduction_path(struct ctx *ctx, struct report_call *call)
{
	struct way *ways[STEPS + 1];
	int64_t contact = value_id(report_param(call, "contact"));
	int64_t start = value_id(report_param(call, "start"));
	struct web w = { 0 };

	map_init(&w.places, ctx->mem);

	size_t from = place_of(ctx, &w, -(start ? start : ctx->me->id), NULL);
	size_t to = place_of(ctx, &w, contact, NULL);

	read_web(ctx, call->figures, &w);
	for (int i = 0; i <= STEPS; i++)
		ways[i] = arena_array(ctx->mem, w.n, sizeof **ways);
	ways[0][from].cost = 1;
	for (int i = 1; i <= STEPS; i++) {
		step_on(&w, ways[i - 1], ways[i]);
		if (!ways[i][to].cost)
			continue;
		write_path(ctx, call, &w, ways, i, to);
		break;
	}
	return true;
}

/* Borrowed strength: somebody above is asked to go along. */
bool ask_support(struct ctx *ctx, struct action_call *call)
{
	int64_t whom = value_id(action_param(call, "member"));
	struct value opportunity;
	struct value contact;
	struct value name;

	if (!record_get(ctx, "stakeholder", call->id, "opportunity", &opportunity) ||
	    !record_get(ctx, "stakeholder", call->id, "contact", &contact) ||
	    !record_get(ctx, "contact", value_id(contact), "name", &name) ||
	    !record_update(ctx, "stakeholder", call->id, (struct cell[]){ { "support", action_param(call, "what") }, { 0 } }))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = project_task(ctx, fmt(ctx->mem, "support/%" PRId64 "/%s", call->id, ctx->today), whom, action_param(call, "due_on").s,
	                       (struct cell[]){
		project_title(ctx, "请你出面", "Your support is asked for", name),
		{ "opportunity", opportunity },
		{ "remark", action_param(call, "what") },
		{ "priority", v_text("high") },
		{ "assigned_by", v_int(ctx->actor) },
		{ 0 } });

	ctx_as(ctx, me);
	return ok;
}

/*
 * Refusals (S01-67)
 */

/* Whom one was introduced to becomes a contact, with the introducer, and stands in the deal's decision map. */
bool refusal_before(struct ctx *ctx, struct change *c)
{
	int64_t opportunity = value_id(change_new(c, "opportunity"));
	int64_t contact;

	if (!project_written(c) || value_empty(change_new(c, "introduced_name")) || value_id(change_new(c, "introduced")))
		return true;
	if (!record_create(ctx, "contact", (struct cell[]){
	        { "name", change_new(c, "introduced_name") },
	        { "customer", change_new(c, "customer") },
	        { "position", change_new(c, "introduced_position") },
	        { "mobile", change_new(c, "introduced_mobile") },
	        { "decision_role", change_new(c, "introduced_role") },
	        { "introduced_by", change_new(c, "contact") },
	        { 0 } }, &contact))
		return false;
	change_set(c, "introduced", v_int(contact));
	if (value_empty(change_new(c, "effect")))
		change_set(c, "effect", v_text("introduced"));
	return !opportunity || record_create(ctx, "stakeholder", (struct cell[]){
		{ "opportunity", v_int(opportunity) },
		{ "contact", v_int(contact) },
		{ "access", v_text("introduced") },
		{ "introducer", change_new(c, "contact") },
		{ 0 } }, NULL);
}

/*
 * Rivals (S02-48): whoever is in a deal stands among its competitors, by which reports count.
 */

static const char *with_rival(struct ctx *ctx, struct value list, int64_t rival)
{
	const char *one = fmt(ctx->mem, ",%" PRId64 ",", rival);

	if (value_empty(list))
		return one;
	return strstr(list.s, one) ? list.s : fmt(ctx->mem, "%s%s", list.s, one + 1);
}

bool rival_after(struct ctx *ctx, struct change *c)
{
	int64_t opportunity = value_id(change_new(c, "opportunity"));
	int64_t rival = value_id(change_new(c, "competitor"));
	struct value list;

	if (!project_written(c) || !(change_has(c, "competitor") || change_has(c, "opportunity")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_get(ctx, "opportunity", opportunity, "competitors", &list) &&
	          record_update(ctx, "opportunity", opportunity, (struct cell[]){
		          { "competitors", v_text(with_rival(ctx, list, rival)) }, { 0 } });

	ctx_as(ctx, me);
	return ok;
}

bool rival_of_loss(struct ctx *ctx, struct change *c)
{
	int64_t rival = value_id(change_new(c, "lost_to"));

	if (project_written(c) && rival)
		change_set(c, "competitors", v_text(with_rival(ctx, change_new(c, "competitors"), rival)));
	return true;
}

/*
 * After a negotiation (S04-22): four tasks, once each.
 */

static bool follow(struct ctx *ctx, const struct change *c)
{
	int64_t day = instant_day(value_id(change_new(c, "done_at")));
	const struct {
		const char *word, *zh, *en;
		int64_t due;
	} steps[] = {
		{ "thanks", "电话或短信感谢", "Thank them by phone and message", day },
		{ "tip", "找一条商机送给客户", "Find and send them a business tip", day + 7 },
		{ "share", "在会上与同事、主管分享这位客户", "Share the customer at the next meeting", calendar_add_workdays(day, 1) },
		{ "check", "自查：认同自己、产品、公司", "Self-check: oneself, the product, the company", day },
	};

	for (size_t i = 0; i < LENGTH(steps); i++)
		if (!project_task(ctx, fmt(ctx->mem, "negotiation/%" PRId64 "/%s", change_id(c), steps[i].word),
		                  value_id(change_new(c, "owner")), date_text(ctx->mem, steps[i].due), (struct cell[]){
			project_title(ctx, steps[i].zh, steps[i].en, change_new(c, "subject")),
			{ "customer", change_new(c, "customer") },
			{ "opportunity", change_new(c, "opportunity") },
			{ "activity", v_int(change_id(c)) },
			{ 0 } }))
			return false;
	return true;
}

bool negotiation_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import || !project_written(c) || !(change_has(c, "negotiation") || change_has(c, "state")) ||
	    value_empty(change_new(c, "negotiation")) || !value_is(change_new(c, "state"), "done"))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = follow(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* S02-39: one main source; another one may stand beside it, not instead of it. */
bool second_source(struct ctx *ctx, struct change *c)
{
	int64_t second = value_id(change_new(c, "second_source"));

	if (!project_written(c) || !second)
		return true;
	if (!value_id(change_new(c, "source")))
		return fail(ctx, ERR_INVALID, "source", "有次要来源，须先填主要来源", "With a secondary source the main one is needed");
	return second != value_id(change_new(c, "source")) ||
	       fail(ctx, ERR_INVALID, "second_source", "次要来源与主要来源相同", "It is the main source already");
}
