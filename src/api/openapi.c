#include "api/api.h"

#include "base/version.h"
#include "engine/scope.h"

/* OpenAPI 3.1 from the declarations: one schema and the record routes per object. */

static void word(struct json_writer *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_text(w, s);
}

static void write_type(const struct field *f, struct json_writer *w)
{
	const char *type = field_type(f)->openapi;
	const char *colon = strchr(type, ':');
	char *plain = arena_dupn(w->out->mem, type, colon ? (size_t)(colon - type) : strlen(type));

	if (!f->required && !f->system) {
		jw_key(w, "type");
		jw_array(w);
		jw_text(w, plain);
		jw_text(w, "null");
		jw_array_end(w);
	} else {
		word(w, "type", plain);
	}
	if (colon)
		word(w, "format", colon + 1);
	if (text_eq(plain, "array")) {
		jw_key(w, "items");
		jw_object(w);
		jw_object_end(w);
	}
	if (f->n_choices && f->yields == TYPE_CHOICE) {
		jw_key(w, "enum");
		jw_array(w);
		for (size_t i = 0; i < f->n_choices; i++)
			jw_text(w, f->choices[i].value);
		if (!f->required)
			jw_null(w);
		jw_array_end(w);
	}
}

static void write_schema(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, o->name);
	jw_object(w);
	word(w, "type", "object");
	word(w, "title", label_in(o->label, ctx->me->language));
	jw_key(w, "properties");
	jw_object(w);
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (!scope_field_read(ctx, f))
			continue;
		jw_key(w, f->name);
		jw_object(w);
		write_type(f, w);
		word(w, "title", label_in(f->label, ctx->me->language));
		if (!scope_field_write(ctx, f)) {
			jw_key(w, "readOnly");
			jw_bool(w, true);
		}
		jw_object_end(w);
	}
	jw_object_end(w);
	jw_object_end(w);
}

static void write_reference(const struct object *o, struct json_writer *w)
{
	jw_key(w, "content");
	jw_object(w);
	jw_key(w, "application/json");
	jw_object(w);
	jw_key(w, "schema");
	jw_object(w);
	word(w, "$ref", fmt(w->out->mem, "#/components/schemas/%s", o->name));
	jw_object_end(w);
	jw_object_end(w);
	jw_object_end(w);
}

static void write_operation(const struct object *o, const char *method, const char *summary,
                            bool body, struct json_writer *w)
{
	jw_key(w, method);
	jw_object(w);
	word(w, "summary", summary);
	jw_key(w, "tags");
	jw_array(w);
	jw_text(w, o->name);
	jw_array_end(w);
	if (body) {
		jw_key(w, "requestBody");
		jw_object(w);
		write_reference(o, w);
		jw_object_end(w);
	}
	jw_key(w, "responses");
	jw_object(w);
	jw_key(w, text_eq(method, "post") ? "201" : text_eq(method, "delete") ? "204" : "200");
	jw_object(w);
	word(w, "description", summary);
	if (!text_eq(method, "delete"))
		write_reference(o, w);
	jw_object_end(w);
	jw_object_end(w);
	jw_object_end(w);
}

static void write_paths(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, fmt(ctx->mem, "/api/%s", o->name));
	jw_object(w);
	write_operation(o, "get", "list", false, w);
	if (scope_may(ctx, o, ACT_CREATE))
		write_operation(o, "post", "create", true, w);
	jw_object_end(w);
	jw_key(w, fmt(ctx->mem, "/api/%s/{id}", o->name));
	jw_object(w);
	jw_key(w, "parameters");
	jw_raw(w, "[{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}]");
	write_operation(o, "get", "read", false, w);
	if (scope_may(ctx, o, ACT_UPDATE))
		write_operation(o, "patch", "change", true, w);
	if (scope_may(ctx, o, ACT_DELETE))
		write_operation(o, "delete", "delete", false, w);
	jw_object_end(w);
}

bool openapi_show(struct ctx *ctx, struct call *call)
{
	struct json_writer *w = &call->w;
	const struct schema *s = ctx->schema;

	jw_object(w);
	word(w, "openapi", "3.1.0");
	jw_key(w, "info");
	jw_object(w);
	word(w, "title", "Loudou");
	word(w, "version", LOUDOU_VERSION);
	jw_object_end(w);
	jw_key(w, "paths");
	jw_object(w);
	for (size_t i = 0; i < s->n_objects; i++)
		if (scope_may(ctx, &s->objects[i], ACT_READ))
			write_paths(ctx, &s->objects[i], w);
	jw_object_end(w);
	jw_key(w, "components");
	jw_object(w);
	jw_key(w, "schemas");
	jw_object(w);
	for (size_t i = 0; i < s->n_objects; i++)
		if (scope_may(ctx, &s->objects[i], ACT_READ))
			write_schema(ctx, &s->objects[i], w);
	jw_object_end(w);
	jw_key(w, "securitySchemes");
	jw_raw(w, "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
	jw_object_end(w);
	jw_key(w, "security");
	jw_raw(w, "[{\"bearer\":[]}]");
	jw_object_end(w);
	return true;
}
