/*
 * Notify: notices outside the program, by mail and by group robots.  In the program a notice is there at once
 * (engine/notice.h); what is unread leaves it at each person's rhythm, after their quiet hours, and what was not
 * delivered is seen.
 *
 * Collecting and composing is work of the lane, as the receiver: nobody is sent what they may not read.  Sending is
 * slow work beside it: each delivery is claimed, sent, and noted, so one that was cut off is tried again.
 */
#include "modules/notify/robot.h"

#include "base/send.h"
#include "engine/module.h"

enum {
	MOST = 100,                     /* notices in one message */
	GROUP = 60000,                  /* what comes within a minute goes together */
	LEASE = 600000,                 /* a delivery under way is nobody else's so long */
	MINUTE = 60000,
};

static const int64_t delays[] = { MINUTE, 5 * MINUTE, 25 * MINUTE, 125 * MINUTE };

static const char *id_args(struct ctx *ctx, const char *name, int64_t id, const char *rhythm)
{
	return fmt(ctx->mem, "{\"%s\":%" PRId64 ",\"rhythm\":\"%s\"}", name, id, rhythm);
}

static bool send_soon(struct ctx *ctx)
{
	return job_add(ctx, "notify_send", NULL, ctx->now, "notify_send");
}

/*
 * What there is to tell
 */

struct message {
	const char *subject;
	struct text body;
	int64_t ids[MOST];
	size_t n;
};

static const char *kind_name(struct ctx *ctx, const char *kind)
{
	const struct choice *c = field_choice(object_field(schema_object(ctx->schema, "notice"), "kind"), kind);

	return c ? label_in(c->label, ctx->me->language) : kind;
}

/* A line each: what kind, which record, who, and where to open it. */
static void add_line(struct ctx *ctx, struct message *m, struct query *q, const char *base)
{
	enum { ID, OBJECT, RECORD, KIND, TITLE, TIMES, ACTOR };
	const char *title = db_text(q, TITLE);
	const char *actor = db_text(q, ACTOR);

	m->ids[m->n++] = db_int(q, ID);
	text_addf(&m->body, "%s· %s：%s", m->n > 1 ? "\n" : "", kind_name(ctx, db_text(q, KIND)), title ? title : "–");
	if (actor)
		text_addf(&m->body, "（%s）", actor);
	if (db_int(q, TIMES) > 1)
		text_addf(&m->body, " ×%" PRId64, db_int(q, TIMES));
	if (*base)
		text_addf(&m->body, "\n  %s/r/%s/%" PRId64, base, db_text(q, OBJECT), db_int(q, RECORD));
}

/* The unread notices of a member that are due and did not leave this way yet, as that member; `kinds` "": all. */
static bool gather(struct ctx *ctx, const struct member *reader, const char *flag, const char *kinds, struct message *ret)
{
	const struct member *me = ctx->me;
	const char *base = setting_text(ctx, "public_url");
	struct query *q;

	*ret = (struct message){ 0 };
	text_init(&ret->body, ctx->mem);
	ctx_as(ctx, reader);
	q = ctx_query(ctx, scope_sql(ctx, "notice member", fmt(ctx->mem,
		"SELECT n.id, n.object, n.record, n.kind, n.title, n.times, a.label FROM notice n LEFT JOIN member a ON a.id = n.actor"
		" WHERE n.member = $me AND n.read_at IS NULL AND n.due_at <= $now AND coalesce(n.%s, 0) = 0 AND n.kind <> 'not_sent'"
		" AND ($kinds = '' OR ',' || $kinds || ',' LIKE '%%,' || n.kind || ',%%') ORDER BY n.at, n.id LIMIT %d", flag, MOST)),
		(struct bind[]){ { "kinds", v_text(kinds) }, { 0 } });
	while (q && db_next(q))
		add_line(ctx, ret, q, base);
	if (q)
		db_done(q);
	ret->subject = fmt(ctx->mem, in_english(ctx) ? "Loudou: %zu notices" : "漏斗：%zu 条通知", ret->n);
	ctx_as(ctx, me);
	return q != NULL;
}

/* From here on it is the delivery's to tell. */
static bool mark(struct ctx *ctx, const struct message *m, const char *flag)
{
	for (size_t i = 0; i < m->n; i++)
		if (!record_update(ctx, "notice", m->ids[i], (struct cell[]){ { flag, v_int(1) }, { 0 } }))
			return false;
	return true;
}

static bool hand_over(struct ctx *ctx, const struct message *m, int64_t member, int64_t robot, const char *rhythm)
{
	return record_create(ctx, "delivery", (struct cell[]){
		{ "member", v_int(member) }, { "way", v_text(robot ? "robot" : "mail") }, { "robot", v_id(robot) },
		{ "rhythm", v_text(rhythm) }, { "day", v_text(ctx->today) }, { "subject", v_text(m->subject) },
		{ "body", v_text(m->body.s) }, { "state", v_text("waiting") }, { "attempts", v_int(0) }, { "due_at", v_int(ctx->now) },
		{ 0 } }, NULL) && send_soon(ctx);
}

static bool collect(struct ctx *ctx, const struct json *args)
{
	int64_t id = json_int(args, "member", 0);
	struct message message;
	struct member m;
	bool found;

	if (!member_load(ctx, id, &m, &found))
		return false;
	if (!found)
		return true;
	return gather(ctx, &m, "mailed", "", &message) &&
	       (!message.n || (mark(ctx, &message, "mailed") && hand_over(ctx, &message, id, 0, json_text(args, "rhythm", "at_once"))));
}

static bool robots_of(struct ctx *ctx, int64_t speaker, int64_t **ret, size_t *ret_n)
{
	return ctx_ids(ctx, scope_sql(ctx, "robot", "SELECT id FROM robot WHERE speaker = $speaker AND active = 1 ORDER BY id"),
	               (struct bind[]){ { "speaker", v_int(speaker) }, { 0 } }, ret, ret_n);
}

/* To each robot of a member those of its kinds. */
static bool post(struct ctx *ctx, const struct json *args)
{
	int64_t id = json_int(args, "member", 0);
	struct message message;
	struct member m;
	int64_t *robots;
	bool found;
	size_t n;

	if (!member_load(ctx, id, &m, &found) || !robots_of(ctx, id, &robots, &n))
		return false;
	for (size_t i = 0; found && i < n; i++) {
		struct value kinds;

		if (!record_get(ctx, "robot", robots[i], "kinds", &kinds) ||
		    !gather(ctx, &m, "posted", kinds.s, &message) ||
		    (message.n && !hand_over(ctx, &message, id, robots[i], "at_once")))
			return false;
	}
	return !found || (gather(ctx, &m, "posted", "", &message) && mark(ctx, &message, "posted"));
}

/*
 * At once, and the digests
 */

static bool has_server(struct ctx *ctx, bool *ret)
{
	int64_t id;

	if (!record_find(ctx, "mail_server", "active=eq.true", &id))
		return false;
	*ret = id != 0;
	return true;
}

static bool wants_at_once(struct ctx *ctx, int64_t member, bool *ret)
{
	struct value email;
	int64_t id;
	bool server;

	*ret = false;
	if (!record_find(ctx, "preference", fmt(ctx->mem, "member=eq.%" PRId64 "&mail=eq.at_once", member), &id))
		return false;
	if (!id)
		return true;
	if (!has_server(ctx, &server) || !record_get(ctx, "member", member, "email", &email))
		return false;
	*ret = server && !value_empty(email);
	return true;
}

static bool to_robots(struct ctx *ctx, int64_t member, int64_t due)
{
	int64_t *robots;
	size_t n;

	return robots_of(ctx, member, &robots, &n) &&
	       (!n || job_add(ctx, "notify_post", id_args(ctx, "member", member, "at_once"), due,
	                      fmt(ctx->mem, "notify_post/%" PRId64, member)));
}

/* More of the same is news again. */
static bool notice_before(struct ctx *ctx, struct change *c)
{
	(void)ctx;
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "times")) {
		change_set(c, "mailed", v_int(0));
		change_set(c, "posted", v_int(0));
	}
	return true;
}

static bool notice_after(struct ctx *ctx, struct change *c)
{
	int64_t member = value_id(change_new(c, "member"));
	int64_t due = value_id(change_new(c, "due_at")) + GROUP;
	const struct member *me;
	bool at_once;
	bool ok;

	if ((change_act(c) != CHANGE_CREATE && !(change_act(c) == CHANGE_UPDATE && change_has(c, "times"))) ||
	    value_is(change_new(c, "kind"), "not_sent"))
		return true;
	me = ctx_as_system(ctx);
	ok = to_robots(ctx, member, due) && wants_at_once(ctx, member, &at_once) &&
	     (!at_once || job_add(ctx, "notify_collect", id_args(ctx, "member", member, "at_once"), due,
	                          fmt(ctx->mem, "notify_collect/%" PRId64, member)));
	ctx_as(ctx, me);
	return ok;
}

/* Everybody whose digest of today, or of this Monday, has not gone out and who has something unread. */
static bool digest(struct ctx *ctx, const struct json *args)
{
	int64_t today = instant_day(ctx->now);
	bool monday = date_weekday(today) == 1;
	bool server;
	int64_t *ids;
	size_t n;

	(void)args;
	if (ctx->now < day_clock(today, setting_text(ctx, "digest_at")))
		return true;
	if (!has_server(ctx, &server) || !server)
		return ctx->kind == ERR_NONE;
	if (!ctx_ids(ctx, scope_sql(ctx, "member preference notice delivery", fmt(ctx->mem,
		"SELECT m.id FROM member m LEFT JOIN preference p ON p.member = m.id"
		" WHERE m.active = 1 AND m.email IS NOT NULL AND (coalesce(p.mail, 'daily') = 'daily'%s)"
		" AND EXISTS (SELECT 1 FROM notice n WHERE n.member = m.id AND n.read_at IS NULL AND n.due_at <= $now AND coalesce(n.mailed, 0) = 0)"
		" AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.member = m.id AND d.rhythm IN ('daily', 'weekly') AND d.day = $today)"
		" ORDER BY m.id", monday ? " OR p.mail = 'weekly'" : "")), NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t due;

		if (!notice_due(ctx, ids[i], &due))
			return false;
		/* In their quiet hours: at the end of these. */
		if (due <= ctx->now && !job_add(ctx, "notify_collect", id_args(ctx, "member", ids[i], "daily"), ctx->now,
		                                fmt(ctx->mem, "notify_digest/%" PRId64, ids[i])))
			return false;
	}
	return true;
}

/*
 * Sending
 */

struct parcel {
	int64_t id;                     /* 0: nothing is due */
	int64_t attempts, now;
	const char *subject, *body, *to;
	/* by mail */
	const char *server, *user, *password, *from, *from_name;
	bool plain;
	/* to a group */
	const char *kind, *address, *secret;
	const char *error;              /* NULL: it went out */
};

static const char *text_of(struct value v)
{
	return v.kind == V_TEXT && v.n ? v.s : NULL;
}

static bool get(struct ctx *ctx, const char *object, int64_t id, const char *field, const char **ret)
{
	struct value v;

	if (!record_get(ctx, object, id, field, &v))
		return false;
	*ret = text_of(v);
	return true;
}

static bool load_mail(struct ctx *ctx, struct parcel *p, int64_t member)
{
	struct value plain = v_null();
	struct value password = v_null();
	int64_t server;

	if (!get(ctx, "member", member, "email", &p->to) || !record_find(ctx, "mail_server", "active=eq.true&sort=id", &server))
		return false;
	if (!server)
		return true;
	if (!get(ctx, "mail_server", server, "server", &p->server) || !get(ctx, "mail_server", server, "account", &p->user) ||
	    !get(ctx, "mail_server", server, "sender", &p->from) || !get(ctx, "mail_server", server, "sender_name", &p->from_name) ||
	    !record_get(ctx, "mail_server", server, "plain", &plain) || !column_get(ctx, "mail_server", server, "password", &password))
		return false;
	p->plain = value_id(plain) != 0;
	p->password = text_of(password);
	return true;
}

static bool load_robot(struct ctx *ctx, struct parcel *p, int64_t robot)
{
	struct value address, secret;

	if (!get(ctx, "robot", robot, "kind", &p->kind) || !column_get(ctx, "robot", robot, "address", &address) ||
	    !column_get(ctx, "robot", robot, "secret", &secret))
		return false;
	p->address = text_of(address);
	p->secret = text_of(secret);
	return true;
}

/* Takes the next one that is due; committed before it is sent, so that one that kills the process is counted. */
static bool claim(struct ctx *ctx, void *arg)
{
	struct parcel *p = arg;
	struct value attempts, member, robot;

	*p = (struct parcel){ .now = ctx->now };
	if (!ctx_get_int(ctx, scope_sql(ctx, "delivery", "SELECT id FROM delivery WHERE state = 'waiting' AND due_at <= $now"
	                                " ORDER BY due_at, id LIMIT 1"), NULL, 0, &p->id))
		return false;
	if (!p->id)
		return true;
	if (!record_get(ctx, "delivery", p->id, "attempts", &attempts) || !record_get(ctx, "delivery", p->id, "member", &member) ||
	    !record_get(ctx, "delivery", p->id, "robot", &robot) || !get(ctx, "delivery", p->id, "subject", &p->subject) ||
	    !get(ctx, "delivery", p->id, "body", &p->body))
		return false;
	p->attempts = value_id(attempts) + 1;
	if (!(value_id(robot) ? load_robot(ctx, p, value_id(robot)) : load_mail(ctx, p, value_id(member))))
		return false;
	return record_update(ctx, "delivery", p->id, (struct cell[]){
		{ "attempts", v_int(p->attempts) }, { "due_at", v_int(ctx->now + LEASE) }, { 0 } });
}

static void deliver(struct arena *mem, struct parcel *p)
{
	p->error = NULL;
	if (p->kind) {
		const char *url, *body, *answer;
		long status;

		if (!p->address)
			p->error = "the robot is not connected";
		else if (!robot_request(mem, p->kind, p->address, p->secret, fmt(mem, "%s\n%s", p->subject, p->body), p->now, &url, &body))
			p->error = "no such platform";
		else if (send_json(mem, url, body, &status, &answer, &p->error))
			p->error = robot_refused(mem, status, answer);
		return;
	}
	if (!p->server)
		p->error = "there is no active mail server";
	else if (!p->to)
		p->error = "the member has no mail address";
	else
		send_mail(mem, &(struct send_mail){
			.server = p->server, .user = p->user, .password = p->password, .plain = p->plain, .from = p->from, .from_name = p->from_name,
			.to = p->to, .subject = p->subject, .body = p->body, .now = p->now,
			.id = fmt(mem, "delivery-%" PRId64 "-%" PRId64, p->id, p->now) }, &p->error);
}

/* After the last attempt it stays failed, and whose it is learns of it. */
static bool note(struct ctx *ctx, void *arg)
{
	const struct parcel *p = arg;
	bool again = p->error && (size_t)p->attempts <= LENGTH(delays);
	struct value member;

	if (!record_get(ctx, "delivery", p->id, "member", &member) ||
	    !record_update(ctx, "delivery", p->id, (struct cell[]){
		{ "state", v_text(!p->error ? "sent" : again ? "waiting" : "failed") },
		{ "sent_at", p->error ? v_null() : v_int(ctx->now) },
		{ "error", p->error ? v_text(utf8_cut(ctx->mem, p->error, 500)) : v_null() },
		{ "due_at", v_int(ctx->now + (again ? delays[p->attempts - 1] : 0)) }, { 0 } }))
		return false;
	if (again)
		return job_add(ctx, "notify_send", NULL, ctx->now + delays[p->attempts - 1], NULL);
	return !p->error || notice_tell(ctx, value_id(member), &(struct news){
		"not_sent", schema_object(ctx->schema, "delivery"), p->id, 0, NULL });
}

static bool send_all(struct slow_call *call)
{
	while (!job_stopping()) {
		struct parcel p;

		if (!slow_step(call, claim, &p))
			return false;
		if (!p.id)
			return true;
		deliver(call->mem, &p);
		if (!slow_step(call, note, &p))
			return false;
	}
	return false;
}

/*
 * Setting up
 */

/* Secrets are written and never read: not by whoever wrote them either. */
static bool set_password(struct ctx *ctx, struct action_call *call)
{
	call->unkept = true;
	return column_set(ctx, "mail_server", call->id, (struct cell[]){ { "password", action_param(call, "password") }, { 0 } }) &&
	       record_update(ctx, "mail_server", call->id, (struct cell[]){ { "has_password", v_int(1) }, { 0 } });
}

static bool connect_robot(struct ctx *ctx, struct action_call *call)
{
	struct value address = action_param(call, "address");
	bool local = text_starts(address.s, "http://127.0.0.1:") || text_starts(address.s, "http://localhost:");

	call->unkept = true;
	if (!text_starts(address.s, "https://") && !local)
		return fail(ctx, ERR_INVALID, "address", "地址应以 https:// 开头", "The address begins with https://");
	if (strpbrk(address.s, " \t\r\n#"))
		return fail(ctx, ERR_INVALID, "address", "地址中有不允许的字符", "holds a character that an address cannot have");
	return column_set(ctx, "robot", call->id, (struct cell[]){
		{ "address", address }, { "secret", action_param(call, "secret") }, { 0 } }) &&
	       record_update(ctx, "robot", call->id, (struct cell[]){ { "connected", v_int(1) }, { 0 } });
}

static bool try_out(struct ctx *ctx, struct action_call *call)
{
	bool robot = text_eq(call->object->name, "robot");
	const struct member *me = ctx->me;
	bool ok;

	ctx_as_system(ctx);
	ok = record_create(ctx, "delivery", (struct cell[]){
		{ "member", v_int(me->id) }, { "way", v_text(robot ? "robot" : "mail") }, { "robot", v_id(robot ? call->id : 0) },
		{ "rhythm", v_text("try") }, { "day", v_text(ctx->today) }, { "state", v_text("waiting") }, { "attempts", v_int(0) },
		{ "subject", v_text(text_eq(me->language, "en") ? "Loudou: a trial" : "漏斗：试发") },
		{ "body", v_text(text_eq(me->language, "en") ? "It works." : "收到即为连通。") }, { "due_at", v_int(ctx->now) }, { 0 } }, NULL) && send_soon(ctx);
	ctx_as(ctx, me);
	return ok;
}

static bool send_again(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx->me;
	struct value state;
	bool ok;

	if (!record_get(ctx, "delivery", call->id, "state", &state))
		return false;
	if (!value_is(state, "failed"))
		return fail(ctx, ERR_INVALID, NULL, "只有失败的可以再发", "Only a failed one can be sent again");
	ctx_as_system(ctx);
	ok = record_update(ctx, "delivery", call->id, (struct cell[]){
		{ "state", v_text("waiting") }, { "attempts", v_int(0) }, { "due_at", v_int(ctx->now) }, { 0 } }) && send_soon(ctx);
	ctx_as(ctx, me);
	return ok;
}

static bool server_before(struct ctx *ctx, struct change *c)
{
	struct value server = change_new(c, "server");

	if (change_act(c) == CHANGE_DELETE || server.kind != V_TEXT)
		return true;
	if ((!text_starts(server.s, "smtp://") && !text_starts(server.s, "smtps://")) || strpbrk(server.s, " \t\r\n@#?"))
		return fail(ctx, ERR_INVALID, "server", "请填写 smtps://主机:465 或 smtp://主机:587", "Give smtps://host:465 or smtp://host:587");
	return true;
}

static bool robot_before(struct ctx *ctx, struct change *c)
{
	const struct field *kind = object_field(schema_object(ctx->schema, "notice"), "kind");
	struct value kinds = change_new(c, "kinds");
	char **names;
	size_t n;

	if (change_act(c) == CHANGE_DELETE || kinds.kind != V_TEXT || !change_has(c, "kinds"))
		return true;
	n = text_split(ctx->mem, kinds.s, ',', &names);

	struct text kept;

	text_init(&kept, ctx->mem);
	for (size_t i = 0; i < n; i++) {
		const char *name = text_trim(ctx->mem, names[i]);

		if (!field_choice(kind, name))
			return fail(ctx, ERR_INVALID, "kinds", "没有“%s”这类通知", "There is no kind of notice \"%s\"", name);
		text_addf(&kept, "%s%s", i ? "," : "", name);
	}
	change_set(c, "kinds", v_text(kept.s));
	return true;
}

const struct module notify_module = {
	.name = "notify",
	.hooks = (const struct hook[]){
		{ "notice", HOOK_BEFORE, notice_before },
		{ "notice", HOOK_AFTER, notice_after },
		{ "mail_server", HOOK_BEFORE, server_before },
		{ "robot", HOOK_BEFORE, robot_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "mail_server", "secret", set_password },
		{ "mail_server", "try", try_out },
		{ "robot", "connect", connect_robot },
		{ "robot", "try", try_out },
		{ "delivery", "again", send_again },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "notify_collect", NULL, collect, { "汇集一人的通知", "Gather the notices of a person" } },
		{ "notify_post", NULL, post, { "把通知交给群机器人", "Hand notices to robots" } },
		{ "notify_digest", "every 10m", digest, { "发出通知汇总", "Send digests of notices" } },
		{ 0 },
	},
	.slow = (const struct slow_impl[]){
		{ "notify_send", NULL, send_all, { "发出邮件与消息", "Send mails and messages" } },
		{ 0 },
	},
};
