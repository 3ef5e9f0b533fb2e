/*
 * schema: what exists.  Objects, fields, roles, reports and metrics as declared,
 * linked and checked.
 *
 * A declaration is a JSON document: a file of a module, or the body an
 * administrator posted.  All documents are read together, so order does not
 * matter.  The result is immutable; a change at run time builds the next schema
 * and swaps the pointer (engine.h), running work finishes with the old one.
 *
 * The format is described in docs/declarations.md.
 */
#ifndef ENGINE_SCHEMA_H
#define ENGINE_SCHEMA_H

#include "base/json.h"
#include "db/db.h"

/* Text in both languages.  `en` falls back to `zh` and the reverse; never NULL after loading. */
struct label {
	const char *zh;
	const char *en;
};

enum type_id {
	TYPE_TEXT,         /* one line                                           */
	TYPE_LONG,         /* several lines                                      */
	TYPE_INTEGER,
	TYPE_DECIMAL,      /* scaled integer, `scale` digits                     */
	TYPE_MONEY,        /* minor units (scale 2) of the company's currency    */
	TYPE_PERCENT,      /* scaled integer, scale 2: 12.5 % is 1250            */
	TYPE_BOOL,
	TYPE_DATE,         /* text YYYY-MM-DD                                    */
	TYPE_INSTANT,      /* ms UTC                                             */
	TYPE_DURATION,     /* minutes                                            */
	TYPE_CHOICE,
	TYPE_CHOICES,      /* text ",a,b,"                                       */
	TYPE_REF,          /* id                                                 */
	TYPE_REFS,         /* text ",12,15,"                                     */
	TYPE_MEMBER,       /* a ref to member                                    */
	TYPE_TEAM,         /* a ref to team                                      */
	TYPE_PHONE,        /* as typed, normalised                               */
	TYPE_EMAIL,
	TYPE_URL,
	TYPE_REGION,       /* text: division code of 2, 4, 6 or 9 digits         */
	TYPE_LOCATION,     /* text "lat,lng address"                             */
	TYPE_FILE,         /* text ",7,9,": ids of file                          */
	TYPE_IMAGE,        /* the same, images only                              */
	TYPE_NUMBER,       /* auto number, text                                  */
	TYPE_FORMULA,      /* computed from fields of the same record            */
	TYPE_TOTAL,        /* count or sum over child records                    */
	TYPE__COUNT
};

struct choice {
	const char *value;
	struct label label;
	const char *color;          /* NULL: none */
	bool retired;               /* what has it keeps it; offered no more */
};

/* Which roles; empty means everybody. */
struct role_list {
	size_t n;
	const char **names;
};

struct field {
	const char *name;
	enum type_id type;
	struct label label;
	struct label help;
	struct label section;                /* the heading above the row of the form it begins; empty: none */
	const struct object *object;         /* it belongs to */
	const struct object *to;             /* REF, REFS, MEMBER, TEAM, FILE, IMAGE */
	size_t index;                        /* position in object->fields */

	bool required;
	bool unique;
	bool indexed;
	bool search;                         /* part of the search index */
	bool read_only;                      /* only hooks and actions set it */
	bool system;                         /* id, version, created_at … : kept by the engine */
	bool computed;                       /* FORMULA, TOTAL: no column */
	bool builtin;                        /* not from an administrator's document */
	bool hidden;                         /* disappeared from its declaration: see object->kept */
	bool internal;                       /* deleted_at, import, holder: never shown to clients */
	int scale;                           /* DECIMAL, MONEY, PERCENT; else 0 */
	bool has_min, has_max;
	int64_t min, max;                    /* in stored units; TEXT and LONG: characters (max) */
	struct role_list read, write;

	const char *initial;                 /* default, as text a person would type, or $me $team $today $now; NULL */
	const char *filter;                  /* restricts what a ref may choose, query text; NULL */
	const struct choice *choices;
	size_t n_choices;
	const char *pattern;                 /* NUMBER: "HT-{yyyy}-{0001}" */
	const char *format;                  /* INTEGER: "year": written without separators; NULL */
	const char *was;                     /* former name, NULL */
	const char **aliases;                /* what columns of files call it, ended by NULL; NULL */

	/* FORMULA */
	const char *formula;                 /* as written */
	const char *formula_sql;             /* over bare column names */
	enum type_id yields;                 /* FORMULA and TOTAL: what type it looks like; else = type */
	const struct field **uses;           /* fields the formula, or a total's condition, reads; ended by NULL */
	/* TOTAL */
	const struct object *over;           /* child object */
	const struct field *via;             /* its reference to this object */
	const struct field *sum;             /* NULL: count */
	const char *where;                   /* query text on the child, NULL */
};

enum act { ACT_READ, ACT_CREATE, ACT_UPDATE, ACT_DELETE, ACT_EXPORT, ACT__COUNT };
enum reach { REACH_NONE, REACH_OWN, REACH_TEAM, REACH_TREE, REACH_ALL };

struct grant {
	const char *role;                    /* "*": every role */
	enum reach reach[ACT__COUNT];
};

/* How records are recognised as the same thing. */
enum match { MATCH_EXACT, MATCH_COMPANY, MATCH_PHONE, MATCH_CODE, MATCH_NAME };
struct duplicate_rule {
	enum match match;
	const struct field *field;
	bool block;                          /* refuse unless allowed; else only say so */
};

struct view_decl {                           /* a declared list */
	const char *name;
	struct label label;
	const char *query;
};

struct measure {
	const char *name;
	struct label label;
	const struct object *object;
	const struct field *sum;             /* NULL: count */
	const struct field *on;              /* DATE or INSTANT */
	const struct field *by;              /* ref to member */
	const char *where;                   /* query text, NULL */
	const char *split[2];                /* field or ref.field, NULL */
	const struct field *spread;          /* whose values each total is made of; NULL */
	size_t index;
};

struct param {                               /* of a report or an action: written like a field */
	struct field field;
};

struct action {
	const char *name;
	struct label label;
	struct label confirm;                /* zh NULL: none */
	const struct field *params;
	size_t n_params;
	bool on_list;                        /* on the object, not on a record */
	struct role_list roles;
	const char *when;                    /* condition: only offered where it holds; NULL */
	enum act needs;                      /* right on the record, default ACT_UPDATE */
};

/* What stays: these fields; all but these; all of them where both are NULL. */
struct fixed_fields {
	const char **only, **but;
};
struct fixed_part {
	const struct object *object;         /* its records that refer to a fixed one are neither made nor deleted */
	struct fixed_fields stays;
	bool import;                         /* files of the past may still bring them */
};
/* While a record fulfils the condition it stays as it is, and what is part of it. */
struct fixed {
	const char *when;                    /* condition over its own fields */
	struct fixed_fields stays;
	bool deletable;
	const struct fixed_part *parts;
	size_t n_parts;
	struct label why, instead;           /* what people are told: why it stays, and what to do */
};

struct object {
	const char *name;
	struct label label, plural, doc;
	const char *module;                  /* "engine" for built-ins, "custom" for an administrator's */
	const char *icon;
	bool menu;                           /* shown in the navigation */
	const char *menu_group;              /* the group it asks to be in; NULL */
	bool builtin;
	bool log;                            /* false: changes are not logged (change, job, session …) */
	const struct field *fields;
	size_t n_fields;
	const struct field *title;           /* never NULL: `id` if nothing else is fit */

	/*
	 * Columns that are no fields: not in any view, list, log or report.
	 * `columns` belong to C code that reads them through scope_table (a
	 * password); `kept` are fields that disappeared from their declaration.
	 */
	const struct field *columns;
	size_t n_columns;
	const struct field *kept;
	size_t n_kept;

	bool is_public;                      /* reference data: reach is all or none */
	const struct field *scope_member;    /* rows belong to this member; NULL */
	const struct field *scope_parent;    /* rows are visible with this record; NULL */
	bool unowned_visible;                /* rows whose scope_member is NULL are for everybody with any reach */
	const struct field *about_object;    /* rows are about any record, named by these two fields: only who ... */
	const struct field *about_record;    /* ... sees that record sees them.  Both or neither; NULL */
	const struct grant *grants;
	size_t n_grants;

	const char **list;                   /* field names, ended by NULL */
	const char ***form;                  /* rows of names */
	const char **parts;                  /* its page: names of fields, and of objects whose records refer to it; NULL */
	const struct view_decl *views;
	size_t n_views;
	const struct duplicate_rule *duplicates;
	size_t n_duplicates;
	const struct measure *measures;
	size_t n_measures;
	const struct action *actions;
	size_t n_actions;
	const struct fixed *fixed;
	size_t n_fixed;
	const char *board_by, *board_sum, *board_within;
	const char *calendar_start, *calendar_end, *calendar_done;
	const char ***indexes;               /* composite: rows of column names, ended by NULL */
	const char ***uniques;
	const char *was;
	const char *stored;                  /* its fields with a column, "id, version, …", in their order */
	const char *insert;                  /* INSERT of all but the id, which numbers itself */
	size_t index;                        /* position in schema->objects */
	const char *json;                    /* the merged declaration, for docs and export */
};

struct metric {
	const char *name;
	struct label label, doc, unit;
	const char *id;                      /* K-26 */
	const char *module;
	bool good_up, good_down;
	enum type_id yields;                 /* INTEGER, MONEY, PERCENT, DECIMAL, DURATION */
	const struct measure *top;
	const struct measure *bottom;        /* NULL: the measure itself */
	const char *setting;                 /* it is the metric this setting names, see metric_named; NULL: itself */
};

struct column {
	struct field field;                  /* type and label as of a field */
};

struct report {
	const char *name;
	const char *module;
	struct label label, doc;
	const char *sql;
	bool computed;                       /* a module's function makes the rows from those of the SQL */
	const struct object **uses;          /* ended by NULL */
	const struct measure **measures;     /* whose totals the SQL reads, ended by NULL */
	const struct field *params;
	size_t n_params;
	const struct field *columns;
	size_t n_columns;
	const char *open;                    /* template of the list behind a row: "opportunity?stage=eq.{stage_id}"; NULL */
	const char *chart_kind, *chart_x;
	const char **chart_y;
	const char *chart_by;                /* heat: whose values are the columns of the map; NULL */
	const char **chart_sets;             /* venn: BOOL columns, is the row's area inside; ended by NULL; NULL */
	const char *total;                   /* "sum": add a total row over summable columns; NULL */
	struct role_list roles;
};

struct role {
	const char *name;
	struct label label, doc;
	const char *module;
};

/* A group of the navigation (its objects) or of the page of analyses (its reports), in their order. */
struct menu {
	const char *name;
	struct label label;
	const char *module;
	const struct object **objects;       /* ended by NULL */
	const struct report **reports;       /* ended by NULL */
};

enum setting_type { SETTING_TEXT, SETTING_INTEGER, SETTING_BOOL, SETTING_CHOICE, SETTING_CLOCK, SETTING_CURRENCY, SETTING_ZONE };

enum { SETTING_LENGTH = 200 };               /* characters of a text that does not say its "max" */

/* A company-wide parameter (setting.h has its value). */
struct setting {
	const char *name;
	enum setting_type type;
	const char *initial;                 /* as text, like every value */
	int64_t min, max;                    /* integer; max: characters of a text */
	const char **choices;                /* ended by NULL */
	struct label label, help;
};

struct schema {
	struct arena mem;
	const struct object *objects;
	size_t n_objects;
	const struct metric *metrics;
	size_t n_metrics;
	const struct report *reports;
	size_t n_reports;
	const struct measure **measures;     /* of all objects */
	size_t n_measures;
	const struct role *roles;
	size_t n_roles;
	const struct menu *menus;
	size_t n_menus;
	const struct setting *settings;
	size_t n_settings;
	const struct object *kept;           /* objects that disappeared: only ddl looks at them */
	size_t n_kept;
	const char *etag;                    /* hash of everything, for /api/meta */
	int64_t number;                      /* counts up with each change */
};

/* One document to read. */
struct source {
	const char *name;                    /* "modules/opportunity/objects/opportunity.json" or "object 12" */
	const char *module;
	const char *text;
	size_t size;
	const char *sql;                     /* reports: the SQL beside it */
	bool builtin;
	bool past;                           /* as applied before: only tables and totals are asked for */
	int64_t id;                          /* of the record of `object`, 0: none */
};

struct complaint {
	const char *where;                   /* "opportunity.json:12:5" */
	const char *message;                 /* English for files; what is wrong and what to write instead */
	const char *message_zh;
	struct complaint *next;
};

/*
 * Reads, links and checks all documents.  Returns a new schema with its own
 * arena, or NULL with every problem in *ret_complaints (allocated from mem).
 */
struct schema *schema_load(struct arena *mem, const struct source *sources, size_t n,
                           struct complaint **ret_complaints);
void schema_free(struct schema *s);

/*
 * What `old` has and `next` has not (renamed things excepted), with what `old` itself
 * only keeps, as one document { "kept": … } to store and to pass to the next
 * schema_load besides the others: so a column that disappeared stays known, can be dropped,
 * and is found again when it comes back.  NULL if there is nothing.
 */
const char *schema_kept(struct arena *mem, const struct schema *old, const struct schema *next);

/* The documents built into the binary (objects, extensions, reports, metrics). */
size_t schema_builtin(struct arena *mem, struct source **ret_sources);

const struct object *schema_object(const struct schema *s, const char *name);     /* NULL if none */
const struct field *object_field(const struct object *o, const char *name);       /* NULL if none */
const struct metric *schema_metric(const struct schema *s, const char *name);
const struct report *schema_report(const struct schema *s, const char *name);
const struct measure *schema_measure(const struct schema *s, const char *name);
const struct role *schema_role(const struct schema *s, const char *name);
const struct setting *schema_setting(const struct schema *s, const char *name);
/* May it have this value? */
bool setting_fits(const struct setting *s, const char *value);
const struct action *object_action(const struct object *o, const char *name);
/* May people still not write this field of a record that is fixed? */
bool fixed_field(const struct fixed_fields *stays, const struct field *f);
const struct choice *field_choice(const struct field *f, const char *value);

const char *label_in(struct label l, const char *lang);      /* "zh" or "en" */
/* key: { zh, en }, or of the two what the writer is to write; nothing if there is neither. */
void label_write(struct json_writer *w, const char *key, struct label l);
/* "choices": [ … ], as a declaration has them. */
void choices_write(struct json_writer *w, const struct field *f);

#endif
