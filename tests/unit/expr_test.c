#include "engine/expr.h"

#include "engine/ddl.h"
#include "tests/unit/db_stores.h"
#include "tests/unit/declared.h"

/*
 * Formulas are compiled, then run on both databases over one row: what
 * matters is what comes out.
 */

static const char sheet[] =
	"{ \"object\": \"sheet\", \"label\": \"Sheet\", \"scope\": \"public\", \"fields\": ["
	"  { \"name\": \"amount\", \"type\": \"money\", \"label\": \"1\" },"
	"  { \"name\": \"cost\", \"type\": \"money\", \"label\": \"1\" },"
	"  { \"name\": \"chance\", \"type\": \"percent\", \"label\": \"1\" },"
	"  { \"name\": \"pieces\", \"type\": \"integer\", \"label\": \"1\" },"
	"  { \"name\": \"fine\", \"type\": \"decimal\", \"scale\": 6, \"label\": \"1\" },"
	"  { \"name\": \"minutes\", \"type\": \"duration\", \"label\": \"1\" },"
	"  { \"name\": \"active\", \"type\": \"bool\", \"label\": \"1\" },"
	"  { \"name\": \"absent\", \"type\": \"money\", \"label\": \"1\" },"
	"  { \"name\": \"no_day\", \"type\": \"date\", \"label\": \"1\" },"
	"  { \"name\": \"start_on\", \"type\": \"date\", \"label\": \"1\" },"
	"  { \"name\": \"end_on\", \"type\": \"date\", \"label\": \"1\" },"
	"  { \"name\": \"done_at\", \"type\": \"instant\", \"label\": \"1\" },"
	"  { \"name\": \"note\", \"type\": \"text\", \"label\": \"1\" },"
	"  { \"name\": \"kind\", \"type\": \"choice\", \"label\": \"1\", \"choices\": ["
	"     { \"value\": \"call\", \"label\": \"call\" }, { \"value\": \"visit\", \"label\": \"visit\" } ] },"
	"  { \"name\": \"owner\", \"type\": \"member\", \"label\": \"1\" },"
	"  { \"name\": \"margin\", \"type\": \"formula\", \"formula\": \"amount - cost\", \"yields\": \"money\", \"label\": \"1\" } ] }";

static const struct schema *with_row(struct store *t)
{
	const struct schema *s = declared(&t->mem, sheet);
	struct complaint *c;
	struct text out;

	text_init(&out, &t->mem);
	CHECK(ddl_plan(&t->mem, t->db, NULL, s, &out, &c));
	script(t, out.s);
	/* 1234.50, 1000.00, 12.5 %, 7, 1.000005, 90, … */
	script(t, "INSERT INTO t_sheet (id, amount, cost, chance, pieces, fine, minutes, active, start_on,"
	          " end_on, done_at, note, kind) VALUES (1, 123450, 100000, 1250, 7, 1000005, 90, 1,"
	          " '2024-02-28', '2024-03-01', 1764000000000, 'it''s', 'visit')");
	return s;
}

/* What the formula gives for the row, "NULL", or "! message". */
static const char *eval(struct store *t, const struct schema *s, const char *formula,
                        enum type_id yields, int scale)
{
	struct expr e;
	struct query *q;
	const char *result;

	if (!expr_compile(&t->mem, schema_object(s, "sheet"), formula, yields, scale, &e))
		return fmt(&t->mem, "! %zu %s", e.at, e.en);
	q = db_query(t->db, fmt(&t->mem, "SELECT (%s) AS x FROM t_sheet WHERE id = 1", e.sql), NULL);
	if (!q || !db_next(q)) {
		db_done(q);
		return fmt(&t->mem, "failed: %s in %s", db_message(t->db), e.sql);
	}
	if (db_null(q, 0))
		result = "NULL";
	else if (db_value(q, 0).kind == V_TEXT)
		result = arena_dup(&t->mem, db_text(q, 0));
	else if (db_value(q, 0).kind == V_INT)
		result = fmt(&t->mem, "%" PRId64, db_int(q, 0));
	else
		result = "neither text nor whole";
	db_done(q);
	return result;
}

#define MONEY(formula, want) CHECK_TEXT(eval(t, s, formula, TYPE_MONEY, 2), want)
#define WHOLE(formula, want) CHECK_TEXT(eval(t, s, formula, TYPE_INTEGER, 0), want)
#define FINE(formula, want) CHECK_TEXT(eval(t, s, formula, TYPE_DECIMAL, 6), want)
#define TRUTH(formula, want) CHECK_TEXT(eval(t, s, formula, TYPE_BOOL, 0), want)
#define WORDS(formula, want) CHECK_TEXT(eval(t, s, formula, TYPE_TEXT, 0), want)

TEST_BOTH(expr_counts_numbers_as_they_are_written)
{
	const struct schema *s = with_row(t);

	MONEY("amount", "123450");
	MONEY("amount * chance / 100", "15431");
	CHECK_TEXT(eval(t, s, "chance", TYPE_PERCENT, 2), "1250");
	CHECK_TEXT(eval(t, s, "chance", TYPE_INTEGER, 0), "13");
	MONEY("amount - cost", "23450");
	MONEY("pieces * 2 + 1", "1500");
	MONEY("-amount + 0.5", "-123400");
	MONEY("- -amount", "123450");
	MONEY("2 + 3 * 4 - 10 / 4", "1150");
	MONEY("(2 + 3) * (4 - 10) / 4", "-750");
	MONEY("minutes / 60", "150");
	CHECK_TEXT(eval(t, s, "(amount - cost) / amount * 100", TYPE_PERCENT, 2), "1900");
	FINE("fine + fine", "2000010");
	MONEY("margin * 2", "46900");
}

TEST_BOTH(expr_rounds_as_on_paper)
{
	const struct schema *s = with_row(t);

	/* Halves away from zero, where plain doubles would fall short. */
	MONEY("1.45 * 10 / 1000", "1");
	MONEY("1.005", "101");
	MONEY("-1.005", "-101");
	MONEY("8.2 * 7.5 / 100 * 1.0", "62");
	MONEY("0.145", "15");
	MONEY("0.005", "1");
	MONEY("-0.005", "-1");
	MONEY("0.0049", "0");
	MONEY("1 / 3", "33");
	MONEY("2 / 3", "67");
	MONEY("-2 / 3", "-67");
	MONEY("1 / 3 * 3", "100");
	MONEY("fine * 100000", "10000050");
	WHOLE("round(2.5, 0)", "3");
	WHOLE("round(-2.5, 0)", "-3");
	MONEY("round(1.005, 2) + round(-1.005, 2)", "0");
	MONEY("round(1 / 3, 1)", "30");
	FINE("round(1.0000005, 6)", "1000001");
}

TEST_BOTH(expr_empty_operands_and_zero_give_nothing)
{
	const struct schema *s = with_row(t);

	MONEY("amount + absent", "NULL");
	MONEY("amount * absent", "NULL");
	MONEY("amount / (cost - 1000)", "NULL");
	MONEY("amount / pieces / (pieces - 7)", "NULL");
	MONEY("coalesce(absent, 5)", "500");
	MONEY("coalesce(absent, absent)", "NULL");
	MONEY("min(amount, absent)", "NULL");
	MONEY("abs(absent)", "NULL");
	MONEY("if(absent > 0, 1, 2)", "NULL");
	TRUTH("absent > 0", "NULL");
	TRUTH("not absent > 0", "NULL");
	TRUTH("absent > 0 or amount > 0", "1");
	WHOLE("days(start_on, no_day)", "NULL");
}

TEST_BOTH(expr_results_beyond_exactness_are_nothing)
{
	const struct schema *s = with_row(t);

	MONEY("45035996273704.95", "4503599627370495");
	MONEY("-45035996273704.95", "-4503599627370495");
	MONEY("45035996273704.96", "NULL");
	MONEY("900000000000 * 900000000000 * 900000000000 * 900000000000 * 900000000000", "NULL");
	MONEY("1 / (900000000000 * 900000000000 * 900000000000 * 900000000000)", "0");
}

TEST_BOTH(expr_functions)
{
	const struct schema *s = with_row(t);

	MONEY("if(amount > cost, amount, cost)", "123450");
	MONEY("if(amount < cost, 1, 2.5)", "250");
	MONEY("min(amount, cost, 999.99)", "99999");
	MONEY("max(3, pieces, 5)", "700");
	MONEY("abs(cost - amount)", "23450");
	MONEY("abs(-1 / 3)", "33");
	WORDS("if(kind = \"visit\", \"yes, it's\", \"no\")", "yes, it's");
	WORDS("coalesce(note, \"none\")", "it's");
	WORDS("note", "it's");
	WORDS("\"a \"\"b\"\"\"", "a \"b\"");
	CHECK_TEXT(eval(t, s, "max(start_on, end_on)", TYPE_DATE, 0), "2024-03-01");
	CHECK_TEXT(eval(t, s, "if(active, end_on, \"2020-01-01\")", TYPE_DATE, 0), "2024-03-01");
}

TEST_BOTH(expr_conditions)
{
	const struct schema *s = with_row(t);

	TRUTH("active", "1");
	TRUTH("not active", "0");
	TRUTH("amount = 1234.5", "1");
	TRUTH("amount != 1234.5", "0");
	TRUTH("amount <> 1234.51", "1");
	TRUTH("pieces >= 7 and pieces <= 7 and not pieces > 7", "1");
	TRUTH("chance = 12.5", "1");
	TRUTH("kind = \"call\" or kind = \"visit\"", "1");
	TRUTH("\"call\" = kind", "0");
	TRUTH("start_on < end_on", "1");
	TRUTH("end_on >= \"2024-03-02\"", "0");
	TRUTH("done_at > created_at", "NULL");
	TRUTH("0.1 + 0.2 = 0.3", "1");
	TRUTH("1 / 2 = 0.5", "1");
}

TEST_BOTH(expr_days_of_the_calendar)
{
	static const struct {
		const char *from, *to;
	} pairs[] = {
		{ "2024-02-28", "2024-03-01" }, { "2023-02-28", "2023-03-01" }, { "1900-02-28", "1900-03-01" },
		{ "2000-01-01", "2001-01-01" }, { "1970-01-01", "2026-11-25" }, { "2026-11-25", "1970-01-01" },
		{ "1999-12-31", "2000-01-01" }, { "1900-01-01", "2999-12-31" }, { "2024-12-31", "2025-01-01" },
	};
	static const char *const want[] = { "2", "1", "1", "366", "20782", "-20782", "1", "401766", "1" };
	const struct schema *s = with_row(t);

	for (size_t i = 0; i < LENGTH(pairs); i++)
		CHECK_TEXT(eval(t, s, fmt(&t->mem, "days(\"%s\", \"%s\")", pairs[i].from, pairs[i].to),
		                TYPE_INTEGER, 0), want[i]);
	WHOLE("days(start_on, end_on)", "2");
	WHOLE("days(end_on, start_on) * 2 + 1", "-3");
	WHOLE("days(min(start_on, end_on), max(start_on, end_on))", "2");
}

TEST_BOTH(expr_puts_texts_together)
{
	const struct schema *s = with_row(t);

	WORDS("join(\"/o/x?kind=eq.\", kind, \"&day=\", start_on)", "/o/x?kind=eq.visit&day=2024-02-28");
	WORDS("join(note, \" \", pieces, \" \", 2 * pieces + 1)", "it's 7 15");
	WORDS("join(\"a\", owner)", "NULL");
	WORDS("coalesce(join(no_day), \"today\")", "today");
	WORDS("join(coalesce(join(no_day), \"today\"), \"!\")", "today!");
	script(t, "INSERT INTO t_member (id, name, label) VALUES (12, 'wang', '王芳')");
	script(t, "UPDATE t_sheet SET owner = 12");
	CHECK_TEXT(eval(t, s, "join(\"/o/member/\", owner)", TYPE_URL, 0), "/o/member/12");
	TRUTH("owner = owner", "1");
	WORDS("if(owner = owner, \"same\", note)", "same");
}

TEST_BOTH(expr_says_what_is_wrong_and_where)
{
	const struct schema *s = with_row(t);

	MONEY("", "! 0 a number, a field or a bracket is wanted here");
	MONEY("amount +", "! 8 a number, a field or a bracket is wanted here");
	MONEY("amount cost", "! 7 the formula should end here: an operator is missing, or a bracket too many");
	MONEY("(amount", "! 7 ) is missing here");
	MONEY("amuont * 2", "! 0 there is no field \"amuont\"");
	MONEY("2 * deleted_at", "! 4 there is no field \"deleted_at\"");
	MONEY("owner", "! 0 the formula does not yield money");
	MONEY("owner + 1", "! 0 a number is wanted here");
	TRUTH("owner = note", "! 8 the two sides are of different kinds");
	WORDS("join(note, amount)", "! 11 a text, a date, a whole number or a reference is wanted here");
	WORDS("join(note, active)", "! 11 a text, a date, a whole number or a reference is wanted here");
	WORDS("join(done_at)", "! 5 a text, a date, a whole number or a reference is wanted here");
	MONEY("join(note)", "! 0 the formula does not yield money");
	MONEY("amount + note", "! 9 a number is wanted here");
	MONEY("amount + (kind = \"call\")", "! 9 a number is wanted here");
	MONEY("start_on", "! 0 the formula does not yield money");
	TRUTH("amount", "! 0 the formula does not yield bool");
	TRUTH("kind = \"cal\"", "! 7 kind has no choice \"cal\"");
	TRUTH("amount = \"x\"", "! 9 the two sides are of different kinds");
	TRUTH("amount and active", "! 0 a condition is wanted here, such as amount > 0");
	TRUTH("active = active", "! 9 conditions are not compared: use and, or, not");
	MONEY("if(amount, 1, 2)", "! 3 a condition is wanted here, such as amount > 0");
	MONEY("if(active, 1)", "! 0 if has the wrong number of arguments");
	MONEY("if(active, 1, note)", "! 14 the two sides are of different kinds");
	MONEY("sqrt(amount)", "! 0 there is no function sqrt: use if, round, min, max, abs, coalesce, days or join");
	MONEY("round(amount, pieces)", "! 14 the number of decimals must be a digit from 0 to 6");
	MONEY("round(amount, 1 + 1)", "! 14 the number of decimals must be a digit from 0 to 6");
	MONEY("round(amount, 7)", "! 14 the number of decimals must be a digit from 0 to 6");
	MONEY("days(amount, end_on)", "! 5 a date is wanted here");
	MONEY("days(\"2024-02-30\", end_on)", "! 5 a date is wanted here");
	MONEY("amount / 0", "! 9 this divides by zero");
	MONEY("amount % 2", "! 7 there is a sign here that a formula does not know");
	MONEY("1.2.3", "! 0 this is not a usable number");
	WORDS("\"open", "! 0 a text has no closing \"");
	WORDS("\"a\\b\"", "! 2 a text cannot hold \\ or control characters");
}

TEST_BOTH(expr_refuses_what_grows_without_bound)
{
	const struct schema *s = with_row(t);
	struct text f;

	text_init(&f, &t->mem);
	for (int i = 0; i < 100; i++)
		text_add(&f, "(");
	MONEY(f.s, "! 40 there are too many brackets within brackets");
	text_clear(&f);
	text_add(&f, "1");
	for (int i = 0; i < 40; i++)
		text_add(&f, "+1");
	MONEY(f.s, "4100");
	for (int i = 0; i < 140; i++)
		text_add(&f, "+1");
	MONEY(f.s, "! 0 the formula is too complicated");
	text_clear(&f);
	for (int i = 0; i < 13; i++)
		text_add(&f, "pieces * ");
	text_add(&f, "1");
	MONEY(f.s, "! 117 a formula has at most 12 of * and /");
	text_clear(&f);
	for (int i = 0; i < 20; i++)
		text_add(&f, "min(amount, ");
	MONEY(f.s, "! 240 a number, a field or a bracket is wanted here");
	text_add(&f, "cost))))))))))))))))))))");
	MONEY(f.s, "! 0 the formula is too complicated");
}

TEST_BOTH(expr_names_what_it_reads)
{
	const struct schema *s = with_row(t);
	const char **names = expr_names(&t->mem, "if(margin > 1, min(cost, 3), \"pieces\")");
	struct expr e;

	CHECK_TEXT(names[0], "margin");
	CHECK_TEXT(names[1], "cost");
	CHECK(names[2] == NULL);
	CHECK(expr_compile(&t->mem, schema_object(s, "sheet"), "margin + cost + margin", TYPE_MONEY, 2, &e));
	CHECK_TEXT(e.uses[0]->name, "margin");
	CHECK_TEXT(e.uses[1]->name, "amount");
	CHECK_TEXT(e.uses[2]->name, "cost");
	CHECK(e.uses[3] == NULL);
}
