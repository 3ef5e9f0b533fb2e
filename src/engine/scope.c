#include "engine/scope.h"

#include "engine/mutant.h"
#include "engine/type.h"

/* How far a grant reaches through the organisation: the level in t_reach. */
static const int levels[] = {
	[REACH_OWN]  = 0,
	[REACH_TEAM] = 1,
	[REACH_TREE] = 2,
};

static bool unrestricted(const struct ctx *ctx)
{
	return ctx->me->system || ctx->me->admin;
}

static bool writes(enum act act)
{
	return act != ACT_READ && act != ACT_EXPORT;
}

enum reach scope_reach(const struct ctx *ctx, const struct object *o, enum act act)
{
	enum reach widest = REACH_NONE;

	if (unrestricted(ctx))
		return REACH_ALL;
	for (size_t i = 0; i < o->n_grants; i++) {
		const struct grant *g = &o->grants[i];

		if (g->reach[act] > widest &&
		    (text_eq(g->role, "*") || ctx_has_role(ctx, g->role)))
			widest = g->reach[act];
	}
	return widest;
}

bool scope_may(const struct ctx *ctx, const struct object *o, enum act act)
{
	if (writes(act) && ctx->me->read_only)
		return false;
	return scope_reach(ctx, o, act) != REACH_NONE;
}

bool scope_field_read(const struct ctx *ctx, const struct field *f)
{
	if (f->internal || f->hidden)
		return false;
	if (!ctx_in_roles(ctx, &f->read))
		return false;
	for (const struct field **u = f->uses; u && *u && !MUTANT_IS(13); u++)
		if (!scope_field_read(ctx, *u) ||
		    ((*u)->object != f->object && !scope_may(ctx, (*u)->object, ACT_READ)))
			return false;
	if (f->over && !scope_may(ctx, f->over, ACT_READ))
		return false;
	if (f->sum && !scope_field_read(ctx, f->sum))
		return false;
	return true;
}

bool scope_field_write(const struct ctx *ctx, const struct field *f)
{
	if (f->system || f->computed || f->read_only || !scope_field_read(ctx, f))
		return false;
	return ctx_in_roles(ctx, &f->write);
}

const struct field *scope_field(const struct ctx *ctx, const struct object *o, const char *name)
{
	const struct field *f = object_field(o, name);

	return f && scope_field_read(ctx, f) ? f : NULL;
}

const char *scope_table(struct arena *mem, const struct object *o)
{
	return fmt(mem, "t_%s", o->name);
}

const char *scope_holder(const struct object *o)
{
	return o->scope_member ? o->scope_member->name : "holder";
}

/* Both ways of belonging: then children cannot carry one holder and ask the parent itself. */
static bool two_ways(const struct object *o)
{
	return o->scope_member && o->scope_parent;
}

/*
 * Before a column: a wide reach is a condition on rows found otherwise, as whoever sees all finds them.  The plus keeps
 * both databases from going through an index member by member: from a quarter of all members on that reads more than
 * going through the rows in their order; where rows belong in two ways, and are looked up by both, from a twentieth on.
 */
static const char *plus(const struct ctx *ctx, const struct object *o, enum reach reach)
{
	return ctx->me->share[levels[reach]] >= (two_ways(o) ? 50 : 250) ? "+" : "";
}

/* `column` of `o` lies within `reach` of the caller. */
static void within(const struct ctx *ctx, const struct object *o, const char *column, enum reach reach, struct text *out)
{
	bool most = (reach == REACH_TEAM || reach == REACH_TREE) && ctx->me->share[levels[reach]] > MOST_OF_ALL;

	switch (reach) {
	case REACH_NONE:
		text_add(out, "0 = 1");
		return;
	case REACH_ALL:
		text_add(out, "1 = 1");
		return;
	case REACH_OWN:
		text_addf(out, "%s = $me", column);
		return;
	case REACH_TEAM:
	case REACH_TREE:
		/* Of somebody who reaches most those beyond reach are looked among: they are fewer. */
		text_addf(out, most ? "(+%s > 0 AND %s NOT IN (SELECT id FROM t_member WHERE id NOT IN " : "%s%s IN ",
		          most ? column : plus(ctx, o, reach), column);
		text_addf(out, "(SELECT member FROM t_reach WHERE viewer = $me AND level <= %d)%s",
		          levels[reach] + MUTANT_IS(15), most ? "))" : "");
		return;
	}
}

static void reach_where(struct ctx *ctx, const struct object *o, enum act act, enum reach reach,
                        struct text *out);

/*
 * The living record the row is about can be read.  CASE asks one table per row, the one it
 * names; a row about nothing goes by its owner alone.
 */
static void about_where(struct ctx *ctx, const struct object *o, struct text *out)
{
	if (MUTANT_IS(21)) {
		text_add(out, "1 = 1");
		return;
	}
	text_addf(out, "CASE WHEN t_%s.%s IS NULL THEN 1 ELSE CASE t_%s.%s", o->name, o->about_object->name,
	          o->name, o->about_object->name);
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *to = &ctx->schema->objects[i];

		if (to->about_object || !scope_may(ctx, to, ACT_READ))
			continue;
		text_addf(out, " WHEN '%s' THEN (SELECT 1 FROM t_%s WHERE id = t_%s.%s AND deleted_at IS NULL"
		               " AND ", to->name, to->name, o->name, o->about_record->name);
		reach_where(ctx, to, ACT_READ, scope_reach(ctx, to, ACT_READ), out);
		text_add(out, ")");
	}
	text_add(out, " ELSE 0 END END = 1");
}

/* Is any record of `o` shared with the caller?  If not, nobody pays for looking. */
static bool has_shared(const struct ctx *ctx, const struct object *o)
{
	for (const char **name = ctx->me->shared; name && *name; name++)
		if (text_eq(*name, o->name))
			return true;
	return false;
}

static void shared(const char *column, const struct object *o, enum act act, struct text *out)
{
	text_addf(out, " OR %s IN (SELECT record FROM t_share WHERE object = '%s'"
	               "%s AND (until IS NULL OR until >= $today) AND (member = $me OR team = (SELECT team FROM t_member WHERE id = $me))%s)",
	          column, o->name, MUTANT_IS(17) ? "" : " AND deleted_at IS NULL",
	          writes(act) && !MUTANT_IS(18) ? " AND writable = 1" : "");
}

/* The way through the parent.  `reach` is the caller's on the children. */
static void parent_where(struct ctx *ctx, const struct object *o, enum act act, enum reach reach,
                         struct text *out)
{
	const struct field *by = o->scope_parent;
	const struct object *parent = by->to;
	enum reach through = scope_reach(ctx, parent, ACT_READ);

	/* Seeing a child takes seeing its parent; changing it, one's own reach as well. */
	if (act != ACT_READ && reach < through)
		through = reach;
	if (two_ways(parent) && through != REACH_NONE && through != REACH_ALL) {
		text_addf(out, "%s%s IN (SELECT id FROM t_%s WHERE ", plus(ctx, o, through), by->name, parent->name);
		reach_where(ctx, parent, act, through, out);
		text_add(out, ")");
		return;
	}
	/* A row with neither parent nor owner is nobody's, whatever the reach on parents. */
	if (through == REACH_ALL) {
		text_addf(out, "(holder IS NOT NULL OR %s IS NOT NULL)", by->name);
		return;
	}
	within(ctx, o, "holder", through, out);
	if (through == REACH_NONE)
		return;
	if (parent->unowned_visible && act == ACT_READ)
		text_addf(out, " OR (holder IS NULL AND %s IS NOT NULL)", by->name);
	if (has_shared(ctx, parent))
		shared(by->name, parent, act, out);
}

/* What lies within `reach`, one way or the other. */
static void reach_where(struct ctx *ctx, const struct object *o, enum act act, enum reach reach,
                        struct text *out)
{
	/* All children, where they have no owner of their own, are those of all parents. */
	bool all = reach == REACH_ALL && (o->scope_member || !o->scope_parent ||
	                                  scope_reach(ctx, o->scope_parent->to, ACT_READ) == REACH_ALL);

	if (reach == REACH_NONE || all || o->is_public) {
		within(ctx, o, "id", reach == REACH_NONE ? REACH_NONE : REACH_ALL, out);
		return;
	}
	text_add(out, "(");
	if (o->scope_member) {
		within(ctx, o, o->scope_member->name, reach, out);
		if (o->unowned_visible && act == ACT_READ)
			text_addf(out, " OR %s IS NULL", o->scope_member->name);
	}
	if (o->scope_parent) {
		if (o->scope_member)
			text_add(out, " OR ");
		parent_where(ctx, o, act, reach, out);
	}
	if (has_shared(ctx, o))
		shared("id", o, act, out);
	text_add(out, ")");
}

void scope_where(struct ctx *ctx, const struct object *o, enum act act, struct text *out)
{
	if (unrestricted(ctx))
		within(ctx, o, "id", REACH_ALL, out);
	else
		reach_where(ctx, o, act, scope_reach(ctx, o, act), out);
	if (o->about_object && !ctx->me->system) {
		text_add(out, " AND ");
		about_where(ctx, o, out);
	}
}

bool scope_branches(struct ctx *ctx, const struct object *o,
                    struct branch ret[static SCOPE_BRANCHES], size_t *ret_n, bool *ret_overlap)
{
	enum reach own = scope_reach(ctx, o, ACT_READ);
	enum reach parents = o->scope_parent ? scope_reach(ctx, o->scope_parent->to, ACT_READ) : REACH_NONE;
	size_t n = 0;

	*ret_n = 0;
	*ret_overlap = o->scope_member && o->scope_parent;
	if (o->is_public || own == REACH_NONE || own == REACH_ALL || parents == REACH_ALL ||
	    has_shared(ctx, o) || (o->scope_parent && (has_shared(ctx, o->scope_parent->to) || two_ways(o->scope_parent->to))))
		return true;

	const struct {
		const char *column;
		enum reach reach;
		bool unowned;
	} ways[] = {
		{ o->scope_member ? o->scope_member->name : NULL, own, o->unowned_visible },
		{ o->scope_parent ? "holder" : NULL, parents,
		  o->scope_parent && o->scope_parent->to->unowned_visible },
	};

	for (size_t w = 0; w < LENGTH(ways); w++) {
		if (!ways[w].column || ways[w].reach == REACH_NONE)
			continue;
		if (ways[w].unowned) {
			if (n == SCOPE_BRANCHES)
				return true;
			ret[n++] = (struct branch){ .column = ways[w].column };
		}

		if (ways[w].reach == REACH_OWN) {
			if (n == SCOPE_BRANCHES)
				return true;
			ret[n++] = (struct branch){ .column = ways[w].column, .member = ctx->me->id };
			continue;
		}

		struct query *q = ctx_query(ctx,
			"SELECT member FROM t_reach WHERE viewer = $me AND level <= $level ORDER BY member",
			(struct bind[]){ { "level", v_int(levels[ways[w].reach]) }, { 0 } });

		if (!q)
			return false;
		while (db_next(q)) {
			if (n == SCOPE_BRANCHES) {
				db_done(q);
				return true;
			}
			ret[n++] = (struct branch){ .column = ways[w].column, .member = db_int(q, 0) };
		}
		db_done(q);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (ret[k].member == ret[i].member)
				ret[i].other = ret[k].column;
	*ret_n = n;
	return true;
}

/* The stand-in of a column the caller may not read: NULL, typed (PostgreSQL's sum wants it). */
static const char *null_of(struct ctx *ctx, const struct field *f)
{
	const struct db_words *words = db_words(ctx->db);

	switch (field_type(f)->storage) {
	case STORE_INTEGER:
		return words->null_integer;
	case STORE_REAL:
		return words->null_real;
	case STORE_TEXT:
	case STORE_NONE:
		break;
	}
	return words->null_text;
}

/* The rows of `o` the caller may read (and export), under a name. */
static void view(struct ctx *ctx, const struct object *o, const char *name, enum scope_rows rows,
                 bool export, struct text *out)
{
	static const char *const alive[] = {
		[SCOPE_ALIVE]   = "deleted_at IS NULL",
		[SCOPE_DELETED] = "deleted_at > 0",
		[SCOPE_BOTH]    = "(deleted_at IS NULL OR deleted_at > 0)",
		[SCOPE_COMING]  = "deleted_at < 0",
	};

	text_addf(out, "%s AS NOT MATERIALIZED (SELECT ", name);
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (f->type == TYPE_TOTAL)
			continue;
		if (i)
			text_addn(out, ", ", 2);
		if (!f->internal && !scope_field_read(ctx, f))
			text_addf(out, "%s AS %s", null_of(ctx, f), f->name);
		else if (f->type == TYPE_FORMULA)
			text_addf(out, "(%s) AS %s", f->formula_sql, f->name);
		else
			text_add(out, f->name);
	}
	text_addf(out, " FROM t_%s WHERE %s AND ", o->name, alive[MUTANT_IS(14) ? SCOPE_BOTH : rows]);
	scope_where(ctx, o, ACT_READ, out);
	if (export) {
		text_add(out, " AND ");
		scope_where(ctx, o, ACT_EXPORT, out);
	}
	text_add(out, ")");
}

void scope_view(struct ctx *ctx, const struct object *o, enum scope_rows rows, struct text *out)
{
	view(ctx, o, o->name, rows, false, out);
}

void scope_with(struct ctx *ctx, const struct object **objects, enum scope_rows rows,
                struct text *out)
{
	text_add(out, "WITH ");
	for (size_t i = 0; objects[i]; i++) {
		if (i)
			text_add(out, ", ");
		scope_view(ctx, objects[i], rows, out);
	}
	text_add(out, " ");
}

static const char *sql_over(struct ctx *ctx, const char *objects, enum scope_rows rows, const char *sql)
{
	char **names;
	size_t n = text_split(ctx->mem, objects, ' ', &names);
	const struct object **views = arena_array(ctx->mem, n + 1, sizeof *views);
	struct text out;

	for (size_t i = 0; i < n; i++)
		views[i] = schema_object(ctx->schema, names[i]);
	text_init(&out, ctx->mem);
	scope_with(ctx, views, rows, &out);
	text_add(&out, sql);
	return out.s;
}

const char *scope_sql(struct ctx *ctx, const char *objects, const char *sql)
{
	return sql_over(ctx, objects, SCOPE_ALIVE, sql);
}

const char *scope_sql_coming(struct ctx *ctx, const char *objects, const char *sql)
{
	return sql_over(ctx, objects, SCOPE_COMING, sql);
}

const char *scope_with_list(struct ctx *ctx, const struct object **objects, const struct object *own,
                            enum scope_rows rows, bool export, struct text *out)
{
	scope_with(ctx, objects, SCOPE_ALIVE, out);
	if (rows == SCOPE_ALIVE && !export)
		return own->name;
	text_add(out, ", ");
	view(ctx, own, "listed", rows, export, out);
	text_add(out, " ");
	return "listed";
}

bool scope_row(struct ctx *ctx, const struct object *o, int64_t id, enum act act, bool *ret)
{
	struct text sql;
	int64_t found = 0;

	text_init(&sql, ctx->mem);
	text_addf(&sql, "SELECT 1 FROM t_%s WHERE id = $id AND deleted_at IS NULL AND ", o->name);
	scope_where(ctx, o, act, &sql);
	if (!ctx_get_int(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { 0 } }, 0, &found))
		return false;
	*ret = found && scope_may(ctx, o, act);
	return true;
}
