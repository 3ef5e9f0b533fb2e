/*
 * Pulse: morale, asked about anonymously (S00-04).  While a round is open its row keeps, in columns that exist for
 * nobody, a count of scores by team, the remarks in the order of their letters, and – apart – who has answered, in
 * the order of their numbers: no time, no order, no pair of person and answer.  When it closes the means of the
 * cells are written (cells.h) and all three are emptied.
 */
#include "modules/pulse/cells.h"

#include "base/secret.h"
#include "engine/module.h"

enum {
	OPEN_DAYS = 3,                  /* a round is open so long at least */
	GAP_DAYS = 14,                  /* between rounds: asking again at once would average the draw away */
};

static bool load_teams(struct ctx *ctx, struct pulse_team **ret, size_t *ret_n)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "team", "SELECT id, parent, leader FROM team ORDER BY id"), NULL);
	struct pulse_team *list = NULL;
	size_t cap = 0, n = 0;

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct pulse_team){ .id = db_int(q, 0), .parent = db_int(q, 1), .leader = db_int(q, 2) };
	}
	db_done(q);
	*ret = list;
	*ret_n = n;
	return true;
}

/*
 * The box
 */

/* "team n1 n2 n3 n4 n5", a line each. */
static void read_box(struct ctx *ctx, struct value box, struct pulse_team *teams, size_t n)
{
	char **lines;
	size_t n_lines = text_split(ctx->mem, box.kind == V_TEXT ? box.s : "", '\n', &lines);

	for (size_t i = 0; i < n_lines; i++) {
		char **words;
		int64_t team = 0;

		if (text_split(ctx->mem, lines[i], ' ', &words) != 1 + PULSE_SCORES || !int_parse(words[0], &team))
			continue;
		for (size_t t = 0; t < n; t++)
			for (int s = 0; teams[t].id == team && s < PULSE_SCORES; s++)
				(void)int_parse(words[1 + s], &teams[t].counts[s]);
	}
}

static struct value write_box(struct ctx *ctx, const struct pulse_team *teams, size_t n)
{
	struct text out;

	text_init(&out, ctx->mem);
	for (size_t t = 0; t < n; t++) {
		text_addf(&out, "%s%" PRId64, t ? "\n" : "", teams[t].id);
		for (int s = 0; s < PULSE_SCORES; s++)
			text_addf(&out, " %" PRId64, teams[t].counts[s]);
	}
	return v_text(out.s);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Another line, in the order of letters: not in that of coming. */
static struct value add_sorted(struct ctx *ctx, struct value before, const char *line)
{
	const char *all = before.kind == V_TEXT ? fmt(ctx->mem, "%s\n%s", before.s, line) : line;
	char **lines;
	size_t n = text_split(ctx->mem, all, '\n', &lines);
	struct text out;

	array_sort(lines, n, sizeof *lines, by_text);
	text_init(&out, ctx->mem);
	for (size_t i = 0; i < n; i++)
		text_addf(&out, "%s%s", i ? "\n" : "", lines[i]);
	return v_text(out.s);
}

static bool has_line(struct ctx *ctx, struct value all, const char *line)
{
	char **lines;
	size_t n = text_split(ctx->mem, all.kind == V_TEXT ? all.s : "", '\n', &lines);

	for (size_t i = 0; i < n; i++)
		if (text_eq(lines[i], line))
			return true;
	return false;
}

/*
 * Answering
 */

/* Where a member's answer is counted; 0: they read more than their own figures, so they are not asked. */
static bool seat_of(struct ctx *ctx, const struct pulse_team *teams, size_t n, int64_t *ret)
{
	const struct object *figure = schema_object(ctx->schema, "pulse_figure");

	*ret = ctx->me->system || scope_reach(ctx, figure, ACT_READ) > REACH_OWN ? 0
	       : pulse_seat(teams, n, ctx->me->team, ctx->me->id);
	return true;
}

static bool read_round(struct ctx *ctx, int64_t id, struct value *box, struct value *notes, struct value *voted)
{
	return column_get(ctx, "pulse_round", id, "box", box) && column_get(ctx, "pulse_round", id, "notes", notes) &&
	       column_get(ctx, "pulse_round", id, "voted", voted);
}

static const char *one_line(struct ctx *ctx, const char *s)
{
	char *copy = arena_dup(ctx->mem, s);

	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return text_trim(ctx->mem, copy);
}

static bool answer(struct ctx *ctx, struct action_call *call)
{
	struct value remark = action_param(call, "remark");
	const char *me = fmt(ctx->mem, "%012" PRId64, ctx->me->id);
	struct value box, notes, voted, state;
	struct pulse_team *teams;
	int64_t score = 0;
	int64_t seat;
	size_t n;

	call->unkept = true;
	if (!record_get(ctx, "pulse_round", call->id, "state", &state) || !load_teams(ctx, &teams, &n) ||
	    !seat_of(ctx, teams, n, &seat) || !read_round(ctx, call->id, &box, &notes, &voted))
		return false;
	if (!value_is(state, "open"))
		return fail(ctx, ERR_CONFLICT, NULL, "现在不在作答时间", "It is not open for answers");
	if (!seat)
		return fail(ctx, ERR_DENIED, NULL, "能看到结果的人不在作答之列，这样没有人能从结果里推算别人",
		            "Whoever may see the figures is not asked: so nobody can work out the others'");
	if (has_line(ctx, voted, me))
		return fail(ctx, ERR_CONFLICT, NULL, "您已经答过了", "You have answered already");
	(void)int_parse(action_param(call, "score").s, &score);
	read_box(ctx, box, teams, n);
	for (size_t t = 0; t < n; t++)
		if (teams[t].id == seat)
			teams[t].counts[score - 1]++;
	if (!column_set(ctx, "pulse_round", call->id, (struct cell[]){
	        { "box", write_box(ctx, teams, n) }, { "voted", add_sorted(ctx, voted, me) },
	        { "notes", value_empty(remark) ? notes : add_sorted(ctx, notes, one_line(ctx, remark.s)) }, { 0 } }))
		return false;
	jw_object(call->out);
	jw_key(call->out, "answered");
	jw_bool(call->out, true);
	jw_object_end(call->out);
	call->answered = true;
	return true;
}

/*
 * Closing
 */

struct closing {
	int64_t round;
	struct value day;
	struct pulse_team *teams;
	size_t n_teams;
};

static bool is_below(const struct closing *c, int64_t team, int64_t top)
{
	for (size_t levels = 0; team && levels <= c->n_teams; levels++) {
		size_t i = 0;

		if (team == top)
			return true;
		while (i < c->n_teams && c->teams[i].id != team)
			i++;
		team = i < c->n_teams ? c->teams[i].parent : 0;
	}
	return false;
}

/* "East (with One, Two)": the teams whose answers are told under this one's name. */
static bool name_cell(struct ctx *ctx, const struct closing *c, int64_t team, bool group, const char **ret)
{
	struct text out;
	struct value name;
	int others = 0;

	text_init(&out, ctx->mem);
	if (!record_get(ctx, "team", team, "name", &name))
		return false;
	text_add(&out, name.kind == V_TEXT ? name.s : "–");
	for (size_t i = 0; group && i < c->n_teams; i++) {
		if (c->teams[i].cell != team || c->teams[i].id == team)
			continue;
		if (!record_get(ctx, "team", c->teams[i].id, "name", &name))
			return false;
		text_addf(&out, "%s%s", others++ ? "、" : "（含", name.kind == V_TEXT ? name.s : "–");
	}
	text_add(&out, others ? "）" : group ? "" : " 合计");
	*ret = utf8_cut(ctx->mem, out.s, 200);
	return true;
}

static bool put_figure(struct ctx *ctx, const struct closing *c, int64_t team, bool group, int64_t points, int64_t counted)
{
	const char *name;

	return name_cell(ctx, c, team, group, &name) &&
	       record_create(ctx, "pulse_figure", (struct cell[]){
		{ "name", v_text(name) }, { "round", v_int(c->round) }, { "day", c->day }, { "team", v_int(team) },
		{ "kind", v_text(group ? "group" : "all") }, { "reader", v_id(pulse_reader(c->teams, c->n_teams, team)) },
		{ "points", v_int(points) }, { "counted", v_int(counted) }, { 0 } }, NULL);
}

/* The cells, and of each team with several below it their sum. */
static bool put_figures(struct ctx *ctx, const struct closing *c)
{
	struct pulse_cell *cells = arena_array(ctx->mem, c->n_teams + 1, sizeof *cells);
	int64_t *points = arena_array(ctx->mem, c->n_teams + 1, sizeof *points);
	int64_t *counted = arena_array(ctx->mem, c->n_teams + 1, sizeof *counted);
	size_t n = pulse_cells(ctx->mem, c->teams, c->n_teams, PULSE_LEAST, cells);

	for (size_t i = 0; i < n; i++) {
		pulse_leave_out(&cells[i], (int64_t)secret_random((uint64_t)cells[i].answers), &points[i], &counted[i]);
		if (!put_figure(ctx, c, cells[i].team, true, points[i], counted[i]))
			return false;
	}
	for (size_t t = 0; t < c->n_teams; t++) {
		int64_t sum[2] = { 0 };
		int parts = 0;

		for (size_t i = 0; i < n; i++)
			if (is_below(c, cells[i].team, c->teams[t].id)) {
				sum[0] += points[i];
				sum[1] += counted[i];
				parts++;
			}
		if (parts > 1 && !put_figure(ctx, c, c->teams[t].id, false, sum[0], sum[1]))
			return false;
	}
	return true;
}

static bool open_next(struct ctx *ctx, int64_t round)
{
	static const char *const fields[] = { "name", "question", "opens_on", "until", "again" };
	struct value v[LENGTH(fields)];
	int64_t opens, length;

	for (size_t i = 0; i < LENGTH(fields); i++)
		if (!record_get(ctx, "pulse_round", round, fields[i], &v[i]))
			return false;
	if (value_is(v[4], "none"))
		return true;
	length = value_day(v[3]) - value_day(v[2]);
	opens = value_day(v[2]) + (value_is(v[4], "month") ? 28 : 91);
	if (opens < value_day(v[3]) + GAP_DAYS)
		opens = value_day(v[3]) + GAP_DAYS;
	return record_create(ctx, "pulse_round", (struct cell[]){
		{ "name", v[0] }, { "question", v[1] }, { "opens_on", v_text(date_text(ctx->mem, opens)) },
		{ "until", v_text(date_text(ctx->mem, opens + length)) }, { "again", v[4] }, { 0 } }, NULL);
}

static bool close_round(struct ctx *ctx, int64_t id)
{
	struct closing c = { .round = id };
	struct value box, notes, voted;
	int64_t answers = 0;

	if (!record_get(ctx, "pulse_round", id, "until", &c.day) || !load_teams(ctx, &c.teams, &c.n_teams) ||
	    !read_round(ctx, id, &box, &notes, &voted))
		return false;
	read_box(ctx, box, c.teams, c.n_teams);
	for (size_t t = 0; t < c.n_teams; t++)
		for (int s = 0; s < PULSE_SCORES; s++)
			answers += c.teams[t].counts[s];
	return put_figures(ctx, &c) &&
	       record_update(ctx, "pulse_round", id, (struct cell[]){
		{ "state", v_text("closed") }, { "remarks", answers >= PULSE_LEAST ? notes : v_null() }, { 0 } }) &&
	       column_set(ctx, "pulse_round", id, (struct cell[]){
		{ "box", v_null() }, { "notes", v_null() }, { "voted", v_null() }, { 0 } }) &&
	       open_next(ctx, id);
}

static bool turn(struct ctx *ctx, const struct json *args)
{
	int64_t id;

	(void)args;
	for (;;) {
		if (!record_find(ctx, "pulse_round", "state=eq.open&until=lt.today", &id))
			return false;
		if (!id)
			break;
		if (!close_round(ctx, id))
			return false;
	}
	for (;;) {
		if (!record_find(ctx, "pulse_round", "state=eq.waiting&opens_on=lte.today", &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, "pulse_round", id, (struct cell[]){ { "state", v_text("open") }, { 0 } }))
			return false;
	}
}

/*
 * A round
 */

static bool check_days(struct ctx *ctx, const struct change *c)
{
	int64_t opens = value_day(change_new(c, "opens_on"));
	int64_t until = value_day(change_new(c, "until"));
	int64_t near;

	if (!opens || !until)
		return true;
	if (opens < instant_day(ctx->now))
		return fail(ctx, ERR_INVALID, "opens_on", "不能早于今天", "not before today");
	if (until < opens + OPEN_DAYS - 1)
		return fail(ctx, ERR_INVALID, "until", "至少开放 %d 天", "It is open for %d days at least", (int)OPEN_DAYS);
	if (!record_find(ctx, "pulse_round", fmt(ctx->mem, "id=ne.%" PRId64 "&until=gt.%s&opens_on=lt.%s",
	                 change_id(c), date_text(ctx->mem, opens - GAP_DAYS), date_text(ctx->mem, until + GAP_DAYS)), &near))
		return false;
	return !near || fail(ctx, ERR_INVALID, "opens_on", "与另一次至少相隔 %d 天：连着问会让人猜出答案",
	                     "At least %d days from another one: asked again and again, answers could be worked out", (int)GAP_DAYS);
}

static bool round_before(struct ctx *ctx, struct change *c)
{
	bool begun = change_act(c) != CHANGE_CREATE && !value_is(change_old(c, "state"), "waiting");
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	if (!begun) {
		me = ctx_as_system(ctx);
		ok = check_days(ctx, c);
		ctx_as(ctx, me);
		if (!ok)
			return false;
		change_set(c, "state", v_text(value_day(change_new(c, "opens_on")) <= instant_day(ctx->now) ? "open" : "waiting"));
	}
	return true;
}

const struct module pulse_module = {
	.name = "pulse",
	.hooks = (const struct hook[]){ { "pulse_round", HOOK_BEFORE, round_before }, { 0 } },
	.actions = (const struct action_impl[]){ { "pulse_round", "answer", answer }, { 0 } },
	.jobs = (const struct job_impl[]){
		{ "pulse_turn", "hourly", turn, { "士气脉搏：到点开放与关闭", "Pulse: open and close rounds" } },
		{ 0 },
	},
};
