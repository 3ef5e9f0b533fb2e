#include "engine/query.h"

#include "base/date.h"
#include "base/number.h"
#include "engine/mutant.h"

/*
 * Reading query text into a struct list.  Writing SQL from it is query_sql.c,
 * running it query_run.c.
 */

static const struct {
	const char *word;
	enum op op;
} ops[] = {
	{ "eq", OP_EQ }, { "ne", OP_NE }, { "lt", OP_LT }, { "lte", OP_LTE }, { "gt", OP_GT },
	{ "gte", OP_GTE }, { "in", OP_IN }, { "like", OP_LIKE }, { "is", OP_IS },
};

struct parser {
	struct ctx *ctx;
	struct list *list;
	size_t nodes;
};

static struct condition *node(struct parser *p, enum condition_kind kind)
{
	struct condition *c = arena_alloc(p->ctx->mem, sizeof *c);

	c->kind = kind;
	p->nodes++;
	return c;
}

/* Adds a child at the end. */
static void adopt(struct condition *parent, struct condition *child)
{
	struct condition **end = &parent->first;

	while (*end)
		end = &(*end)->next;
	*end = child;
}

static bool unknown_field(struct parser *p, const char *name)
{
	return fail(p->ctx, ERR_INVALID, name, "没有字段“%s”", "There is no field \"%s\"", name);
}

/*
 * The field a path names: "region" or "customer.region".  What the caller may
 * not read gives the same answer as what does not exist.
 */
static bool find_field(struct parser *p, const char *path, const struct field **ret_via,
                       const struct field **ret)
{
	const struct object *o = p->list->object;
	const char *dot = strchr(path, '.');

	*ret_via = NULL;
	if (dot) {
		const struct field *via =
			scope_field(p->ctx, o, arena_dupn(p->ctx->mem, path, (size_t)(dot - path)));

		if (!via || !field_is_ref(via) || !scope_may(p->ctx, via->to, ACT_READ))
			return unknown_field(p, path);
		*ret_via = via;
		o = via->to;
		path = dot + 1;
	}
	*ret = scope_field(MUTANT_CTX(11, p->ctx), o, path);
	return *ret ? true : unknown_field(p, path);
}

/* "today", "month-1", … as a day; false if the text is no such word. */
static bool relative_day(struct ctx *ctx, const char *s, int64_t *ret_days)
{
	static const char *const units[] = { "today", "week", "month", "quarter", "year" };
	int64_t today;
	int64_t n = 0;
	size_t u = 0;

	while (u < LENGTH(units) && !text_starts(s, units[u]))
		u++;
	if (u == LENGTH(units) || !date_parse(ctx->today, &today))
		return false;

	const char *rest = s + strlen(units[u]);

	/* A + in a URL may arrive as a blank. */
	if (*rest == ' ' || *rest == '+')
		rest++;
	else if (*rest && *rest != '-')
		return false;
	if (*rest && (!int_parse(rest, &n) || n < -100000 || n > 100000))
		return false;

	struct ymd d = date_ymd(today);
	int months[] = { 0, 0, 1, 3, 12 };

	if (u == 0) {
		*ret_days = today + n;
		return true;
	}
	if (u == 1) {
		*ret_days = today - (date_weekday(today) - 1) + 7 * n;
		return true;
	}
	d.day = 1;
	if (u == 3)
		d.month -= (d.month - 1) % 3;
	if (u == 4)
		d.month = 1;
	*ret_days = date_days(date_add_months(d, months[u] * (int)n));
	return true;
}

/* One value as typed in query text, in stored form. */
static bool read_value(struct ctx *ctx, const struct field *f, enum op op, const char *s,
                       struct value *ret)
{
	enum type_id type = f->yields;
	int64_t days;
	/* A person or team stands where a number can: a text may say "$me" itself. */
	bool numbered = field_is_refs(f) || field_type(f)->storage != STORE_TEXT;

	/* A pattern is text, whatever it says. */
	if (op == OP_LIKE) {
		*ret = v_text(s);
		return true;
	}
	if (numbered && text_eq(s, "$me")) {
		*ret = v_int(ctx->me->id);
		return true;
	}
	if (numbered && text_eq(s, "$team")) {
		*ret = v_int(ctx->me->team);
		return true;
	}
	if (text_eq(s, "$now") && type == TYPE_INSTANT) {
		*ret = v_int(ctx->now);
		return true;
	}
	/* "$today" of defaults is "today" here. */
	if ((type == TYPE_DATE || type == TYPE_INSTANT) &&
	    relative_day(ctx, *s == '$' ? s + 1 : s, &days)) {
		*ret = type == TYPE_DATE ? v_text(date_text(ctx->mem, days)) : v_int(day_start(days));
		return true;
	}
	/* A day stands for its first moment, and for all of it where the end counts. */
	if (type == TYPE_INSTANT && date_parse(s, &days)) {
		bool after = op == OP_LTE || op == OP_GT;

		*ret = v_int(after ? day_start(days + 1) - 1 : day_start(days));
		return true;
	}
	if (field_is_refs(f) || type == TYPE_CHOICES || type == TYPE_NUMBER) {
		*ret = v_text(s);
		return true;
	}

	struct json j = { .kind = JSON_TEXT, .text = s, .len = strlen(s) };
	/* Limits of input (min, max, length) do not apply to what is searched for. */
	struct field loose = *f;

	loose.has_min = loose.has_max = false;
	loose.required = false;
	loose.type = type;
	return types[type].read(ctx, &loose, &j, ret);
}

bool query_read(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	return read_value(ctx, f, OP_EQ, s, ret);
}

/* Splits "a,b,"c,d"" at commas outside quotes and brackets. */
static size_t split_values(struct arena *mem, const char *s, char ***ret)
{
	char **parts = NULL;
	size_t n = 0;
	size_t cap = 0;
	int depth = 0;
	bool quoted = false;
	struct text part;

	text_init(&part, mem);
	for (;; s++) {
		if (*s == '"') {
			quoted = !quoted;
			if (depth == 0)
				continue;
		}
		if (*s == '\0' || (*s == ',' && depth == 0 && !quoted)) {
			parts = arena_grow(mem, parts, &cap, n + 1, sizeof *parts);
			parts[n++] = arena_dup(mem, part.s);
			text_clear(&part);
			if (*s == '\0')
				break;
			continue;
		}
		if (!quoted)
			depth += (*s == '(') - (*s == ')');
		text_addc(&part, *s);
	}
	*ret = parts;
	return n;
}

static bool read_values(struct parser *p, struct condition *c, const char *s)
{
	struct ctx *ctx = p->ctx;
	const char *name = c->field->name;
	size_t n = strlen(s);
	char **parts = &(char *){ arena_dup(ctx->mem, s) };
	size_t count = 1;

	if (c->op == OP_IS) {
		if (!text_eq(s, "null") && !text_eq(s, "notnull"))
			return fail(ctx, ERR_INVALID, name, "is 后只能写 null 或 notnull",
			            "is takes null or notnull");
		c->is_null = text_eq(s, "null");
		return true;
	}
	if (c->op == OP_IN) {
		if (n < 2 || s[0] != '(' || s[n - 1] != ')')
			return fail(ctx, ERR_INVALID, name, "in 的写法是 in.(值1,值2)",
			            "Write in.(value1,value2)");
		count = split_values(ctx->mem, arena_dupn(ctx->mem, s + 1, n - 2), &parts);
		if (count > QUERY_VALUES)
			return fail(ctx, ERR_INVALID, name, "in 最多 %d 个值", "in takes at most %d values",
			            QUERY_VALUES);
	}

	struct value *values = arena_array(ctx->mem, count, sizeof *values);

	for (size_t i = 0; i < count; i++)
		if (!read_value(ctx, c->field, c->op, parts[i], &values[i]))
			return false;
	c->values = values;
	c->n_values = count;
	return true;
}

/* "op.value" or "not.op.value" on a field. */
static struct condition *read_test(struct parser *p, const char *path, const char *test)
{
	struct ctx *ctx = p->ctx;
	struct condition *c = node(p, COND_TEST);
	bool negate = text_starts(test, "not.");
	size_t i = 0;

	if (p->nodes > QUERY_NODES) {
		fail(ctx, ERR_INVALID, path, "条件太多（最多 %d 个）", "Too many conditions (at most %d)",
		     QUERY_NODES);
		return NULL;
	}
	if (!find_field(p, path, &c->via, &c->field))
		return NULL;
	if (negate)
		test += 4;

	const char *dot = strchr(test, '.');
	size_t len = dot ? (size_t)(dot - test) : strlen(test);

	while (i < LENGTH(ops) && (strlen(ops[i].word) != len || memcmp(ops[i].word, test, len) != 0))
		i++;
	if (i == LENGTH(ops) || !dot) {
		fail(ctx, ERR_INVALID, path,
		     "条件“%s”的写法是 运算.值，运算为 eq ne lt lte gt gte in like is 之一",
		     "Write \"%s\" as op.value with op one of eq ne lt lte gt gte in like is", test);
		return NULL;
	}
	c->op = ops[i].op;
	if (!(field_type(c->field)->ops & OP_BIT(c->op))) {
		fail(ctx, ERR_INVALID, path, "字段“%s”不支持 %s", "Field \"%s\" does not support %s",
		     c->field->name, ops[i].word);
		return NULL;
	}
	if (!read_values(p, c, dot + 1))
		return NULL;
	if (!negate)
		return c;

	struct condition *not = node(p, COND_NOT);

	not->first = c;
	return not;
}

static struct condition *read_group(struct parser *p, enum condition_kind kind, const char *s);

/* One member of or=(…): "a.eq.1", "customer.region.eq.44", "and(…)", "or(…)". */
static struct condition *read_member(struct parser *p, const char *s)
{
	const char *dot = strchr(s, '.');
	size_t i;

	if (text_starts(s, "and("))
		return read_group(p, COND_AND, s + 3);
	if (text_starts(s, "or("))
		return read_group(p, COND_OR, s + 2);
	if (!dot) {
		fail(p->ctx, ERR_INVALID, "or", "条件“%s”的写法是 字段.运算.值",
		     "Write \"%s\" as field.op.value", s);
		return NULL;
	}
	/* If an operator follows at once it is a field, else the first word is a reference. */
	for (i = 0; i < LENGTH(ops); i++) {
		size_t n = strlen(ops[i].word);

		if ((strncmp(dot + 1, ops[i].word, n) == 0 && dot[1 + n] == '.') ||
		    text_starts(dot + 1, "not."))
			break;
	}
	if (i == LENGTH(ops)) {
		const char *second = strchr(dot + 1, '.');

		if (second)
			dot = second;
	}
	return read_test(p, arena_dupn(p->ctx->mem, s, (size_t)(dot - s)), dot + 1);
}

static struct condition *read_group(struct parser *p, enum condition_kind kind, const char *s)
{
	size_t n = strlen(s);
	char **parts;

	if (n < 2 || s[0] != '(' || s[n - 1] != ')') {
		fail(p->ctx, ERR_INVALID, "or", "写法是 or=(条件1,条件2)", "Write or=(a.eq.1,b.eq.2)");
		return NULL;
	}

	/* Quotes matter again one level down: keep them by splitting on the raw text. */
	const char *inner = arena_dupn(p->ctx->mem, s + 1, n - 2);
	struct condition *c = node(p, kind);
	size_t count = split_values(p->ctx->mem, inner, &parts);

	for (size_t i = 0; i < count; i++) {
		struct condition *child = read_member(p, parts[i]);

		if (!child)
			return NULL;
		adopt(c, child);
	}
	return c;
}

static bool read_sort(struct parser *p, const char *s)
{
	struct list *l = p->list;
	char **names;
	size_t n = text_split(p->ctx->mem, s, ',', &names);

	if (l->n_sort)
		return fail(p->ctx, ERR_INVALID, "sort", "sort 只能出现一次", "sort can stand only once");
	if (n > QUERY_SORTS)
		return fail(p->ctx, ERR_INVALID, "sort", "最多按 %d 个字段排序",
		            "At most %d fields to sort by", QUERY_SORTS);
	for (size_t i = 0; i < n; i++) {
		bool descending = names[i][0] == '-';
		const struct field *f =
			scope_field(MUTANT_CTX(12, p->ctx), l->object, names[i] + descending);

		if (!f)
			return unknown_field(p, names[i] + descending);
		if (!field_type(f)->sortable)
			return fail(p->ctx, ERR_INVALID, "sort", "不能按“%s”排序", "Cannot sort by \"%s\"",
			            f->name);
		l->sort[l->n_sort++] = (struct query_sort){ f, descending };
	}
	return true;
}

static bool read_fields(struct parser *p, const char *s, const struct field ***ret)
{
	char **names;
	size_t n = text_split(p->ctx->mem, s, ',', &names);
	const struct field **fields = arena_array(p->ctx->mem, n + 1, sizeof *fields);

	for (size_t i = 0; i < n; i++) {
		fields[i] = scope_field(MUTANT_CTX(4, p->ctx), p->list->object, names[i]);
		if (!fields[i])
			return unknown_field(p, names[i]);
	}
	*ret = fields;
	return true;
}

/* The fields of sum=: numbers that can be added up. */
static bool read_sums(struct parser *p, const char *s)
{
	if (!read_fields(p, s, &p->list->sums))
		return false;
	for (const struct field **f = p->list->sums; *f; f++) {
		enum type_id type = (*f)->yields;

		if (type != TYPE_INTEGER && type != TYPE_DURATION && type != TYPE_DECIMAL &&
		    type != TYPE_MONEY && type != TYPE_PERCENT)
			return fail(p->ctx, ERR_INVALID, "sum", "字段“%s”不是数字，不能求和",
			            "Field \"%s\" is no number and cannot be added up", (*f)->name);
	}
	return true;
}

/* group=stage,close_on.month,region.province */
static bool read_group_by(struct parser *p, const char *s)
{
	static const char *const days[] = { "day", "week", "month", "quarter", "year" };
	static const char *const regions[] = { "province" };
	struct ctx *ctx = p->ctx;
	struct list *l = p->list;
	char **names;
	size_t n = text_split(ctx->mem, s, ',', &names);

	if (n > QUERY_GROUPS)
		return fail(ctx, ERR_INVALID, "group", "最多按 %d 个字段分组", "At most %d fields to group by",
		            QUERY_GROUPS);
	l->group = arena_array(ctx->mem, n + 1, sizeof *l->group);
	l->group_part = arena_array(ctx->mem, n + 1, sizeof *l->group_part);
	for (size_t i = 0; i < n; i++) {
		char *dot = strchr(names[i], '.');

		if (dot)
			*dot = '\0';
		l->group[i] = scope_field(ctx, l->object, names[i]);
		if (!l->group[i])
			return unknown_field(p, names[i]);
		if (!dot)
			continue;

		enum type_id type = l->group[i]->yields;
		bool dated = type == TYPE_DATE || type == TYPE_INSTANT;
		const char *const *parts = dated ? days : regions;
		size_t n_parts = dated ? LENGTH(days) : type == TYPE_REGION ? LENGTH(regions) : 0;

		for (size_t k = 0; k < n_parts; k++)
			if (text_eq(dot + 1, parts[k]))
				l->group_part[i] = parts[k];
		if (!l->group_part[i])
			return fail(ctx, ERR_INVALID, "group", "不能按“%s.%s”分组",
			            "Cannot group by \"%s.%s\"", names[i], dot + 1);
	}
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A cursor is the hex of "sort text\n" and a JSON array of sort values and id. */
static bool read_cursor(struct parser *p, const char *s, const char *sort)
{
	struct ctx *ctx = p->ctx;
	struct list *l = p->list;
	size_t n = strlen(s);
	struct text t;
	struct json_error error;

	text_init(&t, ctx->mem);
	for (size_t i = 0; i + 1 < n && n % 2 == 0; i += 2) {
		int high = hex_digit(s[i]);
		int low = hex_digit(s[i + 1]);

		if (high < 0 || low < 0)
			break;
		text_addc(&t, (char)(high * 16 + low));
	}

	const char *line = t.len ? strchr(t.s, '\n') : NULL;
	const struct json *j = t.len * 2 == n && line && line - t.s == (ptrdiff_t)strlen(sort) &&
			strncmp(t.s, sort, strlen(sort)) == 0
		? json_parse(ctx->mem, line + 1, strlen(line + 1), &error) : NULL;

	if (!j || j->kind != JSON_ARRAY || j->len != l->n_sort + 1)
		return fail(ctx, ERR_INVALID, "after", "翻页标记无效，请从第一页重新开始",
		            "This page marker does not fit; start again from the first page");
	l->after = arena_array(ctx->mem, j->len, sizeof *l->after);

	size_t i = 0;

	for (const struct json *v = j->first; v; v = v->next, i++) {
		switch (v->kind) {
		case JSON_INT:
			l->after[i] = v_int(v->i);
			break;
		case JSON_REAL:
			l->after[i] = v_real(v->r);
			break;
		case JSON_TEXT:
			l->after[i] = v_text(v->text);
			break;
		case JSON_NULL:
		case JSON_BOOL:
		case JSON_ARRAY:
		case JSON_OBJECT:
			l->after[i] = v_null();
			break;
		}
	}
	return true;
}

static bool read_limit(struct parser *p, const char *s)
{
	int64_t n;

	if (!int_parse(s, &n) || n < 1 || n > QUERY_LIMIT)
		return fail(p->ctx, ERR_INVALID, "limit", "limit 应为 1 到 %d", "limit is from 1 to %d",
		            QUERY_LIMIT);
	p->list->limit = n;
	return true;
}

static bool read_skip(struct parser *p, const char *s)
{
	int64_t n;

	if (!int_parse(s, &n) || n < 0 || n > QUERY_SKIP)
		return fail(p->ctx, ERR_INVALID, "skip", "skip 应为 0 到 %d；请用条件缩小列表",
		            "skip is from 0 to %d; narrow the list by conditions", QUERY_SKIP);
	p->list->skip = n;
	return true;
}

static bool read_parameter(struct parser *p, const char *name, const char *value,
                           struct condition *all)
{
	struct ctx *ctx = p->ctx;
	struct list *l = p->list;

	if (text_eq(name, "sort"))
		return read_sort(p, value);
	if (text_eq(name, "limit"))
		return read_limit(p, value);
	if (text_eq(name, "skip"))
		return read_skip(p, value);
	if (text_eq(name, "fields"))
		return read_fields(p, value, &l->fields);
	if (text_eq(name, "sum"))
		return read_sums(p, value);
	if (text_eq(name, "group"))
		return read_group_by(p, value);
	if (text_eq(name, "after"))
		return true;            /* read last: it depends on sort */
	if (text_eq(name, "q")) {
		l->words = *value ? value : NULL;
		return true;
	}
	if (text_eq(name, "count")) {
		l->count_most = text_eq(value, "bounded") ? QUERY_BOUND : 0;
		l->exact_count = l->count_most || text_eq(value, "exact");
		return l->exact_count || fail(ctx, ERR_INVALID, name, "count 只能是 exact 或 bounded",
		                              "count can only be exact or bounded");
	}
	if (text_eq(name, "deleted")) {
		l->rows = SCOPE_DELETED;
		return text_eq(value, "only") || fail(ctx, ERR_INVALID, name, "deleted 只能是 only",
		                                      "deleted can only be only");
	}

	struct condition *c = text_eq(name, "or") ? read_group(p, COND_OR, value)
		: text_eq(name, "and") ? read_group(p, COND_AND, value)
		: read_test(p, name, value);

	if (!c)
		return false;
	adopt(all, c);
	return true;
}

bool query_parse(struct ctx *ctx, const struct object *o, const char *text, struct list *ret)
{
	struct list l = { .object = o, .limit = QUERY_DEFAULT, .text = text ? text : "" };
	struct parser p = { ctx, &l, 0 };
	struct condition *all = node(&p, COND_AND);
	const char *after = NULL;
	const char *sort = "";
	bool ok = true;
	char **parts;

	if (strlen(l.text) > QUERY_TEXT)
		return fail(ctx, ERR_INVALID, NULL, "查询太长", "The query is too long");

	size_t n = text_split(ctx->mem, l.text, '&', &parts);

	for (size_t i = 0; i < n; i++) {
		char *equals = strchr(parts[i], '=');

		if (!*parts[i])
			continue;

		size_t name_len = equals ? (size_t)(equals - parts[i]) : strlen(parts[i]);
		char *name = text_url_decode(ctx->mem, parts[i], name_len, true);
		const char *value = equals ? text_url_decode(ctx->mem, equals + 1, strlen(equals + 1), true)
		                     : "";

		if (!name || !value) {
			ok = fail(ctx, ERR_REQUEST, NULL, "查询的编码不正确", "The query is not encoded correctly");
			continue;
		}
		if (text_eq(name, "after"))
			after = value;
		if (text_eq(name, "sort"))
			sort = value;
		ok &= read_parameter(&p, name, value, all);
	}
	if (ok && after && *after)
		ok = read_cursor(&p, after, sort);
	if (!ok)
		return false;
	l.where = all->first ? all : NULL;
	*ret = l;
	return true;
}
