/*
 * Workday: the visit plan in the morning, the report in the evening, the leader's signature below both.
 * Here: who has to hand in what and when, who signs, and who is reminded.
 */
#include "modules/workday/form_inner.h"

static const char *const forms[] = { "visit_plan", "daily_report" };

static int64_t at_clock(struct ctx *ctx, int64_t day, const char *setting)
{
	return day_clock(day, setting_text(ctx, setting));
}

int64_t form_due(struct ctx *ctx, bool plan, int64_t day)
{
	if (!plan)
		return at_clock(ctx, day, "report_cutoff");
	return at_clock(ctx, text_eq(setting_text(ctx, "plan_cutoff_day"), "same") ? day : day - 1, "plan_cutoff");
}

int64_t sign_due(struct ctx *ctx)
{
	return at_clock(ctx, calendar_add_workdays(instant_day(ctx->now), 1), "sign_cutoff");
}

/*
 * Who signs
 */

/* Who stands in for a member today; 0: nobody. */
static bool stands_in(struct ctx *ctx, int64_t away, int64_t *ret)
{
	struct value by = v_null();
	int64_t id;

	if (!record_find(ctx, "stand_in", fmt(ctx->mem, "away=eq.%" PRId64 "&since=lte.%s&until=gte.%s&sort=-id",
	                                      away, ctx->today, ctx->today), &id) ||
	    (id && !record_get(ctx, "stand_in", id, "by", &by)))
		return false;
	*ret = value_id(by);
	return true;
}

bool form_leader(struct ctx *ctx, int64_t owner, int64_t *ret)
{
	enum { CHAIN = 5 };             /* who stands in may be away as well */
	int64_t leader;

	if (!member_leader(ctx, owner, &leader))
		return false;
	for (int i = 0; leader && i < CHAIN; i++) {
		int64_t by;

		if (!stands_in(ctx, leader, &by))
			return false;
		/* Nobody signs their own: then it goes one further up. */
		if (by == owner && !member_leader(ctx, leader, &by))
			return false;
		if (!by)
			break;
		leader = by;
	}
	*ret = leader == owner ? 0 : leader;
	return true;
}

/* What waits for a leader, or of an owner (`whose`), goes to who is to sign it now: they are away, or moved. */
static bool pass_on(struct ctx *ctx, const char *whose, int64_t member)
{
	for (size_t f = 0; f < LENGTH(forms); f++) {
		int64_t *ids;
		size_t n;

		const char *sql = scope_sql(ctx, forms[f],
			fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $member AND state = 'submitted' ORDER BY id", forms[f], whose));
		if (!ctx_ids(ctx, sql, (struct bind[]){ { "member", v_int(member) }, { 0 } }, &ids, &n))
			return false;
		for (size_t i = 0; i < n; i++) {
			struct value owner;
			int64_t leader;

			if (!record_get(ctx, forms[f], ids[i], "owner", &owner) ||
			    !form_leader(ctx, value_id(owner), &leader) ||
			    !record_update(ctx, forms[f], ids[i], (struct cell[]){ { "leader", v_id(leader) }, { 0 } }))
				return false;
		}
	}
	return true;
}

static bool stand_in_before(struct ctx *ctx, struct change *c)
{
	struct value since = change_new(c, "since");
	struct value until = change_new(c, "until");
	int64_t away = value_id(change_new(c, "away"));
	struct value names[2];

	if (change_act(c) == CHANGE_DELETE)
		return true;
	if (since.kind == V_TEXT && until.kind == V_TEXT && strcmp(since.s, until.s) > 0)
		return fail(ctx, ERR_INVALID, "until", "结束日期早于开始日期", "It ends before it begins");
	if (away && away == value_id(change_new(c, "by")))
		return fail(ctx, ERR_INVALID, "by", "不能由本人代签", "Nobody stands in for themselves");
	if (!away || !record_get(ctx, "member", away, "label", &names[0]) ||
	    !record_get(ctx, "member", value_id(change_new(c, "by")), "label", &names[1]))
		return !away;
	change_set(c, "title", v_text(fmt(ctx->mem, "%s → %s", names[0].s, names[1].s)));
	return true;
}

static bool stand_in_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = change_act(c) == CHANGE_DELETE || pass_on(ctx, "leader", value_id(change_new(c, "away")));

	ctx_as(ctx, me);
	return ok;
}

/* Who is in another team, or has another leader: their leader now signs what waits. */
static bool member_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	bool moved = change_act(c) == CHANGE_UPDATE && (change_has(c, "team") || change_has(c, "leader"));
	bool ok = !moved || pass_on(ctx, "owner", change_id(c));

	ctx_as(ctx, me);
	return ok;
}

/* A team with another leader. */
static bool team_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t former = value_id(change_old(c, "leader"));
	bool ok = change_act(c) != CHANGE_UPDATE || !change_has(c, "leader") || !former || pass_on(ctx, "leader", former);

	ctx_as(ctx, me);
	return ok;
}

/*
 * Who hands in
 */

/*
 * An empty form for everybody who owes one, so that what is missing is seen.  Nobody owes one that
 * could not have been in time: the first day, or a day that became a workday late.
 */
static bool open_form(struct ctx *ctx, const char *form, int64_t day, const int64_t *ids, size_t n)
{
	const char *text = date_text(ctx->mem, day);

	if (form_due(ctx, text_eq(form, "visit_plan"), day) <= ctx->now)
		return true;
	for (size_t i = 0; i < n; i++) {
		int64_t there;

		if (!record_find(ctx, form, fmt(ctx->mem, "owner=eq.%" PRId64 "&day=eq.%s", ids[i], text), &there) ||
		    (!there && !record_create(ctx, form, (struct cell[]){
		        { "owner", v_int(ids[i]) }, { "day", v_text(text) }, { 0 } }, NULL)))
			return false;
	}
	return true;
}

/* Active members with one of the roles of the setting, hired by that day. */
static bool who_owes(struct ctx *ctx, int64_t day, int64_t **ret, size_t *ret_n)
{
	const struct object *views[] = { schema_object(ctx->schema, "member"), NULL };
	const char *p = setting_text(ctx, "workday_roles");
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, views, SCOPE_ALIVE, &sql);
	text_add(&sql, "SELECT id FROM member WHERE active = 1 AND (hired_on IS NULL OR hired_on <= $day)"
	               " AND (left_on IS NULL OR left_on >= $day) AND (1 = 0");
	while (*p) {
		size_t len = strcspn(p, ", ");
		int64_t role = 0;

		if (len && strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
		    !record_find(ctx, "role", fmt(ctx->mem, "name=eq.%s", arena_dupn(ctx->mem, p, len)), &role))
			return false;
		if (role)
			text_addf(&sql, " OR roles LIKE '%%,%" PRId64 ",%%'", role);
		p += len + (p[len] != 0);
	}
	text_add(&sql, ") ORDER BY id");
	return ctx_ids(ctx, sql.s, (struct bind[]){ { "day", v_text(date_text(ctx->mem, day)) }, { 0 } }, ret, ret_n);
}

static bool is_workday(struct ctx *ctx, int64_t day, bool *ret)
{
	int64_t id;

	if (!record_find(ctx, "calendar_day", fmt(ctx->mem, "day=eq.%s&workday=eq.true",
	                                          date_text(ctx->mem, day)), &id))
		return false;
	*ret = id != 0;
	return true;
}

static bool open_day(struct ctx *ctx, int64_t day, bool report)
{
	bool work;
	int64_t *ids;
	size_t n;

	if (!is_workday(ctx, day, &work))
		return false;
	return !work || (who_owes(ctx, day, &ids, &n) && open_form(ctx, "visit_plan", day, ids, n) &&
	                 (!report || open_form(ctx, "daily_report", day, ids, n)));
}

/* Each morning: today's report, and the plan of the next workday; or a day that became one. */
static bool workday_open(struct ctx *ctx, const struct json *args)
{
	int64_t today = instant_day(ctx->now);
	int64_t day = json_int(args, "day", 0);
	int64_t *away;
	size_t n;

	if (day)
		return open_day(ctx, day, day == today);
	if (!open_day(ctx, today, true) || !open_day(ctx, calendar_add_workdays(today, 1), false))
		return false;
	const char *sql = scope_sql(ctx, "stand_in",
		"SELECT DISTINCT away FROM stand_in WHERE since <= $today AND until >= $today");
	if (!ctx_ids(ctx, sql, NULL, &away, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!pass_on(ctx, "leader", away[i]))
			return false;
	return true;
}

/* A holiday declared late: nobody owes that day any more; what was handed in stays. */
static bool close_day(struct ctx *ctx, const char *day)
{
	for (size_t f = 0; f < LENGTH(forms); f++) {
		for (;;) {
			int64_t id;

			if (!record_find(ctx, forms[f], fmt(ctx->mem, "day=eq.%s&state=eq.draft", day), &id))
				return false;
			if (!id)
				break;
			if (!record_delete(ctx, forms[f], id, 0))
				return false;
		}
	}
	return true;
}

static bool calendar_after(struct ctx *ctx, struct change *c)
{
	struct value day = change_new(c, "day");
	bool works = value_id(change_new(c, "workday"));
	const struct member *me = ctx_as_system(ctx);
	bool ok = true;

	if (change_act(c) == CHANGE_UPDATE && change_has(c, "workday") && day.kind == V_TEXT) {
		if (!works)
			ok = close_day(ctx, day.s);
		else if (strcmp(day.s, ctx->today) >= 0 && value_day(day) <= instant_day(ctx->now) + 1)
			ok = job_add(ctx, "workday_open", fmt(ctx->mem, "{\"day\":%" PRId64 "}", value_day(day)), ctx->now, NULL);
	}
	ctx_as(ctx, me);
	return ok;
}

/*
 * Reminders
 */

enum { REMIND_DAYS = 7 };               /* older ones are history */

/* Forms of a state whose `due` passed and of which nobody was told. */
static bool overdue(struct ctx *ctx, const char *form, const char *state, const char *due, const char *told,
                    int64_t **ret, size_t *ret_n)
{
	const char *sql = scope_sql(ctx, form,
		fmt(ctx->mem, "SELECT id FROM %s WHERE state = '%s' AND %s <= $now AND %s > $since"
		" AND coalesce(told, '') NOT LIKE '%%,%s,%%' ORDER BY id LIMIT %d",
		form, state, due, due, told, QUERY_LIMIT));
	return ctx_ids(ctx, sql, (struct bind[]){
		{ "since", v_int(ctx->now - REMIND_DAYS * INT64_C(86400000)) }, { 0 } }, ret, ret_n);
}

static bool tell(struct ctx *ctx, const char *form, int64_t id, const char *kind, int64_t first, int64_t *ret_leader)
{
	const struct news news = { kind, schema_object(ctx->schema, form), id, 0, NULL };
	struct value told;

	if (!member_leader(ctx, first, ret_leader) || !record_get(ctx, form, id, "told", &told))
		return false;
	if (!notice_tell(ctx, first, &news) || (*ret_leader && !notice_tell(ctx, *ret_leader, &news)))
		return false;
	return record_update(ctx, form, id, (struct cell[]){
		{ "told", v_text(fmt(ctx->mem, "%s%s,", told.kind == V_TEXT ? told.s : ",", kind)) }, { 0 } });
}

/* Not handed in: whose it is, and the leader.  Not signed: who should have, and theirs. */
static bool remind(struct ctx *ctx, const struct json *args)
{
	(void)args;
	for (size_t f = 0; f < LENGTH(forms); f++) {
		for (int unsigned_ones = 0; unsigned_ones < 2; unsigned_ones++) {
			const char *kind = unsigned_ones ? "unsigned" : "missing";
			int64_t *ids;
			size_t n;

			if (!overdue(ctx, forms[f], unsigned_ones ? "submitted" : "draft",
			             unsigned_ones ? "sign_due_at" : "due_at", kind, &ids, &n))
				return false;
			for (size_t i = 0; i < n; i++) {
				struct value who;
				int64_t leader;

				if (!record_get(ctx, forms[f], ids[i], unsigned_ones ? "leader" : "owner", &who) ||
				    !tell(ctx, forms[f], ids[i], kind, value_id(who), &leader))
					return false;
			}
		}
	}
	return true;
}

/* The first day begins at once, not with the next morning. */
static bool seed(struct ctx *ctx)
{
	return job_add(ctx, "workday_open", NULL, ctx->now, NULL);
}

const struct module workday_module = {
	.name = "workday",
	.hooks = (const struct hook[]){
		{ "visit_plan", HOOK_BEFORE, form_before },
		{ "visit_plan", HOOK_AFTER | HOOK_WRITES, form_after },
		{ "daily_report", HOOK_BEFORE, form_before },
		{ "daily_report", HOOK_AFTER | HOOK_WRITES, form_after },
		{ "activity", HOOK_BEFORE, activity_locked },
		{ "stand_in", HOOK_BEFORE, stand_in_before },
		{ "stand_in", HOOK_AFTER, stand_in_after },
		{ "calendar_day", HOOK_AFTER, calendar_after },
		{ "member", HOOK_AFTER, member_after },
		{ "team", HOOK_AFTER, team_after },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "four_controls", four_controls },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "workday_open", "daily 00:05", workday_open, { "准备当天的计划与日报", "Open plans and reports of the day" } },
		{ "workday_remind", "every 10m", remind, { "提醒未交的计划与日报", "Remind of plans and reports not handed in" } },
		{ 0 },
	},
	.seed = seed,
};
