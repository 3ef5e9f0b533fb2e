/*
 * import: files into records, all or nothing.
 *
 * Steps (docs/api.md): the file is stored and sniffed → columns mapped (by name
 * in both languages, by content, by the mapping saved last time) → preview:
 * every row read, resolved and checked on a read connection, with the numbers
 * the run will say → run: rows go through the write lane in slices of a few
 * milliseconds, invisible (deleted_at < 0), while other people's writes go on in
 * between → one row is updated, the point of no return → the rows are made
 * visible slice by slice.  A run that fails, is cancelled or killed before that
 * point leaves nothing; after it, it is finished later: by the next server's first job, or
 * within the hour by one that runs (docs/adr/0004).
 */
#ifndef ENGINE_IMPORT_H
#define ENGINE_IMPORT_H

#include "engine/record.h"

/* Sniffs a stored file and makes the import record.  Writes it as JSON. */
bool import_start(struct ctx *ctx, const struct object *o, const char *path, const char *name,
                  int64_t *ret_id);
/* Changes mapping and options (body of PATCH). */
bool import_change(struct ctx *ctx, int64_t id, const struct json *body);
/* Writes the import with progress, problems, unresolved values. */
bool import_write(struct ctx *ctx, int64_t id, struct json_writer *w);

struct import_result {
	int64_t created, updated, unchanged, failed;
};
/*
 * Blocking; for the job thread and the command.  `run` false: preview only.
 * Progress goes to the import record.  False with errors; rows that failed are in the error file.
 */
bool import_run(struct engine *e, int64_t id, const struct member *me, bool run,
                struct import_result *ret);
/* Sets the state and hands the import to the thread of slow jobs. */
bool import_queue(struct ctx *ctx, int64_t id, bool run);
bool import_cancel(struct ctx *ctx, int64_t id);
/*
 * Hands the undoing of a finished import to the thread of slow jobs: what it made is
 * deleted, what it changed is as before, slice by slice.  Once begun it is finished,
 * whatever happens; `done` says how far it is, `failed` how many rows rules did not let go.
 */
bool import_undo(struct ctx *ctx, int64_t id);
/*
 * Blocking, for the job thread: does what the import's state asks for.  After a
 * restart the job comes again when nothing is left to do.
 */
bool import_work(struct engine *e, int64_t id, const struct member *me);
/*
 * Blocking, for the job thread and the command: finishes or removes what killed processes
 * left.  What waits for the job thread, or is in the hands of a living process, stays as it is.
 */
bool import_recover(struct engine *e);
/* Has the job thread do so. */
bool import_recover_later(struct ctx *ctx, void *unused);

/* Path of the error file (CSV: line, column, value, reason), NULL if there is none. */
const char *import_errors_path(struct ctx *ctx, int64_t id);
/* An empty file with the right header. */
bool import_template(struct ctx *ctx, const struct object *o, bool xlsx, struct text *out,
                     const char **ret_path);

/* `loudou import`: prints progress and, last, `N created, N updated, N unchanged, N failed`. */
struct import_command {
	const char *object, *file;
	const char *map;                /* JSON file of what PATCH /api/import/{id} takes; NULL */
	const char *key;                /* update by this field; NULL: create */
	const char *errors;             /* where the error file goes; NULL: nowhere */
	bool dry_run;
	const struct member *me;        /* NULL: the system */
};
/* Returns the exit code: 0 only if every row went in (or would). */
int import_command(struct engine *e, const struct import_command *c, struct arena *mem);

#endif
