#include "modules/target/target_inner.h"

void tree_read(struct ctx *ctx, struct query *q, struct tree *t)
{
	struct node n = {
		.id = db_int(q, 0), .parent = db_int(q, 1), .path = db_null(q, 2) ? "" : arena_dup(ctx->mem, db_text(q, 2)),
		.period = arena_dup(ctx->mem, db_text(q, 3)), .value = db_int(q, 8), .owner = db_int(q, 9),
		.customer = arena_dup(ctx->mem, db_text(q, 10)), .product = arena_dup(ctx->mem, db_text(q, 11)),
		.slice = { .team = db_int(q, 4), .person = db_int(q, 5), .customer = db_int(q, 6),
		           .keeper = db_int(q, 9), .product = db_int(q, 7), .home = db_int(q, 12) },
	};

	period_read(n.period, &n.slice.from, &n.slice.to);
	t->nodes = arena_grow(ctx->mem, t->nodes, &t->cap, t->n + 1, sizeof *t->nodes);
	t->nodes[t->n++] = n;
}

bool tree_load(struct ctx *ctx, int64_t plan, struct tree *ret)
{
	struct query *q;

	*ret = (struct tree){ 0 };
	const char *sql = scope_sql(ctx, "target customer product",
		"SELECT " TREE_COLUMNS " FROM target t LEFT JOIN customer c ON c.id = t.customer"
		" LEFT JOIN product pr ON pr.id = t.product WHERE t.plan = $plan ORDER BY t.id");
	q = ctx_query(ctx, sql, (struct bind[]){ { "plan", v_int(plan) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q))
		tree_read(ctx, q, ret);

	bool failed = db_failed(q);

	db_done(q);
	ret->within = arena_array(ctx->mem, ret->n + 1, sizeof *ret->within);
	return failed ? fail_db(ctx, "reading targets") : true;
}

const struct node *tree_node(const struct tree *t, int64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].id == id)
			return &t->nodes[i];
	return NULL;
}

bool tree_has_customers(const struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].slice.customer)
			return true;
	return false;
}
