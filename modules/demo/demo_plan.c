#include "modules/demo/demo_inner.h"

/* On the first of a month everybody says what they will win in it, some too much; then it is frozen. */
bool forecast_day(struct ctx *ctx, struct sim *s)
{
	struct report_line *l;

	if (date_ymd(s->day).day != 1)
		return true;
	at_time(ctx, s, 0, 40, 0);
	if (!job_now(ctx, "forecast_lines", NULL) ||
	    !report_rows(ctx, "forecast", (struct bind[]){ { "by", v_text("owner") }, { 0 } }, &l))
		return false;
	for (; l; l = l->next) {
		int64_t likely = value_id(report_value(l, "weighted"));
		int64_t owner = value_id(report_value(l, "owner_id"));

		if (!owner || likely == 0)
			continue;
		ctx->actor = owner;
		if (!record_create(ctx, "forecast_commitment", (struct cell[]){
		        { "owner", v_int(owner) }, { "period", report_value(l, "name") },
		        { "stated", v_int(likely / 1000000 * 10000 * between(s, 80, 130)) }, { 0 } }, NULL))
			return false;
	}
	at_time(ctx, s, 0, 40, 0);
	return job_now(ctx, "forecast_snapshots", NULL);
}

/* Of the last weeks the list of each morning is kept, so that it can be said whether following it paid. */
bool list_day(struct ctx *ctx, struct sim *s, int64_t today)
{
	enum { WEEKS = 6 };

	if (today - s->day > WEEKS * 7)
		return true;
	at_time(ctx, s, 5, 0, 0);
	return job_now(ctx, "today_offers", NULL);
}
