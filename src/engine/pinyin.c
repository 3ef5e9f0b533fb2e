#include "engine/pinyin.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/embed.h"

enum {
	FIRST = 0x3400,                 /* the characters of plane 0 lie between these */
	LAST = 0x9fff,
	WITH_UMLAUT = 200,              /* characters read with ü are fewer */
	SYLLABLE = 7,                   /* "zhuang" and its end */
	ENTRY = SYLLABLE + 2,           /* reading and simplified form, see tools/han.c */
};

/*
 * Other readings in surnames, places and company names: ICU knows the most
 * frequent one only.  A person types either.
 */
static const char others[] =
	"重chong 重zhong 行hang 行xing 长chang 长zhang 乐yue 乐le 单shan 单dan 单chan 曾zeng 曾ceng "
	"解xie 解jie 厦xia 厦sha 都du 都dou 仇qiu 仇chou 朴piao 朴pu 查zha 查cha 盖ge 盖gai 区ou 区qu "
	"尉yu 尉wei 翟zhai 翟di 覃qin 覃tan 召shao 召zhao 石shi 石dan 员yun 员yuan 车che 车ju 朝chao "
	"朝zhao 传chuan 传zhuan 大da 大dai 弹dan 弹tan 地di 地de 调diao 调tiao 度du 度duo 佛fo 佛fu "
	"给gei 给ji 还huan 还hai 合he 合ge 和he 和huo 会hui 会kuai 降jiang 降xiang 角jiao 角jue 校xiao "
	"校jiao 卡ka 卡qia 落luo 落la 率lv 率shuai 没mei 没mo 宿su 宿xiu 藏cang 藏zang 省sheng 省xing "
	"盛sheng 盛cheng 属shu 属zhu 提ti 提di 系xi 系ji 巷xiang 巷hang 叶ye 叶xie 俞yu 俞shu 粘zhan "
	"粘nian 种zhong 种chong 卜bu 卜bo 秘mi 秘bi 缪miao 缪mou 缪miu 繁fan 繁po 洗xi 洗xian 冼xian "
	"柏bai 柏bo 薄bo 薄bao 堡bao 堡pu 堡bu 埔pu 埔bu 蚌beng 蚌bang 六liu 六lu 番fan 番pan 莞guan "
	"莞wan 涡wo 涡guo 铅qian 铅yan 浚jun 浚xun 乾qian 乾gan 奇qi 奇ji 伽jia 伽qie 伽ga 露lu 露lou "
	"便bian 便pian 参can 参shen 差cha 差chai 差ci 乘cheng 乘sheng 畜chu 畜xu 囤tun 囤dun 阿a 阿e "
	"龟gui 龟qiu 柜gui 柜ju 隽jun 隽juan 咖ka 咖ga 炮pao 炮bao 屏ping 屏bing 曝pu 曝bao 栖qi 栖xi "
	"茄qie 茄jia 塞sai 塞se 色se 色shai 杉shan 杉sha 什shi 什shen 拓tuo 拓ta 尾wei 尾yi 纤xian "
	"纤qian 削xue 削xiao 约yue 约yao 钥yao 钥yue 艾ai 艾yi 殷yin 殷yan 扎zha 扎za 择ze 择zhai "
	"爪zhua 爪zhao 绿lv 绿lu 模mo 模mu 耙pa 耙ba 宁ning 任ren 华hua 句ju 句gou 勾gou 贾jia 贾gu "
	"尹yin 於yu 於wu 靓jing 靓liang 湛zhan 虹hong 虹jiang 济ji 郇xun 郇huan 隗wei 隗kui 逄pang "
	"洋yang 祭ji 祭zhai 折zhe 折she 黑hei 黑he 陆lu 陆liu 台tai 泌mi 泌bi 氏shi 氏zhi 澄cheng "
	"澄deng 坊fang 圩wei 圩xu 浒hu 浒xu 歙she 歙xi 峒tong 峒dong 垌tong 垌dong 炔gui 炔que 万wan "
	"万mo 莘shen 莘xin 郗xi 郗chi 笮ze 笮zha 谌chen 谌shen 适shi 适kuo 燕yan 过guo 哈ha 哈he";

struct other {
	uint32_t c;
	char reading[SYLLABLE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const unsigned char *entries;    /* the embedded table */
static struct other *second;            /* by character */
static size_t n_second;

static const char *usual(uint32_t c)
{
	return (const char *)entries + (c - FIRST) * ENTRY;
}

static int by_character(const void *a, const void *b)
{
	const struct other *x = a;
	const struct other *y = b;

	return (x->c > y->c) - (x->c < y->c);
}

static void add_second(struct other *list, uint32_t c, const char *reading, size_t n)
{
	struct other *o = &list[n_second++];

	assert(n < SYLLABLE && n_second <= sizeof others / 4 + WITH_UMLAUT);
	o->c = c;
	memcpy(o->reading, reading, n);
}

/* The list above, and lu beside lv: who cannot type ü types either. */
static void make_second(struct arena *mem)
{
	struct other *list = arena_array(mem, sizeof others / 4 + WITH_UMLAUT, sizeof *list);
	const char *p = others;

	while (*p) {
		uint32_t c = utf8_next(&p);
		size_t n = strcspn(p, " ");

		add_second(list, c, p, n);
		p += n + (p[n] == ' ');
	}
	for (uint32_t c = FIRST; c <= LAST; c++) {
		char reading[SYLLABLE];
		char *v;

		memcpy(reading, usual(c), SYLLABLE);
		v = strchr(reading, 'v');
		if (!v)
			continue;
		*v = 'u';
		add_second(list, c, reading, strlen(reading));
	}
	qsort(list, n_second, sizeof *list, by_character);
	second = list;
}

static void make(void)
{
	static struct arena kept;
	const struct embedded_file *table = embedded_find("han/table");

	assert(table && table->size == (LAST - FIRST + 1) * ENTRY);
	entries = (const unsigned char *)table->data;
	arena_init(&kept, 0);
	make_second(&kept);
}

static size_t first_second(uint32_t c)
{
	size_t low = 0;
	size_t high = n_second;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (second[middle].c < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t pinyin_readings(uint32_t c, const char *ret[static READINGS])
{
	size_t n = 0;

	pthread_once(&once, make);
	if (c < FIRST || c > LAST)
		return 0;
	if (*usual(c))
		ret[n++] = usual(c);
	for (size_t i = first_second(c); i < n_second && second[i].c == c && n < READINGS; i++) {
		bool new = true;

		for (size_t k = 0; k < n; k++)
			new &= !text_eq(ret[k], second[i].reading);
		if (new)
			ret[n++] = second[i].reading;
	}
	return n;
}

uint32_t han_simple(uint32_t c)
{
	pthread_once(&once, make);
	if (c < FIRST || c > LAST)
		return c;

	const unsigned char *entry = entries + (c - FIRST) * ENTRY + SYLLABLE;

	return (uint32_t)(entry[0] | entry[1] << 8);
}
