#include "base/place.h"

#include "tests/test.h"

TEST(place_reads_what_is_stored)
{
	struct place p;
	struct place q;

	CHECK(place_parse("31.230400,121.473700,人民广场", &p) && place_parse("39.9042,116.4074", &q));
	CHECK(!place_parse("", &q) && !place_parse("31.2", &q) && !place_parse("31.2,", &q));
	CHECK(place_parse("39.9042,116.4074", &q));
	/* Shanghai to Beijing. */
	CHECK_INT((int64_t)(place_km(&p, &q) + 0.5), 1067);
	CHECK_INT((int64_t)place_km(&p, &p), 0);
}

TEST(place_route_saves_way)
{
	/* On a line, as planned 0 6 2 4 …: the way there is the shortest, not the one to and fro. */
	static const double at[] = { 0, 6, 2, 4, 8, 1 };
	static const size_t wanted[] = { 0, 5, 2, 3, 1, 4 };
	struct place places[LENGTH(at)];
	size_t order[LENGTH(at)];

	for (size_t i = 0; i < LENGTH(at); i++)
		places[i] = (struct place){ 0.5 + at[i] / 1000, 2 };
	place_route(places, LENGTH(at), order);
	for (size_t i = 0; i < LENGTH(at); i++)
		CHECK_INT(order[i], wanted[i]);
	place_route(places, 1, order);
	CHECK_INT(order[0], 0);
	place_route(places, 0, order);
}
