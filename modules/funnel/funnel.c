/*
 * Funnel: where opportunities stop, whether that is more than chance, and what it costs.
 *
 * The figures come, counted, from reports/funnel_diagnosis.sql; base/rate.c and neck.c
 * judge them; this file puts them together.
 */
#include "modules/funnel/funnel_inner.h"

#include <stdlib.h>

#include "base/stat.h"

/* A row of totals, kept until all stages and groups are known. */
struct figure {
	int part;
	int64_t bucket, stage;
	int64_t day;                    /* of entering; of a month its first */
	bool whole;                     /* of a month that is over for good */
	bool recent;                    /* within the period */
	bool forward;                   /* how it left … */
	int32_t after;                  /* … and after how many whole days */
	int64_t n;
};

struct diagnosis {
	struct arena *mem;
	int64_t last;                   /* the day as of which */
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
enum { PART_STAGE, PART_GROUP, PART_ENTERED, PART_LEFT, PART_HERE };

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

/* "2026-08-31", or "2026-08" for its whole month. */
static bool read_day(struct arena *mem, const char *s, struct figure *ret)
{
	ret->whole = strlen(s) == 7;
	return date_parse(ret->whole ? fmt(mem, "%s-01", s) : s, &ret->day);
}

static void read_figure(struct diagnosis *d, struct query *q)
{
	struct figure f = {
		.part = (int)db_int(q, PART), .bucket = db_int(q, BUCKET), .stage = db_int(q, STAGE),
		.recent = db_int(q, A) != 0, .n = db_int(q, N),
	};
	const char *word = db_text(q, WORD);
	int64_t after = 0;

	if (!read_day(d->mem, db_text(q, LABEL), &f) ||
	    (f.part == PART_LEFT && !(word && int_parse(word + 1, &after))))
		return;
	f.forward = word && *word == 'f';
	f.after = (int32_t)after;
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
	const struct group *group = bsearch(&key, d->groups, d->n_groups, sizeof *d->groups, by_id);
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

/*
 * Who entered is at first somebody of whom no end is known, watched for whole days until the last one;
 * who left within them is moved to the day of leaving.
 */
static void add_figure(struct diagnosis *d, struct spot *s, const struct figure *f)
{
	int32_t days = s->step->horizon;
	int64_t until = f->whole ? days : d->last - f->day - 1;
	int32_t watched = until < 0 ? 0 : until < days ? (int32_t)until : days;
	struct stays *month = &s->month[month_of(f->day) - d->first_month];
	struct stays *sums[] = { f->recent ? &s->now : &s->before, month };

	if (!month->day)
		*month = stays_new(d->mem, days);
	for (size_t i = 0; i < LENGTH(sums); i++) {
		struct stay_day *day = sums[i]->day;
		int32_t n = (int32_t)f->n;

		if (f->part == PART_ENTERED) {
			day[watched].open += n;
		} else if (f->after < watched) {
			day[watched].open -= n;
			*(f->forward ? &day[f->after].forward : &day[f->after].other) += n;
		}
	}
	if (!f->recent)
		return;
	if (f->part == PART_ENTERED)
		s->entered += f->n;
	else if (f->whole || f->day + f->after <= d->last)
		*(f->forward ? &s->passed : &s->ended) += f->n;
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
	qsort(d->groups, d->n_groups, sizeof *d->groups, by_id);
	find_months(d);
	d->spots = arena_array(d->mem, d->n_groups * d->n_steps + 1, sizeof *d->spots);
	for (size_t i = 0; i < d->n_figures; i++) {
		struct spot *s = spot_of(d, d->figures[i].bucket, d->figures[i].stage);

		if (s)
			add_figure(d, s, &d->figures[i]);
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

	if (!date_parse(report_param(call, "as_of").s, &d.last))
		return fail(ctx, ERR_INVALID, "as_of", "请填写截至日期", "Say as of which day");
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
