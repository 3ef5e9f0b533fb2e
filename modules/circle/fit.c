#include "modules/circle/fit.h"

enum part { PART_INDUSTRY, PART_REGION, PART_LEVEL, PART_EMPLOYEES, PART_REVENUE, PART_ALSO, PARTS };

static const char *const part_words[PARTS] = { "industry", "region", "level", "employees", "revenue", "also" };

struct profile {
	int64_t product;
	const char *industries, *levels;        /* ",3,4,"; NULL: no condition */
	char **regions;                         /* codes */
	size_t n_regions;
	int64_t employees[2], revenue[2];       /* from and to; −1: open */
	const char *also, *exclude;
	const char *musts;
	int64_t threshold;
};

/* "3" is in ",3,4,". */
static bool listed(struct arena *mem, const char *list, const char *word)
{
	return list && strstr(list, fmt(mem, ",%s,", word));
}

static bool must(struct arena *mem, const struct profile *p, enum part part)
{
	return listed(mem, p->musts, part_words[part]);
}

static int64_t number_or_open(struct query *q, size_t column)
{
	return db_null(q, column) ? -1 : db_int(q, column);
}

static bool load(struct ctx *ctx, struct fits *f)
{
	const char *sql = scope_sql(ctx, "customer_profile region",
		"SELECT p.product, p.industries, p.levels, p.employees_from, p.employees_to, p.revenue_from,"
		" p.revenue_to, p.also, p.exclude, p.musts, p.threshold, r.code FROM customer_profile p"
		" LEFT JOIN region r ON p.regions LIKE '%,' || CAST(r.id AS TEXT) || ',%' ORDER BY p.id");

	struct query *q = ctx_query(ctx, sql, NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		struct profile *last = f->n ? &f->profiles[f->n - 1] : NULL;

		if (!last || last->product != db_int(q, 0)) {
			f->profiles = arena_grow(ctx->mem, f->profiles, &f->cap, f->n + 1, sizeof *f->profiles);
			last = &f->profiles[f->n++];
			*last = (struct profile){
				.product = db_int(q, 0),
				.industries = arena_dup(ctx->mem, db_text(q, 1)),
				.levels = arena_dup(ctx->mem, db_text(q, 2)),
				.employees = { number_or_open(q, 3), number_or_open(q, 4) },
				.revenue = { number_or_open(q, 5), number_or_open(q, 6) },
				.also = arena_dup(ctx->mem, db_text(q, 7)),
				.exclude = arena_dup(ctx->mem, db_text(q, 8)),
				.musts = arena_dup(ctx->mem, db_text(q, 9)),
				.threshold = db_int(q, 10),
			};
		}
		if (!db_null(q, 11)) {
			size_t cap = last->n_regions;

			last->regions = arena_grow(ctx->mem, last->regions, &cap, last->n_regions + 1, sizeof *last->regions);
			last->regions[last->n_regions++] = arena_dup(ctx->mem, db_text(q, 11));
		}
	}

	bool failed = db_failed(q);

	db_done(q);
	f->loaded = true;
	return !failed || fail_db(ctx, "profiles");
}

static enum answer answer(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

static enum answer within(struct value v, const int64_t range[2])
{
	if (v.kind != V_INT)
		return ANSWER_UNKNOWN;
	return answer((range[0] < 0 || v.i >= range[0]) && (range[1] < 0 || v.i <= range[1]));
}

static enum answer in_regions(const struct profile *p, struct value region)
{
	if (value_empty(region))
		return ANSWER_UNKNOWN;
	for (size_t i = 0; i < p->n_regions; i++)
		if (strncmp(region.s, p->regions[i], strlen(p->regions[i])) == 0)
			return ANSWER_YES;
	return ANSWER_NO;
}

static bool matches(struct ctx *ctx, int64_t customer, const char *condition, bool *ret)
{
	int64_t found;

	if (!record_find(ctx, "customer", fmt(ctx->mem, "id=eq.%" PRId64 "&%s", customer, condition), &found))
		return false;
	*ret = found != 0;
	return true;
}

/* Which parts are conditions of this profile. */
static bool asks(const struct profile *p, enum part part)
{
	switch (part) {
	case PART_INDUSTRY:  return p->industries != NULL;
	case PART_REGION:    return p->n_regions > 0;
	case PART_LEVEL:     return p->levels != NULL;
	case PART_EMPLOYEES: return p->employees[0] >= 0 || p->employees[1] >= 0;
	case PART_REVENUE:   return p->revenue[0] >= 0 || p->revenue[1] >= 0;
	case PART_ALSO:      return p->also != NULL;
	case PARTS:          break;
	}
	return false;
}

static bool ask(struct ctx *ctx, const struct profile *p, enum part part, int64_t customer, enum answer *ret)
{
	struct value v = v_null();
	bool met;

	if (part == PART_ALSO) {
		if (!matches(ctx, customer, p->also, &met))
			return false;
		*ret = answer(met);
		return true;
	}
	if (!record_get(ctx, "customer", customer, part_words[part], &v))
		return false;
	*ret = part == PART_EMPLOYEES ? within(v, p->employees)
	     : part == PART_REVENUE ? within(v, p->revenue)
	     : part == PART_REGION ? in_regions(p, v)
	     : value_empty(v) ? ANSWER_UNKNOWN
	     : part == PART_LEVEL ? answer(listed(ctx->mem, p->levels, v.s))
	     : answer(listed(ctx->mem, p->industries, fmt(ctx->mem, "%" PRId64, v.i)));
	return true;
}

static bool judge(struct ctx *ctx, const struct profile *p, int64_t customer, struct fit *ret)
{
	bool excluded = false;
	bool missed = false;
	bool open = false;
	int known = 0;
	int met = 0;

	for (enum part part = 0; part < PARTS; part++) {
		enum answer a;

		if (!asks(p, part))
			continue;
		if (!ask(ctx, p, part, customer, &a))
			return false;
		known += a != ANSWER_UNKNOWN;
		met += a == ANSWER_YES;
		missed |= a == ANSWER_NO && must(ctx->mem, p, part);
		open |= a == ANSWER_UNKNOWN && must(ctx->mem, p, part);
	}
	if (p->exclude && !matches(ctx, customer, p->exclude, &excluded))
		return false;
	ret->known = known > 0;
	ret->share = known ? (double)met / known : 0;
	ret->fits = excluded || missed ? ANSWER_NO : open || !known ? ANSWER_UNKNOWN
	          : answer(met * 10000 >= known * p->threshold);
	return true;
}

bool fit_of(struct ctx *ctx, struct fits *f, int64_t product, int64_t customer, struct fit *ret)
{
	*ret = (struct fit){ 0 };
	if (!product || !customer)
		return true;
	if (!f->loaded && !load(ctx, f))
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (f->profiles[i].product == product)
			return judge(ctx, &f->profiles[i], customer, ret);
	return true;
}

/*
 * Before a profile is written
 */

static bool range_ok(struct ctx *ctx, const struct change *c, const char *from, const char *to)
{
	struct value low = change_new(c, from);
	struct value high = change_new(c, to);

	return low.kind != V_INT || high.kind != V_INT || low.i <= high.i ||
	       fail(ctx, ERR_INVALID, to, "上限不能小于下限", "The upper end lies below the lower one");
}

static bool text_ok(struct ctx *ctx, const struct change *c, const char *field)
{
	const struct object *customer = schema_object(ctx->schema, "customer");
	struct value condition = change_new(c, field);
	struct list l;

	return condition.kind != V_TEXT || !change_has(c, field) || query_parse(ctx, customer, condition.s, &l) ||
	       fail(ctx, ERR_INVALID, field, "条件写法有误", "The condition cannot be read");
}

/* A must without its condition would be met by nobody or everybody: neither is meant. */
static bool musts_ok(struct ctx *ctx, const struct change *c)
{
	static const char *const fields[PARTS][2] = {
		{ "industries" }, { "regions" }, { "levels" }, { "employees_from", "employees_to" },
		{ "revenue_from", "revenue_to" }, { "also" },
	};
	struct value musts = change_new(c, "musts");

	for (enum part part = 0; part < PARTS; part++) {
		const char *const *f = fields[part];

		if (musts.kind == V_TEXT && listed(ctx->mem, musts.s, part_words[part]) &&
		    value_empty(change_new(c, f[0])) && (!f[1] || value_empty(change_new(c, f[1]))))
			return fail(ctx, ERR_INVALID, "musts", "“必须满足”里有一项没有填写条件：%s",
			            "A must has no condition: %s", part_words[part]);
	}
	return true;
}

bool fit_profile_before(struct ctx *ctx, struct change *c)
{
	return range_ok(ctx, c, "employees_from", "employees_to") && range_ok(ctx, c, "revenue_from", "revenue_to") &&
	       text_ok(ctx, c, "also") && text_ok(ctx, c, "exclude") && musts_ok(ctx, c);
}
