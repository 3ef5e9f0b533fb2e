#include "http/wire.h"

#include <arpa/inet.h>

static const char *const methods[] = {
	"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS",
};

const char *wire_method(const char *s)
{
	for (size_t i = 0; i < LENGTH(methods); i++)
		if (strcmp(s, methods[i]) == 0)
			return methods[i];
	return NULL;
}

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool wire_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_letter_or_digit(s[i]) && (!s[i] || !strchr("!#$%&'*+-.^_`|~", s[i])))
			return false;
	return n > 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

bool wire_value(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_control(s[i]) && s[i] != '\t')
			return false;
	return true;
}

bool wire_host(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!is_letter_or_digit(*p) && !strchr(".-_:[]", *p))
			return false;
	return *s;
}

bool wire_length(const char *s, uint64_t *ret_length)
{
	uint64_t n = 0;

	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9' || n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	if (!*s)
		return false;
	*ret_length = n;
	return true;
}

bool wire_target(const char *s, size_t n)
{
	if (n == 0 || s[0] != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_control(s[i]) || s[i] == ' ' || s[i] == '#')
			return false;
	return true;
}

/* No segment may be "." or "..": nobody below has to think of them. */
static bool has_dot_segment(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p++;

		size_t n = strcspn(p, "/");

		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return true;
	}
	return false;
}

char *wire_path(struct arena *mem, const char *raw, size_t n)
{
	if (!wire_target(raw, n))
		return NULL;
	/* An escaped slash would be one segment for us and two for a proxy. */
	for (size_t i = 0; i + 2 < n; i++)
		if (raw[i] == '%' && raw[i + 1] == '2' && (raw[i + 2] == 'F' || raw[i + 2] == 'f'))
			return NULL;

	char *path = text_url_decode(mem, raw, n, false);

	if (!path)
		return NULL;
	for (const char *p = path; *p; p++)
		if (is_control(*p))
			return NULL;
	return has_dot_segment(path) ? NULL : path;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* The length of s[0..n) without blanks at its end. */
static size_t without_blanks(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return n;
}

char *wire_cookie(struct arena *mem, const char *header, const char *name)
{
	size_t name_length = strlen(name);

	for (const char *p = skip_blanks(header); *p; p = skip_blanks(p)) {
		size_t n = strcspn(p, ";");
		size_t key = strcspn(p, "=;");

		if (key < n && without_blanks(p, key) == name_length &&
		    memcmp(p, name, name_length) == 0) {
			const char *value = skip_blanks(p + key + 1);

			n = value < p + n ? without_blanks(value, (size_t)(p + n - value)) : 0;
			if (n >= 2 && value[0] == '"' && value[n - 1] == '"')
				return arena_dupn(mem, value + 1, n - 2);
			return arena_dupn(mem, value, n);
		}
		p += n;
		if (*p)
			p++;
	}
	return NULL;
}

char *wire_param(struct arena *mem, const char *query, const char *name)
{
	size_t name_length = strlen(name);

	for (const char *p = query; *p;) {
		size_t n = strcspn(p, "&");
		size_t key = strcspn(p, "=&");
		bool same = key == name_length && memcmp(p, name, key) == 0;

		if (!same && (memchr(p, '%', key) || memchr(p, '+', key)))
			same = text_eq(text_url_decode(mem, p, key, true), name);
		if (same)
			return key < n ? text_url_decode(mem, p + key + 1, n - key - 1, true)
			               : arena_dup(mem, "");
		p += n;
		if (*p)
			p++;
	}
	return NULL;
}

char *wire_address(struct arena *mem, const char *s)
{
	static const unsigned char mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	struct in_addr four;
	struct in6_addr six;
	char out[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, s, &six) == 1) {
		if (memcmp(six.s6_addr, mapped, sizeof mapped) == 0)
			inet_ntop(AF_INET, six.s6_addr + sizeof mapped, out, sizeof out);
		else
			inet_ntop(AF_INET6, &six, out, sizeof out);
		return arena_dup(mem, out);
	}
	if (inet_pton(AF_INET, s, &four) != 1)
		return NULL;
	inet_ntop(AF_INET, &four, out, sizeof out);
	return arena_dup(mem, out);
}

char *wire_forwarded(struct arena *mem, const char *list)
{
	const char *comma = strrchr(list, ',');
	const char *last = skip_blanks(comma ? comma + 1 : list);

	return wire_address(mem, arena_dupn(mem, last, without_blanks(last, strlen(last))));
}

bool wire_listen(struct arena *mem, const char *s, char **ret_host, char **ret_port)
{
	const char *colon = strrchr(s, ':');
	const char *host = s;
	uint64_t port;

	if (!colon || !wire_length(colon + 1, &port) || port > 65535)
		return false;

	size_t n = (size_t)(colon - s);

	if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
		host++;
		n -= 2;
	} else if (memchr(s, ':', n)) {
		return false;
	}
	if (n == 0)
		return false;
	*ret_host = arena_dupn(mem, host, n);
	*ret_port = arena_dup(mem, colon + 1);
	return true;
}
