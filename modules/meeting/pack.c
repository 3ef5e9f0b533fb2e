/*
 * What a meeting looks at.  A topic is a list of records of whoever has a seat, never a number: numbers are
 * counted when somebody reads the pack, from what that reader may see.
 */
#include "modules/meeting/meeting_inner.h"

enum { MORNING = 1, EVENING = 2, WEEKLY = 4, PROJECT = 8 };

/* In the order of the columns of meeting_pack.sql; `amount`: the next column is the sum that goes with it. */
static const struct {
	const char *part, *zh, *en;
	unsigned kinds;
	bool amount;
	const char *list;               /* $people, and the days $since, $until, $after (until + 1), $day, $ahead, $monday */
} parts[] = {
	{ "won", "成交", "Won", MORNING | EVENING | WEEKLY, true, "opportunity?owner=in.($people)&result=eq.won&closed_on=gte.$since&closed_on=lte.$until" },
	{ "visits", "拜访", "Visits", MORNING | EVENING | WEEKLY, false, "activity?owner=in.($people)&kind=eq.visit&state=eq.done&done_at=gte.$since&done_at=lt.$after" },
	{ "reports", "日报", "Daily reports", MORNING | EVENING, false, "daily_report?owner=in.($people)&day=gte.$since&day=lte.$until&submitted_at=is.notnull" },
	{ "missing", "没有交的日报", "Daily reports missing", MORNING | EVENING, false, "daily_report?owner=in.($people)&day=gte.$since&day=lte.$until&state=eq.draft" },
	{ "weeks", "周报", "Weekly reports", WEEKLY, false, "week_report?owner=in.($people)&monday=gte.$monday&monday=lt.$day" },
	{ "abnormal", "异常", "Anomalies", MORNING | WEEKLY, false, "task?owner=in.($people)&origin=like.alert/*&state=eq.open" },
	{ "market", "市场反映", "Market reports", EVENING | WEEKLY, false, "market_form?owner=in.($people)&day=gte.$since&day=lte.$until" },
	{ "complaints", "投诉", "Complaints", EVENING | WEEKLY, false, "complaint?owner=in.($people)&received_on=gte.$since&received_on=lte.$until" },
	{ "plans", "访问计划", "Visit plans", MORNING | EVENING, false, "visit_plan?owner=in.($people)&day=eq.$ahead" },
	{ "promises", "到期的承诺", "Promises due", MORNING | WEEKLY | PROJECT, false, "promise?owner=in.($people)&state=in.(open,overdue)&due_on=lte.$ahead" },
	{ "overdue", "逾期的任务", "Overdue tasks", WEEKLY | PROJECT, false, "task?owner=in.($people)&state=eq.open&due_on=lt.$day" },
	{ "actions", "会上定的、未完成的行动", "Open actions of meetings", MORNING | EVENING | WEEKLY | PROJECT, false, "task?owner=in.($people)&state=eq.open&meeting=is.notnull" },
};

static unsigned kind_bit(const char *kind)
{
	return text_eq(kind, "morning") ? MORNING : text_eq(kind, "evening") ? EVENING
	     : text_eq(kind, "weekly") ? WEEKLY : text_eq(kind, "project") ? PROJECT : 0;
}

struct meeting_days meeting_days(const char *kind, int64_t day)
{
	if (text_eq(kind, "morning"))   /* since the last working day, its weekend included */
		return (struct meeting_days){ calendar_add_workdays(day, -1), day - 1, day };
	if (text_eq(kind, "evening"))
		return (struct meeting_days){ day, day, calendar_add_workdays(day, 1) };
	return (struct meeting_days){ day - 7, day - 1, day };
}

/* What stands for the words of a list. */
struct words {
	const char *people, *since, *until, *after, *day, *ahead, *monday;
};

static const char *word(const struct words *w, const char *p, size_t *ret_length)
{
	const struct { const char *name, *value; } known[] = {
		{ "$people", w->people }, { "$since", w->since }, { "$until", w->until }, { "$after", w->after },
		{ "$day", w->day }, { "$ahead", w->ahead }, { "$monday", w->monday },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (text_starts(p, known[i].name)) {
			*ret_length = strlen(known[i].name);
			return known[i].value;
		}
	return NULL;
}

static const char *fill(struct ctx *ctx, const char *list, const struct words *w)
{
	struct text out;

	text_init(&out, ctx->mem);
	while (*list) {
		size_t n = 0;
		const char *value = *list == '$' ? word(w, list, &n) : NULL;

		if (value)
			text_add(&out, value);
		else
			text_addc(&out, *list);
		list += value ? n : 1;
	}
	return out.s;
}

static struct words words_of(struct ctx *ctx, const char *people, int64_t day, int64_t since, int64_t until, int64_t ahead)
{
	return (struct words){
		.people = people, .since = date_text(ctx->mem, since), .until = date_text(ctx->mem, until),
		.after = date_text(ctx->mem, until + 1), .day = date_text(ctx->mem, day), .ahead = date_text(ctx->mem, ahead),
		.monday = date_text(ctx->mem, day - 13),
	};
}

/*
 * The agenda
 */

static bool people_of(struct ctx *ctx, int64_t meeting, const char **ret)
{
	struct text out;
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "meeting_seat", "SELECT member FROM meeting_seat WHERE meeting = $meeting ORDER BY member"),
	             (struct bind[]){ { "meeting", v_int(meeting) }, { 0 } }, &ids, &n))
		return false;
	text_init(&out, ctx->mem);
	for (size_t i = 0; i < n; i++)
		text_addf(&out, "%s%" PRId64, i ? "," : "", ids[i]);
	*ret = out.len ? out.s : NULL;
	return true;
}

static bool put_topic(struct ctx *ctx, int64_t meeting, size_t i, bool english, const char *list)
{
	struct value link = v_text(fmt(ctx->mem, "/o/%s", list));
	int64_t there;

	if (!record_find(ctx, "meeting_item", fmt(ctx->mem, "meeting=eq.%" PRId64 "&part=eq.%s", meeting, parts[i].part), &there))
		return false;
	return there ? record_update(ctx, "meeting_item", there, (struct cell[]){ { "records", link }, { 0 } })
	             : record_create(ctx, "meeting_item", (struct cell[]){
		{ "meeting", v_int(meeting) }, { "position", v_int((int64_t)i + 1) }, { "part", v_text(parts[i].part) },
		{ "topic", v_text(english ? parts[i].en : parts[i].zh) }, { "records", link }, { 0 } }, NULL);
}

bool agenda_write(struct ctx *ctx, int64_t meeting)
{
	static const char *const fields[] = { "kind", "day", "since", "until", "ahead", "owner" };
	struct value v[LENGTH(fields)];
	struct value language;
	const char *people;
	struct words w;

	for (size_t i = 0; i < LENGTH(fields); i++)
		if (!record_get(ctx, "meeting", meeting, fields[i], &v[i]))
			return false;
	if (!record_get(ctx, "member", value_id(v[5]), "language", &language) || !people_of(ctx, meeting, &people))
		return false;
	w = words_of(ctx, people, value_day(v[1]), value_day(v[2]), value_day(v[3]), value_day(v[4]));
	for (size_t i = 0; people && i < LENGTH(parts); i++)
		if ((parts[i].kinds & kind_bit(v[0].s)) &&
		    !put_topic(ctx, meeting, i, value_is(language, "en"), fill(ctx, parts[i].list, &w)))
			return false;
	return true;
}

/*
 * Reports
 */

enum { P_MEMBER, P_KIND, P_DAY, P_SINCE, P_UNTIL, P_AHEAD, P_MONDAY, P_FIRST };

bool meeting_pack(struct ctx *ctx, struct report_call *call)
{
	int64_t numbers[2 * LENGTH(parts)] = { 0 };
	struct query *q = call->figures;
	struct text people;
	unsigned kind = 0;
	struct words w = { 0 };
	size_t column = 0;

	text_init(&people, ctx->mem);
	while (db_next(q)) {
		int64_t day = value_day(db_value(q, P_DAY));

		text_addf(&people, "%s%" PRId64, people.len ? "," : "", db_int(q, P_MEMBER));
		if (kind)
			continue;       /* each row has the same figures */
		kind = kind_bit(db_text(q, P_KIND));
		w = words_of(ctx, NULL, day, value_day(db_value(q, P_SINCE)), value_day(db_value(q, P_UNTIL)), value_day(db_value(q, P_AHEAD)));
		for (size_t i = 0; i < LENGTH(parts); i++) {
			numbers[2 * i] = db_int(q, P_FIRST + column++);
			numbers[2 * i + 1] = parts[i].amount ? db_int(q, P_FIRST + column++) : 0;
		}
	}
	w.people = people.s;
	for (size_t i = 0; i < LENGTH(parts); i++)
		if (parts[i].kinds & kind)
			report_row(ctx, call, (struct cell[]){
				{ "part", v_text(say(ctx, parts[i].zh, parts[i].en)) }, { "number", v_int(numbers[2 * i]) },
				{ "amount", parts[i].amount ? v_int(numbers[2 * i + 1]) : v_null() },
				{ "open", v_text(fill(ctx, parts[i].list, &w)) }, { 0 } });
	return true;
}

/* The name of a choice, in the reader's language. */
static const char *choice_name(struct ctx *ctx, const char *object, const char *field, const char *value)
{
	const struct choice *c = value ? field_choice(object_field(schema_object(ctx->schema, object), field), value) : NULL;

	return c ? label_in(c->label, in_english(ctx) ? "en" : "zh") : NULL;
}

static void add_line(struct text *out, const char *name, const char *what)
{
	if (what && *what)
		text_addf(out, "%s%s%s", out->len ? "\n" : "", name, what);
}

bool meeting_minutes(struct ctx *ctx, struct report_call *call)
{
	enum { PART, PLACE, WHO, TEXT, TEXT2, TEXT3, DAY, STATE, ID };
	static const struct { const char *section, *object, *state; } sections[] = {
		{ "head", "meeting", "state" }, { "points", "meeting_item", NULL }, { "role", "meeting_seat", "state" },
		{ "decision", "meeting_item", NULL }, { "action", "task", "state" } };
	struct query *q = call->figures;

	while (db_next(q)) {
		size_t i = (size_t)db_int(q, PART) - 1;
		bool role = i == 2;
		const char *state = sections[i].state ? choice_name(ctx, sections[i].object, sections[i].state, db_text(q, STATE)) : NULL;
		struct text what;

		text_init(&what, ctx->mem);
		add_line(&what, role ? say(ctx, "进展：", "Progress: ") : "", db_text(q, TEXT));
		add_line(&what, role ? say(ctx, "问题：", "Problems: ") : say(ctx, "完成情况：", "Done: "), db_text(q, TEXT2));
		add_line(&what, say(ctx, "办法：", "Proposals: "), db_text(q, TEXT3));
		report_row(ctx, call, (struct cell[]){
			{ "section", v_text(sections[i].section) }, { "who", v_text(arena_dup(ctx->mem, db_text(q, WHO))) },
			{ "text", what.len ? v_text(what.s) : v_null() }, { "due_on", db_value(q, DAY) }, { "state", v_text(state) },
			{ "open", v_text(fmt(ctx->mem, "%s?id=eq.%" PRId64, sections[i].object, db_int(q, ID))) }, { 0 } });
	}
	return true;
}
