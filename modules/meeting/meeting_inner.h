/*
 * meeting_inner: what the parts of the module share.
 *
 *   meeting.c   plans become meetings, who has a seat, what took place
 *   pack.c      what a meeting looks at: its agenda, its pack, its minutes
 */
#ifndef MODULES_MEETING_MEETING_INNER_H
#define MODULES_MEETING_MEETING_INNER_H

#include "engine/module.h"

/* The days a meeting of this kind looks at. */
struct meeting_days {
	int64_t since, until;           /* results, both included */
	int64_t ahead;                  /* the day whose plans are looked at */
};
struct meeting_days meeting_days(const char *kind, int64_t day);

/* Writes the generated topics of a meeting, with the records of whoever has a seat; those that are there get new links. */
bool agenda_write(struct ctx *ctx, int64_t meeting);

/* Reports. */
bool meeting_pack(struct ctx *ctx, struct report_call *call);
bool meeting_minutes(struct ctx *ctx, struct report_call *call);

#endif
