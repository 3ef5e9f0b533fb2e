/*
 * change: the change log, which is the audit trail and the event stream.
 *
 * Each write appends one row in the same transaction: when, who, object,
 * record, act, request, fields with old and new value.  Append-only.  The write
 * lane seals what each batch added: t_seal holds a hash over the former seal
 * and the new rows, so a row changed, removed or moved later is found by
 * change_verify.
 */
#ifndef ENGINE_CHANGE_H
#define ENGINE_CHANGE_H

#include "engine/record.h"

/* Appends the row.  old and new in the order of o->fields; old NULL: created, new NULL: deleted. */
bool change_add(struct ctx *ctx, const struct object *o, int64_t id, enum change_act act,
                const struct value *old, const struct value *now);

/* The same in two steps: what the row will say, and the appending of it. */
const char *change_body(struct ctx *ctx, const struct object *o, const struct value *old,
                        const struct value *now);
bool change_put(struct ctx *ctx, const struct object *o, int64_t id, enum change_act act,
                const char *body);

/* Notes that the caller took `rows` rows of `o` out of the system; `query` says which. */
bool change_export(struct ctx *ctx, const struct object *o, const char *query, int64_t rows);

/* Notes that the caller begins (or stops) to look as another member. */
bool change_try(struct ctx *ctx, int64_t member, bool begins);

/* Seals everything since the last seal.  Called by the lane before each commit. */
bool change_seal(struct ctx *ctx);

/* Recomputes the chain.  False with *ret_broken = first bad change id. */
bool change_verify(struct ctx *ctx, int64_t *ret_broken);

/*
 * Writes { "rows": […], "last": n }: what changed after `after`, as the caller may
 * see it – only records in the caller's views (deleted ones included), only fields the caller may read.
 */
bool change_list(struct ctx *ctx, int64_t after, int64_t limit, struct json_writer *w);

/* The id of the newest row, for whoever wants to hear of what comes next; 0: none. */
bool change_newest(struct ctx *ctx, int64_t *ret);

/* Writes a record's timeline (docs/api.md): its changes and the activities that refer to it. */
bool change_timeline(struct ctx *ctx, const struct object *o, int64_t id, const char *after,
                     int64_t limit, struct json_writer *w);

#endif
