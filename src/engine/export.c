#include "engine/export.h"

#include <stdio.h>
#include <unistd.h>

#include "base/date.h"
#include "engine/engine.h"
#include "engine/mutant.h"
#include "sheet/sheet.h"

/* Blocks of this size go out while rows are still being read. */
enum { BLOCK = 64 * 1024 };

struct exporting {
	struct ctx *ctx;
	struct reader *r;
	struct sheet_writer *sheet;
	struct text out;
	bool (*put)(void *ptr, const char *data, size_t n);
	void *ptr;
	int64_t rows;
};

static bool drain(struct exporting *x, size_t above)
{
	if (x->out.len <= above)
		return true;

	bool ok = x->put(x->ptr, x->out.s, x->out.len);

	text_clear(&x->out);
	return ok;
}

static enum sheet_type cell_type(const struct field *f)
{
	if (f->yields == TYPE_PERCENT)
		return SHEET_PERCENT;
	switch (field_type(f)->storage) {
	case STORE_INTEGER:
		if (f->yields == TYPE_INSTANT)
			return SHEET_INSTANT;
		return f->yields == TYPE_BOOL || field_is_ref(f) ? SHEET_TEXT : SHEET_NUMBER;
	case STORE_REAL:
		return SHEET_NUMBER;
	case STORE_TEXT:
	case STORE_NONE:
		break;
	}
	return f->yields == TYPE_DATE ? SHEET_DATE : SHEET_TEXT;
}

/* Names as an import finds them; one that may not be read stays a number, as of a single reference. */
static const char *titles_text(struct ctx *ctx, const struct field *f, const char *s)
{
	const char **titles;
	int64_t *ids;
	struct text t;
	size_t n;

	if (!query_titles(ctx, f, s, &titles, &n))
		return NULL;
	ids_split(ctx->mem, s, &ids);
	text_init(&t, ctx->mem);
	for (size_t i = 0; i < n; i++)
		text_addf(&t, "%s%s", i ? say(ctx, "；", "; ") : "",
		          titles[i] ? titles[i] : fmt(ctx->mem, "%" PRId64, ids[i]));
	return t.s;
}

/*
 * What a cell says: labels for people, numbers without thousands separators or
 * units, moments to the second.
 */
static const char *cell_text(struct exporting *x, size_t i)
{
	const struct field *f = x->r->fields[i];
	struct value v = query_value(x->r, i);
	const char *label = query_label(x->r, i);

	if (v.kind == V_NULL)
		return NULL;
	if (label)
		return label;
	if (f->type == TYPE_REFS)
		return titles_text(x->ctx, f, v.s);
	if (f->yields == TYPE_INSTANT && v.kind == V_INT) {
		char iso[26];

		instant_format(v.i, iso);
		return arena_dup(x->ctx->mem, iso);
	}
	if (f->yields == TYPE_DURATION && v.kind == V_INT)
		return fmt(x->ctx->mem, "%" PRId64, v.i);
	return field_type(f)->show(x->ctx, f, v);
}

static void write_header(struct exporting *x)
{
	for (size_t i = 0; i < x->r->n_fields; i++)
		sheet_write_cell(x->sheet, SHEET_TEXT,
		                 label_in(x->r->fields[i]->label, x->ctx->me->language));
	sheet_write_row(x->sheet);
}

static bool too_long(struct exporting *x)
{
	return fail(x->ctx, ERR_INVALID, NULL, "Excel 工作表最多 %d 行，请改用 CSV",
	            "A worksheet holds at most %d rows; use CSV", SHEET_XLSX_ROWS);
}

static bool client_left(struct exporting *x)
{
	return fail(x->ctx, ERR_BUSY, NULL, "导出已取消", "The export was cancelled");
}

/* A row's texts live until the next: the arena of the context keeps only what must stay. */
static bool write_rows(struct exporting *x, enum export_format format)
{
	struct arena *all = x->ctx->mem;
	struct arena row;
	bool ok = true;

	arena_init(&row, 0);
	ctx_use(x->ctx, &row);
	while (ok && query_next(x->ctx, x->r)) {
		if (format == EXPORT_JSON) {
			struct json_writer w;

			jw_init(&w, &x->out);
			text_add(&x->out, x->rows ? ",\n" : "");
			query_write(x->ctx, x->r, &w);
		}
		for (size_t i = 0; format != EXPORT_JSON && i < x->r->n_fields; i++)
			sheet_write_cell(x->sheet, cell_type(x->r->fields[i]), cell_text(x, i));
		if (format != EXPORT_JSON && !sheet_write_row(x->sheet))
			ok = too_long(x);
		else if (!drain(x, BLOCK))
			ok = client_left(x);
		x->rows++;
		arena_reset(&row);
	}
	ctx_use(x->ctx, all);
	/* Messages were made in the row's arena. */
	for (struct error *e = x->ctx->errors; e; e = e->next)
		e->message = arena_dup(all, e->message);
	if (x->ctx->errors) {
		struct error *copy = arena_alloc(all, sizeof *copy);

		*copy = *x->ctx->errors;
		copy->next = NULL;
		x->ctx->errors = copy;
	}
	arena_done(&row);
	return ok && x->ctx->kind == ERR_NONE;
}

/* XLSX is written to a file first; it goes out when it is whole. */
static bool send_file(struct exporting *x, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *block = arena_alloc(x->ctx->mem, BLOCK);
	size_t n;
	bool ok = f != NULL;

	while (ok && (n = fread(block, 1, BLOCK, f)) > 0)
		ok = x->put(x->ptr, block, n);
	if (f)
		fclose(f);
	unlink(path);
	return ok || client_left(x);
}

bool export_run(struct ctx *ctx, const struct list *l, enum export_format format,
                bool (*put)(void *ptr, const char *data, size_t n), void *ptr,
                int64_t *ret_rows)
{
	struct exporting x = { .ctx = ctx, .put = put, .ptr = ptr };
	const char *path = NULL;
	struct list all = *l;
	struct reader r;
	bool ok;

	if (!scope_may(ctx, l->object, ACT_EXPORT))
		return fail(ctx, ERR_DENIED, NULL, "您无权导出%s", "You may not export: %s",
		            label_in(l->object->label, ctx->me->language));
	all.limit = 0;
	all.export = !MUTANT_IS(8);
	if (!query_open(ctx, &all, &r))
		return false;
	x.r = &r;
	text_init(&x.out, ctx->mem);
	if (format == EXPORT_JSON) {
		text_add(&x.out, "[");
	} else {
		x.sheet = sheet_write(ctx->mem, format == EXPORT_XLSX ? SHEET_XLSX : SHEET_CSV, &x.out,
		                      fmt(ctx->mem, "%s/temp", engine_data(ctx->engine)));
		write_header(&x);
	}
	ok = write_rows(&x, format);
	query_done(&r);
	if (format == EXPORT_JSON)
		text_add(&x.out, "]\n");
	else if (!sheet_write_end(x.sheet, &path) && ok)
		ok = fail(ctx, ERR_STORAGE, NULL, "未能写出文件", "The file could not be written");
	if (ok && path)
		ok = send_file(&x, path);
	else if (path)
		unlink(path);
	if (ok && !drain(&x, 0))
		ok = client_left(&x);
	*ret_rows = x.rows;
	return ok;
}
