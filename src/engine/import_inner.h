/*
 * import_inner: what the parts of import share.  Nobody else includes this.
 *
 *   import.c       the import record: file, options, what clients see
 *   import_map.c   which column is which field
 *   import_rows.c  a row of the file becomes a draft: values, references, doubles
 *   import_run.c   checking, running, undoing, going on after a kill
 *   import_slice.c going through the rows slice by slice, in passes
 *   import_command.c   `loudou import`
 */
#ifndef ENGINE_IMPORT_INNER_H
#define ENGINE_IMPORT_INNER_H

#include <stdio.h>

#include "base/map.h"
#include "engine/engine.h"
#include "engine/import.h"
#include "engine/record_inner.h"
#include "sheet/sheet.h"

enum {
	IMPORT_SAMPLES = 5,
	IMPORT_LOOK = 200,              /* rows looked at for samples and guesses */
	IMPORT_TOLD = 100,              /* problems told in the answer; all go into the error file */
	IMPORT_SUGGEST = 20000,         /* titles that are compared for suggestions */
};

struct import_column {
	const char *name;               /* of the header */
	const char *samples[IMPORT_SAMPLES];
	size_t n_samples;
	const struct field *field;      /* NULL: not imported */
	const char *why;                /* "name", "content", "saved", "given" */
	struct date_guess guess;
	enum date_order order;
};

/* Everything an import record says, read. */
struct import_plan {
	int64_t id;
	const struct object *o;
	const char *state;
	const char *name;               /* of the file, as the person has it */
	const char *path;
	const struct json *options;
	struct sheet_options sheet;
	enum date_order order;          /* given; DATE_NONE: each column its own */
	bool header;
	const struct field *key;        /* update by it; NULL: create */
	const char *duplicates;         /* "skip", "update", "create", "fail" */
	struct import_column *columns;
	size_t n_columns;
};

bool import_plan(struct ctx *ctx, int64_t id, struct import_plan *ret);
/* The names of the columns as one text: which files look alike. */
const char *import_header(struct arena *mem, const struct import_plan *p);

/* Fills in columns[].field and why from saved mapping, names and content. */
bool import_guess(struct ctx *ctx, struct import_plan *p);

/* How values become ids: one per mapped reference or region column. */
struct import_lookup {
	struct map ids;                 /* folded name → id, −1: several */
	struct map missing;             /* value as written → rows that have it */
	const char **order;             /* missing values, in order of appearance */
	size_t n_order, cap_order;
	bool create;                    /* missing titles may be created */
	bool own;                       /* of the object that is imported: 'subsidiary of' */
	bool several;                   /* some names stand for several records */
};

enum import_act { IMPORT_CREATE, IMPORT_UPDATE, IMPORT_SAME, IMPORT_SKIP, IMPORT_FAIL };

/* The reading of one file. */
struct import_reading {
	struct arena mem;               /* of maps and decisions: as long as the run */
	struct import_plan plan;
	struct import_lookup *lookups;  /* per column */
	struct map keys;                /* value of the key field → id */
	struct map titles;              /* folded titles the file will make → id once made, else 0 */
	bool keyed;                     /* there are records with duplicate keys already */
	bool links;                     /* some column refers to rows of the file itself */
	struct map seen;                /* rule or unique field and value → line, within the file */
	const struct json *values;      /* choices of the person for unresolved names */
	const struct json *blank;       /* words that stand for nothing */
};

bool import_open(struct ctx *ctx, int64_t id, struct import_reading *ret);

/* A problem of one cell. */
struct import_problem {
	int64_t line;
	const char *column, *field, *value, *message;
};
typedef void import_tell(void *ptr, const struct import_problem *problem);

/* Reads one row into a draft.  False if something is wrong with it (told). */
bool import_row(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                struct draft *d, import_tell *tell, void *ptr);

/*
 * The references of a row to other rows of the file, which exist by now: a draft with only these
 * and the row's own id; *ret_id 0 if there are none.
 */
bool import_links(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                  struct draft *d, int64_t *ret_id);
/* The title a row will have, folded; NULL if it has none. */
const char *import_title(struct ctx *ctx, const struct import_reading *r, const struct sheet_row *row);

/* What is to be done with the draft; *ret_id: the record to update. */
bool import_decide(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                   struct draft *d, enum import_act *ret, int64_t *ret_id, import_tell *tell,
                   void *ptr);

/* An import that is being checked or run, on a thread of its own. */
struct running {
	struct engine *e;
	int64_t id;
	const struct member *me;
	const char *request;            /* what its rows say in the change log */
	struct held_schema *held;       /* the plan points into it */
	struct import_reading r;
	struct import_result counts;
	int64_t total;                  /* rows of the file */
	unsigned char *acts;            /* enum import_act per row, in the reading's arena */
	size_t cap_acts;
	const char *message;            /* why the run failed; in the reading's arena */
	const char *state;              /* as we noted it last; NULL: not yet */
	int64_t done, told_at;          /* progress of the pass, and when it was noted */
	/* reading the file */
	struct sheet *sheet;
	struct arena parsing;
	bool opened;                    /* behind the header */
	int64_t read;                   /* rows */
	bool reading;                   /* an attempt to read on did not end well */
	struct slice *filling;
	/* going through the store */
	const char *object;             /* that is imported */
	struct import_place {
		int turn;
		size_t object;          /* in the schema */
		int64_t after;          /* id */
	} place;
	/* telling problems */
	FILE *errors;
	const char *errors_path;
	struct text told;               /* JSON of the first problems */
	struct json_writer w;
	int64_t n_told;
	bool failed_row;
	const struct sheet_row *first;  /* of those that are new, in the reading's arena; NULL: none */
	bool tried;                     /* it can be written */
};

/* Has somebody asked to stop it? */
bool import_cancelled(int64_t id);
/*
 * In the lane: takes the import into this process's hands until db_release, or until it
 * ends.  *ret_ours false: another process has it.
 */
bool import_claim(struct ctx *ctx, int64_t id, bool *ret_ours);
/* In the lane: the state is still as we noted it, so nobody else took the import over. */
bool import_ours(struct ctx *ctx, const struct running *x);
/* Notes state and numbers; problems (JSON) if not NULL. */
bool import_state(struct running *x, const char *state, const char *problems, int64_t done);
/* A work that was refused: waits a moment and true if it is worth another try, else notes why. */
bool import_again(struct running *x, const struct work *w, int *tries);

/* An import_tell for rows whose problems have been told. */
void import_no_tell(void *ptr, const struct import_problem *p);

/* Opens the file before its first row. */
struct sheet *import_sheet(struct ctx *ctx, struct running *x, struct arena *mem);
/*
 * Calls `fn` for the rows behind the header, from number `from` on, at most `most`.
 * What it makes in ctx->mem lives as long as the row.
 */
typedef bool import_each(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number);
bool import_rows(struct ctx *ctx, struct running *x, struct sheet *s, int64_t from, int64_t most,
                 import_each *fn);
/*
 * A row was refused: one message for it, in ctx->mem, since what the row left in an arena of its own
 * does not outlast it; with the line of the file unless 0.  False.
 */
bool import_row_failed(struct ctx *ctx, int64_t line);

/* What is done with all rows of an import, slice by slice through the lane. */
enum import_pass {
	PASS_CREATE,                    /* rows of the file become invisible records */
	PASS_LINK,                      /* references to other rows of the file */
	PASS_SHOW,                      /* invisible records become visible, indexed, counted, logged */
	PASS_UPDATE,                    /* rows of the file change existing records */
	PASS_REMOVE,                    /* invisible records go for good */
	PASS_UNDO,                      /* visible records are deleted */
	PASS_RESTORE,                   /* changed records get their former values */
};
/* False if it failed or was cancelled (import_cancelled says which). */
bool import_pass(struct running *x, enum import_pass pass);

/* Where the error file of an import lies. */
const char *import_errors(struct arena *mem, struct engine *e, int64_t id);

/* Writes unresolved values with suggestions. */
bool import_unresolved(struct ctx *ctx, struct import_reading *r, struct json_writer *w);

#endif
