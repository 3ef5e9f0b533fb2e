/*
 * Period: what was closed stays closed, and what is done around the end of a month is written down (S00-06).
 * Deals won, orders confirmed, contracts signed and receipts are the figures there are; an attempt to change a
 * closed one is refused and noted all the same.
 */
#include "engine/module.h"

enum { EDGE_DAYS = 3, UNDONE_DAYS = 30, STATES = 3 };

/* Records that are figures of a month. */
static const struct book {
	const char *object;
	const char *state;              /* in one of these it counts; NULL: always */
	const char *counts[STATES];
	const char *day, *title;
	bool edges;                     /* at the end of a month it is worth noting; money comes then anyway */
	bool amends;                    /* an approved change of it takes effect, and is noted */
} books[] = {
	{ "opportunity", "result", { "won" }, "closed_on", "name", true, false },
	{ "sales_order", "state", { "confirmed", "completed" }, "confirmed_on", "number", true, false },
	{ "contract", "state", { "signed", "executing", "closed" }, "signed_on", "name", true, true },
	{ "receipt", NULL, { NULL }, "received_on", "number", false, false },
};

/* What a change makes of a figure. */
struct turn {
	const struct book *book;
	bool was, is;                   /* counted before, counts now */
	struct value old, day;          /* on which day, null if it does not */
	bool figures;                   /* they change */
};

static bool counts(const struct book *b, struct value state)
{
	bool ret = !b->state;

	for (size_t i = 0; i < STATES && b->counts[i]; i++)
		ret |= value_is(state, b->counts[i]);
	return ret;
}

static struct turn turn_of(const struct ctx *ctx, const struct change *c)
{
	enum change_act act = change_act(c);
	struct turn t = { .book = books };

	while (!text_eq(t.book->object, change_object(c)->name))
		t.book++;
	t.was = act != CHANGE_CREATE && act != CHANGE_RESTORE && (!t.book->state || counts(t.book, change_old(c, t.book->state)));
	t.is = act != CHANGE_DELETE && (!t.book->state || counts(t.book, change_new(c, t.book->state)));
	t.old = t.was ? change_old(c, t.book->day) : v_null();
	t.day = t.is ? change_new(c, t.book->day) : v_null();
	t.figures = t.was != t.is || (t.was && (change_has(c, t.book->day) || change_has(c, "amount") ||
	                                        (change_has(c, "owner") && !ctx->me->system)));
	return t;
}

/* An approved change of a contract, which the system carries out. */
static bool is_amendment(const struct ctx *ctx, const struct change *c, const struct turn *t)
{
	return t->book->amends && ctx->me->system && t->was && change_act(c) == CHANGE_UPDATE;
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
	const struct turn t = turn_of(ctx, c);

	return put_event(ctx, (struct cell[]){
		{ "kind", v_text(kind) }, { "object", v_text(t.book->object) }, { "record", v_int(change_id(c)) },
		{ t.book->object, change_act(c) == CHANGE_DELETE ? v_null() : v_int(change_id(c)) }, { "name", change_new(c, t.book->title) },
		{ "owner", change_new(c, "owner") }, { "actor", v_id(ctx->actor) }, { "at", v_int(ctx->now) },
		{ "month", v_text(month_of(ctx, day)) }, { "was_value", v_text(before) }, { "new_value", v_text(after) },
		{ "amount", change_new(c, "amount") }, { 0 } });
}

/* What was refused left nothing behind but this. */
static bool refused(struct ctx *ctx, const struct json *args)
{
	static const char *const words[] = { "month", "was_value", "new_value", "name" };
	const char *object = json_text(args, "object", "opportunity");
	struct value record = v_id(json_int(args, "record", 0));
	struct cell cells[] = {
		{ "kind", v_text("refused") }, { "object", v_text(object) }, { "record", record }, { object, record },
		{ "owner", v_id(json_int(args, "owner", 0)) }, { "actor", v_id(json_int(args, "actor", 0)) }, { "at", v_int(json_int(args, "at", 0)) },
		{ words[0], v_text(json_text(args, words[0], NULL)) }, { words[1], v_text(json_text(args, words[1], NULL)) },
		{ words[2], v_text(json_text(args, words[2], NULL)) }, { words[3], v_text(json_text(args, words[3], NULL)) }, { 0 } };

	return put_event(ctx, cells);
}

/* "won 2026-03-29 400.00" */
static const char *show(struct ctx *ctx, const struct book *b, struct value (*of)(const struct change *c, const char *field), const struct change *c)
{
	struct value state = b->state ? of(c, b->state) : v_null();
	struct value day = of(c, b->day);
	struct value amount = of(c, "amount");

	return fmt(ctx->mem, "%s%s%s %s", !b->state ? "" : state.kind == V_TEXT ? state.s : "–", b->state ? " " : "",
	           day.kind == V_TEXT ? day.s : "–", amount.kind == V_INT ? decimal_text(ctx->mem, amount.i, 2) : "–");
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

static bool refuse(struct ctx *ctx, const struct change *c, const struct turn *t, const char *month)
{
	struct value name = change_new(c, t->book->title);
	struct json_writer w;
	struct text args;

	text_init(&args, ctx->mem);
	jw_init(&w, &args);
	jw_object(&w);
	put_text(&w, "object", t->book->object);
	put_int(&w, "record", change_id(c));
	put_int(&w, "owner", value_id(change_act(c) == CHANGE_CREATE ? change_new(c, "owner") : change_old(c, "owner")));
	put_int(&w, "actor", ctx->actor);
	put_int(&w, "at", ctx->now);
	put_text(&w, "month", month);
	put_text(&w, "name", name.kind == V_TEXT ? name.s : NULL);
	put_text(&w, "was_value", change_act(c) == CHANGE_CREATE ? NULL : show(ctx, t->book, change_old, c));
	put_text(&w, "new_value", change_act(c) == CHANGE_DELETE ? NULL : show(ctx, t->book, change_new, c));
	jw_object_end(&w);
	job_if_refused(ctx, "period_refused", args.s);
	return fail(ctx, ERR_CONFLICT, t->book->day, "%s 已结账，不能改动；更正请记在当期，或请财务写明原因后重新打开该月",
	            "%s is closed: enter the correction in the current month, or have finance open it again and say why", month);
}

/*
 * Figures
 */

static bool figure_before(struct ctx *ctx, struct change *c)
{
	const struct turn t = turn_of(ctx, c);
	const char *months[2] = { month_of(ctx, t.old), month_of(ctx, t.day) };

	for (size_t i = 0; t.figures && !is_amendment(ctx, c, &t) && i < LENGTH(months); i++) {
		bool closed;

		if (!is_closed(ctx, months[i], &closed))
			return false;
		if (closed)
			return refuse(ctx, c, &t, months[i]);
	}
	return true;
}

/* Lines that are brought later are added up behind the import, when nobody is told any more. */
static bool line_before(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t order = value_id(change_new(c, "sales_order"));
	struct value state, day;
	bool closed = false;
	bool ok = !ctx->import || !order ||
	          (record_get(ctx, "sales_order", order, "state", &state) && record_get(ctx, "sales_order", order, "confirmed_on", &day) &&
	           (!(value_is(state, "confirmed") || value_is(state, "completed")) || is_closed(ctx, month_of(ctx, day), &closed)));

	ctx_as(ctx, me);
	return ok && (!closed || fail(ctx, ERR_CONFLICT, "sales_order", "%s 已结账，订单不能改动；更正请记在当期，或请财务写明原因后重新打开该月",
	                              "%s is closed: enter the correction in the current month, or have finance open it again and say why", month_of(ctx, day)));
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

static bool figure_after(struct ctx *ctx, struct change *c)
{
	const struct turn t = turn_of(ctx, c);
	const char *came = t.was ? month_of(ctx, t.old) : arena_dupn(ctx->mem, ctx->today, 7);
	bool dated = t.is && t.day.kind == V_TEXT && (!t.was || change_has(c, t.book->day));
	bool closed = false;
	bool ok = true;

	if (ctx->import || change_act(c) == CHANGE_RESTORE || !t.figures)
		return true;
	if (is_amendment(ctx, c, &t)) {
		if (!is_closed(ctx, came, &closed))
			return false;
		return !closed || note(ctx, c, "amended", t.old, show(ctx, t.book, change_old, c), show(ctx, t.book, change_new, c));
	}
	if (dated && t.book->edges && days_left(t.day) <= EDGE_DAYS)
		ok = note(ctx, c, "edge", t.day, t.old.kind == V_TEXT ? t.old.s : NULL, t.day.s);
	if (ok && dated && !text_eq(came, month_of(ctx, t.day)))
		ok = note(ctx, c, "crossed", t.day, t.old.kind == V_TEXT ? t.old.s : ctx->today, t.day.s);
	if (ok && t.was && !t.is && value_day(t.old) && instant_day(ctx->now) - value_day(t.old) <= UNDONE_DAYS)
		ok = note(ctx, c, "undone", t.old, t.old.s,
		          change_act(c) == CHANGE_DELETE || !t.book->state ? NULL : change_new(c, t.book->state).s);
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
		{ "opportunity", HOOK_BEFORE, figure_before },
		{ "opportunity", HOOK_AFTER, figure_after },
		{ "sales_order", HOOK_BEFORE, figure_before },
		{ "sales_order", HOOK_AFTER, figure_after },
		{ "order_line", HOOK_BEFORE | HOOK_WRITES, line_before },
		{ "contract", HOOK_BEFORE, figure_before },
		{ "contract", HOOK_AFTER, figure_after },
		{ "receipt", HOOK_BEFORE, figure_before },
		{ "receipt", HOOK_AFTER, figure_after },
		{ "closed_period", HOOK_BEFORE, period_before },
		{ "period_event", HOOK_BEFORE, event_before },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "period_refused", NULL, refused, { "期间：记录被拒绝的修改", "Periods: note refused changes" } },
		{ 0 },
	},
};
