#include "tests/unit/http_peer.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"
#include "tests/test.h"

void peer_open(struct peer *p, int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	arena_init(&p->mem, 0);
	text_init(&p->in, &p->mem);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connect(p->fd, (struct sockaddr *)&to, sizeof to) == 0);
}

void peer_close(struct peer *p)
{
	close(p->fd);
	arena_done(&p->mem);
}

bool peer_send_n(struct peer *p, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(p->fd, s, n, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		s += sent;
		n -= (size_t)sent;
	}
	return true;
}

void peer_send(struct peer *p, const char *s)
{
	CHECK(peer_send_n(p, s, strlen(s)));
}

/* Reads what is there within `ms`; 0 at the end, -1 if nothing came. */
static ssize_t read_some(struct peer *p, int ms)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	char part[16384];

	if (poll(&wait, 1, ms) <= 0)
		return -1;

	ssize_t n = recv(p->fd, part, sizeof part, 0);

	if (n <= 0)
		return 0;
	text_addn(&p->in, part, (size_t)n);
	return n;
}

bool peer_sees(struct peer *p, const char *text)
{
	while (!memmem(p->in.s, p->in.len, text, strlen(text)))
		if (read_some(p, PEER_PATIENCE) <= 0)
			return false;
	return true;
}

bool peer_ends(struct peer *p, int ms)
{
	int64_t until = date_ticks() + ms;

	for (int64_t left = ms; left >= 0; left = until - date_ticks())
		if (read_some(p, (int)left) == 0)
			return true;
	return false;
}

static void take(struct peer *p, size_t n)
{
	memmove(p->in.s, p->in.s + n, p->in.len - n + 1);
	p->in.len -= n;
}

char *reply_header(struct arena *mem, const struct reply *r, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = r->head ? strstr(r->head, "\r\n") : NULL; p; p = strstr(p, "\r\n")) {
		p += 2;
		if (strncasecmp(p, name, n) == 0 && p[n] == ':')
			return arena_dupn(mem, p + n + 2, strcspn(p + n + 2, "\r"));
	}
	return NULL;
}

static bool have(struct peer *p, size_t n)
{
	while (p->in.len < n)
		if (read_some(p, PEER_PATIENCE) <= 0)
			return false;
	return true;
}

static void take_chunks(struct peer *p, struct reply *r)
{
	struct text body;
	size_t size = 1;

	text_init(&body, &p->mem);
	while (size > 0 && peer_sees(p, "\r\n")) {
		size = strtoul(p->in.s, NULL, 16);
		take(p, (size_t)(strstr(p->in.s, "\r\n") + 2 - p->in.s));
		if (!have(p, size + 2))
			break;
		text_addn(&body, p->in.s, size);
		take(p, size + 2);
	}
	r->body = body.s;
	r->size = body.len;
}

struct reply peer_reply(struct peer *p, bool head)
{
	struct reply r = { .body = arena_dup(&p->mem, "") };

	if (!peer_sees(p, "\r\n\r\n"))
		return r;

	size_t n = (size_t)(strstr(p->in.s, "\r\n\r\n") + 4 - p->in.s);

	r.head = arena_dupn(&p->mem, p->in.s, n);
	if (!text_starts(r.head, "HTTP/1.1 "))
		return r;
	r.status = atoi(r.head + strlen("HTTP/1.1 "));
	take(p, n);

	const char *length = reply_header(&p->mem, &r, "Content-Length");

	if (head || r.status == 100 || r.status == 204 || r.status == 304)
		return r;
	if (reply_header(&p->mem, &r, "Transfer-Encoding")) {
		take_chunks(p, &r);
	} else {
		while (length ? p->in.len < strtoul(length, NULL, 10) : true)
			if (read_some(p, PEER_PATIENCE) <= 0)
				break;
		r.size = length && p->in.len >= strtoul(length, NULL, 10)
		       ? strtoul(length, NULL, 10) : p->in.len;
		r.body = arena_dupn(&p->mem, p->in.s, r.size);
		take(p, r.size);
	}
	return r;
}

struct reply peer_ask(struct peer *p, const char *request)
{
	peer_send(p, request);
	return peer_reply(p, text_starts(request, "HEAD "));
}

struct reply peer_once(struct arena *mem, int port, const char *request, size_t n)
{
	struct peer p;

	peer_open(&p, port);
	peer_send_n(&p, request, n);

	struct reply r = peer_reply(&p, text_starts(request, "HEAD "));

	r.head = arena_dup(mem, r.head);
	r.body = arena_dupn(mem, r.body, r.size);
	peer_close(&p);
	return r;
}
