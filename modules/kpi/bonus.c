/*
 * What follows from a score: bonuses within a budget (S04-24, S04-25), graded consequences (S04-26).
 */
#include "modules/kpi/kpi_inner.h"

/*
 * Bonuses
 */

struct round {
	int64_t base, budget, ratio, team, pool;
	const char *month;
	struct value approval;
};

static bool round_read(struct ctx *ctx, int64_t id, struct round *ret)
{
	struct value base, budget, ratio, month, team, pool;

	if (!record_get(ctx, "bonus_round", id, "team", &team) || !record_get(ctx, "bonus_round", id, "pool", &pool) ||
	    !record_get(ctx, "bonus_round", id, "base", &base) || !record_get(ctx, "bonus_round", id, "budget", &budget) ||
	    !record_get(ctx, "bonus_round", id, "best_ratio", &ratio) || !record_get(ctx, "bonus_round", id, "month", &month) ||
	    !record_get(ctx, "bonus_round", id, "approval", &ret->approval))
		return false;
	ret->base = value_id(base);
	ret->budget = value_id(budget);
	ret->ratio = value_id(ratio);
	ret->team = value_id(team);
	ret->pool = value_id(pool);
	ret->month = month.s;
	return true;
}

static bool is(struct value v, const char *word)
{
	return v.kind == V_TEXT && text_eq(v.s, word);
}

static bool round_open(struct ctx *ctx, const struct round *r)
{
	return (!is(r->approval, "pending") && !is(r->approval, "approved")) ||
	       fail(ctx, ERR_INVALID, NULL, "方案已提交审批，不能再改", "The round was sent for approval: it stays as it is");
}

/* A person's approved losses that no bonus has borne yet. */
static bool balance_of(struct ctx *ctx, int64_t person, int64_t *ret)
{
	return ctx_get_int(ctx, scope_sql(ctx, "loss_entry",
		"SELECT CAST(sum(amount - used) AS BIGINT) FROM loss_entry WHERE person = $person AND approval = 'approved' AND amount > used"),
		(struct bind[]){ { "person", v_int(person) }, { 0 } }, 0, ret);
}

static bool put_bonus(struct ctx *ctx, int64_t round, int64_t person, struct value score, struct value factor, int64_t gross)
{
	struct value label;
	int64_t balance;
	int64_t id;

	if (!record_get(ctx, "member", person, "label", &label) || !balance_of(ctx, person, &balance) ||
	    !record_find(ctx, "bonus", fmt(ctx->mem, "round=eq.%" PRId64 "&person=eq.%" PRId64, round, person), &id))
		return false;

	int64_t deducted = balance < gross ? balance : gross;
	const struct cell cells[] = {
		{ "round", v_int(round) }, { "person", v_int(person) }, { "name", label }, { "score", score },
		{ "factor", factor }, { "gross", v_int(gross) }, { "deducted", v_int(deducted) },
		{ "amount", v_int(gross - deducted) }, { 0 } };

	return id ? record_update(ctx, "bonus", id, cells + 2) : record_create(ctx, "bonus", cells, NULL);
}

/* Who, their score or share, and the factor of the score's band. */
struct claim {
	int64_t person, part, factor;
};

static bool claims_of(struct ctx *ctx, const struct round *r, struct claim **ret, size_t *ret_n)
{
	const char *sql = r->pool
		? scope_sql(ctx, "pool_share", "SELECT person, share, 0 FROM pool_share WHERE team = $team ORDER BY person")
		: scope_sql(ctx, "kpi_sheet bonus_band",
			"SELECT s.owner, s.score, (SELECT b.factor FROM bonus_band b WHERE b.from_score <= s.score"
			" ORDER BY b.from_score DESC LIMIT 1) FROM kpi_sheet s WHERE s.month = $month AND s.state = 'final'"
			" AND s.score IS NOT NULL ORDER BY s.owner");
	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "month", v_text(r->month) }, { "team", v_int(r->team) }, { 0 } });
	size_t cap = 0;

	*ret = NULL;
	*ret_n = 0;
	if (!q)
		return false;
	while (db_next(q)) {
		*ret = arena_grow(ctx->mem, *ret, &cap, *ret_n + 1, sizeof **ret);
		(*ret)[(*ret_n)++] = (struct claim){ db_int(q, 0), db_int(q, 1), db_int(q, 2) };
	}
	db_done(q);
	return true;
}

static bool propose(struct ctx *ctx, int64_t id)
{
	struct claim *claims;
	struct round r;
	size_t n;

	if (!round_read(ctx, id, &r) || !round_open(ctx, &r) || !claims_of(ctx, &r, &claims, &n))
		return false;
	if (!n && r.pool)
		return fail(ctx, ERR_INVALID, "team", "这个部门还没有登记份额", "No shares are registered for this department");
	if (!n)
		return fail(ctx, ERR_INVALID, "month", "%s 没有定稿的考核表", "There is no finished sheet of %s", r.month);
	for (size_t i = 0; i < n; i++) {
		const struct claim *c = &claims[i];
		int64_t gross;

		if (!(r.pool ? int_muldiv(r.pool, c->part, 10000, &gross) : int_muldiv(r.base, c->factor, 100, &gross)) ||
		    !put_bonus(ctx, id, c->person, r.pool ? v_null() : v_int(c->part), r.pool ? v_null() : v_int(c->factor), gross))
			return false;
	}
	return true;
}

bool bonus_propose(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = propose(ctx, call->id);

	ctx_as(ctx, me);
	return ok;
}

struct spread {
	int64_t sum, best, people;
};

static bool spread_of(struct ctx *ctx, int64_t id, struct spread *ret)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "bonus",
		"SELECT CAST(coalesce(sum(amount), 0) AS BIGINT), coalesce(max(amount), 0), count(*) FROM bonus WHERE round = $round"),
		(struct bind[]){ { "round", v_int(id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q))
		*ret = (struct spread){ db_int(q, 0), db_int(q, 1), db_int(q, 2) };
	db_done(q);
	return true;
}

/* Each in proportion; rounded is the running sum, so that together they are the budget to the cent. */
static bool scale(struct ctx *ctx, int64_t id)
{
	struct round r;
	struct spread s = { 0 };
	int64_t before = 0;
	int64_t given = 0;
	int64_t *ids;
	size_t n;

	if (!round_read(ctx, id, &r) || !round_open(ctx, &r) || !spread_of(ctx, id, &s))
		return false;
	if (s.sum <= r.budget)
		return fail(ctx, ERR_INVALID, "budget", "合计没有超过预算", "The sum is within the budget");
	if (!ctx_ids(ctx, scope_sql(ctx, "bonus", "SELECT id FROM bonus WHERE round = $round ORDER BY id"),
	             (struct bind[]){ { "round", v_int(id) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value amount;
		int64_t until;

		if (!record_get(ctx, "bonus", ids[i], "amount", &amount) || !int_muldiv(before += amount.i, r.budget, s.sum, &until) ||
		    !record_update(ctx, "bonus", ids[i], (struct cell[]){ { "amount", v_int(until - given) }, { 0 } }))
			return false;
		given = until;
	}
	return true;
}

bool bonus_scale(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = scale(ctx, call->id);

	ctx_as(ctx, me);
	return ok;
}

static const char *yuan(struct ctx *ctx, int64_t cents)
{
	return fmt(ctx->mem, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}

/* Within the budget, and worth being the best. */
static bool check_round(struct ctx *ctx, int64_t id)
{
	struct round r;
	struct spread s = { 0 };

	if (!round_read(ctx, id, &r) || !spread_of(ctx, id, &s))
		return false;
	if (!s.people)
		return fail(ctx, ERR_INVALID, NULL, "还没有人：先“按得分提出”", "There is nobody in it yet: propose by score first");
	if (s.sum > r.budget)
		return fail(ctx, ERR_INVALID, "budget", "合计 %s 超过预算 %s；“按比例缩到预算”即每人乘以 %.2f%%", "The sum is %s, the budget %s: "
		            "scaling to the budget multiplies each by %.2f %%", yuan(ctx, s.sum), yuan(ctx, r.budget),
		            100.0 * (double)r.budget / (double)s.sum);
	if (s.best * s.people * 100 < r.ratio * s.sum)
		return fail(ctx, ERR_INVALID, "best_ratio", "最高 %s 不到平均 %s 的 %s 倍：请拉开奖金档的系数",
		            "The best has %s, the mean is %s, which is not %s times as much: spread the factors of the bands",
		            yuan(ctx, s.best), yuan(ctx, s.sum / s.people), yuan(ctx, r.ratio));
	return true;
}

/* The losses a bonus has borne, oldest first; what it could not bear is kept for the next, or let go (setting). */
static bool bear(struct ctx *ctx, int64_t person, int64_t amount)
{
	bool keeps = setting_bool(ctx, "loss_carry_over");

	while (amount > 0 || !keeps) {
		struct value total, used;
		int64_t id;

		if (!ctx_get_int(ctx, scope_sql(ctx, "loss_entry",
			"SELECT min(id) FROM loss_entry WHERE person = $person AND approval = 'approved' AND amount > used"),
			(struct bind[]){ { "person", v_int(person) }, { 0 } }, 0, &id))
			return false;
		if (!id)
			return true;
		if (!record_get(ctx, "loss_entry", id, "amount", &total) || !record_get(ctx, "loss_entry", id, "used", &used))
			return false;

		int64_t left = total.i - value_id(used);
		int64_t part = !keeps || left < amount ? left : amount;

		if (!record_update(ctx, "loss_entry", id, (struct cell[]){ { "used", v_int(value_id(used) + part) }, { 0 } }))
			return false;
		amount -= part;
	}
	return true;
}

static bool book(struct ctx *ctx, int64_t round)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "bonus", "SELECT id FROM bonus WHERE round = $round AND deducted > 0 ORDER BY id"),
	             (struct bind[]){ { "round", v_int(round) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value person, deducted;

		if (!record_get(ctx, "bonus", ids[i], "person", &person) || !record_get(ctx, "bonus", ids[i], "deducted", &deducted) ||
		    !bear(ctx, value_id(person), deducted.i))
			return false;
	}
	return true;
}

bool bonus_before(struct ctx *ctx, struct change *c)
{
	struct value approval = change_new(c, "approval");
	const struct member *me = ctx->me;
	bool ok = true;

	if (change_act(c) == CHANGE_DELETE)
		return true;
	if (change_new(c, "pool").kind == V_INT && !value_id(change_new(c, "team")))
		return fail(ctx, ERR_INVALID, "team", "奖金池属于哪个部门？", "Which department's pool is it?");
	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "approval"))
		return true;
	ctx_as_system(ctx);
	if (is(approval, "pending"))
		ok = check_round(ctx, change_id(c));
	else if (is(approval, "approved"))
		ok = check_round(ctx, change_id(c)) && book(ctx, change_id(c));
	ctx_as(ctx, me);
	return ok;
}

bool share_before(struct ctx *ctx, struct change *c)
{
	int64_t team = value_id(change_new(c, "team"));
	int64_t person = value_id(change_new(c, "person"));
	const struct member *me = ctx->me;
	struct value label;
	int64_t others;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || !team || !person)
		return true;
	if (person == ctx->actor)
		return fail(ctx, ERR_INVALID, "person", "不能给自己定份额", "Nobody sets their own share");
	ctx_as_system(ctx);
	ok = record_get(ctx, "member", person, "label", &label) &&
	     ctx_get_int(ctx, scope_sql(ctx, "pool_share", "SELECT CAST(sum(share) AS BIGINT) FROM pool_share WHERE team = $team AND id <> $id"),
	                 (struct bind[]){ { "team", v_int(team) }, { "id", v_int(change_id(c)) }, { 0 } }, 0, &others);
	ctx_as(ctx, me);
	if (!ok)
		return false;
	change_set(c, "name", label);
	return others + value_id(change_new(c, "share")) <= 10000 ||
	       fail(ctx, ERR_INVALID, "share", "部门份额合计将超过 100%%", "The department's shares would be more than 100 %%");
}

/*
 * Consequences
 */

bool case_before(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");
	struct value label;
	int64_t person = value_id(change_new(c, "person"));
	int64_t done = 0;

	if (change_act(c) == CHANGE_DELETE || !person)
		return true;
	if (change_has(c, "person")) {
		if (person == ctx->actor)
			return fail(ctx, ERR_INVALID, "person", "不能给自己立案", "Nobody opens a case about themselves");
		if (!record_get(ctx, "member", person, "label", &label))
			return false;
		change_set(c, "name", v_text(fmt(ctx->mem, "%s %s", label.s, text_eq(change_new(c, "cause").s, "ability")
		                                 ? say(ctx, "能力", "ability") : say(ctx, "态度", "attitude"))));
	}
	change_set(c, "closed_on", is(state, "open") ? v_null() : v_text(ctx->today));
	if (is(state, "open"))
		return true;
	if (value_empty(change_new(c, "decision")))
		return fail(ctx, ERR_INVALID, "decision", "结案须写明决定", "Write down the decision to close it");
	return (change_id(c) && record_find(ctx, "performance_step", fmt(ctx->mem, "case_of=eq.%" PRId64 "&done_on=is.notnull",
	                                                                change_id(c)), &done) && done) ||
	       (ctx->kind == ERR_NONE && fail(ctx, ERR_INVALID, "state", "没有完成的措施，不能结案", "Not one step was taken: it cannot be closed"));
}

static bool has_done(struct ctx *ctx, int64_t case_of, const char *kind, bool *ret)
{
	int64_t id;

	if (!record_find(ctx, "performance_step", fmt(ctx->mem, "case_of=eq.%" PRId64 "&kind=eq.%s&done_on=is.notnull", case_of, kind), &id))
		return false;
	*ret = id != 0;
	return true;
}

/* No measure without a documented one before it, nor a grave one without approval. */
bool step_before(struct ctx *ctx, struct change *c)
{
	struct value kind = change_new(c, "kind");
	struct value cause, label;
	int64_t of = value_id(change_new(c, "case_of"));
	bool grave = is(kind, "transfer") || is(kind, "freeze");
	bool talked = true;
	bool trained = true;

	if (change_act(c) == CHANGE_DELETE || !of || kind.kind != V_TEXT || ctx->me->system)
		return true;
	if (!record_get(ctx, "performance_case", of, "cause", &cause) || !record_get(ctx, "performance_case", of, "name", &label) ||
	    (!is(kind, "talk") && !has_done(ctx, of, "talk", &talked)) ||
	    (grave && is(cause, "ability") && !has_done(ctx, of, "training", &trained)))
		return false;
	if (!talked)
		return fail(ctx, ERR_INVALID, "kind", "先谈话并记录，再采取其他措施", "Talk first, and write it down; other steps come after");
	if (!trained)
		return fail(ctx, ERR_INVALID, "kind", "原因是能力：先完成培训，再调岗或停止加薪",
		            "The cause is ability: training comes before a transfer or a freeze");
	change_set(c, "name", v_text(fmt(ctx->mem, "%s · %s", label.s, kind.s)));
	if (change_new(c, "done_on").kind == V_NULL)
		return true;
	if (value_empty(change_new(c, "note")))
		return fail(ctx, ERR_INVALID, "note", "请写下做了什么、结果如何", "Write down what was done, and what came of it");
	return !grave || is(change_new(c, "approval"), "approved") ||
	       fail(ctx, ERR_INVALID, "done_on", "调岗和停止加薪须先经批准", "A transfer or a freeze needs approval first");
}
