#include "api/api.h"

#include <pthread.h>
#include <stdio.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/scope.h"

/*
 * Who has a record open, and who edits it: told before two people change the same.
 * It is a hint of the moment, so it lives in the memory of this program and
 * nowhere else; pages say it again every few seconds, and what is not said again ends.
 */

enum {
	PLACES = 1024,                  /* records open at once; beyond, the oldest are forgotten */
	LASTS = 40000,                  /* ms */
	LABEL = 64,
};

struct place {
	char object[41];
	char label[LABEL];
	int64_t record, member;
	bool editing;
	int64_t seen;                   /* date_ticks; 0: free */
};

static struct {
	pthread_mutex_t lock;
	struct place places[PLACES];
} here = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_at(const struct place *p, const struct object *o, int64_t record)
{
	return p->seen && p->record == record && text_eq(p->object, o->name);
}

/* Under the lock: frees what was not said again. */
static void sweep(int64_t now)
{
	for (size_t i = 0; i < PLACES; i++)
		if (now - here.places[i].seen > LASTS)
			here.places[i].seen = 0;
}

/* Under the lock: the member's own place, else a free one, else the oldest. */
static struct place *place_of(const struct object *o, int64_t record, int64_t member)
{
	struct place *best = &here.places[0];

	for (size_t i = 0; i < PLACES; i++) {
		struct place *p = &here.places[i];

		if (is_at(p, o, record) && p->member == member)
			return p;
		if (p->seen < best->seen)
			best = p;
	}
	best->seen = 0;
	return best;
}

static void note(struct ctx *ctx, const struct object *o, int64_t record, const char *state)
{
	int64_t now = date_ticks();
	struct place *p;

	sweep(now);
	p = place_of(o, record, ctx->me->id);
	*p = (struct place){ .record = record, .member = ctx->me->id,
	                     .editing = text_eq(state, "editing"),
	                     .seen = text_eq(state, "gone") ? 0 : now };
	snprintf(p->object, sizeof p->object, "%s", o->name);
	snprintf(p->label, sizeof p->label, "%s", utf8_cut(ctx->mem, ctx->me->label, LABEL - 1));
}

static void write_others(struct ctx *ctx, const struct object *o, int64_t record,
                         struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "others");
	jw_array(w);
	for (size_t i = 0; i < PLACES; i++) {
		const struct place *p = &here.places[i];

		if (!is_at(p, o, record) || p->member == ctx->me->id)
			continue;
		jw_object(w);
		jw_key(w, "member");
		jw_id(w, p->member);
		jw_key(w, "label");
		jw_text(w, p->label);
		jw_key(w, "editing");
		jw_bool(w, p->editing);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
}

bool presence_note(struct ctx *ctx, struct call *call)
{
	static const char *const states[] = { "open", "editing", "gone" };
	const char *state = json_text(call->body, "state", "");
	const struct object *o;
	bool known = false;
	bool may = false;
	int64_t id;

	if (!call_record(ctx, call, &o, &id) || !scope_row(ctx, o, id, ACT_READ, &may))
		return false;
	if (!may)
		return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
	for (size_t i = 0; i < LENGTH(states); i++)
		known |= text_eq(state, states[i]);
	if (!known)
		return fail(ctx, ERR_INVALID, "state", "state 应为 open、editing 或 gone",
		            "state is open, editing or gone");
	pthread_mutex_lock(&here.lock);
	note(ctx, o, id, state);
	write_others(ctx, o, id, &call->w);
	pthread_mutex_unlock(&here.lock);
	return true;
}
