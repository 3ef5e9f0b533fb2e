/*
 * Details: the checklist of a stage becomes the deal's as it enters (S02-48), each item once.
 */
#include "modules/project/project_inner.h"

static bool add_item(struct ctx *ctx, const struct change *c, int64_t item)
{
	struct value name;
	int64_t there;

	if (!record_find(ctx, "deal_item", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&item=eq.%" PRId64, change_id(c), item), &there) ||
	    !record_get(ctx, "stage_item", item, "name", &name))
		return false;
	return there || record_create(ctx, "deal_item", (struct cell[]){
		{ "opportunity", v_int(change_id(c)) },
		{ "stage", change_new(c, "stage") },
		{ "item", v_int(item) },
		{ "name", name },
		{ 0 } }, NULL);
}

bool project_details(struct ctx *ctx, const struct change *c)
{
	int64_t *ids;
	size_t n;

	const char *sql = scope_sql(ctx, "stage_item", "SELECT id FROM stage_item WHERE stage = $stage AND active = 1 ORDER BY position, id");

	if (!ctx_ids(ctx, sql, (struct bind[]){ { "stage", change_new(c, "stage") }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_item(ctx, c, ids[i]))
			return false;
	return true;
}
