/*
 * search_inner: what the parts of search share.  Nobody else includes this.
 *
 *   search_token.c   text → tokens to store; words of a person → what to look for
 *   search.c         the index: writing, rebuilding, conditions of lists
 *   search_rank.c    the answer across objects, best first
 *
 * Kinds of tokens, told apart by their first character so that one index holds
 * all and a prefix stays among its kind:
 *
 *   华  华为      Chinese characters, and pairs of them
 *   huawei 5g     words of letters and digits
 *   _huaweijishu  how a title or another short text reads from each character on
 *   -hwjs         its initials from each character on
 *   =华为技术     how a title begins; =_huaweijishu, =-hwjs: how that reads
 *   #00138000     the digits of a phone from each digit on
 *   @12  ^12      the member the row belongs to; the holder.  0: nobody
 *   name:…        any of the above from a field only some roles may read
 */
#ifndef ENGINE_SEARCH_INNER_H
#define ENGINE_SEARCH_INNER_H

#include "engine/search.h"

enum {
	SEARCH_CHARS = 2000,            /* of a text that are indexed */
	SEARCH_ASKED = 200,             /* of what a person typed */
	SEARCH_UNITS = 64,              /* characters and words of a title that are read aloud */
	SEARCH_COMBINATIONS = 4,        /* readings kept from one character on */
	SEARCH_READ = 24,               /* letters of a reading */
	SEARCH_INITIALS = 8,
	SEARCH_WORD = 40,               /* bytes of a word */
	SEARCH_START = 24,              /* characters of the beginning of a title */
	SEARCH_DIGITS = 20,
	SEARCH_DIGITS_MIN = 4,
	SEARCH_GROUPS = 16,             /* things looked for at once */
};

/* A token to find, or all that begin with it. */
struct wanted {
	const char *token;
	bool prefix;
};

/* One of its tokens must be there; all groups must. */
struct group {
	struct wanted wanted[4];
	size_t n;
};

struct words {
	const char *folded;             /* the whole, for comparison with titles */
	struct group groups[SEARCH_GROUPS];
	size_t n;
	struct group start;             /* titles that begin with the whole */
	const char **parts;             /* the runs it consists of, ended by NULL */
};

/* What a person typed.  No groups: nothing to search for. */
void words_read(struct arena *mem, const char *s, struct words *ret);

/* How well a title answers; RANK_OTHER: another field did. */
enum rank { RANK_OTHER, RANK_INSIDE, RANK_READ, RANK_CONTAINS, RANK_STARTS, RANK_EXACT };
enum rank title_rank(struct arena *mem, const char *title, const struct words *w);

/* Do the tokens of a text (blanks between) hold anything of the group? */
bool group_in(const struct group *g, const char *tokens);

/* Fields of the object that are indexed. */
bool search_field(const struct field *f);
/* The tokens of a field's text. */
void value_tokens(struct arena *mem, const struct field *f, const char *s, struct text *out);
/* The same for a stored value, marked if the field is not for everybody. */
void field_tokens(struct arena *mem, const struct field *f, struct value v, struct text *out);

/*
 * What of the words a field's text answers, exactly as its tokens in the index would: bit g for
 * group g, ANSWERS_START for a title that begins so.
 */
enum { ANSWERS_START = 1 << SEARCH_GROUPS };
uint32_t value_answers(struct arena *mem, const struct field *f, const char *s,
                       const struct words *w);

/*
 * Appends what the index is asked: FTS5's language or tsquery's.  Tokens of
 * fields the caller may not read do not count; rows of members beyond a narrow reach are left out.
 * Without groups: only whose the rows are, or nothing if the reach is not narrow.
 */
bool search_match(struct ctx *ctx, const struct object *o, const struct group *groups, size_t n,
                  struct text *out);

/* The number the index has for an object; 0 if nothing was ever indexed. */
bool search_number(struct ctx *ctx, const struct object *o, int64_t *ret);

enum { SEARCH_RECORDS = 40 };           /* bits of a record's id in the number of a row */

#endif
