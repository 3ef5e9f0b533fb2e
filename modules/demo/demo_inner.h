/*
 * demo_inner: what the parts of the demo share.  Nobody else includes this.
 *
 *   demo.c         the order of things: company, days, outlook
 *   demo_people.c  who is there: teams, members, products, customers, contacts
 *   demo_day.c     a working day
 *   demo_plan.c    what is promised, forecast and proposed
 *   demo_forms.c   plans, reports, signatures
 *   demo_coach.c   questions, talks, plans for people
 *   demo_month.c   campaigns, assessment, morale
 *   demo_order.c   orders of deals won
 *   demo_meeting.c morning meetings
 *   demo_project.c what is known early, who decides, what was promised
 *   demo_contract.c  contracts of the deals won last, with what came and what is late
 *   demo_circle.c  whom products and people suit
 *   demo_words.c   names and sentences
 */
#ifndef MODULES_DEMO_DEMO_INNER_H
#define MODULES_DEMO_DEMO_INNER_H

#include "engine/module.h"
#include "modules/demo/demo.h"

enum {
	STAGES = 6,                     /* four open ones, won, lost */
	STAGE_WON = 4,
	STAGE_LOST = 5,
	CONTACTS = 3,
	PRODUCTS = 10,
	REASONS = 8,
	RIVALS = 4,
	INDUSTRIES = 8,
};

/* Where leads and customers come from. */
enum { REFERRAL, FAIR, WEBSITE, SEARCH, ACCOUNT, HOTLINE, STREET, STREAM, SOURCES };

/* Somebody who sells.  Percentages; 100 is ordinary. */
struct seller {
	int64_t id;
	int64_t team;
	int skill;                      /* how often a conversation succeeds */
	int diligence;                  /* how much gets done in a day */
	int order;                      /* how many tasks are done in time */
	bool neck;                      /* of the team that is stuck at the proposal */
	int area;                       /* which part of the country */
};

struct client {
	int64_t id;
	int seller;                     /* -1: in the pool */
	int deal;                       /* the open one, -1: none */
	int product;                    /* what they are interested in */
	int64_t contacts[CONTACTS];
	int n_contacts;
	const char *name;
};

struct deal {
	int64_t id;
	int client;
	int seller;
	int stage;                      /* 0 to 3 while open */
	int64_t due;                    /* the day something happens to it; 0: nothing any more */
};

struct inquiry {
	int64_t id;
	int seller;
	int64_t due;                    /* the day of the next contact; 0: finished */
	int contacts;                   /* how often there was one */
	int promise;                    /* chance to become a customer, percent */
	int words[4];                   /* what its name, company and phone are made of */
	int area;
	int source;
	int product;
};

/* The whole state, so that a day that has to be run again starts from the same. */
struct sim {
	uint64_t random;
	int64_t day;
	int64_t founded;                /* the day it all begins */
	int64_t forms_from, forms_until;        /* days with plans and reports; `until` is today */
	struct seller *sellers;
	struct client *clients;
	struct deal *deals;
	struct inquiry *inquiries;
	int n_sellers, n_clients, n_deals, n_inquiries;
	int cap_sellers, cap_clients, cap_deals, cap_inquiries;
	int brand;                      /* company names made so far */
	int phone;                      /* phone numbers made so far */
	int person;                     /* names of contacts made so far */
	int turn;                       /* whose turn the next inquiry is */
	int64_t products[PRODUCTS], prices[PRODUCTS];
	int64_t sources[SOURCES], industries[INDUSTRIES], reasons[REASONS], rivals[RIVALS];
	int64_t pipeline, stages[STAGES];
	int64_t marketer;               /* whose the campaigns are */
};

/* A number below n; yes with so many percent. */
int pick(struct sim *s, int n);
bool chance(struct sim *s, int percent);
/* From low to high, both included. */
int between(struct sim *s, int low, int high);

/* Sets the clock of the work to a moment of the day, and who acts.  Nothing happens later than now: in the night, today's is now. */
void at_minute(struct ctx *ctx, int64_t day, int minute, int64_t actor);
void at_time(struct ctx *ctx, const struct sim *s, int hour, int minute, int64_t actor);

/* demo_words.c */
const char *person_name(struct arena *mem, int n);
const char *person_login(struct arena *mem, int n);
const char *company_name(struct arena *mem, int n, int area, int industry);
const char *brand_name(struct arena *mem, int n);
const char *mobile_number(struct arena *mem, int n);
const char *area_region(int area, int n);        /* where the n-th company lies */
const char *word_position(int role);
const char *word_source(int n);
const char *word_industry(int n);
const char *word_goal(struct sim *s, int stage);
const char *word_outcome(struct sim *s, const char *kind, bool good);
const char *word_next(struct sim *s, int stage);
const char *word_wish(struct sim *s);
const char *word_channel(int source);

/* demo_people.c */
bool make_company(struct ctx *ctx, struct sim *s, int members);
bool make_clients(struct ctx *ctx, struct sim *s, int seller, int n);
bool make_pool(struct ctx *ctx, struct sim *s, int n);
bool make_client(struct ctx *ctx, struct sim *s, int seller, int area, int source, int brand,
                 const char *lifecycle, int *ret);

/* demo_plan.c */
bool forecast_day(struct ctx *ctx, struct sim *s);
bool list_day(struct ctx *ctx, struct sim *s, int64_t today);

/* demo_circle.c */
bool make_circles(struct ctx *ctx, struct sim *s);

/* demo_project.c */
bool lead_projects(struct ctx *ctx, struct sim *s);

/* demo_targets.c */
/* Of the months from this day's to that of `until`. */
bool set_targets(struct ctx *ctx, struct sim *s, int64_t until);
bool ask_for_targets(struct ctx *ctx, struct sim *s);

/* demo_day.c */
bool live_day(struct ctx *ctx, struct sim *s);
/* What was told before yesterday has been read. */
bool read_notices(struct ctx *ctx, struct sim *s);
bool plan_ahead(struct ctx *ctx, struct sim *s);
int own_client(struct sim *s, int seller);
bool start_deal(struct ctx *ctx, struct sim *s, int client, int source);

/* demo_forms.c: of all sellers, for a day; of today only the plan. */
bool hand_in_forms(struct ctx *ctx, const struct sim *s);
/* The weekly reports of the week before, on a Monday; other days nothing. */
bool hand_in_week(struct ctx *ctx, const struct sim *s);
bool hand_in_month(struct ctx *ctx, const struct sim *s);

/* demo_coach.c: a workday; and at the end plans for people and for a team. */
bool coach_day(struct ctx *ctx, const struct sim *s);
bool look_after(struct ctx *ctx, const struct sim *s);

/* demo_month.c: what leads of a source name as their campaign (NULL: nothing), and those of this day; at the end the sheets and the pulse. */
const char *campaign_name(struct arena *mem, const struct sim *s, int source);
bool run_campaigns(struct ctx *ctx, const struct sim *s);
bool score_months(struct ctx *ctx, const struct sim *s);
bool ask_morale(struct ctx *ctx, const struct sim *s);

/* demo_order.c: of the deals won in the last months. */
bool fill_orders(struct ctx *ctx, const struct sim *s);

/* demo_contract.c */
bool keep_contracts(struct ctx *ctx, const struct sim *s);

/* demo_meeting.c: of all teams with a leader, on a workday; today's is only made ready. */
bool hold_meetings(struct ctx *ctx, const struct sim *s);

#endif
