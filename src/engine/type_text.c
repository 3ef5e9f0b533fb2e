#include "engine/type_text.h"

#include "base/date.h"

/*
 * First what every value must satisfy, however it came; then the loose
 * readers for what people type and files hold.
 */

/*
 * Checks
 */

const char *brief(struct ctx *ctx, const char *s)
{
	enum { LONGEST = 40 };

	return utf8_length(s) <= LONGEST ? s : fmt(ctx->mem, "%s…", utf8_cut(ctx->mem, s, LONGEST));
}

/* `lines`: tabs and line ends may stay. */
static bool has_control(const char *s, bool lines)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return true;
	}
	return false;
}

static bool fits(struct ctx *ctx, const struct field *f, const char *s, int64_t max)
{
	if (strlen(s) <= (size_t)max || utf8_length(s) <= (size_t)max)
		return true;
	return fail(ctx, ERR_INVALID, f->name, "最多 %" PRId64 " 个字符，现有 %zu 个",
	            "may have %" PRId64 " characters, this has %zu", max, utf8_length(s));
}

bool take_line(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	s = text_trim(ctx->mem, s);
	if (has_control(s, false))
		return fail(ctx, ERR_INVALID, f->name, "只能有一行，不能含换行和控制字符",
		            "must be one line without control characters");
	if (!fits(ctx, f, s, f->has_max ? f->max : 200))
		return false;
	*ret = *s ? v_text(s) : v_null();
	return true;
}

bool take_long(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	struct text t;

	text_init(&t, ctx->mem);
	for (s = text_trim(ctx->mem, s); *s; s++) {
		if (*s == '\r' && s[1] == '\n')
			continue;
		text_addc(&t, *s == '\r' ? '\n' : *s);
	}
	if (has_control(t.s, true))
		return fail(ctx, ERR_INVALID, f->name, "不能含控制字符",
		            "must not hold control characters");
	if (!fits(ctx, f, t.s, f->has_max ? f->max : 20000))
		return false;
	*ret = t.len ? v_text(t.s) : v_null();
	return true;
}

static bool is_mobile(const char *digits)
{
	return strlen(digits) == 11 && digits[0] == '1' && digits[1] >= '3';
}

/* A mainland mobile number becomes its eleven digits, anything else stays as typed. */
bool take_phone(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const char *digits = phone_digits(ctx->mem, s);
	const char *folded = text_fold(ctx->mem, s);

	if (!*folded) {
		*ret = v_null();
		return true;
	}
	if (is_mobile(digits) && strspn(folded, "0123456789+-() .e") == strlen(folded)) {
		*ret = v_text(digits);
		return true;
	}
	if (has_control(s, false) || strlen(digits) < 3)
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是电话号码", "\"%s\" is no phone number",
		            brief(ctx, folded));
	if (!fits(ctx, f, folded, 60))
		return false;
	*ret = v_text(folded);
	return true;
}

bool take_email(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const char *folded = text_fold(ctx->mem, s);
	const char *at = strchr(folded, '@');
	const char *dot = at ? strrchr(at, '.') : NULL;

	if (!*folded) {
		*ret = v_null();
		return true;
	}
	if (!at || at == folded || strchr(at + 1, '@') || !dot || dot == at + 1 || !dot[1] ||
	    strpbrk(folded, " ,;<>()\"\\") || strlen(folded) > 254)
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是邮箱地址", "\"%s\" is no email address",
		            brief(ctx, folded));
	*ret = v_text(folded);
	return true;
}

/* Only what a browser may follow without harm; "www.example.com" gets https in front. */
bool take_url(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const char *trimmed = text_trim(ctx->mem, s);
	const char *scheme = text_fold(ctx->mem, trimmed);
	const char *colon = strstr(scheme, "://");
	bool web = text_starts(scheme, "http://") || text_starts(scheme, "https://");

	if (!*trimmed) {
		*ret = v_null();
		return true;
	}
	if (!web && (colon || !strchr(scheme, '.') || scheme[strcspn(scheme, ":/?#")] == ':'))
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是网址，应以 https:// 开头",
		            "\"%s\" is no web address; these start with https://",
		            brief(ctx, trimmed));
	if (has_control(trimmed, false) || strpbrk(trimmed, " \"<>\\^`{|}"))
		return fail(ctx, ERR_INVALID, f->name, "网址中有不允许的字符",
		            "holds a character that a web address cannot have");
	if (!fits(ctx, f, trimmed, 2000))
		return false;
	*ret = v_text(web ? trimmed : fmt(ctx->mem, "https://%s", trimmed));
	return true;
}

/* Six digits that end in zeros name a province or a city; twelve name a village's street. */
bool take_region(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	char *code = text_fold(ctx->mem, s);
	size_t n = strlen(code);

	if (n == 0) {
		*ret = v_null();
		return true;
	}
	if (n == 12)
		n = 9;
	if (n == 6 && !strcmp(code + 2, "0000"))
		n = 2;
	else if (n == 6 && !strcmp(code + 4, "00"))
		n = 4;
	if (strspn(code, "0123456789") != strlen(code) || (n != 2 && n != 4 && n != 6 && n != 9))
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是行政区划代码（2、4、6 或 9 位数字）",
		            "\"%s\" is no division code (2, 4, 6 or 9 digits)", brief(ctx, s));
	*ret = v_text(arena_dupn(ctx->mem, code, n));
	return true;
}

static bool within(struct ctx *ctx, const struct field *f, int64_t n)
{
	if (f->has_min && n < f->min)
		return fail(ctx, ERR_INVALID, f->name, "不能小于 %s", "must be at least %s",
		            decimal_text(ctx->mem, f->min, f->scale));
	if (f->has_max && n > f->max)
		return fail(ctx, ERR_INVALID, f->name, "不能大于 %s", "must be at most %s",
		            decimal_text(ctx->mem, f->max, f->scale));
	return true;
}

bool take_integer(struct ctx *ctx, const struct field *f, int64_t n, struct value *ret)
{
	if (!within(ctx, f, n))
		return false;
	*ret = v_int(n);
	return true;
}

bool take_decimal(struct ctx *ctx, const struct field *f, enum decimal_result how, int64_t scaled,
                  struct value *ret)
{
	switch (how) {
	case DECIMAL_OK:
		return take_integer(ctx, f, scaled, ret);
	case DECIMAL_MALFORMED:
		return fail(ctx, ERR_INVALID, f->name, "应为数字", "must be a number");
	case DECIMAL_TOO_FINE:
		return fail(ctx, ERR_INVALID, f->name, "最多 %d 位小数",
		            "may have at most %d decimals", f->scale);
	case DECIMAL_TOO_LARGE:
		break;
	}
	return fail(ctx, ERR_INVALID, f->name, "数字过大", "is too large");
}

bool take_ids(struct ctx *ctx, const struct field *f, const int64_t *ids, size_t n,
              struct value *ret)
{
	int64_t *once = arena_array(ctx->mem, n + 1, sizeof *once);
	size_t kept = 0;
	int64_t most = f->has_max ? f->max : 500;

	for (size_t i = 0; i < n; i++) {
		bool seen = false;

		for (size_t k = 0; k < kept && !seen; k++)
			seen = once[k] == ids[i];
		if (!seen)
			once[kept++] = ids[i];
		if (kept > (size_t)most)
			return fail(ctx, ERR_INVALID, f->name, "最多 %" PRId64 " 个",
			            "may have at most %" PRId64, most);
	}
	*ret = v_text(ids_join(ctx->mem, once, kept));
	return true;
}

struct value choices_value(struct ctx *ctx, const struct field *f, const bool *chosen)
{
	struct text t;

	text_init(&t, ctx->mem);
	for (size_t i = 0; i < f->n_choices; i++)
		if (chosen[i])
			text_addf(&t, "%s%s,", t.len ? "" : ",", f->choices[i].value);
	return t.len ? v_text(t.s) : v_null();
}

static bool coordinate(const char *s, int64_t most, int64_t *ret)
{
	enum { DECIMALS = 7 };          /* a centimetre */
	char cut[32];
	const char *point = strchr(s, '.');
	size_t n = strlen(s);

	if (n >= sizeof cut)
		return false;
	if (point && strspn(point + 1, "0123456789") > DECIMALS)
		n = (size_t)(point - s) + 1 + DECIMALS;
	memcpy(cut, s, n);
	cut[n] = '\0';
	return decimal_parse(cut, DECIMALS, ret) == DECIMAL_OK &&
	       *ret <= most * decimal_power(DECIMALS) && *ret >= -most * decimal_power(DECIMALS);
}

/* 31.2300000 as 31.23. */
static const char *short_decimal(struct arena *mem, int64_t n)
{
	char *s = decimal_text(mem, n, 7);
	size_t len = strlen(s);

	while (s[len - 1] == '0')
		len--;
	s[s[len - 1] == '.' ? len - 1 : len] = '\0';
	return s;
}

bool take_place(struct ctx *ctx, const struct field *f, const char *lat, const char *lng,
                const char *address, struct value *ret)
{
	int64_t y = 0;
	int64_t x = 0;
	bool known = *lat || *lng;
	struct value line = v_null();

	if (known && (!coordinate(lat, 90, &y) || !coordinate(lng, 180, &x)))
		return fail(ctx, ERR_INVALID, f->name, "坐标不可用：“%s,%s”",
		            "\"%s,%s\" are no coordinates", brief(ctx, lat), brief(ctx, lng));
	if (!take_line(ctx, f, address, &line))
		return false;
	*ret = v_null();
	if (known || line.kind == V_TEXT)
		*ret = v_text(fmt(ctx->mem, "%s,%s%s%s", known ? short_decimal(ctx->mem, y) : "",
		                  known ? short_decimal(ctx->mem, x) : "",
		                  line.kind == V_TEXT ? " " : "",
		                  line.kind == V_TEXT ? line.s : ""));
	return true;
}

/*
 * Loose readers
 */

/* Nothing typed clears the field; *ret_empty tells. */
static const char *typed(struct ctx *ctx, const char *s, struct value *ret)
{
	*ret = v_null();
	return s ? text_trim(ctx->mem, s) : "";
}

bool text_refused(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	(void)s;
	(void)ret;
	return fail(ctx, ERR_INVALID, f->name, "由系统计算，不能填写", "is computed and cannot be set");
}

bool text_decimal(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	int64_t n = 0;
	enum decimal_result how;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	how = decimal_parse_loose(ctx->mem, s, f->scale, &n);
	return take_decimal(ctx, f, how, n, ret);
}

bool text_integer(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	int64_t n;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	if (decimal_parse_loose(ctx->mem, s, 0, &n) != DECIMAL_OK)
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是整数", "\"%s\" is no whole number",
		            brief(ctx, s));
	return take_integer(ctx, f, n, ret);
}

bool text_bool(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = {
		{ "是", true }, { "否", false }, { "有", true }, { "无", false }, { "对", true }, { "错", false },
		{ "真", true }, { "假", false }, { "yes", true }, { "no", false }, { "y", true }, { "n", false },
		{ "true", true }, { "false", false }, { "1", true }, { "0", false }, { "√", true },
		{ "×", false }, { "✓", true }, { "✗", false }, { "on", true }, { "off", false },
		{ "没有", false }, { "不是", false },
	};

	s = text_fold(ctx->mem, typed(ctx, s, ret));
	if (!*s)
		return true;
	for (size_t i = 0; i < LENGTH(words); i++) {
		if (text_eq(words[i].word, s)) {
			*ret = v_int(words[i].yes);
			return true;
		}
	}
	return fail(ctx, ERR_INVALID, f->name, "“%s”不是“是”或“否”", "\"%s\" is neither yes nor no",
	            brief(ctx, s));
}

/*
 * Dates
 */

enum date_form { DATE_OK, DATE_WRONG, DATE_UNCLEAR };

struct parts {                          /* the numbers of a date as they stand */
	int64_t n[3];
	size_t len[3];                  /* digits; 0: a month's name */
	size_t count;
};

static int month_name(const char *s)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug",
	                                     "sep", "oct", "nov", "dec" };

	for (size_t i = 0; i < LENGTH(names); i++)
		if (text_starts(s, names[i]))
			return (int)i + 1;
	return 0;
}

/* Reads numbers and names of months; returns what follows the date, NULL if this is none. */
static const char *split_date(const char *s, struct parts *ret)
{
	static const char *const between[] = { "-", "/", ".", "年", "月", "日", "号", ",", " " };

	*ret = (struct parts){ 0 };
	while (*s && ret->count < 3) {
		size_t digits = strspn(s, "0123456789");
		bool found = false;

		if (digits > 8)
			return NULL;
		if (digits > 0) {
			for (size_t i = 0; i < digits; i++)
				ret->n[ret->count] = ret->n[ret->count] * 10 + (s[i] - '0');
			ret->len[ret->count++] = digits;
			s += digits;
			if (digits == 8)
				break;
			continue;
		}
		if (month_name(s)) {
			ret->n[ret->count++] = month_name(s);
			s += strspn(s, "abcdefghijklmnopqrstuvwxyz.");
			continue;
		}
		for (size_t i = 0; i < LENGTH(between) && !found; i++) {
			if (text_starts(s, between[i])) {
				s += strlen(between[i]);
				found = true;
			}
		}
		if (!found)
			return NULL;
	}
	while (text_starts(s, "日") || text_starts(s, "号"))
		s += strlen("日");
	return s;
}

/* Year first; day or month first only where there is no doubt which is which. */
static enum date_form order_date(const struct parts *p, struct ymd *ret)
{
	int a = (int)p->n[0];
	int b = (int)p->n[1];
	int c = (int)p->n[2];

	if (p->count == 1 && p->len[0] == 8)
		*ret = (struct ymd){ a / 10000, a / 100 % 100, a % 100 };
	else if (p->count != 3)
		return DATE_WRONG;
	else if (p->len[0] == 4)
		*ret = (struct ymd){ a, b, c };
	else if (p->len[2] != 4)
		return DATE_UNCLEAR;
	else if (p->len[1] == 0 || (p->len[0] && a > 12))
		*ret = (struct ymd){ c, b, a };
	else if (p->len[0] == 0 || b > 12 || a == b)
		*ret = (struct ymd){ c, a, b };
	else
		return DATE_UNCLEAR;
	return date_ok(*ret) && ret->year >= 1900 && ret->year <= 2999 ? DATE_OK : DATE_WRONG;
}

/* "9:30", "09:30:05", "9:30 pm" as minutes and seconds of the day; empty is midnight. */
static bool read_clock(const char *s, int *ret_seconds)
{
	int n[3] = { 0 };
	size_t count = 0;
	bool pm;

	while (*s == ' ' || *s == 't')
		s++;
	pm = text_starts(s, "下午");
	if (pm || text_starts(s, "上午"))
		s += strlen("上午");
	while (*s >= '0' && *s <= '9' && count < 3) {
		size_t digits = strspn(s, "0123456789");

		if (digits > 2)
			return false;
		for (size_t i = 0; i < digits; i++)
			n[count] = n[count] * 10 + (s[i] - '0');
		count++;
		s += digits;
		s += *s == ':';
	}
	while (*s == ' ')
		s++;
	if (text_eq(s, "pm") || text_eq(s, "am")) {
		pm = *s == 'p';
		n[0] = !pm && n[0] == 12 ? 0 : n[0];
		s += 2;
	}
	if (pm && n[0] < 12)
		n[0] += 12;
	*ret_seconds = (n[0] * 60 + n[1]) * 60 + n[2];
	return !*s && count != 1 && n[0] < 24 && n[1] < 60 && n[2] < 60;
}

static bool read_loose(struct ctx *ctx, const struct field *f, const char *s, struct ymd *ret_day,
                       int *ret_seconds)
{
	const char *folded = text_fold(ctx->mem, s);
	struct parts parts;
	const char *rest = split_date(folded, &parts);
	enum date_form form = rest ? order_date(&parts, ret_day) : DATE_WRONG;

	if (form == DATE_OK && read_clock(rest, ret_seconds))
		return true;
	if (form == DATE_UNCLEAR)
		return fail(ctx, ERR_INVALID, f->name, "“%s”的年月日顺序不明，请写成 2026-11-25",
		            "\"%s\": which is day, month, year? Write 2026-11-25", brief(ctx, s));
	return fail(ctx, ERR_INVALID, f->name, "“%s”不是日期，格式为 2026-11-25",
	            "\"%s\" is no date; dates look like 2026-11-25", brief(ctx, s));
}

bool text_date(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	struct ymd day;
	int seconds;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	if (!read_loose(ctx, f, s, &day, &seconds))
		return false;
	if (seconds != 0)
		return fail(ctx, ERR_INVALID, f->name, "“%s”带有时刻，应只有日期",
		            "\"%s\" has a time of day; a date alone is wanted", brief(ctx, s));
	*ret = v_text(date_text(ctx->mem, date_days(day)));
	return true;
}

bool text_instant(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	struct ymd day;
	int seconds;
	int64_t at;
	const char *iso;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	if (!instant_parse(s, &at)) {
		if (!read_loose(ctx, f, s, &day, &seconds))
			return false;
		iso = fmt(ctx->mem, "%s %02d:%02d:%02d", date_text(ctx->mem, date_days(day)),
		          seconds / 3600, seconds / 60 % 60, seconds % 60);
		if (!instant_parse(iso, &at))
			return fail(ctx, ERR_INVALID, f->name, "“%s”不是时间",
			            "\"%s\" is no point in time", brief(ctx, s));
	}
	*ret = v_int(at);
	return true;
}

/* "90", "90 分钟", "1:30", "1小时30分", "1.5h", "1h 30m" as minutes. */
bool text_duration(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	static const struct {
		const char *word;
		int minutes;
	} units[] = {
		{ "小时", 60 }, { "hours", 60 }, { "hour", 60 }, { "时", 60 }, { "h", 60 }, { ":", 60 },
		{ "分钟", 1 }, { "分", 1 }, { "minutes", 1 }, { "min", 1 }, { "m", 1 },
	};
	const char *p;
	int64_t hundredths = 0;
	size_t pieces = 0;

	s = typed(ctx, s, ret);
	for (p = text_fold(ctx->mem, s); *p; pieces++) {
		size_t n = strspn(p, "0123456789.");
		int64_t amount;
		int unit = 1;

		if (pieces > 2 || n > 9 ||
		    decimal_parse(arena_dupn(ctx->mem, p, n), 2, &amount) != DECIMAL_OK)
			break;
		p += n;
		p += strspn(p, " ");
		for (size_t i = 0; i < LENGTH(units); i++) {
			if (text_starts(p, units[i].word)) {
				p += strlen(units[i].word);
				unit = units[i].minutes;
				break;
			}
		}
		p += strspn(p, " ");
		hundredths += amount * unit;
	}
	if (!*s)
		return true;
	if (*p || hundredths % 100)
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是时长，例如 90 或 1:30",
		            "\"%s\" is no duration; write minutes, or 1:30", brief(ctx, s));
	return take_integer(ctx, f, hundredths / 100, ret);
}

/*
 * Choices and references
 */

/* By value or by label in either language, however it is typed. */
static const struct choice *find_choice(struct ctx *ctx, const struct field *f, const char *s)
{
	const char *folded = text_fold(ctx->mem, s);

	if (field_choice(f, s))
		return field_choice(f, s);
	for (size_t i = 0; i < f->n_choices; i++) {
		const struct choice *c = &f->choices[i];

		if (text_eq(text_fold(ctx->mem, c->value), folded) ||
		    text_eq(text_fold(ctx->mem, c->label.zh), folded) ||
		    text_eq(text_fold(ctx->mem, c->label.en), folded))
			return c;
	}
	return NULL;
}

static bool no_choice(struct ctx *ctx, const struct field *f, const char *s)
{
	struct text all;

	text_init(&all, ctx->mem);
	for (size_t i = 0; i < f->n_choices && i < 20; i++)
		text_addf(&all, "%s%s", i ? ", " : "",
		          label_in(f->choices[i].label, in_english(ctx) ? "en" : "zh"));
	return fail(ctx, ERR_INVALID, f->name, "“%s”不在选项中：%s", "\"%s\" is none of %s",
	            brief(ctx, s), all.s);
}

bool text_choice(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const struct choice *c;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	c = find_choice(ctx, f, s);
	if (!c)
		return no_choice(ctx, f, s);
	*ret = v_text(c->value);
	return true;
}

size_t text_mark(const char *s, bool slash)
{
	static const char *const between[] = { ",", ";", "|", "\n", "、", "，", "；", "/" };

	for (size_t i = 0; i < LENGTH(between) - !slash; i++)
		if (text_starts(s, between[i]))
			return strlen(between[i]);
	return 0;
}

/* What stands between such marks; nothing empty. */
static size_t several(struct arena *mem, const char *s, const char ***ret)
{
	const char **parts = NULL;
	size_t cap = 0;
	size_t n = 0;

	for (const char *start = s; ; ) {
		size_t cut = text_mark(s, true);

		if (*s && !cut) {
			s++;
			continue;
		}

		const char *part = text_trim(mem, fmt(mem, "%.*s", (int)(s - start), start));

		parts = arena_grow(mem, parts, &cap, n + 1, sizeof *parts);
		if (*part)
			parts[n++] = part;
		if (!*s)
			break;
		start = s += cut;
	}
	*ret = parts;
	return n;
}

bool text_choices(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	bool *chosen = arena_array(ctx->mem, f->n_choices + 1, sizeof *chosen);
	const char **parts;

	for (size_t i = 0, n = several(ctx->mem, typed(ctx, s, ret), &parts); i < n; i++) {
		const struct choice *c = find_choice(ctx, f, parts[i]);

		if (!c)
			return no_choice(ctx, f, parts[i]);
		chosen[c - f->choices] = true;
	}
	*ret = choices_value(ctx, f, chosen);
	return true;
}

bool text_id(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	int64_t id;

	s = typed(ctx, s, ret);
	if (!*s)
		return true;
	if (!int_parse(s, &id) || id <= 0)
		return fail(ctx, ERR_INVALID, f->name, "“%s”不是记录编号", "\"%s\" is no id of a record",
		            brief(ctx, s));
	*ret = v_int(id);
	return true;
}

bool text_ids(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	char **parts;
	size_t n;
	int64_t *ids;

	s = typed(ctx, s, ret);
	n = text_split(ctx->mem, s, ',', &parts);
	ids = arena_array(ctx->mem, n + 1, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		if (!int_parse(text_trim(ctx->mem, parts[i]), &ids[i]) || ids[i] <= 0)
			return fail(ctx, ERR_INVALID, f->name, "“%s”不是记录编号",
			            "\"%s\" is no id of a record", brief(ctx, parts[i]));
	return take_ids(ctx, f, ids, n, ret);
}

/* "31.23,121.47 address" or an address alone. */
bool text_place(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	const char *comma;
	size_t pair;

	s = typed(ctx, s, ret);
	pair = strspn(s, "0123456789.,-");
	comma = strchr(s, ',');
	if (comma && comma < s + pair && (!s[pair] || s[pair] == ' '))
		return take_place(ctx, f, arena_dupn(ctx->mem, s, (size_t)(comma - s)),
		                  arena_dupn(ctx->mem, comma + 1, (size_t)(s + pair - comma - 1)),
		                  s[pair] ? s + pair + 1 : "", ret);
	return take_place(ctx, f, "", "", s, ret);
}
