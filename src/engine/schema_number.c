#include "engine/schema_load.h"

#include "base/embed.h"
#include "engine/expr.h"
#include "engine/type.h"
#include "engine/query.h"

/*
 * What counts: formulas, totals, measures, metrics, reports; and the query
 * texts of all of them.
 */

/*
 * Formulas
 */

static struct place field_place(const struct loader *l, const struct field *f, const char *key)
{
	const struct object_draft *d = &l->drafts[f->object->index];

	return place_of(d->fields[f->index].at, key);
}

static bool link_formula(struct loader *l, struct object_draft *d, struct field *f);

/* Formulas that this one reads come first; false if that leads back here. */
static bool link_inner_formulas(struct loader *l, struct object_draft *d, const struct field *f)
{
	const char **names = expr_names(l->out, f->formula);

	for (size_t i = 0; names[i]; i++) {
		const struct field *inner = object_field(d->o, names[i]);

		if (inner && inner->type == TYPE_FORMULA &&
		    !link_formula(l, d, &d->fixed[inner->index]))
			return false;
	}
	return true;
}

/* Compiling makes much text of which little stays. */
static const struct field **keep_uses(struct loader *l, const struct field **uses)
{
	const struct field **kept;
	size_t n = 0;

	while (uses[n])
		n++;
	kept = arena_array(l->mem, n + 1, sizeof *kept);
	for (size_t i = 0; i < n; i++)
		kept[i] = uses[i];
	return kept;
}

static bool link_formula(struct loader *l, struct object_draft *d, struct field *f)
{
	struct place at = field_place(l, f, "formula");
	struct expr e = { 0 };
	bool inner;

	if (!f->formula)
		return false;
	if (f->formula_sql)
		return *f->formula_sql != '\0';
	for (size_t i = 0; i < l->n_formulas; i++) {
		if (l->formulas[i] != f)
			continue;
		complain(l, at, "公式“%s”循环引用自身",
		         "the formula %s refers to itself in a circle", f->name);
		return false;
	}
	l->formulas = arena_grow(l->mem, l->formulas, &l->cap_formulas, l->n_formulas + 1,
	                         sizeof *l->formulas);
	l->formulas[l->n_formulas++] = f;
	inner = link_inner_formulas(l, d, f);
	l->n_formulas--;
	if (inner && expr_compile(l->out, d->o, f->formula, f->yields, f->scale, &e)) {
		f->formula_sql = arena_dup(l->mem, e.sql);
		f->uses = keep_uses(l, e.uses);
		return true;
	}
	/* Empty: tried, and told. */
	f->formula_sql = "";
	if (inner)
		complain_plain(l, at, fmt(l->out, "公式第 %zu 个字符处：%s", e.at + 1, e.zh),
		               fmt(l->out, "in the formula at character %zu: %s", e.at + 1, e.en));
	return false;
}

/* Stored, or a formula of stored ones. */
static bool is_summable(const struct field *f)
{
	return is_stored_number(f) || (f->type == TYPE_FORMULA && field_type(f)->ordered &&
	                               field_type(f)->storage == STORE_INTEGER);
}

static void link_total(struct loader *l, struct place at, struct field *f)
{
	const char *over = json_text(at.json, "over", NULL);

	f->over = over ? need_object(l, place_of(at, "over"), over) : NULL;
	if (!f->over)
		return;
	f->via = field_of_key(l, at, "via", f->over);
	f->sum = field_of_key(l, at, "sum", f->over);
	if (f->via && (f->via->type != TYPE_REF || f->via->to != f->object))
		complain(l, place_of(at, "via"), "%s.%s 不是指向 %s 的引用",
		         "%s.%s is not a reference to %s", f->over->name, f->via->name,
		         f->object->name);
	if (!f->sum)
		return;
	if (!is_summable(f->sum))
		complain(l, place_of(at, "sum"), "“%s”不是数字字段", "\"%s\" is not a number",
		         f->sum->name);
	f->yields = f->sum->yields;
	f->scale = f->sum->scale;
}

/*
 * Measures
 */

/* A field to split by: of the object, or of a record it refers to. */
static void link_split(struct loader *l, struct place at, const struct object *o)
{
	const char *path = at.json->text;
	const char *dot = at.json->kind == JSON_TEXT ? strchr(path, '.') : NULL;
	const struct field *f;

	if (at.json->kind != JSON_TEXT) {
		complain(l, at, "应为字段名称（文本）", "must be the name of a field (a text)");
		return;
	}
	if (dot) {
		f = need_field(l, at, o, arena_dupn(l->mem, path, (size_t)(dot - path)));
		if (f && (!field_is_ref(f) || !f->to)) {
			complain(l, at, "“%s”不是引用字段", "\"%s\" is not a reference", f->name);
			return;
		}
		o = f ? f->to : o;
		path = dot + 1;
		if (!f)
			return;
	}
	f = need_field(l, at, o, path);
	if (f && f->type == TYPE_FORMULA && f->yields == TYPE_INTEGER)
		return;
	if (f && (f->computed || f->type == TYPE_LONG || f->type == TYPE_INSTANT ||
	          f->type == TYPE_LOCATION || f->type == TYPE_CHOICES || field_is_refs(f)))
		complain(l, at, "不能按 %s 类型的字段“%s”细分",
		         "a measure cannot be split by the %s field \"%s\"", types[f->type].name,
		         f->name);
}

static void link_splits(struct loader *l, struct place at, struct measure *m)
{
	const struct json *list = json_get(at.json, "split");
	size_t n = 0;

	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct place here = { at.source, j };

		if (n == LENGTH(m->split)) {
			complain(l, here, "最多按两个字段细分",
			         "a measure can be split by two fields at most");
			return;
		}
		link_split(l, here, m->object);
		m->split[n++] = j->kind == JSON_TEXT ? j->text : "";
	}
}

/* Values that stand side by side in one text: few, short, without blanks. */
static bool has_short_values(const struct field *f)
{
	if (f->type == TYPE_FORMULA)
		return f->yields == TYPE_INTEGER;
	return !f->computed && (f->type == TYPE_INTEGER || f->type == TYPE_DECIMAL || f->type == TYPE_DATE ||
	                        f->type == TYPE_CHOICE || (f->type == TYPE_TEXT && f->read_only));
}

static void link_measure_fields(struct loader *l, struct place at, struct measure *m)
{
	const struct object *o = m->object;

	m->on = field_of_key(l, at, "on", o);
	m->sum = field_of_key(l, at, "sum", o);
	m->spread = field_of_key(l, at, "spread", o);
	m->by = json_get(at.json, "by") ? field_of_key(l, at, "by", o) : o->scope_member;
	if (m->on && (m->on->computed || (m->on->type != TYPE_DATE && m->on->type != TYPE_INSTANT)))
		complain(l, place_of(at, "on"), "“%s”不是日期或时间字段",
		         "\"%s\" is neither a date nor an instant", m->on->name);
	if (m->sum && !is_summable(m->sum))
		complain(l, place_of(at, "sum"), "“%s”不是数字字段", "\"%s\" is not a number",
		         m->sum->name);
	if (m->spread && !has_short_values(m->spread))
		complain(l, place_of(at, "spread"), "“%s”不是整数、日期、选项或系统填写的短文本",
		         "\"%s\" is neither an integer, a date, a choice nor a short text kept by the system", m->spread->name);
	if (m->by && !is_member_ref(m->by))
		complain(l, place_of(at, "by"), "“%s”不是成员字段", "\"%s\" is not a member",
		         m->by->name);
	if (!m->by && !json_get(at.json, "by"))
		complain(l, at, "指标需要“by”：记在哪位成员名下",
		         "a measure needs \"by\": the member it counts for");
}

static bool link_measure(struct loader *l, struct place at, const struct object *o,
                         struct measure *ret)
{
	static const struct key keys[] = {
		{ "name", IS_TEXT, true, 0, false },   { "label", IS_LABEL, true, 0, false },
		{ "on", IS_TEXT, true, 0, false },     { "by", IS_TEXT, false, 0, false },
		{ "where", IS_TEXT, false, 0, false }, { "sum", IS_TEXT, false, 0, false },
		{ "split", IS_LIST, false, 0, false }, { "spread", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "度量", "a measure", keys, LENGTH(keys) };
	struct measure m = { .object = o, .name = json_text(at.json, "name", NULL) };
	const struct measure *twin;

	if (!check_shape(l, at, &shape) || !m.name ||
	    !check_name(l, place_of(at, "name"), m.name, NAME_OTHER))
		return false;
	twin = schema_measure(l->s, m.name);
	if (twin) {
		complain(l, place_of(at, "name"), "度量“%s”已由 %s 声明",
		         "the measure \"%s\" is already declared by %s", m.name,
		         twin->object->name);
		return false;
	}
	m.label = (struct label){ m.name, m.name };
	read_label(l, at, "label", &m.label);
	m.where = json_text(at.json, "where", NULL);
	link_measure_fields(l, at, &m);
	link_splits(l, at, &m);
	*ret = m;
	return true;
}

static void link_measures(struct loader *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_drafts; i++)
		n += l->drafts[i].measures.n;
	l->s->measures = arena_array(l->mem, n + 1, sizeof *l->s->measures);
	for (size_t i = 0; i < l->n_drafts; i++) {
		struct object_draft *d = &l->drafts[i];
		struct measure *list = arena_array(l->mem, d->measures.n + 1, sizeof *list);

		d->o->measures = list;
		for (size_t k = 0; k < d->measures.n; k++) {
			struct measure *m = &list[d->o->n_measures];

			if (!link_measure(l, d->measures.list[k], d->o, m)) {
				d->measures.list[k].json = NULL;
				continue;
			}
			m->index = l->s->n_measures;
			l->s->measures[l->s->n_measures++] = m;
			d->o->n_measures++;
		}
	}
}

/*
 * Metrics
 */

static const char *measure_name(const void *p, size_t i)
{
	const struct schema *s = p;

	return s->measures[i]->name;
}

static const struct measure *need_measure(struct loader *l, struct place at, const char *key)
{
	const char *name = json_text(at.json, key, NULL);
	const struct measure *m = name ? schema_measure(l->s, name) : NULL;

	if (name && !m)
		complain(l, place_of(at, key), "没有度量“%s”%s", "there is no measure \"%s\"%s", name,
		         nearest(l, name, measure_name, l->s, l->s->n_measures));
	return m;
}

static void link_metric(struct loader *l, struct place at, struct metric *m)
{
	static const char *const yields[] = { "integer", "money", "percent", "decimal",
		                              "duration" };
	static const enum type_id ids[] = { TYPE_INTEGER, TYPE_MONEY, TYPE_PERCENT, TYPE_DECIMAL,
	                                    TYPE_DURATION };
	static const char *const good[] = { "none", "up", "down" };
	int kind = 0;
	int way = 0;

	m->label = (struct label){ m->name, m->name };
	m->doc = m->unit = (struct label){ "", "" };
	read_label(l, at, "label", &m->label);
	read_label(l, at, "doc", &m->doc);
	if (json_get(json_get(at.json, "unit"), "zh") || json_get(json_get(at.json, "unit"), "en"))
		m->unit = (struct label){ json_text(json_get(at.json, "unit"), "zh", ""),
		                          json_text(json_get(at.json, "unit"), "en", "") };
	m->id = json_text(at.json, "id", "");
	m->module = at.source->module ? at.source->module : "custom";
	m->setting = json_text(at.json, "setting", NULL);
	if (!m->setting == !json_get(at.json, "top"))
		complain(l, at, "指标“%s”须有 top 或 setting，只有其中之一", "the metric \"%s\" has either \"top\" or \"setting\"", m->name);
	m->top = need_measure(l, at, "top");
	m->bottom = need_measure(l, at, "bottom");
	if (m->bottom)
		kind = 2;
	else if (m->top && m->top->sum && m->top->sum->type == TYPE_MONEY)
		kind = 1;
	read_word(l, at, "yields", yields, LENGTH(yields), &kind);
	read_word(l, at, "good", good, LENGTH(good), &way);
	m->yields = ids[kind];
	m->good_up = way == 1;
	m->good_down = way == 2;
}

/* Every choice of its setting is a metric; what is known of it before it is asked is that of the default. */
static void link_chosen(struct loader *l, struct place at, struct metric *m)
{
	const struct setting *s = schema_setting(l->s, m->setting);
	const struct metric *initial;

	if (!s || s->type != SETTING_CHOICE) {
		complain(l, place_of(at, "setting"), "没有“%s”这个单选设置", "there is no setting \"%s\" with choices", m->setting);
		return;
	}
	for (const char **one = s->choices; *one; one++) {
		const struct metric *way = schema_metric(l->s, *one);

		if (!way || way->setting)
			complain(l, place_of(at, "setting"), "设置“%s”的选项“%s”不是指标", "\"%s\" can be \"%s\", which is no metric", m->setting, *one);
	}
	initial = schema_metric(l->s, s->initial);
	if (!initial || initial->setting)
		return;
	m->top = initial->top;
	m->bottom = initial->bottom;
	m->yields = initial->yields;
	m->good_up = initial->good_up;
	m->good_down = initial->good_down;
}

static void link_metrics(struct loader *l)
{
	static const struct key keys[] = {
		{ "metric", IS_TEXT, true, 0, false }, { "label", IS_LABEL, true, 0, false },
		{ "doc", IS_LABEL, true, 0, false },   { "id", IS_TEXT, false, 0, false },
		{ "unit", IS_LABEL, false, 0, false }, { "top", IS_TEXT, false, 0, false },
		{ "bottom", IS_TEXT, false, 0, false }, { "yields", IS_TEXT, false, 0, false },
		{ "good", IS_TEXT, false, 0, false },  { "setting", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "指标", "a metric", keys, LENGTH(keys) };
	struct metric *metrics = arena_array(l->mem, l->metrics.n + 1, sizeof *metrics);
	struct place *places = arena_array(l->mem, l->metrics.n + 1, sizeof *places);

	l->s->metrics = metrics;
	for (size_t i = 0; i < l->metrics.n; i++) {
		struct place at = l->metrics.list[i];
		const char *name = json_text(at.json, "metric", "");

		check_shape(l, at, &shape);
		if (!check_name(l, place_of(at, "metric"), name, NAME_OTHER))
			continue;
		if (schema_metric(l->s, name)) {
			complain(l, place_of(at, "metric"), "指标“%s”重复",
			         "the metric \"%s\" is there twice", name);
			continue;
		}
		metrics[l->s->n_metrics].name = name;
		link_metric(l, at, &metrics[l->s->n_metrics]);
		places[l->s->n_metrics++] = at;
	}
	for (size_t i = 0; i < l->s->n_metrics; i++)
		if (metrics[i].setting)
			link_chosen(l, places[i], &metrics[i]);
}

/*
 * Reports
 */

/* A date parameter may begin with a word of the query language: "month", "today-89". */
static bool is_day_word(struct loader *l, const struct field *f)
{
	struct member me = { .language = "en" };
	struct ctx ctx = { .mem = l->out, .schema = l->s, .me = &me, .today = "2000-01-01" };
	struct value v;

	return f->type == TYPE_DATE && f->initial && *f->initial != '$' && query_read(&ctx, f, f->initial, &v);
}

/* Parameters or columns: written like fields, each name once. */
static const struct field *link_report_fields(struct loader *l, struct place at, const char *key,
                                              size_t *ret_n)
{
	const struct json *list = json_get(at.json, key);
	struct field *fields = arena_array(l->mem, list ? list->len + 1 : 1, sizeof *fields);
	size_t n = 0;

	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct place here = { at.source, j };
		struct field *f = &fields[n];

		if (!read_field(l, here, text_eq(key, "params") ? FIELD_PARAM : FIELD_REPORT, f))
			continue;
		link_field_to(l, here, f);
		if (!text_eq(key, "params") || !is_day_word(l, f))
			check_initial(l, place_of(here, "default"), f);
		for (size_t k = 0; k < n; k++)
			if (text_eq(fields[k].name, f->name))
				complain(l, place_of(here, "name"), "“%s”重复",
				         "\"%s\" is there twice", f->name);
		f->index = n++;
	}
	*ret_n = n;
	return fields;
}

static const struct field *named(const struct field *fields, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(fields[i].name) == len && !strncmp(fields[i].name, name, len))
			return &fields[i];
	return NULL;
}

/* NULL if the report has none of that name; told at the place. */
static const struct field *report_column(struct loader *l, struct place at, const struct report *r,
                                         const char *name)
{
	const struct field *f = named(r->columns, r->n_columns, name, strlen(name));

	if (!f)
		complain(l, at, "报表没有列“%s”", "the report has no column \"%s\"", name);
	return f;
}

static bool is_number(enum type_id type)
{
	return type == TYPE_INTEGER || type == TYPE_DURATION || type == TYPE_DECIMAL ||
	       type == TYPE_MONEY || type == TYPE_PERCENT;
}

/* The names of a list: each a column, and of the kind the picture can draw. */
static const char **chart_columns(struct loader *l, struct place at, const char *key,
                                  const struct report *r, bool sets)
{
	if (!json_get(at.json, key))
		return NULL;

	struct place here = place_of(at, key);
	const char **names = read_names(l, here);

	for (size_t i = 0; names[i]; i++) {
		const struct field *f = report_column(l, here, r, names[i]);

		if (f && sets && f->type != TYPE_BOOL)
			complain(l, here, "“%s”应为 bool 列：说明该行是否属于这个集合",
			         "\"%s\" must be a column of type bool: is the row inside the set", names[i]);
		if (f && !sets && !is_number(f->type))
			complain(l, here, "“%s”不是数字列，画不出来",
			         "\"%s\" is no column of numbers: it cannot be drawn", names[i]);
	}
	return names;
}

static size_t names_count(const char **names)
{
	size_t n = 0;

	while (names && names[n])
		n++;
	return n;
}

static void link_chart(struct loader *l, struct place at, struct report *r)
{
	static const struct key keys[] = {
		{ "kind", IS_TEXT, true, 0, false },
		{ "x", IS_TEXT, true, 0, false },
		{ "y", IS_LIST, true, 0, false },
		{ "by", IS_TEXT, false, 0, false },
		{ "sets", IS_LIST, false, 0, false },
	};
	static const struct shape shape = { "图表", "a chart", keys, LENGTH(keys) };
	static const char *const kinds[] = { "bar", "line", "funnel", "table", "heat", "venn", "gauge", "spider", "sections" };
	enum { HEAT = 4, VENN, GAUGE, SPIDER, SECTIONS };
	static const struct {
		size_t least, most;             /* columns of numbers */
	} counts[] = { [HEAT] = { 1, 1 }, [VENN] = { 1, 1 }, [GAUGE] = { 2, 3 }, [SPIDER] = { 3, 8 }, [SECTIONS] = { 1, 4 } };
	int kind = 0;

	if (!check_shape(l, at, &shape))
		return;
	read_word(l, at, "kind", kinds, LENGTH(kinds), &kind);
	r->chart_kind = kinds[kind];
	r->chart_x = json_text(at.json, "x", NULL);
	if (r->chart_x)
		report_column(l, place_of(at, "x"), r, r->chart_x);
	r->chart_by = json_text(at.json, "by", NULL);
	if (r->chart_by)
		report_column(l, place_of(at, "by"), r, r->chart_by);
	r->chart_y = chart_columns(l, at, "y", r, false);
	r->chart_sets = chart_columns(l, at, "sets", r, true);

	size_t y = names_count(r->chart_y);
	size_t sets = names_count(r->chart_sets);

	if (kind >= HEAT && (y < counts[kind].least || y > counts[kind].most))
		complain(l, place_of(at, "y"), "%s 图的 y 应有 %zu 到 %zu 列",
		         "y of a %s chart names %zu to %zu columns", kinds[kind], counts[kind].least,
		         counts[kind].most);
	if ((r->chart_by != NULL) != (kind == HEAT || kind == SECTIONS))
		complain(l, place_of(at, "by"), "“by”是热力图的列、sections 的分区，这两种必须有，其他图没有",
		         "\"by\" names what makes the columns of a heat map, or the sections: these two need it, others have none");
	if (kind == VENN ? sets < 2 || sets > 3 : sets > 0)
		complain(l, place_of(at, "sets"), "“sets”是 venn 的两个或三个集合，其他图没有",
		         "\"sets\" are the two or three sets of a venn chart, others have none");
}

/* May the SQL have a column of this name?  report_check knows for certain. */
static bool in_sql(const struct report *r, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strlen(name);

	for (const char *p = strstr(r->sql, name); p; p = strstr(p + 1, name))
		if ((p == r->sql || !strchr(letters, p[-1])) && (!p[len] || !strchr(letters, p[len])))
			return true;
	return false;
}

/* What stands behind the rows of a report may be the rows of another: "report/NAME?parameter={column}". */
static const char *opened_report(struct arena *mem, const struct report *r)
{
	static const char prefix[] = "report/";
	const char *name = r->open + sizeof prefix - 1;

	return text_starts(r->open, prefix) ? arena_dupn(mem, name, strcspn(name, "?")) : NULL;
}

/* "opportunity?owner=eq.{owner}": the object exists, braces name columns, declared or not, or parameters. */
static void check_open(struct loader *l, struct place at, const struct report *r)
{
	const char *q = strchr(r->open, '?');
	size_t n = q ? (size_t)(q - r->open) : strlen(r->open);

	if (!opened_report(l->mem, r))
		need_object(l, at, arena_dupn(l->mem, r->open, n));
	for (const char *p = strchr(r->open, '{'); p; p = strchr(p + 1, '{')) {
		size_t len = strcspn(p + 1, "}");

		if (!named(r->columns, r->n_columns, p + 1, len) &&
		    !named(r->params, r->n_params, p + 1, len) && !in_sql(r, arena_dupn(l->mem, p + 1, len)))
			complain(l, at, "{%s} 既不是列也不是参数",
			         "{%s} is neither a column nor a parameter",
			         arena_dupn(l->out, p + 1, len));
	}
}

static void link_uses(struct loader *l, struct place list, struct report *r)
{
	const char **names = read_names(l, list);
	size_t n = 0;

	r->uses = arena_array(l->mem, list.json->len + 1, sizeof *r->uses);
	for (size_t i = 0; names[i]; i++) {
		const struct object *o = need_object(l, list, names[i]);

		if (o)
			r->uses[n++] = o;
	}
}

/* Totals the SQL reads. */
static void link_report_measures(struct loader *l, struct place list, struct report *r)
{
	const char **names = read_names(l, list);
	size_t n = 0;

	r->measures = arena_array(l->mem, list.json->len + 1, sizeof *r->measures);
	for (size_t i = 0; names[i]; i++) {
		r->measures[n] = schema_measure(l->s, names[i]);
		if (r->measures[n])
			n++;
		else
			complain(l, list, "没有度量“%s”", "there is no measure \"%s\"", names[i]);
	}
}

/* A line of the SQL beside a report; the declaration's own place where the SQL stands in it. */
static struct place sql_line(struct loader *l, struct place at, int line)
{
	const char *name = at.source->name;
	struct source *source = arena_alloc(l->mem, sizeof *source);
	struct json *json = arena_alloc(l->mem, sizeof *json);

	if (json_get(at.json, "sql"))
		return place_of(at, "sql");
	*source = *at.source;
	source->name = fmt(l->mem, "%.*ssql", (int)(strlen(name) - strlen("json")), name);
	*json = (struct json){ .line = line, .column = 1 };
	return (struct place){ source, json };
}

/* NAME is a part of the report's own module, MODULE/NAME of another. */
static const struct embedded_file *find_part(struct loader *l, const char *module, const char *name)
{
	const char *slash = strchr(name, '/');

	return embedded_find(slash
		? fmt(l->mem, "modules/%.*s/reports/%s.part.sql", (int)(slash - name), name, slash + 1)
		: fmt(l->mem, "modules/%s/reports/%s.part.sql", module, name));
}

/* The SQL with each line "-- include NAME" replaced by that part, which itself includes none. */
static const char *with_parts(struct loader *l, struct place at, const char *module, const char *sql)
{
	static const char word[] = "-- include ";
	struct text out;
	int line = 1;

	text_init(&out, l->mem);
	for (const char *end; *sql; sql = end, line++) {
		const struct embedded_file *part;
		const char *name;

		end = sql + strcspn(sql, "\n");
		end += *end == '\n';
		if (!text_starts(sql, word)) {
			text_addn(&out, sql, (size_t)(end - sql));
			continue;
		}
		name = sql + strlen(word);
		name = arena_dupn(l->mem, name, strcspn(name, "\r\n"));
		part = find_part(l, module, name);
		if (!part)
			complain(l, sql_line(l, at, line), "没有报表片段“%s”：应有 reports/%s.part.sql",
			         "there is no part \"%s\": reports/%s.part.sql would be it", name,
			         strchr(name, '/') ? strchr(name, '/') + 1 : name);
		else if (text_starts(part->data, word) || strstr(part->data, "\n-- include "))
			complain(l, sql_line(l, at, line), "片段“%s”不能再包含片段",
			         "the part \"%s\" includes a part: only reports do", name);
		else
			text_add(&out, part->data);
	}
	return out.s;
}

static void link_report(struct loader *l, struct place at, struct report *r)
{
	const char *sql = json_text(at.json, "sql", at.source->sql);
	static const char *const totals[] = { "sum" };
	int total = -1;

	r->module = at.source->module ? at.source->module : "custom";
	r->label = (struct label){ r->name, r->name };
	r->doc = (struct label){ "", "" };
	read_label(l, at, "label", &r->label);
	read_label(l, at, "doc", &r->doc);
	if (sql)
		r->sql = with_parts(l, at, r->module, sql);
	else
		complain(
			l, at, "报表没有 SQL：应在同名的 .sql 文件中，或写在 \"sql\" 里",
			"the report has no SQL: it belongs in a file of the same name ending in .sql,"
			" or under \"sql\"");
	r->computed = json_bool(at.json, "computed", false);
	r->uses = arena_array(l->mem, 1, sizeof *r->uses);
	if (json_get(at.json, "uses"))
		link_uses(l, place_of(at, "uses"), r);
	r->measures = arena_array(l->mem, 1, sizeof *r->measures);
	if (json_get(at.json, "measures"))
		link_report_measures(l, place_of(at, "measures"), r);
	r->params = link_report_fields(l, at, "params", &r->n_params);
	r->columns = link_report_fields(l, at, "columns", &r->n_columns);
	if (json_get(at.json, "chart"))
		link_chart(l, place_of(at, "chart"), r);
	r->open = json_text(at.json, "open", NULL);
	if (r->open)
		check_open(l, place_of(at, "open"), r);
	read_word(l, at, "total", totals, LENGTH(totals), &total);
	r->total = total == 0 ? totals[0] : NULL;
	if (json_get(at.json, "roles") && json_get(at.json, "roles")->first) {
		read_roles(l, place_of(at, "roles"), &r->roles);
		check_roles(l, place_of(at, "roles"), &r->roles);
	}
}

static void link_reports(struct loader *l)
{
	static const struct key keys[] = {
		{ "report", IS_TEXT, true, 0, false },  { "label", IS_LABEL, true, 0, false },
		{ "doc", IS_LABEL, true, 0, false },    { "uses", IS_LIST, true, 0, false },
		{ "params", IS_LIST, false, 0, false }, { "columns", IS_LIST, true, 0, false },
		{ "open", IS_TEXT, false, 0, false },   { "chart", IS_OBJECT, false, 0, false },
		{ "total", IS_TEXT, false, 0, false },  { "roles", IS_LIST, false, 0, false },
		{ "sql", IS_TEXT, false, 0, false },    { "computed", IS_BOOL, false, 0, false },
		{ "measures", IS_LIST, false, 0, false },
	};
	static const struct shape shape = { "报表", "a report", keys, LENGTH(keys) };
	struct report *reports = arena_array(l->mem, l->reports.n + 1, sizeof *reports);

	l->s->reports = reports;
	for (size_t i = 0; i < l->reports.n; i++) {
		struct place at = l->reports.list[i];
		const char *name = json_text(at.json, "report", "");

		check_shape(l, at, &shape);
		if (!check_name(l, place_of(at, "report"), name, NAME_OTHER))
			continue;
		if (schema_report(l->s, name)) {
			complain(l, place_of(at, "report"), "报表“%s”重复",
			         "the report \"%s\" is there twice", name);
			continue;
		}
		reports[l->s->n_reports].name = name;
		link_report(l, at, &reports[l->s->n_reports]);
		l->s->n_reports++;
	}
}

void link_numbers(struct loader *l)
{
	for (size_t i = 0; i < l->n_drafts; i++) {
		struct object_draft *d = &l->drafts[i];

		for (size_t k = 0; k < d->n_fields; k++)
			if (d->fixed[k].type == TYPE_TOTAL)
				link_total(l, d->fields[k].at, &d->fixed[k]);
	}
	for (size_t i = 0; i < l->n_drafts; i++) {
		struct object_draft *d = &l->drafts[i];

		for (size_t k = 0; k < d->n_fields; k++)
			if (d->fixed[k].type == TYPE_FORMULA)
				link_formula(l, d, &d->fixed[k]);
	}
	link_measures(l);
	link_metrics(l);
	link_reports(l);
}

/*
 * Query texts
 */

static bool parse_query(struct loader *l, const struct object *o, const char *text,
                        const char *language, struct list *ret, const char **ret_message)
{
	static const char *no_roles[] = { NULL };
	struct member me = { .language = language, .system = true, .roles = no_roles };
	struct ctx ctx = { .mem = l->out, .schema = l->s, .me = &me, .today = "2000-01-01" };
	struct text all;

	if (query_parse(&ctx, o, text, ret))
		return true;
	text_init(&all, l->out);
	for (const struct error *e = ctx.errors; e; e = e->next)
		text_addf(&all, "%s%s", all.len ? "; " : "", e->message);
	*ret_message = all.s;
	return false;
}

/* False if the text cannot be read; told at the place. */
static bool check_query(struct loader *l, struct place at, const struct object *o,
                        const char *text, struct list *ret)
{
	const char *zh = "";
	const char *en = "";

	*ret = (struct list){ 0 };
	if (parse_query(l, o, text, "en", ret, &en))
		return true;
	parse_query(l, o, text, "zh", ret, &zh);
	complain_plain(l, at, zh, en);
	return false;
}

/* What is matched against one record in memory (query_match, the pages) knows less. */
static void check_matchable(struct loader *l, struct place at, const struct condition *c)
{
	if (!c)
		return;
	if (c->kind == COND_TEST && (c->via || c->op == OP_LIKE))
		complain(
			l, at, "这个条件只能用本表字段，且不能用 like",
			"this condition can use fields of its own object only, and no like");
	for (const struct condition *child = c->first; child; child = child->next)
		check_matchable(l, at, child);
}

static void check_condition(struct loader *l, struct place at, const struct object *o, const char *text)
{
	struct list list;

	if (!check_query(l, at, o, text, &list))
		return;
	check_matchable(l, at, list.where);
	if (list.words)
		complain(l, at, "这个条件不能用 q", "this condition cannot use q");
}

/*
 * A filter may name fields of the record that holds the reference
 * ("pipeline=eq.$pipeline"), a report's template columns ("owner=eq.{owner}"): the
 * value is not known here, so such a condition is read as a test for nothing.
 */
static const char *without_values(struct loader *l, const char *query, char mark)
{
	struct text out;
	char **parts;
	size_t n = text_split(l->out, query, '&', &parts);

	text_init(&out, l->out);
	for (size_t i = 0; i < n; i++) {
		const char *value = strchr(parts[i], mark);
		const char *equals = strchr(parts[i], '=');
		bool known = !value || !equals || text_eq(value, "$me") || text_eq(value, "$team");

		if (i)
			text_addc(&out, '&');
		text_addn(&out, parts[i], known ? strlen(parts[i]) : (size_t)(equals - parts[i]));
		if (!known)
			text_add(&out, "=is.null");
	}
	return out.s;
}

static void check_filter(struct loader *l, struct place at, const struct object *o,
                         const struct field *f)
{
	struct list list;

	for (const char *p = strchr(f->filter, '$'); p; p = strchr(p + 1, '$')) {
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
		const char *name = arena_dupn(l->out, p + 1, n);

		if (!text_eq(name, "me") && !text_eq(name, "team"))
			need_field(l, at, o, name);
	}
	check_query(l, at, f->to, without_values(l, f->filter, '$'), &list);
}

static void add_uses(struct loader *l, struct field *f, size_t *n, size_t *cap,
                     const struct condition *c)
{
	if (!c)
		return;
	f->uses = arena_grow(l->mem, f->uses, cap, *n + 3, sizeof *f->uses);
	if (c->via)
		f->uses[(*n)++] = c->via;
	if (c->field)
		f->uses[(*n)++] = c->field;
	f->uses[*n] = NULL;
	for (const struct condition *child = c->first; child; child = child->next)
		add_uses(l, f, n, cap, child);
}

/* A total reads what its condition names, and is hidden where that is. */
static void check_total(struct loader *l, struct field *f)
{
	struct list list;
	size_t n = 0;
	size_t cap = 0;

	if (check_query(l, field_place(l, f, "where"), f->over, f->where, &list))
		add_uses(l, f, &n, &cap, list.where);
}

static void check_object_queries(struct loader *l, struct object_draft *d)
{
	const struct object *o = d->o;
	struct list list;
	size_t n = 0;

	for (size_t i = 0; i < o->n_fields; i++) {
		struct field *f = &d->fixed[i];

		if (f->filter && f->to)
			check_filter(l, field_place(l, f, "filter"), o, f);
		if (f->where && f->over)
			check_total(l, f);
	}
	for (size_t i = 0; i < d->views.n; i++) {
		const char *query = json_text(d->views.list[i].json, "query", NULL);

		if (query)
			check_query(l, place_of(d->views.list[i], "query"), o, query, &list);
	}
	for (size_t i = 0; i < d->measures.n; i++) {
		struct place at = place_of(d->measures.list[i], "where");
		const struct measure *m = &o->measures[n];

		if (!d->measures.list[i].json)
			continue;
		n++;
		if (m->where)
			check_condition(l, at, o, m->where);
	}
	for (size_t i = 0; i < d->actions.n; i++)
		if (o->actions[i].when)
			check_condition(l, place_of(d->actions.list[i], "when"), o, o->actions[i].when);
	for (size_t i = 0; i < d->locks.n; i++)
		if (o->fixed[i].when)
			check_condition(l, place_of(d->locks.list[i], "when"), o, o->fixed[i].when);
}

/* The other report exists and has the parameters it is opened with. */
static void check_opened(struct loader *l, struct place at, const struct report *r)
{
	const char *name = opened_report(l->out, r);
	const struct report *other = schema_report(l->s, name);
	const char *q = strchr(r->open, '?');
	char **parts;
	size_t n = q ? text_split(l->mem, q + 1, '&', &parts) : 0;

	if (!other) {
		complain(l, at, "没有报表“%s”", "there is no report \"%s\"", name);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(parts[i], "=");

		if (!named(other->params, other->n_params, parts[i], len))
			complain(l, at, "报表“%s”没有参数“%s”", "the report \"%s\" has no parameter \"%s\"", name,
			         arena_dupn(l->out, parts[i], len));
	}
}

void link_queries(struct loader *l)
{
	for (size_t i = 0; i < l->n_drafts; i++)
		check_object_queries(l, &l->drafts[i]);
	for (size_t i = 0; i < l->reports.n; i++) {
		struct place at = l->reports.list[i];
		const struct report *r = schema_report(l->s, json_text(at.json, "report", ""));
		const char *q = r && r->open ? strchr(r->open, '?') : NULL;
		const struct object *o = q ? schema_object(l->s, arena_dupn(l->out, r->open,
		                                                            (size_t)(q - r->open)))
		                           : NULL;
		struct list list;

		if (o)
			check_query(l, place_of(at, "open"), o, without_values(l, q + 1, '{'),
			            &list);
		if (r && r->open && opened_report(l->mem, r))
			check_opened(l, place_of(at, "open"), r);
	}
}
