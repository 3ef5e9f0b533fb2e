#include "tests/model/ask.h"

#include <stdio.h>

/*
 * Non-interference: what a member may not see is changed, and every answer
 * stays the same, byte for byte.  Both halves run in one piece of work that is
 * taken back.
 */

enum { QUESTIONS = 44, CHANGES = 60 };

struct blind_question {
	read_fn *fn;
	struct asked q;
	const char *what;
	const char *before, *after;
};

struct blind {
	struct asker *a;
	struct blind_question list[QUESTIONS];
	int n;
	int changed;
};

static void add(struct blind *b, read_fn *fn, struct asked q, const char *verb)
{
	const char *name = b->a->w->things[q.object].name;

	if (b->n == QUESTIONS)
		return;
	b->list[b->n++] = (struct blind_question){
		.fn = fn, .q = q,
		.what = fmt(&b->a->mem, "%s %s/%" PRId64 "?%s", verb, name, q.id, q.text ? q.text : ""),
	};
}

static void draw_questions(struct blind *b)
{
	struct asker *a = b->a;
	struct world *w = a->w;
	struct names names;

	for (int object = 0; object < OBJECTS; object++) {
		struct asked q = { .w = w, .object = object, .limit = 100 };
		struct wish wish;

		for (int i = 0; i < 2; i++) {
			wish_draw(a, object, &wish);
			q.text = fmt(&a->mem, "%s&count=exact", wish_text(a, &wish, false, &names));
			add(b, asked_list, q, "list");
		}
		wish_draw(a, object, &wish);
		wish.sort[0] = -1;
		q.text = wish_text(a, &wish, false, &names);
		add(b, asked_summary, q, "summary");
		q.text = world_chance(w, 60) ? world_word(w) : world_hush(w);
		add(b, asked_search, q, "search");
		q.id = w->rows[ask_some_row(a, object)].id;
		q.text = NULL;
		add(b, asked_get, q, "get");
		add(b, asked_timeline, q, "timeline");
	}
	add(b, asked_report, (struct asked){ .w = w }, "report");
	add(b, asked_metric, (struct asked){ .w = w, .text = "x_ka_amount", .from = "2026-09-03",
	                                     .to = "2026-10-20" }, "metric");
}

/* The answer or the refusal, in one text. */
static const char *answer(struct ctx *ctx, struct blind_question *q)
{
	struct json_writer w;
	struct text out;

	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	if (!q->fn(ctx, &q->q, &w)) {
		text_clear(&out);
		text_addf(&out, "%s", error_word(ctx->kind));
		for (const struct error *e = ctx->errors; e; e = e->next)
			text_addf(&out, " %s: %s", e->field ? e->field : "", e->message);
		ctx_forget(ctx);
	}
	return out.len ? out.s : "";
}

/* May this row change without the member noticing by right? */
static bool out_of_sight(const struct asker *a, int row)
{
	const struct world *w = a->w;

	if (w->rows[row].deleted || oracle_may(w, a->me, row, DEED_READ))
		return false;
	for (int i = 0; i < w->n_rows; i++) {
		const struct thing *t = &w->things[w->rows[i].object];

		/* What hangs on it would be deleted with it. */
		if (i < t->first + t->n && t->parent >= 0 && w->rows[i].facts[t->parent].set &&
		    w->rows[i].facts[t->parent].n == row &&
		    t->fields[t->parent].to == w->rows[row].object)
			return false;
	}
	return true;
}

static bool change_one(struct ctx *ctx, struct blind *b, int row, bool delete)
{
	struct world *w = b->a->w;
	int object = w->rows[row].object;
	const struct thing *t = &w->things[object];
	struct wanted v = { .n = 0 };
	struct value version;

	if (delete)
		return record_delete(ctx, t->name, w->rows[row].id, 0);
	for (int tries = 0; tries < 8 && v.n < 3; tries++) {
		int f = world_draw(w, t->n_fields);
		bool again = f == t->owner || f == t->parent || !attribute_stored(&t->fields[f]);

		for (int i = 0; i < v.n; i++)
			again |= v.fields[i] == f;
		if (again)
			continue;
		v.fields[v.n] = f;
		v.values[v.n++] = world_fact(w, object, f);
	}
	return record_get(ctx, t->name, w->rows[row].id, "version", &version) &&
	       record_update_json(ctx, site_object(ctx, w, object), w->rows[row].id, version.i,
	                          site_body(w, ctx->mem, object, &v));
}

static bool change_unseen(struct ctx *ctx, struct blind *b)
{
	struct world *w = b->a->w;
	bool used[ROWS] = { false };

	for (int i = 0; i < CHANGES; i++) {
		int row = world_row(w, world_draw(w, OBJECTS), true);

		if (row < 0 || used[row] || !out_of_sight(b->a, row))
			continue;
		used[row] = true;
		/* Deletes come last: new values may refer to any living row. */
		if (!change_one(ctx, b, row, i > CHANGES * 3 / 4))
			return false;
		b->changed++;
	}
	return true;
}

static bool run(struct ctx *ctx, void *arg)
{
	struct blind *b = arg;
	const struct member *system = ctx->me;

	ctx_as(ctx, b->a->who);
	for (int i = 0; i < b->n; i++)
		b->list[i].before = answer(ctx, &b->list[i]);
	ctx_as(ctx, system);
	if (!change_unseen(ctx, b))
		return false;
	ctx_as(ctx, b->a->who);
	for (int i = 0; i < b->n; i++)
		b->list[i].after = answer(ctx, &b->list[i]);
	ctx_as(ctx, system);
	return fail(ctx, ERR_CONFLICT, NULL, "撤回", "taken back");
}

/* Where two texts part, with a little around it. */
static const char *part(struct arena *mem, const char *s, const char *other)
{
	size_t i = 0;

	while (s[i] && s[i] == other[i])
		i++;
	i = i > 30 ? i - 30 : 0;
	while ((s[i] & 0xc0) == 0x80)
		i--;
	return fmt(mem, "%.120s", s + i);
}

void ask_blind(struct asker *a)
{
	struct blind b = { .a = a };
	struct arena mem;
	struct work work = { .fn = run, .arg = &b, .mem = &mem };

	arena_init(&mem, 0);
	ask_begin(a, "blind");
	draw_questions(&b);
	engine_wait(a->s->e, &work);
	if (work.kind != ERR_CONFLICT)
		ask_wrong(a, "the changes broke off: %s", work.errors ? work.errors->message : "?");
	for (int i = 0; i < b.n && work.kind == ERR_CONFLICT; i++) {
		a->asked++;
		if (text_eq(b.list[i].before, b.list[i].after))
			continue;
		snprintf(a->what, sizeof a->what, "%s", b.list[i].what);
		ask_wrong(a, "changes by what may not be seen (%d changes): …%s… becomes …%s…", b.changed,
		          part(&a->mem, b.list[i].before, b.list[i].after),
		          part(&a->mem, b.list[i].after, b.list[i].before));
	}
	arena_done(&mem);
}
