#include "modules/target/target_inner.h"

static bool read_units(struct ctx *ctx, const char *object, const char *columns, struct unit **ret, size_t *ret_n)
{
	const struct object *views[] = { schema_object(ctx->schema, object), schema_object(ctx->schema, "role"), NULL };
	size_t cap = 0;
	struct text sql;
	struct query *q;

	*ret = NULL;
	*ret_n = 0;
	text_init(&sql, ctx->mem);
	scope_with(ctx, views, SCOPE_BOTH, &sql);
	text_addf(&sql, "SELECT id, %s FROM %s u ORDER BY id", columns, object);
	q = ctx_query(ctx, sql.s, NULL);
	if (!q)
		return false;
	while (db_next(q)) {
		*ret = arena_grow(ctx->mem, *ret, &cap, *ret_n + 1, sizeof **ret);
		(*ret)[(*ret_n)++] = (struct unit){
			.id = db_int(q, 0), .team = db_int(q, 1), .leader = db_int(q, 2), .sells = db_int(q, 3) != 0,
			.label = arena_dup(ctx->mem, db_text(q, 4)),
		};
	}
	db_done(q);
	return true;
}

/* Teams and members are for everybody to read; whatever is asked of them here goes for the whole company. */
bool units_load(struct ctx *ctx, struct units *ret)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = read_units(ctx, "team", "parent, leader, 0, name", &ret->teams, &ret->n_teams) &&
	          read_units(ctx, "member",
	                     "team, leader, CASE WHEN active = 1 AND roles LIKE '%,' || CAST((SELECT r.id FROM role r"
	                     " WHERE r.name = 'rep' AND r.deleted_at IS NULL) AS TEXT) || ',%' THEN 1 ELSE 0 END, label",
	                     &ret->members, &ret->n_members);

	ctx_as(ctx, me);
	return ok;
}

static const struct unit *find(const struct unit *list, size_t n, int64_t id)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (list[middle].id == id)
			return &list[middle];
		if (list[middle].id < id)
			low = middle + 1;
		else
			n = middle;
	}
	return NULL;
}

const struct unit *units_team(const struct units *u, int64_t id)
{
	return find(u->teams, u->n_teams, id);
}

const struct unit *units_member(const struct units *u, int64_t id)
{
	return find(u->members, u->n_members, id);
}

/* Teams could form a ring by mistake: as many steps as there are teams. */
bool units_within(const struct units *u, int64_t team, int64_t above)
{
	for (size_t i = 0; team && i <= u->n_teams; i++) {
		const struct unit *t = units_team(u, team);

		if (team == above)
			return true;
		team = t ? t->team : 0;
	}
	return false;
}

int64_t units_leader(const struct units *u, int64_t team)
{
	for (size_t i = 0; team && i <= u->n_teams; i++) {
		const struct unit *t = units_team(u, team);

		if (t && t->leader)
			return t->leader;
		team = t ? t->team : 0;
	}
	return 0;
}
