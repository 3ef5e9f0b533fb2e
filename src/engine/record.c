#include "engine/record.h"

#include "base/date.h"
#include "base/number.h"
#include "engine/change.h"
#include "engine/measure.h"
#include "engine/module.h"
#include "engine/mutant.h"
#include "engine/record_inner.h"
#include "engine/search.h"
#include "engine/system.h"

/* Hooks' view of a change */

enum change_act change_act(const struct change *c)
{
	return c->act;
}

const struct object *change_object(const struct change *c)
{
	return c->o;
}

int64_t change_id(const struct change *c)
{
	return c->id;
}

/* A misspelt field in a hook is a mistake of ours, found by the first test that runs it. */
static size_t need_field(const struct change *c, const char *name)
{
	const struct field *f = object_field(c->o, name);

	assert(f && !f->computed);
	return f->index;
}

bool change_has(const struct change *c, const char *field)
{
	size_t i = need_field(c, field);

	return !value_eq(c->old[i], c->now[i]);
}

struct value change_old(const struct change *c, const char *field)
{
	return c->old[need_field(c, field)];
}

struct value change_new(const struct change *c, const char *field)
{
	return c->now[need_field(c, field)];
}

void change_set(struct change *c, const char *field, struct value v)
{
	c->now[need_field(c, field)] = v;
}

static bool concerns(const struct hook *h, unsigned when, const struct change *c)
{
	return h->when & when && (text_eq(h->object, c->o->name) || text_eq(h->object, "*")) &&
	       (!(h->when & HOOK_WRITES) || c->act == CHANGE_CREATE || c->act == CHANGE_UPDATE);
}

static bool run_hook(struct ctx *ctx, const struct hook *h, struct change *c)
{
	if (!(h->when & HOOK_SYSTEM))
		return h->fn(ctx, c);

	const struct member *me = ctx_as_system(ctx);
	bool ok = h->fn(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

static bool run_module(struct ctx *ctx, const struct module *m, unsigned when, struct change *c)
{
	for (const struct hook *h = m->hooks; h && h->object; h++)
		if (concerns(h, when, c) && !run_hook(ctx, h, c))
			return false;
	return true;
}

static bool run_hooks(struct ctx *ctx, unsigned when, struct change *c)
{
	if (!run_module(ctx, &system_module, when, c))
		return false;
	for (const struct module *const *m = modules; *m; m++)
		if (!run_module(ctx, *m, when, c))
			return false;
	return true;
}

bool record_ask(struct ctx *ctx, struct change *c)
{
	return run_hooks(ctx, HOOK_CHECK, c);
}

/* Rows */

static struct value *no_values(struct ctx *ctx, const struct object *o)
{
	return arena_array(ctx->mem, o->n_fields, sizeof(struct value));
}

static struct value copy_value(struct ctx *ctx, struct value v)
{
	if (v.kind == V_TEXT || v.kind == V_BYTES)
		v.s = arena_dupn(ctx->mem, v.s, v.n);
	return v;
}

void record_values(struct query *q, const struct object *o, struct value *ret)
{
	size_t column = 0;

	for (size_t i = 0; i < o->n_fields; i++)
		if (!o->fields[i].computed)
			ret[i] = db_value(q, column++);
}

bool record_row(struct ctx *ctx, const struct object *o, int64_t id, enum act act, bool deleted,
                struct value **ret, bool *ret_found)
{
	struct value *values = no_values(ctx, o);
	struct text sql;

	*ret_found = false;
	text_init(&sql, ctx->mem);
	text_addf(&sql, "SELECT %s FROM %s WHERE id = $id AND %s AND ", o->stored, scope_table(ctx->mem, o),
	          deleted ? "deleted_at > 0"
	          : ctx->import ? "(deleted_at IS NULL OR deleted_at < 0)" : "deleted_at IS NULL");
	scope_where(ctx, o, act, &sql);

	struct query *q = ctx_query(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		*ret_found = true;
		record_values(q, o, values);
		for (size_t i = 0; i < o->n_fields; i++)
			values[i] = copy_value(ctx, values[i]);
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret = values;
	return failed ? fail_db(ctx, "reading a record") : true;
}

bool record_refused(struct ctx *ctx, const struct object *o, int64_t id)
{
	struct value *values;
	bool found = false;

	if (scope_may(ctx, o, ACT_READ) &&
	    !record_row(ctx, o, id, ACT_READ, false, &values, &found))
		return false;
	if (found)
		return fail(ctx, ERR_DENIED, NULL, "您可以查看这条记录，但无权执行此操作",
		            "You may see this record but not do this");
	return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
}

static size_t at(const struct object *o, const char *name)
{
	return object_field(o, name)->index;
}

static bool insert_row(struct ctx *ctx, struct change *c)
{
	const struct object *o = c->o;
	struct bind *binds = arena_array(ctx->mem, o->n_fields + 1, sizeof *binds);
	const char *returning = db_words(ctx->db)->inserted;
	size_t n = 0;

	for (size_t i = 0; i < o->n_fields; i++)
		if (!o->fields[i].computed && i != at(o, "id"))
			binds[n++] = (struct bind){ o->fields[i].name, c->now[i] };
	if (!ctx_insert(ctx, *returning ? fmt(ctx->mem, "%s%s", o->insert, returning) : o->insert, binds,
	                &c->id))
		return false;
	c->now[at(o, "id")] = v_int(c->id);
	return true;
}

static bool update_row(struct ctx *ctx, struct change *c)
{
	const struct object *o = c->o;
	struct binds b = { 0 };
	struct text sql;

	text_init(&sql, ctx->mem);
	text_addf(&sql, "UPDATE %s SET ", scope_table(ctx->mem, o));
	for (size_t i = 0; i < o->n_fields; i++) {
		if (o->fields[i].computed || value_eq(c->old[i], c->now[i]))
			continue;
		text_addf(&sql, "%s%s = $%s", b.n ? ", " : "", o->fields[i].name, o->fields[i].name);
		bind_named(ctx, &b, o->fields[i].name, c->now[i]);
	}
	text_add(&sql, " WHERE id = $id");
	bind_named(ctx, &b, "id", v_int(c->id));
	return ctx_exec(ctx, sql.s, b.list, NULL);
}

/* The written row must lie where the caller may write, so nobody hands out what they could not touch. */
static bool within_reach(struct ctx *ctx, struct change *c)
{
	enum act act = c->act == CHANGE_CREATE ? ACT_CREATE : ACT_UPDATE;
	struct text sql;
	int64_t found = 0;

	/* A child lies within reach only with its parent, however wide the reach on children. */
	if (c->o->is_public || ctx->me->system || ctx->me->admin ||
	    (c->o->scope_member && scope_reach(ctx, c->o, act) == REACH_ALL))
		return true;
	text_init(&sql, ctx->mem);
	text_addf(&sql, "SELECT 1 FROM %s WHERE id = $id AND ", scope_table(ctx->mem, c->o));
	scope_where(ctx, c->o, act, &sql);
	if (!ctx_get_int(ctx, sql.s, (struct bind[]){ { "id", v_int(c->id) }, { 0 } }, 0, &found))
		return false;
	return found || fail(ctx, ERR_DENIED, c->o->scope_member ? c->o->scope_member->name : NULL,
	                     "不能把记录交给您管辖范围以外的人",
	                     "A record cannot be given to somebody outside your reach");
}

/* Whom the parent belongs to, or – without a parent – whom the row itself belongs to. */
static bool set_holder(struct ctx *ctx, struct change *c)
{
	const struct field *by = c->o->scope_parent;
	int64_t holder = 0;

	if (!by)
		return true;

	struct value parent = c->now[by->index];

	if (parent.kind == V_NULL) {
		c->now[at(c->o, "holder")] =
			c->o->scope_member ? c->now[c->o->scope_member->index] : v_null();
		return true;
	}
	if (!ctx_get_int(ctx, fmt(ctx->mem, "SELECT %s FROM %s WHERE id = $id",
	                          scope_holder(by->to), scope_table(ctx->mem, by->to)),
	                 (struct bind[]){ { "id", parent }, { 0 } }, 0, &holder))
		return false;
	c->now[at(c->o, "holder")] = v_id(holder);
	return true;
}

/* A record changed hands: its children carry the new holder, and theirs in turn. */
static bool pass_holder(struct ctx *ctx, const struct object *o, int64_t id, struct value holder)
{
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *child = &ctx->schema->objects[i];

		if (!child->scope_parent || child->scope_parent->to != o || MUTANT_IS(19))
			continue;

		const char *table = scope_table(ctx->mem, child);
		const char *via = child->scope_parent->name;
		struct bind binds[] = { { "id", v_int(id) }, { "holder", holder }, { 0 } };

		if (!ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET holder = $holder WHERE %s = $id", table, via),
		              binds, NULL))
			return false;
		if (!search_refresh(ctx, child, via, v_int(id)))
			return false;
		if (child->scope_member)
			continue;       /* its own children go by its member */

		int64_t *ids;
		size_t n;

		if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $id", table, via), binds,
		             &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (!pass_holder(ctx, child, ids[k], holder))
				return false;
	}
	return true;
}

/* "HT-{yyyy}-{0001}" with the year of now and the next number of its kind. */
static bool next_number(struct ctx *ctx, const struct field *f, struct value *ret)
{
	int64_t days;
	int64_t number = 0;
	struct text prefix;
	struct text out;
	const char *digits = NULL;

	if (!date_parse(ctx->today, &days))
		return fail(ctx, ERR_INTERNAL, NULL, "日期错误", "Bad date");

	struct ymd d = date_ymd(days);

	text_init(&prefix, ctx->mem);
	text_init(&out, ctx->mem);
	for (int pass = 0; pass < 2; pass++) {
		/* First the series (everything but the number), then the text with its number. */
		struct text *t = pass ? &out : &prefix;

		for (const char *p = f->pattern; *p; p++) {
			const char *end = *p == '{' ? strchr(p, '}') : NULL;

			if (!end) {
				text_addc(t, *p);
				continue;
			}
			if (text_starts(p, "{yyyy}"))
				text_addf(t, "%04d", d.year);
			else if (text_starts(p, "{mm}"))
				text_addf(t, "%02d", d.month);
			else if (text_starts(p, "{dd}"))
				text_addf(t, "%02d", d.day);
			else if (pass == 0)
				digits = p;
			else
				text_addf(t, "%0*" PRId64, (int)(end - p - 1), number);
			p = end;
		}
		if (pass == 0 && digits &&
		    !ctx_get_int(ctx, "INSERT INTO t_counter (name, value) VALUES ($name, 1)"
		                      " ON CONFLICT (name) DO UPDATE SET value = t_counter.value + 1"
		                      " RETURNING value",
		                 (struct bind[]){ { "name", v_text(fmt(ctx->mem, "%s.%s:%s", f->object->name,
		                                                       f->name, prefix.s)) }, { 0 } },
		                 0, &number))
			return false;
	}
	*ret = v_text(out.s);
	return true;
}

bool record_initial(struct ctx *ctx, const struct field *f, struct value *ret)
{
	const char *s = f->initial;
	bool person = text_eq(s, "$me") || text_eq(s, "$team");

	/* A file's rows belong to whom the file says; without a word, to nobody. */
	if (person && (ctx->import || ctx->me->system)) {
		*ret = v_null();
		return true;
	}
	if (text_eq(s, "$me"))
		*ret = v_id(ctx->me->id);
	else if (text_eq(s, "$team"))
		*ret = v_id(ctx->me->team);
	else if (text_eq(s, "$today"))
		*ret = v_text(ctx->today);
	else if (text_eq(s, "$now"))
		*ret = v_int(ctx->now);
	else
		return field_type(f)->read_text(ctx, f, s, ret);
	return true;
}

/* Values a new row has without anybody saying so. */
static bool set_defaults(struct ctx *ctx, struct change *c, const bool *set)
{
	const struct object *o = c->o;

	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (set[i] || f->system || f->computed || !f->initial)
			continue;
		if (!record_initial(ctx, f, &c->now[i]))
			return false;
	}
	c->now[at(o, "version")] = v_int(1);
	c->now[at(o, "created_at")] = c->now[at(o, "changed_at")] = v_int(ctx->now);
	c->now[at(o, "created_by")] = c->now[at(o, "changed_by")] = v_id(ctx->actor);
	if (ctx->import) {
		c->now[at(o, "import")] = v_int(ctx->import);
		c->now[at(o, "deleted_at")] = v_int(-ctx->import);
	}
	return true;
}

static bool set_numbers(struct ctx *ctx, struct change *c)
{
	for (size_t i = 0; i < c->o->n_fields; i++)
		if (c->o->fields[i].type == TYPE_NUMBER && c->now[i].kind == V_NULL &&
		    !next_number(ctx, &c->o->fields[i], &c->now[i]))
			return false;
	return true;
}

/* What follows from a written row: holders of children, keys, index, tallies, log. */
static bool consequences(struct ctx *ctx, struct change *c)
{
	const struct object *o = c->o;
	const struct value *old = c->act == CHANGE_CREATE ? NULL : c->old;
	size_t holder = at(o, o->scope_member || o->scope_parent ? scope_holder(o) : "id");

	if (c->act == CHANGE_UPDATE && !value_eq(c->old[holder], c->now[holder]) &&
	    !pass_holder(ctx, o, c->id, c->now[holder]))
		return false;
	if ((c->act != CHANGE_CREATE && !duplicate_forget(ctx, o, c->id)) ||
	    !duplicate_note(ctx, o, c->id, c->now))
		return false;
	/* Rows of a running import are indexed, counted and logged when it is through. */
	if (c->now[at(o, "deleted_at")].kind != V_NULL)
		return true;
	if (c->act == CHANGE_RESTORE)
		old = NULL;
	return search_apply(ctx, o, c->id, c->now) && measure_apply(ctx, o, old, c->now) &&
	       (!old || measure_parent_changed(ctx, o, c->id, old, c->now)) &&
	       (!o->log || change_add(ctx, o, c->id, c->act, old, c->now));
}

static bool same_row(const struct change *c)
{
	for (size_t i = 0; i < c->o->n_fields; i++)
		if (!value_eq(c->old[i], c->now[i]))
			return false;
	return true;
}

/*
 * Does the change touch what people edit?  Upkeep by hooks – when the last activity was – does not,
 * and must not refuse the form that was open meanwhile.
 */
static bool is_edit(const struct change *c)
{
	for (size_t i = 0; i < c->o->n_fields; i++)
		if (!c->o->fields[i].read_only && !value_eq(c->old[i], c->now[i]))
			return true;
	return false;
}

/* What is asked before a row is written. */
static bool allowed(struct ctx *ctx, struct change *c)
{
	if (!record_fixed(ctx, c) || !run_hooks(ctx, HOOK_BEFORE, c))
		return false;
	return (c->act == CHANGE_UPDATE && same_row(c)) || (record_check(ctx, c) && duplicate_refuse(ctx, c));
}

bool record_write(struct ctx *ctx, struct change *c)
{
	const struct object *o = c->o;

	if (!allowed(ctx, c))
		return false;
	if (c->act == CHANGE_UPDATE && same_row(c))
		return true;
	if (!set_holder(ctx, c))
		return false;
	if (c->act == CHANGE_CREATE) {
		if (!set_numbers(ctx, c) || !insert_row(ctx, c))
			return false;
	} else {
		if (is_edit(c)) {
			c->now[at(o, "version")] = v_int(c->old[at(o, "version")].i + 1);
			c->now[at(o, "changed_at")] = v_int(ctx->now);
			c->now[at(o, "changed_by")] = v_id(ctx->actor);
		}
		if (!update_row(ctx, c))
			return false;
	}
	return within_reach(ctx, c) && consequences(ctx, c) && run_hooks(ctx, HOOK_AFTER, c);
}

void draft_init(struct ctx *ctx, const struct object *o, struct draft *ret)
{
	ret->o = o;
	ret->values = no_values(ctx, o);
	ret->set = arena_array(ctx->mem, o->n_fields, sizeof *ret->set);
}

bool record_insert(struct ctx *ctx, struct draft *d, int64_t *ret_id)
{
	struct change c = {
		.ctx = ctx, .o = d->o, .act = CHANGE_CREATE,
		.old = no_values(ctx, d->o), .now = d->values,
	};

	if (!scope_may(ctx, d->o, ACT_CREATE))
		return fail(ctx, ERR_DENIED, NULL, "您无权新建%s", "You may not create: %s",
		            label_in(d->o->label, ctx->me->language));
	if (!set_defaults(ctx, &c, d->set) || !record_write(ctx, &c))
		return false;
	if (ret_id)
		*ret_id = c.id;
	return true;
}

/* The row as it is, and as the draft would make it. */
static bool begin_change(struct ctx *ctx, const struct draft *d, int64_t id, struct change *ret)
{
	struct change c = { .ctx = ctx, .o = d->o, .act = CHANGE_UPDATE, .id = id };
	bool found = false;

	if (scope_may(ctx, d->o, ACT_UPDATE) &&
	    !record_row(ctx, d->o, id, ACT_UPDATE, false, &c.old, &found))
		return false;
	if (!found)
		return record_refused(ctx, d->o, id);
	c.now = no_values(ctx, d->o);
	for (size_t i = 0; i < d->o->n_fields; i++)
		c.now[i] = d->set[i] ? d->values[i] : c.old[i];
	*ret = c;
	return true;
}

bool record_change(struct ctx *ctx, struct draft *d, int64_t id)
{
	struct change c;

	return begin_change(ctx, d, id, &c) && record_write(ctx, &c);
}

static const struct object *need_object(struct ctx *ctx, const char *name)
{
	const struct object *o = schema_object(ctx->schema, name);

	assert(o);
	return o;
}

static void draft_cells(struct ctx *ctx, struct draft *d, const char *object,
                        const struct cell *cells)
{
	draft_init(ctx, need_object(ctx, object), d);
	for (; cells->name; cells++) {
		const struct field *f = object_field(d->o, cells->name);

		assert(f && !f->computed);
		d->values[f->index] = cells->value;
		d->set[f->index] = true;
	}
}

bool record_create(struct ctx *ctx, const char *object, const struct cell *cells, int64_t *ret_id)
{
	struct draft d;

	draft_cells(ctx, &d, object, cells);
	return record_insert(ctx, &d, ret_id);
}

bool record_update(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells)
{
	struct draft d;

	draft_cells(ctx, &d, object, cells);
	return record_change(ctx, &d, id);
}

bool record_try(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells)
{
	struct draft d;
	struct change c;

	draft_cells(ctx, &d, object, cells);
	return begin_change(ctx, &d, id, &c) && allowed(ctx, &c);
}

/* What a restored row refers to has to be there; whoever restores it need not see all of it. */
static bool check_restored(struct ctx *ctx, const struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = record_check(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* Deletes or restores one row; its hooks see who does it. */
static bool mark(struct ctx *ctx, const struct object *o, struct value *row, enum change_act act,
                 struct value deleted_at)
{
	struct change c = {
		.ctx = ctx, .o = o, .act = act, .id = row[at(o, "id")].i,
		.old = row, .now = no_values(ctx, o),
	};

	memcpy(c.now, row, o->n_fields * sizeof *row);
	c.now[at(o, "deleted_at")] = deleted_at;
	c.now[at(o, "version")] = v_int(row[at(o, "version")].i + 1);
	c.now[at(o, "changed_at")] = v_int(ctx->now);
	c.now[at(o, "changed_by")] = v_id(ctx->actor);
	if (!record_fixed(ctx, &c) || !run_hooks(ctx, HOOK_BEFORE, &c))
		return false;
	if (act == CHANGE_RESTORE && !check_restored(ctx, &c))
		return false;
	if (!update_row(ctx, &c))
		return false;
	if (act == CHANGE_RESTORE)
		return consequences(ctx, &c) && run_hooks(ctx, HOOK_AFTER, &c);
	return duplicate_forget(ctx, o, c.id) && search_apply(ctx, o, c.id, NULL) &&
	       measure_apply(ctx, o, row, NULL) &&
	       (!o->log || change_add(ctx, o, c.id, act, row, NULL)) &&
	       run_hooks(ctx, HOOK_AFTER, &c);
}

/* The same to what is visible only with a row, as the system. */
static bool mark_below(struct ctx *ctx, const struct object *o, const struct value *row,
                       enum change_act act, struct value deleted_at)
{
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *child = &ctx->schema->objects[i];

		if (!child->scope_parent || child->scope_parent->to != o)
			continue;

		/* Restored is what went with it, not what was deleted on its own before. */
		const char *sql = fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $id AND %s",
		                      scope_table(ctx->mem, child), child->scope_parent->name,
		                      act == CHANGE_DELETE ? "deleted_at IS NULL" : "deleted_at = $was");
		int64_t *ids;
		size_t n;

		/* What belongs to somebody is visible without its parent, and stays. */
		if (child->scope_member)
			sql = fmt(ctx->mem, "%s AND %s IS NULL", sql, child->scope_member->name);
		if (!ctx_ids(ctx, sql, (struct bind[]){ { "id", row[at(o, "id")] },
		                                       { "was", row[at(o, "deleted_at")] }, { 0 } },
		             &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++) {
			struct value *below;
			bool found;

			if (!record_row(ctx, child, ids[k], ACT_READ, act == CHANGE_RESTORE, &below, &found))
				return false;
			if (found && !(mark(ctx, child, below, act, deleted_at) &&
			               mark_below(ctx, child, below, act, deleted_at)))
				return false;
		}
	}
	return true;
}

static bool mark_all(struct ctx *ctx, const struct object *o, struct value *row,
                     enum change_act act)
{
	struct value deleted_at = act == CHANGE_DELETE ? v_int(ctx->now) : v_null();

	if (!mark(ctx, o, row, act, deleted_at))
		return false;

	/* Whoever may delete the parent deletes its children with it. */
	const struct member *me = ctx_as_system(ctx);
	bool ok = mark_below(ctx, o, row, act, deleted_at);

	ctx_as(ctx, me);
	return ok;
}

bool record_delete(struct ctx *ctx, const char *object, int64_t id, int64_t version)
{
	const struct object *o = need_object(ctx, object);
	struct value *row;
	bool found = false;

	if (scope_may(ctx, o, ACT_DELETE) && !record_row(ctx, o, id, ACT_DELETE, false, &row, &found))
		return false;
	if (!found)
		return record_refused(ctx, o, id);
	ctx->stale = version && row[at(o, "version")].i != version;
	if (ctx->stale)
		return fail(ctx, ERR_CONFLICT, NULL, "记录已被他人修改", "Somebody changed this record meanwhile");
	return mark_all(ctx, o, row, CHANGE_DELETE);
}

bool record_restore(struct ctx *ctx, const char *object, int64_t id)
{
	const struct object *o = need_object(ctx, object);
	struct value *row;
	bool found = false;

	if (scope_may(ctx, o, ACT_DELETE) && !record_row(ctx, o, id, ACT_DELETE, true, &row, &found))
		return false;
	if (!found)
		return record_refused(ctx, o, id);
	return mark_all(ctx, o, row, CHANGE_RESTORE);
}

bool record_find(struct ctx *ctx, const char *object, const char *query, int64_t *ret_id)
{
	static const struct field *none[] = { NULL };
	struct list l;
	struct reader r;

	*ret_id = 0;
	if (!query_parse(ctx, need_object(ctx, object), query, &l))
		return false;
	l.limit = 1;
	l.fields = none;
	if (!query_open(ctx, &l, &r))
		return false;
	if (query_next(ctx, &r))
		*ret_id = query_id(&r);
	query_done(&r);
	return ctx->kind == ERR_NONE;
}

bool record_need(struct ctx *ctx, const char *object, const char *query, int64_t *ret_id)
{
	if (!record_find(ctx, object, query, ret_id))
		return false;
	return *ret_id || fail(ctx, ERR_MISSING, NULL, "找不到需要的%s", "The %s needed was not found",
	                       label_in(need_object(ctx, object)->label, ctx->me->language));
}

bool record_get(struct ctx *ctx, const char *object, int64_t id, const char *field,
                struct value *ret)
{
	const struct object *o = need_object(ctx, object);
	const struct field *f = scope_field(ctx, o, field);
	struct kept_row *k = &ctx->kept;
	struct value *row;
	bool found;

	assert(object_field(o, field));
	if (k->o != o || k->id != id || k->me != ctx->me || k->import != ctx->import || k->written != db_written(ctx->db)) {
		if (!record_row(ctx, o, id, ACT_READ, false, &row, &found))
			return false;
		if (!found)
			return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
		*k = (struct kept_row){ o, id, ctx->me, ctx->import, db_written(ctx->db), row };
	}
	*ret = f ? k->values[f->index] : v_null();
	return true;
}
