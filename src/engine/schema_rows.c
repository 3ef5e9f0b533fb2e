#include "engine/schema_load.h"

#include "engine/type.h"

/*
 * What an object says about itself besides fields, scope and access: lists,
 * forms, parts, views, board, calendar, duplicates, indexes, what is fixed, actions.
 */

/* Names of fields, each once, ended by NULL. */
static const char **link_names(struct loader *l, struct place list, const struct object *o,
                               bool stored)
{
	const char **names = read_names(l, list);

	for (size_t i = 0; names[i]; i++) {
		/* An index may also have what only the engine asks for. */
		const struct field *f = stored && object_field(o, names[i]) ? object_field(o, names[i])
		                                                            : need_field(l, list, o, names[i]);

		if (f && stored &&
		    (f->computed || f->type == TYPE_LONG || f->type == TYPE_LOCATION))
			complain(l, list, "字段“%s”不能建立索引",
			         "the field \"%s\" cannot be indexed", f->name);
		for (size_t k = 0; k < i; k++)
			if (text_eq(names[i], names[k]))
				complain(l, list, "字段“%s”重复", "the field \"%s\" is there twice",
				         names[i]);
	}
	if (!names[0])
		complain(l, list, "字段列表为空", "a list of fields must not be empty");
	return names;
}

static bool fit_for_list(const struct field *f)
{
	return !f->system && f->yields != TYPE_LONG && f->yields != TYPE_LOCATION &&
	       !field_is_refs(f);
}

static const char **default_list(struct loader *l, const struct object *o)
{
	enum { COLUMNS = 6 };
	const char **names = arena_array(l->mem, COLUMNS + 2, sizeof *names);
	size_t n = 0;

	names[n++] = o->title->name;
	for (size_t i = 0; i < o->n_fields && n < COLUMNS; i++)
		if (fit_for_list(&o->fields[i]) && &o->fields[i] != o->title)
			names[n++] = o->fields[i].name;
	return names;
}

/* Two fields a row, long ones alone; a section begins with a row. */
static const char ***default_form(struct loader *l, const struct object *o)
{
	const char ***rows = arena_array(l->mem, o->n_fields + 1, sizeof *rows);
	size_t n = 0;
	bool half = false;

	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];
		bool wide = f->yields == TYPE_LONG || f->yields == TYPE_LOCATION;

		if (f->system)
			continue;
		if (half && !wide && !*f->section.zh) {
			rows[n - 1][1] = f->name;
			half = false;
			continue;
		}
		rows[n] = arena_array(l->mem, 3, sizeof **rows);
		rows[n++][0] = f->name;
		half = !wide;
	}
	return rows;
}

static void check_form_once(struct loader *l, struct place at, const char *const *const *rows,
                            size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			for (size_t a = 0; rows[i][a]; a++)
				for (size_t b = 0; rows[k][b]; b++)
					if (text_eq(rows[i][a], rows[k][b]))
						complain(
							l, at, "字段“%s”在表单中重复",
							"the field \"%s\" is there twice in the form",
							rows[i][a]);
}

static void link_form(struct loader *l, struct object_draft *d)
{
	const struct json *form = d->form.json;
	const char ***rows;
	size_t n = 0;

	if (!form || form->kind != JSON_ARRAY || !form->first) {
		d->o->form = default_form(l, d->o);
		return;
	}
	rows = arena_array(l->mem, form->len + d->form_rows.n + 1, sizeof *rows);
	for (const struct json *j = form->first; j; j = j->next)
		rows[n++] = link_names(l, (struct place){ d->form.source, j }, d->o, false);
	for (size_t i = 0; i < d->form_rows.n; i++)
		rows[n++] = link_names(l, d->form_rows.list[i], d->o, false);
	check_form_once(l, d->form, (const char *const *const *)rows, n);
	d->o->form = rows;
}

static const char ***link_columns(struct loader *l, const struct places *list,
                                  const struct object *o)
{
	const char ***rows = arena_array(l->mem, list->n + 1, sizeof *rows);

	for (size_t i = 0; i < list->n; i++)
		rows[i] = link_names(l, list->list[i], o, true);
	return rows;
}

static void link_views(struct loader *l, struct object_draft *d)
{
	static const struct key keys[] = {
		{ "name", IS_TEXT, true, 0, false },
		{ "label", IS_LABEL, true, 0, false },
		{ "query", IS_TEXT, true, 0, false },
	};
	static const struct shape shape = { "视图", "a view", keys, LENGTH(keys) };
	struct view_decl *views = arena_array(l->mem, d->views.n + 1, sizeof *views);
	struct object *o = d->o;

	o->views = views;
	for (size_t i = 0; i < d->views.n; i++) {
		struct place at = d->views.list[i];
		struct view_decl v = { .name = json_text(at.json, "name", NULL) };

		if (!check_shape(l, at, &shape) || !v.name ||
		    !check_name(l, place_of(at, "name"), v.name, NAME_OTHER))
			continue;
		for (size_t k = 0; k < o->n_views; k++)
			if (text_eq(views[k].name, v.name))
				complain(l, place_of(at, "name"), "视图“%s”重复",
				         "the view \"%s\" is there twice", v.name);
		v.label = (struct label){ v.name, v.name };
		read_label(l, at, "label", &v.label);
		v.query = json_text(at.json, "query", "");
		views[o->n_views++] = v;
	}
}

/* The page of a record: fields of its own, and objects with a reference to it. */
static const char **link_parts(struct loader *l, struct place list, const struct object *o)
{
	const char **names = read_names(l, list);

	for (size_t i = 0; names[i]; i++) {
		const struct object *part = object_field(o, names[i]) ? NULL : need_object(l, list, names[i]);
		bool refers = false;

		for (size_t k = 0; part && k < part->n_fields; k++)
			refers |= part->fields[k].to == o && field_is_ref(&part->fields[k]);
		if (part && !refers)
			complain(l, list, "“%s”没有引用“%s”的字段，不能是它的一部分",
			         "\"%s\" has no field that refers to \"%s\" and is no part of it",
			         part->name, o->name);
		for (size_t k = 0; k < i; k++)
			if (text_eq(names[i], names[k]))
				complain(l, list, "“%s”重复", "\"%s\" is there twice", names[i]);
	}
	return names;
}

static bool is_time(const struct field *f)
{
	return !f->computed && (f->type == TYPE_DATE || f->type == TYPE_INSTANT);
}

static void link_board(struct loader *l, struct object_draft *d)
{
	static const struct key keys[] = {
		{ "by", IS_TEXT, true, 0, false },
		{ "sum", IS_TEXT, false, 0, false },
		{ "within", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "看板", "a board", keys, LENGTH(keys) };
	const struct field *by;
	const struct field *sum;
	const struct field *within;

	if (!d->board.json || !check_shape(l, d->board, &shape))
		return;
	by = field_of_key(l, d->board, "by", d->o);
	sum = field_of_key(l, d->board, "sum", d->o);
	within = field_of_key(l, d->board, "within", d->o);
	if (by && by->type != TYPE_CHOICE && !field_is_ref(by))
		complain(l, place_of(d->board, "by"), "看板只能按选项或引用字段分列，不能按 %s",
		         "a board goes by a choice or a reference, not by %s",
		         types[by->type].name);
	if (sum && !is_stored_number(sum) && sum->type != TYPE_FORMULA)
		complain(l, place_of(d->board, "sum"), "“%s”不是数字字段", "\"%s\" is not a number",
		         sum->name);
	if (within && !field_is_ref(within))
		complain(l, place_of(d->board, "within"), "“%s”不是引用字段", "\"%s\" is not a reference",
		         within->name);
	d->o->board_by = by ? by->name : NULL;
	d->o->board_sum = sum ? sum->name : NULL;
	d->o->board_within = within ? within->name : NULL;
}

static void link_calendar(struct loader *l, struct object_draft *d)
{
	static const struct key keys[] = {
		{ "start", IS_TEXT, true, 0, false },
		{ "end", IS_TEXT, false, 0, false },
		{ "done", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "日历", "a calendar", keys, LENGTH(keys) };
	const char *const names[] = { "start", "end", "done" };
	const char **const places[] = { &d->o->calendar_start, &d->o->calendar_end, &d->o->calendar_done };

	if (!d->calendar.json || !check_shape(l, d->calendar, &shape))
		return;
	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct field *f = field_of_key(l, d->calendar, names[i], d->o);

		if (f && !is_time(f))
			complain(l, place_of(d->calendar, names[i]), "“%s”不是日期或时间字段",
			         "\"%s\" is neither a date nor an instant", f->name);
		if (f)
			*places[i] = f->name;
	}
}

static void link_duplicates(struct loader *l, struct object_draft *d)
{
	static const struct key keys[] = {
		{ "field", IS_TEXT, true, 0, false },
		{ "match", IS_TEXT, true, 0, false },
		{ "block", IS_BOOL, false, 0, false },
	};
	static const struct shape shape = { "查重规则", "a rule for duplicates", keys, LENGTH(keys) };
	static const char *const matches[] = { "exact", "company", "phone", "code", "name" };
	struct duplicate_rule *rules = arena_array(l->mem, d->duplicates.n + 1, sizeof *rules);
	struct object *o = d->o;

	o->duplicates = rules;
	for (size_t i = 0; i < d->duplicates.n; i++) {
		struct place at = d->duplicates.list[i];
		const struct field *f;
		int match = -1;

		if (!check_shape(l, at, &shape))
			continue;
		f = field_of_key(l, at, "field", o);
		read_word(l, at, "match", matches, LENGTH(matches), &match);
		if (!f || match < 0)
			continue;
		if (f->computed || f->system || !(field_type(f)->ops & OP_BIT(OP_EQ)) ||
		    (match != MATCH_EXACT && field_type(f)->storage != STORE_TEXT))
			complain(l, place_of(at, "field"), "字段“%s”（%s）不能用于查重",
			         "the field \"%s\" (%s) cannot be used to find duplicates", f->name,
			         types[f->type].name);
		rules[o->n_duplicates++] = (struct duplicate_rule){
			(enum match)match, f, json_bool(at.json, "block", false),
		};
	}
}

/*
 * Actions
 */

static void link_params(struct loader *l, struct place at, struct action *a)
{
	const struct json *list = json_get(at.json, "params");
	struct field *params = arena_array(l->mem, list ? list->len + 1 : 1, sizeof *params);

	a->params = params;
	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct place here = { at.source, j };
		struct field *f = &params[a->n_params];

		if (!read_field(l, here, FIELD_PARAM, f))
			continue;
		f->index = a->n_params++;
		link_field_to(l, here, f);
		check_initial(l, place_of(here, "default"), f);
		for (size_t k = 0; k < f->index; k++)
			if (text_eq(params[k].name, f->name))
				complain(l, place_of(here, "name"), "参数“%s”重复",
				         "the parameter \"%s\" is there twice", f->name);
	}
}

static bool link_action(struct loader *l, struct place at, const struct object *o,
                        struct action *ret)
{
	static const struct key keys[] = {
		{ "name", IS_TEXT, true, 0, false },      { "label", IS_LABEL, true, 0, false },
		{ "on", IS_TEXT, false, 0, false },       { "needs", IS_TEXT, false, 0, false },
		{ "params", IS_LIST, false, 0, false },   { "confirm", IS_LABEL, false, 0, false },
		{ "roles", IS_LIST, false, 0, false },     { "when", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "操作", "an action", keys, LENGTH(keys) };
	static const char *const acts[] = { "read", "create", "update", "delete", "export" };
	static const char *const places[] = { "record", "list" };
	static const char *const routes[] = { "restore", "merge",    "bulk",    "share",
		                              "check",   "timeline", "summary", "password", "presence" };
	struct action a = { .name = json_text(at.json, "name", NULL) };
	int needs = ACT_UPDATE;
	int on = 0;

	if (!check_shape(l, at, &shape) || !a.name ||
	    !check_name(l, place_of(at, "name"), a.name, NAME_OTHER))
		return false;
	for (size_t i = 0; i < LENGTH(routes); i++)
		if (text_eq(routes[i], a.name))
			complain(l, place_of(at, "name"), "“%s”由系统使用，请换一个名称",
			         "\"%s\" is used by the engine itself: choose another name",
			         a.name);
	if (object_action(o, a.name))
		complain(l, place_of(at, "name"), "操作“%s”重复",
		         "the action \"%s\" is there twice", a.name);
	a.label = (struct label){ a.name, a.name };
	read_label(l, at, "label", &a.label);
	read_label(l, at, "confirm", &a.confirm);
	read_word(l, at, "on", places, LENGTH(places), &on);
	read_word(l, at, "needs", acts, LENGTH(acts), &needs);
	a.on_list = on == 1;
	a.needs = (enum act)needs;
	a.when = json_text(at.json, "when", NULL);
	if (json_get(at.json, "roles")) {
		read_roles(l, place_of(at, "roles"), &a.roles);
		check_roles(l, place_of(at, "roles"), &a.roles);
	}
	link_params(l, at, &a);
	*ret = a;
	return true;
}

/*
 * Fixed
 */

/* An empty list names no field: then it is only not deleted, or only its parts are fixed. */
static const char **link_fixed_names(struct loader *l, struct place at, const char *key, const struct object *o)
{
	const struct json *list = json_get(at.json, key);

	if (!list || list->kind != JSON_ARRAY)
		return NULL;
	return list->len ? link_names(l, place_of(at, key), o, false) : arena_array(l->mem, 1, sizeof(const char *));
}

static struct fixed_fields link_fixed_fields(struct loader *l, struct place at, const struct object *o)
{
	struct fixed_fields stays = { link_fixed_names(l, at, "fields", o), link_fixed_names(l, at, "but", o) };

	if (stays.only && stays.but)
		complain(l, place_of(at, "but"), "“fields”是不能再改的，“but”是仍可改的：只写一个",
		         "\"fields\" names what stays, \"but\" what does not: say one of them");
	return stays;
}

static bool refers_to(const struct object *o, const struct object *to)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (o->fields[i].type == TYPE_REF && o->fields[i].to == to)
			return true;
	return false;
}

static void link_fixed_parts(struct loader *l, struct place at, const struct object *o, struct fixed *rule)
{
	static const struct key keys[] = {
		{ "object", IS_TEXT, true, 0, false }, { "fields", IS_LIST, false, 0, false },
		{ "but", IS_LIST, false, 0, false }, { "import", IS_BOOL, false, 0, false },
	};
	static const struct shape shape = { "一同固定的部分", "a part that is fixed with it", keys, LENGTH(keys) };
	const struct json *list = json_get(at.json, "parts");
	struct fixed_part *parts;

	if (!list || list->kind != JSON_ARRAY)
		return;
	parts = arena_array(l->mem, list->len + 1, sizeof *parts);
	rule->parts = parts;
	for (const struct json *j = list->first; j; j = j->next) {
		struct place here = { at.source, j };
		const struct object *part;

		if (!check_shape(l, here, &shape))
			continue;
		part = need_object(l, place_of(here, "object"), json_text(j, "object", ""));
		if (!part)
			continue;
		if (!refers_to(part, o))
			complain(l, place_of(here, "object"), "“%s”没有引用“%s”的字段，不能与它一同固定",
			         "\"%s\" has no field that refers to \"%s\" and is not fixed with it", part->name, o->name);
		parts[rule->n_parts++] = (struct fixed_part){ part, link_fixed_fields(l, here, part), json_bool(j, "import", false) };
	}
}

static void link_fixed(struct loader *l, const struct object_draft *d)
{
	static const struct key keys[] = {
		{ "when", IS_TEXT, true, 0, false },   { "fields", IS_LIST, false, 0, false },
		{ "but", IS_LIST, false, 0, false },   { "delete", IS_BOOL, false, 0, false },
		{ "parts", IS_LIST, false, 0, false }, { "why", IS_LABEL, true, 0, false },
		{ "instead", IS_LABEL, true, 0, false },
	};
	static const struct shape shape = { "固定的条件", "a rule of what is fixed", keys, LENGTH(keys) };
	struct fixed *rules = arena_array(l->mem, d->locks.n + 1, sizeof *rules);

	d->o->fixed = rules;
	d->o->n_fixed = d->locks.n;
	for (size_t i = 0; i < d->locks.n; i++) {
		struct place at = d->locks.list[i];

		if (!check_shape(l, at, &shape))
			continue;
		rules[i].when = json_text(at.json, "when", NULL);
		rules[i].deletable = json_bool(at.json, "delete", false);
		rules[i].stays = link_fixed_fields(l, at, d->o);
		read_label(l, at, "why", &rules[i].why);
		read_label(l, at, "instead", &rules[i].instead);
		link_fixed_parts(l, at, d->o, &rules[i]);
	}
}

void link_rows(struct loader *l)
{
	for (size_t i = 0; i < l->n_drafts; i++) {
		struct object_draft *d = &l->drafts[i];
		struct object *o = d->o;
		struct action *actions = arena_array(l->mem, d->actions.n + 1, sizeof *actions);

		o->list = d->list.json ? link_names(l, d->list, o, false) : default_list(l, o);
		link_form(l, d);
		o->parts = d->parts.json ? link_parts(l, d->parts, o) : NULL;
		link_views(l, d);
		link_board(l, d);
		link_calendar(l, d);
		link_duplicates(l, d);
		o->indexes = link_columns(l, &d->indexes, o);
		o->uniques = link_columns(l, &d->unique, o);
		link_fixed(l, d);
		o->actions = actions;
		for (size_t k = 0; k < d->actions.n; k++)
			if (link_action(l, d->actions.list[k], o, &actions[o->n_actions]))
				o->n_actions++;
	}
}
