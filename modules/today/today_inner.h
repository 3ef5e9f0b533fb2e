/*
 * today_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   today.c        whose turn it is, the list, and whether following it paid
 *   today_night.c  what is kept of it each morning, and judged later
 *   today_plan.c   the visits of a day it makes
 */
#ifndef MODULES_TODAY_TODAY_INNER_H
#define MODULES_TODAY_TODAY_INNER_H

#include "engine/module.h"

/* Columns of turns.part.sql, and its parts; a report adds parts from PART_MORE on. */
enum { TURN_PART, TURN_OBJECT, TURN_RECORD, TURN_TITLE, TURN_A, TURN_B, TURN_C, TURN_WORD, TURN_MORE, TURN_DEAL };
enum { PART_POINTS, PART_DEAL, PART_CUSTOMER, PART_TASK, PART_PLANNED, PART_LEAD, PART_MARK, PART_MORE };

/* In the order in which they are told. */
enum reason { R_PLANNED, R_PROMISE, R_TASK, R_LEAD, R_OVERLAP, R_DUE, R_STUCK, R_SILENT_A, R_SILENT_B, R_SILENT_C, R_SILENT, REASONS };

/* Somebody whose turn it may be. */
struct item {
	const char *object;
	int64_t record;
	const char *title;
	const char *why[REASONS];       /* in words; NULL: not so */
	const char *promised, *asked;   /* a promise, a task that is due */
	const char *deal;               /* an open opportunity */
	int64_t score;
	bool up, hidden;
	int64_t mark;                   /* the latest choice */
};

struct turns {
	struct ctx *ctx;
	const char *date;               /* the day whose turns they are */
	int64_t day;
	int64_t weight[REASONS], days[REASONS];
	struct item *items;
	size_t n, cap;
	size_t *slots;                  /* by object and record: index + 1 */
	size_t n_slots;                 /* a power of two */
};

/* The turns of "YYYY-MM-DD". */
void turns_begin(struct turns *l, struct ctx *ctx, const char *date);
/* Takes a row of a part before PART_MORE; they come in the order of the parts. */
void turns_read(struct turns *l, struct query *q);
/* Of a record; title may be NULL.  Good until the next one is added. */
struct item *turns_item(struct turns *l, const char *object, int64_t record, const char *title);
/* Puts whose turn it is first; the same situation gives the same order. */
void turns_sort(struct turns *l);
/* Its reasons in words. */
const char *turns_reasons(const struct turns *l, const struct item *i);

bool today_offers(struct ctx *ctx, const struct json *args);
bool today_judge(struct ctx *ctx, const struct json *args);
bool plan_proposal(struct ctx *ctx, struct report_call *call);

#endif
