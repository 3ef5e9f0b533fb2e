#include "tests/model/ask.h"

/*
 * Drawing conditions
 */

static bool ordered(const struct attribute *a)
{
	switch (a->kind) {
	case KIND_TEXT:
	case KIND_INTEGER:
	case KIND_MONEY:
	case KIND_DECIMAL:
	case KIND_DATE:
	case KIND_INSTANT:
	case KIND_FORMULA:
	case KIND_TOTAL:
		return true;
	case KIND_BOOL:
	case KIND_CHOICE:
	case KIND_REF:
	case KIND_REFS:
	case KIND_MEMBER:
		break;
	}
	return false;
}

/* A value somebody might look for; set. */
static struct fact value_draw(struct world *w, int object, int field)
{
	const struct thing *t = &w->things[object];
	const struct attribute *a = &t->fields[field];
	struct fact f = { 0 };

	if (a->kind == KIND_FORMULA)
		return (struct fact){ .set = true, .n = world_draw(w, 30) };
	if (a->kind == KIND_TOTAL)
		return (struct fact){ .set = true, .n = world_draw(w, 4) * (a->sum < 0 ? 1 : 500) };
	if (a->kind == KIND_REF || a->kind == KIND_REFS)
		return (struct fact){ .set = true, .n = world_row(w, a->to, false) };
	/* What some row has. */
	while (!f.set && !world_chance(w, 10))
		f = w->rows[world_row(w, object, false)].facts[field];
	while (!f.set)
		f = world_fact(w, object, field);
	return f;
}

/* The field to test, of this object or of one it refers to. */
static int path_draw(struct asker *a, int object, struct where *c)
{
	struct world *w = a->w;
	const struct thing *t = &w->things[object];
	int f = world_draw(w, t->n_fields);

	if (t->fields[f].kind == KIND_REF && world_chance(w, 60)) {
		c->via = f;
		object = t->fields[f].to;
		t = &w->things[object];
		f = world_draw(w, t->n_fields);
	}
	/* Hidden ones are refused: ask for them, but not only. */
	while (!oracle_field(w, a->me, object, f) && !world_chance(w, 12))
		f = world_draw(w, t->n_fields);
	c->field = f;
	return object;
}

static const struct where *test_draw(struct asker *a, int object)
{
	static const enum test any[] = { TEST_EQ, TEST_NE, TEST_IN, TEST_NULL, TEST_NOTNULL };
	static const enum test ranks[] = { TEST_LT, TEST_LTE, TEST_GT, TEST_GTE };
	struct world *w = a->w;
	struct where *c = arena_alloc(&a->mem, sizeof *c);

	*c = (struct where){ .kind = WHERE_TEST, .via = -1 };
	object = path_draw(a, object, c);

	const struct attribute *t = &w->things[object].fields[c->field];

	c->test = any[world_draw(w, LENGTH(any))];
	if (ordered(t) && world_chance(w, 50))
		c->test = ranks[world_draw(w, LENGTH(ranks))];
	if (t->kind == KIND_TEXT && world_chance(w, 40)) {
		c->test = TEST_LIKE;
		c->values[0] = (struct fact){ .set = true };
		c->values[0].s = world_chance(w, 50) ? world_word(w) : world_hush(w);
		c->n_values = 1;
		return c;
	}
	if (c->test == TEST_NULL || c->test == TEST_NOTNULL)
		return c;
	c->n_values = c->test == TEST_IN ? 1 + world_draw(w, 3) : 1;
	for (int i = 0; i < c->n_values; i++)
		c->values[i] = value_draw(w, object, c->field);
	return c;
}

static const struct where *where_draw(struct asker *a, int object, int depth)
{
	struct where *c;

	if (depth == 0 || world_chance(a->w, 45)) {
		const struct where *test = test_draw(a, object);

		if (!world_chance(a->w, 15))
			return test;
		c = arena_alloc(&a->mem, sizeof *c);
		*c = (struct where){ .kind = WHERE_NOT, .a = test };
		return c;
	}
	c = arena_alloc(&a->mem, sizeof *c);
	*c = (struct where){ .kind = world_chance(a->w, 50) ? WHERE_ALL : WHERE_ANY };
	c->a = where_draw(a, object, depth - 1);
	c->b = where_draw(a, object, depth - 1);
	return c;
}

const struct where *wish_not(struct arena *mem, const struct where *c)
{
	struct where *n = arena_alloc(mem, sizeof *n);

	*n = *c;
	switch (c->kind) {
	case WHERE_ALL:
	case WHERE_ANY:
		n->kind = c->kind == WHERE_ALL ? WHERE_ANY : WHERE_ALL;
		n->a = wish_not(mem, c->a);
		n->b = wish_not(mem, c->b);
		break;
	case WHERE_NOT:
		*n = *c->a;
		break;
	case WHERE_TEST:
		*n = (struct where){ .kind = WHERE_NOT, .a = c };
		break;
	}
	return n;
}

void wish_draw(struct asker *a, int object, struct wish *ret)
{
	struct world *w = a->w;
	const struct thing *t = &w->things[object];

	*ret = (struct wish){ .object = object, .sort = { -1, -1 } };
	if (world_chance(w, 85))
		ret->where = where_draw(a, object, world_draw(w, 3));
	for (int i = 0; i < 2 && world_chance(w, 60); i++) {
		int f = world_draw(w, t->n_fields);

		if (t->fields[f].kind == KIND_REFS || (i == 1 && ret->sort[0] == f) ||
		    (!oracle_field(w, a->me, object, f) && !world_chance(w, 25)))
			break;
		if (t->fields[f].kind == KIND_TOTAL && world_chance(w, 80))
			break;          /* dear to check */
		ret->sort[i] = f;
		ret->down[i] = world_chance(w, 50);
	}
	if (world_chance(w, 8))
		ret->words = world_chance(w, 70) ? world_word(w) : world_hush(w);
	ret->deleted = world_chance(w, 8) && !ret->words;
}

/*
 * Writing them
 */

struct writer {
	struct asker *a;
	int object;
	bool mask;
	struct names *names;
	struct text *out;
};

static void hide(struct writer *wr, const char *hidden, const char *masked)
{
	struct names *names = wr->names;

	if (names->n == (int)LENGTH(names->hidden))
		return;
	names->hidden[names->n] = hidden;
	names->masked[names->n++] = masked;
}

/* A field, or what stands for it. */
static void add_name(struct writer *wr, int object, int field)
{
	const char *name = wr->a->w->things[object].fields[field].name;
	bool hidden = !oracle_field(wr->a->w, wr->a->me, object, field);

	if (hidden)
		hide(wr, name, "x_nothing");
	text_add(wr->out, hidden && wr->mask ? "x_nothing" : name);
}

static void add_path(struct writer *wr, const struct where *c)
{
	const struct world *w = wr->a->w;
	struct arena *mem = &wr->a->mem;

	if (c->via < 0) {
		add_name(wr, wr->object, c->field);
		return;
	}

	int to = w->things[wr->object].fields[c->via].to;
	const char *via = w->things[wr->object].fields[c->via].name;
	const char *name = w->things[to].fields[c->field].name;
	const char *path = fmt(mem, "%s.%s", via, name);
	const char *masked = NULL;

	/* What cannot be reached does not exist. */
	if (!oracle_field(w, wr->a->me, wr->object, c->via))
		masked = fmt(mem, "x_nothing.%s", name);
	else if (oracle_reach(w, wr->a->me, to, DEED_READ) == NONE)
		masked = fmt(mem, "%s.x_nothing", via);
	if (!masked) {
		text_addf(wr->out, "%s.", via);
		add_name(wr, to, c->field);
		return;
	}
	hide(wr, path, masked);
	text_add(wr->out, wr->mask ? masked : path);
}

static void add_value(struct writer *wr, const struct attribute *t, struct fact f)
{
	struct json_writer w;
	struct text json;
	struct attribute one = *t;
	struct json_error error;

	if (t->kind == KIND_MEMBER && f.n == wr->a->me && wr->a->me % 2) {
		text_add(wr->out, "$me");
		return;
	}
	if (t->kind == KIND_REFS)
		one.kind = KIND_REF;    /* one of them is looked for */
	text_init(&json, &wr->a->mem);
	jw_init(&w, &json);
	site_fact(wr->a->w, &one, f, &w);

	const struct json *j = json_parse(&wr->a->mem, json.s, json.len, &error);

	text_url_encode(wr->out, j->kind == JSON_BOOL ? (j->b ? "true" : "false") : j->text);
}

static void add_test(struct writer *wr, const struct where *c, bool not)
{
	static const char *const words[] = {
		[TEST_EQ] = "eq.", [TEST_NE] = "ne.", [TEST_LT] = "lt.", [TEST_LTE] = "lte.",
		[TEST_GT] = "gt.", [TEST_GTE] = "gte.", [TEST_IN] = "in.", [TEST_LIKE] = "like.",
		[TEST_NULL] = "is.null", [TEST_NOTNULL] = "is.notnull",
	};
	const struct world *w = wr->a->w;
	int object = c->via < 0 ? wr->object : w->things[wr->object].fields[c->via].to;
	const struct attribute *t = &w->things[object].fields[c->field];

	if (not)
		text_add(wr->out, "not.");
	text_add(wr->out, words[c->test]);
	if (c->test == TEST_LIKE) {
		text_addf(wr->out, "*%s*", c->values[0].s);
		return;
	}
	if (c->test == TEST_IN)
		text_addc(wr->out, '(');
	for (int i = 0; i < c->n_values; i++) {
		if (i)
			text_addc(wr->out, ',');
		add_value(wr, t, c->values[i]);
	}
	if (c->test == TEST_IN)
		text_addc(wr->out, ')');
}

static void add_member(struct writer *wr, const struct where *c)
{
	if (c->kind == WHERE_ALL || c->kind == WHERE_ANY) {
		text_add(wr->out, c->kind == WHERE_ALL ? "and(" : "or(");
		add_member(wr, c->a);
		text_addc(wr->out, ',');
		add_member(wr, c->b);
		text_addc(wr->out, ')');
		return;
	}

	const struct where *test = c->kind == WHERE_NOT ? c->a : c;

	add_path(wr, test);
	text_addc(wr->out, '.');
	add_test(wr, test, c != test);
}

static void add_parameters(struct writer *wr, const struct where *c)
{
	if (c->kind == WHERE_ALL) {
		add_parameters(wr, c->a);
		add_parameters(wr, c->b);
		return;
	}
	if (wr->out->len)
		text_addc(wr->out, '&');
	if (c->kind == WHERE_ANY) {
		text_add(wr->out, "or=(");
		add_member(wr, c->a);
		text_addc(wr->out, ',');
		add_member(wr, c->b);
		text_addc(wr->out, ')');
		return;
	}

	const struct where *test = c->kind == WHERE_NOT ? c->a : c;

	add_path(wr, test);
	text_addc(wr->out, '=');
	add_test(wr, test, c != test);
}

const char *wish_text(struct asker *a, const struct wish *q, bool mask, struct names *ret)
{
	struct text out;
	struct writer wr = { a, q->object, mask, ret, &out };

	*ret = (struct names){ .n = 0 };
	text_init(&out, &a->mem);
	if (q->where)
		add_parameters(&wr, q->where);
	if (q->sort[0] >= 0) {
		text_add(&out, out.len ? "&sort=" : "sort=");
		for (int i = 0; i < 2 && q->sort[i] >= 0; i++) {
			text_add(&out, i ? "," : "");
			text_add(&out, q->down[i] ? "-" : "");
			add_name(&wr, q->object, q->sort[i]);
		}
	}
	if (q->words)
		text_addf(&out, "%sq=%s", out.len ? "&" : "", q->words);
	if (q->deleted)
		text_addf(&out, "%sdeleted=only", out.len ? "&" : "");
	return out.s ? out.s : "";
}
