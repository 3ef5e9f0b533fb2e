/*
 * project_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   project.c   radar, decision makers, preparation, promises, risks
 *   relation.c  who knows whom, support, refusals, rivals, what follows a negotiation
 */
#ifndef MODULES_PROJECT_PROJECT_INNER_H
#define MODULES_PROJECT_PROJECT_INNER_H

#include "engine/module.h"

static inline bool project_written(const struct change *c)
{
	return change_act(c) == CHANGE_CREATE || change_act(c) == CHANGE_UPDATE;
}

/* One task of this origin and person, ever; `more` ends with a NULL name. */
bool project_task(struct ctx *ctx, const char *origin, int64_t owner, const char *due, const struct cell *more);
/* The cell of its title: "What: which", in the language of whoever set it off. */
struct cell project_title(struct ctx *ctx, const char *zh, const char *en, struct value of);

bool tie_before(struct ctx *ctx, struct change *c);
bool refusal_before(struct ctx *ctx, struct change *c);
bool rival_after(struct ctx *ctx, struct change *c);
bool rival_of_loss(struct ctx *ctx, struct change *c);          /* of opportunity */
bool negotiation_after(struct ctx *ctx, struct change *c);      /* of activity */
bool second_source(struct ctx *ctx, struct change *c);          /* of lead */
bool ask_support(struct ctx *ctx, struct action_call *call);    /* of stakeholder */
bool introduction_path(struct ctx *ctx, struct report_call *call);

/* detail.c: the checklist of the stage an opportunity has entered. */
bool project_details(struct ctx *ctx, const struct change *c);

#endif
