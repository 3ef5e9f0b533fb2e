#include "tests/model/site.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"

const struct object *site_object(struct ctx *ctx, const struct world *w, int object)
{
	return schema_object(ctx->schema, w->things[object].name);
}

int site_row(const struct world *w, int object, int64_t id)
{
	const struct thing *t = &w->things[object];

	for (int row = t->first; row < t->first + t->n; row++)
		if (w->rows[row].id == id)
			return row;
	return -1;
}

/*
 * Values
 */

static void decimal(struct json_writer *out, int64_t n, int scale)
{
	int64_t unit = scale == 3 ? 1000 : 100;
	int64_t size = n < 0 ? -n : n;
	char s[40];

	snprintf(s, sizeof s, "%s%" PRId64 ".%0*" PRId64, n < 0 ? "-" : "", size / unit, scale,
	         size % unit);
	jw_text(out, s);
}

static void many_rows(const struct world *w, int to, int64_t bits, struct json_writer *out)
{
	jw_array(out);
	for (int i = 0; i < w->things[to].n; i++)
		if (bits >> i & 1)
			jw_id(out, w->rows[w->things[to].first + i].id);
	jw_array_end(out);
}

/* Totals look like what they sum; formulas of the world are whole numbers. */
static enum kind looks(const struct world *w, const struct attribute *a)
{
	if (a->kind == KIND_TOTAL && a->sum >= 0)
		return w->things[a->over].fields[a->sum].kind;
	return a->kind == KIND_TOTAL || a->kind == KIND_FORMULA ? KIND_INTEGER : a->kind;
}

void site_fact(const struct world *w, const struct attribute *a, struct fact f,
               struct json_writer *out)
{
	if (!f.set && a->kind != KIND_REFS) {
		jw_null(out);
		return;
	}
	switch (looks(w, a)) {
	case KIND_TEXT:
	case KIND_DATE:
	case KIND_INSTANT:
	case KIND_CHOICE:
		jw_text(out, f.s);
		return;
	case KIND_MONEY:
		decimal(out, f.n, 2);
		return;
	case KIND_DECIMAL:
		decimal(out, f.n, 3);
		return;
	case KIND_BOOL:
		jw_bool(out, f.n != 0);
		return;
	case KIND_REF:
		jw_id(out, w->rows[f.n].id);
		return;
	case KIND_REFS:
		many_rows(w, a->to, f.set ? f.n : 0, out);
		return;
	case KIND_MEMBER:
		jw_id(out, w->members[f.n].id);
		return;
	case KIND_INTEGER:
	case KIND_FORMULA:
	case KIND_TOTAL:
		break;
	}
	jw_int(out, f.n);
}

const struct json *site_body(const struct world *w, struct arena *mem, int object,
                             const struct wanted *v)
{
	struct json_error error;
	struct json_writer out;
	struct text t;

	text_init(&t, mem);
	jw_init(&out, &t);
	jw_object(&out);
	for (int i = 0; i < v->n; i++) {
		const struct attribute *a = &w->things[object].fields[v->fields[i]];

		jw_key(&out, a->name);
		site_fact(w, a, v->values[i], &out);
	}
	jw_object_end(&out);
	return json_parse(mem, t.s, t.len, &error);
}

/*
 * Doing things as the system
 */

static bool run(struct site *s, work_fn *fn, void *arg)
{
	struct arena mem;

	arena_init(&mem, 0);

	struct work work = { .fn = fn, .arg = arg, .mem = &mem };
	bool ok = engine_wait(s->e, &work);

	for (const struct error *e = work.errors; !ok && e; e = e->next)
		printf("FAILED to build the world of seed %" PRIu64 ": %s: %s\n", s->w->seed,
		       e->field ? e->field : "", e->message);
	arena_done(&mem);
	return ok;
}

static struct event *add_event(struct world *w, enum event_kind kind, int row)
{
	struct event *e = &w->events[w->n_events++];

	assert(w->n_events < EVENTS);
	*e = (struct event){ .kind = kind, .row = row };
	return e;
}

/* Fills the next unused row of an object. */
static bool create_row(struct ctx *ctx, struct world *w, int object)
{
	struct thing *t = &w->things[object];
	int row = t->first + t->n;
	const struct json *body;
	struct json_writer out;
	struct json_error error;
	struct text text;

	text_init(&text, ctx->mem);
	jw_init(&out, &text);
	jw_object(&out);
	for (int f = 0; f < t->n_fields; f++) {
		if (!attribute_stored(&t->fields[f]))
			continue;
		w->rows[row].facts[f] = world_fact(w, object, f);
		jw_key(&out, t->fields[f].name);
		site_fact(w, &t->fields[f], w->rows[row].facts[f], &out);
	}
	jw_object_end(&out);
	body = json_parse(ctx->mem, text.s, text.len, &error);
	if (!record_create_json(ctx, site_object(ctx, w, object), body, &w->rows[row].id))
		return false;
	/* What is about any record, seen with it: such rows are not in the log. */
	if (world_chance(w, 20) && !record_create(ctx, "follow", (struct cell[]){
	        { "object", v_text(t->name) }, { "record", v_int(w->rows[row].id) },
	        { "member", v_int(w->members[0].id) }, { 0 } }, &w->rows[row].about))
		return false;
	t->n++;
	add_event(w, EVENT_CREATE, row);
	return true;
}

/*
 * People and declarations
 */

static bool declare(struct ctx *ctx, void *arg)
{
	struct site *s = arg;
	char *body = world_declare(s->w);
	int64_t id;
	bool ok = record_find(ctx, "object", "name=eq.model", &id);

	if (ok && id)
		ok = record_update(ctx, "object", id, (struct cell[]){ { "body", v_text(body) }, { 0 } });
	else if (ok)
		ok = record_create(ctx, "object", (struct cell[]){
			{ "name", v_text("model") }, { "body", v_text(body) }, { 0 } }, NULL);
	free(body);
	return ok;
}

static struct value roles_value(struct ctx *ctx, const struct world *w, int m)
{
	struct text t;

	text_init(&t, ctx->mem);
	for (int r = 0; r < ROLES; r++)
		if (w->members[m].roles & 1u << r)
			text_addf(&t, ",%" PRId64, w->role_ids[r]);
	if (w->members[m].admin)
		text_addf(&t, ",%" PRId64, w->admin_id);
	if (t.len)
		text_add(&t, ",");
	return t.len ? v_text(t.s) : v_null();
}

static bool place_member(struct ctx *ctx, const struct world *w, int m)
{
	const struct person *p = &w->members[m];

	return record_update(ctx, "member", p->id, (struct cell[]){
		{ "team", p->team < 0 ? v_null() : v_int(w->teams[p->team].id) },
		{ "leader", p->leader < 0 ? v_null() : v_int(w->members[p->leader].id) },
		{ "roles", roles_value(ctx, w, m) }, { "active", v_int(p->active) }, { 0 } });
}

static bool place_team(struct ctx *ctx, const struct world *w, int t)
{
	const struct unit *u = &w->teams[t];

	return record_update(ctx, "team", u->id, (struct cell[]){
		{ "parent", u->parent < 0 ? v_null() : v_int(w->teams[u->parent].id) },
		{ "leader", u->leader < 0 ? v_null() : v_int(w->members[u->leader].id) }, { 0 } });
}

static bool add_people(struct ctx *ctx, void *arg)
{
	struct site *s = arg;
	struct world *w = s->w;

	for (int r = 0; r < ROLES; r++)
		if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.x_r%d", r), &w->role_ids[r]))
			return false;
	if (!record_need(ctx, "role", "name=eq.admin", &w->admin_id))
		return false;
	for (int t = 0; t < w->n_teams; t++)
		if (!record_create(ctx, "team", (struct cell[]){
			{ "name", v_text(fmt(ctx->mem, "团队%d", t)) }, { 0 } }, &w->teams[t].id))
			return false;
	for (int m = 0; m < MEMBERS; m++)
		if (!record_create(ctx, "member", (struct cell[]){
			{ "name", v_text(fmt(ctx->mem, "m%d", m)) }, { "label", v_text(w->members[m].label) },
			{ "active", v_int(1) }, { 0 } }, &w->members[m].id))
			return false;
	for (int m = 0; m < MEMBERS; m++)
		if (!place_member(ctx, w, m))
			return false;
	for (int t = 0; t < w->n_teams; t++)
		if (!place_team(ctx, w, t))
			return false;
	return ctx_get_int(ctx, "SELECT max(id) FROM t_change", NULL, 0, &s->first_change);
}

struct filling {
	struct world *w;
	int object;
};

/* Nine of ten rows now; the others come later, one by one. */
static bool fill(struct ctx *ctx, void *arg)
{
	const struct filling *f = arg;
	const struct thing *t = &f->w->things[f->object];

	while (t->n < t->room * 9 / 10)
		if (!create_row(ctx, f->w, f->object))
			return false;
	return true;
}

bool site_open(struct site *s, struct world *w, const char *dir, const char *url)
{
	static const int order[OBJECTS] = { OBJ_E, OBJ_F, OBJ_A, OBJ_B, OBJ_C, OBJ_D, OBJ_G };
	struct engine_options options = { .data = dir, .db = url, .create = true };
	struct complaint *complaints = NULL;

	*s = (struct site){ .w = w, .dir = dir, .url = url };
	arena_init(&s->mem, 0);
	date_zone("Asia/Shanghai");
	s->e = engine_open(&options, &s->mem, &complaints);
	for (; complaints; complaints = complaints->next)
		printf("FAILED %s: %s\n", complaints->where, complaints->message);
	if (!s->e || !run(s, declare, s) || !run(s, add_people, s))
		return false;
	for (int i = 0; i < OBJECTS; i++)
		if (!run(s, fill, &(struct filling){ w, order[i] }))
			return false;
	oracle_levels(w);
	return site_stir(s, 250);
}

void site_close(struct site *s)
{
	if (s->e)
		engine_close(s->e);
	arena_done(&s->mem);
}

/*
 * Changes
 */

static bool change_row(struct ctx *ctx, struct world *w, int row)
{
	int object = w->rows[row].object;
	const struct thing *t = &w->things[object];
	struct wanted v = { .n = 0 };
	struct event *e;
	int64_t version;
	struct value now;

	for (int n = 1 + world_draw(w, 3); n > 0; n--) {
		/* Whose a row is changes more often than the rest. */
		int f = world_draw(w, t->n_fields);

		if (world_chance(w, 40))
			f = world_chance(w, 50) ? t->owner : t->parent;

		bool again = f < 0 || !attribute_stored(&t->fields[f]);

		for (int i = 0; i < v.n; i++)
			again |= v.fields[i] == f;
		if (again)
			continue;
		v.fields[v.n] = f;
		v.values[v.n++] = world_fact(w, object, f);
	}
	if (v.n == 0)
		return true;
	if (!record_get(ctx, t->name, w->rows[row].id, "version", &now))
		return false;
	version = now.i;
	if (!record_update_json(ctx, site_object(ctx, w, object), w->rows[row].id, version,
	                        site_body(w, ctx->mem, object, &v)))
		return false;
	e = add_event(w, EVENT_UPDATE, row);
	for (int i = 0; i < v.n; i++) {
		struct fact *f = &w->rows[row].facts[v.fields[i]];

		if (fact_same(*f, v.values[i]))
			continue;
		e->fields[e->n] = v.fields[i];
		e->old[e->n] = *f;
		e->now[e->n++] = v.values[i];
		*f = v.values[i];
	}
	if (e->n == 0)                  /* nothing new: nothing happened */
		w->n_events--;
	return true;
}

/* Is the living row visible only with its parent? */
static bool hangs_on(const struct world *w, int row, int parent)
{
	const struct thing *t = &w->things[w->rows[row].object];
	const struct fact *facts = w->rows[row].facts;

	return row < t->first + t->n && !w->rows[row].deleted && t->parent >= 0 &&
	       t->fields[t->parent].to == w->rows[parent].object && facts[t->parent].set &&
	       facts[t->parent].n == parent && (t->owner < 0 || !facts[t->owner].set);
}

static void mark_deleted(struct world *w, int row, int with)
{
	w->rows[row].deleted = true;
	w->rows[row].deleted_with = with;
	add_event(w, EVENT_DELETE, row);
	for (int i = 0; i < w->n_rows; i++)
		if (hangs_on(w, i, row))
			mark_deleted(w, i, with < 0 ? row : with);
}

static bool delete_row(struct ctx *ctx, struct world *w, int row)
{
	if (!record_delete(ctx, w->things[w->rows[row].object].name, w->rows[row].id, 0))
		return false;
	mark_deleted(w, row, -1);
	return true;
}

static bool restore_row(struct ctx *ctx, struct world *w, int row)
{
	const struct thing *t = &w->things[w->rows[row].object];

	/* Only what was deleted by itself and whose parent is there. */
	if (!w->rows[row].deleted || w->rows[row].deleted_with >= 0)
		return true;
	if (t->parent >= 0 && w->rows[row].facts[t->parent].set &&
	    w->rows[w->rows[row].facts[t->parent].n].deleted)
		return true;
	if (!record_restore(ctx, t->name, w->rows[row].id))
		return false;
	for (int i = 0; i < w->n_rows; i++)
		if (i == row || w->rows[i].deleted_with == row) {
			w->rows[i].deleted = false;
			w->rows[i].deleted_with = -1;
			add_event(w, EVENT_RESTORE, i);
		}
	return true;
}

static bool share_row(struct ctx *ctx, struct world *w, int row)
{
	struct sharing *s = &w->shares[w->n_shares];

	if (w->n_shares == SHARES)
		return true;
	*s = (struct sharing){ .row = row, .member = -1, .team = -1, .write = world_chance(w, 50) };
	if (world_chance(w, 60))
		s->member = world_draw(w, MEMBERS);
	else
		s->team = world_draw(w, w->n_teams);
	w->n_shares++;
	return record_create(ctx, "share", (struct cell[]){
		{ "object", v_text(w->things[w->rows[row].object].name) },
		{ "record", v_int(w->rows[row].id) },
		{ "member", s->member < 0 ? v_null() : v_int(w->members[s->member].id) },
		{ "team", s->team < 0 ? v_null() : v_int(w->teams[s->team].id) },
		{ "writable", v_int(s->write) }, { 0 } }, &s->id);
}

static bool end_share(struct ctx *ctx, struct world *w)
{
	struct sharing *s = &w->shares[world_draw(w, w->n_shares + 1)];

	if (s == &w->shares[w->n_shares] || s->ended)
		return true;
	s->ended = true;
	return record_delete(ctx, "share", s->id, 0);
}

static bool move_people(struct ctx *ctx, struct world *w)
{
	int m = 1 + world_draw(w, MEMBERS - 1);
	int t = world_draw(w, w->n_teams);

	switch (world_draw(w, 5)) {
	case 0:
		w->members[m].team = world_chance(w, 90) ? t : -1;
		return place_member(ctx, w, m);
	case 1:
		w->members[m].leader = world_chance(w, 60) ? world_draw(w, m) : -1;
		return place_member(ctx, w, m);
	case 2:
		w->members[m].roles ^= 1u << world_draw(w, ROLES);
		w->members[m].active = world_chance(w, 88);
		return place_member(ctx, w, m);
	case 3:
		w->teams[t].leader = world_chance(w, 75) ? m : -1;
		return place_team(ctx, w, t);
	default:
		w->teams[t].parent = t > 0 && world_chance(w, 85) ? world_draw(w, t) : -1;
		return place_team(ctx, w, t);
	}
}

static bool one_change(struct ctx *ctx, struct world *w)
{
	int object = world_draw(w, OBJECTS);
	const struct thing *t = &w->things[object];
	int row = world_row(w, object, true);
	int kind = world_draw(w, 100);

	if (kind < 50)
		return change_row(ctx, w, row);
	if (kind < 62)
		return t->is_public || delete_row(ctx, w, row);
	if (kind < 70)
		return restore_row(ctx, w, world_row(w, object, false));
	if (kind < 78)
		return t->n + 1 >= t->room || create_row(ctx, w, object);
	if (kind < 90)
		return t->is_public || share_row(ctx, w, row);
	if (kind < 94)
		return end_share(ctx, w);
	return move_people(ctx, w);
}

struct stirring {
	struct site *s;
	int n;
};

static bool stir(struct ctx *ctx, void *arg)
{
	struct stirring *stirring = arg;
	struct site *s = stirring->s;

	for (; stirring->n > 0; stirring->n--) {
		/* Each change has its own moment: what is deleted later was not deleted with it. */
		ctx->now = ctx->now > s->clock ? ctx->now : s->clock + 1;
		s->clock = ctx->now;
		if (!one_change(ctx, s->w))
			return false;
	}
	return true;
}

bool site_stir(struct site *s, int n)
{
	if (!run(s, stir, &(struct stirring){ s, n }))
		return false;
	world_grant(s->w);
	oracle_levels(s->w);
	return run(s, declare, s);
}
