#include "engine/schema_load.h"

#include "engine/type.h"

/*
 * Extensions: the same document with another first word.  An item of "fields"
 * with a type adds a field, one without changes an existing one – in ways that
 * keep what is stored valid.  New fields of all extensions come first, then
 * all changes, so the order of documents does not matter.
 */

static const struct key extend_keys[] = {
	{ "extend",     IS_TEXT,   true,  0, false },
	{ "label",      IS_LABEL,  false, 0, false },
	{ "plural",     IS_LABEL,  false, 0, false },
	{ "fields",     IS_LIST,   false, 0, false },
	{ "list",       IS_LIST,   false, 0, false },
	{ "form",       IS_LIST,   false, 0, false },
	{ "form_rows",  IS_LIST,   false, 0, false },
	{ "parts",      IS_LIST,   false, 0, false },
	{ "views",      IS_LIST,   false, 0, false },
	{ "board",      IS_OBJECT, false, 0, false },
	{ "calendar",   IS_OBJECT, false, 0, false },
	{ "duplicates", IS_LIST,   false, 0, false },
	{ "indexes",    IS_LIST,   false, 0, false },
	{ "unique",     IS_LIST,   false, 0, false },
	{ "measures",   IS_LIST,   false, 0, false },
	{ "actions",    IS_LIST,   false, 0, false },
	{ "fixed",      IS_LIST,   false, 0, false },
	{ "access",     IS_OBJECT, false, 0, false },
};
static const struct shape extend_shape = { "扩展", "an extension", extend_keys, LENGTH(extend_keys) };

static const struct key change_keys[] = {
	{ "name",     IS_TEXT,   true,  0, false },
	{ "label",    IS_LABEL,  false, 0, false },
	{ "help",     IS_LABEL,  false, 0, false },
	{ "section",  IS_LABEL,  false, 0, false },
	{ "required", IS_BOOL,   false, 0, false },
	{ "default",  IS_VALUE,  false, 0, false },
	{ "min",      IS_TEXT | IS_NUMBER, false, 0, false },
	{ "max",      IS_TEXT | IS_NUMBER, false, 0, false },
	{ "read",     IS_LIST,   false, 0, false },
	{ "write",    IS_LIST,   false, 0, false },
	{ "choices",  IS_LIST,   false, 0, false },
	{ "choices_now", IS_LIST, false, 0, false },
};
static const struct shape change_shape = {
	"对已有字段的修改（新字段须有 \"type\"）", "a change of an existing field (a new one has a \"type\")",
	change_keys, LENGTH(change_keys),
};

static void add_fields(struct loader *l, struct object_draft *d, struct place at)
{
	const struct json *list = json_get(at.json, "fields");

	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct place here = { at.source, j };
		const struct field_draft *twin;
		struct field f;

		if (!json_get(j, "type") || !read_field(l, here, FIELD_OBJECT, &f))
			continue;
		twin = find_field_draft(d, f.name);
		if (twin)
			complain(
				l, place_of(here, "name"),
				"字段“%s”已在 %s 中声明；要修改它，请去掉 \"type\"",
				"the field \"%s\" is already declared in %s; to change it, leave out \"type\"",
				f.name, twin->at.source->name);
		else
			draft_add_field(l, d, &f, here);
	}
}

/* A limit may only become narrower: what is stored stays valid. */
static void change_limits(struct loader *l, struct place at, struct field *f)
{
	const struct json *min = json_get(at.json, "min");
	const struct json *max = json_get(at.json, "max");
	int64_t n;

	if (min && read_limit(l, (struct place){ at.source, min }, f, &n)) {
		if (!field_type(f)->ordered || f->computed)
			complain(l, (struct place){ at.source, min }, "%s 类型的字段没有“%s”",
			         "a field of type %s has no \"%s\"", types[f->type].name, "min");
		else if (f->has_min && n < f->min)
			complain(l, (struct place){ at.source, min }, "扩展只能提高 min",
			         "an extension can only raise min");
		f->min = n;
		f->has_min = true;
	}
	if (max && read_limit(l, (struct place){ at.source, max }, f, &n)) {
		if ((!field_type(f)->ordered && !f->has_max) || f->computed)
			complain(l, (struct place){ at.source, max }, "%s 类型的字段没有“%s”",
			         "a field of type %s has no \"%s\"", types[f->type].name, "max");
		else if (f->has_max && n > f->max)
			complain(l, (struct place){ at.source, max }, "扩展只能降低 max",
			         "an extension can only lower max");
		f->max = n;
		f->has_max = true;
	}
	if (f->has_min && f->has_max && f->min > f->max)
		complain(l, min ? (struct place){ at.source, min } : at, "min 大于 max",
		         "min is greater than max");
}

static void change_field(struct loader *l, struct field_draft *d, struct place at)
{
	struct field *f = &d->f;
	const struct json *initial = json_get(at.json, "default");
	const struct json *choices = json_get(at.json, "choices");

	if (!check_shape(l, at, &change_shape))
		return;
	places_add(l, &d->changes, at);
	read_label(l, at, "label", &f->label);
	read_label(l, at, "help", &f->help);
	read_label(l, at, "section", &f->section);
	if (f->required && !json_bool(at.json, "required", true))
		complain(l, place_of(at, "required"), "扩展不能取消“必填”",
		         "an extension cannot make a required field optional");
	if (f->computed && (json_get(at.json, "required") || initial || choices))
		complain(l, at, "字段“%s”是计算得出的", "the field \"%s\" is computed", f->name);
	f->required = f->required || json_bool(at.json, "required", false);
	if (initial)
		f->initial = initial->kind == JSON_BOOL ? (initial->b ? "true" : "false")
		                                        : initial->text;
	change_limits(l, at, f);
	if (json_get(at.json, "read"))
		read_roles(l, place_of(at, "read"), &f->read);
	if (json_get(at.json, "write"))
		read_roles(l, place_of(at, "write"), &f->write);
	if (choices && f->type != TYPE_CHOICE && f->type != TYPE_CHOICES)
		complain(l, (struct place){ at.source, choices }, "%s 类型的字段没有“%s”",
		         "a field of type %s has no \"%s\"", types[f->type].name, "choices");
	else if (choices)
		read_choices(l, (struct place){ at.source, choices }, f);
}

/* Once all choices are there, whatever the order of documents. */
static void arrange_field(struct loader *l, struct field_draft *d)
{
	for (size_t i = 0; i < d->changes.n; i++) {
		struct place at = d->changes.list[i];

		if (json_get(at.json, "choices_now"))
			arrange_choices(l, place_of(at, "choices_now"), &d->f);
	}
}

static const char *draft_field_name(const void *p, size_t i)
{
	const struct object_draft *d = p;

	return d->fields[i].f.name;
}

static void change_fields(struct loader *l, struct object_draft *d, struct place at)
{
	const struct json *list = json_get(at.json, "fields");

	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct place here = { at.source, j };
		const char *name = json_text(j, "name", "");
		struct field_draft *f = find_field_draft(d, name);

		if (json_get(j, "type"))
			continue;
		if (f)
			change_field(l, f, here);
		else
			complain(l, here, "“%s”没有字段“%s”可修改%s；新字段须有 \"type\"",
			         "%s has no field \"%s\" to change%s; a new field needs a \"type\"",
			         d->o->name, name,
			         nearest(l, name, draft_field_name, d, d->n_fields));
	}
}

/* Roles named again replace what was said about them. */
static void change_access(struct loader *l, struct object_draft *d, struct place at)
{
	struct places access = { 0 };

	spread_items(l, at, "access", &access);
	for (size_t k = 0; k < access.n; k++) {
		bool found = false;

		for (size_t i = 0; i < d->access.n; i++) {
			if (text_eq(d->access.list[i].json->key, access.list[k].json->key)) {
				d->access.list[i] = access.list[k];
				found = true;
			}
		}
		if (!found)
			places_add(l, &d->access, access.list[k]);
	}
}

static const char *draft_name(const void *p, size_t i)
{
	const struct loader *l = p;

	return l->drafts[i].o->name;
}

void extend_objects(struct loader *l)
{
	for (size_t i = 0; i < l->extensions.n; i++) {
		struct place at = l->extensions.list[i];
		const char *name = json_text(at.json, "extend", "");
		struct object_draft *d = find_draft(l, name);

		check_shape(l, at, &extend_shape);
		if (!d) {
			complain(l, place_of(at, "extend"), "没有可扩展的对象“%s”%s",
			         "there is no object \"%s\" to extend%s", name,
			         nearest(l, name, draft_name, l, l->n_drafts));
			continue;
		}
		places_add(l, &d->extensions, at);
		add_fields(l, d, at);
		draft_add_rows(l, d, at);
		if (json_get(at.json, "form"))
			d->form_rows.n = 0;     /* another form: it has what it wants of the rows so far */
		spread_items(l, at, "form_rows", &d->form_rows);
		change_access(l, d, at);
		read_label(l, at, "label", &d->o->label);
		read_label(l, at, "plural", &d->o->plural);
	}
	for (size_t i = 0; i < l->n_drafts; i++) {
		for (size_t k = 0; k < l->drafts[i].extensions.n; k++)
			change_fields(l, &l->drafts[i], l->drafts[i].extensions.list[k]);
		for (size_t k = 0; k < l->drafts[i].n_fields; k++)
			arrange_field(l, &l->drafts[i].fields[k]);
	}
}

/*
 * The merged declaration
 */

static const struct json *last_change(const struct field_draft *f, const char *key)
{
	const struct json *found = NULL;

	for (size_t i = 0; i < f->changes.n; i++)
		if (json_get(f->changes.list[i].json, key))
			found = json_get(f->changes.list[i].json, key);
	return found;
}

static void merge_choices(struct json_writer *w, const struct field_draft *f)
{
	choices_write(w, &f->f);
}

static void merge_field(struct json_writer *w, const struct field_draft *f)
{
	jw_object(w);
	for (const struct json *j = f->at.json->first; j; j = j->next) {
		const struct json *changed = last_change(f, j->key);

		if (text_eq(j->key, "choices")) {
			merge_choices(w, f);
			continue;
		}
		jw_key_any(w, j->key);
		jw_json(w, changed ? changed : j);
	}
	for (size_t i = 0; i < LENGTH(change_keys); i++) {
		const struct json *changed = last_change(f, change_keys[i].name);

		if (!changed || json_get(f->at.json, change_keys[i].name) || text_eq(change_keys[i].name, "choices_now"))
			continue;
		jw_key(w, change_keys[i].name);
		jw_json(w, changed);
	}
	jw_object_end(w);
}

static void merge_list(struct json_writer *w, const char *key, const struct places *list)
{
	if (list->n == 0)
		return;
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < list->n; i++)
		jw_json(w, list->list[i].json);
	jw_array_end(w);
}

/* An object that says nothing of its form shows every field: there is nothing to add to. */
static void merge_form(struct json_writer *w, const struct object_draft *d)
{
	if (!d->form.json)
		return;
	jw_key(w, "form");
	jw_array(w);
	for (const struct json *j = d->form.json->first; j; j = j->next)
		jw_json(w, j);
	for (size_t i = 0; i < d->form_rows.n; i++)
		jw_json(w, d->form_rows.list[i].json);
	jw_array_end(w);
}

/* Writes one declaration that would give the same object without any extension. */
void merge_json(struct loader *l, struct object_draft *d)
{
	static const char *const as_is[] = { "object", "was",   "doc",     "icon", "menu",
		                             "title",  "scope", "unowned", "about", "log",  "columns" };
	const struct {
		const char *key;
		const struct json *j;
	} last[] = {
		{ "label", d->label.json }, { "plural", d->plural.json }, { "list", d->list.json },
		{ "parts", d->parts.json }, { "board", d->board.json }, { "calendar", d->calendar.json },
	};
	struct json_writer w;
	struct text out;

	text_init(&out, l->mem);
	jw_init(&w, &out);
	jw_object(&w);
	for (size_t i = 0; i < LENGTH(as_is); i++) {
		const struct json *j = json_get(d->at.json, as_is[i]);

		if (!j)
			continue;
		jw_key(&w, as_is[i]);
		jw_json(&w, j);
	}
	jw_key(&w, "fields");
	jw_array(&w);
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].at.json)
			merge_field(&w, &d->fields[i]);
	jw_array_end(&w);
	for (size_t i = 0; i < LENGTH(last); i++) {
		if (!last[i].j)
			continue;
		jw_key(&w, last[i].key);
		jw_json(&w, last[i].j);
	}
	merge_form(&w, d);
	merge_list(&w, "views", &d->views);
	merge_list(&w, "duplicates", &d->duplicates);
	merge_list(&w, "indexes", &d->indexes);
	merge_list(&w, "unique", &d->unique);
	merge_list(&w, "measures", &d->measures);
	merge_list(&w, "actions", &d->actions);
	merge_list(&w, "fixed", &d->locks);
	if (d->access.n > 0) {
		jw_key(&w, "access");
		jw_object(&w);
		for (size_t i = 0; i < d->access.n; i++) {
			jw_key_any(&w, d->access.list[i].json->key);
			jw_json(&w, d->access.list[i].json);
		}
		jw_object_end(&w);
	}
	jw_object_end(&w);
	d->o->json = out.s;
}
