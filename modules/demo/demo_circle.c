#include "modules/demo/demo_inner.h"

/* Two products have no profile yet: that shows as well. */
static bool make_profile(struct ctx *ctx, struct sim *s, int product)
{
	struct value name;

	if (!record_get(ctx, "product", s->products[product], "name", &name))
		return false;
	return record_create(ctx, "customer_profile", (struct cell[]){
		{ "name", name },
		{ "product", v_int(s->products[product]) },
		{ "industries", v_text(fmt(ctx->mem, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",",
		                           s->industries[product % INDUSTRIES], s->industries[(product + 1) % INDUSTRIES],
		                           s->industries[(product + 3) % INDUSTRIES], s->industries[(product + 6) % INDUSTRIES])) },
		{ "levels", v_text(",a,b,c,") },
		{ "employees_from", v_int(100) },
		{ "musts", v_text(",industry,") },
		{ "threshold", v_int(6000) },
		{ 0 } }, NULL);
}

/* What the lead thinks of each, until their own deals tell. */
static bool make_zone(struct ctx *ctx, struct sim *s, int seller, int industry, const char *zone)
{
	return record_create(ctx, "rep_zone", (struct cell[]){
		{ "person", v_int(s->sellers[seller].id) },
		{ "industry", v_int(s->industries[(seller + industry) % INDUSTRIES]) },
		{ "manual", v_text(zone) },
		{ "reason", v_text("主管评定，待自己的成交验证") },
		{ 0 } }, NULL);
}

bool make_circles(struct ctx *ctx, struct sim *s)
{
	static const char *const zones[] = {
		"efficient", "effective", "mine", "effective", "efficient", "mine", "effective",
	};

	at_time(ctx, s, 8, 30, 0);
	for (int i = 0; i < PRODUCTS - 2; i++)
		if (!make_profile(ctx, s, i))
			return false;
	for (int i = 0; i < s->n_sellers; i++)
		for (int k = 0; k < (int)LENGTH(zones); k++)
			if (!make_zone(ctx, s, i, k, zones[k]))
				return false;
	return record_create(ctx, "work_standard", (struct cell[]){
		{ "name", v_text("设备销售") },
		{ "valid_from", v_text(date_text(ctx->mem, s->day)) },
		{ "opening_day", v_int(5) },
		{ "follow_stock", v_int(4) },
		{ "floor_quantity", v_int(8000) },
		{ "floor_quality", v_int(4500) },
		{ "calls_day", v_int(4) },
		{ "intending_day", v_int(15) },
		{ "attempts_call", v_int(15) },
		{ "visits_day", v_int(10) },
		{ "closing_visit", v_int(15) },
		{ 0 } }, NULL);
}
