#include "engine/search.h"

#include "base/date.h"
#include "engine/job.h"
#include "tests/unit/engine_stores.h"

struct asked {
	const char *words;
	const char *objects;
	int64_t limit;
	struct text answer;             /* JSON */
};

static bool ask(struct ctx *ctx, void *arg)
{
	struct asked *a = arg;
	struct json_writer w;

	text_init(&a->answer, ctx->mem);
	jw_init(&w, &a->answer);
	return search_write(ctx, a->words, a->objects, a->limit, &w);
}

/* The titles found, best first: "华为技术; 华为终端". */
static const char *titles(struct house *h, const struct member *me, const char *words,
                          const char *objects)
{
	struct asked a = { .words = words, .objects = objects, .limit = 20 };
	struct json_error error;
	struct text t;

	if (!house_read(h, me, ask, &a))
		return "refused";
	text_init(&t, &h->mem);

	const struct json *j = json_parse(&h->mem, a.answer.s, a.answer.len, &error);

	CHECK(j != NULL);
	for (const struct json *row = j ? json_get(j, "rows")->first : NULL; row; row = row->next)
		text_addf(&t, "%s%s", t.len ? "; " : "", json_text(row, "title", "?"));
	return t.s;
}

struct listed {
	const char *object;
	const char *query;
	const char *titles;
};

static bool list(struct ctx *ctx, void *arg)
{
	struct listed *l = arg;
	const struct object *o = schema_object(ctx->schema, l->object);
	const struct field *fields[] = { o->title, NULL };
	struct list parsed;
	struct reader r;
	struct text t;

	if (!query_parse(ctx, o, l->query, &parsed))
		return false;
	parsed.fields = fields;
	if (!query_open(ctx, &parsed, &r))
		return false;
	text_init(&t, ctx->mem);
	while (query_next(ctx, &r)) {
		struct value v = query_value(&r, 0);

		text_addf(&t, "%s%s", t.len ? "; " : "", v.kind == V_TEXT ? v.s : "?");
	}
	query_done(&r);
	l->titles = t.s;
	return ctx->kind == ERR_NONE;
}

static const char *listed(struct house *h, const struct member *me, const char *object,
                          const char *query)
{
	struct listed l = { .object = object, .query = query };

	return house_read(h, me, list, &l) ? l.titles : "refused";
}

static int64_t customer(struct house *h, const char *name, const struct member *owner,
                        const char *more)
{
	return house_record(h, "customer", fmt(&h->mem, "{\"name\":\"%s\",\"owner\":%s%s}", name,
	                    owner ? fmt(&h->mem, "\"%" PRId64 "\"", owner->id) : "null", more));
}

struct changed {
	const char *object;
	int64_t id;
	struct cell cells[2];           /* no name: delete */
	bool restore;
};

static bool change(struct ctx *ctx, void *arg)
{
	struct changed *c = arg;

	if (c->restore)
		return record_restore(ctx, c->object, c->id);
	if (c->cells[0].name)
		return record_update(ctx, c->object, c->id, c->cells);
	return record_delete(ctx, c->object, c->id, 0);
}

/* What follows a customer's contacts to their new holder. */
static bool refresh(struct ctx *ctx, void *arg)
{
	return search_refresh(ctx, schema_object(ctx->schema, "contact"), "customer",
	                      v_int(*(const int64_t *)arg));
}

TEST_ENGINE(search_finds_names_pinyin_phones)
{
	customer(h, "深圳市华为技术有限公司", NULL, ",\"phone\":\"13800138000\"");
	customer(h, "重庆长安汽车", NULL, ",\"short_name\":\"长安\"");
	customer(h, "TCL科技集团", NULL, "");
	CHECK_TEXT(titles(h, NULL, "华", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "为", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "司", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "华为技术", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "huawei", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "HW", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "huaw", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "0138", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "深圳 8000", "customer"), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "chongqing", "customer"), "重庆长安汽车");
	CHECK_TEXT(titles(h, NULL, "cqca", "customer"), "重庆长安汽车");
	CHECK_TEXT(titles(h, NULL, "tclkj", "customer"), "TCL科技集团");
	CHECK_TEXT(titles(h, NULL, "ｔｃｌ", "customer"), "TCL科技集团");
	CHECK_TEXT(titles(h, NULL, "华为 重庆", "customer"), "");
	CHECK_TEXT(titles(h, NULL, "\"; DROP' OR (", "customer"), "");
	CHECK_TEXT(titles(h, NULL, " ", NULL), "");
	CHECK_TEXT(titles(h, NULL, "华", NULL), "深圳市华为技术有限公司");
	CHECK_TEXT(titles(h, NULL, "华", "contact"), "");

	struct asked a = { .words = "1380013", .objects = "customer", .limit = 20 };

	CHECK(house_read(h, NULL, ask, &a));
	CHECK(strstr(a.answer.s, "\"match\":\"phone\"") != NULL);
	a.words = "长安";
	CHECK(house_read(h, NULL, ask, &a));
	CHECK(strstr(a.answer.s, "\"match\":\"name\"") != NULL);
	a.objects = "nothing";
	CHECK(!engine_read(h->e, &(struct work){ .fn = ask, .arg = &a, .mem = &h->mem }));
}

TEST_ENGINE(search_ranks_and_limits)
{
	customer(h, "上海华为", NULL, "");
	customer(h, "花围商店", NULL, "");
	customer(h, "华为", NULL, "");
	customer(h, "华为技术", NULL, "");
	CHECK_TEXT(titles(h, NULL, "华为", "customer"), "华为; 华为技术; 上海华为");
	CHECK_TEXT(titles(h, NULL, "huawei", "customer"), "华为技术; 华为; 花围商店; 上海华为");

	struct asked a = { .words = "华为", .objects = "customer", .limit = 1 };

	CHECK(house_read(h, NULL, ask, &a));
	CHECK(strstr(a.answer.s, "华为技术") == NULL);
}

TEST_ENGINE(search_shows_nobody_what_is_not_theirs)
{
	const struct member *a = house_member(h, "lilei", "rep");
	const struct member *b = house_member(h, "hanmeimei", "rep");
	int64_t first = customer(h, "华为甲", a, "");

	customer(h, "华为乙", b, "");
	customer(h, "华为公海", NULL, "");
	house_record(h, "contact", fmt(&h->mem, "{\"name\":\"王芳\",\"customer\":\"%" PRId64
	                               "\",\"mobile\":\"13911112222\"}", first));
	CHECK_TEXT(titles(h, NULL, "华为", "customer"), "华为公海; 华为乙; 华为甲");
	CHECK_TEXT(titles(h, a, "华为", "customer"), "华为公海; 华为甲");
	CHECK_TEXT(titles(h, b, "华为", "customer"), "华为公海; 华为乙");
	CHECK_TEXT(titles(h, a, "wangf", NULL), "王芳");
	CHECK_TEXT(titles(h, b, "wangf", NULL), "");
	CHECK_TEXT(titles(h, b, "1111", NULL), "");
	CHECK_TEXT(listed(h, a, "customer", "q=华为&sort=name"), "华为公海; 华为甲");
	CHECK_TEXT(listed(h, b, "contact", "q=wf"), "");

	/* The customer changes hands, and its contacts with it: once refreshed the new holder finds them. */
	struct changed c = { "customer", first, { { "owner", v_int(b->id) } }, false };

	CHECK(house_write(h, NULL, change, &c));
	CHECK_TEXT(titles(h, a, "华为", "customer"), "华为公海");
	CHECK_TEXT(titles(h, b, "华为", "customer"), "华为公海; 华为乙; 华为甲");
	CHECK(house_write(h, NULL, refresh, &first));
	CHECK_TEXT(titles(h, a, "wangf", NULL), "");
	CHECK_TEXT(titles(h, b, "wangf", NULL), "王芳");
	c.cells[0].value = v_null();
	CHECK(house_write(h, NULL, change, &c));
	CHECK(house_write(h, NULL, refresh, &first));
	CHECK_TEXT(titles(h, a, "wangf", NULL), "王芳");
}

TEST_ENGINE(search_follows_changes)
{
	int64_t id = customer(h, "华为", NULL, "");
	struct changed c = { "customer", id, { { "name", v_text("中兴") } }, false };

	CHECK(house_write(h, NULL, change, &c));
	CHECK_TEXT(titles(h, NULL, "华为", "customer"), "");
	CHECK_TEXT(titles(h, NULL, "zhongx", "customer"), "中兴");
	CHECK_TEXT(listed(h, NULL, "customer", "q=中兴"), "中兴");
	c.cells[0].name = NULL;
	CHECK(house_write(h, NULL, change, &c));
	CHECK_TEXT(titles(h, NULL, "中兴", "customer"), "");
	CHECK_TEXT(listed(h, NULL, "customer", "q=中兴"), "");
	c.restore = true;
	CHECK(house_write(h, NULL, change, &c));
	CHECK_TEXT(titles(h, NULL, "中兴", "customer"), "中兴");

	/* What is not committed is not found. */
	c = (struct changed){ "customer", id, { { "owner", v_int(999999) } }, false };
	CHECK(*house_refused(h, NULL, change, &c));
	CHECK_TEXT(titles(h, NULL, "中兴", "customer"), "中兴");
}

struct bulk {
	int from, to;
};

/* Rows as a program writes them that knows nothing of the index. */
static bool insert(struct ctx *ctx, void *arg)
{
	const struct bulk *b = arg;

	for (int i = b->from; i < b->to; i++)
		if (!ctx_exec(ctx, "INSERT INTO t_customer (version, created_at, changed_at, name, lifecycle)"
		                   " VALUES (1, $now, $now, $name, 'potential')",
		              (struct bind[]){ { "name", v_text(fmt(ctx->mem, "大客户%05d号", i)) }, { 0 } },
		              NULL))
			return false;
	return true;
}

static bool rebuild(struct ctx *ctx, void *arg)
{
	(void)arg;
	return search_rebuild(ctx, schema_object(ctx->schema, "customer"));
}

static bool forget_rules(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "UPDATE t_search_object SET made = 'x' WHERE name = 'customer'", NULL, NULL);
}

static bool upgrade(struct ctx *ctx, void *arg)
{
	(void)arg;
	return search_upgrade(ctx);
}

static bool remove_some(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "DELETE FROM t_customer WHERE name < '大客户00010'", NULL, NULL) &&
	       ctx_exec(ctx, "DELETE FROM t_customer WHERE name > '大客户07980'", NULL, NULL);
}

TEST_ENGINE(search_rebuilds_in_slices)
{
	struct bulk rows = { 0, 8000 };
	int64_t ran = 0;

	CHECK(house_write(h, NULL, insert, &rows));
	CHECK_TEXT(titles(h, NULL, "大客户07999号", "customer"), "");
	CHECK(house_write(h, NULL, rebuild, NULL));
	CHECK_TEXT(titles(h, NULL, "00123", "customer"), "大客户00123号");
	CHECK(job_run_due(h->e, date_now() + 1000, &ran));
	CHECK_INT(ran, 3);
	CHECK_TEXT(titles(h, NULL, "大客户07999号", "customer"), "大客户07999号");

	/* A frequent word still filters, in lists too. */
	CHECK(text_starts(listed(h, NULL, "customer", "q=大客户&sort=name&limit=2"),
	                  "大客户00000号; 大客户00001号"));
	CHECK_TEXT(listed(h, NULL, "customer", "q=大客户&name=eq.大客户00777号"), "大客户00777号");

	/* Rows that went without a word go from the index as well. */
	CHECK(house_write(h, NULL, remove_some, NULL));
	CHECK(house_write(h, NULL, forget_rules, NULL));
	CHECK(house_write(h, NULL, upgrade, NULL));
	CHECK(job_run_due(h->e, date_now() + 1000, &ran));
	CHECK_TEXT(titles(h, NULL, "大客户00003号", "customer"), "");
	CHECK_TEXT(titles(h, NULL, "大客户07999号", "customer"), "");
	CHECK_TEXT(titles(h, NULL, "大客户07000号", "customer"), "大客户07000号");
	CHECK(house_write(h, NULL, upgrade, NULL));
	CHECK(job_run_due(h->e, date_now() + 1000, &ran));
	CHECK_INT(ran, 0);
}

/* Of a word that fits thousands, what is called so is found however old it is. */
TEST_ENGINE(search_finds_the_one_that_is_meant)
{
	struct bulk rows = { 0, 1000 };

	customer(h, "大客", NULL, "");
	CHECK(house_write(h, NULL, insert, &rows));
	CHECK(house_write(h, NULL, rebuild, NULL));
	CHECK(text_starts(titles(h, NULL, "大客", "customer"), "大客; 大客户00999号; "));
	CHECK_TEXT(titles(h, NULL, "dakehu00500", "customer"), "大客户00500号");
}

/* Rows that are read and compared answer as the index does, whoever asks. */
TEST_ENGINE(search_of_few_is_as_of_all)
{
	static const char *const words[] = {
		"华", "华为", "華為", "华为技术", "huawei", "hw", "HWJS", "huaw ji", "jishu", "h", "h w",
		"tcl", "tclkj", "TCL科技", "t clkj", "chongqing", "cqca", "zhongqing", "lv", "lu",
		"0138", "1380013", "138 0013", "+86 138 0013 8000", "8000 华", "5g", "gtx", "4060", "060",
		"长安-汽车", "长安汽车", "汽车长安", "ａｂ", "ab", "b", "x", "wuguan", "，", "不存在",
	};
	const struct member *a = house_member(h, "lilei", "rep");
	const struct member *b = house_member(h, "hanmeimei", "rep");

	customer(h, "深圳市华为技术有限公司", a, ",\"phone\":\"13800138000\"");
	customer(h, "重庆长安-汽车", a, ",\"short_name\":\"长安\"");
	customer(h, "长安 汽车", a, "");
	customer(h, "TCL科技集团", a, ",\"number\":\"AB-17\"");
	customer(h, "GTX4060显卡", a, "");
	customer(h, "绿 5G 吕", a, "");
	for (size_t i = 0; i < LENGTH(words); i++) {
		CHECK_TEXT(titles(h, a, words[i], "customer"), titles(h, NULL, words[i], "customer"));
		CHECK_TEXT(titles(h, b, words[i], "customer"), "");
	}
}

/* Of more rows than are read the older ones are asked from the index. */
TEST_ENGINE(search_of_many_of_ones_own)
{
	const struct member *a = house_member(h, "lilei", "rep");
	const struct member *b = house_member(h, "hanmeimei", "rep");
	struct bulk rows = { 0, 2500 };

	customer(h, "大客", a, "");
	customer(h, "大客", b, "");
	CHECK(house_write(h, NULL, insert, &rows));
	CHECK(house_write(h, NULL, rebuild, NULL));
	CHECK(text_starts(titles(h, a, "大客", "customer"), "大客; 大客户02499号; "));
	CHECK_TEXT(titles(h, a, "大客户00001号", "customer"), "大客户00001号");
	CHECK_TEXT(titles(h, a, "dakehu02400", "customer"), "大客户02400号");
	CHECK_TEXT(titles(h, b, "02499 大客户", "customer"), "大客户02499号");
}
