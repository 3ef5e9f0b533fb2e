#include "engine/record_inner.h"

#include "engine/query.h"

/* Asked of the row as it is stored: what a change would make of it opens nothing. */
static bool holds(struct ctx *ctx, const struct object *o, const struct fixed *rule, const struct value *row, bool *ret)
{
	const struct member *me = ctx_as_system(ctx);
	struct list l;
	bool ok = query_parse(ctx, o, rule->when, &l);

	ctx_as(ctx, me);
	*ret = ok && query_match(l.where, row);
	return ok;
}

/* The first field that stays and would change. */
static const struct field *fixed_change(const struct change *c, const struct fixed_fields *stays)
{
	for (size_t i = 0; i < c->o->n_fields; i++)
		if (fixed_field(stays, &c->o->fields[i]) && !value_eq(c->old[i], c->now[i]))
			return &c->o->fields[i];
	return NULL;
}

static bool refuse_field(struct ctx *ctx, const struct fixed *rule, const struct field *f)
{
	const char *lang = ctx->me->language;

	return fail(ctx, ERR_CONFLICT, f->name, "%s，“%s”不能再改；%s", "%s: \"%s\" stays; %s", label_in(rule->why, lang), label_in(f->label, lang),
	            label_in(rule->instead, lang));
}

static bool check_own(struct ctx *ctx, const struct change *c, const struct fixed *rule)
{
	const struct field *f = c->act == CHANGE_UPDATE ? fixed_change(c, &rule->stays) : NULL;
	const char *lang = ctx->me->language;
	bool fixed;

	if (c->act == CHANGE_UPDATE ? !f : rule->deletable)
		return true;
	if (!holds(ctx, c->o, rule, c->old, &fixed) || !fixed)
		return ctx->errors == NULL;
	return f ? refuse_field(ctx, rule, f)
	         : fail(ctx, ERR_CONFLICT, NULL, "%s，不能删除；%s", "%s: it is not deleted; %s", label_in(rule->why, lang), label_in(rule->instead, lang));
}

/* `whole`: it would come to this record or leave it; else some of its fields would change. */
static bool check_part(struct ctx *ctx, const struct change *c, const struct object *o, int64_t id, bool whole)
{
	const char *lang = ctx->me->language;
	struct value *row = NULL;
	bool found = false;

	for (size_t i = 0; i < o->n_fixed; i++)
		for (size_t k = 0; k < o->fixed[i].n_parts; k++) {
			const struct fixed *rule = &o->fixed[i];
			const struct fixed_part *part = &rule->parts[k];
			const struct field *f = whole ? NULL : fixed_change(c, &part->stays);
			const struct member *me;
			bool fixed;

			if (part->object != c->o || (!whole && !f) || (part->import && ctx->import && c->act == CHANGE_CREATE))
				continue;
			me = ctx_as_system(ctx);
			if (!row && !record_row(ctx, o, id, ACT_READ, false, &row, &found)) {
				ctx_as(ctx, me);
				return false;
			}
			ctx_as(ctx, me);
			if (!found)
				return true;
			if (!holds(ctx, o, rule, row, &fixed))
				return false;
			if (fixed)
				return f ? refuse_field(ctx, rule, f)
				         : fail(ctx, ERR_CONFLICT, NULL, "%s，“%s”不能再增减；%s", "%s: of its \"%s\" none is added or taken away; %s",
				                label_in(rule->why, lang), label_in(c->o->plural, lang), label_in(rule->instead, lang));
		}
	return true;
}

static bool check_parent(struct ctx *ctx, const struct change *c, const struct field *ref)
{
	int64_t was = c->act == CHANGE_CREATE ? 0 : value_id(c->old[ref->index]);
	int64_t now = c->act == CHANGE_DELETE ? 0 : value_id(c->now[ref->index]);
	bool moved = c->act != CHANGE_UPDATE || was != now;

	return (!was || check_part(ctx, c, ref->to, was, moved)) && (!now || now == was || check_part(ctx, c, ref->to, now, true));
}

bool record_fixed(struct ctx *ctx, const struct change *c)
{
	if (ctx->me->system)
		return true;
	for (size_t i = 0; i < c->o->n_fixed && (c->act == CHANGE_UPDATE || c->act == CHANGE_DELETE); i++)
		if (!check_own(ctx, c, &c->o->fixed[i]))
			return false;
	for (size_t i = 0; i < c->o->n_fields; i++) {
		const struct field *f = &c->o->fields[i];

		if (f->type == TYPE_REF && f->to && f->to->n_fixed && !check_parent(ctx, c, f))
			return false;
	}
	return true;
}
