#include "tests/unit/declared.h"

#include "base/embed.h"
#include "engine/type.h"

/* A customer and a deal, with everything a declaration can say. */
static const char shop[] =
	"[ { \"object\": \"client\", \"label\": {\"zh\": \"客户\", \"en\": \"Client\"}, \"scope\": \"owner\","
	"    \"unowned\": \"visible\", \"fields\": ["
	"    { \"name\": \"name\", \"type\": \"text\", \"label\": {\"zh\": \"名称\"}, \"required\": true, \"max\": 50 },"
	"    { \"name\": \"grade\", \"type\": \"choice\", \"label\": \"Grade\", \"choices\": ["
	"        { \"value\": \"a\", \"label\": {\"zh\": \"甲\", \"en\": \"first\"}, \"color\": \"red\" },"
	"        { \"value\": \"b\", \"label\": \"乙\" } ], \"default\": \"b\" },"
	"    { \"name\": \"owner\", \"type\": \"member\", \"label\": \"Owner\", \"default\": \"$me\" },"
	"    { \"name\": \"won\", \"type\": \"total\", \"label\": \"Won\", \"over\": \"deal\", \"via\": \"client\","
	"      \"sum\": \"amount\", \"where\": \"state=eq.won\" } ],"
	"    \"access\": { \"rep\": { \"read\": \"team\", \"write\": \"own\" }, \"*\": { \"read\": \"own\" } } },"
	"  { \"object\": \"deal\", \"label\": \"Deal\", \"title\": \"name\", \"scope\": [\"seller\", \"client\"],"
	"    \"fields\": ["
	"    { \"name\": \"name\", \"type\": \"text\", \"label\": \"Name\" },"
	"    { \"name\": \"client\", \"type\": \"ref\", \"to\": \"client\", \"label\": \"Client\","
	"      \"filter\": \"owner=eq.$seller&grade=eq.a\" },"
	"    { \"name\": \"seller\", \"type\": \"member\", \"label\": \"Seller\" },"
	"    { \"name\": \"state\", \"type\": \"choice\", \"label\": \"State\", \"choices\": ["
	"        { \"value\": \"open\", \"label\": \"open\" }, { \"value\": \"won\", \"label\": \"won\" } ] },"
	"    { \"name\": \"amount\", \"type\": \"money\", \"label\": \"Amount\", \"min\": 0, \"max\": 99.5 },"
	"    { \"name\": \"rate\", \"type\": \"decimal\", \"scale\": 3, \"label\": \"Rate\", \"min\": -1.25 },"
	"    { \"name\": \"half\", \"type\": \"formula\", \"label\": \"Half\", \"formula\": \"twice / 4\", \"yields\": \"money\" },"
	"    { \"name\": \"twice\", \"type\": \"formula\", \"label\": \"Twice\", \"formula\": \"amount * 2\", \"yields\": \"money\" },"
	"    { \"name\": \"won_on\", \"type\": \"date\", \"label\": \"Won on\" } ],"
	"    \"views\": [ { \"name\": \"mine\", \"label\": \"Mine\", \"query\": \"seller=eq.$me&sort=-amount\" } ],"
	"    \"board\": { \"by\": \"state\", \"sum\": \"amount\" }, \"calendar\": { \"start\": \"won_on\" },"
	"    \"duplicates\": [ { \"field\": \"name\", \"match\": \"company\", \"block\": true } ],"
	"    \"unique\": [ [\"client\", \"name\"] ],"
	"    \"measures\": [ { \"name\": \"deal_won\", \"label\": \"Won\", \"on\": \"won_on\", \"where\": \"state=eq.won\","
	"      \"sum\": \"amount\", \"split\": [\"client.grade\", \"state\"] } ],"
	"    \"actions\": [ { \"name\": \"win\", \"label\": \"Win\", \"needs\": \"read\", \"roles\": [\"rep\"], \"params\": ["
	"      { \"name\": \"day\", \"type\": \"date\", \"label\": \"Day\", \"default\": \"$today\" } ] } ],"
	"    \"access\": { \"rep\": { \"read\": \"all\", \"write\": \"team\", \"create\": \"all\", \"delete\": \"own\" } } },"
	"  { \"metric\": \"deals\", \"label\": \"Deals\", \"doc\": \"…\", \"id\": \"K-1\", \"top\": \"deal_won\", \"good\": \"up\" } ]";

static const struct schema *shop_schema(struct arena *mem)
{
	arena_init(mem, 0);
	return declared(mem, shop);
}

TEST(schema_reads_fields_with_their_units)
{
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct object *deal = schema_object(s, "deal");
	const struct field *amount = object_field(deal, "amount");
	const struct field *rate = object_field(deal, "rate");

	CHECK_INT(amount->scale, 2);
	CHECK_INT(amount->min, 0);
	CHECK_INT(amount->max, 9950);
	CHECK(amount->has_min && amount->has_max);
	CHECK_INT(rate->scale, 3);
	CHECK_INT(rate->min, -1250);
	CHECK(!rate->has_max);
	CHECK_INT(object_field(schema_object(s, "client"), "name")->max, 50);
	CHECK_INT(object_field(deal, "name")->max, 200);
	CHECK(object_field(deal, "client")->to == schema_object(s, "client"));
	CHECK(object_field(deal, "seller")->to == schema_object(s, "member"));
	CHECK_TEXT(object_field(schema_object(s, "client"), "grade")->initial, "b");
	arena_done(&mem);
}

TEST(schema_labels_fall_back_to_the_other_language)
{
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct object *client = schema_object(s, "client");
	const struct choice *a = field_choice(object_field(client, "grade"), "a");

	CHECK_TEXT(label_in(client->label, "zh"), "客户");
	CHECK_TEXT(label_in(client->plural, "en"), "Client");
	CHECK_TEXT(label_in(object_field(client, "name")->label, "en"), "名称");
	CHECK_TEXT(label_in(a->label, "en"), "first");
	CHECK_TEXT(a->color, "red");
	CHECK_TEXT(label_in(object_field(client, "name")->help, "zh"), "");
	CHECK(field_choice(object_field(client, "grade"), "c") == NULL);
	arena_done(&mem);
}

TEST(schema_puts_the_engine_s_fields_first)
{
	static const char *const names[] = { "id", "version", "created_at", "created_by", "changed_at",
	                                     "changed_by", "deleted_at", "import" };
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct object *client = schema_object(s, "client");
	const struct object *deal = schema_object(s, "deal");

	for (size_t i = 0; i < LENGTH(names); i++) {
		CHECK_TEXT(client->fields[i].name, names[i]);
		CHECK(client->fields[i].system && client->fields[i].read_only);
	}
	CHECK_TEXT(client->fields[LENGTH(names)].name, "name");
	/* Rows that are visible with a parent carry whom the parent belongs to. */
	CHECK_TEXT(deal->fields[LENGTH(names)].name, "holder");
	CHECK(object_field(client, "holder") == NULL);
	CHECK(object_field(deal, "holder")->internal && object_field(deal, "deleted_at")->internal);
	CHECK(!object_field(deal, "created_by")->internal);
	for (size_t i = 0; i < deal->n_fields; i++) {
		CHECK_INT(deal->fields[i].index, i);
		CHECK(deal->fields[i].object == deal);
	}
	arena_done(&mem);
}

TEST(schema_links_scope_and_access)
{
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct object *client = schema_object(s, "client");
	const struct object *deal = schema_object(s, "deal");

	CHECK_TEXT(client->scope_member->name, "owner");
	CHECK(client->scope_parent == NULL && client->unowned_visible && !client->is_public);
	CHECK_TEXT(deal->scope_member->name, "seller");
	CHECK_TEXT(deal->scope_parent->name, "client");
	CHECK(schema_object(s, "member")->is_public);
	CHECK_INT(client->n_grants, 2);
	CHECK_TEXT(client->grants[0].role, "rep");
	CHECK_INT(client->grants[0].reach[ACT_READ], REACH_TEAM);
	CHECK_INT(client->grants[0].reach[ACT_UPDATE], REACH_OWN);
	/* Create goes with write, delete and export with nothing. */
	CHECK_INT(client->grants[0].reach[ACT_CREATE], REACH_OWN);
	CHECK_INT(client->grants[0].reach[ACT_DELETE], REACH_NONE);
	CHECK_INT(client->grants[0].reach[ACT_EXPORT], REACH_NONE);
	CHECK_TEXT(client->grants[1].role, "*");
	CHECK_INT(deal->grants[0].reach[ACT_CREATE], REACH_ALL);
	arena_done(&mem);
}

TEST(schema_links_numbers)
{
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct field *won = object_field(schema_object(s, "client"), "won");
	const struct field *half = object_field(schema_object(s, "deal"), "half");
	const struct measure *m = schema_measure(s, "deal_won");
	const struct metric *k = schema_metric(s, "deals");

	CHECK(won->computed && won->read_only);
	CHECK_TEXT(won->sum->name, "amount");
	CHECK_TEXT(won->via->name, "client");
	CHECK_INT(won->yields, TYPE_MONEY);
	CHECK_INT(won->scale, 2);
	/* The inner formula comes later in the file and is there all the same. */
	CHECK(strstr(half->formula_sql, "amount") != NULL);
	CHECK_TEXT(half->uses[0]->name, "twice");
	CHECK_TEXT(half->uses[1]->name, "amount");
	CHECK(half->uses[2] == NULL);
	CHECK_TEXT(m->by->name, "seller");
	CHECK_TEXT(m->split[0], "client.grade");
	CHECK(s->measures[m->index] == m);
	CHECK(k->top == m && k->bottom == NULL && k->good_up && !k->good_down);
	CHECK_INT(k->yields, TYPE_MONEY);
	CHECK_TEXT(k->id, "K-1");
	arena_done(&mem);
}

TEST(schema_links_rows)
{
	struct arena mem;
	const struct schema *s = shop_schema(&mem);
	const struct object *deal = schema_object(s, "deal");
	const struct object *client = schema_object(s, "client");
	const struct action *win = object_action(deal, "win");

	CHECK_TEXT(deal->board_by, "state");
	CHECK_TEXT(deal->calendar_start, "won_on");
	CHECK(deal->calendar_end == NULL);
	CHECK_INT(deal->duplicates[0].match, MATCH_COMPANY);
	CHECK(deal->duplicates[0].block);
	CHECK_TEXT(deal->uniques[0][0], "client");
	CHECK_TEXT(deal->uniques[0][1], "name");
	CHECK(deal->uniques[1] == NULL && deal->indexes[0] == NULL);
	CHECK_TEXT(deal->views[0].query, "seller=eq.$me&sort=-amount");
	CHECK_INT(win->needs, ACT_READ);
	CHECK(!win->on_list && win->confirm.zh == NULL);
	CHECK_TEXT(win->params[0].initial, "$today");
	CHECK_TEXT(win->roles.names[0], "rep");
	/* What is not said is sensible: the title first; two fields a row. */
	CHECK_TEXT(client->title->name, "name");
	CHECK_TEXT(client->list[0], "name");
	CHECK_TEXT(client->list[1], "grade");
	CHECK_TEXT(client->form[0][0], "name");
	CHECK_TEXT(client->form[0][1], "grade");
	CHECK_TEXT(client->form[1][0], "owner");
	CHECK(client->form[2] == NULL);
	arena_done(&mem);
}

TEST(schema_object_without_a_fit_title_is_called_by_its_id)
{
	struct arena mem;
	const struct schema *s;

	arena_init(&mem, 0);
	s = declared(&mem, "{ \"object\": \"reading\", \"label\": \"Reading\", \"scope\": \"public\", \"fields\": ["
	                   "{ \"name\": \"amount\", \"type\": \"integer\", \"label\": \"Amount\" } ] }");
	CHECK_TEXT(schema_object(s, "reading")->title->name, "id");
	arena_done(&mem);
}

TEST(schema_extension_adds_and_narrows)
{
	static const char extension[] =
		"[ { \"extend\": \"client\", \"label\": \"Patron\", \"fields\": ["
		"    { \"name\": \"size\", \"type\": \"integer\", \"label\": \"Size\" },"
		"    { \"name\": \"name\", \"max\": 30, \"label\": \"Full name\" },"
		"    { \"name\": \"grade\", \"required\": true, \"default\": \"c\", \"choices\": [ { \"value\": \"c\", \"label\": \"C\" } ] } ],"
		"    \"list\": [\"size\", \"name\"],"
		"    \"views\": [ { \"name\": \"big\", \"label\": \"Big\", \"query\": \"size=gt.9\" } ],"
		"    \"access\": { \"rep\": { \"read\": \"own\" }, \"lead\": { \"read\": \"all\" } } },"
		"  { \"object\": \"client\", \"label\": \"Client\", \"scope\": \"owner\", \"fields\": ["
		"    { \"name\": \"name\", \"type\": \"text\", \"label\": \"Name\", \"max\": 50 },"
		"    { \"name\": \"grade\", \"type\": \"choice\", \"label\": \"Grade\","
		"      \"choices\": [ { \"value\": \"a\", \"label\": \"A\" } ] },"
		"    { \"name\": \"owner\", \"type\": \"member\", \"label\": \"Owner\" } ],"
		"    \"access\": { \"rep\": { \"read\": \"all\", \"write\": \"all\" } } } ]";
	struct arena mem;
	const struct schema *s;
	const struct object *o;

	arena_init(&mem, 0);
	s = declared(&mem, extension);
	o = schema_object(s, "client");
	CHECK_TEXT(o->label.en, "Patron");
	CHECK_TEXT(object_field(o, "name")->label.en, "Full name");
	CHECK_INT(object_field(o, "name")->max, 30);
	CHECK(object_field(o, "grade")->required);
	CHECK_INT(object_field(o, "grade")->n_choices, 2);
	CHECK_TEXT(object_field(o, "grade")->initial, "c");
	CHECK_TEXT(object_field(o, "size")->label.zh, "Size");
	CHECK_TEXT(o->list[0], "size");
	CHECK_TEXT(o->views[0].name, "big");
	CHECK_INT(o->n_grants, 2);
	CHECK_INT(o->grants[0].reach[ACT_READ], REACH_OWN);
	CHECK_INT(o->grants[0].reach[ACT_UPDATE], REACH_NONE);
	arena_done(&mem);
}

/* What a report of the module "opportunity" with this text beside it is read as, or refused with. */
static const char *beside(struct arena *mem, const char *sql)
{
	static const char report[] =
		"{ \"report\": \"days\", \"label\": \"Days\", \"doc\": \"d\", \"uses\": [],"
		"  \"columns\": [ { \"name\": \"one\", \"type\": \"integer\", \"label\": \"One\" } ] }";
	size_t n;
	struct source *list = declared_sources(mem, report, true, &n);
	struct complaint *c = NULL;
	struct schema *s;
	const char *told;

	list[n - 1].name = "modules/opportunity/reports/days.json";
	list[n - 1].module = "opportunity";
	list[n - 1].sql = sql;
	s = schema_load(mem, list, n, &c);
	told = s ? arena_dup(mem, s->reports[0].sql) : fmt(mem, "%s: %s", c->where, c->message);
	schema_free(s);
	return told;
}

TEST(schema_includes_parts_of_reports)
{
	struct arena mem;
	const char *place;

	arena_init(&mem, 0);
	place = embedded_find("modules/opportunity/reports/place.part.sql")->data;
	CHECK_TEXT(beside(&mem, "SELECT 1\n-- an include"), "SELECT 1\n-- an include");
	CHECK_TEXT(beside(&mem, "WITH\n-- include place\nx AS (\n"), fmt(&mem, "WITH\n%sx AS (\n", place));
	CHECK_TEXT(beside(&mem, "-- include opportunity/place"), place);
	CHECK_TEXT(beside(&mem, "WITH\n-- include place\n-- include plaice\n"),
	           "modules/opportunity/reports/days.sql:3:1: there is no part \"plaice\": reports/plaice.part.sql would be it");
	arena_done(&mem);
}

TEST(schema_date_parameter_may_begin_with_a_word)
{
	static const char report[] =
		"{ \"report\": \"days\", \"label\": \"Days\", \"doc\": \"d\", \"uses\": [], \"sql\": \"SELECT 1 AS one\","
		"  \"params\": [ { \"name\": \"from\", \"type\": \"date\", \"label\": \"From\", \"default\": \"today-89\" } ],"
		"  \"columns\": [ { \"name\": \"one\", \"type\": \"integer\", \"label\": \"One\" } ] }";
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(declared(&mem, report)->reports[0].params[0].initial, "today-89");
	arena_done(&mem);
}

TEST(schema_extensions_add_rows_to_the_form)
{
	static const char two[] =
		"[ { \"extend\": \"client\", \"fields\": [ { \"name\": \"size\", \"type\": \"integer\", \"label\": \"Size\" } ],"
		"    \"form_rows\": [[\"size\"]] },"
		"  { \"extend\": \"client\", \"fields\": [ { \"name\": \"age\", \"type\": \"integer\", \"label\": \"Age\" } ],"
		"    \"form_rows\": [[\"age\"]] },"
		"  { \"object\": \"client\", \"label\": \"Client\", \"scope\": \"public\", \"fields\": ["
		"    { \"name\": \"name\", \"type\": \"text\", \"label\": \"Name\" } ], \"form\": [[\"name\"]] } ]";
	struct arena mem;
	const struct object *o;

	arena_init(&mem, 0);
	o = schema_object(declared(&mem, two), "client");
	CHECK_TEXT(o->form[0][0], "name");
	CHECK_TEXT(o->form[1][0], "size");
	CHECK_TEXT(o->form[2][0], "age");
	CHECK(!o->form[3]);
	/* The merged declaration says the same by itself. */
	o = schema_object(declared(&mem, o->json), "client");
	CHECK_TEXT(o->form[2][0], "age");
	arena_done(&mem);
}

TEST(schema_another_form_takes_the_place_of_the_rows_before_it)
{
	static const char three[] =
		"[ { \"object\": \"client\", \"label\": \"Client\", \"scope\": \"public\", \"fields\": ["
		"    { \"name\": \"name\", \"type\": \"text\", \"label\": \"Name\" } ], \"form\": [[\"name\"]] },"
		"  { \"extend\": \"client\", \"fields\": [ { \"name\": \"size\", \"type\": \"integer\", \"label\": \"Size\" } ],"
		"    \"form_rows\": [[\"size\"]] },"
		"  { \"extend\": \"client\", \"form\": [[\"size\"], [\"name\"]] },"
		"  { \"extend\": \"client\", \"fields\": [ { \"name\": \"age\", \"type\": \"integer\", \"label\": \"Age\" } ],"
		"    \"form_rows\": [[\"age\"]] } ]";
	struct arena mem;
	const struct object *o;

	arena_init(&mem, 0);
	o = schema_object(declared(&mem, three), "client");
	CHECK_TEXT(o->form[0][0], "size");
	CHECK_TEXT(o->form[1][0], "name");
	CHECK_TEXT(o->form[2][0], "age");
	CHECK(!o->form[3]);
	arena_done(&mem);
}

TEST(schema_merged_declaration_gives_the_same_object)
{
	struct arena mem;
	const struct schema *s;
	const struct schema *again;
	const struct object *o;
	struct text all;

	arena_init(&mem, 0);
	text_init(&all, &mem);
	text_add(&all, "[");
	s = declared(&mem, shop);
	text_addf(&all, "%s,", schema_object(s, "client")->json);
	text_addf(&all, "%s]", schema_object(s, "deal")->json);
	again = declared(&mem, all.s);
	o = schema_object(again, "deal");
	CHECK_TEXT(o->json, schema_object(s, "deal")->json);
	CHECK_INT(o->n_fields, schema_object(s, "deal")->n_fields);
	CHECK_INT(object_field(o, "amount")->max, 9950);
	CHECK_INT(schema_object(again, "client")->grants[0].reach[ACT_READ], REACH_TEAM);
	arena_done(&mem);
}

TEST(schema_tells_every_problem_with_its_place)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(complaints(&mem,
		"{ \"object\": \"thing\", \"label\": \"Thing\", \"scope\": \"public\",\n"
		"  \"fields\": [\n"
		"    { \"name\": \"Name\", \"type\": \"text\", \"label\": \"x\" },\n"
		"    { \"name\": \"kind\", \"typ\": \"text\", \"label\": \"x\" },\n"
		"    { \"name\": \"to_what\", \"type\": \"ref\", \"to\": \"membre\", \"label\": \"x\" } ] }"),
		"3:15 \"Name\" is not a name: use lower-case ASCII letters, digits and _, a letter first,"
		" at most 40 characters\n"
		"4:30 a field has no \"typ\" (type?)\n"
		"4:5 a field needs \"type\"\n"
		"5:47 there is no object \"membre\" (member?)\n");
	arena_done(&mem);
}

TEST(schema_speaks_chinese_too)
{
	struct arena mem;
	struct complaint *c = NULL;
	struct source *list;
	size_t n;

	arena_init(&mem, 0);
	list = declared_sources(&mem, "{ \"role\": 5 }", true, &n);
	CHECK(schema_load(&mem, list, n, &c) == NULL);
	CHECK_TEXT(c->where, "test.json:1:11");
	CHECK_TEXT(c->message, "\"role\" must be a name (a text)");
	CHECK_TEXT(c->message_zh, "“role”应为名称（文本）");
	arena_done(&mem);
}

TEST(schema_etag_follows_the_text)
{
	struct arena mem;
	const char *one = "{ \"role\": \"guest\", \"label\": \"Guest\" }";
	const char *two = "{ \"role\": \"guest\", \"label\": \"Guests\" }";

	arena_init(&mem, 0);
	CHECK_TEXT(declared(&mem, one)->etag, declared(&mem, one)->etag);
	CHECK(!text_eq(declared(&mem, one)->etag, declared(&mem, two)->etag));
	arena_done(&mem);
}

TEST(schema_columns_are_no_fields)
{
	struct arena mem;
	const struct schema *s;
	const struct object *member;

	arena_init(&mem, 0);
	s = declared(&mem, NULL);
	member = schema_object(s, "member");
	CHECK(object_field(member, "password") == NULL);
	CHECK_TEXT(member->columns[0].name, "password");
	CHECK(!schema_object(s, "change")->log && member->log);
	CHECK_TEXT(schema_role(s, "rep")->label.zh, "销售");
	CHECK(schema_role(s, "nobody") == NULL);
	arena_done(&mem);
}

TEST(schema_all_built_in_declarations_load)
{
	struct arena mem;
	struct source *list;
	struct complaint *c = NULL;
	struct schema *s;
	size_t n;

	arena_init(&mem, 0);
	n = schema_builtin(&mem, &list);
	s = schema_load(&mem, list, n, &c);
	for (; c; c = c->next)
		test_fail(c->where, 0, "%s", c->message);
	CHECK(n > 10 && s && s->n_objects > 10);
	schema_free(s);
	arena_done(&mem);
}

TEST(schema_remembers_what_disappeared)
{
	static const char before[] =
		"[ { \"object\": \"a\", \"label\": \"A\", \"scope\": \"public\", \"fields\": ["
		"    { \"name\": \"one\", \"type\": \"text\", \"label\": \"1\" },"
		"    { \"name\": \"two\", \"type\": \"decimal\", \"scale\": 4, \"label\": \"2\" } ] },"
		"  { \"object\": \"b\", \"label\": \"B\", \"scope\": \"public\", \"fields\": ["
		"    { \"name\": \"a\", \"type\": \"ref\", \"to\": \"a\", \"label\": \"A\" } ] } ]";
	static const char after[] =
		"{ \"object\": \"a\", \"label\": \"A\", \"scope\": \"public\", \"fields\": ["
		"    { \"name\": \"uno\", \"was\": \"one\", \"type\": \"text\", \"label\": \"1\" } ] }";
	struct arena mem;
	const struct schema *next;
	const struct schema *back;
	const char *kept;

	arena_init(&mem, 0);
	kept = schema_kept(&mem, declared(&mem, before), declared(&mem, after));
	next = declared_kept(&mem, after, kept);
	CHECK_INT(schema_object(next, "a")->n_kept, 1);
	CHECK_TEXT(schema_object(next, "a")->kept[0].name, "two");
	CHECK_INT(schema_object(next, "a")->kept[0].type, TYPE_DECIMAL);
	CHECK_INT(schema_object(next, "a")->kept[0].scale, 4);
	CHECK(schema_object(next, "a")->kept[0].hidden);
	CHECK(object_field(schema_object(next, "a"), "two") == NULL);
	CHECK_INT(next->n_kept, 1);
	CHECK_TEXT(next->kept[0].name, "b");
	/* It stays known as long as it stays away, and is forgotten when it is back. */
	CHECK_TEXT(schema_kept(&mem, next, next), kept);
	back = declared_kept(&mem, before, kept);
	CHECK_INT(back->n_kept, 0);
	CHECK_INT(schema_object(back, "a")->n_kept, 0);
	CHECK(schema_kept(&mem, back, back) == NULL);
	arena_done(&mem);
}
