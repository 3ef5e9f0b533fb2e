/*
 * part: one XML part of an archive, inflated and parsed in steps, within limits.
 *
 * What a file says about itself is never believed: inflated bytes are counted
 * as they come, nothing is allocated by a size the file states, depth and the
 * size of a single tag are limited, any DOCTYPE ends the reading (and with it
 * every entity beyond the five of XML), and only UTF-8 is taken.  The parser
 * cannot open anything.
 */
#ifndef SHEET_PART_H
#define SHEET_PART_H

#include <expat.h>
#include <zip.h>

#include "sheet/sheet_inner.h"

struct archive {
	struct sheet *sheet;
	zip_t *zip;
};

/* Opens the sheet's file; closed with the sheet. */
bool archive_open(struct sheet *s, struct archive *a, struct sheet_error *error);
bool archive_has(const struct archive *a, const char *name);

/* What to do with the content.  Names come without their prefix. */
struct part_handler {
	void (*start)(void *ptr, const char *name, const char **attributes);
	void (*end)(void *ptr, const char *name);
	void (*text)(void *ptr, const char *s, size_t n);
};

struct part {
	struct archive *archive;
	const struct part_handler *handler;
	void *ptr;                      /* for the handler */
	zip_file_t *file;
	int64_t size;                   /* as the archive claims: for the progress only */
	int64_t read;
	XML_Parser parser;
	int depth;
	int64_t silent;                 /* bytes fed since the parser last said something */
	bool paused, done;
	struct sheet_error failure;     /* code set: failed */
};

/* Opens the part `name`; closed with the sheet, or by part_close. */
bool part_open(struct archive *a, struct part *p, const char *name,
               const struct part_handler *handler, void *ptr, struct sheet_error *error);
/* Feeds the parser until the handler pauses it or the part ends (p->done).  False on failure. */
bool part_step(struct part *p, struct sheet_error *error);
void part_close(struct part *p);

/* For handlers: stop with an error; stop for now. */
void part_fail(struct part *p, const struct sheet_error *error);
void part_pause(struct part *p);

/* The attribute `name` (without prefix), or NULL. */
const char *part_attribute(const char **attributes, const char *name);

#endif
