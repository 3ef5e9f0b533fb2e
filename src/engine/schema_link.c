#include "engine/schema_load.h"

#include "engine/type.h"

/*
 * Drafts become objects: the engine's own fields are put in front, names
 * become pointers, scope and access are checked.
 */

static const char *object_name(const void *p, size_t i)
{
	const struct schema *s = p;

	return s->objects[i].name;
}

const struct object *need_object(struct loader *l, struct place at, const char *name)
{
	const struct object *o = schema_object(l->s, name);

	if (!o)
		complain(l, at, "没有对象“%s”%s", "there is no object \"%s\"%s", name,
		         nearest(l, name, object_name, l->s, l->s->n_objects));
	return o;
}

static const char *field_name(const void *p, size_t i)
{
	const struct object *o = p;

	return o->fields[i].internal ? NULL : o->fields[i].name;
}

const struct field *need_field(struct loader *l, struct place at, const struct object *o,
                               const char *name)
{
	const struct field *f = object_field(o, name);

	if (f && !f->internal)
		return f;
	complain(l, at, "“%s”没有字段“%s”%s", "%s has no field \"%s\"%s", o->name, name,
	         nearest(l, name, field_name, o, o->n_fields));
	return NULL;
}

const struct field *field_of_key(struct loader *l, struct place at, const char *key,
                                 const struct object *o)
{
	const char *name = json_text(at.json, key, NULL);

	return name ? need_field(l, place_of(at, key), o, name) : NULL;
}

bool is_member_ref(const struct field *f)
{
	return field_is_ref(f) && f->to && text_eq(f->to->name, "member");
}

bool is_stored_number(const struct field *f)
{
	return !f->computed && field_type(f)->ordered;
}

/*
 * Roles
 */

static const char *role_name(const void *p, size_t i)
{
	const struct schema *s = p;

	return s->roles[i].name;
}

static bool need_role(struct loader *l, struct place at, const char *name)
{
	if (schema_role(l->s, name))
		return true;
	complain(l, at, "没有角色“%s”%s", "there is no role \"%s\"%s", name,
	         nearest(l, name, role_name, l->s, l->s->n_roles));
	return false;
}

void check_roles(struct loader *l, struct place list, const struct role_list *roles)
{
	for (size_t i = 0; i < roles->n; i++)
		need_role(l, list, roles->names[i]);
}

static void link_roles(struct loader *l)
{
	static const struct key keys[] = {
		{ "role", IS_TEXT, true, 0, false },
		{ "label", IS_LABEL, true, 0, false },
		{ "doc", IS_LABEL, false, 0, false },
	};
	static const struct shape shape = { "角色", "a role", keys, LENGTH(keys) };
	struct role *roles = arena_array(l->mem, l->roles.n + 1, sizeof *roles);

	l->s->roles = roles;
	for (size_t i = 0; i < l->roles.n; i++) {
		struct place at = l->roles.list[i];
		const char *name = json_text(at.json, "role", "");
		struct role *r = &roles[l->s->n_roles];

		check_shape(l, at, &shape);
		if (!check_name(l, place_of(at, "role"), name, NAME_OTHER))
			continue;
		if (schema_role(l->s, name)) {
			complain(l, place_of(at, "role"), "角色“%s”重复",
			         "the role \"%s\" is there twice", name);
			continue;
		}
		*r = (struct role){ .name = name, .label = { name, name }, .doc = { "", "" },
		                    .module = at.source->module };
		read_label(l, at, "label", &r->label);
		read_label(l, at, "doc", &r->doc);
		l->s->n_roles++;
	}
}

/*
 * Navigation
 */

static const struct menu *menu_of(const struct schema *s, const struct object *o)
{
	for (size_t i = 0; i < s->n_menus; i++)
		for (const struct object **one = s->menus[i].objects; *one; one++)
			if (*one == o)
				return &s->menus[i];
	return NULL;
}

static const struct object *menu_object(struct loader *l, struct place list, const char *name)
{
	const struct object *o = need_object(l, list, name);

	if (o && !o->menu)
		complain(l, list, "对象“%s”不在导航里：给它写上 \"menu\": true",
		         "the object \"%s\" has no place in the menu: give it \"menu\": true", name);
	else if (o && menu_of(l->s, o))
		complain(l, list, "对象“%s”已经在导航组里",
		         "the object \"%s\" is in a group of the menu already", name);
	else
		return o;
	return NULL;
}

static const char *report_name(const void *p, size_t i)
{
	return ((const struct schema *)p)->reports[i].name;
}

static const struct report *menu_report(struct loader *l, struct place list, const char *name)
{
	const struct report *r = schema_report(l->s, name);

	if (!r)
		complain(l, list, "没有报表“%s”%s", "there is no report \"%s\"%s", name,
		         nearest(l, name, report_name, l->s, l->s->n_reports));
	return r;
}

/* The names a group lists under `key`, none if it does not; *ret_n counts them. */
static const char **menu_names(struct loader *l, struct place at, const char *key, size_t *ret_n)
{
	static const char *none[] = { NULL };
	const char **names = json_get(at.json, key) ? read_names(l, place_of(at, key)) : none;

	for (*ret_n = 0; names[*ret_n];)
		++*ret_n;
	return names;
}

/* Objects and reports a group names, in its order; what it may not name is told and left out. */
static void link_menu(struct loader *l, struct place at, struct menu *m)
{
	size_t n_objects;
	size_t n_reports;
	const char **object = menu_names(l, at, "objects", &n_objects);
	const char **report = menu_names(l, at, "reports", &n_reports);
	const struct object **objects = arena_array(l->mem, n_objects + 1, sizeof *objects);
	const struct report **reports = arena_array(l->mem, n_reports + 1, sizeof *reports);

	m->objects = objects;
	m->reports = reports;
	for (; *object; object++)
		objects += (*objects = menu_object(l, place_of(at, "objects"), *object)) != NULL;
	for (; *report; report++)
		reports += (*reports = menu_report(l, place_of(at, "reports"), *report)) != NULL;
}

static const char *group_name(const void *p, size_t i)
{
	return ((const struct schema *)p)->menus[i].name;
}

/* An object that names its group comes after those the group names. */
static void join_menu(struct loader *l, struct menu *menus, const struct object_draft *d)
{
	struct place at = place_of(d->at, "menu");
	const struct object *o = d->o;
	struct menu *group = NULL;
	const struct object **objects;
	size_t n = 0;

	for (size_t i = 0; i < l->s->n_menus; i++)
		if (text_eq(menus[i].name, o->menu_group))
			group = &menus[i];
	if (!group) {
		complain(l, at, "没有导航组“%s”%s", "the menu has no group \"%s\"%s", o->menu_group,
		         nearest(l, o->menu_group, group_name, l->s, l->s->n_menus));
		return;
	}
	if (menu_of(l->s, o)) {
		complain(l, at, "对象“%s”已经在导航组里",
		         "the object \"%s\" is in a group of the menu already", o->name);
		return;
	}
	while (group->objects[n])
		n++;
	objects = arena_array(l->mem, n + 2, sizeof *objects);
	memcpy(objects, group->objects, n * sizeof *objects);
	objects[n] = o;
	group->objects = objects;
}

void link_menus(struct loader *l)
{
	static const struct key keys[] = {
		{ "menu", IS_TEXT, true, 0, false },
		{ "label", IS_LABEL, true, 0, false },
		{ "objects", IS_LIST, false, 0, false },
		{ "reports", IS_LIST, false, 0, false },
	};
	static const struct shape shape = { "导航组", "a group of the menu", keys, LENGTH(keys) };
	struct menu *menus = arena_array(l->mem, l->menus.n + 1, sizeof *menus);

	l->s->menus = menus;
	for (size_t i = 0; i < l->menus.n; i++) {
		struct place at = l->menus.list[i];
		struct menu *m = &menus[l->s->n_menus];

		*m = (struct menu){ .name = json_text(at.json, "menu", ""), .module = at.source->module };
		if (!check_shape(l, at, &shape) || !check_name(l, place_of(at, "menu"), m->name, NAME_OTHER))
			continue;
		for (size_t k = 0; k < l->s->n_menus; k++)
			if (text_eq(menus[k].name, m->name))
				complain(l, place_of(at, "menu"), "导航组“%s”重复",
				         "the group \"%s\" of the menu is there twice", m->name);
		m->label = (struct label){ m->name, m->name };
		read_label(l, at, "label", &m->label);
		l->s->n_menus++;
		link_menu(l, at, m);
	}
	for (size_t i = 0; i < l->n_drafts; i++)
		if (l->drafts[i].o->menu_group)
			join_menu(l, menus, &l->drafts[i]);
}

/*
 * Fields
 */

/* The columns every table has; holder only where rows are visible with a parent. */
static const struct {
	const char *name;
	enum type_id type;
	struct label label;
	bool internal;
} system_fields[] = {
	{ "id",         TYPE_INTEGER, { "编号", "ID" }, false },
	{ "version",    TYPE_INTEGER, { "版本", "Version" }, false },
	{ "created_at", TYPE_INSTANT, { "创建时间", "Created" }, false },
	{ "created_by", TYPE_MEMBER,  { "创建人", "Created by" }, false },
	{ "changed_at", TYPE_INSTANT, { "修改时间", "Changed" }, false },
	{ "changed_by", TYPE_MEMBER,  { "修改人", "Changed by" }, false },
	{ "deleted_at", TYPE_INSTANT, { "删除时间", "Deleted" }, true },
	{ "import",     TYPE_INTEGER, { "导入", "Import" }, true },
	{ "holder",     TYPE_INTEGER, { "归属人", "Holder" }, true },
};

static bool is_public(const struct object_draft *d)
{
	return text_eq(json_text(d->at.json, "scope", NULL), "public");
}

/* The field names in "scope": at most two. */
static size_t scope_names(const struct object_draft *d, const struct json *ret[2])
{
	const struct json *j = json_get(d->at.json, "scope");
	size_t n = 0;

	if (!j || is_public(d))
		return 0;
	if (j->kind == JSON_TEXT)
		ret[n++] = j;
	if (j->kind == JSON_ARRAY)
		for (j = j->first; j && n < 2; j = j->next)
			if (j->kind == JSON_TEXT)
				ret[n++] = j;
	return n;
}

static bool draft_has_parent(struct object_draft *d)
{
	const struct json *names[2];
	size_t n = scope_names(d, names);

	for (size_t i = 0; i < n; i++) {
		const struct field_draft *f = find_field_draft(d, names[i]->text);

		if (f && f->f.type == TYPE_REF &&
		    !text_eq(json_text(f->at.json, "to", NULL), "member"))
			return true;
	}
	return false;
}

/* From here on the fields have their final place, so pointers to them stay good. */
static void fix_fields(struct loader *l, struct object_draft *d)
{
	size_t n_system = LENGTH(system_fields) - (draft_has_parent(d) ? 0 : 1);
	size_t n = n_system + d->n_fields;
	struct field_draft *all = arena_array(l->mem, n, sizeof *all);

	for (size_t i = 0; i < n_system; i++)
		all[i].f = (struct field){
			.name = system_fields[i].name,
			.type = system_fields[i].type,
			.yields = system_fields[i].type,
			.label = system_fields[i].label,
			.help = { "", "" },
			.section = { "", "" },
			.internal = system_fields[i].internal,
			.system = true,
			.read_only = true,
			.builtin = true,
		};
	for (size_t i = 0; i < d->n_fields; i++)
		all[n_system + i] = d->fields[i];
	d->fields = all;
	d->n_fields = d->cap_fields = n;
	d->fixed = arena_array(l->mem, n, sizeof *d->fixed);
	for (size_t i = 0; i < n; i++) {
		d->fixed[i] = all[i].f;
		d->fixed[i].object = d->o;
		d->fixed[i].index = i;
	}
	d->o->fields = d->fixed;
	d->o->n_fields = n;
}

void link_field_to(struct loader *l, struct place at, struct field *f)
{
	static const struct {
		enum type_id type;
		const char *to;
	} fixed[] = {
		{ TYPE_MEMBER, "member" }, { TYPE_TEAM, "team" }, { TYPE_FILE, "file" },
		{ TYPE_IMAGE, "file" },
	};

	if (f->type == TYPE_REF || f->type == TYPE_REFS) {
		const char *to = json_text(at.json, "to", NULL);

		if (to)
			f->to = need_object(l, place_of(at, "to"), to);
	}
	for (size_t i = 0; i < LENGTH(fixed); i++) {
		if (fixed[i].type != f->type)
			continue;
		f->to = schema_object(l->s, fixed[i].to);
		if (!f->to && at.json)
			complain(l, at, "缺少对象“%s”", "the object \"%s\" is missing", fixed[i].to);
	}
}

static void check_was(struct loader *l, struct object_draft *d)
{
	const struct object *o = d->o;

	if (o->was && schema_object(l->s, o->was))
		complain(l, place_of(d->at, "was"), "“%s”仍是一个对象，不能作为曾用名",
		         "\"%s\" is still an object: it cannot be a former name", o->was);
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *was = o->fields[i].was ? object_field(o, o->fields[i].was)
		                                           : NULL;

		if (was)
			complain(l, place_of(d->fields[i].at, "was"), "“%s”仍是一个字段，不能作为曾用名",
			         "\"%s\" is still a field: it cannot be a former name", was->name);
	}
}

/* Runs the reader of the field's type in each language, for its messages. */
static bool initial_ok(struct loader *l, const struct field *f, const char *language,
                       const char **ret_message)
{
	struct member me = { .language = language };
	struct ctx ctx = { .mem = l->out, .schema = l->s, .me = &me, .today = "2000-01-01" };
	struct value v;

	if (field_type(f)->read_text(&ctx, f, f->initial, &v))
		return true;
	*ret_message = ctx.errors ? ctx.errors->message : "";
	return false;
}

void check_initial(struct loader *l, struct place at, const struct field *f)
{
	const char *s = f->initial;
	const char *to = f->to ? f->to->name : "";
	const char *zh = "";
	const char *en = "";

	if (!s)
		return;
	if (text_eq(s, "$me") || text_eq(s, "$team") || text_eq(s, "$today") ||
	    text_eq(s, "$now")) {
		if (!(text_eq(s, "$me") && text_eq(to, "member")) &&
		    !(text_eq(s, "$team") && text_eq(to, "team")) &&
		    !(text_eq(s, "$today") && (f->type == TYPE_DATE || f->type == TYPE_INSTANT)) &&
		    !(text_eq(s, "$now") && f->type == TYPE_INSTANT))
			complain(l, at, "%s 类型的字段不能默认为 %s",
			         "a field of type %s cannot have the default %s",
			         types[f->type].name, s);
		return;
	}
	if (f->to)
		complain(l, at, "引用字段的默认值只能是 $me 或 $team",
		         "the default of a reference can only be $me or $team");
	else if (!initial_ok(l, f, "zh", &zh) && !initial_ok(l, f, "en", &en))
		complain_plain(l, at, fmt(l->out, "默认值“%s”不可用：%s", s, zh),
		               fmt(l->out, "the default \"%s\" cannot be used: %s", s, en));
}

/* The place where a key of a field was said last. */
static struct place field_key(const struct field_draft *d, const char *key)
{
	struct place at = place_of(d->at, key);

	for (size_t i = 0; i < d->changes.n; i++)
		if (json_get(d->changes.list[i].json, key))
			at = place_of(d->changes.list[i], key);
	return at;
}

static void link_fields(struct loader *l, struct object_draft *d)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		struct field *f = &d->fixed[i];
		const struct field_draft *from = &d->fields[i];

		link_field_to(l, from->at, f);
		if (f->system)
			continue;
		check_initial(l, field_key(from, "default"), f);
		check_roles(l, field_key(from, "read"), &f->read);
		check_roles(l, field_key(from, "write"), &f->write);
	}
	check_was(l, d);
}

/*
 * Scope
 */

static void link_scope_field(struct loader *l, struct object_draft *d, const struct json *name)
{
	struct object *o = d->o;
	struct place at = { d->at.source, name };
	const struct field *f = need_field(l, at, o, name->text);
	const struct object_draft *parent = f && f->to ? find_draft(l, f->to->name) : NULL;

	if (!f || (field_is_ref(f) && !f->to))
		return;
	if (is_member_ref(f) && !f->system) {
		if (o->scope_member)
			complain(l, at, "scope 只能有一个成员字段", "scope can name only one member field");
		o->scope_member = f;
	} else if (!field_is_ref(f) || !parent) {
		complain(
			l, at, "scope 应为成员字段或指向其他对象的引用，“%s”不是",
			"scope must be a member field or a reference to another object: \"%s\" is neither",
			f->name);
	} else if (json_get(parent->at.json, "about")) {
		complain(l, at, "“%s”随任意记录可见，不能作为 scope",
		         "%s is visible with any kind of record: it cannot be the scope", f->to->name);
	} else if (is_public(parent)) {
		complain(l, at, "“%s”是公共对象，不属于任何人，不能作为 scope",
		         "%s is public, its rows belong to nobody: it cannot be the scope",
		         f->to->name);
	} else {
		if (o->scope_parent)
			complain(l, at, "scope 只能有一个上级引用", "scope can name only one parent");
		o->scope_parent = f;
	}
}

static void link_scope(struct loader *l, struct object_draft *d)
{
	struct object *o = d->o;
	const struct json *scope = json_get(d->at.json, "scope");
	const struct json *names[2];
	size_t n = scope_names(d, names);
	static const char *const words[] = { "hidden", "visible" };
	int unowned = 0;

	o->is_public = is_public(d);
	for (size_t i = 0; i < n; i++)
		link_scope_field(l, d, names[i]);
	if (scope && scope->kind == JSON_ARRAY && (scope->len != 2 || n != 2))
		complain(l, (struct place){ d->at.source, scope }, "scope 列表应为两个字段：成员字段和上级引用",
		         "a list as scope names two fields: a member and a parent");
	read_word(l, d->at, "unowned", words, LENGTH(words), &unowned);
	o->unowned_visible = unowned == 1;
	if (o->unowned_visible && !o->scope_member)
		complain(l, place_of(d->at, "unowned"), "“unowned”只用于属于成员的对象",
		         "\"unowned\" is for objects whose rows belong to a member");
}

/* The two fields that name the record a row is about: its object and its number. */
static void link_about(struct loader *l, struct object_draft *d)
{
	const struct json *about = json_get(d->at.json, "about");
	struct object *o = d->o;
	struct place at = { d->at.source, about };
	const struct json *first = about && about->kind == JSON_ARRAY ? about->first : NULL;
	const struct json *second = first ? first->next : NULL;
	const struct field *object;
	const struct field *record;

	if (!about || about->kind != JSON_ARRAY)
		return;
	if (about->len != 2 || first->kind != JSON_TEXT || second->kind != JSON_TEXT) {
		complain(l, at, "about 应为两个字段：对象名和记录编号",
		         "\"about\" names two fields: one for the object, one for the record");
		return;
	}
	object = need_field(l, at, o, first->text);
	record = need_field(l, at, o, second->text);
	if (!object || !record)
		return;
	if (object->type != TYPE_TEXT || record->type != TYPE_INTEGER) {
		complain(l, at, "about 的字段应为 text 和 integer",
		         "the fields of \"about\" are of the types text and integer");
		return;
	}
	if (o->is_public || o->scope_parent) {
		complain(l, at, "“about”只用于属于成员的对象",
		         "\"about\" is for objects whose rows belong to a member");
		return;
	}
	o->about_object = object;
	o->about_record = record;
}

static void check_circle(struct loader *l, struct object_draft *d)
{
	const struct object *o = d->o;

	for (size_t i = 0; i <= l->s->n_objects && o->scope_parent; i++) {
		o = o->scope_parent->to;
		if (o != d->o)
			continue;
		complain(l, place_of(d->at, "scope"), "scope 构成循环：“%s”最终随自身可见",
		         "scope goes round in a circle: %s would be visible with itself", o->name);
		d->o->scope_parent = NULL;
		return;
	}
}

/*
 * Title and access
 */

static bool can_be_title(const struct field *f)
{
	return !f->internal && field_type(f)->storage == STORE_TEXT && f->type != TYPE_TOTAL &&
	       f->yields != TYPE_LONG && f->yields != TYPE_LOCATION && f->yields != TYPE_CHOICES &&
	       f->yields != TYPE_REGION && !field_is_refs(f);
}

static void link_title(struct loader *l, struct object_draft *d)
{
	struct object *o = d->o;
	const struct field *f = field_of_key(l, d->at, "title", o);

	o->title = object_field(o, "id");
	if (f && !can_be_title(f)) {
		complain(
			l, place_of(d->at, "title"),
			"%s 类型的字段不能作标题，请用文本、编号、选项或日期",
			"a field of type %s cannot be the title: use a text, number, choice or date",
			types[f->type].name);
		return;
	}
	for (size_t i = 0; i < o->n_fields && !f; i++)
		if (can_be_title(&o->fields[i]))
			f = &o->fields[i];
	if (f)
		o->title = f;
}

static void link_grant(struct loader *l, struct object_draft *d, struct place at,
                       struct grant *ret)
{
	static const char *const words[] = { "none", "own", "team", "tree", "all" };
	static const struct {
		const char *key;
		enum act act;
	} acts[] = {
		{ "read", ACT_READ }, { "write", ACT_UPDATE }, { "create", ACT_CREATE },
		{ "delete", ACT_DELETE }, { "export", ACT_EXPORT },
	};
	static const struct key keys[] = {
		{ "read", IS_TEXT, false, 0, false }, { "write", IS_TEXT, false, 0, false },
		{ "create", IS_TEXT, false, 0, false }, { "delete", IS_TEXT, false, 0, false },
		{ "export", IS_TEXT, false, 0, false },
	};
	static const struct shape shape = { "权限", "access of a role", keys, LENGTH(keys) };

	if (!check_shape(l, at, &shape))
		return;
	for (size_t i = 0; i < LENGTH(acts); i++) {
		const char *key = acts[i].key;
		int reach = acts[i].act == ACT_CREATE ? (int)ret->reach[ACT_UPDATE] : REACH_NONE;

		read_word(l, at, key, words, LENGTH(words), &reach);
		ret->reach[acts[i].act] = (enum reach)reach;
		if (d->o->is_public && reach != REACH_NONE && reach != REACH_ALL)
			complain(l, place_of(at, key), "公共对象的权限只能是 all 或 none，不能是 %s",
			         "an object that is public knows only all and none, not %s",
			         words[reach]);
		if (i > 0 && (enum reach)reach > ret->reach[ACT_READ])
			complain(l, place_of(at, key), "“%s”的范围大于 read",
			         "\"%s\" reaches further than \"read\"", key);
	}
}

static void link_access(struct loader *l, struct object_draft *d)
{
	struct grant *grants = arena_array(l->mem, d->access.n + 1, sizeof *grants);
	struct object *o = d->o;

	o->grants = grants;
	for (size_t i = 0; i < d->access.n; i++) {
		struct place at = d->access.list[i];
		const char *role = at.json->key;

		if (text_eq(role, "admin")) {
			complain(l, at, "角色 admin 拥有全部权限，不必列出",
			         "the role admin may do everything and is not listed");
			continue;
		}
		if (!text_eq(role, "*") && !need_role(l, at, role))
			continue;
		grants[o->n_grants].role = role;
		link_grant(l, d, at, &grants[o->n_grants]);
		o->n_grants++;
	}
}

/* The texts every read and write of a row needs: made once. */
static void link_stored(struct loader *l, struct object_draft *d)
{
	struct object *o = d->o;
	struct text stored;
	struct text insert;
	struct text values;

	text_init(&stored, l->mem);
	text_init(&insert, l->mem);
	text_init(&values, l->mem);
	for (size_t i = 0; i < o->n_fields; i++) {
		const char *name = o->fields[i].name;

		if (o->fields[i].computed)
			continue;
		text_addf(&stored, "%s%s", stored.len ? ", " : "", name);
		if (text_eq(name, "id"))
			continue;
		text_addf(&insert, "%s%s", insert.len ? ", " : "", name);
		text_addf(&values, "%s$%s", values.len ? ", " : "", name);
	}
	o->stored = stored.s;
	o->insert = fmt(l->mem, "INSERT INTO t_%s (%s) VALUES (%s)", o->name, insert.s, values.s);
}

void link_objects(struct loader *l)
{
	link_roles(l);
	for (size_t i = 0; i < l->n_drafts; i++) {
		fix_fields(l, &l->drafts[i]);
		merge_json(l, &l->drafts[i]);
	}
	for (size_t i = 0; i < l->n_drafts; i++)
		link_fields(l, &l->drafts[i]);
	for (size_t i = 0; i < l->n_drafts; i++)
		link_scope(l, &l->drafts[i]);
	for (size_t i = 0; i < l->n_drafts; i++)
		link_about(l, &l->drafts[i]);
	for (size_t i = 0; i < l->n_drafts; i++) {
		check_circle(l, &l->drafts[i]);
		link_title(l, &l->drafts[i]);
		link_access(l, &l->drafts[i]);
		link_stored(l, &l->drafts[i]);
	}
}

/*
 * Columns that disappeared.  { "kept": "columns", "objects": [ { "object", "fields" } ] },
 * written by schema_kept for objects that are gone and for single fields alike.
 */

static void read_kept_fields(struct loader *l, const struct json *list, struct object *o,
                             const struct object *now)
{
	struct field *kept = arena_array(l->mem, list ? list->len + 1 : 1, sizeof *kept);

	o->kept = kept;
	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct field *f = &kept[o->n_kept];
		const char *to = json_text(j, "to", NULL);
		const struct field *back;

		f->name = json_text(j, "name", "");
		back = now ? object_field(now, f->name) : NULL;
		if ((back && !back->computed) || !type_find(json_text(j, "type", ""), &f->type))
			continue;
		if (to) {
			struct object *stub = arena_alloc(l->mem, sizeof *stub);

			stub->name = to;
			f->to = schema_object(l->s, to);
			if (!f->to)
				f->to = stub;
		}
		f->label = (struct label){ f->name, f->name };
		f->help = f->section = (struct label){ "", "" };
		f->yields = f->type;
		f->scale = (int)json_int(j, "scale", 0);
		f->object = o;
		f->hidden = true;
		o->n_kept++;
	}
}

static void link_kept_object(struct loader *l, const struct json *j, struct object *gone)
{
	const char *name = json_text(j, "object", "");
	struct object_draft *d = find_draft(l, name);

	if (d && d->o->n_kept == 0) {
		read_kept_fields(l, json_get(j, "fields"), d->o, d->o);
	} else if (!d) {
		gone->name = name;
		gone->label = gone->plural = (struct label){ name, name };
		gone->doc = (struct label){ "", "" };
		read_kept_fields(l, json_get(j, "fields"), gone, NULL);
		l->s->n_kept++;
	}
}

void link_kept(struct loader *l)
{
	for (size_t i = 0; i < l->kept.n; i++) {
		const struct json *list = json_get(l->kept.list[i].json, "objects");
		struct object *gone;

		if (!list || l->s->kept)
			continue;
		gone = arena_array(l->mem, list->len + 1, sizeof *gone);
		l->s->kept = gone;
		for (const struct json *j = list->first; j; j = j->next)
			link_kept_object(l, j, &gone[l->s->n_kept]);
	}
}
