/*
 * map: text to a number, for finding names in memory.
 *
 * Keys are copied into the arena.  Grows as needed; nothing is ever removed.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_slot {
	const char *key;                /* NULL: free */
	uint64_t hash;
	int64_t value;
};

struct map {
	struct arena *mem;
	struct map_slot *slots;
	size_t cap, n;
};

void map_init(struct map *m, struct arena *mem);
/* The place of the key's value; a new key starts at `fresh` (*ret_new true). */
int64_t *map_put(struct map *m, const char *key, int64_t fresh, bool *ret_new);
/* NULL if the key is not there. */
int64_t *map_find(const struct map *m, const char *key);

#endif
