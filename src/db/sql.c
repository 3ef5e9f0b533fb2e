#include "db/sql.h"

struct reader {
	const char *s;                  /* the whole text */
	struct arena *mem;
	struct sql_name *names;
	size_t count, cap;
	struct text numbered;
	const char *error;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of other alphabets are letters for both databases. */
static bool is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '$' || (unsigned char)c >= 0x80;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* All of these return the place behind what they read, or NULL with r->error. */

static const char *refuse(struct reader *r, const char *error)
{
	r->error = error;
	return NULL;
}

static const char *read_quoted(struct reader *r, const char *p)
{
	char quote = *p++;

	for (;; p++) {
		if (!*p)
			return refuse(r, "a quote is not closed");
		if (*p != quote)
			continue;
		if (p[1] != quote)
			return p + 1;
		p++;                    /* doubled: the quote itself */
	}
}

/* PostgreSQL ends the line at \r too, SQLite does not. */
static const char *read_line_comment(struct reader *r, const char *p)
{
	while (*p && *p != '\n') {
		if (*p == '\r')
			return refuse(r, "carriage return in a comment");
		p++;
	}
	return p;
}

/* PostgreSQL nests comments, SQLite does not. */
static const char *read_comment(struct reader *r, const char *p)
{
	for (p += 2; *p; p++) {
		if (p[0] == '*' && p[1] == '/')
			return p + 2;
		if (p[0] == '/' && p[1] == '*')
			return refuse(r, "comment within a comment");
	}
	return refuse(r, "a comment is not closed");
}

/* `x'` and `e'` begin strings with rules of their own; so does PostgreSQL's `u&'`. */
static const char *read_word(struct reader *r, const char *p)
{
	const char *from = p;

	if (strncmp(p, "\xEF\xBB\xBF", 3) == 0)     /* white space for SQLite only */
		return refuse(r, "byte order mark");
	while (is_word(*p))
		p++;
	if (*p == '\'')
		return refuse(r, "a string needs a blank in front");
	if (p - from == 1 && (*from == 'u' || *from == 'U') && p[0] == '&'
	    && (p[1] == '\'' || p[1] == '"'))
		return refuse(r, "a string needs a blank in front");
	return p;
}

static const char *read_number(struct reader *r, const char *p)
{
	while (is_word(*p) || *p == '.') {
		if (*p == '$')
			return refuse(r, "$ within a number");
		p++;
	}
	if (*p == '\'')
		return refuse(r, "a string needs a blank in front");
	return p;
}

/* The number of the name, from 0; new names are added. */
static size_t name_number(struct reader *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->names[i].len == len && memcmp(r->s + r->names[i].at, name, len) == 0)
			return i;
	r->names = arena_grow(r->mem, r->names, &r->cap, r->count + 1, sizeof *r->names);
	r->names[r->count] = (struct sql_name){ .at = (size_t)(name - r->s), .len = len };
	return r->count++;
}

static const char *read_parameter(struct reader *r, const char *p)
{
	const char *name = ++p;

	if (!is_letter(*p))
		return refuse(r, "$ without a name");
	while (is_letter(*p) || is_digit(*p))
		p++;
	/* A second $ would begin a dollar quote; SQLite takes a bracket into the name. */
	if (is_word(*p) || *p == '(' || *p == '\'')
		return refuse(r, "a $name ends in a strange way");
	if (r->count == SQL_NAMES)
		return refuse(r, "too many $names");
	text_addf(&r->numbered, "$%zu", name_number(r, name, (size_t)(p - name)) + 1);
	return p;
}

static const char *read_token(struct reader *r, const char *p)
{
	if (*p == '\'' || *p == '"')
		return read_quoted(r, p);
	if (p[0] == '-' && p[1] == '-')
		return read_line_comment(r, p);
	if (p[0] == '/' && p[1] == '*')
		return read_comment(r, p);
	if (is_digit(*p))
		return read_number(r, p);
	if (is_word(*p))
		return read_word(r, p);
	if (*p == '[' || *p == '`')
		return refuse(r, "names are not quoted this way");
	return p + 1;
}

static bool is_filler(const char *p)
{
	return is_space(*p) || (p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*');
}

bool sql_read(struct arena *mem, const char *s, struct sql *ret)
{
	struct reader r = { .s = s, .mem = mem };
	bool ended = false;

	text_init(&r.numbered, mem);
	for (const char *p = s; *p && !r.error;) {
		const char *from = p;

		if (*p == ';') {
			ended = true;
			p++;
			continue;
		}
		if (ended && !is_filler(p)) {
			r.error = "more than one statement";
			break;
		}
		if (*p == '$') {
			p = read_parameter(&r, p);
		} else {
			p = read_token(&r, p);
			if (p)
				text_addn(&r.numbered, from, (size_t)(p - from));
		}
		if (!p)
			break;
	}
	*ret = (struct sql){
		.error = r.error,
		.names = r.names,
		.count = r.count,
		.numbered = r.numbered.s,
	};
	return !r.error;
}
