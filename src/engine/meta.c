#include "engine/meta.h"

#include "engine/job.h"
#include "engine/metric.h"
#include "engine/mutant.h"
#include "engine/query.h"
#include "engine/scope.h"
#include "engine/setting.h"

static void write_text(struct json_writer *w, const char *key, const char *s)
{
	if (!s)
		return;
	jw_key(w, key);
	jw_text(w, s);
}

static void write_flag(struct json_writer *w, const char *key, bool b)
{
	jw_key(w, key);
	jw_bool(w, b);
}

/* A limit in the form values of the field have. */
static void write_limit(struct json_writer *w, const char *key, const struct field *f, int64_t limit)
{
	jw_key(w, key);
	if (field_type(f)->storage == STORE_INTEGER)
		field_type(f)->write(w, f, v_int(limit));
	else
		jw_int(w, limit);
}

/* What is false of nearly everything is left out where it is. */
static void write_true(struct json_writer *w, const char *key, bool b)
{
	if (b)
		write_flag(w, key, b);
}

/* How the values of each type are compared, once instead of at every field. */
static void write_types(struct json_writer *w)
{
	static const char *const words[] = { "eq", "ne", "lt", "lte", "gt", "gte", "in", "like", "is" };

	jw_key(w, "types");
	jw_object(w);
	for (size_t i = 0; i < TYPE__COUNT; i++) {
		jw_key(w, types[i].name);
		jw_object(w);
		jw_key(w, "ops");
		jw_array(w);
		for (size_t k = 0; k < LENGTH(words); k++)
			if (types[i].ops & OP_BIT(k))
				jw_text(w, words[k]);
		jw_array_end(w);
		write_flag(w, "sortable", types[i].sortable);
		jw_object_end(w);
	}
	jw_object_end(w);
}

/* Would a list answer, or does the query name a field the member may not see? */
static bool may_ask(struct ctx *ctx, const struct object *o, const char *query)
{
	struct list l;

	if (query_parse(ctx, o, query, &l))
		return true;
	ctx_forget(ctx);
	return false;
}

/* A field, a parameter or a column. */
static void write_field(struct ctx *ctx, const struct field *f, struct json_writer *w)
{
	const struct type *t = field_type(f);

	jw_object(w);
	jw_key(w, "name");
	jw_text(w, f->name);
	jw_key(w, "type");
	jw_text(w, types[f->type].name);
	if (f->computed) {
		jw_key(w, "yields");
		jw_text(w, t->name);
	}
	if (f->to)
		write_text(w, "to", f->to->name);
	label_write(w, "label", f->label);
	label_write(w, "help", f->help);
	label_write(w, "section", f->section);
	write_true(w, "required", f->required);
	write_true(w, "read_only", f->object && !scope_field_write(ctx, f));
	write_true(w, "unique", f->unique);
	write_true(w, "index", f->indexed);
	write_true(w, "search", f->search);
	if (f->has_min)
		write_limit(w, "min", f, f->min);
	if (f->has_max)
		write_limit(w, "max", f, f->max);
	if (f->scale) {
		jw_key(w, "scale");
		jw_int(w, f->scale);
	}
	write_text(w, "default", f->initial);
	write_text(w, "filter", f->filter);
	write_text(w, "formula", f->formula);
	write_text(w, "format", f->format);
	if (f->n_choices)
		choices_write(w, f);
	jw_object_end(w);
}

static void write_fields(struct ctx *ctx, const char *key, const struct field *list, size_t n,
                         struct json_writer *w)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		if (!list[i].system && (!list[i].object || scope_field_read(MUTANT_CTX(22, ctx), &list[i])))
			write_field(ctx, &list[i], w);
	jw_array_end(w);
}

/* The fields every record has, the same in each object: here those of the first. */
static void write_system(struct ctx *ctx, struct json_writer *w)
{
	const struct object *o = &ctx->schema->objects[0];

	jw_key(w, "system");
	jw_array(w);
	for (size_t i = 0; i < o->n_fields; i++)
		if (o->fields[i].system && !o->fields[i].internal)
			write_field(ctx, &o->fields[i], w);
	jw_array_end(w);
}

static void write_names(struct ctx *ctx, const struct object *o, const char **names,
                        struct json_writer *w)
{
	jw_array(w);
	for (; names && *names; names++)
		if (scope_field(ctx, o, *names))
			jw_text(w, *names);
	jw_array_end(w);
}

static void write_can(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, "can");
	jw_object(w);
	write_flag(w, "read", scope_may(ctx, o, ACT_READ));
	write_flag(w, "create", scope_may(ctx, o, ACT_CREATE));
	write_flag(w, "update", scope_may(ctx, o, ACT_UPDATE));
	write_flag(w, "delete", scope_may(ctx, o, ACT_DELETE));
	write_flag(w, "export", scope_may(ctx, o, ACT_EXPORT));
	write_flag(w, "import", scope_may(ctx, o, ACT_CREATE));
	jw_object_end(w);
}

/* Lists of other objects that belong to a record of this one. */
static void write_related(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, "related");
	jw_array(w);
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *other = &ctx->schema->objects[i];

		if (!scope_may(ctx, other, ACT_READ) || !other->log)
			continue;
		for (size_t k = 0; k < other->n_fields; k++) {
			const struct field *f = &other->fields[k];

			if (f->to != o || !field_is_ref(f) || f->system || !scope_field_read(ctx, f))
				continue;
			jw_object(w);
			jw_key(w, "object");
			jw_text(w, other->name);
			jw_key(w, "field");
			jw_text(w, f->name);
			jw_object_end(w);
		}
	}
	jw_array_end(w);
}

static void write_actions(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, "actions");
	jw_array(w);
	for (size_t i = 0; i < o->n_actions; i++) {
		const struct action *a = &o->actions[i];

		if ((!ctx_in_roles(ctx, &a->roles) && !MUTANT_IS(23)) || !scope_may(ctx, o, a->needs))
			continue;
		jw_object(w);
		jw_key(w, "name");
		jw_text(w, a->name);
		label_write(w, "label", a->label);
		label_write(w, "confirm", a->confirm);
		jw_key(w, "on");
		jw_text(w, a->on_list ? "list" : "record");
		if (a->when && may_ask(ctx, o, a->when))
			write_text(w, "when", a->when);
		write_fields(ctx, "params", a->params, a->n_params, w);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void write_stays(struct ctx *ctx, const struct object *o, const struct fixed_fields *stays, struct json_writer *w)
{
	const char **names = stays->only ? stays->only : stays->but;

	if (!names)
		return;
	jw_key(w, stays->only ? "fields" : "but");
	write_names(ctx, o, names, w);
}

/* What pages offer no change of; where the member may not see what it depends on, the server alone says so. */
static void write_fixed(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	bool any = false;

	for (size_t i = 0; i < o->n_fixed; i++) {
		const struct fixed *rule = &o->fixed[i];

		if (!may_ask(ctx, o, rule->when))
			continue;
		if (!any) {
			jw_key(w, "fixed");
			jw_array(w);
			any = true;
		}
		jw_object(w);
		write_text(w, "when", rule->when);
		write_stays(ctx, o, &rule->stays, w);
		write_true(w, "delete", rule->deletable);
		label_write(w, "why", rule->why);
		label_write(w, "instead", rule->instead);
		if (rule->n_parts) {
			jw_key(w, "parts");
			jw_array(w);
			for (size_t k = 0; k < rule->n_parts; k++) {
				jw_object(w);
				write_text(w, "object", rule->parts[k].object->name);
				write_stays(ctx, rule->parts[k].object, &rule->parts[k].stays, w);
				jw_object_end(w);
			}
			jw_array_end(w);
		}
		jw_object_end(w);
	}
	if (any)
		jw_array_end(w);
}

/* The name of a field if that exists for the member. */
static const char *known(struct ctx *ctx, const struct object *o, const char *name)
{
	return name && scope_field(ctx, o, name) ? name : NULL;
}

static void write_views(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, "views");
	jw_array(w);
	for (size_t i = 0; i < o->n_views; i++) {
		if (!may_ask(ctx, o, o->views[i].query))
			continue;
		jw_object(w);
		jw_key(w, "name");
		jw_text(w, o->views[i].name);
		label_write(w, "label", o->views[i].label);
		jw_key(w, "query");
		jw_text(w, o->views[i].query);
		jw_object_end(w);
	}
	jw_array_end(w);
	if (known(ctx, o, o->board_by)) {
		jw_key(w, "board");
		jw_object(w);
		write_text(w, "by", o->board_by);
		write_text(w, "sum", known(ctx, o, o->board_sum));
		write_text(w, "within", known(ctx, o, o->board_within));
		jw_object_end(w);
	}
	if (known(ctx, o, o->calendar_start)) {
		jw_key(w, "calendar");
		jw_object(w);
		write_text(w, "start", o->calendar_start);
		write_text(w, "end", known(ctx, o, o->calendar_end));
		write_text(w, "done", known(ctx, o, o->calendar_done));
		jw_object_end(w);
	}
}

/* Of the parts of a record's page those the member may see. */
static void write_parts(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	if (!o->parts)
		return;
	jw_key(w, "parts");
	jw_array(w);
	for (const char **name = o->parts; *name; name++) {
		const struct object *part = schema_object(ctx->schema, *name);

		if (known(ctx, o, *name) || (!object_field(o, *name) && scope_may(ctx, part, ACT_READ)))
			jw_text(w, *name);
	}
	jw_array_end(w);
}

static void write_object(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "name");
	jw_text(w, o->name);
	label_write(w, "label", o->label);
	label_write(w, "plural", o->plural);
	label_write(w, "doc", o->doc);
	write_text(w, "module", o->module);
	write_text(w, "title", known(ctx, o, o->title->name));
	write_text(w, "icon", o->icon);
	write_true(w, "menu", o->menu);
	write_text(w, "owner", known(ctx, o, o->scope_member ? o->scope_member->name : NULL));
	write_true(w, "pool", o->unowned_visible);
	write_true(w, "about", o->about_object != NULL);
	write_true(w, "duplicates", o->n_duplicates > 0);
	write_can(ctx, o, w);
	write_fields(ctx, "fields", o->fields, o->n_fields, w);
	jw_key(w, "list");
	write_names(ctx, o, o->list, w);
	jw_key(w, "form");
	jw_array(w);
	for (const char ***row = o->form; row && *row; row++)
		write_names(ctx, o, *row, w);
	jw_array_end(w);
	write_parts(ctx, o, w);
	write_views(ctx, o, w);
	write_related(ctx, o, w);
	write_actions(ctx, o, w);
	write_fixed(ctx, o, w);
	jw_object_end(w);
}

static bool may_report(const struct ctx *ctx, const struct report *r)
{
	for (const struct object **o = r->uses; *o; o++)
		if (!scope_may(ctx, *o, ACT_READ))
			return false;
	return ctx_in_roles(ctx, &r->roles);
}

static void write_chart_columns(struct json_writer *w, const char *key, const char **names)
{
	if (!names)
		return;
	jw_key(w, key);
	jw_array(w);
	for (; *names; names++)
		jw_text(w, *names);
	jw_array_end(w);
}

/* Is it about a period, which who shows it may set? */
static bool has_period(const struct report *r)
{
	bool from = false, to = false;

	for (size_t i = 0; i < r->n_params; i++) {
		from |= r->params[i].type == TYPE_DATE && text_eq(r->params[i].name, "from");
		to |= r->params[i].type == TYPE_DATE && text_eq(r->params[i].name, "to");
	}
	return from && to;
}

/* Parameters and columns, most of the text there is, only if it is `whole`. */
static void write_report(struct ctx *ctx, const struct report *r, bool whole, struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "name");
	jw_text(w, r->name);
	label_write(w, "label", r->label);
	label_write(w, "doc", r->doc);
	write_text(w, "module", r->module);
	write_true(w, "period", has_period(r));
	if (whole) {
		write_fields(ctx, "params", r->params, r->n_params, w);
		write_fields(ctx, "columns", r->columns, r->n_columns, w);
	}
	if (r->chart_kind) {
		jw_key(w, "chart");
		jw_object(w);
		write_text(w, "kind", r->chart_kind);
		write_text(w, "x", r->chart_x);
		write_text(w, "by", r->chart_by);
		write_chart_columns(w, "y", r->chart_y);
		write_chart_columns(w, "sets", r->chart_sets);
		jw_object_end(w);
	}
	jw_object_end(w);
}

/* What a metric may be grouped by besides member, team, and time. */
static void write_splits(struct ctx *ctx, const struct metric *m, struct json_writer *w)
{
	jw_key(w, "by");
	jw_array(w);
	for (size_t i = 0; i < LENGTH(m->top->split); i++) {
		const struct field *f = metric_split(ctx, m, i);

		if (!f)
			continue;
		jw_object(w);
		jw_key(w, "name");
		jw_text(w, m->top->split[i]);
		label_write(w, "label", f->label);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* One that a setting chooses says which it is, "Sales amount (value won)", and counts what that one counts. */
static void write_metric(struct ctx *ctx, const struct metric *m, struct json_writer *w)
{
	const struct metric *now = metric_named(ctx, m->name);
	struct label label = m->label;
	struct label doc = m->doc;

	if (now != m) {
		label = (struct label){ fmt(ctx->mem, "%s（%s）", label.zh, now->label.zh), fmt(ctx->mem, "%s (%s)", label.en, now->label.en) };
		doc = (struct label){ fmt(ctx->mem, "%s%s", doc.zh, now->doc.zh), fmt(ctx->mem, "%s %s", doc.en, now->doc.en) };
	}

	jw_object(w);
	jw_key(w, "name");
	jw_text(w, m->name);
	label_write(w, "label", label);
	label_write(w, "doc", doc);
	label_write(w, "unit", m->unit);
	write_text(w, "id", m->id);
	jw_key(w, "kind");
	jw_text(w, now->bottom ? "ratio" : now->top->sum ? "sum" : "count");
	jw_key(w, "yields");
	jw_text(w, types[now->yields].name);
	jw_key(w, "good");
	jw_text(w, now->good_up ? "up" : now->good_down ? "down" : "none");
	write_splits(ctx, now, w);
	jw_object_end(w);
}

static void write_me(struct ctx *ctx, struct json_writer *w)
{
	jw_key(w, "me");
	jw_object(w);
	jw_key(w, "id");
	jw_id(w, ctx->me->id);
	write_text(w, "name", ctx->me->name);
	write_text(w, "label", ctx->me->label);
	jw_key(w, "team");
	if (ctx->me->team)
		jw_id(w, ctx->me->team);
	else
		jw_null(w);
	jw_key(w, "roles");
	jw_array(w);
	for (const char **r = ctx->me->roles; *r; r++)
		jw_text(w, *r);
	jw_array_end(w);
	write_flag(w, "admin", ctx->me->admin);
	write_text(w, "language", ctx->me->language);
	jw_object_end(w);
}

static void write_company(struct ctx *ctx, struct json_writer *w)
{
	jw_key(w, "company");
	jw_object(w);
	write_text(w, "name", setting_text(ctx, "company_name"));
	write_text(w, "currency", setting_text(ctx, "currency"));
	write_text(w, "timezone", setting_text(ctx, "timezone"));
	jw_key(w, "week_start");
	jw_int(w, setting_int(ctx, "week_start"));
	jw_object_end(w);
	jw_key(w, "settings");
	jw_object(w);
	write_text(w, "colors_up", setting_text(ctx, "colors_up"));
	write_flag(w, "guide_done", setting_bool(ctx, "guide_done"));
	jw_object_end(w);
	write_text(w, "today", ctx->today);
}

/* The groups of navigation and analyses, each with those of its objects and reports the member may read. */
static void write_menus(struct ctx *ctx, struct json_writer *w)
{
	jw_key(w, "menus");
	jw_array(w);
	for (size_t i = 0; i < ctx->schema->n_menus; i++) {
		const struct menu *m = &ctx->schema->menus[i];

		jw_object(w);
		jw_key(w, "name");
		jw_text(w, m->name);
		label_write(w, "label", m->label);
		jw_key(w, "objects");
		jw_array(w);
		for (const struct object **o = m->objects; *o; o++)
			if (scope_may(ctx, *o, ACT_READ))
				jw_text(w, (*o)->name);
		jw_array_end(w);
		jw_key(w, "reports");
		jw_array(w);
		for (const struct report **r = m->reports; *r; r++)
			if (may_report(ctx, *r))
				jw_text(w, (*r)->name);
		jw_array_end(w);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void meta_write(struct ctx *ctx, struct json_writer *w)
{
	const struct schema *s = ctx->schema;

	jw_object(w);
	write_me(ctx, w);
	write_company(ctx, w);
	write_types(w);
	write_system(ctx, w);
	jw_key(w, "objects");
	jw_array(w);
	for (size_t i = 0; i < s->n_objects; i++)
		if (scope_may(MUTANT_CTX(28, ctx), &s->objects[i], ACT_READ))
			write_object(ctx, &s->objects[i], w);
	jw_array_end(w);
	write_menus(ctx, w);
	jw_key(w, "reports");
	jw_array(w);
	for (size_t i = 0; i < s->n_reports; i++)
		if (may_report(ctx, &s->reports[i]))
			write_report(ctx, &s->reports[i], false, w);
	jw_array_end(w);
	jw_key(w, "metrics");
	jw_array(w);
	for (size_t i = 0; i < s->n_metrics; i++)
		if (metric_may(ctx, metric_named(ctx, s->metrics[i].name)))
			write_metric(ctx, &s->metrics[i], w);
	jw_array_end(w);
	if (scope_may(ctx, schema_object(s, "job"), ACT_READ)) {
		jw_key(w, "jobs");
		job_write_labels(w);
	}
	jw_object_end(w);
}

bool meta_write_report(struct ctx *ctx, const char *name, struct json_writer *w)
{
	const struct report *r = schema_report(ctx->schema, name);

	if (!r || !may_report(ctx, r))
		return fail(ctx, ERR_MISSING, NULL, "没有这个报表", "There is no such report");
	write_report(ctx, r, true, w);
	return true;
}
