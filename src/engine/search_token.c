#include "engine/search_inner.h"

#include <unicode/uchar.h>

#include "engine/pinyin.h"
#include "engine/type.h"

/* Writing tokens */

static void put(struct text *out, const char *mark, const char *s, size_t n)
{
	if (out->len)
		text_addc(out, ' ');
	text_add(out, mark);
	text_addn(out, s, n);
}

/* Letters and digits of any script but the Chinese. */
static bool is_word(uint32_t c)
{
	return !utf8_is_han(c) && (u_isalnum((UChar32)c) || u_charType((UChar32)c) == U_NON_SPACING_MARK);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Folded, in simplified characters, at most SEARCH_CHARS of them. */
static char *normal(struct arena *mem, const char *s)
{
	const char *p = text_fold(mem, utf8_cut(mem, s, SEARCH_CHARS));
	struct text t;

	text_init(&t, mem);
	while (*p)
		utf8_add(&t, han_simple(utf8_next(&p)));
	return t.s;
}

/* A stretch of text of one kind. */
struct run {
	const char *s;
	size_t n;                       /* bytes */
	size_t characters;
	bool han;
};

/* The next run at *s, moved behind it; false at the end. */
static bool next_run(const char **s, struct run *ret)
{
	const char *p = *s;
	uint32_t c = 0;

	while (*p) {
		*s = p;
		c = utf8_next(&p);
		if (utf8_is_han(c) || is_word(c))
			break;
		*s = p;
	}
	if (!**s)
		return false;
	*ret = (struct run){ .s = *s, .han = utf8_is_han(c) };
	do {
		ret->n = (size_t)(p - ret->s);
		ret->characters++;
		if (!*p)
			break;
		c = utf8_next(&p);
	} while (ret->han ? utf8_is_han(c) : is_word(c));
	*s = ret->s + ret->n;
	return true;
}

static size_t first_bytes(const char *s, size_t n, size_t most)
{
	if (n <= most)
		return n;
	while (most && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	return most;
}

/* Overlapping groups of so many characters. */
static void put_han(struct text *out, const struct run *r, size_t together)
{
	const char *first = r->s;
	const char *end = r->s;

	for (size_t i = 0; i < r->characters; i++) {
		utf8_next(&end);
		if (i + 1 < together)
			continue;
		put(out, "", first, (size_t)(end - first));
		utf8_next(&first);
	}
}

/* The word, and its rest from each change between letters and digits: gtx4060 is found by 4060. */
static void put_word(struct text *out, const struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (i == 0 || (is_digit(r->s[i]) != is_digit(r->s[i - 1]) &&
		               ((unsigned char)r->s[i] & 0xc0) != 0x80))
			put(out, "", r->s + i, first_bytes(r->s + i, r->n - i, SEARCH_WORD));
}

/* The digits of each number in a text, from each digit on. */
static void put_digits(struct text *out, const char *s)
{
	char digits[SEARCH_DIGITS];
	size_t n = 0;

	for (;; s++) {
		if (is_digit(*s)) {
			if (n < SEARCH_DIGITS)
				digits[n++] = *s;
			continue;
		}
		/* Blanks, dashes and brackets lie within a number. */
		if (*s && strchr(" -()+.", *s))
			continue;
		for (size_t i = 0; i + SEARCH_DIGITS_MIN <= n; i++)
			put(out, "#", digits + i, n - i);
		n = 0;
		if (!*s)
			return;
	}
}

/* Reading titles aloud */

/* A character with its readings, or a word with itself. */
struct unit {
	const char *readings[READINGS];
	size_t n;
	bool han;
};

static size_t units_of(struct arena *mem, const char *normal_title, struct unit ret[SEARCH_UNITS])
{
	const char *p = normal_title;
	struct run r;
	size_t n = 0;

	while (n < SEARCH_UNITS && next_run(&p, &r)) {
		const char *c = r.s;

		if (!r.han) {
			ret[n++] = (struct unit){ .readings = { arena_dupn(mem, r.s, r.n) }, .n = 1 };
			continue;
		}
		for (size_t i = 0; i < r.characters && n < SEARCH_UNITS; i++) {
			struct unit u = { .han = true };

			u.n = pinyin_readings(utf8_next(&c), u.readings);
			if (u.n)
				ret[n++] = u;
		}
	}
	return n;
}

struct combinations {
	char list[SEARCH_COMBINATIONS][SEARCH_READ + 1];
	size_t n;
};

static void combination_add(struct combinations *to, const char *head, const char *tail, size_t n,
                            size_t most)
{
	if (to->n == SEARCH_COMBINATIONS)
		return;

	char *s = to->list[to->n];
	size_t len = strlen(head);

	if (n > most - len)
		n = most - len;
	memcpy(s, head, len);
	memcpy(s + len, tail, n);
	s[len + n] = '\0';
	for (size_t i = 0; i < to->n; i++)
		if (text_eq(to->list[i], s))
			return;
	to->n++;
}

/*
 * How the units read one after another, `most` letters at most; only their
 * first letters if `initials`.  Usual readings come first, and second readings of early
 * characters before those of late ones: it is the beginning that gets typed.
 */
static void combine(const struct unit *u, size_t n, bool initials, struct combinations *ret)
{
	size_t most = initials ? SEARCH_INITIALS : SEARCH_READ;

	ret->n = 1;
	ret->list[0][0] = '\0';
	for (size_t i = 0; i < n && strlen(ret->list[0]) < most; i++) {
		struct combinations next = { .n = 0 };

		for (size_t k = 0; k < u[i].n; k++) {
			const char *reading = u[i].readings[k];
			size_t len = initials && u[i].han ? 1 : strlen(reading);

			for (size_t c = 0; c < ret->n; c++)
				combination_add(&next, ret->list[c], reading, len, most);
		}
		*ret = next;
	}
}

static void put_combinations(struct text *out, const char *mark, const struct combinations *c)
{
	for (size_t k = 0; k < c->n; k++)
		if (c->list[k][0] && c->list[k][1])
			put(out, mark, c->list[k], strlen(c->list[k]));
}

/*
 * How many characters at the end only say what kind of company it is.  Nothing is
 * read from there on: half of all names would answer to "yx" and "gs", and hide
 * those that are meant.
 */
static size_t legal_form(const char *s)
{
	static const char *const forms[] = { "有限责任公司", "有限公司", "公司", "股份", "集团" };
	size_t len = strlen(s);
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(forms); i++) {
		size_t bytes = strlen(forms[i]);

		if (bytes >= len || memcmp(s + len - bytes, forms[i], bytes) != 0)
			continue;
		len -= bytes;
		n += bytes / strlen("有");
		i = (size_t)-1;         /* 集团股份有限公司: from the top again */
	}
	return n;
}

static void put_reading(struct arena *mem, struct text *out, const char *normal_title)
{
	struct unit units[SEARCH_UNITS];
	struct combinations c;
	size_t n = units_of(mem, normal_title, units);
	size_t tail = n < SEARCH_UNITS ? legal_form(normal_title) : 0;

	while (n && !units[n - 1].han)
		n--;            /* words alone are tokens already */
	for (size_t i = 0; i + tail < n; i++) {
		combine(units + i, n - i, false, &c);
		put_combinations(out, "_", &c);
		combine(units + i, n - i, true, &c);
		put_combinations(out, "-", &c);
	}
}

/* The text without anything between its characters and words, at most SEARCH_START of them. */
static char *joined(struct arena *mem, const char *normal_text)
{
	struct run r;
	struct text t;

	text_init(&t, mem);
	while (next_run(&normal_text, &r))
		text_addn(&t, r.s, r.n);
	return utf8_cut(mem, t.s, SEARCH_START);
}

/* How a title begins, written and read: what is meant is found however many others fit. */
static void put_start(struct arena *mem, struct text *out, const char *title)
{
	const char *s = normal(mem, title);
	const char *start = joined(mem, s);
	struct unit units[SEARCH_UNITS];
	struct combinations c;
	size_t n = units_of(mem, s, units);

	if (!*start)
		return;
	put(out, "=", start, strlen(start));
	while (n && !units[n - 1].han)
		n--;
	combine(units, n, false, &c);
	put_combinations(out, "=_", &c);
	combine(units, n, true, &c);
	put_combinations(out, "=-", &c);
}

void search_tokens(struct arena *mem, const char *s, bool title, bool digits, struct text *out)
{
	const char *folded = normal(mem, s);
	const char *p = folded;
	struct run r;

	while (next_run(&p, &r)) {
		if (r.han) {
			put_han(out, &r, 1);
			put_han(out, &r, 2);
		} else {
			put_word(out, &r);
		}
	}
	if (title)
		put_reading(mem, out, folded);
	if (digits)
		put_digits(out, folded);
}

bool search_field(const struct field *f)
{
	return f->search && !f->computed && !f->internal && !f->hidden &&
	       (f->type == TYPE_TEXT || f->type == TYPE_LONG || f->type == TYPE_PHONE ||
	        f->type == TYPE_EMAIL || f->type == TYPE_URL || f->type == TYPE_NUMBER);
}

void value_tokens(struct arena *mem, const struct field *f, const char *s, struct text *out)
{
	/* Any short text may be a name. */
	search_tokens(mem, s, f->type == TYPE_TEXT, f->type == TYPE_PHONE, out);
	if (f == f->object->title)
		put_start(mem, out, s);
}

void field_tokens(struct arena *mem, const struct field *f, struct value v, struct text *out)
{
	struct text own;
	char **tokens;

	if (v.kind != V_TEXT)
		return;
	text_init(&own, mem);
	value_tokens(mem, f, v.s, &own);
	if (f->read.n == 0) {
		if (own.len)
			put(out, "", own.s, own.len);
		return;
	}

	const char *mark = fmt(mem, "%s:", f->name);
	size_t n = text_split(mem, own.s, ' ', &tokens);

	for (size_t i = 0; i < n; i++)
		put(out, mark, tokens[i], strlen(tokens[i]));
}

/* Reading what a person typed */

static void want(struct group *g, const char *token, bool prefix)
{
	g->wanted[g->n++] = (struct wanted){ token, prefix };
}

static struct group *group_add(struct words *w)
{
	return w->n < SEARCH_GROUPS ? &w->groups[w->n++] : NULL;
}

static void want_han(struct arena *mem, struct words *w, const struct run *r)
{
	struct text pairs;
	char **list;

	text_init(&pairs, mem);
	put_han(&pairs, r, r->characters > 1 ? 2 : 1);

	size_t n = text_split(mem, pairs.s, ' ', &list);

	for (size_t i = 0; i < n; i++) {
		struct group *g = group_add(w);

		if (g)
			want(g, list[i], false);
	}
}

static void want_word(struct arena *mem, struct words *w, const struct run *r)
{
	struct group *g = group_add(w);
	size_t letters = 0;
	size_t digits = 0;

	if (!g)
		return;
	for (size_t i = 0; i < r->n; i++) {
		letters += r->s[i] >= 'a' && r->s[i] <= 'z';
		digits += is_digit(r->s[i]);
	}
	want(g, arena_dupn(mem, r->s, first_bytes(r->s, r->n, SEARCH_WORD)), true);
	/* A single letter asks for words only: it is the initial of nearly everything. */
	if (letters && letters + digits == r->n && r->n > 1) {
		int n = (int)(r->n < SEARCH_READ ? r->n : SEARCH_READ);

		want(g, fmt(mem, "_%.*s", n, r->s), true);
		if (r->n <= SEARCH_INITIALS)
			want(g, fmt(mem, "-%.*s", n, r->s), true);
	}
	if (digits == r->n && digits >= SEARCH_DIGITS_MIN)
		want(g, fmt(mem, "#%.*s", (int)(digits < SEARCH_DIGITS ? digits : SEARCH_DIGITS), r->s), true);
}

/* Titles that begin with what was typed, as written or as read. */
static void want_start(struct arena *mem, struct words *w)
{
	const char *start = joined(mem, w->folded);
	size_t n = strlen(start);

	if (!n)
		return;
	want(&w->start, fmt(mem, "=%s", start), true);
	if (n < 2 || strspn(start, "abcdefghijklmnopqrstuvwxyz0123456789") != n)
		return;
	want(&w->start, fmt(mem, "=_%s", start), true);
	if (n <= SEARCH_INITIALS)
		want(&w->start, fmt(mem, "=-%s", start), true);
}

void words_read(struct arena *mem, const char *s, struct words *ret)
{
	struct run r;
	size_t n = 0;
	size_t cap = 0;

	*ret = (struct words){ .folded = normal(mem, utf8_cut(mem, s, SEARCH_ASKED)) };

	const char *p = ret->folded;

	want_start(mem, ret);
	/* +86 138 0013 8000 is one thing, not four. */
	if (*p == '+' && strspn(p, "+0123456789 -()") == strlen(p))
		p = phone_digits(mem, p);
	while (n < SEARCH_GROUPS && next_run(&p, &r)) {
		ret->parts = arena_grow(mem, ret->parts, &cap, n + 2, sizeof *ret->parts);
		ret->parts[n++] = arena_dupn(mem, r.s, r.n);
		ret->parts[n] = NULL;
		if (r.han)
			want_han(mem, ret, &r);
		else
			want_word(mem, ret, &r);
	}
}

/* Comparing */

/* Does the word spell what is read from here on? */
static bool reads(const struct unit *u, size_t n, const char *word, bool initials)
{
	if (!*word)
		return true;
	if (!n)
		return false;
	for (size_t k = 0; k < u->n; k++) {
		const char *r = u->readings[k];
		size_t len = initials && u->han ? 1 : strlen(r);
		size_t same = 0;

		if (initials && k && r[0] == u->readings[k - 1][0])
			continue;       /* lv, lu: once is enough, twice doubles with every character */
		while (same < len && word[same] && r[same] == word[same])
			same++;
		if (!word[same] || (same == len && reads(u + 1, n - 1, word + same, initials)))
			return true;
	}
	return false;
}

static bool is_ascii(const char *s)
{
	return (unsigned char)*s < 0x80;
}

enum rank title_rank(struct arena *mem, const char *title, const struct words *w)
{
	const char *folded = normal(mem, title);
	const char *at = strstr(folded, w->folded);
	struct unit units[SEARCH_UNITS];

	if (at)
		return at != folded ? RANK_CONTAINS : at[strlen(w->folded)] ? RANK_STARTS : RANK_EXACT;

	size_t n = units_of(mem, folded, units);
	bool from_start = !w->parts[1];

	for (const char **part = w->parts; *part; part++) {
		bool found = strstr(folded, *part) != NULL;

		for (size_t i = 0; !found && i < n && is_ascii(*part); i++) {
			found = reads(units + i, n - i, *part, false) || reads(units + i, n - i, *part, true);
			from_start &= !found || i == 0;
		}
		if (!found)
			return RANK_OTHER;
	}
	return from_start ? RANK_READ : RANK_INSIDE;
}

bool group_in(const struct group *g, const char *tokens)
{
	for (size_t i = 0; i < g->n; i++) {
		const char *token = g->wanted[i].token;
		size_t len = strlen(token);

		for (const char *p = tokens; (p = strstr(p, token)); p++)
			if ((p == tokens || p[-1] == ' ') &&
			    (g->wanted[i].prefix || p[len] == ' ' || !p[len]))
				return true;
	}
	return false;
}

/*
 * Can the text hold the token at all?  Never no where it does.  Making the tokens of a text costs
 * ten times what looking at it does.
 */
static bool may_hold(struct arena *mem, const struct field *f, const char *folded, const char *token)
{
	struct unit units[SEARCH_UNITS];
	size_t n;

	if (*token == '#')
		return f->type == TYPE_PHONE;
	if (*token != '_' && *token != '-')
		return strstr(folded, token) != NULL;
	if (f->type != TYPE_TEXT)
		return false;
	n = units_of(mem, folded, units);
	for (size_t i = 0; i < n; i++)
		if (reads(units + i, n - i, token + 1, *token == '-'))
			return true;
	return false;
}

uint32_t value_answers(struct arena *mem, const struct field *f, const char *s, const struct words *w)
{
	const char *folded = normal(mem, s);
	bool title = f == f->object->title && w->start.n;
	bool plausible = false;
	struct text tokens;
	uint32_t ret = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct group *g = &w->groups[i];

		/* Chinese characters are tokens just as they stand. */
		if (!g->wanted[0].prefix && strstr(folded, g->wanted[0].token))
			ret |= UINT32_C(1) << i;
		for (size_t k = 0; k < g->n && g->wanted[0].prefix && !plausible; k++)
			plausible = may_hold(mem, f, folded, g->wanted[k].token);
	}
	if (title && text_starts(joined(mem, folded), w->start.wanted[0].token + 1))
		ret |= ANSWERS_START;
	for (size_t k = 1; title && k < w->start.n && !plausible; k++)
		plausible = may_hold(mem, f, folded, w->start.wanted[k].token + 1);
	if (!plausible)
		return ret;
	text_init(&tokens, mem);
	value_tokens(mem, f, s, &tokens);
	for (size_t i = 0; i < w->n; i++)
		if (group_in(&w->groups[i], tokens.s))
			ret |= UINT32_C(1) << i;
	if (title && group_in(&w->start, tokens.s))
		ret |= ANSWERS_START;
	return ret;
}
