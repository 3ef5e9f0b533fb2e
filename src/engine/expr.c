#include "engine/expr.h"

#include "base/date.h"
#include "base/number.h"
#include "engine/type.h"

enum kind { NUMBER, TEXT, DATE, INSTANT, BOOL, ID };

/*
 * A part of a formula as SQL.  A NUMBER is sql ÷ den ÷ 10^scale, sql and den
 * being doubles that hold whole numbers as long as nothing was divided before
 * an addition; den NULL is 1.
 */
struct operand {
	enum kind kind;
	const char *sql;
	const char *den;
	int scale;
	size_t at;                      /* where it stands in the text */
	const char *text;               /* a text written out; NULL */
	const struct field *field;      /* a field alone; NULL */
	bool plain;                     /* a number written out */
	bool zero;                      /* … which is 0 */
};

enum token_kind { T_END, T_NAME, T_NUMBER, T_TEXT, T_SIGN };

struct token {
	enum token_kind kind;
	size_t at;
	const char *s;                  /* name, digits, text, or the sign */
};

struct parser {
	struct arena *mem;
	const struct object *o;
	const char *text;
	size_t next;                    /* byte behind the current token */
	struct token token;
	int depth;
	int products;
	size_t written;
	const struct field **uses;
	size_t n_uses, cap_uses;
	struct expr *error;
	bool failed;
};

enum {
	SCALE_MOST = 12,                /* decimals carried along */
	NESTING = 100,                  /* of brackets in the SQL */
	PRODUCTS = 12,                  /* * and / in one formula: stays within a double's range */
};

/* The first mistake counts. */
static void wrong(struct parser *p, size_t at, const char *zh, const char *en)
{
	if (p->failed)
		return;
	p->failed = true;
	p->error->at = at;
	p->error->zh = zh;
	p->error->en = en;
}

/* SQL text; what is written counts, so that nothing grows without bound. */
PRINTF(2, 3) static const char *sql(struct parser *p, const char *format, ...)
{
	va_list args;
	const char *s;

	/* After a mistake the parts are not looked at any more. */
	if (p->failed)
		return "NULL";
	va_start(args, format);
	s = vfmt(p->mem, format, args);
	va_end(args);
	if (strlen(s) > EXPR_SQL || (p->written += strlen(s)) > EXPR_SQL * 8) {
		wrong(p, 0, "公式过于复杂", "the formula is too complicated");
		return "NULL";
	}
	return s;
}

/*
 * Tokens
 */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "a ""quoted"" word": a doubled quote stands for one. */
static void read_text(struct parser *p)
{
	struct text t;
	const char *s = p->text + p->next + 1;

	text_init(&t, p->mem);
	for (; *s && (*s != '"' || s[1] == '"'); s++) {
		if ((unsigned char)*s < 0x20 || *s == '\\')
			wrong(p, (size_t)(s - p->text), "文本中不能有 \\ 和控制字符",
			      "a text cannot hold \\ or control characters");
		s += *s == '"';
		text_addc(&t, *s);
	}
	if (!*s)
		wrong(p, p->next, "文本缺少右引号", "a text has no closing \"");
	p->token = (struct token){ T_TEXT, p->next, t.s };
	p->next = (size_t)(s - p->text) + (*s == '"');
}

static void advance(struct parser *p)
{
	static const char *const signs[] = { "<=", ">=", "<>", "!=", "<", ">", "=",
		                             "+",  "-",  "*",  "/",  "(", ")", "," };
	const char *s;
	size_t n = 0;

	while (p->text[p->next] == ' ' || p->text[p->next] == '\t' || p->text[p->next] == '\n')
		p->next++;
	s = p->text + p->next;
	p->token = (struct token){ T_END, p->next, "" };
	if (!*s)
		return;
	if (*s == '"') {
		read_text(p);
		return;
	}
	if (is_letter(*s)) {
		while (is_letter(s[n]) || is_digit(s[n]))
			n++;
		p->token.kind = T_NAME;
	} else if (is_digit(*s) || (*s == '.' && is_digit(s[1]))) {
		while (is_digit(s[n]) || s[n] == '.')
			n++;
		p->token.kind = T_NUMBER;
	} else {
		for (size_t i = 0; i < LENGTH(signs) && !n; i++)
			n = text_starts(s, signs[i]) ? strlen(signs[i]) : 0;
		p->token.kind = T_SIGN;
		if (!n) {
			wrong(p, p->next, "这里有不认识的符号",
			      "there is a sign here that a formula does not know");
			p->token.kind = T_END;
			return;
		}
	}
	p->token.s = arena_dupn(p->mem, s, n);
	p->next += n;
}

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->token.kind == T_SIGN && text_eq(p->token.s, sign);
}

static bool is_name(const struct parser *p, const char *name)
{
	return p->token.kind == T_NAME && text_eq(p->token.s, name);
}

static void expect(struct parser *p, const char *sign)
{
	if (is_sign(p, sign))
		advance(p);
	else
		wrong(p, p->token.at, fmt(p->mem, "这里应为 %s", sign),
		      fmt(p->mem, "%s is missing here", sign));
}

/*
 * Numbers
 */

static struct operand number(const char *s, const char *den, int scale, size_t at)
{
	return (struct operand){ .kind = NUMBER, .sql = s, .den = den, .scale = scale, .at = at };
}

static const char *times_power(struct parser *p, const char *s, int power)
{
	return power > 0 ? sql(p, "(%s * %" PRId64 ")", s, decimal_power(power)) : s;
}

static const char *product_of(struct parser *p, const char *a, const char *b)
{
	if (!a)
		return b;
	return b ? sql(p, "(%s * %s)", a, b) : a;
}

/* Divides now. */
static struct operand divided(struct parser *p, struct operand a)
{
	if (a.den) {
		a.sql = sql(p, "(%s / NULLIF(%s, 0))", a.sql, a.den);
		a.den = NULL;
	}
	return a;
}

/* A power of ten moves between numerator and denominator, which keeps both whole. */
static struct operand limit_scale(struct parser *p, struct operand a)
{
	if (a.scale > SCALE_MOST) {
		const char *power = sql(p, "CAST(%" PRId64 " AS DOUBLE PRECISION)",
		                        decimal_power(a.scale - SCALE_MOST));

		a.den = product_of(p, a.den, power);
		a.scale = SCALE_MOST;
	} else if (a.scale < 0) {
		a.sql = times_power(p, a.sql, -a.scale);
		a.scale = 0;
	}
	return a;
}

/* The same number at exactly this scale, perhaps not whole. */
static const char *at_scale(struct parser *p, struct operand a, int scale)
{
	if (a.scale <= scale)
		return divided(p, number(times_power(p, a.sql, scale - a.scale), a.den, 0, a.at))
		        .sql;

	const char *power = sql(p, "CAST(%" PRId64 " AS DOUBLE PRECISION)",
	                        decimal_power(a.scale - scale));

	if (!a.den)
		return sql(p, "(%s / %s)", a.sql, power);
	return divided(p, number(a.sql, product_of(p, a.den, power), 0, a.at)).sql;
}

static bool need_number(struct parser *p, struct operand a)
{
	if (a.kind == NUMBER)
		return true;
	wrong(p, a.at, "这里应为数字", "a number is wanted here");
	return false;
}

static bool need_bool(struct parser *p, struct operand a)
{
	if (a.kind == BOOL)
		return true;
	wrong(p, a.at, "这里应为条件，如 amount > 0", "a condition is wanted here, such as amount > 0");
	return false;
}

/* Two operands brought to one kind, and to one scale. */
static void align(struct parser *p, struct operand *a, struct operand *b)
{
	int64_t days;

	if (a->kind == DATE && b->text && date_parse(b->text, &days))
		b->kind = DATE;
	if (b->kind == DATE && a->text && date_parse(a->text, &days))
		a->kind = DATE;
	if (a->kind != b->kind) {
		wrong(p, b->at, "两边类型不同", "the two sides are of different kinds");
		return;
	}
	if (a->field && b->text && a->field->n_choices && *b->text &&
	    !field_choice(a->field, b->text))
		wrong(p, b->at, fmt(p->mem, "“%s”没有选项“%s”", a->field->name, b->text),
		      fmt(p->mem, "%s has no choice \"%s\"", a->field->name, b->text));
	if (a->kind != NUMBER)
		return;
	*a = divided(p, *a);
	*b = divided(p, *b);

	int scale = a->scale > b->scale ? a->scale : b->scale;

	a->sql = times_power(p, a->sql, scale - a->scale);
	b->sql = times_power(p, b->sql, scale - b->scale);
	a->scale = b->scale = scale;
}

/* Half away from zero: the same on both databases, whose own round() differ. */
static const char *rounded(struct parser *p, const char *x)
{
	return sql(p, "(floor(abs(%s) + 0.5) * CASE WHEN %s < 0 THEN -1 ELSE 1 END)", x, x);
}

/*
 * Fields and literals
 */

static struct operand parse_or(struct parser *p);

static void use(struct parser *p, const struct field *f)
{
	for (size_t i = 0; i < p->n_uses; i++)
		if (p->uses[i] == f)
			return;
	p->uses = arena_grow(p->mem, p->uses, &p->cap_uses, p->n_uses + 2, sizeof *p->uses);
	p->uses[p->n_uses++] = f;
	p->uses[p->n_uses] = NULL;
	for (const struct field **u = f->uses; u && *u; u++)
		use(p, *u);
}

static bool readable(const struct field *f, enum kind *ret)
{
	switch (f->yields) {
	case TYPE_INTEGER:
	case TYPE_DECIMAL:
	case TYPE_MONEY:
	case TYPE_PERCENT:
	case TYPE_DURATION:
		*ret = NUMBER;
		break;
	case TYPE_BOOL:
		*ret = BOOL;
		break;
	case TYPE_DATE:
		*ret = DATE;
		break;
	case TYPE_INSTANT:
		*ret = INSTANT;
		break;
	case TYPE_TEXT: case TYPE_LONG: case TYPE_CHOICE: case TYPE_PHONE: case TYPE_EMAIL:
	case TYPE_URL: case TYPE_REGION: case TYPE_NUMBER:
		*ret = TEXT;
		break;
	case TYPE_REF: case TYPE_MEMBER: case TYPE_TEAM:
		*ret = ID;
		break;
	case TYPE_CHOICES: case TYPE_REFS:
	case TYPE_LOCATION: case TYPE_FILE: case TYPE_IMAGE: case TYPE_FORMULA: case TYPE_TOTAL:
	case TYPE__COUNT:
		return false;
	}
	/* A total reads other records; a view cannot hold it. */
	return f->type != TYPE_TOTAL;
}

static struct operand field_operand(struct parser *p, struct token name)
{
	const struct field *f = object_field(p->o, name.s);
	struct operand a = { .at = name.at, .field = f, .sql = "NULL" };
	const char *column;

	if (!f || f->internal) {
		wrong(p, name.at, fmt(p->mem, "没有字段“%s”", name.s),
		      fmt(p->mem, "there is no field \"%s\"", name.s));
		return a;
	}
	if (!readable(f, &a.kind)) {
		wrong(p, name.at,
		      fmt(p->mem, "公式不能使用 %s 类型的字段“%s”", types[f->type].name, f->name),
		      fmt(p->mem, "a formula cannot use the %s field \"%s\"", types[f->type].name,
		          f->name));
		return a;
	}
	use(p, f);
	column = f->type == TYPE_FORMULA ? sql(p, "(%s)", f->formula_sql) : f->name;
	a.scale = f->scale;
	a.sql = column;
	if (a.kind == NUMBER)
		a.sql = sql(p, "CAST(%s AS DOUBLE PRECISION)", column);
	if (a.kind == BOOL)
		a.sql = sql(p, "(%s <> 0)", column);
	return a;
}

static struct operand literal(struct parser *p, struct token t)
{
	const char *point = strchr(t.s, '.');
	int scale = point ? (int)strlen(point + 1) : 0;
	int64_t n = 0;

	if (scale > 9 || decimal_parse(t.s, scale, &n) != DECIMAL_OK) {
		wrong(p, t.at, "这不是可用的数字", "this is not a usable number");
		return number("NULL", NULL, 0, t.at);
	}

	struct operand a = number(sql(p, "CAST(%" PRId64 " AS DOUBLE PRECISION)", n), NULL, scale,
	                          t.at);

	a.plain = true;
	a.zero = n == 0;
	return a;
}

static struct operand text_operand(struct parser *p, struct token t)
{
	struct text quoted;

	text_init(&quoted, p->mem);
	text_addc(&quoted, '\'');
	for (const char *s = t.s; *s; s++) {
		if (*s == '\'')
			text_addc(&quoted, '\'');
		text_addc(&quoted, *s);
	}
	text_addc(&quoted, '\'');
	return (struct operand){ .kind = TEXT, .sql = quoted.s, .at = t.at, .text = t.s };
}

/*
 * Functions
 */

enum { ARGS_MOST = 8 };

/*
 * Days since some day long ago, from the text YYYY-MM-DD.  Years begin in
 * March here, so that the leap day is the last of its year; m counts months.
 */
static const char *day_number(struct parser *p, struct operand a)
{
	const char *m;
	int64_t days;

	if (a.text && date_parse(a.text, &days))
		a.kind = DATE;
	if (a.kind != DATE) {
		wrong(p, a.at, "这里应为日期", "a date is wanted here");
		return "NULL";
	}
	m = sql(p, "(CAST(substr(%s, 1, 4) AS BIGINT) * 12 + CAST(substr(%s, 6, 2) AS BIGINT) - 3)",
	        a.sql, a.sql);
	return sql(p, "(%s / 12 * 365 + %s / 48 - %s / 1200 + %s / 4800 + (%s %% 12 * 153 + 2) / 5"
	           " + CAST(substr(%s, 9, 2) AS BIGINT))", m, m, m, m, m, a.sql);
}

static struct operand call_if(struct parser *p, struct operand *args, size_t n)
{
	(void)n;
	need_bool(p, args[0]);
	align(p, &args[1], &args[2]);
	args[1].at = args[0].at;
	args[1].sql = sql(p, "CASE WHEN %s THEN %s WHEN NOT %s THEN %s END", args[0].sql,
	                  args[1].sql, args[0].sql, args[2].sql);
	return args[1];
}

static struct operand call_round(struct parser *p, struct operand *args, size_t n)
{
	int places;
	const char *digits = p->text + args[1].at;

	(void)n;
	if (!need_number(p, args[0]))
		return args[0];
	/* The second is a digit written out, so that the scale of the result is known. */
	if (!args[1].plain || args[1].scale || *digits < '0' || *digits > '6' ||
	    is_digit(digits[1])) {
		wrong(p, args[1].at, "小数位应为 0 到 6 的数字",
		      "the number of decimals must be a digit from 0 to 6");
		return args[0];
	}
	places = *digits - '0';
	return number(rounded(p, at_scale(p, args[0], places)), NULL, places, args[0].at);
}

static struct operand call_abs(struct parser *p, struct operand *args, size_t n)
{
	(void)n;
	if (!need_number(p, args[0]))
		return args[0];
	return number(sql(p, "abs(%s)", args[0].sql),
	              args[0].den ? sql(p, "abs(%s)", args[0].den) : NULL, args[0].scale,
	              args[0].at);
}

/* min() and max() mean rows in one database and values in the other: neither is used. */
static struct operand extreme(struct parser *p, struct operand *args, size_t n, const char *sign)
{
	struct operand a = args[0];

	for (size_t i = 1; i < n; i++) {
		struct operand b = args[i];

		align(p, &a, &b);
		if (a.kind == BOOL)
			wrong(p, a.at, "这里不能是条件", "a condition cannot stand here");
		a.sql = sql(p, "CASE WHEN %s %s= %s THEN %s WHEN %s %s %s THEN %s END", a.sql, sign,
		            b.sql, a.sql, b.sql, sign, a.sql, b.sql);
	}
	return a;
}

static struct operand call_min(struct parser *p, struct operand *args, size_t n)
{
	return extreme(p, args, n, "<");
}

static struct operand call_max(struct parser *p, struct operand *args, size_t n)
{
	return extreme(p, args, n, ">");
}

static struct operand call_coalesce(struct parser *p, struct operand *args, size_t n)
{
	struct operand a = args[0];

	for (size_t i = 1; i < n; i++) {
		struct operand b = args[i];

		align(p, &a, &b);
		a.sql = sql(p, "coalesce(%s, %s)", a.sql, b.sql);
	}
	return a;
}

static struct operand call_days(struct parser *p, struct operand *args, size_t n)
{
	const char *from = day_number(p, args[0]);
	const char *to = day_number(p, args[1]);

	(void)n;
	return number(sql(p, "CAST(%s - %s AS DOUBLE PRECISION)", to, from), NULL, 0, args[0].at);
}

static struct operand call_join(struct parser *p, struct operand *args, size_t n)
{
	struct operand a = { .kind = TEXT, .at = args[0].at };

	for (size_t i = 0; i < n; i++) {
		bool whole = args[i].kind == NUMBER && !args[i].scale && !args[i].den;
		const char *part = args[i].sql;

		if (args[i].kind == BOOL || args[i].kind == INSTANT || (args[i].kind == NUMBER && !whole))
			wrong(p, args[i].at, "这里应为文本、日期、整数或引用", "a text, a date, a whole number or a reference is wanted here");
		if (whole)
			part = sql(p, "CAST(CAST(%s AS BIGINT) AS TEXT)", part);
		else if (args[i].kind == ID)
			part = sql(p, "CAST(%s AS TEXT)", part);
		a.sql = a.sql ? sql(p, "%s || %s", a.sql, part) : part;
	}
	a.sql = sql(p, "(%s)", a.sql);
	return a;
}

static struct operand parse_call(struct parser *p, struct token name)
{
	static const struct {
		const char *name;
		size_t least, most;
		struct operand (*fn)(struct parser *p, struct operand *args, size_t n);
	} functions[] = {
		{ "if", 3, 3, call_if },       { "round", 2, 2, call_round },
		{ "abs", 1, 1, call_abs },     { "min", 2, ARGS_MOST, call_min },
		{ "max", 2, ARGS_MOST, call_max }, { "coalesce", 2, ARGS_MOST, call_coalesce },
		{ "days", 2, 2, call_days },   { "join", 1, ARGS_MOST, call_join },
	};
	struct operand args[ARGS_MOST] = { 0 };
	struct operand result;
	size_t n = 0;

	advance(p);
	do {
		if (n > 0)
			advance(p);
		if (n == ARGS_MOST)
			wrong(p, p->token.at, "参数过多", "there are too many arguments");
		else
			args[n++] = parse_or(p);
	} while (!p->failed && is_sign(p, ","));
	expect(p, ")");
	for (size_t i = 0; i < LENGTH(functions) && !p->failed; i++) {
		if (!text_eq(functions[i].name, name.s))
			continue;
		if (n < functions[i].least || n > functions[i].most) {
			wrong(p, name.at, fmt(p->mem, "%s 的参数个数不对", name.s),
			      fmt(p->mem, "%s has the wrong number of arguments", name.s));
			return args[0];
		}
		result = functions[i].fn(p, args, n);
		result.at = name.at;
		result.text = NULL;
		result.field = NULL;
		return result;
	}
	wrong(p, name.at, fmt(p->mem, "没有函数 %s；可用：if round min max abs coalesce days join", name.s),
	      fmt(p->mem, "there is no function %s: use if, round, min, max, abs, coalesce, days or join",
	          name.s));
	return args[0];
}

/*
 * Grammar, from the strongest to the weakest
 */

static struct operand parse_primary(struct parser *p)
{
	struct token t = p->token;
	struct operand a = number("NULL", NULL, 0, t.at);

	if (p->failed)
		return a;
	advance(p);
	switch (t.kind) {
	case T_NUMBER:
		return literal(p, t);
	case T_TEXT:
		return text_operand(p, t);
	case T_NAME:
		return is_sign(p, "(") ? parse_call(p, t) : field_operand(p, t);
	case T_SIGN:
		if (!text_eq(t.s, "("))
			break;
		a = parse_or(p);
		a.at = t.at;
		expect(p, ")");
		return a;
	case T_END:
		break;
	}
	wrong(p, t.at, "这里应为数字、字段或括号", "a number, a field or a bracket is wanted here");
	return a;
}

static struct operand parse_sign(struct parser *p)
{
	size_t at = p->token.at;
	bool negative = false;

	while (is_sign(p, "-")) {
		negative = !negative;
		advance(p);
	}

	struct operand a = parse_primary(p);

	if (negative && need_number(p, a))
		a = number(sql(p, "(- %s)", a.sql), a.den, a.scale, at);
	return a;
}

static struct operand parse_product(struct parser *p)
{
	struct operand a = parse_sign(p);

	while (!p->failed && (is_sign(p, "*") || is_sign(p, "/"))) {
		bool by = is_sign(p, "/");
		struct operand b;

		advance(p);
		b = parse_sign(p);
		if (!need_number(p, a) || !need_number(p, b))
			return a;
		if (by && b.zero)
			wrong(p, b.at, "除以零", "this divides by zero");
		if (++p->products > PRODUCTS)
			wrong(p, b.at, "一个公式最多 12 个乘除号", "a formula has at most 12 of * and /");
		a = by ? number(product_of(p, a.sql, b.den), product_of(p, a.den, b.sql),
		                a.scale - b.scale, a.at)
		       : number(product_of(p, a.sql, b.sql), product_of(p, a.den, b.den),
		                a.scale + b.scale, a.at);
		a = limit_scale(p, a);
	}
	return a;
}

static struct operand parse_sum(struct parser *p)
{
	struct operand a = parse_product(p);

	while (!p->failed && (is_sign(p, "+") || is_sign(p, "-"))) {
		const char *sign = p->token.s;
		struct operand b;

		advance(p);
		b = parse_product(p);
		if (!need_number(p, a) || !need_number(p, b))
			return a;
		align(p, &a, &b);
		a = number(sql(p, "(%s %s %s)", a.sql, sign, b.sql), NULL, a.scale, a.at);
	}
	return a;
}

static struct operand parse_compare(struct parser *p)
{
	static const char *const signs[] = { "=", "!=", "<>", "<", "<=", ">", ">=" };
	struct operand a = parse_sum(p);

	for (size_t i = 0; i < LENGTH(signs) && !p->failed; i++) {
		struct operand b;

		if (!is_sign(p, signs[i]))
			continue;
		advance(p);
		b = parse_sum(p);
		if (a.kind == BOOL || b.kind == BOOL)
			wrong(p, b.at, "条件不能比较，请用 and、or、not",
			      "conditions are not compared: use and, or, not");
		if (a.text && !b.text)
			align(p, &b, &a);
		else
			align(p, &a, &b);
		return (struct operand){
			.kind = BOOL,
			.sql = sql(p, "(%s %s %s)", a.sql,
			           text_eq(signs[i], "!=") ? "<>" : signs[i], b.sql),
			.at = a.at,
		};
	}
	return a;
}

static struct operand parse_not(struct parser *p)
{
	size_t at = p->token.at;
	bool negative = false;

	while (is_name(p, "not")) {
		negative = !negative;
		advance(p);
	}

	struct operand a = parse_compare(p);

	if (negative && need_bool(p, a))
		a = (struct operand){ .kind = BOOL, .sql = sql(p, "(NOT %s)", a.sql), .at = at };
	return a;
}

static struct operand parse_chain(struct parser *p, const char *word,
                                  struct operand (*inner)(struct parser *p))
{
	struct operand a = inner(p);

	while (!p->failed && is_name(p, word)) {
		struct operand b;

		advance(p);
		b = inner(p);
		if (!need_bool(p, a) || !need_bool(p, b))
			return a;
		a = (struct operand){ .kind = BOOL,
			              .sql = sql(p, "(%s %s %s)", a.sql, word, b.sql),
			              .at = a.at };
	}
	return a;
}

static struct operand parse_and(struct parser *p)
{
	return parse_chain(p, "and", parse_not);
}

static struct operand parse_or(struct parser *p)
{
	struct operand a = number("NULL", NULL, 0, p->token.at);

	if (++p->depth > EXPR_DEPTH)
		wrong(p, p->token.at, "括号嵌套过深", "there are too many brackets within brackets");
	else
		a = parse_chain(p, "or", parse_and);
	p->depth--;
	return a;
}

/*
 * The whole
 */

/* The stored form of what comes out; beyond what a double holds exactly, with halves, there is no answer. */
static const char *stored_number(struct parser *p, struct operand a, int scale)
{
	const char *x = at_scale(p, a, scale);

	return sql(p, "CASE WHEN abs(%s) <= 4503599627370495 THEN CAST(%s AS BIGINT) END", x,
	           rounded(p, x));
}

static const char *finish(struct parser *p, struct operand a, enum type_id yields, int scale)
{
	int64_t days;

	if (yields == TYPE_DATE && a.text && date_parse(a.text, &days))
		a.kind = DATE;
	if (yields == TYPE_BOOL && a.kind == BOOL)
		return sql(p, "CASE WHEN %s THEN 1 WHEN NOT %s THEN 0 END", a.sql, a.sql);
	if (((yields == TYPE_TEXT || yields == TYPE_URL) && a.kind == TEXT) || (yields == TYPE_DATE && a.kind == DATE))
		return a.sql;
	if (yields != TYPE_BOOL && yields != TYPE_TEXT && yields != TYPE_URL && yields != TYPE_DATE && a.kind == NUMBER)
		return stored_number(p, a, scale);
	wrong(p, a.at, fmt(p->mem, "公式的结果不是 %s", types[yields].name),
	      fmt(p->mem, "the formula does not yield %s", types[yields].name));
	return "NULL";
}

/* How deep brackets and CASE nest: SQLite takes trees of 200. */
static int nesting(const char *s)
{
	int depth = 0;
	int most = 0;

	for (; *s; s++) {
		if (*s == '\'')
			s += 1 + strcspn(s + 1, "'");
		depth += (*s == '(' || text_starts(s, "CASE "));
		depth -= (*s == ')' || text_starts(s, " END"));
		most = depth > most ? depth : most;
	}
	return most;
}

bool expr_compile(struct arena *mem, const struct object *o, const char *text,
                  enum type_id yields, int scale, struct expr *ret)
{
	struct parser p = { .mem = mem, .o = o, .text = text, .error = ret };
	struct operand a;

	*ret = (struct expr){ 0 };
	p.uses = arena_array(mem, 1, sizeof *p.uses);
	p.cap_uses = 1;
	if (strlen(text) > EXPR_TEXT) {
		wrong(&p, 0, "公式最多 2000 字节", "a formula has at most 2000 bytes");
		return false;
	}
	advance(&p);
	a = parse_or(&p);
	if (p.token.kind != T_END)
		wrong(&p, p.token.at, "公式应在此结束：缺少运算符或多了括号",
		      "the formula should end here: an operator is missing, or a bracket too many");
	ret->sql = finish(&p, a, yields, scale);
	if (nesting(ret->sql) > NESTING)
		wrong(&p, 0, "公式过于复杂", "the formula is too complicated");
	ret->uses = p.uses;
	return !p.failed;
}

const char **expr_names(struct arena *mem, const char *text)
{
	struct expr ignored = { 0 };
	struct parser p = { .mem = mem, .text = text, .error = &ignored };
	const char **names = NULL;
	size_t cap = 0;
	size_t n = 0;

	names = arena_grow(mem, names, &cap, 1, sizeof *names);
	advance(&p);
	while (p.token.kind != T_END && !p.failed) {
		struct token t = p.token;

		advance(&p);
		if (t.kind != T_NAME || is_sign(&p, "("))
			continue;
		names = arena_grow(mem, names, &cap, n + 2, sizeof *names);
		names[n++] = t.s;
	}
	names[n] = NULL;
	return names;
}
