/*
 * robot: what the group robots of WeCom, DingTalk and Feishu want to be sent, and whether they took it.
 */
#ifndef MODULES_NOTIFY_ROBOT_H
#define MODULES_NOTIFY_ROBOT_H

#include "base/text.h"

/*
 * The address and JSON body of a text message.  `secret` NULL: not signed.  DingTalk signs with the milliseconds in the
 * address, Feishu with the seconds in the body; both with HMAC-SHA256, each in its own way.  False: no such platform.
 */
bool robot_request(struct arena *mem, const char *kind, const char *address, const char *secret, const char *words,
                   int64_t now, const char **ret_url, const char **ret_body);

/* NULL if it was taken, else why not: the platforms answer 200 and say it in the body. */
const char *robot_refused(struct arena *mem, long status, const char *answer);

#endif
