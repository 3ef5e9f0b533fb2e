#include "engine/search_inner.h"

#include <stdlib.h>

#include "engine/mutant.h"
#include "engine/scope.h"
#include "engine/type.h"

/*
 * The answer across objects.  The index gives the newest rows that fit; those the
 * caller may see are ranked by their titles.  Nobody counts or ranks all
 * hits: a frequent word has a million.
 *
 * A narrow reach turns this round: its newest rows are read and compared.  Asked for a frequent
 * word and an owner, the index would walk through everybody's rows to meet the caller's.
 */

enum {
	PAGE = 200,                     /* candidates read at once, and ranked per object */
	PAGES = 10,                     /* until enough of them are the caller's */
	OWN = PAGE * PAGES,             /* rows of a narrow reach that are read themselves */
	MOST = 100,                     /* rows of an answer */
	SUBTITLE = 3,                   /* fields below the title */
};

struct hit {
	const struct object *o;
	int64_t id;
	enum rank rank;
	const char *title;
	const char *subtitle;
	const char *match;
};

struct hits {
	struct hit *list;
	size_t n, cap;
};

/* Better first; newer first among equals. */
static int by_rank(const void *a, const void *b)
{
	const struct hit *x = a;
	const struct hit *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	if (x->o != y->o)
		return x->o->index < y->o->index ? -1 : 1;
	return (x->id < y->id) - (x->id > y->id);
}

/* SELECT of a page: record and, where the caller may see it, its id, title, and what is searched. */
static const char *page_sql(struct ctx *ctx, const struct object *o)
{
	const struct object *set[] = { o, NULL };
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(MUTANT_CTX(5, ctx), set, SCOPE_ALIVE, &sql);
	text_add(&sql, "SELECT s.record, r.id, ");
	if (o->title->type == TYPE_TOTAL)
		text_add(&sql, "r.id");
	else
		text_addf(&sql, "r.%s", o->title->name);
	for (size_t i = 0; i < o->n_fields; i++)
		if (search_field(&o->fields[i]))
			text_addf(&sql, ", r.%s", o->fields[i].name);
	if (db_kind(ctx->db) == DB_SQLITE)
		text_add(&sql, " FROM (SELECT rowid - $from AS record FROM t_search"
		               " WHERE t_search MATCH $match AND rowid >= $from AND rowid < $from + $before"
		               " ORDER BY rowid DESC LIMIT $most) s");
	else
		text_add(&sql, " FROM (SELECT record FROM t_search WHERE object = $object"
		               " AND record < $before AND tokens @@ CAST($match AS TSQUERY)"
		               " ORDER BY record DESC LIMIT $most) s");
	text_addf(&sql, " LEFT JOIN %s r ON r.id = s.record ORDER BY s.record DESC", o->name);
	return sql.s;
}

static const char *shown(struct ctx *ctx, const struct field *f, struct value v)
{
	return v.kind == V_NULL ? NULL : field_type(f)->show(ctx, f, v);
}

static bool has_hit(const struct hits *hits, const struct object *o, int64_t id)
{
	for (size_t i = hits->n; i-- > 0 && hits->list[i].o == o;)
		if (hits->list[i].id == id)
			return true;
	return false;
}

/* Does the row hold what is looked for, as the index would say? */
static bool row_answers(struct arena *mem, const struct object *o, const struct words *w,
                        struct query *q)
{
	uint32_t all = (UINT32_C(1) << w->n) - 1;
	uint32_t found = 0;
	size_t column = 3;

	for (size_t i = 0; i < o->n_fields; i++) {
		if (!search_field(&o->fields[i]))
			continue;

		struct value v = db_value(q, column++);

		if (v.kind == V_TEXT)
			found |= value_answers(mem, &o->fields[i], v.s, w);
		if ((found & all) == all || (found & ANSWERS_START))
			return true;
	}
	return false;
}

static void add_hit(struct ctx *ctx, const struct object *o, const struct words *w, struct query *q,
                    struct hits *hits)
{
	struct hit h = { .o = o, .id = db_int(q, 1) };

	if (has_hit(hits, o, h.id))
		return;
	h.title = arena_dup(ctx->mem, shown(ctx, o->title, db_value(q, 2)));
	h.rank = h.title ? title_rank(ctx->mem, h.title, w) : RANK_OTHER;
	hits->list = arena_grow(ctx->mem, hits->list, &hits->cap, hits->n + 1, sizeof *hits->list);
	hits->list[hits->n++] = h;
}

/* Where an object is being read: the rows before `before`. */
struct place {
	const struct object *o;
	const char *sql;
	int64_t object;
	int64_t before;
};

/*
 * Adds the caller's among the next `most` rows the index has for `match`; of a match that names only
 * owners, those that hold the words.  *ret_seen: how many rows there were.
 */
static bool add_page(struct ctx *ctx, struct place *at, const char *match, bool compare, size_t most,
                     const struct words *w, struct hits *hits, size_t *ret_seen)
{
	struct query *q = ctx_query(ctx, at->sql, (struct bind[]){
		{ "from", v_int(at->object << SEARCH_RECORDS) }, { "object", v_int(at->object) },
		{ "before", v_int(at->before) }, { "match", v_text(match) },
		{ "most", v_int((int64_t)most) }, { 0 } });
	struct arena row;

	if (!q)
		return false;
	arena_init(&row, 0);
	for (*ret_seen = 0; db_next(q); *ret_seen += 1) {
		at->before = db_int(q, 0);
		if (!db_null(q, 1) && (!compare || row_answers(&row, at->o, w, q)))
			add_hit(ctx, at->o, w, q, hits);
		arena_reset(&row);
	}
	arena_done(&row);

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "search");
}

/* Adds what one object has to say: titles that are just that, that begin so, the newest that fit at all. */
static bool search_object(struct ctx *ctx, const struct object *o, const struct words *w,
                          struct hits *hits)
{
	struct group whole = w->start;
	const struct {
		const struct group *groups;
		size_t n;
		int pages;
	} ways[] = { { &whole, 1, 1 }, { &w->start, 1, 1 }, { w->groups, w->n, PAGES } };
	struct place at = { .o = o, .sql = page_sql(ctx, o), .before = (INT64_C(1) << SEARCH_RECORDS) - 1 };
	size_t before = hits->n;
	struct text owners;
	size_t seen = OWN;

	for (size_t i = 0; i < whole.n; i++)
		whole.wanted[i].prefix = false;
	text_init(&owners, ctx->mem);
	if (!search_number(ctx, o, &at.object) || !search_match(ctx, o, NULL, 0, &owners))
		return false;
	if (!at.object)
		return true;
	if (owners.len && !add_page(ctx, &at, owners.s, true, OWN, w, hits, &seen))
		return false;
	if (seen < OWN)
		return true;

	size_t first = hits->n;
	int64_t from = at.before;

	/* Enough that begin so: what merely holds it would come behind them anyway. */
	for (size_t i = 0; i < LENGTH(ways) && hits->n - first < PAGE; i++) {
		size_t start = hits->n;
		struct text match;

		if (ways[i].pages > 1 && hits->n - before >= PAGE)
			break;  /* the newest that fit have been read */
		text_init(&match, ctx->mem);
		if (!search_match(ctx, o, ways[i].groups, ways[i].n, &match))
			return false;
		at.before = from;
		seen = PAGE;
		for (int page = 0; page < ways[i].pages && seen == PAGE && hits->n - start < PAGE; page++)
			if (!add_page(ctx, &at, match.s, false, PAGE, w, hits, &seen))
				return false;
	}
	return true;
}

/* The field that answered: the title, or the first that holds something the title lacks. */
static const char *matching(struct ctx *ctx, struct reader *r, const struct words *w)
{
	const struct object *o = r->list->object;
	const char *best = o->title->name;
	size_t most = 0;

	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = r->fields[i];
		struct value v = query_value(r, i);
		size_t n = 0;

		if (!search_field(f) || v.kind != V_TEXT)
			continue;

		uint32_t answers = value_answers(ctx->mem, f, v.s, w);

		for (size_t g = 0; g < w->n; g++)
			n += answers >> g & 1;
		if (n > most) {
			most = n;
			best = f->name;
		}
	}
	return best;
}

/* What tells two of the same title apart: the first filled fields of the list. */
static const char *subtitle(struct ctx *ctx, struct reader *r)
{
	struct text t;
	int n = 0;

	text_init(&t, ctx->mem);
	for (size_t i = 0; i < r->n_fields && n < SUBTITLE; i++) {
		const struct field *f = r->fields[i];
		const char *s = r->labels[i] ? query_label(r, i) : shown(ctx, f, query_value(r, i));

		if (f == r->list->object->title || !s || !*s)
			continue;
		text_addf(&t, "%s%s", n++ ? " · " : "", s);
	}
	return n ? t.s : NULL;
}

/* Title first, then the fields of the list, then those searched: each once, and only what may be read. */
static const struct field **hit_fields(struct ctx *ctx, const struct object *o)
{
	const struct field **ret = arena_array(ctx->mem, 2 * o->n_fields + 2, sizeof *ret);
	size_t n = 0;

	ret[n++] = o->title;
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < o->n_fields; i++) {
			const struct field *f = &o->fields[i];
			bool wanted = pass ? search_field(f) : false;

			for (const char **name = o->list; !pass && name && *name; name++)
				wanted |= text_eq(*name, f->name) && f->type != TYPE_TOTAL;
			for (size_t k = 0; k < n; k++)
				wanted &= ret[k] != f;
			if (wanted && scope_field_read(ctx, f))
				ret[n++] = f;
		}
	}
	return ret;
}

/* Subtitle and matching field of the chosen hits of one object. */
static bool describe(struct ctx *ctx, const struct object *o, const struct words *w,
                     struct hit *hits, size_t n)
{
	struct value *ids = arena_array(ctx->mem, n + 1, sizeof *ids);
	struct condition where = { .kind = COND_TEST, .field = object_field(o, "id"), .op = OP_IN,
	                           .values = ids };
	struct list l = { .object = o, .where = &where, .fields = hit_fields(ctx, o) };
	struct reader r;

	for (size_t i = 0; i < n; i++)
		if (hits[i].o == o)
			ids[where.n_values++] = v_int(hits[i].id);
	if (!where.n_values)
		return true;
	if (!query_open(ctx, &l, &r))
		return false;
	while (query_next(ctx, &r)) {
		for (size_t i = 0; i < n; i++) {
			if (hits[i].o != o || hits[i].id != query_id(&r))
				continue;
			hits[i].match = matching(ctx, &r, w);
			hits[i].subtitle = subtitle(ctx, &r);
		}
	}
	query_done(&r);
	return ctx->kind == ERR_NONE;
}

static void write_hits(struct json_writer *w, const struct hit *hits, size_t n)
{
	jw_object(w);
	jw_key(w, "rows");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		jw_key(w, "object");
		jw_text(w, hits[i].o->name);
		jw_key(w, "id");
		jw_id(w, hits[i].id);
		jw_key(w, "title");
		jw_text(w, hits[i].title);
		jw_key(w, "subtitle");
		jw_text(w, hits[i].subtitle);
		jw_key(w, "match");
		jw_text(w, hits[i].match);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
}

/* The objects to look in: those named, or what has a place in the menu. */
static bool search_objects(struct ctx *ctx, const char *names, const struct object ***ret)
{
	const struct object **list = arena_array(ctx->mem, ctx->schema->n_objects + 1, sizeof *list);
	size_t n = 0;
	char **parts;

	if (!names || !*names) {
		for (size_t i = 0; i < ctx->schema->n_objects; i++) {
			const struct object *o = &ctx->schema->objects[i];

			if (o->menu && scope_may(ctx, o, ACT_READ))
				list[n++] = o;
		}
		*ret = list;
		return true;
	}

	size_t n_parts = text_split(ctx->mem, names, ',', &parts);

	for (size_t i = 0; i < n_parts; i++) {
		const struct object *o = schema_object(ctx->schema, parts[i]);
		bool again = false;

		if (!o || !scope_may(ctx, o, ACT_READ))
			return fail(ctx, ERR_INVALID, "object", "没有“%s”这个对象", "There is no object \"%s\"",
			            parts[i]);
		for (size_t k = 0; k < n; k++)
			again |= list[k] == o;
		if (!again)
			list[n++] = o;
	}
	*ret = list;
	return true;
}

/*
 * PostgreSQL keeps one plan for all words unless told otherwise; but a frequent word is read
 * newest first and a rare one through the index.
 */
static bool plan_each_time(struct ctx *ctx, bool on)
{
	const char *mode;

	return db_kind(ctx->db) == DB_SQLITE ||
	       ctx_get_text(ctx, "SELECT set_config('plan_cache_mode', $mode, true)",
	                    (struct bind[]){ { "mode", v_text(on ? "force_custom_plan" : "auto") }, { 0 } },
	                    &mode);
}

bool search_write(struct ctx *ctx, const char *words, const char *objects, int64_t limit,
                  struct json_writer *w)
{
	const struct object **list = NULL;
	struct hits hits = { 0 };
	struct words asked;

	words_read(ctx->mem, words, &asked);
	if (!search_objects(ctx, objects, &list) || !plan_each_time(ctx, true))
		return false;
	for (const struct object **o = list; asked.n && *o; o++)
		if (!search_object(ctx, *o, &asked, &hits))
			return false;
	if (!plan_each_time(ctx, false))
		return false;
	if (hits.n)
		qsort(hits.list, hits.n, sizeof *hits.list, by_rank);

	size_t most = limit < 1 ? 1 : limit > MOST ? MOST : (size_t)limit;
	size_t n = hits.n < most ? hits.n : most;

	for (const struct object **o = list; n && *o; o++)
		if (!describe(ctx, *o, &asked, hits.list, n))
			return false;
	write_hits(w, hits.list, n);
	return true;
}
