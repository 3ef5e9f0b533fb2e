/*
 * Today: one list a person, in the order of work, with the reasons in words.
 *
 * Every reason has its points; those of a customer add up.  No chance and no
 * learning: the same situation gives the same order.  The person overrules it; what was proposed is kept
 * each morning, and what became of it is noted later (today_night.c); it makes the visits of a day (today_plan.c).
 */
#include "modules/today/today_inner.h"

#include <math.h>
#include <stdlib.h>

#include "base/stat.h"

static const struct {
	const char *name, *zh, *en;
	int64_t weight, days;
} declared[REASONS] = {
	[R_PLANNED]  = { "planned", "计划在今天（或一周内未做）的活动", "Planned for today, or not done of a week", 60, 0 },
	[R_PROMISE]  = { "promise", "到期的承诺（上次约定的下一步）", "A promise due (the next step agreed)", 50, 0 },
	[R_TASK]     = { "task", "到期的任务", "A task due", 40, 0 },
	[R_LEAD]     = { "lead", "新线索还没有联系", "A new lead without contact", 45, 0 },
	[R_OVERLAP]  = { "overlap", "三圈重叠；天数：需求到期", "All three circles; days: the need falls due", 40, 30 },
	[R_DUE]      = { "due", "需求到期；天数", "The need falls due; days", 25, 7 },
	[R_STUCK]    = { "stuck", "停留超过阶段标准", "Longer in its stage than the norm", 20, 0 },
	[R_SILENT_A] = { "silent_a", "A 级客户未联系；天数", "Level A without contact; days", 30, 7 },
	[R_SILENT_B] = { "silent_b", "B 级客户未联系；天数", "Level B without contact; days", 25, 14 },
	[R_SILENT_C] = { "silent_c", "C 级客户未联系；天数", "Level C without contact; days", 15, 30 },
	[R_SILENT]   = { "silent", "其他客户未联系；天数", "Other customers without contact; days", 10, 30 },
};

static size_t slot_of(const struct turns *l, const char *object, int64_t record)
{
	uint64_t h = (uint64_t)record * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)object[0] * 31;
	size_t at = (size_t)(h >> 20) & (l->n_slots - 1);

	while (l->slots[at] && (l->items[l->slots[at] - 1].record != record ||
	                        !text_eq(l->items[l->slots[at] - 1].object, object)))
		at = (at + 1) & (l->n_slots - 1);
	return at;
}

static void widen(struct turns *l)
{
	l->n_slots = l->n_slots ? l->n_slots * 2 : 1024;
	l->slots = arena_array(l->ctx->mem, l->n_slots, sizeof *l->slots);
	for (size_t i = 0; i < l->n; i++)
		l->slots[slot_of(l, l->items[i].object, l->items[i].record)] = i + 1;
}

struct item *turns_item(struct turns *l, const char *object, int64_t record, const char *title)
{
	struct arena *mem = l->ctx->mem;
	size_t at;

	if (2 * (l->n + 1) > l->n_slots)
		widen(l);
	at = slot_of(l, object, record);
	if (!l->slots[at]) {
		l->items = arena_grow(mem, l->items, &l->cap, l->n + 1, sizeof *l->items);
		l->items[l->n] = (struct item){ .object = arena_dup(mem, object), .record = record };
		l->slots[at] = ++l->n;
	}

	struct item *i = &l->items[l->slots[at] - 1];

	if (title && !i->title)
		i->title = arena_dup(mem, title);
	return i;
}

static void because(struct turns *l, struct item *i, enum reason r, const char *words)
{
	if (l->weight[r] == 0 || i->why[r])
		return;
	i->why[r] = words;
	i->score += l->weight[r];
}

/*
 * What speaks for it
 */

static void read_points(struct turns *l, struct query *q)
{
	for (int r = 0; r < REASONS; r++) {
		if (!text_eq(declared[r].name, db_text(q, TURN_WORD)))
			continue;
		l->weight[r] = db_int(q, TURN_A);
		l->days[r] = db_int(q, TURN_B);
	}
}

/* Told beforehand, "today" would be the wrong day. */
static bool that_day(const struct turns *l)
{
	return !text_eq(l->date, l->ctx->today);
}

static const char *in_days(const struct turns *l, int64_t n)
{
	return in_english(l->ctx) ? fmt(l->ctx->mem, "%" PRId64 " day%s", n, n == 1 ? "" : "s") : fmt(l->ctx->mem, "%" PRId64 " 天", n);
}

static const char *due_words(struct turns *l, int64_t in)
{
	struct arena *mem = l->ctx->mem;

	if (in == 0)
		return that_day(l) ? say(l->ctx, "需求当天到期", "the need falls due that day") : say(l->ctx, "需求今天到期", "the need falls due today");
	if (in < 0)
		return fmt(mem, in_english(l->ctx) ? "the need fell due %s ago" : "需求已过期 %s", in_days(l, -in));
	return fmt(mem, in_english(l->ctx) ? "the need falls due in %s" : "需求 %s后到期", in_days(l, in));
}

static void read_deal(struct turns *l, struct query *q)
{
	struct arena *mem = l->ctx->mem;
	struct item *i = turns_item(l, db_text(q, TURN_OBJECT), db_int(q, TURN_RECORD), db_text(q, TURN_TITLE));
	int64_t stayed = db_int(q, TURN_A) ? l->day - db_int(q, TURN_A) : 0;
	int64_t due;

	if (!i->deal)
		i->deal = db_text(q, TURN_DEAL) ? arena_dup(mem, db_text(q, TURN_DEAL)) : NULL;
	if (db_text(q, TURN_WORD) && date_parse(db_text(q, TURN_WORD), &due)) {
		if (db_int(q, TURN_C) && due - l->day <= l->days[R_OVERLAP])
			because(l, i, R_OVERLAP, say(l->ctx, "三圈重叠", "all three circles"));
		if (due - l->day <= l->days[R_DUE])
			because(l, i, R_DUE, due_words(l, due - l->day));
	}
	if (stayed > db_int(q, TURN_B))
		because(l, i, R_STUCK, fmt(mem, in_english(l->ctx) ? "%s in \"%s\", norm %" PRId64 : "停留 %s（%s，标准 %" PRId64 "）",
		                           in_days(l, stayed), db_text(q, TURN_MORE), db_int(q, TURN_B)));
}

static void read_customer(struct turns *l, struct query *q)
{
	const char *level = db_text(q, TURN_WORD);
	enum reason r = text_eq(level, "a") ? R_SILENT_A : text_eq(level, "b") ? R_SILENT_B : text_eq(level, "c") ? R_SILENT_C : R_SILENT;
	int64_t days = l->day - instant_day(db_int(q, TURN_A));

	if (days < l->days[r] || text_eq(db_text(q, TURN_MORE), "lost"))
		return;
	because(l, turns_item(l, "customer", db_int(q, TURN_RECORD), db_text(q, TURN_TITLE)), r,
	        fmt(l->ctx->mem, db_int(q, TURN_B)
	            ? in_english(l->ctx) ? "%s silent" : "%s未联系"
	            : in_english(l->ctx) ? "never contacted, theirs for %s" : "归属 %s，从未联系", in_days(l, days)));
}

static void read_task(struct turns *l, struct query *q)
{
	struct item *i = turns_item(l, db_text(q, TURN_OBJECT), db_int(q, TURN_RECORD), db_text(q, TURN_TITLE));
	bool promise = db_int(q, TURN_C) != 0;
	bool en = in_english(l->ctx);
	const char *what = arena_dup(l->ctx->mem, db_text(q, TURN_MORE));
	const char **kept = promise ? &i->promised : &i->asked;
	const char *words;
	int64_t due = l->day;

	date_parse(db_text(q, TURN_WORD), &due);
	if (due < l->day)
		words = fmt(l->ctx->mem, promise ? en ? "promise %s overdue: %s" : "承诺过期 %s：%s"
		                                 : en ? "task %s overdue: %s" : "任务过期 %s：%s", in_days(l, l->day - due), what);
	else if (that_day(l))
		words = fmt(l->ctx->mem, promise ? en ? "promise due that day: %s" : "当天到期的承诺：%s"
		                                 : en ? "task due that day: %s" : "当天到期的任务：%s", what);
	else
		words = fmt(l->ctx->mem, promise ? en ? "promise due today: %s" : "今天到期的承诺：%s"
		                                 : en ? "task due today: %s" : "今天到期的任务：%s", what);
	because(l, i, promise ? R_PROMISE : R_TASK, words);
	if (!*kept)
		*kept = what;
}

static void read_planned(struct turns *l, struct query *q)
{
	struct item *i = turns_item(l, db_text(q, TURN_OBJECT), db_int(q, TURN_RECORD), db_text(q, TURN_TITLE));
	int64_t at = db_int(q, TURN_A);
	int64_t days = l->day - instant_day(at);
	int minute = instant_minute(at);
	bool en = in_english(l->ctx);

	because(l, i, R_PLANNED, days > 0
		? fmt(l->ctx->mem, en ? "planned %s ago, not done" : "%s前计划，还没有做", in_days(l, days))
		: fmt(l->ctx->mem, en ? "planned at %02d:%02d" : "计划 %02d:%02d", minute / 60, minute % 60));
}

static void read_lead(struct turns *l, struct query *q)
{
	int64_t hours = (l->ctx->now - db_int(q, TURN_A)) / 3600000;
	bool en = in_english(l->ctx);

	because(l, turns_item(l, "lead", db_int(q, TURN_RECORD), db_text(q, TURN_TITLE)), R_LEAD, hours < 48
		? fmt(l->ctx->mem, en ? "new lead, %" PRId64 " hours without contact" : "新线索，收到 %" PRId64 " 小时未联系", hours > 0 ? hours : 0)
		: fmt(l->ctx->mem, en ? "new lead, %s without contact" : "新线索，收到 %s未联系", in_days(l, hours / 24)));
}

/* Up and done are for the day; later until its day; never for good.  The latest counts. */
static void read_mark(struct turns *l, struct query *q)
{
	struct item *i = turns_item(l, db_text(q, TURN_OBJECT), db_int(q, TURN_RECORD), NULL);
	const char *choice = db_text(q, TURN_WORD);
	const char *day = db_text(q, TURN_MORE);

	if (db_int(q, TURN_A) < i->mark)
		return;
	i->mark = db_int(q, TURN_A);
	i->up = text_eq(choice, "up") && text_eq(day, l->date);
	i->hidden = text_eq(choice, "never") || (text_eq(choice, "done") && text_eq(day, l->date)) ||
	            (text_eq(choice, "later") && strcmp(day, l->date) > 0);
}

/*
 * The order
 */

static int by_turn(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;

	if (x->up != y->up)
		return x->up ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return strcmp(x->object, y->object);
}

void turns_sort(struct turns *l)
{
	array_sort(l->items, l->n, sizeof *l->items, by_turn);
}

void turns_begin(struct turns *l, struct ctx *ctx, const char *date)
{
	*l = (struct turns){ .ctx = ctx, .date = date, .day = value_day(v_text(date)) };
	for (int r = 0; r < REASONS; r++) {
		l->weight[r] = declared[r].weight;
		l->days[r] = declared[r].days;
	}
}

void turns_read(struct turns *l, struct query *q)
{
	static void (*const readers[PART_MORE])(struct turns *l, struct query *q) = {
		[PART_POINTS] = read_points, [PART_DEAL] = read_deal, [PART_CUSTOMER] = read_customer, [PART_TASK] = read_task,
		[PART_PLANNED] = read_planned, [PART_LEAD] = read_lead, [PART_MARK] = read_mark,
	};

	readers[db_int(q, TURN_PART)](l, q);
}

const char *turns_reasons(const struct turns *l, const struct item *i)
{
	struct text words;

	text_init(&words, l->ctx->mem);
	for (int r = 0; r < REASONS; r++)
		if (i->why[r])
			text_addf(&words, "%s%s", words.len ? say(l->ctx, "；", "; ") : "", i->why[r]);
	return words.s;
}

static void write_item(struct turns *l, struct report_call *call, const struct item *i, int64_t place)
{
	struct text points;

	text_init(&points, l->ctx->mem);
	for (int r = 0; r < REASONS; r++)
		if (i->why[r])
			text_addf(&points, "%s%s %" PRId64, points.len ? " + " : "", declared[r].name, l->weight[r]);
	report_row(l->ctx, call, (struct cell[]){
		{ "place", v_int(place) },
		{ "title", v_text(i->title) },
		{ "reasons", v_text(turns_reasons(l, i)) },
		{ "score", v_int(i->score) },
		{ "points", v_text(points.s) },
		{ "up", v_int(i->up) },
		{ "object", v_text(i->object) },
		{ "record", v_int(i->record) },
		{ "open", v_text(fmt(l->ctx->mem, "%s?id=eq.%" PRId64, i->object, i->record)) },
		{ 0 } });
}

static bool today_list(struct ctx *ctx, struct report_call *call)
{
	struct turns l;
	struct query *q = call->figures;
	int64_t most = value_id(report_param(call, "most"));
	int64_t place = 0;

	turns_begin(&l, ctx, ctx->today);
	while (db_next(q))
		turns_read(&l, q);
	turns_sort(&l);
	for (size_t i = 0; i < l.n && place < most; i++)
		if (!l.items[i].hidden && l.items[i].score > 0)
			write_item(&l, call, &l.items[i], ++place);
	return true;
}

/*
 * Did it pay
 */

struct band {
	int64_t n[2], moved[2];         /* not followed, followed */
};

static struct value percent(double share)
{
	return v_int((int64_t)floor(share * 10000 + 0.5));
}

enum { FEW = 20 };

static void write_band(struct ctx *ctx, struct report_call *call, const char *name, const struct band *b)
{
	double rate[2] = { 0 };
	double low[2] = { 0 };
	double high[2] = { 0 };
	bool known = b->n[0] > 0 && b->n[1] > 0;
	bool few = b->n[0] < FEW || b->n[1] < FEW;
	double difference;
	double from;
	double to;

	for (int i = 0; i < 2; i++) {
		if (b->n[i] == 0)
			continue;
		rate[i] = (double)b->moved[i] / (double)b->n[i];
		stat_wilson(b->moved[i], b->n[i], &low[i], &high[i]);
	}
	/* Newcombe 1998, of two Wilson intervals. */
	difference = rate[1] - rate[0];
	from = difference - hypot(rate[1] - low[1], high[0] - rate[0]);
	to = difference + hypot(high[1] - rate[1], rate[0] - low[0]);
	report_row(ctx, call, (struct cell[]){
		{ "band", v_text(name) },
		{ "followed", v_int(b->n[1]) },
		{ "followed_rate", b->n[1] ? percent(rate[1]) : v_null() },
		{ "followed_low", b->n[1] ? percent(low[1]) : v_null() },
		{ "followed_high", b->n[1] ? percent(high[1]) : v_null() },
		{ "skipped", v_int(b->n[0]) },
		{ "skipped_rate", b->n[0] ? percent(rate[0]) : v_null() },
		{ "skipped_low", b->n[0] ? percent(low[0]) : v_null() },
		{ "skipped_high", b->n[0] ? percent(high[0]) : v_null() },
		{ "difference", known ? percent(difference) : v_null() },
		{ "difference_low", known ? percent(from) : v_null() },
		{ "difference_high", known ? percent(to) : v_null() },
		{ "reading", v_text(few ? say(ctx, "数据不足", "Not enough data")
		    : from > 0 ? say(ctx, "照做的进展更多；不是试验，不能断定是因为照做", "Those followed moved more; no experiment: not proven to be because of it")
		    : to < 0 ? say(ctx, "照做的进展更少；不是试验，也可能先做了更难的", "Those followed moved less; no experiment: perhaps the harder ones came first")
		    : say(ctx, "看不出差别", "No difference to be seen")) },
		{ 0 } });
}

static bool today_effect(struct ctx *ctx, struct report_call *call)
{
	static const char *const names[] = { "top", "middle", "rest", "all" };
	struct band bands[LENGTH(names)] = { 0 };
	struct query *q = call->figures;

	while (db_next(q)) {
		size_t at = (size_t)db_int(q, 0) - 1;
		size_t followed = db_int(q, 1) != 0;

		bands[at].n[followed] += db_int(q, 2);
		bands[at].moved[followed] += db_int(q, 3);
		bands[LENGTH(names) - 1].n[followed] += db_int(q, 2);
		bands[LENGTH(names) - 1].moved[followed] += db_int(q, 3);
	}
	for (size_t i = 0; i < LENGTH(names); i++)
		write_band(ctx, call, names[i], &bands[i]);
	return true;
}

/* Reasons that this store does not know yet, also of a later version. */
static bool add_reasons(struct ctx *ctx)
{
	for (int r = 0; r < REASONS; r++) {
		int64_t id;

		if (!record_find(ctx, "today_reason", fmt(ctx->mem, "reason=eq.%s", declared[r].name), &id))
			return false;
		if (!id && !record_create(ctx, "today_reason", (struct cell[]){
		        { "reason", v_text(declared[r].name) }, { "name", v_text(declared[r].zh) }, { "name_en", v_text(declared[r].en) },
		        { "weight", v_int(declared[r].weight) }, { "days", v_id(declared[r].days) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

/* S04-28: who chases everything catches nothing. */
static bool few_enough(struct ctx *ctx, const struct change *c)
{
	int64_t most = setting_int(ctx, "focus_most");
	int64_t n;

	if (!ctx_get_int(ctx, scope_sql(ctx, "today_mark",
		"SELECT count(*) FROM (SELECT DISTINCT object, record FROM today_mark WHERE owner = $owner AND day = $day AND choice = 'up'"
		" AND NOT (object = $object AND record = $record)) m"),
		(struct bind[]){ { "owner", change_new(c, "owner") }, { "day", change_new(c, "day") }, { "object", change_new(c, "object") },
		                 { "record", change_new(c, "record") }, { 0 } }, 0, &n))
		return false;
	return n < most || fail(ctx, ERR_INVALID, "choice", "一天最多 %d 个重点：先取消一个，再选这个", "At most %d a day: take one back first", (int)most);
}

/* Later means tomorrow at the earliest. */
static bool mark_before(struct ctx *ctx, struct change *c)
{
	struct value until = change_new(c, "until");

	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;
	if (value_is(change_new(c, "choice"), "up") && !few_enough(ctx, c))
		return false;
	if (!value_is(change_new(c, "choice"), "later")) {
		change_set(c, "until", v_null());
		return true;
	}
	if (value_empty(until))
		change_set(c, "until", v_text(date_text(ctx->mem, instant_day(ctx->now) + 1)));
	else if (change_has(c, "until") && strcmp(until.s, ctx->today) <= 0)
		return fail(ctx, ERR_INVALID, "until", "请选今天以后的日期", "Choose a day after today");
	return true;
}

const struct module today_module = {
	.name = "today",
	.hooks = (const struct hook[]){
		{ "today_mark", HOOK_BEFORE, mark_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "today_list", today_list },
		{ "today_effect", today_effect },
		{ "plan_proposal", plan_proposal },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "today_offers", "daily 05:00", today_offers, { "今日：挑选要联系的客户", "Today: choose customers to contact" } },
		{ "today_judge", "daily 05:10", today_judge, { "今日：检验建议的效果", "Today: judge what was suggested" } },
		{ 0 },
	},
	.seed = add_reasons,
};
