/*
 * record_inner: what the parts of record share.  Nobody else includes this.
 *
 *   record.c            one write: read, hooks, checks, row, consequences
 *   record_check.c      what must hold before a row is written
 *   record_fixed.c      what stays as it is while a record fulfils a condition
 *   record_duplicate.c  recognising the same thing twice
 *   record_json.c       bodies of clients, bulk
 *   record_merge.c      merging records
 *   record_share.c      opening single records to others
 */
#ifndef ENGINE_RECORD_INNER_H
#define ENGINE_RECORD_INNER_H

#include "engine/record.h"

struct change {
	struct ctx *ctx;
	const struct object *o;
	enum change_act act;
	int64_t id;
	struct value *old;              /* in the order of o->fields; NULL values before a create */
	struct value *now;
};

/* The row as stored if the caller may perform `act` on it; alive unless `deleted`. */
bool record_row(struct ctx *ctx, const struct object *o, int64_t id, enum act act, bool deleted,
                struct value **ret, bool *ret_found);

/* The values of a row of a SELECT of o->stored; text points into the row. */
void record_values(struct query *q, const struct object *o, struct value *ret);

/* Runs the hooks that only check what a create would meet. */
bool record_ask(struct ctx *ctx, struct change *c);

/* Runs the write in `c`: hooks, checks, row, consequences.  For all but deletes. */
bool record_write(struct ctx *ctx, struct change *c);

/* Required fields, references, unique values; one error per field. */
bool record_check(struct ctx *ctx, const struct change *c);

/* Refuses what the declarations say is fixed: of the record, of what it is part of.  Not the system. */
bool record_fixed(struct ctx *ctx, const struct change *c);

/* Notes the duplicate keys of a row that has none; forgets those it has. */
bool duplicate_note(struct ctx *ctx, const struct object *o, int64_t id, const struct value *now);
bool duplicate_forget(struct ctx *ctx, const struct object *o, int64_t id);

/* What a rule compares; NULL if the value says too little to compare.  Also for imports. */
const char *duplicate_key(struct ctx *ctx, const struct duplicate_rule *rule, struct value v);

/* Refuses a double that a blocking rule finds. */
bool duplicate_refuse(struct ctx *ctx, const struct change *c);

#endif
