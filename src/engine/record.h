/*
 * record: create, change, delete, restore, merge, share.
 *
 * The only writer of rows.  Order of a write: may this role at all → each field
 * read and checked, all errors collected → defaults → before hooks → required,
 * references, duplicates → row → is it (still) within the caller's reach →
 * holders of children, tallies, search, duplicate keys, change log → after hooks.
 * A refused write leaves nothing behind: the work is rolled back.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/query.h"

/* A field's new value; lists end with a NULL name. */
struct cell {
	const char *name;
	struct value value;             /* as stored */
};

/* A change on its way, as hooks see it. */
struct change;

enum change_act { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE, CHANGE_RESTORE };

enum change_act change_act(const struct change *c);
const struct object *change_object(const struct change *c);
int64_t change_id(const struct change *c);                      /* 0 before a create */
bool change_has(const struct change *c, const char *field);     /* new value differs from the old */
struct value change_old(const struct change *c, const char *field);
struct value change_new(const struct change *c, const char *field);
/* Before hooks: sets a field (also a read-only one). */
void change_set(struct change *c, const char *field, struct value v);

/*
 * From C (hooks, jobs, actions): cells in stored form.  `version` 0 means any.
 * ret_id may be NULL.
 */
bool record_create(struct ctx *ctx, const char *object, const struct cell *cells, int64_t *ret_id);
bool record_update(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells);
/* Would record_update take this?  All it asks before it writes, and the same failure; nothing is written. */
bool record_try(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells);
bool record_delete(struct ctx *ctx, const char *object, int64_t id, int64_t version);
bool record_restore(struct ctx *ctx, const char *object, int64_t id);

/* ERR_MISSING, or ERR_DENIED if the caller may see the record but not do this.  False. */
bool record_refused(struct ctx *ctx, const struct object *o, int64_t id);

/* From clients: a JSON object of fields.  `version` 0 is refused for updates unless `force`. */
bool record_create_json(struct ctx *ctx, const struct object *o, const struct json *body,
                        int64_t *ret_id);
bool record_update_json(struct ctx *ctx, const struct object *o, int64_t id, int64_t version,
                        const struct json *body);

/* What a field or parameter holds when nobody says: its declared default (f->initial, set). */
bool record_initial(struct ctx *ctx, const struct field *f, struct value *ret);

/* Checks a record not yet saved, writes nothing: { "errors": […], "duplicates": […], "conflict": bool }. */
bool record_check_json(struct ctx *ctx, const struct object *o, const struct json *body,
                       struct json_writer *w);

/* The first record that matches the query text, 0 if none (no error). */
bool record_find(struct ctx *ctx, const char *object, const char *query, int64_t *ret_id);
/* As record_find, but ERR_MISSING if there is none. */
bool record_need(struct ctx *ctx, const char *object, const char *query, int64_t *ret_id);
/* Single values of a record the caller may see, copied into the context. */
bool record_get(struct ctx *ctx, const char *object, int64_t id, const char *field,
                struct value *ret);

/*
 * Everything that refers to the `from` records is pointed at `id`, empty
 * fields of `id` are filled from them, and they are deleted.
 */
bool record_merge(struct ctx *ctx, const struct object *o, int64_t id, const int64_t *from,
                  size_t n);

/*
 * Opens a record to a member, a team, or both (0: not), until a day (NULL: for good), and ends that.  Whoever
 * may change a record may share it, see its shares, and end any of them.
 */
bool record_share(struct ctx *ctx, const struct object *o, int64_t id, int64_t member, int64_t team,
                  bool writable, const char *until, int64_t *ret_share);
/* Writes { "rows": [ share… ] }, those that are over included. */
bool record_shares(struct ctx *ctx, const struct object *o, int64_t id, struct json_writer *w);
bool record_unshare(struct ctx *ctx, const struct object *o, int64_t id, int64_t share);

/* Sets cells of many, alike or each its own, deletes or restores them: all or nothing unless `partial`. */
bool record_bulk(struct ctx *ctx, const struct object *o, const struct json *body,
                 struct json_writer *w);

/* Possible doubles of a row being written, and how they are told (docs/api.md, 409). */
struct duplicate {
	const struct duplicate_rule *rule;
	int64_t id;
	bool visible;
	int64_t owner;
	const char *owner_label;        /* NULL: nobody */
	const char *title;              /* only if visible */
	struct duplicate *next;
};
bool record_duplicates(struct ctx *ctx, const struct object *o, const struct value *values,
                       int64_t except, struct duplicate **ret);
void record_write_duplicates(struct ctx *ctx, const struct duplicate *d, struct json_writer *w);
/* What a refused write was like is in ctx->duplicates; perhaps of another object than the caller named. */

/*
 * For import.c: one row on its way, values in the order of o->fields.  The
 * rows of an import (ctx->import) stay invisible and out of tallies, search
 * and log until the import is through; see import.h.
 */
struct draft {
	const struct object *o;
	struct value *values;
	bool *set;
};
void draft_init(struct ctx *ctx, const struct object *o, struct draft *ret);
bool record_insert(struct ctx *ctx, struct draft *d, int64_t *ret_id);
bool record_change(struct ctx *ctx, struct draft *d, int64_t id);

#endif
