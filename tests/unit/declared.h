/*
 * declared: schemas from declarations written in a test.
 *
 * The engine's own objects are always there; what the modules declare is not,
 * so a test depends on its own text only.
 */
#ifndef TESTS_UNIT_DECLARED_H
#define TESTS_UNIT_DECLARED_H

#include "engine/ctx.h"
#include "tests/test.h"

/* The engine's documents, and `text` (may be NULL) as one more named "test.json". */
struct source *declared_sources(struct arena *mem, const char *text, bool builtin, size_t *ret_n);

/* The schema, freed with the arena; fails the test and returns NULL if it does not load. */
const struct schema *declared(struct arena *mem, const char *text);

const struct schema *declared_load(struct arena *mem, const struct source *list, size_t n);

/* The same beside a document of schema_kept; NULL: none. */
const struct schema *declared_kept(struct arena *mem, const char *text, const char *kept);

/* All complaints as lines "position message"; "" if there are none. */
const char *complaints(struct arena *mem, const char *text);

/* A context that speaks `language` and may do everything; without a database. */
struct ctx *plain_ctx(struct arena *mem, const struct schema *s, const char *language);

#endif
