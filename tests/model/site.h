/*
 * site: the world put into an engine, and kept equal to it while both change.
 */
#ifndef TESTS_MODEL_SITE_H
#define TESTS_MODEL_SITE_H

#include "engine/engine.h"
#include "tests/model/oracle.h"

struct site {
	struct world *w;
	struct engine *e;
	struct arena mem;               /* as long as the site */
	const char *dir;
	const char *url;                /* NULL: SQLite in dir */
	int64_t first_change;           /* the feed starts behind this one */
	int64_t clock;                  /* the moment of the last change */
};

/* Opens an engine on a new store and puts the world into it.  False with a line on stdout. */
bool site_open(struct site *s, struct world *w, const char *dir, const char *url);
void site_close(struct site *s);

/* Some changes by the company's administrators, to rows, shares, people, rights. */
bool site_stir(struct site *s, int n);

/* The value as JSON, as clients send and get it. */
void site_fact(const struct world *w, const struct attribute *a, struct fact f,
               struct json_writer *out);
/* A body of fields. */
const struct json *site_body(const struct world *w, struct arena *mem, int object,
                             const struct wanted *v);

const struct object *site_object(struct ctx *ctx, const struct world *w, int object);

/* The row with this id, -1. */
int site_row(const struct world *w, int object, int64_t id);

#endif
