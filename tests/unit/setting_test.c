#include "engine/setting.h"

#include <unistd.h>

#include "engine/record_inner.h"
#include "tests/unit/engine_stores.h"

struct wanted_setting {
	const char *name;
	const char *value;
	const char *text;
	int64_t number;
	bool flag;
};

static bool set(struct ctx *ctx, void *arg)
{
	const struct wanted_setting *s = arg;

	return setting_set(ctx, s->name, s->value);
}

/* Within the same piece of work, what was just set holds; then it is taken back. */
static bool set_look_and_fail(struct ctx *ctx, void *arg)
{
	struct wanted_setting *s = arg;

	if (!setting_set(ctx, s->name, s->value))
		return false;
	s->text = arena_dup(ctx->mem, setting_text(ctx, s->name));
	return fail(ctx, ERR_INVALID, NULL, "不", "no");
}

static bool look(struct ctx *ctx, void *arg)
{
	struct wanted_setting *s = arg;

	s->text = setting_text(ctx, "company_name");
	s->number = setting_int(ctx, "session_days");
	s->flag = setting_bool(ctx, "loss_reason_required");
	return ctx->kind == ERR_NONE;
}

static struct wanted_setting seen(struct house *h)
{
	struct wanted_setting s = { 0 };

	CHECK(house_read(h, NULL, look, &s));
	return s;
}

static void put(struct house *h, const char *name, const char *value)
{
	struct wanted_setting s = { .name = name, .value = value };

	CHECK(house_write(h, NULL, set, &s));
}

TEST_ENGINE(setting_values_and_defaults)
{
	CHECK_TEXT(seen(h).text, "");
	CHECK_INT(seen(h).number, 14);
	CHECK(seen(h).flag);
	put(h, "company_name", "漏斗科技");
	put(h, "session_days", "30");
	put(h, "loss_reason_required", "false");
	CHECK_TEXT(seen(h).text, "漏斗科技");
	CHECK_INT(seen(h).number, 30);
	CHECK(!seen(h).flag);

	/* Change after change is seen at once, whatever is cached. */
	for (int i = 1; i <= 20; i++) {
		put(h, "session_days", fmt(&h->mem, "%d", i));
		CHECK_INT(seen(h).number, i);
	}
	put(h, "session_days", NULL);
	CHECK_INT(seen(h).number, 14);
	put(h, "company_name", "");
	CHECK_TEXT(seen(h).text, "");

	put(h, "company_name", "甲");
	house_again(h);
	CHECK_TEXT(seen(h).text, "甲");
}

/* Only work that began well after the last change fills the cache; what is cached goes with the next change. */
TEST_ENGINE(setting_cache_follows)
{
	put(h, "company_name", "甲");
	usleep(1100000);
	CHECK_TEXT(seen(h).text, "甲");
	CHECK_TEXT(seen(h).text, "甲");
	put(h, "company_name", "乙");
	CHECK_TEXT(seen(h).text, "乙");
	usleep(1100000);
	CHECK_TEXT(seen(h).text, "乙");
	house_again(h);
	CHECK_TEXT(seen(h).text, "乙");
}

TEST_ENGINE(setting_taken_back_was_never_there)
{
	struct wanted_setting s = { .name = "company_name", .value = "乙" };

	put(h, "company_name", "甲");
	CHECK_TEXT(house_refused(h, NULL, set_look_and_fail, &s), "不");
	CHECK_TEXT(s.text, "乙");
	CHECK_TEXT(seen(h).text, "甲");
}

struct checked {
	const char *name;
	const char *value;
	const char *old;                /* the name before; NULL: a create */
};

static bool check(struct ctx *ctx, void *arg)
{
	const struct checked *k = arg;
	const struct object *o = schema_object(ctx->schema, "setting");
	struct change c = { .ctx = ctx, .o = o, .act = k->old ? CHANGE_UPDATE : CHANGE_CREATE };

	c.old = arena_array(ctx->mem, o->n_fields, sizeof *c.old);
	c.now = arena_array(ctx->mem, o->n_fields, sizeof *c.now);
	c.now[object_field(o, "name")->index] = v_text(k->name);
	c.now[object_field(o, "value")->index] = v_text(k->value);
	c.old[object_field(o, "name")->index] = v_text(k->old);
	return setting_before(ctx, &c);
}

TEST_ENGINE(setting_refuses_what_is_none)
{
	static const struct {
		struct checked c;
		const char *refusal;
	} cases[] = {
		{ { "session_days", "1", NULL }, "" },
		{ { "session_days", "365", NULL }, "" },
		{ { "session_days", "366", NULL }, "请填写 1 到 365 之间的整数" },
		{ { "session_days", "0", NULL }, "请填写 1 到 365 之间的整数" },
		{ { "session_days", "many", NULL }, "请填写 1 到 365 之间的整数" },
		{ { "session_days", "", NULL }, "" },
		{ { "session_days", NULL, NULL }, "" },
		{ { "currency", "USD", NULL }, "" },
		{ { "currency", "usd", NULL }, "“币种”的值无效" },
		{ { "currency", "EURO", NULL }, "“币种”的值无效" },
		{ { "timezone", "Europe/Berlin", NULL }, "" },
		{ { "timezone", "Europe/Nowhere", NULL }, "“时区”的值无效" },
		{ { "timezone", "../../etc/passwd", NULL }, "“时区”的值无效" },
		{ { "language", "en", NULL }, "" },
		{ { "language", "fr", NULL }, "可选值：zh en" },
		{ { "language", "zh en", NULL }, "可选值：zh en" },
		{ { "colors_up", "green", NULL }, "" },
		{ { "loss_reason_required", "true", NULL }, "" },
		{ { "loss_reason_required", "yes", NULL }, "请填写 true 或 false" },
		{ { "no_such_thing", "1", NULL }, "没有“no_such_thing”这个设置" },
		{ { NULL, "1", NULL }, "没有“”这个设置" },
		{ { "currency", "USD", "currency" }, "" },
		{ { "currency", "USD", "language" }, "设置不能改名" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct checked c = cases[i].c;

		CHECK_TEXT(house_refused(h, NULL, check, &c), cases[i].refusal);
	}
}

static bool write_all(struct ctx *ctx, void *arg)
{
	struct json_writer w;

	text_init(arg, ctx->mem);
	jw_init(&w, arg);
	return setting_write(ctx, &w);
}

TEST_ENGINE(setting_list_is_complete)
{
	struct json_error error;
	struct text t;
	size_t n = 0;

	put(h, "week_start", "7");
	CHECK(house_read(h, NULL, write_all, &t));

	const struct json *all = json_parse(&h->mem, t.s, t.len, &error);

	CHECK(all != NULL);
	for (const struct json *s = all ? all->first : NULL; s; s = s->next, n++) {
		struct checked c = { json_text(s, "name", ""), json_text(s, "default", "?"), NULL };

		/* Each default is a value that would be accepted, and each has a label in both languages. */
		CHECK_TEXT(house_refused(h, NULL, check, &c), "");
		CHECK(*json_text(json_get(s, "label"), "zh", ""));
		CHECK(*json_text(json_get(s, "label"), "en", ""));
		CHECK_TEXT(json_text(s, "value", "?"),
		           text_eq(c.name, "week_start") ? "7" : json_text(s, "default", ""));
	}
	CHECK(n >= 15);
}
