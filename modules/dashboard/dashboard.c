/*
 * Dashboards (S03-20, S01-53): what a tile says is there, and the four a new
 * company starts with.
 */
#include "engine/module.h"

#include "base/embed.h"

enum { MOST = 24, WIDEST = 4 };         /* tiles of a page, columns of its grid */

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(s, words[i]))
			return true;
	return false;
}

static bool known_keys(struct ctx *ctx, const struct json *tile, int n)
{
	static const char *const keys[] = { "kind", "label", "wide", "name", "by", "period", "object",
		                            "query", "down", "across", "sum" };

	for (const struct json *j = tile->first; j; j = j->next)
		if (!is_one_of(j->key, keys, LENGTH(keys)))
			return fail(ctx, ERR_INVALID, "tiles", "第 %d 块没有“%s”这一项", "Tile %d has no \"%s\"", n,
			            j->key);
	return true;
}

/* What the tile is about exists.  Whether its reader may see it is asked when it is shown. */
static bool known_subject(struct ctx *ctx, const struct json *tile, int n)
{
	const char *kind = json_text(tile, "kind", "");
	bool counted = text_eq(kind, "metric") || text_eq(kind, "report");
	const char *name = json_text(tile, counted ? "name" : "object", "");
	const struct object *o;

	if (text_eq(kind, "metric"))
		return schema_metric(ctx->schema, name) ||
		       fail(ctx, ERR_INVALID, "tiles", "第 %d 块：没有指标“%s”", "Tile %d: there is no metric \"%s\"",
		            n, name);
	if (text_eq(kind, "report"))
		return schema_report(ctx->schema, name) ||
		       fail(ctx, ERR_INVALID, "tiles", "第 %d 块：没有报表“%s”", "Tile %d: there is no report \"%s\"",
		            n, name);
	if (!text_eq(kind, "list") && !text_eq(kind, "pivot"))
		return fail(ctx, ERR_INVALID, "tiles", "第 %d 块的 kind 应为 metric、report、list 或 pivot",
		            "Tile %d: its kind is metric, report, list or pivot", n);
	o = schema_object(ctx->schema, name);
	return o || fail(ctx, ERR_INVALID, "tiles", "第 %d 块：没有对象“%s”", "Tile %d: there is no object \"%s\"",
	                 n, name);
}

static bool check_tile(struct ctx *ctx, const struct json *tile, int n)
{
	static const char *const ways[] = { "", "member", "team", "day", "week", "month" };
	static const char *const periods[] = { "", "week", "month", "lastMonth", "quarter", "year",
		                               "days90" };
	int64_t wide;

	if (tile->kind != JSON_OBJECT)
		return fail(ctx, ERR_INVALID, "tiles", "第 %d 块应为对象 { … }", "Tile %d must be an object { … }",
		            n);
	if (!known_keys(ctx, tile, n) || !known_subject(ctx, tile, n))
		return false;
	wide = json_int(tile, "wide", 1);
	if (wide < 1 || wide > WIDEST)
		return fail(ctx, ERR_INVALID, "tiles", "第 %d 块的 wide 应为 1 到 %d",
		            "Tile %d: wide is from 1 to %d", n, WIDEST);
	if (!is_one_of(json_text(tile, "by", ""), ways, LENGTH(ways)))
		return fail(ctx, ERR_INVALID, "tiles", "第 %d 块的 by 应为 member、team、day、week 或 month",
		            "Tile %d: by is member, team, day, week or month", n);
	return is_one_of(json_text(tile, "period", ""), periods, LENGTH(periods)) ||
	       fail(ctx, ERR_INVALID, "tiles",
	            "第 %d 块的 period 应为 week、month、lastMonth、quarter、year 或 days90",
	            "Tile %d: period is week, month, lastMonth, quarter, year or days90", n);
}

static bool dashboard_before(struct ctx *ctx, struct change *c)
{
	struct value v = change_new(c, "tiles");
	struct json_error error = { 0 };
	const struct json *tiles;
	int n = 0;

	if (change_act(c) == CHANGE_DELETE || v.kind != V_TEXT || !change_has(c, "tiles"))
		return true;
	tiles = json_parse(ctx->mem, v.s, strlen(v.s), &error);
	if (!tiles || tiles->kind != JSON_ARRAY)
		return fail(ctx, ERR_INVALID, "tiles", "内容应为 JSON 列表 [ … ]", "The tiles are a list in JSON: [ … ]");
	if (tiles->len > MOST)
		return fail(ctx, ERR_INVALID, "tiles", "最多 %d 块", "At most %d tiles", MOST);
	for (const struct json *tile = tiles->first; tile; tile = tile->next)
		if (!check_tile(ctx, tile, ++n))
			return false;
	return true;
}

/* data/dashboards.json, for everybody: they have no owner. */
static bool seed(struct ctx *ctx)
{
	const struct embedded_file *file = embedded_find("modules/dashboard/data/dashboards.json");
	struct json_error error = { 0 };
	const struct json *all = json_parse(ctx->mem, file->data, file->size, &error);
	int64_t position = 0;

	for (const struct json *j = all->first; j; j = j->next) {
		const char *roles;
		struct text tiles;
		struct json_writer w;

		text_init(&tiles, ctx->mem);
		jw_init(&w, &tiles);
		jw_json(&w, json_get(j, "tiles"));
		if (!member_role_ids(ctx, json_text(j, "roles", ""), &roles) ||
		    !record_create(ctx, "dashboard", (struct cell[]){
			    { "name", v_text(json_text(j, "name", "")) },
			    { "name_en", v_text(json_text(j, "name_en", "")) },
			    { "roles", v_text(roles) },
			    { "position", v_int(++position) },
			    { "tiles", v_text(tiles.s) },
			    { "owner", v_null() },
			    { 0 } }, NULL))
			return false;
	}
	return true;
}

const struct module dashboard_module = {
	.name = "dashboard",
	.hooks = (const struct hook[]){ { "dashboard", HOOK_BEFORE, dashboard_before }, { 0 } },
	.seed = seed,
};
