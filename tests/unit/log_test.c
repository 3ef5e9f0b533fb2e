#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"
#include "base/json.h"
#include "tests/test.h"

/*
 * Stderr is a datagram socket while a test runs: every write arrives as one
 * message of its own, so a line in two writes would be seen.
 */
static int saved_stderr;
static int reader;
static char message[100000];

static void listen_in(void)
{
	int pair[2];

	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	CHECK(saved_stderr >= 0);
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	CHECK(dup2(pair[1], STDERR_FILENO) == STDERR_FILENO);
	close(pair[1]);
	reader = pair[0];
}

static void stop_listening(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(reader);
}

/* The next write, terminated; NULL if there was none. */
static const char *heard(void)
{
	ssize_t n = recv(reader, message, sizeof message - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	message[n] = '\0';
	return message;
}

/* The next write as JSON: one line that ends with a line feed and has no other. */
static const struct json *heard_json(struct arena *mem)
{
	struct json_error error;
	const char *s = heard();

	CHECK(s != NULL);
	if (!s)
		return NULL;
	CHECK(strchr(s, '\n') == s + strlen(s) - 1);

	const struct json *j = json_parse(mem, s, strlen(s), &error);

	CHECK(j != NULL);
	return j;
}

TEST(log_line_is_one_json_object_in_one_write)
{
	struct arena mem;
	int64_t before = date_now();
	int64_t at = 0;

	arena_init(&mem, 0);
	listen_in();
	log_line(LOG_INFO, "request", "path", "/api/lead", "status", "200", "member", NULL, NULL);

	const struct json *j = heard_json(&mem);

	CHECK(heard() == NULL);
	stop_listening();
	CHECK(j && j->len == 6);
	CHECK_TEXT(json_text(j, "event", ""), "request");
	CHECK_TEXT(json_text(j, "level", ""), "info");
	CHECK_TEXT(json_text(j, "path", ""), "/api/lead");
	CHECK_TEXT(json_text(j, "status", ""), "200");
	CHECK(json_get(j, "member") && json_get(j, "member")->kind == JSON_NULL);
	CHECK(instant_parse(json_text(j, "at", ""), &at));
	CHECK(at >= before - 1000 && at <= date_now());
	arena_done(&mem);
}

TEST(log_line_stays_a_line_whatever_a_client_sent)
{
	static const char *const nasty[] = {
		"a\nb\r\n{\"level\":\"error\"}", "\"}\n", "\x1B[2J", "\xFF\xFE", "\xE2\x80\xA8", "\xC2\x9B;2J",
		"\\", "",
	};
	struct arena mem;

	arena_init(&mem, 0);
	listen_in();
	for (size_t i = 0; i < LENGTH(nasty); i++) {
		log_line(LOG_WARN, nasty[i], "value", nasty[i], nasty[i], "as name", NULL);
		CHECK(heard_json(&mem) != NULL);
		for (const char *s = message; *s; s++)
			CHECK((unsigned char)*s >= 0x20 || (*s == '\n' && !s[1]));
		CHECK(!strstr(message, "\xC2\x9B") && !strstr(message, "\xE2\x80\xA8"));
	}
	CHECK(heard() == NULL);
	stop_listening();
	arena_done(&mem);
}

TEST(log_line_of_any_length_is_one_write)
{
	static char many[60000];
	struct arena mem;

	arena_init(&mem, 0);
	memset(many, 'w', sizeof many - 1);
	listen_in();
	log_line(LOG_ERROR, "large", "text", many, NULL);

	const struct json *j = heard_json(&mem);

	CHECK(heard() == NULL);
	stop_listening();
	CHECK_TEXT(json_text(j, "text", ""), many);
	arena_done(&mem);
}

TEST(log_level_drops_what_is_below)
{
	listen_in();
	log_line(LOG_DEBUG, "dropped", NULL);
	CHECK(heard() == NULL);
	log_level(LOG_DEBUG);
	log_line(LOG_DEBUG, "kept", NULL);
	CHECK(heard() && strstr(message, "\"debug\""));
	log_level(LOG_ERROR);
	log_line(LOG_WARN, "dropped", NULL);
	CHECK(heard() == NULL);
	log_line(LOG_ERROR, "kept", NULL);
	CHECK(heard() && strstr(message, "\"error\""));
	log_level(LOG_INFO);
	stop_listening();
}

enum { THREADS = 4, LINES = 200 };

static void *many_lines(void *unused)
{
	(void)unused;
	for (int i = 0; i < LINES; i++)
		log_line(LOG_INFO, "thread", "a", "1234567890", "b", "王芳王芳王芳", NULL);
	return NULL;
}

TEST(log_lines_of_threads_do_not_mix)
{
	pthread_t threads[THREADS];
	struct arena mem;
	int lines = 0;

	arena_init(&mem, 0);
	listen_in();
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, many_lines, NULL), 0);
	/* The socket holds few messages at a time: read while they write. */
	for (int waits = 0; lines < THREADS * LINES && waits < 20000;) {
		struct json_error error;
		const char *s = heard();

		if (!s) {
			waits++;
			usleep(500);
			continue;
		}

		const struct json *j = json_parse(&mem, s, strlen(s), &error);

		CHECK_TEXT(json_text(j, "b", ""), "王芳王芳王芳");
		lines++;
	}
	CHECK_INT(lines, THREADS * LINES);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	stop_listening();
	arena_done(&mem);
}
