#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Bytes of the valid character at `s`, 0 if there is none. */
static size_t character(const char *s, size_t n)
{
	for (size_t len = 1; len <= 4 && len <= n; len++)
		if (utf8_valid(s, len))
			return len;
	return 0;
}

/* Parsing */

struct reader {
	struct arena *mem;
	const char *s, *end;
	const char *line_start;
	int line;
	int depth;
	struct json_error *error;
};

static int column(const struct reader *r, const char *at)
{
	return (int)(at - r->line_start) + 1;
}

static struct json *complain(struct reader *r, const char *at, const char *message)
{
	if (!r->error->message)
		*r->error = (struct json_error){ r->line, column(r, at), message };
	return NULL;
}

static void skip_blank(struct reader *r)
{
	while (r->s < r->end) {
		char c = *r->s;

		if (c == '\n') {
			r->line++;
			r->line_start = r->s + 1;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			break;
		}
		r->s++;
	}
}

static struct json *new_node(struct reader *r, enum json_kind kind)
{
	struct json *j = arena_alloc(r->mem, sizeof *j);

	j->kind = kind;
	j->line = r->line;
	j->column = column(r, r->s);
	return j;
}

static bool hex4(const char *s, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		char c = s[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			digit = (uint32_t)(c - 'A' + 10);
		else
			return false;
		*ret = *ret << 4 | digit;
	}
	return true;
}

/* \u0041, or a surrogate pair; r->s stands behind the u. */
static bool read_unicode(struct reader *r, struct text *t)
{
	uint32_t c;
	uint32_t low;

	if (r->end - r->s < 4 || !hex4(r->s, &c))
		return complain(r, r->s, "four hexadecimal digits must follow \\u");
	r->s += 4;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (r->end - r->s < 6 || r->s[0] != '\\' || r->s[1] != 'u' || !hex4(r->s + 2, &low) ||
		    low < 0xDC00 || low > 0xDFFF)
			return complain(r, r->s, "half a surrogate pair");
		r->s += 6;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	} else if (c >= 0xDC00 && c <= 0xDFFF) {
		return complain(r, r->s, "half a surrogate pair");
	}
	if (c == 0)
		return complain(r, r->s, "the character NUL is not allowed");
	utf8_add(t, c);
	return true;
}

/* Text with escapes: the slow path, from where the first backslash stood. */
static bool read_escaped(struct reader *r, struct text *t)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";

	while (r->s < r->end && *r->s != '"') {
		const char *start = r->s;

		while (r->s < r->end && *r->s != '"' && *r->s != '\\' && (unsigned char)*r->s >= 0x20)
			r->s++;
		text_addn(t, start, (size_t)(r->s - start));
		if (r->s == r->end || *r->s == '"')
			break;
		if (*r->s != '\\')
			return complain(r, r->s, "control characters must be escaped in text");
		if (++r->s == r->end)
			break;

		char c = *r->s++;
		const char *known = c ? strchr(from, c) : NULL;

		if (known)
			text_addc(t, to[known - from]);
		else if (c != 'u')
			return complain(r, r->s - 1, "unknown escape");
		else if (!read_unicode(r, t))
			return false;
	}
	return r->s < r->end || complain(r, r->s, "the text is not closed");
}

/* Reads a quoted text; r->s stands at the quote. */
static bool read_text(struct reader *r, const char **ret, size_t *ret_len)
{
	const char *start = ++r->s;
	struct text t;

	while (r->s < r->end && *r->s != '"' && *r->s != '\\' && (unsigned char)*r->s >= 0x20)
		r->s++;
	if (r->s < r->end && *r->s == '"') {
		*ret_len = (size_t)(r->s - start);
		*ret = arena_dupn(r->mem, start, *ret_len);
		r->s++;
		return true;
	}
	text_init(&t, r->mem);
	text_addn(&t, start, (size_t)(r->s - start));
	if (!read_escaped(r, &t))
		return false;
	r->s++;
	*ret = t.s;
	*ret_len = t.len;
	return true;
}

static struct json *read_number(struct reader *r)
{
	struct json *j = new_node(r, JSON_INT);
	const char *start = r->s;
	bool whole = true;

	if (r->s < r->end && *r->s == '-')
		r->s++;
	if (r->s == r->end || *r->s < '0' || *r->s > '9')
		return complain(r, start, "a value was expected here");
	if (*r->s == '0')
		r->s++;
	else
		while (r->s < r->end && *r->s >= '0' && *r->s <= '9')
			r->s++;
	if (r->s < r->end && *r->s >= '0' && *r->s <= '9')
		return complain(r, start, "a number may not start with 0");
	if (r->s < r->end && *r->s == '.') {
		whole = false;
		r->s++;
		if (r->s == r->end || *r->s < '0' || *r->s > '9')
			return complain(r, start, "digits must follow the point");
		while (r->s < r->end && *r->s >= '0' && *r->s <= '9')
			r->s++;
	}
	if (r->s < r->end && (*r->s == 'e' || *r->s == 'E')) {
		whole = false;
		r->s++;
		if (r->s < r->end && (*r->s == '-' || *r->s == '+'))
			r->s++;
		if (r->s == r->end || *r->s < '0' || *r->s > '9')
			return complain(r, start, "digits must follow the e");
		while (r->s < r->end && *r->s >= '0' && *r->s <= '9')
			r->s++;
	}
	j->len = (size_t)(r->s - start);
	j->text = arena_dupn(r->mem, start, j->len);
	if (whole) {
		bool negative = *start == '-';
		int64_t n = 0;

		for (const char *p = start + negative; p < r->s; p++)
			whole = whole && !__builtin_mul_overflow(n, 10, &n) &&
			        !__builtin_add_overflow(n, negative ? '0' - *p : *p - '0', &n);
		j->i = n;
	}
	if (!whole) {
		j->kind = JSON_REAL;
		j->r = strtod(j->text, NULL);
		if (!isfinite(j->r))
			return complain(r, start, "the number is too large");
	}
	return j;
}

static struct json *read_word(struct reader *r)
{
	static const struct {
		const char *word;
		enum json_kind kind;
		bool b;
	} words[] = {
		{ "true", JSON_BOOL, true },
		{ "false", JSON_BOOL, false },
		{ "null", JSON_NULL, false },
	};

	for (size_t i = 0; i < LENGTH(words); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(r->end - r->s) >= n && memcmp(r->s, words[i].word, n) == 0) {
			struct json *j = new_node(r, words[i].kind);

			j->b = words[i].b;
			r->s += n;
			return j;
		}
	}
	return read_number(r);
}

static struct json *read_value(struct reader *r);

static int by_key(const void *a, const void *b)
{
	const struct json *const *x = a;
	const struct json *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	if (order != 0)
		return order;
	return (*x)->line != (*y)->line ? (*x)->line - (*y)->line : (*x)->column - (*y)->column;
}

/* A member whose key stood before in the same object, or NULL. */
static const struct json *repeated(struct reader *r, const struct json *object)
{
	enum { FEW = 16 };

	if (object->len <= FEW) {
		for (const struct json *a = object->first; a; a = a->next)
			for (const struct json *b = a->next; b; b = b->next)
				if (strcmp(a->key, b->key) == 0)
					return b;
		return NULL;
	}

	/* Comparing each with each would let one large body keep a thread busy for minutes. */
	const struct json **sorted = arena_array(r->mem, object->len, sizeof *sorted);
	size_t n = 0;

	for (const struct json *child = object->first; child; child = child->next)
		sorted[n++] = child;
	qsort(sorted, n, sizeof *sorted, by_key);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			return sorted[i];
	return NULL;
}

static bool check_keys(struct reader *r, const struct json *object)
{
	const struct json *again = repeated(r, object);

	if (!again)
		return true;
	if (!r->error->message)
		*r->error = (struct json_error){
			again->line, again->column,
			fmt(r->mem, "the key \"%s\" stands here twice", again->key),
		};
	return false;
}

/* A key and its colon. */
static bool read_key(struct reader *r, const char **ret)
{
	size_t len;

	if (r->s == r->end || *r->s != '"')
		return complain(r, r->s, "a key in quotes was expected here");
	if (!read_text(r, ret, &len))
		return false;
	skip_blank(r);
	if (r->s == r->end || *r->s != ':')
		return complain(r, r->s, "a colon was expected here");
	r->s++;
	skip_blank(r);
	return true;
}

static struct json *read_children(struct reader *r, bool object)
{
	struct json *j = new_node(r, object ? JSON_OBJECT : JSON_ARRAY);
	struct json **end = &j->first;
	char close = object ? '}' : ']';

	if (++r->depth > JSON_DEPTH)
		return complain(r, r->s, "nested too deeply");
	r->s++;
	skip_blank(r);
	if (r->s < r->end && *r->s == close) {
		r->s++;
		r->depth--;
		return j;
	}
	for (;;) {
		const char *key = NULL;

		if (object && !read_key(r, &key))
			return NULL;

		struct json *child = read_value(r);

		if (!child)
			return NULL;
		child->key = key;
		*end = child;
		end = &child->next;
		j->len++;
		skip_blank(r);
		if (r->s == r->end)
			return complain(r, r->s, object ? "the object is not closed" : "the list is not closed");
		if (*r->s == close)
			break;
		if (*r->s != ',')
			return complain(r, r->s, "a comma was expected here");
		r->s++;
		skip_blank(r);
	}
	r->s++;
	r->depth--;
	return !object || check_keys(r, j) ? j : NULL;
}

static struct json *read_value(struct reader *r)
{
	if (r->s == r->end)
		return complain(r, r->s, "a value was expected here");
	if (*r->s == '{' || *r->s == '[')
		return read_children(r, *r->s == '{');
	if (*r->s == '"') {
		struct json *j = new_node(r, JSON_TEXT);

		return read_text(r, &j->text, &j->len) ? j : NULL;
	}
	return read_word(r);
}

/* Finds where the text stops being UTF-8. */
static struct json *complain_utf8(struct reader *r)
{
	size_t len;

	while ((len = character(r->s, (size_t)(r->end - r->s))) > 0) {
		if (*r->s == '\n') {
			r->line++;
			r->line_start = r->s + 1;
		}
		r->s += len;
	}
	return complain(r, r->s, "the text is not valid UTF-8");
}

struct json *json_parse(struct arena *mem, const char *s, size_t n, struct json_error *error)
{
	struct reader r = { mem, s, s + n, s, 1, 0, error };

	*error = (struct json_error){ 0 };
	if (!utf8_valid(s, n))
		return complain_utf8(&r);
	skip_blank(&r);

	struct json *j = read_value(&r);

	if (!j)
		return NULL;
	skip_blank(&r);
	return r.s == r.end ? j : complain(&r, r.s, "something stands behind the end");
}

const struct json *json_get(const struct json *j, const char *key)
{
	if (!j || j->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *child = j->first; child; child = child->next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

const char *json_text(const struct json *j, const char *key, const char *otherwise)
{
	const struct json *v = json_get(j, key);

	return v && v->kind == JSON_TEXT ? v->text : otherwise;
}

int64_t json_int(const struct json *j, const char *key, int64_t otherwise)
{
	const struct json *v = json_get(j, key);

	return v && v->kind == JSON_INT ? v->i : otherwise;
}

bool json_bool(const struct json *j, const char *key, bool otherwise)
{
	const struct json *v = json_get(j, key);

	return v && v->kind == JSON_BOOL ? v->b : otherwise;
}

/* Writing */

void jw_init(struct json_writer *w, struct text *out)
{
	*w = (struct json_writer){ .out = out };
}

/* text_addc without the call, for the commas and quotes that a page is full of. */
static inline void put(struct text *t, char c)
{
	if (t->len + 1 < t->cap) {
		t->s[t->len++] = c;
		t->s[t->len] = '\0';
	} else {
		text_addc(t, c);
	}
}

static void separate(struct json_writer *w)
{
	if (w->comma)
		put(w->out, ',');
	w->comma = true;
}

static void open_level(struct json_writer *w, char c)
{
	separate(w);
	put(w->out, c);
	w->comma = false;
}

static void close_level(struct json_writer *w, char c)
{
	put(w->out, c);
	w->comma = true;
}

void jw_object(struct json_writer *w)
{
	open_level(w, '{');
}

void jw_object_end(struct json_writer *w)
{
	close_level(w, '}');
}

void jw_array(struct json_writer *w)
{
	open_level(w, '[');
}

void jw_array_end(struct json_writer *w)
{
	close_level(w, ']');
}

void jw_key(struct json_writer *w, const char *key)
{
	separate(w);
	put(w->out, '"');
	text_add(w->out, key);
	put(w->out, '"');
	put(w->out, ':');
	w->comma = false;
}

/*
 * Bytes to look at twice: control characters, what JSON escapes, and the first
 * bytes of U+0080–U+009F (0xC2) and of U+2028 and U+2029 (0xE2).
 */
static inline bool is_special(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\' || c == 0x7F || c == 0xC2 || c == 0xE2;
}

/* Writes one character that begins with a special byte; returns its bytes. */
static size_t add_special(struct text *t, const char *s, size_t n)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	unsigned char c = (unsigned char)*s;
	const char *known = c ? strchr(from, c) : NULL;

	if (known) {
		text_addc(t, '\\');
		text_addc(t, to[known - from]);
		return 1;
	}
	if (c < 0x80) {
		text_addf(t, "\\u%04x", c);
		return 1;
	}

	size_t len = c == 0xC2 ? 2 : 3;
	unsigned char last = (unsigned char)s[len - 1];

	assert(len <= n);
	if (c == 0xC2 && last < 0xA0)
		text_addf(t, "\\u%04x", last);
	else if (c == 0xE2 && (unsigned char)s[1] == 0x80 && (last == 0xA8 || last == 0xA9))
		text_add(t, last == 0xA8 ? "\\u2028" : "\\u2029");
	else
		text_addn(t, s, len);
	return len;
}

/* `s` is valid UTF-8. */
static void add_quoted(struct text *t, const char *s, size_t n)
{
	put(t, '"');
	for (size_t i = 0; i < n;) {
		size_t start = i;

		while (i < n && !is_special((unsigned char)s[i]))
			i++;
		text_addn(t, s + start, i - start);
		if (i < n)
			i += add_special(t, s + i, n - i);
	}
	put(t, '"');
}

void jw_textn(struct json_writer *w, const char *s, size_t n)
{
	struct text clean;

	separate(w);
	if (utf8_valid(s, n)) {
		add_quoted(w->out, s, n);
		return;
	}

	/* Never emit broken UTF-8: what is not valid becomes U+FFFD, byte by byte. */
	text_init(&clean, w->out->mem);
	for (size_t i = 0; i < n;) {
		size_t len = character(s + i, n - i);

		if (len)
			text_addn(&clean, s + i, len);
		else
			utf8_add(&clean, 0xFFFD);
		i += len ? len : 1;
	}
	add_quoted(w->out, clean.s, clean.len);
}

void jw_text(struct json_writer *w, const char *s)
{
	if (s)
		jw_textn(w, s, strlen(s));
	else
		jw_null(w);
}

void jw_key_any(struct json_writer *w, const char *key)
{
	jw_text(w, key);
	put(w->out, ':');
	w->comma = false;
}

void jw_int(struct json_writer *w, int64_t n)
{
	separate(w);
	text_add_int(w->out, n);
}

void jw_id(struct json_writer *w, int64_t id)
{
	separate(w);
	put(w->out, '"');
	text_add_int(w->out, id);
	put(w->out, '"');
}

void jw_real(struct json_writer *w, double r)
{
	char digits[32];

	if (!isfinite(r)) {
		jw_null(w);
		return;
	}
	separate(w);
	/* The shortest text that reads back as the same number. */
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, r);
		if (strtod(digits, NULL) == r)
			break;
	}
	text_add(w->out, digits);
}

void jw_bool(struct json_writer *w, bool b)
{
	separate(w);
	text_add(w->out, b ? "true" : "false");
}

void jw_null(struct json_writer *w)
{
	separate(w);
	text_add(w->out, "null");
}

void jw_raw(struct json_writer *w, const char *json)
{
	separate(w);
	text_add(w->out, json);
}

void jw_json(struct json_writer *w, const struct json *j)
{
	switch (j->kind) {
	case JSON_NULL:
		jw_null(w);
		return;
	case JSON_BOOL:
		jw_bool(w, j->b);
		return;
	case JSON_INT:
	case JSON_REAL:
		jw_raw(w, j->text);
		return;
	case JSON_TEXT:
		jw_textn(w, j->text, j->len);
		return;
	case JSON_ARRAY:
		jw_array(w);
		for (const struct json *child = j->first; child; child = child->next)
			jw_json(w, child);
		jw_array_end(w);
		return;
	case JSON_OBJECT:
		jw_object(w);
		for (const struct json *child = j->first; child; child = child->next) {
			jw_key_any(w, child->key);
			jw_json(w, child);
		}
		jw_object_end(w);
		return;
	}
}
