#include "tests/unit/http_site.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "http/exchange.h"
#include "tests/test.h"
#include "tests/unit/http_peer.h"

static void say(struct request *r, int status, const char *text)
{
	server_answer(r, &(struct answer){ .status = status, .type = "text/plain", .text = text,
	                                   .size = strlen(text) });
}

static char *upload_text(struct request *r)
{
	char *text = arena_alloc(r->mem, r->body_size + 1);
	int fd = open(r->body_path, O_RDONLY);
	ssize_t n = read(fd, text, r->body_size + 1);

	close(fd);
	return n == (ssize_t)r->body_size ? text : NULL;
}

static void echo(struct request *r)
{
	struct text t;

	text_init(&t, r->mem);
	text_addf(&t, "id=%s\nmethod=%s\npath=%s\nquery=%s\npeer=%s\nhttps=%d\nhost=%s\n", r->id,
	          r->method, r->path, r->query, r->peer, r->https, r->host);
	text_addf(&t, "size=%zu\n", r->body_size);
	if (r->body)
		text_addf(&t, "body=%s\n", r->body);
	if (request_header(r, "X-Test"))
		text_addf(&t, "header=%s\n", request_header(r, "X-Test"));
	if (request_cookie(r, "c"))
		text_addf(&t, "cookie=%s\n", request_cookie(r, "c"));
	if (request_param(r, "p"))
		text_addf(&t, "param=%s\n", request_param(r, "p"));
	say(r, 200, t.s);
}

static void upload(struct site *s, struct request *r)
{
	struct text t;

	text_init(&t, r->mem);
	text_addf(&t, "size=%zu\nmemory=%d\n", r->body_size, r->body != NULL);
	if (r->body_path && text_starts(r->body_path, s->temp))
		text_addf(&t, "file=%s\n", upload_text(r));
	if (text_eq(r->path, "/take"))
		CHECK(rename(r->body_path, fmt(r->mem, "%s/taken", s->temp)) == 0);
	say(r, 200, t.s);
}

static void answer_file(struct site *s, struct request *r)
{
	bool passing = text_eq(r->path, "/passing");
	char *path = fmt(r->mem, "%s/%s", s->temp, r->path + 1);

	if (!text_eq(r->path, "/missing")) {
		FILE *f = fopen(path, "w");

		fputs("the text of a file", f);
		fclose(f);
	}
	server_answer(r, &(struct answer){ .status = 200, .kind = ANSWER_FILE, .type = "text/plain",
	                                   .path = path, .delete_path = passing });
}

static int64_t pull_fed(void *ptr, char *out, size_t n)
{
	struct site *s = ptr;

	pthread_mutex_lock(&s->lock);

	size_t got = strlen(s->fed);
	int64_t result = got == 0 && s->feed_ends ? -1 : (int64_t)got;

	assert(got <= n);
	memcpy(out, s->fed, got);
	s->fed[0] = '\0';
	pthread_mutex_unlock(&s->lock);
	return result;
}

static int64_t pull_endless(void *ptr, char *out, size_t n)
{
	(void)ptr;
	memset(out, 'x', n);
	return (int64_t)n;
}

static void stream_done(void *ptr)
{
	struct site *s = ptr;

	atomic_fetch_add(&s->done, 1);
}

static void run_slow(struct request *r)
{
	struct site *s = r->app;

	pthread_mutex_lock(&s->lock);
	while (s->slow_blocked)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	atomic_fetch_add(&s->slow_runs, 1);
	say(r, 200, "slow");
}

static void keep(struct site *s, struct request *r, struct request **list, size_t *n)
{
	pthread_mutex_lock(&s->lock);
	assert(*n < SITE_HELD);
	list[(*n)++] = r;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void handle(void *ptr, struct request *r)
{
	struct site *s = ptr;
	struct answer stream = { .status = 200, .kind = ANSWER_STREAM, .type = "text/event-stream",
	                         .pull = pull_fed, .done = stream_done, .ptr = s };

	atomic_fetch_add(&s->handled, 1);
	r->app = s;
	if (text_eq(r->path, "/hold")) {
		keep(s, r, s->held, &s->n_held);
	} else if (text_eq(r->path, "/later")) {
		keep(s, r, s->later, &s->n_later);
	} else if (text_eq(r->path, "/slow")) {
		if (!server_slow(s->server, r, run_slow))
			say(r, 503, "full");
	} else if (text_eq(r->path, "/feed")) {
		server_answer(r, &stream);
	} else if (text_eq(r->path, "/endless")) {
		stream.pull = pull_endless;
		server_answer(r, &stream);
	} else if (text_eq(r->path, "/upload") || text_eq(r->path, "/take")) {
		upload(s, r);
	} else if (text_eq(r->path, "/file") || text_eq(r->path, "/missing") ||
	           text_eq(r->path, "/passing")) {
		answer_file(s, r);
	} else if (text_eq(r->path, "/nothing")) {
		server_answer(r, &(struct answer){ .status = 204 });
	} else {
		echo(r);
	}
}

static struct body_rule rule(void *ptr, const char *method, const char *path)
{
	(void)ptr;
	(void)method;
	if (text_eq(path, "/none"))
		return (struct body_rule){ .limit = 0 };
	return (struct body_rule){ .limit = SITE_BODY,
	                           .to_file = text_eq(path, "/upload") || text_eq(path, "/take") };
}

static void thread_done(void *ptr)
{
	struct site *s = ptr;

	atomic_fetch_add(&s->threads_done, 1);
}

static void log_request(void *ptr, const struct request *r, int status, size_t bytes)
{
	struct site *s = ptr;

	CHECK_INT(strlen(r->id), 16);
	CHECK(r->method && r->path && r->peer[0]);
	atomic_store(&s->last_status, status);
	atomic_store(&s->last_bytes, bytes);
	atomic_fetch_add(&s->logged, 1);
}

static void *answer_later(void *ptr)
{
	struct site *s = ptr;

	pthread_mutex_lock(&s->lock);
	while (!s->closing || s->n_later > 0) {
		if (s->n_later == 0) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}

		struct request *r = s->later[--s->n_later];

		pthread_mutex_unlock(&s->lock);
		echo(r);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

void site_init(struct site *s)
{
	*s = (struct site){
		.options = {
			.listen = "127.0.0.1:0",
			.threads = 2,
			.slow_threads = 2,
			.ptr = s,
			.rule = rule,
			.handle = handle,
			.thread_done = thread_done,
			.log = log_request,
		},
		.pace = { .headers = 10000, .idle = 60000, .body = 10000, .sending = 30000,
		          .parting = 5000, .watch = 20 },
		.temp = "/tmp/http_site_XXXXXX",
	};
	arena_init(&s->mem, 0);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	CHECK(mkdtemp(s->temp) != NULL);
	s->options.temp = s->temp;
}

void site_open(struct site *s)
{
	const char *error = NULL;

	CHECK(pthread_create(&s->answerer, NULL, answer_later, s) == 0);
	s->server = server_start_paced(&s->mem, &s->options, &s->pace, &error);
	CHECK_TEXT(error, NULL);
	s->port = server_port(s->server);
}

void site_close(struct site *s, int ms)
{
	server_stop(s->server, ms);
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->answerer, NULL);
}

void site_done(struct site *s)
{
	static const char *const left[] = { "taken", "file", "passing" };

	for (size_t i = 0; i < LENGTH(left); i++)
		unlink(fmt(&s->mem, "%s/%s", s->temp, left[i]));
	CHECK(rmdir(s->temp) == 0);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	arena_done(&s->mem);
}

static void pause_a_little(void)
{
	usleep(2000);
}

bool site_holds(struct site *s, size_t n)
{
	size_t have = 0;

	for (int64_t until = date_ticks() + PEER_PATIENCE; have < n && date_ticks() < until;) {
		pause_a_little();
		pthread_mutex_lock(&s->lock);
		have = s->n_held;
		pthread_mutex_unlock(&s->lock);
	}
	return have >= n;
}

void site_answer_held(struct site *s, int status)
{
	pthread_mutex_lock(&s->lock);
	while (s->n_held > 0)
		say(s->held[--s->n_held], status, "held");
	pthread_mutex_unlock(&s->lock);
}

void site_feed(struct site *s, const char *text)
{
	pthread_mutex_lock(&s->lock);
	if (text)
		snprintf(s->fed, sizeof s->fed, "%s", text);
	else
		s->feed_ends = true;
	pthread_mutex_unlock(&s->lock);
	server_wake(s->server);
}

void site_free_slow(struct site *s)
{
	pthread_mutex_lock(&s->lock);
	s->slow_blocked = false;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

bool site_counts(_Atomic int *counter, int n)
{
	for (int64_t until = date_ticks() + PEER_PATIENCE; date_ticks() < until;) {
		if (atomic_load(counter) >= n)
			return true;
		pause_a_little();
	}
	return false;
}

int site_files(const struct site *s)
{
	DIR *dir = opendir(s->temp);
	int n = 0;

	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}
