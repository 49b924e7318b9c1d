/*
 * Privileges as sets of (privilege, grantee, may grant it on). What an object has without a word
 * said about it is known here: what PostgreSQL gives an owner and PUBLIC, and what ALTER DEFAULT
 * PRIVILEGES of the role that makes it adds or takes away.
 */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

struct entry {
	const char *privilege, *grantee;
	bool grantable;
	bool used;
};

struct acl {
	struct entry *items;
	size_t count, cap;
};

/* What an owner has, and PUBLIC; `word` as in ALTER DEFAULT PRIVILEGES, NULL where there are none.
 */
static const struct usual {
	enum schema_kind kind;
	const char *owner, *everybody, *on, *word;
} usuals[] = {
	{SCHEMA_KIND_table, "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER", "", "TABLE",
	 "TABLES"},
	{SCHEMA_KIND_view, "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER", "", "TABLE",
	 "TABLES"},
	{SCHEMA_KIND_materialized_view, "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER",
	 "", "TABLE", "TABLES"},
	{SCHEMA_KIND_sequence, "USAGE SELECT UPDATE", "", "SEQUENCE", "SEQUENCES"},
	{SCHEMA_KIND_function, "EXECUTE", "EXECUTE", "FUNCTION", "FUNCTIONS"},
	{SCHEMA_KIND_aggregate, "EXECUTE", "EXECUTE", "FUNCTION", "FUNCTIONS"},
	{SCHEMA_KIND_schema, "USAGE CREATE", "", "SCHEMA", "SCHEMAS"},
	{SCHEMA_KIND_base_type, "USAGE", "USAGE", "TYPE", "TYPES"},
	{SCHEMA_KIND_enum, "USAGE", "USAGE", "TYPE", "TYPES"},
	{SCHEMA_KIND_domain, "USAGE", "USAGE", "TYPE", "TYPES"},
	{SCHEMA_KIND_composite, "USAGE", "USAGE", "TYPE", "TYPES"},
	{SCHEMA_KIND_range, "USAGE", "USAGE", "TYPE", "TYPES"},
	{SCHEMA_KIND_language, "USAGE", "USAGE", "LANGUAGE", NULL},
	{SCHEMA_KIND_foreign_data_wrapper, "USAGE", "", "FOREIGN DATA WRAPPER", NULL},
	{SCHEMA_KIND_server, "USAGE", "", "FOREIGN SERVER", NULL},
	{SCHEMA_KIND_column, "", "", "TABLE", NULL},
};

static const struct usual *
usual_of(enum schema_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(usuals); i++)
		if (usuals[i].kind == kind)
			return &usuals[i];
	return NULL;
}

static struct entry *
find(const struct acl *a, const char *privilege, const char *grantee)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].privilege, privilege) == 0 &&
		    strcmp(a->items[i].grantee, grantee) == 0)
			return &a->items[i];
	return NULL;
}

static void
add(struct ddl *d, struct acl *a, struct entry e)
{
	struct entry *there = find(a, e.privilege, e.grantee);

	if (there != NULL) {
		there->grantable = there->grantable || e.grantable;
		return;
	}
	a->items = arena_grow(d->arena, a->items, a->count, &a->cap, sizeof(*a->items));
	a->items[a->count++] = e;
}

static void
add_words(struct ddl *d, struct acl *a, const char *words, const char *grantee)
{
	while (*words != '\0') {
		size_t n = strcspn(words, " ");
		add(d, a,
		    (struct entry){.privilege = arena_span(d->arena, span_of(words, n)),
				   .grantee = grantee});
		words += n + (words[n] == ' ' ? 1 : 0);
	}
}

/* Lines "PRIVILEGE <tab> grantee [<tab> *]"; what `old` has is `new`'s. */
static void
add_lines(struct ddl *d, struct acl *a, const char *value, const char *old, const char *new)
{
	const char **lines;
	size_t count = ddl_lines(d, value, &lines);

	for (size_t i = 0; i < count; i++) {
		size_t n = ddl_until(lines[i], '\t');
		const char *rest = lines[i] + n + (lines[i][n] == '\t' ? 1 : 0);
		size_t m = ddl_until(rest, '\t');
		struct entry e = {.privilege = arena_span(d->arena, span_of(lines[i], n)),
				  .grantee = arena_span(d->arena, span_of(rest, m)),
				  .grantable = rest[m] == '\t'};
		if (old != NULL && new != NULL && strcmp(e.grantee, old) == 0)
			e.grantee = new;
		add(d, a, e);
	}
}

static int
server_major(const struct schema_model *m)
{
	int major = 0;

	for (const char *s = m->server_version; s != NULL && *s >= '0' && *s <= '9'; s++)
		major = major * 10 + (*s - '0');
	return major;
}

static void
add_usual(struct ddl *d, struct acl *a, const struct usual *u, const char *owner)
{
	if (owner != NULL)
		add_words(d, a, u->owner, owner);
	if (owner != NULL && strcmp(u->on, "TABLE") == 0 && u->owner[0] != '\0' &&
	    server_major(d->from) >= 17)
		add_words(d, a, "MAINTAIN", owner);
	add_words(d, a, u->everybody, "PUBLIC");
}

static const struct schema_object *
default_privileges(struct ddl *d, const char *schema, const char *word)
{
	const char *address =
		schema ? ddl_say(d, "FOR ROLE %s IN SCHEMA %s ON %s", d->from->role, schema, word)
		       : ddl_say(d, "FOR ROLE %s ON %s", d->from->role, word);

	return schema_model_find(d->from, SCHEMA_KIND_default_privileges, address);
}

/* "public" of "public.t": the schema as SQL names it. */
static const char *
schema_words(struct ddl *d, const struct schema_object *o)
{
	return o->schema ? arena_span(d->arena, span_of(o->address, ddl_until(o->address, '.')))
			 : NULL;
}

/* What the object has when the role that runs the plan has just made it. */
static void
add_of_new(struct ddl *d, struct acl *a, const struct usual *u, const struct schema_object *o)
{
	const char *owner = o->values[SCHEMA_owner], *schema = schema_words(d, o);
	const struct schema_object *global = NULL, *local = NULL;

	if (u->word != NULL && d->from->role != NULL) {
		global = default_privileges(d, NULL, u->word);
		local = schema ? default_privileges(d, schema, u->word) : NULL;
	}
	if (global != NULL)
		add_lines(d, a, global->values[SCHEMA_default_privileges_grants], d->from->role,
			  owner);
	else
		add_usual(d, a, u, owner);
	if (local != NULL)
		add_lines(d, a, local->values[SCHEMA_default_privileges_grants], d->from->role,
			  owner);
}

static void
add_of(struct ddl *d, struct acl *a, const struct usual *u, const struct schema_object *o,
       const char *owner)
{
	const char *lines = o->values[SCHEMA_privileges];

	if (lines != NULL)
		add_lines(d, a, lines, o->values[SCHEMA_owner], owner);
	else
		add_usual(d, a, u, owner);
}

/* ---- the statements ---- */

struct grant {
	struct ddl *d;
	const char *on;	    /* "TABLE public.t" */
	const char *column; /* "(c)" or "" */
};

/* GRANT knows no ORDER BY and no asterisk among arguments: f(*), f(a ORDER BY b). */
static const char *
plain_arguments(struct ddl *d, const char *address)
{
	const char *order = strstr(address, "ORDER BY ");
	size_t n = strlen(address);

	if (n > 2 && strcmp(address + n - 3, "(*)") == 0)
		return ddl_say(d, "%.*s()", (int)(n - 3), address);
	if (order == NULL)
		return address;
	size_t before = (size_t)(order - address);
	bool direct = order[-1] == ' ';
	return ddl_say(d, "%.*s%s%s", (int)(before - (direct ? 1 : 0)), address, direct ? ", " : "",
		       order + strlen("ORDER BY "));
}

static struct grant
grant_for(struct ddl *d, const struct usual *u, const struct schema_object *o)
{
	if (o->kind == SCHEMA_KIND_column)
		return (struct grant){d, ddl_say(d, "TABLE %s", o->parent),
				      ddl_say(d, " (%s)", ddl_own_name(d, o))};
	const char *on = o->kind == SCHEMA_KIND_function ? ddl_keyword(o) : u->on;
	const char *name =
		o->kind == SCHEMA_KIND_aggregate ? plain_arguments(d, o->address) : o->address;
	return (struct grant){d, ddl_say(d, "%s %s", on, name), ""};
}

/* All entries of `a` for one grantee that `wanted` says, as one statement. */
static void
put_grants(const struct grant *g, const struct acl *a, const struct acl *other,
	   bool (*wanted)(const struct entry *e, const struct entry *other), const char *fmt)
{
	for (size_t i = 0; i < a->count; i++)
		a->items[i].used = false;
	for (size_t i = 0; i < a->count; i++) {
		struct entry *first = &a->items[i];
		const char *list = NULL;

		for (size_t k = i; k < a->count; k++) {
			struct entry *e = &a->items[k];
			if (e->used || strcmp(e->grantee, first->grantee) != 0 ||
			    e->grantable != first->grantable ||
			    !wanted(e, find(other, e->privilege, e->grantee)))
				continue;
			e->used = true;
			list = ddl_say(g->d, "%s%s%s%s", list ? list : "", list ? ", " : "",
				       e->privilege, g->column);
		}
		if (list == NULL)
			continue;
		bool grant = fmt[0] == 'G';
		ddl_put(g->d, "%s %s ON %s %s %s%s", fmt, list, g->on, grant ? "TO" : "FROM",
			first->grantee, grant && first->grantable ? " WITH GRANT OPTION" : "");
	}
}

static bool
is_gone(const struct entry *e, const struct entry *other)
{
	(void)e;
	return other == NULL;
}

static bool
is_less(const struct entry *e, const struct entry *other)
{
	return other != NULL && e->grantable && !other->grantable;
}

static bool
is_more(const struct entry *e, const struct entry *other)
{
	return other == NULL || (e->grantable && !other->grantable);
}

static void
put_difference(const struct grant *g, const struct acl *before, const struct acl *after)
{
	put_grants(g, before, after, is_gone, "REVOKE");
	put_grants(g, before, after, is_less, "REVOKE GRANT OPTION FOR");
	put_grants(g, after, before, is_more, "GRANT");
}

void
ddl_privileges_create(struct ddl *d, const struct schema_object *o)
{
	const struct usual *u = usual_of(o->kind);
	struct acl before = {0}, after = {0};

	if (u == NULL)
		return;
	struct grant g = grant_for(d, u, o);
	add_of_new(d, &before, u, o);
	add_of(d, &after, u, o, o->values[SCHEMA_owner]);
	put_difference(&g, &before, &after);
}

/* All that was granted on what stays without an owner of its own: a column. */
void
ddl_privileges_drop(struct ddl *d, const struct schema_object *o)
{
	const struct usual *u = usual_of(o->kind);
	struct acl before = {0}, after = {0};
	struct grant g = grant_for(d, u, o);

	add_of(d, &before, u, o, NULL);
	put_difference(&g, &before, &after);
}

void
ddl_privileges_alter(struct ddl *d, const struct schema_change *c)
{
	const struct usual *u = usual_of(c->kind);
	struct acl before = {0}, after = {0};

	if (u == NULL || (ddl_same(c, SCHEMA_privileges) && ddl_same(c, SCHEMA_owner)))
		return;
	struct grant g = grant_for(d, u, c->after);
	const char *owner = c->after->values[SCHEMA_owner];
	add_of(d, &before, u, c->before, owner);
	add_of(d, &after, u, c->after, owner);
	put_difference(&g, &before, &after);
}

/* ---- ALTER DEFAULT PRIVILEGES ---- */

/* "FOR ROLE r IN SCHEMA s" of "FOR ROLE r IN SCHEMA s ON TABLES" */
static const char *
word_of(const struct schema_object *o)
{
	const char *last = o->address;

	for (const char *s = o->address; (s = strstr(s, " ON ")) != NULL; s++)
		last = s;
	return last + strlen(" ON ");
}

/* Without a schema an entry takes the place of what is usual; with one it adds to it. */
static void
add_defaults(struct ddl *d, struct acl *a, const struct schema_object *o, const char *role,
	     const struct schema_object *either)
{
	if (o != NULL) {
		add_lines(d, a, o->values[SCHEMA_default_privileges_grants], NULL, NULL);
		return;
	}
	for (size_t i = 0; either->schema == NULL && i < ARRAY_LEN(usuals); i++)
		if (usuals[i].word != NULL && strcmp(usuals[i].word, word_of(either)) == 0) {
			add_usual(d, a, &usuals[i], role);
			return;
		}
}

static void
put_defaults(struct ddl *d, const struct schema_object *before, const struct schema_object *after)
{
	const struct schema_object *o = after ? after : before;
	const char *word = word_of(o);
	struct acl old = {0}, new = {0};
	size_t whole = (size_t)(word - o->address) - strlen(" ON ");
	const char *who = arena_span(d->arena, span_of(o->address, whole));
	size_t first = d->count;
	const char *role = who + strlen("FOR ROLE ");
	const char *in = strstr(role, " IN SCHEMA ");

	role = in ? arena_span(d->arena, span_of(role, (size_t)(in - role))) : role;
	add_defaults(d, &old, before, role, o);
	add_defaults(d, &new, after, role, o);
	struct grant g = {d, word, ""};
	put_difference(&g, &old, &new);
	for (size_t i = first; i < d->count; i++)
		d->items[i].sql =
			ddl_say(d, "ALTER DEFAULT PRIVILEGES %s %s", who, d->items[i].sql);
}

void
ddl_default_privileges_create(struct ddl *d, const struct schema_object *o)
{
	put_defaults(d, NULL, o);
}

bool
ddl_default_privileges_alter(struct ddl *d, const struct schema_change *c)
{
	put_defaults(d, c->before, c->after);
	return true;
}

void
ddl_default_privileges_drop(struct ddl *d, const struct schema_object *o)
{
	put_defaults(d, o, NULL);
}
