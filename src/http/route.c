#include "http/route.h"

static const struct route_pattern *pattern_at(const void *table, size_t stride, size_t i)
{
	const void *p = (const char *)table + i * stride;

	return p;
}

/* Compares segment by segment; with `ret` also takes the values of {names}. */
static bool matches(struct arena *mem, const char *pattern, const char *path,
                    struct route_match *ret)
{
	while (*pattern == '/' && *path == '/') {
		pattern++;
		path++;

		size_t want = strcspn(pattern, "/");
		size_t have = strcspn(path, "/");

		if (pattern[0] == '{') {
			if (have == 0)
				return false;
			if (ret) {
				assert(ret->n < ROUTE_PARAMS && pattern[want - 1] == '}');
				ret->name[ret->n] = arena_dupn(mem, pattern + 1, want - 2);
				ret->value[ret->n++] = arena_dupn(mem, path, have);
			}
		} else if (want != have || memcmp(pattern, path, want) != 0) {
			return false;
		}
		pattern += want;
		path += have;
	}
	return !*pattern && !*path;
}

/* HEAD is GET without a body. */
static bool serves(const struct route_pattern *p, const char *method)
{
	return text_eq(p->method, method) || (text_eq(method, "HEAD") && text_eq(p->method, "GET"));
}

enum route_result route_find(struct arena *mem, const void *table, size_t stride, size_t n,
                             const char *method, const char *path, struct route_match *ret)
{
	enum route_result result = ROUTE_NO_PATH;

	for (size_t i = 0; i < n; i++) {
		const struct route_pattern *p = pattern_at(table, stride, i);

		if (!matches(mem, p->pattern, path, NULL))
			continue;
		result = ROUTE_NO_METHOD;
		if (!serves(p, method))
			continue;
		*ret = (struct route_match){ .index = i };
		matches(mem, p->pattern, path, ret);
		return ROUTE_FOUND;
	}
	return result;
}

/* Whether an earlier pattern of the path has the method already. */
static bool listed(const void *table, size_t stride, size_t n, const char *path, const char *method)
{
	for (size_t i = 0; i < n; i++) {
		const struct route_pattern *p = pattern_at(table, stride, i);

		if (text_eq(p->method, method) && matches(NULL, p->pattern, path, NULL))
			return true;
	}
	return false;
}

const char *route_methods(struct arena *mem, const void *table, size_t stride, size_t n,
                          const char *path)
{
	struct text t;

	text_init(&t, mem);
	for (size_t i = 0; i < n; i++) {
		const struct route_pattern *p = pattern_at(table, stride, i);

		if (!matches(mem, p->pattern, path, NULL) ||
		    listed(table, stride, i, path, p->method))
			continue;
		if (t.len)
			text_add(&t, ", ");
		text_add(&t, p->method);
	}
	return t.s;
}
