/*
 * region: the administrative divisions of China, as rows of the object region.
 */
#ifndef ENGINE_REGION_H
#define ENGINE_REGION_H

#include "engine/ctx.h"

/*
 * Adds the divisions of an embedded file (region/provinces.csv, cities, areas,
 * streets).  Rows whose code is there stay as they are.  Full names leave out the
 * 市辖区 and 县 that only fill the city level of municipalities.
 */
bool region_load(struct ctx *ctx, const char *path);

#endif
