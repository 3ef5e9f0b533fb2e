#include "engine/notice.h"

#include "base/date.h"
#include "engine/member.h"
#include "engine/setting.h"

enum { MINUTE = 60000, DAY_MINUTES = 1440 };

bool notice_reader(struct ctx *ctx, int64_t member, const struct object *o, int64_t id,
                   struct member *ret, bool *ret_may)
{
	const struct member *me = ctx->me;
	struct member m = { 0 };
	bool found;
	bool ok;

	*ret_may = false;
	*ret = m;
	if (!member_load(ctx, member, &m, &found))
		return false;
	if (!found)
		return true;
	*ret = m;
	ctx_as(ctx, ret);
	ok = scope_row(ctx, o, id, ACT_READ, ret_may);
	ctx_as(ctx, me);
	return ok;
}

static int minutes_of(struct value v)
{
	return v.kind == V_TEXT ? clock_minutes(v.s) : -1;
}

bool notice_preference(struct ctx *ctx, struct change *c)
{
	static const char *const fields[] = { "quiet_from", "quiet_to" };
	bool ok = true;

	if (change_act(c) == CHANGE_DELETE)
		return true;
	for (size_t i = 0; i < LENGTH(fields); i++) {
		struct value v = change_new(c, fields[i]);
		struct value other = change_new(c, fields[1 - i]);

		if (v.kind != V_NULL ? minutes_of(v) < 0 : other.kind != V_NULL)
			ok = fail(ctx, ERR_INVALID, fields[i], "请填写时刻，如 22:00；两项都填或都不填",
			          "Give a time such as 22:00; both or neither");
	}
	return ok;
}

/* Now, or when the member's quiet hours end; they last all day if they end where they begin. */
bool notice_due(struct ctx *ctx, int64_t member, int64_t *ret)
{
	int from = -1;
	int to = -1;
	int now = instant_minute(ctx->now);
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT quiet_from, quiet_to FROM %s WHERE member = $member AND deleted_at IS NULL",
		scope_table(ctx->mem, schema_object(ctx->schema, "preference"))),
		(struct bind[]){ { "member", v_int(member) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		from = minutes_of(db_value(q, 0));
		to = minutes_of(db_value(q, 1));
	}
	db_done(q);
	*ret = ctx->now;
	if (from < 0 || to < 0 ||
	    (from < to ? now < from || now >= to : now < from && now >= to))
		return true;
	*ret = day_start(instant_day(ctx->now) + (to <= now)) + to * (int64_t)MINUTE;
	return true;
}

/* The title as the caller – the receiver – may read it. */
static bool title(struct ctx *ctx, const struct news *n, const char **ret)
{
	const struct field *f = n->object->title;
	struct value v;

	if (!record_get(ctx, n->object->name, n->record, f->name, &v))
		return false;
	*ret = v.kind == V_NULL ? NULL : field_type(f)->show(ctx, f, v);
	return true;
}

/* Names of the changed fields the caller may read, ",a,b,"; with those of an earlier notice. */
static const char *what_changed(struct ctx *ctx, const struct change *c, const char *before)
{
	const struct object *o = change_object(c);
	struct text t;

	text_init(&t, ctx->mem);
	text_add(&t, before ? fmt(ctx->mem, ",%s,", before) : ",");
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (f->system || f->computed || !change_has(c, f->name) || !scope_field_read(ctx, f) ||
		    strstr(t.s, fmt(ctx->mem, ",%s,", f->name)))
			continue;
		text_addf(&t, "%s,", f->name);
	}
	return t.len < 2 ? NULL : arena_dupn(ctx->mem, t.s + 1, t.len - 2);
}

/* The unread one of the same record and kind; 0. */
static bool unread(struct ctx *ctx, int64_t member, const struct news *n, int64_t *ret_id,
                   int64_t *ret_times, const char **ret_what)
{
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, times, what FROM %s WHERE member = $member AND object = $object"
		" AND record = $record AND kind = $kind AND read_at IS NULL AND deleted_at IS NULL",
		scope_table(ctx->mem, schema_object(ctx->schema, "notice"))),
		(struct bind[]){ { "member", v_int(member) }, { "object", v_text(n->object->name) },
		                 { "record", v_int(n->record) }, { "kind", v_text(n->kind) }, { 0 } });

	*ret_id = *ret_times = 0;
	*ret_what = NULL;
	if (!q)
		return false;
	if (db_next(q)) {
		*ret_id = db_int(q, 0);
		*ret_times = db_int(q, 1);
		*ret_what = arena_dup(ctx->mem, db_text(q, 2));
	}
	db_done(q);
	return true;
}

/* As the receiver: what they are told.  *ret_what NULL: nothing they may read. */
static bool put_in_words(struct ctx *ctx, const struct member *receiver, const struct news *n,
                         const char *before, const char **ret_title, const char **ret_what)
{
	const struct member *me = ctx->me;
	bool ok;

	ctx_as(ctx, receiver);
	ok = title(ctx, n, ret_title);
	*ret_what = n->change ? what_changed(ctx, n->change, before) : NULL;
	ctx_as(ctx, me);
	return ok;
}

static bool write_notice(struct ctx *ctx, int64_t id, const struct cell *cells)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = id ? record_update(ctx, "notice", id, cells)
	             : record_create(ctx, "notice", cells, NULL);

	ctx_as(ctx, me);
	return ok;
}

bool notice_tell(struct ctx *ctx, int64_t member, const struct news *n)
{
	bool own = text_eq(n->object->name, "import") || text_eq(n->object->name, "job");
	const char *before;
	const char *heading;
	const char *what;
	struct member m;
	int64_t due_at;
	int64_t times;
	int64_t id;
	bool may;

	if (member == ctx->actor && !own)
		return true;
	if (!notice_reader(ctx, member, n->object, n->record, &m, &may))
		return false;
	if (!may)
		return true;
	if (!unread(ctx, member, n, &id, &times, &before) ||
	    !put_in_words(ctx, &m, n, before, &heading, &what) || !notice_due(ctx, member, &due_at))
		return false;
	if (n->change && text_eq(n->kind, "changed") && !what)
		return true;
	return write_notice(ctx, id, (struct cell[]){
		{ "object", v_text(n->object->name) }, { "record", v_int(n->record) },
		{ "member", v_int(member) }, { "kind", v_text(n->kind) }, { "title", v_text(heading) },
		{ "actor", v_id(own ? 0 : ctx->actor) }, { "times", v_int(times + 1) },
		{ "what", v_text(what) }, { "comment", v_id(n->comment) }, { "at", v_int(ctx->now) },
		{ "due_at", v_int(due_at) }, { 0 } });
}

static void add_id(struct ctx *ctx, int64_t **list, size_t *n, size_t *cap, int64_t id)
{
	*list = arena_grow(ctx->mem, *list, cap, *n + 1, sizeof **list);
	(*list)[(*n)++] = id;
}

/* Takes a member out; what is said last about them counts. */
static void drop_id(int64_t *list, size_t *n, int64_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (list[i] != id)
			list[kept++] = list[i];
	*n = kept;
}

bool notice_followers(struct ctx *ctx, const struct object *o, int64_t id, int64_t **ret, size_t *ret_n)
{
	int64_t owner = 0;
	size_t cap = 0;
	struct query *q;

	*ret = NULL;
	*ret_n = 0;
	if (o->scope_member) {
		if (!ctx_get_int(ctx, fmt(ctx->mem, "SELECT %s FROM %s WHERE id = $id", o->scope_member->name,
		                          scope_table(ctx->mem, o)),
		                 (struct bind[]){ { "id", v_int(id) }, { 0 } }, 0, &owner))
			return false;
		if (owner)
			add_id(ctx, ret, ret_n, &cap, owner);
	}
	q = ctx_query(ctx, fmt(ctx->mem, "SELECT member, active FROM %s WHERE object = $object"
	                                 " AND record = $record AND deleted_at IS NULL ORDER BY id",
	                       scope_table(ctx->mem, schema_object(ctx->schema, "follow"))),
	              (struct bind[]){ { "object", v_text(o->name) }, { "record", v_int(id) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q)) {
		drop_id(*ret, ret_n, db_int(q, 0));
		if (db_int(q, 1))
			add_id(ctx, ret, ret_n, &cap, db_int(q, 0));
	}
	db_done(q);
	return true;
}

/* Does the change touch what people edit?  Upkeep leaves the version alone and is no news. */
static bool is_edit(const struct change *c)
{
	return change_act(c) == CHANGE_UPDATE && change_has(c, "version");
}

bool notice_written(struct ctx *ctx, struct change *c)
{
	const struct object *o = change_object(c);
	struct news news = { "assigned", o, change_id(c), 0, c };
	int64_t given = 0;
	int64_t *ids;
	size_t n;

	/* Files are told of as a whole, and what a command fills in is no news. */
	if (!o->log || o->about_object || ctx->import || !(ctx->actor || ctx->request))
		return true;
	/* What nobody can give – the program keeps it – was not given to anybody. */
	if (o->scope_member && !o->scope_member->read_only && (change_act(c) == CHANGE_CREATE || is_edit(c)) &&
	    change_has(c, o->scope_member->name) && change_new(c, o->scope_member->name).kind == V_INT) {
		given = change_new(c, o->scope_member->name).i;
		if (!notice_tell(ctx, given, &news))
			return false;
	}
	if (!is_edit(c))
		return true;
	news.kind = "changed";
	if (!notice_followers(ctx, o, news.record, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ids[i] != given && !notice_tell(ctx, ids[i], &news))
			return false;
	return true;
}

bool notice_import(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");
	struct value owner = change_new(c, "owner");
	bool done = value_is(state, "done");

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "state") || owner.kind != V_INT ||
	    (!done && !value_is(state, "failed")))
		return true;
	return notice_tell(ctx, owner.i, &(struct news){
		done ? "import_done" : "import_failed", change_object(c), change_id(c), 0, NULL });
}

/* Only administrators see jobs, and can do something about one. */
bool notice_job(struct ctx *ctx, struct change *c)
{
	int64_t role;
	int64_t *ids;
	size_t n;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "state") ||
	    !value_is(change_new(c, "state"), "failed"))
		return true;
	if (!record_find(ctx, "role", "name=eq.admin", &role) ||
	    !ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE active = 1 AND deleted_at IS NULL"
	                                " AND roles LIKE $role",
	                      scope_table(ctx->mem, schema_object(ctx->schema, "member"))),
	             (struct bind[]){ { "role", v_text(fmt(ctx->mem, "%%,%" PRId64 ",%%", role)) }, { 0 } },
	             &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!notice_tell(ctx, ids[i], &(struct news){
		        "job_failed", change_object(c), change_id(c), 0, NULL }))
			return false;
	return true;
}

bool notice_missing(struct ctx *ctx, const struct object *o)
{
	char now[26];

	instant_format(ctx->now, now);
	for (;;) {
		struct news news = { .kind = "missing", .object = o };
		struct value owner;
		int64_t leader;

		if (!record_find(ctx, o->name, fmt(ctx->mem, "state=eq.draft&told=eq.false&due_at=lte.%.19s", now), &news.record))
			return false;
		if (!news.record)
			return true;
		if (!record_get(ctx, o->name, news.record, "owner", &owner) || !member_leader(ctx, value_id(owner), &leader) ||
		    !record_update(ctx, o->name, news.record, (struct cell[]){ { "told", v_int(1) }, { 0 } }) ||
		    !notice_tell(ctx, value_id(owner), &news) || (leader && !notice_tell(ctx, leader, &news)))
			return false;
	}
}

bool notice_clean(struct ctx *ctx)
{
	int64_t days = setting_int(ctx, "notice_days");

	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE at < $since",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "notice"))),
	                (struct bind[]){ { "since", v_int(ctx->now - days * DAY_MINUTES * MINUTE) }, { 0 } },
	                NULL);
}
