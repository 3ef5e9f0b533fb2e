#include "engine/schema_load.h"

#include <stdlib.h>

#include "base/embed.h"
#include "base/secret.h"
#include "engine/type.h"

/*
 * The order of loading, looking things up, and the documents in the binary.
 */

/* Also of the text of reports; what is equal here looks equal to a browser. */
static const char *hash_of(struct schema *s, const struct source *sources, size_t n)
{
	struct secret_sha h;

	secret_sha_start(&h);
	for (size_t i = 0; i < n; i++) {
		secret_sha_add(&h, sources[i].name, strlen(sources[i].name) + 1);
		secret_sha_add(&h, sources[i].text, sources[i].size);
	}
	for (size_t i = 0; i < s->n_reports; i++)
		secret_sha_add(&h, s->reports[i].sql, strlen(s->reports[i].sql));
	return secret_sha_end(&h, &s->mem);
}

/* The documents outlive the call: everything the schema points to moves into its arena. */
static const struct source *keep_sources(struct arena *mem, const struct source *sources, size_t n)
{
	struct source *kept = arena_array(mem, n + 1, sizeof *kept);

	for (size_t i = 0; i < n; i++) {
		kept[i] = sources[i];
		kept[i].name = arena_dup(mem, sources[i].name);
		kept[i].module = arena_dup(mem, sources[i].module);
		kept[i].sql = arena_dup(mem, sources[i].sql);
	}
	return kept;
}

static void load(struct loader *l, const struct source *sources, size_t n)
{
	read_documents(l, sources, n);
	/* With a document missing, all that names it would be told as well. */
	if (l->n_complaints > 0)
		return;
	read_objects(l);
	extend_objects(l);
	link_objects(l);
	link_rows(l);
	link_settings(l);               /* before the metrics they choose */
	link_numbers(l);
	link_menus(l);
	if (l->n_complaints > 0)
		return;
	link_queries(l);
	link_kept(l);
}

struct schema *schema_load(struct arena *mem, const struct source *sources, size_t n,
                           struct complaint **ret_complaints)
{
	struct schema *s = mem_alloc(sizeof *s);
	struct loader l = { .s = s, .out = mem };

	*s = (struct schema){ 0 };
	arena_init(&s->mem, 0);
	l.mem = &s->mem;
	l.end = &l.first;
	load(&l, keep_sources(&s->mem, sources, n), n);
	if (l.first) {
		*ret_complaints = l.first;
		schema_free(s);
		return NULL;
	}
	s->etag = hash_of(s, sources, n);
	return s;
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	arena_done(&s->mem);
	free(s);
}

/*
 * The documents in the binary
 */

/* "modules/NAME/…" or "src/engine/objects/…"; false for files that are no declarations. */
static bool module_of(struct arena *mem, const char *path, const char **ret_module)
{
	const char *name = path + strlen("modules/");
	const char *rest;

	if (!text_ends(path, ".json"))
		return false;
	if (text_starts(path, "src/engine/objects/") || text_eq(path, "src/engine/settings.json")) {
		*ret_module = "engine";
		return true;
	}
	if (!text_starts(path, "modules/") || !(rest = strchr(name, '/')))
		return false;
	*ret_module = arena_dupn(mem, name, (size_t)(rest - name));
	return text_starts(rest, "/objects/") || text_starts(rest, "/reports/") ||
	       text_eq(rest, "/metrics.json") || text_eq(rest, "/roles.json") || text_eq(rest, "/menu.json") ||
	       text_eq(rest, "/settings.json");
}

size_t schema_builtin(struct arena *mem, struct source **ret_sources)
{
	struct source *list = NULL;
	size_t cap = 0;
	size_t n = 0;

	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		const struct embedded_file *sql;
		const char *module;

		if (!module_of(mem, f->path, &module))
			continue;
		sql = embedded_find(
			fmt(mem, "%.*ssql", (int)(strlen(f->path) - strlen("json")), f->path));
		list = arena_grow(mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct source){
			.name = f->path,
			.module = module,
			.text = f->data,
			.size = f->size,
			.sql = sql ? sql->data : NULL,
			.builtin = true,
		};
	}
	*ret_sources = list;
	return n;
}

/*
 * What disappeared
 */

static const struct object *counterpart(const struct schema *next, const struct object *o)
{
	const struct object *same = schema_object(next, o->name);

	for (size_t i = 0; i < next->n_objects && !same; i++)
		if (text_eq(next->objects[i].was, o->name))
			same = &next->objects[i];
	return same;
}

/* Does the table of `o` still use this column, perhaps under a new name? */
static bool still_used(const struct object *o, const char *column)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (!o->fields[i].computed && (text_eq(o->fields[i].name, column) ||
		                               text_eq(o->fields[i].was, column)))
			return true;
	for (size_t i = 0; i < o->n_columns; i++)
		if (text_eq(o->columns[i].name, column))
			return true;
	return false;
}

static void write_kept_field(struct json_writer *w, const struct field *f)
{
	jw_object(w);
	jw_key(w, "name");
	jw_text(w, f->name);
	jw_key(w, "type");
	jw_text(w, types[f->type].name);
	jw_key(w, "scale");
	jw_int(w, f->scale);
	if (f->to) {
		jw_key(w, "to");
		jw_text(w, f->to->name);
	}
	jw_object_end(w);
}

/* All columns of `o` that `now` (NULL: the whole object is gone) does not use. */
static size_t write_kept_object(struct json_writer *w, const struct object *o,
                                const struct object *now)
{
	const struct {
		const struct field *list;
		size_t n;
	} from[] = { { o->fields, o->n_fields },
		     { o->columns, o->n_columns },
		     { o->kept, o->n_kept } };
	size_t n = 0;

	jw_object(w);
	jw_key(w, "object");
	jw_text(w, now ? now->name : o->name);
	jw_key(w, "fields");
	jw_array(w);
	for (size_t i = 0; i < LENGTH(from); i++) {
		for (size_t k = 0; k < from[i].n; k++) {
			const struct field *f = &from[i].list[k];

			if (f->computed || (now && still_used(now, f->name)))
				continue;
			write_kept_field(w, f);
			n++;
		}
	}
	jw_array_end(w);
	jw_object_end(w);
	return n;
}

const char *schema_kept(struct arena *mem, const struct schema *old, const struct schema *next)
{
	const struct {
		const struct object *list;
		size_t n;
	} from[] = { { old->objects, old->n_objects }, { old->kept, old->n_kept } };
	struct json_writer w;
	struct text out;
	size_t n = 0;

	text_init(&out, mem);
	jw_init(&w, &out);
	jw_object(&w);
	jw_key(&w, "kept");
	jw_text(&w, "columns");
	jw_key(&w, "objects");
	jw_array(&w);
	for (size_t i = 0; i < LENGTH(from); i++)
		for (size_t k = 0; k < from[i].n; k++)
			n += write_kept_object(&w, &from[i].list[k],
			                       counterpart(next, &from[i].list[k]));
	jw_array_end(&w);
	jw_object_end(&w);
	return n > 0 ? out.s : NULL;
}

/*
 * Looking things up
 */

const struct object *schema_object(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_objects; i++)
		if (text_eq(s->objects[i].name, name))
			return &s->objects[i];
	return NULL;
}

const struct field *object_field(const struct object *o, const char *name)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (*o->fields[i].name == *name && text_eq(o->fields[i].name, name))
			return &o->fields[i];
	return NULL;
}

const struct metric *schema_metric(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_metrics; i++)
		if (text_eq(s->metrics[i].name, name))
			return &s->metrics[i];
	return NULL;
}

const struct report *schema_report(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_reports; i++)
		if (text_eq(s->reports[i].name, name))
			return &s->reports[i];
	return NULL;
}

const struct measure *schema_measure(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_measures; i++)
		if (text_eq(s->measures[i]->name, name))
			return s->measures[i];
	return NULL;
}

const struct role *schema_role(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_roles; i++)
		if (text_eq(s->roles[i].name, name))
			return &s->roles[i];
	return NULL;
}

const struct setting *schema_setting(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_settings; i++)
		if (text_eq(s->settings[i].name, name))
			return &s->settings[i];
	return NULL;
}

const struct action *object_action(const struct object *o, const char *name)
{
	for (size_t i = 0; i < o->n_actions; i++)
		if (text_eq(o->actions[i].name, name))
			return &o->actions[i];
	return NULL;
}

static bool names(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (text_eq(*list, name))
			return true;
	return false;
}

bool fixed_field(const struct fixed_fields *stays, const struct field *f)
{
	if (f->read_only || f->system || f->computed)
		return false;
	if (stays->only)
		return names((const char *const *)stays->only, f->name);
	return !stays->but || !names((const char *const *)stays->but, f->name);
}

const struct choice *field_choice(const struct field *f, const char *value)
{
	for (size_t i = 0; i < f->n_choices; i++)
		if (text_eq(f->choices[i].value, value))
			return &f->choices[i];
	return NULL;
}

const char *label_in(struct label l, const char *lang)
{
	return text_eq(lang, "en") ? l.en : l.zh;
}

void label_write(struct json_writer *w, const char *key, struct label l)
{
	if ((!l.zh || !*l.zh) && (!l.en || !*l.en))
		return;
	jw_key(w, key);
	jw_object(w);
	if (!w->language || text_eq(w->language, "zh")) {
		jw_key(w, "zh");
		jw_text(w, l.zh);
	}
	if (!w->language || text_eq(w->language, "en")) {
		jw_key(w, "en");
		jw_text(w, l.en);
	}
	jw_object_end(w);
}

void choices_write(struct json_writer *w, const struct field *f)
{
	jw_key(w, "choices");
	jw_array(w);
	for (size_t i = 0; i < f->n_choices; i++) {
		const struct choice *c = &f->choices[i];

		jw_object(w);
		jw_key(w, "value");
		jw_text(w, c->value);
		label_write(w, "label", c->label);
		if (c->color) {
			jw_key(w, "color");
			jw_text(w, c->color);
		}
		if (c->retired) {
			jw_key(w, "retired");
			jw_bool(w, true);
		}
		jw_object_end(w);
	}
	jw_array_end(w);
}
