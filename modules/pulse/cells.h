/*
 * cells: which answers are told together, so that nobody's is found out.
 *
 * Answers are counted by team.  A team with enough of its own, and of what its parts were too few for, is a
 * cell; what is too little goes one team up.  Cells share no answer.  Of each cell one answer, drawn at random,
 * is left out; only the mean of the rest is ever told, and the mean of several cells together.  So for each
 * answer there is the chance that it is the one left out, whatever is asked and compared
 * (docs/adr/0017-anonymous-pulse.md; tests/unit/cells_test.c tries all there is to ask).
 */
#ifndef MODULES_PULSE_CELLS_H
#define MODULES_PULSE_CELLS_H

#include "base/text.h"

enum { PULSE_SCORES = 5, PULSE_LEAST = 6 };

struct pulse_team {
	int64_t id, parent;             /* 0: none */
	int64_t leader;                 /* 0: none */
	int64_t counts[PULSE_SCORES];   /* answers of those who sit here, by score */
	int64_t cell;                   /* out: the team that tells them; 0: nobody does */
};

struct pulse_cell {
	int64_t team;
	int64_t counts[PULSE_SCORES];
	int64_t answers;
};

/*
 * The cells of `least` answers or more, at most one for each team (room for n in ret); fills in `cell` of the teams.
 * Teams of a circle are in none.
 */
size_t pulse_cells(struct arena *mem, struct pulse_team *teams, size_t n, int64_t least, struct pulse_cell *ret);

/* Takes the answer number `drawn` (0 to answers - 1) out: the sum and number of the rest. */
void pulse_leave_out(const struct pulse_cell *c, int64_t drawn, int64_t *ret_points, int64_t *ret_counted);

/*
 * Where the answer of a member of `team` is counted: above all teams they lead, so that nobody is in what they
 * read.  0: nowhere, they are not asked.
 */
int64_t pulse_seat(const struct pulse_team *teams, size_t n, int64_t team, int64_t member);

/* Who reads what a team tells: its leader, else the nearest above; 0: nobody but those who read everything. */
int64_t pulse_reader(const struct pulse_team *teams, size_t n, int64_t team);

#endif
