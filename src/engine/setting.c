#include "engine/setting.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/record.h"
#include "engine/scope.h"

enum kind { TEXT, INTEGER, BOOL, CHOICE };

struct known {
	const char *name;
	enum kind kind;
	const char *initial;
	int64_t min, max;               /* INTEGER; TEXT: characters */
	const char *choices;            /* CHOICE: words, blanks between */
	bool (*ok)(const char *value);  /* TEXT: more to check; NULL */
	struct label label;
	struct label help;
};

/* Three capital letters. */
static bool is_currency(const char *s)
{
	return strlen(s) == 3 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* A zone this machine knows. */
static bool is_zone(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	char path[128] = "/usr/share/zoneinfo/";
	size_t start = strlen(path);

	if (!*s || *s == '/' || strspn(s, letters) != strlen(s) || strlen(s) >= sizeof path - start)
		return false;
	memcpy(path + start, s, strlen(s) + 1);
	return access(path, R_OK) == 0;
}

static bool is_clock(const char *s)
{
	return clock_minutes(s) >= 0;
}

static const struct known known[] = {
	{ "company_name", TEXT, "", 0, 120, NULL, NULL,
	  { "公司名称", "Company name" },
	  { "显示在页面顶部和打印件上。", "Shown at the top of every page and on printed forms." } },
	{ "currency", TEXT, "CNY", 0, 3, NULL, is_currency,
	  { "币种", "Currency" },
	  { "全公司的金额都用这种货币，三个大写字母。改动不换算已有金额。",
	    "All amounts are in it: three capital letters. Changing it does not convert amounts." } },
	{ "timezone", TEXT, "Asia/Shanghai", 0, 60, NULL, is_zone,
	  { "时区", "Time zone" },
	  { "公司的一天从这里的零点开始。重启后生效。",
	    "The company's day begins at midnight here. Takes effect at the next start." } },
	{ "language", CHOICE, "zh", 0, 0, "zh en", NULL,
	  { "语言", "Language" },
	  { "新成员的语言；每人可自行更改。", "Of new members; everyone may change their own." } },
	{ "week_start", INTEGER, "1", 1, 7, NULL, NULL,
	  { "每周第一天", "First day of the week" },
	  { "日历从星期几开始，1 为星期一。报表的周始终从星期一开始。",
	    "Where calendars begin, 1 is Monday. Weeks in reports always begin on Monday." } },
	{ "fiscal_year_month", INTEGER, "1", 1, 12, NULL, NULL,
	  { "财年首月", "First month of the fiscal year" }, { NULL, NULL } },
	{ "colors_up", CHOICE, "red", 0, 0, "red green", NULL,
	  { "上涨的颜色", "Colour of a rise" },
	  { "中国习惯红涨绿跌。", "In China red is up and green is down." } },
	{ "session_days", INTEGER, "14", 1, 365, NULL, NULL,
	  { "登录有效天数", "Days a sign-in lasts" },
	  { "从最后一次使用算起。", "Counted from its last use." } },
	{ "pool_limit_per_member", INTEGER, "200", 0, 1000000, NULL, NULL,
	  { "每人客户上限", "Customers a member may hold" }, { "0 为不限。", "0: no limit." } },
	{ "pool_recycle_days", INTEGER, "30", 0, 3650, NULL, NULL,
	  { "未跟进收回天数", "Days without activity until a customer returns to the pool" },
	  { "0 为不收回。", "0: never." } },
	{ "pool_warning_days", INTEGER, "3", 0, 365, NULL, NULL,
	  { "收回前提醒天数", "Days of warning before that" }, { NULL, NULL } },
	{ "pool_cooldown_days", INTEGER, "7", 0, 365, NULL, NULL,
	  { "再次领取间隔天数", "Days until the former owner may claim it again" },
	  { "0 为不限。", "0: at once." } },
	{ "stalled_days", INTEGER, "30", 1, 3650, NULL, NULL,
	  { "商机停滞天数", "Days until an opportunity counts as stalled" },
	  { "在同一阶段超过这么多天即为停滞。", "Longer than this in one stage." } },
	{ "commission_percent", INTEGER, "0", 0, 100, NULL, NULL,
	  { "佣金率（%）", "Commission (per cent)" },
	  { "用于没有自己佣金率的产品；0 为没有佣金。", "For products without a rate of their own; 0: none." } },
	{ "loss_carry_over", BOOL, "true", 0, 0, NULL, NULL,
	  { "损失扣不完留待下次", "Losses a bonus cannot bear are kept for the next" }, { "关闭即从此了结。", "Off: they are settled." } },
	{ "budget_warn_percent", INTEGER, "80", 1, 1000, NULL, NULL,
	  { "预算用到多少提醒（%）", "Warn from this use of a budget (per cent)" }, { NULL, NULL } },
	{ "budget_stop_percent", INTEGER, "100", 1, 1000, NULL, NULL,
	  { "预算用到多少以上须审批（%）", "Approval above this use of a budget (per cent)" }, { NULL, NULL } },
	{ "prospect_attempts", INTEGER, "5", 0, 100, NULL, NULL,
	  { "放弃线索前应联系几次", "Attempts due before a lead is given up" },
	  { "次数不够而放弃须说明理由。", "Giving up earlier needs a reason." } },
	{ "research_gate", BOOL, "false", 0, 0, NULL, NULL,
	  { "推进前须有客户调研", "No deal goes forward before its customer was researched" }, { NULL, NULL } },
	{ "lead_untouched_minutes", INTEGER, "60", 0, 10000, NULL, NULL,
	  { "线索多少工作分钟未联系提醒", "Working minutes until a lead without contact is somebody's task" }, { "0 为不提醒。", "0: never." } },
	{ "focus_most", INTEGER, "3", 1, 20, NULL, NULL,
	  { "每天最多几个重点（置顶）", "Most records that are up on one day" }, { NULL, NULL } },
	{ "need_horizon_days", INTEGER, "30", 0, 365, NULL, NULL,
	  { "需求时限（天）", "Horizon of needs (days)" },
	  { "需求在这么多天内到期，才算现在可以成交。",
	    "A need that falls due within so many days counts as closable now." } },
	{ "zone_days", INTEGER, "730", 30, 3650, NULL, NULL,
	  { "定区看多少天", "Days that zones look back" },
	  { "销售的高效区、有用区与雷区由这段时间内结束的商机算出。",
	    "A person's zones are worked out from what was closed within them." } },
	{ "zone_by_trade", BOOL, "true", 0, 0, NULL, NULL,
	  { "按行业定区", "Zones by trade" },
	  { "销售的区看客户的哪些方面；几个方面都看时，一个是雷区而另一个是高效区的，算有用区。",
	    "Which sides of a customer zones go by; with several, a minefield by one and efficient by another is the effective zone." } },
	{ "zone_by_region", BOOL, "false", 0, 0, NULL, NULL,
	  { "按地区（省）定区", "Zones by region (province)" }, { NULL, NULL } },
	{ "zone_by_size", BOOL, "false", 0, 0, NULL, NULL,
	  { "按规模定区", "Zones by size" }, { NULL, NULL } },
	{ "zone_by_source", BOOL, "false", 0, 0, NULL, NULL,
	  { "按来源定区", "Zones by where customers come from" }, { NULL, NULL } },
	{ "zone_cases", INTEGER, "10", 3, 1000, NULL, NULL,
	  { "定区至少几单", "Cases a zone needs" },
	  { "结束的商机少于这么多，即为数据不足。", "Fewer closed ones are not enough data." } },
	{ "loss_reason_required", BOOL, "true", 0, 0, NULL, NULL,
	  { "输单必须填写原因", "A lost opportunity needs a reason" }, { NULL, NULL } },
	{ "quality_weight_goal", INTEGER, "25", 0, 100, NULL, NULL,
	  { "质量得分：目标达成的权重", "Quality score: weight of goals reached" },
	  { "质量得分是各部分的加权平均；不知道的部分不计。",
	    "The quality score is the weighted mean of its parts; what is not known does not count." } },
	{ "quality_weight_advance", INTEGER, "25", 0, 100, NULL, NULL,
	  { "质量得分：阶段推进的权重", "Quality score: weight of stages moved" }, { NULL, NULL } },
	{ "quality_weight_profile", INTEGER, "25", 0, 100, NULL, NULL,
	  { "质量得分：定位内占比的权重", "Quality score: weight of the share in profile" }, { NULL, NULL } },
	{ "quality_weight_skill", INTEGER, "25", 0, 100, NULL, NULL,
	  { "质量得分：能力评分的权重", "Quality score: weight of skill" }, { NULL, NULL } },
	{ "guide_done", BOOL, "false", 0, 0, NULL, NULL,
	  { "不再显示开始向导", "The guide is done" },
	  { "向导在“设置”里一直可用。", "It stays under Settings." } },
	{ "notice_days", INTEGER, "90", 1, 3650, NULL, NULL,
	  { "通知保留天数", "Days that notices are kept" },
	  { "更早的通知每晚清除。", "Older ones are removed each night." } },
	{ "visit_sheet_required", BOOL, "false", 0, 0, NULL, NULL,
	  { "首次拜访须先备开场白", "First visits need an opening line" },
	  { "没有写好开场白的准备单，首次拜访不能记为完成。",
	    "A first visit is not done without a preparation sheet that has its opening line." } },
	{ "decider_amount", INTEGER, "500000", 0, INT64_C(1000000000), NULL, NULL,
	  { "须见决策人的金额", "Amount from which the decision maker must be met" },
	  { "达到此金额、报价前没有见过决策人的商机会有提醒；0 为不提醒。",
	    "Opportunities of this amount are warned of when offered without having met one; 0: never." } },
	{ "discount_free", INTEGER, "10", 0, 100, NULL, NULL,
	  { "不须审批的让价（%）", "Discount that needs no approval, %" },
	  { "报价比标价低得更多，须审批后才能选中。", "An offer further below list can be chosen once it is approved." } },
	{ "go_rivals", INTEGER, "5", 0, 99, NULL, NULL,
	  { "须定投不投的竞争者数", "Competitors from which go or no-go is decided" },
	  { "达到这么多家，由上级决定投不投，决定前不能往前走；0 为不要求。",
	    "From so many on a superior decides, and until then the opportunity cannot go on; 0: never." } },
	{ "visit_goal_required", BOOL, "true", 0, 0, NULL, NULL,
	  { "拜访必须填写目的", "A visit needs a goal" }, { NULL, NULL } },
	{ "time_required", BOOL, "false", 0, 0, NULL, NULL,
	  { "成交前须记下用时", "Time is written down before a deal is won" },
	  { "没有一项活动写了用时的商机，不能赢单。", "An opportunity without any activity that has minutes cannot be won." } },
	{ "missed_reason_required", BOOL, "false", 0, 0, NULL, NULL,
	  { "没有达成的拜访须写原因", "A missed visit needs a reason" },
	  { "客户一方或我们一方，至少写一个。", "On their side or on ours, one at least." } },
	{ "workday_roles", TEXT, "rep", 0, 200, NULL, NULL,
	  { "须交计划与日报的角色", "Roles that hand in plans and reports" },
	  { "角色的英文名，逗号分隔；填 - 则不要求任何人。改动从下一个工作日起生效。",
	    "Names of roles with commas between; a dash: nobody. Takes effect with the next workday." } },
	{ "plan_cutoff_day", CHOICE, "before", 0, 0, "before same", NULL,
	  { "访问计划截止于", "Visit plans are due on" },
	  { "before 为前一天，same 为当天。", "before: the day before; same: the day itself." } },
	{ "plan_cutoff", TEXT, "20:00", 0, 5, NULL, is_clock,
	  { "访问计划截止时刻", "Visit plans are due at" },
	  { "之后提交的记为迟交。", "What comes later counts as late." } },
	{ "report_cutoff", TEXT, "21:00", 0, 5, NULL, is_clock,
	  { "日报截止时刻", "Daily reports are due at" },
	  { "之后提交的记为迟交。", "What comes later counts as late." } },
	{ "sign_cutoff", TEXT, "12:00", 0, 5, NULL, is_clock,
	  { "核签截止时刻", "Signatures are due at" },
	  { "在提交后的下一个工作日。", "On the next workday after submission." } },
	{ "week_cutoff", TEXT, "12:00", 0, 5, NULL, is_clock,
	  { "周报截止时刻", "Weekly reports are due at" },
	  { "在周一；之后提交的记为迟交。", "On Monday; what comes later counts as late." } },
	{ "one_to_one_days", INTEGER, "14", 1, 365, NULL, NULL,
	  { "一对一谈话的间隔（天）", "Days between one-to-ones" },
	  { "谈过以后，下次自动排在这么多天之后的工作日。", "The next one is set on the workday so many days later." } },
	{ "work_from", TEXT, "09:00", 0, 5, NULL, is_clock,
	  { "上班时刻", "Working hours from" },
	  { "回应来询的时限只算工作日的工作时间。", "Time limits of service count workdays within working hours." } },
	{ "work_to", TEXT, "18:00", 0, 5, NULL, is_clock,
	  { "下班时刻", "Working hours until" }, { NULL, NULL } },
	{ "answer_hours_urgent", INTEGER, "1", 1, 240, NULL, NULL,
	  { "紧急来询须首次回应（工作小时）", "Working hours until an urgent case is to be answered" }, { NULL, NULL } },
	{ "answer_hours", INTEGER, "4", 1, 240, NULL, NULL,
	  { "普通来询须首次回应（工作小时）", "Working hours until a case is to be answered" }, { NULL, NULL } },
	{ "answer_hours_low", INTEGER, "8", 1, 240, NULL, NULL,
	  { "低优先来询须首次回应（工作小时）", "Working hours until a case of low priority is to be answered" }, { NULL, NULL } },
	{ "accept_days", INTEGER, "1", 0, 30, NULL, NULL,
	  { "内部请求须接受（工作日）", "Workdays until an internal request is to be accepted" }, { NULL, NULL } },
	{ "sleep_days", INTEGER, "180", 0, 3650, NULL, NULL,
	  { "多少天没有成交的老客户算沉默", "Days without an order until a buyer sleeps" },
	  { "转为沉默，并成为负责人的唤醒任务；0 为从不。", "It becomes silent, and its owner's task to win back; 0: never." } },
	{ "handover_hours", INTEGER, "24", 1, 240, NULL, NULL,
	  { "移交须接受（小时）", "Hours until a hand-over is to be accepted" }, { NULL, NULL } },
	{ "handover_credit", INTEGER, "30", 0, 100, NULL, NULL,
	  { "移交后业绩算给移交人（%）", "Share of what a customer handed over brings that counts for who gave it, %" },
	  { "移交时可另定；其余算给接手人。", "May be set with each hand-over; the rest is the receiver's." } },
	{ "kpi_cap", INTEGER, "150", 100, 1000, NULL, NULL,
	  { "考核达成率上限（%）", "Most an attainment counts for, %" },
	  { "一个指标超额再多，也只按这个比例计分。", "However far a KPI is exceeded, it is scored with no more than that." } },
	{ "public_url", TEXT, "", 0, 200, NULL, NULL,
	  { "网址", "Address" },
	  { "成员打开本系统的网址，如 https://crm.example.com；邮件里的链接以此开头，留空则没有链接。",
	    "Where members open the program, such as https://crm.example.com: links in mail begin with it; empty: no links." } },
	{ "digest_at", TEXT, "08:00", 0, 5, NULL, is_clock,
	  { "邮件摘要的时刻", "Time of the mail digest" },
	  { "每日，或每周一；在个人免打扰时段则等到结束。", "Daily, or on Mondays; in somebody's quiet hours when they end." } },
	{ "care_days", INTEGER, "62", 7, 400, NULL, NULL,
	  { "维护任务提前多少天", "Days that care tasks are made ahead" }, { NULL, NULL } },
	{ "unread_minutes", INTEGER, "120", 5, 10080, NULL, NULL,
	  { "严重情况未阅升级（分钟）", "Minutes until an unread serious report goes further up" }, { NULL, NULL } },
	{ "complaint_answer_hours", INTEGER, "24", 1, 720, NULL, NULL,
	  { "投诉须首次答复（小时）", "Hours until a complaint has to be answered" }, { NULL, NULL } },
};

/*
 * What the store holds, for reading work.  Work in the write lane asks the store: it may
 * have changed a setting itself, and not committed it yet.
 */
static struct {
	pthread_mutex_t lock;
	const struct engine *engine;
	bool filled;
	int64_t forgotten_at;
	char *values[LENGTH(known)];    /* NULL: the default */
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct known *find(const char *name)
{
	for (size_t i = 0; i < LENGTH(known); i++)
		if (text_eq(known[i].name, name))
			return &known[i];
	return NULL;
}

/* All values the store holds; the default where there is none. */
static bool load(struct ctx *ctx, const char *values[LENGTH(known)])
{
	const struct object *set[] = { schema_object(ctx->schema, "setting"), NULL };
	const struct member *before = ctx_as_system(ctx);
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, set, SCOPE_ALIVE, &sql);
	ctx_as(ctx, before);
	text_add(&sql, "SELECT name, value FROM setting");

	struct query *q = ctx_query(ctx, sql.s, NULL);

	if (!q)
		return false;
	for (size_t i = 0; i < LENGTH(known); i++)
		values[i] = known[i].initial;
	while (db_next(q)) {
		const struct known *k = find(db_text(q, 0));
		const char *value = db_text(q, 1);

		if (k && value && *value)
			values[k - known] = arena_dup(ctx->mem, value);
	}

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "setting");
}

/* Under the lock. */
static void drop(void)
{
	for (size_t i = 0; i < LENGTH(known); i++) {
		free(cache.values[i]);
		cache.values[i] = NULL;
	}
	cache.filled = false;
}

void setting_forget(void)
{
	pthread_mutex_lock(&cache.lock);
	drop();
	cache.forgotten_at = date_now();
	pthread_mutex_unlock(&cache.lock);
}

/*
 * Keeps what was read, unless it may have been read from before a change: the work
 * began when its snapshot was taken, give or take much less than MARGIN.
 */
static void keep(const struct ctx *ctx, const char *const values[LENGTH(known)])
{
	enum { MARGIN = 1000 };

	pthread_mutex_lock(&cache.lock);
	if (ctx->now > cache.forgotten_at + MARGIN) {
		drop();
		for (size_t i = 0; i < LENGTH(known); i++)
			cache.values[i] = mem_dup(values[i]);
		cache.engine = ctx->engine;
		cache.filled = true;
	}
	pthread_mutex_unlock(&cache.lock);
}

static const char *cached(const struct ctx *ctx, const struct known *k)
{
	const char *ret = NULL;

	pthread_mutex_lock(&cache.lock);
	if (cache.filled && cache.engine == ctx->engine)
		ret = arena_dup(ctx->mem, cache.values[k - known]);
	pthread_mutex_unlock(&cache.lock);
	return ret;
}

static const char *get(struct ctx *ctx, const struct known *k)
{
	const char *values[LENGTH(known)];
	const char *value = ctx->writes ? NULL : cached(ctx, k);

	if (value)
		return value;
	/* The failure is in the context; whoever asked goes on with the default and fails later. */
	if (!load(ctx, values))
		return k->initial;
	if (!ctx->writes)
		keep(ctx, values);
	return values[k - known];
}

static const struct known *need(const char *name)
{
	const struct known *k = find(name);

	assert(k);
	return k;
}

const char *setting_text(struct ctx *ctx, const char *name)
{
	const struct known *k = need(name);

	assert(k->kind == TEXT || k->kind == CHOICE);
	return get(ctx, k);
}

int64_t setting_int(struct ctx *ctx, const char *name)
{
	const struct known *k = need(name);
	int64_t n = 0;

	assert(k->kind == INTEGER);
	/* A value from before it was checked counts as none. */
	if (!int_parse(get(ctx, k), &n) || n < k->min || n > k->max)
		int_parse(k->initial, &n);
	return n;
}

bool setting_bool(struct ctx *ctx, const char *name)
{
	const struct known *k = need(name);

	assert(k->kind == BOOL);
	return text_eq(get(ctx, k), "true");
}

static bool is_choice(const struct known *k, const char *value, struct arena *mem)
{
	char **words;
	size_t n = text_split(mem, k->choices, ' ', &words);

	for (size_t i = 0; i < n; i++)
		if (text_eq(words[i], value))
			return true;
	return false;
}

static bool check(struct ctx *ctx, const struct known *k, const char *value)
{
	int64_t n;

	switch (k->kind) {
	case TEXT:
		if ((int64_t)utf8_length(value) <= k->max && (!k->ok || k->ok(value)))
			return true;
		return fail(ctx, ERR_INVALID, "value", "“%s”的值无效", "This is not a valid value of \"%s\"",
		            say(ctx, k->label.zh, k->label.en));
	case INTEGER:
		if (int_parse(value, &n) && n >= k->min && n <= k->max)
			return true;
		return fail(ctx, ERR_INVALID, "value", "请填写 %" PRId64 " 到 %" PRId64 " 之间的整数",
		            "Enter a whole number from %" PRId64 " to %" PRId64, k->min, k->max);
	case BOOL:
		if (text_eq(value, "true") || text_eq(value, "false"))
			return true;
		return fail(ctx, ERR_INVALID, "value", "请填写 true 或 false", "Enter true or false");
	case CHOICE:
		if (is_choice(k, value, ctx->mem))
			return true;
		return fail(ctx, ERR_INVALID, "value", "可选值：%s", "One of: %s", k->choices);
	}
	return false;
}

bool setting_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) == CHANGE_DELETE)
		return true;

	struct value name = change_new(c, "name");
	struct value value = change_new(c, "value");
	const struct known *k = name.kind == V_TEXT ? find(name.s) : NULL;

	if (!k)
		return fail(ctx, ERR_INVALID, "name", "没有“%s”这个设置", "There is no setting \"%s\"",
		            name.kind == V_TEXT ? name.s : "");
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "name"))
		return fail(ctx, ERR_INVALID, "name", "设置不能改名", "A setting cannot be renamed");
	return value.kind != V_TEXT || !*value.s || check(ctx, k, value.s);
}

bool setting_set(struct ctx *ctx, const char *name, const char *value)
{
	struct cell cells[] = { { "name", v_text(name) }, { "value", v_text(value) }, { 0 } };
	int64_t id;

	if (!record_find(ctx, "setting", fmt(ctx->mem, "name=eq.%s", need(name)->name), &id))
		return false;
	return id ? record_update(ctx, "setting", id, cells + 1)
	          : record_create(ctx, "setting", cells, NULL);
}

static void write_limits(struct ctx *ctx, const struct known *k, struct json_writer *w)
{
	char **words;

	if (k->kind == INTEGER) {
		jw_key(w, "min");
		jw_int(w, k->min);
		jw_key(w, "max");
		jw_int(w, k->max);
	}
	if (k->kind == CHOICE) {
		size_t n = text_split(ctx->mem, k->choices, ' ', &words);

		jw_key(w, "choices");
		jw_array(w);
		for (size_t i = 0; i < n; i++)
			jw_text(w, words[i]);
		jw_array_end(w);
	}
}

bool setting_write(struct ctx *ctx, struct json_writer *w)
{
	static const char *const kinds[] = {
		[TEXT] = "text", [INTEGER] = "integer", [BOOL] = "bool", [CHOICE] = "choice",
	};
	const char *values[LENGTH(known)];

	if (!load(ctx, values))
		return false;
	jw_array(w);
	for (size_t i = 0; i < LENGTH(known); i++) {
		jw_object(w);
		jw_key(w, "name");
		jw_text(w, known[i].name);
		jw_key(w, "type");
		jw_text(w, kinds[known[i].kind]);
		label_write(w, "label", known[i].label);
		label_write(w, "help", known[i].help);
		jw_key(w, "value");
		jw_text(w, values[i]);
		jw_key(w, "default");
		jw_text(w, known[i].initial);
		write_limits(ctx, &known[i], w);
		jw_object_end(w);
	}
	jw_array_end(w);
	return true;
}
