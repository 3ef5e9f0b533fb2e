#include "engine/schema_load.h"

#include <unistd.h>

#include "base/date.h"
#include "base/number.h"

/* Company-wide parameters: what modules declare in their settings.json. */

/* Three capital letters. */
static bool is_currency(const char *s)
{
	return strlen(s) == 3 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* A zone this machine knows. */
static bool is_zone(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	char path[128] = "/usr/share/zoneinfo/";
	size_t start = strlen(path);

	if (!*s || *s == '/' || strspn(s, letters) != strlen(s) || strlen(s) >= sizeof path - start)
		return false;
	memcpy(path + start, s, strlen(s) + 1);
	return access(path, R_OK) == 0;
}

static bool is_choice(const struct setting *s, const char *value)
{
	for (const char **one = s->choices; *one; one++)
		if (text_eq(*one, value))
			return true;
	return false;
}

bool setting_fits(const struct setting *s, const char *value)
{
	int64_t n;

	switch (s->type) {
	case SETTING_TEXT:
		return (int64_t)utf8_length(value) <= s->max;
	case SETTING_INTEGER:
		return int_parse(value, &n) && n >= s->min && n <= s->max;
	case SETTING_BOOL:
		return text_eq(value, "true") || text_eq(value, "false");
	case SETTING_CHOICE:
		return is_choice(s, value);
	case SETTING_CLOCK:
		return clock_minutes(value) >= 0;
	case SETTING_CURRENCY:
		return is_currency(value);
	case SETTING_ZONE:
		return is_zone(value);
	}
	return false;
}

static const char *initial_of(const struct json *j)
{
	return !j ? "" : j->kind == JSON_BOOL ? (j->b ? "true" : "false") : j->text ? j->text : "";
}

static bool link_setting(struct loader *l, struct place at, struct setting *ret)
{
	static const char *const types[] = {
		[SETTING_TEXT] = "text",   [SETTING_INTEGER] = "integer",   [SETTING_BOOL] = "bool", [SETTING_CHOICE] = "choice",
		[SETTING_CLOCK] = "clock", [SETTING_CURRENCY] = "currency", [SETTING_ZONE] = "zone",
	};
	static const struct key keys[] = {
		{ "setting", IS_TEXT, true, 0, false },  { "type", IS_TEXT, true, 0, false },    { "label", IS_LABEL, true, 0, false },
		{ "help", IS_LABEL, false, 0, false },   { "default", IS_VALUE, true, 0, false }, { "min", IS_INT, false, 0, false },
		{ "max", IS_INT, false, 0, false },      { "choices", IS_LIST, false, 0, false },
	};
	static const struct shape shape = { "设置", "a setting", keys, LENGTH(keys) };
	static const char *none[] = { NULL };
	int type = SETTING_TEXT;

	*ret = (struct setting){ .name = json_text(at.json, "setting", ""), .choices = none };
	if (!check_shape(l, at, &shape) || !check_name(l, place_of(at, "setting"), ret->name, NAME_OTHER))
		return false;
	read_word(l, at, "type", types, LENGTH(types), &type);
	ret->type = (enum setting_type)type;
	read_label(l, at, "label", &ret->label);
	if (json_get(at.json, "help"))
		read_label(l, at, "help", &ret->help);
	if (json_get(at.json, "choices"))
		ret->choices = read_names(l, place_of(at, "choices"));
	if (type == SETTING_INTEGER && (!json_get(at.json, "min") || !json_get(at.json, "max")))
		complain(l, at, "整数设置“%s”须有 min 与 max", "the setting \"%s\" is an integer: it needs \"min\" and \"max\"", ret->name);
	ret->min = json_int(at.json, "min", INT64_MIN);
	ret->max = json_int(at.json, "max", type == SETTING_TEXT ? SETTING_LENGTH : INT64_MAX);
	ret->initial = initial_of(json_get(at.json, "default"));
	if (!setting_fits(ret, ret->initial))
		complain(l, place_of(at, "default"), "设置“%s”的默认值“%s”不合它自己的限制",
		         "the default of the setting \"%s\", \"%s\", is not what it allows", ret->name, ret->initial);
	return true;
}

static void add_setting(struct loader *l, struct place at, struct setting *list)
{
	struct setting *s = &list[l->s->n_settings];

	if (!link_setting(l, at, s))
		return;
	if (schema_setting(l->s, s->name))
		complain(l, place_of(at, "setting"), "设置“%s”重复", "the setting \"%s\" is there twice", s->name);
	l->s->n_settings++;
}

void link_settings(struct loader *l)
{
	struct setting *list = arena_array(l->mem, l->settings.n + 1, sizeof *list);

	l->s->settings = list;
	/* What everybody needs comes first. */
	for (int engine = 1; engine >= 0; engine--)
		for (size_t i = 0; i < l->settings.n; i++)
			if (text_eq(l->settings.list[i].source->module, "engine") == engine)
				add_setting(l, l->settings.list[i], list);
}
