#include "http/request.h"

#include <stdlib.h>

#include "http/exchange.h"
#include "http/trial.h"
#include "http/wire.h"
#include "tests/test.h"

/* A request with these headers, as the server would hand it on. */
static struct request *request_with(struct exchange *x, struct http_header *headers, size_t n)
{
	x->request.mem = &x->mem;
	x->request.server = x;
	x->request.query = "";
	x->headers = headers;
	x->n_headers = n;
	return &x->request;
}

TEST(request_header_in_any_case)
{
	struct http_header headers[] = { { "X-File-Name", "a.csv" }, { "accept", "1" },
	                                 { "Accept", "2" } };
	struct exchange *x = exchange_new();
	struct request *r = request_with(x, headers, LENGTH(headers));

	CHECK_TEXT(request_header(r, "x-file-name"), "a.csv");
	CHECK_TEXT(request_header(r, "ACCEPT"), "1");
	CHECK_TEXT(request_header(r, "X-File"), NULL);
	CHECK_TEXT(request_header(r, ""), NULL);
	exchange_free(x);
}

TEST(request_cookie_by_exact_name)
{
	struct http_header headers[] = {
		{ "Cookie", "a=1; __Host-session=abc=def ; b=\"quoted\";empty=; flag" },
		{ "cookie", "second=2;  a=3" },
	};
	struct exchange *x = exchange_new();
	struct request *r = request_with(x, headers, LENGTH(headers));

	CHECK_TEXT(request_cookie(r, "a"), "1");
	CHECK_TEXT(request_cookie(r, "__Host-session"), "abc=def");
	CHECK_TEXT(request_cookie(r, "b"), "quoted");
	CHECK_TEXT(request_cookie(r, "empty"), "");
	CHECK_TEXT(request_cookie(r, "second"), "2");
	CHECK_TEXT(request_cookie(r, "flag"), NULL);
	CHECK_TEXT(request_cookie(r, "A"), NULL);
	CHECK_TEXT(request_cookie(r, "session"), NULL);
	CHECK_TEXT(request_cookie(r, ""), NULL);
	exchange_free(x);
}

TEST(request_cookie_survives_odd_headers)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(wire_cookie(&mem, "", "a"), NULL);
	CHECK_TEXT(wire_cookie(&mem, ";;; ;=;", "a"), NULL);
	CHECK_TEXT(wire_cookie(&mem, "a", "a"), NULL);
	CHECK_TEXT(wire_cookie(&mem, "a=", "a"), "");
	CHECK_TEXT(wire_cookie(&mem, "a=\"", "a"), "\"");
	CHECK_TEXT(wire_cookie(&mem, "a =  1  ;b=2", "a"), "1");
	CHECK_TEXT(wire_cookie(&mem, "a=;b=2", "a"), "");
	CHECK_TEXT(wire_cookie(&mem, "a=   ;b=2", "a"), "");
	CHECK_TEXT(wire_cookie(&mem, "\ta=1", "a"), "1");
	arena_done(&mem);
}

TEST(request_param_is_decoded)
{
	struct exchange *x = exchange_new();
	struct request *r = request_with(x, NULL, 0);

	r->query = "q=%E5%8D%8E+%E4%B8%BA&limit=20&a%2Eb=c&empty=&flag&bad=%ZZ&cut=%4&nul=%00"
	           "&eq=a=b&limit=30&=x";
	CHECK_TEXT(request_param(r, "q"), "华 为");
	CHECK_TEXT(request_param(r, "limit"), "20");
	CHECK_TEXT(request_param(r, "a.b"), "c");
	CHECK_TEXT(request_param(r, "empty"), "");
	CHECK_TEXT(request_param(r, "flag"), "");
	CHECK_TEXT(request_param(r, "eq"), "a=b");
	CHECK_TEXT(request_param(r, "bad"), NULL);
	CHECK_TEXT(request_param(r, "cut"), NULL);
	CHECK_TEXT(request_param(r, "nul"), NULL);
	CHECK_TEXT(request_param(r, "lim"), NULL);
	CHECK_TEXT(request_param(r, "limits"), NULL);
	exchange_free(x);
}

TEST(request_answer_headers_are_kept_in_order)
{
	struct answer a = { .status = 200 };

	for (int i = 0; i < 15; i++)
		answer_header(&a, i % 2 ? "Set-Cookie" : "ETag", i ? "x" : "first");
	CHECK_INT(a.n_headers, 15);
	CHECK_TEXT(a.headers[0].value, "first");
	CHECK_TEXT(a.headers[14].name, "ETag");
	CHECK(!a.headers[15].name);
}

TEST(wire_path_is_decoded_or_refused)
{
	static const struct {
		const char *raw, *path;
	} cases[] = {
		{ "/", "/" },
		{ "/api/lead/7", "/api/lead/7" },
		{ "/%E5%95%86%E6%9C%BA", "/商机" },
		{ "/商机", "/商机" },
		{ "/a+b", "/a+b" },
		{ "/a%20b", "/a b" },
		{ "/...", "/..." },
		{ "/.a/b.", "/.a/b." },
		{ "//a", "//a" },
		{ "", NULL },
		{ "a", NULL },
		{ "*", NULL },
		{ "http://a/", NULL },
		{ "/..", NULL },
		{ "/.", NULL },
		{ "/a/../b", NULL },
		{ "/a/./b", NULL },
		{ "/a/..", NULL },
		{ "/%2e%2e/b", NULL },
		{ "/a/%2E%2e", NULL },
		{ "/a%2Fb", NULL },
		{ "/a%2fb", NULL },
		{ "/a%00b", NULL },
		{ "/a%0Ab", NULL },
		{ "/a%7F", NULL },
		{ "/a\tb", NULL },
		{ "/a b", NULL },
		{ "/a#b", NULL },
		{ "/%", NULL },
		{ "/%4", NULL },
		{ "/%GG", NULL },
		{ "/%FF", NULL },
		{ "/%C0%AF", NULL },
		{ "/%ED%A0%80", NULL },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		test_text(__FILE__, __LINE__, cases[i].raw,
		          wire_path(&mem, cases[i].raw, strlen(cases[i].raw)), cases[i].path);
	arena_done(&mem);
}

TEST(wire_hosts)
{
	CHECK(wire_host("crm.example.com"));
	CHECK(wire_host("127.0.0.1:8080"));
	CHECK(wire_host("[::1]:8443"));
	CHECK(wire_host("a_b"));
	CHECK(!wire_host(""));
	CHECK(!wire_host("a b"));
	CHECK(!wire_host("a/b"));
	CHECK(!wire_host("evil@crm"));
	CHECK(!wire_host("a,b"));
	CHECK(!wire_host("商机"));
}

TEST(wire_lengths)
{
	uint64_t n = 0;

	CHECK(wire_length("0", &n) && n == 0);
	CHECK(wire_length("007", &n) && n == 7);
	CHECK(wire_length("1844674407370955160", &n) && n == 1844674407370955160U);
	CHECK(!wire_length("", &n));
	CHECK(!wire_length("+1", &n));
	CHECK(!wire_length("-1", &n));
	CHECK(!wire_length("1 ", &n));
	CHECK(!wire_length("0x10", &n));
	CHECK(!wire_length("1,1", &n));
	CHECK(!wire_length("18446744073709551616", &n));
	CHECK(!wire_length("99999999999999999999999999", &n));
}

TEST(wire_addresses_have_one_spelling)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(wire_address(&mem, "10.0.0.1"), "10.0.0.1");
	CHECK_TEXT(wire_address(&mem, "::ffff:10.0.0.1"), "10.0.0.1");
	CHECK_TEXT(wire_address(&mem, "2001:DB8:0:0::1"), "2001:db8::1");
	CHECK_TEXT(wire_address(&mem, "010.0.0.1"), NULL);
	CHECK_TEXT(wire_address(&mem, "10.0.0.1:80"), NULL);
	CHECK_TEXT(wire_address(&mem, "unknown"), NULL);
	CHECK_TEXT(wire_forwarded(&mem, "1.1.1.1, 2.2.2.2 ,\t3.3.3.3 "), "3.3.3.3");
	CHECK_TEXT(wire_forwarded(&mem, "4.4.4.4"), "4.4.4.4");
	CHECK_TEXT(wire_forwarded(&mem, "1.1.1.1,"), NULL);
	CHECK_TEXT(wire_forwarded(&mem, ""), NULL);
	arena_done(&mem);
}

TEST(wire_listen_addresses)
{
	struct arena mem;
	char *host = NULL;
	char *port = NULL;

	arena_init(&mem, 0);
	CHECK(wire_listen(&mem, "127.0.0.1:8080", &host, &port));
	CHECK_TEXT(host, "127.0.0.1");
	CHECK_TEXT(port, "8080");
	CHECK(wire_listen(&mem, "[::]:0", &host, &port));
	CHECK_TEXT(host, "::");
	CHECK_TEXT(port, "0");
	CHECK(!wire_listen(&mem, "127.0.0.1", &host, &port));
	CHECK(!wire_listen(&mem, "127.0.0.1:", &host, &port));
	CHECK(!wire_listen(&mem, "127.0.0.1:65536", &host, &port));
	CHECK(!wire_listen(&mem, ":::80", &host, &port));
	CHECK(!wire_listen(&mem, ":80", &host, &port));
	CHECK(!wire_listen(&mem, "a:b", &host, &port));
	arena_done(&mem);
}

/* The headers of "V\0\0name\0value\0\0…" as the library cuts them, on trial. */
static int verdict(char *cut, const struct http_header *headers, size_t n, const char *end)
{
	struct arena mem;
	struct trial t;

	arena_init(&mem, 0);
	trial_start(&t, &mem, cut);
	for (size_t i = 0; i < n; i++)
		if (!trial_header(&t, headers[i].name, strlen(headers[i].name), headers[i].value,
		                  strlen(headers[i].value)))
			break;

	int status = trial_end(&t, cut, end);

	if (!status) {
		trial_take(&t, &mem, cut, (size_t)(end - cut));
		CHECK_TEXT(t.headers[0].name, "Host");
		CHECK_TEXT(t.headers[1].value, "b");
		CHECK(t.headers[0].name != headers[0].name);
	}
	arena_done(&mem);
	return status;
}

TEST(trial_sees_what_stood_between_lines)
{
	/* "HTTP/1.1\r\n" "Host: a\r\n" "X:b\t\r\n" "\r\n" */
	char good[] = "HTTP/1.1\0\0Host\0 a\0\0X\0b\t\0\0\0";
	const struct http_header right[] = { { good + 10, good + 16 }, { good + 19, good + 21 } };
	/* A bare LF behind the first header leaves one zero. */
	char bare[] = "HTTP/1.1\0\0Host\0 a\0X\0b\0\0\0";
	const struct http_header lf[] = { { bare + 10, bare + 16 }, { bare + 18, bare + 20 } };
	/* A NUL inside the first value hides its rest. */
	char nul[] = "HTTP/1.1\0\0Host\0 a\0z\0\0X\0b\0\0\0";
	const struct http_header hidden[] = { { nul + 10, nul + 16 }, { nul + 21, nul + 23 } };
	/* "a\0`\n\n" is as long as "a\r\n\r\n". */
	char same[] = "HTTP/1.1\0\0Host\0 a\0`\0";
	const struct http_header length[] = { { same + 10, same + 16 } };

	CHECK_INT(verdict(same, length, 1, same + sizeof same), 400);
	CHECK_INT(verdict(good, right, 2, good + sizeof good), 0);
	CHECK_INT(verdict(good, right, 2, good + sizeof good - 1), 400);
	CHECK_INT(verdict(good, right, 1, good + sizeof good), 400);
	CHECK_INT(verdict(bare, lf, 2, bare + sizeof bare), 400);
	CHECK_INT(verdict(nul, hidden, 2, nul + sizeof nul), 400);
}
