/*
 * ask: questions put to the engine as a member, and compared with the oracle.
 *
 *   ask.c         asking, and telling a difference
 *   ask_wish.c    random filters and orders, and their query text
 *   ask_read.c    records, lists, groups
 *   ask_history.c search, timelines, the feed, exports
 *   ask_number.c  metrics and reports
 *   ask_write.c   creating, changing, deleting, sharing, merging
 *   ask_meta.c    what a member is told they may use
 *   ask_blind.c   what a member may not see makes no difference to any answer
 */
#ifndef TESTS_MODEL_ASK_H
#define TESTS_MODEL_ASK_H

#include "tests/model/site.h"

struct asker {
	struct site *s;
	struct world *w;
	int me;
	const struct member *who;       /* me, as the engine knows them */
	struct arena mem;               /* of one question */
	long asked, failed;
	long most;                      /* failures to print */
	char what[3000];                /* the question in words */
};

struct reply {
	bool ok;
	enum error_kind kind;
	const struct error *errors;
	struct text out;
	const struct json *json;        /* of out, if ok */
};

/* A piece of reading that writes its answer. */
typedef bool read_fn(struct ctx *ctx, void *arg, struct json_writer *w);

/* Draws a member who may sign in. */
void ask_as(struct asker *a, int me);
/* Starts a question: forgets the last, names the new. */
void ask_begin(struct asker *a, const char *format, ...) PRINTF(2, 3);
struct reply ask_read(struct asker *a, read_fn *fn, void *arg);

/* A difference: prints one line with seed and question, counts.  False. */
bool ask_wrong(struct asker *a, const char *format, ...) PRINTF(2, 3);
/* Is this the refusal, or the success (ERR_NONE), that was due? */
bool ask_expect(struct asker *a, const struct reply *r, enum error_kind kind);
/* A record of the answer against the oracle: every field, every label. */
bool ask_row(struct asker *a, const struct json *got, int row);
/* The JSON of a value against one of the answer. */
bool ask_fact(struct asker *a, const struct json *got, const struct attribute *t, struct fact f,
              const char *where);

/*
 * Wishes.  The text names every field; `mask` writes x_nothing for those
 * that do not exist for the member, so that both texts must fail alike.
 */
struct names {
	const char *hidden[16];         /* what was written and does not exist for the member */
	const char *masked[16];         /* what stands for it */
	int n;
};
void wish_draw(struct asker *a, int object, struct wish *ret);
/* Another condition for rows where this one does not hold. */
const struct where *wish_not(struct arena *mem, const struct where *c);
const char *wish_text(struct asker *a, const struct wish *q, bool mask, struct names *ret);

/* Runs a question whose text names hidden fields twice; both must be refused alike. */
bool ask_hidden(struct asker *a, struct reply *r, const struct reply *masked,
                const struct names *names);

/* What a piece of reading is about. */
struct asked {
	const struct world *w;
	int object;
	int64_t id;
	const char *text;               /* query, words */
	int64_t limit, after;
	const char *from, *to, *by;     /* metrics; text is the name */
};
const struct object *asked_object(struct ctx *ctx, const struct asked *q);

read_fn asked_get, asked_list, asked_summary, asked_search, asked_timeline, asked_feed,
	asked_export, asked_report, asked_metric;

/* A row of the object; half of the time one that may be seen. */
int ask_some_row(struct asker *a, int object);
/*
 * Asks for a wish with more parameters behind it.  True if there is an answer
 * to compare; refusals are compared here.
 */
bool ask_wish(struct asker *a, const char *verb, read_fn *fn, const struct wish *wish,
              const char *more, struct reply *ret);
/* Rows of an answer against rows due. */
bool ask_rows(struct asker *a, const struct json *rows, const int *due, int n);

/* One question each. */
void ask_get(struct asker *a);
void ask_list(struct asker *a);
void ask_pages(struct asker *a);
void ask_count(struct asker *a);
void ask_summary(struct asker *a);
void ask_parts(struct asker *a);
void ask_about(struct asker *a);
void ask_search(struct asker *a);
void ask_timeline(struct asker *a);
void ask_feed(struct asker *a);
void ask_export(struct asker *a);
void ask_metric(struct asker *a);
void ask_meta(struct asker *a);
void ask_report(struct asker *a);
void ask_doubles(struct asker *a);
/* The metrics and reports that a member is told of. */
void ask_numbers_listed(struct asker *a, const struct json *metrics, const struct json *reports);
/* Learns where in the feed the world's events stand; as an administrator. */
void ask_number_events(struct asker *a);

/* Several questions. */
void ask_writes(struct asker *a, int n);
void ask_blind(struct asker *a);

#endif
