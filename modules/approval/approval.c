/*
 * Approval: any record put before those above, in declared steps.
 *
 * An object takes part by having a choice field named approval (an administrator's own: x_approval), which this
 * file alone sets: pending, approved, returned, or nothing.  What approval means for the record
 * – locked, in force – is its module's business, by hooks on that field.  A turn is a row for everybody who may decide now; the first
 * who does, does.
 */
#include "engine/module.h"

enum { HOUR = 3600000, STEPS = 100, CHAIN = 5 };

/*
 * The record
 */

/* The field by which an object takes part; NULL if it does not. */
static const char *approval_field(const struct object *o)
{
	static const char *const names[] = { "approval", "x_approval" };

	for (size_t i = 0; o && i < LENGTH(names); i++) {
		const struct field *f = object_field(o, names[i]);

		if (f && f->type == TYPE_CHOICE && f->read_only)
			return f->name;
	}
	return NULL;
}

/* An approval with what is needed at every turn. */
struct asked {
	int64_t id;
	const struct object *object;
	const char *field;
	int64_t record;
	int64_t requester;
	int64_t owner;                  /* whose record it is; 0: nobody's */
	int64_t flow, step;
	const char *title;
};

static bool record_owner(struct ctx *ctx, const struct object *o, int64_t id, int64_t *ret)
{
	struct value owner = v_null();

	if (o->scope_member && !record_get(ctx, o->name, id, o->scope_member->name, &owner))
		return false;
	*ret = value_id(owner);
	return true;
}

/* As system. */
static bool load(struct ctx *ctx, int64_t id, struct asked *ret)
{
	struct value object, record, requester, flow, step, title;

	if (!record_get(ctx, "approval", id, "object", &object) || !record_get(ctx, "approval", id, "record", &record) ||
	    !record_get(ctx, "approval", id, "requester", &requester) || !record_get(ctx, "approval", id, "flow", &flow) ||
	    !record_get(ctx, "approval", id, "step", &step) || !record_get(ctx, "approval", id, "title", &title))
		return false;
	*ret = (struct asked){
		.id = id, .object = schema_object(ctx->schema, object.s), .record = value_id(record),
		.requester = value_id(requester), .flow = value_id(flow), .step = value_id(step), .title = title.s,
	};
	ret->field = approval_field(ret->object);
	if (!ret->field)
		return fail(ctx, ERR_INVALID, "object", "“%s”的记录不再需要审批", "Records of \"%s\" are no longer approved", object.s);
	return record_owner(ctx, ret->object, ret->record, &ret->owner);
}

static bool fits(struct ctx *ctx, const struct asked *a, struct value condition, bool *ret)
{
	int64_t found;

	*ret = true;
	if (value_empty(condition))
		return true;
	if (!record_find(ctx, a->object->name, fmt(ctx->mem, "id=eq.%" PRId64 "&%s", a->record, condition.s), &found))
		return false;
	*ret = found != 0;
	return true;
}

/*
 * Who
 */

struct people {
	int64_t *ids;
	size_t n, cap;
};

static void add(struct ctx *ctx, struct people *p, int64_t id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->ids[i] == id)
			return;
	p->ids = arena_grow(ctx->mem, p->ids, &p->cap, p->n + 1, sizeof *p->ids);
	p->ids[p->n++] = id;
}

/* Nobody approves their own, and nobody what they may not read. */
static bool may_decide(struct ctx *ctx, const struct asked *a, int64_t id, bool *ret)
{
	struct member m;

	*ret = false;
	if (!id || id == a->requester || id == a->owner)
		return true;
	return notice_reader(ctx, id, a->object, a->record, &m, ret);
}

static bool leader_above(struct ctx *ctx, const struct asked *a, int64_t of, int64_t *ret)
{
	bool may = false;

	for (int i = 0; of && i < CHAIN && !may; i++)
		if (!member_leader(ctx, of, &of) || !may_decide(ctx, a, of, &may))
			return false;
	*ret = may ? of : 0;
	return true;
}

/* Who stands in for a member today, also for who stands in; the member if nobody does. */
static bool present(struct ctx *ctx, const struct asked *a, int64_t id, int64_t *ret)
{
	*ret = id;
	for (int i = 0; i < CHAIN; i++) {
		int64_t rule;
		struct value by;
		bool may;

		if (!record_find(ctx, "stand_in", fmt(ctx->mem, "away=eq.%" PRId64 "&since=lte.%s&until=gte.%s&sort=-id",
		                                      *ret, ctx->today, ctx->today), &rule))
			return false;
		if (!rule)
			return true;
		if (!record_get(ctx, "stand_in", rule, "by", &by) || !may_decide(ctx, a, value_id(by), &may))
			return false;
		/* Who stands in may be the one who asks: then it goes further up. */
		if (!may && !leader_above(ctx, a, *ret, &by.i))
			return false;
		if (!by.i)
			return true;
		*ret = by.i;
	}
	return true;
}

static bool of_role(struct ctx *ctx, const struct asked *a, struct value role, struct people *p)
{
	int64_t *ids;
	size_t n;

	const char *sql = scope_sql(ctx, "member",
		"SELECT id FROM member WHERE active = 1 AND roles LIKE $role ORDER BY id");
	if (!ctx_ids(ctx, sql, (struct bind[]){ { "role", v_text(fmt(ctx->mem, "%%,%" PRId64 ",%%", value_id(role))) },
	                                          { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool may;

		if (!may_decide(ctx, a, ids[i], &may))
			return false;
		if (may)
			add(ctx, p, ids[i]);
	}
	return true;
}

/* The leader of whoever approved last; at first of whoever asks. */
static bool last_approver(struct ctx *ctx, const struct asked *a, int64_t *ret)
{
	struct value member = v_int(a->requester);
	int64_t turn = 0;

	/* What is only checked has no turns yet. */
	if ((a->id && !record_find(ctx, "approval_turn", fmt(ctx->mem, "approval=eq.%" PRId64 "&state=eq.approved&sort=-at,-id", a->id),
	                           &turn)) ||
	    (turn && !record_get(ctx, "approval_turn", turn, "member", &member)))
		return false;
	*ret = value_id(member);
	return true;
}

/* Who may decide a step; nobody if there is none who may.  `step` 0: the leader, without a flow. */
static bool approvers(struct ctx *ctx, const struct asked *a, int64_t step, struct people *p)
{
	struct value who = v_text("leader");
	struct value role = v_null();
	struct value member = v_null();
	int64_t above;
	bool may;

	if (step && (!record_get(ctx, "approval_step", step, "who", &who) ||
	             !record_get(ctx, "approval_step", step, "role", &role) ||
	             !record_get(ctx, "approval_step", step, "member", &member)))
		return false;
	if (value_is(who, "role"))
		return of_role(ctx, a, role, p);
	if (value_is(who, "member")) {
		if (!may_decide(ctx, a, value_id(member), &may))
			return false;
		if (may)
			add(ctx, p, value_id(member));
		return true;
	}
	if (!last_approver(ctx, a, &above) || !leader_above(ctx, a, above, &above))
		return false;
	if (above)
		add(ctx, p, above);
	return true;
}

/*
 * Turns
 */

static bool give_turn(struct ctx *ctx, const struct asked *a, int64_t member, int64_t instead_of, struct value due)
{
	int64_t there;

	/* Whoever has a turn already needs no second. */
	if (!record_find(ctx, "approval_turn", fmt(ctx->mem, "approval=eq.%" PRId64 "&member=eq.%" PRId64 "&state=eq.waiting",
	                                           a->id, member), &there))
		return false;
	return there || (notice_tell(ctx, member, &(struct news){ "to_approve", a->object, a->record, 0, NULL }) &&
	       record_create(ctx, "approval_turn", (struct cell[]){
		{ "object", v_text(a->object->name) }, { "record", v_int(a->record) }, { "approval", v_int(a->id) },
		{ "title", v_text(a->title) }, { "requester", v_int(a->requester) }, { "step", v_int(a->step) },
		{ "member", v_int(member) }, { "instead_of", v_id(instead_of) }, { "state", v_text("waiting") },
		{ "due_at", due }, { "escalated", v_int(0) }, { 0 } }, NULL));
}

/* All turns still waiting end like this. */
static bool end_turns(struct ctx *ctx, const struct asked *a)
{
	for (;;) {
		int64_t turn;

		if (!record_find(ctx, "approval_turn", fmt(ctx->mem, "approval=eq.%" PRId64 "&state=eq.waiting", a->id), &turn))
			return false;
		if (!turn)
			return true;
		if (!record_update(ctx, "approval_turn", turn, (struct cell[]){ { "state", v_text("over") }, { 0 } }))
			return false;
	}
}

static bool end_approval(struct ctx *ctx, const struct asked *a, const char *state)
{
	struct value now = text_eq(state, "withdrawn") ? v_null() : v_text(state);
	bool ok = end_turns(ctx, a) &&
	     record_update(ctx, "approval", a->id, (struct cell[]){
		{ "state", v_text(state) }, { "closed_at", v_int(ctx->now) }, { 0 } }) &&
	     record_update(ctx, a->object->name, a->record, (struct cell[]){ { a->field, now }, { 0 } });

	return ok && (text_eq(state, "withdrawn") || notice_tell(ctx, a->requester, &(struct news){
		text_eq(state, "approved") ? "approved" : "returned", a->object, a->record, 0, NULL }));
}

/* The next step that is needed and that somebody may decide; without a flow the only one. */
static bool next_step(struct ctx *ctx, const struct asked *a, int64_t *ret_step, int64_t *ret_position)
{
	*ret_step = 0;
	*ret_position = a->step;
	for (int i = 0; a->flow && i < STEPS; i++) {
		struct value position, condition;
		bool needed;

		if (!record_find(ctx, "approval_step", fmt(ctx->mem, "flow=eq.%" PRId64 "&position=gt.%" PRId64 "&sort=position",
		                                           a->flow, *ret_position), ret_step))
			return false;
		if (!*ret_step)
			return true;
		if (!record_get(ctx, "approval_step", *ret_step, "position", &position) ||
		    !record_get(ctx, "approval_step", *ret_step, "condition", &condition) ||
		    !fits(ctx, a, condition, &needed))
			return false;
		*ret_position = value_id(position);
		if (needed)
			return true;
	}
	*ret_step = 0;
	return true;
}

/* Who may decide the next step, and which it is; nobody, and step 0, if there is none left.  Refused if nobody may. */
static bool next_people(struct ctx *ctx, struct asked *a, int64_t *ret_step, struct people *ret)
{
	int64_t position;

	*ret = (struct people){ 0 };
	if (!next_step(ctx, a, ret_step, &position))
		return false;
	if (!*ret_step && a->step)
		return true;
	/* Somebody else must have approved, whatever the steps say. */
	a->step = *ret_step ? position : 1;
	if (!approvers(ctx, a, *ret_step, ret))
		return false;
	return ret->n > 0 ||
	       fail(ctx, ERR_INVALID, NULL, "没有人可以审批这一步（第 %d 步），请管理员检查审批流程",
	            "There is nobody who may approve step %d: an administrator has to look at the flow", (int)a->step);
}

/* Goes on to the next step, or is through. */
static bool advance(struct ctx *ctx, struct asked *a)
{
	struct people p;
	struct value hours = v_int(24);
	int64_t step;

	if (!next_people(ctx, a, &step, &p))
		return false;
	if (!p.n)
		return end_approval(ctx, a, "approved");
	if (step && !record_get(ctx, "approval_step", step, "hours", &hours))
		return false;
	for (size_t i = 0; i < p.n; i++) {
		int64_t by;

		if (!present(ctx, a, p.ids[i], &by) ||
		    !give_turn(ctx, a, by, by == p.ids[i] ? 0 : p.ids[i],
		               hours.kind == V_INT ? v_int(ctx->now + hours.i * HOUR) : v_null()))
			return false;
	}
	return record_update(ctx, "approval", a->id, (struct cell[]){ { "step", v_int(a->step) }, { 0 } });
}

/*
 * Asking
 */

static bool flow_for(struct ctx *ctx, const struct asked *a, int64_t *ret)
{
	int64_t after = 0;

	for (int i = 0; i < STEPS; i++) {
		struct value position, condition;
		bool holds;

		if (!record_find(ctx, "approval_flow", fmt(ctx->mem, "object=eq.%s&active=eq.true&position=gt.%" PRId64
		                                           "&sort=position,id", a->object->name, after), ret))
			return false;
		if (!*ret)
			return true;
		if (!record_get(ctx, "approval_flow", *ret, "position", &position) ||
		    !record_get(ctx, "approval_flow", *ret, "condition", &condition) || !fits(ctx, a, condition, &holds))
			return false;
		if (holds)
			return true;
		after = value_id(position);
	}
	*ret = 0;
	return true;
}

/* What the caller asks for: a record of an object that takes part, theirs to change, not asked for yet. */
static bool may_ask(struct ctx *ctx, const char *object, int64_t record, struct asked *ret)
{
	const struct object *o = schema_object(ctx->schema, object);
	struct value now;
	bool may;

	*ret = (struct asked){ .object = o, .field = approval_field(o), .record = record, .requester = ctx->actor };
	if (!ret->field)
		return fail(ctx, ERR_INVALID, "object", "“%s”的记录不需要审批", "Records of \"%s\" are not approved", object);
	if (!scope_row(ctx, o, record, ACT_UPDATE, &may))
		return false;
	if (!may)
		return record_refused(ctx, o, record);
	if (!record_get(ctx, o->name, record, ret->field, &now))
		return false;
	return (!value_is(now, "pending") && !value_is(now, "approved")) ||
	       fail(ctx, ERR_CONFLICT, NULL, value_is(now, "pending") ? "已在审批中" : "已经批准",
	            value_is(now, "pending") ? "It is being approved" : "It is approved already");
}

static bool approval_before(struct ctx *ctx, struct change *c)
{
	struct value name = change_new(c, "object");
	struct value title = v_null();
	const struct object *o;
	struct asked a;

	if (change_act(c) != CHANGE_CREATE || name.kind != V_TEXT || change_new(c, "record").kind != V_INT)
		return true;
	if (!may_ask(ctx, name.s, change_new(c, "record").i, &a))
		return false;
	o = a.object;
	if (o->title->type == TYPE_TEXT && !record_get(ctx, o->name, a.record, o->title->name, &title))
		return false;
	change_set(c, "title", v_text(title.kind == V_TEXT ? title.s
	                              : fmt(ctx->mem, "%s #%" PRId64, label_in(o->label, ctx->me->language), a.record)));
	return true;
}

static bool approval_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	struct asked a;
	bool ok;

	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = load(ctx, change_id(c), &a) && flow_for(ctx, &a, &a.flow) &&
	     record_update(ctx, "approval", a.id, (struct cell[]){ { "flow", v_id(a.flow) }, { 0 } }) &&
	     record_update(ctx, a.object->name, a.record, (struct cell[]){ { a.field, v_text("pending") }, { 0 } }) &&
	     advance(ctx, &a);
	ctx_as(ctx, me);
	return ok;
}

/* As system: all that asking meets behind its row, in the same order. */
static bool would_take(struct ctx *ctx, struct asked *a)
{
	struct people p;
	int64_t step;

	return record_owner(ctx, a->object, a->record, &a->owner) && flow_for(ctx, a, &a->flow) &&
	       record_try(ctx, a->object->name, a->record, (struct cell[]){ { a->field, v_text("pending") }, { 0 } }) &&
	       next_people(ctx, a, &step, &p);
}

/* So that nobody is offered what is refused: would this be taken? */
static bool approval_check(struct ctx *ctx, struct change *c)
{
	struct value object = change_new(c, "object");
	struct value record = change_new(c, "record");
	const struct member *me;
	struct asked a;
	bool ok;

	if (object.kind != V_TEXT || record.kind != V_INT)
		return true;
	if (!may_ask(ctx, object.s, record.i, &a))
		return false;
	me = ctx_as_system(ctx);
	ok = would_take(ctx, &a);
	ctx_as(ctx, me);
	return ok;
}

/* What is before somebody stays as they read it. */
static bool guard(struct ctx *ctx, struct change *c)
{
	const struct object *o = change_object(c);
	const char *field = approval_field(o);
	bool edits = change_act(c) == CHANGE_DELETE;

	if (!field || !value_is(change_old(c, field), "pending"))
		return true;
	for (size_t i = 0; change_act(c) == CHANGE_UPDATE && !ctx->me->system && i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		edits |= !f->read_only && !f->system && !f->computed && change_has(c, f->name);
	}
	return !edits || fail(ctx, ERR_INVALID, NULL, "正在审批，撤回后才能修改", "It is being approved: withdraw it to change it");
}

/*
 * Deciding
 */

/* The caller's turn; refused if there is none, saying who was quicker. */
static bool my_turn(struct ctx *ctx, int64_t id, int64_t *ret)
{
	struct value state, who = v_null(), label = v_null(), at = v_null();
	char when[26] = "";
	int64_t last;

	if (!record_find(ctx, "approval_turn", fmt(ctx->mem, "approval=eq.%" PRId64 "&member=eq.%" PRId64 "&state=eq.waiting",
	                                           id, ctx->actor), ret))
		return false;
	if (*ret)
		return true;
	if (!record_get(ctx, "approval", id, "state", &state) ||
	    !record_find(ctx, "approval_turn", fmt(ctx->mem, "approval=eq.%" PRId64 "&state=in.(approved,returned)&sort=-at,-id",
	                                           id), &last))
		return false;
	if (last && (!record_get(ctx, "approval_turn", last, "member", &who) ||
	             !record_get(ctx, "approval_turn", last, "at", &at) ||
	             !record_get(ctx, "member", value_id(who), "label", &label)))
		return false;
	if (!last)
		return fail(ctx, value_is(state, "pending") ? ERR_DENIED : ERR_CONFLICT, NULL, "现在不由您审批", "It is not your turn");
	instant_format(value_id(at), when);
	return fail(ctx, value_is(state, "pending") ? ERR_DENIED : ERR_CONFLICT, NULL, "现在不由您审批：%s 已于 %.16s 处理",
	            "It is not your turn: %s decided at %.16s", label.s, when);
}

static bool decide(struct ctx *ctx, struct action_call *call, const char *state)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t turn;
	struct asked a;
	bool ok;

	ok = my_turn(ctx, call->id, &turn) && load(ctx, call->id, &a) &&
	     record_update(ctx, "approval_turn", turn, (struct cell[]){
		{ "state", v_text(state) }, { "at", v_int(ctx->now) }, { "remark", action_param(call, "remark") }, { 0 } });
	if (ok && text_eq(state, "returned"))
		ok = end_approval(ctx, &a, "returned");
	else if (ok)
		ok = end_turns(ctx, &a) && advance(ctx, &a);
	ctx_as(ctx, me);
	return ok;
}

static bool approve(struct ctx *ctx, struct action_call *call)
{
	return decide(ctx, call, "approved");
}

static bool send_back(struct ctx *ctx, struct action_call *call)
{
	return decide(ctx, call, "returned");
}

static bool delegate(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t to = value_id(action_param(call, "to"));
	struct value due = v_null();
	struct asked a;
	int64_t turn;
	bool may;
	bool ok;

	ok = my_turn(ctx, call->id, &turn) && load(ctx, call->id, &a) && may_decide(ctx, &a, to, &may);
	if (ok && (!may || to == ctx->actor))
		ok = fail(ctx, ERR_INVALID, "to", "不能转交给申请人、记录的负责人、自己，或看不到这条记录的人",
		          "It cannot go to who asks, whose record it is, yourself, or who may not see the record");
	ok = ok && record_get(ctx, "approval_turn", turn, "due_at", &due) &&
	     record_update(ctx, "approval_turn", turn, (struct cell[]){
		{ "state", v_text("delegated") }, { "at", v_int(ctx->now) }, { "remark", action_param(call, "remark") }, { 0 } }) &&
	     give_turn(ctx, &a, to, ctx->actor, due);
	ctx_as(ctx, me);
	return ok;
}

static bool withdraw(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	struct value state;
	struct asked a;
	bool ok;

	ok = load(ctx, call->id, &a) && record_get(ctx, "approval", call->id, "state", &state);
	if (ok && a.requester != ctx->actor)
		ok = fail(ctx, ERR_DENIED, NULL, "只有申请人可以撤回", "Only who asked can withdraw it");
	if (ok && !value_is(state, "pending"))
		ok = fail(ctx, ERR_CONFLICT, NULL, "审批已经结束", "It is decided already");
	ok = ok && end_approval(ctx, &a, "withdrawn");
	ctx_as(ctx, me);
	return ok;
}

/*
 * What does not wait for ever
 */

/* The turns that match, one after the other; `fn` makes each match no more. */
static bool each_turn(struct ctx *ctx, const char *query, bool (*fn)(struct ctx *ctx, const struct asked *a, int64_t turn))
{
	int64_t after = 0;

	for (;;) {
		struct value approval;
		struct asked a;
		int64_t turn;

		if (!record_find(ctx, "approval_turn", fmt(ctx->mem, "%s&id=gt.%" PRId64 "&sort=id", query, after), &turn))
			return false;
		if (!turn)
			return true;
		after = turn;
		if (!record_get(ctx, "approval_turn", turn, "approval", &approval) || !load(ctx, value_id(approval), &a) ||
		    !fn(ctx, &a, turn))
			return false;
	}
}

/* Who is away hands over to who stands in. */
static bool hand_over(struct ctx *ctx, const struct asked *a, int64_t turn)
{
	struct value member, due;
	int64_t by;

	if (!record_get(ctx, "approval_turn", turn, "member", &member) || !record_get(ctx, "approval_turn", turn, "due_at", &due) ||
	    !present(ctx, a, value_id(member), &by))
		return false;
	return by == value_id(member) ||
	       (record_update(ctx, "approval_turn", turn, (struct cell[]){
	                { "state", v_text("delegated") }, { "at", v_int(ctx->now) }, { 0 } }) &&
	        give_turn(ctx, a, by, value_id(member), due));
}

/* The leader of who let it wait may decide as well. */
static bool escalate(struct ctx *ctx, const struct asked *a, int64_t turn)
{
	struct value member;
	int64_t above;

	return record_get(ctx, "approval_turn", turn, "member", &member) &&
	       leader_above(ctx, a, value_id(member), &above) && (!above || present(ctx, a, above, &above)) &&
	       record_update(ctx, "approval_turn", turn, (struct cell[]){ { "escalated", v_int(1) }, { 0 } }) &&
	       (!above || give_turn(ctx, a, above, value_id(member), v_null()));
}

static bool tend(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return each_turn(ctx, "state=eq.waiting", hand_over) &&
	       each_turn(ctx, "state=eq.waiting&escalated=eq.false&due_at=lte.$now", escalate);
}

/* At once, not only when the job comes by. */
static bool stand_in_after(struct ctx *ctx, struct change *c)
{
	return change_act(c) == CHANGE_DELETE || job_add(ctx, "approval_tend", NULL, ctx->now, "approval_tend_now");
}

/*
 * Flows
 */

/* A condition is a query on the object it is about. */
static bool check_condition(struct ctx *ctx, const char *object, struct value condition)
{
	const struct object *o = schema_object(ctx->schema, object);
	struct list l;

	if (value_empty(condition) || !o || query_parse(ctx, o, condition.s, &l))
		return true;
	ctx_forget(ctx);
	return fail(ctx, ERR_INVALID, "condition", "条件写法有误，应如 amount=gte.100000",
	            "Write the condition like amount=gte.100000");
}

static bool flow_before(struct ctx *ctx, struct change *c)
{
	struct value name = change_new(c, "object");

	if (change_act(c) == CHANGE_DELETE || name.kind != V_TEXT)
		return true;
	if (!approval_field(schema_object(ctx->schema, name.s)))
		return fail(ctx, ERR_INVALID, "object", "“%s”没有只读的选项字段 approval，不能审批",
		            "\"%s\" has no read-only choice field named approval: its records cannot be approved", name.s);
	return check_condition(ctx, name.s, change_new(c, "condition"));
}

static bool step_before(struct ctx *ctx, struct change *c)
{
	struct value who = change_new(c, "who");
	int64_t flow = value_id(change_new(c, "flow"));
	struct value object;

	if (change_act(c) == CHANGE_DELETE || !flow)
		return true;
	if (value_is(who, "role") && !value_id(change_new(c, "role")))
		return fail(ctx, ERR_INVALID, "role", "请选择角色", "Choose a role");
	if (value_is(who, "member") && !value_id(change_new(c, "member")))
		return fail(ctx, ERR_INVALID, "member", "请选择审批人", "Choose a person");
	return record_get(ctx, "approval_flow", flow, "object", &object) &&
	       check_condition(ctx, object.s, change_new(c, "condition"));
}

const struct module approval_module = {
	.name = "approval",
	.hooks = (const struct hook[]){
		{ "*", HOOK_BEFORE, guard },
		{ "approval", HOOK_BEFORE, approval_before },
		{ "approval", HOOK_AFTER, approval_after },
		{ "approval", HOOK_CHECK, approval_check },
		{ "approval_flow", HOOK_BEFORE, flow_before },
		{ "approval_step", HOOK_BEFORE, step_before },
		{ "stand_in", HOOK_AFTER, stand_in_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "approval", "approve", approve },
		{ "approval", "send_back", send_back },
		{ "approval", "delegate", delegate },
		{ "approval", "withdraw", withdraw },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "approval_tend", "every 10m", tend, { "跟进审批", "Tend approvals" } },
		{ 0 },
	},
};
