#include "http/request.h"

#include <strings.h>

#include "http/exchange.h"
#include "http/wire.h"

const char *request_header(const struct request *r, const char *name)
{
	const struct exchange *x = exchange_of(r);

	for (size_t i = 0; i < x->n_headers; i++)
		if (strcasecmp(x->headers[i].name, name) == 0)
			return x->headers[i].value;
	return NULL;
}

const char *request_cookie(const struct request *r, const char *name)
{
	const struct exchange *x = exchange_of(r);

	for (size_t i = 0; i < x->n_headers; i++) {
		if (strcasecmp(x->headers[i].name, "Cookie") != 0)
			continue;

		const char *value = wire_cookie(r->mem, x->headers[i].value, name);

		if (value)
			return value;
	}
	return NULL;
}

const char *request_param(const struct request *r, const char *name)
{
	return wire_param(r->mem, r->query, name);
}

void answer_header(struct answer *a, const char *name, const char *value)
{
	assert(a->n_headers < LENGTH(a->headers) - 1);
	assert(wire_token(name, strlen(name)) && !strpbrk(value, "\r\n"));
	a->headers[a->n_headers++] = (struct http_header){ name, value };
}
