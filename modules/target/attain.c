/*
 * The reports: targets against what was reached, as far as the reader sees both.
 */
#include "modules/target/target_inner.h"
#include "modules/target/share.h"

#include <stdlib.h>

enum { ENOUGH = 5 };                    /* workdays before the pace says where it leads */

static int64_t param_id(const struct report_call *call, const char *name)
{
	return value_id(report_param(call, name));
}

/* The unit and product the reader asked for. */
static struct slice asked(const struct report_call *call)
{
	return (struct slice){ .team = param_id(call, "team"), .person = param_id(call, "person"),
	                       .product = param_id(call, "product") };
}

bool book_open(struct book *b, bool days, int64_t from, int64_t to)
{
	return metric_people(b->ctx, b->metric, &b->people, &b->n_people) &&
	       pieces_load(b->ctx, b->metric, from, to < b->on ? to : b->on, days,
	                   tree_has_customers(&b->tree) ? PIECES_CUSTOMERS : PIECES_PRODUCTS, &b->pieces);
}

/* Calls `page` for each plan among the figures whose metric the reader may see. */
static bool each_plan(struct book *b, bool (*page)(struct book *b))
{
	struct ctx *ctx = b->ctx;
	struct query *q = b->call->figures;
	bool more = db_next(q);

	if (!more || !units_load(ctx, &b->units) || !date_parse(report_param(b->call, "on").s, &b->on))
		return ctx->kind == ERR_NONE;
	while (more) {
		b->tree = (struct tree){ 0 };
		b->plan = db_int(q, TREE_END);
		b->metric = metric_named(ctx, db_text(q, TREE_END + 1));
		b->name = arena_dup(ctx->mem, db_text(q, TREE_END + 2));
		do {
			tree_read(ctx, q, &b->tree);
			more = db_next(q);
		} while (more && db_int(q, TREE_END) == b->plan);
		b->tree.within = arena_array(ctx->mem, b->tree.n + 1, sizeof *b->tree.within);
		if (b->metric && metric_may(ctx, b->metric) && !page(b))
			return false;
	}
	return true;
}

static bool is_seen(const struct book *b, int64_t member)
{
	for (size_t i = 0; i < b->n_people; i++)
		if (b->people[i] == member)
			return true;
	return false;
}

/* The records behind what was reached. */
static const char *records_of(const struct book *b, const struct slice *s)
{
	const struct measure *m = b->metric->top;
	int64_t to = s->to < b->on ? s->to : b->on;
	struct text out;
	size_t n = 0;

	text_init(&out, b->ctx->mem);
	metric_list(m, date_text(b->ctx->mem, s->from), date_text(b->ctx->mem, to), &out);
	if (s->product && object_field(m->object, "product"))
		text_addf(&out, "&product=eq.%" PRId64, s->product);
	if (s->customer && object_field(m->object, "customer"))
		text_addf(&out, "&customer=eq.%" PRId64, s->customer);
	if (s->person)
		text_addf(&out, "&%s=eq.%" PRId64, m->by->name, s->person);
	for (size_t i = 0; s->team && i < b->units.n_members; i++)
		if (units_within(&b->units, b->units.members[i].team, s->team)) {
			if (n++ == 0)
				text_addf(&out, "&%s=in.(", m->by->name);
			else
				text_addc(&out, ',');
			text_add_int(&out, b->units.members[i].id);
		}
	if (n)
		text_addc(&out, ')');
	return out.s;
}

static struct value ratio(int64_t a, int64_t b)
{
	int64_t n;

	return b && int_muldiv(a, 10000, b, &n) ? v_int(n) : v_null();
}

/* Where the period ends up if the rest goes like what is over, or brings `more` a workday. */
static struct value projected(const struct book *b, const struct slice *s, int64_t reached, int64_t elapsed,
                              int64_t all, int64_t left)
{
	struct value more = report_param(b->call, "more");
	int64_t n;

	if (b->metric->bottom || b->on < s->from)
		return v_null();
	if (b->on >= s->to)
		return v_int(reached);
	if (more.kind == V_INT)
		return v_int(reached + more.i * left);
	return elapsed >= ENOUGH && int_muldiv(reached, all, elapsed, &n) ? v_int(n) : v_null();
}

/* Everything the report says of one corner. */
static void write_corner(struct book *b, const struct slice *s, int64_t target, const char *label, const char *level,
                         const char *period, int64_t owner, int64_t node)
{
	struct ctx *ctx = b->ctx;
	const struct unit *keeper = units_member(&b->units, owner);
	struct piece sum = pieces_sum(&b->units, &b->pieces, s);
	int64_t all = period_workdays(s->from, s->to);
	int64_t elapsed = period_workdays(s->from, s->to < b->on ? s->to : b->on);
	int64_t left = b->on > s->to ? 0 : period_workdays(b->on > s->from ? b->on : s->from, s->to);
	int64_t reached = 0;
	int64_t people = 0;
	int64_t seen = 0;
	int64_t need;
	struct value attained, time, end;
	bool known;

	for (size_t i = 0; i < b->units.n_members; i++) {
		const struct unit *m = &b->units.members[i];
		struct slice who = { .from = s->from, .to = s->to, .person = m->id, .product = s->product };

		if (s->customer ? m->id != s->keeper : !m->sells || !slice_within(&b->units, &who, s))
			continue;
		people++;
		seen += is_seen(b, m->id);
	}
	/* What nobody may be seen to have reached is not nothing. */
	known = metric_hundredths(b->metric, sum.top, sum.bottom, &reached) && (seen || !people);
	attained = known ? ratio(reached, target) : v_null();
	time = ratio(elapsed, all);
	end = known ? projected(b, s, reached, elapsed, all, left) : v_null();
	report_row(ctx, b->call, (struct cell[]){
		{ "plan", v_text(b->name) },
		{ "plan_id", v_int(b->plan) },
		{ "node_id", v_id(node) },
		{ "person_id", v_id(s->person) },
		{ "metric", v_text(label_in(b->metric->label, ctx->me->language)) },
		{ "unit", v_text(label) },
		{ "level", v_text(level) },
		{ "owner", v_text(keeper ? keeper->label : NULL) },
		{ "period", v_text(period) },
		{ "target", v_int(target) },
		{ "actual", known ? v_int(reached) : v_null() },
		{ "attainment", attained },
		{ "elapsed", time },
		{ "pace", attained.kind == V_INT && time.kind == V_INT ? v_int(attained.i - time.i) : v_null() },
		{ "left_days", v_int(left) },
		{ "per_day", known && !b->metric->bottom && left && int_muldiv(target > reached ? target - reached : 0, 1, left, &need)
		             ? v_int(need) : v_null() },
		{ "projected", end },
		{ "projected_rate", end.kind == V_INT ? ratio(end.i, target) : v_null() },
		{ "sample", v_int(sum.records) },
		{ "people", v_int(people) },
		{ "seen", v_int(seen) },
		{ "open", v_text(records_of(b, s)) },
		{ 0 } });
}

/*
 * By unit, month, product, or the parts of one target
 */

/* Teams from the top, then people, then dealers. */
static int rank_of(const struct book *b, const struct slice *s)
{
	int depth = 0;

	if (s->customer || s->person)
		return s->customer ? 1001 : 1000;
	for (const struct unit *t = units_team(&b->units, s->team); t && depth < 900; depth++)
		t = units_team(&b->units, t->team);
	return depth;
}

static const char *level_of(const struct slice *s)
{
	return s->customer ? "dealer" : s->person ? "person" : s->team ? "team" : NULL;
}

static bool same_unit(const struct slice *a, const struct slice *b)
{
	return a->team == b->team && a->person == b->person && a->customer == b->customer;
}

struct line {
	const struct node *node;
	int rank;
};

static int by_rank(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->node->id < y->node->id ? -1 : 1;
}

/* The units of the plan, each once. */
static size_t units_of(struct book *b, struct line **ret)
{
	struct slice only = asked(b->call);
	size_t n = 0;

	only.product = 0;
	only.to = INT64_MAX;
	*ret = arena_array(b->ctx->mem, b->tree.n + 1, sizeof **ret);
	for (size_t i = 0; i < b->tree.n; i++) {
		const struct node *node = &b->tree.nodes[i];
		bool known = !slice_within(&b->units, &node->slice, &only);

		for (size_t k = 0; !known && k < n; k++)
			known = same_unit(&(*ret)[k].node->slice, &node->slice);
		if (!known)
			(*ret)[n++] = (struct line){ node, rank_of(b, &node->slice) };
	}
	array_sort(*ret, n, sizeof **ret, by_rank);
	return n;
}

bool book_target(struct book *b, const struct slice *s, int64_t *ret)
{
	return slice_target(&b->units, &b->tree, s, b->metric->bottom != NULL, ret);
}

static void by_unit(struct book *b, const char *period)
{
	struct line *lines;
	size_t n = units_of(b, &lines);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = lines[i].node;
		struct slice s = node->slice;
		int64_t target;

		s.product = param_id(b->call, "product");
		period_read(period, &s.from, &s.to);
		if (book_target(b, &s, &target))
			write_corner(b, &s, target, slice_label(b->ctx, &b->units, node, false, false), level_of(&s), period,
			             node->owner, 0);
	}
}

/* The unit asked for; else the topmost ones of which the reader sees targets. */
static size_t tops_of(struct book *b, struct slice **ret)
{
	struct slice only = asked(b->call);
	size_t n = 0;

	*ret = arena_array(b->ctx->mem, b->tree.n + 1, sizeof **ret);
	if (only.team || only.person) {
		(*ret)[0] = only;
		return 1;
	}
	for (size_t i = 0; i < b->tree.n; i++) {
		struct slice s = b->tree.nodes[i].slice;
		bool within = false;

		s.product = only.product;
		for (size_t k = 0; !within && k < b->tree.n; k++) {
			struct slice other = b->tree.nodes[k].slice;

			other.from = s.from, other.to = s.to, other.product = s.product;
			within = (!same_unit(&s, &other) || k < i) && slice_within(&b->units, &s, &other);
		}
		if (!within)
			(*ret)[n++] = s;
	}
	return n;
}

static void one_corner(struct book *b, struct slice s, const char *period, bool product)
{
	struct node n = { 0 };
	int64_t target;

	period_read(period, &s.from, &s.to);
	if (!book_target(b, &s, &target))
		return;
	/* Names, and who is in charge, from a target of it. */
	for (size_t i = 0; i < b->tree.n && (!n.id || (s.product && !n.product)); i++)
		if (b->tree.within[i])
			n = b->tree.nodes[i];
	if (!same_unit(&n.slice, &s))
		n.owner = s.person ? s.person : units_leader(&b->units, s.team);
	n.slice = s;
	write_corner(b, &s, target, slice_label(b->ctx, &b->units, &n, false, product), level_of(&s), period, n.owner, 0);
}

static void by_month(struct book *b, const char *period)
{
	struct slice *tops;
	size_t n = tops_of(b, &tops);

	for (size_t i = 0; i < n; i++)
		for (int month = 1; month <= 12; month++)
			one_corner(b, tops[i], fmt(b->ctx->mem, "%.4s-%02d", period, month), false);
}

static void by_product(struct book *b, const char *period)
{
	struct slice *tops;
	size_t n = tops_of(b, &tops);

	for (size_t i = 0; i < b->tree.n; i++) {
		int64_t product = b->tree.nodes[i].slice.product;
		bool known = !product || (asked(b->call).product && asked(b->call).product != product);

		for (size_t k = 0; !known && k < i; k++)
			known = b->tree.nodes[k].slice.product == product;
		for (size_t k = 0; !known && k < n; k++) {
			struct slice s = tops[k];

			s.product = product;
			one_corner(b, s, period, true);
		}
	}
}

static void by_parts(struct book *b, int64_t id)
{
	for (size_t i = 0; i < b->tree.n; i++) {
		const struct node *n = &b->tree.nodes[i];

		if (n->id == id || n->parent == id)
			write_corner(b, &n->slice, n->value, slice_label(b->ctx, &b->units, n, false, true), level_of(&n->slice),
			             n->period, n->owner, n->id);
	}
}

/* The shortest period around the day for which there are targets. */
static const char *period_now(struct book *b)
{
	const char *day = date_text(b->ctx->mem, b->on);
	const char *periods[] = {
		fmt(b->ctx->mem, "%.7s", day),
		fmt(b->ctx->mem, "%.4s-Q%d", day, (date_ymd(b->on).month + 2) / 3),
		fmt(b->ctx->mem, "%.4s", day),
	};
	int64_t target;

	for (size_t i = 0; i < LENGTH(periods); i++) {
		struct slice s = asked(b->call);

		period_read(periods[i], &s.from, &s.to);
		if (book_target(b, &s, &target))
			return periods[i];
	}
	return periods[2];
}

static bool attainment_page(struct book *b)
{
	struct value period = report_param(b->call, "period");
	const char *by = report_param(b->call, "by").s;
	int64_t node = param_id(b->call, "node");
	struct slice year = { 0 };
	const char *text;

	if (!b->tree.n)
		return true;
	text = period.kind == V_TEXT ? period.s : period_now(b);
	if (!period_read(text, &year.from, &year.to))
		return fail(b->ctx, ERR_INVALID, "period", "期间写作 2026、2026-Q3 或 2026-07",
		            "Write periods as 2026, 2026-Q3 or 2026-07");
	period_read(fmt(b->ctx->mem, "%.4s", b->tree.nodes[0].period), &year.from, &year.to);
	if (!book_open(b, false, year.from, year.to))
		return false;
	if (node)
		by_parts(b, node);
	else if (text_eq(by, "month"))
		by_month(b, text);
	else if (text_eq(by, "product"))
		by_product(b, text);
	else
		by_unit(b, text);
	return true;
}

bool target_attainment(struct ctx *ctx, struct report_call *call)
{
	return each_plan(&(struct book){ .ctx = ctx, .call = call }, attainment_page);
}

/*
 * Day by day
 */

enum { MONTH = 32 };

/* What of a month's target each of its days has, from the first on; false if it has none. */
static bool days_due(struct book *b, const struct slice *month, int64_t due[static MONTH])
{
	int64_t target, weights[MONTH];
	size_t n = 0;

	if (!book_target(b, month, &target))
		return false;
	for (int64_t day = month->from; day <= month->to; day++)
		weights[n++] = calendar_workday(day);
	return share_out(b->ctx->mem, target, weights, n, due);
}

static bool days_of(struct book *b, struct slice month)
{
	struct ctx *ctx = b->ctx;
	struct node unit = { .slice = month };
	int64_t due[MONTH];
	int64_t due_so_far = 0;
	int64_t top = 0;

	if (!days_due(b, &month, due))
		return true;
	for (size_t i = 0; i < b->tree.n; i++)
		if (b->tree.nodes[i].slice.customer && b->tree.nodes[i].slice.customer == month.customer)
			unit.customer = b->tree.nodes[i].customer;
	for (int64_t day = month.from; day <= month.to; day++) {
		int64_t i = day - month.from;
		struct slice s = month;
		struct piece sum;
		int64_t reached = 0;
		int64_t so_far = 0;
		bool over = day <= b->on;

		s.from = s.to = day;
		sum = pieces_sum(&b->units, &b->pieces, &s);
		top += sum.top;
		due_so_far += due[i];
		if (!calendar_workday(day) && !sum.records)
			continue;
		metric_hundredths(b->metric, sum.top, 0, &reached);
		metric_hundredths(b->metric, top, 0, &so_far);
		report_row(ctx, b->call, (struct cell[]){
			{ "plan", v_text(b->name) },
			{ "metric", v_text(label_in(b->metric->label, ctx->me->language)) },
			{ "unit", v_text(slice_label(ctx, &b->units, &unit, false, false)) },
			{ "day", v_text(date_text(ctx->mem, day)) },
			{ "target", v_int(due[i]) },
			{ "actual", over ? v_int(reached) : v_null() },
			{ "target_so_far", v_int(due_so_far) },
			{ "actual_so_far", over ? v_int(so_far) : v_null() },
			{ "attainment", over ? ratio(so_far, due_so_far) : v_null() },
			{ "sample", over ? v_int(sum.records) : v_null() },
			{ "open", v_text(records_of(b, &s)) },
			{ 0 } });
	}
	return true;
}

static bool days_page(struct book *b)
{
	struct ctx *ctx = b->ctx;
	struct value period = report_param(b->call, "period");
	const char *text = period.kind == V_TEXT ? period.s : fmt(ctx->mem, "%.7s", date_text(ctx->mem, b->on));
	struct slice month = { 0 };
	struct slice *tops;
	size_t n;

	if (!period_read(text, &month.from, &month.to) || month.to - month.from > 31)
		return fail(ctx, ERR_INVALID, "period", "月份写作 2026-07", "Write months as 2026-07");
	/* A ratio is the same every day. */
	if (b->metric->bottom)
		return true;
	if (!book_open(b, true, month.from, month.to))
		return false;
	n = tops_of(b, &tops);
	for (size_t i = 0; i < n; i++) {
		tops[i].from = month.from;
		tops[i].to = month.to;
		if (!days_of(b, tops[i]))
			return false;
	}
	return true;
}

bool target_days(struct ctx *ctx, struct report_call *call)
{
	return each_plan(&(struct book){ .ctx = ctx, .call = call }, days_page);
}

/*
 * A span of days: a day, a month so far, a week of two months
 */

enum { SPAN = 366 };

struct span {
	int64_t from, to;
	int64_t due[SPAN];
	bool known[SPAN];
	int64_t n_known;
	bool opened;
	struct piece sum;
};

/* Each day belongs to the first plan that says something of it. */
static bool span_page(struct book *b)
{
	struct span *span = b->span;
	struct slice unit = asked(b->call);
	int64_t day = span->from;

	if (b->metric->bottom)
		return true;
	if (!span->opened) {
		unit.from = span->from;
		unit.to = span->to;
		if (!book_open(b, true, span->from, span->to))
			return false;
		span->sum = pieces_sum(&b->units, &b->pieces, &unit);
		span->opened = true;
	}
	while (day <= span->to) {
		int64_t due[MONTH];

		period_read(fmt(b->ctx->mem, "%.7s", date_text(b->ctx->mem, day)), &unit.from, &unit.to);
		bool has = days_due(b, &unit, due);

		for (; day <= span->to && day <= unit.to; day++) {
			int64_t i = day - span->from;

			if (!has || span->known[i])
				continue;
			span->due[i] = due[day - unit.from];
			span->known[i] = true;
			span->n_known++;
		}
	}
	return true;
}

bool target_span(struct ctx *ctx, struct report_call *call)
{
	struct span span = { 0 };
	const struct metric *metric = metric_named(ctx, report_param(call, "metric").s);
	struct book b = { .ctx = ctx, .call = call, .span = &span };
	int64_t target = 0;
	int64_t reached;

	if (!date_parse(report_param(call, "from").s, &span.from) || !date_parse(report_param(call, "to").s, &span.to) ||
	    span.to < span.from || span.to - span.from >= SPAN)
		return fail(ctx, ERR_INVALID, "to", "请选择一段不超过一年的日期", "Choose days from … to, not more than a year");
	if (!each_plan(&b, span_page))
		return false;
	/* A part of it would look like all of it. */
	if (!metric || span.n_known != span.to - span.from + 1)
		return true;
	for (int64_t i = 0; i < span.n_known; i++)
		target += span.due[i];
	metric_hundredths(metric, span.sum.top, 0, &reached);
	report_row(ctx, call, (struct cell[]){
		{ "metric", v_text(label_in(metric->label, ctx->me->language)) },
		{ "target", v_int(target) }, { "actual", v_int(reached) }, { "attainment", ratio(reached, target) },
		{ "sample", v_int(span.sum.records) }, { 0 } });
	return true;
}
