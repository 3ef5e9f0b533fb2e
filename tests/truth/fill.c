/*
 * fill: a company with three years of stays in stages, in a store.
 *
 *   fill DATA URL|- OPPORTUNITIES MEMBERS SEED
 *
 * Opportunities begin evenly over three years and go through the four stages of
 * the standard pipeline, or end otherwise, or lie there.  Teams have four members.
 * Team 2 lets a third less through its third stage since 120 days ago.  The rows depend on
 * the arguments and LOUDOU_NOW alone, so that both databases hold the same.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/engine_inner.h"
#include "engine/measure.h"
#include "engine/record.h"
#include "tests/filling.h"
#include "tests/truth/chance.h"

enum { STAGES = 4, PRODUCTS = 3, SLICE = 2000, YEARS = 1095, NECK_TEAM = 1, NECK_STAGE = 2, NECK_DAYS = 120 };

#define DAY INT64_C(86400000)

struct fill {
	int64_t opportunities, members, from, to;
	uint64_t seed;
	int64_t pipeline, stages[STAGES + 2], products[PRODUCTS];
	int64_t *people;
};

static bool add_people(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;
	int64_t rep;
	int64_t team = 0;

	if (!record_need(ctx, "role", "name=eq.rep", &rep) ||
	    !record_need(ctx, "pipeline", "position=eq.1", &f->pipeline))
		return false;
	for (int i = 0; i < STAGES + 2; i++)
		if (!record_need(ctx, "stage", fmt(ctx->mem, "pipeline=eq.%" PRId64 "&position=eq.%d",
		                                   f->pipeline, i + 1), &f->stages[i]))
			return false;
	for (int i = 0; i < PRODUCTS; i++)
		if (!record_create(ctx, "product", (struct cell[]){
		        { "name", v_text(fmt(ctx->mem, "p%d", i)) }, { 0 } }, &f->products[i]))
			return false;
	for (int64_t i = 0; i < f->members; i++) {
		if (i % 4 == 0 && !record_create(ctx, "team", (struct cell[]){
		        { "name", v_text(fmt(ctx->mem, "team%" PRId64, i / 4)) }, { 0 } }, &team))
			return false;
		if (!record_create(ctx, "member", (struct cell[]){
		            { "name", v_text(fmt(ctx->mem, "m%" PRId64, i)) },
		            { "label", v_text(fmt(ctx->mem, "m%" PRId64, i)) },
		            { "team", v_int(team) },
		            { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", rep)) },
		            { "active", v_int(1) }, { 0 } }, &f->people[i]))
			return false;
	}
	return true;
}

/* `left` 0: it is still there. */
static bool add_stay(struct ctx *ctx, int64_t id, int64_t came_from, int64_t stage, int64_t gone_to, int64_t owner,
                     int64_t entered, int64_t left, bool forward)
{
	const char *fate = left ? fmt(ctx->mem, "%c%" PRId64, forward ? 'f' : 'o', (left - entered) / DAY)
	                        : fmt(ctx->mem, "w%02d", date_ymd(instant_day(entered)).day);

	return ctx_exec(ctx,
		"INSERT INTO t_stage_visit (version, created_at, changed_at, opportunity, stage, owner, holder,"
		" came_from, entered_at, entered_on, left_at, gone_to, days, forward, fate)"
		" VALUES (1, $at, $at, $id, $stage, $owner, $owner, $came_from, $at, $day, $left, $gone_to, $days, $forward, $fate)",
		(struct bind[]){
			{ "at", v_int(entered) }, { "id", v_int(id) }, { "stage", v_int(stage) },
			{ "owner", v_int(owner) }, { "day", v_text(date_text(ctx->mem, instant_day(entered))) },
			{ "left", v_id(left) },
			{ "days", left ? v_int((left - entered + DAY / 20) / (DAY / 10)) : v_null() },
			{ "forward", left ? v_int(forward) : v_null() },
			{ "came_from", v_id(came_from) }, { "gone_to", v_id(gone_to) }, { "fate", v_text(fate) }, { 0 } }, NULL);
}

static bool add_opportunity(struct ctx *ctx, const struct fill *f, int64_t number)
{
	static const double pass[STAGES] = { 0.7, 0.6, 0.6, 0.65 };
	static const double days[STAGES] = { 10, 14, 16, 20 };
	int64_t who = (int64_t)(uniform() * (double)f->members);
	int64_t owner = f->people[who];
	int64_t begun = ctx->now - (int64_t)(uniform() * YEARS * (double)DAY);
	int64_t amount = 100000 + (int64_t)(uniform() * 10000000);
	int64_t id;
	int at = 0;
	struct { int64_t entered, left; bool forward; } stay[STAGES + 1] = { { begun, 0, false } };

	for (; at < STAGES; at++) {
		bool neck = who / 4 == NECK_TEAM && at == NECK_STAGE &&
		            stay[at].entered >= ctx->now - NECK_DAYS * DAY;
		double share = pass[at] * (neck ? 2.0 / 3 : 1);
		double fate = uniform();
		double mean = fate < share ? days[at] : days[at] * 1.5;
		int64_t left = stay[at].entered - (int64_t)(mean * log(1 - uniform()) * (double)DAY);

		stay[at].forward = fate < share;
		if (fate >= 0.95 || left > ctx->now)
			break;
		stay[at].left = left;
		if (!stay[at].forward)
			break;
		stay[at + 1].entered = left;
	}

	bool open = at < STAGES && !stay[at].left;
	bool lost = at < STAGES && stay[at].left;
	int64_t stage = f->stages[open ? at : lost ? STAGES + 1 : STAGES];
	int64_t entered = lost ? stay[at].left : stay[at].entered;

	if (!ctx_insert(ctx, fmt(ctx->mem,
	        "INSERT INTO t_opportunity (version, created_at, changed_at, name, pipeline, stage, result, amount,"
	        " owner, probability, product, engaged_on, began_on, reached, closed_on, stage_entered_on, stage_entered_at)"
	        " VALUES (1, $at, $at, $name, $pipeline, $stage, $result, $amount, $owner, 3333, $product, $engaged, $engaged,"
	        " $reached, $closed, $entered, $entered_at)%s",
	        db_words(ctx->db)->inserted), (struct bind[]){
	        { "at", v_int(begun) }, { "name", v_text(fmt(ctx->mem, "o%" PRId64, number)) },
	        { "pipeline", v_int(f->pipeline) }, { "stage", v_int(stage) },
	        { "result", v_text(open ? "open" : lost ? "lost" : "won") }, { "amount", v_int(amount) },
	        { "owner", v_int(owner) },
	        /* One of four is of none. */
	        { "product", number % 4 < PRODUCTS ? v_int(f->products[number % 4]) : v_null() },
	        { "reached", v_int(f->stages[at]) },
	        { "engaged", v_text(date_text(ctx->mem, instant_day(begun))) },
	        { "closed", open ? v_null() : v_text(date_text(ctx->mem, instant_day(entered))) },
	        { "entered_at", v_int(entered) },
	        { "entered", v_text(date_text(ctx->mem, instant_day(entered))) }, { 0 } }, &id))
		return false;
	for (int i = 0; i <= at && i < STAGES; i++)
		if (!add_stay(ctx, id, i ? f->stages[i - 1] : 0, f->stages[i],
		              !stay[i].left ? 0 : stay[i].forward ? f->stages[i + 1] : f->stages[STAGES + 1], owner,
		              stay[i].entered, stay[i].left, stay[i].forward))
			return false;
	return open || add_stay(ctx, id, f->stages[lost ? at : STAGES - 1], stage, 0, owner, entered, 0, false);
}

static bool add_slice(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;

	for (int64_t i = f->from; i < f->to; i++) {
		state = (f->seed * UINT64_C(1000003) + (uint64_t)i) * UINT64_C(0x9E3779B97F4A7C15) + 1;
		if (!add_opportunity(ctx, f, i))
			return false;
	}
	return true;
}

static bool analyze(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "ANALYZE", NULL, NULL);
}

int main(int argc, char **argv)
{
	struct arena mem;
	struct complaint *complaints;
	struct fill f = { 0 };

	if (argc != 6 || !secret_start() || !date_zone("Asia/Shanghai") ||
	    !int_parse(argv[3], &f.opportunities) || !int_parse(argv[4], &f.members))
		return 2;
	log_level(LOG_ERROR);
	arena_init(&mem, 0);
	f.seed = strtoull(argv[5], NULL, 10);
	f.people = arena_array(&mem, (size_t)f.members, sizeof *f.people);

	struct engine *e = engine_open(&(struct engine_options){
		.data = argv[1], .db = text_eq(argv[2], "-") ? NULL : argv[2], .create = true }, &mem, &complaints);

	need(e != NULL, NULL, "open");
	write_now(e, add_people, &f, "people");
	for (f.from = 0; f.from < f.opportunities; f.from = f.to) {
		f.to = f.from + SLICE < f.opportunities ? f.from + SLICE : f.opportunities;
		write_now(e, add_slice, &f, "opportunities");
	}
	write_now(e, analyze, NULL, "statistics");
	tally_all(e);
	write_now(e, analyze, NULL, "statistics");
	engine_close(e);
	arena_done(&mem);
	return 0;
}
