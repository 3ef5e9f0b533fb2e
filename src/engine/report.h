/*
 * report: checking and running report SQL.
 *
 * A report's text is compiled once, at load, in an empty in-memory SQLite with
 * stand-in views of the objects it says it uses, and an authorizer that refuses
 * everything else: real tables, undeclared objects, functions outside the
 * list both databases share, writes, a second statement.  What passes runs
 * behind the caller's views, so a manager and a rep run the same text and get their own rows.
 */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include "engine/query.h"

/* False with complaints if the text is not allowed or its columns are not the declared ones. */
bool report_check(struct arena *mem, const struct schema *s, const struct report *r,
                  struct complaint **ret_complaints);

/* Parameters by name as text; writes the answer of docs/api.md. */
bool report_write(struct ctx *ctx, const struct report *r, const struct bind *params,
                  struct json_writer *w);

#endif
