/*
 * type_text: what people type and files hold, into stored values; shared by
 * type.c (the table), type_text.c, and report.c for the limits of parameters.
 */
#ifndef ENGINE_TYPE_TEXT_H
#define ENGINE_TYPE_TEXT_H

#include "base/number.h"
#include "engine/type.h"

typedef bool read_text_fn(struct ctx *ctx, const struct field *f, const char *s,
                          struct value *ret);

read_text_fn text_integer, text_decimal, text_bool, text_date, text_instant,
	text_duration, text_choice, text_choices, text_id, text_ids, text_place, text_refused;

/*
 * Does `s` begin with what stands between things in a list: a comma, semicolon, bar, line end (or
 * slash), in any script?  Its bytes, or 0.
 */
size_t text_mark(const char *s, bool slash);

/* The beginning of what was typed, for messages. */
const char *brief(struct ctx *ctx, const char *s);

/* The same checks for clients and files: the text is not empty. */
bool take_line(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_long(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_phone(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_email(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_url(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_region(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);
bool take_integer(struct ctx *ctx, const struct field *f, int64_t n, struct value *ret);
bool take_decimal(struct ctx *ctx, const struct field *f, enum decimal_result how, int64_t scaled,
                  struct value *ret);
/* lat and lng as text ("" if unknown), address. */
bool take_place(struct ctx *ctx, const struct field *f, const char *lat, const char *lng,
                const char *address, struct value *ret);
/* Values of a choice each once, in declared order. */
struct value choices_value(struct ctx *ctx, const struct field *f, const bool *chosen);
bool take_ids(struct ctx *ctx, const struct field *f, const int64_t *ids, size_t n,
              struct value *ret);

#endif
