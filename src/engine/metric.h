/*
 * metric: named formulas over measures, with their definitions.
 */
#ifndef ENGINE_METRIC_H
#define ENGINE_METRIC_H

#include "engine/measure.h"

struct metric_ask {
	const char *from, *to;          /* days, inclusive; NULL: this month */
	const char *by;                 /* member, team, day, week, month, a split; NULL */
	int64_t member, team;           /* restrict to; 0: none */
};

/* Is it there for the caller: its objects, and every field its measures read? */
bool metric_may(struct ctx *ctx, const struct metric *m);

/* The field of its first (0) or second (1) split, if the metric goes by one and it exists for the caller. */
const struct field *metric_split(struct ctx *ctx, const struct metric *m, size_t i);

/* Writes the answer of docs/api.md, within the caller's reach. */
bool metric_write(struct ctx *ctx, const struct metric *m, const struct metric_ask *ask,
                  struct json_writer *w);

/*
 * Appends ", NAME AS (…), NAME_all AS (…)": the totals of a measure as two tables of a report,
 * with the columns grain (d or m), day (2026-08-31 or 2026-08), member, split1, split2, value.
 * NAME has a row per person within the caller's reach; NAME_all the fewest rows that make up all of it.
 * What of the splits the caller may not read is ''.
 */
void metric_views(struct ctx *ctx, const struct measure *m, struct text *out);

#endif
