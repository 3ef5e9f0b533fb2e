#include "modules/notify/robot.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/secret.h"

enum { MOST = 600 };                    /* characters: WeCom takes 2,048 bytes */

static void put_text(struct json_writer *w, const char *key, const char *words)
{
	jw_key(w, key);
	jw_text(w, words);
}

/* { "msgtype": "text", "text": { "content": … } }; Feishu calls it otherwise and has the signature in it. */
bool robot_request(struct arena *mem, const char *kind, const char *address, const char *secret, const char *words,
                   int64_t now, const char **ret_url, const char **ret_body)
{
	bool feishu = text_eq(kind, "feishu");
	bool dingtalk = text_eq(kind, "dingtalk");
	bool is_signed = secret && *secret;
	struct json_writer w;
	struct text body;

	if (!feishu && !dingtalk && !text_eq(kind, "wecom"))
		return false;
	words = utf8_cut(mem, words, MOST);
	text_init(&body, mem);
	jw_init(&w, &body);
	jw_object(&w);
	if (feishu && is_signed) {
		const char *at = fmt(mem, "%" PRId64, now / 1000);

		put_text(&w, "timestamp", at);
		/* The key is time and secret, and what is signed is nothing. */
		put_text(&w, "sign", secret_sign(mem, fmt(mem, "%s\n%s", at, secret), ""));
	}
	put_text(&w, feishu ? "msg_type" : "msgtype", "text");
	jw_key(&w, feishu ? "content" : "text");
	jw_object(&w);
	put_text(&w, feishu ? "text" : "content", words);
	jw_object_end(&w);
	jw_object_end(&w);
	*ret_body = body.s;
	*ret_url = address;
	if (dingtalk && is_signed) {
		struct text url;

		text_init(&url, mem);
		text_addf(&url, "%s%ctimestamp=%" PRId64 "&sign=", address, strchr(address, '?') ? '&' : '?', now);
		text_url_encode(&url, secret_sign(mem, secret, fmt(mem, "%" PRId64 "\n%s", now, secret)));
		*ret_url = url.s;
	}
	return true;
}

const char *robot_refused(struct arena *mem, long status, const char *answer)
{
	struct json_error error;
	const struct json *j = json_parse(mem, answer, strlen(answer), &error);
	int64_t code;
	const char *words;

	if (status != 200 || !j)
		return fmt(mem, "HTTP %ld", status);
	/* errcode of WeCom and DingTalk, code of Feishu, StatusCode of its older ones. */
	code = json_int(j, "errcode", json_int(j, "code", json_int(j, "StatusCode", -1)));
	if (code == 0)
		return NULL;
	words = json_text(j, "errmsg", json_text(j, "msg", ""));
	return utf8_cut(mem, fmt(mem, "%" PRId64 " %s", code, words), 200);
}
