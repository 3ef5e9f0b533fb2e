/*
 * csv_fuzz: any bytes as delimited text in any encoding.
 *
 * The first byte says how to read: encoding, delimiter.  What was read is
 * within the limits and sound, and write(read(x)) reads as the same again.
 *
 *   clang -fsanitize=fuzzer,address,undefined …; csv_fuzz tests/fuzz/corpus/csv
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sheet/sheet_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

/* A file in memory; its path. */
static char *file_with(struct arena *mem, const void *data, size_t n, int *ret_fd)
{
	int fd = memfd_create("csv_fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, n) == (ssize_t)n, "memfd");
	*ret_fd = fd;
	return fmt(mem, "/proc/self/fd/%d", fd);
}

static void check_row(const struct sheet_row *row, int64_t last)
{
	must(row->cells > 0 && row->cells <= SHEET_COLUMNS, "number of cells");
	must(row->line > last, "lines ascend");
	for (size_t i = 0; i < row->cells; i++) {
		must(row->cell[i].n <= SHEET_CELL, "length of a cell");
		must(strlen(row->cell[i].s) == row->cell[i].n, "a cell is terminated");
		must(utf8_valid(row->cell[i].s, row->cell[i].n), "a cell is UTF-8");
	}
}

static void check_error(const struct sheet_error *error)
{
	must(!error->code || (error->message_zh && error->message_en), "an error has words");
}

/* Reads all rows, writes them, and keeps them as lines to compare. */
static void read_all(struct sheet *s, struct sheet_writer *w, struct text *cells)
{
	const struct sheet_row *row;
	struct sheet_error error;
	int64_t last = 0;

	while (sheet_next(s, &row, &error)) {
		check_row(row, last);
		last = row->line;
		must(sheet_progress(s) >= 0 && sheet_progress(s) <= 1000, "progress");
		for (size_t i = 0; i < row->cells; i++) {
			const char *cell = w ? row->cell[i].s : sheet_unguard(row->cell[i].s);

			if (w)
				sheet_write_cell(w, SHEET_TEXT, cell);
			text_add(cells, cell);
			text_addc(cells, '\x1F');
		}
		text_addc(cells, '\x1E');
		if (w)
			sheet_write_row(w);
	}
	check_error(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char delimiters[] = { '\0', ',', ';', '\t', '|' };
	struct arena mem;
	struct sheet_error error;
	struct text first;
	struct text second;
	struct text out;
	int fd;
	int again = -1;

	if (n < 2)
		return 0;
	arena_init(&mem, 0);
	text_init(&first, &mem);
	text_init(&second, &mem);
	text_init(&out, &mem);

	struct sheet_options options = {
		.encoding = (enum sheet_encoding)(data[0] % (SHEET_WINDOWS1252 + 1)),
		.delimiter = delimiters[data[0] / 8 % LENGTH(delimiters)],
	};
	struct sheet *s = sheet_open(&mem, file_with(&mem, data + 1, n - 1, &fd), &options, &error);

	check_error(&error);
	must(s || error.code, "no sheet, no error");
	if (s && sheet_kind(s) == SHEET_CSV) {
		struct sheet_writer *w = sheet_write(&mem, SHEET_CSV, &out, NULL);

		read_all(s, w, &first);
		/* Nothing is given: what we write, we recognise. */
		s = sheet_open(&mem, file_with(&mem, out.s, out.len, &again),
		               &(struct sheet_options){ .delimiter = ',' }, &error);
		must(s != NULL, "what was written opens");
		read_all(s, NULL, &second);
		must(text_eq(first.s, second.s), "write(read(x)) is the same");
	}
	arena_done(&mem);
	close(fd);
	if (again >= 0)
		close(again);
	return 0;
}
