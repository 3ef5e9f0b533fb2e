#include "engine/pinyin.h"
#include "engine/search_inner.h"
#include "tests/test.h"

static struct arena mem;

static const char *tokens(const char *s, bool title, bool digits)
{
	struct text t;

	text_init(&t, &mem);
	search_tokens(&mem, s, title, digits, &t);
	return t.s;
}

/* Would a search for `words` find a row whose title is `title` (and whose phone is `phone`)? */
static bool finds(const char *words, const char *title, const char *phone)
{
	struct words w;
	const char *all = fmt(&mem, "%s %s", tokens(title, true, false), tokens(phone, false, true));

	words_read(&mem, words, &w);
	for (size_t i = 0; i < w.n; i++)
		if (!group_in(&w.groups[i], all))
			return false;
	return w.n > 0;
}

static enum rank rank(const char *words, const char *title)
{
	struct words w;

	words_read(&mem, words, &w);
	return title_rank(&mem, title, &w);
}

TEST(pinyin_readings_of_characters)
{
	const char *r[READINGS];

	CHECK_INT(pinyin_readings(0x534e, r), 1);       /* 华 */
	CHECK_TEXT(r[0], "hua");
	CHECK_INT(pinyin_readings(0x91cd, r), 2);       /* 重 */
	CHECK_TEXT(r[0], "zhong");
	CHECK_TEXT(r[1], "chong");
	CHECK_INT(pinyin_readings(0x5973, r), 2);       /* 女 */
	CHECK_TEXT(r[0], "nv");
	CHECK_TEXT(r[1], "nu");
	CHECK_INT(pinyin_readings(0x88c5, r), 1);       /* 装 */
	CHECK_TEXT(r[0], "zhuang");
	CHECK_INT(pinyin_readings('a', r), 0);
	CHECK_INT(pinyin_readings(0x3007, r), 0);
	CHECK_INT(pinyin_readings(0x20000, r), 0);
	CHECK_INT(pinyin_readings(0x5159, r), 0);       /* 兙 has no reading */
	CHECK_INT(han_simple(0x83ef), 0x534e);          /* 華 */
	CHECK_INT(han_simple(0x534e), 0x534e);
	CHECK_INT(han_simple('a'), 'a');
}

TEST(pinyin_knows_names_and_places)
{
	static const struct {
		const char *title, *read;
	} cases[] = {
		{ "重庆长安", "chongqingchangan" }, { "工商银行", "gongshangyinhang" },
		{ "乐清", "yueqing" }, { "可口可乐", "kekoukele" }, { "单勇", "shanyong" },
		{ "曾国", "zengguo" }, { "解放", "jiefang" }, { "解晓东", "xiexiaodong" },
		{ "厦门", "xiamen" }, { "成都", "chengdu" }, { "仇和", "qiuhe" }, { "查良镛", "zhaliangyong" },
		{ "绿地", "lvdi" }, { "绿地", "ludi" }, { "吕梁", "lvliang" }, { "区先生", "ouxiansheng" },
		{ "大连", "dalian" }, { "东莞", "dongguan" }, { "长沙", "changsha" }, { "校长", "xiaozhang" },
		{ "地产", "dichan" }, { "石家庄", "shijiazhuang" }, { "万科", "wanke" }, { "略阳", "lveyang" },
		{ "张三", "zhangsan" }, { "翟总", "zhaizong" }, { "覃总", "qinzong" }, { "朴总", "piaozong" },
		{ "都江堰", "dujiangyan" }, { "华盛", "huasheng" }, { "调味", "tiaowei" }, { "车厂", "chechang" },
		{ "欧姓", "ouxing" }, { "盖碗", "gaiwan" }, { "度假", "dujia" }, { "会计", "kuaiji" },
	};

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (!finds(cases[i].read, cases[i].title, ""))
			test_fail(__FILE__, __LINE__, "%s is not found by %s: %s", cases[i].title,
			          cases[i].read, tokens(cases[i].title, true, false));
	arena_done(&mem);
}

TEST(search_makes_characters_and_pairs)
{
	arena_init(&mem, 0);
	CHECK_TEXT(tokens("华为技术", false, false), "华 为 技 术 华为 为技 技术");
	CHECK_TEXT(tokens("华", false, false), "华");
	CHECK_TEXT(tokens("華為", false, false), "华 为 华为");
	CHECK_TEXT(tokens("华为（深圳）", false, false), "华 为 华为 深 圳 深圳");
	CHECK_TEXT(tokens("ＴＣＬ科技 5G", false, false), "tcl 科 技 科技 5g g");
	CHECK_TEXT(tokens("HT-2026-0001", false, false), "ht 2026 0001");
	CHECK_TEXT(tokens("GTX4060Pro", false, false), "gtx4060pro 4060pro pro");
	CHECK_TEXT(tokens("wang@huawei.com", false, false), "wang huawei com");
	CHECK_TEXT(tokens(" ,。!“”\n\t—", false, false), "");
	CHECK_TEXT(tokens("", true, true), "");
	CHECK_TEXT(tokens("Müller Москва", false, false), "müller москва");
	arena_done(&mem);
}

TEST(search_reads_titles_aloud)
{
	arena_init(&mem, 0);
	CHECK_TEXT(tokens("华为", true, false), "华 为 华为 _huawei -hw _wei");
	CHECK_TEXT(tokens("TCL科技", true, false),
	           "tcl 科 技 科技 _tclkeji -tclkj _keji -kj _ji");
	CHECK_TEXT(tokens("IBM", true, false), "ibm");
	CHECK_TEXT(tokens("行", true, false), "行 _xing _hang");
	arena_done(&mem);
}

TEST(search_keeps_the_digits_of_phones)
{
	arena_init(&mem, 0);
	CHECK_TEXT(tokens("0755-1234", false, true), "0755 1234 #07551234 #7551234 #551234 #51234 #1234");
	CHECK_TEXT(tokens("123/4567", false, true), "123 4567 #4567");
	CHECK(strstr(tokens("1234567890123456789012345", false, true), "#12345678901234567890 "));
	arena_done(&mem);
}

TEST(search_finds_a_company_by_any_infix)
{
	static const char title[] = "深圳市华为技术有限公司";
	size_t n = utf8_length(title);
	const char *starts[32];
	const char *p = title;

	arena_init(&mem, 0);
	for (size_t i = 0; i < n; i++) {
		starts[i] = p;
		utf8_next(&p);
	}
	starts[n] = p;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i + 1; k <= n; k++) {
			char *infix = arena_dupn(&mem, starts[i], (size_t)(starts[k] - starts[i]));

			if (!finds(infix, title, ""))
				test_fail(__FILE__, __LINE__, "%s", infix);
		}
	}
	CHECK(!finds("华技", title, ""));
	CHECK(!finds("中", title, ""));
	CHECK(!finds("华为科技", title, ""));
	arena_done(&mem);
}

TEST(search_finds_by_pinyin_and_initials_from_any_character)
{
	static const char title[] = "深圳市华为技术有限公司";
	static const char letters[] = "szshwjsyxgs";
	const size_t named = 7;         /* characters before 有限公司, from where nothing is read */
	static const char read[] = "shenzhenshihuaweijishuyouxiangongsi";

	arena_init(&mem, 0);
	for (size_t i = 0; i < named; i++)
		for (size_t n = 2; n <= 8 && i + n < sizeof letters; n++)
			if (!finds(arena_dupn(&mem, letters + i, n), title, ""))
				test_fail(__FILE__, __LINE__, "%.*s", (int)n, letters + i);
	for (size_t n = 2; n < sizeof read; n++)
		CHECK(finds(arena_dupn(&mem, read, n), title, ""));
	CHECK(finds("huawei", title, ""));
	CHECK(finds("huaw", title, ""));
	CHECK(finds("hua wei", title, ""));
	CHECK(finds("HuaWei", title, ""));
	CHECK(finds("华为 shenzhen", title, ""));
	CHECK(finds("jishuyouxiangongsi", title, ""));
	CHECK(!finds("gongsi", title, ""));
	CHECK(!finds("yx", title, ""));
	CHECK(finds("gongsi", "公司", ""));
	CHECK(finds("yx", "永兴集团股份有限公司", ""));
	CHECK(!finds("jt", "永兴集团股份有限公司", ""));
	CHECK(!finds("gf", "永兴集团股份有限公司", ""));
	CHECK(!finds("uawei", title, ""));
	CHECK(!finds("huawai", title, ""));
	CHECK(!finds("hj", title, ""));
	CHECK(!finds("h", title, ""));          /* one letter asks for words only */
	CHECK(finds("h", "H3C", ""));
	arena_done(&mem);
}

TEST(search_finds_phones_by_four_digits_or_more)
{
	static const char phone[] = "13800138000";

	arena_init(&mem, 0);
	for (size_t i = 0; i < 11; i++)
		for (size_t n = 4; i + n <= 11; n++)
			CHECK(finds(arena_dupn(&mem, phone + i, n), "王芳", phone));
	CHECK(finds("138", "王芳", phone));
	CHECK(!finds("001", "王芳", phone));
	CHECK(!finds("1381", "王芳", phone));
	CHECK(finds("138 0013 8000", "王芳", phone));
	CHECK(finds("+86 138-0013-8000", "王芳", phone));
	CHECK(finds("8000 王", "王芳", phone));
	CHECK(!finds("8000 李", "王芳", phone));
	CHECK(finds("wf 0013", "王芳", phone));
	arena_done(&mem);
}

TEST(search_asks_for_nothing_if_there_is_nothing)
{
	struct words w;

	arena_init(&mem, 0);
	words_read(&mem, " \t,。%*\"'()", &w);
	CHECK_INT(w.n, 0);
	words_read(&mem, "", &w);
	CHECK_INT(w.n, 0);

	/* However much is typed, what is asked for stays small. */
	struct text long_one;

	text_init(&long_one, &mem);
	for (int i = 0; i < 5000; i++)
		text_add(&long_one, "华 ");
	words_read(&mem, long_one.s, &w);
	CHECK_INT(w.n, SEARCH_GROUPS);
	arena_done(&mem);
}

/* What reaches the query languages is made of these characters only. */
TEST(search_tokens_hold_no_syntax)
{
	struct text t;
	struct words w;

	arena_init(&mem, 0);
	text_init(&t, &mem);
	for (uint32_t c = 1; c < 0x3000; c++)
		utf8_add(&t, c);
	for (const char *p = tokens(t.s, true, true); *p; p++)
		if (strchr("\"'\\()*:&|!<>^{}+,;", *p))
			test_fail(__FILE__, __LINE__, "%c", *p);
	words_read(&mem, "\"华为\" OR tokens:x NEAR('a') -b^2 \\'; DROP", &w);
	for (size_t i = 0; i < w.n; i++)
		for (size_t k = 0; k < w.groups[i].n; k++)
			for (const char *p = w.groups[i].wanted[k].token; *p; p++)
				CHECK((unsigned char)*p >= 0x80 || (*p >= 'a' && *p <= 'z') ||
				      (*p >= '0' && *p <= '9') || strchr("_-#", *p));
	arena_done(&mem);
}

TEST(search_ranks_titles)
{
	arena_init(&mem, 0);
	CHECK_INT(rank("华为", "华为"), RANK_EXACT);
	CHECK_INT(rank("华为", "华为技术"), RANK_STARTS);
	CHECK_INT(rank("技术", "华为技术"), RANK_CONTAINS);
	CHECK_INT(rank("huaw", "华为技术"), RANK_READ);
	CHECK_INT(rank("hw", "华为技术"), RANK_READ);
	CHECK_INT(rank("js", "华为技术"), RANK_INSIDE);
	CHECK_INT(rank("技术 华", "华为技术"), RANK_INSIDE);
	CHECK_INT(rank("8000", "华为技术"), RANK_OTHER);
	CHECK_INT(rank("HUAWEI", "Huawei"), RANK_EXACT);
	CHECK_INT(rank("chongqing", "重庆"), RANK_READ);
	arena_done(&mem);
}

/* Characters with several readings of one initial must not make comparing explode. */
TEST(search_compares_in_time)
{
	struct text title;
	struct text words;

	arena_init(&mem, 0);
	text_init(&title, &mem);
	text_init(&words, &mem);
	for (int i = 0; i < 64; i++) {
		text_add(&title, "绿");
		text_add(&words, "l");
	}
	text_add(&words, "x");
	CHECK_INT(rank(words.s, title.s), RANK_OTHER);
	arena_done(&mem);
}
