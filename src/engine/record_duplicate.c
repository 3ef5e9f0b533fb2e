#include "engine/record_inner.h"

/*
 * The same thing twice.  t_key holds, per rule, the normalised value of every
 * record, so that 华为技术有限公司 and 华为技术 (深圳) or two spellings of a phone number meet.
 */

enum { SHOWN = 10 };

/* What the rule compares; NULL if the value says too little to compare. */
const char *duplicate_key(struct ctx *ctx, const struct duplicate_rule *rule, struct value v)
{
	const char *key = NULL;

	if (v.kind == V_INT)
		return fmt(ctx->mem, "%" PRId64, v.i);
	if (v.kind != V_TEXT)
		return NULL;
	switch (rule->match) {
	case MATCH_EXACT:
	case MATCH_NAME:
		key = text_fold(ctx->mem, v.s);
		break;
	case MATCH_COMPANY:
		key = company_key(ctx->mem, v.s);
		break;
	case MATCH_PHONE:
		key = phone_digits(ctx->mem, v.s);
		/* An extension or a short number is shared by many. */
		if (strlen(key) < 7)
			return NULL;
		break;
	case MATCH_CODE:
		key = code_key(ctx->mem, v.s);
		break;
	}
	return *key ? key : NULL;
}

bool duplicate_forget(struct ctx *ctx, const struct object *o, int64_t id)
{
	return o->n_duplicates == 0 ||
	       ctx_exec(ctx, "DELETE FROM t_key WHERE object = $object AND record = $id",
	                (struct bind[]){ { "object", v_text(o->name) }, { "id", v_int(id) }, { 0 } }, NULL);
}

bool duplicate_note(struct ctx *ctx, const struct object *o, int64_t id, const struct value *now)
{
	for (size_t i = 0; i < o->n_duplicates; i++) {
		const struct duplicate_rule *rule = &o->duplicates[i];
		const char *key = duplicate_key(ctx, rule, now[rule->field->index]);

		if (key && !ctx_exec(ctx, "INSERT INTO t_key (object, record, rule, value)"
		                          " VALUES ($object, $id, $rule, $value)",
		                     (struct bind[]){ { "object", v_text(o->name) }, { "id", v_int(id) },
		                                      { "rule", v_int((int64_t)i) },
		                                      { "value", v_text(key) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

/* Fills in what may be said about a hit: that it exists and whose it is; the rest only if visible. */
static bool describe(struct ctx *ctx, const struct object *o, struct duplicate *d)
{
	const struct member *me = ctx->me;
	struct value *row;
	bool found;

	if (!record_row(ctx, o, d->id, ACT_READ, false, &row, &d->visible))
		return false;
	ctx_as_system(ctx);

	bool ok = record_row(ctx, o, d->id, ACT_READ, false, &row, &found);

	if (ok && found && o->scope_member && row[o->scope_member->index].kind == V_INT) {
		const struct object *member = o->scope_member->to;
		struct value *person;

		d->owner = row[o->scope_member->index].i;
		ok = record_row(ctx, member, d->owner, ACT_READ, false, &person, &found);
		if (ok && found && person[member->title->index].kind == V_TEXT)
			d->owner_label = person[member->title->index].s;
	}
	if (ok && d->visible && row[o->title->index].kind == V_TEXT)
		d->title = row[o->title->index].s;
	ctx_as(ctx, me);
	return ok;
}

bool record_duplicates(struct ctx *ctx, const struct object *o, const struct value *values,
                       int64_t except, struct duplicate **ret)
{
	struct duplicate *found = NULL;
	struct duplicate **end = &found;

	for (size_t i = 0; i < o->n_duplicates; i++) {
		const struct duplicate_rule *rule = &o->duplicates[i];
		const char *key = duplicate_key(ctx, rule, values[rule->field->index]);
		int64_t *ids;
		size_t n;

		if (!key)
			continue;
		/* Sorted by the bare column SQLite would walk all keys of the object in that order. */
		if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT k.record FROM t_key k JOIN %s r ON r.id = k.record"
		                                " WHERE k.object = $object AND k.rule = $rule AND k.value = $value"
		                                " AND r.deleted_at IS NULL AND k.record <> $except"
		                                " ORDER BY +k.record LIMIT %d", scope_table(ctx->mem, o), SHOWN),
		             (struct bind[]){ { "object", v_text(o->name) }, { "rule", v_int((int64_t)i) },
		                              { "value", v_text(key) }, { "except", v_int(except) }, { 0 } },
		             &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++) {
			struct duplicate *d = arena_alloc(ctx->mem, sizeof *d);

			d->rule = rule;
			d->id = ids[k];
			if (!describe(ctx, o, d))
				return false;
			*end = d;
			end = &d->next;
		}
	}
	*ret = found;
	return true;
}

/* Did the change touch what the rule compares? */
static bool touched(const struct change *c, const struct duplicate_rule *rule)
{
	return c->act != CHANGE_UPDATE ||
	       !value_eq(c->old[rule->field->index], c->now[rule->field->index]);
}

bool duplicate_refuse(struct ctx *ctx, const struct change *c)
{
	struct duplicate *found;
	bool refuse = false;

	/* Imports look for doubles in all rows at once; code of ours knows what it does. */
	if (c->o->n_duplicates == 0 || ctx->import || ctx->allow_duplicate || ctx->me->system)
		return true;
	if (!record_duplicates(ctx, c->o, c->now, c->id, &found))
		return false;
	for (const struct duplicate *d = found; d; d = d->next)
		refuse |= d->rule->block && touched(c, d->rule);
	if (!refuse)
		return true;
	ctx->duplicates = found;
	return fail(ctx, ERR_CONFLICT, found->rule->field->name, "可能重复：%s已存在，归属%s",
	            "Possible duplicate: this %s exists already, owned by %s",
	            label_in(c->o->label, ctx->me->language),
	            found->owner_label ? found->owner_label : say(ctx, "公海", "nobody"));
}

void record_write_duplicates(struct ctx *ctx, const struct duplicate *d, struct json_writer *w)
{
	jw_array(w);
	for (; d; d = d->next) {
		const struct field *f = d->rule->field;

		jw_object(w);
		jw_key(w, "object");
		jw_text(w, f->object->name);
		jw_key(w, "field");
		jw_text(w, f->name);
		jw_key(w, "block");
		jw_bool(w, d->rule->block);
		jw_key(w, "owner");
		if (d->owner)
			jw_id(w, d->owner);
		else
			jw_null(w);
		jw_key(w, "owner_label");
		jw_text(w, d->owner_label);
		if (d->visible) {
			jw_key(w, "id");
			jw_id(w, d->id);
			jw_key(w, "title");
			jw_text(w, d->title);
		}
		jw_key(w, "reason");
		jw_text(w, fmt(ctx->mem, "%s%s", say(ctx, "相同或相近：", "same or similar: "),
		               label_in(f->label, ctx->me->language)));
		jw_object_end(w);
	}
	jw_array_end(w);
}
