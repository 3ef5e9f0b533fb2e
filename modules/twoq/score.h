/*
 * score: what 2Q says of figures.  No input or output.
 */
#ifndef MODULES_TWOQ_SCORE_H
#define MODULES_TWOQ_SCORE_H

#include "base/arena.h"

/* The parts of quality (K-03). */
enum quality { QUALITY_GOAL, QUALITY_ADVANCE, QUALITY_PROFILE, QUALITY_SKILL, QUALITIES };

/* What somebody did, and what was due. */
struct work {
	int64_t opening;
	double opening_due;             /* 0: no standard */
	int64_t follow;
	double follow_due;              /* 0: no standard */
	int64_t visits, reached, advanced;
	int64_t profile_known, profile_met;     /* opportunities engaged whose fit is known; of them in the profile */
	double skill;                   /* 0 … 1; negative: not rated */
	double weights[QUALITIES];      /* of the parts of quality, by enum quality; none negative */
	double floor_quantity, floor_quality;
};

enum below { BELOW_NONE, BELOW_QUANTITY, BELOW_QUALITY, BELOW_BOTH };
enum quadrant { QUADRANT_UNKNOWN, QUADRANT_BALANCED, QUADRANT_MUCH_POOR, QUADRANT_GOOD_FEW, QUADRANT_FEW_POOR };

struct score {
	bool has_quantity, has_quality;
	double quantity;                /* K-02: mean of what is attained of each standard */
	double goal_rate, advance_rate, profile_rate;
	double quality;                 /* K-03: weighted mean of the parts that are known */
	double index;                   /* K-01: the product, never the mean */
	enum below below;               /* whatever the other factor or the product is */
	enum quadrant quadrant;
};

struct score score_work(const struct work *w);

/* Standard deviation ÷ mean of all values (K-15, population formula); false with less than two, or a mean of 0. */
bool score_volatility(const double *values, size_t n, double *ret);

/* What the quadrant means and asks for; NULL if it is not known. */
const char *score_reading(const struct score *s, double volatility, bool english);

/* Fewer opened say nothing of a ratio. */
enum { RATIO_OPENED = 10 };

enum reading { READING_FEW, READING_NORMAL, READING_REP, READING_MARKET };

struct ratio {                          /* of follow-up to opening, K-07 */
	int64_t id, group;
	const char *who, *group_name;
	int64_t opened, followed;
	double value;                   /* the rest is filled by score_ratios */
	bool has_median;
	double median;                  /* of those of other groups, or of colleagues if there are none */
	enum reading reading;
};

/* Low is less than half the median: all of a group – the market; some – they themselves (S02-05).  Those of a group stand together. */
void score_ratios(struct arena *mem, struct ratio *ratios, size_t n);

#endif
