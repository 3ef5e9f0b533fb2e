#include "engine/ddl.h"

#include "base/number.h"
#include "base/secret.h"
#include "engine/scope.h"
#include "engine/type.h"

/* An index that exists. */
struct standing {
	const char *name, *table;
};

struct plan {
	struct arena *mem;
	enum db_kind kind;
	const struct db_words *words;
	const struct schema *old;       /* NULL: an empty store */
	const struct schema *next;
	struct standing *standing;
	size_t n_standing;
	struct text *out;
	struct complaint *first, **end;
};

static void refuse(struct plan *p, const struct field *f, const char *zh, const char *en)
{
	struct complaint *c = arena_alloc(p->mem, sizeof *c);

	c->where = fmt(p->mem, "%s.%s", f->object->name, f->name);
	c->message = en;
	c->message_zh = zh;
	*p->end = c;
	p->end = &c->next;
}

/*
 * Old and new
 */

/* The table as it is now: under its name, its former name, or kept since it disappeared. */
static const struct object *old_object(const struct schema *old, const struct object *o)
{
	const char *const names[] = { o->name, o->was };

	for (size_t i = 0; old && i < LENGTH(names); i++) {
		const struct object *found = names[i] ? schema_object(old, names[i]) : NULL;

		for (size_t k = 0; k < old->n_kept && !found; k++)
			if (text_eq(old->kept[k].name, names[i]))
				found = &old->kept[k];
		if (found)
			return found;
	}
	return NULL;
}

static const struct field *find_column(const struct object *o, const char *name)
{
	const struct {
		const struct field *list;
		size_t n;
	} from[] = { { o->fields, o->n_fields },
		     { o->columns, o->n_columns },
		     { o->kept, o->n_kept } };

	for (size_t i = 0; i < LENGTH(from) && name; i++)
		for (size_t k = 0; k < from[i].n; k++)
			if (!from[i].list[k].computed && text_eq(from[i].list[k].name, name))
				return &from[i].list[k];
	return NULL;
}

static const struct field *old_column(const struct object *old, const struct field *f)
{
	const struct field *found = find_column(old, f->name);

	return found ? found : find_column(old, f->was);
}

/* Column i of the table: fields first, then the columns that are no fields.  NULL at the end. */
static const struct field *column(const struct object *o, size_t *i)
{
	while (*i < o->n_fields && o->fields[*i].computed)
		++*i;

	size_t k = (*i)++;

	if (k < o->n_fields)
		return &o->fields[k];
	return k - o->n_fields < o->n_columns ? &o->columns[k - o->n_fields] : NULL;
}

/*
 * Columns
 */

static const char *column_type(const struct plan *p, const struct field *f)
{
	if (f->system && text_eq(f->name, "id"))
		return p->words->identity;
	if (f->system && text_eq(f->name, "version"))
		return fmt(p->mem, "%s NOT NULL DEFAULT 1", p->words->integer);
	switch (types[f->type].storage) {
	case STORE_INTEGER:
		return p->words->integer;
	case STORE_REAL:
		return p->words->real;
	case STORE_TEXT:
	case STORE_NONE:
		break;
	}
	return p->words->text;
}

/*
 * Does the database itself watch this reference?  Not for who created and
 * changed a row: nothing would look these up when a member is removed.
 */
static bool has_foreign_key(const struct field *f)
{
	return field_is_ref(f) && !f->system && f->to->log;
}

static void add_reference(struct plan *p, const struct field *f)
{
	text_addf(p->out, " REFERENCES t_%s (id) DEFERRABLE INITIALLY DEFERRED", f->to->name);
}

static void add_column_text(struct plan *p, const struct field *f)
{
	text_addf(p->out, "%s %s", f->name, column_type(p, f));
	if (p->kind == DB_SQLITE && has_foreign_key(f))
		add_reference(p, f);
}

/* At most 63 bytes, as PostgreSQL wants it; the rest of a long name becomes a hash. */
static const char *short_name(struct arena *mem, const char *name)
{
	enum { LONGEST = 63, HASH = 12 };

	if (strlen(name) <= LONGEST)
		return name;
	return fmt(mem, "%.*s_%.*s", LONGEST - HASH - 1, name, HASH,
	           secret_hash(mem, name, strlen(name)));
}

/* PostgreSQL: afterwards, when all tables are there, so that circles are no matter. */
static void add_foreign_key(struct plan *p, const struct field *f)
{
	if (p->kind == DB_SQLITE || !has_foreign_key(f))
		return;
	text_addf(p->out, "ALTER TABLE t_%s ADD CONSTRAINT %s FOREIGN KEY (%s)", f->object->name,
	          short_name(p->mem, fmt(p->mem, "f_%s_%s", f->object->name, f->name)), f->name);
	add_reference(p, f);
	text_add(p->out, ";\n");
}

static void create_table(struct plan *p, const struct object *o)
{
	const struct field *f;
	const char *comma = "";
	size_t i = 0;

	text_addf(p->out, "CREATE TABLE t_%s (", o->name);
	while ((f = column(o, &i))) {
		text_addf(p->out, "%s\n\t", comma);
		add_column_text(p, f);
		comma = ",";
	}
	text_addf(p->out, "\n)%s;\n", p->words->strict);
}

/*
 * Changes of type
 */

/* Stored text that is valid as `to` whatever it holds. */
static bool text_widens(enum type_id from, enum type_id to)
{
	if (to == TYPE_LONG || to == TYPE_TEXT)
		return types[from].storage == STORE_TEXT && from != TYPE_LONG &&
		       from != TYPE_LOCATION && from != TYPE_CHOICES && from != TYPE_REFS &&
		       from != TYPE_FILE && from != TYPE_IMAGE;
	return from == TYPE_IMAGE && to == TYPE_FILE;
}

static bool is_number(enum type_id t)
{
	return t == TYPE_INTEGER || t == TYPE_DURATION || t == TYPE_DECIMAL || t == TYPE_MONEY ||
	       t == TYPE_PERCENT;
}

/* The statement that converts what is stored, "" if none is needed, NULL if values might be lost. */
static const char *conversion(struct plan *p, const struct field *from, const struct field *to)
{
	const char *table = to->object->name;

	if (field_is_ref(from) && field_is_ref(to))
		return text_eq(from->to->name, to->to->name) ? "" : NULL;
	if (from->to || to->to)
		return from->to && to->to && text_eq(from->to->name, to->to->name) &&
		       (from->type == to->type || text_widens(from->type, to->type)) ? "" : NULL;
	if (is_number(from->type) && is_number(to->type)) {
		if (to->scale == from->scale)
			return "";
		if (to->scale < from->scale)
			return NULL;
		return fmt(p->mem, "UPDATE t_%s SET %s = %s * %" PRId64 ";\n", table, to->name,
		           to->name, decimal_power(to->scale - from->scale));
	}
	if (from->type == to->type || text_widens(from->type, to->type) ||
	    (from->type == TYPE_BOOL && to->type == TYPE_INTEGER))
		return "";
	if (from->type == TYPE_CHOICE && to->type == TYPE_CHOICES)
		return fmt(p->mem, "UPDATE t_%s SET %s = ',' || %s || ',';\n", table, to->name,
		           to->name);
	return NULL;
}

static void convert(struct plan *p, const struct field *from, const struct field *to)
{
	const char *sql = conversion(p, from, to);
	const char *a = from->to ? from->to->name : types[from->type].name;
	const char *b = to->to ? to->to->name : types[to->type].name;

	if (sql)
		text_add(p->out, sql);
	else
		refuse(p, to,
		       fmt(p->mem,
		           "类型不能从 %s（%d 位小数）改为 %s（%d 位小数），可能丢失数据：请新建一个字段",
		           a, from->scale, b, to->scale),
		       fmt(p->mem,
		           "the type cannot change from %s (%d decimals) to %s (%d decimals), values"
		           " might be lost: declare a new field",
		           a, from->scale, b, to->scale));
}

/*
 * Indexes
 */

struct index {
	const char *name;
	const char **columns;           /* ended by NULL */
	/*
	 * 'x' ordinary, 'u' unique among the living, 'p' rows of running imports, 'h' rows
	 * that are held by another than their owner.
	 */
	char kind;
};

struct indexes {
	struct arena *mem;
	const struct object *o;
	struct index *list;
	size_t n, cap;
};

static void index_add(struct indexes *x, const char **columns, char kind)
{
	struct text name;

	text_init(&name, x->mem);
	text_addf(&name, "%c_%s", kind, x->o->name);
	for (size_t i = 0; columns[i]; i++)
		text_addf(&name, "_%s", columns[i]);
	if (kind == 'h')
		text_addf(&name, "_%s", x->o->scope_member->name);
	for (size_t i = 0; i < x->n; i++)
		if (text_eq(x->list[i].name, short_name(x->mem, name.s)))
			return;
	x->list = arena_grow(x->mem, x->list, &x->cap, x->n + 1, sizeof *x->list);
	x->list[x->n++] = (struct index){ short_name(x->mem, name.s), columns, kind };
}

/* NULL columns are left out. */
static void index_pair(struct indexes *x, const char *a, const char *b, char kind)
{
	const char **columns = arena_array(x->mem, 3, sizeof *columns);

	columns[0] = a ? a : b;
	columns[1] = a ? b : NULL;
	index_add(x, columns, kind);
}

/* Whose rows are looked at together: the owner's, or the holder's. */
static const char *owner_column(const struct object *o)
{
	if (o->scope_member)
		return o->scope_member->name;
	return o->scope_parent ? "holder" : NULL;
}

/*
 * Rows that are seen through their parent as well are read in the same orders
 * by holder as by owner.  Most have the same for both, and whoever sees them by
 * owner looks for the others only (query_sql.c).
 */
static void add_holder_twins(struct indexes *x)
{
	const struct object *o = x->o;
	size_t n = x->n;

	for (size_t i = 0; o->scope_member && o->scope_parent && i < n; i++) {
		const char **columns = x->list[i].columns;
		const char **twin;
		size_t k = 0;

		if (x->list[i].kind != 'x' || !text_eq(columns[0], o->scope_member->name))
			continue;
		while (columns[k])
			k++;
		twin = arena_array(x->mem, k + 1, sizeof *twin);
		memcpy(twin, columns, k * sizeof *twin);
		twin[0] = "holder";
		index_add(x, twin, 'x');
		index_add(x, twin, 'h');
	}
}

/* All indexes an object has, in a fixed order, each once. */
static struct indexes indexes_of(struct arena *mem, const struct object *o)
{
	struct indexes x = { .mem = mem, .o = o };
	const char *owner = owner_column(o);

	if (o->scope_parent)
		index_pair(&x, "holder", "id", 'x');
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (f->system || f->computed)
			continue;
		if (f->unique)
			index_pair(&x, f->name, NULL, 'u');
		if (field_is_ref(f) || f->indexed)
			index_pair(&x, f->name, "id", 'x');
	}
	for (size_t i = 0; i < o->n_columns; i++) {
		if (o->columns[i].unique)
			index_pair(&x, o->columns[i].name, NULL, 'u');
		else if (o->columns[i].indexed)
			index_pair(&x, o->columns[i].name, "id", 'x');
	}
	if (o->calendar_start)
		index_pair(&x, owner, o->calendar_start, 'x');
	if (o->board_by)
		index_pair(&x, owner, o->board_by, 'x');
	for (size_t i = 0; i < o->n_measures; i++)
		index_pair(&x, o->measures[i].by->name, o->measures[i].on->name, 'x');
	for (size_t i = 0; o->indexes && o->indexes[i]; i++)
		index_add(&x, o->indexes[i], 'x');
	for (size_t i = 0; o->uniques && o->uniques[i]; i++)
		index_add(&x, o->uniques[i], 'u');
	/* A table that is only kept has no fields, and no indexes. */
	if (o->n_fields > 0)
		index_pair(&x, "import", NULL, 'p');
	add_holder_twins(&x);
	return x;
}

static bool read_standing(struct plan *p, struct db *db)
{
	struct query *q = db_query(db, p->kind == DB_SQLITE
		? "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' ORDER BY name"
		: "SELECT indexname, tablename FROM pg_indexes WHERE schemaname = current_schema()"
		  " ORDER BY indexname", NULL);
	size_t cap = 0;

	if (!q)
		return false;
	while (db_next(q)) {
		p->standing = arena_grow(p->mem, p->standing, &cap, p->n_standing + 1,
		                         sizeof *p->standing);
		p->standing[p->n_standing++] = (struct standing){
			arena_dup(p->mem, db_text(q, 0)), arena_dup(p->mem, db_text(q, 1))
		};
	}

	bool failed = db_failed(q);

	db_done(q);
	return !failed;
}

/* Was it made here, for the table of `o`?  "x_deal_…", "u_…", "p_…", "h_…" on t_deal. */
static bool is_of(const struct standing *s, const struct object *o)
{
	size_t n = strlen(o->name);

	return text_starts(s->table, "t_") && text_eq(s->table + 2, o->name) &&
	       s->name[0] && strchr("xuph", s->name[0]) && s->name[1] == '_' &&
	       text_starts(s->name + 2, o->name) && s->name[2 + n] == '_';
}

static bool stands(const struct plan *p, const struct object *o, const char *name)
{
	for (size_t i = 0; i < p->n_standing; i++)
		if (is_of(&p->standing[i], o) && text_eq(p->standing[i].name, name))
			return true;
	return false;
}

static bool has_index(const struct indexes *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (text_eq(x->list[i].name, name))
			return true;
	return false;
}

static void create_indexes(struct plan *p, const struct object *o, const struct object *old)
{
	struct indexes x = indexes_of(p->mem, o);

	for (size_t i = 0; i < x.n; i++) {
		if (old && stands(p, old, x.list[i].name))
			continue;
		char kind = x.list[i].kind;
		/* Lists take empty values for the smallest, as SQLite does by itself. */
		const char *nulls = p->kind == DB_POSTGRES && (kind == 'x' || kind == 'h') ? " NULLS FIRST" : "";
		const char *rows = kind == 'u' ? " WHERE deleted_at IS NULL" : kind == 'p' ? " WHERE deleted_at < 0" : "";

		if (kind == 'h')
			rows = fmt(p->mem, " WHERE holder IS DISTINCT FROM %s", o->scope_member->name);

		text_addf(p->out, "CREATE %sINDEX %s ON t_%s (", kind == 'u' ? "UNIQUE " : "",
		          x.list[i].name, o->name);
		for (size_t k = 0; x.list[i].columns[k]; k++)
			text_addf(p->out, "%s%s%s", k ? ", " : "", x.list[i].columns[k], nulls);
		text_addf(p->out, ")%s;\n", rows);
	}
}

/* The name of an index follows from table and columns, so a rename makes it another one. */
static void drop_indexes(struct plan *p, const struct object *old, const struct object *next)
{
	struct indexes after = next ? indexes_of(p->mem, next) : (struct indexes){ 0 };

	for (size_t i = 0; i < p->n_standing; i++)
		if (is_of(&p->standing[i], old) && !has_index(&after, p->standing[i].name))
			text_addf(p->out, "DROP INDEX %s;\n", p->standing[i].name);
}

/*
 * The plan
 */

static const struct object *next_object(const struct plan *p, const struct object *old)
{
	for (size_t i = 0; i < p->next->n_objects; i++)
		if (old_object(p->old, &p->next->objects[i]) == old)
			return &p->next->objects[i];
	return NULL;
}

/* Rows of the engine that name objects by text follow; the change log stays as it was. */
static void rename_object(struct plan *p, const char *from, const char *to)
{
	text_addf(p->out, "ALTER TABLE t_%s RENAME TO t_%s;\n", from, to);
	text_addf(p->out, "UPDATE t_key SET object = '%s' WHERE object = '%s';\n", to, from);
	for (size_t i = 0; i < p->old->n_objects; i++) {
		const struct object *o = &p->old->objects[i];
		const struct field *f = object_field(o, "object");

		if (text_eq(o->module, "engine") && !text_eq(o->name, "change") && f &&
		    f->type == TYPE_TEXT)
			text_addf(p->out, "UPDATE t_%s SET object = '%s' WHERE object = '%s';\n",
			          o->name, to, from);
	}
}

static void change_table(struct plan *p, const struct object *o, const struct object *old)
{
	const struct field *f;
	size_t i = 0;

	while ((f = column(o, &i))) {
		const struct field *before = old_column(old, f);

		if (!before) {
			text_addf(p->out, "ALTER TABLE t_%s ADD COLUMN ", o->name);
			add_column_text(p, f);
			text_add(p->out, ";\n");
			continue;
		}
		if (!text_eq(before->name, f->name))
			text_addf(p->out, "ALTER TABLE t_%s RENAME COLUMN %s TO %s;\n", o->name,
			          before->name, f->name);
		convert(p, before, f);
	}
}

static void add_foreign_keys(struct plan *p, const struct object *o, const struct object *old)
{
	const struct field *f;
	size_t i = 0;

	while ((f = column(o, &i)))
		if (!old || !old_column(old, f))
			add_foreign_key(p, f);
}

static size_t depth(const struct object *o)
{
	return o->scope_parent ? 1 + depth(o->scope_parent->to) : 0;
}

/* Did whom rows of `o` are held by change its meaning?  A parent's change reaches its children. */
static bool holder_moves(const struct plan *p, const struct object *o)
{
	const struct object *old = old_object(p->old, o);

	if (!old || !o->scope_parent)
		return false;

	const struct object *parent = o->scope_parent->to;
	const struct object *before = old_object(p->old, parent);

	if (!old->scope_parent || old_column(old, o->scope_parent) != old->scope_parent)
		return true;
	if (!before || !before->n_fields)
		return true;
	if (!text_eq(scope_holder(before), scope_holder(parent)) &&
	    !(parent->scope_member && before->scope_member &&
	      old_column(before, parent->scope_member) == before->scope_member))
		return true;
	return holder_moves(p, parent);
}

static void fill_holders(struct plan *p)
{
	bool more = true;

	for (size_t level = 1; more; level++) {
		more = false;
		for (size_t i = 0; i < p->next->n_objects; i++) {
			const struct object *o = &p->next->objects[i];

			more = more || depth(o) > level;
			if (depth(o) != level || !holder_moves(p, o))
				continue;
			text_addf(
				p->out,
				"UPDATE t_%s SET holder = (SELECT %s FROM t_%s WHERE t_%s.id = t_%s.%s);\n",
				o->name, scope_holder(o->scope_parent->to),
				o->scope_parent->to->name, o->scope_parent->to->name, o->name,
				o->scope_parent->name);
		}
	}
}

bool ddl_plan(struct arena *mem, struct db *db, const struct schema *old, const struct schema *next,
              struct text *out, struct complaint **ret_complaints)
{
	struct plan p = {
		.mem = mem, .kind = db_kind(db), .words = db_words(db), .old = old, .next = next, .out = out
	};

	p.end = &p.first;
	if (!read_standing(&p, db)) {
		struct complaint *c = arena_alloc(mem, sizeof *c);

		c->where = "store";
		c->message = c->message_zh = arena_dup(mem, db_message(db));
		*ret_complaints = c;
		return false;
	}
	for (size_t i = 0; old && i < old->n_objects; i++)
		drop_indexes(&p, &old->objects[i], next_object(&p, &old->objects[i]));
	for (size_t i = 0; i < next->n_objects; i++) {
		const struct object *before = old_object(old, &next->objects[i]);

		if (!before)
			create_table(&p, &next->objects[i]);
		else if (!text_eq(before->name, next->objects[i].name))
			rename_object(&p, before->name, next->objects[i].name);
	}
	for (size_t i = 0; i < next->n_objects; i++) {
		const struct object *before = old_object(old, &next->objects[i]);

		if (before)
			change_table(&p, &next->objects[i], before);
	}
	for (size_t i = 0; i < next->n_objects; i++) {
		const struct object *before = old_object(old, &next->objects[i]);

		add_foreign_keys(&p, &next->objects[i], before);
		create_indexes(&p, &next->objects[i], before);
	}
	fill_holders(&p);
	*ret_complaints = p.first;
	return p.first == NULL;
}

bool ddl_drop_plan(struct arena *mem, const struct schema *old, const struct schema *next,
                   struct text *out)
{
	const char *kept = schema_kept(mem, old, next);
	struct json_error error;
	const struct json *j = kept ? json_parse(mem, kept, strlen(kept), &error) : NULL;

	/* Columns first: they may refer to tables that go. */
	for (int tables = 0; tables < 2; tables++) {
		const struct json *list = json_get(j, "objects");

		for (const struct json *o = list ? list->first : NULL; o; o = o->next) {
			const char *name = json_text(o, "object", "");
			bool gone = !schema_object(next, name);
			const struct json *fields = json_get(o, "fields");

			if (gone && tables)
				text_addf(out, "DROP TABLE t_%s;\n", name);
			for (const struct json *f = fields->first; f && !gone && !tables;
			     f = f->next)
				text_addf(out, "ALTER TABLE t_%s DROP COLUMN %s;\n", name,
				          json_text(f, "name", ""));
		}
	}
	return true;
}

/*
 * The engine's own tables
 */

const char *ddl_base(struct arena *mem, enum db_kind kind, const struct db_words *words)
{
	const char *n = words->integer;
	const char *t = words->text;
	const char *end = words->strict;
	/* Small rows found by their whole key: SQLite then needs no second tree. */
	const char *keyed = kind == DB_SQLITE ? " STRICT, WITHOUT ROWID" : "";
	struct text out;

	text_init(&out, mem);
	text_addf(&out, "CREATE TABLE t_store (\n\tname %s PRIMARY KEY,\n\tvalue %s\n)%s;\n", t, t,
	          end);
	text_addf(&out, "CREATE TABLE t_reach (\n\tviewer %s NOT NULL,\n\tmember %s NOT NULL,\n"
	          "\tlevel %s NOT NULL,\n\tPRIMARY KEY (viewer, member)\n)%s;\n", n, n, n, keyed);
	text_add(&out, "CREATE INDEX x_reach_viewer_level ON t_reach (viewer, level, member);\n");
	text_addf(&out,
	          "CREATE TABLE t_counter (\n\tname %s PRIMARY KEY,\n\tvalue %s NOT NULL\n)%s;\n",
	          t, n, end);
	text_addf(&out, "CREATE TABLE t_tally (\n\tmeasure %s NOT NULL,\n\tgrain %s NOT NULL,\n"
	          "\tday %s NOT NULL,\n\tmember %s NOT NULL,\n\tsplit1 %s NOT NULL,\n"
	          "\tsplit2 %s NOT NULL,\n\tvalue %s NOT NULL,\n\tnumber %s NOT NULL,\n\tspread %s,\n"
	          "\tPRIMARY KEY (measure, grain, member, day, split1, split2)\n)%s;\n",
	          t, t, t, n, t, t, n, n, t, keyed);
	text_addf(&out, "CREATE TABLE t_key (\n\tobject %s NOT NULL,\n\trecord %s NOT NULL,\n"
	          "\trule %s NOT NULL,\n\tvalue %s NOT NULL\n)%s;\n", t, n, n, t, end);
	text_add(&out, "CREATE INDEX x_key_value ON t_key (object, rule, value);\n"
	               "CREATE INDEX x_key_record ON t_key (object, record);\n");
	text_addf(&out, "CREATE TABLE t_seal (\n\tseq %s PRIMARY KEY,\n\thash %s NOT NULL,\n"
	          "\tat %s NOT NULL\n)%s;\n", n, t, n, end);
	text_addf(&out, "CREATE TABLE t_answer (\n\tmember %s NOT NULL,\n\tkey %s NOT NULL,\n"
	          "\trequest %s,\n\tstatus %s,\n\tbody %s,\n\tat %s NOT NULL,\n"
	          "\tPRIMARY KEY (member, key)\n)%s;\n", n, t, t, n, t, n, keyed);
	return out.s;
}

bool ddl_base_plan(struct arena *mem, struct db *db, struct text *out)
{
	static const struct {
		const char *table, *column;     /* text that may be NULL */
	} later[] = { { "t_tally", "spread" } };

	for (size_t i = 0; i < LENGTH(later); i++) {
		const char *sql = fmt(mem, db_kind(db) == DB_SQLITE
			? "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'"
			: "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()"
			  " AND table_name = '%s' AND column_name = '%s'", later[i].table, later[i].column);
		int64_t there;

		if (!db_get_int(db, sql, NULL, 0, &there))
			return false;
		if (!there)
			text_addf(out, "ALTER TABLE %s ADD COLUMN %s %s;\n", later[i].table, later[i].column,
			          db_words(db)->text);
	}
	return true;
}

/*
 * Which unique index refused
 */

/* "t_customer.code, t_customer.name" → code, name. */
static const char **columns_of_message(struct arena *mem, const struct object *o, const char *s)
{
	const char *table = fmt(mem, "t_%s.", o->name);
	char **parts;
	size_t n = text_split(mem, s, ',', &parts);
	const char **names = arena_array(mem, n + 1, sizeof *names);

	for (size_t i = 0; i < n; i++) {
		const char *part = text_trim(mem, parts[i]);

		if (!text_starts(part, table))
			return NULL;
		names[i] = part + strlen(table);
	}
	return n > 0 ? names : NULL;
}

const char **ddl_unique(struct arena *mem, const struct object *o, const char *constraint)
{
	struct indexes x = indexes_of(mem, o);

	if (!constraint)
		return NULL;
	for (size_t i = 0; i < x.n; i++)
		if (x.list[i].kind == 'u' && text_eq(x.list[i].name, constraint))
			return x.list[i].columns;
	return columns_of_message(mem, o, constraint);
}
