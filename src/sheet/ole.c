#include "sheet/ole.h"

enum {
	HEADER = 512,
	ENTRY = 128,                    /* of the directory */
	IN_HEADER = 109,                /* sectors of the table named in the header */
	MINI = 64,                      /* bytes of a sector in the stream of small streams */
	SMALL = 4096,                   /* streams below this live there */
	STREAM = 2, ROOT = 5,           /* kinds of entries */
};

static const uint32_t NO_SECTOR = 0xFFFFFFFA;   /* this and above: end, free, reserved */

uint32_t ole_u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

uint32_t ole_u32(const unsigned char *p)
{
	return ole_u16(p) | ole_u16(p + 2) << 16;
}

static bool read_sector(const struct ole *o, uint32_t sector, unsigned char *to)
{
	/* The last sector may be short; the rest of it is zero. */
	memset(to, 0, o->sector);
	return sector < o->sectors &&
	       sheet_pread(o->sheet, to, o->sector, ((int64_t)sector + 1) * (int64_t)o->sector) > 0;
}

/* Adds one sector of the table of successors. */
static bool add_table(struct ole *o, uint32_t sector, size_t *known)
{
	unsigned char *block = arena_alloc(&o->sheet->own, o->sector);

	if (!read_sector(o, sector, block))
		return false;
	for (size_t i = 0; i < o->sector / 4 && *known < o->sectors; i++)
		o->next[(*known)++] = ole_u32(block + i * 4);
	return true;
}

static bool read_table(struct ole *o, const unsigned char *header)
{
	size_t known = 0;
	size_t per_list = o->sector / 4 - 1;
	uint32_t list = ole_u32(header + 68);
	unsigned char *block = arena_alloc(&o->sheet->own, o->sector);

	o->next = arena_array(&o->sheet->own, o->sectors, sizeof *o->next);
	memset(o->next, 0xFF, o->sectors * sizeof *o->next);
	for (size_t i = 0; i < IN_HEADER && known < o->sectors; i++) {
		uint32_t sector = ole_u32(header + 76 + i * 4);

		if (sector < NO_SECTOR && !add_table(o, sector, &known))
			return false;
	}
	/* Large files name more sectors of the table in lists behind each other. */
	for (size_t steps = 0; list < NO_SECTOR && known < o->sectors; steps++) {
		if (steps > o->sectors || !read_sector(o, list, block))
			return false;
		for (size_t i = 0; i < per_list && known < o->sectors; i++) {
			uint32_t sector = ole_u32(block + i * 4);

			if (sector < NO_SECTOR && !add_table(o, sector, &known))
				return false;
		}
		list = ole_u32(block + per_list * 4);
	}
	return true;
}

/* All sectors of the chain that begins at `start`. */
static bool load_chain(struct ole *o, uint32_t start, unsigned char **ret, size_t *ret_n)
{
	size_t n = 0;

	for (uint32_t s = start; s < NO_SECTOR; s = o->next[s])
		if (s >= o->sectors || ++n > o->sectors)
			return false;

	unsigned char *data = arena_alloc(&o->sheet->own, n * o->sector);
	size_t at = 0;

	for (uint32_t s = start; s < NO_SECTOR; s = o->next[s], at += o->sector)
		if (!read_sector(o, s, data + at))
			return false;
	*ret = data;
	*ret_n = at;
	return true;
}

bool ole_open(struct sheet *s, struct ole *o, struct sheet_error *error)
{
	unsigned char header[HEADER] = { 0 };
	size_t n;

	sheet_pread(s, header, sizeof header, 0);
	*o = (struct ole){ .sheet = s };

	uint32_t shift = ole_u16(header + 30);

	o->sector = shift == 12 ? 4096 : 512;
	o->sectors = (size_t)(s->size + (int64_t)o->sector - 1) / o->sector - 1;
	if ((shift != 9 && shift != 12) || s->size <= (int64_t)o->sector ||
	    s->size > SHEET_XLS_BYTES || !read_table(o, header) ||
	    !load_chain(o, ole_u32(header + 48), &o->directory, &n) || n == 0)
		return sheet_fail(error, 0, "format",
		    "XLS 文件已损坏、不完整或超过 256 MB。请在 Excel 中打开后另存为 XLSX 再上传。",
		    "The XLS file is damaged, incomplete or larger than 256 MB. Open it in Excel, save it "
		    "as XLSX and upload that.");
	o->entries = n / ENTRY;
	return true;
}

/* The entry called `name` (of letters ASCII has), or NULL. */
static const unsigned char *find_entry(const struct ole *o, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < o->entries; i++) {
		const unsigned char *e = o->directory + i * ENTRY;
		size_t same = 0;

		while (same <= len && ole_u16(e + same * 2) == (unsigned char)name[same])
			same++;
		if (e[66] == STREAM && same == len + 1)
			return e;
	}
	return NULL;
}

bool ole_has(const struct ole *o, const char *name)
{
	return find_entry(o, name) != NULL;
}

/* A small stream: its sectors are pieces of the root's stream. */
static bool load_small(struct ole *o, uint32_t start, size_t size, unsigned char **ret,
                       size_t *ret_n)
{
	unsigned char header[HEADER] = { 0 };
	unsigned char *root;
	unsigned char *table;
	size_t root_n;
	size_t table_n;
	size_t at = 0;

	sheet_pread(o->sheet, header, sizeof header, 0);
	if (o->directory[66] != ROOT ||
	    !load_chain(o, ole_u32(o->directory + 116), &root, &root_n) ||
	    !load_chain(o, ole_u32(header + 60), &table, &table_n))
		return false;

	unsigned char *data = arena_alloc(&o->sheet->own, SMALL + MINI);

	for (uint32_t s = start; at < size; s = ole_u32(table + (size_t)s * 4)) {
		if ((size_t)s * MINI + MINI > root_n || (size_t)s * 4 + 4 > table_n)
			return false;
		memcpy(data + at, root + (size_t)s * MINI, MINI);
		at += MINI;
	}
	*ret = data;
	*ret_n = size;
	return true;
}

bool ole_load(struct ole *o, const char *name, unsigned char **ret, size_t *ret_n)
{
	const unsigned char *e = find_entry(o, name);

	if (!e)
		return false;

	uint32_t start = ole_u32(e + 116);
	size_t size = ole_u32(e + 120);

	if (size < SMALL)
		return load_small(o, start, size, ret, ret_n);
	if (!load_chain(o, start, ret, ret_n))
		return false;
	if (*ret_n > size)
		*ret_n = size;
	return true;
}
