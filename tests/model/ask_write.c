#include "tests/model/ask.h"

#include <stdio.h>

/*
 * Each write is tried within a savepoint of one piece of work and taken back, so
 * that the world stays as it is.
 */

enum verb {
	VERB_CREATE, VERB_UPDATE, VERB_DELETE, VERB_RESTORE, VERB_BULK, VERB_SHARE, VERB_UNSHARE,
	VERB_MERGE,
};

struct trial {
	struct asker *a;
	struct member who;
	enum verb verb;
	int object, row;
	int64_t other;                  /* SHARE: with whom; UNSHARE: the share; MERGE: the record that goes */
	const struct json *body;
	enum verdict due;
	int64_t due_changed;            /* BULK */
	char what[1200];
	/* what happened */
	bool ok;
	enum error_kind kind;
	const char *message;
	int64_t changed;
};

struct trials {
	struct trial *list;
	int n;
	struct world *w;
};

static bool bulk(struct ctx *ctx, struct trial *t, const struct object *o)
{
	struct json_error error;
	struct json_writer w;
	struct text out;

	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	if (!record_bulk(ctx, o, t->body, &w))
		return false;
	t->changed = json_int(json_parse(ctx->mem, out.s, out.len, &error), "changed", -1);
	return true;
}

static bool act(struct ctx *ctx, struct trial *t, const struct world *w, int64_t version)
{
	const struct object *o = site_object(ctx, w, t->object);
	int64_t id = t->row < 0 ? 0 : w->rows[t->row].id;

	switch (t->verb) {
	case VERB_CREATE:
		return record_create_json(ctx, o, t->body, &id);
	case VERB_UPDATE:
		return record_update_json(ctx, o, id, version, t->body);
	case VERB_DELETE:
		return record_delete(ctx, o->name, id, 0);
	case VERB_RESTORE:
		return record_restore(ctx, o->name, id);
	case VERB_SHARE:
		return record_share(ctx, o, id, t->other, 0, true, NULL, &id);
	case VERB_UNSHARE:
		return record_unshare(ctx, o, id, t->other);
	case VERB_MERGE:
		return record_merge(ctx, o, id, &t->other, 1);
	case VERB_BULK:
		break;
	}
	return bulk(ctx, t, o);
}

static bool try_all(struct ctx *ctx, void *arg)
{
	struct trials *all = arg;

	for (int i = 0; i < all->n; i++) {
		struct trial *t = &all->list[i];
		const struct row *row = t->row < 0 ? NULL : &all->w->rows[t->row];
		struct value version = v_int(1);
		const struct member *system = ctx->me;

		if (row && !row->deleted &&
		    !record_get(ctx, all->w->things[t->object].name, row->id, "version", &version))
			return false;
		if (!db_save(ctx->db))
			return fail_db(ctx, "savepoint");
		ctx_as(ctx, &t->who);
		t->ok = act(ctx, t, all->w, version.i);
		t->kind = ctx->kind;
		t->message = ctx->errors ? ctx->errors->message : "";
		ctx_as(ctx, system);
		db_save_rollback(ctx->db);
		ctx_forget(ctx);
	}
	return fail(ctx, ERR_CONFLICT, NULL, "撤回", "taken back");
}

static enum error_kind kind_of(enum verdict v)
{
	switch (v) {
	case VERDICT_DONE:
		return ERR_NONE;
	case VERDICT_MISSING:
		return ERR_MISSING;
	case VERDICT_DENIED:
		return ERR_DENIED;
	case VERDICT_INVALID:
		break;
	}
	return ERR_INVALID;
}

static void judge(const struct trial *t)
{
	struct asker *a = t->a;
	enum error_kind due = kind_of(t->due);

	snprintf(a->what, sizeof a->what, "%s", t->what);
	if (t->ok != (due == ERR_NONE) || (!t->ok && t->kind != due))
		ask_wrong(a, "%s (%s), should be %s", t->ok ? "is done" : error_word(t->kind), t->message,
		          due == ERR_NONE ? "done" : error_word(due));
	else if (t->ok && t->verb == VERB_BULK && t->changed != t->due_changed)
		ask_wrong(a, "changes %" PRId64 ", should be %" PRId64, t->changed, t->due_changed);
}

/*
 * Drawing
 */

/* New values: those the member may set, and a few others. */
static void values_draw(struct asker *a, int object, int row, int n, struct wanted *v)
{
	struct world *w = a->w;
	const struct thing *t = &w->things[object];

	for (int tries = 0; tries < 12 && v->n < n; tries++) {
		int f = world_chance(w, 30) ? (world_chance(w, 50) ? t->owner : t->parent)
		                            : world_draw(w, t->n_fields);
		bool again = f < 0 || (!attribute_stored(&t->fields[f]) && !world_chance(w, 20));
		struct fact value;

		if (f >= 0 && !oracle_field_write(w, a->me, object, f) && !world_chance(w, 20))
			continue;
		for (int i = 0; i < v->n; i++)
			again |= v->fields[i] == f;
		if (again)
			continue;
		value = attribute_stored(&t->fields[f]) ? world_fact(w, object, f)
		                                        : (struct fact){ .set = true, .n = 1 };
		/* What is sent back unchanged is no change. */
		if (row >= 0 && fact_same(w->rows[row].facts[f], value))
			continue;
		v->fields[v->n] = f;
		v->values[v->n++] = value;
	}
}

static void body_text(struct asker *a, const struct json *body, char *out, size_t size)
{
	struct json_writer w;
	struct text t;

	text_init(&t, &a->mem);
	jw_init(&w, &t);
	if (body)
		jw_json(&w, body);
	snprintf(out, size, " %s", t.len ? t.s : "");
}

static void draw_create(struct trial *t)
{
	struct asker *a = t->a;
	struct world *w = a->w;
	const struct thing *o = &w->things[t->object];
	struct wanted v = { 1, { o->title }, { world_fact(w, t->object, o->title) } };

	if (o->parent >= 0 && o->fields[o->parent].required) {
		v.fields[v.n] = o->parent;
		v.values[v.n++] = (struct fact){
			.set = true, .n = ask_some_row(a, o->fields[o->parent].to) };
	} else if (o->owner >= 0 && world_chance(w, 70)) {
		v.fields[v.n] = o->owner;
		v.values[v.n++] = (struct fact){
			.set = true, .n = world_chance(w, 50) ? a->me : world_draw(w, MEMBERS) };
	}
	values_draw(a, t->object, -1, CHANGED - world_draw(w, 2), &v);
	t->row = -1;
	t->due = oracle_create(w, a->me, o->first + o->n, &v);
	t->body = site_body(w, &a->s->mem, t->object, &v);
}

static void draw_update(struct trial *t)
{
	struct asker *a = t->a;
	struct wanted v = { .n = 0 };

	t->row = ask_some_row(a, t->object);
	values_draw(a, t->object, t->row, 1 + world_draw(a->w, 2), &v);
	t->due = oracle_update(a->w, a->me, t->row, &v);
	t->body = site_body(a->w, &a->s->mem, t->object, &v);
}

static void draw_delete(struct trial *t)
{
	t->row = ask_some_row(t->a, t->object);
	t->due = oracle_delete(t->a->w, t->a->me, t->row);
}

/* All or nothing over the rows of a list. */
static void draw_bulk(struct trial *t)
{
	static int rows[ROWS];
	struct asker *a = t->a;
	struct world *w = a->w;
	struct wish wish;
	struct names names;
	struct json_error error;
	struct wanted v = { .n = 0 };
	const char *text;

	do
		wish_draw(a, t->object, &wish);
	while (oracle_unknown(w, a->me, &wish) || wish.deleted);
	while (v.n == 0 || w->things[t->object].fields[v.fields[0]].kind == KIND_REF) {
		v.n = 0;
		values_draw(a, t->object, -1, 1, &v);
	}
	text = wish_text(a, &wish, false, &names);

	int n = oracle_list(w, a->me, &wish, rows);

	t->row = -1;
	t->due = oracle_reach(w, a->me, t->object, DEED_READ) == NONE ? VERDICT_DENIED : VERDICT_DONE;
	/* Names come before rows. */
	if (n && t->due == VERDICT_DONE && !oracle_field_write(w, a->me, t->object, v.fields[0]))
		t->due = VERDICT_INVALID;
	for (int i = 0; i < n && t->due == VERDICT_DONE; i++)
		t->due = oracle_update(w, a->me, rows[i], &v);
	t->due_changed = n;

	struct json_writer out;
	struct text body;
	const char *set;

	text_init(&body, &a->mem);
	jw_init(&out, &body);
	jw_json(&out, site_body(w, &a->mem, t->object, &v));
	set = body.s;
	text_init(&body, &a->s->mem);
	jw_init(&out, &body);
	jw_object(&out);
	jw_key(&out, "query");
	jw_text(&out, text);
	jw_key(&out, "set");
	jw_raw(&out, set);
	jw_object_end(&out);
	t->body = json_parse(&a->s->mem, body.s, body.len, &error);
}

/* Could an administrator restore the row?  What it refers to must be there, and it went alone. */
static bool restorable(const struct world *w, int row)
{
	const struct thing *t = &w->things[w->rows[row].object];

	if (!w->rows[row].deleted || w->rows[row].deleted_with >= 0)
		return false;
	for (int f = 0; f < t->n_fields; f++)
		if (t->fields[f].kind == KIND_REF && w->rows[row].facts[f].set &&
		    w->rows[w->rows[row].facts[f].n].deleted)
			return false;
	for (int i = 0; i < w->n_rows; i++)
		if (w->rows[i].deleted_with == row)
			return false;
	return true;
}

static void draw_restore(struct trial *t)
{
	struct world *w = t->a->w;
	int me = t->a->me;
	int tries = 30;

	do
		t->row = world_row(w, t->object, false);
	while (!restorable(w, t->row) && tries-- > 0);
	if (!w->rows[t->row].deleted) {
		t->due = oracle_sees(w, me, t->row) ? VERDICT_DENIED : VERDICT_MISSING;
		return;
	}
	/* Who may delete a row may take it back. */
	t->due = VERDICT_MISSING;
	if (!restorable(w, t->row))
		t->verb = VERB_DELETE;
	else if (oracle_may(w, me, t->row, DEED_READ) && oracle_may(w, me, t->row, DEED_DELETE))
		t->due = VERDICT_DONE;
}

static void draw_share(struct trial *t)
{
	struct world *w = t->a->w;

	t->row = ask_some_row(t->a, t->object);
	t->other = w->members[world_draw(w, MEMBERS)].id;
	t->due = oracle_share(w, t->a->me, t->row);
}

/* Most of the time with a row the share is of. */
static void draw_unshare(struct trial *t)
{
	struct world *w = t->a->w;
	int share = world_draw(w, w->n_shares);

	t->object = w->rows[w->shares[share].row].object;
	t->row = world_chance(w, 70) ? w->shares[share].row : ask_some_row(t->a, t->object);
	t->other = w->shares[share].id;
	t->due = oracle_unshare(w, t->a->me, t->row, share);
}

static void draw_merge(struct trial *t)
{
	struct world *w = t->a->w;
	int from = ask_some_row(t->a, t->object);

	do
		t->row = ask_some_row(t->a, t->object);
	while (t->row == from);
	t->other = w->rows[from].id;
	t->due = oracle_merge(w, t->a->me, t->row, from);
}

static void trial_draw(struct trial *t)
{
	static const char *const words[] = {
		"create", "update", "delete", "restore", "bulk", "share", "unshare", "merge",
	};
	static void (*const draws[])(struct trial *t) = {
		draw_create, draw_update, draw_delete, draw_restore, draw_bulk, draw_share, draw_unshare,
		draw_merge,
	};
	static const enum verb often[] = {
		VERB_CREATE, VERB_CREATE, VERB_CREATE, VERB_UPDATE, VERB_UPDATE, VERB_UPDATE, VERB_UPDATE,
		VERB_DELETE, VERB_DELETE, VERB_RESTORE, VERB_BULK, VERB_SHARE, VERB_UNSHARE, VERB_MERGE,
	};
	struct asker *a = t->a;
	const struct row *row;
	char body[1000];

	ask_begin(a, "write");
	t->object = world_draw(a->w, OBJECTS);
	t->verb = often[world_draw(a->w, LENGTH(often))];
	draws[t->verb](t);
	row = t->row < 0 ? NULL : &a->w->rows[t->row];
	/* A token that only reads changes nothing. */
	t->who.read_only = t->verb != VERB_BULK && world_chance(a->w, 3);
	if (t->who.read_only)
		t->due = row && !oracle_sees(a->w, a->me, t->row) ? VERDICT_MISSING : VERDICT_DENIED;
	body_text(a, t->body, body, sizeof body);
	snprintf(t->what, sizeof t->what, "%s%s %s/%" PRId64 " %" PRId64 "%s",
	         t->who.read_only ? "read-only " : "", words[t->verb], a->w->things[t->object].name,
	         row ? row->id : 0, t->other, body);
}

void ask_writes(struct asker *a, int n)
{
	struct arena mem;
	struct trials all = { .n = n, .w = a->w };

	arena_init(&mem, 0);
	all.list = arena_array(&mem, (size_t)n, sizeof *all.list);
	for (int i = 0; i < n; i++) {
		all.list[i] = (struct trial){ .a = a, .who = *a->who };
		trial_draw(&all.list[i]);
	}

	struct work work = { .fn = try_all, .arg = &all, .mem = &mem };

	engine_wait(a->s->e, &work);
	if (work.kind != ERR_CONFLICT)
		ask_wrong(a, "the tries broke off: %s", work.errors ? work.errors->message : "?");
	for (int i = 0; i < n && work.kind == ERR_CONFLICT; i++)
		judge(&all.list[i]);
	arena_done(&mem);
}
