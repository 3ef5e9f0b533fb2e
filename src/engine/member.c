#include "engine/member.h"

#include "base/secret.h"
#include "engine/mutant.h"
#include "engine/record.h"
#include "engine/scope.h"
#include "engine/type.h"

static const char *table(struct ctx *ctx, const char *object)
{
	return scope_table(ctx->mem, schema_object(ctx->schema, object));
}

/* The names of the roles in ",1,2,". */
static bool load_roles(struct ctx *ctx, const char *ids_text, struct member *m)
{
	int64_t *ids;
	size_t n = ids_split(ctx->mem, ids_text, &ids);
	const char **names = arena_array(ctx->mem, n + 1, sizeof *names);
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const char *name;

		if (!ctx_get_text(ctx, fmt(ctx->mem, "SELECT name FROM %s WHERE id = $id AND deleted_at IS NULL",
		                           table(ctx, "role")),
		                  (struct bind[]){ { "id", v_int(ids[i]) }, { 0 } }, &name))
			return false;
		if (name)
			names[used++] = name;
		if (text_eq(name, "admin"))
			m->admin = true;
	}
	m->roles = names;
	return true;
}

/* Which objects hold records that are shared with the member, or their team. */
static bool load_shared(struct ctx *ctx, struct member *m)
{
	struct query *q = ctx_query(ctx, fmt(ctx->mem, "SELECT DISTINCT object FROM %s WHERE deleted_at IS NULL"
	                                               " AND (member = $id OR team = $team)", table(ctx, "share")),
	                            (struct bind[]){ { "id", v_int(m->id) }, { "team", v_int(m->team) }, { 0 } });
	size_t n = 0;
	size_t cap = 0;

	if (!q)
		return false;
	while (db_next(q)) {
		m->shared = arena_grow(ctx->mem, m->shared, &cap, n + 2, sizeof *m->shared);
		m->shared[n++] = arena_dup(ctx->mem, db_text(q, 0));
		m->shared[n] = NULL;
	}

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "shares");
}

static bool load_share(struct ctx *ctx, struct member *m)
{
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT count(*) FILTER (WHERE level = 0), count(*) FILTER (WHERE level <= 1), count(*),"
		" (SELECT count(*) FROM %s WHERE deleted_at IS NULL) FROM t_reach WHERE viewer = $id", table(ctx, "member")),
		(struct bind[]){ { "id", v_int(m->id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q))
		for (size_t i = 0; i < LENGTH(m->share); i++)
			m->share[i] = db_int(q, i) * 1000 / db_int(q, LENGTH(m->share));

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "reach");
}

bool member_load(struct ctx *ctx, int64_t id, struct member *ret, bool *ret_found)
{
	struct bind by_id[] = { { "id", v_int(id) }, { 0 } };
	struct member m = { .id = id };
	const char *roles = NULL;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT name, label, team, language, roles, password_state FROM %s"
		" WHERE id = $id AND active = 1 AND deleted_at IS NULL", table(ctx, "member")), by_id);

	*ret_found = false;
	if (!q)
		return false;
	if (db_next(q)) {
		*ret_found = true;
		m.name = arena_dup(ctx->mem, db_text(q, 0));
		m.label = arena_dup(ctx->mem, db_text(q, 1));
		m.team = db_int(q, 2);
		m.language = text_eq(db_text(q, 3), "en") ? "en" : "zh";
		roles = arena_dup(ctx->mem, db_text(q, 4));
		m.temporary = text_eq(db_text(q, 5), "temporary");
	}
	db_done(q);
	if (!*ret_found)
		return true;
	if (!load_roles(ctx, roles, &m) || !load_shared(ctx, &m) || !load_share(ctx, &m))
		return false;
	*ret = m;
	return true;
}

bool member_leader(struct ctx *ctx, int64_t id, int64_t *ret)
{
	/* Parents form no circle; the bound is for a store somebody edited by hand. */
	return ctx_get_int(ctx, fmt(ctx->mem,
		"WITH RECURSIVE up (team, height) AS ("
		" SELECT team, 0 FROM %s WHERE id = $id AND team IS NOT NULL"
		" UNION ALL SELECT t.parent, up.height + 1 FROM up JOIN %s t ON t.id = up.team"
		" WHERE t.parent IS NOT NULL AND up.height < 50)"
		" SELECT id FROM (SELECT leader AS id, -1 AS height FROM %s WHERE id = $id"
		" UNION ALL SELECT t.leader, up.height FROM up JOIN %s t ON t.id = up.team) l"
		" WHERE id <> $id AND id IN (SELECT id FROM %s WHERE active = 1 AND deleted_at IS NULL)"
		" ORDER BY height LIMIT 1",
		table(ctx, "member"), table(ctx, "team"), table(ctx, "member"), table(ctx, "team"),
		table(ctx, "member")), (struct bind[]){ { "id", v_int(id) }, { 0 } }, 0, ret);
}

/* Who leads and belongs to what, read once. */
struct people {
	size_t n, n_teams;
	int64_t *id, *team, *leader;            /* members */
	int64_t *team_id, *parent, *head;       /* teams */
};

static bool read_three(struct ctx *ctx, const char *sql, size_t *ret_n, int64_t **a, int64_t **b,
                       int64_t **c)
{
	struct query *q = ctx_query(ctx, sql, NULL);
	size_t caps[3] = { 0 };
	size_t n = 0;

	*a = *b = *c = NULL;
	if (!q)
		return false;
	for (; db_next(q); n++) {
		*a = arena_grow(ctx->mem, *a, &caps[0], n + 1, sizeof **a);
		*b = arena_grow(ctx->mem, *b, &caps[1], n + 1, sizeof **b);
		*c = arena_grow(ctx->mem, *c, &caps[2], n + 1, sizeof **c);
		(*a)[n] = db_int(q, 0);
		(*b)[n] = db_int(q, 1);
		(*c)[n] = db_int(q, 2);
	}
	db_done(q);
	*ret_n = n;
	return true;
}

/* How teams and members stand to a viewer.  Who belongs below and is also close keeps leading others. */
struct standing {
	bool *own;                      /* teams: the viewer's and those they lead */
	bool *below;                    /* teams below those, at any depth */
	bool *second;                   /* members of those, and whom they lead, directly or over others */
};

static void teams_of(const struct people *p, size_t viewer, struct standing *s)
{
	bool more = true;

	for (size_t t = 0; t < p->n_teams; t++) {
		s->own[t] = p->team_id[t] == p->team[viewer] || (p->head[t] == p->id[viewer] && !MUTANT_IS(16));
		s->below[t] = false;
	}
	while (more) {
		more = false;
		for (size_t t = 0; t < p->n_teams; t++) {
			for (size_t up = 0; !s->below[t] && up < p->n_teams; up++) {
				if (p->team_id[up] == p->parent[t] && (s->own[up] || s->below[up]))
					s->below[t] = more = true;
			}
		}
	}
}

static void second_of(const struct people *p, struct standing *s)
{
	bool more = true;

	for (size_t m = 0; m < p->n; m++) {
		s->second[m] = false;
		for (size_t t = 0; t < p->n_teams; t++)
			s->second[m] = s->second[m] || (p->team_id[t] == p->team[m] && s->below[t]);
	}
	while (more) {
		more = false;
		for (size_t m = 0; m < p->n; m++) {
			for (size_t up = 0; !s->second[m] && p->leader[m] && up < p->n; up++) {
				if (p->id[up] == p->leader[m] && s->second[up])
					s->second[m] = more = true;
			}
		}
	}
}

/* The lowest level that applies; 9: none. */
static int level_of(const struct people *p, size_t viewer, size_t m, const struct standing *s)
{
	if (m == viewer)
		return 0;
	if (p->leader[m] == p->id[viewer])
		return 1;
	for (size_t t = 0; t < p->n_teams; t++)
		if (p->team_id[t] == p->team[m] && s->own[t])
			return 1;
	return s->second[m] ? 2 : 9;
}

bool member_reach(struct ctx *ctx)
{
	struct people p;

	if (!read_three(ctx, fmt(ctx->mem, "SELECT id, team, leader FROM %s WHERE deleted_at IS NULL"
	                                   " ORDER BY id", table(ctx, "member")),
	                &p.n, &p.id, &p.team, &p.leader) ||
	    !read_three(ctx, fmt(ctx->mem, "SELECT id, parent, leader FROM %s WHERE deleted_at IS NULL"
	                                   " ORDER BY id", table(ctx, "team")),
	                &p.n_teams, &p.team_id, &p.parent, &p.head) ||
	    !ctx_exec(ctx, "DELETE FROM t_reach", NULL, NULL))
		return false;

	struct standing s = {
		.own = arena_array(ctx->mem, p.n_teams, sizeof *s.own),
		.below = arena_array(ctx->mem, p.n_teams, sizeof *s.below),
		.second = arena_array(ctx->mem, p.n, sizeof *s.second),
	};

	for (size_t v = 0; v < p.n; v++) {
		teams_of(&p, v, &s);
		second_of(&p, &s);
		for (size_t m = 0; m < p.n; m++) {
			int level = level_of(&p, v, m, &s);

			if (level <= 2 &&
			    !ctx_exec(ctx, "INSERT INTO t_reach (viewer, member, level)"
			                   " VALUES ($viewer, $member, $level)",
			              (struct bind[]){ { "viewer", v_int(p.id[v]) },
			                               { "member", v_int(p.id[m]) },
			                               { "level", v_int(level) }, { 0 } }, NULL))
				return false;
		}
	}
	return true;
}

bool member_set_password(struct ctx *ctx, int64_t id, const char *password, bool temporary)
{
	enum { SHORTEST = 8, LONGEST = 200 };
	static const char *const common[] = {
		"12345678", "123456789", "1234567890", "password", "11111111", "88888888", "66666666",
		"qwertyui", "qwerty123", "abc12345", "a1234567", "iloveyou", "admin123", "00000000",
		"password1", "87654321", "1q2w3e4r", "woaini1314", "147258369", "5201314520",
	};
	int64_t rows = 0;

	if (utf8_length(password) < SHORTEST || strlen(password) > LONGEST)
		return fail(ctx, ERR_INVALID, "password", "密码应为 %d 到 %d 个字符",
		            "A password has %d to %d characters", SHORTEST, LONGEST);
	for (size_t i = 0; i < LENGTH(common); i++)
		if (text_eq(text_fold(ctx->mem, password), common[i]))
			return fail(ctx, ERR_INVALID, "password", "这个密码太常见，容易被猜到",
			            "This password is too common");
	if (!ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET password = $hash, password_state = $state WHERE id = $id",
	                       table(ctx, "member")),
	              (struct bind[]){ { "hash", v_text(secret_password(ctx->mem, password)) },
	                               { "state", v_text(temporary ? "temporary" : "own") },
	                               { "id", v_int(id) }, { 0 } }, &rows))
		return false;
	ctx->marks |= MARK_CACHES;
	if (rows == 0)
		return fail(ctx, ERR_MISSING, NULL, "没有这个成员", "There is no such member");
	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE member = $id", table(ctx, "session")),
	                (struct bind[]){ { "id", v_int(id) }, { 0 } }, NULL);
}

bool member_role_ids(struct ctx *ctx, const char *names, const char **ret)
{
	struct text ids;
	char **each;

	text_init(&ids, ctx->mem);
	for (size_t i = 0, n = text_split(ctx->mem, names, ' ', &each); i < n; i++) {
		int64_t id;

		if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", each[i]), &id))
			return false;
		text_addf(&ids, ",%" PRId64, id);
	}
	text_add(&ids, ",");
	*ret = ids.s;
	return true;
}

bool member_upgrade(struct ctx *ctx)
{
	return ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET password_state = CASE WHEN password IS NULL THEN 'none'"
	                                   " ELSE 'own' END WHERE password_state IS NULL", table(ctx, "member")),
	                NULL, NULL);
}
