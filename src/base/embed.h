/*
 * embed: the files that were built into the binary (tools/embed.c): object
 * declarations, reports, data, the web bundle.
 */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/base.h"

struct embedded_file {
	const char *path;           /* as in the repository; division codes: region/areas.csv */
	const char *data;           /* followed by a zero byte */
	size_t size;
};

/* Sorted by group as embedded; ended by a NULL path. */
extern const struct embedded_file embedded_files[];

/* The file at exactly this path, or NULL. */
const struct embedded_file *embedded_find(const char *path);

#endif
