/*
 * ddl: tables, columns and indexes, and their upgrade.
 *
 * The table of object x is t_x; this file and scope.c are the only ones that
 * write the prefix.  The applied declarations are stored; ddl compares them with the new ones:
 * adds tables, columns and indexes, renames by "was", keeps what disappeared,
 * refuses a change of type that may lose data.
 */
#ifndef ENGINE_DDL_H
#define ENGINE_DDL_H

#include "engine/ctx.h"

/*
 * Writes the statements, separated by ";\n", that lead from `old` (NULL: an
 * empty store) to `next`; empty if nothing is to do.  Complaints instead of
 * statements where data might be lost.  *ret_after: statements to run after rows
 * were copied (unique indexes).
 */
bool ddl_plan(struct arena *mem, enum db_kind kind, const struct db_words *words,
              const struct schema *old, const struct schema *next,
              struct text *out, struct complaint **ret_complaints);

/* What disappeared and could be dropped (migrate --drop). */
bool ddl_drop_plan(struct arena *mem, const struct schema *old, const struct schema *next,
                   struct text *out);

/*
 * The engine's own tables that are no objects: t_store (applied documents,
 * schema number), t_reach, t_counter, t_tally, t_search (FTS5 or tsvector),
 * t_key (duplicate keys), t_seal (hash chain), t_answer (idempotency), t_upload.
 */
const char *ddl_base(struct arena *mem, enum db_kind kind, const struct db_words *words);

#endif
