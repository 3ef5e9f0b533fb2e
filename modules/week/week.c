/*
 * Week: the weekly management report of each team with a leader (S01-60).  Prepared on Monday at 0:00
 * for the week that ended, completed and submitted by the leader, and from then on never changed.
 *
 * Its figures are read through the leader's own views: nobody is told a total of rows they may not see.
 */
#include "engine/module.h"

/* The report's week, and whose rows count. */
struct span {
	const char *monday, *sunday;
	int64_t from, to;               /* instants */
	int64_t team;
};

static bool span_of(struct ctx *ctx, const struct change *c, struct span *ret)
{
	struct value monday = change_new(c, "monday");
	int64_t day;

	if (monday.kind != V_TEXT || !date_parse(monday.s, &day))
		return false;
	*ret = (struct span){ .monday = monday.s, .sunday = date_text(ctx->mem, day + 6), .from = day_start(day),
	                      .to = day_start(day + 7), .team = value_id(change_new(c, "team")) };
	return true;
}

static struct query *read_over(struct ctx *ctx, const char *objects, const char *select, const struct span *s)
{
	return ctx_query(ctx, scope_sql(ctx, objects, select), (struct bind[]){
		{ "monday", v_text(s->monday) }, { "sunday", v_text(s->sunday) }, { "from", v_int(s->from) },
		{ "to", v_int(s->to) }, { "team", v_int(s->team) }, { 0 } });
}

#define THEIRS "owner IN (SELECT id FROM member WHERE team = $team)"
/* CROSS JOIN: each member's visits of the week from the index; SQLite would rather read all that was ever done. */
#define VISITS "FROM member m CROSS JOIN activity a WHERE m.team = $team AND a.owner = m.id AND a.kind = 'visit'" \
               " AND a.state = 'done' AND a.done_at >= $from AND a.done_at < $to"
/* Each view that stands in a statement once more is planned once more: PostgreSQL takes longer for that than for the rows. */
#define DUE "count(*) AS due, count(*) FILTER (WHERE on_time = 1) AS on_time, count(*) FILTER (WHERE state = 'signed') AS signed"
#define FORMS(of) "FROM " of " WHERE " THEIRS " AND day >= $monday AND day <= $sunday AND state <> 'excused'"

static bool read_figures(struct ctx *ctx, struct change *c, const struct span *s, int64_t *ret_plan_target)
{
	static const char *const figures[] = { "visits", "effective", "dealt", "heads", "forms_due",
		"forms_on_time", "forms_signed" };
	struct query *q = read_over(ctx, "member activity visit_plan daily_report",
		"SELECT v.visits, v.effective, v.dealt,"
		" r.heads, p.due + r.due, p.on_time + r.on_time, p.signed + r.signed, p.target"
		" FROM (SELECT " DUE ", coalesce(sum(collection_target), 0) AS target " FORMS("visit_plan") ") p"
		" CROSS JOIN (SELECT " DUE ", count(DISTINCT owner) AS heads " FORMS("daily_report") ") r"
		" CROSS JOIN (SELECT count(*) AS visits,"
		"  count(*) FILTER (WHERE a.effective = 1) AS effective,"
		"  count(*) FILTER (WHERE a.effective = 1 AND a.ordered = 1) AS dealt " VISITS ") v", s);

	if (!q)
		return false;
	if (db_next(q)) {
		for (size_t i = 0; i < LENGTH(figures); i++)
			change_set(c, figures[i], v_int(db_int(q, i)));
		*ret_plan_target = db_int(q, LENGTH(figures));
		/* Of all visits, where the company counts so: a visit with an order is an effective one, too. */
		change_set(c, "deal_base", change_new(c, text_eq(metric_named(ctx, "deal_rate")->name, "deal_rate_all") ? "visits" : "effective"));
	}
	db_done(q);
	return true;
}

static bool is_among(const int64_t *ids, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Sales, money and new customers of the week: of what counts as such, whose name stands with them. */
static bool read_reached(struct ctx *ctx, struct change *c, const struct span *s)
{
	static const struct { const char *metric, *basis, *figure; } aims[] = {
		{ "sales_amount", "sales_basis", "sales" },
		{ "collected_amount", "collected_basis", "collected" },
		{ "new_customers", "new_basis", "new_customers" },
	};
	int64_t *theirs;
	size_t n_theirs;

	if (!ctx_ids(ctx, scope_sql(ctx, "member", "SELECT id FROM member WHERE team = $team"),
	             (struct bind[]){ { "team", v_int(s->team) }, { 0 } }, &theirs, &n_theirs))
		return false;
	for (size_t i = 0; i < LENGTH(aims); i++) {
		const struct metric *m = metric_named(ctx, aims[i].metric);
		struct metric_piece *pieces = NULL;
		size_t n = 0;
		int64_t sum = 0;

		if (metric_may(ctx, m) && !metric_pieces(ctx, m, &(struct metric_cut){ .from = s->monday, .to = s->sunday, .whole = true }, &pieces, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (is_among(theirs, n_theirs, pieces[k].member))
				sum += pieces[k].top;
		change_set(c, aims[i].basis, v_text(m->name));
		change_set(c, aims[i].figure, v_int(sum));
	}
	return true;
}

/* Lines "· text (n)", what was there most first; NULL: nothing. */
static bool read_lines(struct ctx *ctx, const char *objects, const char *select, const struct span *s,
                       struct value *ret)
{
	struct query *q = read_over(ctx, objects, select, s);
	struct text out;

	text_init(&out, ctx->mem);
	if (!q)
		return false;
	while (db_next(q)) {
		if (out.len)
			text_add(&out, "\n");
		text_addf(&out, "· %s", db_text(q, 0));
		if (db_int(q, 1) > 1)
			text_addf(&out, " × %" PRId64, db_int(q, 1));
	}
	db_done(q);
	*ret = out.len ? v_text(utf8_cut(ctx->mem, out.s, 20000)) : v_null();
	return true;
}

static bool read_events(struct ctx *ctx, struct change *c, const struct span *s)
{
	struct value competitors;
	struct value abnormal;

	if (!read_lines(ctx, "member competitor_event market_form daily_report",
	        "SELECT e.title, count(*) FROM competitor_event e JOIN ("
	        " SELECT event FROM market_form WHERE " THEIRS " AND day >= $monday AND day <= $sunday"
	        " UNION ALL SELECT competitor_event FROM daily_report WHERE " THEIRS " AND day >= $monday AND day <= $sunday"
	        "  AND state IN ('submitted', 'signed')) f ON f.event = e.id"
	        " WHERE e.state <> 'dismissed' GROUP BY e.id, e.title ORDER BY 2 DESC, e.id LIMIT 50", s, &competitors) ||
	    !read_lines(ctx, "member complaint market_form customer lifecycle_move",
	        fmt(ctx->mem, "SELECT title, 1 FROM (SELECT title, received_on AS day, id FROM complaint WHERE " THEIRS
	        "  AND received_on >= $monday AND received_on <= $sunday"
	        " UNION ALL SELECT title, day, id FROM market_form WHERE " THEIRS
	        "  AND day >= $monday AND day <= $sunday AND kind IN ('dealer', 'personnel')"
	        " UNION ALL SELECT '%s' || c.name, v.moved_on, v.id FROM lifecycle_move v JOIN customer c ON c.id = v.customer"
	        "  WHERE v.moved_on >= $monday AND v.moved_on <= $sunday AND v.kind = 'sleeping' AND c." THEIRS ") f"
	        " ORDER BY day, title, id LIMIT 100", say(ctx, "不再下单：", "No longer buys: ")), s, &abnormal))
		return false;
	change_set(c, "competitors", competitors);
	change_set(c, "abnormal", abnormal);
	return true;
}

/* What the last report of this team set for the next week. */
static bool last_target(struct ctx *ctx, const struct span *s, struct value *ret)
{
	int64_t day = 0;
	int64_t last;

	*ret = v_null();
	(void)date_parse(s->monday, &day);
	if (!record_find(ctx, "week_report", fmt(ctx->mem, "team=eq.%" PRId64 "&monday=eq.%s", s->team,
	                                         date_text(ctx->mem, day - 7)), &last))
		return false;
	return !last || record_get(ctx, "week_report", last, "next_target", ret);
}

/* The team's target in force for a week, as the caller sees it; null: there is none. */
static bool target_of(struct ctx *ctx, const struct span *s, const char *metric, int weeks, struct value *ret)
{
	struct report_line *line;
	int64_t monday = 0;

	(void)date_parse(s->monday, &monday);
	*ret = v_null();
	if (!report_rows(ctx, "target_span", (struct bind[]){
	        { "metric", v_text(metric) }, { "team", v_text(fmt(ctx->mem, "%" PRId64, s->team)) },
	        { "from", v_text(date_text(ctx->mem, monday + 7 * weeks)) },
	        { "to", v_text(date_text(ctx->mem, monday + 7 * weeks + 6)) }, { 0 } }, &line))
		return false;
	if (line)
		*ret = report_value(line, "target");
	return true;
}

/* What it begins with: the targets in force, else what the last report and the plans of the week set. */
static bool read_targets(struct ctx *ctx, struct change *c, const struct span *s, int64_t planned)
{
	struct value sales, collections, next;

	if (!target_of(ctx, s, "sales_amount", 0, &sales) || !target_of(ctx, s, "collected_amount", 0, &collections) ||
	    !target_of(ctx, s, "sales_amount", 1, &next))
		return false;
	/* The last report may have been another leader's. */
	const struct member *leader = ctx_as_system(ctx);
	bool ok = sales.kind != V_NULL || last_target(ctx, s, &sales);

	ctx_as(ctx, leader);
	if (collections.kind == V_NULL && planned)
		collections = v_int(planned);
	change_set(c, "sales_target", sales);
	change_set(c, "collection_target", collections);
	change_set(c, "next_target", next);
	return ok;
}

/* The figures as the leader may see them. */
static bool fill(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx->me;
	struct member leader;
	struct span s;
	int64_t planned = 0;
	bool found;
	bool ok;

	if (!span_of(ctx, c, &s) || !member_load(ctx, value_id(change_new(c, "owner")), &leader, &found))
		return ctx->kind == ERR_NONE;
	if (!found)
		return true;
	ctx_as(ctx, &leader);
	ok = read_figures(ctx, c, &s, &planned) && read_reached(ctx, c, &s) && read_events(ctx, c, &s) &&
	     (change_act(c) != CHANGE_CREATE || read_targets(ctx, c, &s, planned));
	ctx_as(ctx, me);
	return ok;
}

static bool submit(struct ctx *ctx, struct change *c)
{
	bool ok = true;

	if (change_new(c, "next_target").kind == V_NULL)
		ok = fail(ctx, ERR_INVALID, "next_target", "请填写下周目标", "Set next week's target");
	if (value_empty(change_new(c, "next_plan")))
		ok = fail(ctx, ERR_INVALID, "next_plan", "请填写下周计划", "Write next week's plan");
	change_set(c, "submitted_at", v_int(ctx->now));
	change_set(c, "on_time", v_int(ctx->now <= value_id(change_new(c, "due_at"))));
	return ok;
}

static bool week_before(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	me = ctx_as_system(ctx);
	ok = fill(ctx, c) && (!value_is(change_new(c, "state"), "submitted") || submit(ctx, c));
	ctx_as(ctx, me);
	return ok;
}

/*
 * Monday
 */

/* Each team with a leader and somebody who owed forms: a report of its own, in a job of its own. */
static bool prepare_all(struct ctx *ctx, const struct json *args)
{
	int64_t today = instant_day(ctx->now);
	int64_t monday = json_int(args, "monday", today - date_weekday(today) + 1 - 7);
	int64_t *teams;
	size_t n;
	const char *sql = scope_sql(ctx, "team member daily_report",
		"SELECT DISTINCT t.id FROM team t JOIN member m ON m.team = t.id JOIN daily_report d ON d.owner = m.id"
		" WHERE t.leader IS NOT NULL AND d.day >= $monday AND d.day <= $sunday AND d.state <> 'excused' ORDER BY 1");

	if (!ctx_ids(ctx, sql, (struct bind[]){ { "monday", v_text(date_text(ctx->mem, monday)) },
	                                          { "sunday", v_text(date_text(ctx->mem, monday + 6)) }, { 0 } }, &teams, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!job_add(ctx, "week_report", fmt(ctx->mem, "{\"team\":%" PRId64 ",\"monday\":%" PRId64 "}", teams[i], monday),
		             ctx->now, NULL))
			return false;
	return true;
}

static bool prepare_one(struct ctx *ctx, const struct json *args)
{
	int64_t team = json_int(args, "team", 0);
	int64_t monday = json_int(args, "monday", 0);
	const char *day = date_text(ctx->mem, monday);
	struct value leader;
	struct value name;
	struct value week;
	int64_t there;
	int64_t id;

	if (!record_find(ctx, "week_report", fmt(ctx->mem, "team=eq.%" PRId64 "&monday=eq.%s", team, day), &there) ||
	    !record_find(ctx, "calendar_day", fmt(ctx->mem, "day=eq.%s", day), &id))
		return false;
	if (there || !id)
		return true;
	if (!record_get(ctx, "calendar_day", id, "week", &week) || !record_get(ctx, "team", team, "leader", &leader) ||
	    !record_get(ctx, "team", team, "name", &name))
		return false;
	if (leader.kind != V_INT)
		return true;
	return record_create(ctx, "week_report", (struct cell[]){
		{ "title", v_text(fmt(ctx->mem, "%s %s", week.s, name.s)) }, { "week", week }, { "monday", v_text(day) },
		{ "team", v_int(team) }, { "owner", leader },
		{ "due_at", v_int(day_clock(monday + 7, setting_text(ctx, "week_cutoff"))) }, { 0 } }, NULL);
}

/* Not submitted in time. */
static bool remind(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return notice_missing(ctx, schema_object(ctx->schema, "week_report"));
}

const struct module week_module = {
	.name = "week",
	.hooks = (const struct hook[]){
		{ "week_report", HOOK_BEFORE, week_before },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "week_prepare", "monday 00:00", prepare_all, { "准备周报", "Prepare weekly reports" } },
		{ "week_report", NULL, prepare_one, { "准备一份周报", "Prepare one weekly report" } },
		{ "week_remind", "hourly", remind, { "提醒未交的周报", "Remind of weekly reports not handed in" } },
		{ 0 },
	},
};
