/*
 * The list of modules, in the order their hooks run.  To add one: a folder, a
 * struct module in its C file if it has behaviour, and a line in both places here.
 */
#include "engine/module.h"

extern const struct module customer_module;
extern const struct module lead_module;
extern const struct module activity_module;
extern const struct module task_module;
extern const struct module opportunity_module;
extern const struct module cycle_module;
extern const struct module funnel_module;
extern const struct module project_module;
extern const struct module twoq_module;
extern const struct module circle_module;
extern const struct module effort_module;
extern const struct module alerts_module;
extern const struct module target_module;
extern const struct module approval_module;
extern const struct module workday_module;
extern const struct module forecast_module;
extern const struct module rhythm_module;
extern const struct module trade_module;
extern const struct module escalation_module;
extern const struct module today_module;
extern const struct module week_module;
extern const struct module month_module;
extern const struct module meeting_module;
extern const struct module kpi_module;
extern const struct module cooperation_module;
extern const struct module coach_module;
extern const struct module service_module;
extern const struct module pulse_module;
extern const struct module learning_module;
extern const struct module voice_module;
extern const struct module notify_module;
extern const struct module offer_module;
extern const struct module order_module;
extern const struct module stock_module;
extern const struct module care_module;
extern const struct module period_module;
extern const struct module reward_module;
extern const struct module plan_module;
extern const struct module account_module;
extern const struct module staff_module;
extern const struct module research_module;
extern const struct module effect_module;
extern const struct module dashboard_module;
extern const struct module portfolio_module;
extern const struct module contract_module;

const struct module *const modules[] = {
	&customer_module,
	&lead_module,
	&activity_module,
	&task_module,
	&opportunity_module,
	&cycle_module,
	&funnel_module,
	&project_module,
	&twoq_module,
	&circle_module,
	&effort_module,
	&alerts_module,
	&target_module,
	&approval_module,
	&workday_module,
	&forecast_module,
	&rhythm_module,
	&trade_module,
	&escalation_module,
	&today_module,
	&week_module,
	&month_module,
	&meeting_module,
	&kpi_module,
	&cooperation_module,
	&coach_module,
	&service_module,
	&pulse_module,
	&learning_module,
	&voice_module,
	&notify_module,
	&offer_module,
	&order_module,
	&stock_module,
	&care_module,
	&contract_module,
	&period_module,             /* behind those that say which day a figure is of */
	&reward_module,
	&plan_module,
	&account_module,
	&staff_module,
	&research_module,
	&effect_module,
	&dashboard_module,
	&portfolio_module,
	NULL,
};
