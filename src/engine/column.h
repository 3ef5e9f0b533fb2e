/*
 * column: what a record keeps for C alone ("columns" of a shipped declaration: digests, tokens, sealed boxes).
 *
 * Columns are in no view: no list, report, formula, export, history or feed can name them.  Writing one touches
 * neither version nor the time of the last change.
 */
#ifndef ENGINE_COLUMN_H
#define ENGINE_COLUMN_H

#include "engine/record.h"

/* NULL if the record is not there.  Asserts that the object has the column. */
bool column_get(struct ctx *ctx, const char *object, int64_t id, const char *column, struct value *ret);
/* Cells end with a NULL name. */
bool column_set(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells);

#endif
