/*
 * chance: how likely an opportunity in a stage is won within so many days, from
 * what became of those that were there before.
 *
 * Landmarks: of all stays in a stage that lasted at least `age` days, each is
 * followed from that day on until its opportunity was won (what is asked), lost (the
 * competing end), or today (censored): Aalen–Johansen, by base/rate.  Nothing is assumed about
 * the way between.  No input or output.
 */
#ifndef MODULES_FORECAST_CHANCE_H
#define MODULES_FORECAST_CHANCE_H

#include "base/arena.h"

/* Half a year, in weeks: to the end of the next quarter. */
enum { CHANCE_WEEKS = 27 };

/* Fewer cases than this at a landmark say nothing. */
enum { CHANCE_CASES = 10 };

/* How much the experience of all counts beside that of a segment, in cases. */
#define CHANCE_PRIOR 20.0

/* The days in a stage at which it is asked again, ascending. */
extern const int32_t chance_ages[];
extern const size_t chance_n_ages;

enum chance_end { CHANCE_OPEN, CHANCE_WON, CHANCE_LOST };

/* A stay in a stage. */
struct chance_case {
	int32_t stayed;                 /* whole days in the stage, so far if still there */
	int32_t ended;                  /* days from entering until the end, or until today */
	enum chance_end end;
};

struct chance_curve {
	int64_t cases;
	double value[CHANCE_WEEKS];     /* won within 7, 14 … days of the landmark */
	double error[CHANCE_WEEKS];     /* standard error */
};

void chance_fit(struct arena *mem, const struct chance_case *cases, size_t n, int32_t age,
                struct chance_curve *ret);

/* Draws the curve of a segment to that of all, the more the fewer its cases. */
void chance_blend(struct chance_curve *segment, const struct chance_curve *all);

/* Between the weeks on a straight line; 0 days: 0; beyond the last week: as there. */
double chance_within(const double *weeks, int32_t days);

/* The largest landmark not above `days`. */
int32_t chance_age(int32_t days);

#endif
