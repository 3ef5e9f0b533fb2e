/*
 * place: points on the globe, the way between them, and an order of stops that saves way.
 *
 * No input or output, no allocation.
 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include "base/base.h"

/* In radians. */
struct place {
	double lat, lng;
};

/* Of a stored location, "lat,lng,address". */
bool place_parse(const char *s, struct place *ret);

/* Kilometres along the great circle, on a globe of 6371 km. */
double place_km(const struct place *a, const struct place *b);

/*
 * Fills `order` with the indexes of n places: the first stays first, then the nearest next, and pieces are turned
 * around as long as that saves way.
 */
void place_route(const struct place *places, size_t n, size_t *order);

#endif
