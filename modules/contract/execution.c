/*
 * Execution: what follows from a signature (S01-48, S01-26, S04-34) – milestones, money that is due and comes, what
 * it costs – and the only ways a signed contract changes or ends: an approved contract change.
 *
 * The payment plan of a signed contract always adds up to its amount, so what is open of the plan is what is open of
 * the contract.  Sums of parts stand in the parent, written with each part.
 */
#include "modules/contract/contract_inner.h"

static bool as_system(struct ctx *ctx, struct change *c, bool (*fn)(struct ctx *ctx, struct change *c))
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = fn(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

static bool sum_of(struct ctx *ctx, const char *object, const char *what, const char *via, int64_t id, int64_t *ret)
{
	const char *sql = fmt(ctx->mem, "SELECT CAST(coalesce(sum(%s), 0) AS BIGINT) FROM %s WHERE %s = $id", what, object, via);

	return ctx_get_int(ctx, scope_sql(ctx, object, sql), (struct bind[]){ { "id", v_int(id) }, { 0 } }, 0, ret);
}

static const char *money(struct ctx *ctx, int64_t n)
{
	return decimal_text(ctx->mem, n, 2);
}

static bool check_past(struct ctx *ctx, const struct change *c, const char *field)
{
	struct value on = change_new(c, field);

	return on.kind != V_TEXT || !change_has(c, field) || strcmp(on.s, ctx->today) <= 0 ||
	       fail(ctx, ERR_INVALID, field, "不能晚于今天", "must not be after today");
}

/* What an import brings is in no sum before it is through: this much of it is there. */
static bool coming(struct ctx *ctx, const char *object, const char *what, const char *via, int64_t id, int64_t *ret)
{
	const char *sql = fmt(ctx->mem, "SELECT CAST(coalesce(%s, 0) AS BIGINT) FROM %s WHERE %s = $id", what, object, via);

	return ctx_get_int(ctx, scope_sql_coming(ctx, object, sql), (struct bind[]){ { "id", v_int(id) }, { 0 } }, 0, ret);
}

/* Rows that come with an import are added up when it is through (contract_sums). */
static bool comes(const struct ctx *ctx, const struct change *c)
{
	return ctx->import && change_act(c) == CHANGE_CREATE;
}

/* A contract of which something was done is no longer only signed. */
static bool set_going(struct ctx *ctx, int64_t contract)
{
	struct value state;

	return record_get(ctx, "contract", contract, "state", &state) &&
	       (!value_is(state, "signed") || record_update(ctx, "contract", contract, (struct cell[]){ { "state", v_text("executing") }, { 0 } }));
}

/*
 * Milestones
 */

/* As system. */
static bool name_milestone(struct ctx *ctx, struct change *c)
{
	const struct field *kind = object_field(change_object(c), "kind");
	struct value number;

	if (!value_id(change_new(c, "contract")) || value_empty(change_new(c, "kind")))
		return true;
	if (!record_get(ctx, "contract", value_id(change_new(c, "contract")), "number", &number))
		return false;
	change_set(c, "name", v_text(fmt(ctx->mem, "%s %s", number.kind == V_TEXT ? number.s : "", field_type(kind)->show(ctx, kind, change_new(c, "kind")))));
	return true;
}

bool milestone_before(struct ctx *ctx, struct change *c)
{
	return change_act(c) == CHANGE_DELETE || (check_past(ctx, c, "done_on") && as_system(ctx, c, name_milestone));
}

bool milestone_after(struct ctx *ctx, struct change *c)
{
	return value_empty(change_new(c, "done_on")) || set_going(ctx, value_id(change_new(c, "contract")));
}

/*
 * The payment plan
 */

static bool add_instalment(struct ctx *ctx, int64_t contract, int64_t due, int64_t amount, const char *state)
{
	return record_create(ctx, "instalment", (struct cell[]){
		{ "contract", v_int(contract) }, { "due_on", v_text(date_text(ctx->mem, due)) }, { "amount", v_int(amount) }, { "state", v_text(state) },
		{ 0 } }, NULL);
}

/* Days until it is to be paid: as agreed, else as policy says. */
static int64_t payment_days(struct ctx *ctx, struct value agreed)
{
	return agreed.kind == V_INT ? agreed.i : setting_int(ctx, "contract_payment_days");
}

/* After those there are. */
static bool number_instalment(struct ctx *ctx, int64_t contract, struct change *c)
{
	struct value last = v_int(0);
	int64_t id, come;

	if (!value_empty(change_new(c, "seq")))
		return true;
	if (!record_find(ctx, "instalment", fmt(ctx->mem, "contract=eq.%" PRId64 "&sort=-seq", contract), &id) ||
	    (id && !record_get(ctx, "instalment", id, "seq", &last)) || !coming(ctx, "instalment", "max(seq)", "contract", contract, &come))
		return false;
	change_set(c, "seq", v_int((come > value_id(last) ? come : value_id(last)) + 1));
	return true;
}

/* As system.  Who is to collect must see what. */
static bool complete_instalment(struct ctx *ctx, struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	struct value owner, number;
	struct member m;
	bool may = true;

	if (!contract)
		return true;
	if (!record_get(ctx, "contract", contract, "owner", &owner) || !record_get(ctx, "contract", contract, "number", &number) ||
	    !number_instalment(ctx, contract, c))
		return false;
	if (change_act(c) == CHANGE_CREATE)
		change_set(c, "owner", owner);
	if (value_empty(change_new(c, "collector")))
		change_set(c, "collector", owner);
	if (value_empty(change_new(c, "name")))
		change_set(c, "name", v_text(fmt(ctx->mem, in_english(ctx) ? "Instalment %" PRId64 : "第 %" PRId64 " 期", value_id(change_new(c, "seq")))));
	change_set(c, "code", v_text(fmt(ctx->mem, "%s %s", number.kind == V_TEXT ? number.s : "", change_new(c, "name").s)));
	if (change_has(c, "collector") && value_id(change_new(c, "collector")) != value_id(owner) &&
	    !notice_reader(ctx, value_id(change_new(c, "collector")), schema_object(ctx->schema, "contract"), contract, &m, &may))
		return false;
	return may || fail(ctx, ERR_INVALID, "collector", "催收人看不到这份合同，请换一位，或先把合同共享给他",
	                   "Who is to collect does not see the contract: choose another, or share the contract first");
}

/* As system.  A plan that comes with an import takes the place of what is open of the plan of a signed contract: it is not more than that. */
static bool check_coming(struct ctx *ctx, struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	struct value state, amount;
	int64_t got, come;

	if (!contract)
		return true;
	if (!record_get(ctx, "contract", contract, "state", &state) || !record_get(ctx, "contract", contract, "amount", &amount) ||
	    !sum_of(ctx, "receipt", "amount", "contract", contract, &got) || !coming(ctx, "instalment", "sum(amount)", "contract", contract, &come))
		return false;
	if (!contract_in_force(state))
		return true;
	change_set(c, "state", v_text("open"));
	return come + value_id(change_new(c, "amount")) <= amount.i - got ||
	       fail(ctx, ERR_INVALID, "amount", "合同还有 %s 未收，各期合计不能超过它", "%s of the contract is open: its instalments cannot be more",
	            money(ctx, amount.i - got));
}

bool instalment_before(struct ctx *ctx, struct change *c)
{
	struct value amount = change_new(c, "amount");

	if (change_act(c) == CHANGE_DELETE)
		return true;
	/* Also when contracts are merged: a plan adds up to its contract. */
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "contract"))
		return fail(ctx, ERR_INVALID, "contract", "付款计划不能换到别的合同", "A payment plan stays with its contract");
	/* An approved change may take all of it off the plan. */
	if (amount.kind == V_INT && amount.i <= 0 && !ctx->me->system)
		return fail(ctx, ERR_INVALID, "amount", "金额必须大于 0", "The amount must be more than 0");
	return (!comes(ctx, c) || as_system(ctx, c, check_coming)) && as_system(ctx, c, complete_instalment);
}

/* Every instalment of a contract in one of these states goes over to another. */
static bool move_plan(struct ctx *ctx, int64_t contract, const char *from, const char *to)
{
	int64_t id;

	for (;;) {
		if (!record_find(ctx, "instalment", fmt(ctx->mem, "contract=eq.%" PRId64 "&state=eq.%s", contract, from), &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, "instalment", id, (struct cell[]){ { "state", v_text(to) }, { 0 } }))
			return false;
	}
}

bool execution_ready(struct ctx *ctx, const struct change *c)
{
	int64_t amount = value_id(change_new(c, "amount"));
	int64_t planned;

	if (!sum_of(ctx, "instalment", "amount", "contract", change_id(c), &planned))
		return false;
	return !planned || planned == amount ||
	       fail(ctx, ERR_INVALID, "amount", "付款计划合计 %s，合同金额 %s：两者须相等", "The payment plan adds up to %s, the contract to %s: they have to be equal",
	            money(ctx, planned), money(ctx, amount));
}

/* Without a plan the whole is one instalment. */
bool execution_begins(struct ctx *ctx, const struct change *c)
{
	int64_t id;

	if (!record_find(ctx, "instalment", fmt(ctx->mem, "contract=eq.%" PRId64, change_id(c)), &id))
		return false;
	if (!id)
		return add_instalment(ctx, change_id(c), value_day(change_new(c, "signed_on")) + payment_days(ctx, change_new(c, "payment_days")),
		                      value_id(change_new(c, "amount")), "open");
	return move_plan(ctx, change_id(c), "planned", "open");
}

bool execution_ends(struct ctx *ctx, const struct change *c)
{
	return move_plan(ctx, change_id(c), "open", "dropped");
}

/* Handed over: the plan and what came go along. */
bool execution_moves(struct ctx *ctx, const struct change *c)
{
	static const char *const parts[] = { "instalment", "receipt" };

	for (size_t i = 0; i < LENGTH(parts); i++) {
		int64_t *ids;
		size_t n;

		if (!ctx_ids(ctx, scope_sql(ctx, parts[i], fmt(ctx->mem, "SELECT id FROM %s WHERE contract = $id", parts[i])),
		             (struct bind[]){ { "id", v_int(change_id(c)) }, { 0 } }, &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (!record_update(ctx, parts[i], ids[k], (struct cell[]){ { "owner", change_new(c, "owner") }, { 0 } }))
				return false;
	}
	return true;
}

/*
 * Receipts
 */

/* As system. */
static bool check_receipt(struct ctx *ctx, struct change *c)
{
	int64_t instalment = value_id(change_new(c, "instalment"));
	int64_t mine = change_act(c) == CHANGE_UPDATE ? value_id(change_old(c, "amount")) : 0;
	struct value contract, amount, state, collector, owner;
	int64_t open, got, come;

	if (!instalment)
		return true;
	if (!record_get(ctx, "instalment", instalment, "contract", &contract) || !record_get(ctx, "instalment", instalment, "amount", &amount) ||
	    !record_get(ctx, "instalment", instalment, "collector", &collector) ||
	    !record_get(ctx, "contract", value_id(contract), "state", &state) || !record_get(ctx, "contract", value_id(contract), "owner", &owner) ||
	    !sum_of(ctx, "receipt", "amount", "instalment", instalment, &got) || !coming(ctx, "receipt", "sum(amount)", "instalment", instalment, &come))
		return false;
	if (contract_over(state))
		return fail(ctx, ERR_CONFLICT, NULL, "合同已结束，不能再改", "The contract is over: nothing of it changes any more");
	if (!contract_in_force(state))
		return fail(ctx, ERR_INVALID, "instalment", "合同还没有签订，不能登记回款", "The contract is not signed yet: nothing is received for it");
	/* From the receipts themselves: behind an import the instalment's own sum comes a moment later. */
	open = value_id(amount) - got - come + mine;
	if (value_id(change_new(c, "amount")) > open)
		return fail(ctx, ERR_INVALID, "amount", "这一期未收 %s，不能多收", "%s of this instalment is open: no more can be received", money(ctx, open));
	change_set(c, "contract", contract);
	if (change_act(c) == CHANGE_CREATE)
		change_set(c, "owner", owner);
	if (value_empty(change_new(c, "collector")))
		change_set(c, "collector", collector);
	return true;
}

bool receipt_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "instalment"))
		return fail(ctx, ERR_INVALID, "instalment", "登记错了期次的，请删除后重新登记", "Booked for the wrong instalment: delete it and book it again");
	if (change_act(c) == CHANGE_DELETE || (change_act(c) == CHANGE_UPDATE && !change_has(c, "amount") && !change_has(c, "received_on")))
		return true;
	return check_past(ctx, c, "received_on") && as_system(ctx, c, check_receipt);
}

/* What was raised to have it collected is done. */
static bool finish_tasks(struct ctx *ctx, int64_t instalment)
{
	struct value collector, owner;
	int64_t *ids;
	size_t n;

	if (!record_get(ctx, "instalment", instalment, "collector", &collector) || !record_get(ctx, "instalment", instalment, "owner", &owner) ||
	    !ctx_ids(ctx, scope_sql(ctx, "task",
	        "SELECT id FROM task WHERE owner IN ($collector, $owner) AND state = 'open' AND origin LIKE $origin AND figure LIKE '/report/collection_list%'"),
	        (struct bind[]){ { "collector", collector }, { "owner", owner }, { "origin", v_text(fmt(ctx->mem, "alert/%%/%" PRId64, instalment)) }, { 0 } },
	        &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "task", ids[i], (struct cell[]){
		        { "state", v_text("done") }, { "answer", v_text(say(ctx, "已收齐", "Paid in full")) }, { 0 } }))
			return false;
	return true;
}

/* The deal was paid in full the day the last of its contracts was; until then it was not. */
static bool tell_deal(struct ctx *ctx, int64_t contract, struct value on)
{
	struct value deal;
	int64_t open;

	if (!record_get(ctx, "contract", contract, "opportunity", &deal))
		return false;
	return !value_id(deal) ||
	       (ctx_get_int(ctx, scope_sql(ctx, "contract",
	        "SELECT count(*) FROM contract WHERE opportunity = $deal AND state <> 'cancelled' AND amount > received"),
	                    (struct bind[]){ { "deal", deal }, { 0 } }, 0, &open) &&
	        record_update(ctx, "opportunity", deal.i, (struct cell[]){ { "collected_on", open ? v_null() : on }, { 0 } }));
}

/* What an instalment and its contract have received; `on`: the day it was paid, if that is all of it. */
static bool settle(struct ctx *ctx, int64_t instalment, int64_t contract, struct value on)
{
	struct value amount;
	int64_t got, all;

	if (!sum_of(ctx, "receipt", "amount", "instalment", instalment, &got) || !sum_of(ctx, "receipt", "amount", "contract", contract, &all) ||
	    !record_get(ctx, "instalment", instalment, "amount", &amount))
		return false;

	bool paid = got >= value_id(amount);

	return record_update(ctx, "instalment", instalment, (struct cell[]){
		{ "received", v_int(got) }, { "state", v_text(paid ? "paid" : "open") }, { "paid_on", paid ? on : v_null() }, { 0 } }) &&
	       record_update(ctx, "contract", contract, (struct cell[]){ { "received", v_int(all) }, { 0 } }) &&
	       set_going(ctx, contract) && tell_deal(ctx, contract, on) && (!paid || finish_tasks(ctx, instalment));
}

bool receipt_after(struct ctx *ctx, struct change *c)
{
	return comes(ctx, c) || settle(ctx, value_id(change_new(c, "instalment")), value_id(change_new(c, "contract")), change_new(c, "received_on"));
}

/*
 * Costs
 */

/* An expense charged to a contract: which, 0 if it is none, does not count, or is gone. */
static bool charged_to(struct ctx *ctx, int64_t expense, int64_t *ret)
{
	struct value contract = v_null();
	int64_t counts;

	if (!record_find(ctx, "expense", fmt(ctx->mem, "id=eq.%" PRId64 "&kind=eq.claim&counts=eq.true", expense), &counts) ||
	    (counts && !record_get(ctx, "expense", expense, "contract", &contract)))
		return false;
	*ret = value_id(contract);
	return true;
}

static bool check_cost(struct ctx *ctx, struct change *c)
{
	int64_t expense = value_id(change_old(c, "expense"));
	int64_t contract;

	if (change_act(c) != CHANGE_DELETE || !expense)
		return true;
	return charged_to(ctx, expense, &contract) &&
	       (contract != value_id(change_old(c, "contract")) ||
	        fail(ctx, ERR_CONFLICT, NULL, "这是记入合同的费用，请在费用里修改", "This is an expense charged to the contract: change the expense"));
}

bool cost_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) == CHANGE_DELETE)
		return as_system(ctx, c, check_cost);
	if (!ctx->me->system && value_id(change_new(c, "expense")))
		return fail(ctx, ERR_CONFLICT, NULL, "这是记入合同的费用，请在费用里修改", "This is an expense charged to the contract: change the expense");
	return value_id(change_new(c, "paid")) <= value_id(change_new(c, "planned")) ||
	       fail(ctx, ERR_INVALID, "paid", "已付超过了成本，请先改成本", "More is paid than it costs: correct the cost first");
}

static bool sum_costs(struct ctx *ctx, int64_t contract)
{
	int64_t cost, paid, expenses;

	return sum_of(ctx, "contract_cost", "CASE WHEN kind = 'supplier' THEN planned END", "contract", contract, &cost) &&
	       sum_of(ctx, "contract_cost", "CASE WHEN kind = 'supplier' THEN paid END", "contract", contract, &paid) &&
	       sum_of(ctx, "contract_cost", "CASE WHEN kind = 'expense' THEN planned END", "contract", contract, &expenses) &&
	       record_update(ctx, "contract", contract, (struct cell[]){
		{ "supplier_cost", v_int(cost) }, { "supplier_paid", v_int(paid) }, { "expenses", v_int(expenses) }, { 0 } });
}

bool cost_after(struct ctx *ctx, struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	int64_t there;

	if (comes(ctx, c))
		return true;
	/* Deleted with its contract: nothing to say any more. */
	if (!record_find(ctx, "contract", fmt(ctx->mem, "id=eq.%" PRId64, contract), &there))
		return false;
	return !there || sum_costs(ctx, contract);
}

/* An expense that counts and is charged to a contract is a cost of it, paid as it is claimed. */
bool expense_after(struct ctx *ctx, struct change *c)
{
	struct value name, amount, on;
	int64_t contract, there;

	if (!charged_to(ctx, change_id(c), &contract) ||
	    !record_find(ctx, "contract_cost", fmt(ctx->mem, "expense=eq.%" PRId64, change_id(c)), &there))
		return false;
	if (!contract)
		return !there || record_delete(ctx, "contract_cost", there, 0);
	if (!record_get(ctx, "expense", change_id(c), "name", &name) || !record_get(ctx, "expense", change_id(c), "amount", &amount) ||
	    !record_get(ctx, "expense", change_id(c), "spent_on", &on))
		return false;

	struct cell cells[] = {
		{ "contract", v_int(contract) }, { "kind", v_text("expense") }, { "name", name }, { "planned", amount }, { "paid", amount },
		{ "due_on", on }, { "expense", v_int(change_id(c)) }, { 0 } };

	return there ? record_update(ctx, "contract_cost", there, cells) : record_create(ctx, "contract_cost", cells, NULL);
}

/*
 * Changes of a signed contract, and its end
 */

/* What is still open, in words; NULL: nothing. */
static bool left_open(struct ctx *ctx, int64_t contract, const char **ret)
{
	struct value amount, received, cost, paid;
	struct text out;
	int64_t steps;

	if (!record_get(ctx, "contract", contract, "amount", &amount) || !record_get(ctx, "contract", contract, "received", &received) ||
	    !record_get(ctx, "contract", contract, "supplier_cost", &cost) || !record_get(ctx, "contract", contract, "supplier_paid", &paid) ||
	    !ctx_get_int(ctx, scope_sql(ctx, "contract_milestone", "SELECT count(*) FROM contract_milestone WHERE contract = $id AND done_on IS NULL"),
	                 (struct bind[]){ { "id", v_int(contract) }, { 0 } }, 0, &steps))
		return false;
	text_init(&out, ctx->mem);
	if (value_id(amount) > value_id(received))
		text_addf(&out, in_english(ctx) ? " %s to be received;" : "未收 %s；", money(ctx, value_id(amount) - value_id(received)));
	if (steps)
		text_addf(&out, in_english(ctx) ? " %" PRId64 " milestones not done;" : "未完成节点 %" PRId64 " 个；", steps);
	if (value_id(cost) > value_id(paid))
		text_addf(&out, in_english(ctx) ? " %s to be paid;" : "未付 %s；", money(ctx, value_id(cost) - value_id(paid)));
	*ret = out.len ? out.s : NULL;
	return true;
}

static bool check_reason(struct ctx *ctx, const struct change *c)
{
	const char *open = NULL;

	if (!value_empty(change_new(c, "reason")))
		return true;
	if (value_is(change_new(c, "kind"), "close")) {
		if (!left_open(ctx, value_id(change_new(c, "contract")), &open))
			return false;
		return !open || fail(ctx, ERR_INVALID, "reason", "合同还有：%s要结案请写明原因", "Still open:%s to close it all the same say why", open);
	}
	return fail(ctx, ERR_INVALID, "reason", "请写明原因", "Say why");
}

/* What an amendment puts instead; of the contract, and of one instalment. */
static const char *const amended[] = { "amount", "discount", "payment_days", "delivery_days", "to_on" };

static bool check_amendment(struct ctx *ctx, const struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	int64_t instalment = value_id(change_new(c, "instalment"));
	struct value received, of, state;
	bool any = instalment != 0;

	for (size_t i = 0; i < LENGTH(amended); i++)
		any |= !value_empty(change_new(c, amended[i]));
	if (!any)
		return fail(ctx, ERR_INVALID, NULL, "请写明改什么：金额、折扣、天数、期限，或某一期的到期日", "Say what changes: amount, discount, days, end, or the due date of an instalment");
	if ((instalment != 0) != !value_empty(change_new(c, "due_on")))
		return fail(ctx, ERR_INVALID, "due_on", "改到期日须同时写明哪一期和新的日期", "A due date is changed by naming the instalment and its new date");
	if (instalment) {
		if (!record_get(ctx, "instalment", instalment, "contract", &of) || !record_get(ctx, "instalment", instalment, "state", &state))
			return false;
		if (value_id(of) != contract || !value_is(state, "open"))
			return fail(ctx, ERR_INVALID, "instalment", "只能改这份合同里还没有收齐的一期", "Only an open instalment of this contract is put off");
	}
	if (!record_get(ctx, "contract", contract, "received", &received))
		return false;
	return value_empty(change_new(c, "amount")) || value_id(change_new(c, "amount")) >= value_id(received) ||
	       fail(ctx, ERR_INVALID, "amount", "不能少于已收的 %s", "must not be less than the %s received", money(ctx, value_id(received)));
}

/* As system. */
static bool check_amend(struct ctx *ctx, struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	struct value state;

	if (!contract)
		return true;
	if (!record_get(ctx, "contract", contract, "state", &state))
		return false;
	if (contract_over(state))
		return fail(ctx, ERR_CONFLICT, NULL, "合同已结束，不能再改", "The contract is over: nothing of it changes any more");
	if (!contract_in_force(state))
		return fail(ctx, ERR_INVALID, "contract", "合同还没有签订，可以直接修改", "The contract is not signed: change it as it is");
	return check_reason(ctx, c) && (!value_is(change_new(c, "kind"), "amend") || check_amendment(ctx, c));
}

bool amend_before(struct ctx *ctx, struct change *c)
{
	bool was = change_act(c) != CHANGE_CREATE && value_is(change_old(c, "approval"), "approved");
	struct value approval = change_new(c, "approval");

	if (was)
		return true;
	/* Sent back, withdrawn: whatever has become of the contract. */
	if (change_act(c) == CHANGE_DELETE || (change_has(c, "approval") && !value_is(approval, "pending") && !value_is(approval, "approved")))
		return true;
	return as_system(ctx, c, check_amend);
}

/* So much less: off the instalments that come first in this order, as far as they are open. */
static bool shorten_plan(struct ctx *ctx, int64_t contract, int64_t less, const char *order)
{
	while (less > 0) {
		struct value amount, received;
		int64_t id;

		if (!record_need(ctx, "instalment", fmt(ctx->mem, "contract=eq.%" PRId64 "&state=eq.open&sort=%s", contract, order), &id) ||
		    !record_get(ctx, "instalment", id, "amount", &amount) || !record_get(ctx, "instalment", id, "received", &received))
			return false;

		int64_t open = amount.i - value_id(received);
		int64_t off = open < less ? open : less;
		const char *state = off < open ? "open" : value_id(received) ? "paid" : "dropped";

		if (!record_update(ctx, "instalment", id, (struct cell[]){
		        { "amount", v_int(amount.i - off) }, { "state", v_text(state) },
		        { "paid_on", text_eq(state, "paid") ? v_text(ctx->today) : v_null() }, { 0 } }))
			return false;
		less -= off;
	}
	return true;
}

static bool amend(struct ctx *ctx, const struct change *c)
{
	int64_t contract = value_id(change_new(c, "contract"));
	struct cell cells[LENGTH(amended) + 1] = { 0 };
	struct value former, days;
	int64_t more = 0;
	size_t n = 0;

	if (!record_get(ctx, "contract", contract, "amount", &former))
		return false;
	for (size_t i = 0; i < LENGTH(amended); i++)
		if (!value_empty(change_new(c, amended[i])))
			cells[n++] = (struct cell){ amended[i], change_new(c, amended[i]) };
	if (!value_empty(change_new(c, "amount")))
		more = value_id(change_new(c, "amount")) - value_id(former);
	if (n && !record_update(ctx, "contract", contract, cells))
		return false;
	if (value_id(change_new(c, "instalment")) &&
	    !record_update(ctx, "instalment", value_id(change_new(c, "instalment")), (struct cell[]){ { "due_on", change_new(c, "due_on") }, { 0 } }))
		return false;
	if (more < 0)
		return shorten_plan(ctx, contract, -more, "-seq");
	return !more || (record_get(ctx, "contract", contract, "payment_days", &days) &&
	                 add_instalment(ctx, contract, instant_day(ctx->now) + payment_days(ctx, days), more, "open"));
}

static bool end(struct ctx *ctx, const struct change *c, const char *state)
{
	return record_update(ctx, "contract", value_id(change_new(c, "contract")), (struct cell[]){
		{ "state", v_text(state) }, { "closed_on", v_text(ctx->today) }, { "close_reason", change_new(c, "reason") }, { 0 } });
}

bool amend_after(struct ctx *ctx, struct change *c)
{
	struct value kind = change_new(c, "kind");

	if (!change_has(c, "approval") || !value_is(change_new(c, "approval"), "approved"))
		return true;
	return record_update(ctx, "contract_change", change_id(c), (struct cell[]){ { "effective_on", v_text(ctx->today) }, { 0 } }) &&
	       (value_is(kind, "amend") ? amend(ctx, c) : end(ctx, c, value_is(kind, "close") ? "closed" : "cancelled"));
}

/* In one step: the request, put before those above. */
bool contract_close(struct ctx *ctx, struct action_call *call)
{
	struct value reason = action_param(call, "reason");
	int64_t id;

	return record_create(ctx, "contract_change", (struct cell[]){
		{ "contract", v_int(call->id) }, { "kind", v_text("close") }, { "reason", reason }, { 0 } }, &id) &&
	       record_create(ctx, "approval", (struct cell[]){
		{ "object", v_text("contract_change") }, { "record", v_int(id) }, { "request", reason }, { 0 } }, NULL);
}

/*
 * What an import brought
 */

/* The plan of a signed contract adds up: what was there before makes room for what came, what is missing is one instalment more. */
static bool level_plan(struct ctx *ctx, int64_t contract)
{
	struct value state, amount, days, on;
	int64_t planned;

	if (!record_get(ctx, "contract", contract, "state", &state) || !record_get(ctx, "contract", contract, "amount", &amount) ||
	    !record_get(ctx, "contract", contract, "payment_days", &days) || !record_get(ctx, "contract", contract, "signed_on", &on) ||
	    !sum_of(ctx, "instalment", "amount", "contract", contract, &planned))
		return false;
	if (!contract_in_force(state) || planned == amount.i)
		return true;
	return planned > amount.i ? shorten_plan(ctx, contract, planned - amount.i, "id")
	       : add_instalment(ctx, contract, value_day(on) + payment_days(ctx, days), amount.i - planned, "open");
}

/* Each instalment has received what its receipts say. */
static bool settle_plan(struct ctx *ctx, int64_t contract)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "instalment receipt",
	        "SELECT i.id FROM instalment i LEFT JOIN (SELECT instalment, sum(amount) AS amount FROM receipt WHERE contract = $id GROUP BY instalment) r"
	        " ON r.instalment = i.id WHERE i.contract = $id AND i.received <> coalesce(r.amount, 0) ORDER BY i.id"),
	        (struct bind[]){ { "id", v_int(contract) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value on = v_null();
		int64_t last;

		if (!record_find(ctx, "receipt", fmt(ctx->mem, "instalment=eq.%" PRId64 "&sort=-received_on", ids[i]), &last) ||
		    (last && !record_get(ctx, "receipt", last, "received_on", &on)) || !settle(ctx, ids[i], contract, on))
			return false;
	}
	return true;
}

/* The next contracts, by id, that say something else than their parts. */
bool contract_sums(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "contract instalment receipt contract_cost",
	        fmt(ctx->mem, "SELECT c.id FROM contract c"
	            " LEFT JOIN (SELECT contract, sum(amount) AS amount, sum(received) AS received FROM instalment GROUP BY contract) i ON i.contract = c.id"
	            " LEFT JOIN (SELECT contract, sum(amount) AS amount FROM receipt GROUP BY contract) r ON r.contract = c.id"
	            " LEFT JOIN (SELECT contract, sum(planned) AS planned, sum(CASE WHEN kind = 'supplier' THEN paid END) AS paid"
	            "  FROM contract_cost GROUP BY contract) k ON k.contract = c.id"
	            " WHERE c.id > $after AND (coalesce(r.amount, 0) <> c.received OR coalesce(r.amount, 0) <> coalesce(i.received, 0)"
	            "  OR coalesce(k.planned, 0) <> c.supplier_cost + c.expenses OR coalesce(k.paid, 0) <> c.supplier_paid"
	            "  OR (c.state IN ('signed', 'executing') AND coalesce(i.amount, 0) <> c.amount)) ORDER BY c.id LIMIT %d", QUERY_LIMIT)),
	        (struct bind[]){ { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!level_plan(ctx, ids[i]) || !settle_plan(ctx, ids[i]) || !sum_costs(ctx, ids[i]))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "contract_sums", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

bool contract_imported(struct ctx *ctx, struct change *c)
{
	static const char *const objects[] = { "contract", "instalment", "receipt", "contract_cost" };
	bool ours = false;

	for (size_t i = 0; i < LENGTH(objects); i++)
		ours |= value_is(change_new(c, "object"), objects[i]);
	return !ours || !change_has(c, "state") || !value_is(change_new(c, "state"), "done") || job_add(ctx, "contract_sums", NULL, ctx->now, NULL);
}
