/*
 * region: the administrative divisions of China, as rows of the object region.
 */
#ifndef ENGINE_REGION_H
#define ENGINE_REGION_H

#include "engine/module.h"

/*
 * Adds the divisions of an embedded file (region/provinces.csv, cities, areas,
 * streets).  Rows whose code is there stay as they are.  Full names leave out the
 * 市辖区 and 县 that only fill the city level of municipalities.
 */
bool region_load(struct ctx *ctx, const char *path);

/*
 * The 41,352 streets, a slice a time: the job "streets", which asks for itself
 * again until it is through, so that nobody's write waits for it.
 */
bool region_streets(struct ctx *ctx, const struct json *args);
/* Asks for the streets if there are none yet: a server does at its start. */
bool region_ask(struct ctx *ctx, void *none);

#endif
