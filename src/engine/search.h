/*
 * search: an index over names, numbers and phones, on both databases.
 *
 * One function makes tokens: Han runs become single characters and overlapping pairs,
 * letters and digits words; of titles and other short texts also full pinyin and initials
 * (several readings where a character has several), of phones the trailing digit runs.  SQLite
 * keeps them in FTS5, PostgreSQL in a tsvector with GIN.  The owner is a token
 * too: a narrow reach finds its rows by it, and reads them itself (search_rank.c).
 */
#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include "engine/query.h"

/* DDL of the index, once per store, without the last semicolon. */
const char *search_ddl(struct arena *mem, enum db_kind kind);

/* Tokens to store for a text; `title` adds pinyin and initials, `digits` phone tails. */
void search_tokens(struct arena *mem, const char *s, bool title, bool digits, struct text *out);

/* Keeps the index in step; now NULL removes. */
bool search_apply(struct ctx *ctx, const struct object *o, int64_t id, const struct value *now);

/*
 * The same in two steps, for rows that are not in the index yet: their tokens, NULL
 * if there is nothing to find them by, and the writing of them.
 */
const char *search_row(struct ctx *ctx, const struct object *o, const struct value *now);
bool search_put(struct ctx *ctx, const struct object *o, int64_t id, const char *tokens);

/* Does a change from old to now concern the index at all?  Asking costs less than applying. */
bool search_touched(const struct object *o, const struct value *old, const struct value *now);

/*
 * Indexes again the living rows whose `column` equals `value`: children that
 * follow their parent to another holder, the rows of an import.
 */
bool search_refresh(struct ctx *ctx, const struct object *o, const char *column,
                    struct value value);

/*
 * Indexes all rows of an object again (after an import, an upgrade): the first
 * thousands at once, the rest as a job, slice by slice.
 */
bool search_rebuild(struct ctx *ctx, const struct object *o);

/*
 * Rebuilds what was indexed by other rules than the present ones: fields
 * became searchable or not, restricted or not, tokens are made in another way.
 * At start and after declarations changed; costs one query if all is well.
 */
bool search_upgrade(struct ctx *ctx);

/* The job behind search_rebuild. */
bool search_job(struct ctx *ctx, const struct json *args);

/*
 * Appends a condition for `words` over alias.id, for lists with q=.  Appends
 * "0 = 1" if the words hold nothing to search for.  Deleted rows are not in the index.
 */
bool search_where(struct ctx *ctx, const struct object *o, const char *words, const char *alias,
                  struct text *out, struct binds *b);

/*
 * Writes { "rows": [ { object, id, title, subtitle, match } ] }, best first, at most limit.
 * `objects`: "a,b", or NULL for those of the menu; `match`: the field that answered.
 * Of each object the newest that fit are ranked, not all; of a narrow reach all among the newest
 * 2,000 it holds.
 */
bool search_write(struct ctx *ctx, const char *words, const char *objects, int64_t limit,
                  struct json_writer *w);

#endif
