#include "modules/pulse/cells.h"

enum { DEEPEST = 50 };                  /* levels of teams; more is a circle */

static const struct pulse_team *find(const struct pulse_team *teams, size_t n, int64_t id)
{
	for (size_t i = 0; id && i < n; i++)
		if (teams[i].id == id)
			return &teams[i];
	return NULL;
}

/* Levels above a team; -1: a circle. */
static int depth(const struct pulse_team *teams, size_t n, const struct pulse_team *t)
{
	int levels = 0;

	while ((t = find(teams, n, t->parent)))
		if (++levels > DEEPEST)
			return -1;
	return levels;
}

static int64_t total(const int64_t *counts)
{
	int64_t sum = 0;

	for (int i = 0; i < PULSE_SCORES; i++)
		sum += counts[i];
	return sum;
}

/* A team that is no cell hands what it has to the one above: whose answers these are, `at` says. */
static void hand_up(struct pulse_team *teams, size_t n, int64_t from, int64_t to)
{
	for (size_t i = 0; i < n; i++)
		if (teams[i].cell == from)
			teams[i].cell = to;
}

size_t pulse_cells(struct arena *mem, struct pulse_team *teams, size_t n, int64_t least, struct pulse_cell *ret)
{
	int *levels = arena_array(mem, n + 1, sizeof *levels);
	int64_t (*pool)[PULSE_SCORES] = arena_array(mem, n + 1, sizeof *pool);
	size_t cells = 0;

	for (size_t i = 0; i < n; i++) {
		levels[i] = depth(teams, n, &teams[i]);
		teams[i].cell = levels[i] < 0 ? 0 : teams[i].id;
		memcpy(pool[i], teams[i].counts, sizeof pool[i]);
	}
	for (int level = DEEPEST; level >= 0; level--) {
		for (size_t i = 0; i < n; i++) {
			const struct pulse_team *above = find(teams, n, teams[i].parent);

			if (levels[i] != level)
				continue;
			if (total(pool[i]) >= least) {
				ret[cells] = (struct pulse_cell){ .team = teams[i].id, .answers = total(pool[i]) };
				memcpy(ret[cells++].counts, pool[i], sizeof pool[i]);
				continue;
			}
			hand_up(teams, n, teams[i].id, above ? above->id : 0);
			for (int s = 0; above && s < PULSE_SCORES; s++)
				pool[above - teams][s] += pool[i][s];
		}
	}
	return cells;
}

void pulse_leave_out(const struct pulse_cell *c, int64_t drawn, int64_t *ret_points, int64_t *ret_counted)
{
	int64_t points = 0;
	int64_t left = 0;

	for (int s = 0; s < PULSE_SCORES; s++) {
		points += c->counts[s] * (s + 1);
		if (drawn >= 0 && drawn < c->counts[s])
			left = s + 1;
		drawn -= c->counts[s];
	}
	*ret_points = points - left;
	*ret_counted = c->answers - 1;
}

int64_t pulse_seat(const struct pulse_team *teams, size_t n, int64_t team, int64_t member)
{
	const struct pulse_team *t = find(teams, n, team);
	int64_t seat = t ? t->id : 0;
	int levels = 0;

	for (; t && levels++ <= DEEPEST; t = find(teams, n, t->parent))
		if (t->leader == member)
			seat = find(teams, n, t->parent) ? t->parent : 0;
	return seat;
}

int64_t pulse_reader(const struct pulse_team *teams, size_t n, int64_t team)
{
	const struct pulse_team *t = find(teams, n, team);

	for (int levels = 0; t && !t->leader && levels <= DEEPEST; levels++)
		t = find(teams, n, t->parent);
	return t ? t->leader : 0;
}
