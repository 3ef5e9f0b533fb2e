/*
 * member: people, teams, and who lies within whose reach.
 *
 * t_reach(viewer, member, level) is kept in step whenever a member's team or
 * a team's parent or leader changes: level 0 oneself, 1 members of one's team
 * (and of teams one leads), 2 members of teams below these.
 */
#ifndef ENGINE_MEMBER_H
#define ENGINE_MEMBER_H

#include "engine/ctx.h"

/* Reads a member with roles; NULL (no error) if unknown or not active. */
bool member_load(struct ctx *ctx, int64_t id, struct member *ret, bool *ret_found);

/*
 * Who a member answers to (decision G-54): the direct leader, else the leader of the nearest team
 * from the own one upward that somebody else leads; active people only.  0: nobody.
 */
bool member_leader(struct ctx *ctx, int64_t id, int64_t *ret);

/* The ids of roles named "lead manager", as a list of references holds them: ",3,7,". */
bool member_role_ids(struct ctx *ctx, const char *names, const char **ret);

/* Rebuilds t_reach.  Runs as an after hook of member and team. */
bool member_reach(struct ctx *ctx);

/*
 * Sets a password (argon2id); refuses short and very common ones; ends the member's sessions.
 * A temporary one is known to somebody else: until it is changed, nothing else can be done with it.
 */
bool member_set_password(struct ctx *ctx, int64_t id, const char *password, bool temporary);

/* Says of members from before it was kept whether they have a password. */
bool member_upgrade(struct ctx *ctx);

#endif
