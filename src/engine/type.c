#include "engine/type.h"

#include <math.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/type_text.h"

/*
 * The table of types and what clients send.  What people type and files hold
 * is read in type_text.c, with the same checks behind it.
 */

static bool wrong_kind(struct ctx *ctx, const struct field *f, const char *zh, const char *en)
{
	return fail(ctx, ERR_INVALID, f->name, zh, en);
}

static bool is_empty(const struct json *j)
{
	return j->kind == JSON_NULL || (j->kind == JSON_TEXT && j->len == 0);
}

/*
 * Reading
 */

typedef bool take_fn(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);

/* Types that are a string in JSON. */
static bool read_string(struct ctx *ctx, const struct field *f, const struct json *j,
                        struct value *ret, take_fn *take)
{
	*ret = v_null();
	if (is_empty(j))
		return true;
	if (j->kind != JSON_TEXT)
		return wrong_kind(ctx, f, "应为文本", "must be a text");

	const char *s = text_trim(ctx->mem, j->text);

	return *s ? take(ctx, f, s, ret) : true;
}

static bool read_line(struct ctx *ctx, const struct field *f, const struct json *j,
                      struct value *ret)
{
	return read_string(ctx, f, j, ret, take_line);
}

static bool read_long(struct ctx *ctx, const struct field *f, const struct json *j,
                      struct value *ret)
{
	return read_string(ctx, f, j, ret, take_long);
}

static bool read_phone(struct ctx *ctx, const struct field *f, const struct json *j,
                       struct value *ret)
{
	return read_string(ctx, f, j, ret, take_phone);
}

static bool read_email(struct ctx *ctx, const struct field *f, const struct json *j,
                       struct value *ret)
{
	return read_string(ctx, f, j, ret, take_email);
}

static bool read_url(struct ctx *ctx, const struct field *f, const struct json *j,
                     struct value *ret)
{
	return read_string(ctx, f, j, ret, take_url);
}

static bool read_region(struct ctx *ctx, const struct field *f, const struct json *j,
                        struct value *ret)
{
	return read_string(ctx, f, j, ret, take_region);
}

static bool is_number(const struct json *j)
{
	return j->kind == JSON_INT || j->kind == JSON_REAL || j->kind == JSON_TEXT;
}

static bool read_integer(struct ctx *ctx, const struct field *f, const struct json *j,
                         struct value *ret)
{
	int64_t n;

	*ret = v_null();
	if (is_empty(j))
		return true;
	if (is_number(j) && decimal_parse(j->text, 0, &n) == DECIMAL_OK)
		return take_integer(ctx, f, n, ret);
	return wrong_kind(ctx, f, "应为整数", "must be a whole number");
}

static bool read_decimal(struct ctx *ctx, const struct field *f, const struct json *j,
                         struct value *ret)
{
	int64_t n = 0;
	enum decimal_result how;

	*ret = v_null();
	if (is_empty(j))
		return true;
	if (!is_number(j))
		return wrong_kind(ctx, f, "应为数字", "must be a number");
	how = decimal_parse(j->text, f->scale, &n);
	return take_decimal(ctx, f, how, n, ret);
}

static bool read_bool(struct ctx *ctx, const struct field *f, const struct json *j,
                      struct value *ret)
{
	bool yes = (j->kind == JSON_BOOL && j->b) || (j->kind == JSON_INT && j->i == 1) ||
	           (j->kind == JSON_TEXT && (text_eq(j->text, "true") || text_eq(j->text, "1")));
	bool no = (j->kind == JSON_BOOL && !j->b) || (j->kind == JSON_INT && j->i == 0) ||
	          (j->kind == JSON_TEXT && (text_eq(j->text, "false") || text_eq(j->text, "0")));

	*ret = v_null();
	if (is_empty(j))
		return true;
	if (!yes && !no)
		return wrong_kind(ctx, f, "应为 true 或 false", "must be true or false");
	*ret = v_int(yes);
	return true;
}

static bool take_date(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	int64_t days;

	if (!date_parse(s, &days))
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是日期，格式为 2026-11-25",
		            "\"%s\" is no date; dates look like 2026-11-25", brief(ctx, s));
	*ret = v_text(date_text(ctx->mem, days));
	return true;
}

static bool read_date(struct ctx *ctx, const struct field *f, const struct json *j,
                      struct value *ret)
{
	return read_string(ctx, f, j, ret, take_date);
}

static bool take_instant(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	int64_t at;

	if (!instant_parse(s, &at))
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是时间，格式为 2026-11-25T09:30",
		            "\"%s\" is no point in time; these look like 2026-11-25T09:30",
		            brief(ctx, s));
	*ret = v_int(at);
	return true;
}

static bool read_instant(struct ctx *ctx, const struct field *f, const struct json *j,
                         struct value *ret)
{
	return read_string(ctx, f, j, ret, take_instant);
}

static bool no_choice(struct ctx *ctx, const struct field *f, const char *s)
{
	struct text all;

	text_init(&all, ctx->mem);
	for (size_t i = 0; i < f->n_choices && i < 20; i++)
		text_addf(&all, "%s%s", i ? ", " : "", f->choices[i].value);
	return fail(ctx, ERR_INVALID, f->name, "“%s”不在选项中：%s", "\"%s\" is none of %s",
	            brief(ctx, s), all.s);
}

static bool take_choice(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const struct choice *c = field_choice(f, s);

	if (!c)
		return no_choice(ctx, f, s);
	*ret = v_text(c->value);
	return true;
}

static bool read_choice(struct ctx *ctx, const struct field *f, const struct json *j,
                        struct value *ret)
{
	return read_string(ctx, f, j, ret, take_choice);
}

/* A list of texts, or one text alone. */
static bool read_choices(struct ctx *ctx, const struct field *f, const struct json *j,
                         struct value *ret)
{
	bool *chosen = arena_array(ctx->mem, f->n_choices + 1, sizeof *chosen);

	*ret = v_null();
	if (is_empty(j))
		return true;
	if (j->kind != JSON_ARRAY && j->kind != JSON_TEXT)
		return wrong_kind(ctx, f, "应为选项的列表", "must be a list of choices");
	for (const struct json *item = j->kind == JSON_ARRAY ? j->first : j; item;
	     item = item->next) {
		const struct choice *c = item->kind == JSON_TEXT ? field_choice(f, item->text)
		                                                 : NULL;

		if (!c)
			return no_choice(ctx, f, item->kind == JSON_TEXT ? item->text : "?");
		chosen[c - f->choices] = true;
		if (item == j)
			break;
	}
	*ret = choices_value(ctx, f, chosen);
	return true;
}

static bool id_of(const struct json *j, int64_t *ret)
{
	if (j->kind == JSON_INT)
		*ret = j->i;
	else if (j->kind != JSON_TEXT || !int_parse(j->text, ret))
		return false;
	return *ret > 0;
}

static bool read_id(struct ctx *ctx, const struct field *f, const struct json *j, struct value *ret)
{
	int64_t id;

	*ret = v_null();
	if (is_empty(j))
		return true;
	if (!id_of(j, &id))
		return wrong_kind(ctx, f, "应为记录的编号，如 \"12\"",
		                  "must be the id of a record, such as \"12\"");
	*ret = v_int(id);
	return true;
}

/* A list of ids, or one id alone. */
static bool read_ids(struct ctx *ctx, const struct field *f, const struct json *j,
                     struct value *ret)
{
	int64_t *ids = arena_array(ctx->mem, j->kind == JSON_ARRAY ? j->len + 1 : 1, sizeof *ids);
	size_t n = 0;

	*ret = v_null();
	if (is_empty(j))
		return true;
	for (const struct json *item = j->kind == JSON_ARRAY ? j->first : j; item;
	     item = item->next) {
		if (!id_of(item, &ids[n++]))
			return wrong_kind(ctx, f, "应为记录编号的列表，如 [\"12\", \"15\"]",
			                  "must be a list of ids, such as [\"12\", \"15\"]");
		if (item == j)
			break;
	}
	return take_ids(ctx, f, ids, n, ret);
}

static const char *coordinate(const struct json *j)
{
	return j && (j->kind == JSON_TEXT || j->kind == JSON_INT || j->kind == JSON_REAL) ? j->text
	                                                                                  : "";
}

static bool read_place(struct ctx *ctx, const struct field *f, const struct json *j,
                       struct value *ret)
{
	*ret = v_null();
	if (is_empty(j))
		return true;
	if (j->kind == JSON_TEXT)
		return text_place(ctx, f, j->text, ret);
	if (j->kind != JSON_OBJECT)
		return wrong_kind(ctx, f, "应为 { \"lat\", \"lng\", \"address\" }",
		                  "must be { \"lat\", \"lng\", \"address\" }");
	for (const struct json *part = j->first; part; part = part->next)
		if (!text_eq(part->key, "lat") && !text_eq(part->key, "lng") &&
		    !text_eq(part->key, "address"))
			return fail(ctx, ERR_INVALID, f->name, "位置没有“%s”",
			            "a location has no \"%s\"", part->key);
	return take_place(ctx, f, coordinate(json_get(j, "lat")), coordinate(json_get(j, "lng")),
	                  json_text(j, "address", ""), ret);
}

static bool read_refused(struct ctx *ctx, const struct field *f, const struct json *j,
                         struct value *ret)
{
	(void)j;
	(void)ret;
	return fail(ctx, ERR_INVALID, f->name, "由系统计算，不能填写", "is computed and cannot be set");
}

/*
 * Writing
 */

static void write_text(struct json_writer *w, const struct field *f, struct value v)
{
	(void)f;
	if (v.kind == V_TEXT)
		jw_textn(w, v.s, v.n);
	else
		jw_null(w);
}

/* Sums and averages may come back as a real. */
static bool whole(struct value v, int64_t *ret)
{
	if (v.kind == V_REAL && fabs(v.r) < 9e18)
		*ret = (int64_t)llround(v.r);
	else if (v.kind == V_INT)
		*ret = v.i;
	else
		return false;
	return true;
}

static void write_integer(struct json_writer *w, const struct field *f, struct value v)
{
	int64_t n;

	(void)f;
	if (whole(v, &n))
		jw_int(w, n);
	else
		jw_null(w);
}

static void write_decimal(struct json_writer *w, const struct field *f, struct value v)
{
	int64_t n;
	struct text t;

	if (!whole(v, &n)) {
		jw_null(w);
		return;
	}
	text_init(&t, w->out->mem);
	decimal_add(&t, n, f->scale);
	jw_text(w, t.s);
}

static void write_bool(struct json_writer *w, const struct field *f, struct value v)
{
	int64_t n;

	(void)f;
	if (whole(v, &n))
		jw_bool(w, n != 0);
	else
		jw_null(w);
}

static void write_instant(struct json_writer *w, const struct field *f, struct value v)
{
	int64_t at;
	char s[26];

	(void)f;
	if (!whole(v, &at)) {
		jw_null(w);
		return;
	}
	instant_format(at, s);
	jw_text(w, s);
}

static void write_id(struct json_writer *w, const struct field *f, struct value v)
{
	(void)f;
	if (v.kind == V_INT)
		jw_id(w, v.i);
	else
		jw_null(w);
}

/* ",a,b," as ["a","b"]. */
static void write_list(struct json_writer *w, const struct field *f, struct value v)
{
	(void)f;
	jw_array(w);
	for (const char *p = v.kind == V_TEXT ? v.s : ""; *p; ) {
		size_t n = strcspn(p, ",");

		if (n > 0)
			jw_textn(w, p, n);
		p += n + (p[n] == ',');
	}
	jw_array_end(w);
}

/* "31.23,121.47 address" in its three parts. */
static void place_parts(const char *s, struct value ret[3])
{
	size_t coordinates = strcspn(s, " ");
	size_t lat = strcspn(s, ", ");
	const char *lng = s + lat + (s[lat] == ',');
	const char *address = s + coordinates + (s[coordinates] == ' ');

	ret[0] = (struct value){ .kind = V_TEXT, .s = s, .n = lat };
	ret[1] = (struct value){ .kind = V_TEXT, .s = lng, .n = (size_t)(s + coordinates - lng) };
	ret[2] = v_text(address);
}

static void write_place(struct json_writer *w, const struct field *f, struct value v)
{
	static const char *const keys[] = { "lat", "lng", "address" };
	struct value parts[3];

	(void)f;
	if (v.kind != V_TEXT || v.n == 0) {
		jw_null(w);
		return;
	}
	place_parts(v.s, parts);
	jw_object(w);
	for (size_t i = 0; i < LENGTH(keys); i++) {
		jw_key(w, keys[i]);
		if (parts[i].n > 0)
			jw_textn(w, parts[i].s, parts[i].n);
		else
			jw_null(w);
	}
	jw_object_end(w);
}

/*
 * Showing
 */

static const char *show_text(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t n;

	(void)f;
	if (v.kind == V_TEXT)
		return arena_dupn(ctx->mem, v.s, v.n);
	return whole(v, &n) ? fmt(ctx->mem, "%" PRId64, n) : "";
}

static const char *show_decimal(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t n;

	return whole(v, &n) ? decimal_text(ctx->mem, n, f->scale) : "";
}

/* 12.50 % is read as 12.5%. */
static const char *show_percent(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t n;
	int scale = f->scale;

	if (!whole(v, &n))
		return "";
	for (; scale > 0 && n % 10 == 0; scale--)
		n /= 10;
	return fmt(ctx->mem, "%s%%", decimal_text(ctx->mem, n, scale));
}

static const char *show_bool(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t n;

	(void)f;
	if (!whole(v, &n))
		return "";
	return n ? say(ctx, "是", "yes") : say(ctx, "否", "no");
}

/* "2026-11-25 09:30" in company time. */
static const char *show_instant(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t at;
	char s[26];

	(void)f;
	if (!whole(v, &at))
		return "";
	instant_format(at, s);
	s[10] = ' ';
	return arena_dupn(ctx->mem, s, 16);
}

static const char *show_duration(struct ctx *ctx, const struct field *f, struct value v)
{
	int64_t n;

	(void)f;
	if (!whole(v, &n))
		return "";
	return fmt(ctx->mem, "%" PRId64 " %s", n, say(ctx, "分钟", "min"));
}

static const char *choice_label(const struct ctx *ctx, const struct field *f, const char *value)
{
	const struct choice *c = field_choice(f, value);

	return c ? label_in(c->label, in_english(ctx) ? "en" : "zh") : value;
}

static const char *show_choice(struct ctx *ctx, const struct field *f, struct value v)
{
	return v.kind == V_TEXT ? arena_dup(ctx->mem, choice_label(ctx, f, v.s)) : "";
}

static const char *show_choices(struct ctx *ctx, const struct field *f, struct value v)
{
	struct text t;
	char **parts;
	size_t n = v.kind == V_TEXT ? text_split(ctx->mem, v.s, ',', &parts) : 0;

	text_init(&t, ctx->mem);
	for (size_t i = 0; i < n; i++)
		if (*parts[i])
			text_addf(&t, "%s%s", t.len ? say(ctx, "、", ", ") : "",
			          choice_label(ctx, f, parts[i]));
	return t.s;
}

static const char *show_ids(struct ctx *ctx, const struct field *f, struct value v)
{
	(void)f;
	if (v.kind != V_TEXT || v.n < 2)
		return "";
	return arena_dupn(ctx->mem, v.s + 1, v.n - 2);
}

static const char *show_place(struct ctx *ctx, const struct field *f, struct value v)
{
	struct value parts[3];

	(void)f;
	if (v.kind != V_TEXT)
		return "";
	place_parts(v.s, parts);
	return arena_dup(ctx->mem, parts[2].n > 0 ? parts[2].s : v.s);
}

/*
 * The table
 */

#define HAS(op) OP_BIT(OP_##op)
enum {
	EQUAL   = HAS(EQ) | HAS(NE) | HAS(IN) | HAS(IS),
	ORDERED = EQUAL | HAS(LT) | HAS(LTE) | HAS(GT) | HAS(GTE),
};

const struct type types[] = {
	/*                  name        storage        OpenAPI             operators           sort   order  read … show */
	[TYPE_TEXT]     = { "text",     STORE_TEXT,    "string",           ORDERED | HAS(LIKE), true,  false, read_line, take_line, write_text, show_text },
	[TYPE_LONG]     = { "long",     STORE_TEXT,    "string",           HAS(LIKE) | HAS(IS), false, false, read_long, take_long, write_text, show_text },
	[TYPE_INTEGER]  = { "integer",  STORE_INTEGER, "integer",          ORDERED,             true,  true,  read_integer, text_integer, write_integer, show_text },
	[TYPE_DECIMAL]  = { "decimal",  STORE_INTEGER, "string:decimal",   ORDERED,             true,  true,  read_decimal, text_decimal, write_decimal, show_decimal },
	[TYPE_MONEY]    = { "money",    STORE_INTEGER, "string:decimal",   ORDERED,             true,  true,  read_decimal, text_decimal, write_decimal, show_decimal },
	[TYPE_PERCENT]  = { "percent",  STORE_INTEGER, "string:decimal",   ORDERED,             true,  true,  read_decimal, text_decimal, write_decimal, show_percent },
	[TYPE_BOOL]     = { "bool",     STORE_INTEGER, "boolean",          EQUAL,               true,  false, read_bool, text_bool, write_bool, show_bool },
	[TYPE_DATE]     = { "date",     STORE_TEXT,    "string:date",      ORDERED,             true,  false, read_date, text_date, write_text, show_text },
	[TYPE_INSTANT]  = { "instant",  STORE_INTEGER, "string:date-time", ORDERED,             true,  false, read_instant, text_instant, write_instant, show_instant },
	[TYPE_DURATION] = { "duration", STORE_INTEGER, "integer",          ORDERED,             true,  true,  read_integer, text_duration, write_integer, show_duration },
	[TYPE_CHOICE]   = { "choice",   STORE_TEXT,    "string",           EQUAL,               true,  false, read_choice, text_choice, write_text, show_choice },
	[TYPE_CHOICES]  = { "choices",  STORE_TEXT,    "array:string",     EQUAL,               false, false, read_choices, text_choices, write_list, show_choices },
	[TYPE_REF]      = { "ref",      STORE_INTEGER, "string:id",        EQUAL,               true,  false, read_id, text_id, write_id, show_text },
	[TYPE_REFS]     = { "refs",     STORE_TEXT,    "array:id",         EQUAL,               false, false, read_ids, text_ids, write_list, show_ids },
	[TYPE_MEMBER]   = { "member",   STORE_INTEGER, "string:id",        EQUAL,               true,  false, read_id, text_id, write_id, show_text },
	[TYPE_TEAM]     = { "team",     STORE_INTEGER, "string:id",        EQUAL,               true,  false, read_id, text_id, write_id, show_text },
	[TYPE_PHONE]    = { "phone",    STORE_TEXT,    "string",           EQUAL | HAS(LIKE),   true,  false, read_phone, take_phone, write_text, show_text },
	[TYPE_EMAIL]    = { "email",    STORE_TEXT,    "string:email",     EQUAL | HAS(LIKE),   true,  false, read_email, take_email, write_text, show_text },
	[TYPE_URL]      = { "url",      STORE_TEXT,    "string:uri",       EQUAL | HAS(LIKE),   true,  false, read_url, take_url, write_text, show_text },
	[TYPE_REGION]   = { "region",   STORE_TEXT,    "string",           EQUAL,               true,  false, read_region, take_region, write_text, show_text },
	[TYPE_LOCATION] = { "location", STORE_TEXT,    "object:location",  HAS(LIKE) | HAS(IS), false, false, read_place, text_place, write_place, show_place },
	[TYPE_FILE]     = { "file",     STORE_TEXT,    "array:file",       HAS(IS),             false, false, read_ids, text_ids, write_list, show_ids },
	[TYPE_IMAGE]    = { "image",    STORE_TEXT,    "array:file",       HAS(IS),             false, false, read_ids, text_ids, write_list, show_ids },
	[TYPE_NUMBER]   = { "number",   STORE_TEXT,    "string",           ORDERED | HAS(LIKE), true,  false, read_line, take_line, write_text, show_text },
	[TYPE_FORMULA]  = { "formula",  STORE_NONE,    "string",           0,                   false, false, read_refused, text_refused, write_text, show_text },
	[TYPE_TOTAL]    = { "total",    STORE_NONE,    "integer",          0,                   false, false, read_refused, text_refused, write_integer, show_text },
};
static_assert(LENGTH(types) == TYPE__COUNT, "one row per type");

const struct type *field_type(const struct field *f)
{
	return &types[f->yields];
}

const struct type *type_find(const char *name, enum type_id *ret_id)
{
	for (size_t i = 0; i < TYPE__COUNT; i++) {
		if (!text_eq(types[i].name, name))
			continue;
		if (ret_id)
			*ret_id = (enum type_id)i;
		return &types[i];
	}
	return NULL;
}

bool field_is_ref(const struct field *f)
{
	return f->type == TYPE_REF || f->type == TYPE_MEMBER || f->type == TYPE_TEAM;
}

bool field_is_refs(const struct field *f)
{
	return f->type == TYPE_REFS || f->type == TYPE_FILE || f->type == TYPE_IMAGE;
}

size_t ids_split(struct arena *mem, const char *s, int64_t **ret_ids)
{
	size_t n = 0;
	int64_t *ids;

	for (const char *p = s ? s : ""; *p; p++)
		n += *p == ',';
	ids = arena_array(mem, n + 1, sizeof *ids);
	n = 0;
	for (const char *p = s ? s : ""; *p; ) {
		size_t len = strcspn(p, ",");

		if (len > 0 && int_parse(arena_dupn(mem, p, len), &ids[n]))
			n++;
		p += len + (p[len] == ',');
	}
	*ret_ids = ids;
	return n;
}

const char *ids_join(struct arena *mem, const int64_t *ids, size_t n)
{
	struct text t;

	if (n == 0)
		return NULL;
	text_init(&t, mem);
	text_addc(&t, ',');
	for (size_t i = 0; i < n; i++) {
		text_add_int(&t, ids[i]);
		text_addc(&t, ',');
	}
	return t.s;
}
