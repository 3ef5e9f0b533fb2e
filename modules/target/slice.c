#include "modules/target/target_inner.h"

#include <stdlib.h>

static const char *unit_label(struct ctx *ctx, const struct units *u, const struct node *n)
{
	const struct unit *found = n->slice.team ? units_team(u, n->slice.team)
	                         : n->slice.person ? units_member(u, n->slice.person) : NULL;

	if (found)
		return found->label;
	if (n->slice.customer)
		return n->customer ? n->customer : fmt(ctx->mem, "#%" PRId64, n->slice.customer);
	return say(ctx, "全部", "All");
}

const char *slice_label(struct ctx *ctx, const struct units *u, const struct node *n, bool period, bool product)
{
	const char *label = unit_label(ctx, u, n);

	if (period)
		label = fmt(ctx->mem, "%s · %s", n->period, label);
	if (product && n->slice.product)
		label = fmt(ctx->mem, "%s · %s", label, n->product ? n->product : fmt(ctx->mem, "#%" PRId64, n->slice.product));
	return label;
}

bool slice_unit_within(const struct units *u, const struct slice *inner, const struct slice *outer)
{
	int64_t person = inner->customer ? inner->keeper : inner->person;

	if (outer->customer)
		return inner->customer == outer->customer;
	if (outer->person)
		return person == outer->person;
	if (!outer->team)
		return true;
	if (person) {
		const struct unit *m = inner->home ? NULL : units_member(u, person);

		return units_within(u, m ? m->team : inner->home, outer->team);
	}
	return units_within(u, inner->team, outer->team);
}

bool slice_within(const struct units *u, const struct slice *inner, const struct slice *outer)
{
	return inner->from >= outer->from && inner->to <= outer->to &&
	       (!outer->product || inner->product == outer->product) && slice_unit_within(u, inner, outer);
}

/* Is a node above it within the slice as well? */
static bool is_part(const struct tree *t, const struct node *n)
{
	const char *p = n->path;

	while (*p == '/' && p[1]) {
		char *end;
		int64_t id = strtoll(p + 1, &end, 10);
		size_t low = 0;
		size_t high = t->n;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (t->nodes[middle].id < id)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < t->n && t->nodes[low].id == id && t->within[low])
			return true;
		p = end;
	}
	return false;
}

bool slice_target(const struct units *u, const struct tree *t, const struct slice *s, bool mean, int64_t *ret)
{
	int64_t n = 0;

	*ret = 0;
	for (size_t i = 0; i < t->n; i++)
		t->within[i] = slice_within(u, &t->nodes[i].slice, s);
	for (size_t i = 0; i < t->n; i++)
		if (t->within[i] && !is_part(t, &t->nodes[i])) {
			*ret += t->nodes[i].value;
			n++;
		}
	if (mean && n)
		*ret = (*ret + n / 2) / n;
	return n > 0;
}

/* Where the pieces of `person` begin, or would. */
static const struct piece *find_person(const struct pieces *p, int64_t person)
{
	size_t low = 0;
	size_t high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->list[middle].at.person < person)
			low = middle + 1;
		else
			high = middle;
	}
	return p->list + low;
}

const struct piece *pieces_first(const struct pieces *p, const struct slice *s, const struct piece **ret_end)
{
	/* Of a person alone: a dealer may have had another before. */
	bool one = s->person && !s->customer;

	*ret_end = one ? find_person(p, s->person + 1) : p->list + p->n;
	return one ? find_person(p, s->person) : p->list;
}

struct piece pieces_sum(const struct units *u, const struct pieces *p, const struct slice *s)
{
	struct piece sum = { .at = *s };
	const struct piece *end;

	for (const struct piece *i = pieces_first(p, s, &end); i < end; i++)
		if (slice_within(u, &i->at, s)) {
			sum.top += i->top;
			sum.bottom += i->bottom;
			sum.records += i->records;
		}
	return sum;
}

static struct piece piece_of(const struct metric_piece *m)
{
	struct piece p = { .top = m->top, .bottom = m->bottom, .records = m->records };

	p.at = (struct slice){
		.person = m->member, .keeper = m->member,
		.product = strtoll(m->keys[0], NULL, 10), .customer = strtoll(m->keys[1], NULL, 10),
	};
	if (date_parse(m->when, &p.at.from))
		p.at.to = p.at.from;
	else
		period_read(m->when, &p.at.from, &p.at.to);
	return p;
}

bool pieces_load(struct ctx *ctx, const struct metric *m, int64_t from, int64_t to, bool days,
                 enum pieces_by by, struct pieces *ret)
{
	struct metric_piece *found;
	size_t n;

	*ret = (struct pieces){ 0 };
	if (to < from)
		return true;
	if (!metric_pieces(ctx, m, &(struct metric_cut){
	        .from = date_text(ctx->mem, from), .to = date_text(ctx->mem, to), .days = days,
	        .fields = { by >= PIECES_PRODUCTS ? "product" : NULL, by == PIECES_CUSTOMERS ? "customer" : NULL } }, &found, &n))
		return false;
	ret->list = arena_array(ctx->mem, n + 1, sizeof *ret->list);
	for (size_t i = 0; i < n; i++)
		ret->list[ret->n++] = piece_of(&found[i]);
	return true;
}
