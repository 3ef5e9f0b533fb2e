/*
 * schema_load: what the parts of the schema loader share.  Nobody else
 * includes this.
 *
 * Loading goes in steps, each over all documents, so that order does not matter:
 *
 *   schema_read.c     text → documents → drafts of objects with their fields
 *   schema_extend.c   extensions change the drafts; the merged declaration
 *   schema_link.c     drafts become objects; names become pointers; access
 *   schema_rows.c     lists, forms, views, duplicates, indexes, actions
 *   schema_number.c   formulas, totals, measures, metrics, reports
 *   schema_setting.c  settings
 *
 * Every part says what is wrong with complain() and goes on, so that a person
 * sees all problems at once.
 */
#ifndef ENGINE_SCHEMA_LOAD_H
#define ENGINE_SCHEMA_LOAD_H

#include "engine/schema.h"

/* A piece of a document. */
struct place {
	const struct source *source;
	const struct json *json;
};

struct places {
	struct place *list;
	size_t n, cap;
};

struct field_draft {
	struct field f;
	struct place at;
	struct places changes;          /* what extensions say about it, in order */
};

/* An object on its way.  Once linked, `fields` and `fixed` have the same order; system fields have no json. */
struct object_draft {
	struct object *o;
	struct place at;
	struct places extensions;
	struct field_draft *fields;
	size_t n_fields, cap_fields;
	struct field *fixed;            /* o->fields, to be written to while linking */
	struct place label, plural, list, form, parts, board, calendar; /* json NULL: none */
	struct places form_rows;        /* of extensions, below the form */
	struct places views, duplicates, indexes, unique, measures, actions, locks;
	struct places access;           /* one per role; the json's key is the role */
};

struct loader {
	struct schema *s;
	struct arena *mem;              /* of the schema */
	struct arena *out;              /* of the complaints */
	struct complaint *first, **end;
	size_t n_complaints;
	struct places objects, extensions, metrics, reports, roles, menus, settings, kept;
	struct object_draft *drafts;
	size_t n_drafts;
	struct field **formulas;        /* being compiled: finds circles */
	size_t n_formulas, cap_formulas;
};

/* Notes a problem at a place; both texts take the same arguments in the same order. */
void complain(struct loader *l, struct place at, const char *zh, const char *en, ...)
	__attribute__((format(printf, 4, 5)));
/* The same where the texts are made up already. */
void complain_plain(struct loader *l, struct place at, const char *zh, const char *en);
/* The member `key` of a place; the place itself if there is none (for complaints). */
struct place place_of(struct place at, const char *key);
void places_add(struct loader *l, struct places *list, struct place at);

/* What an object of JSON may hold. */
enum {
	IS_BOOL   = 1 << JSON_BOOL,
	IS_INT    = 1 << JSON_INT,
	IS_NUMBER = 1 << JSON_INT | 1 << JSON_REAL,
	IS_TEXT   = 1 << JSON_TEXT,
	IS_LIST   = 1 << JSON_ARRAY,
	IS_OBJECT = 1 << JSON_OBJECT,
	IS_LABEL  = IS_TEXT | IS_OBJECT,
	IS_VALUE  = IS_TEXT | IS_NUMBER | IS_BOOL,
};

struct key {
	const char *name;
	int kinds;
	bool needed;
	unsigned types;                 /* bits of the field types that have it; 0: all */
	bool shipped;                   /* not in an administrator's documents */
};

struct shape {
	const char *zh, *en;            /* "a view" */
	const struct key *keys;
	size_t n;
};

/* Unknown keys, values of the wrong kind, missing keys.  False if it is no object at all. */
bool check_shape(struct loader *l, struct place at, const struct shape *shape);
/* A list of texts, ended by NULL; complains about anything else. */
const char **read_names(struct loader *l, struct place list);
bool read_label(struct loader *l, struct place at, const char *key, struct label *ret);
/* One of the words of `list`; *ret keeps its value if the key is absent or wrong. */
void read_word(struct loader *l, struct place at, const char *key, const char *const *list,
               size_t n, int *ret);
void read_roles(struct loader *l, struct place list, struct role_list *ret);

enum name_of { NAME_OBJECT, NAME_FIELD, NAME_OTHER };
/* Is this a name as docs/declarations.md wants it? */
bool check_name(struct loader *l, struct place at, const char *name, enum name_of what);
/* " (x?)", the name that was probably meant, or "". */
const char *nearest(struct loader *l, const char *name, const char *(*at)(const void *p, size_t i),
                    const void *p, size_t n);

enum field_of { FIELD_OBJECT, FIELD_COLUMN, FIELD_PARAM, FIELD_REPORT };
/* Reads one field; false if not even its name is usable. */
bool read_field(struct loader *l, struct place at, enum field_of what, struct field *ret);
/* Reads `min`, `max`, `choices` and the like of a place into a field of known type. */
bool read_limit(struct loader *l, struct place at, const struct field *f, int64_t *ret);
void read_choices(struct loader *l, struct place list, struct field *f);
/* Choices that are there, as they are now: order, label, colour, retired; those left out come after. */
void arrange_choices(struct loader *l, struct place list, struct field *f);

struct object_draft *find_draft(struct loader *l, const char *name);
struct field_draft *find_field_draft(struct object_draft *d, const char *name);
void draft_add_field(struct loader *l, struct object_draft *d, const struct field *f,
                     struct place at);
/* Adds every item of the list (or object) `key` as a place of its own. */
void spread_items(struct loader *l, struct place at, const char *key, struct places *list);
/* Lists, forms, views …: what an object and an extension say in the same words. */
void draft_add_rows(struct loader *l, struct object_draft *d, struct place at);

/* The steps. */
void read_documents(struct loader *l, const struct source *sources, size_t n);
void read_objects(struct loader *l);
void extend_objects(struct loader *l);
void merge_json(struct loader *l, struct object_draft *d);
void link_objects(struct loader *l);
void link_menus(struct loader *l);
void link_settings(struct loader *l);
void link_rows(struct loader *l);
void link_numbers(struct loader *l);
void link_kept(struct loader *l);
/* Query texts are read by the reader that will run them, once everything else is linked. */
void link_queries(struct loader *l);

/* Names to pointers; NULL and a complaint if there is no such thing. */
const struct object *need_object(struct loader *l, struct place at, const char *name);
const struct field *need_field(struct loader *l, struct place at, const struct object *o,
                               const char *name);
/* The field a member of `at` names. */
const struct field *field_of_key(struct loader *l, struct place at, const char *key,
                                 const struct object *o);
void link_field_to(struct loader *l, struct place at, struct field *f);
/* Roles named at the place exist. */
void check_roles(struct loader *l, struct place list, const struct role_list *roles);
bool is_member_ref(const struct field *f);      /* one member, not several */
bool is_stored_number(const struct field *f);
/* Checks a default against its type, with the messages of type.c. */
void check_initial(struct loader *l, struct place at, const struct field *f);

#endif
