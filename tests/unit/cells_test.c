#include "modules/pulse/cells.h"

#include "tests/test.h"

/*
 * A small world, asked about in every way: a company R with teams A and B, A with a team below; two rounds, between
 * which people leave, join and change teams.  Everybody answers 1 to 3; a cell takes three answers instead of six.
 *
 * Whatever a manager asks – any group, any round, sums and differences of them, in any order – is worked out from
 * the figures that are told.  So the worlds are sorted by all figures of both rounds together: no sequence of
 * questions can tell apart two worlds with the same.  Somebody's answer is found out if it is the same in all of them.
 */
enum { PEOPLE = 5, SCORES = 3, ROUNDS = 2, LEAST = 3, TEAMS = 4, SLOTS = 1 << 20, ABSENT = -1 };

struct history {
	const char *name;
	int seat[ROUNDS][PEOPLE];       /* the team's place in the list; ABSENT */
};

static const struct history histories[] = {
	{ "the same twice",        { { 1, 1, 1, 2, 2 }, { 1, 1, 1, 2, 2 } } },
	{ "one leaves",            { { 1, 1, 1, 1, 2 }, { 1, 1, 1, ABSENT, 2 } } },
	{ "one joins",             { { 1, 1, 1, ABSENT, 2 }, { 1, 1, 1, 1, 2 } } },
	{ "one changes teams",     { { 1, 1, 1, 1, 2 }, { 1, 1, 1, 2, 2 } } },
	{ "a team within a team",  { { 3, 3, 3, 1, 1 }, { 3, 3, 3, 1, 1 } } },
	{ "it grows into a cell",  { { 3, 3, 1, 1, 1 }, { 3, 3, 3, 1, 1 } } },
	{ "two small ones pooled", { { 1, 1, 2, 2, 0 }, { 1, 1, 2, 2, 0 } } },
	{ "one exchanged",         { { 1, 1, 1, 2, ABSENT }, { 1, 1, ABSENT, 2, 1 } } },
};

/* What is known of the worlds with the same figures: which scores each person may have given in each round. */
struct seen {
	uint64_t figures;               /* 0: free */
	unsigned scores[ROUNDS][PEOPLE];
};
static struct seen slots[SLOTS];

static struct seen *slot(uint64_t figures)
{
	size_t at = (size_t)(figures * UINT64_C(0x9e3779b97f4a7c15) >> 44);

	while (slots[at].figures && slots[at].figures != figures)
		at = (at + 1) & (SLOTS - 1);
	slots[at].figures = figures;
	return &slots[at];
}

static size_t cells_of(struct arena *mem, const int *seat, const int *score, struct pulse_cell *ret)
{
	struct pulse_team teams[TEAMS] = { { .id = 1 }, { .id = 2, .parent = 1 }, { .id = 3, .parent = 1 }, { .id = 4, .parent = 2 } };

	for (int p = 0; p < PEOPLE; p++)
		if (seat[p] != ABSENT)
			teams[seat[p]].counts[score[p] - 1]++;
	return pulse_cells(mem, teams, TEAMS, LEAST, ret);
}

/* All that could be told in one round with these answers: each way to draw. */
static size_t tell(struct arena *mem, const int *seat, const int *score, bool leave_out, uint64_t *ret)
{
	struct pulse_cell cells[TEAMS + 1];
	size_t n = cells_of(mem, seat, score, cells);
	size_t ways = 1;

	ret[0] = 1;
	for (size_t c = 0; c < n; c++) {
		uint64_t next[64];
		size_t n_next = 0;

		for (size_t w = 0; w < ways; w++) {
			for (int64_t drawn = leave_out ? 0 : -1; drawn < (leave_out ? cells[c].answers : 0); drawn++) {
				int64_t points, counted;

				pulse_leave_out(&cells[c], drawn, &points, &counted);
				next[n_next++] = (ret[w] * 8 + (uint64_t)cells[c].team) * 64 + (uint64_t)points;
			}
		}
		memcpy(ret, next, n_next * sizeof *next);
		ways = n_next;
	}
	return ways;
}

static void next_scores(int *score, int n)
{
	for (int p = 0; p < n && ++score[p] > SCORES; p++)
		score[p] = 1;
}

/*
 * How many answers are found out, over all figures there can be.  `constant`: everybody answers the second time as
 * the first, and who asks knows it.
 */
static int found_out(const struct history *h, bool leave_out, bool constant)
{
	int free_answers = constant ? PEOPLE : PEOPLE * ROUNDS;
	int score[PEOPLE * ROUNDS];
	int64_t worlds = 1;
	struct arena mem;
	int found = 0;

	arena_init(&mem, 0);
	memset(slots, 0, sizeof slots);
	for (int i = 0; i < PEOPLE * ROUNDS; i++)
		score[i] = 1;
	for (int i = 0; i < free_answers; i++)
		worlds *= SCORES;
	for (int64_t w = 0; w < worlds; w++) {
		const int *second = constant ? score : score + PEOPLE;
		uint64_t told[ROUNDS][64];
		size_t n[ROUNDS];

		n[0] = tell(&mem, h->seat[0], score, leave_out, told[0]);
		n[1] = tell(&mem, h->seat[1], second, leave_out, told[1]);
		for (size_t a = 0; a < n[0]; a++)
			for (size_t b = 0; b < n[1]; b++) {
				struct seen *s = slot(told[0][a] << 32 | told[1][b]);

				for (int p = 0; p < PEOPLE; p++) {
					s->scores[0][p] |= 1u << score[p];
					s->scores[1][p] |= 1u << second[p];
				}
			}
		next_scores(score, free_answers);
		arena_reset(&mem);
	}
	for (size_t i = 0; i < SLOTS; i++)
		for (int r = 0; slots[i].figures && r < ROUNDS; r++)
			for (int p = 0; p < PEOPLE; p++) {
				unsigned may = slots[i].scores[r][p];

				found += h->seat[r][p] != ABSENT && !(may & (may - 1));
			}
	arena_done(&mem);
	return found;
}

/* Nobody is found out, however many questions are put; without leaving one out the same search finds people. */
TEST(cells_no_questions_find_an_answer)
{
	for (size_t i = 0; i < LENGTH(histories); i++) {
		CHECK_INT(found_out(&histories[i], true, false), 0);
		CHECK(found_out(&histories[i], false, false) > 0);
	}
}

/* Not only undecided: with the real size every person may have given every score, whatever is told. */
TEST(cells_of_six_leave_every_score_open)
{
	for (int n = PULSE_LEAST; n <= PULSE_LEAST + 1; n++) {
		bool may[PULSE_SCORES * 8][PULSE_SCORES + 1] = { { false } };
		bool told[PULSE_SCORES * 8] = { false };
		int score[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };

		for (;;) {
			struct pulse_cell c = { .answers = n };
			int p = 0;

			for (int i = 0; i < n; i++)
				c.counts[score[i] - 1]++;
			for (int64_t drawn = 0; drawn < n; drawn++) {
				int64_t points, counted;

				pulse_leave_out(&c, drawn, &points, &counted);
				CHECK(counted == n - 1 && counted >= 5);
				told[points] = true;
				may[points][score[0]] = true;
			}
			while (p < n && ++score[p] > PULSE_SCORES)
				score[p++] = 1;
			if (p == n)
				break;
		}
		for (int points = 0; points < PULSE_SCORES * 8; points++)
			for (int s = 1; told[points] && s <= PULSE_SCORES; s++)
				CHECK(may[points][s]);
	}
}

/* Too few go up until there are enough; nothing is in two cells, or told with too few. */
TEST(cells_small_groups_show_nothing)
{
	struct arena mem;
	struct pulse_team teams[] = {
		{ .id = 1 }, { .id = 2, .parent = 1, .counts = { 0, 0, 0, 3, 3 } }, { .id = 3, .parent = 1, .counts = { 1, 1, 1, 1, 1 } },
		{ .id = 4, .parent = 3, .counts = { 0, 0, 0, 0, 4 } }, { .id = 5, .parent = 1, .counts = { 5, 0, 0, 0, 0 } },
		{ .id = 6, .parent = 7, .counts = { 9, 0, 0, 0, 0 } }, { .id = 7, .parent = 6 } };
	struct pulse_cell cells[LENGTH(teams)];
	size_t n;

	arena_init(&mem, 0);
	n = pulse_cells(&mem, teams, LENGTH(teams), PULSE_LEAST, cells);
	CHECK(n == 2 && cells[0].team == 2 && cells[0].answers == 6 && cells[1].team == 3 && cells[1].answers == 9);
	/* Five alone in the whole company's rest: told nowhere.  A circle of teams: neither. */
	CHECK(teams[3].cell == 3 && teams[4].cell == 0 && teams[5].cell == 0);
	CHECK(cells[1].counts[4] == 5 && cells[1].counts[0] == 1);
	arena_done(&mem);
}

/* Nobody sits in what they read: above all teams they lead. */
TEST(cells_readers_are_not_in_them)
{
	struct pulse_team teams[] = { { .id = 1, .leader = 10 }, { .id = 2, .parent = 1, .leader = 20 },
	                              { .id = 3, .parent = 2, .leader = 20 }, { .id = 4, .parent = 3 } };

	CHECK(pulse_seat(teams, 4, 4, 99) == 4);
	CHECK(pulse_seat(teams, 4, 3, 20) == 1 && pulse_seat(teams, 4, 4, 20) == 1);
	CHECK(pulse_seat(teams, 4, 1, 10) == 0 && pulse_seat(teams, 4, 4, 10) == 0);
	CHECK(pulse_reader(teams, 4, 4) == 20 && pulse_reader(teams, 4, 2) == 20 && pulse_reader(teams, 4, 1) == 10);
	CHECK(pulse_seat(teams, 4, 0, 99) == 0 && pulse_reader(teams, 4, 8) == 0);
}

/* Who knows that everybody answers as before still cannot name the one who left, but for the extremes. */
TEST(cells_constant_answers)
{
	for (size_t i = 0; i < LENGTH(histories); i++) {
		int with = found_out(&histories[i], true, true);
		int without = found_out(&histories[i], false, true);

		CHECK(with * 3 < without);
	}
}
