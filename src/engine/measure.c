#include "engine/measure.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/map.h"
#include "engine/module.h"
#include "engine/type.h"

enum { SPLITS = 2 };

/* What one record adds to a measure. */
struct share {
	bool counts;                    /* false: nothing */
	const char *day;
	int64_t member;
	const char *split[SPLITS];      /* "" if not split */
	const char *spread;             /* the value of the spread field, "" if there is none */
	int64_t value;
};

/*
 * Spreads: values in the order of their bytes, each with how often it is there, never 0.
 */

bool spread_next(const char **spread, const char **ret_value, size_t *ret_length, int64_t *ret_n)
{
	const char *s = *spread;
	const char *equals = s ? strchr(s, '=') : NULL;
	char *end;

	if (!equals)
		return false;
	*ret_value = s;
	*ret_length = (size_t)(equals - s);
	*ret_n = strtoll(equals + 1, &end, 10);
	*spread = *end == ' ' ? end + 1 : NULL;
	return true;
}

static void write_value(struct text *out, const char *value, size_t length, int64_t n)
{
	if (!n)
		return;
	text_add(out, out->len ? " " : "");
	text_addn(out, value, length);
	text_addf(out, "=%" PRId64, n);
}

static int order_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t least = a_length < b_length ? a_length : b_length;
	int order = memcmp(a, b, least);

	return order ? order : (a_length > b_length) - (a_length < b_length);
}

static const char *spread_add(struct arena *mem, const char *spread, const char *value, int64_t n)
{
	size_t length = strlen(value);
	bool added = false;
	const char *each;
	size_t each_length;
	int64_t each_n;
	struct text out;

	text_init(&out, mem);
	while (spread_next(&spread, &each, &each_length, &each_n)) {
		int order = order_of(each, each_length, value, length);

		if (order >= 0 && !added) {
			write_value(&out, value, length, order ? n : n + each_n);
			added = true;
			if (!order)
				continue;
		}
		write_value(&out, each, each_length, each_n);
	}
	if (!added)
		write_value(&out, value, length, n);
	return out.len ? out.s : NULL;
}

/* A split is a field, or a field of a record it refers to: "customer.region". */
static const struct field *split_field(const struct measure *m, size_t i, const struct field **ret_via)
{
	const char *path = m->split[i];
	const char *dot = path ? strchr(path, '.') : NULL;

	*ret_via = NULL;
	if (!path)
		return NULL;
	if (!dot)
		return object_field(m->object, path);

	char via[64];

	assert((size_t)(dot - path) < sizeof via);
	memcpy(via, path, (size_t)(dot - path));
	via[dot - path] = '\0';
	*ret_via = object_field(m->object, via);
	return object_field((*ret_via)->to, dot + 1);
}

static const char *as_text(struct ctx *ctx, struct value v)
{
	switch (v.kind) {
	case V_INT:
		return fmt(ctx->mem, "%" PRId64, v.i);
	case V_TEXT:
		return v.s;
	case V_NULL:
	case V_REAL:
	case V_BYTES:
		break;
	}
	return "";
}

/* A formula stands over bare names: of the nearest table. */
static const char *column_sql(struct ctx *ctx, const struct field *f, const char *table)
{
	return f->type == TYPE_FORMULA ? fmt(ctx->mem, "(%s)", f->formula_sql) : fmt(ctx->mem, "%s%s", table, f->name);
}

/* What a formula gives for these fields of its record; others as they are. */
static bool field_value(struct ctx *ctx, const struct field *f, const struct value *values, struct value *ret)
{
	struct binds b = { 0 };
	struct text sql;
	struct query *q;
	const char *comma = "";

	if (f->type != TYPE_FORMULA) {
		*ret = values[f->index];
		return true;
	}
	text_init(&sql, ctx->mem);
	text_addf(&sql, "SELECT %s FROM (SELECT ", f->formula_sql);
	for (const struct field **u = f->uses; *u; u++) {
		if ((*u)->computed)
			continue;
		text_addf(&sql, "%sCAST($%s AS %s) AS %s", comma, (*u)->name,
		          field_type(*u)->storage == STORE_TEXT ? "TEXT" : "BIGINT", (*u)->name);
		bind_named(ctx, &b, (*u)->name, values[(*u)->index]);
		comma = ", ";
	}
	text_add(&sql, ") r");
	q = ctx_query(ctx, sql.s, b.list);
	if (!q)
		return false;
	*ret = db_next(q) ? db_value(q, 0) : v_null();

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, f->name) : true;
}

static bool split_value(struct ctx *ctx, const struct measure *m, size_t i,
                        const struct value *values, const char **ret)
{
	const struct field *via;
	const struct field *f = split_field(m, i, &via);
	const char *text = NULL;

	*ret = "";
	if (!f)
		return true;
	if (!via) {
		struct value v;

		if (!field_value(ctx, f, values, &v))
			return false;
		*ret = as_text(ctx, v);
		return true;
	}
	if (values[via->index].kind != V_INT)
		return true;
	if (!ctx_get_text(ctx, fmt(ctx->mem, "SELECT CAST(%s AS TEXT) FROM %s s WHERE id = $id",
	                           column_sql(ctx, f, "s."), scope_table(ctx->mem, via->to)),
	                  (struct bind[]){ { "id", values[via->index] }, { 0 } }, &text))
		return false;
	*ret = text ? text : "";
	return true;
}

/* The measure's condition, parsed as the system sees the object. */
static bool parse_where(struct ctx *ctx, const struct measure *m, const struct condition **ret)
{
	const struct member *me = ctx_as_system(ctx);
	struct list l = { 0 };
	bool ok = !m->where || query_parse(ctx, m->object, m->where, &l);

	ctx_as(ctx, me);
	*ret = l.where;
	return ok;
}

static bool share_of(struct ctx *ctx, const struct measure *m, const struct value *values,
                     struct share *ret)
{
	const struct condition *where;
	struct value on;
	struct value sum = v_int(1);
	struct value spread = v_null();

	*ret = (struct share){ 0 };
	if (!values)
		return true;
	on = values[m->on->index];
	if (!parse_where(ctx, m, &where))
		return false;
	if (on.kind == V_NULL || !query_match(where, values))
		return true;
	if ((m->sum && !field_value(ctx, m->sum, values, &sum)) ||
	    (m->spread && !field_value(ctx, m->spread, values, &spread)))
		return false;
	ret->counts = true;
	ret->day = on.kind == V_INT ? date_text(ctx->mem, instant_day(on.i)) : on.s;
	ret->member = values[m->by->index].kind == V_INT ? values[m->by->index].i : 0;
	ret->value = sum.kind == V_INT ? sum.i : 0;
	ret->spread = as_text(ctx, spread);
	for (size_t i = 0; i < SPLITS; i++)
		if (!split_value(ctx, m, i, values, &ret->split[i]))
			return false;
	return true;
}

static bool same_share(const struct share *a, const struct share *b)
{
	return text_eq(a->day, b->day) && a->member == b->member && a->value == b->value &&
	       text_eq(a->split[0], b->split[0]) && text_eq(a->split[1], b->split[1]) &&
	       text_eq(a->spread, b->spread);
}

/* A row of the tally, and what is added to it: of one value of the spread, if there is one. */
struct delta {
	const struct measure *m;
	const char *grain, *day, *split[SPLITS], *spread;
	int64_t member, value, number;
};

/* Adds what is there for one row. */
static bool write_row(struct ctx *ctx, const struct delta *d, size_t n)
{
	const char *spread = NULL;
	struct bind binds[] = {
		{ "measure", v_text(d->m->name) }, { "grain", v_text(d->grain) }, { "day", v_text(d->day) }, { "member", v_int(d->member) },
		{ "split1", v_text(d->split[0]) }, { "split2", v_text(d->split[1]) }, { "value", v_int(0) }, { "number", v_int(0) },
		{ "spread", v_null() }, { 0 } };

	if (d->m->spread &&
	    !ctx_get_text(ctx, "SELECT spread FROM t_tally WHERE measure = $measure AND grain = $grain"
	                       " AND member = $member AND day = $day AND split1 = $split1 AND split2 = $split2", binds, &spread))
		return false;
	for (size_t i = 0; i < n; i++) {
		binds[6].value.i += d[i].value;
		binds[7].value.i += d[i].number;
		if (d->m->spread && *d[i].spread)
			spread = spread_add(ctx->mem, spread, d[i].spread, d[i].value);
	}
	binds[8].value = v_text(spread);
	return ctx_exec(ctx,
		"INSERT INTO t_tally (measure, grain, day, member, split1, split2, value, number, spread)"
		" VALUES ($measure, $grain, $day, $member, $split1, $split2, $value, $number, $spread)"
		" ON CONFLICT (measure, grain, member, day, split1, split2) DO UPDATE"
		" SET value = t_tally.value + excluded.value, number = t_tally.number + excluded.number,"
		" spread = excluded.spread", binds, NULL);
}

/* What is to be written together, once for each row and value of the spread. */
struct tallies {
	struct arena *mem;
	struct map places;              /* row and value of the spread → index of the delta */
	struct delta *list;
	size_t n, cap;
};

static bool collect(struct ctx *ctx, const struct delta *d)
{
	struct tallies *t = ctx->tallies;
	bool fresh;
	int64_t *at = map_put(&t->places, fmt(ctx->mem, "%s\t%s\t%" PRId64 "\t%s\t%s\t%s\t%s", d->m->name, d->grain, d->member, d->day,
	                                      d->split[0], d->split[1], d->spread), (int64_t)t->n, &fresh);

	if (fresh) {
		t->list = arena_grow(t->mem, t->list, &t->cap, t->n + 1, sizeof *t->list);
		t->list[t->n++] = (struct delta){ d->m, arena_dup(t->mem, d->grain), arena_dup(t->mem, d->day),
		                                  { arena_dup(t->mem, d->split[0]), arena_dup(t->mem, d->split[1]) },
		                                  arena_dup(t->mem, d->spread), d->member, 0, 0 };
	}
	t->list[*at].value += d->value;
	t->list[*at].number += d->number;
	return true;
}

static int row_order(const void *a, const void *b)
{
	const struct delta *x = a;
	const struct delta *y = b;
	int order = strcmp(x->m->name, y->m->name);

	if (!order)
		order = strcmp(x->grain, y->grain);
	if (!order)
		order = (x->member > y->member) - (x->member < y->member);
	if (!order)
		order = strcmp(x->day, y->day);
	for (size_t i = 0; i < SPLITS && !order; i++)
		order = strcmp(x->split[i], y->split[i]);
	return order;
}

void measure_collect(struct ctx *ctx)
{
	ctx->tallies = arena_alloc(ctx->mem, sizeof *ctx->tallies);
	ctx->tallies->mem = ctx->mem;
	map_init(&ctx->tallies->places, ctx->mem);
}

bool measure_flush(struct ctx *ctx)
{
	struct tallies *t = ctx->tallies;

	ctx->tallies = NULL;
	if (t->n)
		qsort(t->list, t->n, sizeof *t->list, row_order);
	for (size_t i = 0, n; i < t->n; i += n) {
		for (n = 1; i + n < t->n && row_order(&t->list[i], &t->list[i + n]) == 0; n++)
			continue;
		if (!write_row(ctx, &t->list[i], n))
			return false;
	}
	return true;
}

/* Member 0 is everybody; what nobody owns counts only there. */
static bool add_row(struct ctx *ctx, const struct measure *m, const struct share *s, int sign,
                    const char *grain, int64_t member)
{
	struct delta d = { m, grain, text_eq(grain, "m") ? arena_dupn(ctx->mem, s->day, 7) : s->day, { s->split[0], s->split[1] },
	                   m->spread ? s->spread : "", member, sign * s->value, sign };

	return ctx->tallies ? collect(ctx, &d) : write_row(ctx, &d, 1);
}

static bool add_rows(struct ctx *ctx, const struct measure *m, const struct share *s, int sign, const char *grain)
{
	return (!s->member || add_row(ctx, m, s, sign, grain, s->member)) && add_row(ctx, m, s, sign, grain, 0);
}

static bool add_share(struct ctx *ctx, const struct measure *m, const struct share *s, int sign)
{
	return !s->counts || (add_rows(ctx, m, s, sign, "d") && add_rows(ctx, m, s, sign, "m"));
}

static bool move(struct ctx *ctx, const struct measure *m, const struct share *from,
                 const struct share *to)
{
	return (from->counts && to->counts && same_share(from, to)) ||
	       (add_share(ctx, m, from, -1) && add_share(ctx, m, to, 1));
}

bool measure_apply(struct ctx *ctx, const struct object *o, const struct value *old,
                   const struct value *now)
{
	for (size_t i = 0; i < o->n_measures; i++) {
		struct share before;
		struct share after;

		if (!share_of(ctx, &o->measures[i], old, &before) ||
		    !share_of(ctx, &o->measures[i], now, &after) ||
		    !move(ctx, &o->measures[i], &before, &after))
			return false;
	}
	return true;
}

/* All children of one record count under another split now. */
static bool move_children(struct ctx *ctx, const struct measure *m, size_t split,
                          const struct field *via, int64_t id, const char *from, const char *to)
{
	const struct object *child = m->object;
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $id AND deleted_at IS NULL",
	                      scope_table(ctx->mem, child), via->name),
	             (struct bind[]){ { "id", v_int(id) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value *values = arena_array(ctx->mem, child->n_fields, sizeof *values);
		struct share before;
		struct share after;

		for (size_t k = 0; k < child->n_fields; k++)
			if (!child->fields[k].computed &&
			    !record_get(ctx, child->name, ids[i], child->fields[k].name, &values[k]))
				return false;
		if (!share_of(ctx, m, values, &after))
			return false;
		before = after;
		before.split[split] = from;
		after.split[split] = to;
		if (!move(ctx, m, &before, &after))
			return false;
	}
	return true;
}

bool measure_parent_changed(struct ctx *ctx, const struct object *o, int64_t id,
                            const struct value *old, const struct value *now)
{
	for (size_t i = 0; i < ctx->schema->n_measures; i++) {
		const struct measure *m = ctx->schema->measures[i];

		for (size_t s = 0; s < SPLITS; s++) {
			const struct field *via;
			const struct field *f = split_field(m, s, &via);

			if (!f || !via || via->to != o)
				continue;

			struct value was;
			struct value is;

			if (!field_value(ctx, f, old, &was) || !field_value(ctx, f, now, &is))
				return false;
			if (value_eq(was, is))
				continue;

			const struct member *me = ctx_as_system(ctx);
			bool ok = move_children(ctx, m, s, via, id, as_text(ctx, was), as_text(ctx, is));

			ctx_as(ctx, me);
			if (!ok)
				return false;
		}
	}
	return true;
}

/*
 * The rows the tally of a measure must have, computed from the records: what
 * measure_rebuild stores and measure_check compares with.
 */
static bool rows_sql(struct ctx *ctx, const struct measure *m, struct text *out, struct binds *b)
{
	static const struct {
		const char *name, *day, *member, *where;
	} grains[] = {
		{ "d", "day", "member", " WHERE member IS NOT NULL" },
		{ "m", "substr(day, 1, 7)", "member", " WHERE member IS NOT NULL" },
		{ "d", "day", "0", "" },
		{ "m", "substr(day, 1, 7)", "0", "" },
	};
	const struct object *calendar = schema_object(ctx->schema, "calendar_day");
	const struct db_words *words = db_words(ctx->db);
	struct list l = { .object = m->object };
	struct text day;

	if (m->where && !query_parse(ctx, m->object, m->where, &l))
		return false;
	text_init(&day, ctx->mem);
	if (m->on->yields == TYPE_DATE)
		text_addf(&day, "r.%s", m->on->name);
	else
		text_addf(&day, "(SELECT c.day FROM %s c WHERE c.starts_at <= r.%s"
		                " ORDER BY c.starts_at DESC NULLS LAST LIMIT 1)",
		          scope_table(ctx->mem, calendar), m->on->name);
	/* The records once: what each day of each person is made of. */
	text_addf(out, "WITH one AS MATERIALIZED (SELECT %s AS day, r.%s AS member", day.s, m->by->name);
	for (size_t i = 0; i < SPLITS; i++) {
		const struct field *via;
		const struct field *f = split_field(m, i, &via);

		if (!f)
			text_addf(out, ", '' AS split%zu", i + 1);
		else if (via)
			text_addf(out, ", coalesce((SELECT CAST(%s AS TEXT) FROM %s s WHERE s.id = r.%s), '')"
			               " AS split%zu", column_sql(ctx, f, "s."), scope_table(ctx->mem, via->to), via->name, i + 1);
		else
			text_addf(out, ", coalesce(CAST(%s AS TEXT), '') AS split%zu", column_sql(ctx, f, "r."), i + 1);
	}
	text_addf(out, m->spread ? ", coalesce(CAST(%s AS TEXT), '') AS part" : ", '' AS part",
	          m->spread ? column_sql(ctx, m->spread, "r.") : "");
	text_addf(out, m->sum ? ", CAST(coalesce(sum(%s), 0) AS BIGINT) AS value" : ", count(*) AS value",
	          m->sum ? column_sql(ctx, m->sum, "r.") : "");
	text_addf(out, ", count(*) AS number FROM %s r WHERE r.deleted_at IS NULL AND r.%s IS NOT NULL AND ",
	          scope_table(ctx->mem, m->object), m->on->name);
	if (!query_where(ctx, m->object, l.where, "r.", out, b))
		return false;
	text_addf(out, " GROUP BY 1, 2, 3, 4, 5) SELECT grain, day, member, split1, split2, CAST(sum(value) AS BIGINT) AS value,"
	               " CAST(sum(number) AS BIGINT) AS number,"
	               " %s(part || '=' || CAST(value AS TEXT), ' ' ORDER BY part%s)"
	               " FILTER (WHERE part <> '' AND value <> 0) AS spread FROM (", words->join, words->by_bytes);
	for (size_t i = 0; i < LENGTH(grains); i++)
		text_addf(out, "%sSELECT '%s' AS grain, %s AS day, %s AS member, split1, split2, part, sum(value) AS value,"
		               " sum(number) AS number FROM one%s GROUP BY 1, 2, 3, 4, 5, 6", i ? " UNION ALL " : "",
		          grains[i].name, grains[i].day, grains[i].member, grains[i].where);
	text_add(out, ") parts GROUP BY 1, 2, 3, 4, 5");
	return true;
}

static bool rebuild(struct ctx *ctx, const struct measure *m)
{
	struct binds b = { 0 };
	struct text sql;

	text_init(&sql, ctx->mem);
	bind_named(ctx, &b, "measure", v_text(m->name));
	text_add(&sql, "INSERT INTO t_tally (measure, grain, day, member, split1, split2, value, number, spread)"
	               " SELECT $measure, grain, day, member, split1, split2, value, number, spread FROM (");
	if (!rows_sql(ctx, m, &sql, &b))
		return false;
	text_add(&sql, ") fresh");
	return ctx_exec(ctx, "DELETE FROM t_tally WHERE measure = $measure", b.list, NULL) &&
	       ctx_exec(ctx, sql.s, b.list, NULL);
}

bool measure_rebuild(struct ctx *ctx, const struct measure *m)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = rebuild(ctx, m);

	ctx_as(ctx, me);
	return ok;
}

/* What the totals of a measure are made of; "2": days have spreads too. */
static const char *definition(struct ctx *ctx, const struct measure *m)
{
	const struct field *formulas[] = { m->sum, m->spread };
	struct text out;

	text_init(&out, ctx->mem);
	text_addf(&out, "2 %s on %s by %s where %s", m->object->name, m->on->name, m->by->name, m->where ? m->where : "");
	for (size_t i = 0; i < SPLITS; i++) {
		const struct field *via;
		const struct field *f = split_field(m, i, &via);

		text_addf(&out, " split %s%s", f ? m->split[i] : "", f && f->type == TYPE_FORMULA ? column_sql(ctx, f, "") : "");
	}
	for (size_t i = 0; i < LENGTH(formulas); i++)
		text_addf(&out, " of %s", formulas[i] ? column_sql(ctx, formulas[i], "r.") : "");
	return out.s;
}

bool measure_upgrade(struct ctx *ctx, bool known)
{
	for (size_t i = 0; i < ctx->schema->n_measures; i++) {
		const struct measure *m = ctx->schema->measures[i];
		const char *made;
		struct bind binds[] = { { "name", v_text(fmt(ctx->mem, "measure %s", m->name)) },
		                        { "made", v_text(definition(ctx, m)) }, { 0 } };

		if (!ctx_get_text(ctx, "SELECT value FROM t_store WHERE name = $name", binds, &made))
			return false;
		if (text_eq(made, binds[1].value.s))
			continue;
		if ((!known && !measure_rebuild(ctx, m)) ||
		    !ctx_exec(ctx, "INSERT INTO t_store (name, value) VALUES ($name, $made)"
		                   " ON CONFLICT (name) DO UPDATE SET value = excluded.value", binds, NULL))
			return false;
	}
	return true;
}

/* Lists what one side has and the other has not. */
static bool differences(struct ctx *ctx, const struct measure *m, bool stored, struct text *out,
                        int64_t *n)
{
	static const char *const stored_sql =
		"SELECT grain, day, member, split1, split2, value, number, spread FROM t_tally"
		" WHERE measure = $measure AND (value <> 0 OR number <> 0)";
	struct binds b = { 0 };
	struct text sql;
	struct text rows;

	text_init(&sql, ctx->mem);
	text_init(&rows, ctx->mem);
	bind_named(ctx, &b, "measure", v_text(m->name));
	if (!rows_sql(ctx, m, &rows, &b))
		return false;
	text_addf(&sql, "SELECT * FROM (%s) a EXCEPT SELECT * FROM (%s) b",
	          stored ? stored_sql : rows.s, stored ? rows.s : stored_sql);

	struct query *q = ctx_query(ctx, sql.s, b.list);

	if (!q)
		return false;
	while (db_next(q)) {
		if (out)
			text_addf(out, "%s %s %s member %" PRId64 " %s/%s: %s %" PRId64 " (%" PRId64 " records) %s\n",
			          m->name, db_text(q, 0), db_text(q, 1), db_int(q, 2), db_text(q, 3), db_text(q, 4),
			          stored ? "stored" : "records say", db_int(q, 5), db_int(q, 6),
			          db_text(q, 7) ? db_text(q, 7) : "");
		++*n;
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "checking measures") : true;
}

bool measure_check(struct ctx *ctx, struct text *out, int64_t *ret_differences)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = true;

	*ret_differences = 0;
	for (size_t i = 0; ok && i < ctx->schema->n_measures; i++)
		ok = differences(ctx, ctx->schema->measures[i], true, out, ret_differences) &&
		     differences(ctx, ctx->schema->measures[i], false, out, ret_differences);
	ctx_as(ctx, me);
	return ok;
}
