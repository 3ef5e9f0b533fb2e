/*
 * ole: the container of Office 97-2003 files, a small file system of sectors.
 *
 * Chains of sectors are followed at most as far as the file has sectors, and
 * nothing is allocated by a size the file states.
 */
#ifndef SHEET_OLE_H
#define SHEET_OLE_H

#include "sheet/sheet_inner.h"

struct ole {
	struct sheet *sheet;
	size_t sector;                  /* bytes of one */
	size_t sectors;                 /* in the file */
	uint32_t *next;                 /* of each sector, the one behind it */
	unsigned char *directory;
	size_t entries;
};

/* Reads the sector table and the directory.  False with "format" if the file is damaged. */
bool ole_open(struct sheet *s, struct ole *o, struct sheet_error *error);
bool ole_has(const struct ole *o, const char *name);
/* The whole stream, or as much of it as there is; false if it is absent or damaged. */
bool ole_load(struct ole *o, const char *name, unsigned char **ret, size_t *ret_n);

/* Little-endian numbers. */
uint32_t ole_u16(const unsigned char *p);
uint32_t ole_u32(const unsigned char *p);

#endif
