#include "modules/demo/demo_inner.h"

#include "base/log.h"
#include "engine/engine.h"

enum { AIMED = 62 };                    /* days ago, so that reports have something to be measured by */

/* xorshift64*: small, and the same everywhere. */
static uint64_t next_random(struct sim *s)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return s->random * UINT64_C(2685821657736338717);
}

int pick(struct sim *s, int n)
{
	return (int)((next_random(s) >> 33) % (uint64_t)n);
}

bool chance(struct sim *s, int percent)
{
	return pick(s, 100) < percent;
}

int between(struct sim *s, int low, int high)
{
	return low + pick(s, high - low + 1);
}

void at_minute(struct ctx *ctx, int64_t day, int minute, int64_t actor)
{
	int64_t now = date_now();

	ctx->now = day_start(day) + (int64_t)minute * 60000;
	if (ctx->now > now)
		ctx->now = now;
	ctx->today = date_text(ctx->mem, day);
	ctx->actor = actor;
}

void at_time(struct ctx *ctx, const struct sim *s, int hour, int minute, int64_t actor)
{
	at_minute(ctx, s->day, hour * 60 + minute, actor);
}

/*
 * State.  A piece of work may be run a second time (the database gave up the
 * first), so it works on `now` and starts each time from `start`.
 */

struct life {
	struct sim start, now;
	int members;
	int64_t today;
	int64_t night;                  /* the day it leads into */
};

static void make_room(struct arena *mem, struct sim *s, int members, int days)
{
	s->cap_sellers = members;
	s->cap_clients = members * 20 + members * days / 4 + 60;
	s->cap_deals = s->cap_clients * 2 + members * days / 4;
	s->cap_inquiries = (2 + members / 8) * (days + 1);
	s->sellers = arena_array(mem, (size_t)s->cap_sellers, sizeof *s->sellers);
	s->clients = arena_array(mem, (size_t)s->cap_clients, sizeof *s->clients);
	s->deals = arena_array(mem, (size_t)s->cap_deals, sizeof *s->deals);
	s->inquiries = arena_array(mem, (size_t)s->cap_inquiries, sizeof *s->inquiries);
}

/* Copies the state into arrays that are there already. */
static void copy_state(struct sim *to, const struct sim *from)
{
	struct sim room = *to;

	*to = *from;
	to->sellers = room.sellers;
	to->clients = room.clients;
	to->deals = room.deals;
	to->inquiries = room.inquiries;
	memcpy(to->sellers, from->sellers, (size_t)from->n_sellers * sizeof *from->sellers);
	memcpy(to->clients, from->clients, (size_t)from->n_clients * sizeof *from->clients);
	memcpy(to->deals, from->deals, (size_t)from->n_deals * sizeof *from->deals);
	memcpy(to->inquiries, from->inquiries, (size_t)from->n_inquiries * sizeof *from->inquiries);
}

static bool run(struct engine *e, struct arena *mem, struct life *l, work_fn *fn)
{
	struct work w = { .fn = fn, .arg = l, .mem = mem };
	bool ok = engine_wait(e, &w);

	if (ok)
		copy_state(&l->start, &l->now);
	else
		log_line(LOG_ERROR, "demo failed", "day", date_text(mem, l->start.day), "field",
		         w.errors ? w.errors->field : NULL, "message",
		         w.errors ? w.errors->message : NULL, NULL);
	arena_reset(mem);
	return ok;
}

/*
 * The pieces of work
 */

static bool is_empty_store(struct ctx *ctx)
{
	int64_t customer;

	if (!record_find(ctx, "customer", "", &customer))
		return false;
	return !customer || fail(ctx, ERR_CONFLICT, NULL, "演示数据只能放进空库",
	                         "The demo goes into an empty store only");
}

static bool found_company(struct ctx *ctx, void *arg)
{
	struct life *l = arg;

	copy_state(&l->now, &l->start);
	at_time(ctx, &l->now, 8, 0, 0);
	return is_empty_store(ctx) && make_company(ctx, &l->now, l->members) && make_circles(ctx, &l->now);
}

/* The customers there were before, a seller's at a time. */
static bool bring_customers(struct ctx *ctx, void *arg)
{
	struct life *l = arg;
	struct sim *s = &l->now;

	copy_state(s, &l->start);

	int seller = s->turn++;
	int first = s->n_clients;

	if (!make_clients(ctx, s, seller, between(s, 12, 17)))
		return false;
	/* Some of them have business under way already. */
	for (int i = first; i < s->n_clients; i++) {
		at_time(ctx, s, 10, between(s, 0, 59), s->sellers[seller].id);
		if (chance(s, 30) && !start_deal(ctx, s, i, -1))
			return false;
	}
	return true;
}

static bool fill_pool(struct ctx *ctx, void *arg)
{
	struct life *l = arg;

	copy_state(&l->now, &l->start);
	l->now.turn = 0;
	return make_pool(ctx, &l->now, 24);
}

static bool one_day(struct ctx *ctx, void *arg)
{
	struct life *l = arg;

	copy_state(&l->now, &l->start);
	l->now.day++;
	return run_campaigns(ctx, &l->now) && forecast_day(ctx, &l->now) && list_day(ctx, &l->now, l->today) && live_day(ctx, &l->now);
}

static bool look_ahead(struct ctx *ctx, void *arg)
{
	struct life *l = arg;

	copy_state(&l->now, &l->start);
	l->now.day = l->today;
	if (!ask_for_targets(ctx, &l->now) || !read_notices(ctx, &l->now) || !plan_ahead(ctx, &l->now) || !look_after(ctx, &l->now) || !score_months(ctx, &l->now) || !ask_morale(ctx, &l->now) || !fill_orders(ctx, &l->now) || !keep_contracts(ctx, &l->now) ||
	    !lead_projects(ctx, &l->now) ||
	    (date_weekday(l->today) <= 5 && !(hold_meetings(ctx, &l->now) && hand_in_forms(ctx, &l->now))))
		return false;
	/* The rules of the night, when a server first runs. */
	ctx->actor = 0;
	return job_add(ctx, "circle_zones", NULL, ctx->now, NULL) &&
	       job_add(ctx, "forecast_lines", NULL, ctx->now, NULL) && job_add(ctx, "forecast_rates", NULL, ctx->now, NULL) &&
	       job_add(ctx, "today_judge", NULL, ctx->now, NULL) &&
	       job_add(ctx, "alerts", NULL, ctx->now + 60000, NULL);
}

/* What was due before is answered, by most in time. */
static bool answer_alerts(struct ctx *ctx, struct sim *s)
{
	static const char *const answers[] = {
		"已与本人核对，本周补上。", "数据已核实，原因写在客户记录里。", "已调整计划，下周复查。", "已面谈，约定每天下班前报进度。",
	};
	int64_t last = 0;

	for (;;) {
		struct value owner, due_on;
		int64_t task;
		int64_t due;

		if (!record_find(ctx, "task", fmt(ctx->mem, "origin=like.alert/*&state=eq.open&due_on=lt.%s&id=gt.%" PRId64 "&sort=id",
		                                  date_text(ctx->mem, s->day), last), &task))
			return false;
		if (!task)
			return true;
		last = task;
		if (chance(s, 5))
			continue;
		if (!record_get(ctx, "task", task, "owner", &owner) || !record_get(ctx, "task", task, "due_on", &due_on) ||
		    !date_parse(due_on.s, &due))
			return false;
		at_minute(ctx, due + chance(s, 15), between(s, 16 * 60, 19 * 60), value_id(owner));
		if (!record_update(ctx, "task", task, (struct cell[]){
		        { "state", v_text("done") }, { "answer", v_text(answers[pick(s, LENGTH(answers))]) }, { 0 } }))
			return false;
	}
}

/* The rules of the night, on the days that were: whoever opens the company finds what is new, not all there ever was. */
static bool one_night(struct ctx *ctx, void *arg)
{
	struct life *l = arg;
	struct sim *s = &l->now;
	int64_t last = 0;

	copy_state(s, &l->start);
	s->day = l->night;
	for (;;) {
		const char *args;
		struct value rule;
		int64_t id;

		at_time(ctx, s, 3, 20, 0);
		if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "active=eq.true&at=is.null&id=gt.%" PRId64 "&sort=id", last), &id))
			return false;
		if (!id)
			break;
		last = id;
		if (!record_get(ctx, "alert_rule", id, "rule", &rule))
			return false;
		args = fmt(ctx->mem, "{\"rule\":\"%s\"}", rule.s);
		if (!job_now(ctx, "alerts", json_parse(ctx->mem, args, strlen(args), &(struct json_error){ 0 })))
			return false;
	}
	return answer_alerts(ctx, s) && (s->day < l->today || read_notices(ctx, s));
}

static bool aim(struct ctx *ctx, void *arg)
{
	struct life *l = arg;

	copy_state(&l->now, &l->start);
	return set_targets(ctx, &l->now, l->today);
}

bool demo_fill(struct engine *e, int members, int days, uint64_t seed)
{
	struct arena room;
	struct arena mem;
	struct life l = { .members = members, .today = instant_day(date_now()) };
	bool ok = members >= 8 && days >= 1;

	if (!ok)
		return false;
	arena_init(&room, 0);
	arena_init(&mem, 0);
	make_room(&room, &l.start, members, days);
	make_room(&room, &l.now, members, days);
	/* The generator must not start from zero. */
	l.start.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (!l.start.random)
		l.start.random = 1;
	/* The last day lived is yesterday: today is left to whoever looks at it. */
	l.start.day = l.start.founded = l.today - days - 1;
	l.start.forms_from = l.today - 20;
	l.start.forms_until = l.today;
	/* Contacts are not called like members. */
	l.start.person = members + 60;

	ok = run(e, &mem, &l, found_company);
	for (int i = 0; ok && i < l.start.n_sellers; i++)
		ok = run(e, &mem, &l, bring_customers);
	ok = ok && run(e, &mem, &l, fill_pool);
	for (int i = 0; ok && i < days; i++)
		ok = run(e, &mem, &l, one_day) && (i != (days > AIMED ? days - AIMED : 0) || run(e, &mem, &l, aim));
	ok = ok && run(e, &mem, &l, look_ahead);
	for (l.night = l.today - 42; ok && l.night <= l.today; l.night += 7)
		ok = run(e, &mem, &l, one_night);
	arena_done(&mem);
	arena_done(&room);
	return ok;
}
