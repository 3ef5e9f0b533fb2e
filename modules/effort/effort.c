/*
 * Effort: what calls, visits and hours bring.
 *
 * The hooks keep what reports count by: the commission of a deal on the day it is won, the hour
 * and weekday an activity was done; ask for a reason when a prospect is given up early; and keep
 * protected time free.
 */
#include "modules/effort/effort_inner.h"

/*
 * S01-69: by the product's rate, else the company's; without either there is none.  Where there are tiers, what a
 * person sells above one within the month earns its rate.  It is worked out when what it is of changes, so that it is
 * there before signing (S03-04), and again when the deal is won: another rate does not change the past.
 */
enum { TIERS = 20 };

struct tiers {
	size_t n;
	int64_t above[TIERS], rate[TIERS];      /* by what they are above; rates in hundredths of a per cent */
};

/* A product's own, or, for 0, those of whatever has none. */
static bool read_tiers(struct ctx *ctx, int64_t product, struct tiers *ret)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "commission_tier",
		"SELECT above, rate FROM commission_tier WHERE coalesce(product, 0) = $product ORDER BY above"),
		(struct bind[]){ { "product", v_int(product) }, { 0 } });

	if (!q)
		return false;
	for (ret->n = 0; ret->n < TIERS && db_next(q); ret->n++) {
		ret->above[ret->n] = db_int(q, 0);
		ret->rate[ret->n] = db_int(q, 1);
	}

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "tiers");
}

/* What the owner has won within the month of this deal, without it; of a product, or all (0). */
static bool sold_before(struct ctx *ctx, const struct change *c, int64_t product, int64_t *ret)
{
	struct value day = change_new(c, "closed_on");
	const char *month = arena_dupn(ctx->mem, day.kind == V_TEXT && value_is(change_new(c, "result"), "won") ? day.s : ctx->today, 7);

	return ctx_get_int(ctx, scope_sql(ctx, "opportunity",
		"SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM opportunity WHERE owner = $owner AND result = 'won' AND id <> $id"
		" AND closed_on >= $month || '-01' AND closed_on <= $month || '-31' AND coalesce(product, 0) = coalesce(CAST($product AS BIGINT), product, 0)"),
		(struct bind[]){ { "owner", change_new(c, "owner") }, { "id", v_int(change_id(c)) }, { "month", v_text(month) }, { "product", v_id(product) }, { 0 } },
		0, ret);
}

/* Of the part from `from` to `to` of the month's sales; 0 where there is no rate. */
static bool tiered(const struct tiers *tiers, int64_t base, int64_t from, int64_t to, int64_t *ret)
{
	int64_t sum = 0;

	for (size_t i = 0; i <= tiers->n; i++) {
		int64_t low = i ? tiers->above[i - 1] : 0;
		int64_t high = i < tiers->n ? tiers->above[i] : to;
		int64_t part;

		low = low > from ? low : from;
		high = high < to ? high : to;
		if (high <= low)
			continue;
		if (!int_muldiv(high - low, i ? tiers->rate[i - 1] : base, 10000, &part))
			return false;
		sum += part;
	}
	*ret = sum;
	return true;
}

static bool commission_of(struct ctx *ctx, const struct change *c, int64_t amount, int64_t *ret)
{
	int64_t product = value_id(change_new(c, "product"));
	struct value rate = v_null();
	struct tiers tiers = { 0 };
	int64_t sold = 0;

	if (product && (!record_get(ctx, "product", product, "commission_rate", &rate) || !read_tiers(ctx, product, &tiers)))
		return false;

	bool own = rate.kind == V_INT || tiers.n > 0;

	/* What an import brings is not there yet to be added up. */
	if (ctx->import)
		tiers.n = 0;
	else if ((!own && !read_tiers(ctx, 0, &tiers)) || (tiers.n && !sold_before(ctx, c, own ? product : 0, &sold)))
		return false;
	if (!tiered(&tiers, rate.kind == V_INT ? rate.i : setting_int(ctx, "commission_percent") * 100, sold, sold + amount, ret))
		*ret = 0;
	return true;
}

static bool tier_before(struct ctx *ctx, struct change *c)
{
	int64_t product = value_id(change_new(c, "product"));
	struct value name = v_text(say(ctx, "其他产品", "Other products"));
	struct tiers tiers;
	int64_t there;

	if ((product && !record_get(ctx, "product", product, "name", &name)) || !read_tiers(ctx, product, &tiers) ||
	    !record_find(ctx, "commission_tier", fmt(ctx->mem, "product=%s&above=eq.%s&id=ne.%" PRId64,
	                 product ? fmt(ctx->mem, "eq.%" PRId64, product) : "is.null", decimal_text(ctx->mem, value_id(change_new(c, "above")), 2), change_id(c)), &there))
		return false;
	if (there)
		return fail(ctx, ERR_CONFLICT, "above", "从这个数起的阶梯已经有了", "There is a tier from this amount on");
	if (change_act(c) == CHANGE_CREATE && tiers.n == TIERS)
		return fail(ctx, ERR_INVALID, NULL, "一个产品最多 %d 级", "At most %d tiers for a product", TIERS);
	change_set(c, "name", v_text(fmt(ctx->mem, "%s > %s", name.kind == V_TEXT ? name.s : "", decimal_text(ctx->mem, value_id(change_new(c, "above")), 2))));
	return true;
}

/* S01-70: where the company wants it, a deal is won with the time spent on it written down. */
static bool check_time(struct ctx *ctx, const struct change *c)
{
	int64_t timed;

	if (ctx->import || !change_has(c, "result") || !value_is(change_new(c, "result"), "won") || !setting_bool(ctx, "time_required"))
		return true;
	if (change_id(c) && !record_find(ctx, "activity", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&state=eq.done&minutes=gt.0", change_id(c)), &timed))
		return false;
	return (change_id(c) && timed) || fail(ctx, ERR_INVALID, "stage", "成交前请在活动里记下这笔商机用的时间",
	                                       "Write the time spent on it into its activities before it is won");
}

static bool opportunity_before(struct ctx *ctx, struct change *c)
{
	struct value amount = change_new(c, "amount");
	bool lost = value_is(change_new(c, "result"), "lost");
	int64_t commission = 0;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE ||
	    !(change_has(c, "result") || change_has(c, "amount") || change_has(c, "product")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool timed = check_time(ctx, c);

	ctx_as(ctx, me);
	change_set(c, "commission", v_null());
	if (!timed || lost || amount.kind != V_INT)
		return timed;

	ctx_as_system(ctx);

	bool ok = commission_of(ctx, c, amount.i, &commission);

	ctx_as(ctx, me);
	if (ok && commission > 0)
		change_set(c, "commission", v_int(commission));
	return ok;
}

/*
 * Time blocks (S04-17)
 */

static const char *clock_text(struct ctx *ctx, int64_t instant)
{
	int minute = instant_minute(instant);

	return fmt(ctx->mem, "%02d:%02d", minute / 60, minute % 60);
}

/* Nothing that takes the person away is planned into a protected block. */
static bool check_blocks(struct ctx *ctx, const struct change *c)
{
	static const char *const kinds[] = { "visit", "meeting", "reception" };
	struct value start = change_new(c, "planned_at");
	struct value end = change_new(c, "planned_end");
	bool takes = false;
	int64_t block;
	struct value name, from, to;

	for (size_t i = 0; i < LENGTH(kinds); i++)
		takes |= value_is(change_new(c, "kind"), kinds[i]);
	if (ctx->import || !takes || start.kind != V_INT || !value_is(change_new(c, "state"), "planned") ||
	    !(change_has(c, "planned_at") || change_has(c, "planned_end") || change_has(c, "kind") || change_has(c, "owner")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	const char *sql = scope_sql(ctx, "time_block",
		"SELECT min(id) FROM time_block WHERE owner = $owner AND guarded = 1 AND start_at < $end AND end_at > $start");
	bool ok = ctx_get_int(ctx, sql, (struct bind[]){ { "owner", change_new(c, "owner") }, { "start", start },
	                                                 { "end", v_int(end.kind == V_INT && end.i > start.i ? end.i : start.i + 1) }, { 0 } }, 0, &block) &&
	          (!block || (record_get(ctx, "time_block", block, "name", &name) && record_get(ctx, "time_block", block, "start_at", &from) &&
	                      record_get(ctx, "time_block", block, "end_at", &to)));

	ctx_as(ctx, me);
	if (!ok || !block)
		return ok;
	return fail(ctx, ERR_INVALID, "planned_at", "%s–%s 留给了“%s”，请换个时间，或取消它的保护", "%s to %s is kept for \"%s\": choose another time, or unprotect it",
	            clock_text(ctx, from.i), clock_text(ctx, to.i), name.s);
}

static bool block_before(struct ctx *ctx, struct change *c)
{
	struct value start = change_new(c, "start_at");
	struct value end = change_new(c, "end_at");
	struct value kind = change_new(c, "kind");

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || start.kind != V_INT || end.kind != V_INT)
		return true;
	if (end.i <= start.i || instant_day(start.i) != instant_day(end.i - 1))
		return fail(ctx, ERR_INVALID, "end_at", "结束须在同一天的开始之后", "It ends later on the same day");
	if (value_empty(change_new(c, "name")) && kind.kind == V_TEXT)
		change_set(c, "name", v_text(label_in(field_choice(object_field(change_object(c), "kind"), kind.s)->label, in_english(ctx) ? "en" : "zh")));
	return true;
}

/* The same time in the weeks that follow. */
static bool block_after(struct ctx *ctx, struct change *c)
{
	int64_t weeks = value_id(change_new(c, "weeks"));
	int64_t start = value_id(change_new(c, "start_at"));
	int64_t end = value_id(change_new(c, "end_at"));

	if (change_act(c) != CHANGE_CREATE || ctx->import)
		return true;
	for (int64_t i = 1; i < weeks; i++) {
		/* By the clock, whatever happens to the length of a day. */
		int64_t at = day_clock(instant_day(start) + 7 * i, clock_text(ctx, start));

		if (!record_create(ctx, "time_block", (struct cell[]){
			{ "name", change_new(c, "name") },
			{ "kind", change_new(c, "kind") },
			{ "start_at", v_int(at) },
			{ "end_at", v_int(at + end - start) },
			{ "guarded", change_new(c, "guarded") },
			{ "weeks", v_int(1) },
			{ "owner", change_new(c, "owner") },
			{ 0 } }, NULL))
			return false;
	}
	return true;
}

static bool activity_before(struct ctx *ctx, struct change *c)
{
	struct value done = change_new(c, "done_at");

	if (!check_blocks(ctx, c))
		return false;
	if (!change_has(c, "done_at"))
		return true;
	change_set(c, "done_hour", done.kind == V_INT ? v_int(instant_minute(done.i) / 60) : v_null());
	change_set(c, "done_weekday", done.kind == V_INT ? v_int(date_weekday(instant_day(done.i))) : v_null());
	return true;
}

/* Contacts with a lead so far, and days since the first. */
static bool attempts(struct ctx *ctx, int64_t lead, int64_t *ret_made, int64_t *ret_days)
{
	const char *query = fmt(ctx->mem, "lead=eq.%" PRId64 "&state=eq.done&kind=ne.note&sort=done_at", lead);
	struct value at;
	struct list l;
	int64_t first;

	*ret_days = 0;
	if (!query_parse(ctx, schema_object(ctx->schema, "activity"), query, &l) || !query_count(ctx, &l, ret_made) ||
	    !record_find(ctx, "activity", query, &first))
		return false;
	if (!first)
		return true;
	if (!record_get(ctx, "activity", first, "done_at", &at))
		return false;
	*ret_days = instant_day(ctx->now) - instant_day(at.i);
	return true;
}

/* S01-68: who gives a prospect up before enough attempts, or too soon after the first, says why. */
static bool lead_before(struct ctx *ctx, struct change *c)
{
	int64_t asked = setting_int(ctx, "prospect_attempts");
	int64_t span = setting_int(ctx, "prospect_days");
	int64_t made;
	int64_t days;

	if (change_act(c) != CHANGE_UPDATE || ctx->import || !change_has(c, "state") ||
	    !value_is(change_new(c, "state"), "invalid") || !value_empty(change_new(c, "invalid_reason")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = attempts(ctx, change_id(c), &made, &days);

	ctx_as(ctx, me);
	if (!ok || (made >= asked && (days >= span || !made)))
		return ok;
	if (made < asked)
		return fail(ctx, ERR_INVALID, "invalid_reason", "只联系了 %" PRId64 " 次（应至少 %" PRId64 " 次），放弃须说明理由",
		            "Contacted %" PRId64 " times only (%" PRId64 " are due): say why it is given up", made, asked);
	return fail(ctx, ERR_INVALID, "invalid_reason", "第一次联系才过了 %" PRId64 " 天（应至少 %" PRId64 " 天），放弃须说明理由",
	            "The first contact was %" PRId64 " days ago only (%" PRId64 " are due): say why it is given up", days, span);
}

const struct module effort_module = {
	.name = "effort",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE, opportunity_before },
		{ "commission_tier", HOOK_BEFORE | HOOK_WRITES, tier_before },
		{ "activity", HOOK_BEFORE | HOOK_WRITES, activity_before },
		{ "lead", HOOK_BEFORE, lead_before },
		{ "time_block", HOOK_BEFORE, block_before },
		{ "time_block", HOOK_AFTER, block_after },
		{ 0 },
	},
	.reports = effort_reports,
};
