#include "http/trial.h"

#include <strings.h>

#include "http/wire.h"

void trial_start(struct trial *t, struct arena *mem, const char *version)
{
	*t = (struct trial){
		.expected = version + strlen(version) + 2,
		.headers = arena_array(mem, HTTP_HEADERS, sizeof *t->headers),
	};
}

static void convict(struct trial *t, int status)
{
	if (!t->status)
		t->status = status;
}

/* Headers that steer the connection must not be there twice. */
static void keep_single(struct trial *t, const char **place, const char *value)
{
	if (*place)
		convict(t, 400);
	*place = value;
}

/* Where a CRLF stood; one of them may have been a NUL, see trial.h. */
static bool is_cut(const char *end)
{
	return end[0] == '\0' && end[1] == '\0';
}

static bool is_sound(const struct trial *t, const char *name, size_t name_length,
                     const char *value, size_t length)
{
	const char *blank = name + name_length + 1;

	if (name != t->expected || !wire_token(name, name_length))
		return false;
	while (blank < value && (*blank == ' ' || *blank == '\t'))
		blank++;
	return blank == value && wire_value(value, length) && is_cut(value + length);
}

bool trial_header(struct trial *t, const char *name, size_t name_length, const char *value,
                  size_t length)
{
	if (t->n == HTTP_HEADERS) {
		convict(t, 431);
		return false;
	}
	if (!is_sound(t, name, name_length, value, length)) {
		convict(t, 400);
		return false;
	}
	if (strcasecmp(name, "Host") == 0)
		keep_single(t, &t->host, value);
	else if (strcasecmp(name, "Content-Length") == 0)
		keep_single(t, &t->length, value);
	else if (strcasecmp(name, "Transfer-Encoding") == 0)
		keep_single(t, &t->coding, value);
	t->headers[t->n++] = (struct http_header){ name, value };
	t->expected = value + length + 2;
	return true;
}

int trial_end(struct trial *t, const char *version, const char *end)
{
	const bool old = strcmp(version, "HTTP/1.0") == 0;

	if (t->status)
		return t->status;
	if (t->expected + 2 != end || !is_cut(t->expected))
		return 400;
	if (t->host ? !wire_host(t->host) : !old)
		return 400;
	if (t->length && !wire_length(t->length, &t->announced))
		return 400;
	if (t->coding && (t->length || old))
		return 400;
	if (t->coding && strcasecmp(t->coding, "chunked") != 0)
		return 501;
	return 0;
}

void trial_take(struct trial *t, struct arena *mem, const char *from, size_t size)
{
	char *copy = arena_alloc(mem, size);

	memcpy(copy, from, size);
	for (size_t i = 0; i < t->n; i++) {
		struct http_header *h = &t->headers[i];
		char *value = copy + (h->value - from);
		size_t length = strlen(value);

		while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
			value[--length] = '\0';
		*h = (struct http_header){ copy + (h->name - from), value };
	}
}
