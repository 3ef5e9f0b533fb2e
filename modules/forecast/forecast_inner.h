/*
 * forecast_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   chance.c           what becomes of whoever is so long in a stage
 *   sum.c              what possible sales come to, with the interval
 *   forecast.c         the reports
 *   forecast_night.c   experience, snapshots and lines, each night
 */
#ifndef MODULES_FORECAST_FORECAST_INNER_H
#define MODULES_FORECAST_FORECAST_INNER_H

#include "engine/module.h"
#include "modules/forecast/chance.h"

bool forecast_report(struct ctx *ctx, struct report_call *call);
bool forecast_error_report(struct ctx *ctx, struct report_call *call);

bool forecast_rates(struct ctx *ctx, const struct json *args);
bool forecast_snapshots(struct ctx *ctx, const struct json *args);
bool forecast_lines(struct ctx *ctx, const struct json *args);

#endif
