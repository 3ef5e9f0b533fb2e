/*
 * Care: what is done for customers of a level, again and again (S01-44).
 *
 * Each occasion is a task of the customer's owner; its origin says of which plan, customer and
 * month, so it is made once.  Another level, owner or plan changes what lies ahead, nothing else.
 */
#include <stdlib.h>

#include "engine/module.h"

struct plan {
	int64_t id, months;
	int64_t responsible;            /* 0: the customer's owner */
	const char *name, *level, *lifecycle;
	bool active;
};

static bool read_plans(struct ctx *ctx, struct plan **ret, size_t *ret_n)
{
	struct plan *list = NULL;
	size_t n = 0;
	size_t cap = 0;
	const char *sql = scope_sql(ctx, "care_plan", "SELECT id, months, responsible, name, level, lifecycle, active FROM care_plan ORDER BY id");
	struct query *q = ctx_query(ctx, sql, NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct plan){ db_int(q, 0), db_int(q, 1), db_int(q, 2), arena_dup(ctx->mem, db_text(q, 3)), arena_dup(ctx->mem, db_text(q, 4)),
		                           db_null(q, 5) ? NULL : arena_dup(ctx->mem, db_text(q, 5)), db_int(q, 6) != 0 };
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret = list;
	*ret_n = n;
	return !failed || fail_db(ctx, "care plans");
}

struct cared {
	int64_t id;
	struct value owner, level, lifecycle, name;
};

static bool wants(const struct plan *p, const struct cared *c)
{
	return p->active && value_id(c->owner) && value_is(c->level, p->level) && (!p->lifecycle || value_is(c->lifecycle, p->lifecycle));
}

/* One occasion: there if it is wanted, away if it is not; what is done or past stays. */
static bool settle(struct ctx *ctx, const struct plan *p, const struct cared *c, const char *month, const char *due)
{
	const char *origin = fmt(ctx->mem, "care/%" PRId64 "/%" PRId64 "/%s", p->id, c->id, month);
	struct value doer = p->responsible ? v_int(p->responsible) : c->owner;
	struct value state;
	struct value owner;
	int64_t task;

	if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s", origin), &task))
		return false;
	if (!task)
		return !wants(p, c) || record_create(ctx, "task", (struct cell[]){
			{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s · %s", p->name, c->name.kind == V_TEXT ? c->name.s : ""), 200)) },
			{ "owner", doer },
			{ "customer", v_int(c->id) },
			{ "due_on", v_text(due) },
			{ "state", v_text("open") },
			{ "origin", v_text(origin) },
			{ 0 } }, NULL);
	if (!record_get(ctx, "task", task, "state", &state) || !record_get(ctx, "task", task, "owner", &owner))
		return false;
	if (value_is(state, "done"))
		return true;
	if (!wants(p, c))
		return value_is(state, "cancelled") || record_update(ctx, "task", task, (struct cell[]){ { "state", v_text("cancelled") }, { 0 } });
	return (value_is(state, "open") && value_eq(owner, doer)) || record_update(ctx, "task", task, (struct cell[]){
		{ "state", v_text("open") }, { "owner", doer }, { 0 } });
}

/* A customer's occasions from today on, as far ahead as is planned; its day of the month is its own. */
static bool plan_customer(struct ctx *ctx, int64_t id, const struct plan *plans, size_t n)
{
	static const char *const fields[] = { "owner", "level", "lifecycle", "name" };
	int64_t today = instant_day(ctx->now);
	int64_t last = today + setting_int(ctx, "care_days");
	struct cared c = { .id = id };
	struct value *values[] = { &c.owner, &c.level, &c.lifecycle, &c.name };

	for (size_t i = 0; i < LENGTH(fields); i++)
		if (!record_get(ctx, "customer", id, fields[i], values[i]))
			return false;
	/* Each month the days of which lie ahead. */
	for (int64_t day = today; day <= last; day++) {
		const char *text = date_text(ctx->mem, day);
		int64_t month = strtol(text, NULL, 10) * 12 + strtol(text + 5, NULL, 10) - 1;

		if (strtol(text + 8, NULL, 10) != 1 + id % 28)
			continue;
		for (size_t i = 0; i < n; i++)
			if (month % plans[i].months == 0 &&
			    !settle(ctx, &plans[i], &c, arena_dupn(ctx->mem, text, 7), date_text(ctx->mem, calendar_add_workdays(day - 1, 1))))
				return false;
	}
	return true;
}

static bool customer_after(struct ctx *ctx, struct change *c)
{
	struct plan *plans;
	size_t n;

	if (ctx->import || (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    !(change_has(c, "level") || change_has(c, "owner") || change_has(c, "lifecycle")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = read_plans(ctx, &plans, &n) && (n == 0 || plan_customer(ctx, change_id(c), plans, n));

	ctx_as(ctx, me);
	return ok;
}

static bool plan_after(struct ctx *ctx, struct change *c)
{
	(void)c;
	return job_add(ctx, "care_tasks", NULL, ctx->now, "care_tasks");
}

/* Customers of any level, a page at a time. */
static bool plan_all(struct ctx *ctx, const struct json *args)
{
	struct plan *plans;
	size_t n_plans;
	int64_t *ids;
	size_t n;

	if (!read_plans(ctx, &plans, &n_plans))
		return false;
	if (n_plans == 0)
		return true;

	const char *sql = scope_sql(ctx, "customer", fmt(ctx->mem,
		"SELECT id FROM customer WHERE id > $after AND level IS NOT NULL AND owner IS NOT NULL ORDER BY id LIMIT %d", QUERY_LIMIT));

	if (!ctx_ids(ctx, sql, (struct bind[]){ { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!plan_customer(ctx, ids[i], plans, n_plans))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "care_tasks", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

/* A problem found at a return visit is taken up at once: a service case of the customer's owner, its clock running from the visit. */
static bool take_up(struct ctx *ctx, const struct change *c)
{
	int64_t customer = value_id(change_new(c, "customer"));
	struct value problem = change_new(c, "problem");
	struct value owner;

	return record_get(ctx, "customer", customer, "owner", &owner) && record_create(ctx, "service_case", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, problem.s, 200)) },
		{ "customer", v_int(customer) },
		{ "kind", v_text("problem") },
		{ "priority", v_text("normal") },
		{ "channel", v_text("visit") },
		{ "owner", value_id(owner) ? owner : change_new(c, "owner") },
		{ "received_at", change_new(c, "done_at") },
		{ 0 } }, NULL);
}

static bool activity_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import || (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    !(change_has(c, "problem") || change_has(c, "state")) || value_empty(change_new(c, "problem")) ||
	    !value_id(change_new(c, "customer")) || !value_is(change_new(c, "state"), "done") ||
	    /* Once: when both are there for the first time. */
	    (value_is(change_old(c, "state"), "done") && !value_empty(change_old(c, "problem"))))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = take_up(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

const struct module care_module = {
	.name = "care",
	.hooks = (const struct hook[]){
		{ "customer", HOOK_AFTER, customer_after },
		{ "care_plan", HOOK_AFTER, plan_after },
		{ "activity", HOOK_AFTER, activity_after },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "care_tasks", "monday 03:40", plan_all, { "安排客户关怀任务", "Plan customer care" } },
		{ 0 },
	},
};
