/*
 * Targets of the year for the demo: twice what each sold before, summed up to the company; in force. A second
 * plan waits to be approved.
 */
#include "modules/demo/demo_inner.h"

enum { BACK = 92, MOST = 512 };

struct goal {
	int64_t plan, year, month, value;       /* `month` from 1; 0: the year */
	int64_t parent, team, person;
};

static bool put(struct ctx *ctx, const struct goal *g, int64_t *ret)
{
	return record_create(ctx, "target", (struct cell[]){
		{ "plan", v_int(g->plan) }, { "parent", v_id(g->parent) }, { "team", v_id(g->team) }, { "person", v_id(g->person) },
		{ "period", v_text(g->month ? fmt(ctx->mem, "%04d-%02d", (int)g->year, (int)g->month)
		                            : fmt(ctx->mem, "%04d", (int)g->year)) },
		{ "value", v_int(g->value) }, { 0 } }, ret);
}

/* Whole thousands of yuan a month. */
static bool reach_for(struct ctx *ctx, const struct sim *s, int64_t *goals)
{
	const struct metric *m = schema_metric(ctx->schema, "won_amount");
	struct metric_piece *pieces;
	int64_t total = 0;
	size_t n;

	if (!metric_pieces(ctx, m, &(struct metric_cut){ .from = date_text(ctx->mem, s->day - BACK),
	                                                 .to = date_text(ctx->mem, s->day) }, &pieces, &n))
		return false;
	for (int i = 0; i < s->n_sellers && i < MOST; i++) {
		goals[i] = 0;
		for (size_t k = 0; k < n; k++)
			if (pieces[k].member == s->sellers[i].id)
				goals[i] += pieces[k].top;
		total += goals[i];
	}
	/* A month: half of it own, half what all have on average, and twice as much, for deals ripen in this company only now. */
	for (int i = 0; i < s->n_sellers && i < MOST; i++)
		goals[i] = ((goals[i] + total / s->n_sellers) * 12 / 30 / 100000 + 10) * 100000;
	return true;
}

static int64_t sum_below(struct ctx *ctx, const struct sim *s, const int64_t *goals, int64_t team, bool *ok)
{
	int64_t sum = 0;

	for (int i = 0; i < s->n_sellers && i < MOST; i++) {
		struct value above = v_int(s->sellers[i].team);

		while (*ok && above.kind == V_INT && above.i != team)
			*ok = record_get(ctx, "team", above.i, "parent", &above);
		if (above.kind == V_INT)
			sum += goals[i];
	}
	return sum;
}

/* The teams below, and the sellers of a team. */
static bool break_down(struct ctx *ctx, const struct sim *s, const int64_t *goals, const struct goal *whole, int64_t id)
{
	int64_t team = 0;
	bool ok = true;

	for (;;) {
		struct goal part = *whole;
		int64_t made;

		if (!record_find(ctx, "team", fmt(ctx->mem, "parent=eq.%" PRId64 "&id=gt.%" PRId64 "&sort=id", whole->team, team),
		                 &team))
			return false;
		if (!team)
			break;
		part.parent = id;
		part.team = team;
		part.value = sum_below(ctx, s, goals, team, &ok);
		if (!ok || (part.value && (!put(ctx, &part, &made) || !break_down(ctx, s, goals, &part, made))))
			return false;
	}
	for (int i = 0; i < s->n_sellers && i < MOST; i++) {
		struct goal part = *whole;

		part.parent = id;
		part.team = 0;
		part.person = s->sellers[i].id;
		part.value = goals[i];
		if (s->sellers[i].team == whole->team && !put(ctx, &part, NULL))
			return false;
	}
	return true;
}

static bool make_plan(struct ctx *ctx, const char *name, const char *metric, int64_t year, int64_t owner, int64_t *ret)
{
	return record_create(ctx, "target_plan", (struct cell[]){
		{ "name", v_text(name) }, { "metric", v_text(metric) }, { "year", v_int(year) }, { "owner", v_int(owner) },
		{ "stretch", v_int(5000) },
		{ "why", v_text("老客户增购稳住基本盘，新区开发与行业客户带来增长") }, { 0 } }, ret);
}

bool set_targets(struct ctx *ctx, struct sim *s, int64_t until)
{
	int64_t goals[MOST];
	struct ymd since = date_ymd(s->day);
	struct ymd today = date_ymd(until);
	struct goal year = { .year = today.year };
	int first = since.year < today.year ? 1 : since.month;
	struct value owner;
	int64_t root;
	bool ok = true;

	at_time(ctx, s, 9, 0, 0);
	if (!record_need(ctx, "team", "kind=eq.company", &year.team) ||
	    !record_get(ctx, "team", year.team, "leader", &owner) || !reach_for(ctx, s, goals) ||
	    !make_plan(ctx, fmt(ctx->mem, "%d 年销售额", today.year), "won_amount", year.year, value_id(owner), &year.plan))
		return false;

	int64_t month = sum_below(ctx, s, goals, year.team, &ok);

	year.value = 12 * month;
	if (!ok || !put(ctx, &year, &root))
		return false;
	for (int m = 1; m <= 12; m++) {
		struct goal part = { year.plan, year.year, m, month, root, year.team, 0 };
		int64_t made;

		if (!put(ctx, &part, &made) ||
		    (m >= first && m <= today.month && !break_down(ctx, s, goals, &part, made)))
			return false;
	}
	return record_update(ctx, "target_plan", year.plan, (struct cell[]){ { "approval", v_text("approved") }, { 0 } });
}

/* A region's plan of new opportunities waits for the owner. */
bool ask_for_targets(struct ctx *ctx, struct sim *s)
{
	struct goal added = { .year = date_ymd(s->day).year };
	struct value region;
	int64_t plan;

	if (!record_need(ctx, "team", "kind=eq.region&sort=id", &added.team) ||
	    !record_get(ctx, "team", added.team, "leader", &region) ||
	    !make_plan(ctx, fmt(ctx->mem, "%d 年新增商机（华东）", (int)added.year), "opportunities_added", added.year,
	               value_id(region), &plan))
		return false;
	added.plan = plan;
	added.value = 60000;
	if (!put(ctx, &added, NULL))
		return false;
	at_time(ctx, s, 9, 30, value_id(region));
	return record_create(ctx, "approval", (struct cell[]){
		{ "object", v_text("target_plan") }, { "record", v_int(plan) }, { "requester", region },
		{ "state", v_text("pending") }, { "step", v_int(0) },
		{ "request", v_text("新区开发需要更多线索，请批") }, { 0 } }, NULL);
}
