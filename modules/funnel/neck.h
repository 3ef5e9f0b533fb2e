/*
 * neck: is a stage of a group thin, and against what.
 *
 * Three looks at each place (a stage of one group): against its own history,
 * against the other groups at the same stage, and against the other stages of
 * the same group (K-09: below half their median).  Each gives the chance that
 * it is nothing but chance; all looks of one answer are judged together (Holm
 * 1979), so that the more is looked at, the more it takes.
 */
#ifndef MODULES_FUNNEL_NECK_H
#define MODULES_FUNNEL_NECK_H

#include "base/arena.h"
#include "base/rate.h"

/* Fewer cases than this are not judged (K-09). */
enum { NECK_CASES = 20 };

/* All looks together raise a false alarm in at most so many answers. */
#define NECK_ALARM 0.05

/* What is found must also matter: the rate is at most this part of the one it is compared with. */
#define NECK_WORTH 0.85

enum look { LOOK_HISTORY, LOOK_OTHERS, LOOK_STAGES, LOOK__COUNT };

enum verdict { NECK_FEW, NECK_NORMAL, NECK_WATCH, NECK_NECK };

struct place {
	const struct stays *now;
	const struct stays *before;     /* its own history */
	const struct stays *others;     /* the same stage of all other groups, now; NULL: there are none */
	size_t line;                    /* stages of one line (a group's pipeline), which stand together, are compared */
};

struct finding {
	enum verdict verdict;
	struct rate rate;               /* now */
	struct look_at {
		bool done;              /* enough cases on both sides */
		bool neck;              /* more than chance, and it matters */
		double against;         /* the rate it is compared with */
		double single;          /* the chance of looking so bad if nothing were different … */
		double chance;          /* … and with all that was looked at */
	} look[LOOK__COUNT];
	int surest;                     /* the look that says so most clearly; -1: none was possible */
	double missing;                 /* a neck: cases that would have passed at the rate it is compared with */
};

/* Judges all places of one answer.  `ret` has `n` elements. */
void neck_judge(struct arena *mem, const struct place *places, size_t n, struct finding *ret);

/*
 * The chance that `a` is so far below `b` by chance alone, both over the same
 * days; `ret_against` is the rate of b.  False if one of them is too small.
 */
bool neck_below(const struct stays *a, const struct stays *b, double *ret_chance, double *ret_against);

/*
 * Where a falling-off begins: if `n` successive periods are cut in two where the
 * latter part is most clearly worse, the first period of that part.  0: they are alike.
 */
size_t neck_since(struct arena *mem, const struct stays *periods, size_t n);

/* Holm's step-down: makes of single chances those that hold together, in place. */
void neck_holm(struct arena *mem, double **chances, size_t n);

struct stays stays_new(struct arena *mem, int32_t days);
/* Both of the same horizon. */
void stays_add(struct stays *to, const struct stays *from);
void stays_take(struct stays *to, const struct stays *from);

#endif
