/*
 * type: one row per field type.  Nothing else in the program switches on types.
 */
#ifndef ENGINE_TYPE_H
#define ENGINE_TYPE_H

#include "engine/ctx.h"

enum storage { STORE_INTEGER, STORE_REAL, STORE_TEXT, STORE_NONE };

enum op { OP_EQ, OP_NE, OP_LT, OP_LTE, OP_GT, OP_GTE, OP_IN, OP_LIKE, OP_IS, OP__COUNT };
#define OP_BIT(op) (1u << (op))

struct type {
	const char *name;               /* in declarations */
	enum storage storage;
	const char *openapi;            /* "string", "string:date", "integer", … */
	unsigned ops;                   /* bits of enum op */
	bool sortable;
	bool ordered;                   /* min and max make sense */

	/*
	 * Reads what a client sent (any JSON kind) into a stored value; checks
	 * form, limits, choices – not existence of references.  Fails with fail()
	 * under `name` (may differ from f->name for imports).
	 */
	bool (*read)(struct ctx *ctx, const struct field *f, const struct json *j,
	             struct value *ret);
	/*
	 * Reads what a person typed or a file holds: thousands separators, 是/否, choice
	 * labels in both languages, loose dates.  References are left to the importer.
	 */
	bool (*read_text)(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
	/* Writes a stored value as JSON. */
	void (*write)(struct json_writer *w, const struct field *f, struct value v);
	/* As a person reads it (exports, history, labels), in the member's language. */
	const char *(*show)(struct ctx *ctx, const struct field *f, struct value v);
};

extern const struct type types[TYPE__COUNT];

/* The row of a field: for FORMULA and TOTAL that of what it yields. */
const struct type *field_type(const struct field *f);
const struct type *type_find(const char *name, enum type_id *ret_id);   /* NULL if unknown */

bool field_is_ref(const struct field *f);     /* REF, MEMBER, TEAM */
bool field_is_refs(const struct field *f);    /* REFS, FILE, IMAGE */

/* The ids of ",12,15,". */
size_t ids_split(struct arena *mem, const char *s, int64_t **ret_ids);
const char *ids_join(struct arena *mem, const int64_t *ids, size_t n);   /* NULL if n is 0 */

/* Normalised forms, for storage and for finding duplicates. */
char *phone_digits(struct arena *mem, const char *s);        /* only digits, +86/0086 and Excel forms folded; "" if none */
char *company_key(struct arena *mem, const char *s);         /* folded, without brackets, 有限公司, 股份, Co., Ltd. …; never "" unless s is */
char *code_key(struct arena *mem, const char *s);            /* half-width, upper case, no blanks or dashes */
bool credit_code_ok(const char *code);                       /* check character of GB 32100-2015 */

#endif
