#include "engine/system.h"

#include "engine/engine.h"
#include "engine/import.h"
#include "engine/notice.h"
#include "engine/pinyin.h"
#include "engine/region.h"
#include "engine/scope.h"
#include "engine/talk.h"

static bool people_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	ctx->marks |= MARK_REACH | MARK_CACHES;
	return true;
}

static bool caches_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	ctx->marks |= MARK_CACHES;
	return true;
}

/* Whoever may no longer work here is out at once, programs included. */
static bool sign_out(struct ctx *ctx, struct change *c)
{
	struct value active = change_new(c, "active");

	if (change_act(c) == CHANGE_CREATE || !change_has(c, "active") || active.i)
		return true;
	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE member = $id OR trying = $id",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
	                (struct bind[]){ { "id", v_int(change_id(c)) }, { 0 } }, NULL);
}

/* 王芳 is wangfang, Anna Snelling is anna.snelling. */
static const char *typed_name(struct ctx *ctx, const char *label)
{
	struct text t;

	text_init(&t, ctx->mem);
	for (const char *p = text_fold(ctx->mem, label); *p; ) {
		const char *reading[READINGS];
		uint32_t c = utf8_next(&p);

		if (pinyin_readings(c, reading))
			text_add(&t, reading[0]);
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			text_addc(&t, (char)c);
		else if (t.len && c == ' ')
			text_addc(&t, '.');
	}
	return t.len ? t.s : "member";
}

/* Whoever comes without a sign-in name gets one made of theirs; nobody is left without one. */
static bool sign_in_name(struct ctx *ctx, struct change *c)
{
	struct value label = change_new(c, "label");
	int64_t taken = 1;

	if (change_act(c) == CHANGE_DELETE || change_new(c, "name").kind != V_NULL)
		return true;
	if (change_act(c) != CHANGE_CREATE)
		return fail(ctx, ERR_INVALID, "name", "请填写登录名", "The sign-in name is required");
	if (label.kind != V_TEXT)
		return true;

	const char *base = typed_name(ctx, label.s);
	const char *name = base;

	for (int n = 2; taken; n++) {
		if (!ctx_get_int(ctx, fmt(ctx->mem, "SELECT 1 FROM %s WHERE name = $name",
		                          scope_table(ctx->mem, change_object(c))),
		                 (struct bind[]){ { "name", v_text(name) }, { 0 } }, 0, &taken))
			return false;
		if (taken)
			name = fmt(ctx->mem, "%s%d", base, n);
	}
	change_set(c, "name", v_text(name));
	return true;
}

/* Attachments come to be seen with the record that names them. */
static bool attach_files(struct ctx *ctx, struct change *c)
{
	const struct object *o = change_object(c);

	for (size_t i = 0; change_act(c) != CHANGE_DELETE && i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];
		int64_t *ids;
		size_t n;

		if ((f->type != TYPE_FILE && f->type != TYPE_IMAGE) || !change_has(c, f->name) ||
		    change_new(c, f->name).kind != V_TEXT)
			continue;
		n = ids_split(ctx->mem, change_new(c, f->name).s, &ids);
		for (size_t k = 0; k < n; k++)
			if (!ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET object = $object, record = $record"
			                                 " WHERE id = $id AND object IS NULL",
			                       scope_table(ctx->mem, f->to)),
			              (struct bind[]){ { "object", v_text(o->name) },
			                               { "record", v_int(change_id(c)) }, { "id", v_int(ids[k]) },
			                               { 0 } }, NULL))
				return false;
	}
	return true;
}

/* What is over: sessions that expired, answers kept for repeated requests, old notices. */
static bool clean_up(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return notice_clean(ctx) &&
	       ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE expires_at < $now",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))), NULL, NULL) &&
	       ctx_exec(ctx, "DELETE FROM t_answer WHERE at < $since",
	                (struct bind[]){ { "since", v_int(ctx->now - INT64_C(86400000)) }, { 0 } }, NULL);
}

/* Imports run on a thread of their own. */
static bool import_job(struct slow_call *call)
{
	return import_work(call->engine, json_int(call->args, "import", 0), call->me);
}

static bool recover_imports(struct slow_call *call)
{
	return import_recover(call->engine);
}

static bool retry_job(struct ctx *ctx, struct action_call *call)
{
	return job_retry(ctx, call->id);
}

static bool hurry_job(struct ctx *ctx, struct action_call *call)
{
	return job_hurry(ctx, call->id);
}

static bool cancel_job(struct ctx *ctx, struct action_call *call)
{
	return job_cancel(ctx, call->id);
}

/* A team may not lie within itself. */
static bool no_circle(struct ctx *ctx, struct change *c)
{
	struct value parent = change_new(c, "parent");

	for (int depth = 0; parent.kind == V_INT; depth++) {
		if (parent.i == change_id(c) || depth > 50)
			return fail(ctx, ERR_INVALID, "parent", "上级团队不能是自己或下级团队",
			            "A team's parent cannot be itself or a team below it");
		if (!record_get(ctx, "team", parent.i, "parent", &parent))
			return false;
	}
	return true;
}

enum { APPLYING_MS = 60000 };

/*
 * An administrator's declaration takes effect with the write that brought it, or not at all.  A new
 * column of a large table, with its index, may take longer than a request does.
 */
static bool declaration_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	db_deadline_later(ctx->db, date_ticks() + APPLYING_MS);
	return engine_reload(ctx);
}

/* A declaration without a name is called after what it declares. */
static bool declaration_name(struct ctx *ctx, struct change *c)
{
	static const char *const kinds[] = { "object", "report", "metric", "role", "menu", "extend" };
	struct value body = change_new(c, "body");
	struct json_error error;
	const struct json *j = body.kind == V_TEXT ? json_parse(ctx->mem, body.s, body.n, &error) : NULL;

	for (size_t i = 0; i < LENGTH(kinds) && change_new(c, "name").kind == V_NULL; i++) {
		const char *name = json_text(j, kinds[i], NULL);

		if (name)
			change_set(c, "name", v_text(text_eq(kinds[i], "extend")
				? fmt(ctx->mem, "extend %s %" PRId64, name, ctx->now) : name));
	}
	return true;
}

/* Roles are declared; their records exist so that members can refer to them. */
bool system_roles(struct ctx *ctx)
{
	for (size_t i = 0; i < ctx->schema->n_roles; i++) {
		const struct role *r = &ctx->schema->roles[i];
		int64_t id;

		if (!record_find(ctx, "role", fmt(ctx->mem, "name=eq.%s", r->name), &id))
			return false;
		if (!id && !record_create(ctx, "role", (struct cell[]){
		        { "name", v_text(r->name) }, { "label", v_text(r->label.zh) },
		        { "label_en", v_text(r->label.en) }, { "doc", v_text(r->doc.zh) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

const struct module system_module = {
	.name = "system",
	.hooks = (const struct hook[]){
		{ "*", HOOK_AFTER, attach_files },
		{ "member", HOOK_BEFORE, sign_in_name },
		{ "member", HOOK_AFTER, people_changed },
		{ "member", HOOK_AFTER, sign_out },
		{ "team", HOOK_BEFORE, no_circle },
		{ "team", HOOK_AFTER, people_changed },
		{ "role", HOOK_AFTER, caches_changed },
		{ "share", HOOK_AFTER, caches_changed },
		{ "setting", HOOK_BEFORE, setting_before },
		{ "setting", HOOK_AFTER, caches_changed },
		{ "calendar_day", HOOK_AFTER, calendar_changed },
		{ "object", HOOK_BEFORE, declaration_name },
		{ "object", HOOK_AFTER, declaration_changed },
		{ "comment", HOOK_BEFORE, talk_comment_before },
		{ "comment", HOOK_AFTER, talk_comment_after },
		{ "follow", HOOK_BEFORE, talk_follow_before },
		{ "preference", HOOK_BEFORE, notice_preference },
		{ "import", HOOK_AFTER, notice_import },
		{ "job", HOOK_AFTER, notice_job },
		{ "*", HOOK_AFTER, notice_written },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "job", "retry", retry_job }, { "job", "hurry", hurry_job }, { "job", "cancel", cancel_job }, { 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "clean_up", "daily 03:30", clean_up, { "清理过期的登录与旧通知", "Clear expired sessions and old notices" } },
		{ "streets", NULL, region_streets, { "载入街道", "Load streets" } },
		{ 0 },
	},
	.slow = (const struct slow_impl[]){
		{ "import", NULL, import_job, { "导入", "Import" } },
		{ "import_recover", "hourly", recover_imports, { "继续中断的导入", "Go on with interrupted imports" } },
		{ 0 },
	},
	.seed = system_roles,
};
