/*
 * The visits of a day: those whose turn it is, as many as the person usually makes, in an order that saves way,
 * with times that leave some for it (S01-54).
 *
 * A proposal writes nothing.  What is planned already stays where it is; the proposed ones go around it.
 */
#include "modules/today/today_inner.h"

#include "base/place.h"

/* Further parts of plan_proposal.sql. */
enum { PART_WHERE = PART_MORE, PART_BUSY, PART_GUARDED, PART_USUAL };

enum { MINUTE = 60000, QUARTER = 15 * MINUTE };
enum { USUAL_VISITS = 3, VISITS_MOST = 12, USUAL_MINUTES = 60, MINUTES_LEAST = 30, MINUTES_MOST = 120 };
/* As the crow flies, town and country: ten minutes to leave and arrive, two for a kilometre; half an hour if unknown. */
enum { WAY_BASE = 10, WAY_KM = 2, WAY_UNKNOWN = 30 };
enum { AREA_KM = 50, POOL = 100, FURTHER = 6 };

struct where {
	struct place place;
	bool known;
	const char *region;             /* NULL or a code */
};

/* Time that is taken; visits take the way there and back, too. */
struct busy {
	int64_t from, until;
	bool visit;
	struct where where;
};

struct customer {
	int64_t id;
	struct where where;
	const char *area;
	bool fresh;                     /* has not bought yet */
	bool planned;                   /* has a visit already */
};

struct visit {
	const struct item *item;
	const struct customer *customer;
	int64_t from, until;            /* 0: no time for it */
	double km;                      /* from the one before; below 0: unknown */
};

struct day {
	struct turns turns;
	int64_t begin, end;             /* working hours; now, if later */
	int64_t usual, planned;         /* visits of a day */
	int64_t length;                 /* of a visit */
	struct customer *customers;
	size_t n_customers, cap_customers;
	struct busy *busy;
	size_t n_busy, cap_busy;
	struct visit visits[VISITS_MOST];
	struct visit further[FURTHER];
	size_t n, n_further;
};

static struct where where_of(struct arena *mem, struct query *q)
{
	struct where w = { .region = db_null(q, TURN_DEAL) ? NULL : arena_dup(mem, db_text(q, TURN_DEAL)) };

	w.known = !db_null(q, TURN_WORD) && place_parse(db_text(q, TURN_WORD), &w.place);
	return w;
}

static void take_time(struct day *d, struct busy b)
{
	d->busy = arena_grow(d->turns.ctx->mem, d->busy, &d->cap_busy, d->n_busy + 1, sizeof *d->busy);
	d->busy[d->n_busy++] = b;
}

/* Customers come by number; NULL: not among them. */
static struct customer *customer_of(struct day *d, int64_t id)
{
	size_t low = 0;
	size_t high = d->n_customers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (d->customers[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->n_customers && d->customers[low].id == id ? &d->customers[low] : NULL;
}

static void read_where(struct day *d, struct query *q)
{
	struct arena *mem = d->turns.ctx->mem;

	d->customers = arena_grow(mem, d->customers, &d->cap_customers, d->n_customers + 1, sizeof *d->customers);
	d->customers[d->n_customers++] = (struct customer){
		.id = db_int(q, TURN_RECORD), .where = where_of(mem, q), .fresh = db_int(q, TURN_C) != 0,
		.area = db_null(q, TURN_MORE) ? NULL : arena_dup(mem, db_text(q, TURN_MORE)),
	};
}

static void read_busy(struct day *d, struct query *q)
{
	struct busy b = { .from = db_int(q, TURN_A), .until = db_int(q, TURN_B), .visit = db_int(q, TURN_C) != 0 };
	struct customer *customer = customer_of(d, db_int(q, TURN_RECORD));

	if (b.visit && customer)
		customer->planned = true;
	if (instant_day(b.from) != d->turns.day)
		return;
	b.where = where_of(d->turns.ctx->mem, q);
	take_time(d, b);
	d->planned += b.visit;
}

static void read_usual(struct day *d, struct query *q)
{
	int64_t visits = db_int(q, TURN_A);
	int64_t days = db_int(q, TURN_B);
	int64_t minutes = (db_int(q, TURN_C) + 7) / 15 * 15;

	if (days > 0)
		d->usual = (visits + days / 2) / days;
	if (minutes > 0)
		d->length = (minutes < MINUTES_LEAST ? MINUTES_LEAST : minutes > MINUTES_MOST ? MINUTES_MOST : minutes) * MINUTE;
}

/*
 * The way
 */

static int64_t up_to_quarter(int64_t instant)
{
	return (instant + QUARTER - 1) / QUARTER * QUARTER;
}

static int64_t way_between(const struct where *a, const struct where *b)
{
	return a->known && b->known ? (int64_t)(WAY_BASE + WAY_KM * place_km(&a->place, &b->place)) * MINUTE : WAY_UNKNOWN * INT64_C(60000);
}

static bool is_somewhere(const struct where *w)
{
	return w->known || w->region;
}

/* One day is one area: what is in reach, or in the same city. */
static bool same_area(const struct where *a, const struct where *b)
{
	if (a->known && b->known)
		return place_km(&a->place, &b->place) <= AREA_KM;
	return !a->region || !b->region || strncmp(a->region, b->region, 4) == 0;
}

/* The earliest time from `from` on that is free, with the way from and to the visits around it. */
static void find_time(struct day *d, struct visit *v, int64_t from, const struct where **last)
{
	int64_t start = up_to_quarter(from);

	for (size_t i = 0; i < d->n_busy; i++) {
		const struct busy *b = &d->busy[i];
		int64_t way = b->visit ? way_between(&b->where, &v->customer->where) : 0;

		if (start >= b->until + way || start + d->length + way <= b->from)
			continue;
		start = up_to_quarter(b->until + way);
		if (b->visit)
			*last = &b->where;
		i = (size_t)-1;         /* moved: look at all of them again */
	}
	if (start + d->length > d->end)
		return;
	v->from = start;
	v->until = start + d->length;
	v->km = *last && (*last)->known && v->customer->where.known ? place_km(&(*last)->place, &v->customer->where.place) : -1;
	*last = &v->customer->where;
}

static const struct where *first_planned(const struct day *d)
{
	const struct busy *first = NULL;

	for (size_t i = 0; i < d->n_busy; i++)
		if (d->busy[i].visit && is_somewhere(&d->busy[i].where) && (!first || d->busy[i].from < first->from))
			first = &d->busy[i];
	return first ? &first->where : NULL;
}

static bool same_region(const struct visit *a, const struct visit *b)
{
	return a->customer->where.region && b->customer->where.region && text_eq(a->customer->where.region, b->customer->where.region);
}

/* Those without a place keep their order, but those of one district follow each other. */
static void group_regions(struct visit *visits, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		size_t k = i;

		while (k < n && !same_region(&visits[i - 1], &visits[k]))
			k++;
		if (k == n)
			continue;

		struct visit next = visits[k];

		for (; k > i; k--)
			visits[k] = visits[k - 1];
		visits[i] = next;
	}
}

/* Puts them in an order that saves way, from `base` on; those without a place come last. */
static void order_visits(struct day *d, const struct where *base)
{
	struct place places[VISITS_MOST + 1];
	struct visit placed[VISITS_MOST + 1];
	struct visit sorted[VISITS_MOST];
	size_t order[VISITS_MOST + 1];
	size_t first = base && base->known ? 1 : 0;
	size_t n = first;
	size_t m = 0;

	if (first)
		places[0] = base->place;
	for (size_t i = 0; i < d->n; i++)
		if (d->visits[i].customer->where.known) {
			places[n] = d->visits[i].customer->where.place;
			placed[n++] = d->visits[i];
		}
	place_route(places, n, order);
	for (size_t i = first; i < n; i++)
		sorted[m++] = placed[order[i]];

	size_t known = m;

	for (size_t i = 0; i < d->n; i++)
		if (!d->visits[i].customer->where.known)
			sorted[m++] = d->visits[i];
	group_regions(sorted + known, m - known);
	for (size_t i = 0; i < m; i++)
		d->visits[i] = sorted[i];
}

/* Who could be visited, in the order of their turn. */
static size_t pool_of(struct day *d, struct visit pool[static POOL])
{
	size_t n = 0;

	turns_sort(&d->turns);
	for (size_t i = 0; i < d->turns.n && n < POOL; i++) {
		const struct item *item = &d->turns.items[i];
		const struct customer *customer = text_eq(item->object, "customer") ? customer_of(d, item->record) : NULL;

		if (customer && !customer->planned && !item->hidden && item->score > 0 && !item->why[R_PLANNED])
			pool[n++] = (struct visit){ .item = item, .customer = customer, .km = -1 };
	}
	return n;
}

/* The area of the visits that are planned; else the one whose first `room` have most points.  NULL: nobody's is known. */
static const struct where *area_of(const struct where *planned, const struct visit *pool, size_t n, int64_t room)
{
	const struct where *best = NULL;
	int64_t most = -1;

	if (planned)
		return planned;
	for (size_t i = 0; i < n; i++) {
		int64_t points = 0;
		int64_t found = 0;

		if (!is_somewhere(&pool[i].customer->where))
			continue;
		/* Who was put up comes first, whatever their points. */
		if (pool[i].item->up)
			return &pool[i].customer->where;
		for (size_t k = 0; k < n && found < room; k++)
			if (same_area(&pool[i].customer->where, &pool[k].customer->where)) {
				points += pool[k].item->score;
				found++;
			}
		if (points > most) {
			most = points;
			best = &pool[i].customer->where;
		}
	}
	return best;
}

/* As many as there is room for, of one area; the next ones are offered, too. */
static void choose(struct day *d)
{
	struct visit pool[POOL];
	size_t n = pool_of(d, pool);
	const struct where *planned = first_planned(d);
	int64_t room = d->usual - d->planned;
	const struct where *area = area_of(planned, pool, n, room);

	for (size_t i = 0; i < n; i++) {
		if ((int64_t)d->n < room && (!area || same_area(area, &pool[i].customer->where)))
			d->visits[d->n++] = pool[i];
		else if (d->n_further < FURTHER)
			d->further[d->n_further++] = pool[i];
	}
	order_visits(d, planned);
}

static void lay_out(struct day *d)
{
	const struct where *last = NULL;
	int64_t from = d->begin;

	for (size_t i = 0; i < d->n; i++) {
		struct visit *v = &d->visits[i];

		find_time(d, v, last ? from + way_between(last, &v->customer->where) : from, &last);
		if (v->from)
			from = v->until;
	}
}

/*
 * The answer
 */

static const char *purpose_of(const struct visit *v)
{
	return v->item->why[R_OVERLAP] || v->item->why[R_DUE] ? "ordering" : v->customer->fresh ? "development" : "service";
}

/* What was promised or is asked for; else what such a visit is for. */
static const char *goal_of(struct ctx *ctx, const struct visit *v)
{
	const struct item *i = v->item;

	if (i->promised || i->asked)
		return i->promised ? i->promised : i->asked;
	if (i->deal)
		return fmt(ctx->mem, in_english(ctx) ? "Move \"%s\" forward" : "推进“%s”", i->deal);
	return v->customer->fresh ? say(ctx, "了解需求，约定下一步", "Learn what they need, agree on the next step")
	                          : say(ctx, "了解使用情况，问新的需求", "Hear how it goes, ask what is needed next");
}

static void write_visit(struct day *d, struct report_call *call, const struct visit *v)
{
	struct ctx *ctx = d->turns.ctx;

	report_row(ctx, call, (struct cell[]){
		{ "title", v_text(v->item->title) },
		{ "planned_at", v->from ? v_int(v->from) : v_null() },
		{ "planned_end", v->from ? v_int(v->until) : v_null() },
		{ "purpose", v_text(purpose_of(v)) },
		{ "goal", v_text(goal_of(ctx, v)) },
		{ "reasons", v_text(turns_reasons(&d->turns, v->item)) },
		{ "area", v->customer->area ? v_text(v->customer->area) : v_null() },
		{ "km", v->km >= 0 ? v_int((int64_t)(v->km * 10 + 0.5)) : v_null() },
		{ "customer", v_int(v->customer->id) },
		{ 0 } });
}

static int64_t clock_of(struct day *d, const char *setting)
{
	return day_clock(d->turns.day, setting_text(d->turns.ctx, setting));
}

static void begin(struct day *d, struct ctx *ctx, const struct report_call *call)
{
	*d = (struct day){ .usual = USUAL_VISITS, .length = USUAL_MINUTES * MINUTE };
	turns_begin(&d->turns, ctx, report_param(call, "day").s);
	d->begin = clock_of(d, "work_from");
	d->end = clock_of(d, "work_to");
	if (d->begin < ctx->now)
		d->begin = ctx->now;
	take_time(d, (struct busy){ .from = day_clock(d->turns.day, "12:00"), .until = day_clock(d->turns.day, "13:00") });
}

static void read_part(struct day *d, struct query *q)
{
	switch (db_int(q, TURN_PART)) {
	case PART_WHERE: read_where(d, q); break;
	case PART_BUSY: read_busy(d, q); break;
	case PART_GUARDED: take_time(d, (struct busy){ .from = db_int(q, TURN_A), .until = db_int(q, TURN_B) }); break;
	case PART_USUAL: read_usual(d, q); break;
	default: turns_read(&d->turns, q);
	}
}

bool plan_proposal(struct ctx *ctx, struct report_call *call)
{
	int64_t most = value_id(report_param(call, "most"));
	struct day d;

	begin(&d, ctx, call);
	while (db_next(call->figures))
		read_part(&d, call->figures);
	if (most > 0)
		d.usual = most;
	if (d.usual > VISITS_MOST)
		d.usual = VISITS_MOST;
	choose(&d);
	lay_out(&d);
	for (size_t i = 0; i < d.n; i++)
		if (d.visits[i].from)
			write_visit(&d, call, &d.visits[i]);
	for (size_t i = 0; i < d.n; i++)
		if (!d.visits[i].from)
			write_visit(&d, call, &d.visits[i]);
	for (size_t i = 0; i < d.n_further; i++)
		write_visit(&d, call, &d.further[i]);
	return true;
}
