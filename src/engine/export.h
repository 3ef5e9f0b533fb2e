/*
 * export: a list's rows without limit, as CSV, XLSX or JSON.
 *
 * The same query path as lists, plus the right to export; each export is an
 * entry in the change log with its row count.
 */
#ifndef ENGINE_EXPORT_H
#define ENGINE_EXPORT_H

#include "engine/query.h"

enum export_format { EXPORT_CSV, EXPORT_XLSX, EXPORT_JSON };

/* Writes blocks through `put` (false: the client left); XLSX goes to a temporary file first. */
bool export_run(struct ctx *ctx, const struct list *l, enum export_format format,
                bool (*put)(void *ptr, const char *data, size_t n), void *ptr,
                int64_t *ret_rows);

#endif
