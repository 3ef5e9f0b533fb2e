#include "engine/import_inner.h"
#include "engine/setting.h"

/* Which column is which field: as last time, by name, by what the cells hold. */

/* Letters and digits only, folded: "Sales_Agent", "sales agent" and "SalesAgent" are one. */
static const char *plain(struct arena *mem, const char *s)
{
	struct text t;
	uint32_t c;

	text_init(&t, mem);
	for (s = text_fold(mem, s); (c = utf8_next(&s));)
		if (c > 0x7F || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
			utf8_add(&t, c);
	return t.s;
}

static bool taken(const struct import_plan *p, const struct field *f)
{
	for (size_t i = 0; i < p->n_columns; i++)
		if (p->columns[i].field == f)
			return true;
	return false;
}

static bool importable(struct ctx *ctx, const struct field *f)
{
	return scope_field_write(ctx, f) && f->type != TYPE_FILE && f->type != TYPE_IMAGE;
}

/* How well a name fits a field: 100 the same, less for similar. */
static int fit(struct ctx *ctx, const struct field *f, const char *name)
{
	const char *names[] = { f->name, f->label.zh, f->label.en };
	const char *wanted = plain(ctx->mem, name);
	int best = 0;

	if (!*wanted)
		return 0;
	for (size_t i = 0; i < LENGTH(names); i++)
		if (text_eq(plain(ctx->mem, names[i]), wanted))
			return 100;
	for (const char **alias = f->aliases; alias && *alias; alias++)
		if (text_eq(plain(ctx->mem, *alias), wanted))
			return 95;
	for (size_t i = 0; i < LENGTH(names); i++) {
		int similar = text_similar(ctx->mem, text_fold(ctx->mem, names[i]), text_fold(ctx->mem, name));

		if (similar > best)
			best = similar;
	}
	return best >= 75 ? best - 10 : 0;
}

static void by_name(struct ctx *ctx, struct import_plan *p)
{
	/* The best fits first, so that "name" does not take what "customer name" is. */
	for (int least = 100; least > 60; least -= 5) {
		for (size_t i = 0; i < p->n_columns; i++) {
			struct import_column *c = &p->columns[i];

			for (size_t k = 0; !c->field && k < p->o->n_fields; k++) {
				const struct field *f = &p->o->fields[k];

				if (importable(ctx, f) && !taken(p, f) && fit(ctx, f, c->name) >= least) {
					c->field = f;
					c->why = "name";
				}
			}
		}
	}
}

/* Do all samples read as what the field is?  Only for types that say something about a text. */
static bool looks_like(struct ctx *ctx, const struct import_column *c, const struct field *f)
{
	bool telling = f->type == TYPE_EMAIL || f->type == TYPE_PHONE || f->type == TYPE_URL ||
	               f->type == TYPE_CHOICE;

	if (!telling || c->n_samples < 2)
		return false;
	for (size_t i = 0; i < c->n_samples; i++) {
		struct value v;
		bool ok = field_type(f)->read_text(ctx, f, c->samples[i], &v);

		if (f->type == TYPE_PHONE && ok)
			ok = strlen(phone_digits(ctx->mem, c->samples[i])) == 11;
		ctx_forget(ctx);
		if (!ok)
			return false;
	}
	return true;
}

static void by_content(struct ctx *ctx, struct import_plan *p)
{
	for (size_t i = 0; i < p->n_columns; i++) {
		struct import_column *c = &p->columns[i];

		for (size_t k = 0; !c->field && k < p->o->n_fields; k++) {
			const struct field *f = &p->o->fields[k];

			if (importable(ctx, f) && !taken(p, f) && looks_like(ctx, c, f)) {
				c->field = f;
				c->why = "content";
			}
		}
	}
}

/* What the last finished import of such a header used. */
static bool as_last_time(struct ctx *ctx, struct import_plan *p)
{
	const char *options;
	struct json_error error;

	if (!ctx_get_text(ctx, fmt(ctx->mem,
		"SELECT options FROM %s WHERE object = $object AND state = 'done' AND created_by = $me"
		" AND header = $header ORDER BY id DESC LIMIT 1",
		scope_table(ctx->mem, schema_object(ctx->schema, "import"))),
		(struct bind[]){ { "object", v_text(p->o->name) },
		                 { "header", v_text(import_header(ctx->mem, p)) }, { 0 } }, &options))
		return false;

	const struct json *saved = options
		? json_get(json_parse(ctx->mem, options, strlen(options), &error), "columns") : NULL;

	for (size_t i = 0; saved && i < p->n_columns; i++) {
		const char *name = json_text(saved, fmt(ctx->mem, "%zu", i), NULL);
		const struct field *f = name ? scope_field(ctx, p->o, name) : NULL;

		if (f && importable(ctx, f)) {
			p->columns[i].field = f;
			p->columns[i].why = "saved";
		}
	}
	return true;
}

bool import_guess(struct ctx *ctx, struct import_plan *p)
{
	if (!as_last_time(ctx, p))
		return false;
	by_name(ctx, p);
	by_content(ctx, p);
	return true;
}
