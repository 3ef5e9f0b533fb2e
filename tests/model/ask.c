#include "tests/model/ask.h"

#include <stdio.h>

void ask_as(struct asker *a, int me)
{
	const struct person *p = &a->w->members[me];

	a->me = me;
	arena_reset(&a->mem);
	a->who = engine_member(a->s->e, &a->s->mem, p->id);
	if ((a->who != NULL) != p->active) {
		ask_begin(a, "sign in");
		ask_wrong(a, p->active ? "is refused" : "is let in, though disabled");
	}
}

void ask_begin(struct asker *a, const char *format, ...)
{
	va_list args;

	arena_reset(&a->mem);
	va_start(args, format);
	vsnprintf(a->what, sizeof a->what, format, args);
	va_end(args);
	a->asked++;
}

bool ask_wrong(struct asker *a, const char *format, ...)
{
	char text[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (a->failed++ < a->most) {
		printf("FAILED seed %" PRIu64 " question %ld, m%d (id %" PRId64 "): %s: %s\n", a->w->seed,
		       a->asked, a->me, a->w->members[a->me].id, a->what, text);
		fflush(stdout);
	}
	return false;
}

struct reading {
	read_fn *fn;
	void *arg;
	struct text *out;
};

static bool read_it(struct ctx *ctx, void *arg)
{
	struct reading *r = arg;
	struct json_writer w;

	jw_init(&w, r->out);
	return r->fn(ctx, r->arg, &w);
}

struct reply ask_read(struct asker *a, read_fn *fn, void *arg)
{
	struct reply ret = { .json = NULL };
	struct reading reading = { fn, arg, &ret.out };
	struct work work = { .fn = read_it, .arg = &reading, .mem = &a->mem, .me = a->who };
	struct json_error error;

	text_init(&ret.out, &a->mem);
	ret.ok = engine_read(a->s->e, &work);
	ret.kind = work.kind;
	ret.errors = work.errors;
	if (ret.ok && ret.out.len)
		ret.json = json_parse(&a->mem, ret.out.s, ret.out.len, &error);
	return ret;
}

static const char *messages(struct asker *a, const struct reply *r)
{
	struct text t;

	text_init(&t, &a->mem);
	for (const struct error *e = r->errors; e; e = e->next)
		text_addf(&t, "%s%s: %s", t.len ? "; " : "", e->field ? e->field : "-", e->message);
	return t.s;
}

bool ask_expect(struct asker *a, const struct reply *r, enum error_kind kind)
{
	if (r->ok && kind == ERR_NONE)
		return true;
	if (!r->ok && r->kind == kind)
		return true;
	if (r->ok)
		return ask_wrong(a, "is answered, should be refused as %s: %.300s", error_word(kind), r->out.s);
	return ask_wrong(a, "is refused as %s (%s), should be %s", error_word(r->kind), messages(a, r),
	                 kind == ERR_NONE ? "answered" : error_word(kind));
}

/* Replaces each name by what stands for it. */
static const char *without(struct asker *a, const char *s, const struct names *names)
{
	for (int i = 0; i < names->n; i++) {
		struct text t;
		const char *at;

		text_init(&t, &a->mem);
		while ((at = strstr(s, names->hidden[i])) != NULL) {
			text_addn(&t, s, (size_t)(at - s));
			text_add(&t, names->masked[i]);
			s = at + strlen(names->hidden[i]);
		}
		text_add(&t, s);
		s = t.s;
	}
	return s;
}

bool ask_hidden(struct asker *a, struct reply *r, const struct reply *masked,
                const struct names *names)
{
	if (!ask_expect(a, r, ERR_INVALID) || !ask_expect(a, masked, ERR_INVALID))
		return false;

	const char *got = without(a, messages(a, r), names);
	const char *want = messages(a, masked);

	return text_eq(got, want) ||
	       ask_wrong(a, "a hidden field is told apart from an unknown one: “%s”, “%s”",
	                 messages(a, r), want);
}

static const char *as_text(struct asker *a, const struct json *j)
{
	struct json_writer w;
	struct text t;

	text_init(&t, &a->mem);
	if (!j)
		return "(absent)";
	jw_init(&w, &t);
	jw_json(&w, j);
	return t.s;
}

bool ask_fact(struct asker *a, const struct json *got, const struct attribute *t, struct fact f,
              const char *where)
{
	struct json_writer w;
	struct text want;

	text_init(&want, &a->mem);
	jw_init(&w, &want);
	site_fact(a->w, t, f, &w);
	return text_eq(as_text(a, got), want.s) ||
	       ask_wrong(a, "%s.%s is %s, should be %s", where, t->name, as_text(a, got), want.s);
}

/* What should stand under "labels" for the field, as JSON; NULL: nothing. */
static const char *label_due(struct asker *a, const struct attribute *t, struct fact f)
{
	const struct world *w = a->w;
	struct json_writer out;
	struct text text;
	const char *label = NULL;

	text_init(&text, &a->mem);
	jw_init(&out, &text);
	if (!f.set)
		return NULL;
	if (t->kind == KIND_REF)
		label = oracle_label(w, a->me, (int)f.n);
	if (t->kind == KIND_MEMBER)
		label = w->members[f.n].label;
	if (t->kind == KIND_CHOICE)
		label = fmt(&a->mem, "%s!", f.s);
	if (t->kind == KIND_REFS) {
		jw_array(&out);
		for (int i = 0; i < w->things[t->to].n; i++)
			if (f.n >> i & 1)
				jw_text(&out, oracle_label(w, a->me, w->things[t->to].first + i));
		jw_array_end(&out);
		return text.s;
	}
	if (!label)
		return NULL;
	jw_text(&out, label);
	return text.s;
}

bool ask_row(struct asker *a, const struct json *got, int row)
{
	const struct thing *t = &a->w->things[a->w->rows[row].object];
	const char *where = fmt(&a->mem, "%s/%" PRId64, t->name, a->w->rows[row].id);
	const struct json *labels = json_get(got, "labels");

	for (int f = 0; f < t->n_fields; f++) {
		const struct json *j = json_get(got, t->fields[f].name);
		struct fact value = oracle_value(a->w, a->me, row, f);
		const char *label = label_due(a, &t->fields[f], value);
		const struct json *told = json_get(labels, t->fields[f].name);

		if (!oracle_field(a->w, a->me, a->w->rows[row].object, f)) {
			if (j || told)
				return ask_wrong(a, "%s shows the hidden field %s", where, t->fields[f].name);
			continue;
		}
		if (!ask_fact(a, j, &t->fields[f], value, where))
			return false;
		if (!text_eq(told ? as_text(a, told) : NULL, label))
			return ask_wrong(a, "%s: the label of %s is %s, should be %s", where, t->fields[f].name,
			                 as_text(a, told), label ? label : "absent");
	}
	for (const struct json *j = got->first; j; j = j->next)
		if (text_starts(j->key, "x_") && attribute_find(t, j->key) < 0)
			return ask_wrong(a, "%s shows %s, which nobody declared", where, j->key);
	return true;
}
