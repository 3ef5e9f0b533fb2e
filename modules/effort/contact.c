#include "modules/effort/effort_inner.h"

/*
 * Contacts come one by one in the order of time, a year of them: what each prospect has had so far
 * is kept here, which is quicker than any sorting by prospects.
 */

enum { CO_PROSPECT, CO_WON, CO_AT, CO_ID };

struct prospect {
	int64_t id;                     /* 0: free */
	int64_t last_at;                /* 0: none yet */
	int32_t contacts;               /* up to the first success */
	bool won;
};

struct prospects {
	struct arena *mem;
	struct prospect *list;
	size_t n, cap;                  /* cap: a power of two */
};

static struct prospect *place_of(struct prospect *list, size_t cap, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (cap - 1);

	while (list[at].id && list[at].id != id)
		at = (at + 1) & (cap - 1);
	return &list[at];
}

static struct prospect *prospect_of(struct prospects *p, int64_t id)
{
	struct prospect *found;

	if (2 * p->n >= p->cap) {
		size_t cap = p->cap ? 4 * p->cap : 1024;
		struct prospect *list = arena_array(p->mem, cap, sizeof *list);

		for (size_t i = 0; i < p->cap; i++)
			if (p->list[i].id)
				*place_of(list, cap, p->list[i].id) = p->list[i];
		p->list = list;
		p->cap = cap;
	}
	found = place_of(p->list, p->cap, id);
	p->n += !found->id;
	found->id = id;
	return found;
}

enum { ATTEMPTS = 50 };

/*
 * Of prospects that were contacted so often and no more; and of all that were contacted at
 * least so often without success before, how many it came to at this attempt.
 */
bool contact_rhythm(struct ctx *ctx, struct report_call *call)
{
	static const char *const step_names[3] = { "step", "step_low", "step_high" };
	int64_t last = value_id(report_param(call, "last"));
	int64_t n[ATTEMPTS + 1] = { 0 };
	int64_t won[ATTEMPTS + 1] = { 0 };
	struct prospects all = { .mem = ctx->mem };
	struct query *q = call->figures;
	int64_t all_won = 0;
	int64_t reached = 0;
	int64_t so_far = 0;

	last = last < 1 ? 1 : last > ATTEMPTS ? ATTEMPTS : last;
	while (db_next(q)) {
		struct prospect *p = prospect_of(&all, db_int(q, CO_PROSPECT));

		p->contacts += !p->won;
		p->won |= db_int(q, CO_WON) == 1;
	}
	for (size_t i = 0; i < all.cap; i++) {
		const struct prospect *p = &all.list[i];
		int64_t at = p->contacts < last ? p->contacts : last;

		if (!p->id)
			continue;
		n[at]++;
		won[at] += p->won;
		reached++;
		all_won += p->won;
	}
	for (int64_t k = 1; k <= last; k++) {
		struct cell cells[16] = {
			{ "attempts", v_text(fmt(ctx->mem, "%" PRId64 "%s", k, k == last ? "+" : "")) },
			{ "n", v_int(n[k]) },
			{ "won", v_int(won[k]) },
			{ "reached", v_int(reached) },
			{ "place", v_int(k) },
		};
		size_t at = 5;

		so_far += won[k];
		at += effort_share(&cells[at], effort_rate, won[k], n[k]);
		/* The last line holds several attempts: it is no single step. */
		at += effort_share(&cells[at], step_names, won[k], k < last ? reached : 0);
		cells[at] = (struct cell){ "so_far", all_won > 0 ? effort_percent((double)so_far / (double)all_won) : v_null() };
		report_row(ctx, call, cells);
		reached -= n[k];
	}
	return true;
}

/* Days since the contact before, and whether the later one succeeded. */
bool contact_gap(struct ctx *ctx, struct report_call *call)
{
	static const struct {
		const char *name;
		int64_t low, high;
	} gaps[] = { { "0–1", 0, 1 }, { "2–3", 2, 3 }, { "4–7", 4, 7 }, { "8–14", 8, 14 }, { "15–30", 15, 30 }, { "31+", 31, 99999 } };
	int64_t n[LENGTH(gaps)] = { 0 };
	int64_t won[LENGTH(gaps)] = { 0 };
	struct prospects all = { .mem = ctx->mem };
	struct query *q = call->figures;

	while (db_next(q)) {
		struct prospect *p = prospect_of(&all, db_int(q, CO_PROSPECT));
		int64_t at = db_int(q, CO_AT);
		int64_t days = (at - p->last_at) / 86400000;
		size_t i = 0;

		while (i < LENGTH(gaps) - 1 && days > gaps[i].high)
			i++;
		if (p->last_at) {
			n[i]++;
			won[i] += db_int(q, CO_WON) == 1;
		}
		p->last_at = at;
	}
	for (size_t i = 0; i < LENGTH(gaps); i++) {
		struct cell cells[9] = {
			{ "gap", v_text(gaps[i].name) },
			{ "n", v_int(n[i]) },
			{ "won", v_int(won[i]) },
			{ "low", v_int(gaps[i].low) },
			{ "high", v_int(gaps[i].high) },
		};

		effort_share(&cells[5], effort_rate, won[i], n[i]);
		report_row(ctx, call, cells);
	}
	return true;
}

/* The latest of the contacts asked for; `n` counts all of them. */
enum { LISTED = 1000 };

struct listed {
	int64_t id;
	int64_t ordinal;                /* 0: after the first success */
	int64_t days;                   /* below zero: there was none before */
	bool won;
};

struct latest {
	struct listed list[LISTED];
	size_t n;
};

static bool within(struct value low, struct value high, int64_t x)
{
	return (low.kind != V_INT || (x >= 0 && x >= low.i)) && (high.kind != V_INT || (x >= 0 && x <= high.i));
}

static void keep_latest(struct ctx *ctx, struct report_call *call, struct latest *ret)
{
	struct value attempt = report_param(call, "attempt");
	struct value from = report_param(call, "gap_from");
	struct value to = report_param(call, "gap_to");
	struct prospects all = { .mem = ctx->mem };
	struct query *q = call->figures;

	while (db_next(q)) {
		struct prospect *p = prospect_of(&all, db_int(q, CO_PROSPECT));
		int64_t at = db_int(q, CO_AT);
		struct listed c = { .id = db_int(q, CO_ID), .won = db_int(q, CO_WON) == 1,
		                    .days = p->last_at ? (at - p->last_at) / 86400000 : -1 };

		p->last_at = at;
		p->contacts += !p->won;
		c.ordinal = p->won ? 0 : p->contacts;
		p->won |= c.won;
		if ((attempt.kind != V_INT || c.ordinal == attempt.i) && within(from, to, c.days))
			ret->list[ret->n++ % LISTED] = c;
	}
}

/* The latest first, each with what its record says. */
bool contact_list(struct ctx *ctx, struct report_call *call)
{
	struct latest *found = arena_alloc(ctx->mem, sizeof *found);
	struct text ids;
	struct query *q;
	size_t n;

	found->n = 0;
	keep_latest(ctx, call, found);
	n = found->n < LISTED ? found->n : LISTED;
	text_init(&ids, ctx->mem);
	for (size_t i = 0; i < n; i++)
		text_addf(&ids, "%s%" PRId64, i ? ", " : "", found->list[i].id);
	if (!n)
		return true;
	q = ctx_query(ctx, scope_sql(ctx, "activity customer lead member", fmt(ctx->mem,
		"SELECT a.id, a.done_at, coalesce(customer.name, lead.name), a.kind, m.label FROM activity a"
		" LEFT JOIN customer ON customer.id = a.customer LEFT JOIN lead ON lead.id = a.lead LEFT JOIN member m ON m.id = a.owner"
		" WHERE a.id IN (%s) ORDER BY a.done_at DESC, a.id DESC", ids.s)), NULL);
	if (!q)
		return false;
	for (size_t i = found->n; db_next(q); i--) {
		const struct listed *c = &found->list[(i - 1) % LISTED];

		assert(c->id == db_int(q, 0));
		report_row(ctx, call, (struct cell[]){
			{ "activity_id", v_int(c->id) },
			{ "done_at", v_int(db_int(q, 1)) },
			{ "prospect", v_text(db_text(q, 2)) },
			{ "what", v_text(db_text(q, 3)) },
			{ "who", v_text(db_text(q, 4)) },
			{ "ordinal", c->ordinal ? v_int(c->ordinal) : v_null() },
			{ "days", c->days < 0 ? v_null() : v_int(c->days) },
			{ "won", v_int(c->won) },
			{ 0 } });
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "contacts") : true;
}
