#include "tests/model/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Chance
 */

static uint64_t next(struct world *w)
{
	uint64_t x = w->random += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

int world_draw(struct world *w, int n)
{
	return (int)(next(w) % (uint64_t)n);
}

bool world_chance(struct world *w, int percent)
{
	return world_draw(w, 100) < percent;
}

/*
 * Words.  No character stands in two of them, so a pair of characters is found in a text
 * only if the word is part of it.
 */

static const char *const words[] = {
	"东方", "明珠", "华为", "长安", "金龙", "海尔", "新风", "天宇", "南洋", "西凤",
	"北辰", "红旗", "青岛", "春兰", "秋林", "双汇", "三元", "大众", "小康", "美的",
};
static const char *const hushes[] = { "机密", "底价", "折扣", "竞品", "欠款", "诉讼" };
static const char *const kinds[] = { "ka", "kb", "kc", "kd" };

const char *world_word(struct world *w)
{
	return words[world_draw(w, (int)(sizeof words / sizeof *words))];
}

const char *world_hush(struct world *w)
{
	return hushes[world_draw(w, (int)(sizeof hushes / sizeof *hushes))];
}

struct kept {
	struct kept *next;
	char *s;
};

/* A text that lives as long as the world. */
__attribute__((format(printf, 2, 3))) static char *print(struct world *w, const char *format, ...)
{
	struct kept *k = malloc(sizeof *k);
	va_list args;

	va_start(args, format);
	if (!k || vasprintf(&k->s, format, args) < 0)
		abort();
	va_end(args);
	k->next = w->texts;
	w->texts = k;
	return k->s;
}

void world_free(struct world *w)
{
	for (struct kept *k = w->texts; k; k = w->texts) {
		w->texts = k->next;
		free(k->s);
		free(k);
	}
	free(w);
}

/*
 * Objects
 */

#define TITLE { "x_name", .kind = KIND_TEXT, .search = true }

static const struct thing things[OBJECTS] = {
	[OBJ_A] = { .name = "x_a", .owner = 1, .parent = -1, .fields = {
		TITLE,
		{ "x_owner", .kind = KIND_MEMBER },
		{ "x_kind", .kind = KIND_CHOICE },
		{ "x_amount", .kind = KIND_MONEY },
		{ "x_count", .kind = KIND_INTEGER },
		{ "x_rate", .kind = KIND_DECIMAL },
		{ "x_day", .kind = KIND_DATE },
		{ "x_flag", .kind = KIND_BOOL },
		{ "x_ref", .kind = KIND_REF, .to = OBJ_E },
		{ "x_secret", .kind = KIND_INTEGER },
		{ "x_hush", .kind = KIND_TEXT, .search = true },
		{ "x_calc", .kind = KIND_FORMULA, .a = 9, .b = 4 },
		{ "x_peer", .kind = KIND_REF, .to = OBJ_C },
		{ "x_tags", .kind = KIND_REFS, .to = OBJ_E },
		{ "x_mate", .kind = KIND_MEMBER },
		{ "x_kids", .kind = KIND_TOTAL, .over = OBJ_B, .via = 1 },
		{ "x_sum", .kind = KIND_TOTAL, .over = OBJ_B, .via = 1, .sum = 2 },
		{ "x_dark", .kind = KIND_TOTAL, .over = OBJ_B, .via = 1, .sum = 4 },
		{ "x_other", .kind = KIND_REF, .to = OBJ_F },
		{ "x_at", .kind = KIND_INSTANT },
		{ "x_veil", .kind = KIND_TOTAL, .over = OBJ_B, .via = 1, .above = 4 } } },
	[OBJ_B] = { .name = "x_b", .owner = -1, .parent = 1, .fields = {
		TITLE,
		{ "x_parent", .kind = KIND_REF, .to = OBJ_A, .required = true },
		{ "x_amount", .kind = KIND_MONEY },
		{ "x_count", .kind = KIND_INTEGER },
		{ "x_secret", .kind = KIND_INTEGER },
		{ "x_kind", .kind = KIND_CHOICE },
		{ "x_day", .kind = KIND_DATE },
		{ "x_by", .kind = KIND_MEMBER },
		{ "x_calc", .kind = KIND_FORMULA, .a = 3, .b = 3 },
		{ "x_ref", .kind = KIND_REF, .to = OBJ_E },
		{ "x_kids", .kind = KIND_TOTAL, .over = OBJ_G, .via = 1 } } },
	[OBJ_C] = { .name = "x_c", .owner = 1, .parent = 2, .fields = {
		TITLE,
		{ "x_owner", .kind = KIND_MEMBER },
		{ "x_parent", .kind = KIND_REF, .to = OBJ_A },
		{ "x_amount", .kind = KIND_MONEY },
		{ "x_kind", .kind = KIND_CHOICE },
		{ "x_secret", .kind = KIND_INTEGER },
		{ "x_ref", .kind = KIND_REF, .to = OBJ_B },
		{ "x_day", .kind = KIND_DATE },
		{ "x_kids", .kind = KIND_TOTAL, .over = OBJ_D, .via = 1 },
		{ "x_sum", .kind = KIND_TOTAL, .over = OBJ_D, .via = 1, .sum = 2 } } },
	[OBJ_D] = { .name = "x_d", .owner = -1, .parent = 1, .fields = {
		TITLE,
		{ "x_parent", .kind = KIND_REF, .to = OBJ_C, .required = true },
		{ "x_amount", .kind = KIND_MONEY },
		{ "x_kind", .kind = KIND_CHOICE },
		{ "x_ref", .kind = KIND_REF, .to = OBJ_A },
		{ "x_hush", .kind = KIND_TEXT, .search = true } } },
	[OBJ_E] = { .name = "x_e", .is_public = true, .owner = -1, .parent = -1, .fields = {
		TITLE,
		{ "x_amount", .kind = KIND_MONEY },
		{ "x_kind", .kind = KIND_CHOICE },
		{ "x_secret", .kind = KIND_INTEGER },
		{ "x_kids", .kind = KIND_TOTAL, .over = OBJ_A, .via = 8 } } },
	[OBJ_F] = { .name = "x_f", .is_public = true, .owner = -1, .parent = -1, .fields = {
		TITLE,
		{ "x_code", .kind = KIND_TEXT, .search = true } } },
	[OBJ_G] = { .name = "x_g", .owner = -1, .parent = 1, .fields = {
		TITLE,
		{ "x_parent", .kind = KIND_REF, .to = OBJ_B, .required = true },
		{ "x_amount", .kind = KIND_MONEY } } },
};
static const int counts[OBJECTS] = {
	[OBJ_A] = 300, [OBJ_B] = 480, [OBJ_C] = 240, [OBJ_D] = 240, [OBJ_E] = 40, [OBJ_F] = 10,
	[OBJ_G] = 190,
};

int attribute_find(const struct thing *t, const char *name)
{
	for (int f = 0; f < t->n_fields; f++)
		if (strcmp(t->fields[f].name, name) == 0)
			return f;
	return -1;
}

bool attribute_stored(const struct attribute *a)
{
	return a->kind != KIND_FORMULA && a->kind != KIND_TOTAL;
}

bool fact_same(struct fact a, struct fact b)
{
	if (!a.set || !b.set)
		return a.set == b.set;
	return a.s || b.s ? a.s && b.s && strcmp(a.s, b.s) == 0 : a.n == b.n;
}

/*
 * Rights
 */

static unsigned some_roles(struct world *w)
{
	return 1u << world_draw(w, ROLES) | 1u << world_draw(w, ROLES) | 1u << world_draw(w, ROLES);
}

/* Each right is at most as wide as reading. */
static int up_to(struct world *w, int reach, bool is_public)
{
	if (is_public)
		return world_chance(w, 50) ? reach : NONE;
	return world_draw(w, reach + 1);
}

void world_grant(struct world *w)
{
	for (int r = 0; r <= ROLES; r++)
		for (int o = 0; o < OBJECTS; o++) {
			static const int often[] = { NONE, NONE, OWN, OWN, OWN, TEAM, TEAM, TREE, TREE, ALL };
			bool open = w->things[o].is_public;
			int read = often[world_draw(w, (int)(sizeof often / sizeof *often))];

			if (open)
				read = world_chance(w, 50) ? ALL : NONE;
			if (r == EVERY_ROLE && (!open || world_chance(w, 50)))
				read = !open && world_chance(w, 10) ? OWN : NONE;
			w->grants[r][o][DEED_READ] = read;
			for (int d = DEED_CREATE; d < DEEDS; d++)
				w->grants[r][o][d] = up_to(w, read, open);
		}
	for (int o = 0; o < OBJECTS; o++)
		for (int f = 0; f < w->things[o].n_fields; f++) {
			struct attribute *a = &w->things[o].fields[f];
			bool title = f == w->things[o].title;
			bool secret = strcmp(a->name, "x_secret") == 0 || strcmp(a->name, "x_hush") == 0 ||
			              (o == OBJ_F && title) || (o == OBJ_A && strcmp(a->name, "x_mate") == 0);

			a->read = secret ? some_roles(w) : 0;
			a->write = strcmp(a->name, "x_count") == 0 || (o == OBJ_C && title) ? some_roles(w) : 0;
		}
	for (int o = 0; o < OBJECTS; o++)
		w->things[o].doers = some_roles(w);
}

/*
 * Rows
 */

int world_row(struct world *w, int object, bool alive)
{
	const struct thing *t = &w->things[object];

	for (int tries = 0; tries < 50 && t->n > 0; tries++) {
		int row = t->first + world_draw(w, t->n);

		if (!alive || !w->rows[row].deleted)
			return row;
	}
	return -1;
}

static struct fact text(const char *s)
{
	return (struct fact){ .set = true, .s = s };
}

static struct fact number(int64_t n)
{
	return (struct fact){ .set = true, .n = n };
}

static struct fact some_rows(struct world *w, int object)
{
	uint64_t bits = 0;

	for (int i = world_draw(w, 3); i >= 0; i--)
		bits |= (uint64_t)1 << (world_row(w, object, true) - w->things[object].first);
	return number((int64_t)bits);
}

struct fact world_fact(struct world *w, int object, int field)
{
	const struct attribute *a = &w->things[object].fields[field];
	bool title = field == w->things[object].title;

	if (!a->required && !title && world_chance(w, 15))
		return (struct fact){ 0 };
	switch (a->kind) {
	case KIND_TEXT:
		if (strcmp(a->name, "x_hush") == 0 || strcmp(a->name, "x_code") == 0)
			return text(world_hush(w));
		return text(print(w, "%s%s%d", world_word(w), world_word(w), world_draw(w, 100)));
	case KIND_INTEGER:
		return number(world_draw(w, 12));
	case KIND_MONEY:
		return number(world_draw(w, 20) * 50);
	case KIND_DECIMAL:
		return number(world_draw(w, 9) * 125 - 250);
	case KIND_BOOL:
		return number(world_draw(w, 2));
	case KIND_DATE:
		return text(print(w, "2026-%02d-%02d", 9 + world_draw(w, 2), 1 + world_draw(w, 30)));
	case KIND_INSTANT:
		return text(print(w, "2026-10-%02dT%02d:%02d:00+08:00", 1 + world_draw(w, 30),
		                  world_draw(w, 24), world_draw(w, 60)));
	case KIND_CHOICE:
		return text(kinds[world_draw(w, 4)]);
	case KIND_REF: {
		int row = world_row(w, a->to, true);

		return row < 0 ? (struct fact){ 0 } : number(row);
	}
	case KIND_REFS:
		return some_rows(w, a->to);
	case KIND_MEMBER:
		return number(world_draw(w, MEMBERS));
	case KIND_FORMULA:
	case KIND_TOTAL:
		break;
	}
	return (struct fact){ 0 };
}

/* Public objects first, then owners, then what hangs on them. */
static void add_things(struct world *w)
{
	static const int order[OBJECTS] = { OBJ_E, OBJ_F, OBJ_A, OBJ_B, OBJ_C, OBJ_D, OBJ_G };

	for (int i = 0; i < OBJECTS; i++) {
		struct thing *t = &w->things[order[i]];

		*t = things[order[i]];
		for (; t->n_fields < FIELDS && t->fields[t->n_fields].name; t->n_fields++) {
			struct attribute *a = &t->fields[t->n_fields];

			/* Titles are no numbers: none was named. */
			a->sum = a->sum ? a->sum : -1;
			a->above = a->above ? a->above : -1;
		}
		t->board = attribute_find(t, attribute_find(t, "x_mate") < 0 ? "x_kind" : "x_mate");
		t->board_sum = t->board < 0 ? -1 : attribute_find(t, "x_secret");
		t->first = w->n_rows;
		t->room = counts[order[i]];
		w->n_rows += t->room;
		for (int row = t->first; row < w->n_rows; row++)
			w->rows[row] = (struct row){ .object = order[i], .deleted_with = -1 };
	}
	/* One of the two kinds of objects with owners has a pool. */
	w->things[w->seed % 2 ? OBJ_A : OBJ_C].unowned_visible = true;
}

/*
 * People
 */

static void add_people(struct world *w)
{
	int depth = 1 + world_draw(w, 5);
	int deep[TEAMS];

	w->n_teams = 6 + world_draw(w, TEAMS - 6);
	for (int t = 0; t < w->n_teams; t++) {
		int parent = t == 0 ? -1 : world_draw(w, t);

		while (parent >= 0 && deep[parent] >= depth - 1)
			parent = w->teams[parent].parent;
		deep[t] = parent < 0 ? 0 : deep[parent] + 1;
		w->teams[t] = (struct unit){ .parent = parent, .leader = -1 };
	}
	for (int m = 0; m < MEMBERS; m++) {
		struct person *p = &w->members[m];

		snprintf(p->label, sizeof p->label, "成员%d", m);
		p->team = world_chance(w, 92) ? world_draw(w, w->n_teams) : -1;
		p->leader = m > 0 && world_chance(w, 30) ? world_draw(w, m) : -1;
		p->active = m < 3 || world_chance(w, 88);
		for (int n = (int[]){ 1, 1, 1, 1, 2, 2, 2, 3, 3, 0 }[world_draw(w, 10)]; n > 0; n--)
			p->roles |= 1u << world_draw(w, ROLES);
	}
	w->members[0].admin = true;
	for (int t = 0; t < w->n_teams; t++)
		if (world_chance(w, 75))
			w->teams[t].leader = world_draw(w, MEMBERS);
}

struct world *world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof *w);

	if (!w)
		abort();
	w->seed = seed;
	w->random = seed * 0x2545f4914f6cdd1du;
	add_things(w);
	add_people(w);
	world_grant(w);
	return w;
}

/*
 * Declarations
 */

static const char *const reaches[] = { "none", "own", "team", "tree", "all" };

static void declare_roles(FILE *out, const char *key, unsigned roles)
{
	const char *comma = "";

	if (!roles)
		return;
	fprintf(out, ", \"%s\": [", key);
	for (int r = 0; r < ROLES; r++) {
		if (!(roles & 1u << r))
			continue;
		fprintf(out, "%s\"x_r%d\"", comma, r);
		comma = ", ";
	}
	fprintf(out, "]");
}

static void declare_field(FILE *out, const struct world *w, const struct thing *t,
                          const struct attribute *a)
{
	static const char *const types[] = {
		[KIND_TEXT] = "text", [KIND_INTEGER] = "integer", [KIND_MONEY] = "money",
		[KIND_DECIMAL] = "decimal", [KIND_BOOL] = "bool", [KIND_DATE] = "date",
		[KIND_INSTANT] = "instant", [KIND_CHOICE] = "choice", [KIND_REF] = "ref",
		[KIND_REFS] = "refs", [KIND_MEMBER] = "member", [KIND_FORMULA] = "formula",
		[KIND_TOTAL] = "total",
	};

	fprintf(out, "{\"name\": \"%s\", \"type\": \"%s\", \"label\": \"%s\"", a->name, types[a->kind],
	        a->name);
	if (a->required)
		fprintf(out, ", \"required\": true");
	if (a->search)
		fprintf(out, ", \"search\": true");
	if (a->kind == KIND_REF || a->kind == KIND_REFS)
		fprintf(out, ", \"to\": \"%s\"", w->things[a->to].name);
	if (a->kind == KIND_DECIMAL)
		fprintf(out, ", \"scale\": 3");
	if (a->kind == KIND_CHOICE) {
		fprintf(out, ", \"choices\": [");
		for (int k = 0; k < 4; k++)
			fprintf(out, "%s{\"value\": \"%s\", \"label\": \"%s!\"}", k ? ", " : "", kinds[k],
			        kinds[k]);
		fprintf(out, "]");
	}
	if (a->kind == KIND_FORMULA)
		fprintf(out, ", \"formula\": \"%s * 2 + %s\", \"yields\": \"integer\"", t->fields[a->a].name,
		        t->fields[a->b].name);
	if (a->kind == KIND_TOTAL) {
		const struct thing *over = &w->things[a->over];

		fprintf(out, ", \"over\": \"%s\", \"via\": \"%s\"", over->name, over->fields[a->via].name);
		if (a->sum >= 0)
			fprintf(out, ", \"sum\": \"%s\"", over->fields[a->sum].name);
		if (a->above >= 0)
			fprintf(out, ", \"where\": \"%s=gt.4\"", over->fields[a->above].name);
	}
	declare_roles(out, "read", a->read);
	declare_roles(out, "write", a->write);
	fprintf(out, "}");
}

static void declare_access(FILE *out, const struct world *w, int object)
{
	static const char *const deeds[] = { "read", "create", "write", "delete", "export" };
	const char *comma = "";

	fprintf(out, "\"access\": {");
	for (int r = 0; r <= ROLES; r++) {
		const int *grant = w->grants[r][object];

		if (r < ROLES)
			fprintf(out, "%s\"x_r%d\": {", comma, r);
		else
			fprintf(out, "%s\"*\": {", comma);
		for (int d = 0; d < DEEDS; d++)
			fprintf(out, "%s\"%s\": \"%s\"", d ? ", " : "", deeds[d], reaches[grant[d]]);
		fprintf(out, "}");
		comma = ", ";
	}
	fprintf(out, "}");
}

const struct world_action world_actions[ACTIONS] = {
	[ACTION_LOOK] = { "x_look", "read", DEED_READ },
	[ACTION_DO] = { "x_do", "update", DEED_UPDATE },
	[ACTION_DROP] = { "x_drop", "delete", DEED_DELETE },
};

/* What shows it: everything names every field, whoever may see it. */
static void declare_face(FILE *out, const struct thing *t)
{
	static const char *const keys[] = { "\"list\": [", "\"form\": [[" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		fprintf(out, ",\n%s", keys[i]);
		for (int f = 0; f < t->n_fields; f++)
			fprintf(out, "%s\"%s\"", f ? ", " : "", t->fields[f].name);
		fprintf(out, i ? "]]" : "]");
	}
	fprintf(out, ", \"views\": [");
	for (int f = 0; f < t->n_fields; f++)
		fprintf(out, "%s{\"name\": \"%s\", \"label\": \"v\", \"query\": \"%s=is.null\"}", f ? ", " : "",
		        t->fields[f].name, t->fields[f].name);
	fprintf(out, "]");
	if (t->board >= 0)
		fprintf(out, ", \"board\": {\"by\": \"%s\"", t->fields[t->board].name);
	if (t->board_sum >= 0)
		fprintf(out, ", \"sum\": \"%s\"", t->fields[t->board_sum].name);
	fprintf(out, "%s, \"actions\": [", t->board >= 0 ? "}" : "");
	for (int i = 0; i < ACTIONS; i++) {
		fprintf(out, "%s{\"name\": \"%s\", \"label\": \"a\", \"on\": \"record\", \"needs\": \"%s\"",
		        i ? ", " : "", world_actions[i].name, world_actions[i].needs);
		declare_roles(out, "roles", i == ACTION_DO ? t->doers : 0);
		fprintf(out, "}");
	}
	fprintf(out, "]");
}

/* How much, by day and person; see the gauges of ask_numbers.c. */
static void declare_measures(FILE *out, int object)
{
	if (object == OBJ_A)
		fprintf(out, ", \"duplicates\": [{\"field\": \"x_name\", \"match\": \"exact\"}], \"measures\": ["
		        "{\"name\": \"x_ma_count\", \"label\": \"m\", \"on\": \"x_day\", \"by\": \"x_owner\"},"
		        "{\"name\": \"x_ma_amount\", \"label\": \"m\", \"on\": \"x_day\", \"by\": \"x_owner\","
		        " \"sum\": \"x_amount\"},"
		        "{\"name\": \"x_ma_kind\", \"label\": \"m\", \"on\": \"x_day\", \"by\": \"x_owner\","
		        " \"where\": \"x_kind=eq.ka\", \"split\": [\"x_ref\", \"x_mate\"]},"
		        "{\"name\": \"x_ma_secret\", \"label\": \"m\", \"on\": \"x_day\", \"by\": \"x_owner\","
		        " \"sum\": \"x_secret\"}]");
	if (object == OBJ_B)
		fprintf(out, ", \"measures\": ["
		        "{\"name\": \"x_mb_amount\", \"label\": \"m\", \"on\": \"x_day\", \"by\": \"x_by\","
		        " \"sum\": \"x_amount\"}]");
}

static void declare_numbers(FILE *out)
{
	static const char *const metrics[] = { "x_ma_count", "x_ma_amount", "x_ma_kind", "x_ma_secret",
	                                       "x_mb_amount" };

	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		fprintf(out, ", {\"metric\": \"x_k%s\", \"label\": \"k\", \"doc\": \"k\", \"top\": \"%s\"}",
		        metrics[i] + 3, metrics[i]);
	fprintf(out, ", {\"metric\": \"x_k_mean\", \"label\": \"k\", \"doc\": \"k\","
	        " \"top\": \"x_ma_amount\","
	        " \"bottom\": \"x_ma_count\", \"yields\": \"money\"}");
	fprintf(out, ", {\"report\": \"x_report\", \"label\": \"r\", \"doc\": \"r\","
	        " \"uses\": [\"x_a\", \"x_b\"],"
	        " \"columns\": [{\"name\": \"kind\", \"type\": \"text\", \"label\": \"k\"},"
	        "{\"name\": \"n\", \"type\": \"integer\", \"label\": \"n\"},"
	        "{\"name\": \"amount\", \"type\": \"money\", \"label\": \"a\"},"
	        "{\"name\": \"secret\", \"type\": \"integer\", \"label\": \"s\"},"
	        "{\"name\": \"kids\", \"type\": \"integer\", \"label\": \"k\"}],"
	        " \"sql\": \"SELECT a.x_kind AS kind, count(*) AS n, sum(a.x_amount) AS amount,"
	        " sum(a.x_secret) AS secret,"
	        " sum((SELECT count(*) FROM x_b b WHERE b.x_parent = a.id)) AS kids"
	        " FROM x_a a GROUP BY a.x_kind ORDER BY a.x_kind\"}");
}

char *world_declare(const struct world *w)
{
	char *s = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&s, &n);

	if (!out)
		abort();
	fprintf(out, "[");
	for (int r = 0; r < ROLES; r++)
		fprintf(out, "{\"role\": \"x_r%d\", \"label\": \"r%d\"},\n", r, r);
	for (int o = 0; o < OBJECTS; o++) {
		const struct thing *t = &w->things[o];

		fprintf(out, "{\"object\": \"%s\", \"label\": \"%s\", \"menu\": true, \"title\": \"%s\",",
		        t->name, t->name, t->fields[t->title].name);
		fprintf(out, " \"scope\": ");
		if (t->is_public)
			fprintf(out, "\"public\"");
		else if (t->owner >= 0 && t->parent >= 0)
			fprintf(out, "[\"%s\", \"%s\"]", t->fields[t->owner].name, t->fields[t->parent].name);
		else
			fprintf(out, "\"%s\"", t->fields[t->owner >= 0 ? t->owner : t->parent].name);
		if (t->unowned_visible)
			fprintf(out, ", \"unowned\": \"visible\"");
		fprintf(out, ",\n\"fields\": [");
		for (int f = 0; f < t->n_fields; f++) {
			fprintf(out, "%s", f ? ",\n" : "");
			declare_field(out, w, t, &t->fields[f]);
		}
		fprintf(out, "],\n");
		declare_access(out, w, o);
		declare_measures(out, o);
		declare_face(out, t);
		fprintf(out, "}%s\n", o + 1 < OBJECTS ? "," : "");
	}
	declare_numbers(out);
	fprintf(out, "]");
	fclose(out);
	return s;
}
