#include "engine/schema_load.h"

#include <stdarg.h>

#include "base/number.h"
#include "engine/type.h"

/*
 * Text to documents, documents to drafts.  What can be said about a piece
 * without looking at any other piece is said here.
 */

void complain_plain(struct loader *l, struct place at, const char *zh, const char *en)
{
	struct complaint *c = arena_alloc(l->out, sizeof *c);

	c->where = at.json ? fmt(l->out, "%s:%d:%d", at.source->name, at.json->line,
	                         at.json->column)
	                   : arena_dup(l->out, at.source->name);
	c->message = en;
	c->message_zh = zh;
	*l->end = c;
	l->end = &c->next;
	l->n_complaints++;
}

void complain(struct loader *l, struct place at, const char *zh, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	const char *english = vfmt(l->out, en, args);
	va_end(args);
	va_start(args, en);
	complain_plain(l, at, vfmt(l->out, zh, args), english);
	va_end(args);
}

struct place place_of(struct place at, const char *key)
{
	const struct json *j = json_get(at.json, key);

	return (struct place){ at.source, j ? j : at.json };
}

void places_add(struct loader *l, struct places *list, struct place at)
{
	list->list = arena_grow(l->mem, list->list, &list->cap, list->n + 1, sizeof *list->list);
	list->list[list->n++] = at;
}

const char *nearest(struct loader *l, const char *name, const char *(*at)(const void *p, size_t i),
                    const void *p, size_t n)
{
	const char *best = NULL;
	int score = 49;

	for (size_t i = 0; i < n; i++) {
		const char *candidate = at(p, i);
		int s = candidate ? text_similar(l->out, name, candidate) : 0;

		if (s > score) {
			score = s;
			best = candidate;
		}
	}
	return best ? fmt(l->out, " (%s?)", best) : "";
}

/*
 * Shapes
 */

static void kind_words(int kinds, const char **ret_zh, const char **ret_en)
{
	static const struct {
		int kinds;
		const char *zh, *en;
	} words[] = {
		{ IS_BOOL, "true 或 false", "true or false" },
		{ IS_INT, "整数", "a whole number" },
		{ IS_NUMBER, "数字", "a number" },
		{ IS_TEXT, "文本", "a text" },
		{ IS_LIST, "列表 [ … ]", "a list [ … ]" },
		{ IS_OBJECT, "对象 { … }", "an object { … }" },
		{ IS_LABEL, "文本或 { \"zh\": …, \"en\": … }", "a text or { \"zh\": …, \"en\": … }" },
		{ IS_TEXT | IS_LIST, "文本或列表", "a text or a list" },
		{ IS_TEXT | IS_NUMBER, "文本或数字", "a text or a number" },
		{ IS_VALUE, "文本、数字、true 或 false", "a text, a number, true or false" },
	};

	*ret_zh = *ret_en = "";
	for (size_t i = 0; i < LENGTH(words); i++) {
		if (words[i].kinds == kinds) {
			*ret_zh = words[i].zh;
			*ret_en = words[i].en;
		}
	}
}

static const char *key_name(const void *p, size_t i)
{
	const struct key *keys = p;

	return keys[i].name;
}

static void check_key(struct loader *l, struct place here, const struct shape *shape)
{
	const struct key *k = NULL;
	const char *key = here.json->key;
	const char *zh;
	const char *en;

	/* For whoever reads the declaration: nobody else is shown it. */
	if (here.source->builtin && text_eq(key, "requirements") && here.json->kind == JSON_TEXT)
		return;
	for (size_t i = 0; i < shape->n; i++)
		if (text_eq(shape->keys[i].name, key))
			k = &shape->keys[i];
	/* What the version before declared, and this one knows no more, made no tables. */
	if (!k && here.source->past)
		return;
	if (!k || (k->shipped && !here.source->builtin)) {
		const char *meant = nearest(l, key, key_name, shape->keys, shape->n);

		complain_plain(l, here, fmt(l->out, "%s没有“%s”这一项%s", shape->zh, key, meant),
		               fmt(l->out, "%s has no \"%s\"%s", shape->en, key, meant));
		return;
	}
	if (k->kinds & 1 << here.json->kind)
		return;
	kind_words(k->kinds, &zh, &en);
	complain_plain(l, here, fmt(l->out, "“%s”应为%s", key, zh),
	               fmt(l->out, "\"%s\" must be %s", key, en));
}

bool check_shape(struct loader *l, struct place at, const struct shape *shape)
{
	if (at.json->kind != JSON_OBJECT) {
		complain_plain(l, at, fmt(l->out, "%s应为对象 { … }", shape->zh),
		               fmt(l->out, "%s must be an object { … }", shape->en));
		return false;
	}
	for (const struct json *j = at.json->first; j; j = j->next)
		check_key(l, (struct place){ at.source, j }, shape);
	for (size_t i = 0; i < shape->n; i++)
		if (shape->keys[i].needed && !json_get(at.json, shape->keys[i].name))
			complain_plain(
				l, at, fmt(l->out, "%s缺少“%s”", shape->zh, shape->keys[i].name),
				fmt(l->out, "%s needs \"%s\"", shape->en, shape->keys[i].name));
	return true;
}

const char **read_names(struct loader *l, struct place list)
{
	size_t n = 0;
	const char **names = arena_array(l->mem, list.json->len + 1, sizeof *names);

	if (list.json->kind != JSON_ARRAY) {
		complain(l, list, "应为名称列表 [ … ]", "must be a list of names [ … ]");
		return names;
	}
	for (const struct json *j = list.json->first; j; j = j->next) {
		if (j->kind == JSON_TEXT)
			names[n++] = j->text;
		else
			complain(l, (struct place){ list.source, j }, "应为名称（文本）",
			         "must be a name (a text)");
	}
	return names;
}

bool read_label(struct loader *l, struct place at, const char *key, struct label *ret)
{
	static const struct key keys[] = { { "zh", IS_TEXT, false, 0, false },
		                           { "en", IS_TEXT, false, 0, false } };
	static const struct shape shape = { "双语文本", "a text in two languages", keys, LENGTH(keys) };
	const struct json *j = json_get(at.json, key);
	struct place here = { at.source, j };

	if (!j)
		return false;
	if (j->kind == JSON_TEXT) {
		*ret = (struct label){ j->text, j->text };
	} else if (j->kind == JSON_OBJECT) {
		check_shape(l, here, &shape);
		*ret = (struct label){ json_text(j, "zh", NULL), json_text(j, "en", NULL) };
	} else {
		return false;           /* the shape of the whole has said so */
	}
	if (!ret->zh || !*ret->zh)
		ret->zh = ret->en;
	if (!ret->en || !*ret->en)
		ret->en = ret->zh;
	if (!ret->zh || !*ret->zh) {
		complain(l, here, "“%s”为空：请给出 \"zh\" 或 \"en\"",
		         "\"%s\" is empty: give \"zh\", \"en\" or both", key);
		*ret = (struct label){ "", "" };
		return false;
	}
	return true;
}

void read_word(struct loader *l, struct place at, const char *key, const char *const *list,
               size_t n, int *ret)
{
	const struct json *j = json_get(at.json, key);
	struct text all;

	if (!j || j->kind != JSON_TEXT)
		return;
	text_init(&all, l->out);
	for (size_t i = 0; i < n; i++) {
		if (text_eq(list[i], j->text)) {
			*ret = (int)i;
			return;
		}
		text_addf(&all, "%s%s", i ? ", " : "", list[i]);
	}
	complain(l, (struct place){ at.source, j }, "“%s”不能是“%s”，可用：%s",
	         "\"%s\" cannot be \"%s\": use one of %s", key, j->text, all.s);
}

/* Roles are checked once all are known, in link_rows. */
void read_roles(struct loader *l, struct place list, struct role_list *ret)
{
	ret->names = read_names(l, list);
	ret->n = 0;
	while (ret->names[ret->n])
		ret->n++;
	if (ret->n == 0)
		complain(l, list, "角色列表为空：去掉它，或写出角色",
		         "a list of roles must not be empty: leave it out, or name roles");
}

/*
 * Names
 */

/* What SQLite or PostgreSQL do not take as a bare name, or use for themselves. */
static const char reserved_sql[] =
	" add all alter analyse analyze and any array as asc asymmetric authorization autoincrement"
	" between binary both case cast check cmax cmin collate collation column commit concurrently"
	" constraint create cross ctid current_catalog current_date current_role current_schema"
	" current_time current_timestamp current_user default deferrable delete desc distinct do drop"
	" else end escape except exists false fetch for foreign freeze from full grant group having"
	" ilike in index initially inner insert intersect into is isnull join lateral leading left"
	" like limit localtime localtimestamp natural not nothing notnull null offset oid on only or"
	" order outer overlaps placing primary references returning right rowid select session_user"
	" set similar some symmetric table tableoid tablesample then to trailing transaction true"
	" union unique update user using values variadic verbose when where window with xmax xmin ";

/* Parameters of lists and keys of answers: a field of that name could not be asked for. */
static const char reserved_fields[] =
	" id version created_at created_by changed_at changed_by deleted_at import holder labels"
	" sort limit after fields q count deleted or allow_duplicate format sum password ";

/* Routes and tables of the engine. */
static const char reserved_objects[] =
	" setup meta report metric search export changes health openapi"
	" store reach counter tally key seal answer upload ";

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
		if (p[-1] == ' ' && p[n] == ' ')
			return true;
	return false;
}

static bool plain_name(const char *s)
{
	if (*s < 'a' || *s > 'z' || strlen(s) > 40)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_'))
			return false;
	return true;
}

bool check_name(struct loader *l, struct place at, const char *name, enum name_of what)
{
	if (!plain_name(name)) {
		complain(l, at, "“%s”不能用作名称：请用小写字母、数字和 _，以字母开头，最多 40 个字符",
		         "\"%s\" is not a name: use lower-case ASCII letters, digits and _,"
		         " a letter first, at most 40 characters", name);
		return false;
	}
	if (what == NAME_OTHER)
		return true;
	if (has_word(reserved_sql, name)) {
		complain(l, at, "“%s”是 SQL 保留字，请换一个名称",
		         "\"%s\" is a word reserved by SQL: choose another name", name);
		return false;
	}
	if (name[0] == 't' && name[1] == '_') {
		complain(l, at, "“%s”：名称不能以 t 加下划线开头",
		         "\"%s\": a name cannot start with t and an underscore", name);
		return false;
	}
	if (has_word(what == NAME_OBJECT ? reserved_objects : reserved_fields, name)) {
		complain(l, at, "“%s”由系统使用，请换一个名称",
		         "\"%s\" is used by the engine itself: choose another name", name);
		return false;
	}
	if (!at.source->builtin && !text_starts(name, "x_")) {
		complain(
			l, at, "“%s”：自定义的表和字段名称以 x_ 开头，例如 x_%s",
			"\"%s\": names of your own tables and fields start with x_, for example x_%s",
			name, name);
		return false;
	}
	if (at.source->builtin && text_starts(name, "x_")) {
		complain(l, at, "“%s”：x_ 开头的名称留给管理员",
		         "\"%s\": names with x_ are left to administrators", name);
		return false;
	}
	return true;
}

/*
 * Documents
 */

static void read_document(struct loader *l, struct place at)
{
	const struct {
		const char *key;
		struct places *list;
	} kinds[] = {
		{ "object", &l->objects }, { "extend", &l->extensions }, { "metric", &l->metrics },
		{ "report", &l->reports }, { "role", &l->roles }, { "menu", &l->menus },
		{ "setting", &l->settings }, { "kept", &l->kept },
	};

	if (at.json->kind != JSON_OBJECT) {
		complain(l, at, "声明应为对象 { … }", "a declaration must be an object { … }");
		return;
	}
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		const struct json *j = json_get(at.json, kinds[i].key);

		/* What was kept is for the engine to say (schema_kept); a setting is read by the C of whoever ships it. */
		if (!j || (kinds[i].list == &l->kept && !text_eq(at.source->module, "engine")) ||
		    (kinds[i].list == &l->settings && !at.source->builtin))
			continue;
		/* The parts that a report of the past included may have changed since; it is read no more. */
		if (at.source->past && (kinds[i].list == &l->reports || kinds[i].list == &l->menus))
			return;
		if (j->kind == JSON_TEXT)
			places_add(l, kinds[i].list, at);
		else
			complain(l, (struct place){ at.source, j }, "“%s”应为名称（文本）",
			         "\"%s\" must be a name (a text)", kinds[i].key);
		return;
	}
	complain(
		l, at,
		"看不出这是什么声明：需要 \"object\"、\"extend\"、\"metric\"、\"report\"、\"role\" 或 \"menu\"",
		"this declares nothing: it needs \"object\", \"extend\", \"metric\", \"report\", \"role\" or \"menu\"");
}

void read_documents(struct loader *l, const struct source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json_error error = { 0 };
		const struct source *s = &sources[i];
		const struct json *j = json_parse(l->mem, s->text, s->size, &error);

		if (!j) {
			struct json where = { .line = error.line, .column = error.column };

			complain(l, (struct place){ s, &where }, "JSON 格式错误：%s",
			         "not JSON: %s", error.message);
		} else if (j->kind == JSON_ARRAY) {
			for (const struct json *d = j->first; d; d = d->next)
				read_document(l, (struct place){ s, d });
		} else {
			read_document(l, (struct place){ s, j });
		}
	}
}

/*
 * Fields
 */

#define T(type) (1u << TYPE_##type)
enum {
	SCALED  = T(DECIMAL) | T(MONEY) | T(PERCENT),
	NUMBERS = T(INTEGER) | T(DURATION) | SCALED,
	WORDS   = T(TEXT) | T(LONG),
	FINDABLE = WORDS | T(PHONE) | T(EMAIL) | T(URL) | T(NUMBER),
	KEYABLE = T(TEXT) | T(INTEGER) | T(DATE) | T(INSTANT) | T(CHOICE) | T(REF) | T(MEMBER) |
	          T(TEAM) | T(PHONE) | T(EMAIL) | T(URL) | T(REGION) | T(NUMBER),
	FILES   = T(FILE) | T(IMAGE),
	COMPUTED = T(FORMULA) | T(TOTAL),
};

static const struct key field_keys[] = {
	{ "name",      IS_TEXT,   true,  0, false },
	{ "type",      IS_TEXT,   true,  0, false },
	{ "label",     IS_LABEL,  true,  0, false },
	{ "help",      IS_LABEL,  false, 0, false },
	{ "section",   IS_LABEL,  false, 0, false },
	{ "required",  IS_BOOL,   false, ~(unsigned)(COMPUTED | T(NUMBER)), false },
	{ "unique",    IS_BOOL,   false, KEYABLE, false },
	{ "index",     IS_BOOL,   false, ~(unsigned)(COMPUTED | T(LONG) | T(LOCATION) | FILES), false },
	{ "search",    IS_BOOL,   false, FINDABLE, false },
	{ "read_only", IS_BOOL,   false, 0, false },
	{ "aliases",   IS_LIST,   false, ~(unsigned)COMPUTED, false },
	{ "default",   IS_VALUE,  false, ~(unsigned)(COMPUTED | FILES | T(NUMBER) | T(LOCATION)), false },
	{ "read",      IS_LIST,   false, 0, false },
	{ "write",     IS_LIST,   false, ~(unsigned)COMPUTED, false },
	{ "was",       IS_TEXT,   false, ~(unsigned)COMPUTED, false },
	{ "min",       IS_TEXT | IS_NUMBER, false, NUMBERS, false },
	{ "max",       IS_TEXT | IS_NUMBER, false, NUMBERS | WORDS | FILES, false },
	{ "scale",     IS_INT,    false, T(DECIMAL) | COMPUTED, false },
	{ "choices",   IS_LIST,   false, T(CHOICE) | T(CHOICES), false },
	{ "to",        IS_TEXT,   false, T(REF) | T(REFS), false },
	{ "filter",    IS_TEXT,   false, T(REF) | T(REFS) | T(MEMBER) | T(TEAM), false },
	{ "pattern",   IS_TEXT,   false, T(NUMBER), false },
	{ "format",    IS_TEXT,   false, T(INTEGER), false },
	{ "formula",   IS_TEXT,   false, T(FORMULA), false },
	{ "yields",    IS_TEXT,   false, T(FORMULA), false },
	{ "over",      IS_TEXT,   false, T(TOTAL), false },
	{ "via",       IS_TEXT,   false, T(TOTAL), false },
	{ "sum",       IS_TEXT,   false, T(TOTAL), false },
	{ "where",     IS_TEXT,   false, T(TOTAL), false },
};
static const struct shape field_shape = { "字段", "a field", field_keys, LENGTH(field_keys) };

static const char *type_name(const void *p, size_t i)
{
	const struct type *rows = p;

	return rows[i].name;
}

static bool has_key(unsigned bits, enum type_id type)
{
	return !bits || bits & 1u << type;
}

/* Keys this type has no use for, and the ones it cannot do without. */
static void check_field_keys(struct loader *l, struct place at, const struct field *f)
{
	static const struct {
		enum type_id type;
		const char *key;
	} needed[] = {
		{ TYPE_CHOICE, "choices" }, { TYPE_CHOICES, "choices" }, { TYPE_REF, "to" },
		{ TYPE_REFS, "to" }, { TYPE_NUMBER, "pattern" }, { TYPE_FORMULA, "formula" },
		{ TYPE_FORMULA, "yields" }, { TYPE_TOTAL, "over" }, { TYPE_TOTAL, "via" },
	};

	for (const struct json *j = at.json->first; j; j = j->next)
		for (size_t i = 0; i < LENGTH(field_keys); i++)
			if (text_eq(field_keys[i].name, j->key) &&
			    !has_key(field_keys[i].types, f->type))
				complain(l, (struct place){ at.source, j }, "%s 类型的字段没有“%s”",
				         "a field of type %s has no \"%s\"", types[f->type].name,
				         j->key);
	for (size_t i = 0; i < LENGTH(needed); i++)
		if (needed[i].type == f->type && !json_get(at.json, needed[i].key))
			complain(l, at, "%s 类型的字段需要“%s”", "a field of type %s needs \"%s\"",
			         types[f->type].name, needed[i].key);
}

bool read_limit(struct loader *l, struct place at, const struct field *f, int64_t *ret)
{
	const char *s = at.json->text;

	if (at.json->kind != JSON_TEXT && at.json->kind != JSON_INT && at.json->kind != JSON_REAL)
		return false;           /* the shape has said so */
	switch (decimal_parse(s, f->scale, ret)) {
	case DECIMAL_OK:
		return true;
	case DECIMAL_TOO_FINE:
		complain(l, at, "“%s”小数位过多，该字段保留 %d 位",
		         "%s has more than the %d decimals of the field", s, f->scale);
		return false;
	case DECIMAL_MALFORMED:
	case DECIMAL_TOO_LARGE:
		break;
	}
	complain(l, at, "“%s”不是可用的数字", "%s is not a usable number", s);
	return false;
}

static void read_limits(struct loader *l, struct place at, struct field *f)
{
	static const struct {
		enum type_id type;
		int64_t otherwise, most;
	} sizes[] = {
		{ TYPE_TEXT, 200, 4000 }, { TYPE_LONG, 20000, 4000000 }, { TYPE_FILE, 20, 100 },
		{ TYPE_IMAGE, 20, 100 },
	};
	const struct json *min = json_get(at.json, "min");
	const struct json *max = json_get(at.json, "max");

	f->has_min = min && read_limit(l, (struct place){ at.source, min }, f, &f->min);
	f->has_max = max && read_limit(l, (struct place){ at.source, max }, f, &f->max);
	if (f->has_min && f->has_max && f->min > f->max)
		complain(l, (struct place){ at.source, min }, "min 大于 max",
		         "min is greater than max");
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		if (sizes[i].type != f->type)
			continue;
		if (f->has_max && (f->max < 1 || f->max > sizes[i].most))
			complain(l, (struct place){ at.source, max },
			         "%s 的 max 应在 1 到 %" PRId64 " 之间",
			         "max of a %s must be from 1 to %" PRId64, types[f->type].name,
			         sizes[i].most);
		if (!f->has_max)
			f->max = sizes[i].otherwise;
		f->has_max = true;
	}
}

/* A value stands in query texts and URLs, so it takes no commas, brackets or blanks. */
static bool choice_value_ok(const char *s)
{
	if (!*s || strlen(s) > 40)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || *s == '_' || *s == '-'))
			return false;
	return true;
}

/* How a choice looks, as far as it is said. */
static void read_choice_look(struct loader *l, struct place at, struct choice *c)
{
	static const char *const colors[] = { "gray", "red", "orange", "yellow", "green", "teal",
	                                      "blue", "indigo", "purple", "pink" };
	int color = -1;

	read_label(l, at, "label", &c->label);
	read_word(l, at, "color", colors, LENGTH(colors), &color);
	if (color >= 0)
		c->color = colors[color];
	c->retired = json_bool(at.json, "retired", c->retired);
}

static bool read_choice(struct loader *l, struct place at, const struct field *f,
                        struct choice *ret)
{
	static const struct key keys[] = {
		{ "value",   IS_TEXT,  true,  0, false },
		{ "label",   IS_LABEL, true,  0, false },
		{ "color",   IS_TEXT,  false, 0, false },
		{ "retired", IS_BOOL,  false, 0, false },
	};
	static const struct shape shape = { "选项", "a choice", keys, LENGTH(keys) };

	if (!check_shape(l, at, &shape))
		return false;
	*ret = (struct choice){ 0 };
	ret->value = json_text(at.json, "value", NULL);
	if (!ret->value)
		return false;
	if (!choice_value_ok(ret->value)) {
		complain(l, place_of(at, "value"), "选项的值“%s”只能含英文字母、数字、_ 和 -，最多 40 个字符",
		         "\"%s\" is not a choice's value: use ASCII letters, digits, _ and -,"
		         " at most 40 characters", ret->value);
		return false;
	}
	if (field_choice(f, ret->value)) {
		complain(l, place_of(at, "value"), "选项“%s”重复",
		         "the choice \"%s\" is there twice", ret->value);
		return false;
	}
	ret->label = (struct label){ ret->value, ret->value };
	read_choice_look(l, at, ret);
	return true;
}

void read_choices(struct loader *l, struct place list, struct field *f)
{
	struct choice *all;

	if (list.json->kind != JSON_ARRAY)
		return;
	all = arena_array(l->mem, f->n_choices + list.json->len + 1, sizeof *all);
	for (size_t i = 0; i < f->n_choices; i++)
		all[i] = f->choices[i];
	f->choices = all;
	for (const struct json *j = list.json->first; j; j = j->next)
		if (read_choice(l, (struct place){ list.source, j }, f, &all[f->n_choices]))
			f->n_choices++;
	if (list.json->len == 0)
		complain(l, list, "选项列表为空", "a list of choices must not be empty");
}

static const char *choice_name(const void *p, size_t i)
{
	return ((const struct field *)p)->choices[i].value;
}

void arrange_choices(struct loader *l, struct place list, struct field *f)
{
	static const struct key keys[] = {
		{ "value",   IS_TEXT,  true,  0, false },
		{ "label",   IS_LABEL, false, 0, false },
		{ "color",   IS_TEXT,  false, 0, false },
		{ "retired", IS_BOOL,  false, 0, false },
	};
	static const struct shape shape = { "选项", "a choice", keys, LENGTH(keys) };
	struct choice *all = arena_array(l->mem, f->n_choices + 1, sizeof *all);
	bool *taken = arena_array(l->mem, f->n_choices + 1, sizeof *taken);
	size_t n = 0;

	for (const struct json *j = list.json->first; j; j = j->next) {
		struct place at = { list.source, j };
		const struct choice *c = check_shape(l, at, &shape) ? field_choice(f, json_text(j, "value", "")) : NULL;

		if (!c)
			complain(l, place_of(at, "value"), "没有选项“%s”%s", "there is no choice \"%s\"%s",
			         json_text(j, "value", ""),
			         nearest(l, json_text(j, "value", ""), choice_name, f, f->n_choices));
		else if (taken[c - f->choices])
			complain(l, place_of(at, "value"), "选项“%s”重复", "the choice \"%s\" is there twice", c->value);
		if (!c || taken[c - f->choices])
			continue;
		taken[c - f->choices] = true;
		all[n] = *c;
		read_choice_look(l, at, &all[n++]);
	}
	for (size_t i = 0; i < f->n_choices; i++)
		if (!taken[i])
			all[n++] = f->choices[i];
	f->choices = all;
}

/* "HT-{yyyy}-{0001}": exactly one counter, besides {yyyy} and {mm}. */
static void check_pattern(struct loader *l, struct place at, const char *pattern)
{
	int counters = 0;
	const char *p = pattern;

	while ((p = strchr(p, '{'))) {
		const char *end = strchr(p, '}');
		size_t n = end ? (size_t)(end - p - 1) : 0;

		if (n > 0 && n <= 10 && strspn(p + 1, "0") == n - 1 && p[n] == '1') {
			counters++;
		} else if (!(n == 4 && !strncmp(p + 1, "yyyy", 4)) &&
		           !(n == 2 && !strncmp(p + 1, "mm", 2))) {
			complain(
				l, at, "编号格式“%s”只能含 {yyyy}、{mm} 和一个 {0001}",
				"pattern \"%s\": only {yyyy}, {mm} and one {0001} may stand in braces",
				pattern);
			return;
		}
		p = end;
	}
	if (counters != 1)
		complain(l, at, "编号格式“%s”需要恰好一个计数 {0001}",
		         "pattern \"%s\" needs exactly one counter, for example {0001}", pattern);
	if (strlen(pattern) > 40)
		complain(l, at, "编号格式最多 40 个字符", "a pattern has at most 40 characters");
}

/* What a formula or total looks like; the total's own comes when its sum is linked. */
static void read_yields(struct loader *l, struct place at, struct field *f)
{
	const char *name = json_text(at.json, "yields", NULL);
	const unsigned allowed = NUMBERS | T(BOOL) | T(TEXT) | T(URL) | T(DATE);
	enum type_id id;

	f->yields = f->type;
	if (f->type == TYPE_TOTAL)
		f->yields = TYPE_INTEGER;
	if (f->type != TYPE_FORMULA)
		return;
	f->yields = TYPE_TEXT;
	if (!name)
		return;
	if (!type_find(name, &id) || !(allowed & 1u << id)) {
		complain(
			l, place_of(at, "yields"),
			"公式不能得出“%s”，可用：integer decimal money percent duration bool text url date",
			"a formula cannot yield \"%s\": use integer, decimal, money, percent, duration, bool,"
			" text, url or date",
			name);
		return;
	}
	f->yields = id;
}

static void read_scale(struct loader *l, struct place at, struct field *f)
{
	int64_t scale = json_int(at.json, "scale", 2);

	if (f->yields == TYPE_MONEY || f->yields == TYPE_PERCENT)
		f->scale = 2;
	if (f->yields == TYPE_DECIMAL) {
		f->scale = scale >= 0 && scale <= 6 ? (int)scale : 2;
		if (scale < 0 || scale > 6)
			complain(l, place_of(at, "scale"), "scale 应在 0 到 6 之间",
			         "scale must be from 0 to 6");
	} else if (f->computed && json_get(at.json, "scale")) {
		complain(l, place_of(at, "scale"), "只有得出 decimal 的公式才有 scale",
		         "only a formula that yields decimal has a scale");
	}
}

static const char *initial_text(const struct json *j)
{
	if (!j)
		return NULL;
	if (j->kind == JSON_BOOL)
		return j->b ? "true" : "false";
	return j->text;
}

static void read_format(struct loader *l, struct place at, struct field *f)
{
	static const char *const formats[] = { "year" };
	int format = -1;

	read_word(l, at, "format", formats, LENGTH(formats), &format);
	f->format = format >= 0 ? formats[format] : NULL;
}

static bool type_allowed(struct loader *l, struct place at, enum field_of what, enum type_id type)
{
	if (what == FIELD_OBJECT || !((T(NUMBER) | COMPUTED) & 1u << type))
		return true;
	complain(l, place_of(at, "type"), "类型 %s 只能用于表的字段", "type %s is for fields of objects only",
	         types[type].name);
	return false;
}

/* What stands in the declaration as it is. */
static void read_plain(struct loader *l, struct place at, struct field *f)
{
	f->label = (struct label){ f->name, f->name };
	f->help = f->section = (struct label){ "", "" };
	read_label(l, at, "label", &f->label);
	read_label(l, at, "help", &f->help);
	read_label(l, at, "section", &f->section);
	f->required = json_bool(at.json, "required", false);
	f->unique = json_bool(at.json, "unique", false);
	f->indexed = json_bool(at.json, "index", false);
	f->search = json_bool(at.json, "search", false);
	f->computed = f->type == TYPE_FORMULA || f->type == TYPE_TOTAL;
	f->read_only = json_bool(at.json, "read_only", false) || f->computed ||
	               f->type == TYPE_NUMBER;
	f->initial = initial_text(json_get(at.json, "default"));
	f->was = json_text(at.json, "was", NULL);
	f->filter = json_text(at.json, "filter", NULL);
	f->pattern = json_text(at.json, "pattern", NULL);
	f->formula = json_text(at.json, "formula", NULL);
	f->where = json_text(at.json, "where", NULL);
}

bool read_field(struct loader *l, struct place at, enum field_of what, struct field *ret)
{
	struct field f = { .builtin = at.source->builtin, .yields = TYPE_TEXT };
	const char *type = json_text(at.json, "type", NULL);

	if (!check_shape(l, at, &field_shape))
		return false;
	f.name = json_text(at.json, "name", NULL);
	if (!f.name || !check_name(l, place_of(at, "name"), f.name,
	                           what == FIELD_OBJECT ? NAME_FIELD : NAME_OTHER))
		return false;
	if (type && !type_find(type, &f.type)) {
		complain(l, place_of(at, "type"), "没有类型“%s”%s", "there is no type \"%s\"%s", type,
		         nearest(l, type, type_name, types, TYPE__COUNT));
		return false;
	}
	if (!type || !type_allowed(l, at, what, f.type))
		return false;
	read_plain(l, at, &f);
	check_field_keys(l, at, &f);
	read_yields(l, at, &f);
	read_scale(l, at, &f);
	read_limits(l, at, &f);
	read_format(l, at, &f);
	if (json_get(at.json, "choices"))
		read_choices(l, place_of(at, "choices"), &f);
	if (json_get(at.json, "read"))
		read_roles(l, place_of(at, "read"), &f.read);
	if (json_get(at.json, "aliases"))
		f.aliases = read_names(l, place_of(at, "aliases"));
	if (json_get(at.json, "write"))
		read_roles(l, place_of(at, "write"), &f.write);
	if (f.pattern && f.type == TYPE_NUMBER)
		check_pattern(l, place_of(at, "pattern"), f.pattern);
	*ret = f;
	return true;
}

/*
 * Objects
 */

static const struct key object_keys[] = {
	{ "object",     IS_TEXT,  true,  0, false },
	{ "was",        IS_TEXT,  false, 0, false },
	{ "label",      IS_LABEL, true,  0, false },
	{ "plural",     IS_LABEL, false, 0, false },
	{ "doc",        IS_LABEL, false, 0, false },
	{ "icon",       IS_TEXT,  false, 0, false },
	{ "menu",       IS_BOOL | IS_TEXT, false, 0, false },
	{ "title",      IS_TEXT,  false, 0, false },
	{ "scope",      IS_TEXT | IS_LIST, true, 0, false },
	{ "unowned",    IS_TEXT,  false, 0, false },
	{ "about",      IS_LIST,  false, 0, false },
	{ "log",        IS_BOOL,  false, 0, true },
	{ "fields",     IS_LIST,  true,  0, false },
	{ "columns",    IS_LIST,  false, 0, true },
	{ "list",       IS_LIST,  false, 0, false },
	{ "form",       IS_LIST,  false, 0, false },
	{ "parts",      IS_LIST,  false, 0, false },
	{ "views",      IS_LIST,  false, 0, false },
	{ "board",      IS_OBJECT, false, 0, false },
	{ "calendar",   IS_OBJECT, false, 0, false },
	{ "duplicates", IS_LIST,  false, 0, false },
	{ "indexes",    IS_LIST,  false, 0, false },
	{ "unique",     IS_LIST,  false, 0, false },
	{ "measures",   IS_LIST,  false, 0, false },
	{ "actions",    IS_LIST,  false, 0, false },
	{ "fixed",      IS_LIST,  false, 0, false },
	{ "access",     IS_OBJECT, false, 0, false },
};
static const struct shape object_shape = { "对象", "an object", object_keys, LENGTH(object_keys) };

struct object_draft *find_draft(struct loader *l, const char *name)
{
	for (size_t i = 0; i < l->n_drafts; i++)
		if (text_eq(l->drafts[i].o->name, name))
			return &l->drafts[i];
	return NULL;
}

struct field_draft *find_field_draft(struct object_draft *d, const char *name)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (text_eq(d->fields[i].f.name, name))
			return &d->fields[i];
	return NULL;
}

void draft_add_field(struct loader *l, struct object_draft *d, const struct field *f,
                     struct place at)
{
	d->fields = arena_grow(l->mem, d->fields, &d->cap_fields, d->n_fields + 1,
	                       sizeof *d->fields);
	d->fields[d->n_fields++] = (struct field_draft){ .f = *f, .at = at };
}

/* Every item of a list becomes a place of its own. */
void spread_items(struct loader *l, struct place at, const char *key, struct places *list)
{
	const struct json *j = json_get(at.json, key);

	/* The shape of the whole has told of anything else. */
	if (!j || j->kind != (text_eq(key, "access") ? JSON_OBJECT : JSON_ARRAY))
		return;
	for (const struct json *item = j->first; item; item = item->next)
		places_add(l, list, (struct place){ at.source, item });
}

/* What an object and an extension say in the same words. */
void draft_add_rows(struct loader *l, struct object_draft *d, struct place at)
{
	const struct {
		const char *key;
		struct place *one;
		struct places *many;
	} parts[] = {
		{ "label", &d->label, NULL }, { "plural", &d->plural, NULL }, { "list", &d->list, NULL },
		{ "form", &d->form, NULL }, { "parts", &d->parts, NULL }, { "board", &d->board, NULL },
		{ "calendar", &d->calendar, NULL },
		{ "views", NULL, &d->views }, { "duplicates", NULL, &d->duplicates },
		{ "indexes", NULL, &d->indexes }, { "unique", NULL, &d->unique },
		{ "measures", NULL, &d->measures }, { "actions", NULL, &d->actions },
		{ "fixed", NULL, &d->locks },
	};

	for (size_t i = 0; i < LENGTH(parts); i++) {
		const struct json *j = json_get(at.json, parts[i].key);

		if (parts[i].many)
			spread_items(l, at, parts[i].key, parts[i].many);
		else if (j)
			*parts[i].one = (struct place){ at.source, j };
	}
}

static void read_columns(struct loader *l, struct place at, struct object *o)
{
	const struct json *list = json_get(at.json, "columns");
	struct field *columns;

	if (!list || list->kind != JSON_ARRAY)
		return;
	columns = arena_array(l->mem, list->len + 1, sizeof *columns);
	for (const struct json *j = list->first; j; j = j->next) {
		struct field *c = &columns[o->n_columns];

		if (!read_field(l, (struct place){ at.source, j }, FIELD_COLUMN, c))
			continue;
		c->object = o;
		c->internal = true;
		o->n_columns++;
	}
	o->columns = columns;
}

static void read_object_fields(struct loader *l, struct object_draft *d)
{
	const struct json *list = json_get(d->at.json, "fields");

	if (!list || list->kind != JSON_ARRAY)
		return;
	if (list->len == 0)
		complain(l, (struct place){ d->at.source, list }, "对象至少需要一个字段",
		         "an object needs at least one field");
	for (const struct json *j = list->first; j; j = j->next) {
		struct place at = { d->at.source, j };
		struct field f;

		if (!read_field(l, at, FIELD_OBJECT, &f))
			continue;
		if (find_field_draft(d, f.name))
			complain(l, place_of(at, "name"), "字段“%s”重复",
			         "the field \"%s\" is there twice", f.name);
		else
			draft_add_field(l, d, &f, at);
	}
}

static void read_object(struct loader *l, struct place at, struct object_draft *d)
{
	struct object *o = d->o;

	d->at = at;
	o->module = at.source->module ? at.source->module : "custom";
	o->builtin = at.source->builtin;
	o->label = (struct label){ o->name, o->name };
	o->doc = (struct label){ "", "" };
	read_label(l, at, "label", &o->label);
	o->plural = o->label;
	read_label(l, at, "plural", &o->plural);
	read_label(l, at, "doc", &o->doc);
	o->icon = json_text(at.json, "icon", "table");
	o->menu_group = at.source->past ? NULL : json_text(at.json, "menu", NULL);   /* groups of the past are not read */
	o->menu = o->menu_group || json_bool(at.json, "menu", false);
	o->log = json_bool(at.json, "log", true);
	o->was = json_text(at.json, "was", NULL);
	read_object_fields(l, d);
	read_columns(l, at, o);
	draft_add_rows(l, d, at);
	spread_items(l, at, "access", &d->access);
}

void read_objects(struct loader *l)
{
	struct object *objects = arena_array(l->mem, l->objects.n + 1, sizeof *objects);

	l->drafts = arena_array(l->mem, l->objects.n + 1, sizeof *l->drafts);
	for (size_t i = 0; i < l->objects.n; i++) {
		struct place at = l->objects.list[i];
		const char *name = json_text(at.json, "object", "");
		const struct object_draft *twin = find_draft(l, name);
		struct object_draft *d = &l->drafts[l->n_drafts];

		check_shape(l, at, &object_shape);
		if (!check_name(l, place_of(at, "object"), name, NAME_OBJECT))
			continue;
		if (twin) {
			complain(l, place_of(at, "object"), "对象“%s”已在 %s 中声明",
			         "the object \"%s\" is already declared in %s", name,
			         twin->at.source->name);
			continue;
		}
		d->o = &objects[l->n_drafts];
		d->o->name = name;
		d->o->index = l->n_drafts++;
		read_object(l, at, d);
	}
	l->s->objects = objects;
	l->s->n_objects = l->n_drafts;
}
