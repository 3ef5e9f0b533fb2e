/*
 * Period: what was closed stays closed, and what is done around the end of a month is written down (S00-06).
 * Deals won are the figures there are; an attempt to change a closed one is refused and noted all the same.
 */
#include "engine/module.h"

enum { EDGE_DAYS = 3, UNDONE_DAYS = 30 };

static bool is_won(struct value result)
{
	return value_is(result, "won");
}

static const char *month_of(struct ctx *ctx, struct value day)
{
	return day.kind == V_TEXT ? arena_dupn(ctx->mem, day.s, 7) : "";
}

static bool is_closed(struct ctx *ctx, const char *month, bool *ret)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t id = 0;
	bool ok = !*month || record_find(ctx, "closed_period", fmt(ctx->mem, "month=eq.%s&state=eq.closed", month), &id);

	ctx_as(ctx, me);
	*ret = id != 0;
	return ok;
}

/*
 * Events
 */

static bool put_event(struct ctx *ctx, const struct cell *cells)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = record_create(ctx, "period_event", cells, NULL);

	ctx_as(ctx, me);
	return ok;
}

static bool note(struct ctx *ctx, const struct change *c, const char *kind, struct value day, const char *before, const char *after)
{
	return put_event(ctx, (struct cell[]){
		{ "kind", v_text(kind) }, { "opportunity", change_act(c) == CHANGE_DELETE ? v_null() : v_int(change_id(c)) }, { "name", change_new(c, "name") },
		{ "owner", change_new(c, "owner") }, { "actor", v_id(ctx->actor) }, { "at", v_int(ctx->now) },
		{ "month", v_text(month_of(ctx, day)) }, { "was_value", v_text(before) }, { "new_value", v_text(after) },
		{ "amount", change_new(c, "amount") }, { 0 } });
}

/* What was refused left nothing behind but this. */
static bool refused(struct ctx *ctx, const struct json *args)
{
	static const char *const words[] = { "month", "was_value", "new_value", "name" };
	struct cell cells[] = {
		{ "kind", v_text("refused") }, { "opportunity", v_id(json_int(args, "opportunity", 0)) },
		{ "owner", v_id(json_int(args, "owner", 0)) }, { "actor", v_id(json_int(args, "actor", 0)) }, { "at", v_int(json_int(args, "at", 0)) },
		{ words[0], v_text(json_text(args, words[0], NULL)) }, { words[1], v_text(json_text(args, words[1], NULL)) },
		{ words[2], v_text(json_text(args, words[2], NULL)) }, { words[3], v_text(json_text(args, words[3], NULL)) }, { 0 } };

	return put_event(ctx, cells);
}

static const char *show(struct ctx *ctx, struct value result, struct value day, struct value amount)
{
	return fmt(ctx->mem, "%s %s %s", result.kind == V_TEXT ? result.s : "–", day.kind == V_TEXT ? day.s : "–",
	           amount.kind == V_INT ? decimal_text(ctx->mem, amount.i, 2) : "–");
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	jw_key(w, key);
	jw_text(w, text);
}

static void put_int(struct json_writer *w, const char *key, int64_t n)
{
	jw_key(w, key);
	jw_int(w, n);
}

static bool refuse(struct ctx *ctx, const struct change *c, const char *month)
{
	struct value name = change_new(c, "name");
	struct json_writer w;
	struct text args;

	text_init(&args, ctx->mem);
	jw_init(&w, &args);
	jw_object(&w);
	put_int(&w, "opportunity", change_id(c));
	put_int(&w, "owner", value_id(change_act(c) == CHANGE_CREATE ? change_new(c, "owner") : change_old(c, "owner")));
	put_int(&w, "actor", ctx->actor);
	put_int(&w, "at", ctx->now);
	put_text(&w, "month", month);
	put_text(&w, "name", name.kind == V_TEXT ? name.s : NULL);
	put_text(&w, "was_value", change_act(c) == CHANGE_CREATE ? NULL
	         : show(ctx, change_old(c, "result"), change_old(c, "closed_on"), change_old(c, "amount")));
	put_text(&w, "new_value", change_act(c) == CHANGE_DELETE ? NULL
	         : show(ctx, change_new(c, "result"), change_new(c, "closed_on"), change_new(c, "amount")));
	jw_object_end(&w);
	job_if_refused(ctx, "period_refused", args.s);
	return fail(ctx, ERR_CONFLICT, "closed_on", "%s 已结账，不能改动；更正请记在当期", "%s is closed: enter the correction in the current month", month);
}

/*
 * Deals
 */

static bool deal_before(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);
	bool was = act != CHANGE_CREATE && act != CHANGE_RESTORE && is_won(change_old(c, "result"));
	bool is = act != CHANGE_DELETE && is_won(change_new(c, "result"));
	bool figures = act != CHANGE_UPDATE || change_has(c, "result") || change_has(c, "closed_on") || change_has(c, "amount") ||
	               (change_has(c, "owner") && !ctx->me->system);
	const char *months[2] = { was ? month_of(ctx, change_old(c, "closed_on")) : "", is ? month_of(ctx, change_new(c, "closed_on")) : "" };

	for (size_t i = 0; figures && i < LENGTH(months); i++) {
		bool closed;

		if (!is_closed(ctx, months[i], &closed))
			return false;
		if (closed)
			return refuse(ctx, c, months[i]);
	}
	return true;
}

/* Days from this one to the end of its month, itself included. */
static int64_t days_left(struct value day)
{
	int64_t from = value_day(day);
	int64_t to = from;
	char text[11];

	do {
		date_format(++to, text);
	} while (strncmp(text + 8, "01", 2) != 0);
	return to - from;
}

static bool deal_after(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);
	bool was = act != CHANGE_CREATE && act != CHANGE_RESTORE && is_won(change_old(c, "result"));
	bool is = act != CHANGE_DELETE && is_won(change_new(c, "result"));
	struct value old = was ? change_old(c, "closed_on") : v_null();
	struct value day = is ? change_new(c, "closed_on") : v_null();
	const char *came = was ? month_of(ctx, old) : arena_dupn(ctx->mem, ctx->today, 7);
	bool dated = is && day.kind == V_TEXT && (!was || change_has(c, "closed_on"));
	bool ok = true;

	if (ctx->import || act == CHANGE_RESTORE || (was && is && !change_has(c, "closed_on")))
		return true;
	if (dated && days_left(day) <= EDGE_DAYS)
		ok = note(ctx, c, "edge", day, old.kind == V_TEXT ? old.s : NULL, day.s);
	if (ok && dated && !text_eq(came, month_of(ctx, day)))
		ok = note(ctx, c, "crossed", day, old.kind == V_TEXT ? old.s : ctx->today, day.s);
	if (ok && was && !is && value_day(old) && instant_day(ctx->now) - value_day(old) <= UNDONE_DAYS)
		ok = note(ctx, c, "undone", old, old.s, act == CHANGE_DELETE ? NULL : change_new(c, "result").s);
	return ok;
}

/*
 * Closing
 */

static bool is_month(struct ctx *ctx, const char *s)
{
	int64_t day;

	return strlen(s) == 7 && date_parse(fmt(ctx->mem, "%s-01", s), &day);
}

static bool period_before(struct ctx *ctx, struct change *c)
{
	struct value month = change_new(c, "month");

	if (change_act(c) == CHANGE_DELETE)
		return fail(ctx, ERR_CONFLICT, NULL, "结账不能删除；请改为“重新打开”并写明原因", "It is not deleted: open it again, and say why");
	if (month.kind != V_TEXT || !is_month(ctx, month.s))
		return fail(ctx, ERR_INVALID, "month", "请填写月份，如 2026-03", "Give a month such as 2026-03");
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "month"))
		return fail(ctx, ERR_INVALID, "month", "月份不能改", "The month stays");
	if (strncmp(month.s, ctx->today, 7) >= 0)
		return fail(ctx, ERR_INVALID, "month", "这个月还没有过完", "This month is not over yet");
	if (change_has(c, "state") && value_is(change_new(c, "state"), "open") && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "请写明重新打开的原因", "Say why it is opened again");
	return true;
}

/* What happened is added to, and never changed. */
static bool event_before(struct ctx *ctx, struct change *c)
{
	return change_act(c) == CHANGE_CREATE ? ctx->me->system || fail(ctx, ERR_DENIED, NULL, "跨期事项由系统记录", "Events are noted by the system")
	       : fail(ctx, ERR_DENIED, NULL, "跨期事项不能改动", "Events are not changed");
}

const struct module period_module = {
	.name = "period",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE, deal_before },
		{ "opportunity", HOOK_AFTER, deal_after },
		{ "closed_period", HOOK_BEFORE, period_before },
		{ "period_event", HOOK_BEFORE, event_before },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "period_refused", NULL, refused, { "期间：记录被拒绝的修改", "Periods: note refused changes" } },
		{ 0 },
	},
};
