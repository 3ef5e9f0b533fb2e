#include "tests/model/ask.h"

#include <stdio.h>
#include <stdlib.h>

const struct object *asked_object(struct ctx *ctx, const struct asked *q)
{
	return site_object(ctx, q->w, q->object);
}

int ask_some_row(struct asker *a, int object)
{
	/* Half of the time one that may be seen. */
	for (int tries = world_chance(a->w, 50) ? 30 : 0; tries > 0; tries--) {
		int row = world_row(a->w, object, false);

		if (oracle_sees(a->w, a->me, row))
			return row;
	}
	return world_row(a->w, object, false);
}

/*
 * Single records
 */

bool asked_get(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;

	return query_record(ctx, asked_object(ctx, q), q->id, SCOPE_ALIVE, w);
}

void ask_get(struct asker *a)
{
	int object = world_draw(a->w, OBJECTS);
	int row = ask_some_row(a, object);
	bool nowhere = world_chance(a->w, 3);
	struct asked q = { .w = a->w, .object = object, .id = nowhere ? 999999999 : a->w->rows[row].id };
	bool sees = !nowhere && oracle_sees(a->w, a->me, row);
	struct reply r;

	ask_begin(a, "get %s/%" PRId64, a->w->things[object].name, q.id);
	r = ask_read(a, asked_get, &q);
	if (ask_expect(a, &r, sees ? ERR_NONE : ERR_MISSING) && sees)
		ask_row(a, r.json, row);
}

/*
 * Lists
 */

bool asked_list(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct list l;

	return query_parse(ctx, asked_object(ctx, q), q->text, &l) && query_list(ctx, &l, w);
}

bool asked_summary(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct list l;

	return query_parse(ctx, asked_object(ctx, q), q->text, &l) && query_summary(ctx, &l, w);
}

/* What a list of this object must be refused as, if it names nothing hidden. */
static enum error_kind list_kind(struct asker *a, int object)
{
	return oracle_reach(a->w, a->me, object, DEED_READ) == NONE ? ERR_DENIED : ERR_NONE;
}

bool ask_wish(struct asker *a, const char *verb, read_fn *fn, const struct wish *wish,
                     const char *more, struct reply *ret)
{
	const char *name = a->w->things[wish->object].name;
	struct names names;
	const char *text = wish_text(a, wish, false, &names);
	struct asked q = { .w = a->w, .object = wish->object };
	bool hidden = oracle_unknown(a->w, a->me, wish);

	q.text = fmt(&a->mem, "%s%s%s", text, *text && *more ? "&" : "", more);
	snprintf(a->what, sizeof a->what, "%s %s?%s", verb, name, q.text);
	*ret = ask_read(a, fn, &q);
	if (hidden) {
		struct names again;
		struct asked masked = q;

		if (names.n == (int)LENGTH(names.hidden))
			return false;
		masked.text = fmt(&a->mem, "%s%s%s", wish_text(a, wish, true, &again), *text && *more ? "&" : "",
		                  more);
		if (list_kind(a, wish->object) == ERR_NONE) {
			struct reply unknown = ask_read(a, fn, &masked);

			ask_hidden(a, ret, &unknown, &names);
		} else if (ret->ok) {
			ask_wrong(a, "is answered: %.200s", ret->out.s);
		}
		return false;
	}
	return ask_expect(a, ret, list_kind(a, wish->object)) && ret->ok;
}

bool ask_rows(struct asker *a, const struct json *rows, const int *due, int n)
{
	const struct json *j = rows ? rows->first : NULL;

	for (int i = 0; i < n || j; i++, j = j->next) {
		const char *id = json_text(j, "id", NULL);
		const char *want = i < n ? fmt(&a->mem, "%" PRId64, a->w->rows[due[i]].id) : NULL;

		if (!text_eq(id, want))
			return ask_wrong(a, "row %d of %zu is %s, should be %s (of %d)", i, rows ? rows->len : 0,
			                 id ? id : "no more", want ? want : "no more", n);
		if (!ask_row(a, j, due[i]))
			return false;
	}
	return true;
}

void ask_list(struct asker *a)
{
	static int due[ROWS];
	struct wish wish;
	struct reply r;

	ask_begin(a, "list");
	wish_draw(a, world_draw(a->w, OBJECTS), &wish);

	int limit = 1 + world_draw(a->w, 40);

	if (!ask_wish(a, "list", asked_list, &wish, fmt(&a->mem, "count=exact&limit=%d", limit), &r))
		return;

	int n = oracle_list(a->w, a->me, &wish, due);

	if (json_int(r.json, "count", -1) != n) {
		ask_wrong(a, "count is %" PRId64 ", should be %d", json_int(r.json, "count", -1), n);
		return;
	}
	if (!ask_rows(a, json_get(r.json, "rows"), due, n < limit ? n : limit))
		return;
	if ((json_text(r.json, "next", NULL) != NULL) != (n > limit))
		ask_wrong(a, "next is %s", json_text(r.json, "next", "null"));
}

/* Page by page to the end: each row once, in order. */
void ask_pages(struct asker *a)
{
	static int due[ROWS];
	struct wish wish;
	struct reply r = { .json = NULL };
	const char *more;
	int at = 0;

	ask_begin(a, "pages");
	wish_draw(a, world_draw(a->w, OBJECTS), &wish);

	int n = oracle_unknown(a->w, a->me, &wish) ? 0 : oracle_list(a->w, a->me, &wish, due);
	int limit = 1 + n / 6 + world_draw(a->w, 5);

	more = fmt(&a->mem, "limit=%d", limit);
	while (ask_wish(a, "pages", asked_list, &wish, more, &r)) {
		const char *next = json_text(r.json, "next", NULL);

		if (!ask_rows(a, json_get(r.json, "rows"), due + at, n - at < limit ? n - at : limit))
			return;
		at += limit;
		if ((next != NULL) != (at < n))
			ask_wrong(a, "next is %s after %d of %d", next ? next : "null", at, n);
		if (!next || at >= n)
			return;
		more = fmt(&a->mem, "limit=%d&after=%s", limit, next);
	}
}

static int64_t counted(struct asker *a, const struct wish *wish)
{
	struct reply r;

	if (!ask_wish(a, "count", asked_list, wish, "limit=1&count=exact", &r))
		return -1;
	return json_int(r.json, "count", -1);
}

void ask_count(struct asker *a)
{
	static int due[ROWS];
	struct wish wish;
	int64_t n;

	ask_begin(a, "count");
	wish_draw(a, world_draw(a->w, OBJECTS), &wish);
	n = counted(a, &wish);
	if (n >= 0 && n != oracle_list(a->w, a->me, &wish, due))
		ask_wrong(a, "count is %" PRId64 ", should be %d", n, oracle_list(a->w, a->me, &wish, due));
}

/* What a condition lets through and what it keeps back are all there is. */
void ask_parts(struct asker *a)
{
	struct wish wish;
	struct wish not;
	struct wish all;

	ask_begin(a, "parts");
	wish_draw(a, world_draw(a->w, OBJECTS), &wish);
	if (!wish.where || oracle_unknown(a->w, a->me, &wish))
		return;
	not = all = wish;
	not.where = wish_not(&a->mem, wish.where);
	all.where = NULL;

	int64_t yes = counted(a, &wish);
	int64_t no = counted(a, &not);
	int64_t both = counted(a, &all);

	if (yes >= 0 && no >= 0 && both >= 0 && yes + no != both)
		ask_wrong(a, "%" PRId64 " fit, so do not %" PRId64 ", but there are %" PRId64, yes, no, both);
}

/*
 * Groups
 */

static bool groupable(const struct attribute *t)
{
	return t->kind == KIND_CHOICE || t->kind == KIND_REF || t->kind == KIND_MEMBER ||
	       t->kind == KIND_BOOL || t->kind == KIND_INTEGER || t->kind == KIND_DATE ||
	       t->kind == KIND_FORMULA;
}

static bool summable(const struct attribute *t)
{
	return t->kind == KIND_INTEGER || t->kind == KIND_MONEY || t->kind == KIND_DECIMAL ||
	       t->kind == KIND_FORMULA || t->kind == KIND_TOTAL;
}

/* A field of the kind wanted, mostly one that may be read; -1 now and then. */
static int pick(struct asker *a, int object, bool (*fit)(const struct attribute *))
{
	for (int tries = 0; tries < 20; tries++) {
		int f = world_draw(a->w, a->w->things[object].n_fields);

		if (fit(&a->w->things[object].fields[f]) &&
		    (oracle_field(a->w, a->me, object, f) || world_chance(a->w, 10)))
			return f;
	}
	return -1;
}

/* What a summary groups by and sums; -1: nothing. */
struct grouping {
	int object;
	int keys[2];
	int sum;
};

static bool same_group(struct asker *a, const struct json *row, const struct heap *h,
                       const struct grouping *g)
{
	const struct thing *t = &a->w->things[g->object];
	const struct json *labels = json_get(row, "labels");

	for (int k = 0; k < 2 && g->keys[k] >= 0; k++) {
		const struct attribute *f = &t->fields[g->keys[k]];
		const char *label = json_text(labels, f->name, NULL);
		const char *due = NULL;

		if (h->keys[k].set && f->kind == KIND_REF)
			due = oracle_label(a->w, a->me, (int)h->keys[k].n);
		if (h->keys[k].set && f->kind == KIND_MEMBER)
			due = a->w->members[h->keys[k].n].label;
		if (h->keys[k].set && f->kind == KIND_CHOICE)
			due = fmt(&a->mem, "%s!", h->keys[k].s);
		if (!text_eq(label, due))
			return ask_wrong(a, "the label of group %s is %s, should be %s", f->name,
			                 label ? label : "absent", due ? due : "absent");
	}
	if (json_int(row, "count", -1) != h->count)
		return ask_wrong(a, "a group counts %" PRId64 ", should be %d", json_int(row, "count", -1),
		                 h->count);
	if (g->sum < 0)
		return true;

	const struct attribute *f = &t->fields[g->sum];

	return ask_fact(a, json_get(json_get(row, "sum"), f->name), f, h->sum, "sum");
}

static const char *group_key(struct asker *a, const struct attribute *f, struct fact fact)
{
	struct json_writer w;
	struct text t;

	text_init(&t, &a->mem);
	jw_init(&w, &t);
	site_fact(a->w, f, fact, &w);
	return t.s;
}

static bool has_keys(struct asker *a, const struct json *row, const struct heap *h,
                     const struct grouping *g)
{
	const struct thing *t = &a->w->things[g->object];

	for (int k = 0; k < 2 && g->keys[k] >= 0; k++) {
		const struct attribute *f = &t->fields[g->keys[k]];
		struct json_writer w;
		struct text got;
		const struct json *j = json_get(row, f->name);

		if (!j)
			return false;
		text_init(&got, &a->mem);
		jw_init(&w, &got);
		jw_json(&w, j);
		if (!text_eq(got.s, group_key(a, f, h->keys[k])))
			return false;
	}
	return true;
}

static void same_groups(struct asker *a, const struct json *rows, const struct heap *heaps, int n,
                        const struct grouping *g)
{
	if (rows->len != (size_t)n) {
		ask_wrong(a, "%zu groups, should be %d", rows->len, n);
		return;
	}
	for (const struct json *row = rows->first; row; row = row->next) {
		int at = 0;

		while (at < n && !has_keys(a, row, &heaps[at], g))
			at++;
		if (at == n) {
			ask_wrong(a, "a group that should not be there");
			return;
		}
		if (!same_group(a, row, &heaps[at], g))
			return;
	}
}

static void draw_grouping(struct asker *a, struct grouping *g)
{
	*g = (struct grouping){ world_draw(a->w, OBJECTS), { -1, -1 }, -1 };
	g->keys[0] = pick(a, g->object, groupable);
	if (g->keys[0] >= 0 && world_chance(a->w, 40))
		g->keys[1] = pick(a, g->object, groupable);
	if (g->keys[1] == g->keys[0])
		g->keys[1] = -1;
	if (world_chance(a->w, 60))
		g->sum = pick(a, g->object, summable);
}

static const char *grouping_text(struct asker *a, const struct grouping *g)
{
	const struct thing *t = &a->w->things[g->object];
	struct text out;

	text_init(&out, &a->mem);
	for (int k = 0; k < 2 && g->keys[k] >= 0; k++)
		text_addf(&out, "%s%s", k ? "," : "group=", t->fields[g->keys[k]].name);
	if (g->sum >= 0)
		text_addf(&out, "%ssum=%s", out.len ? "&" : "", t->fields[g->sum].name);
	return out.len ? out.s : "";
}

/* A group or sum by a field that does not exist for the member. */
static bool hidden_grouping(struct asker *a, const char *verb, const struct grouping *g, int f)
{
	const char *name = a->w->things[g->object].name;
	const char *field = a->w->things[g->object].fields[f].name;
	struct asked plain = { .w = a->w, .object = g->object };
	struct asked masked = plain;

	plain.text = fmt(&a->mem, "%s=%s", verb, field);
	masked.text = fmt(&a->mem, "%s=x_nothing", verb);
	snprintf(a->what, sizeof a->what, "summary %s?%s", name, plain.text);

	struct reply got = ask_read(a, asked_summary, &plain);
	struct reply unknown = ask_read(a, asked_summary, &masked);

	return ask_hidden(a, &got, &unknown, &(struct names){ { field }, { "x_nothing" }, 1 });
}

void ask_summary(struct asker *a)
{
	static struct heap heaps[ROWS];
	struct grouping g;
	struct wish wish;
	struct reply r;

	ask_begin(a, "summary");
	draw_grouping(a, &g);
	wish_draw(a, g.object, &wish);
	wish.sort[0] = wish.sort[1] = -1;
	for (int k = 0; k < 3; k++) {
		int f = k < 2 ? g.keys[k] : g.sum;

		if (f < 0 || oracle_field(a->w, a->me, g.object, f))
			continue;
		hidden_grouping(a, k < 2 ? "group" : "sum", &g, f);
		return;
	}
	if (!ask_wish(a, "summary", asked_summary, &wish, grouping_text(a, &g), &r))
		return;

	int n = oracle_summary(a->w, a->me, &wish, g.keys, g.sum, heaps);

	if (n == 0 && g.keys[0] < 0)    /* all there is: one group, of nothing */
		heaps[n++] = (struct heap){ .count = 0 };
	same_groups(a, json_get(r.json, "rows"), heaps, n, &g);
}

/*
 * Rows about any record
 */

static bool asked_about(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct list l;

	return query_parse(ctx, schema_object(ctx->schema, "follow"), q->text, &l) && query_list(ctx, &l, w);
}

/* Exactly those whose record the member sees are there, newest first. */
void ask_about(struct asker *a)
{
	static int64_t due[ROWS];
	const struct json *j;
	int64_t count = 0;
	int n = 0;
	struct reply r;

	for (int i = 0; i < a->w->n_rows; i++) {
		int at = n;

		if (!a->w->rows[i].about || !oracle_sees(a->w, a->me, i))
			continue;
		for (n++; at > 0 && due[at - 1] < a->w->rows[i].about; at--)
			due[at] = due[at - 1];
		due[at] = a->w->rows[i].about;
	}
	ask_begin(a, "rows about what is seen");
	r = ask_read(a, asked_about, &(struct asked){ .text = "sort=-id&limit=200&count=exact" });
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	count = json_int(r.json, "count", -1);
	if (count != n) {
		ask_wrong(a, "are %" PRId64 ", should be %d", count, n);
		return;
	}
	j = json_get(r.json, "rows")->first;
	for (int i = 0; i < n && i < 200; i++, j = j->next)
		if (!j || strtoll(json_text(j, "id", "0"), NULL, 10) != due[i]) {
			ask_wrong(a, "row %d is %s, should be %" PRId64, i, json_text(j, "id", "no more"), due[i]);
			return;
		}
}
