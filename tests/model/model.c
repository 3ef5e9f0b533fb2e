/*
 * model: access rights, product against oracle.  See tests/model/run.py.
 *
 *   model --dir DIR [--db URL] [--seed N] [--questions N] [--most N]
 *
 * The program `mutants` is the same with the leaks of src/engine/mutant.h; --mutant N chooses one.
 * Puts a seeded company into an empty store, asks as its members, changes the company a
 * little, asks again.  --most N stops after N differences.
 */
#include <stdio.h>

#include "base/number.h"
#include "base/secret.h"
#include "engine/mutant.h"
#include "tests/model/ask.h"

enum { EPOCHS = 8 };

struct options {
	const char *dir, *url;
	int64_t seed, questions, most;
};

#ifdef MUTANTS
int64_t mutant_planted;
#endif

static const struct {
	void (*ask)(struct asker *a);
	int weight;
} kinds[] = {
	{ ask_get, 14 }, { ask_list, 26 }, { ask_pages, 4 }, { ask_count, 8 }, { ask_summary, 14 },
	{ ask_parts, 5 }, { ask_about, 3 }, { ask_search, 8 }, { ask_timeline, 4 }, { ask_feed, 4 },
	{ ask_export, 5 }, { ask_metric, 6 }, { ask_meta, 2 }, { ask_report, 1 }, { ask_doubles, 1 },
};

static void ask_one(struct asker *a)
{
	int total = 0;
	size_t i = 0;

	for (size_t k = 0; k < LENGTH(kinds); k++)
		total += kinds[k].weight;

	int at = world_draw(a->w, total);

	while (at >= kinds[i].weight)
		at -= kinds[i++].weight;
	kinds[i].ask(a);
}

static bool enough(const struct asker *a, const struct options *o)
{
	return o->most && a->failed >= o->most;
}

/* The questions of one state of the company: a few members, each some questions of every kind. */
static void ask_epoch(struct asker *a, const struct options *o, long until)
{
	ask_as(a, 0);
	ask_number_events(a);
	while (a->asked < until && !enough(a, o)) {
		ask_as(a, world_draw(a->w, MEMBERS));
		if (!a->who)
			continue;
		for (int i = 0; i < 60 && !enough(a, o); i++)
			ask_one(a);
		ask_writes(a, 16);
		if (world_chance(a->w, 40))
			ask_blind(a);
	}
}

static bool read_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){ .seed = 1, .questions = 20000 };
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];
		bool ok = true;

		if (text_eq(argv[i], "--dir"))
			o->dir = value;
		else if (text_eq(argv[i], "--db"))
			o->url = value;
		else if (text_eq(argv[i], "--seed"))
			ok = int_parse(value, &o->seed);
		else if (text_eq(argv[i], "--questions"))
			ok = int_parse(value, &o->questions);
		else if (text_eq(argv[i], "--most"))
			ok = int_parse(value, &o->most);
#ifdef MUTANTS
		else if (text_eq(argv[i], "--mutant"))
			ok = int_parse(value, &mutant_planted);
#endif
		else
			ok = false;
		if (!ok)
			return false;
	}
	return argc % 2 == 1 && o->dir;
}

int main(int argc, char **argv)
{
	struct options o;
	struct site s;
	struct asker a = { .s = &s, .most = 40 };
	bool ok;

	if (!read_options(argc, argv, &o) || !secret_start()) {
		fprintf(stderr, "usage: model --dir DIR [--db URL] [--seed N] [--questions N] [--most N]\n");
		return 2;
	}
	a.w = world_new((uint64_t)o.seed);
	arena_init(&a.mem, 0);
	ok = site_open(&s, a.w, o.dir, o.url);
	for (int epoch = 0; ok && epoch < EPOCHS && !enough(&a, &o); epoch++) {
		ok = epoch == 0 || site_stir(&s, 60);
		if (ok)
			ask_epoch(&a, &o, (long)(o.questions * (epoch + 1) / EPOCHS));
	}
	site_close(&s);
	arena_done(&a.mem);
	if (!ok)
		a.failed++;
	printf("model: %ld passed, %ld failed\n", a.asked - a.failed, a.failed);
	world_free(a.w);
	return a.failed ? 1 : 0;
}
