#include "engine/type.h"

#include "base/date.h"
#include "tests/unit/declared.h"

static const char things[] =
	"{ \"object\": \"thing\", \"label\": \"Thing\", \"scope\": \"public\", \"fields\": ["
	"  { \"name\": \"line\", \"type\": \"text\", \"label\": \"x\", \"max\": 5 },"
	"  { \"name\": \"notes\", \"type\": \"long\", \"label\": \"x\", \"max\": 20 },"
	"  { \"name\": \"pieces\", \"type\": \"integer\", \"label\": \"x\", \"min\": 1, \"max\": 10 },"
	"  { \"name\": \"weight\", \"type\": \"decimal\", \"scale\": 3, \"label\": \"x\" },"
	"  { \"name\": \"amount\", \"type\": \"money\", \"label\": \"x\", \"min\": 0, \"max\": 1000 },"
	"  { \"name\": \"chance\", \"type\": \"percent\", \"label\": \"x\", \"max\": 100 },"
	"  { \"name\": \"good\", \"type\": \"bool\", \"label\": \"x\" },"
	"  { \"name\": \"day\", \"type\": \"date\", \"label\": \"x\" },"
	"  { \"name\": \"moment\", \"type\": \"instant\", \"label\": \"x\" },"
	"  { \"name\": \"minutes\", \"type\": \"duration\", \"label\": \"x\" },"
	"  { \"name\": \"grade\", \"type\": \"choice\", \"label\": \"x\", \"choices\": ["
	"    { \"value\": \"a\", \"label\": {\"zh\": \"甲级\", \"en\": \"First\"} }, { \"value\": \"b\", \"label\": \"乙\" } ] },"
	"  { \"name\": \"tags\", \"type\": \"choices\", \"label\": \"x\", \"choices\": ["
	"    { \"value\": \"a\", \"label\": {\"zh\": \"甲\", \"en\": \"First\"} }, { \"value\": \"b\", \"label\": \"乙\" },"
	"    { \"value\": \"c\", \"label\": \"丙\" } ] },"
	"  { \"name\": \"boss\", \"type\": \"member\", \"label\": \"x\" },"
	"  { \"name\": \"crew\", \"type\": \"refs\", \"to\": \"member\", \"label\": \"x\" },"
	"  { \"name\": \"tel\", \"type\": \"phone\", \"label\": \"x\" },"
	"  { \"name\": \"mail\", \"type\": \"email\", \"label\": \"x\" },"
	"  { \"name\": \"site\", \"type\": \"url\", \"label\": \"x\" },"
	"  { \"name\": \"area\", \"type\": \"region\", \"label\": \"x\" },"
	"  { \"name\": \"place\", \"type\": \"location\", \"label\": \"x\" },"
	"  { \"name\": \"papers\", \"type\": \"file\", \"label\": \"x\", \"max\": 2 },"
	"  { \"name\": \"serial\", \"type\": \"number\", \"pattern\": \"A-{yyyy}-{001}\", \"label\": \"x\" },"
	"  { \"name\": \"twice\", \"type\": \"formula\", \"formula\": \"amount * 2\", \"yields\": \"money\", \"label\": \"x\" } ] }";

struct bench {
	struct arena mem;
	struct ctx *ctx;
	const struct object *o;
};

static void start(struct bench *b)
{
	const struct schema *s;

	arena_init(&b->mem, 0);
	date_zone("Asia/Shanghai");
	s = declared(&b->mem, things);
	b->ctx = plain_ctx(&b->mem, s, "en");
	b->o = schema_object(s, "thing");
}

static const char *stored(struct bench *b, struct value v)
{
	if (v.kind == V_INT)
		return fmt(&b->mem, "%" PRId64, v.i);
	return v.kind == V_TEXT ? v.s : "NULL";
}

static const char *told(struct bench *b)
{
	const char *message = b->ctx->errors ? b->ctx->errors->message : "(nothing)";

	ctx_forget(b->ctx);
	return fmt(&b->mem, "! %s", message);
}

/* What is stored for JSON a client sent. */
static const char *read_json(struct bench *b, const char *field, const char *json)
{
	const struct field *f = object_field(b->o, field);
	struct json_error error;
	struct value v = v_int(-99);

	if (field_type(f)->read(b->ctx, f, json_parse(&b->mem, json, strlen(json), &error), &v))
		return stored(b, v);
	return told(b);
}

/* What is stored for text a person typed. */
static const char *read_typed(struct bench *b, const char *field, const char *s)
{
	const struct field *f = object_field(b->o, field);
	struct value v = v_int(-99);

	return field_type(f)->read_text(b->ctx, f, s, &v) ? stored(b, v) : told(b);
}

static const char *write_json(struct bench *b, const char *field, struct value v)
{
	const struct field *f = object_field(b->o, field);
	struct json_writer w;
	struct text out;

	text_init(&out, &b->mem);
	jw_init(&w, &out);
	field_type(f)->write(&w, f, v);
	return out.s;
}

static const char *show(struct bench *b, const char *field, struct value v)
{
	const struct field *f = object_field(b->o, field);

	return field_type(f)->show(b->ctx, f, v);
}

#define JSON(field, json, want) CHECK_TEXT(read_json(&b, field, json), want)
#define TYPED(field, s, want) CHECK_TEXT(read_typed(&b, field, s), want)

TEST(type_every_row_is_found_by_its_name)
{
	for (size_t i = 0; i < TYPE__COUNT; i++) {
		enum type_id id = TYPE__COUNT;

		CHECK(type_find(types[i].name, &id) == &types[i]);
		CHECK_INT(id, i);
	}
	CHECK(type_find("txt", NULL) == NULL);
}

TEST(type_empty_clears_whatever_the_type)
{
	struct bench b;

	start(&b);
	for (size_t i = 0; i < b.o->n_fields; i++) {
		const struct field *f = &b.o->fields[i];

		if (f->computed)
			continue;
		CHECK_TEXT(read_json(&b, f->name, "null"), "NULL");
		CHECK_TEXT(read_json(&b, f->name, "\"\""), "NULL");
		CHECK_TEXT(read_typed(&b, f->name, ""), "NULL");
		CHECK_TEXT(read_typed(&b, f->name, "  "), "NULL");
		CHECK_TEXT(show(&b, f->name, v_null()), "");
		CHECK_TEXT(write_json(&b, f->name, v_null()),
		           f->yields == TYPE_CHOICES || field_is_refs(f) ? "[]" : "null");
	}
	arena_done(&b.mem);
}

TEST(type_text)
{
	struct bench b;

	start(&b);
	JSON("line", "\" 王芳 \"", "王芳");
	JSON("line", "\"五个字正好\"", "五个字正好");
	JSON("line", "\"六个字太长了\"", "! may have 5 characters, this has 6");
	JSON("line", "\"a\\nb\"", "! must be one line without control characters");
	JSON("line", "5", "! must be a text");
	JSON("line", "[]", "! must be a text");
	JSON("notes", "\"a\\r\\nb\\rc\\t\"", "a\nb\nc");
	JSON("notes", "\"a\\u0007\"", "! must not hold control characters");
	JSON("notes", "\"123456789012345678901\"", "! may have 20 characters, this has 21");
	TYPED("notes", "a\nb", "a\nb");
	CHECK_TEXT(write_json(&b, "line", v_text("a\"b")), "\"a\\\"b\"");
	arena_done(&b.mem);
}

TEST(type_numbers_from_clients)
{
	struct bench b;

	start(&b);
	JSON("pieces", "7", "7");
	JSON("pieces", "\"7\"", "7");
	JSON("pieces", "7.0", "7");
	JSON("pieces", "7.5", "! must be a whole number");
	JSON("pieces", "\"7 \"", "! must be a whole number");
	JSON("pieces", "true", "! must be a whole number");
	JSON("pieces", "0", "! must be at least 1");
	JSON("pieces", "11", "! must be at most 10");
	JSON("amount", "12.5", "1250");
	JSON("amount", "\"12.50\"", "1250");
	JSON("amount", "0.1", "10");
	JSON("amount", "12.345", "! may have at most 2 decimals");
	JSON("amount", "\"1,000\"", "! must be a number");
	JSON("amount", "-0.01", "! must be at least 0.00");
	JSON("amount", "1000.01", "! must be at most 1000.00");
	JSON("weight", "-1.5", "-1500");
	JSON("weight", "1e30", "! is too large");
	JSON("chance", "12.5", "1250");
	JSON("chance", "{}", "! must be a number");
	JSON("minutes", "90", "90");
	CHECK_TEXT(write_json(&b, "amount", v_int(123450)), "\"1234.50\"");
	CHECK_TEXT(write_json(&b, "amount", v_real(123449.6)), "\"1234.50\"");
	CHECK_TEXT(write_json(&b, "weight", v_int(-5)), "\"-0.005\"");
	CHECK_TEXT(write_json(&b, "pieces", v_int(7)), "7");
	CHECK_TEXT(write_json(&b, "twice", v_int(250)), "\"2.50\"");
	JSON("twice", "5", "500");
	arena_done(&b.mem);
}

TEST(type_numbers_as_typed)
{
	struct bench b;

	start(&b);
	TYPED("amount", "¥1,000.00", "100000");
	TYPED("amount", "999元", "99900");
	TYPED("amount", "１２．５", "1250");
	TYPED("chance", "12.5%", "1250");
	TYPED("pieces", "7 ", "7");
	TYPED("pieces", "seven", "! \"seven\" is no whole number");
	TYPED("amount", "much", "! must be a number");
	TYPED("minutes", "90", "90");
	TYPED("minutes", "1:30", "90");
	TYPED("minutes", "1小时30分钟", "90");
	TYPED("minutes", "1.5h", "90");
	TYPED("minutes", "1 h 30 min", "90");
	TYPED("minutes", "45 分钟", "45");
	TYPED("minutes", "soon", "! \"soon\" is no duration; write minutes, or 1:30");
	CHECK_TEXT(show(&b, "chance", v_int(1250)), "12.5%");
	CHECK_TEXT(show(&b, "chance", v_int(5000)), "50%");
	CHECK_TEXT(show(&b, "amount", v_int(5)), "0.05");
	CHECK_TEXT(show(&b, "minutes", v_int(90)), "90 min");
	arena_done(&b.mem);
}

TEST(type_bool)
{
	struct bench b;

	start(&b);
	JSON("good", "true", "1");
	JSON("good", "\"false\"", "0");
	JSON("good", "2", "! must be true or false");
	TYPED("good", "是", "1");
	TYPED("good", "否", "0");
	TYPED("good", "YES", "1");
	TYPED("good", "×", "0");
	TYPED("good", "maybe", "! \"maybe\" is neither yes nor no");
	CHECK_TEXT(write_json(&b, "good", v_int(1)), "true");
	CHECK_TEXT(show(&b, "good", v_int(0)), "no");
	b.ctx = plain_ctx(&b.mem, b.ctx->schema, "zh");
	CHECK_TEXT(show(&b, "good", v_int(1)), "是");
	arena_done(&b.mem);
}

TEST(type_dates)
{
	struct bench b;

	start(&b);
	JSON("day", "\"2026-11-25\"", "2026-11-25");
	JSON("day", "\"2026-02-30\"", "! \"2026-02-30\" is no date; dates look like 2026-11-25");
	JSON("day", "\"2026/11/25\"", "! \"2026/11/25\" is no date; dates look like 2026-11-25");
	TYPED("day", "2026/1/5", "2026-01-05");
	TYPED("day", "2026.11.25", "2026-11-25");
	TYPED("day", "2026年11月25日", "2026-11-25");
	TYPED("day", "20261125", "2026-11-25");
	TYPED("day", "２０２６－１１－２５", "2026-11-25");
	TYPED("day", "25/11/2026", "2026-11-25");
	TYPED("day", "11/25/2026", "2026-11-25");
	TYPED("day", "25 Nov 2026", "2026-11-25");
	TYPED("day", "Nov 25, 2026", "2026-11-25");
	TYPED("day", "2026-11-25 00:00:00", "2026-11-25");
	TYPED("day", "2026-11-25 09:30", "! \"2026-11-25 09:30\" has a time of day; a date alone is wanted");
	TYPED("day", "05/11/2026", "! \"05/11/2026\": which is day, month, year? Write 2026-11-25");
	TYPED("day", "26-11-25", "! \"26-11-25\": which is day, month, year? Write 2026-11-25");
	TYPED("day", "2026-13-01", "! \"2026-13-01\" is no date; dates look like 2026-11-25");
	TYPED("day", "2026-11", "! \"2026-11\" is no date; dates look like 2026-11-25");
	TYPED("day", "明天", "! \"明天\" is no date; dates look like 2026-11-25");
	arena_done(&b.mem);
}

TEST(type_instants)
{
	struct bench b;

	start(&b);
	JSON("moment", "\"2026-11-25T09:30:00+08:00\"", "1795570200000");
	JSON("moment", "\"2026-11-25T09:30\"", "1795570200000");
	JSON("moment", "\"noon\"", "! \"noon\" is no point in time; these look like 2026-11-25T09:30");
	TYPED("moment", "2026/11/25 9:30", "1795570200000");
	TYPED("moment", "2026年11月25日 上午9:30", "1795570200000");
	TYPED("moment", "11/25/2026 9:30 AM", "1795570200000");
	TYPED("moment", "2026-11-25 21:30", "1795613400000");
	TYPED("moment", "2026/11/25 9:30 pm", "1795613400000");
	TYPED("moment", "2026-11-25", "1795536000000");
	TYPED("moment", "2026-11-25 25:00", "! \"2026-11-25 25:00\" is no date; dates look like 2026-11-25");
	CHECK_TEXT(write_json(&b, "moment", v_int(1795570200000)), "\"2026-11-25T09:30:00+08:00\"");
	CHECK_TEXT(show(&b, "moment", v_int(1795570200000)), "2026-11-25 09:30");
	arena_done(&b.mem);
}

TEST(type_choices)
{
	struct bench b;

	start(&b);
	JSON("grade", "\"a\"", "a");
	JSON("grade", "\"A\"", "! \"A\" is none of a, b");
	TYPED("grade", "甲级", "a");
	TYPED("grade", "first", "a");
	TYPED("grade", "A", "a");
	TYPED("grade", "丁", "! \"丁\" is none of First, 乙");
	JSON("tags", "[\"c\",\"a\",\"c\"]", ",a,c,");
	JSON("tags", "[]", "NULL");
	JSON("tags", "\"b\"", ",b,");
	JSON("tags", "[\"a\",\"d\"]", "! \"d\" is none of a, b, c");
	JSON("tags", "[1]", "! \"?\" is none of a, b, c");
	JSON("tags", "{}", "! must be a list of choices");
	TYPED("tags", "丙、甲", ",a,c,");
	TYPED("tags", "first; 乙", ",a,b,");
	TYPED("tags", "甲/丁", "! \"丁\" is none of First, 乙, 丙");
	CHECK_TEXT(write_json(&b, "tags", v_text(",a,c,")), "[\"a\",\"c\"]");
	CHECK_TEXT(show(&b, "tags", v_text(",a,c,")), "First, 丙");
	CHECK_TEXT(show(&b, "grade", v_text("a")), "First");
	/* A choice that is no longer declared shows as it is. */
	CHECK_TEXT(show(&b, "grade", v_text("old")), "old");
	arena_done(&b.mem);
}

TEST(type_references)
{
	struct bench b;

	start(&b);
	JSON("boss", "\"12\"", "12");
	JSON("boss", "12", "12");
	JSON("boss", "0", "! must be the id of a record, such as \"12\"");
	JSON("boss", "\"王芳\"", "! must be the id of a record, such as \"12\"");
	JSON("crew", "[\"12\", 15, \"12\"]", ",12,15,");
	JSON("crew", "[]", "NULL");
	JSON("crew", "[\"x\"]", "! must be a list of ids, such as [\"12\", \"15\"]");
	JSON("papers", "[1,2]", ",1,2,");
	JSON("papers", "[1,2,3]", "! may have at most 2");
	TYPED("boss", "12", "12");
	TYPED("boss", "王芳", "! \"王芳\" is no id of a record");
	TYPED("crew", "12, 15", ",12,15,");
	CHECK_TEXT(write_json(&b, "boss", v_int(12)), "\"12\"");
	CHECK_TEXT(write_json(&b, "crew", v_text(",12,15,")), "[\"12\",\"15\"]");
	arena_done(&b.mem);
}

TEST(type_ids_split_and_join)
{
	struct arena mem;
	int64_t *ids;

	arena_init(&mem, 0);
	CHECK_INT(ids_split(&mem, ",12,15,", &ids), 2);
	CHECK_INT(ids[0], 12);
	CHECK_INT(ids[1], 15);
	CHECK_INT(ids_split(&mem, NULL, &ids), 0);
	CHECK_INT(ids_split(&mem, ",", &ids), 0);
	CHECK_TEXT(ids_join(&mem, (int64_t[]){ 3, 4 }, 2), ",3,4,");
	CHECK(ids_join(&mem, NULL, 0) == NULL);
	arena_done(&mem);
}

TEST(type_phone_email_url)
{
	struct bench b;

	start(&b);
	JSON("tel", "\"+86 138-0013-8000\"", "13800138000");
	JSON("tel", "\"１３８００１３８０００\"", "13800138000");
	JSON("tel", "\"1.3800138E+10\"", "13800138000");
	JSON("tel", "\"010-12345678 转 801\"", "010-12345678 转 801");
	JSON("tel", "\"400-800-8888\"", "400-800-8888");
	JSON("tel", "\"call me\"", "! \"call me\" is no phone number");
	JSON("mail", "\"Wang.Fang@Example.COM\"", "wang.fang@example.com");
	JSON("mail", "\"wang@\"", "! \"wang@\" is no email address");
	JSON("mail", "\"a b@example.com\"", "! \"a b@example.com\" is no email address");
	JSON("mail", "\"a@b@example.com\"", "! \"a@b@example.com\" is no email address");
	JSON("site", "\"https://example.com/A?b=1\"", "https://example.com/A?b=1");
	JSON("site", "\"www.example.com\"", "https://www.example.com");
	JSON("site", "\"example.com:8080/a\"", "! \"example.com:8080/a\" is no web address; these start with https://");
	JSON("site", "\"javascript:alert(1)\"", "! \"javascript:alert(1)\" is no web address; these start with https://");
	JSON("site", "\"JAVASCRIPT://x.com/%0aalert(1)\"",
	     "! \"JAVASCRIPT://x.com/%0aalert(1)\" is no web address; these start with https://");
	JSON("site", "\"https://a.com/\\\"onclick\"", "! holds a character that a web address cannot have");
	arena_done(&b.mem);
}

TEST(type_region_and_location)
{
	struct bench b;

	start(&b);
	JSON("area", "\"440305\"", "440305");
	JSON("area", "\"440000\"", "44");
	JSON("area", "\"440300\"", "4403");
	JSON("area", "\"440305001000\"", "440305001");
	JSON("area", "\"4\"", "! \"4\" is no division code (2, 4, 6 or 9 digits)");
	JSON("area", "\"深圳\"", "! \"深圳\" is no division code (2, 4, 6 or 9 digits)");
	JSON("place", "{ \"lat\": \"31.23\", \"lng\": 121.47, \"address\": \"南京路 1 号\" }", "31.23,121.47 南京路 1 号");
	JSON("place", "{ \"address\": \"南京路\" }", ", 南京路");
	JSON("place", "{ \"lat\": \"91\", \"lng\": \"1\" }", "! \"91,1\" are no coordinates");
	JSON("place", "{ \"lat\": \"31.23\" }", "! \"31.23,\" are no coordinates");
	JSON("place", "{ \"lat\": 31.123456789, \"lng\": -0.10 }", "31.1234567,-0.1");
	JSON("place", "{ \"long\": 1 }", "! a location has no \"long\"");
	JSON("place", "{}", "NULL");
	TYPED("place", "31.23,121.47 南京路", "31.23,121.47 南京路");
	TYPED("place", "31.23,121.47", "31.23,121.47");
	TYPED("place", "南京路 1 号, 上海", ", 南京路 1 号, 上海");
	CHECK_TEXT(write_json(&b, "place", v_text("31.23,121.47 南京路 1 号")),
	           "{\"lat\":\"31.23\",\"lng\":\"121.47\",\"address\":\"南京路 1 号\"}");
	CHECK_TEXT(write_json(&b, "place", v_text(", 南京路")), "{\"lat\":null,\"lng\":null,\"address\":\"南京路\"}");
	CHECK_TEXT(write_json(&b, "place", v_text("31.23,121.47")),
	           "{\"lat\":\"31.23\",\"lng\":\"121.47\",\"address\":null}");
	CHECK_TEXT(show(&b, "place", v_text("31.23,121.47 南京路")), "南京路");
	CHECK_TEXT(show(&b, "place", v_text("31.23,121.47")), "31.23,121.47");
	arena_done(&b.mem);
}

TEST(type_messages_cut_long_input_between_characters)
{
	struct bench b;
	struct text s;
	const char *message;

	start(&b);
	text_init(&s, &b.mem);
	for (int i = 0; i < 100; i++)
		text_add(&s, "字");
	message = read_typed(&b, "day", s.s);
	CHECK(utf8_valid(message, strlen(message)));
	CHECK(utf8_length(message) < 100);
	CHECK(strstr(message, "…\"") != NULL);
	arena_done(&b.mem);
}

TEST(type_speaks_the_member_s_language)
{
	struct bench b;

	start(&b);
	b.ctx = plain_ctx(&b.mem, b.ctx->schema, "zh");
	JSON("pieces", "0", "! 不能小于 1");
	JSON("line", "\"六个字太长了\"", "! 最多 5 个字符，现有 6 个");
	TYPED("grade", "丁", "! “丁”不在选项中：甲级, 乙");
	arena_done(&b.mem);
}

static const char *normal(struct arena *mem, char *(*fn)(struct arena *mem, const char *s),
                          const char *s)
{
	return fn(mem, s);
}

TEST(normalise_phones)
{
	static const char *const pairs[][2] = {
		{ "138 0013 8000", "13800138000" }, { "+86-13800138000", "13800138000" },
		{ "0086 138 0013 8000", "13800138000" }, { "8613800138000", "13800138000" },
		{ "１３８００１３８０００", "13800138000" }, { "13800138000.0", "13800138000" },
		{ "1.3800138E+10", "13800138000" }, { "010-1234 5678", "01012345678" },
		{ "1064812345678", "1064812345678" }, { "13800138000/13900139000", "13800138000" },
		{ "13800138000、13900139000", "13800138000" }, { "+1 (650) 253-0000", "16502530000" },
		{ "none", "" }, { "", "" }, { "86", "86" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(pairs); i++)
		CHECK_TEXT(normal(&mem, phone_digits, pairs[i][0]), pairs[i][1]);
	arena_done(&mem);
}

TEST(normalise_companies)
{
	static const char *const pairs[][2] = {
		{ "华为技术有限公司", "华为技术" }, { "华为技术 有限公司 ", "华为技术" },
		{ "阿里巴巴（中国）有限公司", "阿里巴巴中国" }, { "阿里巴巴(中国)有限公司", "阿里巴巴中国" },
		{ "中国平安保险（集团）股份有限公司", "中国平安保险集团" },
		{ "某某有限责任公司", "某某" }, { "有限公司", "有限公司" }, { "公司", "公司" },
		{ "华为技术有限公司北京分公司", "华为技术有限公司北京分公司" },
		{ "Acme Tools Co., Ltd.", "acmetools" }, { "ACME TOOLS CO LTD", "acmetools" },
		{ "Acme-Tools Inc", "acmetools" }, { "Ltd", "ltd" }, { "Costa", "costa" },
		{ "株式会社·日立", "株式会社日立" }, { "!!!", "!!!" }, { "", "" }, { "Ａｃｍｅ　ＬＬＣ", "acme" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(pairs); i++)
		CHECK_TEXT(normal(&mem, company_key, pairs[i][0]), pairs[i][1]);
	/* Two companies of one name in two cities stay two. */
	CHECK(!text_eq(company_key(&mem, "甲（北京）有限公司"), company_key(&mem, "甲（上海）有限公司")));
	arena_done(&mem);
}

TEST(normalise_codes)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(code_key(&mem, " ht－2026 - 0001"), "HT20260001");
	CHECK_TEXT(code_key(&mem, "９１４４０３００ｍ"), "91440300M");
	CHECK_TEXT(code_key(&mem, "a_b–c"), "ABC");
	CHECK_TEXT(code_key(&mem, ""), "");
	arena_done(&mem);
}

TEST(normalise_credit_codes)
{
	static const struct {
		const char *code;
		bool ok;
	} codes[] = {
		{ "914403001922038216", true },  { "9144030071526726XG", true }, { "91330100799655058B", true },
		{ "91110108551385082Q", true },  { "91440300708461136T", true }, { "91310115591693856A", true },
		{ "91310110666007217T", true },  { "91350100M000100Y43", true }, { "91350211M00013FA1N", false },
		{ "914403001922038210", false }, { "91110000MA01XXXXXX", false }, { "913100006074123456", false },
		{ "9133010057462616XH", false }, { "91440300I922038216", false }, { "91440300192203821", false },
		{ "440301103097413", false },    { "", false },                  { "91440300192203821a", false },
	};

	for (size_t i = 0; i < LENGTH(codes); i++)
		if (credit_code_ok(codes[i].code) != codes[i].ok)
			test_fail(__FILE__, __LINE__, "%s should be %s", codes[i].code, codes[i].ok ? "good" : "bad");
}
