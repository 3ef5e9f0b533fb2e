#include "base/place.h"

#include <math.h>
#include <stdlib.h>

#define RADIANS 0.017453292519943295

bool place_parse(const char *s, struct place *ret)
{
	char *end;

	ret->lat = strtod(s, &end) * RADIANS;
	if (end == s || *end != ',')
		return false;
	s = end + 1;
	ret->lng = strtod(s, &end) * RADIANS;
	return end != s;
}

double place_km(const struct place *a, const struct place *b)
{
	double lat = sin((b->lat - a->lat) / 2);
	double lng = sin((b->lng - a->lng) / 2);

	return 2 * 6371 * asin(sqrt(lat * lat + cos(a->lat) * cos(b->lat) * lng * lng));
}

/* From the stop at i - 1 over those from i to k to the one behind; `turned`: k first. */
static double way(const struct place *p, const size_t *order, size_t n, size_t i, size_t k, bool turned)
{
	double km = place_km(&p[order[i - 1]], &p[order[turned ? k : i]]);

	return k + 1 < n ? km + place_km(&p[order[turned ? i : k]], &p[order[k + 1]]) : km;
}

static bool turn_pieces(const struct place *p, size_t n, size_t *order)
{
	bool better = false;

	for (size_t i = 1; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			if (way(p, order, n, i, k, true) > way(p, order, n, i, k, false) - 0.0001)
				continue;
			better = true;
			for (size_t a = i, b = k; a < b; a++, b--) {
				size_t swap = order[a];

				order[a] = order[b];
				order[b] = swap;
			}
		}
	return better;
}

void place_route(const struct place *places, size_t n, size_t *order)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = 1; i + 1 < n; i++) {
		size_t nearest = i;

		for (size_t k = i + 1; k < n; k++)
			if (place_km(&places[order[i - 1]], &places[order[k]]) < place_km(&places[order[i - 1]], &places[order[nearest]]))
				nearest = k;

		size_t next = order[nearest];

		order[nearest] = order[i];
		order[i] = next;
	}
	while (turn_pieces(places, n, order))
		;
}
