/*
 * notice: what people are told, in the program: somebody mentioned them, gave
 * them a record, commented on or changed one they follow; an import is through;
 * a job failed.
 *
 * A notice is a row of the object `notice`, written by hooks in the transaction
 * of what it tells.  It is about a record (docs/declarations.md, "about"), so nobody is told – or
 * goes on to see – what they may not see.  One row per receiver, record and
 * kind as long as it is unread: more of the same only counts up.
 */
#ifndef ENGINE_NOTICE_H
#define ENGINE_NOTICE_H

#include "engine/record.h"

/* A member as they are in this transaction, and whether they may read this record. */
bool notice_reader(struct ctx *ctx, int64_t member, const struct object *o, int64_t id,
                   struct member *ret, bool *ret_may);

struct news {
	const char *kind;               /* a choice of notice.kind */
	const struct object *object;    /* the record it is about */
	int64_t record;
	int64_t comment;                /* 0: none */
	const struct change *change;    /* whose fields to name; NULL */
};

/*
 * Tells one member, unless they are the one who did it (imports and jobs tell them,
 * too), are not active, may not read the record, or no field they may read changed.
 */
bool notice_tell(struct ctx *ctx, int64_t member, const struct news *n);

/*
 * Forms that are drafts past the time they were due: whose they are and who leads them are told, once.  The object
 * has owner, state, due_at and told.
 */
bool notice_missing(struct ctx *ctx, const struct object *o);

/* Now, or when the quiet hours of this member end. */
bool notice_due(struct ctx *ctx, int64_t member, int64_t *ret);

/*
 * Who follows a record: its owner and those listed as active in `follow`, without
 * those listed as not.
 */
bool notice_followers(struct ctx *ctx, const struct object *o, int64_t id, int64_t **ret, size_t *ret_n);

/* Hooks: every object; import, job; preference. */
bool notice_written(struct ctx *ctx, struct change *c);
bool notice_import(struct ctx *ctx, struct change *c);
bool notice_job(struct ctx *ctx, struct change *c);
bool notice_preference(struct ctx *ctx, struct change *c);

/* Removes what is older than the setting notice_days. */
bool notice_clean(struct ctx *ctx);

#endif
