/*
 * request_fuzz: headers as the library cuts them, judged by trial.c and by a
 * second parser that reads the raw bytes; and any bytes as path, query, cookie,
 * address.
 *
 *     clang -std=c17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -I. \
 *         tests/fuzz/request_fuzz.c src/http/{wire,trial}.c src/base/{arena,text}.c \
 *         -o request_fuzz
 *     ./request_fuzz -max_total_time=300
 *     ./request_fuzz --selftest      proves that a wrong verdict would be found
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "http/trial.h"
#include "http/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "request_fuzz: %s\n", what);
		abort();
	}
}

/* ---- the library, as far as it matters ------------------------------------------- */

/* Ends the line at *at with zeros like libmicrohttpd and moves behind it; NULL if incomplete. */
static char *cut_line(char *buffer, size_t size, size_t *at)
{
	char *line = buffer + *at;
	char *end = memchr(line, '\n', size - *at);

	if (!end)
		return NULL;
	*at = (size_t)(end + 1 - buffer);
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	*end = '\0';
	return line;
}

struct cut {
	struct http_header headers[HTTP_HEADERS + 8];
	size_t n;
	size_t end;                     /* behind the blank line; 0: none */
};

static bool cut_header(struct cut *c, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || c->n == LENGTH(c->headers))
		return false;
	*colon++ = '\0';
	c->headers[c->n++] = (struct http_header){ line, colon + strspn(colon, " \t") };
	return true;
}

/* Cuts what follows the version; false if the library itself refuses. */
static bool cut_headers(struct arena *mem, char *buffer, size_t size, size_t at, struct cut *c)
{
	for (;;) {
		char *line = cut_line(buffer, size, &at);

		if (!line)
			return true;
		if (!*line) {
			c->end = at;
			return true;
		}
		if (c->n > 0 && (*line == ' ' || *line == '\t')) {
			/* It glues a folded line to the name, elsewhere in memory. */
			struct http_header *h = &c->headers[c->n - 1];

			h->name = fmt(mem, "%s%s", h->name, line + strspn(line, " \t"));
		} else if (!cut_header(c, line)) {
			return false;
		}
	}
}

static int verdict(struct arena *mem, const char *block, size_t size, size_t *ret_end)
{
	static const char version[] = "HTTP/1.1";
	size_t at = sizeof version + 1;
	char *buffer = mem_alloc(at + size);
	struct cut c = { 0 };
	struct trial t;

	memcpy(buffer, version, sizeof version);
	if (size)
		memcpy(buffer + at, block, size);

	int status = 400;

	if (cut_headers(mem, buffer, at + size, at, &c) && c.end) {
		trial_start(&t, mem, buffer);
		for (size_t i = 0; i < c.n; i++)
			if (!trial_header(&t, c.headers[i].name, strlen(c.headers[i].name),
			                  c.headers[i].value, strlen(c.headers[i].value)))
				break;
		status = trial_end(&t, buffer, buffer + c.end);
		if (!status)
			trial_take(&t, mem, buffer, c.end);
		*ret_end = c.end - at;
	}
	free(buffer);
	return status;
}

/* ---- the second parser: strict lines of the raw bytes ---------------------------- */

struct seen {
	int hosts, lengths, codings;
	bool bad;
};

static bool is(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

static void see(struct seen *seen, const char *name, size_t n, const char *value, size_t length)
{
	char copy[32] = "";

	while (length > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		length--;
	}
	if (is(name, n, "host")) {
		seen->hosts++;
		for (size_t i = 0; i < length; i++)
			seen->bad |= !((value[i] | 32) >= 'a' && (value[i] | 32) <= 'z') &&
			             !(value[i] >= '-' && value[i] <= ':' && value[i] != '/') &&
			             value[i] != '_' && value[i] != '[' && value[i] != ']';
		seen->bad |= length == 0;
	} else if (is(name, n, "content-length")) {
		seen->lengths++;
		memcpy(copy, value, length < 31 ? length : 31);
		seen->bad |= length == 0 || strspn(copy, "0123456789") != length;
		/* Near the end of 64 bits both answers are right. */
		seen->bad |= length > 20;
	} else if (is(name, n, "transfer-encoding")) {
		seen->codings++;
		seen->bad |= !is(value, length, "chunked");
	}
}

/* Whether the block is sound; *ret_end behind its blank line. */
static bool sound(const char *s, size_t size, size_t *ret_end)
{
	struct seen seen = { 0 };
	size_t at = 0;

	for (int n = 0; n <= HTTP_HEADERS; n++) {
		const char *line = s + at;
		const char *lf = memchr(line, '\n', size - at);

		if (!lf || lf == line || lf[-1] != '\r')
			return false;

		size_t length = (size_t)(lf - 1 - line);
		size_t name = 0;

		at = (size_t)(lf + 1 - s);
		if (length == 0) {
			*ret_end = at;
			return !seen.bad && seen.hosts == 1 && seen.lengths + seen.codings <= 1;
		}
		while (name < length && line[name] && (strchr("!#$%&'*+-.^_`|~", line[name]) ||
		       (line[name] >= '0' && line[name] <= '9') ||
		       ((line[name] | 32) >= 'a' && (line[name] | 32) <= 'z')))
			name++;
		if (name == 0 || name == length || line[name] != ':')
			return false;
		for (size_t i = name + 1; i < length; i++)
			if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 127)
				return false;
		see(&seen, line, name, line + name + 1, length - name - 1);
	}
	return false;
}

/* Whether NULs stand only where lines end, which trial.c cannot see. */
static bool only_at_ends(const char *s, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (s[i])
			continue;

		size_t n = 1;

		while (i + n < size && n < 3 && s[i + n] != '\n' && (!s[i + n] || s[i + n] == '\r'))
			n++;
		if (i + n >= size || s[i + n] != '\n')
			return false;
	}
	return true;
}

static bool long_number(const char *s, size_t size)
{
	size_t run = 0;

	for (size_t i = 0; i < size && run < 19; i++)
		run = s[i] >= '0' && s[i] <= '9' ? run + 1 : 0;
	return run >= 19;
}

static void headers(struct arena *mem, const char *s, size_t size)
{
	size_t ours = 0;
	size_t theirs = 0;
	int status = verdict(mem, s, size, &ours);

	if (long_number(s, size))
		return;
	if (status == 0 && memchr(s, '\0', ours)) {
		must(only_at_ends(s, ours), "a NUL inside a line");
		return;
	}
	must((status == 0) == sound(s, size, &theirs), "the parsers disagree about headers");
	must(status != 0 || ours == theirs, "the parsers disagree about the end");
}

/* ---- paths, queries, cookies, addresses -------------------------------------------- */

static void paths(struct arena *mem, const char *s, size_t size)
{
	char *path = wire_path(mem, s, size);
	struct text again;

	if (!path)
		return;
	must(path[0] == '/' && utf8_valid(path, strlen(path)), "a path that is none");
	must(!strstr(path, "/../") && !strstr(path, "/./") && !text_ends(path, "/..") &&
	     !text_ends(path, "/."), "a path with dots");
	for (const char *p = path; *p; p++)
		must((unsigned char)*p >= ' ' && *p != 127, "a path with control characters");

	/* Segment by segment encoded again it is the same path. */
	text_init(&again, mem);
	for (const char *p = path + 1; p;) {
		size_t n = strcspn(p, "/");

		text_addc(&again, '/');
		text_url_encode(&again, arena_dupn(mem, p, n));
		p = p[n] ? p + n + 1 : NULL;
	}
	must(text_eq(wire_path(mem, again.s, again.len), path), "a path that changes");
}

static void params(struct arena *mem, const char *s)
{
	struct text query;

	wire_param(mem, s, "q");
	if (!utf8_valid(s, strlen(s)))
		return;

	/* Any text is found again, as name and as value, behind anything without "&". */
	text_init(&query, mem);
	text_add(&query, "zz=1&");
	text_url_encode(&query, s);
	text_add(&query, "=");
	text_url_encode(&query, s);
	if (*s && !text_eq(s, "zz"))
		must(text_eq(wire_param(mem, query.s, s), s), "a parameter is lost");
}

static void cookies(struct arena *mem, const char *s)
{
	char *value = wire_cookie(mem, s, "c");

	must(!value || !strchr(value, ';'), "a cookie runs on");
	if (!value)
		must(text_eq(wire_cookie(mem, fmt(mem, "%s;c=x", s), "c"), "x"), "a cookie is lost");
	else
		must(text_eq(wire_cookie(mem, fmt(mem, "%s;c=x", s), "c"), value), "not the first");
}

static void addresses(struct arena *mem, const char *s)
{
	char *address = wire_address(mem, s);
	char *host, *port;
	uint64_t n;

	if (address)
		must(text_eq(wire_address(mem, address), address), "an address with two spellings");
	wire_forwarded(mem, s);
	if (wire_listen(mem, s, &host, &port))
		must(*host && wire_length(port, &n) && n <= 65535, "no place to listen at");
	must(!wire_host(s) || wire_value(s, strlen(s)), "a host with control characters");
	must(!wire_token(s, strlen(s)) || wire_value(s, strlen(s)), "a token that is no value");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem;

	arena_init(&mem, 0);

	/* A copy of its exact size, so that reading past the end is seen. */
	char *s = mem_grow(NULL, size);

	if (size)
		memcpy(s, data, size);
	headers(&mem, s, size);
	paths(&mem, s, size);
	free(s);

	char *text = arena_dupn(&mem, (const char *)data, size);

	params(&mem, text);
	cookies(&mem, text);
	addresses(&mem, text);
	arena_done(&mem);
	return 0;
}

/* Blocks that differ from a sound one in one thing: the second parser must refuse each. */
static int selftest(void)
{
	static const char good[] = "Host: a\r\nX: b\r\n\r\n";
	static const struct {
		const char *text;
		size_t size;
	} planted[] = {
#define PLANTED(text) { text, sizeof(text) - 1 }
		PLANTED("Host: a\nX: b\r\n\r\n"),
		PLANTED("Host: a\r\nX: b\n\r\n"),
		PLANTED("Host: a\r\nX: b\r\n\n"),
		PLANTED("Host: a\r\nX: b\0c\r\n\r\n"),
		PLANTED("Host: a\r\nX: b\rc\r\n\r\n"),
		PLANTED("Host: a\r\nX: b\r\n c\r\n\r\n"),
		PLANTED("Host: a\r\nX : b\r\n\r\n"),
		PLANTED("Host: a\r\n: b\r\n\r\n"),
		PLANTED("Host: a\r\nX\r\n\r\n"),
		PLANTED("Host: a\r\nHost: a\r\n\r\n"),
		PLANTED("Host: a b\r\nX: b\r\n\r\n"),
		PLANTED("X: b\r\n\r\n"),
		PLANTED("Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
		PLANTED("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
		PLANTED("Host: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
		PLANTED("Host: a\r\nContent-Length: +1\r\n\r\n"),
		PLANTED("Host: a\r\nX: b\r\n"),
	};
	size_t end = 0;
	int missed = !sound(good, sizeof good - 1, &end) || end != sizeof good - 1;

	for (size_t i = 0; i < LENGTH(planted); i++) {
		if (sound(planted[i].text, planted[i].size, &end)) {
			fprintf(stderr, "request_fuzz: number %zu passes\n", i);
			missed++;
		}
	}
	printf("request_fuzz: %zu planted, %d missed\n", LENGTH(planted), missed);
	return missed ? 1 : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (int i = 1; i < *argc; i++)
		if (text_eq((*argv)[i], "--selftest"))
			exit(selftest());
	return 0;
}
