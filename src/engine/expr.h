/*
 * expr: the formula language.
 *
 * A formula computes from fields of one record: numbers, fields, + - * /,
 * brackets, comparisons, and or not, if(c, a, b), round(x, n), min max
 * abs coalesce(a, b), days(a, b), join(a, b), "text".  It becomes SQL that both databases
 * read alike, over bare column names, yielding a stored value.
 *
 * Numbers count as they are written: a percent field holding 12.5 % is 12.5, money is
 * units.  Inside, a value is a whole number in a double with a known count of decimals,
 * and divisions are left to the end, so that 1.45 * 10 / 100 rounds as on
 * paper.  The result is rounded to the yielded scale, half away from zero.  An empty
 * operand makes the result empty (but `x or y` is true as soon as one side is), and
 * so do a division by zero and a result beyond 4,503,599,627,370,495 scaled units.
 * days(a, b) is the number of days from a to b; join(a, b, …) puts texts, dates, whole numbers and
 * references (their ids) one after the other, as for a link.
 */
#ifndef ENGINE_EXPR_H
#define ENGINE_EXPR_H

#include "engine/schema.h"

enum {
	EXPR_TEXT = 2000,               /* bytes of a formula */
	EXPR_SQL = 16000,               /* bytes of what it may become */
	EXPR_DEPTH = 40,                /* brackets within brackets */
};

struct expr {
	const char *sql;
	const struct field **uses;      /* fields read, also through other formulas; ended by NULL */
	/* On failure: */
	size_t at;                      /* byte of the text where it went wrong */
	const char *zh, *en;
};

/*
 * Translates `text` over the fields of `o`.  Formula fields it names must have
 * their formula_sql already.  False with at, zh and en on any mistake.
 */
bool expr_compile(struct arena *mem, const struct object *o, const char *text,
                  enum type_id yields, int scale, struct expr *ret);

/* The names in a formula that may be fields, in order, ended by NULL. */
const char **expr_names(struct arena *mem, const char *text);

#endif
