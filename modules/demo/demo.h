/*
 * demo: fills an empty store with a believable company.
 *
 * The company lives through its last `days` days, one after another, with the
 * clock of each piece of work set to that day: people get leads, call, visit,
 * move opportunities, win, lose, forget tasks.  Everything goes through the
 * ordinary door, so every hook, tally and log entry is as if it had happened.
 * The same seed, members and days on the same date give the same rows.
 *
 * Planted on purpose: representatives differ in diligence and skill, and one
 * team has a neck between proposal and negotiation.
 */
#ifndef MODULES_DEMO_DEMO_H
#define MODULES_DEMO_DEMO_H

#include "base/base.h"

struct engine;

/* At least 8 members and 1 day.  Members have no password yet.  False with a log line. */
bool demo_fill(struct engine *e, int members, int days, uint64_t seed);

#endif
