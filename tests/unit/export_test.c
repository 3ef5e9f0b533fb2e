#include "engine/export.h"

#include <stdio.h>
#include <unistd.h>

#include "base/date.h"
#include "tests/unit/engine_stores.h"
#include "tests/unit/sheet_files.h"

struct wanted {
	const char *object;
	const char *query;
	enum export_format format;
	struct text out;
};

static bool put(void *ptr, const char *data, size_t n)
{
	struct wanted *w = ptr;

	text_addn(&w->out, data, n);
	return true;
}

static bool run(struct ctx *ctx, void *arg)
{
	struct wanted *w = arg;
	struct list l;
	int64_t rows;

	text_init(&w->out, ctx->mem);
	return query_parse(ctx, schema_object(ctx->schema, w->object), w->query, &l) &&
	       export_run(ctx, &l, w->format, put, w, &rows);
}

static struct text exported(struct house *h, const char *object, const char *query,
                            enum export_format format)
{
	struct wanted w = { .object = object, .query = query, .format = format };

	house_read(h, NULL, run, &w);
	return w.out;
}

/* The rows below the header, as a spreadsheet shows them. */
static const char *cells(struct house *h, const char *object, const char *query,
                         enum export_format format)
{
	struct text file = exported(h, object, query, format);
	const char *path = file_of(&h->mem, file.s, file.len);
	const char *rows = strchr(read_all(&h->mem, path, NULL), '\n');

	return rows ? rows + 1 : "";
}

/* What people compute with comes as numbers; what they typed stays as it was. */
TEST_ENGINE(export_keeps_values)
{
	static const char activities[] = "fields=subject,minutes,done_at,outcome&sort=id";
	static const char products[] = "fields=name,code,list_price&sort=id";
	static const char stages[] = "fields=name,probability&name=eq.=stage";

	const struct member *wang = house_member(h, "wang", "rep");

	CHECK(date_zone("Asia/Shanghai"));
	house_record(h, "activity", fmt(&h->mem, "{ \"kind\": \"note\", \"subject\": \"=1+1\","
	             " \"minutes\": 30, \"done_at\": \"2026-11-25T09:30:15+08:00\", \"outcome\": \"@SUM(A1)\","
	             " \"owner\": %" PRId64 " }", wang->id));
	house_record(h, "product", "{ \"name\": \"+1-1\", \"code\": \"00012345678901234567890\","
	             " \"list_price\": \"1234.50\" }");
	house_record(h, "stage", "{ \"name\": \"=stage\", \"kind\": \"open\", \"pipeline\": 1,"
	             " \"position\": 99, \"probability\": \"12.5\" }");

	CHECK_TEXT(cells(h, "activity", activities, EXPORT_XLSX),
	           "2:=1+1|30|2026-11-25 09:30:15|@SUM(A1)\n");
	CHECK_TEXT(cells(h, "product", products, EXPORT_XLSX),
	           "2:+1-1|00012345678901234567890|1234.5\n");
	CHECK_TEXT(cells(h, "stage", stages, EXPORT_XLSX), "2:=stage|12.5%\n");

	CHECK_TEXT(cells(h, "activity", activities, EXPORT_CSV),
	           "2:'=1+1|30|2026-11-25 09:30:15|'@SUM(A1)\n");
	CHECK_TEXT(cells(h, "product", products, EXPORT_CSV),
	           "2:'+1-1|00012345678901234567890|1234.50\n");
	CHECK_TEXT(cells(h, "stage", stages, EXPORT_CSV), "2:'=stage|12.5%\n");

	/* Without a word about fields, the record's own come first; an id is said once. */
	CHECK(text_starts(exported(h, "product", "", EXPORT_CSV).s, "\xEF\xBB\xBF产品名称,产品编码,"));

	const char *json = exported(h, "product", "fields=id,name", EXPORT_JSON).s;

	CHECK(strstr(json, "\"id\"") && !strstr(strstr(json, "\"id\"") + 1, "\"id\""));
}
