#include "tests/model/ask.h"

#include "engine/meta.h"

/* What a member is told they may use, against what they may. */

static bool asked_meta(struct ctx *ctx, void *arg, struct json_writer *w)
{
	(void)arg;
	meta_write(ctx, w);
	return true;
}

/* The names in a list – of names, or of objects that have one – which the world declared. */
static const char *names_of(struct asker *a, const struct json *list)
{
	struct text t;

	text_init(&t, &a->mem);
	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		const char *name = j->kind == JSON_TEXT ? j->text : json_text(j, "name", "");

		if (text_starts(name, "x_"))
			text_addf(&t, " %s", name);
	}
	return t.len ? t.s : "";
}

static const char *fields_due(struct asker *a, int object)
{
	const struct thing *t = &a->w->things[object];
	struct text due;

	text_init(&due, &a->mem);
	for (int f = 0; f < t->n_fields; f++)
		if (oracle_field(a->w, a->me, object, f))
			text_addf(&due, " %s", t->fields[f].name);
	return due.len ? due.s : "";
}

static const char *actions_due(struct asker *a, int object)
{
	struct text due;

	text_init(&due, &a->mem);
	for (int i = 0; i < ACTIONS; i++)
		if (oracle_action(a->w, a->me, object, i))
			text_addf(&due, " %s", world_actions[i].name);
	return due.len ? due.s : "";
}

/* A field that is named only if it is there; -1: none. */
static const char *field_due(struct asker *a, int object, int field)
{
	return field >= 0 && oracle_field(a->w, a->me, object, field)
		? a->w->things[object].fields[field].name : NULL;
}

static bool same(struct asker *a, int object, const char *what, const char *got, const char *due)
{
	return text_eq(got, due) ||
	       ask_wrong(a, "%s: %s:%s, should be:%s", a->w->things[object].name, what,
	                 got ? got : " (none)", due ? due : " (none)");
}

static bool same_rights(struct asker *a, const struct json *j, int object)
{
	static const char *const words[DEEDS] = {
		[DEED_READ] = "read", [DEED_CREATE] = "create", [DEED_UPDATE] = "update",
		[DEED_DELETE] = "delete", [DEED_EXPORT] = "export",
	};
	const struct thing *t = &a->w->things[object];

	for (enum deed d = DEED_READ; d < DEEDS; d++)
		if (json_bool(json_get(j, "can"), words[d], false) != (oracle_reach(a->w, a->me, object, d) != NONE))
			return ask_wrong(a, "%s: can %s is wrong", t->name, words[d]);
	for (const struct json *f = json_get(j, "fields")->first; f; f = f->next) {
		int at = attribute_find(t, json_text(f, "name", ""));

		if (at >= 0 && json_bool(f, "read_only", false) == oracle_field_write(a->w, a->me, object, at))
			return ask_wrong(a, "%s.%s: read_only is wrong", t->name, t->fields[at].name);
	}
	return true;
}

/* Other objects' references to this one. */
static const char *related_due(struct asker *a, int object)
{
	const struct world *w = a->w;
	struct text due;

	text_init(&due, &a->mem);
	for (int o = 0; o < OBJECTS; o++)
		for (int f = 0; f < w->things[o].n_fields; f++)
			if (w->things[o].fields[f].kind == KIND_REF && w->things[o].fields[f].to == object &&
			    oracle_reach(w, a->me, o, DEED_READ) != NONE && oracle_field(w, a->me, o, f))
				text_addf(&due, " %s.%s", w->things[o].name, w->things[o].fields[f].name);
	return due.len ? due.s : "";
}

static const char *related_of(struct asker *a, const struct json *list)
{
	struct text t;

	text_init(&t, &a->mem);
	for (const struct json *j = list->first; j; j = j->next)
		if (text_starts(json_text(j, "object", ""), "x_"))
			text_addf(&t, " %s.%s", json_text(j, "object", ""), json_text(j, "field", ""));
	return t.len ? t.s : "";
}

static bool same_object(struct asker *a, const struct json *j, int object)
{
	const struct thing *t = &a->w->things[object];
	const char *fields = fields_due(a, object);
	const char *by = field_due(a, object, t->board);
	const struct json *board = json_get(j, "board");

	return same(a, object, "fields", names_of(a, json_get(j, "fields")), fields) &&
	       same(a, object, "list", names_of(a, json_get(j, "list")), fields) &&
	       same(a, object, "form", names_of(a, json_get(j, "form")->first), fields) &&
	       same(a, object, "views", names_of(a, json_get(j, "views")), fields) &&
	       same(a, object, "title", json_text(j, "title", NULL), field_due(a, object, t->title)) &&
	       same(a, object, "owner", json_text(j, "owner", NULL), field_due(a, object, t->owner)) &&
	       same(a, object, "board", json_text(board, "by", NULL), by) &&
	       same(a, object, "board sum", json_text(board, "sum", NULL),
	            by ? field_due(a, object, t->board_sum) : NULL) &&
	       same(a, object, "actions", names_of(a, json_get(j, "actions")), actions_due(a, object)) &&
	       same(a, object, "related", related_of(a, json_get(j, "related")), related_due(a, object)) &&
	       same_rights(a, j, object);
}

void ask_meta(struct asker *a)
{
	struct reply r;

	ask_begin(a, "meta");
	r = ask_read(a, asked_meta, NULL);
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	for (int o = 0; o < OBJECTS; o++) {
		bool due = oracle_reach(a->w, a->me, o, DEED_READ) != NONE;
		const struct json *j = json_get(r.json, "objects")->first;

		while (j && !text_eq(json_text(j, "name", ""), a->w->things[o].name))
			j = j->next;
		if ((j != NULL) != due) {
			ask_wrong(a, "%s is %s", a->w->things[o].name, j ? "listed" : "missing");
			return;
		}
		if (j && !same_object(a, j, o))
			return;
	}
	ask_numbers_listed(a, json_get(r.json, "metrics"), json_get(r.json, "reports"));
}
