#include "modules/demo/demo_inner.h"

/*
 * Names and sentences.  Names are made from counters, so no two are alike for
 * as long as the lists last; which comes first does not depend on the seed.
 */

struct syllable {
	const char *han, *pinyin;
};

static const struct syllable surnames[] = {
	{ "王", "wang" }, { "李", "li" }, { "张", "zhang" }, { "刘", "liu" }, { "陈", "chen" },
	{ "杨", "yang" }, { "赵", "zhao" }, { "黄", "huang" }, { "周", "zhou" }, { "吴", "wu" },
	{ "徐", "xu" }, { "孙", "sun" }, { "胡", "hu" }, { "朱", "zhu" }, { "高", "gao" },
	{ "林", "lin" }, { "何", "he" }, { "郭", "guo" }, { "马", "ma" }, { "罗", "luo" },
	{ "梁", "liang" }, { "宋", "song" }, { "郑", "zheng" }, { "谢", "xie" }, { "韩", "han" },
	{ "唐", "tang" }, { "冯", "feng" }, { "于", "yu" }, { "董", "dong" }, { "萧", "xiao" },
	{ "程", "cheng" }, { "曹", "cao" }, { "袁", "yuan" }, { "邓", "deng" }, { "许", "xu" },
	{ "傅", "fu" }, { "沈", "shen" }, { "曾", "zeng" }, { "彭", "peng" }, { "吕", "lv" },
	{ "苏", "su" }, { "卢", "lu" }, { "蒋", "jiang" }, { "蔡", "cai" }, { "贾", "jia" },
	{ "丁", "ding" }, { "魏", "wei" },
};

static const struct syllable given[] = {
	{ "芳", "fang" }, { "伟", "wei" }, { "敏", "min" }, { "静", "jing" }, { "强", "qiang" },
	{ "磊", "lei" }, { "洋", "yang" }, { "艳", "yan" }, { "勇", "yong" }, { "军", "jun" },
	{ "杰", "jie" }, { "娟", "juan" }, { "涛", "tao" }, { "明", "ming" }, { "超", "chao" },
	{ "秀英", "xiuying" }, { "霞", "xia" }, { "平", "ping" }, { "刚", "gang" }, { "桂英", "guiying" },
	{ "文博", "wenbo" }, { "欣怡", "xinyi" }, { "子涵", "zihan" }, { "志强", "zhiqiang" },
	{ "建国", "jianguo" }, { "晓燕", "xiaoyan" }, { "丽华", "lihua" }, { "海燕", "haiyan" },
	{ "雪梅", "xuemei" }, { "国庆", "guoqing" }, { "浩然", "haoran" }, { "思远", "siyuan" },
	{ "雨桐", "yutong" }, { "佳琪", "jiaqi" }, { "志远", "zhiyuan" }, { "立新", "lixin" },
	{ "慧", "hui" }, { "鹏", "peng" }, { "斌", "bin" }, { "倩", "qian" }, { "宇航", "yuhang" },
	{ "晨曦", "chenxi" }, { "俊杰", "junjie" },
};

/* 47 and 43 have no common factor: 2,021 names before one comes again. */
static_assert(LENGTH(surnames) == 47 && LENGTH(given) == 43, "the lengths are chosen");

const char *person_name(struct arena *mem, int n)
{
	size_t i = (size_t)n;

	return fmt(mem, "%s%s", surnames[i % LENGTH(surnames)].han, given[i % LENGTH(given)].han);
}

const char *person_login(struct arena *mem, int n)
{
	size_t i = (size_t)n;
	const char *name = fmt(mem, "%s%s", surnames[i % LENGTH(surnames)].pinyin,
	                       given[i % LENGTH(given)].pinyin);

	/* Different characters may sound alike. */
	return n < (int)LENGTH(given) ? name : fmt(mem, "%s%d", name, n / (int)LENGTH(given) + 1);
}

/* 41 and 37: 1,517 names of two characters. */
static const char *const brand_first[] = {
	"恒", "瑞", "华", "盛", "鑫", "宏", "天", "嘉", "金", "东", "科", "联", "远", "博", "立",
	"安", "德", "卓", "启", "世", "汇", "晟", "佳", "润", "锦", "泽", "凯", "诚", "创", "海",
	"中", "新", "鼎", "顺", "永", "隆", "康", "美", "大", "同", "民",
};
static const char *const brand_second[] = {
	"达", "丰", "信", "源", "成", "通", "杰", "力", "泰", "辉", "腾", "翔", "利", "捷", "峰",
	"和", "兴", "宇", "迅", "川", "航", "胜", "耀", "维", "昌", "瑞", "特", "博", "尔", "邦",
	"友", "益", "旭", "为", "雅", "思", "景",
};
static_assert(LENGTH(brand_first) == 41 && LENGTH(brand_second) == 37, "the lengths are chosen");

const char *brand_name(struct arena *mem, int n)
{
	size_t i = (size_t)n;

	return fmt(mem, "%s%s", brand_first[i % LENGTH(brand_first)],
	           brand_second[i % LENGTH(brand_second)]);
}

struct district {
	const char *code, *city;
};

/* Four areas of the country, as the teams divide it. */
static const struct district districts[4][6] = {
	{ { "310115", "上海" }, { "310104", "上海" }, { "310112", "上海" }, { "310114", "上海" },
	  { "310117", "上海" }, { "310106", "上海" } },
	{ { "320506", "苏州" }, { "320214", "无锡" }, { "320115", "南京" }, { "330108", "杭州" },
	  { "330212", "宁波" }, { "330106", "杭州" } },
	{ { "440305", "深圳" }, { "440306", "深圳" }, { "440106", "广州" }, { "440112", "广州" },
	  { "440605", "佛山" }, { "441302", "惠州" } },
	{ { "350203", "厦门" }, { "350102", "福州" }, { "430102", "长沙" }, { "420106", "武汉" },
	  { "420111", "武汉" }, { "430104", "长沙" } },
};

const char *area_region(int area, int n)
{
	return districts[area % 4][n % 6].code;
}

static const char *const industries[INDUSTRIES] = {
	"制造业", "信息技术", "批发零售", "医疗健康", "教育", "交通物流", "能源", "建筑地产",
};
static const char *const trades[INDUSTRIES][3] = {
	{ "精密机械", "电子科技", "汽车零部件" }, { "信息技术", "软件", "网络科技" },
	{ "商贸", "供应链", "连锁超市" }, { "医疗器械", "生物医药", "健康管理" },
	{ "教育科技", "职业培训", "文化教育" }, { "物流", "国际货运", "冷链" },
	{ "新能源", "电力设备", "节能科技" }, { "建设", "装饰工程", "智能建筑" },
};

const char *word_industry(int n)
{
	return industries[n];
}

const char *company_name(struct arena *mem, int n, int area, int industry)
{
	return fmt(mem, "%s%s%s%s", districts[area % 4][n % 6].city, brand_name(mem, n),
	           trades[industry][n % 3], n % 7 == 0 ? "股份有限公司" : "有限公司");
}

const char *mobile_number(struct arena *mem, int n)
{
	static const char *const heads[] = { "138", "139", "186", "159", "177", "188", "135", "150" };
	unsigned tail = (unsigned)n * 7919u + 12345u;

	/* 7,919 is prime to ten million: no two numbers within it are alike. */
	return fmt(mem, "%s1%07u", heads[n % 8], tail % 10000000u);
}

const char *word_position(int role)
{
	static const char *const positions[] = { "总经理", "采购经理", "生产总监", "信息部经理",
	                                         "副总经理", "设备主管" };

	return positions[role % 6];
}

static const char *const sources[SOURCES] = {
	[REFERRAL] = "老客户介绍", [FAIR] = "展会", [WEBSITE] = "官网", [SEARCH] = "搜索引擎",
	[ACCOUNT] = "微信", [HOTLINE] = "电话咨询", [STREET] = "陌生拜访", [STREAM] = "广告",
};

const char *word_source(int n)
{
	return sources[n];
}

const char *word_channel(int source)
{
	static const char *const channels[SOURCES] = {
		[REFERRAL] = "转介绍", [FAIR] = "工博会", [WEBSITE] = "官网表单", [SEARCH] = "百度",
		[ACCOUNT] = "公众号", [HOTLINE] = "400 热线", [STREET] = "地推", [STREAM] = "信息流",
	};

	return channels[source];
}

const char *word_goal(struct sim *s, int stage)
{
	static const char *const goals[4][4] = {
		{ "约到设备负责人面谈", "了解现有设备与痛点", "确认是否有年度预算", "介绍公司与同行案例" },
		{ "确认需求清单与优先级", "拿到产线参数", "明确决策流程与时间", "安排技术人员到现场勘查" },
		{ "讲解方案并收集意见", "确认报价范围", "请客户安排内部评审", "解答技术疑问并约下次汇报" },
		{ "商定付款方式", "确认交期与验收标准", "见到决策人并敲定价格", "推动合同进入审批" },
	};

	return goals[stage < 4 ? stage : 3][pick(s, 4)];
}

const char *word_outcome(struct sim *s, const char *kind, bool good)
{
	static const char *const good_calls[] = {
		"对方有兴趣，愿意进一步了解。", "约好下周上门详谈。", "确认今年有更新计划，预算在走流程。",
		"转给了技术负责人，留了微信。", "客户对上次的资料很认可。",
	};
	static const char *const poor_calls[] = {
		"在开会，改天再联系。", "暂时没有需求。", "已有固定供应商，态度冷淡。", "无人接听。",
		"说要等下半年预算。",
	};
	static const char *const good_talks[] = {
		"现场看了产线，需求基本清楚，客户同意推进。", "见到负责人，认可我们的案例，同意安排下一步。",
		"方案讲解顺利，客户提出两处调整，已记录。", "价格基本谈拢，剩付款方式待确认。",
		"客户主动介绍了同行，气氛很好。",
	};
	static const char *const poor_talks[] = {
		"对接人临时外出，只见到助理。", "客户嫌价格偏高，要再比较两家。", "内部意见不统一，暂时搁置。",
		"对方担心交期，没有表态。", "谈得比较散，没有达成约定的目标。",
	};
	bool call = text_eq(kind, "call") || text_eq(kind, "message");
	const char *const *list = call ? (good ? good_calls : poor_calls)
	                               : (good ? good_talks : poor_talks);

	return list[pick(s, 5)];
}

const char *word_next(struct sim *s, int stage)
{
	static const char *const steps[4][3] = {
		{ "发送公司与案例资料", "约上门拜访", "打电话确认兴趣" },
		{ "整理需求清单发客户确认", "约技术勘查", "补齐产线参数" },
		{ "提交修改后的方案", "跟进内部评审结果", "报价复核后发出" },
		{ "准备合同文本", "与财务确认付款条件", "约决策人面谈" },
	};

	return steps[stage < 4 ? stage : 3][pick(s, 3)];
}

const char *word_wish(struct sim *s)
{
	static const char *const wishes[] = {
		"想了解自动化仓储方案的价格。", "需要两台检测设备，请尽快联系。", "看了展会资料，想约演示。",
		"现有设备要更新，求报价。", "请发产品目录到邮箱。", "咨询维保服务。",
	};

	return wishes[pick(s, (int)LENGTH(wishes))];
}
