#include "modules/demo/demo_inner.h"

/*
 * A day in the company.
 */

/* What an activity is about; numbers of the lists in struct sim, -1: none. */
struct talk {
	const char *kind;
	int seller;
	int client;
	int deal;
	int64_t lead;
	int hour;
	bool good;
	int64_t stage_after;            /* 0: the stage stays */
	int stage;                      /* for what is said */
};

static int64_t next_workday(int64_t day, int n)
{
	while (n > 0) {
		day++;
		n -= date_weekday(day) <= 5;
	}
	return day;
}

static const char *purpose_of(struct sim *s, const struct talk *t)
{
	static const char *const others[] = { "service", "collection", "survey", "complaint" };

	if (t->deal >= 0)
		return t->stage >= 2 ? "ordering" : "development";
	return chance(s, 50) ? "development" : others[pick(s, (int)LENGTH(others))];
}

/* The cells only a visit or a call has. */
static size_t add_kind_cells(struct sim *s, const struct talk *t, struct cell *cells)
{
	static const char *const visits[] = { "first", "follow", "follow", "follow", "cold", "decider" };
	size_t n = 0;

	if (text_eq(t->kind, "call")) {
		bool appointment = t->good && chance(s, 45);

		cells[n++] = (struct cell){ "direction", v_text(chance(s, 85) ? "out" : "in") };
		cells[n++] = (struct cell){ "appointment_attempts", v_int(between(s, 0, 3)) };
		cells[n++] = (struct cell){ "appointment", v_int(appointment) };
		cells[n++] = (struct cell){ "intention", v_text(t->good ? (chance(s, 30) ? "high" : "medium")
		                                                        : (chance(s, 50) ? "low" : "none")) };
		return n;
	}
	cells[n++] = (struct cell){ "visit_type", v_text(t->deal < 0 ? visits[pick(s, (int)LENGTH(visits))]
	                                                 : t->stage >= 3 ? "decider" : "follow") };
	cells[n++] = (struct cell){ "closing_attempts", v_int(between(s, 0, 3)) };
	cells[n++] = (struct cell){ "referrals", v_int(t->good && chance(s, 12)) };
	cells[n++] = (struct cell){ "cost", v_int((int64_t)between(s, 0, 30) * 1000) };
	return n;
}

/* Something that was done with a customer or a lead. */
static bool have_talk(struct ctx *ctx, struct sim *s, const struct talk *t)
{
	const struct seller *who = &s->sellers[t->seller];
	const struct client *c = t->client >= 0 ? &s->clients[t->client] : NULL;
	bool call = text_eq(t->kind, "call");
	bool visit = text_eq(t->kind, "visit");
	struct cell cells[32] = { 0 };
	int64_t contact = c && c->n_contacts ? c->contacts[pick(s, c->n_contacts)] : 0;
	bool follow = t->good ? chance(s, t->deal >= 0 ? 60 : 25) : chance(s, 20);
	size_t n = 0;

	at_time(ctx, s, t->hour, between(s, 0, 55), who->id);

	int minutes = call ? between(s, 2, 15) : between(s, 30, 120);
	/* Calls are not planned; a visit is, most of the time, and starts about then. */
	bool planned = !call && chance(s, 80);

	cells[n++] = (struct cell){ "kind", v_text(t->kind) };
	cells[n++] = (struct cell){ "state", v_text("done") };
	cells[n++] = (struct cell){ "owner", v_int(who->id) };
	cells[n++] = (struct cell){ "customer", c ? v_int(c->id) : v_null() };
	cells[n++] = (struct cell){ "contacts", contact ? v_text(fmt(ctx->mem, ",%" PRId64 ",", contact))
	                                                : v_null() };
	cells[n++] = (struct cell){ "opportunity", t->deal >= 0 ? v_int(s->deals[t->deal].id) : v_null() };
	cells[n++] = (struct cell){ "lead", v_id(t->lead) };
	cells[n++] = (struct cell){ "purpose", v_text(purpose_of(s, t)) };
	cells[n++] = (struct cell){ "goal", v_text(word_goal(s, t->stage)) };
	cells[n++] = (struct cell){ "goal_reached", v_text(t->good ? "yes" : chance(s, 45) ? "partly" : "no") };
	cells[n++] = (struct cell){ "outcome", v_text(word_outcome(s, t->kind, t->good)) };
	cells[n++] = (struct cell){ "minutes", v_int(minutes) };
	cells[n++] = (struct cell){ "done_at", v_int(ctx->now) };
	cells[n++] = (struct cell){ "planned_at", planned ? v_int(ctx->now - (int64_t)minutes * 60000) : v_null() };
	cells[n++] = (struct cell){ "planned_end", planned ? v_int(ctx->now) : v_null() };
	cells[n++] = (struct cell){ "stage_after", v_id(t->stage_after) };
	if (call || visit)
		n += add_kind_cells(s, t, &cells[n]);
	if (follow) {
		cells[n++] = (struct cell){ "next_step", v_text(word_next(s, t->stage)) };
		cells[n++] = (struct cell){ "next_on", v_text(date_text(ctx->mem,
			next_workday(s->day, between(s, 1, 8)))) };
	}
	return record_create(ctx, "activity", cells, NULL);
}

/*
 * Opportunities
 */

/* How likely a stage is passed, for an ordinary seller; and how many days it takes. */
static const int pass_chance[4] = { 72, 66, 62, 70 };
static const int stage_days[4] = { 8, 12, 14, 12 };

static int64_t due_day(struct sim *s, int stage)
{
	return s->day + 2 + pick(s, 2 * stage_days[stage]);
}

bool start_deal(struct ctx *ctx, struct sim *s, int client, int source)
{
	struct client *c = &s->clients[client];
	const struct seller *who = &s->sellers[c->seller];
	int64_t price = s->prices[c->product];
	struct deal d = { .client = client, .seller = c->seller, .stage = 0 };
	static const char *const kinds[] = { "new", "new", "expansion", "renewal" };

	if (s->n_deals == s->cap_deals)
		return true;
	d.due = due_day(s, 0);
	if (!record_create(ctx, "opportunity", (struct cell[]){
	        { "customer", v_int(c->id) },
	        { "contact", v_id(c->n_contacts ? c->contacts[0] : 0) },
	        { "product", v_int(s->products[c->product]) },
	        { "pipeline", v_int(s->pipeline) },
	        { "stage", v_int(s->stages[0]) },
	        /* In whole hundreds of yuan. */
	        { "amount", v_int(price * between(s, 70, 260) / 100 / 10000 * 10000) },
	        { "close_on", v_text(date_text(ctx->mem, s->day + between(s, 25, 110))) },
	        { "owner", v_int(who->id) },
	        { "source", source >= 0 ? v_int(s->sources[source]) : v_null() },
	        { "kind", v_text(kinds[pick(s, (int)LENGTH(kinds))]) },
	        /* Soon for some, far off for others; unsaid for every fifth. */
	        { "need_by", s->n_deals % 5 ? v_text(date_text(ctx->mem, s->day + 20 + s->n_deals * 37 % 160)) : v_null() },
	        { "need_kind", v_text(chance(s, 35) ? "explicit" : "implicit") },
	        { "competitors", chance(s, 40) ? v_text(fmt(ctx->mem, ",%" PRId64 ",",
	                                                    s->rivals[pick(s, RIVALS)])) : v_null() },
	        { 0 } }, &d.id))
		return false;
	c->deal = s->n_deals;
	s->deals[s->n_deals++] = d;
	return true;
}

static bool lose_deal(struct ctx *ctx, struct sim *s, struct deal *d)
{
	s->clients[d->client].deal = -1;
	d->stage = STAGE_LOST;
	d->due = 0;
	at_time(ctx, s, 17, between(s, 0, 50), s->sellers[d->seller].id);

	int reason = pick(s, REASONS);

	return record_update(ctx, "opportunity", d->id, (struct cell[]){
		{ "stage", v_int(s->stages[STAGE_LOST]) },
		{ "loss_reason", v_int(s->reasons[reason]) },
		{ "lost_to", reason == 2 ? v_int(s->rivals[pick(s, RIVALS)]) : v_null() },
		{ 0 } });
}

/* The day has come: it moves on, is lost, or stays where it is and is forgotten. */
static bool decide_deal(struct ctx *ctx, struct sim *s, int deal)
{
	struct deal *d = &s->deals[deal];
	const struct seller *who = &s->sellers[d->seller];
	int percent = pass_chance[d->stage] * who->skill / 100;
	struct talk t = {
		.kind = d->stage == 0 || chance(s, 25) ? "call" : chance(s, 85) ? "visit" : "meeting",
		.seller = d->seller, .client = d->client, .deal = deal, .stage = d->stage,
		.hour = between(s, 9, 16),
	};

	/* Planted: this team gets hardly anything from the proposal into negotiation. */
	if (who->neck && d->stage == 2)
		percent = 14;
	t.good = chance(s, percent < 95 ? percent : 95);
	if (t.good) {
		int next = d->stage + 1;

		t.stage_after = s->stages[next];
		d->stage = next;
		d->due = next < STAGE_WON ? due_day(s, next) : 0;
		if (next == STAGE_WON)
			s->clients[d->client].deal = -1;
		return have_talk(ctx, s, &t);
	}
	if (!have_talk(ctx, s, &t))
		return false;
	if (chance(s, 45))
		return lose_deal(ctx, s, d);
	/* Tried again later, or left lying. */
	d->due = chance(s, 55) ? due_day(s, d->stage) : 0;
	return true;
}

/*
 * Leads
 */

static bool receive_inquiry(struct ctx *ctx, struct sim *s)
{
	static const int promises[SOURCES] = { [REFERRAL] = 55, [FAIR] = 30, [WEBSITE] = 24, [SEARCH] = 16, [ACCOUNT] = 18, [HOTLINE] = 35, [STREET] = 12, [STREAM] = 8 };
	static const int weights[SOURCES] = { [REFERRAL] = 2, [FAIR] = 3, [WEBSITE] = 5, [SEARCH] = 6, [ACCOUNT] = 4, [HOTLINE] = 3, [STREET] = 1, [STREAM] = 5 };
	struct inquiry q = { .seller = s->turn++ % s->n_sellers, .product = pick(s, PRODUCTS) };
	int ball = pick(s, 29);
	const char *campaign;

	if (s->n_inquiries == s->cap_inquiries)
		return true;
	while (ball >= weights[q.source])
		ball -= weights[q.source++];
	q.promise = promises[q.source];
	q.area = s->sellers[q.seller].area;
	q.words[0] = s->person++;
	q.words[1] = s->brand++;
	q.words[2] = s->phone++;
	q.words[3] = pick(s, INDUSTRIES);
	/* Answered today or in the next days, by diligence. */
	q.due = s->day + (chance(s, s->sellers[q.seller].diligence * 6 / 10) ? 0 : between(s, 1, 3));
	campaign = campaign_name(ctx->mem, s, q.source);
	at_time(ctx, s, 8, between(s, 0, 59), 0);
	if (!record_create(ctx, "lead", (struct cell[]){
	        { "name", v_text(person_name(ctx->mem, q.words[0])) },
	        { "company", v_text(company_name(ctx->mem, q.words[1], q.area, q.words[3])) },
	        { "phone", v_text(mobile_number(ctx->mem, q.words[2])) },
	        { "region", v_text(area_region(q.area, q.words[1])) },
	        { "industry", v_int(s->industries[q.words[3]]) },
	        { "source", v_int(s->sources[q.source]) },
	        { "channel", v_text(word_channel(q.source)) },
	        { "campaign", campaign ? v_text(campaign) : v_null() },
	        { "content", v_text(word_wish(s)) },
	        { "product", v_int(s->products[q.product]) },
	        { "need_kind", q.words[2] % 7 == 3 ? v_null() : v_text(q.words[2] % 6 ? "implicit" : "explicit") },
	        { "score", v_int(between(s, 10, 40) + q.promise) },
	        { "state", v_text("new") },
	        { "received_at", v_int(ctx->now) },
	        { "owner", v_int(s->sellers[q.seller].id) },
	        { 0 } }, &q.id))
		return false;
	s->inquiries[s->n_inquiries++] = q;
	return true;
}

/* The lead becomes customer, contact and opportunity. */
static bool convert_inquiry(struct ctx *ctx, struct sim *s, struct inquiry *q)
{
	struct client *c;
	int client;

	if (s->n_clients == s->cap_clients)
		return true;
	if (!make_client(ctx, s, q->seller, q->area, q->source, q->words[1], "intending", &client))
		return false;
	c = &s->clients[client];
	c->product = q->product;
	if (!start_deal(ctx, s, client, q->source))
		return false;
	return record_update(ctx, "lead", q->id, (struct cell[]){
		{ "customer", v_int(c->id) },
		{ "contact", v_id(c->n_contacts ? c->contacts[0] : 0) },
		{ "opportunity", v_id(c->deal >= 0 ? s->deals[c->deal].id : 0) },
		{ "state", v_text("converted") },
		{ 0 } });
}

static bool answer_inquiry(struct ctx *ctx, struct sim *s, struct inquiry *q)
{
	int percent = q->promise * s->sellers[q->seller].skill / 100;
	struct talk t = {
		.kind = "call", .seller = q->seller, .client = -1, .deal = -1, .lead = q->id,
		.hour = between(s, 9, 16), .good = chance(s, percent + 25),
	};

	if (!have_talk(ctx, s, &t))
		return false;
	if (q->contacts++ > 0 && chance(s, percent)) {
		q->due = 0;
		return convert_inquiry(ctx, s, q);
	}
	if (!t.good && chance(s, 45)) {
		q->due = 0;
		return record_update(ctx, "lead", q->id, (struct cell[]){
			{ "state", v_text("invalid") },
			{ "invalid_reason", v_text(chance(s, 50) ? "无需求" : "联系不上") },
			{ 0 } });
	}
	if (t.good && q->contacts == 1 && !record_update(ctx, "lead", q->id, (struct cell[]){
	        { "state", v_text("qualified") },
	        { 0 } }))
		return false;
	q->due = q->contacts < 4 ? next_workday(s->day, between(s, 2, 6)) : 0;
	return true;
}

/*
 * The rest of a day
 */

/* One of the seller's own customers; -1 if there is none. */
int own_client(struct sim *s, int seller)
{
	for (int tries = 0; tries < 40 * s->n_sellers; tries++) {
		int client = pick(s, s->n_clients);

		if (s->clients[client].seller == seller)
			return client;
	}
	return -1;
}

/* A visit that was planned for the day and did not take place. */
static bool miss_visit(struct ctx *ctx, struct sim *s, int seller, int client)
{
	at_time(ctx, s, 17, between(s, 0, 50), s->sellers[seller].id);
	return record_create(ctx, "activity", (struct cell[]){
		{ "kind", v_text("visit") },
		{ "state", v_text("cancelled") },
		{ "owner", v_int(s->sellers[seller].id) },
		{ "customer", v_int(s->clients[client].id) },
		{ "purpose", v_text("development") },
		{ "goal", v_text(word_goal(s, 0)) },
		{ "planned_at", v_int(ctx->now - 10800000) },
		{ "planned_end", v_int(ctx->now - 7200000) },
		{ 0 } }, NULL);
}

static bool routine(struct ctx *ctx, struct sim *s, int seller, const char *kind)
{
	int client = own_client(s, seller);

	if (client < 0)
		return true;
	/* The less orderly, the more plans come to nothing. */
	if (text_eq(kind, "visit") && chance(s, (110 - s->sellers[seller].order) / 3))
		return miss_visit(ctx, s, seller, client);

	struct client *c = &s->clients[client];
	struct talk t = {
		.kind = kind, .seller = seller, .client = client, .deal = c->deal,
		.stage = c->deal >= 0 ? s->deals[c->deal].stage : 0,
		.hour = between(s, 9, 17),
		.good = chance(s, (text_eq(kind, "call") ? 34 : 52) * s->sellers[seller].skill / 100),
	};

	if (!have_talk(ctx, s, &t))
		return false;
	/* Now and then a routine contact finds new business. */
	return !t.good || c->deal >= 0 || !chance(s, 11) || start_deal(ctx, s, client, -1);
}

/* Ticks off what is due – in time if the seller is orderly, else some days later, or never. */
static bool do_tasks(struct ctx *ctx, struct sim *s, int seller)
{
	const struct seller *who = &s->sellers[seller];
	const char *until = date_text(ctx->mem, s->day);
	int64_t last = 0;

	for (int i = 0; i < 6; i++) {
		int64_t task;

		if (!record_find(ctx, "task", fmt(ctx->mem, "owner=eq.%" PRId64
		        "&state=eq.open&due_on=lte.%s&id=gt.%" PRId64 "&sort=id", who->id, until, last), &task))
			return false;
		if (!task)
			return true;
		last = task;
		if (!chance(s, who->order))
			continue;
		at_time(ctx, s, 18, between(s, 0, 40), who->id);
		if (!record_update(ctx, "task", task, (struct cell[]){
		        { "state", v_text("done") },
		        { 0 } }))
			return false;
	}
	return true;
}

/* Leaders coach when it is due. */
static bool do_coaching(struct ctx *ctx, struct sim *s)
{
	for (;;) {
		struct value owner;
		int64_t task;

		if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.visit_coaching&state=eq.open&due_on=lte.%s",
		                                  date_text(ctx->mem, s->day)), &task))
			return false;
		if (!task)
			return true;
		if (!record_get(ctx, "task", task, "owner", &owner))
			return false;
		at_time(ctx, s, 18, 45, value_id(owner));
		if (!record_update(ctx, "task", task, (struct cell[]){
		        { "state", v_text("done") },
		        { "answer", v_text("已复盘两次拜访，约定下次拜访前先过一遍目标。") },
		        { 0 } }))
			return false;
	}
}

static bool work_day(struct ctx *ctx, struct sim *s, int seller)
{
	const struct seller *who = &s->sellers[seller];
	static const char *const rest[] = { "message", "mail", "message", "reception", "note" };
	int calls = between(s, 2, 7) * who->diligence / 100;
	int visits = between(s, 0, 3) * who->diligence / 100;

	for (int i = 0; i < s->n_inquiries; i++) {
		struct inquiry *q = &s->inquiries[i];

		if (q->seller == seller && q->due && q->due <= s->day && !answer_inquiry(ctx, s, q))
			return false;
	}
	for (int i = 0; i < s->n_deals; i++) {
		const struct deal *d = &s->deals[i];

		if (d->seller == seller && d->due && d->due <= s->day && !decide_deal(ctx, s, i))
			return false;
	}
	for (int i = 0; i < calls; i++)
		if (!routine(ctx, s, seller, "call"))
			return false;
	for (int i = 0; i < visits; i++)
		if (!routine(ctx, s, seller, chance(s, 88) ? "visit" : "meeting"))
			return false;
	if (chance(s, 35) && !routine(ctx, s, seller, rest[pick(s, (int)LENGTH(rest))]))
		return false;
	return do_tasks(ctx, s, seller);
}

bool live_day(struct ctx *ctx, struct sim *s)
{
	int64_t open;
	int inquiries = 1 + s->n_sellers / 8;

	at_time(ctx, s, 8, 0, 0);
	if (!record_find(ctx, "calendar_day", fmt(ctx->mem, "day=eq.%s&workday=eq.false", ctx->today),
	                 &open))
		return false;

	bool free = open != 0 || date_weekday(s->day) > 5;

	/* The web does not rest. */
	for (int i = 0; i < inquiries; i++)
		if (chance(s, free ? 35 : 75) && !receive_inquiry(ctx, s))
			return false;
	for (int i = 0; !free && i < s->n_sellers; i++)
		if (!work_day(ctx, s, i))
			return false;
	if (!free && !do_coaching(ctx, s))
		return false;
	return s->day < s->forms_from || (hand_in_month(ctx, s) && hand_in_week(ctx, s) && (free || (hold_meetings(ctx, s) && coach_day(ctx, s) && hand_in_forms(ctx, s))));
}

static bool plan_visit(struct ctx *ctx, struct sim *s, int seller, int64_t day, int hour)
{
	int client = own_client(s, seller);
	const struct client *c = client >= 0 ? &s->clients[client] : NULL;
	int stage = c && c->deal >= 0 ? s->deals[c->deal].stage : 0;
	int64_t at = day_start(day) + (int64_t)hour * 3600000;

	return !c || record_create(ctx, "activity", (struct cell[]){
		{ "kind", v_text(chance(s, 75) ? "visit" : "call") },
		{ "state", v_text("planned") },
		{ "owner", v_int(s->sellers[seller].id) },
		{ "customer", v_int(c->id) },
		{ "opportunity", c->deal >= 0 ? v_int(s->deals[c->deal].id) : v_null() },
		{ "purpose", v_text(stage >= 2 ? "ordering" : "development") },
		{ "goal", v_text(word_goal(s, stage)) },
		{ "planned_at", v_int(at) },
		{ "planned_end", v_int(at + 3600000) },
		{ 0 } }, NULL);
}

/* What lies ahead: plans for today and the coming days, tasks due today and late. */
bool read_notices(struct ctx *ctx, struct sim *s)
{
	int64_t last = 0;

	for (;;) {
		int64_t notice;

		at_time(ctx, s, 8, 0, 0);
		if (!record_find(ctx, "notice", fmt(ctx->mem, "read_at=is.null&at=lt.%s&id=gt.%" PRId64 "&sort=id",
		                                    date_text(ctx->mem, s->day - 1), last), &notice))
			return false;
		if (!notice)
			return true;
		last = notice;
		if (!record_update(ctx, "notice", notice, (struct cell[]){ { "read_at", v_int(ctx->now) }, { 0 } }))
			return false;
	}
}

bool plan_ahead(struct ctx *ctx, struct sim *s)
{
	static const char *const titles[] = { "提交本周拜访计划", "整理客户档案", "核对报价单", "回复客户邮件" };

	for (int i = 0; i < s->n_sellers; i++) {
		at_time(ctx, s, 8, 30, s->sellers[i].id);
		for (int day = 0; day < 4; day++)
			for (int n = between(s, 1, 2); n > 0; n--)
				if (!plan_visit(ctx, s, i, day ? next_workday(s->day, day) : s->day,
				                between(s, 9, 17)))
					return false;
		for (int n = 0; n < 2; n++)
			if (!record_create(ctx, "task", (struct cell[]){
			        { "title", v_text(titles[pick(s, (int)LENGTH(titles))]) },
			        { "owner", v_int(s->sellers[i].id) },
			        { "due_on", v_text(date_text(ctx->mem, s->day - (n ? between(s, 1, 9) : 0))) },
			        { "priority", v_text(chance(s, 25) ? "high" : "normal") },
			        { "state", v_text("open") },
			        { 0 } }, NULL))
				return false;
	}
	return true;
}
