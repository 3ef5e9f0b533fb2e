/*
 * zone: which groups of customers suit whom, from won and closed deals (S02-10).
 *
 * A person's rate in a segment of one dimension (an industry, a region …) is estimated as won and closed say, with a prior
 * (beta-binomial): what the team wins there, raised or lowered by how much the person wins
 * more or less than the team on the same mix of segments.  How strong the prior is follows
 * from the data (empirical Bayes, by moments): where people differ much, it is weak.
 * The zone compares the estimate with the person's own rate over all segments.
 * No input or output.
 */
#ifndef MODULES_CIRCLE_ZONE_H
#define MODULES_CIRCLE_ZONE_H

#include "base/base.h"

enum zone { ZONE_FEW, ZONE_EFFICIENT, ZONE_EFFECTIVE, ZONE_MINE };

/* Words as stored: "few", "efficient", "effective", "mine". */
extern const char *const zone_words[];

struct zone_sum {
	int64_t won, closed;
};

struct zone_case {                      /* a person in a segment: an industry, a region … */
	int64_t person, team, segment;
	struct zone_sum own;            /* closed > 0 */
	/* The rest is filled by zone_judge. */
	struct zone_sum of_person, of_team, of_segment;
	double expected;                /* the middle of the prior */
	double overall;                 /* the person's rate */
	double estimate, low, high;     /* 95 % */
	double chance;                  /* that the rate is above `overall` */
	enum zone zone;
};

/*
 * Fewer than `enough` own cases are not judged.  The order of the cases changes.
 * Returns the weight of the prior in cases, 4 to 100; 20 where it cannot be estimated.
 */
double zone_judge(struct zone_case *cases, size_t n, int64_t enough);

#endif
