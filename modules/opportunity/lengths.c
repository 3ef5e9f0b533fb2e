#include "modules/opportunity/lengths.h"

#include <stdlib.h>

#include "base/arena.h"
#include "engine/module.h"

static int by_value(const void *a, const void *b)
{
	const struct length *x = a;
	const struct length *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static void sort(struct lengths *l)
{
	size_t n = 0;

	if (l->sorted == l->n)
		return;
	array_sort(l->list, l->n, sizeof *l->list, by_value);
	for (size_t i = 0; i < l->n; i++) {
		if (n > 0 && l->list[n - 1].value == l->list[i].value)
			l->list[n - 1].n += l->list[i].n;
		else
			l->list[n++] = l->list[i];
	}
	l->n = l->sorted = n;
}

void lengths_add(struct arena *mem, struct lengths *l, int64_t value, int64_t n)
{
	/* Values come again and again: room is made by adding up before it is asked for. */
	if (l->n == l->cap) {
		sort(l);
		if (l->n * 2 >= l->cap)
			l->list = arena_grow(mem, l->list, &l->cap, l->cap * 2 + 16, sizeof *l->list);
	}
	l->list[l->n++] = (struct length){ value, n };
	l->count += n;
	l->sum += value * n;
}

void lengths_add_spread(struct arena *mem, struct lengths *l, const char *spread)
{
	const char *value;
	size_t length;
	int64_t n;

	while (spread_next(&spread, &value, &length, &n))
		lengths_add(mem, l, strtoll(value, NULL, 10), n);
}

/* The value at a place, from 1; 0 if there are fewer. */
static int64_t value_at(struct lengths *l, int64_t place)
{
	int64_t passed = 0;

	sort(l);
	for (size_t i = 0; i < l->n; i++) {
		passed += l->list[i].n;
		if (passed >= place)
			return l->list[i].value;
	}
	return 0;
}

int64_t lengths_middle(struct lengths *l)
{
	return value_at(l, (l->count + 1) / 2) + value_at(l, (l->count + 2) / 2);
}

int64_t lengths_ninety(struct lengths *l)
{
	return value_at(l, (l->count * 9 + 9) / 10);
}

int64_t lengths_longest(struct lengths *l)
{
	return value_at(l, l->count);
}

int64_t lengths_over(struct lengths *l, int64_t limit)
{
	int64_t n = 0;

	sort(l);
	for (size_t i = l->n; i > 0 && l->list[i - 1].value > limit; i--)
		n += l->list[i - 1].n;
	return n;
}
