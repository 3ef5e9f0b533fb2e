/*
 * log: one JSON object a line on stderr, for machines and people.
 *
 * Values are escaped, so a line is a line whatever a client sent.  Never log
 * passwords, tokens, cookies or field values.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below `level` are dropped.  Default LOG_INFO. */
void log_level(enum log_level level);

/*
 * log_line(LOG_INFO, "request", "path", path, "status", "200", NULL): pairs of
 * name and text, ended by NULL; a NULL value is written as null.
 */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
