#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <malloc.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/client.h"
#include "http/exchange.h"
#include "http/listen.h"
#include "http/pace.h"
#include "http/slow.h"
#include "http/trial.h"
#include "http/wire.h"

enum {
	SPARE_EXCHANGES = 32,           /* kept per worker, each with up to 256 KB */
	SPARE_CONNECTIONS = 128,        /* over the limit, to be told so */
	OTHER_FILES = 256,              /* descriptors for the rest of the program */
	WARM = 1024,                    /* connections with all their memory at hand, in all */
	PEAK = 256,                     /* connections of a worker worth tidying up after */
	WARM_TIME = 5000,               /* ms */
	STOP_STEP = 20,                 /* ms between looks while winding down */
	STREAM_BLOCK = 1024,            /* only for HTTP/1.0 */
};

static char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static const struct pace usual_pace = {
	.headers = 10 * 1000,
	.idle = 60 * 1000,
	.body = 10 * 1000,
	.sending = 30 * 1000,
	.parting = 5 * 1000,
	.watch = 1000,
};

/*
 * One thread with one epoll loop of the library.  The loop is ours (the
 * library's external mode), because then everything about a connection
 * – its clocks, waking it, ending it – happens on its own thread without locks.
 */
struct worker {
	struct server *server;
	pthread_t thread;
	struct MHD_Daemon *daemon;
	int listener;                           /* its own descriptor of the one socket */
	int library;                            /* the library's epoll */
	int bell;                               /* an eventfd: look at the next three */
	_Atomic(struct exchange *) answered;    /* newest first */
	_Atomic int answering;                  /* threads between pushing and ringing */
	_Atomic bool woken;                     /* server_wake was called */

	/* Only for its own thread: */
	struct client *clients;
	size_t n_clients, peak;
	struct warmth warmth;
	struct exchange *spare;
	size_t n_spare;
	uint64_t next_id;
	int64_t watched_at;
	bool quiet;                             /* listens no more */
};

struct server {
	struct server_options options;
	struct pace pace;
	struct crowd *crowd;
	struct slow *slow;
	int listener, port;
	struct worker *workers;
	int n_workers;
	size_t warm;                            /* of each worker */
	_Atomic int turned_away;                /* connections over the limit, still open */
	_Atomic bool stopping;
	_Atomic int64_t stop_at;
};

/* ---- waking a worker from other threads -------------------------------------- */

static void ring(const struct worker *w)
{
	const uint64_t one = 1;
	ssize_t n = write(w->bell, &one, sizeof one);

	/* It can only fail when the bell rings already. */
	(void)n;
}

void server_wake(struct server *s)
{
	for (int i = 0; i < s->n_workers; i++)
		if (!atomic_exchange(&s->workers[i].woken, true))
			ring(&s->workers[i]);
}

static void push_answered(struct worker *w, struct exchange *x)
{
	atomic_fetch_add(&w->answering, 1);

	struct exchange *head = atomic_load(&w->answered);

	do
		x->next = head;
	while (!atomic_compare_exchange_weak(&w->answered, &head, x));

	/* x is the worker's now; w itself stays until `answering` is zero again. */
	if (!head)
		ring(w);
	atomic_fetch_sub(&w->answering, 1);
}

void server_answer(struct request *r, const struct answer *a)
{
	struct exchange *x = exchange_of(r);

	assert(a->status >= 200 && a->status < 600);
	x->answer = *a;

	enum exchange_state before = (enum exchange_state)
		atomic_exchange(&x->state, EXCHANGE_ANSWERED);

	assert(before != EXCHANGE_ANSWERED);

	/* Still inside handle(): the worker looks when it returns. */
	if (before == EXCHANGE_RUNNING)
		return;
	if (before == EXCHANGE_WAITING)
		push_answered(x->worker, x);
	else
		exchange_free(x);
}

bool server_slow(struct server *s, struct request *r, void (*fn)(struct request *r))
{
	return slow_push(s->slow, r, fn);
}

int server_port(const struct server *s)
{
	return s->port;
}

/* ---- answering ----------------------------------------------------------------- */

/* Fills from the application's stream; on the worker's thread. */
static ssize_t read_stream(void *ptr, uint64_t at, char *out, size_t n)
{
	struct exchange *x = ptr;
	const struct answer *a = &x->answer;

	(void)at;
	if (x->client->left)
		return MHD_CONTENT_READER_END_WITH_ERROR;

	int64_t got = a->pull(a->ptr, out, n);

	assert(got <= (int64_t)n);
	if (got < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (got == 0) {
		if (atomic_load(&x->worker->server->stopping))
			return MHD_CONTENT_READER_END_OF_STREAM;
		MHD_suspend_connection(x->connection);
		client_phase(x->client, PHASE_ASLEEP, date_ticks());
	}
	x->sent += (uint64_t)got;
	return (ssize_t)got;
}

/* The file to send; NULL if it cannot be opened. */
static struct MHD_Response *file_response(struct exchange *x)
{
	int fd = open(x->answer.path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		x->answer.size = (size_t)st.st_size;
		return MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
	}
	log_line(LOG_ERROR, "answer", "request", x->request.id, "reason", strerror(errno), NULL);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static struct MHD_Response *text_response(const struct answer *a)
{
	union {
		const void *in;
		void *out;              /* the library only reads it */
	} text = { .in = a->text };

	return MHD_create_response_from_buffer(a->size, text.out, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *stream_response(struct exchange *x)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, x, NULL);

	/*
	 * Where an answer has no body the library would still send the last chunk of
	 * one, which the client takes for the start of the next answer.
	 */
	if (response && (text_eq(x->request.method, "HEAD") || x->answer.status == 304))
		MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	return response;
}

static struct MHD_Response *response_of(struct exchange *x)
{
	switch (x->answer.kind) {
	case ANSWER_TEXT:
		return text_response(&x->answer);
	case ANSWER_FILE:
		return file_response(x);
	case ANSWER_STREAM:
		return stream_response(x);
	}
	return NULL;
}

static void add_headers(struct exchange *x, struct MHD_Response *response)
{
	const struct answer *a = &x->answer;
	struct worker *w = x->worker;

	if (a->status != 204 && a->status != 304)
		MHD_add_response_header(response, "Content-Type",
		                        a->type ? a->type : "application/json");
	MHD_add_response_header(response, "X-Request-Id", x->request.id);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	for (size_t i = 0; i < a->n_headers; i++)
		MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
	if (x->last || atomic_load(&w->server->stopping) ||
	    (!x->client->pool && w->n_clients > w->server->warm))
		MHD_add_response_header(response, "Connection", "close");
}

static enum MHD_Result respond(struct exchange *x)
{
	struct MHD_Response *response = response_of(x);

	if (!response) {
		exchange_refuse(x, 500);
		response = text_response(&x->answer);
	}
	add_headers(x, response);
	client_phase(x->client, PHASE_SENDING, date_ticks());

	enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)x->answer.status,
	                                            response);

	MHD_destroy_response(response);
	return queued;
}

/* Sends bytes past the library, without waiting. */
static void send_raw(struct client *c, const char *s, size_t n)
{
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	/* A refusal that does not fit into the socket's buffer is not worth waiting for. */
	if (tls) {
		gnutls_record_send(tls->tls_session, s, n);
		gnutls_bye(tls->tls_session, GNUTLS_SHUT_WR);
	} else {
		send(c->fd, s, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	shutdown(c->fd, SHUT_WR);
}

/*
 * The library cannot answer amid a body, and closing with unread bytes makes
 * the kernel throw our answer away.  So the refusal is sent past it at
 * once, and what still arrives is read and dropped for a short while.
 */
static enum MHD_Result refuse_and_linger(struct exchange *x)
{
	const struct answer *a = &x->answer;
	struct text head;
	struct tm utc;
	time_t now = time(NULL);
	char date[40];

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
	text_init(&head, &x->mem);
	text_addf(&head, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\n"
	                 "Content-Type: application/json\r\nX-Request-Id: %s\r\n"
	                 "X-Content-Type-Options: nosniff\r\nContent-Length: %zu\r\n",
	          a->status, MHD_get_reason_phrase_for((unsigned)a->status), date,
	          x->request.id, a->size);
	for (size_t i = 0; i < a->n_headers; i++)
		text_addf(&head, "%s: %s\r\n", a->headers[i].name, a->headers[i].value);
	text_add(&head, "\r\n");
	text_addn(&head, a->text, a->size);
	send_raw(x->client, head.s, head.len);
	x->lingers = true;
	client_phase(x->client, PHASE_PARTING, date_ticks());
	return MHD_YES;
}

/* ---- reading a request ---------------------------------------------------------- */

static enum MHD_Result try_header(void *ptr, enum MHD_ValueKind kind, const char *name,
                                  size_t name_length, const char *value, size_t length)
{
	(void)kind;
	return trial_header(ptr, name, name_length, value, length) ? MHD_YES : MHD_NO;
}

/* Judges request line and headers; returns the status of the refusal, or 0. */
static int try_headers(struct exchange *x, const char *method, const char *version)
{
	const struct client *c = x->client;
	const size_t size = MHD_get_connection_info(x->connection,
		MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
	struct trial t;

	/* Nothing but one blank between the words of the request line. */
	if (method + strlen(method) + 1 != c->target ||
	    c->target + c->target_length + 1 != version)
		return 400;
	if (size > HTTP_HEADER_BYTES)
		return 431;
	trial_start(&t, &x->mem, version);
	MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, try_header, &t);

	int status = trial_end(&t, version, method + size);

	if (status)
		return status;

	/* Copied, because the library may be done with its buffer before the answer. */
	trial_take(&t, &x->mem, method, size);
	x->headers = t.headers;
	x->n_headers = t.n;
	x->announced = t.announced;

	/*
	 * The library is lax about the lines between chunks.  A proxy that reads
	 * them otherwise could be made to see another request behind this one;
	 * there is none if nothing behind it is read.
	 */
	x->last = t.coding;
	return 0;
}

/* Fills the request from line and headers; returns the status of a refusal, or 0. */
static int admit(struct exchange *x, const char *method, const char *version)
{
	struct request *r = &x->request;
	struct client *c = x->client;
	const struct server_options *o = &x->worker->server->options;

	r->mem = &x->mem;
	r->server = x;
	r->id = exchange_id(x, &x->worker->next_id);
	r->started = date_ticks();
	r->peer = arena_dup(&x->mem, c->peer);
	r->https = o->tls_cert;
	r->host = "";
	r->query = "";
	r->path = "";
	r->method = wire_method(method);
	if (!r->method) {
		r->method = "";
		return 501;
	}
	if (c->target_length > HTTP_URL)
		return 414;

	int status = try_headers(x, method, version);

	if (status)
		return status;

	const char *host = request_header(r, "Host");
	char *path = wire_path(&x->mem, c->target, strcspn(c->target, "?"));

	if (!path || c->malformed)
		return 400;
	r->path = path;
	if (c->query)
		r->query = arena_dup(&x->mem, c->query);
	if (host)
		r->host = host;
	exchange_trust(x, o->trusted_proxy);
	x->temp = o->temp;
	x->rule = o->rule(o->ptr, r->method, r->path);
	return x->announced > x->rule.limit ? 413 : 0;
}

static struct client *client_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static struct exchange *take_exchange(struct worker *w)
{
	struct exchange *x = w->spare;

	if (!x)
		return exchange_new();
	w->spare = x->next;
	w->n_spare--;
	x->next = NULL;
	return x;
}

static void give_exchange(struct worker *w, struct exchange *x)
{
	if (w->n_spare == SPARE_EXCHANGES) {
		exchange_free(x);
		return;
	}
	exchange_reset(x);
	x->next = w->spare;
	w->spare = x;
	w->n_spare++;
}

/* Whether the library will read a body, and the client does not wait to be asked for it. */
static bool body_comes(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                                 MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *expect = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                                 MHD_HTTP_HEADER_EXPECT);

	if (expect && strcasecmp(expect, "100-continue") == 0)
		return false;
	return (length && strcmp(length, "0") != 0) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                   MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static enum MHD_Result refuse(struct exchange *x, int status)
{
	exchange_refuse(x, status);
	x->last = true;
	return body_comes(x->connection) ? refuse_and_linger(x) : respond(x);
}

/* Line and headers are here. */
static enum MHD_Result begin(struct worker *w, struct client *c, const char *method,
                             const char *version)
{
	if (c->phase == PHASE_PARTING)
		return MHD_NO;

	struct exchange *x = take_exchange(w);

	x->worker = w;
	x->client = c;
	x->connection = c->connection;
	c->exchange = x;

	int status = admit(x, method, version);

	free(c->query);
	c->query = NULL;
	if (status)
		return refuse(x, status);
	if (x->announced || x->last)
		client_phase(c, PHASE_BODY, date_ticks());
	return MHD_YES;
}

static enum MHD_Result more(struct exchange *x, const char *data, size_t n)
{
	int status;

	if (x->lingers || exchange_body(x, data, n, &status))
		return MHD_YES;
	exchange_refuse(x, status);
	x->last = true;
	return refuse_and_linger(x);
}

/* The request is complete: hands it to the application. */
static enum MHD_Result complete(struct worker *w, struct exchange *x)
{
	const struct server_options *o = &w->server->options;
	int running = EXCHANGE_RUNNING;
	int status;

	if (!exchange_body_end(x, &status))
		return refuse(x, status);
	client_phase(x->client, PHASE_WORK, date_ticks());
	o->handle(o->ptr, &x->request);
	if (!atomic_compare_exchange_strong(&x->state, &running, EXCHANGE_WAITING))
		return respond(x);

	/* The answer cannot overtake this: it comes through the worker's own loop. */
	x->suspended = true;
	MHD_suspend_connection(x->connection);
	return MHD_YES;
}

/* A connection whose request was abandoned when the server stopped. */
static enum MHD_Result say_stopped(struct MHD_Connection *connection)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL,
	                                                                MHD_RESPMEM_PERSISTENT);

	MHD_add_response_header(response, "Retry-After", "1");
	MHD_add_response_header(response, "Connection", "close");

	enum MHD_Result queued = MHD_queue_response(connection, 503, response);

	MHD_destroy_response(response);
	return queued;
}

/* Called for the headers, for pieces of the body, at its end, and when resumed. */
static enum MHD_Result on_request(void *ptr, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **context)
{
	struct client *c = client_of(connection);
	struct exchange *x = c->exchange;
	size_t n = *size;

	(void)url;
	if (!*context) {
		*context = c;
		return begin(ptr, c, method, version);
	}
	if (!x)
		return say_stopped(connection);
	if (n > 0) {
		*size = 0;
		return more(x, data, n);
	}
	if (x->lingers)
		return MHD_NO;
	if (atomic_load(&x->state) == EXCHANGE_ANSWERED)
		return respond(x);
	return complete(ptr, x);
}

static size_t bytes_sent(const struct exchange *x)
{
	if (strcmp(x->request.method, "HEAD") == 0)
		return 0;
	return x->answer.kind == ANSWER_STREAM ? (size_t)x->sent : x->answer.size;
}

/* The answer is sent, or the connection broke. */
static void on_completed(void *ptr, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
	struct worker *w = ptr;
	const struct server_options *o = &w->server->options;
	struct client *c = client_of(connection);
	struct exchange *x = c->exchange;

	(void)context;
	/* Closing: its memory goes at once, the connection only when the library looks at it again. */
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		client_forget(&w->warmth, c);
	free(c->query);
	c->query = NULL;
	c->exchange = NULL;
	client_phase(c, PHASE_IDLE, date_ticks());
	if (!x)
		return;
	if (x->answer.status && o->log)
		o->log(o->ptr, &x->request, x->answer.status, bytes_sent(x));
	give_exchange(w, x);
}

/* The request line as it came, before the library takes it apart. */
static void *on_target(void *ptr, const char *target, struct MHD_Connection *connection)
{
	struct worker *w = ptr;
	struct client *c = client_of(connection);
	const char *query = strchr(target, '?');
	int64_t now = date_ticks();

	c->target = target;
	c->target_length = strlen(target);
	c->malformed = !wire_target(target, c->target_length);
	free(c->query);
	c->query = query ? mem_dup(query + 1) : NULL;
	client_warm(&w->warmth, c, now);
	if (c->phase == PHASE_IDLE)
		client_phase(c, PHASE_HEADERS, now);
	return NULL;
}

/* Decoding is our business: the library would let through what wire_path refuses. */
static size_t on_unescape(void *ptr, struct MHD_Connection *connection, char *s)
{
	(void)ptr;
	(void)connection;
	return strlen(s);
}

static void tell_busy(struct worker *w, struct client *c)
{
	static const char busy[] =
		"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"
		"Content-Length: 62\r\n\r\n"
		"{\"error\":\"busy\",\"message\":\"Too many connections.\",\"errors\":[]}";

	int others = atomic_fetch_add(&w->server->turned_away, 1);

	/* A handshake would cost more than the answer is worth, and so does a flood. */
	client_phase(c, PHASE_PARTING, date_ticks());
	if (w->server->options.tls_cert || others >= SPARE_CONNECTIONS)
		client_hang_up(c);
	else
		send_raw(c, busy, sizeof busy - 1);
}

static void open_client(struct worker *w, struct MHD_Connection *connection, void **context)
{
	const struct server_options *o = &w->server->options;
	const struct sockaddr *from =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	struct client *c = mem_alloc(sizeof *c);

	*context = c;
	c->connection = connection;
	c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	client_peer(from, c->peer);
	client_phase(c, PHASE_IDLE, date_ticks());
	c->looked = true;               /* it has sent nothing yet, as far as we know */
	c->next = w->clients;
	if (c->next)
		c->next->previous = c;
	w->clients = c;
	w->n_clients++;

	/* Behind a proxy all clients have its address. */
	c->counted = crowd_enter(w->server->crowd, c, from,
	                         !text_eq(c->peer, o->trusted_proxy));
	if (!c->counted)
		tell_busy(w, c);
}

static void close_client(struct worker *w, struct client *c)
{
	if (c->counted)
		crowd_leave(w->server->crowd, c);
	else
		atomic_fetch_sub(&w->server->turned_away, 1);
	if (c->next)
		c->next->previous = c->previous;
	if (c->previous)
		c->previous->next = c->next;
	else
		w->clients = c->next;
	w->n_clients--;
	client_forget(&w->warmth, c);
	free(c->query);
	free(c);
}

static void on_connection(void *ptr, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		open_client(ptr, connection, context);
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		close_client(ptr, *context);
		return;
	}
}

/* ---- the loop of a worker -------------------------------------------------------- */

static void resume_answered(struct worker *w)
{
	struct exchange *x = NULL;

	if (atomic_load(&w->answered))
		x = atomic_exchange(&w->answered, NULL);
	for (; x; x = x->next) {
		x->suspended = false;
		MHD_resume_connection(x->connection);
	}
}

static void resume_stream(struct client *c)
{
	client_phase(c, PHASE_SENDING, date_ticks());
	MHD_resume_connection(c->connection);
}

static void wake_streams(struct worker *w)
{
	for (struct client *c = w->clients; c; c = c->next)
		if (c->phase == PHASE_ASLEEP)
			resume_stream(c);
}

/* Looks after every connection; hanging up only makes the library notice. */
static void watch(struct worker *w, int64_t now)
{
	const struct pace *p = &w->server->pace;

	if (now - w->watched_at < p->watch)
		return;
	w->watched_at = now;
	for (struct client *c = w->clients; c; c = c->next) {
		if (!client_watch(c, p, now))
			client_hang_up(c);
		else if (c->left)
			resume_stream(c);
	}

	/* Many have left: what they used goes back to the system. */
	if (w->n_clients > w->peak)
		w->peak = w->n_clients;
	if (w->peak > PEAK && w->n_clients < w->peak / 2) {
		w->peak = w->n_clients;
		malloc_trim(0);
	}
}

/* Sleeps until a socket, the bell or the clock wants something. */
static void rest(struct worker *w)
{
	MHD_UNSIGNED_LONG_LONG pending;
	struct pollfd fds[] = {
		{ .fd = w->library, .events = POLLIN },
		{ .fd = w->bell, .events = POLLIN },
	};
	bool stopping = atomic_load(&w->server->stopping);
	int64_t ms = stopping ? STOP_STEP : w->watched_at + w->server->pace.watch - date_ticks();
	uint64_t rung;

	/* Connections the library has not done with: no sleep, it asks its epoll itself. */
	if (MHD_get_timeout(w->daemon, &pending) == MHD_YES && pending == 0)
		return;
	if (poll(fds, LENGTH(fds), ms > 0 ? (int)ms : 0) > 0 && fds[1].revents) {
		ssize_t n = read(w->bell, &rung, sizeof rung);

		(void)n;
	}
}

/* Takes the waiting requests from their connections; their answers go nowhere. */
static void abandon(struct worker *w)
{
	for (struct client *c = w->clients; c; c = c->next) {
		struct exchange *x = c->exchange;
		int waiting = EXCHANGE_WAITING;

		if (!x || !x->suspended)
			continue;
		if (atomic_compare_exchange_strong(&x->state, &waiting, EXCHANGE_ABANDONED)) {
			c->exchange = NULL;
			MHD_resume_connection(c->connection);
			continue;
		}
		/* It is being answered at this very moment. */
		while (x->suspended) {
			sched_yield();
			resume_answered(w);
		}
	}
}

/* Requests under way, from their first byte. */
static bool is_busy(const struct worker *w)
{
	for (const struct client *c = w->clients; c; c = c->next)
		if (c->exchange || c->phase == PHASE_HEADERS)
			return true;
	return false;
}

/* True when this worker may end. */
static bool wind_down(struct worker *w, int64_t now)
{
	if (!w->quiet) {
		w->quiet = true;
		MHD_quiesce_daemon(w->daemon);
		wake_streams(w);
		return false;
	}
	if (!is_busy(w))
		return true;
	if (now < atomic_load(&w->server->stop_at))
		return false;
	abandon(w);
	MHD_run(w->daemon);
	MHD_run(w->daemon);             /* once to look, once to send what that queued */
	return true;
}

static void *work(void *ptr)
{
	struct worker *w = ptr;
	const struct server_options *o = &w->server->options;
	bool done = false;

	w->watched_at = date_ticks();
	while (!done) {
		rest(w);
		resume_answered(w);
		if (atomic_load(&w->woken) && atomic_exchange(&w->woken, false))
			wake_streams(w);
		MHD_run(w->daemon);

		int64_t now = date_ticks();

		client_cool(&w->warmth, w->server->warm, WARM_TIME, now);
		watch(w, now);
		done = atomic_load(&w->server->stopping) && wind_down(w, now);
	}
	/* Who answered last may still have to ring. */
	while (atomic_load(&w->answering))
		sched_yield();
	MHD_stop_daemon(w->daemon);
	while (w->spare)
		exchange_free(take_exchange(w));
	if (o->thread_done)
		o->thread_done(o->ptr);
	return NULL;
}

/* ---- start and stop ---------------------------------------------------------------- */

static struct MHD_Daemon *start_library(struct worker *w, const struct tls *tls)
{
	const struct server_options *o = &w->server->options;
	const struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, tls_versions },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };

	/*
	 * No strictness is asked of the library: it would judge nothing that we do not
	 * judge, but close without an answer, or send the head of its answer twice.
	 */
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls->cert ? MHD_USE_TLS : 0), 0,
		NULL, NULL, on_request, w,
		MHD_OPTION_LISTEN_SOCKET, w->listener,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_POOL,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)(o->connections + SPARE_CONNECTIONS),
		MHD_OPTION_CONNECTION_TIMEOUT, 0U,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, w,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, w,
		MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
		MHD_OPTION_ARRAY, tls->cert ? secure : plain, MHD_OPTION_END);
}

static bool start_worker(struct server *s, const struct tls *tls)
{
	struct worker *w = &s->workers[s->n_workers];

	w->server = s;
	w->next_id = secret_random(UINT64_MAX);
	w->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	w->listener = fcntl(s->listener, F_DUPFD_CLOEXEC, 0);
	w->daemon = w->bell < 0 || w->listener < 0 ? NULL : start_library(w, tls);
	if (w->daemon) {
		w->library = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
		if (pthread_create(&w->thread, NULL, work, w) == 0) {
			s->n_workers++;
			return true;
		}
		MHD_quiesce_daemon(w->daemon);
		MHD_stop_daemon(w->daemon);
	}
	close(w->listener);
	close(w->bell);
	return false;
}

/* All threads of the server, deaf to signals: those are for main, and SIGPIPE for nobody. */
static bool start_threads(struct server *s, const struct tls *tls)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	s->slow = slow_start(s->options.slow_threads, s->options.thread_done, s->options.ptr);

	bool ok = s->slow;

	for (int i = 0; ok && i < s->options.threads; i++)
		ok = start_worker(s, tls);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static void drop(struct request *r)
{
	server_answer(r, &(struct answer){ .status = 503 });
}

void server_stop(struct server *s, int ms)
{
	atomic_store(&s->stop_at, date_ticks() + ms);
	atomic_store(&s->stopping, true);
	for (int i = 0; i < s->n_workers; i++)
		ring(&s->workers[i]);
	for (int i = 0; i < s->n_workers; i++)
		pthread_join(s->workers[i].thread, NULL);
	if (s->slow)
		slow_stop(s->slow, drop);
	for (int i = 0; i < s->n_workers; i++) {
		close(s->workers[i].listener);
		close(s->workers[i].bell);
	}
	close(s->listener);
	crowd_free(s->crowd);
	free(s->workers);
	free(s);
}

static int or_else(int n, int usual)
{
	return n > 0 ? n : usual;
}

struct server *server_start_paced(struct arena *mem, const struct server_options *options,
                                  const struct pace *pace, const char **ret_error)
{
	struct tls tls = { 0 };

	assert(options->rule && options->handle);
	if (!listen_tls(mem, options, &tls, ret_error))
		return NULL;

	int listener = listen_open(mem, options->listen, ret_error);

	if (listener < 0)
		return NULL;
	listen_sweep(options->temp);

	struct server *s = mem_alloc(sizeof *s);
	struct server_options *o = &s->options;
	int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);

	*o = *options;
	o->threads = or_else(o->threads, 2 * cores);
	o->connections = listen_fit(or_else(o->connections, 10000), SPARE_CONNECTIONS + OTHER_FILES);
	o->per_address = or_else(o->per_address, 1000);
	o->slow_threads = or_else(o->slow_threads, 4);
	if (o->trusted_proxy)
		o->trusted_proxy = wire_address(mem, o->trusted_proxy);
	s->pace = *pace;
	s->warm = (size_t)(WARM / o->threads) + 1;
	s->listener = listener;
	s->port = listen_port(listener);
	s->crowd = crowd_new(o->connections, o->per_address);
	s->workers = mem_alloc((size_t)o->threads * sizeof *s->workers);
	if (start_threads(s, &tls))
		return s;
	*ret_error = "cannot start the server's threads";
	server_stop(s, 0);
	return NULL;
}

struct server *server_start(struct arena *mem, const struct server_options *options,
                            const char **ret_error)
{
	return server_start_paced(mem, options, &usual_pace, ret_error);
}
