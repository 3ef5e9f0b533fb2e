/*
 * fit: how well a customer meets a product's profile (S02-09).
 */
#ifndef MODULES_CIRCLE_FIT_H
#define MODULES_CIRCLE_FIT_H

#include "engine/module.h"

/* A condition may be not known: the customer's field is empty. */
enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

struct fit {
	bool known;                     /* at least one condition is */
	double share;                   /* met ÷ known */
	enum answer fits;               /* not excluded, all musts met, share at the threshold; unknown while a must is */
};

/*
 * The fit of a customer; nothing known without a profile of the product.  Runs as
 * the caller.  Profiles are read once for each `struct fits`, which starts zeroed.
 */
struct fits {
	struct profile *profiles;
	size_t n, cap;
	bool loaded;
};
bool fit_of(struct ctx *ctx, struct fits *f, int64_t product, int64_t customer, struct fit *ret);

/* Before a profile is written: ranges in order, query texts readable, musts that have a condition. */
bool fit_profile_before(struct ctx *ctx, struct change *c);

#endif
