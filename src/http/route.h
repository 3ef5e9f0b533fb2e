/*
 * route: which handler serves a method and path.
 *
 * A pattern is literal segments and {names}.  The first match in table order
 * wins.  Generic over the handler type, so http/ knows nothing of the engine.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/text.h"

enum { ROUTE_PARAMS = 4 };

struct route_match {
	size_t index;                           /* of the pattern */
	const char *name[ROUTE_PARAMS];         /* "object" */
	const char *value[ROUTE_PARAMS];        /* "opportunity", in the arena */
	size_t n;
};

struct route_pattern {
	const char *method;
	const char *pattern;                    /* "/api/{object}/{id}" */
};

enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* `stride` is the distance between patterns, which may be the head of larger structs. */
enum route_result route_find(struct arena *mem, const void *table, size_t stride, size_t n,
                             const char *method, const char *path, struct route_match *ret);
/* The methods a path has, "GET, POST", for the Allow header. */
const char *route_methods(struct arena *mem, const void *table, size_t stride, size_t n,
                          const char *path);

#endif
