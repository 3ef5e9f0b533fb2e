#include "engine/metric.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/mutant.h"
#include "engine/setting.h"
#include "engine/type.h"

const struct metric *metric_named(struct ctx *ctx, const char *name)
{
	const struct metric *m = name ? schema_metric(ctx->schema, name) : NULL;
	const struct metric *chosen;

	if (!m || !m->setting)
		return m;
	chosen = schema_metric(ctx->schema, setting_text(ctx, m->setting));
	/* A choice of another version counts as none. */
	return chosen ? chosen : schema_metric(ctx->schema, schema_setting(ctx->schema, m->setting)->initial);
}

struct asking {
	const struct metric *m;
	const struct metric_ask *ask;
	int64_t from, to;               /* days */
	int split;                      /* 1 or 2 if by names a split, else 0 */
	const struct field *split_field;
	struct binds b;
};

static bool is_money(const struct measure *m)
{
	return m->sum && m->sum->yields == TYPE_MONEY;
}

/* How one unit of numerator ÷ denominator is written in the stored unit of what the metric yields. */
static int64_t factor(const struct metric *m)
{
	bool money = is_money(m->top) && !(m->bottom && is_money(m->bottom));

	if (m->yields == TYPE_PERCENT)
		return 10000;
	/* Money is in hundredths already; by money it is a plain number. */
	if (m->yields == TYPE_DECIMAL || m->yields == TYPE_MONEY)
		return money ? 1 : 100;
	return 1;
}

/* The field a metric's value looks like, for its type's writer. */
static struct field shape(const struct metric *m)
{
	return (struct field){ .name = m->name, .type = m->yields, .yields = m->yields, .scale = 2 };
}

static bool read_range(struct ctx *ctx, struct asking *a)
{
	int64_t today;

	if (!date_parse(ctx->today, &today))
		return false;

	struct ymd first = date_ymd(today);

	first.day = 1;
	a->from = date_days(first);
	a->to = today;
	if (a->ask->from && !date_parse(a->ask->from, &a->from))
		return fail(ctx, ERR_INVALID, "from", "日期写作 2026-01-31", "Write dates as 2026-01-31");
	if (a->ask->to && !date_parse(a->ask->to, &a->to))
		return fail(ctx, ERR_INVALID, "to", "日期写作 2026-01-31", "Write dates as 2026-01-31");
	if (a->to < a->from)
		return fail(ctx, ERR_INVALID, "to", "结束日期早于开始日期", "The end lies before the beginning");
	return true;
}

/* Everything a measure reads is there for the caller. */
static bool measure_may(struct ctx *ctx, const struct measure *m)
{
	struct list l;

	if (!scope_may(ctx, m->object, ACT_READ) || !scope_field_read(ctx, m->on) ||
	    !scope_field_read(ctx, m->by) || (m->sum && !scope_field_read(ctx, m->sum)))
		return false;
	if (query_parse(ctx, m->object, m->where, &l))
		return true;
	ctx_forget(ctx);
	return false;
}

bool metric_may(struct ctx *ctx, const struct metric *m)
{
	return measure_may(ctx, m->top) && (!m->bottom || measure_may(ctx, m->bottom));
}

/* The field behind "purpose" or "customer.region", if it exists for the caller. */
static const struct field *path_field(struct ctx *ctx, const struct object *o, const char *path)
{
	const char *dot = strchr(path, '.');
	const struct field *f =
		scope_field(ctx, o, dot ? arena_dupn(ctx->mem, path, (size_t)(dot - path)) : path);

	if (!dot || !f)
		return f;
	return scope_may(ctx, f->to, ACT_READ) ? scope_field(ctx, f->to, dot + 1) : NULL;
}

const struct field *metric_split(struct ctx *ctx, const struct metric *m, size_t i)
{
	const char *path = m->top->split[i];
	const struct field *f = path ? path_field(ctx, m->top->object, path) : NULL;

	/* Both measures are counted under it, or there is nothing to divide by. */
	if (f && m->bottom && (!text_eq(m->bottom->split[i], path) ||
	                       !path_field(ctx, m->bottom->object, path)))
		return NULL;
	return f;
}

static bool read_by(struct ctx *ctx, struct asking *a)
{
	static const char *const words[] = { "member", "team", "day", "week", "month" };
	const char *by = a->ask->by;

	if (!by || !*by)
		return true;
	for (size_t i = 0; i < LENGTH(words); i++)
		if (text_eq(by, words[i]))
			return true;
	for (size_t i = 0; i < LENGTH(a->m->top->split); i++) {
		const struct field *f = text_eq(by, a->m->top->split[i]) ? metric_split(ctx, a->m, i) : NULL;

		if (f) {
			a->split = (int)i + 1;
			a->split_field = f;
		}
	}
	if (!a->split)
		return fail(ctx, ERR_INVALID, "by", "不能按“%s”分组", "Cannot group by \"%s\"", by);
	return true;
}

/* The level of t_reach that a reach through the organisation ends at; -1: another reach. */
static int level_of(enum reach reach)
{
	return reach == REACH_TEAM ? 1 : reach == REACH_TREE ? 2 : -1;
}

/*
 * Rows of the persons within reach, one by one: totals lie in order of the day within each person only, so that of
 * everybody, too, a few days are read and not all that ever were.
 */
static void persons_sql(struct ctx *ctx, enum reach reach, struct text *out)
{
	switch (reach) {
	case REACH_NONE:
		text_add(out, "0 = 1");
		break;
	case REACH_OWN:
		text_add(out, "t.member = $me");
		break;
	case REACH_TEAM:
	case REACH_TREE:
		text_addf(out, "t.member IN (SELECT member FROM t_reach WHERE viewer = $me AND level <= %d)", level_of(reach));
		break;
	case REACH_ALL:
		text_addf(out, "t.member IN (SELECT id FROM %s)", scope_table(ctx->mem, schema_object(ctx->schema, "member")));
		break;
	}
}

static enum reach totals_reach(struct ctx *ctx, const struct measure *m)
{
	return scope_reach(MUTANT_CTX(20, ctx), m->object, ACT_READ);
}

/*
 * Whose totals the caller may see.  With every reach and no wish for persons
 * the row of everybody does; otherwise rows of persons within reach.
 */
static void member_sql(struct ctx *ctx, struct asking *a, struct text *out)
{
	enum reach reach = totals_reach(ctx, a->m->top);
	bool persons = text_eq(a->ask->by, "member") || text_eq(a->ask->by, "team") ||
	               a->ask->member || a->ask->team;

	if (reach == REACH_ALL && !persons) {
		text_add(out, "t.member = 0");
		return;
	}
	persons_sql(ctx, reach, out);
	if (a->ask->member) {
		text_add(out, " AND t.member = $member");
		bind_named(ctx, &a->b, "member", v_int(a->ask->member));
	}
	if (a->ask->team) {
		text_add(out, " AND t.member IN (SELECT id FROM member WHERE team = $team)");
		bind_named(ctx, &a->b, "team", v_int(a->ask->team));
	}
}

/* The parts of a period: whole months, and the days before and behind them. */
struct part {
	const char *grain, *from, *until;       /* until: not included; NULL: no limit */
};

/*
 * Totals of a measure within reach, of a part of a period or (NULL) ever: one for each person, or (`all`) the fewest rows that
 * add up to all of it.  Whoever reaches most has everybody's less those beyond reach, if every record is somebody's.
 */
static void totals_sql(struct ctx *ctx, const struct measure *m, bool all, const struct part *part, struct text *out)
{
	enum reach reach = measure_may(ctx, m) ? totals_reach(ctx, m) : REACH_NONE;
	int level = level_of(reach);
	bool less = all && level >= 0 && ctx->me->share[level] > MOST_OF_ALL && m->by->required;
	const char *sign = less ? "CASE t.member WHEN 0 THEN 1 ELSE -1 END * " : "";

	text_add(out, "SELECT t.grain AS grain, t.day AS day, t.member AS member");
	for (int i = 0; i < 2; i++) {
		bool may = m->split[i] && path_field(ctx, m->object, m->split[i]);

		text_addf(out, ", %s AS split%d", !may ? "''" : i == 0 ? "t.split1" : "t.split2", i + 1);
	}
	text_addf(out, ", %s AS spread", !m->spread || !scope_field_read(ctx, m->spread) ? db_words(ctx->db)->null_text
	                                 : less ? "CASE t.member WHEN 0 THEN t.spread ELSE replace(t.spread, '=', '=-') END" : "t.spread");
	text_addf(out, ", %st.value AS value, %st.number AS number FROM t_tally t WHERE t.measure = '%s' AND ", sign, sign, m->name);
	if (less)
		text_addf(out, "t.member IN (SELECT 0 UNION ALL SELECT id FROM %s WHERE id NOT IN (SELECT member FROM t_reach"
		               " WHERE viewer = $me AND level <= %d))",
		          scope_table(ctx->mem, schema_object(ctx->schema, "member")), level);
	else if (all && reach == REACH_ALL)
		text_add(out, "t.member = 0");
	else
		persons_sql(ctx, reach, out);
	if (!part)
		return;
	text_addf(out, " AND t.grain = '%s'", part->grain);
	if (part->from)
		text_addf(out, " AND t.day >= '%s'", part->from);
	if (part->until)
		text_addf(out, " AND t.day < '%s'", part->until);
}

enum { PARTS = 3 };

static size_t parts_of(struct ctx *ctx, const struct metric_period *p, struct part ret[static PARTS])
{
	int64_t from = INT64_MIN;
	int64_t to = INT64_MAX;
	size_t n = 0;

	/* Months from the first to the last that begins before `last`. */
	int64_t first = from;
	int64_t last = to;

	if (p->from && date_parse(p->from, &from)) {
		struct ymd month = date_ymd(from);

		first = month.day == 1 ? from : date_days(date_add_months((struct ymd){ month.year, month.month, 1 }, 1));
	}
	if (p->to && date_parse(p->to, &to)) {
		struct ymd month = date_ymd(to + 1);

		last = date_days((struct ymd){ month.year, month.month, 1 });
	}
	if (first >= last) {
		ret[n++] = (struct part){ "d", date_text(ctx->mem, from), date_text(ctx->mem, to + 1) };
		return n;
	}
	ret[n++] = (struct part){ "m", p->from ? arena_dupn(ctx->mem, date_text(ctx->mem, first), 7) : NULL,
	                          p->to ? arena_dupn(ctx->mem, date_text(ctx->mem, last), 7) : NULL };
	if (from < first)
		ret[n++] = (struct part){ "d", date_text(ctx->mem, from), date_text(ctx->mem, first) };
	if (last <= to && p->to)
		ret[n++] = (struct part){ "d", date_text(ctx->mem, last), date_text(ctx->mem, to + 1) };
	return n;
}

/*
 * The totals of a range as a table: whole months as such, the days before and behind them.  A select for each:
 * SQLite finds none of them by an OR, and reads all there are of a measure.
 */
static void range_sql(struct ctx *ctx, struct asking *a, struct text *out)
{
	bool days_only = text_eq(a->ask->by, "day") || text_eq(a->ask->by, "week");
	struct part parts[PARTS] = { { "d", date_text(ctx->mem, a->from), date_text(ctx->mem, a->to + 1) } };
	size_t n = days_only ? 1 : parts_of(ctx, &(struct metric_period){ parts[0].from, date_text(ctx->mem, a->to) }, parts);

	text_add(out, "(");
	for (size_t i = 0; i < n; i++) {
		const char *from = fmt(ctx->mem, "from%zu", i);
		const char *until = fmt(ctx->mem, "until%zu", i);

		text_addf(out, "%sSELECT measure, member, day, split1, split2, value, number FROM t_tally"
		               " WHERE grain = '%s' AND day >= $%s AND day < $%s",
		          i ? " UNION ALL " : "", parts[i].grain, from, until);
		bind_named(ctx, &a->b, from, v_text(parts[i].from));
		bind_named(ctx, &a->b, until, v_text(parts[i].until));
	}
	text_add(out, ")");
}

static void add_view(struct ctx *ctx, const struct measure *m, bool all, struct text *out)
{
	text_addf(out, ", %s%s AS NOT MATERIALIZED (", m->name, all ? "_all" : "");
	totals_sql(ctx, m, all, NULL, out);
	text_add(out, ")");
}

static void add_period_view(struct ctx *ctx, const struct measure *m, const struct metric_period *p, bool all,
                            struct text *out)
{
	struct part parts[PARTS];
	size_t n = parts_of(ctx, p, parts);

	text_addf(out, ", %s_period%s AS NOT MATERIALIZED (", m->name, all ? "_all" : "");
	for (size_t i = 0; i < n; i++) {
		text_add(out, i ? " UNION ALL " : "");
		totals_sql(ctx, m, all, &parts[i], out);
	}
	text_add(out, ")");
}

void metric_views(struct ctx *ctx, const struct measure *m, const struct metric_period *p, struct text *out)
{
	add_view(ctx, m, false, out);
	add_view(ctx, m, true, out);
	if (!p)
		return;
	add_period_view(ctx, m, p, false, out);
	add_period_view(ctx, m, p, true, out);
}

static const char *key_sql(struct ctx *ctx, const struct asking *a)
{
	const char *by = a->ask->by;

	if (!by || !*by)
		return "''";
	if (text_eq(by, "member"))
		return "CAST(t.member AS TEXT)";
	if (text_eq(by, "team"))
		return "coalesce((SELECT CAST(m.team AS TEXT) FROM member m WHERE m.id = t.member), '')";
	if (text_eq(by, "day"))
		return "t.day";
	if (text_eq(by, "month"))
		return "substr(t.day, 1, 7)";
	if (text_eq(by, "week"))
		return "(SELECT c.week FROM calendar_day c WHERE c.day = t.day)";
	return fmt(ctx->mem, "t.split%d", a->split);
}

static void write_value(struct json_writer *w, const struct metric *m, int64_t top, int64_t bottom)
{
	struct field f = shape(m);
	int64_t value = 0;

	jw_key(w, "value");
	if (!m->bottom)
		field_type(&f)->write(w, &f, v_int(top));
	else if (bottom && int_muldiv(top, factor(m), bottom, &value))
		field_type(&f)->write(w, &f, v_int(value));
	else
		jw_null(w);             /* nothing to divide by: not zero, but unknown */
}

/* Numerator and denominator as counted: money in its own form. */
static void write_part(struct json_writer *w, const char *key, const struct measure *m, int64_t n)
{
	jw_key(w, key);
	if (!m)
		jw_null(w);
	else if (m->sum)
		field_type(m->sum)->write(w, m->sum, v_int(n));
	else
		jw_int(w, n);
}

void metric_list(const struct measure *m, const char *from, const char *to, struct text *out)
{
	bool where = m->where && *m->where;

	text_addf(out, "%s?%s%s%s=gte.%s&%s=lte.%s", m->object->name, where ? m->where : "", where ? "&" : "",
	          m->on->name, from, m->on->name, to);
}

/* The list behind a number: the measure's own condition, the period, and the row's key. */
static const char *open_query(struct ctx *ctx, const struct asking *a, const struct measure *m,
                              const char *key)
{
	const char *by = a->ask->by;
	const char *from = date_text(ctx->mem, a->from);
	const char *to = date_text(ctx->mem, a->to);
	struct text out;

	text_init(&out, ctx->mem);
	if (key && text_eq(by, "day"))
		from = to = key;
	metric_list(m, from, to, &out);
	if (a->ask->member)
		text_addf(&out, "&%s=eq.%" PRId64, m->by->name, a->ask->member);
	if (a->ask->team)
		text_addf(&out, "&%s.team=eq.%" PRId64, m->by->name, a->ask->team);
	if (key && text_eq(by, "member"))
		text_addf(&out, "&%s=eq.%s", m->by->name, key);
	else if (key && text_eq(by, "team"))
		text_addf(&out, *key ? "&%s.team=eq.%s" : "&%s.team=is.null", m->by->name, key);
	else if (key && a->split) {
		text_addf(&out, "&%s=%s", m->split[a->split - 1], *key ? "eq." : "is.null");
		text_url_encode(&out, key);
	}
	return out.s;
}

/* What a key says to a person. */
static bool key_label(struct ctx *ctx, const struct asking *a, const char *key, const char **ret)
{
	const char *by = a->ask->by;
	const struct field *f = a->split_field;

	*ret = *key ? key : say(ctx, "（空）", "(empty)");
	if (!*key)
		return true;
	if (text_eq(by, "member") || text_eq(by, "team"))
		return ctx_get_text(ctx, fmt(ctx->mem, "SELECT %s FROM %s WHERE id = $id",
		                             text_eq(by, "member") ? "label" : "name",
		                             scope_table(ctx->mem, schema_object(ctx->schema, by))),
		                    (struct bind[]){ { "id", v_int(strtoll(key, NULL, 10)) }, { 0 } }, ret);
	if (!f)
		return true;
	if (f->yields == TYPE_REGION)
		return ctx_get_text(ctx, fmt(ctx->mem, "SELECT full_name FROM %s WHERE code = $code",
		                             scope_table(ctx->mem, schema_object(ctx->schema, "region"))),
		                    (struct bind[]){ { "code", v_text(key) }, { 0 } }, ret);
	if (f->yields == TYPE_CHOICE && field_choice(f, key))
		*ret = label_in(field_choice(f, key)->label, ctx->me->language);
	if (field_is_ref(f)) {
		/* The caller's own view: a name that may not be seen stays a number. */
		const char *title = NULL;
		struct text sql;

		text_init(&sql, ctx->mem);
		scope_with(ctx, (const struct object *[]){ f->to, NULL }, SCOPE_BOTH, &sql);
		text_addf(&sql, "SELECT %s FROM %s WHERE id = $id", f->to->title->name, f->to->name);
		if (!ctx_get_text(ctx, sql.s, (struct bind[]){ { "id", v_int(strtoll(key, NULL, 10)) }, { 0 } },
		                  &title))
			return false;
		*ret = title ? title : key;
	}
	return true;
}

static struct query *run(struct ctx *ctx, struct asking *a)
{
	struct text sql;

	text_init(&sql, ctx->mem);
	/* Who left counts; days are looked up one by one, by the index of those there are. */
	text_add(&sql, "WITH ");
	scope_view(ctx, schema_object(ctx->schema, "member"), SCOPE_BOTH, &sql);
	text_add(&sql, ", ");
	scope_view(ctx, schema_object(ctx->schema, "calendar_day"), SCOPE_ALIVE, &sql);
	text_addf(&sql, " SELECT %s AS k, coalesce(sum(t.value) FILTER (WHERE t.measure = $top), 0) AS a,"
	                " coalesce(sum(t.value) FILTER (WHERE t.measure = $bottom), 0) AS b"
	                " FROM ", key_sql(ctx, a));
	range_sql(ctx, a, &sql);
	text_add(&sql, " t WHERE t.measure IN ($top, $bottom) AND ");
	bind_named(ctx, &a->b, "top", v_text(a->m->top->name));
	bind_named(ctx, &a->b, "bottom", v_text(a->m->bottom ? a->m->bottom->name : a->m->top->name));
	member_sql(ctx, a, &sql);
	text_add(&sql, " GROUP BY 1 ORDER BY 1");
	return ctx_query(ctx, sql.s, a->b.list);
}

static void write_head(struct ctx *ctx, const struct asking *a, struct json_writer *w)
{
	const struct metric *m = a->m;

	jw_key(w, "name");
	jw_text(w, m->name);
	jw_key(w, "id");
	jw_text(w, m->id);
	jw_key(w, "label");
	jw_text(w, label_in(m->label, ctx->me->language));
	jw_key(w, "definition");
	jw_text(w, label_in(m->doc, ctx->me->language));
	jw_key(w, "unit");
	jw_text(w, label_in(m->unit, ctx->me->language));
	jw_key(w, "from");
	jw_text(w, date_text(ctx->mem, a->from));
	jw_key(w, "to");
	jw_text(w, date_text(ctx->mem, a->to));
}

static void write_numbers(struct ctx *ctx, const struct asking *a, int64_t top, int64_t bottom,
                          const char *key, struct json_writer *w)
{
	write_value(w, a->m, top, bottom);
	write_part(w, "numerator", a->m->top, top);
	write_part(w, "denominator", a->m->bottom, bottom);
	/* A week is no single condition of a list. */
	if (key && (text_eq(a->ask->by, "week") || text_eq(a->ask->by, "month")))
		return;
	jw_key(w, "open");
	jw_text(w, open_query(ctx, a, a->m->top, key));
	if (a->m->bottom) {
		jw_key(w, "open_denominator");
		jw_text(w, open_query(ctx, a, a->m->bottom, key));
	}
}

bool metric_write(struct ctx *ctx, const struct metric *m, const struct metric_ask *ask,
                  struct json_writer *w)
{
	struct asking a = { .m = m, .ask = ask };
	struct group {
		const char *key;
		int64_t top, bottom;
	} *groups = NULL;
	size_t n = 0;
	size_t cap = 0;
	int64_t top = 0;
	int64_t bottom = 0;

	if (!metric_may(ctx, m))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看这个指标", "You may not see this metric");
	if (!read_range(ctx, &a) || !read_by(ctx, &a))
		return false;

	struct query *q = run(ctx, &a);

	if (!q)
		return false;
	while (db_next(q)) {
		groups = arena_grow(ctx->mem, groups, &cap, n + 1, sizeof *groups);
		groups[n] = (struct group){ arena_dup(ctx->mem, db_text(q, 0)), db_int(q, 1), db_int(q, 2) };
		top += groups[n].top;
		bottom += groups[n].bottom;
		n++;
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, m->name);
	jw_object(w);
	write_head(ctx, &a, w);
	write_numbers(ctx, &a, top, bottom, NULL, w);
	jw_key(w, "rows");
	jw_array(w);
	for (size_t i = 0; ask->by && *ask->by && i < n; i++) {
		const char *key = groups[i].key ? groups[i].key : "";
		const char *label;

		if (!key_label(ctx, &a, key, &label))
			return false;
		jw_object(w);
		jw_key(w, "key");
		jw_text(w, key);
		jw_key(w, "label");
		jw_text(w, label);
		write_numbers(ctx, &a, groups[i].top, groups[i].bottom, key, w);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
	return true;
}

/*
 * Pieces
 */

/* Which split of both measures a field is: 1 or 2, 0 if of neither. */
static int split_of(struct ctx *ctx, const struct metric *m, const char *field)
{
	for (size_t i = 0; i < LENGTH(m->top->split); i++)
		if (text_eq(m->top->split[i], field) && metric_split(ctx, m, i))
			return (int)i + 1;
	return 0;
}

static const char *when_sql(struct ctx *ctx, const char *day, const struct metric_cut *cut)
{
	return cut->whole ? "''" : cut->days ? day : fmt(ctx->mem, "substr(%s, 1, 7)", day);
}

/* From totals; `splits` as of split_of. */
static void pieces_of_totals(struct ctx *ctx, struct asking *a, const int splits[2], const struct metric_cut *cut,
                             struct text *out)
{
	text_addf(out, "SELECT t.member AS member, %s AS moment", when_sql(ctx, "t.day", cut));
	for (int i = 0; i < 2; i++)
		text_addf(out, ", %s AS key%d", !splits[i] ? "''" : splits[i] == 1 ? "t.split1" : "t.split2", i + 1);
	text_add(out, ", CASE WHEN t.measure = $top THEN t.value ELSE 0 END AS a"
	              ", CASE WHEN t.measure = $bottom THEN t.value ELSE 0 END AS b"
	              ", CASE WHEN t.measure = $top THEN t.number ELSE 0 END AS n"
	              " FROM ");
	range_sql(ctx, a, out);
	text_add(out, " t WHERE t.measure IN ($top, $bottom)");
}

/* From the records of one measure, as the caller sees them. */
static bool pieces_of_records(struct ctx *ctx, struct asking *a, const struct metric_cut *cut,
                              const struct measure *m, struct text *out)
{
	bool instant = m->on->yields == TYPE_INSTANT;
	bool top = m == a->m->top;
	const char *day = !instant ? fmt(ctx->mem, "r.%s", m->on->name)
		: fmt(ctx->mem, "(SELECT c.day FROM calendar_day c WHERE c.starts_at <= r.%s"
		                " ORDER BY c.starts_at DESC LIMIT 1)", m->on->name);
	const char *value = m->sum ? fmt(ctx->mem, "coalesce(r.%s, 0)", m->sum->name) : "1";
	struct list l = { .object = m->object };

	if (m->where && !query_parse(ctx, m->object, m->where, &l))
		return false;
	text_addf(out, "SELECT r.%s AS member, %s AS moment", m->by->name, when_sql(ctx, day, cut));
	for (int i = 0; i < 2; i++) {
		const struct field *f = cut->fields[i] ? scope_field(ctx, m->object, cut->fields[i]) : NULL;

		if (f && !f->computed)
			text_addf(out, ", coalesce(CAST(r.%s AS TEXT), '') AS key%d", f->name, i + 1);
		else
			text_addf(out, ", '' AS key%d", i + 1);
	}
	text_addf(out, ", %s AS a, %s AS b, %s AS n FROM %s r WHERE r.%s >= %s AND r.%s <= %s AND ",
	          top ? value : "0", top ? "0" : value, top ? "1" : "0", m->object->name,
	          m->on->name, instant ? "$from_at" : "$from", m->on->name, instant ? "$to_at" : "$to");
	return query_where(ctx, m->object, l.where, "r.", out, &a->b);
}

static bool pieces_sql(struct ctx *ctx, struct asking *a, const struct metric_cut *cut, struct text *out)
{
	const struct metric *m = a->m;
	const struct object *views[] = { m->top->object, schema_object(ctx->schema, "calendar_day"), NULL, NULL };
	int splits[2] = { 0 };
	bool records = false;

	for (int i = 0; i < 2; i++) {
		splits[i] = cut->fields[i] ? split_of(ctx, m, cut->fields[i]) : 0;
		records |= cut->fields[i] && !splits[i] && scope_field(ctx, m->top->object, cut->fields[i]);
	}
	if (m->bottom && m->bottom->object != m->top->object)
		views[2] = m->bottom->object;
	scope_with(ctx, views, SCOPE_ALIVE, out);
	text_add(out, "SELECT member, moment, key1, key2, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT),"
	              " CAST(sum(n) AS BIGINT) FROM (");
	if (!records) {
		bind_named(ctx, &a->b, "top", v_text(m->top->name));
		bind_named(ctx, &a->b, "bottom", v_text(m->bottom ? m->bottom->name : ""));
		pieces_of_totals(ctx, a, splits, cut, out);
	} else {
		bind_named(ctx, &a->b, "from", v_text(cut->from));
		bind_named(ctx, &a->b, "to", v_text(cut->to));
		bind_named(ctx, &a->b, "from_at", v_int(day_start(a->from)));
		bind_named(ctx, &a->b, "to_at", v_int(day_start(a->to + 1) - 1));
		if (!pieces_of_records(ctx, a, cut, m->top, out))
			return false;
		if (m->bottom) {
			text_add(out, " UNION ALL ");
			if (!pieces_of_records(ctx, a, cut, m->bottom, out))
				return false;
		}
	}
	text_add(out, ") t WHERE ");
	persons_sql(ctx, totals_reach(ctx, m->top), out);
	if (cut->member) {
		text_add(out, " AND t.member = $member");
		bind_named(ctx, &a->b, "member", v_int(cut->member));
	}
	text_add(out, " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
	return true;
}

bool metric_pieces(struct ctx *ctx, const struct metric *m, const struct metric_cut *cut,
                   struct metric_piece **ret, size_t *ret_n)
{
	struct metric_ask ask = { .from = cut->from, .to = cut->to, .by = cut->days || cut->whole ? "day" : NULL };
	struct asking a = { .m = m, .ask = &ask };
	struct text sql;
	size_t cap = 0;

	*ret = NULL;
	*ret_n = 0;
	if (!metric_may(ctx, m))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看这个指标", "You may not see this metric");
	text_init(&sql, ctx->mem);
	if (!read_range(ctx, &a) || !pieces_sql(ctx, &a, cut, &sql))
		return false;

	struct query *q = ctx_stream(ctx, sql.s, a.b.list);

	if (!q)
		return false;
	while (db_next(q)) {
		*ret = arena_grow(ctx->mem, *ret, &cap, *ret_n + 1, sizeof **ret);
		(*ret)[(*ret_n)++] = (struct metric_piece){
			.member = db_int(q, 0), .when = arena_dup(ctx->mem, db_text(q, 1)),
			.keys = { arena_dup(ctx->mem, db_text(q, 2)), arena_dup(ctx->mem, db_text(q, 3)) },
			.top = db_int(q, 4), .bottom = db_int(q, 5), .records = db_int(q, 6),
		};
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, m->name) : true;
}

bool metric_people(struct ctx *ctx, const struct metric *m, int64_t **ret, size_t *ret_n)
{
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ schema_object(ctx->schema, "member"), NULL }, SCOPE_BOTH, &sql);
	text_add(&sql, "SELECT t.member FROM (SELECT id AS member FROM member) t WHERE ");
	persons_sql(ctx, metric_may(ctx, m) ? totals_reach(ctx, m->top) : REACH_NONE, &sql);
	text_add(&sql, " ORDER BY 1");
	return ctx_ids(ctx, sql.s, NULL, ret, ret_n);
}

bool metric_hundredths(const struct metric *m, int64_t top, int64_t bottom, int64_t *ret)
{
	const struct field *sum = m->top->sum;
	int scale = sum ? sum->scale : 0;

	if (!m->bottom)
		return int_muldiv(top, 100, decimal_power(scale), ret);
	return int_muldiv(top, m->yields == TYPE_INTEGER || m->yields == TYPE_DURATION ? 100 : factor(m),
	                  bottom, ret);
}

bool metric_figure(struct ctx *ctx, const struct metric *m, const char *from, const char *to, int64_t member,
                   struct metric_figure *ret)
{
	struct metric_piece *pieces;
	size_t n;

	*ret = (struct metric_figure){ 0 };
	if (!metric_pieces(ctx, m, &(struct metric_cut){ .from = from, .to = to, .whole = true, .member = member }, &pieces, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		ret->top += pieces[i].top;
		ret->bottom += pieces[i].bottom;
		ret->records += pieces[i].records;
	}
	ret->known = metric_hundredths(m, ret->top, ret->bottom, &ret->value);
	return true;
}
