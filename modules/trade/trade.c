/*
 * Trade templates (S03-18): a document of declarations and records that a
 * company starts with.
 *
 * Applying posts the declarations as one record of `object`, and makes each row that is not there yet; all of it is
 * one write, so it happens whole or not at all.  What was made is remembered, and taken back in the reverse order – as
 * long as nothing else refers to it.
 */
#include "base/embed.h"
#include "base/number.h"
#include "engine/module.h"

/* "$p" in a template stands for the row called p. */
struct names {
	const char *name[50];
	int64_t id[50];
	size_t n;
};

static const struct json *body_of(struct ctx *ctx, int64_t trade)
{
	struct json_error error;
	struct value body;

	if (!record_get(ctx, "trade", trade, "body", &body))
		return NULL;

	const struct json *j = json_parse(ctx->mem, body.s, body.n, &error);

	if (!j)
		fail(ctx, ERR_INVALID, "body", "模板第 %d 行第 %d 列：%s", "Template line %d, column %d: %s", error.line,
		     error.column, error.message);
	return j;
}

static bool resolve(const struct names *names, const char *text, int64_t *ret)
{
	for (size_t i = 0; i < names->n; i++)
		if (*text == '$' && text_eq(names->name[i], text + 1)) {
			*ret = names->id[i];
			return true;
		}
	return false;
}

/* The object again, with the ids of rows instead of their names. */
static const struct json *filled(struct ctx *ctx, const struct names *names, const struct json *set)
{
	struct json_error error;
	struct json_writer w;
	struct text out;
	int64_t id;

	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	jw_object(&w);
	for (const struct json *j = set ? set->first : NULL; j; j = j->next) {
		jw_key_any(&w, j->key);
		if (j->kind == JSON_TEXT && resolve(names, j->text, &id))
			jw_id(&w, id);
		else
			jw_json(&w, j);
	}
	jw_object_end(&w);
	return json_parse(ctx->mem, out.s, out.len, &error);
}

/* The query that finds the row, should it be there. */
static const char *match_text(struct ctx *ctx, const struct json *match)
{
	struct text q;

	text_init(&q, ctx->mem);
	for (const struct json *j = match ? match->first : NULL; j; j = j->next) {
		text_addf(&q, "%s%s=eq.", q.len ? "&" : "", j->key);
		text_url_encode(&q, j->text ? j->text : "");
	}
	return q.s;
}

/* Makes the row unless there is one; says so in `made`. */
static bool put_row(struct ctx *ctx, struct names *names, const struct json *row, struct json_writer *made)
{
	const char *as = json_text(row, "as", NULL);
	const struct object *o = schema_object(ctx->schema, json_text(row, "object", ""));
	int64_t id;

	if (!o)
		return fail(ctx, ERR_INVALID, "body", "模板第 %d 行：没有对象“%s”", "Template line %d: there is no object \"%s\"",
		            row->line, json_text(row, "object", ""));
	if (!record_find(ctx, o->name, match_text(ctx, filled(ctx, names, json_get(row, "match"))), &id))
		return false;
	if (!id) {
		if (!record_create_json(ctx, o, filled(ctx, names, json_get(row, "set")), &id))
			return false;
		jw_array(made);
		jw_text(made, o->name);
		jw_id(made, id);
		jw_array_end(made);
	}
	if (!as)
		return true;
	if (names->n == LENGTH(names->id))
		return fail(ctx, ERR_INVALID, "body", "模板的命名行太多", "The template names too many rows");
	names->name[names->n] = as;
	names->id[names->n++] = id;
	return true;
}

static bool put_declarations(struct ctx *ctx, const struct json *body, struct json_writer *made)
{
	const struct json *list = json_get(body, "declarations");
	struct json_writer w;
	struct text out;
	int64_t id;

	if (!list || !list->first)
		return true;
	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	jw_json(&w, list);
	if (!record_create(ctx, "object", (struct cell[]){
	        { "name", v_text(fmt(ctx->mem, "trade %s", json_text(body, "template", ""))) },
	        { "body", v_text(out.s) }, { 0 } }, &id))
		return false;
	jw_array(made);
	jw_text(made, "object");
	jw_id(made, id);
	jw_array_end(made);
	return true;
}

static bool apply(struct ctx *ctx, struct action_call *call)
{
	const struct json *body = body_of(ctx, call->id);
	struct names names = { 0 };
	struct json_writer w;
	struct value applied;
	struct text made;

	if (!body || !record_get(ctx, "trade", call->id, "applied_at", &applied))
		return false;
	if (applied.kind == V_INT)
		return fail(ctx, ERR_INVALID, NULL, "已经套用过这个模板", "This template is applied already");
	text_init(&made, ctx->mem);
	jw_init(&w, &made);
	jw_array(&w);
	if (!put_declarations(ctx, body, &w))
		return false;

	const struct json *rows = json_get(body, "rows");

	for (const struct json *row = rows ? rows->first : NULL; row; row = row->next)
		if (!put_row(ctx, &names, row, &w))
			return false;
	jw_array_end(&w);
	return record_update(ctx, "trade", call->id, (struct cell[]){
		{ "applied_at", v_int(ctx->now) }, { "made", v_text(made.s) }, { 0 } });
}

/* Does any record refer to this one? */
static bool is_free(struct ctx *ctx, const struct object *o, int64_t id)
{
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *other = &ctx->schema->objects[i];

		for (size_t k = 0; k < other->n_fields; k++) {
			const struct field *f = &other->fields[k];
			int64_t found;

			if (f->to != o || f->type != TYPE_REF)
				continue;
			if (!record_find(ctx, other->name, fmt(ctx->mem, "%s=eq.%" PRId64, f->name, id), &found))
				return false;
			if (found)
				return fail(ctx, ERR_INVALID, NULL, "%s在用模板建立的%s，不能撤销", "%s use what the template made (%s): it cannot be taken back",
				            label_in(other->plural, ctx->me->language), label_in(o->label, ctx->me->language));
		}
	}
	return true;
}

/* The pairs of `made`, the last first. */
static bool remove_made(struct ctx *ctx, const struct json *pair)
{
	int64_t id;
	int64_t there;

	if (!pair)
		return true;
	if (!remove_made(ctx, pair->next))
		return false;

	const struct object *o = schema_object(ctx->schema, pair->first->text);

	if (!o || !int_parse(pair->first->next->text, &id) ||
	    !record_find(ctx, o->name, fmt(ctx->mem, "id=eq.%" PRId64, id), &there))
		return false;
	return !there || (is_free(ctx, o, id) && record_delete(ctx, o->name, id, 0));
}

static bool take_back(struct ctx *ctx, struct action_call *call)
{
	struct json_error error;
	struct value made;

	if (!record_get(ctx, "trade", call->id, "made", &made))
		return false;
	if (made.kind != V_TEXT)
		return fail(ctx, ERR_INVALID, NULL, "还没有套用这个模板", "This template is not applied");

	const struct json *list = json_parse(ctx->mem, made.s, made.n, &error);

	if (!list)
		return fail(ctx, ERR_INTERNAL, NULL, "记录损坏", "The record is damaged");
	return remove_made(ctx, list->first) && record_update(ctx, "trade", call->id, (struct cell[]){
		{ "applied_at", v_null() }, { "made", v_null() }, { 0 } });
}

/* The shipped templates become records: a company's own stand beside them. */
static bool seed(struct ctx *ctx)
{
	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		struct json_error error;
		const struct json *j;

		if (!text_starts(f->path, "modules/trade/data/"))
			continue;
		j = json_parse(ctx->mem, f->data, f->size, &error);
		if (!j || !record_create(ctx, "trade", (struct cell[]){
		        { "name", v_text(json_text(j, "template", NULL)) },
		        { "label", v_text(json_text(json_get(j, "label"), "zh", NULL)) },
		        { "label_en", v_text(json_text(json_get(j, "label"), "en", NULL)) },
		        { "doc", v_text(json_text(json_get(j, "doc"), "zh", NULL)) },
		        { "doc_en", v_text(json_text(json_get(j, "doc"), "en", NULL)) },
		        { "body", v_text(f->data) }, { 0 } }, NULL))
			return j ? false : fail(ctx, ERR_INTERNAL, NULL, "%s：%s", "%s: %s", f->path, error.message);
	}
	return true;
}

const struct module trade_module = {
	.name = "trade",
	.actions = (const struct action_impl[]){
		{ "trade", "apply", apply },
		{ "trade", "take_back", take_back },
		{ 0 },
	},
	.seed = seed,
};
