#include "engine/ddl.h"

#include "tests/unit/db_stores.h"
#include "tests/unit/declared.h"

/*
 * Upgrades are run, not read: a store is made from one set of declarations,
 * filled, and led to the next on both databases.
 */

#define OBJECT(name_, scope_, fields_) \
	"{ \"object\": \"" name_ "\", \"label\": \"x\", \"scope\": " scope_ ", \"fields\": [" fields_ "] }"
#define FIELD(name_, type_) "{ \"name\": \"" name_ "\", \"type\": \"" type_ "\", \"label\": \"x\" }"
#define WITH(name_, type_, more_) \
	"{ \"name\": \"" name_ "\", \"type\": \"" type_ "\", \"label\": \"x\", " more_ " }"
#define REF(name_, to_) WITH(name_, "ref", "\"to\": \"" to_ "\"")

static const char *plan(struct store *t, const struct schema *old, const struct schema *next)
{
	struct complaint *c = NULL;
	struct text out;

	text_init(&out, &t->mem);
	if (ddl_plan(&t->mem, t->db, old, next, &out, &c))
		return out.s;
	return fmt(&t->mem, "! %s %s", c->where, c->message);
}

static const struct schema *make(struct store *t, const char *text)
{
	const struct schema *s = declared(&t->mem, text);

	script(t, ddl_base(&t->mem, db_kind(t->db), t->words));
	script(t, plan(t, NULL, s));
	return s;
}

static const struct schema *upgrade(struct store *t, const struct schema *old, const char *text)
{
	const struct schema *s = declared(&t->mem, text);

	script(t, plan(t, old, s));
	return s;
}

TEST_BOTH(ddl_makes_every_table_of_the_engine)
{
	const struct schema *s = make(t, NULL);

	script(t, "INSERT INTO t_member (id, name, label) VALUES (1, 'wang', '王芳')");
	CHECK_TEXT(rows(t, "SELECT id, version, name, password, deleted_at FROM t_member", NULL),
	           "1 1 wang - -");
	CHECK_TEXT(plan(t, s, s), "");
	script(t, "INSERT INTO t_tally VALUES ('m', 'd', '2026-11-25', 0, '', '', 1, 1, NULL);"
	          "INSERT INTO t_reach VALUES (1, 1, 0); INSERT INTO t_store VALUES ('a', 'b');"
	          "INSERT INTO t_counter VALUES ('n', 1); INSERT INTO t_key VALUES ('o', 1, 0, 'v');"
	          "INSERT INTO t_seal VALUES (1, 'h', 5); INSERT INTO t_answer VALUES (1, 'k', 'r', 200, 'b', 5)");
	CHECK(!db_exec(t->db, "INSERT INTO t_tally VALUES ('m', 'd', '2026-11-25', 0, '', '', 1, 1, NULL)", NULL,
	               NULL));
	CHECK_INT(db_code(t->db), DB_UNIQUE);
}

TEST_BOTH(ddl_ids_count_up_by_themselves)
{
	make(t, OBJECT("a", "\"public\"", FIELD("name", "text")));
	script(t, "INSERT INTO t_a (name) VALUES ('x'); INSERT INTO t_a (name) VALUES ('y')");
	CHECK_TEXT(rows(t, "SELECT id, version, name FROM t_a ORDER BY id", NULL), "1 1 x; 2 1 y");
}

TEST_BOTH(ddl_unique_only_among_the_living)
{
	const struct schema *s = make(t, OBJECT("a", "\"public\"",
		WITH("code", "text", "\"unique\": true") "," FIELD("one", "integer") "," FIELD("two", "text"))
		);
	const struct object *o = schema_object(s, "a");
	const char **columns;

	script(t, "INSERT INTO t_a (code) VALUES ('x')");
	CHECK(!db_exec(t->db, "INSERT INTO t_a (code) VALUES ('x')", NULL, NULL));
	CHECK_INT(db_code(t->db), DB_UNIQUE);
	columns = ddl_unique(&t->mem, o, db_constraint(t->db));
	CHECK(columns && text_eq(columns[0], "code") && !columns[1]);
	script(t, "UPDATE t_a SET deleted_at = 5");
	script(t, "INSERT INTO t_a (code) VALUES ('x')");
	script(t, "INSERT INTO t_a (code) VALUES (NULL); INSERT INTO t_a (code) VALUES (NULL)");
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_a", NULL), "4");
	CHECK(ddl_unique(&t->mem, o, "t_b.code") == NULL);
	CHECK(ddl_unique(&t->mem, o, "") == NULL);
	CHECK(ddl_unique(&t->mem, o, NULL) == NULL);
}

TEST_BOTH(ddl_several_columns_are_unique_together)
{
	const struct schema *s = make(t,
		"{ \"object\": \"a\", \"label\": \"x\", \"scope\": \"public\", \"fields\": ["
		FIELD("one", "integer") "," FIELD("two", "text") "], \"unique\": [ [\"one\", \"two\"] ] }");
	const char **columns;

	script(t, "INSERT INTO t_a (one, two) VALUES (1, 'x'); INSERT INTO t_a (one, two) VALUES (1, 'y')");
	CHECK(!db_exec(t->db, "INSERT INTO t_a (one, two) VALUES (1, 'y')", NULL, NULL));
	columns = ddl_unique(&t->mem, schema_object(s, "a"), db_constraint(t->db));
	CHECK(columns && text_eq(columns[0], "one") && text_eq(columns[1], "two") && !columns[2]);
}

TEST_BOTH(ddl_references_hold_even_in_circles)
{
	make(t, "[" OBJECT("a", "\"public\"", REF("b", "b")) "," OBJECT("b", "\"public\"", REF("a", "a")) "]");
	script(t, "BEGIN; INSERT INTO t_a (id, b) VALUES (1, 7); INSERT INTO t_b (id, a) VALUES (7, 1); COMMIT");
	CHECK(!db_exec(t->db, "INSERT INTO t_a (id, b) VALUES (2, 8)", NULL, NULL));
	CHECK_INT(db_code(t->db), DB_FOREIGN);
	CHECK_TEXT(rows(t, "SELECT id, b FROM t_a", NULL), "1 7");
}

TEST_BOTH(ddl_adds_tables_columns_and_indexes)
{
	const struct schema *s = make(t, OBJECT("a", "\"public\"", FIELD("name", "text")));

	script(t, "INSERT INTO t_a (name) VALUES ('x')");
	s = upgrade(t, s, "[" OBJECT("a", "\"public\"", WITH("name", "text", "\"index\": true") ","
		FIELD("size", "decimal") "," REF("b", "b")) "," OBJECT("b", "\"public\"", FIELD("name", "text")) "]");
	script(t, "INSERT INTO t_b (id, name) VALUES (3, 'y'); UPDATE t_a SET size = 250, b = 3");
	CHECK_TEXT(rows(t, "SELECT name, size, b FROM t_a", NULL), "x 250 3");
	CHECK(!db_exec(t->db, "UPDATE t_a SET b = 4", NULL, NULL));
	CHECK_TEXT(plan(t, s, s), "");
}

TEST_BOTH(ddl_makes_the_indexes_that_are_missing)
{
	const struct schema *s = make(t, "[" OBJECT("a", "\"public\"", WITH("name", "text", "\"index\": true")) ","
		OBJECT("a_more", "\"public\"", WITH("name", "text", "\"unique\": true")) "]");

	/* As another version of the program would have left it; and one an administrator made. */
	script(t, "DROP INDEX x_a_name_id; DROP INDEX u_a_more_name;"
	          "CREATE INDEX x_a_name_version ON t_a (name, version);"
	          "CREATE INDEX x_a_more_version ON t_a_more (version);"
	          "CREATE INDEX by_hand ON t_a (version, name)");
	script(t, plan(t, s, s));
	CHECK_TEXT(plan(t, s, s), "");
	CHECK_TEXT(rows(t, t->postgres
		? "SELECT indexname FROM pg_indexes WHERE tablename IN ('t_a', 't_a_more')"
		  " AND indexname NOT LIKE '%pkey' ORDER BY 1"
		: "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('t_a', 't_a_more')"
		  " ORDER BY name", NULL),
		"by_hand; p_a_import; p_a_more_import; u_a_more_name; x_a_name_id");
}

TEST_BOTH(ddl_renames_instead_of_dropping)
{
	const struct schema *s = make(t, "[" OBJECT("a", "\"public\"", WITH("name", "text", "\"unique\": true"))
		"," OBJECT("c", "\"public\"", REF("a", "a")) "]");
	const char **columns;

	script(t, "INSERT INTO t_a (id, name) VALUES (1, 'x'); INSERT INTO t_c (a) VALUES (1);"
	          "INSERT INTO t_view (id, object, name) VALUES (1, 'a', 'mine'), (2, 'c', 'other');"
	          "INSERT INTO t_key VALUES ('a', 1, 0, 'v')");
	s = upgrade(t, s, "[ { \"object\": \"b\", \"was\": \"a\", \"label\": \"x\", \"scope\": \"public\","
		" \"fields\": [" WITH("title", "text", "\"unique\": true, \"was\": \"name\"") "] },"
		OBJECT("c", "\"public\"", REF("b", "b")) "]");
	CHECK_TEXT(rows(t, "SELECT title FROM t_b", NULL), "x");
	CHECK_TEXT(rows(t, "SELECT object FROM t_view ORDER BY id", NULL), "b; c");
	CHECK_TEXT(rows(t, "SELECT object FROM t_key", NULL), "b");
	/* The index went along. */
	CHECK(!db_exec(t->db, "INSERT INTO t_b (id, title) VALUES (9, 'x')", NULL, NULL));
	columns = ddl_unique(&t->mem, schema_object(s, "b"), db_constraint(t->db));
	CHECK(columns && text_eq(columns[0], "title"));
	CHECK_TEXT(plan(t, s, s), "");
}

TEST_BOTH(ddl_converts_what_cannot_lose)
{
	const struct schema *s = make(t, OBJECT("a", "\"public\"",
		FIELD("n", "integer") "," WITH("d", "decimal", "\"scale\": 1") "," FIELD("m", "money") ","
		FIELD("s", "text") "," FIELD("b", "bool") "," WITH("k", "choice",
		"\"choices\": [ { \"value\": \"u\", \"label\": \"u\" } ]")));

	script(t, "INSERT INTO t_a (n, d, m, s, b, k) VALUES (7, 15, 250, 'x', 1, 'u')");
	upgrade(t, s, OBJECT("a", "\"public\"",
		FIELD("n", "money") "," WITH("d", "decimal", "\"scale\": 3") "," FIELD("m", "decimal") ","
		FIELD("s", "long") "," FIELD("b", "integer") "," WITH("k", "choices",
		"\"choices\": [ { \"value\": \"u\", \"label\": \"u\" }, { \"value\": \"v\", \"label\": \"v\" } ]")));
	CHECK_TEXT(rows(t, "SELECT n, d, m, s, b, k FROM t_a", NULL), "700 1500 250 x 1 ,u,");
}

TEST_BOTH(ddl_refuses_what_may_lose)
{
	static const struct {
		const char *from, *to;
	} pairs[] = {
		{ FIELD("f", "text"), FIELD("f", "integer") },
		{ FIELD("f", "long"), FIELD("f", "text") },
		{ FIELD("f", "money"), FIELD("f", "integer") },
		{ WITH("f", "decimal", "\"scale\": 3"), FIELD("f", "money") },
		{ FIELD("f", "member"), FIELD("f", "team") },
		{ FIELD("f", "date"), FIELD("f", "instant") },
		{ REF("f", "role"), WITH("f", "refs", "\"to\": \"role\"") },
		{ FIELD("f", "integer"), FIELD("f", "text") },
	};

	for (size_t i = 0; i < LENGTH(pairs); i++) {
		const struct schema *old = declared(&t->mem,
			fmt(&t->mem, OBJECT("a", "\"public\"", "%s"), pairs[i].from));
		const struct schema *next = declared(&t->mem,
			fmt(&t->mem, OBJECT("a", "\"public\"", "%s"), pairs[i].to));

		CHECK(text_starts(plan(t, old, next), "! a.f the type cannot change from "));
	}
	CHECK_TEXT(plan(t, declared(&t->mem, OBJECT("a", "\"public\"", FIELD("f", "money"))),
	                declared(&t->mem, OBJECT("a", "\"public\"", FIELD("f", "bool")))),
	           "! a.f the type cannot change from money (2 decimals) to bool (0 decimals), values might"
	           " be lost: declare a new field");
}

TEST_BOTH(ddl_keeps_what_disappears_until_it_is_dropped)
{
	static const char both[] = "[" OBJECT("a", "\"public\"", FIELD("name", "text") ","
		WITH("size", "integer", "\"index\": true") "," REF("b", "b")) ","
		OBJECT("b", "\"public\"", WITH("name", "text", "\"unique\": true")) "]";
	static const char one[] = OBJECT("a", "\"public\"", FIELD("name", "text"));
	const struct schema *old = make(t, both);
	const struct schema *next;
	const struct schema *back;
	const char *kept;
	struct text drop;

	script(t, "INSERT INTO t_b (id, name) VALUES (5, 'y'); INSERT INTO t_a (name, size, b) VALUES ('x', 7, 5)");
	script(t, plan(t, old, declared(&t->mem, one)));
	kept = schema_kept(&t->mem, old, declared(&t->mem, one));
	next = declared_kept(&t->mem, one, kept);
	script(t, "INSERT INTO t_a (name) VALUES ('z')");

	/* Back again: nothing is added twice, and the values are still there. */
	back = declared_kept(&t->mem, both, kept);
	script(t, plan(t, next, back));
	CHECK_TEXT(rows(t, "SELECT a.name, size, b.name FROM t_a a LEFT JOIN t_b b ON b.id = a.b"
	                   " ORDER BY a.name", NULL), "x 7 y; z - -");
	CHECK(!db_exec(t->db, "INSERT INTO t_b (name) VALUES ('y')", NULL, NULL));

	/* Gone for good. */
	text_init(&drop, &t->mem);
	script(t, plan(t, back, next));
	CHECK(ddl_drop_plan(&t->mem, back, next, &drop));
	script(t, drop.s);
	CHECK(!db_exec(t->db, "UPDATE t_a SET size = 1", NULL, NULL));
	CHECK(!db_exec(t->db, "UPDATE t_b SET name = 'q'", NULL, NULL));
	CHECK_TEXT(rows(t, "SELECT name FROM t_a ORDER BY name", NULL), "x; z");
	old = declared(&t->mem, one);
	script(t, plan(t, old, declared(&t->mem, both)));
	script(t, "INSERT INTO t_b (id, name) VALUES (5, 'y'); UPDATE t_a SET size = 1, b = 5");
}

TEST_BOTH(ddl_refuses_another_type_for_what_it_kept)
{
	static const char text[] = OBJECT("a", "\"public\"", FIELD("name", "text") "," FIELD("f", "text"));
	static const char none[] = OBJECT("a", "\"public\"", FIELD("name", "text"));
	static const char number[] = OBJECT("a", "\"public\"", FIELD("name", "text") "," FIELD("f", "integer"));
	const char *kept = schema_kept(&t->mem, declared(&t->mem, text), declared(&t->mem, none));

	CHECK(text_starts(plan(t, declared_kept(&t->mem, none, kept), declared_kept(&t->mem, number, kept)),
	                  "! a.f the type cannot change from text"));
}

TEST_BOTH(ddl_holders_follow_a_change_of_scope)
{
	static const char client[] = OBJECT("client", "\"owner\"", FIELD("owner", "member") "," FIELD("name", "text"));
	const char *deal = OBJECT("deal", "\"owner\"", REF("client", "client") "," FIELD("owner", "member"));
	const char *child = OBJECT("deal", "\"client\"", REF("client", "client") "," FIELD("owner", "member"));
	const char *line = OBJECT("line", "\"deal\"", REF("deal", "deal"));
	const struct schema *s = make(t, fmt(&t->mem, "[%s,%s,%s]", client, deal, line));

	script(t, "BEGIN; INSERT INTO t_member (id, name, label) VALUES (1, 'a', 'a'), (2, 'b', 'b');"
	          "INSERT INTO t_client (id, owner) VALUES (10, 1);"
	          "INSERT INTO t_deal (id, client, owner) VALUES (20, 10, 2);"
	          "INSERT INTO t_line (id, deal, holder) VALUES (30, 20, 2); COMMIT");
	s = upgrade(t, s, fmt(&t->mem, "[%s,%s,%s]", client, child, line));
	CHECK_TEXT(rows(t, "SELECT holder FROM t_deal", NULL), "1");
	CHECK_TEXT(rows(t, "SELECT holder FROM t_line", NULL), "1");
	CHECK_TEXT(plan(t, s, s), "");
}

TEST_BOTH(ddl_long_names_fit)
{
	static const char text[] =
		"{ \"object\": \"an_object_with_a_name_of_forty_letters_x\", \"label\": \"x\", \"scope\": \"public\","
		"  \"fields\": [" FIELD("a_field_with_a_rather_long_name_as_well", "text") ","
		FIELD("another_field_with_a_very_long_name_too", "text") "],"
		"  \"indexes\": [ [\"a_field_with_a_rather_long_name_as_well\", \"another_field_with_a_very_long_name_too\"],"
		"                [\"another_field_with_a_very_long_name_too\", \"a_field_with_a_rather_long_name_as_well\"] ] }";
	const char *sql = plan(t, NULL, declared(&t->mem, text));
	const struct schema *s = make(t, text);

	for (const char *p = strstr(sql, "INDEX x_an_object"); p; p = strstr(p + 1, "INDEX x_an_object"))
		CHECK_INT(strcspn(p + 6, " "), 63);
	CHECK_TEXT(plan(t, s, s), "");
}

TEST_BOTH(ddl_indexes_what_is_looked_up)
{
	const char *sql = plan(t, NULL, declared(&t->mem,
		"[ { \"object\": \"client\", \"label\": \"x\", \"scope\": \"owner\", \"fields\": ["
		FIELD("name", "text") "," FIELD("owner", "member") "] },"
		"  { \"object\": \"deal\", \"label\": \"x\", \"scope\": [\"seller\", \"client\"], \"fields\": ["
		REF("client", "client") "," FIELD("seller", "member") "," FIELD("won_on", "date") ","
		WITH("state", "choice", "\"choices\": [ { \"value\": \"a\", \"label\": \"a\" } ], \"index\": true") "],"
		"  \"board\": { \"by\": \"state\" }, \"calendar\": { \"start\": \"won_on\" }, \"measures\": ["
		"    { \"name\": \"won\", \"label\": \"x\", \"on\": \"won_on\" } ] } ]"));
	static const char *const want[] = {
		"x_client_owner_id ON t_client (owner, id)", "x_deal_holder_id ON t_deal (holder, id)",
		"x_deal_client_id ON t_deal (client, id)", "x_deal_seller_id ON t_deal (seller, id)",
		"x_deal_state_id ON t_deal (state, id)",
		"x_deal_seller_won_on ON t_deal (seller, won_on)",
		"x_deal_seller_state ON t_deal (seller, state)",
		/* Seen through the parent as well: the same orders by holder. */
		"x_deal_holder_won_on ON t_deal (holder, won_on)",
		"x_deal_holder_state ON t_deal (holder, state)",
	};
	bool postgres = db_kind(t->db) == DB_POSTGRES;
	const char *twice;

	for (size_t i = 0; i < LENGTH(want); i++) {
		struct text line;

		/* Empty values are the smallest on both databases. */
		text_init(&line, &t->mem);
		text_add(&line, "CREATE INDEX ");
		for (const char *p = want[i]; *p; p++) {
			if (postgres && (*p == ',' || *p == ')'))
				text_add(&line, " NULLS FIRST");
			text_addc(&line, *p);
		}
		if (!strstr(sql, line.s))
			test_fail(__FILE__, __LINE__, "missing: %s", line.s);
	}
	/* The calendar and the measure want the same one. */
	twice = strstr(sql, "x_deal_seller_won_on");
	CHECK(twice && !strstr(twice + 1, "x_deal_seller_won_on"));
	CHECK(!strstr(sql, "created_by ON") && !strstr(sql, "(created_by"));
}
