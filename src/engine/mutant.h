/*
 * mutant: leaks planted on purpose, so that the test of access rights is tested
 * (tests/model/run.py --selftest).  A build has none unless it says -DMUTANTS:
 * then leak n is there while mutant_planted is n, and the test must find it.
 *
 * Each number stands at one place.  A new way of reading gets a new one.
 */
#ifndef ENGINE_MUTANT_H
#define ENGINE_MUTANT_H

#include "engine/ctx.h"

#ifdef MUTANTS

/* Which one is there; 0: none. */
extern int64_t mutant_planted;

#define MUTANT_IS(n) ((n) == mutant_planted)
/* The context, or, in mutant n, that of somebody who sees everything. */
#define MUTANT_CTX(n, ctx) (MUTANT_IS(n) ? mutant_ctx(ctx) : (ctx))

static inline struct ctx *mutant_ctx(struct ctx *ctx)
{
	static const struct member everybody = { .name = "mutant", .language = "zh", .system = true };
	struct ctx *all = arena_alloc(ctx->mem, sizeof *all);

	*all = *ctx;
	all->me = &everybody;
	return all;
}

#else

#define MUTANT_IS(n) false
#define MUTANT_CTX(n, ctx) (ctx)

#endif
#endif
