/*
 * Meeting: recurring meetings are made ready by the calendar, each with its seats and agenda; whoever is
 * elsewhere attends in writing; what was planned and did not take place stays to be seen (S01-62).
 */
#include "modules/meeting/meeting_inner.h"

static bool state_is(const struct change *c, const char *state)
{
	return value_is(change_new(c, "state"), state);
}

static const char *id_query(struct ctx *ctx, const char *field, int64_t id)
{
	return fmt(ctx->mem, "%s=eq.%" PRId64, field, id);
}

/*
 * Who attends
 */

static bool add_seat(struct ctx *ctx, int64_t meeting, int64_t member)
{
	int64_t there;

	return record_find(ctx, "meeting_seat", fmt(ctx->mem, "meeting=eq.%" PRId64 "&member=eq.%" PRId64, meeting, member), &there) &&
	       (there || record_create(ctx, "meeting_seat", (struct cell[]){
		{ "meeting", v_int(meeting) }, { "member", v_int(member) }, { 0 } }, NULL));
}

/* Whoever is named, else the active members of the team, and of those below if the plan says so. */
static bool who_attends(struct ctx *ctx, const struct change *c, int64_t **ret, size_t *ret_n)
{
	struct value people = change_new(c, "people");
	int64_t plan = value_id(change_new(c, "plan"));
	struct value whole = v_null();
	bool named = people.kind == V_TEXT && people.n > 0;

	if (plan && !record_get(ctx, "meeting_plan", plan, "whole", &whole))
		return false;
	return ctx_ids(ctx, scope_sql(ctx, "member team", named
		? "SELECT id FROM member WHERE active = 1 AND $people LIKE '%,' || CAST(id AS TEXT) || ',%' ORDER BY id"
		: "SELECT m.id FROM member m JOIN team t ON t.id = m.team LEFT JOIN team p ON p.id = t.parent"
		  " LEFT JOIN team g ON g.id = p.parent LEFT JOIN team h ON h.id = g.parent"
		  " WHERE m.active = 1 AND (t.id = $team OR ($whole = 1 AND (p.id = $team OR g.id = $team OR h.id = $team))) ORDER BY m.id"),
		named ? (struct bind[]){ { "people", people }, { 0 } }
		      : (struct bind[]){ { "team", v_int(value_id(change_new(c, "team"))) }, { "whole", v_int(value_id(whole)) }, { 0 } },
		ret, ret_n);
}

static bool fill_seats(struct ctx *ctx, const struct change *c)
{
	int64_t *ids;
	size_t n;

	if (!who_attends(ctx, c, &ids, &n) || !add_seat(ctx, change_id(c), value_id(change_new(c, "owner"))))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_seat(ctx, change_id(c), ids[i]))
			return false;
	return true;
}

/* Those who were expected came, unless somebody says otherwise. */
static bool seat_all(struct ctx *ctx, int64_t meeting, const char *state)
{
	for (;;) {
		int64_t seat;

		if (!record_find(ctx, "meeting_seat", fmt(ctx->mem, "meeting=eq.%" PRId64 "&state=eq.expected", meeting), &seat))
			return false;
		if (!seat)
			return true;
		if (!record_update(ctx, "meeting_seat", seat, (struct cell[]){ { "state", v_text(state) }, { 0 } }))
			return false;
	}
}

/* A seat belongs to who sits there and does not go with the meeting by itself. */
static bool drop_seats(struct ctx *ctx, int64_t meeting)
{
	for (;;) {
		int64_t seat;

		if (!record_find(ctx, "meeting_seat", fmt(ctx->mem, "meeting=eq.%" PRId64, meeting), &seat))
			return false;
		if (!seat)
			return true;
		if (!record_delete(ctx, "meeting_seat", seat, 0))
			return false;
	}
}

/*
 * A meeting
 */

static bool name_it(struct ctx *ctx, struct change *c)
{
	struct value kind = change_new(c, "kind");
	int64_t team = value_id(change_new(c, "team"));
	struct value name = v_null();
	struct value language;
	const struct choice *choice;

	if (!value_empty(change_new(c, "name")) || kind.kind != V_TEXT)
		return true;
	if ((team && !record_get(ctx, "team", team, "name", &name)) ||
	    !record_get(ctx, "member", value_id(change_new(c, "owner")), "language", &language))
		return false;
	choice = field_choice(object_field(change_object(c), "kind"), kind.s);
	change_set(c, "name", v_text(fmt(ctx->mem, "%s %s%s%s", change_new(c, "day").s,
	                                 name.kind == V_TEXT ? name.s : "", name.kind == V_TEXT ? " " : "",
	                                 choice ? label_in(choice->label, language.kind == V_TEXT ? language.s : "zh") : "")));
	return true;
}

static void set_days(struct ctx *ctx, struct change *c)
{
	int64_t day = instant_day(value_id(change_new(c, "starts_at")));
	struct value kind = change_new(c, "kind");
	struct meeting_days d = meeting_days(kind.kind == V_TEXT ? kind.s : "", day);

	change_set(c, "day", v_text(date_text(ctx->mem, day)));
	change_set(c, "since", v_text(date_text(ctx->mem, d.since)));
	change_set(c, "until", v_text(date_text(ctx->mem, d.until)));
	change_set(c, "ahead", v_text(date_text(ctx->mem, d.ahead)));
}

/* Said too late it is a memory, not a meeting: until the end of the next working day. */
static bool check_state(struct ctx *ctx, struct change *c)
{
	int64_t day = value_day(change_new(c, "day"));
	int64_t today = instant_day(ctx->now);

	if (state_is(c, "missed") && !ctx->me->system)
		return fail(ctx, ERR_INVALID, "state", "没有开的会由系统标出；不开请取消并写明原因",
		            "What was not held is marked by the system; to call it off, cancel it and say why");
	if (state_is(c, "held")) {
		if (day > today)
			return fail(ctx, ERR_INVALID, "state", "还没到开会的日子", "The day of the meeting has not come yet");
		if (today > calendar_add_workdays(day, 1))
			return fail(ctx, ERR_INVALID, "state", "最迟在下一个工作日记为已开", "It is noted as held until the next workday at the latest");
		change_set(c, "held_at", v_int(ctx->now));
	} else {
		change_set(c, "held_at", v_null());
	}
	if (state_is(c, "cancelled") && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "请写明取消的原因", "Say why it is cancelled");
	return true;
}

static bool meeting_before(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);
	bool over = act != CHANGE_CREATE && !value_is(change_old(c, "state"), "planned");

	if (act == CHANGE_DELETE)
		return (!over && !value_id(change_old(c, "plan"))) ||
		       fail(ctx, ERR_CONFLICT, NULL, "例会和开过的会不能删除；不开请取消并写明原因",
		            "Recurring meetings and those that are over are not deleted; cancel it and say why");
	if (act == CHANGE_RESTORE || change_new(c, "starts_at").kind != V_INT)
		return true;
	if (over && (change_has(c, "starts_at") || change_has(c, "kind")))
		return fail(ctx, ERR_CONFLICT, "starts_at", "已经过去的会不能改时间", "A meeting that is over keeps its time");

	const struct member *me = ctx_as_system(ctx);
	bool ok;

	set_days(ctx, c);
	ok = act != CHANGE_CREATE || name_it(ctx, c);
	ctx_as(ctx, me);
	return ok && (!change_has(c, "state") || check_state(ctx, c));
}

static bool links(struct ctx *ctx, int64_t id)
{
	return record_update(ctx, "meeting", id, (struct cell[]){
		{ "pack", v_text(fmt(ctx->mem, "/report/meeting_pack?meeting=%" PRId64, id)) },
		{ "record", v_text(fmt(ctx->mem, "/report/meeting_minutes?meeting=%" PRId64, id)) }, { 0 } });
}

static bool meeting_after(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);
	bool again = change_has(c, "people") || change_has(c, "day") || change_has(c, "owner");
	const struct member *me;
	bool ok = true;

	if (act == CHANGE_RESTORE)
		return true;
	me = ctx_as_system(ctx);
	if (act == CHANGE_DELETE)
		ok = drop_seats(ctx, change_id(c));
	if (act == CHANGE_CREATE)
		ok = links(ctx, change_id(c));
	if (ok && (act == CHANGE_CREATE || (act == CHANGE_UPDATE && again)))
		ok = fill_seats(ctx, c) && agenda_write(ctx, change_id(c));
	if (ok && act != CHANGE_DELETE && change_has(c, "state") && state_is(c, "held"))
		ok = seat_all(ctx, change_id(c), "present");
	ctx_as(ctx, me);
	return ok;
}

/*
 * A seat
 */

/* Who is elsewhere writes; who is there is noted by the chair. */
static bool seat_hands(struct ctx *ctx, struct change *c)
{
	bool mine = value_id(change_new(c, "member")) == ctx->me->id;
	bool wrote = change_has(c, "progress") || change_has(c, "problem") || change_has(c, "proposal");
	struct value chair, day, state;

	if (!record_get(ctx, "meeting", value_id(change_new(c, "meeting")), "owner", &chair) ||
	    !record_get(ctx, "meeting", value_id(change_new(c, "meeting")), "day", &day) ||
	    !record_get(ctx, "meeting", value_id(change_new(c, "meeting")), "state", &state))
		return false;
	if (change_act(c) == CHANGE_UPDATE && (change_has(c, "member") || change_has(c, "meeting")))
		return fail(ctx, ERR_INVALID, "member", "请另加一位参会人", "Add another seat instead");
	if (wrote && !mine)
		return fail(ctx, ERR_DENIED, "progress", "汇报由本人填写", "A report is written by the person");
	/* In time: that day, and before the meeting was noted as not held. */
	if (wrote && strcmp(day.s, ctx->today) >= 0 && !value_is(state, "missed")) {
		if (change_new(c, "reported_at").kind == V_NULL)
			change_set(c, "reported_at", v_int(ctx->now));
		if (state_is(c, "expected"))
			change_set(c, "state", v_text("remote"));
	}
	if (!change_has(c, "state") || value_id(chair) == ctx->me->id || !mine || state_is(c, "remote"))
		return true;
	return state_is(c, "excused") || fail(ctx, ERR_DENIED, "state", "到会由主持人记录；不在场请填写汇报，或请假并写明原因",
	                                      "The chair notes who is there; if you are elsewhere, write a report, or excuse yourself and say why");
}

static bool seat_before(struct ctx *ctx, struct change *c)
{
	struct value name, label;
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE ||
	    !value_id(change_new(c, "meeting")) || !value_id(change_new(c, "member")))
		return true;
	if (!ctx->me->system && !seat_hands(ctx, c))
		return false;
	if (change_has(c, "state") && state_is(c, "remote") && value_empty(change_new(c, "progress")) &&
	    value_empty(change_new(c, "problem")) && value_empty(change_new(c, "proposal")))
		return fail(ctx, ERR_INVALID, "progress", "请填写汇报，书面参会才算", "Write a report: attending in writing takes one");
	if (change_has(c, "state") && state_is(c, "excused") && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "请写明请假的原因", "Say why");
	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	struct value day = v_null();

	ok = record_get(ctx, "meeting", value_id(change_new(c, "meeting")), "name", &name) &&
	     record_get(ctx, "meeting", value_id(change_new(c, "meeting")), "day", &day) &&
	     record_get(ctx, "member", value_id(change_new(c, "member")), "label", &label);
	if (ok && name.kind == V_TEXT && label.kind == V_TEXT)
		change_set(c, "name", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s · %s", name.s, label.s), 200)));
	change_set(c, "day", day);
	ctx_as(ctx, me);
	return ok;
}

/* Whoever has a seat reads the meeting; of one that somebody calls they are told. */
static bool seat_after(struct ctx *ctx, struct change *c)
{
	const struct object *o = schema_object(ctx->schema, "meeting");
	int64_t meeting = value_id(change_new(c, "meeting"));
	int64_t member = value_id(change_new(c, "member"));
	bool by_hand = !ctx->me->system;
	const struct member *me;
	struct value plan;
	struct member m;
	bool may;
	bool ok;

	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = record_get(ctx, "meeting", meeting, "plan", &plan) && notice_reader(ctx, member, o, meeting, &m, &may) &&
	     (may || !m.id || record_share(ctx, o, meeting, member, 0, false, NULL, NULL)) &&
	     (value_id(plan) || notice_tell(ctx, member, &(struct news){ "called", o, meeting, 0, NULL })) &&
	     (!by_hand || agenda_write(ctx, meeting));
	ctx_as(ctx, me);
	return ok;
}

/*
 * Recurring ones
 */

enum { AHEAD_DAYS = 7 };

/* Does it take place on this day?  Once a week: on its weekday, or the first working day after it. */
static bool falls_on(bool weekly, int64_t weekday, int64_t day)
{
	int64_t due;

	if (!calendar_workday(day))
		return false;
	if (!weekly)
		return true;
	due = day - date_weekday(day) + weekday;
	if (due > day)
		due -= 7;
	return calendar_add_workdays(due - 1, 1) == day;
}

static bool make_one(struct ctx *ctx, int64_t plan, int64_t day)
{
	static const char *const fields[] = { "kind", "team", "owner", "minutes", "mode", "place", "at" };
	struct value v[LENGTH(fields)];
	int64_t starts_at;
	int64_t there;

	for (size_t i = 0; i < LENGTH(fields); i++)
		if (!record_get(ctx, "meeting_plan", plan, fields[i], &v[i]))
			return false;
	starts_at = day_clock(day, v[6].s);
	/* Nobody owes what could not have been held. */
	if (starts_at <= ctx->now)
		return true;
	if (!record_find(ctx, "meeting", fmt(ctx->mem, "plan=eq.%" PRId64 "&day=eq.%s", plan, date_text(ctx->mem, day)), &there))
		return false;
	return there || record_create(ctx, "meeting", (struct cell[]){
		{ "kind", v[0] }, { "team", v[1] }, { "owner", v[2] }, { "minutes", v[3] }, { "mode", v[4] }, { "place", v[5] },
		{ "starts_at", v_int(starts_at) }, { "plan", v_int(plan) }, { 0 } }, NULL);
}

/* Today's and the next workday's; of weekly ones a week ahead. */
static bool make_plan(struct ctx *ctx, int64_t plan)
{
	int64_t today = instant_day(ctx->now);
	int64_t next = calendar_add_workdays(today, 1);
	struct value rhythm, weekday, active;
	bool weekly;

	if (!record_get(ctx, "meeting_plan", plan, "rhythm", &rhythm) || !record_get(ctx, "meeting_plan", plan, "weekday", &weekday) ||
	    !record_get(ctx, "meeting_plan", plan, "active", &active))
		return false;
	weekly = value_is(rhythm, "week");
	for (int64_t day = today; value_id(active) && day <= (weekly ? today + AHEAD_DAYS : next); day++)
		if (falls_on(weekly, value_id(weekday), day) && !make_one(ctx, plan, day))
			return false;
	return true;
}

/* What was planned for a day that is over and was not held. */
static bool mark_missed(struct ctx *ctx)
{
	const struct object *o = schema_object(ctx->schema, "meeting");

	for (;;) {
		struct value owner;
		int64_t leader;
		int64_t id;

		if (!record_find(ctx, "meeting", "state=eq.planned&day=lt.today", &id))
			return false;
		if (!id)
			return true;
		if (!record_get(ctx, "meeting", id, "owner", &owner) || !member_leader(ctx, value_id(owner), &leader) ||
		    !record_update(ctx, "meeting", id, (struct cell[]){ { "state", v_text("missed") }, { 0 } }) ||
		    !notice_tell(ctx, value_id(owner), &(struct news){ "not_held", o, id, 0, NULL }) ||
		    (leader && !notice_tell(ctx, leader, &(struct news){ "not_held", o, id, 0, NULL })))
			return false;
	}
}

static bool prepare(struct ctx *ctx, const struct json *args)
{
	int64_t plan = json_int(args, "plan", 0);
	int64_t *ids;
	size_t n;

	if (plan)
		return make_plan(ctx, plan);
	if (!mark_missed(ctx) ||
	    !ctx_ids(ctx, scope_sql(ctx, "meeting_plan", "SELECT id FROM meeting_plan WHERE active = 1 ORDER BY id"), NULL, &ids, &n))
		return false;
	/* A job each: others write in between. */
	for (size_t i = 0; i < n; i++)
		if (!job_add(ctx, "meeting_prepare", fmt(ctx->mem, "{\"plan\":%" PRId64 "}", ids[i]), ctx->now, NULL))
			return false;
	return true;
}

/* Meetings that nobody began are made anew as the plan, or the calendar, says now. */
static bool drop_planned(struct ctx *ctx, const char *query)
{
	for (;;) {
		int64_t id;

		if (!record_find(ctx, "meeting", query, &id))
			return false;
		if (!id)
			return true;
		/* Released from its plan: what a plan holds on to is not deleted. */
		if (!record_update(ctx, "meeting", id, (struct cell[]){ { "plan", v_null() }, { 0 } }) ||
		    !record_delete(ctx, "meeting", id, 0))
			return false;
	}
}

static bool plan_before(struct ctx *ctx, struct change *c)
{
	struct value at = change_new(c, "at");

	return change_act(c) == CHANGE_DELETE || at.kind != V_TEXT || clock_minutes(at.s) >= 0 ||
	       fail(ctx, ERR_INVALID, "at", "请填写时刻，如 08:30", "Give a time such as 08:30");
}

static bool plan_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	char now[26];
	bool ok = true;

	instant_format(ctx->now, now);
	if (change_act(c) != CHANGE_CREATE)
		ok = drop_planned(ctx, fmt(ctx->mem, "%s&state=eq.planned&starts_at=gt.%.19s", id_query(ctx, "plan", change_id(c)), now));
	if (ok && change_act(c) != CHANGE_DELETE)
		ok = make_plan(ctx, change_id(c));
	ctx_as(ctx, me);
	return ok;
}

/* A day off declared late is no planned meeting; a day that became a workday gets its own. */
static bool calendar_after(struct ctx *ctx, struct change *c)
{
	struct value day = change_new(c, "day");
	const struct member *me;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "workday") || day.kind != V_TEXT)
		return true;
	me = ctx_as_system(ctx);
	/* The calendar itself is counted anew by a job that comes first. */
	ok = (value_id(change_new(c, "workday")) ||
	      drop_planned(ctx, fmt(ctx->mem, "day=eq.%s&plan=is.notnull&state=eq.planned", day.s))) &&
	     job_add(ctx, "meeting_prepare", NULL, ctx->now + 60000, "meeting_calendar");
	ctx_as(ctx, me);
	return ok;
}

/* What came up becomes a market report (S01-57), once. */
static bool file_market(struct ctx *ctx, struct action_call *call)
{
	struct value meeting, topic, points, form, customer;
	int64_t id;

	if (!record_get(ctx, "meeting_item", call->id, "market_form", &form) ||
	    !record_get(ctx, "meeting_item", call->id, "meeting", &meeting) ||
	    !record_get(ctx, "meeting_item", call->id, "topic", &topic) ||
	    !record_get(ctx, "meeting_item", call->id, "points", &points) ||
	    !record_get(ctx, "meeting", value_id(meeting), "customer", &customer))
		return false;
	if (form.kind == V_INT)
		return fail(ctx, ERR_CONFLICT, NULL, "已经反映过了", "It was reported already");
	if (!record_create(ctx, "market_form", (struct cell[]){
	        { "owner", v_int(ctx->me->id) }, { "day", v_text(ctx->today) }, { "kind", action_param(call, "kind") },
	        { "severity", v_text("normal") }, { "customer", customer },
	        { "content", value_empty(points) ? topic : v_text(utf8_cut(ctx->mem, points.s, 4000)) }, { 0 } }, &id))
		return false;
	return record_update(ctx, "meeting_item", call->id, (struct cell[]){ { "market_form", v_int(id) }, { 0 } });
}

const struct module meeting_module = {
	.name = "meeting",
	.hooks = (const struct hook[]){
		{ "meeting_plan", HOOK_BEFORE, plan_before },
		{ "meeting_plan", HOOK_AFTER, plan_after },
		{ "meeting", HOOK_BEFORE, meeting_before },
		{ "meeting", HOOK_AFTER, meeting_after },
		{ "meeting_seat", HOOK_BEFORE, seat_before },
		{ "meeting_seat", HOOK_AFTER, seat_after },
		{ "calendar_day", HOOK_AFTER, calendar_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "meeting_item", "market", file_market },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "meeting_pack", meeting_pack },
		{ "meeting_minutes", meeting_minutes },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "meeting_prepare", "daily 00:10", prepare, { "准备例会", "Prepare recurring meetings" } },
		{ 0 },
	},
};
