/*
 * Contract: what was agreed, clause by clause, and how far its terms lie from policy (S01-38).
 *
 * Terms beside policy are rows of their own, each with its reason; such a contract is signed once it is approved.
 * What was signed stays as it is: execution.c changes it, by an approved change.
 */
#include "modules/contract/contract_inner.h"

/* Terms that have a policy.  Compared and kept in hundredths; of a percentage it is what is stored. */
static const struct {
	const char *kind, *field, *setting;
	bool least;                     /* the policy is the least, else the most */
	int64_t unit;                   /* hundredths in 1 as stored */
	const char *zh, *en;
} terms[] = {
	{ "payment", "payment_days", "contract_payment_days", false, 100, "付款天数", "days to pay" },
	{ "discount", "discount", "discount_free", false, 1, "折扣（%）", "discount, %" },
	{ "delivery", "delivery_days", "contract_lead_days", true, 100, "交货天数", "days to deliver" },
};

bool contract_in_force(struct value state)
{
	return value_is(state, "signed") || value_is(state, "executing");
}

bool contract_over(struct value state)
{
	return value_is(state, "closed") || value_is(state, "cancelled");
}

/*
 * Deviations
 */

/* Is this term beside policy?  Both in hundredths. */
static bool is_beside(struct ctx *ctx, const struct change *c, size_t i, int64_t *ret_policy, int64_t *ret_agreed)
{
	struct value agreed = change_new(c, terms[i].field);

	*ret_policy = setting_int(ctx, terms[i].setting) * 100;
	*ret_agreed = value_id(agreed) * terms[i].unit;
	return agreed.kind == V_INT && (terms[i].least ? *ret_agreed < *ret_policy : *ret_agreed > *ret_policy);
}

static bool terms_changed(const struct change *c)
{
	for (size_t i = 0; i < LENGTH(terms); i++)
		if (change_has(c, terms[i].field))
			return true;
	return change_act(c) == CHANGE_CREATE;
}

/* One row for each term beside policy; what an approved change brought is approved. */
static bool note_deviations(struct ctx *ctx, const struct change *c)
{
	struct value approved = contract_in_force(change_new(c, "state")) ? v_text(ctx->today) : v_null();

	for (size_t i = 0; i < LENGTH(terms); i++) {
		int64_t policy, agreed, there;
		bool beside = is_beside(ctx, c, i, &policy, &agreed);
		bool ok = record_find(ctx, "contract_deviation", fmt(ctx->mem, "contract=eq.%" PRId64 "&kind=eq.%s", change_id(c), terms[i].kind), &there);
		struct cell cells[] = {
			{ "contract", v_int(change_id(c)) }, { "kind", v_text(terms[i].kind) }, { "policy", v_int(policy) }, { "agreed", v_int(agreed) },
			{ "approved_on", approved }, { 0 } };

		if (ok && there)
			ok = beside ? record_update(ctx, "contract_deviation", there, cells) : record_delete(ctx, "contract_deviation", there, 0);
		else if (ok && beside)
			ok = record_create(ctx, "contract_deviation", cells, NULL);
		if (!ok)
			return false;
	}
	return true;
}

static bool approve_deviations(struct ctx *ctx, int64_t contract)
{
	int64_t id;

	for (;;) {
		if (!record_find(ctx, "contract_deviation", fmt(ctx->mem, "contract=eq.%" PRId64 "&approved_on=is.null", contract), &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, "contract_deviation", id, (struct cell[]){ { "approved_on", v_text(ctx->today) }, { 0 } }))
			return false;
	}
}

/* Who approves reads why. */
static bool check_reasons(struct ctx *ctx, const struct change *c)
{
	int64_t id;

	return record_find(ctx, "contract_deviation", fmt(ctx->mem, "contract=eq.%" PRId64 "&reason=is.null", change_id(c)), &id) &&
	       (!id || fail(ctx, ERR_INVALID, NULL, "请先在每条“政策偏离”里写明原因，再送审批", "Say in each deviation from policy why, then ask for approval"));
}

static const char *hundredths(struct ctx *ctx, struct value v)
{
	int64_t n = value_id(v);

	return n % 100 ? fmt(ctx->mem, "%" PRId64 ".%02" PRId64, n / 100, n % 100) : fmt(ctx->mem, "%" PRId64, n / 100);
}

/* Says which: the first that is not approved. */
static bool check_deviations(struct ctx *ctx, const struct change *c)
{
	struct value kind, policy, agreed;
	size_t i = 0;
	int64_t id;

	if (!record_find(ctx, "contract_deviation", fmt(ctx->mem, "contract=eq.%" PRId64 "&approved_on=is.null&sort=id", change_id(c)), &id))
		return false;
	if (!id)
		return true;
	if (!record_get(ctx, "contract_deviation", id, "kind", &kind) || !record_get(ctx, "contract_deviation", id, "policy", &policy) ||
	    !record_get(ctx, "contract_deviation", id, "agreed", &agreed))
		return false;
	while (i + 1 < LENGTH(terms) && !value_is(kind, terms[i].kind))
		i++;
	return fail(ctx, ERR_INVALID, "approval", "%s %s，政策是 %s：须先审批才能签订", "%s: %s, the policy is %s: it has to be approved before it is signed",
	            say(ctx, terms[i].zh, terms[i].en), hundredths(ctx, agreed), hundredths(ctx, policy));
}

/*
 * Clauses
 */

static bool copy_clauses(struct ctx *ctx, int64_t contract)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "clause", "SELECT id FROM clause WHERE active = 1 ORDER BY position, id"), (struct bind[]){ { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value name, required, position;

		if (!record_get(ctx, "clause", ids[i], "name", &name) || !record_get(ctx, "clause", ids[i], "required", &required) ||
		    !record_get(ctx, "clause", ids[i], "position", &position) ||
		    !record_create(ctx, "contract_clause", (struct cell[]){
		        { "contract", v_int(contract) }, { "name", name }, { "required", required }, { "position", position }, { 0 } }, NULL))
			return false;
	}
	return true;
}

static bool clause_before(struct ctx *ctx, struct change *c)
{
	return !value_is(change_new(c, "answer"), "otherwise") || !value_empty(change_new(c, "remark")) ||
	       fail(ctx, ERR_INVALID, "remark", "另有约定的，请写明怎样约定", "Agreed otherwise: say how");
}

static bool check_clauses(struct ctx *ctx, const struct change *c)
{
	struct value name;
	int64_t id;

	if (!record_find(ctx, "contract_clause", fmt(ctx->mem, "contract=eq.%" PRId64 "&required=eq.true&or=(answer.is.null,answer.eq.no)&sort=position,id",
	                                             change_id(c)), &id))
		return false;
	return !id || (record_get(ctx, "contract_clause", id, "name", &name) &&
	               fail(ctx, ERR_INVALID, NULL, "必备条款“%s”还没有约定", "The required clause \"%s\" is not agreed", name.s));
}

/*
 * The contract
 */

/* How far below list the deal was sold, where it says so. */
static bool deal_discount(struct ctx *ctx, int64_t deal, struct change *c)
{
	struct value listed, amount;
	int64_t off;

	if (!record_get(ctx, "opportunity", deal, "list_price", &listed) || !record_get(ctx, "opportunity", deal, "amount", &amount))
		return false;
	if (value_id(listed) > value_id(amount) && int_muldiv(value_id(listed) - value_id(amount), 10000, value_id(listed), &off))
		change_set(c, "discount", v_int(off));
	return true;
}

/* What its deal says need not be typed again. */
static bool take_over(struct ctx *ctx, struct change *c)
{
	static const char *const same[] = { "customer", "amount", "name" };
	bool fresh = change_act(c) == CHANGE_CREATE || change_has(c, "opportunity");
	int64_t deal = fresh ? value_id(change_new(c, "opportunity")) : 0;
	struct value v;

	for (size_t i = 0; deal && i < LENGTH(same); i++) {
		if (!value_empty(change_new(c, same[i])))
			continue;
		if (!record_get(ctx, "opportunity", deal, same[i], &v))
			return false;
		change_set(c, same[i], v);
	}
	if (deal && value_empty(change_new(c, "discount")) && !deal_discount(ctx, deal, c))
		return false;
	if (!value_empty(change_new(c, "name")) || !value_id(change_new(c, "customer")))
		return true;
	if (!record_get(ctx, "customer", value_id(change_new(c, "customer")), "name", &v))
		return false;
	change_set(c, "name", v);
	return true;
}

static bool check_signing(struct ctx *ctx, const struct change *c)
{
	struct value was = change_old(c, "state");
	struct value on = change_new(c, "signed_on");

	if (!value_is(was, "draft") && !value_is(was, "approved"))
		return fail(ctx, ERR_CONFLICT, NULL, "合同已经签订", "The contract is signed already");
	if (value_is(change_new(c, "approval"), "pending"))
		return fail(ctx, ERR_CONFLICT, "approval", "合同正在审批", "The contract is being approved");
	if (on.kind == V_TEXT && strcmp(on.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "signed_on", "签订日期不能晚于今天", "It cannot have been signed after today");
	return check_clauses(ctx, c) && check_deviations(ctx, c) && execution_ready(ctx, c);
}

/* What approval means for it: approved terms may be signed; terms changed later are to be approved anew. */
static bool follow_approval(struct ctx *ctx, struct change *c)
{
	bool touched = terms_changed(c) || change_has(c, "amount");

	if (change_has(c, "approval")) {
		if (value_is(change_new(c, "approval"), "pending") && contract_in_force(change_new(c, "state")))
			return fail(ctx, ERR_CONFLICT, NULL, "合同已签订，变动请建立“合同变更”", "The contract is signed: it is changed by a contract change");
		if (value_is(change_new(c, "approval"), "pending"))
			return check_reasons(ctx, c);
		if (value_is(change_new(c, "approval"), "approved"))
			change_set(c, "state", v_text("approved"));
		return true;
	}
	if (touched && value_is(change_old(c, "state"), "approved") && value_is(change_new(c, "state"), "approved")) {
		change_set(c, "approval", v_null());
		change_set(c, "state", v_text("draft"));
	}
	return true;
}

/* A past contract that is brought with the day it was signed is signed; by hand it is signed by the action. */
static bool begin(struct ctx *ctx, struct change *c)
{
	struct value on = change_new(c, "signed_on");

	if (on.kind != V_TEXT || ctx->me->system)
		return true;
	if (!ctx->import)
		return fail(ctx, ERR_INVALID, "signed_on", "签订日期在“签订”时填写", "The day of signing is given when it is signed");
	if (strcmp(on.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "signed_on", "签订日期不能晚于今天", "It cannot have been signed after today");
	change_set(c, "state", v_text("signed"));
	return true;
}

static bool contract_before(struct ctx *ctx, struct change *c)
{
	struct value from = change_new(c, "from_on");
	struct value to = change_new(c, "to_on");
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	if (change_act(c) == CHANGE_UPDATE && !ctx->me->system && change_has(c, "signed_on"))
		return fail(ctx, ERR_INVALID, "signed_on", "签订日期在“签订”时填写", "The day of signing is given when it is signed");
	if (!take_over(ctx, c))
		return false;
	if (from.kind == V_TEXT && to.kind == V_TEXT && strcmp(from.s, to.s) > 0)
		return fail(ctx, ERR_INVALID, "to_on", "结束不能早于开始", "It cannot end before it begins");
	if (change_act(c) == CHANGE_CREATE)
		return begin(ctx, c);
	me = ctx_as_system(ctx);
	ok = follow_approval(ctx, c) && (!change_has(c, "state") || !value_is(change_new(c, "state"), "signed") || check_signing(ctx, c));
	ctx_as(ctx, me);
	return ok;
}

static bool contract_after(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");

	if (ctx->import)
		return true;
	if (change_act(c) == CHANGE_CREATE && !copy_clauses(ctx, change_id(c)))
		return false;
	if ((terms_changed(c) || (change_has(c, "approval") && value_empty(change_new(c, "approval")))) && !note_deviations(ctx, c))
		return false;
	if (change_has(c, "approval") && value_is(change_new(c, "approval"), "approved") && !approve_deviations(ctx, change_id(c)))
		return false;
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "owner") && !execution_moves(ctx, c))
		return false;
	if (change_act(c) == CHANGE_CREATE || !change_has(c, "state"))
		return true;
	if (value_is(state, "signed"))
		return execution_begins(ctx, c);
	return !contract_over(state) || execution_ends(ctx, c);
}

static bool sign(struct ctx *ctx, struct action_call *call)
{
	const struct member *me;
	struct value copy;
	bool ok;

	if (!record_get(ctx, "contract", call->id, "signed_copy", &copy))
		return false;
	if (value_empty(copy))
		return fail(ctx, ERR_INVALID, "signed_copy", "请先上传签字盖章的合同", "Attach the signed copy first");
	me = ctx_as_system(ctx);
	ok = record_update(ctx, "contract", call->id, (struct cell[]){
		{ "state", v_text("signed") }, { "signed_on", action_param(call, "signed_on") }, { 0 } });

	ctx_as(ctx, me);
	return ok;
}

/*
 * First rows: the usual clauses; a contract beside policy goes to the leader, one far beside it to the manager as well.
 */

static bool seed(struct ctx *ctx)
{
	static const struct { const char *zh, *en; bool required; } clauses[] = {
		{ "标的、规格与数量", "Goods, specification, quantity", true }, { "价格与税费", "Price and taxes", true }, { "付款方式与期限", "Payment", true },
		{ "交货时间、地点与方式", "Delivery", true }, { "安装调试与验收", "Installation, commissioning, acceptance", true },
		{ "质量保证与售后服务", "Warranty and service", true }, { "违约责任", "Breach of contract", true }, { "争议解决", "Disputes", true },
		{ "知识产权与保密", "Intellectual property, secrecy", false }, { "不可抗力", "Force majeure", false },
	};
	int64_t flow;
	int64_t manager;

	for (size_t i = 0; i < LENGTH(clauses); i++)
		if (!record_create(ctx, "clause", (struct cell[]){
		        { "name", v_text(say(ctx, clauses[i].zh, clauses[i].en)) }, { "required", v_int(clauses[i].required) },
		        { "position", v_int((int64_t)i + 1) }, { "active", v_int(1) }, { 0 } }, NULL))
			return false;
	return record_need(ctx, "role", "name=eq.manager", &manager) &&
	       record_create(ctx, "approval_flow", (struct cell[]){
		{ "name", v_text(say(ctx, "合同偏离政策", "Contracts beside policy")) }, { "object", v_text("contract") }, { "position", v_int(1) },
		{ "active", v_int(1) }, { 0 } }, &flow) &&
	       record_create(ctx, "approval_step", (struct cell[]){
		{ "flow", v_int(flow) }, { "position", v_int(1) }, { "who", v_text("leader") }, { "hours", v_int(24) }, { 0 } }, NULL) &&
	       record_create(ctx, "approval_step", (struct cell[]){
		{ "flow", v_int(flow) }, { "position", v_int(2) }, { "who", v_text("role") }, { "role", v_int(manager) },
		{ "condition", v_text("or=(payment_days.gt.60,discount.gt.20)") }, { "hours", v_int(24) }, { 0 } }, NULL);
}

const struct module contract_module = {
	.name = "contract",
	.seed = seed,
	.hooks = (const struct hook[]){
		{ "contract", HOOK_BEFORE, contract_before },
		{ "contract", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, contract_after },
		{ "contract_clause", HOOK_BEFORE, clause_before },
		{ "contract_milestone", HOOK_BEFORE, milestone_before },
		{ "contract_milestone", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, milestone_after },
		{ "instalment", HOOK_BEFORE, instalment_before },
		{ "receipt", HOOK_BEFORE, receipt_before },
		{ "receipt", HOOK_AFTER | HOOK_SYSTEM, receipt_after },
		{ "contract_cost", HOOK_BEFORE, cost_before },
		{ "contract_cost", HOOK_AFTER | HOOK_SYSTEM, cost_after },
		{ "expense", HOOK_AFTER | HOOK_SYSTEM, expense_after },
		{ "contract_change", HOOK_BEFORE, amend_before },
		{ "contract_change", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, amend_after },
		{ "import", HOOK_AFTER, contract_imported },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "contract", "sign", sign },
		{ "contract", "close", contract_close },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "contract_sums", NULL, contract_sums, { "合计导入的合同、期次、回款与成本", "Sum up imported contracts, instalments, receipts and costs" } },
		{ 0 },
	},
};
