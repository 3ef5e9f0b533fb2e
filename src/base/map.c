#include "base/map.h"

static uint64_t hash_of(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

void map_init(struct map *m, struct arena *mem)
{
	*m = (struct map){ .mem = mem };
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *m, const char *key, uint64_t hash)
{
	size_t i = (size_t)hash & (m->cap - 1);

	while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static void grow(struct map *m)
{
	struct map larger = { .mem = m->mem, .cap = m->cap ? m->cap * 2 : 64, .n = m->n };

	larger.slots = arena_array(m->mem, larger.cap, sizeof *larger.slots);
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].key)
			*slot_of(&larger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
	*m = larger;
}

int64_t *map_put(struct map *m, const char *key, int64_t fresh, bool *ret_new)
{
	uint64_t hash = hash_of(key);

	if (m->n * 3 >= m->cap * 2)
		grow(m);

	struct map_slot *slot = slot_of(m, key, hash);

	*ret_new = slot->key == NULL;
	if (*ret_new) {
		*slot = (struct map_slot){ arena_dup(m->mem, key), hash, fresh };
		m->n++;
	}
	return &slot->value;
}

int64_t *map_find(const struct map *m, const char *key)
{
	struct map_slot *slot = m->cap ? slot_of(m, key, hash_of(key)) : NULL;

	return slot && slot->key ? &slot->value : NULL;
}
