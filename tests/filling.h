/* filling: for programs that fill a store: a write that must not fail, totals afterwards. */
#ifndef TESTS_FILLING_H
#define TESTS_FILLING_H

#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/measure.h"

static inline void need(bool ok, const struct work *w, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, w && w->errors ? w->errors->message : "failed");
	exit(1);
}

static inline void write_now(struct engine *e, work_fn *fn, void *arg, const char *what)
{
	struct arena mem;

	arena_init(&mem, 0);

	struct work w = { .fn = fn, .arg = arg, .mem = &mem };

	need(engine_wait(e, &w), &w, what);
	arena_done(&mem);
}

static bool tally(struct ctx *ctx, void *arg)
{
	return measure_rebuild(ctx, ctx->schema->measures[*(size_t *)arg]);
}

static bool count_measures(struct ctx *ctx, void *arg)
{
	*(size_t *)arg = ctx->schema->n_measures;
	return true;
}

/* The totals of all measures, for rows written past record.c. */
static inline void tally_all(struct engine *e)
{
	size_t n = 0;

	write_now(e, count_measures, &n, "measures");
	for (size_t i = 0; i < n; i++)
		write_now(e, tally, &i, "tallies");
}

#endif
