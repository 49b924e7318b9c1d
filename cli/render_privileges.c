/*
 * Privileges are kept as lines, "PRIVILEGE <tab> grantee [<tab> *]", by grantee. An absent list
 * stands for what everybody has anyway: the owner all, and with some kinds PUBLIC something. What
 * the owner has is said only when neither side is absent.
 */
#include "cli/render_privileges.h"

#include <string.h>

#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

struct privilege {
	struct span name, grantee;
	bool again; /* with the right to grant it on */
};

struct list {
	struct privilege *items;
	size_t count;
};

bool
render_is_privileges(enum schema_kind kind, size_t place)
{
	return place == SCHEMA_privileges || (kind == SCHEMA_KIND_default_privileges &&
					      place == SCHEMA_default_privileges_grants);
}

/* What PUBLIC may do with a new object of the kind (manual, GRANT). */
static const char *
by_default(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_function:
	case SCHEMA_KIND_aggregate:
		return "EXECUTE\tPUBLIC";
	case SCHEMA_KIND_language:
	case SCHEMA_KIND_base_type:
	case SCHEMA_KIND_enum:
	case SCHEMA_KIND_domain:
	case SCHEMA_KIND_composite:
	case SCHEMA_KIND_range:
		return "USAGE\tPUBLIC";
	default:
		return "";
	}
}

static struct privilege
parse(struct span line)
{
	struct privilege p = {.name = line};
	const char *end = line.ptr + line.len;
	const char *tab = memchr(line.ptr, '\t', line.len);

	if (tab == NULL)
		return p;
	p.name.len = (size_t)(tab - line.ptr);
	p.grantee = span_of(tab + 1, (size_t)(end - tab) - 1);
	tab = memchr(p.grantee.ptr, '\t', p.grantee.len);
	if (tab != NULL) {
		p.grantee.len = (size_t)(tab - p.grantee.ptr);
		p.again = true;
	}
	return p;
}

static bool
is_owner(struct span grantee, const char *owner)
{
	if (owner == NULL || span_is(grantee, owner))
		return owner != NULL;
	return grantee.len == strlen(owner) + 2 && grantee.ptr[0] == '"' &&
	       memcmp(grantee.ptr + 1, owner, grantee.len - 2) == 0;
}

static struct list
read_list(struct arena *arena, const char *lines, const char *without)
{
	struct list l = {0};
	size_t cap = 0;
	struct span line;

	while (structure_line(&lines, &line)) {
		struct privilege p = parse(line);

		if (is_owner(p.grantee, without))
			continue;
		l.items = arena_grow(arena, l.items, l.count, &cap, sizeof(*l.items));
		l.items[l.count++] = p;
	}
	return l;
}

static bool
holds(const struct list *l, const struct privilege *wanted)
{
	for (size_t i = 0; i < l->count; i++)
		if (span_equal(l->items[i].name, wanted->name) &&
		    span_equal(l->items[i].grantee, wanted->grantee) &&
		    l->items[i].again == wanted->again)
			return true;
	return false;
}

struct changes {
	struct arena *arena;
	struct privilege_change *items;
	size_t count, cap;
};

static void
put(struct changes *c, struct privilege_change change)
{
	c->items = arena_grow(c->arena, c->items, c->count, &c->cap, sizeof(*c->items));
	c->items[c->count++] = change;
}

/* What `here` has and `there` has not, one change a grantee. */
static void
only_here(struct changes *c, bool grant, const struct list *here, const struct list *there)
{
	for (size_t i = 0; i < here->count;) {
		const struct privilege *p = &here->items[i];
		struct text names;

		text_init(&names, 0);
		for (; i < here->count && span_equal(here->items[i].grantee, p->grantee) &&
		       here->items[i].again == p->again;
		     i++) {
			if (holds(there, &here->items[i]))
				continue;
			text_put(&names, names.len > 0 ? ", " : "");
			text_put_span(&names, here->items[i].name);
		}
		if (names.len > 0)
			put(c, (struct privilege_change){grant, arena_str(c->arena, names.ptr),
							 arena_span(c->arena, p->grantee),
							 grant && p->again});
		text_fini(&names);
	}
}

size_t
privilege_changes(struct arena *arena, const struct schema_object *of, const char *before,
		  const char *after, struct privilege_change **out)
{
	const char *owner = of->values[SCHEMA_owner];
	const char *without = before == NULL || after == NULL ? owner : NULL;
	const char *otherwise =
		of->kind == SCHEMA_KIND_default_privileges ? "" : by_default(of->kind);
	struct list a = read_list(arena, before ? before : otherwise, without);
	struct list b = read_list(arena, after ? after : otherwise, without);
	struct changes c = {.arena = arena};

	only_here(&c, false, &a, &b);
	only_here(&c, true, &b, &a);
	/* An empty list beside an absent one: the owner's own went too. */
	if ((before == NULL) != (after == NULL) && (before ? before : after)[0] == '\0')
		put(&c, (struct privilege_change){.grant = after == NULL,
						  .what = "ALL",
						  .grantee = owner ? owner : "the owner"});
	*out = c.items;
	return c.count;
}

void
render_privileges(struct cli *cli, int indent, const struct schema_object *of, const char *before,
		  const char *after)
{
	struct privilege_change *changes;
	size_t count = privilege_changes(&cli->arena, of, before, after, &changes);

	for (size_t i = 0; i < count; i++) {
		const struct privilege_change *c = &changes[i];

		cli_say(cli, "%*s%s%s %s %s %s%s%s", indent, "",
			cli_style(cli, cli->out, c->grant ? STYLE_GREEN : STYLE_RED),
			c->grant ? "+ GRANT" : "- REVOKE", cli_safe(cli, c->what),
			c->grant ? "TO" : "FROM", cli_safe(cli, c->grantee),
			c->again ? " WITH GRANT OPTION" : "",
			cli_style(cli, cli->out, STYLE_PLAIN));
	}
}
