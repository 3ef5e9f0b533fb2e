/*
 * alerts_inner: a rule at work, what it finds, and rules that are declared as records.
 */
#ifndef ALERTS_INNER_H
#define ALERTS_INNER_H

#include "engine/module.h"

/* A rule at work. */
struct run {
	struct ctx *ctx;
	const char *rule;
	int64_t share;                  /* hundredths of a percent */
	int64_t number;
	bool to_lead;
	int64_t workdays;
	const char *priority;
	const char *period;             /* of what has none of its own: the month, the day of a rule with a time */
};

/* Something found. */
struct finding {
	int64_t person;                 /* 0: of a team */
	int64_t team;
	const char *place;              /* what else tells it from others, "" or "/…" */
	const char *period;             /* raised once in it; NULL: that of the run */
	const char *figure;             /* where the figure is seen */
	const char *title, *remark;     /* remark NULL: none */
};

/* Makes it the receiver's task, unless there is one: open, or of the same period. */
bool raise_task(const struct run *r, const struct finding *f);

/*
 * declared.c: rules that name a report, a column and a limit.
 */

/* Each row beyond the limit is a finding. */
bool declared_find(const struct run *r);
/* The rules of modules/NAME/data/alerts.json that this store does not have yet, also of a later version. */
bool shipped_add(struct ctx *ctx);
/* The before hook of alert_rule. */
bool rule_before(struct ctx *ctx, struct change *c);
/* The report anomalies. */
bool declared_anomalies(struct ctx *ctx, struct report_call *call);

/*
 * indicator.c: a metric with a limit.
 */
bool indicator_before(struct ctx *ctx, struct change *c);
/* The report indicators. */
bool indicators(struct ctx *ctx, struct report_call *call);

#endif
