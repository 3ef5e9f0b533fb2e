/*
 * json: a parser that knows where everything stood, and a streaming writer.
 *
 * The parser refuses invalid UTF-8, NUL, duplicate keys, nesting deeper than
 * JSON_DEPTH, trailing text, numbers JSON does not have.  Integers that fit
 * 64 bits stay exact.  Nodes live in the arena.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/text.h"

enum { JSON_DEPTH = 64 };

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_kind kind;
	int line, column;           /* where it starts, from 1 */
	const char *key;            /* its name, if a member of an object */
	union {
		bool b;
		int64_t i;
		double r;
	};
	const char *text;           /* JSON_TEXT: the value; JSON_INT and JSON_REAL: as written */
	size_t len;                 /* of text, or the number of children */
	struct json *first;         /* children of arrays and objects, in order */
	struct json *next;          /* its next sibling */
};

struct json_error {
	int line, column;
	const char *message;        /* English, static or in the arena */
};

/* Parses the `n` bytes at `s`.  NULL on error, with *error filled. */
struct json *json_parse(struct arena *mem, const char *s, size_t n,
                        struct json_error *error);

/* The member `key` of an object, or NULL (also if `j` is NULL or no object). */
const struct json *json_get(const struct json *j, const char *key);

/* The text, integer or bool of a member, or the default if absent or of another kind. */
const char *json_text(const struct json *j, const char *key, const char *otherwise);
int64_t json_int(const struct json *j, const char *key, int64_t otherwise);
bool json_bool(const struct json *j, const char *key, bool otherwise);

/*
 * Writing.  Commas are the writer's business: call a function per value, and
 * jw_key before each member of an object.
 */
struct json_writer {
	struct text *out;
	bool comma;                 /* a value was written on this level */
	const char *language;       /* of texts there are in several: only this one; NULL: all */
};

void jw_init(struct json_writer *w, struct text *out);
void jw_object(struct json_writer *w);
void jw_object_end(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_array_end(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);      /* key needs no escaping */
void jw_key_any(struct json_writer *w, const char *key);  /* key is escaped */
void jw_text(struct json_writer *w, const char *s);       /* NULL writes null */
void jw_textn(struct json_writer *w, const char *s, size_t n);
void jw_int(struct json_writer *w, int64_t n);
void jw_id(struct json_writer *w, int64_t id);            /* as a string: "12" */
void jw_real(struct json_writer *w, double r);            /* NaN and infinity: null */
void jw_bool(struct json_writer *w, bool b);
void jw_null(struct json_writer *w);
void jw_raw(struct json_writer *w, const char *json);     /* already JSON */
void jw_json(struct json_writer *w, const struct json *j);/* a parsed tree again */

#endif
