/*
 * The loader's name taken out of a model of files. Attributes of lists are sorted lines, so that a
 * changed grantee changes their order too.
 */
#include "shared/snapshot/structure_owners.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

struct taker {
	struct schema_pool *pool;
	const char *loader; /* the pool's */
	const char *quoted; /* as it stands in lists of privileges; the pool's */
	const char *role;
	const struct schema_model *other;
};

/* ---- lists of privileges: "SELECT <tab> grantee [<tab> *]" ---- */

struct line {
	struct span privilege, grantee, rest;
};

static struct line
line_of(struct span s)
{
	struct line l = {.privilege = s};
	const char *tab = memchr(s.ptr, '\t', s.len);

	if (tab == NULL)
		return l;
	l.privilege.len = (size_t)(tab - s.ptr);
	l.grantee = span_of(tab + 1, s.len - l.privilege.len - 1);
	tab = memchr(l.grantee.ptr, '\t', l.grantee.len);
	if (tab == NULL)
		return l;
	l.rest = span_of(tab, (size_t)(l.grantee.ptr + l.grantee.len - tab));
	l.grantee.len -= l.rest.len;
	return l;
}

static int
span_order(struct span a, struct span b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	if (order != 0)
		return order;
	return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

/* As the reader orders them: everybody first, then by grantee and privilege. */
static int
by_grantee(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	bool first = span_is(x->grantee, "PUBLIC"), second = span_is(y->grantee, "PUBLIC");

	if (first != second)
		return first ? -1 : 1;
	int order = span_order(x->grantee, y->grantee);
	return order != 0 ? order : span_order(x->privilege, y->privilege);
}

/* Those of default privileges, where everybody goes by the name that the server has for nobody. */
static int
by_privilege(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	struct span nobody = span_str("unknown (OID=0)");
	int order = span_order(x->privilege, y->privilege);

	return order != 0 ? order
			  : span_order(span_is(x->grantee, "PUBLIC") ? nobody : x->grantee,
				       span_is(y->grantee, "PUBLIC") ? nobody : y->grantee);
}

typedef int line_order(const void *a, const void *b);

static const char *
put_lines(struct taker *t, struct line *lines, size_t count, line_order *order)
{
	struct text out;

	text_init(&out, 0);
	if (count > 0)
		qsort(lines, count, sizeof(*lines), order);
	for (size_t i = 0; i < count; i++) {
		text_put(&out, i > 0 ? "\n" : "");
		text_put_span(&out, lines[i].privilege);
		text_put_char(&out, '\t');
		text_put_span(&out, lines[i].grantee);
		text_put_span(&out, lines[i].rest);
	}
	const char *done = schema_pool_span(t->pool, out.ptr, out.len);
	text_fini(&out);
	return done;
}

static const char *
in_list(struct taker *t, const char *list, const char *owner, line_order *order)
{
	size_t most = 1, count = 0;

	for (const char *p = list; *p != '\0'; p++)
		most += *p == '\n' ? 1 : 0;
	struct line *lines = calloc(most, sizeof(*lines));
	if (lines == NULL)
		abort();
	for (const char *p = list; *p != '\0';) {
		size_t len = strcspn(p, "\n");
		struct line l = line_of(span_of(p, len));

		if (span_is(l.grantee, t->quoted))
			l.grantee = span_str(owner);
		lines[count++] = l;
		p += len + (p[len] == '\n' ? 1 : 0);
	}
	const char *done = put_lines(t, lines, count, order);
	free(lines);
	return done;
}

/* ---- names ---- */

/* As the server's quote_ident() does, but for keywords: a role that is one is rare, and then its
 * privileges show as different. */
static const char *
quote(struct schema_pool *pool, const char *name)
{
	bool plain = (*name >= 'a' && *name <= 'z') || *name == '_';
	struct text out;

	for (const char *p = name; *p != '\0'; p++)
		plain = plain &&
			((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_');
	if (plain)
		return schema_pool_text(pool, name);
	text_init(&out, 0);
	text_put_char(&out, '"');
	for (const char *p = name; *p != '\0'; p++) {
		text_put(&out, *p == '"' ? "\"" : "");
		text_put_char(&out, *p);
	}
	text_put_char(&out, '"');
	const char *done = schema_pool_span(pool, out.ptr, out.len);
	text_fini(&out);
	return done;
}

static void
take(struct taker *t, struct schema_object *o)
{
	const struct schema_object *same = schema_model_find(t->other, o->kind, o->address);
	const char *owner = same != NULL ? same->values[SCHEMA_owner] : t->role;

	if (o->values[SCHEMA_owner] != t->loader)
		return;
	o->values[SCHEMA_owner] = owner;
	if (o->values[SCHEMA_privileges] != NULL && owner != NULL)
		o->values[SCHEMA_privileges] =
			in_list(t, o->values[SCHEMA_privileges], quote(t->pool, owner), by_grantee);
}

/* ---- default privileges: the role is a part of what they are ---- */

static void
take_default(struct taker *t, struct schema_object *o)
{
	const char *rest = o->address + strlen("FOR ROLE ") + strlen(t->quoted);
	const char *role = quote(t->pool, t->role);
	struct text address;

	text_init(&address, 0);
	text_printf(&address, "FOR ROLE %s%s", role, rest);
	o->name = t->role;
	o->address = schema_pool_span(t->pool, address.ptr, address.len);
	text_fini(&address);
	if (o->values[SCHEMA_default_privileges_grants] != NULL)
		o->values[SCHEMA_default_privileges_grants] =
			in_list(t, o->values[SCHEMA_default_privileges_grants], role, by_privilege);
}

static int
by_order(const void *a, const void *b)
{
	return schema_object_compare(a, b);
}

/* They are the last kind, and nothing needs them: to put them in order again moves no other. */
static void
sort_defaults(struct schema_model *m)
{
	size_t first = m->count;

	while (first > 0 && m->objects[first - 1].kind == SCHEMA_KIND_default_privileges)
		first--;
	if (m->count > first)
		qsort(&m->objects[first], m->count - first, sizeof(*m->objects), by_order);
}

void
structure_take_owners(struct schema_pool *pool, struct schema_model *files, const char *loader,
		      const struct schema_model *other, const char *role)
{
	struct taker t = {
		.pool = pool,
		.loader = schema_pool_text(pool, loader),
		.quoted = quote(pool, loader),
		.role = schema_pool_text(pool, role),
		.other = other,
	};

	for (size_t i = 0; i < files->count; i++) {
		struct schema_object *o = &files->objects[i];

		take(&t, o);
		if (o->kind == SCHEMA_KIND_default_privileges && o->name == t.loader &&
		    t.role != NULL)
			take_default(&t, o);
	}
	sort_defaults(files);
}
