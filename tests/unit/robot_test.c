#include "modules/notify/robot.h"

#include "base/secret.h"
#include "tests/test.h"

/* RFC 4231, case 2. */
TEST(secret_signs_as_published)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(secret_sign(&mem, "Jefe", "what do ya want for nothing?"), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
	arena_done(&mem);
}

TEST(robot_speaks_each_platform)
{
	const char *url, *body;
	struct arena mem;

	arena_init(&mem, 0);
	CHECK(robot_request(&mem, "wecom", "https://w/send?key=k", NULL, "一\"二", 1700000000123, &url, &body));
	CHECK_TEXT(url, "https://w/send?key=k");
	CHECK_TEXT(body, "{\"msgtype\":\"text\",\"text\":{\"content\":\"一\\\"二\"}}");
	CHECK(robot_request(&mem, "dingtalk", "https://d/send?access_token=t", "SEC1", "x", 1700000000123, &url, &body));
	CHECK(text_starts(url, "https://d/send?access_token=t&timestamp=1700000000123&sign="));
	CHECK(!strchr(url, '+') && !strchr(strstr(url, "sign=") + 5, '='));
	CHECK(robot_request(&mem, "feishu", "https://f/hook", "SEC1", "x", 1700000000123, &url, &body));
	CHECK_TEXT(url, "https://f/hook");
	CHECK(text_starts(body, "{\"timestamp\":\"1700000000\",\"sign\":\"") && strstr(body, "\"msg_type\":\"text\",\"content\":{\"text\":\"x\"}}"));
	CHECK(!robot_request(&mem, "pager", "https://f", NULL, "x", 0, &url, &body));
	arena_done(&mem);
}

/* They answer 200 whatever it was. */
TEST(robot_hears_a_refusal)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK(!robot_refused(&mem, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}"));
	CHECK(!robot_refused(&mem, 200, "{\"code\":0,\"msg\":\"success\"}"));
	CHECK(!robot_refused(&mem, 200, "{\"StatusCode\":0}"));
	CHECK_TEXT(robot_refused(&mem, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}"), "310000 sign not match");
	CHECK_TEXT(robot_refused(&mem, 502, "<html>"), "HTTP 502");
	CHECK(robot_refused(&mem, 200, "[]") && robot_refused(&mem, 200, "{}"));
	arena_done(&mem);
}
