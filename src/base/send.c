#include "base/send.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

#include "base/date.h"
#include "base/secret.h"

enum { CONNECT_SECONDS = 10, SECONDS = 20, MOST = 65536 };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static CURL *begin(const char *url, char error[CURL_ERROR_SIZE])
{
	CURL *c;

	pthread_once(&once, start);
	c = curl_easy_init();
	if (!c)
		return NULL;
	error[0] = '\0';
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)SECONDS);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	return c;
}

/* The library's words, without the address: it may hold a key. */
static const char *end(struct arena *mem, CURL *c, CURLcode code, const char *error)
{
	const char *words = code == CURLE_OK ? NULL : arena_dup(mem, code == CURLE_URL_MALFORMAT || !error[0] ? curl_easy_strerror(code) : error);

	curl_easy_cleanup(c);
	return words;
}

/* An address ends no line and opens no bracket. */
static bool is_plain(const char *s)
{
	return s && *s && !strpbrk(s, "\r\n<>");
}

/* RFC 2047, in pieces that fit a line and cut no character. */
static void add_word(struct arena *mem, struct text *out, const char *s)
{
	enum { PIECE = 12 };            /* characters */

	while (*s) {
		const char *piece = utf8_cut(mem, s, PIECE);

		text_addf(out, "%s=?UTF-8?B?%s?=", out->len && out->s[out->len - 1] == '=' ? "\r\n " : "", secret_base64(mem, piece, strlen(piece)));
		s += strlen(piece);
	}
}

static const char *message(struct arena *mem, const struct send_mail *m)
{
	static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t day = m->now / 86400000;
	int64_t second = m->now / 1000 % 86400;
	const char *date = date_text(mem, day);
	const char *coded = secret_base64(mem, m->body, strlen(m->body));
	struct text out;

	text_init(&out, mem);
	text_addf(&out, "Date: %s, %.2s %s %.4s %02d:%02d:%02d +0000\r\nFrom: ", weekdays[date_weekday(day) - 1], date + 8,
	          months[(date[5] - '0') * 10 + date[6] - '0' - 1], date, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
	if (m->from_name && *m->from_name)
		add_word(mem, &out, m->from_name);
	text_addf(&out, " <%s>\r\nTo: <%s>\r\nSubject: ", m->from, m->to);
	add_word(mem, &out, m->subject);
	text_addf(&out, "\r\nMessage-ID: <%s@%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
	                "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n", m->id, strchr(m->from, '@') ? strchr(m->from, '@') + 1 : "localhost");
	for (size_t n = strlen(coded); n; ) {
		size_t part = n < 76 ? n : 76;

		text_addf(&out, "%.*s\r\n", (int)part, coded);
		coded += part;
		n -= part;
	}
	return out.s;
}

struct reading { const char *p; size_t n; };

static size_t give(char *out, size_t size, size_t n, void *ptr)
{
	struct reading *r = ptr;
	size_t part = size * n < r->n ? size * n : r->n;

	memcpy(out, r->p, part);
	r->p += part;
	r->n -= part;
	return part;
}

bool send_mail(struct arena *mem, const struct send_mail *m, const char **ret_error)
{
	char error[CURL_ERROR_SIZE];
	const char *text;
	struct reading r;
	struct curl_slist *to;
	CURLcode code;
	CURL *c;

	if (!is_plain(m->from) || !is_plain(m->to)) {
		*ret_error = "not a mail address";
		return false;
	}
	text = message(mem, m);
	r = (struct reading){ text, strlen(text) };
	c = begin(m->server, error);
	if (!c) {
		*ret_error = "out of memory";
		return false;
	}
	to = curl_slist_append(NULL, m->to);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_USE_SSL, m->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	if (m->user && *m->user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, m->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, m->password ? m->password : "");
	}
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, m->from);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, &r);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	code = curl_easy_perform(c);
	curl_slist_free_all(to);
	*ret_error = end(mem, c, code, error);
	return code == CURLE_OK;
}

static size_t take(char *in, size_t size, size_t n, void *ptr)
{
	struct text *out = ptr;

	if (out->len + size * n > MOST)
		return 0;
	text_addn(out, in, size * n);
	return size * n;
}

bool send_json(struct arena *mem, const char *url, const char *body, long *ret_status, const char **ret_answer,
               const char **ret_error)
{
	char error[CURL_ERROR_SIZE];
	struct curl_slist *head;
	struct text out;
	CURLcode code;
	CURL *c = begin(url, error);

	*ret_status = 0;
	*ret_answer = "";
	if (!c) {
		*ret_error = "out of memory";
		return false;
	}
	text_init(&out, mem);
	head = curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &out);
	code = curl_easy_perform(c);
	if (code == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
	curl_slist_free_all(head);
	*ret_answer = out.s;
	*ret_error = end(mem, c, code, error);
	return code == CURLE_OK;
}
