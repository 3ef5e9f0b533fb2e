#include "engine/talk.h"

#include "engine/notice.h"

static const struct object *about(struct ctx *ctx, const struct change *c)
{
	struct value name = change_new(c, "object");

	return name.kind == V_TEXT ? schema_object(ctx->schema, name.s) : NULL;
}

/* The members mentioned now and not before. */
static size_t mentioned(struct ctx *ctx, const struct change *c, int64_t **ret)
{
	struct value old = change_old(c, "mentions");
	struct value now = change_new(c, "mentions");
	size_t n = now.kind == V_TEXT ? ids_split(ctx->mem, now.s, ret) : 0;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (old.kind != V_TEXT || !strstr(old.s, fmt(ctx->mem, ",%" PRId64 ",", (*ret)[i])))
			(*ret)[kept++] = (*ret)[i];
	return kept;
}

/* The first line, as far as it fits. */
static const char *excerpt(struct ctx *ctx, const char *body)
{
	enum { BYTES = 100 };
	const char *line = arena_dupn(ctx->mem, body, strcspn(body, "\r\n"));

	return strlen(line) > BYTES ? fmt(ctx->mem, "%s…", utf8_cut(ctx->mem, line, BYTES)) : line;
}

/*
 * Whoever is mentioned must be able to follow the link.  The page offers to share the
 * record: it finds the member in the name of the error's field.
 */
bool talk_comment_before(struct ctx *ctx, struct change *c)
{
	const struct object *o = about(ctx, c);
	struct value body = change_new(c, "body");
	int64_t *ids;
	bool ok = true;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !o)
		return true;
	if (body.kind == V_TEXT)
		change_set(c, "excerpt", v_text(excerpt(ctx, body.s)));
	for (size_t i = 0, n = mentioned(ctx, c, &ids); i < n; i++) {
		struct member m;
		bool may;

		if (!notice_reader(ctx, ids[i], o, change_new(c, "record").i, &m, &may))
			return false;
		if (!may)
			ok = fail(ctx, ERR_INVALID, fmt(ctx->mem, "mentions.%" PRId64, ids[i]),
			          "%s看不到这条记录，请先共享", "%s cannot see this record: share it first",
			          m.label ? m.label : say(ctx, "此人", "This member"));
	}
	return ok;
}

/* Lists the member as following, unless they are listed already, as what they chose. */
static bool follow(struct ctx *ctx, const struct object *o, int64_t record, int64_t member)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t found = 0;
	bool ok = record_find(ctx, "follow", fmt(ctx->mem, "object=eq.%s&record=eq.%" PRId64
	                                         "&member=eq.%" PRId64, o->name, record, member), &found) &&
	          (found || record_create(ctx, "follow", (struct cell[]){
		          { "object", v_text(o->name) }, { "record", v_int(record) },
		          { "member", v_int(member) }, { 0 } }, NULL));

	ctx_as(ctx, me);
	return ok;
}

static bool among(int64_t id, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool talk_comment_after(struct ctx *ctx, struct change *c)
{
	const struct object *o = about(ctx, c);
	struct news news = { "mention", o, change_new(c, "record").i, change_id(c), NULL };
	struct value author = change_new(c, "author");
	int64_t *ids = NULL;
	int64_t *followers;
	size_t n;
	size_t n_followers;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !o || ctx->import)
		return true;
	n = mentioned(ctx, c, &ids);
	for (size_t i = 0; i < n; i++)
		if (!follow(ctx, o, news.record, ids[i]) || !notice_tell(ctx, ids[i], &news))
			return false;
	if (change_act(c) != CHANGE_CREATE)
		return true;
	if (author.kind == V_INT && !follow(ctx, o, news.record, author.i))
		return false;
	news.kind = "commented";
	if (!notice_followers(ctx, o, news.record, &followers, &n_followers))
		return false;
	for (size_t i = 0; i < n_followers; i++)
		if (!among(followers[i], ids, n) && !notice_tell(ctx, followers[i], &news))
			return false;
	return true;
}

/* One row per member and record: another is a change of it. */
bool talk_follow_before(struct ctx *ctx, struct change *c)
{
	int64_t found = 0;

	if (change_act(c) != CHANGE_CREATE || change_new(c, "object").kind != V_TEXT ||
	    change_new(c, "record").kind != V_INT || change_new(c, "member").kind != V_INT)
		return true;
	if (!ctx_get_int(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE object = $object AND record = $record"
	                                    " AND member = $member AND deleted_at IS NULL",
	                          scope_table(ctx->mem, change_object(c))),
	                 (struct bind[]){ { "object", change_new(c, "object") },
	                                  { "record", change_new(c, "record") },
	                                  { "member", change_new(c, "member") }, { 0 } }, 0, &found))
		return false;
	return !found || fail(ctx, ERR_INVALID, "record", "您已登记过对这条记录的关注，请修改原有的",
	                      "You are listed for this record already: change that row");
}
