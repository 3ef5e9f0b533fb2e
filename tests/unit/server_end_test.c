/*
 * Who is slow is closed and harms nobody; and the server's end is graceful.
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

/* Sends `s` byte by byte; returns after how many ms the server hung up, -1 if it did not. */
static int64_t dribble(struct peer *p, const char *s, int ms)
{
	int64_t started = date_ticks();

	for (; *s; s++) {
		if (!peer_send_n(p, s, 1) || peer_ends(p, ms))
			return date_ticks() - started;
	}
	return -1;
}

TEST(server_closes_slow_headers)
{
	struct site s;
	struct peer p;
	char line[400];

	site_init(&s);
	s.pace.headers = 300;
	site_open(&s);

	/* A header and no more. */
	peer_open(&p, s.port);
	peer_send(&p, "GET /echo HTTP/1.1\r\nHost: a\r\nX: ");

	int64_t started = date_ticks();

	CHECK(peer_ends(&p, PEER_PATIENCE));
	CHECK(date_ticks() - started >= 250);
	peer_close(&p);

	/* Always a byte more, so that no pause is long: headers, and a request line without end. */
	peer_open(&p, s.port);
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	peer_send(&p, "GET /echo HTTP/1.1\r\nHost: a\r\nX: ");
	CHECK(dribble(&p, line, 10) >= 0);
	peer_close(&p);
	peer_open(&p, s.port);
	CHECK(dribble(&p, line, 10) >= 0);
	peer_close(&p);

	/* The same as second request. */
	peer_open(&p, s.port);
	CHECK_INT(peer_ask(&p, GET("/echo")).status, 200);
	CHECK(dribble(&p, line, 10) >= 0);
	peer_close(&p);
	CHECK_INT(s.handled, 1);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_closes_idle_connections)
{
	struct site s;
	struct peer fresh, used, waiting;

	site_init(&s);
	s.pace.idle = 400;
	site_open(&s);

	int64_t started = date_ticks();

	peer_open(&fresh, s.port);
	peer_open(&used, s.port);
	peer_open(&waiting, s.port);
	peer_send(&waiting, GET("/hold"));
	CHECK(site_holds(&s, 1));
	usleep(200000);
	CHECK_INT(peer_ask(&used, GET("/echo")).status, 200);
	CHECK(peer_ends(&fresh, PEER_PATIENCE));
	CHECK(date_ticks() - started >= 390);
	CHECK(peer_ends(&used, PEER_PATIENCE));
	CHECK(date_ticks() - started >= 590);

	/* Who waits for us is not idle. */
	site_answer_held(&s, 200);
	CHECK_INT(peer_reply(&waiting, false).status, 200);
	peer_close(&fresh);
	peer_close(&used);
	peer_close(&waiting);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_closes_slow_bodies)
{
	struct site s;
	struct peer p;
	char body[401];

	site_init(&s);
	s.pace.body = 400;
	site_open(&s);
	memset(body, 'x', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	peer_open(&p, s.port);
	peer_send(&p, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n");
	CHECK(dribble(&p, body, 10) >= 0);
	peer_close(&p);
	CHECK_INT(s.handled, 0);

	/* Slow, but faster than 1 KB a second: takes as long as it takes. */
	peer_open(&p, s.port);
	peer_send(&p, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 12000\r\n\r\n");
	for (int i = 0; i < 30; i++) {
		usleep(40000);
		CHECK(peer_send_n(&p, body, 400));
	}
	CHECK_INT(peer_reply(&p, false).status, 200);
	peer_close(&p);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_closes_who_does_not_read)
{
	struct site s;
	struct peer stuck, slow;
	char part[16384];

	site_init(&s);
	s.pace.sending = 500;
	site_open(&s);
	peer_open(&stuck, s.port);
	peer_send(&stuck, GET("/endless"));
	peer_open(&slow, s.port);
	peer_send(&slow, GET("/endless"));

	/* Honest slowness: it takes something now and then. */
	for (int i = 0; i < 75; i++) {
		usleep(20000);
		CHECK(recv(slow.fd, part, sizeof part, MSG_WAITALL) == sizeof part);
	}
	CHECK_INT(s.done, 1);
	peer_close(&slow);
	CHECK(site_counts(&s.done, 2));
	peer_close(&stuck);
	site_close(&s, 1000);
	site_done(&s);
}

TEST(server_slow_clients_harm_nobody)
{
	enum { SLOW = 200 };
	static const char *const begun[] = {
		"", "GET /ec", "GET /echo HTTP/1.1\r\nHost:",
		"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\nx", GET("/endless"),
	};
	struct site s;
	struct peer slow[SLOW];
	struct peer honest;

	site_init(&s);
	site_open(&s);
	for (int i = 0; i < SLOW; i++) {
		peer_open(&slow[i], s.port);
		peer_send(&slow[i], begun[(size_t)i % LENGTH(begun)]);
	}
	peer_open(&honest, s.port);

	int64_t started = date_ticks();

	for (int i = 0; i < 200; i++)
		CHECK_INT(peer_ask(&honest, GET("/echo")).status, 200);
	CHECK(date_ticks() - started < 2000);
	for (int i = 0; i < SLOW; i++)
		peer_close(&slow[i]);
	peer_close(&honest);
	site_close(&s, 1000);
	site_done(&s);
}

struct stopping {
	struct site *site;
	int ms;
	int64_t took;
	pthread_t thread;
};

static void *stop(void *ptr)
{
	struct stopping *st = ptr;
	int64_t started = date_ticks();

	site_close(st->site, st->ms);
	st->took = date_ticks() - started;
	return NULL;
}

static void begin_stop(struct stopping *st, struct site *s, int ms)
{
	*st = (struct stopping){ .site = s, .ms = ms };
	CHECK(pthread_create(&st->thread, NULL, stop, st) == 0);
	usleep(100000);
}

static bool refused(int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool result = connect(fd, (struct sockaddr *)&to, sizeof to) != 0;

	close(fd);
	return result;
}

TEST(server_stop_lets_requests_finish)
{
	struct stopping st;
	struct site s;
	struct peer held, arriving, asleep, idle;

	site_init(&s);
	s.options.threads = 1;
	site_open(&s);
	peer_open(&held, s.port);
	peer_send(&held, GET("/hold"));
	peer_open(&arriving, s.port);
	peer_send(&arriving, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha");
	peer_open(&asleep, s.port);
	peer_send(&asleep, GET("/feed"));
	CHECK(peer_sees(&asleep, "\r\n\r\n"));
	peer_open(&idle, s.port);
	CHECK_INT(peer_ask(&idle, GET("/echo")).status, 200);
	CHECK(site_holds(&s, 1));

	begin_stop(&st, &s, 10000);

	/* A stream with nothing to say ends properly. */
	CHECK(peer_sees(&asleep, "\r\n0\r\n\r\n"));
	CHECK_INT(s.done, 1);

	peer_send(&arriving, "lf");

	struct reply r = peer_reply(&arriving, false);

	CHECK_INT(r.status, 200);
	CHECK(strstr(r.body, "body=half\n"));
	CHECK_TEXT(reply_header(&s.mem, &r, "Connection"), "close");
	CHECK(peer_ends(&arriving, PEER_PATIENCE));

	site_answer_held(&s, 200);
	r = peer_reply(&held, false);
	CHECK_INT(r.status, 200);
	CHECK_TEXT(r.body, "held");
	pthread_join(st.thread, NULL);
	CHECK(st.took < 5000);
	CHECK(peer_ends(&idle, PEER_PATIENCE));
	CHECK(refused(s.port));
	CHECK_INT(s.logged, 4);
	CHECK_INT(s.threads_done, 1 + 2);
	peer_close(&held);
	peer_close(&arriving);
	peer_close(&asleep);
	peer_close(&idle);
	site_done(&s);
}

TEST(server_stop_does_not_wait_for_ever)
{
	struct stopping st;
	struct site s;
	struct peer held[3], endless;

	site_init(&s);
	site_open(&s);
	for (size_t i = 0; i < LENGTH(held); i++) {
		peer_open(&held[i], s.port);
		peer_send(&held[i], "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
	}
	peer_open(&endless, s.port);
	peer_send(&endless, GET("/endless"));
	CHECK(peer_sees(&endless, "xxxx"));
	CHECK(site_holds(&s, LENGTH(held)));
	begin_stop(&st, &s, 200);
	pthread_join(st.thread, NULL);
	CHECK(st.took >= 200 && st.took < 2000);
	CHECK_INT(s.done, 1);
	for (size_t i = 0; i < LENGTH(held); i++) {
		struct reply r = peer_reply(&held[i], false);

		CHECK_INT(r.status, 503);
		CHECK_TEXT(reply_header(&s.mem, &r, "Retry-After"), "1");
		peer_close(&held[i]);
	}

	/* The application may still hold a request, read it and answer it; it goes nowhere. */
	CHECK_TEXT(s.held[0]->body, "body");
	CHECK_TEXT(request_header(s.held[0], "Host"), "a");
	site_answer_held(&s, 200);
	CHECK_INT(s.threads_done, 2 + 2);
	peer_close(&endless);
	site_done(&s);
}

TEST(server_stop_drops_the_slow_queue)
{
	struct stopping st;
	struct site s;
	struct peer peers[5];

	site_init(&s);
	s.slow_blocked = true;
	site_open(&s);
	for (size_t i = 0; i < LENGTH(peers); i++) {
		peer_open(&peers[i], s.port);
		peer_send(&peers[i], GET("/slow"));
	}
	CHECK(site_counts(&s.handled, LENGTH(peers)));
	usleep(50000);
	begin_stop(&st, &s, 100);
	usleep(200000);

	/* Two run, and are waited for; three had not begun. */
	site_free_slow(&s);
	pthread_join(st.thread, NULL);
	CHECK_INT(s.slow_runs, 2);
	CHECK_INT(s.threads_done, 2 + 2);
	for (size_t i = 0; i < LENGTH(peers); i++) {
		CHECK_INT(peer_reply(&peers[i], false).status, 503);
		peer_close(&peers[i]);
	}
	site_done(&s);
}

struct loader {
	pthread_t thread;
	int port;
	_Atomic bool over;
};

static void *ask_until_over(void *ptr)
{
	struct loader *l = ptr;

	while (!atomic_load(&l->over)) {
		struct peer p;

		if (refused(l->port))
			break;
		arena_init(&p.mem, 0);
		text_init(&p.in, &p.mem);
		p.fd = socket(AF_INET, SOCK_STREAM, 0);

		struct sockaddr_in to = {
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)l->port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};

		if (connect(p.fd, (struct sockaddr *)&to, sizeof to) == 0)
			for (int i = 0; i < 20; i++)
				if (!peer_send_n(&p, GET("/later"), strlen(GET("/later"))) ||
				    !peer_reply(&p, false).status)
					break;
		peer_close(&p);
	}
	return NULL;
}

TEST(server_stops_under_load)
{
	for (int round = 0; round < 10; round++) {
		struct loader loaders[6];
		struct site s;

		site_init(&s);
		site_open(&s);
		for (size_t i = 0; i < LENGTH(loaders); i++) {
			loaders[i] = (struct loader){ .port = s.port };
			CHECK(pthread_create(&loaders[i].thread, NULL, ask_until_over,
			                     &loaders[i]) == 0);
		}
		CHECK(site_counts(&s.handled, 1));
		usleep(30000);
		site_close(&s, 3000);
		for (size_t i = 0; i < LENGTH(loaders); i++) {
			atomic_store(&loaders[i].over, true);
			pthread_join(loaders[i].thread, NULL);
		}

		/* Whatever began was answered. */
		CHECK_INT(s.logged, s.handled);
		site_done(&s);
	}
}
