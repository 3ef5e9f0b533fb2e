/*
 * ddl: tables, columns and indexes, and their upgrade.
 *
 * The table of object x is t_x; this file and scope.c are the only ones that
 * write the prefix.  The applied declarations are stored; ddl compares them with the new ones:
 * adds tables and columns, renames by "was", keeps what disappeared (see schema_kept),
 * refuses a change of type that may lose data.  Indexes are compared with those that exist:
 * which of them a declaration wants is a rule of the program, another in the next version
 * perhaps.  Their names tell whose they are; an index of any other name is left alone.
 *
 * No declared column is NOT NULL: record.c checks what is required, and a field
 * that disappears must not stand in the way of new rows.
 */
#ifndef ENGINE_DDL_H
#define ENGINE_DDL_H

#include "engine/ctx.h"

/*
 * Writes the statements, separated by ";\n", that lead the store `db` from `old`
 * (NULL: an empty store) to `next`; empty if nothing is to do.  False with complaints
 * where data might be lost.
 */
bool ddl_plan(struct arena *mem, struct db *db, const struct schema *old, const struct schema *next,
              struct text *out, struct complaint **ret_complaints);

/*
 * What disappeared and could be dropped (migrate --drop).  Indexes of these columns
 * are gone already.
 */
bool ddl_drop_plan(struct arena *mem, const struct schema *old, const struct schema *next,
                   struct text *out);

/*
 * The engine's own tables that are no objects: t_store (applied documents,
 * schema number), t_reach, t_counter, t_tally, t_key (duplicate keys), t_seal
 * (hash chain), t_answer (idempotency).  t_search is search_ddl's.
 */
const char *ddl_base(struct arena *mem, enum db_kind kind, const struct db_words *words);
/* Adds what those tables lack in a store of an older version. */
bool ddl_base_plan(struct arena *mem, struct db *db, struct text *out);

/*
 * The columns of `o` that must be unique together and were not, ended by
 * NULL, from what db_constraint said.  NULL if it is none of this object's.
 */
const char **ddl_unique(struct arena *mem, const struct object *o, const char *constraint);

#endif
