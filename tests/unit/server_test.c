/*
 * How requests come in and answers go out.  What must not come in:
 * server_refuse_test.c; slow clients, and the end: server_end_test.c.
 */
#include "http/server.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"
#include "tests/test.h"
#include "tests/unit/http_peer.h"
#include "tests/unit/http_site.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct reply get(struct site *s, const char *path)
{
	char *request = fmt(&s->mem, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);

	return peer_once(&s->mem, s->port, request, strlen(request));
}

/* The value of "name=value" among the lines of an echo. */
static char *line(struct arena *mem, const struct reply *r, const char *name)
{
	const char *want = fmt(mem, "\n%s=", name);
	const char *p = strstr(fmt(mem, "\n%s", r->body), want);

	return p ? arena_dupn(mem, p + strlen(want), strcspn(p + strlen(want), "\n")) : NULL;
}

TEST(server_fills_the_request)
{
	struct site s;
	const char *request =
		"POST /%E5%95%86/b%20c?p=%E5%8D%8E&q=1+2 HTTP/1.1\r\nHost: crm.example:80\r\n"
		"Cookie: b=1; c=secret\r\nx-TEST:  spaced value\t \r\nContent-Length: 4\r\n\r\nbody";

	site_init(&s);
	site_open(&s);

	struct reply r = peer_once(&s.mem, s.port, request, strlen(request));

	CHECK_INT(r.status, 200);
	CHECK_TEXT(line(&s.mem, &r, "method"), "POST");
	CHECK_TEXT(line(&s.mem, &r, "path"), "/商/b c");
	CHECK_TEXT(line(&s.mem, &r, "query"), "p=%E5%8D%8E&q=1+2");
	CHECK_TEXT(line(&s.mem, &r, "param"), "华");
	CHECK_TEXT(line(&s.mem, &r, "peer"), "127.0.0.1");
	CHECK_TEXT(line(&s.mem, &r, "https"), "0");
	CHECK_TEXT(line(&s.mem, &r, "host"), "crm.example:80");
	CHECK_TEXT(line(&s.mem, &r, "cookie"), "secret");
	CHECK_TEXT(line(&s.mem, &r, "header"), "spaced value");
	CHECK_TEXT(line(&s.mem, &r, "size"), "4");
	CHECK_TEXT(line(&s.mem, &r, "body"), "body");
	CHECK_TEXT(line(&s.mem, &r, "id"), reply_header(&s.mem, &r, "X-Request-Id"));

	r = get(&s, "/");
	CHECK_TEXT(line(&s.mem, &r, "path"), "/");
	CHECK_TEXT(line(&s.mem, &r, "query"), "");
	CHECK_TEXT(line(&s.mem, &r, "body"), NULL);
	r = get(&s, "/?");
	CHECK_TEXT(line(&s.mem, &r, "query"), "");
	r = get(&s, "/?a?b");
	CHECK_TEXT(line(&s.mem, &r, "query"), "a?b");
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_every_answer_has_its_headers)
{
	struct site s;

	site_init(&s);
	site_open(&s);

	struct reply a = get(&s, "/echo");
	struct reply b = get(&s, "/echo");

	CHECK_TEXT(reply_header(&s.mem, &a, "X-Content-Type-Options"), "nosniff");
	CHECK_TEXT(reply_header(&s.mem, &a, "Content-Type"), "text/plain");
	CHECK_TEXT(reply_header(&s.mem, &a, "Server"), NULL);
	CHECK_TEXT(reply_header(&s.mem, &a, "Connection"), NULL);
	CHECK(reply_header(&s.mem, &a, "Date") != NULL);
	CHECK_INT(strspn(reply_header(&s.mem, &a, "X-Request-Id"), "0123456789abcdef"), 16);
	CHECK(!text_eq(reply_header(&s.mem, &a, "X-Request-Id"),
	               reply_header(&s.mem, &b, "X-Request-Id")));

	/* Each is logged by the thread that answered: the last is the last only once the others were. */
	CHECK(site_counts(&s.logged, 2));
	a = get(&s, "/nothing");
	CHECK_INT(a.status, 204);
	CHECK_TEXT(reply_header(&s.mem, &a, "Content-Type"), NULL);
	CHECK_TEXT(reply_header(&s.mem, &a, "Content-Length"), NULL);
	CHECK(site_counts(&s.logged, 3));
	CHECK_INT(s.last_status, 204);
	CHECK_INT(s.last_bytes, 0);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_keeps_connections)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	for (int i = 0; i < 20; i++) {
		struct reply r = peer_ask(&p, i % 2 ? GET("/echo?odd") : GET("/later?even"));

		CHECK_INT(r.status, 200);
		CHECK_TEXT(line(&s.mem, &r, "query"), i % 2 ? "odd" : "even");
	}

	/* Blank lines between requests are tolerated, as RFC 9112 asks. */
	CHECK_INT(peer_ask(&p, "\r\n\r\n" GET("/echo")).status, 200);
	CHECK_INT(peer_ask(&p, "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status,
	          200);
	CHECK(peer_ends(&p, PEER_PATIENCE));
	peer_close(&p);

	peer_open(&p, s.port);
	CHECK_INT(peer_ask(&p, "GET /echo HTTP/1.0\r\n\r\n").status, 200);
	CHECK(peer_ends(&p, PEER_PATIENCE));
	peer_close(&p);

	/* Nothing behind a chunked body is read, see server.c. */
	peer_open(&p, s.port);

	struct reply r = peer_ask(&p, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n"
	                              "\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"
	                              GET("/smuggled"));

	CHECK_TEXT(line(&s.mem, &r, "body"), "abc0123456789");
	CHECK_TEXT(reply_header(&s.mem, &r, "Connection"), "close");
	CHECK(peer_ends(&p, PEER_PATIENCE));
	CHECK_INT(p.in.len, 0);
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_pipelined_requests_are_answered_in_order)
{
	struct site s;
	struct peer p;
	struct text t;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	text_init(&t, &s.mem);
	for (int i = 0; i < 30; i++)
		text_addf(&t, "POST /%s?%d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n%02d",
		          i % 3 ? "echo" : "later", i, i);
	peer_send(&p, t.s);
	for (int i = 0; i < 30; i++) {
		struct reply r = peer_reply(&p, false);

		CHECK_TEXT(line(&s.mem, &r, "query"), fmt(&s.mem, "%d", i));
		CHECK_TEXT(line(&s.mem, &r, "body"), fmt(&s.mem, "%02d", i));
	}
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_head_is_get_without_body)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);

	struct reply get = peer_ask(&p, GET("/file"));
	struct reply head = peer_ask(&p, "HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n");

	CHECK_INT(head.status, 200);
	CHECK_TEXT(reply_header(&s.mem, &head, "Content-Length"),
	           reply_header(&s.mem, &get, "Content-Length"));
	CHECK(site_counts(&s.logged, 2));
	CHECK_INT(s.last_bytes, 0);

	/* No byte of a body came: the next answer follows at once. */
	CHECK_INT(peer_ask(&p, "HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
	CHECK_INT(peer_ask(&p, GET("/echo")).status, 200);

	/* A stream has no length to tell, so the connection ends it: without a byte. */
	head = peer_ask(&p, "HEAD /feed HTTP/1.1\r\nHost: a\r\n\r\n");
	CHECK_INT(head.status, 200);
	CHECK_TEXT(reply_header(&s.mem, &head, "Content-Type"), "text/event-stream");
	CHECK(peer_ends(&p, PEER_PATIENCE));
	CHECK_INT(p.in.len, 0);
	CHECK(site_counts(&s.done, 1));
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

struct crowd_member {
	pthread_t thread;
	int port, good;
};

static void *ask_often(void *ptr)
{
	struct crowd_member *m = ptr;
	struct peer p;

	peer_open(&p, m->port);
	for (int i = 0; i < 200; i++) {
		struct reply r = peer_ask(&p, GET("/later?p=1"));

		m->good += r.status == 200 && strstr(r.body, "param=1\n");
		arena_reset(&p.mem);
		text_init(&p.in, &p.mem);
	}
	peer_close(&p);
	return NULL;
}

/* The other thread often answers before handle() has returned, and often after. */
TEST(server_answers_from_another_thread)
{
	struct crowd_member members[8];
	struct site s;

	site_init(&s);
	site_open(&s);
	for (size_t i = 0; i < LENGTH(members); i++) {
		members[i] = (struct crowd_member){ .port = s.port };
		CHECK(pthread_create(&members[i].thread, NULL, ask_often, &members[i]) == 0);
	}
	for (size_t i = 0; i < LENGTH(members); i++) {
		pthread_join(members[i].thread, NULL);
		CHECK_INT(members[i].good, 200);
	}
	CHECK_INT(s.handled, 1600);
	CHECK(site_counts(&s.logged, 1600));
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_suspends_what_is_not_answered)
{
	struct site s;
	struct peer p;
	struct peer other;

	site_init(&s);
	s.options.threads = 1;
	site_open(&s);
	peer_open(&p, s.port);
	peer_send(&p, GET("/hold"));
	CHECK(site_holds(&s, 1));
	CHECK(!peer_ends(&p, 50));

	/* The one thread serves others meanwhile. */
	peer_open(&other, s.port);
	CHECK_INT(peer_ask(&other, GET("/echo")).status, 200);
	CHECK_INT(p.in.len, 0);
	site_answer_held(&s, 202);
	CHECK_INT(peer_reply(&p, false).status, 202);
	CHECK_INT(peer_ask(&p, GET("/echo")).status, 200);

	/* Who leaves while waiting does no harm. */
	peer_send(&p, GET("/hold"));
	CHECK(site_holds(&s, 1));
	peer_close(&p);
	usleep(50000);
	site_answer_held(&s, 200);
	CHECK(site_counts(&s.logged, 4));
	CHECK_INT(peer_ask(&other, GET("/echo")).status, 200);
	peer_close(&other);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_sends_files)
{
	struct site s;

	site_init(&s);
	site_open(&s);

	struct reply r = get(&s, "/file");

	CHECK_INT(r.status, 200);
	CHECK_TEXT(r.body, "the text of a file");
	CHECK_TEXT(reply_header(&s.mem, &r, "Content-Length"), "18");
	CHECK_TEXT(reply_header(&s.mem, &r, "Content-Type"), "text/plain");
	CHECK(site_counts(&s.logged, 1));
	CHECK_INT(s.last_bytes, 18);
	CHECK_INT(site_files(&s), 1);

	r = get(&s, "/passing");
	CHECK_TEXT(r.body, "the text of a file");
	CHECK(site_counts(&s.logged, 2));
	site_close(&s, 1000);
	CHECK_INT(site_files(&s), 1);
	site_done(&s);
}

TEST(server_file_that_is_not_there)
{
	struct site s;

	site_init(&s);
	site_open(&s);

	struct reply r = get(&s, "/missing");

	CHECK_INT(r.status, 500);
	CHECK(strstr(r.body, "\"error\":\"internal\""));
	CHECK(!strstr(r.body, "/missing"));
	CHECK(site_counts(&s.logged, 1));
	CHECK_INT(s.last_status, 500);
	site_close(&s, 1000);
	site_done(&s);
}

static struct reply post(struct site *s, const char *path, const char *body)
{
	char *request = fmt(&s->mem, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s",
	                    path, strlen(body), body);

	return peer_once(&s->mem, s->port, request, strlen(request));
}

TEST(server_spools_uploads)
{
	struct site s;

	site_init(&s);
	site_open(&s);

	struct reply r = post(&s, "/upload", "a spreadsheet");

	CHECK_TEXT(line(&s.mem, &r, "size"), "13");
	CHECK_TEXT(line(&s.mem, &r, "memory"), "0");
	CHECK_TEXT(line(&s.mem, &r, "file"), "a spreadsheet");

	/* An empty one is no file. */
	r = post(&s, "/upload", "");
	CHECK_TEXT(line(&s.mem, &r, "size"), "0");
	CHECK_TEXT(line(&s.mem, &r, "file"), NULL);
	CHECK(site_counts(&s.logged, 2));
	CHECK_INT(site_files(&s), 0);

	/* Renamed, it is the application's. */
	r = post(&s, "/take", "kept");
	CHECK_TEXT(line(&s.mem, &r, "file"), "kept");
	CHECK(site_counts(&s.logged, 3));
	CHECK_INT(site_files(&s), 1);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_drops_half_uploads)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	peer_send(&p, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
	for (int i = 0; i < 1000 && site_files(&s) == 0; i++)
		usleep(2000);
	CHECK_INT(site_files(&s), 1);
	peer_close(&p);
	for (int i = 0; i < 1000 && site_files(&s) > 0; i++)
		usleep(2000);
	CHECK_INT(site_files(&s), 0);
	CHECK_INT(s.handled, 0);

	/* Nowhere to put it. */
	s.temp[strlen(s.temp) - 1] ^= 1;
	CHECK_INT(post(&s, "/upload", "x").status, 507);
	s.temp[strlen(s.temp) - 1] ^= 1;
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_stream_sleeps_and_wakes)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	peer_send(&p, GET("/feed"));
	CHECK(peer_sees(&p, "\r\n\r\n"));
	CHECK(peer_sees(&p, "text/event-stream"));
	for (int i = 0; i < 50; i++) {
		char *event = fmt(&s.mem, "data: %d\n\n", i);

		site_feed(&s, event);
		CHECK(peer_sees(&p, event));
	}
	CHECK_INT(s.done, 0);
	site_feed(&s, NULL);
	CHECK(peer_sees(&p, "\r\n0\r\n\r\n"));
	CHECK(site_counts(&s.logged, 1));
	CHECK_INT(s.done, 1);
	CHECK_INT(s.last_bytes, 50 * 9 + 40 * 1);
	p.in.len = 0;
	CHECK_INT(peer_ask(&p, GET("/echo")).status, 200);
	peer_close(&p);
	site_close(&s, 1000);
	CHECK_INT(s.done, 1);
	site_done(&s);
}

TEST(server_stream_to_an_old_client_ends_with_the_connection)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);
	peer_open(&p, s.port);
	peer_send(&p, "GET /feed HTTP/1.0\r\n\r\n");
	CHECK(peer_sees(&p, "\r\n\r\n"));
	site_feed(&s, "first");
	CHECK(peer_sees(&p, "first"));
	site_feed(&s, "second");
	CHECK(peer_sees(&p, "firstsecond"));
	site_feed(&s, NULL);
	CHECK(peer_ends(&p, PEER_PATIENCE));
	CHECK(site_counts(&s.done, 1));
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_stream_ends_when_the_client_leaves)
{
	struct site s;
	struct peer p;

	site_init(&s);
	site_open(&s);

	/* Asleep, where nothing is sent. */
	peer_open(&p, s.port);
	peer_send(&p, GET("/feed"));
	CHECK(peer_sees(&p, "\r\n\r\n"));
	peer_close(&p);
	CHECK(site_counts(&s.done, 1));

	/* Amid sending. */
	peer_open(&p, s.port);
	peer_send(&p, GET("/endless"));
	CHECK(peer_sees(&p, "xxxx"));
	peer_close(&p);
	CHECK(site_counts(&s.done, 2));
	CHECK(site_counts(&s.logged, 2));
	CHECK_INT(get(&s, "/echo").status, 200);
	site_close(&s, 1000);
	CHECK_INT(s.done, 2);
	site_done(&s);
}

TEST(server_slow_threads_are_bounded)
{
	enum { MORE = 5 };
	struct peer peers[2 + 256 + MORE];
	struct site s;
	int full = 0;

	site_init(&s);
	s.slow_blocked = true;
	site_open(&s);
	for (size_t i = 0; i < LENGTH(peers); i++) {
		peer_open(&peers[i], s.port);
		peer_send(&peers[i], GET("/slow"));
		CHECK(site_counts(&s.handled, (int)i + 1));
		if (i < 2)
			usleep(50000);  /* each thread takes one, then the queue fills */
	}
	CHECK_INT(get(&s, "/echo").status, 200);
	site_free_slow(&s);
	for (size_t i = 0; i < LENGTH(peers); i++) {
		struct reply r = peer_reply(&peers[i], false);

		CHECK_INT(r.status, i < 2 + 256 ? 200 : 503);
		full += r.status == 503;
		peer_close(&peers[i]);
	}
	CHECK_INT(full, MORE);
	CHECK_INT(s.slow_runs, 258);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_believes_only_its_proxy)
{
	const char *request = "GET /echo HTTP/1.1\r\nHost: a\r\n"
	                      "X-Forwarded-For: 1.1.1.1, 6.6.6.6\r\nX-Forwarded-For: 2.2.2.2, 9.9.9.9\r\n"
	                      "X-Forwarded-Proto: https\r\n\r\n";
	struct site s;

	site_init(&s);
	s.options.trusted_proxy = "127.0.0.1";
	site_open(&s);

	struct reply r = peer_once(&s.mem, s.port, request, strlen(request));

	CHECK_TEXT(line(&s.mem, &r, "peer"), "9.9.9.9");
	CHECK_TEXT(line(&s.mem, &r, "https"), "1");
	r = get(&s, "/echo");
	CHECK_TEXT(line(&s.mem, &r, "peer"), "127.0.0.1");
	site_close(&s, 1000);
	site_done(&s);

	site_init(&s);
	s.options.trusted_proxy = "10.0.0.1";
	site_open(&s);
	r = peer_once(&s.mem, s.port, request, strlen(request));
	CHECK_TEXT(line(&s.mem, &r, "peer"), "127.0.0.1");
	CHECK_TEXT(line(&s.mem, &r, "https"), "0");
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_start_says_why_not)
{
	struct site s;
	struct arena mem;
	struct server_options o;
	const char *error;

	arena_init(&mem, 0);
	site_init(&s);
	site_open(&s);
	o = s.options;
	o.listen = fmt(&mem, "127.0.0.1:%d", s.port);
	error = NULL;
	CHECK(!server_start(&mem, &o, &error));
	CHECK_TEXT(error, fmt(&mem, "cannot listen at %s: Address already in use", o.listen));
	o.listen = "8080";
	error = NULL;
	CHECK(!server_start(&mem, &o, &error));
	CHECK_TEXT(error, "cannot listen at \"8080\": write 127.0.0.1:8080 or [::]:8080");
	o.listen = "127.0.0.1:0";
	o.tls_cert = "/nowhere/cert.pem";
	error = NULL;
	CHECK(!server_start(&mem, &o, &error));
	CHECK_TEXT(error, "a TLS certificate needs its key");
	o.tls_key = "/nowhere/key.pem";
	error = NULL;
	CHECK(!server_start(&mem, &o, &error));
	CHECK_TEXT(error, "/nowhere/cert.pem: No such file or directory");
	o.tls_cert = o.tls_key = "tests/unit/main.c";
	error = NULL;
	CHECK(!server_start(&mem, &o, &error));
	CHECK(error && text_starts(error, "tests/unit/main.c, tests/unit/main.c: "));
	site_close(&s, 1000);
	site_done(&s);
	arena_done(&mem);
}

TEST(server_listens_on_both_families)
{
	struct site s;

	site_init(&s);
	s.options.listen = "[::]:0";
	site_open(&s);

	struct reply r = get(&s, "/echo");

	CHECK_INT(r.status, 200);
	CHECK_TEXT(line(&s.mem, &r, "peer"), "127.0.0.1");
	site_close(&s, 1000);
	site_done(&s);
}
