/*
 * Funnel: where opportunities stop, whether that is more than chance, and what it costs.
 *
 * The figures come, counted, from reports/funnel_diagnosis.sql; base/rate.c and neck.c
 * judge them; this file puts them together.
 */
#include "modules/funnel/funnel_inner.h"

#include <stdlib.h>

#include "base/stat.h"

/* A row of figures, kept until all stages and groups are known. */
struct figure {
	int part;
	int64_t bucket, stage;
	int64_t day;                    /* of entering; of a month its first */
	bool recent;                    /* within the period */
	const char *fates;              /* of those who entered in the month, with how many; or the fate of one */
};

struct diagnosis {
	struct arena *mem;
	int64_t last;                   /* today */
	struct step *steps;             /* by pipeline and position */
	size_t n_steps, cap_steps;
	struct group *groups;           /* by id */
	size_t n_groups, cap_groups;
	struct figure *figures;
	size_t n_figures, cap_figures;
	struct spot **spots;            /* n_groups × n_steps, NULL where nothing is */
	int first_month;                /* months since year 0 */
	size_t n_months;
};

/*
 * Reading
 */

/* Columns and parts of the SQL. */
enum { PART, BUCKET, STAGE, LABEL, WORD, A, B, C, N };
enum { PART_STAGE, PART_GROUP, PART_MONTH, PART_JUST_LEFT, PART_HERE };

static void read_step(struct diagnosis *d, struct query *q)
{
	size_t at = d->n_steps;

	d->steps = arena_grow(d->mem, d->steps, &d->cap_steps, d->n_steps + 1, sizeof *d->steps);
	for (; at > 0 && d->steps[at - 1].order > db_int(q, BUCKET); at--)
		d->steps[at] = d->steps[at - 1];
	d->n_steps++;
	d->steps[at] = (struct step){
		.id = db_int(q, STAGE), .order = db_int(q, BUCKET), .pipeline = db_int(q, A),
		.horizon = (int32_t)db_int(q, B), .norm = db_int(q, C), .longest = db_int(q, N),
		.name = arena_dup(d->mem, db_text(q, LABEL)),
		.name_en = arena_dup(d->mem, db_text(q, WORD)),
	};
}

static void add_group(struct diagnosis *d, int64_t id, const char *label)
{
	d->groups = arena_grow(d->mem, d->groups, &d->cap_groups, d->n_groups + 1, sizeof *d->groups);
	d->groups[d->n_groups++] = (struct group){ id, arena_dup(d->mem, label) };
}

static void read_figure(struct diagnosis *d, struct query *q)
{
	struct figure f = {
		.part = (int)db_int(q, PART), .bucket = db_int(q, BUCKET), .stage = db_int(q, STAGE),
		.recent = db_int(q, A) != 0, .fates = arena_dup(d->mem, db_text(q, WORD)),
	};
	const char *day = db_text(q, LABEL);

	/* "2026-08-31", or "2026-08" of a month. */
	if (!date_parse(f.part == PART_MONTH ? fmt(d->mem, "%s-01", day) : day, &f.day))
		return;
	d->figures = arena_grow(d->mem, d->figures, &d->cap_figures, d->n_figures + 1, sizeof *d->figures);
	d->figures[d->n_figures++] = f;
}

static int by_id(const void *a, const void *b)
{
	const struct group *x = a;
	const struct group *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static size_t find_step(const struct diagnosis *d, int64_t id)
{
	size_t i = 0;

	while (i < d->n_steps && d->steps[i].id != id)
		i++;
	return i;
}

/* NULL: a stage that is not looked at (won, lost, of another pipeline). */
static struct spot *spot_of(struct diagnosis *d, int64_t bucket, int64_t stage)
{
	struct group key = { .id = bucket };
	const struct group *group = array_find(&key, d->groups, d->n_groups, sizeof *d->groups, by_id);
	size_t step = find_step(d, stage);

	if (!group || step == d->n_steps)
		return NULL;

	struct spot **at = &d->spots[(size_t)(group - d->groups) * d->n_steps + step];
	int32_t days = d->steps[step].horizon;

	if (*at)
		return *at;
	*at = arena_alloc(d->mem, sizeof **at);
	**at = (struct spot){
		.step = &d->steps[step],
		.group = group,
		.now = stays_new(d->mem, days),
		.before = stays_new(d->mem, days),
		.others = stays_new(d->mem, days),
		.month = arena_array(d->mem, d->n_months, sizeof *(*at)->month),
	};
	return *at;
}

static int month_of(int64_t day)
{
	struct ymd d = date_ymd(day);

	return d.year * 12 + d.month - 1;
}

static void find_months(struct diagnosis *d)
{
	int last = 0;

	d->first_month = INT32_MAX;
	for (size_t i = 0; i < d->n_figures; i++) {
		int month = month_of(d->figures[i].day);

		d->first_month = month < d->first_month ? month : d->first_month;
		last = month > last ? month : last;
	}
	d->n_months = d->n_figures ? (size_t)(last - d->first_month) + 1 : 0;
}

/* How many whole days somebody who entered on `day` has been watched, as far as they are looked at. */
static int32_t watched(const struct diagnosis *d, const struct spot *s, int64_t day)
{
	int64_t until = d->last - day - 1;

	return until < 0 ? 0 : until < s->step->horizon ? (int32_t)until : s->step->horizon;
}

/* What became of `n` who entered in a month: "f12", "o4", or "w07" since the 7th. */
static void add_fate(const struct diagnosis *d, struct spot *s, const struct figure *f, struct stays *month,
                     const char *fate, int32_t n)
{
	int32_t days = s->step->horizon;
	int32_t number = (int32_t)strtol(fate + 1, NULL, 10);
	struct stays *sums[] = { f->recent ? &s->now : &s->before, month };

	for (size_t i = 0; i < LENGTH(sums); i++) {
		struct stay_day *day = sums[i]->day;

		if (*fate == 'w')
			day[watched(d, s, f->day + number - 1)].open += n;
		else if (number >= days)
			day[days].open += n;
		else
			*(*fate == 'f' ? &day[number].forward : &day[number].other) += n;
	}
	if (!f->recent)
		return;
	s->entered += n;
	if (*fate != 'w')
		*(*fate == 'f' ? &s->passed : &s->ended) += n;
}

static void add_month(struct diagnosis *d, struct spot *s, const struct figure *f)
{
	struct stays *month = &s->month[month_of(f->day) - d->first_month];
	const char *fates = f->fates;
	const char *fate;
	size_t length;
	int64_t n;

	if (!month->day)
		*month = stays_new(d->mem, s->step->horizon);
	while (spread_next(&fates, &fate, &length, &n))
		add_fate(d, s, f, month, fate, (int32_t)n);
}

/* Who left during the last, broken day of being watched had not left when it began: as such it counts. */
static void take_back(struct diagnosis *d, struct spot *s, const struct figure *f)
{
	int32_t after = (int32_t)strtol(f->fates + 1, NULL, 10);
	int32_t last = watched(d, s, f->day);
	struct stays *sums[] = { f->recent ? &s->now : &s->before, &s->month[month_of(f->day) - d->first_month] };

	if (after < last)
		return;
	for (size_t i = 0; i < LENGTH(sums); i++) {
		struct stay_day *day = sums[i]->day;

		--*(after >= s->step->horizon ? &day[s->step->horizon].open
		                              : *f->fates == 'f' ? &day[after].forward : &day[after].other);
		day[last].open++;
	}
}

static int64_t number(const char *s)
{
	int64_t n = 0;

	int_parse(s, &n);
	return n;
}

/* What lies there now; read when everything else is known. */
struct here {
	int64_t bucket, stage, days_over, money, beyond, over, people, n;
};

static void add_here(struct spot *s, const struct here *h)
{
	s->stuck += h->n;
	s->beyond += h->beyond;
	s->over += h->over;
	s->people += h->people;
	s->days_over += h->days_over;
	s->money += h->money;
}

static void read_figures(struct diagnosis *d, struct query *q)
{
	struct here *here = NULL;
	size_t n = 0;
	size_t cap = 0;

	while (db_next(q)) {
		switch (db_int(q, PART)) {
		case PART_STAGE:
			read_step(d, q);
			break;
		case PART_GROUP:
			add_group(d, db_int(q, BUCKET), db_text(q, LABEL));
			break;
		case PART_HERE:
			here = arena_grow(d->mem, here, &cap, n + 1, sizeof *here);
			here[n++] = (struct here){
				db_int(q, BUCKET), db_int(q, STAGE), number(db_text(q, LABEL)),
				number(db_text(q, WORD)), db_int(q, A), db_int(q, B), db_int(q, C), db_int(q, N),
			};
			break;
		default:
			read_figure(d, q);
		}
	}
	array_sort(d->groups, d->n_groups, sizeof *d->groups, by_id);
	find_months(d);
	d->spots = arena_array(d->mem, d->n_groups * d->n_steps + 1, sizeof *d->spots);
	for (size_t i = 0; i < d->n_figures; i++) {
		struct spot *s = spot_of(d, d->figures[i].bucket, d->figures[i].stage);

		if (s && d->figures[i].part == PART_MONTH)
			add_month(d, s, &d->figures[i]);
	}
	for (size_t i = 0; i < d->n_figures; i++) {
		struct spot *s = spot_of(d, d->figures[i].bucket, d->figures[i].stage);

		if (s && d->figures[i].part == PART_JUST_LEFT)
			take_back(d, s, &d->figures[i]);
	}
	for (size_t i = 0; i < n; i++) {
		struct spot *s = spot_of(d, here[i].bucket, here[i].stage);

		if (s)
			add_here(s, &here[i]);
	}
}

/*
 * Judging
 */

/* Whom the others can learn from: the highest lower end of the interval. */
static void find_best(struct diagnosis *d, size_t step)
{
	const struct spot *best = NULL;

	for (size_t g = 0; g < d->n_groups; g++) {
		const struct spot *s = d->spots[g * d->n_steps + step];

		if (s && s->found.verdict != NECK_FEW && (!best || s->found.rate.low > best->found.rate.low))
			best = s;
	}
	for (size_t g = 0; g < d->n_groups; g++) {
		struct spot *s = d->spots[g * d->n_steps + step];

		if (s && best && s != best && s->found.rate.high < best->found.rate.low)
			s->best = best;
	}
}

/* The same stage of everybody, less one's own. */
static bool find_others(struct diagnosis *d, size_t step)
{
	struct stays all = stays_new(d->mem, d->steps[step].horizon);
	size_t groups = 0;

	for (size_t g = 0; g < d->n_groups; g++) {
		const struct spot *s = d->spots[g * d->n_steps + step];

		if (!s)
			continue;
		stays_add(&all, &s->now);
		groups++;
	}
	for (size_t g = 0; g < d->n_groups; g++) {
		struct spot *s = d->spots[g * d->n_steps + step];

		if (!s)
			continue;
		stays_add(&s->others, &all);
		stays_take(&s->others, &s->now);
	}
	return groups > 1;
}

static const char *since(struct diagnosis *d, const struct spot *s)
{
	struct stays *periods = arena_array(d->mem, d->n_months, sizeof *periods);
	size_t at;

	for (size_t m = 0; m < d->n_months; m++)
		periods[m] = s->month[m].day ? s->month[m] : stays_new(d->mem, s->step->horizon);
	at = neck_since(d->mem, periods, d->n_months);
	if (!at)
		return NULL;

	int month = d->first_month + (int)at;

	return fmt(d->mem, "%04d-%02d", month / 12, month % 12 + 1);
}

/* Lists what is there, group by group, in the order of the stages. */
static size_t list_spots(const struct diagnosis *d, struct spot **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_groups * d->n_steps; i++)
		if (d->spots[i])
			ret[n++] = d->spots[i];
	return n;
}

static void judge(struct diagnosis *d, struct spot **spots, size_t n)
{
	struct place *places = arena_array(d->mem, n + 1, sizeof *places);
	struct finding *found = arena_array(d->mem, n + 1, sizeof *found);
	bool *alone = arena_array(d->mem, d->n_steps + 1, sizeof *alone);
	size_t line = 0;

	for (size_t i = 0; i < d->n_steps; i++)
		alone[i] = !find_others(d, i);
	for (size_t i = 0; i < n; i++) {
		const struct spot *s = spots[i];

		if (i > 0 && (spots[i - 1]->group != s->group || spots[i - 1]->step->pipeline != s->step->pipeline))
			line++;
		places[i] = (struct place){ &s->now, &s->before,
		                            alone[s->step - d->steps] ? NULL : &s->others, line };
	}
	neck_judge(d->mem, places, n, found);
	for (size_t i = 0; i < n; i++) {
		spots[i]->found = found[i];
		if (found[i].verdict == NECK_NECK || found[i].verdict == NECK_WATCH)
			spots[i]->since = since(d, spots[i]);
	}
	for (size_t i = 0; i < d->n_steps; i++)
		find_best(d, i);
}

/*
 * Rows
 */

static struct value percent(double share)
{
	return v_int((int64_t)(share * 10000 + 0.5));
}

static struct value percent_if(bool known, double share)
{
	return known ? percent(share) : v_null();
}

static void write_spot(struct ctx *ctx, struct report_call *call, const struct spot *s)
{
	static const char *const verdicts[] = {
		[NECK_FEW] = "few", [NECK_NORMAL] = "normal", [NECK_WATCH] = "watch", [NECK_NECK] = "neck",
	};
	const struct rate *r = &s->found.rate;
	const struct look_at *look = s->found.look;
	struct value by = report_param(call, "by");
	bool known = r->n > 0 && r->days > 0;
	double low = 0;
	double high = 0;

	if (s->entered)
		stat_wilson(s->passed, s->entered, &low, &high);
	report_row(ctx, call, (struct cell[]){
		/* What was asked for, or what the row is of: the list behind it shows the same. */
		{ "team_id", value_is(by, "team") ? v_id(s->group->id) : report_param(call, "team") },
		{ "owner_id", value_is(by, "owner") ? v_id(s->group->id) : report_param(call, "owner") },
		{ "stage_id", v_int(s->step->id) },
		{ "stage", v_text(s->step->name) },
		{ "stage_en", v_text(s->step->name_en) },
		{ "who", v_text(s->group->label) },
		{ "verdict", v_text(verdicts[s->found.verdict]) },
		{ "entered", v_int(s->entered) },
		{ "passed", v_int(s->passed) },
		{ "ended", v_int(s->ended) },
		{ "waiting", v_int(s->entered - s->passed - s->ended) },
		{ "count_rate", percent_if(s->entered, s->entered ? (double)s->passed / (double)s->entered : 0) },
		{ "count_low", percent_if(s->entered, low) },
		{ "count_high", percent_if(s->entered, high) },
		{ "within_days", known ? v_int(r->days) : v_null() },
		{ "rate", percent_if(known, r->value) },
		{ "low", percent_if(known, r->low) },
		{ "high", percent_if(known, r->high) },
		{ "before", percent_if(look[LOOK_HISTORY].done, look[LOOK_HISTORY].against) },
		{ "others", percent_if(look[LOOK_OTHERS].done, look[LOOK_OTHERS].against) },
		{ "half_median", percent_if(look[LOOK_STAGES].done, look[LOOK_STAGES].against) },
		{ "chance", s->found.surest < 0 ? v_null() : percent(look[s->found.surest].chance) },
		{ "since", v_text(s->since) },
		{ "missing", s->found.verdict == NECK_NECK ? v_int((int64_t)(s->found.missing * 10 + 0.5)) : v_null() },
		{ "stuck", v_int(s->stuck) },
		{ "over_norm", v_int(s->over) },
		{ "beyond", s->step->longest < 0 ? v_null() : v_int(s->beyond) },
		{ "people", v_int(s->people) },
		{ "days_over", v_int(s->days_over) },
		{ "money", v_int(s->money) },
		{ "why", v_text(funnel_why(ctx, s)) },
		{ "advice", v_text(funnel_advice(ctx, s)) },
		{ 0 } });
}

/* What calls for somebody first. */
static int rank(const struct spot *s)
{
	return s->found.verdict == NECK_NECK ? 0 : s->found.verdict == NECK_WATCH ? 1 : 2;
}

static bool diagnose(struct ctx *ctx, struct report_call *call)
{
	struct diagnosis d = { .mem = ctx->mem };
	struct spot **spots;
	size_t n;

	date_parse(ctx->today, &d.last);
	add_group(&d, 0, value_is(report_param(call, "by"), "none") ? say(ctx, "合计", "all") : "–");
	read_figures(&d, call->figures);
	spots = arena_array(d.mem, d.n_groups * d.n_steps + 1, sizeof *spots);
	n = list_spots(&d, spots);
	judge(&d, spots, n);
	for (int r = 0; r <= 2; r++)
		for (size_t i = 0; i < n; i++)
			if (rank(spots[i]) == r)
				write_spot(ctx, call, spots[i]);
	return true;
}

const struct module funnel_module = {
	.name = "funnel",
	.reports = (const struct report_impl[]){
		{ "funnel_diagnosis", diagnose },
		{ 0 },
	},
};
