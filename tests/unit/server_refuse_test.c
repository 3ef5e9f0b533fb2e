/*
 * What the server must not let through, and every limit at −1, 0 and +1.
 */
#include <stdlib.h>

#include "base/date.h"
#include "tests/test.h"
#include "tests/unit/http_peer.h"
#include "tests/unit/http_site.h"

/* One request per case; the text may hold NULs. */
struct bad {
	int status;
	const char *text;
	size_t n;
};

#define BAD(status, text) { status, text, sizeof(text) - 1 }

static const struct bad bad[] = {
	/* Two ways to find the end of the body: request smuggling. */
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
	         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
	         "Content-Length: 5\r\n\r\n0\r\n\r\n"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx"),
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
	         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	BAD(501, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n"),
	BAD(501, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
	         "0\r\n\r\n"),
	BAD(501, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
	BAD(501, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
	BAD(400, "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	/* A folded line makes the library see another name than was sent. */
	BAD(400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encodin: chunked\r\n g\r\n\r\n0\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\n Host: a\r\n\r\n"),
	/* Lines that end otherwise. */
	BAD(400, "GET /echo HTTP/1.1\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\nContent-Length: 5\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\r\n\n"),
	BAD(400, "GET /echo HTTP/1.0\r\n\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n"),
	/* NULs, control characters, names that are none. */
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\0`\n\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"),
	BAD(400, "GET /echo\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /e\0cho HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(501, "GE\0T /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET\0 /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX: b\x7F\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nX(1): b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n"),
	/* Host. */
	BAD(400, "GET /echo HTTP/1.1\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost:\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1\r\nHost: a@b\r\n\r\n"),
	/* The request line. */
	BAD(400, "GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo  HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.1 \r\nHost: a\r\n\r\n"),
	BAD(400, "GET /e cho HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /e\tcho HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /e\rcho HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo?a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo#a HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET http://a/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo/../x HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /a%FF HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(501, "TRACE /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(501, "get /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo HTTP/1.\r\nHost: a\r\n\r\n"),
	BAD(400, "GET /echo\r\nHost: a\r\n\r\n"),
	BAD(505, "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n"),
	BAD(505, "GET /echo HTTP/0.9\r\nHost: a\r\n\r\n"),
	BAD(0, "\x16\x03\x01\x02\x00\x01\r\n\r\n"),
};

TEST(server_refuses_what_the_library_lets_through)
{
	struct site s;

	site_init(&s);
	site_open(&s);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct peer p;

		peer_open(&p, s.port);
		peer_send_n(&p, bad[i].text, bad[i].n);

		struct reply r = peer_reply(&p, false);

		if (r.status != bad[i].status)
			test_fail(__FILE__, __LINE__, "case %zu: %d, not %d", i, r.status,
			          bad[i].status);

		/* Nothing behind it is read: a second request would be the smuggled one. */
		peer_send_n(&p, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 32);
		if (!peer_ends(&p, 7000))
			test_fail(__FILE__, __LINE__, "case %zu: not closed", i);
		/* Of its own refusals the library sends the head twice; more must not come. */
		if (strstr(p.in.s, "HTTP/1.1"))
			test_fail(__FILE__, __LINE__, "case %zu: \"%s\" came behind it", i, p.in.s);
		peer_close(&p);
	}
	CHECK_INT(s.handled, 0);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_refusals_are_in_the_contract)
{
	struct site s;
	const char *request = "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n";

	site_init(&s);
	site_open(&s);

	struct reply r = peer_once(&s.mem, s.port, request, strlen(request));
	const char *id = reply_header(&s.mem, &r, "X-Request-Id");

	CHECK_INT(r.status, 400);
	CHECK_TEXT(reply_header(&s.mem, &r, "Content-Type"), "application/json");
	CHECK_TEXT(reply_header(&s.mem, &r, "X-Content-Type-Options"), "nosniff");
	CHECK_TEXT(reply_header(&s.mem, &r, "Connection"), "close");
	CHECK_TEXT(r.body, fmt(&s.mem, "{\"error\":\"invalid\",\"message\":\"The request is "
	                       "malformed.\",\"errors\":[],\"request\":\"%s\"}", id));
	CHECK(site_counts(&s.logged, 1));
	CHECK_INT(s.last_status, 400);
	CHECK_INT(s.last_bytes, r.size);
	site_close(&s, 1000);
	site_done(&s);
}

/* A request with so many headers; the last one fills the head to `size` bytes if not 0. */
static char *with_headers(struct arena *mem, int n, size_t size)
{
	struct text t;

	text_init(&t, mem);
	text_add(&t, "GET /echo HTTP/1.1\r\nHost: a\r\n");
	for (int i = 1; i < n; i++)
		text_addf(&t, "X-%d: v\r\n", i);
	if (size) {
		text_add(&t, "X-Test: ");
		while (t.len < size - 4)
			text_addc(&t, 'v');
		text_add(&t, "\r\n");
	}
	text_add(&t, "\r\n");
	return t.s;
}

static char *with_target(struct arena *mem, size_t n)
{
	struct text t;

	text_init(&t, mem);
	text_add(&t, "GET /echo?p=");
	while (t.len < strlen("GET ") + n)
		text_addc(&t, 'v');
	text_add(&t, " HTTP/1.1\r\nHost: a\r\n\r\n");
	return t.s;
}

static int status_of(struct site *s, const char *request, size_t n)
{
	int64_t started = date_ticks();
	struct reply r = peer_once(&s->mem, s->port, request, n);

	/* A limit answers quickly; generous for a loaded machine. */
	CHECK(date_ticks() - started < 1000);
	return r.status;
}

TEST(server_header_limits)
{
	struct site s;

	site_init(&s);
	site_open(&s);
	for (int d = -1; d <= 1; d++) {
		char *many = with_headers(&s.mem, HTTP_HEADERS + d, 0);
		char *large = with_headers(&s.mem, 3, (size_t)(HTTP_HEADER_BYTES + d));
		char *target = with_target(&s.mem, (size_t)(HTTP_URL + d));

		CHECK_INT(strlen(large), HTTP_HEADER_BYTES + d);
		CHECK_INT(status_of(&s, many, strlen(many)), d > 0 ? 431 : 200);
		CHECK_INT(status_of(&s, large, strlen(large)), d > 0 ? 431 : 200);
		CHECK_INT(status_of(&s, target, strlen(target)), d > 0 ? 414 : 200);
	}

	/* Far over it, where the library's own memory ends. */
	char *huge = with_headers(&s.mem, 3, 200000);

	CHECK_INT(status_of(&s, huge, strlen(huge)), 431);
	huge = with_target(&s.mem, 200000);
	CHECK_INT(status_of(&s, huge, strlen(huge)), 414);
	CHECK_INT(s.handled, 6);
	site_close(&s, 1000);
	site_done(&s);
}

/* A POST of n bytes, by length or in chunks of at most 7000. */
static char *post(struct arena *mem, const char *path, size_t n, bool chunked, size_t *ret_size)
{
	struct text t;

	text_init(&t, mem);
	text_addf(&t, "POST %s HTTP/1.1\r\nHost: a\r\n", path);
	if (!chunked)
		text_addf(&t, "Content-Length: %zu\r\n\r\n", n);
	else
		text_add(&t, "Transfer-Encoding: chunked\r\n\r\n");
	while (n > 0) {
		size_t part = chunked && n > 7000 ? 7000 : n;

		if (chunked)
			text_addf(&t, "%zx\r\n", part);
		for (size_t i = 0; i < part; i++)
			text_addc(&t, (char)('a' + (n - i) % 26));
		if (chunked)
			text_add(&t, "\r\n");
		n -= part;
	}
	if (chunked)
		text_add(&t, "0\r\n\r\n");
	*ret_size = t.len;
	return t.s;
}

TEST(server_body_limits)
{
	static const struct {
		const char *path;
		size_t limit;
	} routes[] = { { "/body", SITE_BODY }, { "/upload", SITE_BODY }, { "/none", 0 } };
	struct site s;
	int good = 0;

	site_init(&s);
	site_open(&s);
	for (size_t i = 0; i < LENGTH(routes) * 6; i++) {
		size_t limit = routes[i / 6].limit;
		int d = (int)(i % 3) - 1;
		size_t size;

		if (limit == 0 && d < 0)
			continue;

		char *text = post(&s.mem, routes[i / 6].path, limit + (size_t)d, i / 3 % 2, &size);

		CHECK_INT(status_of(&s, text, size), d > 0 ? 413 : 200);
		good += d <= 0;
	}
	CHECK(site_counts(&s.logged, 16));
	CHECK_INT(s.handled, good);
	CHECK_INT(site_files(&s), 0);
	site_close(&s, 1000);
	site_done(&s);
}

/* Who sends far too much still gets the answer, not a reset, and at once. */
TEST(server_too_large_is_told_amid_the_body)
{
	struct site s;
	struct peer p;
	char part[4096];

	site_init(&s);
	s.pace.parting = 500;
	site_open(&s);
	memset(part, 'x', sizeof part);
	for (int chunked = 0; chunked < 2; chunked++) {
		bool taken = true;

		peer_open(&p, s.port);
		peer_send(&p, chunked ? "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
		                        "\r\n10000000\r\n"
		                      : "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n"
		                        "\r\n");
		for (size_t sent = 0; taken && sent < 2000000; sent += sizeof part)
			taken = peer_send_n(&p, part, sizeof part);
		CHECK(taken);

		struct reply r = peer_reply(&p, false);

		CHECK_INT(r.status, 413);
		CHECK_TEXT(reply_header(&s.mem, &r, "Connection"), "close");
		CHECK(strstr(r.body, "The body is too large."));

		/* It does not listen for ever either. */
		int64_t until = date_ticks() + PEER_PATIENCE;

		while (taken && date_ticks() < until)
			taken = peer_send_n(&p, part, sizeof part);
		CHECK(!taken);
		peer_close(&p);
	}
	CHECK(site_counts(&s.logged, 2));
	CHECK_INT(s.logged, 2);
	CHECK_INT(s.handled, 0);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_expect_continue)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	CHECK_INT(peer_ask(&p, "POST /body HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	                       "Content-Length: 5\r\n\r\n").status, 100);

	struct reply r = peer_ask(&p, "hello");

	CHECK_INT(r.status, 200);
	CHECK(strstr(r.body, "body=hello\n"));
	peer_close(&p);

	/* Refused before it is sent. */
	peer_open(&p, s.port);
	r = peer_ask(&p, "POST /body HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	                 "Content-Length: 50001\r\n\r\n");
	CHECK_INT(r.status, 413);
	CHECK(peer_ends(&p, PEER_PATIENCE));
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_malformed_chunks)
{
	static const char *const chunks[] = {
		"x\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
		"\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n",
	};
	struct site s;

	site_init(&s);
	site_open(&s);
	for (size_t i = 0; i < LENGTH(chunks); i++) {
		char *text = fmt(&s.mem, "POST /echo HTTP/1.1\r\nHost: a\r\n"
		                         "Transfer-Encoding: chunked\r\n\r\n%s", chunks[i]);

		CHECK_INT(status_of(&s, text, strlen(text)), 400);
	}

	/* A size that wraps around 64 bits. */
	const char *wraps = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	                    "10000000000000003\r\nabc\r\n0\r\n\r\n";

	CHECK_INT(status_of(&s, wraps, strlen(wraps)), 413);
	CHECK_INT(s.handled, 0);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_connection_limits)
{
	struct site s;
	struct peer peers[5];

	site_init(&s);
	s.options.connections = 4;
	s.pace.parting = 300;
	site_open(&s);
	for (int i = 0; i < 4; i++) {
		peer_open(&peers[i], s.port);
		CHECK_INT(peer_ask(&peers[i], "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	}
	peer_open(&peers[4], s.port);

	struct reply r = peer_ask(&peers[4], "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");

	CHECK_INT(r.status, 503);
	CHECK_TEXT(reply_header(&s.mem, &r, "Retry-After"), "1");
	CHECK(strstr(r.body, "\"busy\""));
	CHECK(peer_ends(&peers[4], PEER_PATIENCE));
	peer_close(&peers[4]);

	/* The others go on, and a place that becomes free is free. */
	CHECK_INT(peer_ask(&peers[0], "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	peer_close(&peers[0]);

	int status = 503;

	for (int i = 0; status == 503 && i < 100; i++) {
		peer_open(&peers[0], s.port);
		status = peer_ask(&peers[0], "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status;
		if (status == 503)
			peer_close(&peers[0]);
	}
	CHECK_INT(status, 200);
	for (int i = 0; i < 4; i++)
		peer_close(&peers[i]);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_connection_limit_per_address)
{
	struct site s;
	struct peer a, b;

	site_init(&s);
	s.options.per_address = 1;
	site_open(&s);
	peer_open(&a, s.port);
	CHECK_INT(peer_ask(&a, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	peer_open(&b, s.port);
	CHECK_INT(peer_ask(&b, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 503);
	peer_close(&a);
	peer_close(&b);
	site_close(&s, 1000);
	site_done(&s);

	/* All clients of the trusted proxy share its address. */
	site_init(&s);
	s.options.per_address = 1;
	s.options.trusted_proxy = "::ffff:127.0.0.1";
	site_open(&s);
	peer_open(&a, s.port);
	CHECK_INT(peer_ask(&a, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	peer_open(&b, s.port);
	CHECK_INT(peer_ask(&b, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	peer_close(&a);
	peer_close(&b);
	site_close(&s, 1000);
	site_done(&s);
}
