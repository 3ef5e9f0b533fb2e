/*
 * Customer: whose customer it is, and the pool (公海) of those that are nobody's.
 *
 * The hook keeps what a change of owner means – since when, whose before, why
 * released – whatever route the change takes; the actions only set the owner.
 * All writes run one after another, so of two people who claim the same
 * customer the second finds it taken.
 */
#include "engine/module.h"

static const int64_t DAY = INT64_C(24) * 60 * 60 * 1000;

/* Changes a customer with complete reach: the pool is outside everybody's own. */
static bool update_as_system(struct ctx *ctx, const char *object, int64_t id,
                             const struct cell *cells)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = record_update(ctx, object, id, cells);

	ctx_as(ctx, me);
	return ok;
}

/*
 * The hook
 */

static bool within_limit(struct ctx *ctx, const struct object *o, int64_t member)
{
	int64_t limit = setting_int(ctx, "pool_limit_per_member");
	int64_t held = 0;
	struct list l;

	if (limit <= 0)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = query_parse(ctx, o, fmt(ctx->mem, "owner=eq.%" PRId64, member), &l) &&
	          query_count(ctx, &l, &held);

	ctx_as(ctx, me);
	if (!ok)
		return false;
	if (held < limit)
		return true;
	return fail(ctx, ERR_INVALID, "owner",
	            "你已有 %" PRId64 " 个客户，上限为 %" PRId64 "，请先放回一些",
	            "You hold %" PRId64 " customers; the limit is %" PRId64 ": release some first",
	            held, limit);
}

/* Who gave a customer back may not fetch it again at once, but from the beginning of a day. */
static bool cooled_down(struct ctx *ctx, const struct change *c, int64_t member)
{
	int64_t days = setting_int(ctx, "pool_cooldown_days");
	struct value released = change_old(c, "released_at");
	int64_t open;

	if (days <= 0 || value_id(change_old(c, "former_owner")) != member || released.kind != V_INT)
		return true;
	open = instant_day(released.i) + days;
	if (instant_day(ctx->now) >= open)
		return true;
	return fail(ctx, ERR_INVALID, "owner",
	            "原负责人在放回后 %" PRId64 " 天内不能再领取，可于 %s 起领取",
	            "The former owner may not claim it within %" PRId64 " days; from %s it is open to you",
	            days, date_text(ctx->mem, open));
}

static bool owner_changed(struct ctx *ctx, struct change *c)
{
	int64_t before = value_id(change_old(c, "owner"));
	int64_t after = value_id(change_new(c, "owner"));

	if (!after) {
		change_set(c, "owned_at", v_null());
		change_set(c, "released_at", v_int(ctx->now));
		if (before)
			change_set(c, "former_owner", v_int(before));
		if (!change_has(c, "release_reason"))
			change_set(c, "release_reason", v_text("other"));
		return true;
	}
	change_set(c, "owned_at", v_int(ctx->now));
	change_set(c, "released_at", v_null());
	change_set(c, "release_reason", v_null());
	if (before)
		change_set(c, "former_owner", v_int(before));

	/* Taking one for oneself has limits; being given one is the giver's decision. */
	if (before || after != ctx->actor || ctx->import)
		return true;
	return cooled_down(ctx, c, after) && within_limit(ctx, change_object(c), after);
}

/* A customer must not lie below itself. */
static bool parent_ok(struct ctx *ctx, const struct change *c)
{
	int64_t above = value_id(change_new(c, "parent"));

	for (int depth = 0; above && depth < 50; depth++) {
		struct value next;

		if (above == change_id(c))
			return fail(ctx, ERR_INVALID, "parent", "上级客户不能是自己或自己的下级",
			            "A customer cannot lie below itself");
		if (!record_get(ctx, "customer", above, "parent", &next))
			return false;
		above = value_id(next);
	}
	return true;
}

/*
 * Deals and orders say when something was bought.  First and last only widen: what was there before the store is not
 * unlearned.  Who had not bought yet, slept, or was lost, buys; something old that is entered late is no return.
 */
static void widen_deals(struct change *c)
{
	struct value first = change_old(c, "first_deal_on");
	struct value last = change_old(c, "last_deal_on");
	struct value from = change_new(c, "first_deal_on");
	struct value to = change_new(c, "last_deal_on");
	struct value lifecycle = change_new(c, "lifecycle");

	if (first.kind == V_TEXT && (from.kind != V_TEXT || strcmp(from.s, first.s) > 0))
		change_set(c, "first_deal_on", first);
	if (last.kind == V_TEXT && (to.kind != V_TEXT || strcmp(to.s, last.s) < 0))
		change_set(c, "last_deal_on", last);

	bool later = change_has(c, "last_deal_on");
	bool new_to_us = value_is(lifecycle, "potential") || value_is(lifecycle, "intending");
	bool away = value_is(lifecycle, "silent") || value_is(lifecycle, "lost");

	if ((new_to_us && (later || change_has(c, "first_deal_on"))) || (away && later))
		change_set(c, "lifecycle", v_text("deal"));
}

static bool customer_before(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);

	if (act == CHANGE_UPDATE)
		widen_deals(c);

	if (act == CHANGE_CREATE && value_id(change_new(c, "owner")) &&
	    change_new(c, "owned_at").kind == V_NULL)
		change_set(c, "owned_at", v_int(ctx->now));
	if (act == CHANGE_UPDATE && change_has(c, "owner") && !owner_changed(ctx, c))
		return false;
	if (act == CHANGE_UPDATE && change_has(c, "parent")) {
		const struct member *me = ctx_as_system(ctx);
		bool ok = parent_ok(ctx, c);

		ctx_as(ctx, me);
		if (!ok)
			return false;
	}
	if (act != CHANGE_DELETE && !ctx->import && change_has(c, "key_account") &&
	    value_id(change_new(c, "key_account")) && change_new(c, "key_reason").kind == V_NULL)
		return fail(ctx, ERR_INVALID, "key_reason", "请写明为什么是大客户",
		            "Say why it is a key account");
	return true;
}

/*
 * Actions
 */

static bool claim(struct ctx *ctx, struct action_call *call)
{
	struct value owner;

	if (!record_get(ctx, "customer", call->id, "owner", &owner))
		return false;
	if (owner.kind == V_INT && owner.i == ctx->me->id)
		return fail(ctx, ERR_INVALID, "owner", "这已是你的客户", "This customer is yours already");
	if (owner.kind == V_INT)
		return fail(ctx, ERR_CONFLICT, "owner", "该客户已有负责人", "Somebody owns this customer");
	return update_as_system(ctx, "customer", call->id, (struct cell[]){
		{ "owner", v_int(ctx->me->id) },
		{ 0 } });
}

static bool release(struct ctx *ctx, struct action_call *call)
{
	struct value owner;

	if (!record_get(ctx, "customer", call->id, "owner", &owner))
		return false;
	if (owner.kind != V_INT)
		return fail(ctx, ERR_CONFLICT, "owner", "该客户已在公海", "This customer is in the pool already");
	return update_as_system(ctx, "customer", call->id, (struct cell[]){
		{ "owner", v_null() },
		{ "release_reason", action_param(call, "reason") },
		{ 0 } });
}

/* Gives the open records of one person at a customer to another. */
static bool pass_open(struct ctx *ctx, const char *object, const char *open, int64_t customer,
                      int64_t from, int64_t to)
{
	int64_t id;
	const char *query = fmt(ctx->mem, "customer=eq.%" PRId64 "&owner=eq.%" PRId64 "&%s",
	                        customer, from, open);

	for (;;) {
		if (!record_find(ctx, object, query, &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, object, id, (struct cell[]){ { "owner", v_int(to) }, { 0 } }))
			return false;
	}
}

/* What is under way with a customer goes along with it, whichever way it comes to another owner. */
static bool pass_on(struct ctx *ctx, int64_t customer, int64_t from, int64_t to)
{
	return pass_open(ctx, "opportunity", "result=eq.open", customer, from, to) &&
	       pass_open(ctx, "task", "state=eq.open", customer, from, to) &&
	       pass_open(ctx, "activity", "state=eq.planned", customer, from, to);
}

static bool assign(struct ctx *ctx, struct action_call *call)
{
	int64_t to = value_id(action_param(call, "member"));
	const struct cell cells[] = { { "owner", v_int(to) }, { 0 } };
	struct value before;
	int64_t found;

	if (!record_get(ctx, "customer", call->id, "owner", &before))
		return false;
	if (value_id(before) == to)
		return true;
	/* An owned customer is changed with the caller's own right, one in the pool is everybody's. */
	if (!(before.kind == V_INT ? record_update(ctx, "customer", call->id, cells)
	                           : update_as_system(ctx, "customer", call->id, cells)))
		return false;
	if (!record_find(ctx, "customer", fmt(ctx->mem, "id=eq.%" PRId64, call->id), &found))
		return false;
	if (!found)
		return fail(ctx, ERR_DENIED, "member", "只能分配给你所管的成员",
		            "You can assign only to members you are responsible for");
	return true;
}

/* A hand-over (module cooperation): the receiver's task by the next working day, to be accepted, and shared in what comes of it. */
static bool ask_to_take(struct ctx *ctx, int64_t from, int64_t to, const struct action_call *call)
{
	struct value name;

	return record_get(ctx, "customer", call->id, "name", &name) &&
	       record_create(ctx, "internal_request", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "Take over: %s" : "接手：%s", name.s), 200)) },
		{ "kind", v_text("handover") },
		{ "asker", v_int(from) },
		{ "receiver", v_int(to) },
		{ "customer", v_int(call->id) },
		{ "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), 1))) },
		{ "content", action_param(call, "note") },
		{ "credit", action_param(call, "credit") },
		{ 0 } }, NULL);
}

/*
 * S02-10: whoever may change a customer may hand it to a colleague it suits better, also one they do
 * not lead: giving away takes no right over what others hold.
 */
static bool hand_over(struct ctx *ctx, struct action_call *call)
{
	int64_t to = value_id(action_param(call, "member"));
	struct value owner;
	struct value active;

	if (!record_get(ctx, "customer", call->id, "owner", &owner) ||
	    !record_get(ctx, "member", to, "active", &active))
		return false;
	if (owner.kind != V_INT)
		return fail(ctx, ERR_CONFLICT, NULL, "该客户在公海，请领取或分配", "This customer is in the pool: claim or assign it");
	if (owner.i == to)
		return fail(ctx, ERR_INVALID, "member", "这已是他的客户", "This customer is theirs already");
	if (!value_id(active))
		return fail(ctx, ERR_INVALID, "member", "该成员已停用", "This member is not active");

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_update(ctx, "customer", call->id, (struct cell[]){ { "owner", v_int(to) }, { 0 } }) &&
	          ask_to_take(ctx, owner.i, to, call);

	ctx_as(ctx, me);
	if (!ok)
		return false;
	/* Who handed it over may not see it any more. */
	action_answer(call, "owner", to);
	return true;
}

/*
 * Recycling.  A customer nobody worked on for pool_recycle_days returns to the
 * pool – but only after a warning task that fell due meanwhile, so switching
 * the rule on never takes customers without notice.
 */

struct idle {
	int64_t id;
	int64_t owner;
	const char *name;
	int64_t since;                  /* day of the last activity, or of getting it */
};

static const char *const WARNING = "pool_warning";

/* The next page of customers idle for `days`, by id. */
static bool find_idle(struct ctx *ctx, int64_t after, int64_t days, struct idle **ret, size_t *ret_n)
{
	struct idle *list = arena_array(ctx->mem, QUERY_LIMIT, sizeof *list);
	size_t n = 0;

	const char *sql = scope_sql(ctx, "customer",
		fmt(ctx->mem, "SELECT id, owner, name, coalesce(last_activity_at, 0), coalesce(owned_at, created_at)"
		" FROM customer WHERE id > $after AND owner IS NOT NULL"
		" AND coalesce(key_account, 0) = 0 AND lifecycle NOT IN ('deal', 'loyal')"
		" AND coalesce(last_activity_at, 0) < $limit AND coalesce(owned_at, created_at) < $limit"
		" ORDER BY id LIMIT %d", QUERY_LIMIT));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "after", v_int(after) },
		{ "limit", v_int(ctx->now - days * DAY) },
		{ 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		int64_t active = db_int(q, 3);
		int64_t owned = db_int(q, 4);

		list[n++] = (struct idle){ db_int(q, 0), db_int(q, 1), arena_dup(ctx->mem, db_text(q, 2)),
		                           instant_day(active > owned ? active : owned) };
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret = list;
	*ret_n = n;
	return failed ? fail_db(ctx, "idle customers") : true;
}

static bool warn(struct ctx *ctx, const struct idle *c, int64_t days, int64_t notice)
{
	int64_t today = instant_day(ctx->now);
	int64_t due = c->since + days > today + notice ? c->since + days : today + notice;
	const char *title = fmt(ctx->mem, in_english(ctx)
		? "%s: no activity since %s, goes to the pool" : "%s 自 %s 起未跟进，即将收回公海",
		c->name, date_text(ctx->mem, c->since));

	return record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, title, 200)) },
		{ "owner", v_int(c->owner) },
		{ "customer", v_int(c->id) },
		{ "due_on", v_text(date_text(ctx->mem, due)) },
		{ "priority", v_text("high") },
		{ "state", v_text("open") },
		{ "origin", v_text(WARNING) },
		{ 0 } }, NULL);
}

static bool recycle_one(struct ctx *ctx, const struct idle *c, int64_t days, int64_t notice)
{
	struct value due;
	struct value state;
	int64_t task;

	/* Any warning since it fell idle counts, also one ticked off without doing anything. */
	if (!record_find(ctx, "task", fmt(ctx->mem,
	        "customer=eq.%" PRId64 "&owner=eq.%" PRId64 "&origin=eq.%s&due_on=gt.%s&sort=due_on",
	        c->id, c->owner, WARNING, date_text(ctx->mem, c->since)), &task))
		return false;
	if (!task)
		return warn(ctx, c, days, notice);
	if (!record_get(ctx, "task", task, "due_on", &due) ||
	    !record_get(ctx, "task", task, "state", &state))
		return false;
	if (due.kind != V_TEXT || strcmp(due.s, ctx->today) > 0)
		return true;
	if (value_is(state, "open") && !record_update(ctx, "task", task, (struct cell[]){
	        { "state", v_text("cancelled") },
	        { 0 } }))
		return false;
	return record_update(ctx, "customer", c->id, (struct cell[]){
		{ "owner", v_null() },
		{ "release_reason", v_text("idle") },
		{ 0 } });
}

static bool recycle(struct ctx *ctx, const struct json *args)
{
	int64_t days = setting_int(ctx, "pool_recycle_days");
	int64_t notice = setting_int(ctx, "pool_warning_days");
	struct idle *list;
	size_t n;

	if (days <= 0)
		return true;
	if (!find_idle(ctx, json_int(args, "after", 0), days > notice ? days - notice : 0, &list, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!recycle_one(ctx, &list[i], days, notice))
			return false;
	/* The rest is the next job's: nobody waits long for the write lane. */
	if (n < QUERY_LIMIT)
		return true;
	return job_add(ctx, "customer_recycle",
	               fmt(ctx->mem, "{\"after\":%" PRId64 "}", list[n - 1].id), ctx->now, NULL);
}

/* Warnings that have become untrue: somebody worked on the customer, or it changed hands. */
static bool warning_over(struct ctx *ctx, int64_t customer, int64_t owner, bool *ret_over)
{
	int64_t days = setting_int(ctx, "pool_recycle_days");
	int64_t notice = setting_int(ctx, "pool_warning_days");
	int64_t limit = ctx->now - (days > notice ? days - notice : 0) * DAY;
	struct value now_owner;
	struct value active;

	if (!record_get(ctx, "customer", customer, "owner", &now_owner) ||
	    !record_get(ctx, "customer", customer, "last_activity_at", &active))
		return false;
	*ret_over = days <= 0 || value_id(now_owner) != owner || value_id(active) >= limit;
	return true;
}

static bool customer_after(struct ctx *ctx, struct change *c)
{
	int64_t from = value_id(change_old(c, "owner"));
	int64_t to = value_id(change_new(c, "owner"));
	int64_t task;
	struct value owner;
	bool over;

	if (change_act(c) != CHANGE_UPDATE || ctx->import ||
	    !(change_has(c, "owner") || change_has(c, "last_activity_at")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_find(ctx, "task", fmt(ctx->mem,
		"customer=eq.%" PRId64 "&origin=eq.%s&state=eq.open", change_id(c), WARNING), &task);

	if (ok && task) {
		ok = record_get(ctx, "task", task, "owner", &owner) &&
		     warning_over(ctx, change_id(c), value_id(owner), &over) &&
		     (!over || record_update(ctx, "task", task, (struct cell[]){
			     { "state", v_text("cancelled") },
			     { 0 } }));
	}
	if (ok && change_has(c, "owner") && from && to)
		ok = pass_on(ctx, change_id(c), from, to);
	ctx_as(ctx, me);
	return ok;
}

/*
 * First rows
 */

static bool seed_names(struct ctx *ctx, const char *object, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!record_create(ctx, object, (struct cell[]){
		        { "name", v_text(names[i]) },
		        { "active", v_int(1) },
		        { 0 } }, NULL))
			return false;
	return true;
}

static bool seed(struct ctx *ctx)
{
	static const char *const sources[] = {
		"老客户介绍", "展会", "行业会议", "官网", "搜索引擎", "微信", "电话咨询", "陌生拜访",
		"广告", "沙龙聚会", "渠道伙伴", "大事件与规划", "路牌招牌", "报纸", "网络", "朋友介绍", "其他",
	};
	static const char *const industries[] = {
		"制造业", "信息技术", "批发零售", "金融", "教育", "医疗健康", "建筑地产", "交通物流",
		"住宿餐饮", "能源", "农业", "文化传媒", "专业服务", "政府与公共事业", "其他",
	};

	return seed_names(ctx, "source", sources, LENGTH(sources)) &&
	       seed_names(ctx, "industry", industries, LENGTH(industries));
}

const struct module customer_module = {
	.name = "customer",
	.hooks = (const struct hook[]){
		{ "customer", HOOK_BEFORE, customer_before },
		{ "customer", HOOK_AFTER, customer_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "customer", "claim", claim },
		{ "customer", "release", release },
		{ "customer", "assign", assign },
		{ "customer", "hand_over", hand_over },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "customer_recycle", "daily 03:10", recycle, { "久未联系的客户放回公海", "Return neglected customers to the pool" } },
		{ 0 },
	},
	.seed = seed,
};
