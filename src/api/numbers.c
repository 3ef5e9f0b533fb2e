#include "api/api.h"

#include "base/number.h"
#include "engine/metric.h"
#include "engine/report.h"

bool numbers_report(struct ctx *ctx, struct call *call)
{
	const struct report *r = schema_report(ctx->schema, call_path(call, "name"));
	struct bind *params;
	size_t n = 0;

	if (!r)
		return fail(ctx, ERR_MISSING, NULL, "没有这个报表", "There is no such report");
	params = arena_array(ctx->mem, r->n_params + 1, sizeof *params);
	for (size_t i = 0; i < r->n_params; i++) {
		const char *s = call_param(call, r->params[i].name);

		if (s)
			params[n++] = (struct bind){ r->params[i].name, v_text(s) };
	}
	return report_write(ctx, r, params, &call->w);
}

static int64_t id_param(const struct call *call, const char *name)
{
	const char *s = call_param(call, name);
	int64_t id;

	return s && int_parse(s, &id) ? id : 0;
}

bool numbers_metric(struct ctx *ctx, struct call *call)
{
	const struct metric *m = metric_named(ctx, call_path(call, "name"));
	struct metric_ask ask = {
		.from = call_param(call, "from"), .to = call_param(call, "to"),
		.by = call_param(call, "by"), .member = id_param(call, "member"),
		.team = id_param(call, "team"),
	};

	if (!m)
		return fail(ctx, ERR_MISSING, NULL, "没有这个指标", "There is no such metric");
	return metric_write(ctx, m, &ask, &call->w);
}
