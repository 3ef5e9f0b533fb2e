/*
 * Reward: commission, rewards and team rewards follow from deals (S03-04, S03-08, S03-13).
 *
 * A line is never changed.  What a deal should have earned is compared with the lines that stand: what no longer
 * holds is reversed by a line of its own, what is missing is added.  So it does not matter how often it is asked.
 */
#include "engine/module.h"

#define LINES "SELECT kind, coalesce(reward_rule, 0), person, CAST(sum(amount) AS BIGINT), max(name)" \
              " FROM earning WHERE "
#define GROUPS " GROUP BY kind, reward_rule, person HAVING sum(CASE WHEN reversal = 1 THEN -1 ELSE 1 END) > 0" \
               " ORDER BY min(id)"
/* Whoever sells in the team $team or up to three levels below it; $role holds ",ID," of the role. */
#define SELLERS "SELECT m.id FROM member m JOIN team t ON t.id = m.team LEFT JOIN team a ON a.id = t.parent" \
                " LEFT JOIN team b ON b.id = a.parent LEFT JOIN team c ON c.id = b.parent" \
                " WHERE m.active = 1 AND m.roles LIKE '%' || $role || '%' AND $team IN (t.id, a.id, b.id, c.id)"

struct line {
	const char *kind;
	int64_t rule;                   /* 0: the commission */
	int64_t person, amount;
	const char *name;
	const char *certificate;        /* NULL: none */
	int64_t incentive;              /* beside the money, 0: none */
	bool stands;
};
struct lines {
	struct line *list;
	size_t n, cap;
};

static struct line *add(struct ctx *ctx, struct lines *l, struct line one)
{
	l->list = arena_grow(ctx->mem, l->list, &l->cap, l->n + 1, sizeof *l->list);
	l->list[l->n] = one;
	return &l->list[l->n++];
}

static bool put(struct ctx *ctx, const struct line *l, int64_t opportunity, const char *period, bool reversal)
{
	return record_create(ctx, "earning", (struct cell[]){
		{ "name", v_text(reversal ? utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s", say(ctx, "冲回：", "Reversed: "), l->name), 200) : l->name) },
		{ "person", v_int(l->person) }, { "kind", v_text(l->kind) }, { "reversal", v_int(reversal) }, { "day", v_text(ctx->today) },
		{ "amount", v_int(reversal ? -l->amount : l->amount) }, { "opportunity", v_id(opportunity) },
		{ "reward_rule", v_id(l->rule) }, { "period", v_text(period) },
		{ "certificate", v_text(reversal ? NULL : l->certificate) }, { "incentive", v_id(l->incentive) }, { 0 } }, NULL);
}

/* The lines that stand, of a deal or of a team's rule in a period. */
static bool standing(struct ctx *ctx, int64_t opportunity, int64_t rule, const char *period, struct lines *ret)
{
	const char *sql = opportunity ? LINES "opportunity = $opportunity" GROUPS : LINES "reward_rule = $rule AND period = $period" GROUPS;
	struct query *q = ctx_query(ctx, scope_sql(ctx, "earning", sql), (struct bind[]){
		{ "opportunity", v_int(opportunity) }, { "rule", v_int(rule) }, { "period", v_text(period) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q))
		add(ctx, ret, (struct line){
			.kind = arena_dup(ctx->mem, db_text(q, 0)), .rule = db_int(q, 1), .person = db_int(q, 2), .amount = db_int(q, 3),
			.name = arena_dup(ctx->mem, db_text(q, 4)) });

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "earnings") : true;
}

static bool settle(struct ctx *ctx, int64_t opportunity, const char *period, const struct lines *were, struct lines *due)
{
	for (size_t i = 0; i < were->n; i++) {
		struct line *was = &were->list[i];

		for (size_t k = 0; !was->stands && k < due->n; k++) {
			struct line *now = &due->list[k];

			if (!now->stands && text_eq(now->kind, was->kind) && now->rule == was->rule &&
			    now->person == was->person && now->amount == was->amount)
				was->stands = now->stands = true;
		}
		if (!was->stands && !put(ctx, was, opportunity, period, true))
			return false;
	}
	for (size_t i = 0; i < due->n; i++)
		if (!due->list[i].stands && !put(ctx, &due->list[i], opportunity, period, false))
			return false;
	return true;
}

/*
 * Of one deal
 */

static bool is_won(struct value result)
{
	return value_is(result, "won");
}

static const char *named(struct ctx *ctx, const char *rule, struct value deal)
{
	return utf8_cut(ctx->mem, fmt(ctx->mem, "%s · %s", rule, deal.kind == V_TEXT ? deal.s : ""), 200);
}

/* A new customer's first deal, a large one. */
static bool add_rewards(struct ctx *ctx, const struct change *c, int64_t person, struct lines *due)
{
	struct value label, day = change_new(c, "closed_on");
	int64_t customer = value_id(change_new(c, "customer"));
	int64_t other = 0;
	struct query *q;

	if (!record_get(ctx, "member", person, "label", &label) ||
	    (customer && !record_find(ctx, "opportunity", fmt(ctx->mem, "customer=eq.%" PRId64 "&result=eq.won&id=ne.%" PRId64, customer,
	                                                      change_id(c)), &other)))
		return false;
	q = ctx_query(ctx, scope_sql(ctx, "reward_rule",
		"SELECT id, name, amount, certificate, incentive FROM reward_rule WHERE from_on <= $day AND (to_on IS NULL OR to_on >= $day)"
		" AND ((event = 'new_customer' AND $first = 1) OR (event = 'large_order' AND $amount >= coalesce(threshold, 0))) ORDER BY id"),
		(struct bind[]){ { "day", day }, { "first", v_int(customer && !other) }, { "amount", v_int(value_id(change_new(c, "amount"))) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q)) {
		const char *name = named(ctx, db_text(q, 1), change_new(c, "name"));

		add(ctx, due, (struct line){
			.kind = "reward", .rule = db_int(q, 0), .person = person, .amount = db_int(q, 2), .name = name, .incentive = db_int(q, 4),
			.certificate = db_int(q, 3) ? fmt(ctx->mem, "%s　%s　%s　%s", say(ctx, "荣誉证书", "Certificate"), label.s, day.s, name) : NULL });
	}
	db_done(q);
	return true;
}

/* Who gave the customer to the person who closed, and the share that counts for them; as the report contributions has it. */
static bool given_by(struct ctx *ctx, const struct change *c, int64_t person, int64_t *ret_giver, int64_t *ret_credit)
{
	struct query *q;

	*ret_giver = *ret_credit = 0;
	if (!value_id(change_new(c, "customer")) || !setting_bool(ctx, "handover_commission"))
		return true;
	q = ctx_query(ctx, scope_sql(ctx, "internal_request",
		"SELECT asker, credit FROM internal_request WHERE customer = $customer AND kind = 'handover' AND state IN ('accepted', 'done')"
		" AND accepted_on <= $day ORDER BY id DESC LIMIT 1"),
		(struct bind[]){ { "customer", change_new(c, "customer") }, { "day", change_new(c, "closed_on") }, { 0 } });
	if (!q)
		return false;
	if (db_next(q) && db_int(q, 0) != person) {
		*ret_giver = db_int(q, 0);
		*ret_credit = db_int(q, 1);
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "hand-overs") : true;
}

/* The line of whoever closed comes first: it says who that was. */
static bool add_commission(struct ctx *ctx, const struct change *c, int64_t person, int64_t sum, struct lines *due)
{
	const char *name = named(ctx, say(ctx, "提成", "Commission"), change_new(c, "name"));
	int64_t giver, credit;
	int64_t given = 0;

	if (!given_by(ctx, c, person, &giver, &credit))
		return false;
	if (giver && !int_muldiv(sum, credit, 10000, &given))
		return fail(ctx, ERR_INVALID, "amount", "金额太大", "The amount is too large");
	add(ctx, due, (struct line){ .kind = "commission", .person = person, .amount = sum - given, .name = name });
	if (given)
		add(ctx, due, (struct line){ .kind = "commission", .person = giver, .amount = given, .name = name });
	return true;
}

static bool settle_deal(struct ctx *ctx, const struct change *c, bool won)
{
	struct lines were = { 0 };
	struct lines due = { 0 };
	struct value commission = change_new(c, "commission");

	if (!standing(ctx, change_id(c), 0, NULL, &were))
		return false;
	if (won) {
		/* Whoever closed it keeps it, also when the customer is handed over. */
		int64_t person = were.n ? were.list[0].person : value_id(change_new(c, "owner"));

		if (!add_rewards(ctx, c, person, &due))
			return false;
		if (commission.kind == V_INT && !add_commission(ctx, c, person, commission.i, &due))
			return false;
	}
	return settle(ctx, change_id(c), NULL, &were, &due);
}

/*
 * Of a team
 */

struct aim {
	int64_t id, team, threshold, amount;
	bool shared;
	const char *name, *period;
	const char *from, *to;          /* the days it spans */
};

static void span_of(struct ctx *ctx, const char *period, const char *day, struct aim *ret)
{
	int64_t at = 0;
	int months = text_eq(period, "month") ? 1 : text_eq(period, "quarter") ? 3 : 12;

	date_parse(day, &at);

	struct ymd first = date_ymd(at);

	first.day = 1;
	first.month = (first.month - 1) / months * months + 1;
	ret->period = months == 1 ? fmt(ctx->mem, "%04d-%02d", first.year, first.month)
	            : months == 3 ? fmt(ctx->mem, "%04d-Q%d", first.year, first.month / 3 + 1) : fmt(ctx->mem, "%04d", first.year);
	ret->from = date_text(ctx->mem, date_days(first));
	ret->to = date_text(ctx->mem, date_days(date_add_months(first, months)) - 1);
}

/* What each seller of the team has won in the period; all of them, those with nothing, too. */
static bool won_by(struct ctx *ctx, const struct aim *a, struct lines *ret, int64_t *ret_total)
{
	const char *role;
	struct query *q;

	*ret_total = 0;
	if (!member_role_ids(ctx, "rep", &role))
		return false;
	q = ctx_query(ctx, scope_sql(ctx, "member team opportunity",
		"SELECT s.id, CAST(coalesce(sum(o.amount), 0) AS BIGINT) FROM (" SELLERS ") s LEFT JOIN opportunity o ON o.owner = s.id"
		" AND o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to GROUP BY s.id ORDER BY s.id"),
		(struct bind[]){ { "role", v_text(role) }, { "team", v_int(a->team) }, { "from", v_text(a->from) }, { "to", v_text(a->to) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q)) {
		add(ctx, ret, (struct line){ .kind = "team", .rule = a->id, .person = db_int(q, 0), .amount = db_int(q, 1) });
		*ret_total += db_int(q, 1);
	}
	db_done(q);
	return true;
}

static bool settle_team(struct ctx *ctx, const struct aim *a)
{
	struct lines were = { 0 };
	struct lines due = { 0 };
	int64_t total, running = 0, given = 0;

	if (!standing(ctx, 0, a->id, a->period, &were) || !won_by(ctx, a, &due, &total))
		return false;
	if (total < a->threshold || !total)
		due.n = 0;
	else if (were.n && !a->shared)
		return true;            /* once: who comes later has no part in it */
	for (size_t i = 0; i < due.n; i++) {
		int64_t until = 0;

		running += due.list[i].amount;
		if (a->shared && !int_muldiv(running, a->amount, total, &until))
			return fail(ctx, ERR_INVALID, "amount", "金额太大", "The amount is too large");
		due.list[i].amount = a->shared ? until - given : a->amount;
		due.list[i].name = utf8_cut(ctx->mem, fmt(ctx->mem, "%s · %s", a->name, a->period), 200);
		given = until;
	}
	return settle(ctx, 0, a->period, &were, &due);
}

/* The rules of the teams the owner is in. */
static bool settle_teams(struct ctx *ctx, int64_t owner, const char *day)
{
	struct aim *aims = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct query *q = ctx_query(ctx, scope_sql(ctx, "reward_rule member team",
		"SELECT r.id, r.team, r.threshold, r.amount, r.split, r.name, r.period FROM reward_rule r WHERE r.event = 'team_sum'"
		" AND r.from_on <= $day AND (r.to_on IS NULL OR r.to_on >= $day) AND EXISTS (SELECT 1 FROM member m JOIN team t ON t.id = m.team"
		" LEFT JOIN team a ON a.id = t.parent LEFT JOIN team b ON b.id = a.parent LEFT JOIN team c ON c.id = b.parent"
		" WHERE m.id = $owner AND r.team IN (t.id, a.id, b.id, c.id)) ORDER BY r.id"),
		(struct bind[]){ { "day", v_text(day) }, { "owner", v_int(owner) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		aims = arena_grow(ctx->mem, aims, &cap, n + 1, sizeof *aims);
		aims[n] = (struct aim){ .id = db_int(q, 0), .team = db_int(q, 1), .threshold = db_int(q, 2), .amount = db_int(q, 3),
		                        .shared = text_eq(db_text(q, 4), "contribution"), .name = arena_dup(ctx->mem, db_text(q, 5)) };
		span_of(ctx, db_text(q, 6), day, &aims[n++]);
	}
	db_done(q);
	for (size_t i = 0; i < n; i++)
		if (!settle_team(ctx, &aims[i]))
			return false;
	return true;
}

static bool deal_after(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);
	bool was = act != CHANGE_CREATE && act != CHANGE_RESTORE && is_won(change_old(c, "result"));
	bool won = act != CHANGE_DELETE && is_won(change_new(c, "result"));
	const struct member *me;
	bool ok;

	if (ctx->import || (!was && !won) ||
	    (was && won && !change_has(c, "amount") && !change_has(c, "closed_on") && !change_has(c, "commission")))
		return true;
	me = ctx_as_system(ctx);
	ok = settle_deal(ctx, c, won) &&
	     (!was || settle_teams(ctx, value_id(change_old(c, "owner")), change_old(c, "closed_on").s)) &&
	     (!won || settle_teams(ctx, value_id(change_new(c, "owner")), change_new(c, "closed_on").s));
	ctx_as(ctx, me);
	return ok;
}

/*
 * Rules
 */

static bool rule_before(struct ctx *ctx, struct change *c)
{
	bool team = value_is(change_new(c, "event"), "team_sum");

	if (change_act(c) == CHANGE_DELETE)
		return true;
	if (team && !value_id(change_new(c, "team")))
		return fail(ctx, ERR_INVALID, "team", "团队奖要写明哪个团队", "A team reward needs its team");
	return value_is(change_new(c, "event"), "new_customer") || value_id(change_new(c, "threshold")) > 0 ||
	       fail(ctx, ERR_INVALID, "threshold", "请写明从多少金额起", "Say from which sum on");
}

/*
 * Reports
 */

static bool sees(const int64_t *people, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (people[i] == id)
			return true;
	return false;
}

static bool team_reward(struct ctx *ctx, struct report_call *call)
{
	const struct metric *won = metric_named(ctx, "won_amount");
	struct query *q = call->figures;
	int64_t *people;
	size_t n;

	if (!metric_people(ctx, won, &people, &n))
		return false;
	while (db_next(q)) {
		struct aim a = { .id = db_int(q, 0), .team = db_int(q, 2), .threshold = db_int(q, 5), .amount = db_int(q, 6) };
		struct value name = v_text(arena_dup(ctx->mem, db_text(q, 1)));
		struct value team = v_text(arena_dup(ctx->mem, db_text(q, 3)));
		struct lines sellers = { 0 };
		int64_t total;
		bool all = true;

		/* Who is in a team is for everybody to read; what they won is read behind the reader's views. */
		span_of(ctx, db_text(q, 4), ctx->today, &a);
		if (!won_by(ctx, &a, &sellers, &total))
			return false;
		for (size_t i = 0; i < sellers.n; i++)
			all &= sees(people, n, sellers.list[i].person);
		report_row(ctx, call, (struct cell[]){
			{ "rule", name }, { "team", team }, { "period", v_text(a.period) }, { "people", v_int((int64_t)sellers.n) },
			{ "threshold", v_int(a.threshold) }, { "reached", all ? v_int(total) : v_null() },
			{ "remaining", all ? v_int(total < a.threshold ? a.threshold - total : 0) : v_null() }, { "reward", v_int(a.amount) },
			{ "hint", all ? v_null() : v_text(say(ctx, "您看不到全队的数字", "You do not see the figures of all its people")) },
			{ "open", all ? v_text(fmt(ctx->mem, "opportunity?result=eq.won&closed_on=gte.%s&closed_on=lte.%s&owner.team=eq.%" PRId64,
			                           a.from, a.to, a.team)) : v_null() }, { 0 } });
	}
	return true;
}

static bool criterion_rows(struct ctx *ctx, struct report_call *call, const struct metric *m, const char *level, int64_t wanted, int64_t days)
{
	int64_t only = value_id(report_param(call, "person"));
	int64_t *people;
	int64_t today;
	size_t n;

	if (!date_parse(ctx->today, &today) || !metric_people(ctx, m, &people, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct metric_figure f;
		struct value label;
		int64_t share = 0;

		if (only && people[i] != only)
			continue;
		if (!record_get(ctx, "member", people[i], "label", &label) ||
		    !metric_figure(ctx, m, date_text(ctx->mem, today - days + 1), ctx->today, people[i], &f))
			return false;
		f.known &= int_muldiv(f.value, 10000, wanted, &share);
		report_row(ctx, call, (struct cell[]){
			{ "person_id", v_int(people[i]) }, { "who", label }, { "level", v_text(level) },
			{ "metric", v_text(label_in(m->label, ctx->me->language)) }, { "reached", f.known ? v_int(f.value) : v_null() },
			{ "wanted", v_int(wanted) }, { "progress", f.known ? v_int(share) : v_null() }, { "met", v_int(f.known && f.value >= wanted) }, { 0 } });
	}
	return true;
}

static bool promotion_progress(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		const struct metric *m = metric_named(ctx, db_text(q, 2));
		const char *level = arena_dup(ctx->mem, db_text(q, 1));

		if (m && metric_may(ctx, m) && !criterion_rows(ctx, call, m, level, db_int(q, 3), db_int(q, 4)))
			return false;
	}
	return true;
}

static bool criterion_before(struct ctx *ctx, struct change *c)
{
	struct value metric = change_new(c, "metric");

	return change_act(c) == CHANGE_DELETE || metric.kind != V_TEXT || metric_named(ctx, metric.s) ||
	       fail(ctx, ERR_INVALID, "metric", "没有指标“%s”，可用的指标见“分析”", "There is no metric \"%s\": see \"Analysis\" for those there are",
	            metric.s);
}

const struct module reward_module = {
	.name = "reward",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_AFTER, deal_after },
		{ "reward_rule", HOOK_BEFORE, rule_before },
		{ "promotion_criterion", HOOK_BEFORE, criterion_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "team_reward", team_reward },
		{ "promotion_progress", promotion_progress },
		{ 0 },
	},
};
