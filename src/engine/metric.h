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

/* The metric of this name: where it is one a setting chooses, the chosen one.  NULL: there is none. */
const struct metric *metric_named(struct ctx *ctx, const char *name);

/* Is it there for the caller: its objects, and every field its measures read? */
bool metric_may(struct ctx *ctx, const struct metric *m);

/* The field of its first (0) or second (1) split, if the metric goes by one and it exists for the caller. */
const struct field *metric_split(struct ctx *ctx, const struct metric *m, size_t i);

/* Writes the answer of docs/api.md, within the caller's reach. */
bool metric_write(struct ctx *ctx, const struct metric *m, const struct metric_ask *ask,
                  struct json_writer *w);

/*
 * The totals of a metric in pieces, for C that compares them with something else (targets): one for
 * each person within the caller's reach, month (or day) and value of up to two fields of what is measured.
 * Fields by which the measures are split cost a few totals, others the records.  A field that the
 * measured object has not, or that the caller may not read, is empty in every piece.
 */
struct metric_piece {
	int64_t member;
	const char *when;               /* 2026-08, by days 2026-08-31, "" of the whole */
	const char *keys[2];            /* values of the fields as text, "" if empty */
	int64_t top, bottom;            /* as metric_hundredths takes them */
	int64_t records;                /* behind top */
};
struct metric_cut {
	const char *from, *to;          /* days, inclusive */
	bool days;
	int64_t member;                 /* only this one's; 0: everybody's */
	bool whole;                     /* not by months either */
	const char *fields[2];          /* "product", "customer"; NULL */
};
bool metric_pieces(struct ctx *ctx, const struct metric *m, const struct metric_cut *cut,
                   struct metric_piece **ret, size_t *ret_n);

/* Whose pieces there are: the members within the caller's reach, ascending. */
bool metric_people(struct ctx *ctx, const struct metric *m, int64_t **ret, size_t *ret_n);

/*
 * The value in hundredths of what people read: cents, 12.5 % is 1250, three visits are 300.  False if the
 * denominator is zero: then it is not known.
 */
bool metric_hundredths(const struct metric *m, int64_t top, int64_t bottom, int64_t *ret);

/*
 * Appends ", NAME AS (…), NAME_all AS (…)": the totals of a measure as two tables of a report,
 * with the columns grain (d or m), day (2026-08-31 or 2026-08), member, split1, split2, spread, value,
 * and number: how many records it is made of.
 * NAME has a row per person within the caller's reach; NAME_all the fewest rows that add up to all of it: some may take
 * away (value, number and the numbers of the spread below zero), so a group of it is there only if its sum is.
 * What of the splits the caller may not read is ''.  With a period also NAME_period and NAME_period_all: of these
 * the months that lie in it and the days before and behind them, so that each record counts once.
 */
struct metric_period {
	const char *from, *to;          /* days, inclusive; NULL: no limit */
};
void metric_views(struct ctx *ctx, const struct measure *m, const struct metric_period *p, struct text *out);

/* Appends the list query of the records a measure counts within days (inclusive): "visit?state=eq.done&done_at=gte.…". */
void metric_list(const struct measure *m, const char *from, const char *to, struct text *out);

/* A metric over days (inclusive), within the caller's reach; of one member, or (0) of everybody. */
struct metric_figure {
	bool known;                     /* false: the denominator is zero */
	int64_t value;                  /* as metric_hundredths has it */
	int64_t top, bottom, records;
};
bool metric_figure(struct ctx *ctx, const struct metric *m, const char *from, const char *to, int64_t member,
                   struct metric_figure *ret);

#endif
