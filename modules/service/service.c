/*
 * Service: what customers ask, and how long they wait for the first answer (S01-41, S01-43).
 *
 * The clock starts at receipt and counts working time: workdays of the calendar, between the
 * hours the company is there for.
 */
#include "engine/module.h"

#include "base/stat.h"

static const char *state_of(const struct change *c)
{
	return change_new(c, "closed_at").kind == V_INT ? "closed" : change_new(c, "solved_at").kind == V_INT ? "solved"
	       : change_new(c, "answered_at").kind == V_INT ? "working" : "new";
}

static bool in_order(struct ctx *ctx, const struct change *c)
{
	static const char *const steps[] = { "answered_at", "solved_at", "closed_at" };
	struct value received = change_new(c, "received_at");

	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct value at = change_new(c, steps[i]);

		if (change_has(c, steps[i]) && at.kind == V_INT && received.kind == V_INT && at.i < received.i)
			return fail(ctx, ERR_INVALID, steps[i], "不能早于收到时间", "It cannot be before the receipt");
	}
	return true;
}

static bool case_before(struct ctx *ctx, struct change *c)
{
	struct value received = change_new(c, "received_at");
	struct value answered = change_new(c, "answered_at");
	struct value priority = change_new(c, "priority");

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || received.kind != V_INT)
		return true;
	if (!in_order(ctx, c))
		return false;
	change_set(c, "state", v_text(state_of(c)));
	if (change_has(c, "received_at") || change_has(c, "priority") || change_act(c) == CHANGE_CREATE)
		change_set(c, "due_at", v_int(calendar_after_working(ctx, received.i, 60 * setting_int(ctx,
			value_is(priority, "urgent") ? "answer_hours_urgent" : value_is(priority, "low") ? "answer_hours_low" : "answer_hours"))));

	int64_t due = value_id(change_new(c, "due_at"));

	change_set(c, "answer_minutes", answered.kind == V_INT ? v_int(calendar_working_minutes(ctx, received.i, answered.i)) : v_null());
	change_set(c, "in_time", answered.kind == V_INT ? v_int(answered.i <= due) : due < ctx->now ? v_int(0) : v_null());
	return true;
}

/* Who talks with the customer about it has answered. */
static bool activity_after(struct ctx *ctx, struct change *c)
{
	int64_t id = value_id(change_new(c, "service_case"));
	struct value answered;

	if (change_act(c) == CHANGE_DELETE || !id || value_is(change_new(c, "kind"), "note") || !value_is(change_new(c, "state"), "done") ||
	    !(change_has(c, "service_case") || change_has(c, "state")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_get(ctx, "service_case", id, "answered_at", &answered) &&
	          (answered.kind == V_INT || record_update(ctx, "service_case", id, (struct cell[]){
		          { "answered_at", change_new(c, "done_at") }, { 0 } }));

	ctx_as(ctx, me);
	return ok;
}

/* Nobody answered in time: it is late from now on, and its owner has a task, once. */
static bool late(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;
	(void)args;

	const char *sql = scope_sql(ctx, "service_case",
		fmt(ctx->mem, "SELECT id FROM service_case WHERE answered_at IS NULL AND in_time IS NULL AND due_at < $now ORDER BY id LIMIT %d",
		    QUERY_LIMIT));

	if (!ctx_ids(ctx, sql, NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value title;
		struct value owner;
		struct value customer;

		if (!record_get(ctx, "service_case", ids[i], "title", &title) || !record_get(ctx, "service_case", ids[i], "owner", &owner) ||
		    !record_get(ctx, "service_case", ids[i], "customer", &customer) ||
		    !record_update(ctx, "service_case", ids[i], (struct cell[]){ { "in_time", v_int(0) }, { 0 } }) ||
		    !record_create(ctx, "task", (struct cell[]){
			    { "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "Not answered in time: %s" : "超时未回应：%s",
			                               title.s), 200)) },
			    { "owner", owner },
			    { "customer", customer },
			    { "due_on", v_text(ctx->today) },
			    { "priority", v_text("urgent") },
			    { "state", v_text("open") },
			    { "origin", v_text(fmt(ctx->mem, "service_case/%" PRId64, ids[i])) },
			    { 0 } }, NULL))
			return false;
	}
	return n < QUERY_LIMIT || job_add(ctx, "service_late", NULL, ctx->now, NULL);
}

/*
 * Report
 */

static struct value cell_of(struct query *q, const char *name)
{
	for (size_t i = 0; i < db_columns(q); i++)
		if (text_eq(db_column(q, i), name))
			return db_value(q, i);
	return v_null();
}

/* A group's name: a person's, else the word of the choice. */
static const char *group_name(struct ctx *ctx, const struct report_call *call, const char *bucket, struct value name)
{
	struct value by = report_param(call, "by");
	const struct field *f = name.kind == V_TEXT ? NULL : object_field(schema_object(ctx->schema, "service_case"), by.s);
	const struct choice *choice = f && f->type == TYPE_CHOICE ? field_choice(f, bucket) : NULL;

	return name.kind == V_TEXT ? name.s : choice ? label_in(choice->label, in_english(ctx) ? "en" : "zh") : value_is(by, "none") ? "∑" : "–";
}

static bool times(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	size_t columns = db_columns(q);
	struct cell *cells = arena_array(ctx->mem, columns + 5, sizeof *cells);

	while (db_next(q)) {
		int64_t judged = value_id(cell_of(q, "judged"));
		int64_t in_time = value_id(cell_of(q, "in_time"));
		double low = 0;
		double high = 0;
		size_t n = 0;

		for (; n < columns; n++)
			cells[n] = (struct cell){ db_column(q, n), db_value(q, n) };
		cells[n++] = (struct cell){ "label", v_text(group_name(ctx, call, cell_of(q, "bucket").s, cell_of(q, "name"))) };
		if (judged) {
			stat_wilson(in_time, judged, &low, &high);
			cells[n++] = (struct cell){ "rate", v_int((int64_t)((double)in_time * 10000 / (double)judged + 0.5)) };
			cells[n++] = (struct cell){ "rate_low", v_int((int64_t)(low * 10000 + 0.5)) };
			cells[n++] = (struct cell){ "rate_high", v_int((int64_t)(high * 10000 + 0.5)) };
		}
		cells[n] = (struct cell){ 0 };
		report_row(ctx, call, cells);
	}
	return true;
}

const struct module service_module = {
	.name = "service",
	.hooks = (const struct hook[]){
		{ "service_case", HOOK_BEFORE, case_before },
		{ "activity", HOOK_AFTER, activity_after },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "service_times", times },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "service_late", "every 10m", late, { "提醒超时的服务", "Remind of late service" } },
		{ 0 },
	},
};
