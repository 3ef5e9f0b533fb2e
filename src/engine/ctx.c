#include "engine/ctx.h"

#include <stdarg.h>

#include "base/log.h"

bool in_english(const struct ctx *ctx)
{
	return ctx->me && ctx->me->language && text_eq(ctx->me->language, "en");
}

const char *say(const struct ctx *ctx, const char *zh, const char *en)
{
	return in_english(ctx) ? en : zh;
}

bool fail(struct ctx *ctx, enum error_kind kind, const char *field,
          const char *zh, const char *en, ...)
{
	struct error *e = arena_alloc(ctx->mem, sizeof *e);
	struct error **end = &ctx->errors;
	va_list args;

	va_start(args, en);
	e->message = vfmt(ctx->mem, say(ctx, zh, en), args);
	va_end(args);
	e->field = arena_dup(ctx->mem, field);
	while (*end)
		end = &(*end)->next;
	*end = e;
	if (ctx->kind == ERR_NONE)
		ctx->kind = kind;
	return false;
}

bool fail_db(struct ctx *ctx, const char *what)
{
	static const struct {
		enum error_kind kind;
		const char *zh, *en;
	} told[] = {
		[DB_OK]      = { ERR_INTERNAL, "内部错误", "Internal error" },
		[DB_BUSY]    = { ERR_BUSY, "系统繁忙，请稍后再试", "Busy, please try again" },
		[DB_UNIQUE]  = { ERR_CONFLICT, "该值已被使用", "This value is already in use" },
		[DB_FOREIGN] = { ERR_INVALID, "引用的记录不存在", "A record that is referred to does not exist" },
		[DB_CHECK]   = { ERR_INVALID, "值不符合要求", "A value is not allowed" },
		[DB_STOPPED] = { ERR_BUSY, "处理时间过长，已停止", "This took too long and was stopped" },
		[DB_FULL]    = { ERR_STORAGE, "磁盘空间已满，未保存", "The disk is full; nothing was saved" },
		[DB_LOST]    = { ERR_BUSY, "数据库暂时不可用", "The database is not available right now" },
		[DB_FAILED]  = { ERR_INTERNAL, "内部错误", "Internal error" },
	};
	enum db_code code = db_code(ctx->db);

	log_line(code == DB_FAILED || code == DB_LOST ? LOG_ERROR : LOG_WARN, "database",
	         "what", what, "message", db_message(ctx->db), "request", ctx->request, NULL);
	return fail(ctx, told[code].kind, NULL, told[code].zh, told[code].en);
}

void ctx_forget(struct ctx *ctx)
{
	ctx->errors = NULL;
	ctx->kind = ERR_NONE;
}

const struct member *ctx_as_system(struct ctx *ctx)
{
	static const char *const languages[] = { "zh", "en" };
	const struct member *before = ctx->me;
	struct member *m = arena_alloc(ctx->mem, sizeof *m);
	static const char *no_roles[] = { NULL };

	/* Messages stay in the language of the person behind the work. */
	m->name = "system";
	m->label = "系统";
	m->roles = no_roles;
	m->language = languages[in_english(ctx)];
	m->system = true;
	ctx->me = m;
	return before;
}

void ctx_as(struct ctx *ctx, const struct member *m)
{
	ctx->me = m;
}

bool ctx_has_role(const struct ctx *ctx, const char *role)
{
	for (const char **r = ctx->me->roles; *r; r++)
		if (text_eq(*r, role))
			return true;
	return false;
}

bool ctx_in_roles(const struct ctx *ctx, const struct role_list *list)
{
	if (list->n == 0 || ctx->me->system || ctx->me->admin)
		return true;
	for (size_t i = 0; i < list->n; i++)
		if (ctx_has_role(ctx, list->names[i]))
			return true;
	return false;
}

/* The caller's binds and those every statement may use. */
void ctx_use(struct ctx *ctx, struct arena *mem)
{
	ctx->mem = mem;
	ctx->kept = (struct kept_row){ 0 };
}

static struct bind *all_binds(struct ctx *ctx, const struct bind *binds)
{
	size_t n = 0;

	while (binds && binds[n].name)
		n++;

	struct bind *all = arena_array(ctx->mem, n + 4, sizeof *all);

	if (n)
		memcpy(all, binds, n * sizeof *all);
	all[n++] = (struct bind){ "me", v_int(ctx->me->id) };
	all[n++] = (struct bind){ "now", v_int(ctx->now) };
	all[n] = (struct bind){ "today", v_text(ctx->today) };
	return all;
}

struct query *ctx_query(struct ctx *ctx, const char *sql, const struct bind *binds)
{
	struct query *q = db_query(ctx->db, sql, all_binds(ctx, binds));

	if (!q)
		fail_db(ctx, sql);
	return q;
}

struct query *ctx_stream(struct ctx *ctx, const char *sql, const struct bind *binds)
{
	struct query *q = db_stream(ctx->db, sql, all_binds(ctx, binds));

	if (!q)
		fail_db(ctx, sql);
	return q;
}

bool ctx_exec(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t *ret_rows)
{
	if (!db_exec(ctx->db, sql, all_binds(ctx, binds), ret_rows))
		return fail_db(ctx, sql);
	return true;
}

bool ctx_rows(struct ctx *ctx, const char *before, const char *row, const char *after,
              const struct value *values, size_t rows, size_t width)
{
	struct bind *binds = arena_array(ctx->mem, rows * width + 1, sizeof *binds);
	size_t n = 0;
	struct text sql;

	text_init(&sql, ctx->mem);
	text_add(&sql, before);
	for (size_t i = 0; i < rows; i++) {
		const char *from = row;

		for (const char *at; (at = strstr(from, "$?")); from = at + 2, n++) {
			binds[n] = (struct bind){ fmt(ctx->mem, "v%zu", n), values[n] };
			text_addn(&sql, from, (size_t)(at - from));
			text_addf(&sql, "$%s", binds[n].name);
		}
		text_addf(&sql, "%s%s", from, i + 1 < rows ? ", " : "");
	}
	text_add(&sql, after);
	return ctx_exec(ctx, sql.s, binds, NULL);
}

bool ctx_insert(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t *ret_id)
{
	if (!db_insert(ctx->db, sql, all_binds(ctx, binds), ret_id))
		return fail_db(ctx, sql);
	return true;
}

bool ctx_get_int(struct ctx *ctx, const char *sql, const struct bind *binds,
                 int64_t otherwise, int64_t *ret)
{
	if (!db_get_int(ctx->db, sql, all_binds(ctx, binds), otherwise, ret))
		return fail_db(ctx, sql);
	return true;
}

bool ctx_get_text(struct ctx *ctx, const char *sql, const struct bind *binds, const char **ret)
{
	if (!db_get_text(ctx->db, ctx->mem, sql, all_binds(ctx, binds), ret))
		return fail_db(ctx, sql);
	return true;
}

bool ctx_ids(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t **ret_ids,
             size_t *ret_n)
{
	struct query *q = ctx_query(ctx, sql, binds);
	int64_t *ids = NULL;
	size_t n = 0;
	size_t cap = 0;

	if (!q)
		return false;
	while (db_next(q)) {
		ids = arena_grow(ctx->mem, ids, &cap, n + 1, sizeof *ids);
		ids[n++] = db_int(q, 0);
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret_ids = ids;
	*ret_n = n;
	return failed ? fail_db(ctx, sql) : true;
}
