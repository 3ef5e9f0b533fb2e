#include "engine/query.h"

#include "engine/mutant.h"
#include "engine/search.h"

/* Conditions as SQL.  Text depends on names and operators only; values are bound. */

const char *bind_add(struct ctx *ctx, struct binds *b, struct value v)
{
	const char *name = fmt(ctx->mem, "p%zu", b->n);

	bind_named(ctx, b, name, v);
	return name;
}

void bind_named(struct ctx *ctx, struct binds *b, const char *name, struct value v)
{
	b->list = arena_grow(ctx->mem, b->list, &b->cap, b->n + 2, sizeof *b->list);
	b->list[b->n++] = (struct bind){ name, v };
	b->list[b->n] = (struct bind){ 0 };
}

/* * is any run of characters; without one, the text may stand anywhere. */
static const char *like_pattern(struct arena *mem, const char *s)
{
	struct text t;
	bool starred = strchr(s, '*') != NULL;

	text_init(&t, mem);
	if (!starred)
		text_addc(&t, '%');
	for (; *s; s++) {
		char c = *s;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == '*') {
			text_addc(&t, '%');
			continue;
		}
		if (c == '%' || c == '_' || c == '\\')
			text_addc(&t, '\\');
		text_addc(&t, c);
	}
	if (!starred)
		text_addc(&t, '%');
	return t.s;
}

/* One element of ",a,b,". */
static void contains(struct ctx *ctx, const char *column, struct value v, struct text *out,
                     struct binds *b)
{
	const char *element = v.kind == V_INT ? fmt(ctx->mem, "%" PRId64, v.i) : v.s;
	const char *pattern = like_pattern(ctx->mem, fmt(ctx->mem, ",%s,", element ? element : ""));

	text_addf(out, "lower(%s) LIKE $%s ESCAPE '\\'", column, bind_add(ctx, b, v_text(pattern)));
}

/* In this division or in one below it: codes of the lower ones start with its code. */
static void in_region(struct ctx *ctx, const char *column, struct value v, struct text *out,
                      struct binds *b)
{
	const char *code = v.kind == V_TEXT ? v.s : "";

	text_addf(out, "(%s >= $%s AND ", column, bind_add(ctx, b, v_text(code)));
	text_addf(out, "%s < $%s)", column,
	          bind_add(ctx, b, v_text(fmt(ctx->mem, "%s:", code))));
}

static void equals(struct ctx *ctx, const struct field *f, const char *column, struct value v,
                   struct text *out, struct binds *b)
{
	if (field_is_refs(f) || f->yields == TYPE_CHOICES)
		contains(ctx, column, v, out, b);
	else if (f->yields == TYPE_REGION)
		in_region(ctx, column, v, out, b);
	else
		text_addf(out, "%s = $%s", column, bind_add(ctx, b, v));
}

static void test_sql(struct ctx *ctx, const struct condition *c, const char *column,
                     struct text *out, struct binds *b)
{
	static const char *const signs[] = {
		[OP_LT] = "<", [OP_LTE] = "<=", [OP_GT] = ">", [OP_GTE] = ">=",
	};

	switch (c->op) {
	case OP_EQ:
		equals(ctx, c->field, column, c->values[0], out, b);
		return;
	case OP_NE:
		/* What has no value is different, too. */
		text_addf(out, "(%s IS NULL OR NOT (", column);
		equals(ctx, c->field, column, c->values[0], out, b);
		text_add(out, "))");
		return;
	case OP_IN:
		if (c->field->yields == TYPE_REGION || c->field->yields == TYPE_CHOICES ||
		    field_is_refs(c->field)) {
			for (size_t i = 0; i < c->n_values; i++) {
				text_add(out, i ? " OR " : "(");
				equals(ctx, c->field, column, c->values[i], out, b);
			}
			text_add(out, ")");
			return;
		}
		text_addf(out, "%s IN (", column);
		for (size_t i = 0; i < c->n_values; i++)
			text_addf(out, "%s$%s", i ? ", " : "", bind_add(ctx, b, c->values[i]));
		text_add(out, ")");
		return;
	case OP_LIKE:
		text_addf(out, "lower(%s) LIKE $%s ESCAPE '\\'", column,
		          bind_add(ctx, b, v_text(like_pattern(ctx->mem, c->values[0].s))));
		return;
	case OP_IS:
		text_addf(out, "%s IS %s", column, c->is_null ? "NULL" : "NOT NULL");
		return;
	case OP_LT:
	case OP_LTE:
	case OP_GT:
	case OP_GTE:
		text_addf(out, "%s %s $%s", column, signs[c->op], bind_add(ctx, b, c->values[0]));
		return;
	case OP__COUNT:
		break;
	}
	assert(false && "an operator without SQL");
}

/* The SQL that yields a field of the row `alias`; totals are subqueries on the caller's view. */
bool query_field(struct ctx *ctx, const struct field *f, const char *alias, struct text *out,
                 struct binds *b)
{
	if (f->type != TYPE_TOTAL) {
		text_add(out, alias);
		text_add(out, f->name);
		return true;
	}

	struct list l = { 0 };

	if (f->where && !query_parse(ctx, f->over, f->where, &l))
		return false;
	if (f->sum)
		text_addf(out, "(SELECT coalesce(sum(z.%s), 0)", f->sum->name);
	else
		text_add(out, "(SELECT count(*)");
	text_addf(out, " FROM %s z WHERE z.%s = %sid AND ", f->over->name, f->via->name, alias);
	if (!query_where(ctx, f->over, l.where, "z.", out, b))
		return false;
	text_add(out, ")");
	return true;
}

bool query_where(struct ctx *ctx, const struct object *o, const struct condition *c,
                 const char *alias, struct text *out, struct binds *b)
{
	struct text column;

	if (!c) {
		text_add(out, "1 = 1");
		return true;
	}
	switch (c->kind) {
	case COND_NOT:
		text_add(out, "NOT coalesce(");
		if (!query_where(ctx, o, c->first, alias, out, b))
			return false;
		text_add(out, ", 1 = 0)");
		return true;
	case COND_AND:
	case COND_OR:
		text_add(out, "(");
		for (const struct condition *child = c->first; child; child = child->next) {
			if (child != c->first)
				text_add(out, c->kind == COND_AND ? " AND " : " OR ");
			if (!query_where(ctx, o, child, alias, out, b))
				return false;
		}
		text_add(out, ")");
		return true;
	case COND_TEST:
		break;
	}
	text_init(&column, ctx->mem);
	if (!c->via) {
		if (!query_field(ctx, c->field, alias, &column, b))
			return false;
		test_sql(ctx, c, column.s, out, b);
		return true;
	}
	if (!query_field(ctx, c->field, "y.", &column, b))
		return false;
	text_addf(out, "EXISTS (SELECT 1 FROM %s y WHERE y.id = %s%s AND ", c->via->to->name, alias,
	          c->via->name);
	test_sql(ctx, c, column.s, out, b);
	text_add(out, ")");
	return true;
}

/* Which objects' views the condition needs, besides its own. */
static void condition_objects(const struct condition *c, const struct object **set)
{
	if (!c)
		return;
	if (c->via)
		set[c->via->to->index] = c->via->to;
	if (c->field && c->field->over)
		set[c->field->over->index] = c->field->over;
	for (const struct condition *child = c->first; child; child = child->next)
		condition_objects(child, set);
}

static void field_objects(const struct ctx *ctx, const struct field *f, const struct object **set)
{
	if (f->over) {
		set[f->over->index] = f->over;
		/* A total's own condition may name fields of referenced records. */
		for (size_t i = 0; i < f->over->n_fields; i++)
			if (f->where && field_is_ref(&f->over->fields[i]))
				set[f->over->fields[i].to->index] = f->over->fields[i].to;
	}
	if (field_is_ref(f))
		set[f->to->index] = f->to;
	if (f->yields == TYPE_REGION) {
		const struct object *region = schema_object(ctx->schema, "region");

		set[region->index] = region;
	}
}

const struct object **query_objects(struct ctx *ctx, const struct list *l,
                                    const struct field **fields)
{
	size_t n = ctx->schema->n_objects;
	const struct object **set = arena_array(ctx->mem, n + 1, sizeof *set);
	size_t used = 0;

	set[l->object->index] = l->object;
	condition_objects(l->where, set);
	for (; fields && *fields; fields++)
		field_objects(ctx, *fields, set);
	for (size_t i = 0; i < l->n_sort; i++)
		if (l->sort[i].field->over)
			field_objects(ctx, l->sort[i].field, set);
	for (const struct field **sum = l->sums; sum && *sum; sum++)
		field_objects(ctx, *sum, set);
	for (size_t i = 0; i < n; i++)
		if (set[i])
			set[used++] = set[i];
	set[used] = NULL;
	return set;
}

/* Empty values are the smallest on both databases. */
static void order_by(struct ctx *ctx, const struct list *l, const char *alias, bool columns,
                     struct text *out, struct binds *b)
{
	bool descending = true;

	text_add(out, " ORDER BY ");
	for (size_t i = 0; i < l->n_sort; i++) {
		const struct field *f = l->sort[i].field;

		descending = l->sort[i].descending;
		if (columns)
			text_addf(out, "s%zu", i);
		else
			query_field(ctx, f, alias, out, b);
		text_add(out, descending ? " DESC" : " ASC");
		if (!f->required && !f->system)
			text_add(out, descending ? " NULLS LAST" : " NULLS FIRST");
		text_add(out, ", ");
	}
	text_addf(out, "%sid%s", alias, descending ? " DESC" : " ASC");
}

/*
 * Rows behind the cursor: (a, b, id) after (A, B, I) in the order of the sort,
 * written out because directions differ and values may be empty.
 */
static void after_cursor(struct ctx *ctx, const struct list *l, const char *alias,
                         struct text *out, struct binds *b)
{
	bool descending = l->n_sort == 0 || l->sort[l->n_sort - 1].descending;

	if (!l->after)
		return;
	text_add(out, " AND (");
	for (size_t i = 0; i <= l->n_sort; i++) {
		struct value v = l->after[i];
		struct text column;

		if (i)
			text_add(out, " OR ");
		text_add(out, "(");
		for (size_t k = 0; k < i; k++) {
			query_field(ctx, l->sort[k].field, alias, out, b);
			if (l->after[k].kind == V_NULL)
				text_add(out, " IS NULL AND ");
			else
				text_addf(out, " = $%s AND ", bind_add(ctx, b, l->after[k]));
		}
		text_init(&column, ctx->mem);
		if (i < l->n_sort) {
			query_field(ctx, l->sort[i].field, alias, &column, b);
			descending = l->sort[i].descending;
		} else {
			text_addf(&column, "%sid", alias);
		}
		if (v.kind == V_NULL)
			text_addf(out, descending ? "0 = 1" : "%s IS NOT NULL", column.s);
		else if (descending)
			text_addf(out, "(%s < $%s OR %s IS NULL)", column.s, bind_add(ctx, b, v), column.s);
		else
			text_addf(out, "%s > $%s", column.s, bind_add(ctx, b, v));
		text_add(out, ")");
	}
	text_add(out, ")");
}

bool query_condition(struct ctx *ctx, const struct list *l, const char *alias, struct text *out,
                     struct binds *b)
{
	if (!query_where(ctx, l->object, l->where, alias, out, b))
		return false;
	if (!l->words)
		return true;
	text_add(out, " AND ");
	return search_where(ctx, l->object, l->words, alias, out, b);
}

/* SELECT of the wanted columns of the rows of one branch (NULL: all). */
static bool one_branch(struct ctx *ctx, const struct list *l, const char *from,
                       const struct field **fields, const struct branch *branch, struct text *out,
                       struct binds *b)
{
	text_add(out, "SELECT r.id AS id, r.version AS version");
	for (size_t i = 0; fields[i]; i++) {
		text_add(out, ", ");
		if (!query_field(ctx, fields[i], "r.", out, b))
			return false;
		text_addn(out, " AS c", 5);
		text_add_int(out, (int64_t)i);
	}
	for (size_t i = 0; i < l->n_sort; i++) {
		text_add(out, ", ");
		if (!query_field(ctx, l->sort[i].field, "r.", out, b))
			return false;
		text_addf(out, " AS s%zu", i);
	}
	text_addf(out, " FROM %s r WHERE ", from);
	if (branch && branch->member)
		text_addf(out, "r.%s = $%s AND ", branch->column, bind_add(ctx, b, v_int(branch->member)));
	else if (branch)
		text_addf(out, "r.%s IS NULL AND ", branch->column);
	if (branch && branch->other)
		text_addf(out, "r.%s IS DISTINCT FROM r.%s AND ", branch->column, branch->other);
	if (!query_condition(ctx, l, "r.", out, b))
		return false;
	after_cursor(ctx, l, "r.", out, b);
	return true;
}

/* The page and a row more, behind `skip` others. */
static void limit(const struct list *l, int64_t skip, struct text *out)
{
	if (l->limit)
		text_addf(out, " LIMIT %" PRId64, l->limit + 1);
	if (l->limit && skip)
		text_addf(out, " OFFSET %" PRId64, skip);
}

/*
 * The first rows of all branches.  SQLite reads branches side by side, each from its index, as
 * far as the page goes, but sorts what is wrapped; PostgreSQL does so only for what
 * is wrapped and limited.
 */
static bool merge(struct ctx *ctx, const struct list *l, const char *from,
                  const struct field **fields, const struct branch *branches, size_t n, bool overlap,
                  struct text *out, struct binds *b)
{
	bool wrap = db_kind(ctx->db) == DB_POSTGRES;

	for (size_t i = 0; i < n; i++) {
		text_add(out, i == 0 ? "" : overlap ? " UNION " : " UNION ALL ");
		text_add(out, wrap ? "SELECT * FROM (" : "");
		if (!one_branch(ctx, l, from, fields, &branches[i], out, b))
			return false;
		if (!wrap)
			continue;
		order_by(ctx, l, "r.", false, out, b);
		text_addf(out, " LIMIT %" PRId64 ") b%zu", l->skip + l->limit + 1, i);
	}
	if (!wrap) {
		order_by(ctx, l, "", true, out, b);
		limit(l, l->skip, out);
	}
	return true;
}

bool query_sql(struct ctx *ctx, const struct list *l, const struct field **fields,
               struct text *out, struct binds *b)
{
	struct branch branches[SCOPE_BRANCHES];
	size_t n = 0;
	bool overlap = false, whole = false;

	if (l->limit && l->rows == SCOPE_ALIVE && !l->words &&
	    !scope_branches(ctx, l->object, branches, &n, &overlap))
		return false;

	const char *from =
		scope_with_list(MUTANT_CTX(1, ctx), query_objects(ctx, l, fields), l->object, l->rows, l->export, out);

	text_add(out, "SELECT q.*");
	for (size_t i = 0; fields[i]; i++) {
		if (field_is_ref(fields[i]))
			text_addf(out, ", (SELECT %s FROM %s WHERE id = q.c%zu) AS l%zu",
			          fields[i]->to->title->name, fields[i]->to->name, i, i);
		else if (fields[i]->yields == TYPE_REGION)
			text_addf(out, ", (SELECT full_name FROM region WHERE code = q.c%zu) AS l%zu", i, i);
	}
	text_add(out, " FROM (");
	/* Rows passed over are so before their columns are computed, where one query knows the order of all. */
	if (n > 1) {
		whole = db_kind(ctx->db) == DB_POSTGRES;
		if (!merge(ctx, l, from, fields, branches, n, overlap, out, b))
			return false;
	} else {
		if (!one_branch(ctx, l, from, fields, n ? &branches[0] : NULL, out, b))
			return false;
		if (l->limit) {
			order_by(ctx, l, "r.", false, out, b);
			limit(l, l->skip, out);
		}
	}
	text_add(out, ") q");
	order_by(ctx, l, "q.", true, out, b);
	limit(l, whole ? l->skip : 0, out);
	return true;
}
