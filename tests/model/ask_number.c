#include "tests/model/ask.h"

#include <stdlib.h>

#include "engine/metric.h"
#include "engine/report.h"

/*
 * Metrics, as world.c declares them.  The fields are those of x_a and x_b there.
 */

static const struct {
	const char *name;
	struct gauge top;
	bool mean;                      /* divided by the number of rows */
	bool splits;
} metrics[] = {
	{ "x_ka_count", { OBJ_A, 6, 1, -1, -1, NULL, -1, { 0 } }, false, false },
	{ "x_ka_amount", { OBJ_A, 6, 1, 3, -1, NULL, -1, { 0 } }, false, false },
	{ "x_ka_kind", { OBJ_A, 6, 1, -1, 2, "ka", -1, { 0 } }, false, true },
	{ "x_ka_secret", { OBJ_A, 6, 1, 9, -1, NULL, -1, { 0 } }, false, false },
	{ "x_kb_amount", { OBJ_B, 6, 7, 2, -1, NULL, -1, { 0 } }, false, false },
	{ "x_k_mean", { OBJ_A, 6, 1, 3, -1, NULL, -1, { 0 } }, true, false },
};
enum { FIELD_REF = 8, FIELD_MATE = 14 };

bool asked_metric(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct metric_ask ask = { .from = q->from, .to = q->to, .by = q->by };

	return metric_write(ctx, schema_metric(ctx->schema, q->text), &ask, w);
}

/* Numerator and denominator of the answer, or of one of its rows. */
static bool same_number(struct asker *a, const struct json *j, size_t metric, const struct gauge *g,
                        const struct asked *q, int person)
{
	const struct thing *t = &a->w->things[g->object];
	struct attribute number = { .name = "numerator", .kind = KIND_INTEGER };
	struct attribute below = { .name = "denominator", .kind = KIND_INTEGER };
	struct fact due = { .set = true, .n = oracle_gauge(a->w, a->me, g, q->from, q->to, person) };
	struct gauge count = *g;

	if (g->sum >= 0)
		number.kind = t->fields[g->sum].kind;
	if (!ask_fact(a, json_get(j, "numerator"), &number, due, json_text(j, "key", "all")))
		return false;
	count.sum = -1;
	due.n = oracle_gauge(a->w, a->me, &count, q->from, q->to, person);
	due.set = metrics[metric].mean;
	return ask_fact(a, json_get(j, "denominator"), &below, due, json_text(j, "key", "all"));
}

/* Each person within reach has what their records give; nobody else is named. */
static void same_persons(struct asker *a, const struct json *rows, size_t metric,
                         const struct asked *q)
{
	const struct gauge *g = &metrics[metric].top;

	for (int m = 0; m < MEMBERS; m++) {
		const char *key = fmt(&a->mem, "%" PRId64, a->w->members[m].id);
		const struct json *row = rows->first;

		while (row && !text_eq(json_text(row, "key", ""), key))
			row = row->next;
		if (row && !same_number(a, row, metric, g, q, m))
			return;
		if (!row && oracle_gauge(a->w, a->me, g, q->from, q->to, m) != 0) {
			ask_wrong(a, "m%d is missing", m);
			return;
		}
	}
}

/* A row for each value of the split; the label of a record that may not be seen is not told. */
static void same_splits(struct asker *a, const struct json *rows, size_t metric,
                        const struct asked *q, int field)
{
	struct gauge g = metrics[metric].top;

	g.split = field;
	for (const struct json *row = rows->first; row; row = row->next) {
		int64_t id = strtoll(json_text(row, "key", "0"), NULL, 10);
		const char *label = json_text(row, "label", "");
		int at = -1;

		for (int m = 0; field == FIELD_MATE && m < MEMBERS; m++)
			if (a->w->members[m].id == id)
				at = m;
		if (field == FIELD_REF && id)
			at = site_row(a->w, OBJ_E, id);
		g.at = (struct fact){ .set = id != 0, .n = id ? at : 0 };
		if (id && at < 0)
			ask_wrong(a, "a row of %" PRId64, id);
		if (!same_number(a, row, metric, &g, q, ALL_TOGETHER))
			return;
		if (id && field == FIELD_REF && !oracle_label(a->w, a->me, at) &&
		    !oracle_may(a->w, a->me, at, DEED_READ) && !text_eq(label, json_text(row, "key", ""))) {
			ask_wrong(a, "tells the label %s", label);
			return;
		}
	}
}

static const struct json *named(const struct json *list, const char *name)
{
	const struct json *j = list->first;

	while (j && !text_eq(json_text(j, "name", ""), name))
		j = j->next;
	return j;
}

void ask_numbers_listed(struct asker *a, const struct json *list, const struct json *reports)
{
	const struct world *w = a->w;

	for (size_t i = 0; i < LENGTH(metrics); i++) {
		const struct json *j = named(list, metrics[i].name);
		bool due = oracle_gauged(w, a->me, &metrics[i].top);
		static const struct {
			const char *name;
			int field;
		} splits[] = { { "x_ref", FIELD_REF }, { "x_mate", FIELD_MATE } };

		if ((j != NULL) != due) {
			ask_wrong(a, "the metric %s is %s", metrics[i].name, j ? "listed" : "missing");
			return;
		}
		for (size_t k = 0; j && k < LENGTH(splits); k++) {
			bool by = metrics[i].splits && oracle_field(w, a->me, OBJ_A, splits[k].field);

			if ((named(json_get(j, "by"), splits[k].name) != NULL) != by)
				ask_wrong(a, "the metric %s by %s is wrong", metrics[i].name, splits[k].name);
		}
	}
	if ((named(reports, "x_report") != NULL) != (oracle_reach(w, a->me, OBJ_A, DEED_READ) != NONE &&
	                                             oracle_reach(w, a->me, OBJ_B, DEED_READ) != NONE))
		ask_wrong(a, "the report is listed wrongly");
}

void ask_metric(struct asker *a)
{
	static const char *const bys[] = { NULL, NULL, "member", "x_ref", "x_mate" };
	struct world *w = a->w;
	size_t metric = (size_t)world_draw(w, LENGTH(metrics));
	struct gauge g = metrics[metric].top;
	const char *by = bys[world_draw(w, metrics[metric].splits ? 5 : 3)];
	struct asked q = { .w = w, .text = metrics[metric].name, .by = by };
	int field = text_eq(by, "x_ref") ? FIELD_REF : text_eq(by, "x_mate") ? FIELD_MATE : -1;
	struct reply r;

	q.from = fmt(&a->s->mem, "2026-%02d-%02d", 9 + world_draw(w, 2), 1 + world_draw(w, 30));
	q.to = fmt(&a->s->mem, "2026-%02d-%02d", 10 + world_draw(w, 2), 1 + world_draw(w, 30));
	if (strcmp(q.to, q.from) < 0)
		q.to = q.from;
	ask_begin(a, "metric %s from=%s to=%s by=%s", q.text, q.from, q.to, by ? by : "");
	r = ask_read(a, asked_metric, &q);
	if (!oracle_gauged(w, a->me, &g)) {
		ask_expect(a, &r, ERR_DENIED);
		return;
	}
	g.split = field;
	if (!oracle_gauged(w, a->me, &g)) {
		ask_expect(a, &r, ERR_INVALID);
		return;
	}
	if (!ask_expect(a, &r, ERR_NONE) ||
	    !same_number(a, r.json, metric, &metrics[metric].top, &q,
	                 text_eq(by, "member") ? ALL_PERSONS : ALL_TOGETHER))
		return;
	if (text_eq(by, "member"))
		same_persons(a, json_get(r.json, "rows"), metric, &q);
	if (field >= 0)
		same_splits(a, json_get(r.json, "rows"), metric, &q, field);
}

/*
 * The report: rows of x_a by kind, with amounts, secrets and the rows of x_b below them
 */

bool asked_report(struct ctx *ctx, void *arg, struct json_writer *w)
{
	(void)arg;
	return report_write(ctx, schema_report(ctx->schema, "x_report"), (struct bind[]){ { 0 } }, w);
}

static int64_t kids(struct asker *a, int row)
{
	const struct thing *b = &a->w->things[OBJ_B];
	int64_t n = 0;

	for (int i = b->first; i < b->first + b->n; i++)
		n += a->w->rows[i].facts[1].set && a->w->rows[i].facts[1].n == row &&
		     oracle_sees(a->w, a->me, i);
	return n;
}

static bool same_line(struct asker *a, const struct json *row, const struct heap *h,
                      const int *rows, int n)
{
	static const struct attribute lines = { .name = "n", .kind = KIND_INTEGER };
	static const struct attribute amount = { .name = "amount", .kind = KIND_MONEY };
	static const struct attribute secret = { .name = "secret", .kind = KIND_INTEGER };
	static const struct attribute below = { .name = "kids", .kind = KIND_INTEGER };
	struct fact money = { 0 };
	struct fact dark = { 0 };
	struct fact count = { .set = true, .n = h->count };
	struct fact due = { .set = true };

	for (int i = 0; i < n; i++) {
		struct fact paid = oracle_value(a->w, a->me, rows[i], 3);
		struct fact hidden = oracle_value(a->w, a->me, rows[i], 9);

		if (!fact_same(a->w->rows[rows[i]].facts[2], h->keys[0]))
			continue;
		if (paid.set)
			money = (struct fact){ .set = true, .n = money.n + paid.n };
		if (hidden.set)
			dark = (struct fact){ .set = true, .n = dark.n + hidden.n };
		due.n += kids(a, rows[i]);
	}
	return ask_fact(a, json_get(row, "n"), &lines, count, "report") &&
	       ask_fact(a, json_get(row, "amount"), &amount, money, "report") &&
	       ask_fact(a, json_get(row, "secret"), &secret, dark, "report") &&
	       ask_fact(a, json_get(row, "kids"), &below, due, "report");
}

void ask_report(struct asker *a)
{
	static struct heap heaps[ROWS];
	static int rows[ROWS];
	struct wish all = { .object = OBJ_A, .sort = { -1, -1 } };
	int n = oracle_list(a->w, a->me, &all, rows);
	int lines = oracle_summary(a->w, a->me, &all, (const int[]){ 2, -1 }, -1, heaps);
	struct reply r;

	ask_begin(a, "report x_report");
	r = ask_read(a, asked_report, NULL);
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	if (json_get(r.json, "rows")->len != (size_t)lines) {
		ask_wrong(a, "%zu lines, should be %d", json_get(r.json, "rows")->len, lines);
		return;
	}
	for (const struct json *row = json_get(r.json, "rows")->first; row; row = row->next) {
		const char *kind = json_text(row, "kind", NULL);
		int at = 0;

		while (at < lines && !text_eq(kind, heaps[at].keys[0].set ? heaps[at].keys[0].s : NULL))
			at++;
		if (at == lines) {
			ask_wrong(a, "a line for %s", kind ? kind : "nothing");
			return;
		}
		if (!same_line(a, row, &heaps[at], rows, n))
			return;
	}
}

/*
 * Doubles
 */

static bool check(struct ctx *ctx, void *arg, struct json_writer *w)
{
	const struct asked *q = arg;
	struct json_error error;

	return record_check_json(ctx, asked_object(ctx, q),
	                         json_parse(ctx->mem, q->text, strlen(q->text), &error), w);
}

/* A name that is there already: whose it is everybody learns, which record only who may see it. */
void ask_doubles(struct asker *a)
{
	struct world *w = a->w;
	const struct thing *t = &w->things[OBJ_A];
	int row = world_row(w, OBJ_A, true);
	const char *name = w->rows[row].facts[t->title].s;
	struct asked q = { .w = w, .object = OBJ_A };
	size_t due = 0;
	struct reply r;

	ask_begin(a, "check x_a %s", name);
	q.text = fmt(&a->mem, "{\"x_name\":\"%s\"}", name);
	r = ask_read(a, check, &q);
	if (oracle_reach(w, a->me, OBJ_A, DEED_CREATE) == NONE &&
	    oracle_reach(w, a->me, OBJ_A, DEED_UPDATE) == NONE) {
		ask_expect(a, &r, ERR_DENIED);
		return;
	}
	if (!ask_expect(a, &r, ERR_NONE))
		return;
	for (int i = t->first; i < t->first + t->n; i++)
		due += !w->rows[i].deleted && text_eq(w->rows[i].facts[t->title].s, name);
	if (json_get(r.json, "duplicates")->len != due) {
		ask_wrong(a, "%zu doubles, should be %zu", json_get(r.json, "duplicates")->len, due);
		return;
	}
	for (const struct json *j = json_get(r.json, "duplicates")->first; j; j = j->next) {
		const char *id = json_text(j, "id", NULL);
		int at = id ? site_row(w, OBJ_A, strtoll(id, NULL, 10)) : -1;

		if ((id || json_text(j, "title", NULL)) && (at < 0 || !oracle_sees(w, a->me, at)))
			ask_wrong(a, "tells of x_a/%s", id ? id : "?");
	}
}
