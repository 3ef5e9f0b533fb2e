#include "tests/model/ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/change.h"
#include "engine/export.h"
#include "engine/search.h"

/*
 * Search
 */

bool asked_search(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;

	return search_write(ctx, q->text, q->w->things[q->object].name, q->limit, w);
}

void ask_search(struct asker *a)
{
	struct world *w = a->w;
	int object = world_draw(w, OBJECTS);
	const struct thing *t = &w->things[object];
	const char *word = world_chance(w, 65) ? world_word(w) : world_hush(w);
	struct asked q = { .w = w, .object = object, .text = word, .limit = 100 };
	struct reply r;
	int due = 0;
	size_t got = 0;

	ask_begin(a, "search %s for %s", t->name, word);
	r = ask_read(a, asked_search, &q);
	if (oracle_reach(w, a->me, object, DEED_READ) == NONE) {
		if (r.ok)
			ask_wrong(a, "is answered: %.200s", r.out.s);
		return;
	}
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	for (int row = t->first; row < t->first + t->n; row++)
		due += oracle_sees(w, a->me, row) && oracle_found(w, a->me, row, word);
	for (const struct json *j = json_get(r.json, "rows")->first; j; j = j->next, got++) {
		int row = site_row(w, object, strtoll(json_text(j, "id", "0"), NULL, 10));
		int match = attribute_find(t, json_text(j, "match", ""));

		if (row < 0 || !oracle_sees(w, a->me, row) || !oracle_found(w, a->me, row, word)) {
			ask_wrong(a, "finds %s", json_text(j, "id", "?"));
			return;
		}
		if (!text_eq(json_text(j, "title", NULL), oracle_label(w, a->me, row))) {
			ask_wrong(a, "the title of %s is %s", json_text(j, "id", "?"), json_text(j, "title", "null"));
			return;
		}
		if (match >= 0 && match != t->title && !oracle_field(w, a->me, object, match)) {
			ask_wrong(a, "%s matches the hidden %s", json_text(j, "id", "?"), t->fields[match].name);
			return;
		}
	}
	for (int row = t->first; due <= 50 && got != (size_t)due && row < t->first + t->n; row++) {
		const struct json *j = json_get(r.json, "rows")->first;

		if (!oracle_sees(w, a->me, row) || !oracle_found(w, a->me, row, word))
			continue;
		while (j && strtoll(json_text(j, "id", "0"), NULL, 10) != w->rows[row].id)
			j = j->next;
		if (!j) {
			ask_wrong(a, "does not find %" PRId64 ", but %zu others", w->rows[row].id, got);
			return;
		}
	}
	if (due > 50 && got < 50)
		ask_wrong(a, "finds %zu, should be %d", got, due);
}

/*
 * History
 */

bool asked_timeline(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;

	return change_timeline(ctx, asked_object(ctx, q), q->id, NULL, q->limit, w);
}

static const char *const acts[] = {
	[EVENT_CREATE] = "create", [EVENT_UPDATE] = "update", [EVENT_DELETE] = "delete",
	[EVENT_RESTORE] = "restore",
};

/* One field of an update, as the timeline tells it. */
static bool same_change(struct asker *a, const struct json *j, const struct event *e, int i)
{
	const struct attribute *t = &a->w->things[a->w->rows[e->row].object].fields[e->fields[i]];
	const struct fact facts[] = { e->old[i], e->now[i] };
	static const char *const keys[] = { "old_label", "new_label" };

	if (!ask_fact(a, json_get(j, "old"), t, e->old[i], "old") ||
	    !ask_fact(a, json_get(j, "new"), t, e->now[i], "new"))
		return false;
	for (int k = 0; k < 2 && t->kind == KIND_REF; k++) {
		const char *label = json_text(j, keys[k], NULL);
		int row = (int)facts[k].n;

		if (label && (!facts[k].set || !oracle_may(a->w, a->me, row, DEED_READ) ||
		              !oracle_field(a->w, a->me, t->to, a->w->things[t->to].title)))
			return ask_wrong(a, "%s of %s is told: %s", keys[k], t->name, label);
	}
	return true;
}

static bool same_event(struct asker *a, const struct json *row, const struct event *e)
{
	int object = a->w->rows[e->row].object;
	const struct thing *t = &a->w->things[object];
	const struct json *changes = json_get(row, "changes");

	if (!text_eq(json_text(row, "kind", ""), acts[e->kind]))
		return ask_wrong(a, "tells a %s, should be a %s", json_text(row, "kind", "?"), acts[e->kind]);
	for (const struct json *j = changes ? changes->first : NULL; j; j = j->next) {
		const char *name = json_text(j, "field", "");
		int f = attribute_find(t, name);

		if (text_starts(name, "x_") && (f < 0 || !oracle_field(a->w, a->me, object, f)))
			return ask_wrong(a, "tells the hidden field %s", name);
		for (int i = 0; i < e->n; i++)
			if (e->fields[i] == f && !same_change(a, j, e, i))
				return false;
	}
	for (int i = 0; e->kind == EVENT_UPDATE && i < e->n; i++) {
		const char *name = t->fields[e->fields[i]].name;
		bool told = false;

		for (const struct json *j = changes ? changes->first : NULL; j; j = j->next)
			told |= text_eq(json_text(j, "field", ""), name);
		if (told != oracle_field(a->w, a->me, object, e->fields[i]))
			return ask_wrong(a, told ? "tells of %s" : "does not tell of %s", name);
	}
	return true;
}

/* How many records the member sees that refer to this one, through fields they may read. */
static int related(struct asker *a, int row)
{
	const struct world *w = a->w;
	int n = 0;

	for (int i = 0; i < w->n_rows; i++) {
		int object = w->rows[i].object;
		const struct thing *t = &w->things[object];

		if (i >= t->first + t->n || object == w->rows[row].object || !oracle_sees(w, a->me, i))
			continue;
		for (int f = 0; f < t->n_fields; f++)
			n += t->fields[f].kind == KIND_REF && t->fields[f].to == w->rows[row].object &&
			     oracle_field(w, a->me, object, f) && w->rows[i].facts[f].set &&
			     w->rows[i].facts[f].n == row;
	}
	return n;
}

void ask_timeline(struct asker *a)
{
	struct world *w = a->w;
	int object = world_draw(w, OBJECTS);
	int row = ask_some_row(a, object);
	struct asked q = { .w = w, .object = object, .id = w->rows[row].id, .limit = 200 };
	bool may = oracle_may(w, a->me, row, DEED_READ);
	int at = w->n_events;
	int others = 0;
	struct reply r;

	ask_begin(a, "timeline of %s/%" PRId64, w->things[object].name, q.id);
	r = ask_read(a, asked_timeline, &q);
	if (!ask_expect(a, &r, may ? ERR_NONE : ERR_MISSING) || !may)
		return;
	for (const struct json *j = json_get(r.json, "rows")->first; j; j = j->next) {
		if (text_eq(json_text(j, "kind", ""), "related")) {
			int other = -1;

			for (int o = 0; o < OBJECTS; o++)
				if (text_eq(json_text(j, "object", ""), w->things[o].name))
					other = site_row(w, o, strtoll(json_text(j, "id", "0"), NULL, 10));
			if (other < 0 || !oracle_sees(w, a->me, other)) {
				ask_wrong(a, "tells of %s/%s", json_text(j, "object", "?"), json_text(j, "id", "?"));
				return;
			}
			if (!ask_row(a, json_get(j, "record"), other))
				return;
			others++;
			continue;
		}
		do
			at--;
		while (at >= 0 && w->events[at].row != row);
		if (at < 0) {
			ask_wrong(a, "tells more than happened: %s", json_text(j, "kind", "?"));
			return;
		}
		if (!same_event(a, j, &w->events[at]))
			return;
	}
	if (others < 200 && others != related(a, row))
		ask_wrong(a, "tells of %d other records, should be %d", others, related(a, row));
	while (--at >= 0 && others < 100)
		if (w->events[at].row == row) {
			ask_wrong(a, "does not tell of a %s", acts[w->events[at].kind]);
			return;
		}
}

bool asked_feed(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;

	return change_list(ctx, q->after, q->limit, w);
}

static bool event_is(struct asker *a, const struct event *e, const struct json *row)
{
	const struct row *r = &a->w->rows[e->row];

	return text_eq(json_text(row, "object", ""), a->w->things[r->object].name) &&
	       strtoll(json_text(row, "id", "0"), NULL, 10) == r->id &&
	       text_eq(json_text(row, "act", ""), acts[e->kind]);
}

static bool same_fields(struct asker *a, const struct event *e, const struct json *row)
{
	int object = a->w->rows[e->row].object;
	const struct thing *t = &a->w->things[object];
	const struct json *fields = json_get(row, "fields");

	for (const struct json *j = fields->first; j; j = j->next) {
		int f = attribute_find(t, j->text);

		if (text_starts(j->text, "x_") && (f < 0 || !oracle_field(a->w, a->me, object, f)))
			return ask_wrong(a, "tells the hidden field %s of %s/%s", j->text, t->name,
			                 json_text(row, "id", "?"));
	}
	for (int i = 0; i < e->n; i++) {
		bool told = false;

		for (const struct json *j = fields->first; j; j = j->next)
			told |= text_eq(j->text, t->fields[e->fields[i]].name);
		if (told != oracle_field(a->w, a->me, object, e->fields[i]))
			return ask_wrong(a, "of %s/%s does not tell %s", t->name, json_text(row, "id", "?"),
			                 t->fields[e->fields[i]].name);
	}
	return true;
}

static bool ours(const char *object)
{
	return text_starts(object, "x_");
}

/* The event told here, brought to its place: what goes along with a row is told beside it. */
static bool place_event(struct asker *a, int at, const struct json *row)
{
	struct event *events = a->w->events;
	int found = at;
	struct event e;

	while (found < a->w->n_events && found < at + 100 && !event_is(a, &events[found], row))
		found++;
	if (found == a->w->n_events || found == at + 100)
		return false;
	e = events[found];
	memmove(&events[at + 1], &events[at], (size_t)(found - at) * sizeof *events);
	events[at] = e;
	events[at].seq = json_int(row, "seq", 0);
	return true;
}

/* Where each event stands in the feed: an administrator sees them all, in order. */
void ask_number_events(struct asker *a)
{
	struct asked q = { .w = a->w, .after = a->s->first_change, .limit = 1000 };
	int at = 0;
	int64_t last = -1;

	ask_begin(a, "the whole feed");
	while (last != q.after) {
		struct reply r = ask_read(a, asked_feed, &q);

		last = q.after;
		if (!r.ok)
			break;
		q.after = json_int(r.json, "last", 0);
		for (const struct json *j = json_get(r.json, "rows")->first; j; j = j->next) {
			if (!ours(json_text(j, "object", "")))
				continue;
			if (!place_event(a, at++, j)) {
				ask_wrong(a, "event %d is %s of %s/%s", at, json_text(j, "act", "?"),
				          json_text(j, "object", "?"), json_text(j, "id", "?"));
				return;
			}
		}
	}
	if (at != a->w->n_events)
		ask_wrong(a, "tells %d events, should be %d", at, a->w->n_events);
}

void ask_feed(struct asker *a)
{
	struct world *w = a->w;
	struct asked q = { .w = w, .limit = 30 + world_draw(w, 100) };
	int at = world_draw(w, w->n_events);
	struct reply r;
	int64_t last;

	q.after = w->events[at].seq;
	ask_begin(a, "feed after %" PRId64, q.after);
	r = ask_read(a, asked_feed, &q);
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	last = json_int(r.json, "last", 0);
	at++;
	for (const struct json *j = json_get(r.json, "rows")->first; j; j = j->next) {
		const char *object = json_text(j, "object", "");

		if (!ours(object)) {
			if (!w->members[a->me].admin && (text_eq(object, "share") || text_eq(object, "object"))) {
				ask_wrong(a, "tells of a %s", object);
				return;
			}
			continue;
		}
		while (at < w->n_events && !oracle_event(w, a->me, &w->events[at]))
			at++;
		if (at == w->n_events || !event_is(a, &w->events[at], j)) {
			ask_wrong(a, "tells %s of %s/%s", json_text(j, "act", "?"), object, json_text(j, "id", "?"));
			return;
		}
		if (!same_fields(a, &w->events[at++], j))
			return;
	}
	for (; at < w->n_events && w->events[at].seq <= last; at++)
		if (oracle_event(w, a->me, &w->events[at])) {
			ask_wrong(a, "does not tell %s of %s/%" PRId64, acts[w->events[at].kind],
			          w->things[w->rows[w->events[at].row].object].name,
			          w->rows[w->events[at].row].id);
			return;
		}
}

/*
 * Export
 */

static bool put(void *ptr, const char *data, size_t n)
{
	text_addn(ptr, data, n);
	return true;
}

bool asked_export(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct list l;
	int64_t rows;

	return query_parse(ctx, asked_object(ctx, q), q->text, &l) &&
	       export_run(ctx, &l, EXPORT_JSON, put, w->out, &rows);
}

void ask_export(struct asker *a)
{
	static int due[ROWS];
	struct wish wish;
	struct reply r;

	ask_begin(a, "export");
	wish_draw(a, world_draw(a->w, OBJECTS), &wish);
	wish.exporting = true;
	if (oracle_reach(a->w, a->me, wish.object, DEED_EXPORT) == NONE) {
		struct asked q = { .w = a->w, .object = wish.object, .text = "" };

		snprintf(a->what, sizeof a->what, "export %s", a->w->things[wish.object].name);
		r = ask_read(a, asked_export, &q);
		ask_expect(a, &r, ERR_DENIED);
		return;
	}
	if (ask_wish(a, "export", asked_export, &wish, "", &r))
		ask_rows(a, r.json, due, oracle_list(a->w, a->me, &wish, due));
}
