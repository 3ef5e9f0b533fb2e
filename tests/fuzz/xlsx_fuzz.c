/*
 * xlsx_fuzz: any bytes as a workbook.
 *
 * The first byte says what the rest is: a whole file (XLSX or XLS), or the parts
 * of an archive, divided by bytes 0xFF: worksheet, shared strings, styles,
 * workbook, relations.  What was read is within the limits and sound; a
 * DOCTYPE is never accepted; inflated bytes stay under their limit.
 *
 *   clang -fsanitize=fuzzer,address,undefined …; xlsx_fuzz tests/fuzz/corpus/xlsx
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "sheet/sheet_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = { "xl/s.xml", "xl/t.xml", "xl/y.xml", "xl/workbook.xml",
                                     "xl/_rels/workbook.xml.rels" };

/* For parts that the input leaves out. */
static const char *const usual[] = {
	"<worksheet/>", "<sst/>", "<styleSheet/>",
	"<workbook><sheets><sheet name='a' id='1'/></sheets></workbook>",
	"<Relationships><Relationship Id='1' Type='/worksheet' Target='s.xml'/>"
	"<Relationship Id='2' Type='/sharedStrings' Target='t.xml'/>"
	"<Relationship Id='3' Type='/styles' Target='y.xml'/></Relationships>",
};

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

static int file_with(const void *data, size_t n)
{
	int fd = memfd_create("xlsx_fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, n) == (ssize_t)n, "memfd");
	return fd;
}

/* Packs the parts; a file in memory. */
static int archive_with(const uint8_t *data, size_t n)
{
	zip_error_t error;
	zip_source_t *file = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *z = zip_open_from_source(file, ZIP_TRUNCATE, &error);
	zip_stat_t st;

	must(z != NULL, "zip");
	zip_source_keep(file);
	for (size_t i = 0; i < LENGTH(names); i++) {
		const uint8_t *end = n ? memchr(data, 0xFF, n) : NULL;
		size_t part = end ? (size_t)(end - data) : n;
		zip_source_t *source = part ? zip_source_buffer(z, data, part, 0)
		                            : zip_source_buffer(z, usual[i], strlen(usual[i]), 0);
		int64_t index = zip_file_add(z, names[i], source, 0);

		must(index >= 0, "add");
		zip_set_file_compression(z, (zip_uint64_t)index, ZIP_CM_STORE, 0);
		data += part + (end != NULL);
		n -= part + (end != NULL);
	}
	must(zip_close(z) == 0 && zip_source_stat(file, &st) == 0 && zip_source_open(file) == 0,
	     "close");

	char *bytes = malloc(st.size);

	must(bytes && zip_source_read(file, bytes, st.size) == (int64_t)st.size, "read back");
	zip_source_close(file);
	zip_source_free(file);

	int fd = file_with(bytes, st.size);

	free(bytes);
	return fd;
}

static void check_rows(struct sheet *s, struct sheet_error *error)
{
	const struct sheet_row *row;

	while (sheet_next(s, &row, error)) {
		must(row->cells > 0 && row->cells <= SHEET_COLUMNS, "number of cells");
		must(row->line >= 1 && row->line <= SHEET_XLSX_ROWS, "line");
		must(sheet_progress(s) >= 0 && sheet_progress(s) <= 1000, "progress");
		for (size_t i = 0; i < row->cells; i++) {
			must(row->cell[i].n <= SHEET_CELL, "length of a cell");
			must(strlen(row->cell[i].s) == row->cell[i].n, "a cell is terminated");
			must(utf8_valid(row->cell[i].s, row->cell[i].n), "a cell is UTF-8");
		}
	}
	must(s->inflated <= SHEET_XLSX_BYTES + 64 * 1024, "inflated bytes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena mem;
	struct sheet_error error;

	if (n < 2)
		return 0;

	bool parts = data[0] & 1;
	int fd = parts ? archive_with(data + 1, n - 1) : file_with(data + 1, n - 1);

	arena_init(&mem, 0);

	struct sheet *s = sheet_open(&mem, fmt(&mem, "/proc/self/fd/%d", fd),
	                             &(struct sheet_options){ .tab = data[0] >> 6 }, &error);

	must(s || error.code, "no sheet, no error");
	if (s)
		check_rows(s, &error);
	must(!error.code || (error.message_zh && error.message_en), "an error has words");
	/* That no rows were found means that the worksheet was read to its end. */
	if (parts && n >= 12 && memcmp(data + 1, "<!DOCTYPE x", 11) == 0)
		must(error.code && !text_eq(error.code, "empty"), "no DOCTYPE");
	arena_done(&mem);
	close(fd);
	return 0;
}
