/*
 * Activity: what was planned and done with customers, and what came of it.
 *
 * The hooks fill in what can be known – state, subject, customer, whether the
 * stage moved, whether it was effective (decision G-39) – and carry the
 * consequences: last and next activity of customer and opportunity, first
 * response to a lead, the next step as a task.
 */
#include "engine/module.h"

static void set_bool(struct change *c, const char *field, bool yes)
{
	change_set(c, field, v_int(yes));
}

/*
 * Before: what the record says about itself
 */

/* Takes the customer from the opportunity, or from the lead once it has one. */
static bool fill_customer(struct ctx *ctx, struct change *c)
{
	static const char *const from[] = { "opportunity", "lead" };

	for (size_t i = 0; i < LENGTH(from); i++) {
		int64_t id = value_id(change_new(c, from[i]));
		struct value customer;

		if (!id || !value_empty(change_new(c, "customer")))
			continue;
		if (!record_get(ctx, from[i], id, "customer", &customer))
			return false;
		change_set(c, "customer", customer);
	}
	return true;
}

static bool fill_state(struct ctx *ctx, struct change *c)
{
	struct value planned = change_new(c, "planned_at");
	struct value done = change_new(c, "done_at");

	if (value_empty(change_new(c, "state"))) {
		bool ahead = done.kind == V_NULL && planned.kind == V_INT && planned.i > ctx->now;

		change_set(c, "state", v_text(ahead ? "planned" : "done"));
	} else if (change_has(c, "done_at") && done.kind == V_INT && !change_has(c, "state") &&
	           value_is(change_new(c, "state"), "planned")) {
		change_set(c, "state", v_text("done"));
	}
	if (!value_is(change_new(c, "state"), "done")) {
		if (done.kind != V_NULL)
			change_set(c, "done_at", v_null());
		return true;
	}
	if (done.kind == V_NULL) {
		/* A file without the time of completion means the time it was planned for. */
		bool past = ctx->import && planned.kind == V_INT;

		change_set(c, "done_at", past ? planned : v_int(ctx->now));
	} else if (!ctx->import && change_has(c, "done_at") &&
	           instant_day(done.i) > instant_day(ctx->now)) {
		return fail(ctx, ERR_INVALID, "done_at", "完成时间不能晚于今天",
		            "What is done cannot be done later than today");
	}
	return true;
}

static bool fill_subject(struct ctx *ctx, struct change *c)
{
	struct value kind = change_new(c, "kind");
	int64_t customer = value_id(change_new(c, "customer"));
	const struct field *f = object_field(change_object(c), "kind");
	struct value name = v_null();

	if (!value_empty(change_new(c, "subject")) || kind.kind != V_TEXT)
		return true;
	if (customer && !record_get(ctx, "customer", customer, "name", &name))
		return false;

	const struct choice *choice = field_choice(f, kind.s);
	const char *word = choice ? label_in(choice->label, in_english(ctx) ? "en" : "zh") : kind.s;

	change_set(c, "subject", v_text(name.kind == V_TEXT
		? utf8_cut(ctx->mem, fmt(ctx->mem, "%s %s", word, name.s), 200) : word));
	return true;
}

/* S02-12: no visit is planned without a goal, none is closed without saying whether it was reached. */
static bool check_goal(struct ctx *ctx, const struct change *c)
{
	bool planning = change_has(c, "state") || change_has(c, "kind") || change_has(c, "goal");

	if (ctx->import || !value_is(change_new(c, "kind"), "visit") ||
	    !setting_bool(ctx, "visit_goal_required"))
		return true;
	if (planning && value_is(change_new(c, "state"), "planned") && value_empty(change_new(c, "goal")))
		return fail(ctx, ERR_INVALID, "goal", "计划拜访须写明沟通目标",
		            "A planned visit needs a goal");
	if (value_is(change_new(c, "state"), "done") && change_has(c, "state") &&
	    value_empty(change_new(c, "goal_reached")))
		return fail(ctx, ERR_INVALID, "goal_reached", "请说明沟通目标是否达成",
		            "Say whether the goal was reached");
	return true;
}

static bool position_of(struct ctx *ctx, int64_t stage, int64_t *ret)
{
	struct value v;

	if (!record_get(ctx, "stage", stage, "position", &v))
		return false;
	*ret = value_id(v);
	return true;
}

/*
 * A visit is often written down in the evening, after the opportunity was
 * moved: then the stage it left on that day is the one before – unless
 * another conversation has the credit already.
 */
static bool moved_that_day(struct ctx *ctx, int64_t opportunity, struct value now, int64_t at,
                           int64_t *ret_stage)
{
	const char *day = date_text(ctx->mem, instant_day(at));
	int64_t visit;
	int64_t credited;
	struct value stage;

	*ret_stage = 0;
	if (!record_find(ctx, "stage_visit", fmt(ctx->mem,
	        "opportunity=eq.%" PRId64 "&forward=eq.true&left_at=gte.%s&left_at=lte.%s&sort=left_at",
	        opportunity, day, day), &visit) ||
	    !record_find(ctx, "activity", fmt(ctx->mem,
	        "opportunity=eq.%" PRId64 "&stage_after=eq.%" PRId64 "&done_at=gte.%s&done_at=lte.%s",
	        opportunity, value_id(now), day, day), &credited))
		return false;
	if (!visit || credited)
		return true;
	if (!record_get(ctx, "stage_visit", visit, "stage", &stage))
		return false;
	*ret_stage = value_id(stage);
	return true;
}

/* Only a conversation moves a stage; opportunity.c says the same the other way round. */
static bool is_talk(struct value kind)
{
	return value_is(kind, "visit") || value_is(kind, "meeting") || value_is(kind, "reception") ||
	       value_is(kind, "call");
}

static bool fill_stages(struct ctx *ctx, struct change *c)
{
	int64_t opportunity = value_id(change_new(c, "opportunity"));
	struct value stage;
	int64_t left = 0;

	/* A plan says nothing yet: the stage may change until it is done. */
	if (!opportunity || ctx->import || !value_is(change_new(c, "state"), "done") ||
	    !value_empty(change_new(c, "stage_before")))
		return true;
	if (!record_get(ctx, "opportunity", opportunity, "stage", &stage))
		return false;
	if (is_talk(change_new(c, "kind")) && value_empty(change_new(c, "stage_after")) &&
	    !moved_that_day(ctx, opportunity, stage, value_id(change_new(c, "done_at")), &left))
		return false;
	change_set(c, "stage_before", left ? v_int(left) : stage);
	if (left)
		change_set(c, "stage_after", stage);
	return true;
}

/* Did it move the stage, and to a won one? */
static bool judge_stage(struct ctx *ctx, struct change *c)
{
	int64_t before = value_id(change_new(c, "stage_before"));
	int64_t after = value_id(change_new(c, "stage_after"));
	int64_t from = 0;
	int64_t to = 0;
	struct value kind;

	if (!after) {
		set_bool(c, "advanced", false);
		return true;
	}
	if ((before && !position_of(ctx, before, &from)) || !position_of(ctx, after, &to) ||
	    !record_get(ctx, "stage", after, "kind", &kind))
		return false;
	set_bool(c, "advanced", before && to > from && !value_is(kind, "lost"));
	if (value_is(kind, "won"))
		set_bool(c, "ordered", true);
	return true;
}

static bool judge_contacts(struct ctx *ctx, struct change *c)
{
	struct value contacts = change_new(c, "contacts");
	int64_t found = 0;

	if (!change_has(c, "contacts"))
		return true;
	if (contacts.kind == V_TEXT && strlen(contacts.s) > 2) {
		/* Stored as ",12,15,": without the outer commas it is a list for in. */
		const char *ids = arena_dupn(ctx->mem, contacts.s + 1, strlen(contacts.s) - 2);

		if (!record_find(ctx, "contact",
		                 fmt(ctx->mem, "id=in.(%s)&decision_role=eq.decider", ids), &found))
			return false;
	}
	set_bool(c, "decider_met", found != 0);
	return true;
}

/* Decision G-39: by which signs, the company says. */
static bool is_effective(struct ctx *ctx, const struct change *c)
{
	return value_is(change_new(c, "state"), "done") &&
	       ((setting_bool(ctx, "effective_goal") && value_is(change_new(c, "goal_reached"), "yes")) ||
	        (setting_bool(ctx, "effective_stage") && value_id(change_new(c, "advanced"))) ||
	        (setting_bool(ctx, "effective_order") && value_id(change_new(c, "ordered"))) ||
	        (setting_bool(ctx, "effective_decider") && value_id(change_new(c, "decider_met"))));
}

static bool prepare(struct ctx *ctx, struct change *c)
{
	if (!fill_customer(ctx, c) || !fill_state(ctx, c) || !fill_subject(ctx, c) ||
	    !check_goal(ctx, c) || !fill_stages(ctx, c) || !judge_stage(ctx, c) ||
	    !judge_contacts(ctx, c))
		return false;
	set_bool(c, "effective", is_effective(ctx, c));
	return true;
}

/*
 * After: what follows from it
 */

/* The SELECT behind the views of activity and `object`. */
static const char *over_views(struct ctx *ctx, const char *object, const char *select)
{
	return scope_sql(ctx, fmt(ctx->mem, "activity %s", object), select);
}

/* Runs it for one record. */
static struct query *select_of(struct ctx *ctx, const char *object, int64_t id, const char *select)
{
	return ctx_query(ctx, over_views(ctx, object, select), (struct bind[]){ { "id", v_int(id) }, { 0 } });
}

/* Sets the instants of a record to those given if they differ. */
static bool set_instants(struct ctx *ctx, const char *object, int64_t id, struct query *q)
{
	static const char *const names[] = { "last_activity_at", "next_activity_at", "first_visit_at" };
	struct cell cells[LENGTH(names) + 1] = { 0 };
	size_t n = 0;

	if (!q)
		return false;
	if (db_next(q)) {
		for (size_t i = 0; i < db_columns(q) / 2; i++) {
			struct value now = db_value(q, 2 * i);

			if (!value_eq(now, db_value(q, 2 * i + 1)))
				cells[n++] = (struct cell){ names[i], now };
		}
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, object);
	return n == 0 || record_update(ctx, object, id, cells);
}

static bool touch_customer(struct ctx *ctx, int64_t id)
{
	return id == 0 || set_instants(ctx, "customer", id, select_of(ctx, "customer", id,
		"SELECT (SELECT max(done_at) FROM activity WHERE customer = $id AND state = 'done'"
		"        AND kind <> 'note'),"
		" last_activity_at,"
		" (SELECT min(planned_at) FROM activity WHERE customer = $id AND state = 'planned'),"
		" next_activity_at,"
		" (SELECT min(done_at) FROM activity WHERE customer = $id AND state = 'done' AND kind = 'visit'),"
		" first_visit_at"
		" FROM customer WHERE id = $id"));
}

static bool touch_opportunity(struct ctx *ctx, int64_t id)
{
	return id == 0 || set_instants(ctx, "opportunity", id, select_of(ctx, "opportunity", id,
		"SELECT (SELECT max(done_at) FROM activity WHERE opportunity = $id AND state = 'done'"
		"        AND kind <> 'note'), last_activity_at"
		" FROM opportunity WHERE id = $id"));
}

static bool touch(struct ctx *ctx, const struct change *c)
{
	int64_t was = value_id(change_old(c, "customer"));
	int64_t now = value_id(change_new(c, "customer"));

	if (!touch_customer(ctx, now) || (was != now && !touch_customer(ctx, was)))
		return false;
	was = value_id(change_old(c, "opportunity"));
	now = value_id(change_new(c, "opportunity"));
	return touch_opportunity(ctx, now) && (was == now || touch_opportunity(ctx, was));
}

/* The first contact with a lead. */
static bool answer_lead(struct ctx *ctx, const struct change *c)
{
	int64_t lead = value_id(change_new(c, "lead"));
	struct value first;
	struct value state;

	if (!lead || value_is(change_new(c, "kind"), "note"))
		return true;
	if (!record_get(ctx, "lead", lead, "first_response_at", &first) ||
	    !record_get(ctx, "lead", lead, "state", &state))
		return false;
	if (first.kind == V_INT && first.i <= value_id(change_new(c, "done_at")))
		return true;
	return record_update(ctx, "lead", lead, (struct cell[]){
		{ "first_response_at", change_new(c, "done_at") },
		{ "state", value_is(state, "new") ? v_text("contacted") : state },
		{ 0 } });
}

/* The next step is somebody's dated task, and shown with the opportunity. */
static bool next_step(struct ctx *ctx, const struct change *c)
{
	struct value on = change_new(c, "next_on");
	struct value step = change_new(c, "next_step");
	int64_t opportunity = value_id(change_new(c, "opportunity"));
	int64_t task;

	if (on.kind != V_TEXT || !(change_has(c, "next_on") || change_has(c, "next_step") ||
	                           change_has(c, "state")))
		return true;
	if (value_empty(step))
		step = v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "Follow up: %s" : "跟进：%s",
		                                     change_new(c, "subject").s), 200));
	if (!record_find(ctx, "task", fmt(ctx->mem, "activity=eq.%" PRId64 "&origin=eq.next_step",
	                                  change_id(c)), &task))
		return false;
	if (task && !record_update(ctx, "task", task, (struct cell[]){
	        { "title", step },
	        { "due_on", on },
	        { 0 } }))
		return false;
	if (!task && !record_create(ctx, "task", (struct cell[]){
	        { "title", step },
	        { "due_on", on },
	        { "priority", v_text("normal") },
	        { "state", v_text("open") },
	        { "owner", change_new(c, "owner") },
	        { "customer", change_new(c, "customer") },
	        { "opportunity", change_new(c, "opportunity") },
	        { "lead", change_new(c, "lead") },
	        { "activity", v_int(change_id(c)) },
	        { "origin", v_text("next_step") },
	        { 0 } }, NULL))
		return false;
	return !opportunity || record_update(ctx, "opportunity", opportunity, (struct cell[]){
		{ "next_step", step },
		{ "next_on", on },
		{ 0 } });
}

/* Setting the stage after moves the opportunity, with the right of who wrote it. */
static bool move_opportunity(struct ctx *ctx, const struct change *c)
{
	int64_t opportunity = value_id(change_new(c, "opportunity"));
	struct value after = change_new(c, "stage_after");
	struct value stage;

	if (!opportunity || after.kind != V_INT || !change_has(c, "stage_after"))
		return true;
	if (!record_get(ctx, "opportunity", opportunity, "stage", &stage))
		return false;
	return value_eq(stage, after) ||
	       record_update(ctx, "opportunity", opportunity, (struct cell[]){
		       { "stage", after },
		       { 0 } });
}

static bool activity_after(struct ctx *ctx, struct change *c)
{
	bool done = value_is(change_new(c, "state"), "done");
	bool gone = change_act(c) == CHANGE_DELETE;

	if (ctx->import)
		return true;            /* activity_dates follows */
	if (!gone && done && !move_opportunity(ctx, c))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = touch(ctx, c) && (gone || !done || (answer_lead(ctx, c) && next_step(ctx, c)));

	ctx_as(ctx, me);
	return ok;
}

/*
 * After an import the dates of customers and opportunities are computed at
 * once instead of row by row; and every night, so that they cannot stay wrong.
 */
static bool refresh(struct ctx *ctx, const char *object, const char *select,
                    bool (*touch_one)(struct ctx *ctx, int64_t id), int64_t after, int64_t *ret_last)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, over_views(ctx, object, select), (struct bind[]){ { "id", v_int(after) }, { 0 } },
	             &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!touch_one(ctx, ids[i]))
			return false;
	*ret_last = n == QUERY_LIMIT ? ids[n - 1] : 0;
	return true;
}

static bool refresh_dates(struct ctx *ctx, const struct json *args)
{
	const char *object = json_text(args, "object", "customer");
	int64_t after = json_int(args, "after", 0);
	int64_t last;
	bool customers = text_eq(object, "customer");

	/* Only those whose date differs, so that an ordinary night costs one scan. */
	if (customers
	    ? !refresh(ctx, object,
	        "SELECT customer.id FROM customer LEFT JOIN (SELECT customer AS of, max(CASE WHEN"
	        " state = 'done' AND kind <> 'note' THEN done_at END) AS last, min(CASE WHEN"
	        " state = 'planned' THEN planned_at END) AS next, min(CASE WHEN state = 'done' AND kind = 'visit'"
	        " THEN done_at END) AS first FROM activity"
	        " WHERE customer > $id GROUP BY customer) a ON a.of = customer.id WHERE customer.id > $id"
	        " AND (coalesce(a.last, 0) <> coalesce(customer.last_activity_at, 0)"
	        "  OR coalesce(a.next, 0) <> coalesce(customer.next_activity_at, 0)"
	        "  OR coalesce(a.first, 0) <> coalesce(customer.first_visit_at, 0))"
	        " ORDER BY customer.id LIMIT 200", touch_customer, after, &last)
	    : !refresh(ctx, object,
	        "SELECT opportunity.id FROM opportunity LEFT JOIN (SELECT opportunity AS of, max(done_at)"
	        " AS last FROM activity WHERE opportunity > $id AND state = 'done' AND kind <> 'note'"
	        " GROUP BY opportunity) a ON a.of = opportunity.id WHERE opportunity.id > $id"
	        " AND coalesce(a.last, 0) <> coalesce(opportunity.last_activity_at, 0)"
	        " ORDER BY opportunity.id LIMIT 200", touch_opportunity, after, &last))
		return false;
	if (!last && !customers)
		return true;
	return job_add(ctx, "activity_dates",
	               fmt(ctx->mem, "{\"object\":\"%s\",\"after\":%" PRId64 "}",
	                   last && customers ? "customer" : "opportunity", last), ctx->now, NULL);
}

/* An import of activities has ended: bring the dates in step. */
static bool import_after(struct ctx *ctx, struct change *c)
{
	if (!change_has(c, "state") || !(value_is(change_new(c, "state"), "done") ||
	                                 value_is(change_new(c, "state"), "undone")))
		return true;
	return job_add(ctx, "activity_dates", NULL, ctx->now, "activity_dates");
}

static bool finish(struct ctx *ctx, struct action_call *call)
{
	static const char *const names[] = { "goal_reached", "outcome", "minutes", "next_step", "next_on" };
	struct cell cells[LENGTH(names) + 3] = {
		{ "state", v_text("done") },
		{ "done_at", v_int(ctx->now) },
	};
	size_t n = 2;

	for (size_t i = 0; i < LENGTH(names); i++) {
		struct value v = action_param(call, names[i]);

		if (v.kind != V_NULL)
			cells[n++] = (struct cell){ names[i], v };
	}
	return record_update(ctx, "activity", call->id, cells);
}

const struct module activity_module = {
	.name = "activity",
	.hooks = (const struct hook[]){
		{ "activity", HOOK_BEFORE | HOOK_WRITES | HOOK_SYSTEM, prepare },
		{ "activity", HOOK_AFTER, activity_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "activity", "finish", finish },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "activity_dates", "daily 02:30", refresh_dates, { "刷新最近与下次联系的日期", "Refresh dates of last and next contact" } },
		{ 0 },
	},
};
