#include "shared/sql/marshal.h"

#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define NO_TEXT UINT32_MAX

/* ---- writing ---- */

static void
put_u32(struct text *out, uint32_t v)
{
	char bytes[sizeof(v)];

	memcpy(bytes, &v, sizeof(v));
	text_put_span(out, span_of(bytes, sizeof(bytes)));
}

static void
put_bytes(struct text *out, struct span s)
{
	put_u32(out, (uint32_t)s.len);
	text_put_span(out, s);
}

static void
put_text(struct text *out, const char *s)
{
	if (s == NULL)
		put_u32(out, NO_TEXT);
	else
		put_bytes(out, span_str(s));
}

/* ---- reading ---- */

struct cursor {
	struct arena *arena;
	struct span rest;
	bool bad;
};

static uint32_t
get_u32(struct cursor *c)
{
	uint32_t v = 0;

	if (c->bad || c->rest.len < sizeof(v)) {
		c->bad = true;
		return 0;
	}
	memcpy(&v, c->rest.ptr, sizeof(v));
	c->rest = span_of(c->rest.ptr + sizeof(v), c->rest.len - sizeof(v));
	return v;
}

static struct span
get_bytes(struct cursor *c, uint32_t len)
{
	struct span s = span_of(c->rest.ptr, len);

	if (c->bad || len > c->rest.len) {
		c->bad = true;
		return span_of("", 0);
	}
	c->rest = span_of(c->rest.ptr + len, c->rest.len - len);
	return s;
}

/* A NUL inside would make two texts out of one. */
static const char *
get_text(struct cursor *c)
{
	uint32_t len = get_u32(c);

	if (c->bad || len == NO_TEXT)
		return NULL;
	struct span s = get_bytes(c, len);
	c->bad = c->bad || memchr(s.ptr, '\0', s.len) != NULL;
	return c->bad ? NULL : arena_span(c->arena, s);
}

static unsigned
get_choice(struct cursor *c, unsigned count)
{
	uint32_t v = get_u32(c);

	c->bad = c->bad || v >= count;
	return c->bad ? 0 : v;
}

/* A count of things that take at least `size` bytes each. */
static size_t
get_count(struct cursor *c, size_t size)
{
	uint32_t n = get_u32(c);

	c->bad = c->bad || n > c->rest.len / size;
	return c->bad ? 0 : n;
}

/* ---- the request ---- */

void
marshal_request(struct text *out, struct span sql, const struct sql_search_path *path)
{
	size_t count = path != NULL ? path->count : 0;

	put_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_text(out, path->schemas[i]);
	put_text(out, path != NULL ? path->user : NULL);
	put_bytes(out, sql);
}

bool
unmarshal_request(struct arena *arena, struct span bytes, struct span *sql,
		  struct sql_search_path *path)
{
	struct cursor c = {.arena = arena, .rest = bytes};
	size_t count = get_count(&c, sizeof(uint32_t));
	const char **schemas = arena_array(arena, count + 1, sizeof(*schemas));

	for (size_t i = 0; i < count; i++) {
		schemas[i] = get_text(&c);
		c.bad = c.bad || schemas[i] == NULL;
	}
	*path = (struct sql_search_path){.schemas = schemas, .count = count, .user = get_text(&c)};
	*sql = get_bytes(&c, get_u32(&c));
	return !c.bad && c.rest.len == 0;
}

/* ---- the answer ---- */

/* The booleans of an access, each a bit. */
#define FLAGS(X)                                                                                   \
	X(cascade)                                                                                 \
	X(tolerant)                                                                                \
	X(replaces)                                                                                \
	X(object_may_lack)                                                                         \
	X(implied)                                                                                 \
	X(own)                                                                                     \
	X(guessed)                                                                                 \
	X(refuses_rows)                                                                            \
	X(named_by_server)

static void
put_access(struct text *out, const struct sql_access *a)
{
	uint32_t flags = 0, bit = 1;

	put_u32(out, (uint32_t)a->kind);
	put_u32(out, (uint32_t)a->mode);
	put_u32(out, (uint32_t)a->part_kind);
	put_u32(out, (uint32_t)a->bond);
	put_text(out, a->schema);
	put_text(out, a->name);
	put_text(out, a->part);
	put_text(out, a->aspect);
	put_text(out, a->value);
	put_u32(out, a->statement);
	put_u32(out, a->line);
#define PUT(flag)                                                                                  \
	flags |= a->flag ? bit : 0;                                                                \
	bit <<= 1;
	FLAGS(PUT)
	put_u32(out, flags);
}

static void
get_access(struct cursor *c, struct sql_access *a)
{
	a->kind = (enum sql_kind)get_choice(c, SQL_KIND_COUNT);
	a->mode = (enum sql_mode)get_choice(c, SQL_MODE_COUNT);
	a->part_kind = (enum sql_part)get_choice(c, SQL_PART_COUNT);
	a->bond = (enum sql_bond)get_choice(c, SQL_BOND_COUNT);
	a->schema = get_text(c);
	a->name = get_text(c);
	a->part = get_text(c);
	a->aspect = get_text(c);
	a->value = get_text(c);
	a->statement = get_u32(c);
	a->line = get_u32(c);
	uint32_t flags = get_u32(c), bit = 1;
#define GET(flag)                                                                                  \
	a->flag = (flags & bit) != 0;                                                              \
	bit <<= 1;
	FLAGS(GET)
	c->bad = c->bad || a->name == NULL || flags >= bit;
}

void
marshal_footprint(struct text *out, const struct sql_footprint *f)
{
	put_u32(out, (uint32_t)f->count);
	for (size_t i = 0; i < f->count; i++)
		put_access(out, &f->items[i]);
	put_u32(out, (uint32_t)f->opaque_count);
	for (size_t i = 0; i < f->opaque_count; i++) {
		put_text(out, f->opaques[i].reason);
		put_u32(out, f->opaques[i].statement);
		put_u32(out, f->opaques[i].line);
	}
	put_u32(out, f->statements);
}

static void
get_opaques(struct cursor *c, struct sql_footprint *out)
{
	out->opaque_count = out->opaque_cap = get_count(c, 3 * sizeof(uint32_t));
	out->opaque = out->opaque_count > 0;
	out->opaques = arena_array(c->arena, out->opaque_count + 1, sizeof(*out->opaques));
	for (size_t i = 0; i < out->opaque_count && !c->bad; i++) {
		out->opaques[i].reason = get_text(c);
		out->opaques[i].statement = get_u32(c);
		out->opaques[i].line = get_u32(c);
		c->bad = c->bad || out->opaques[i].reason == NULL;
	}
}

bool
unmarshal_footprint(struct arena *arena, struct span bytes, struct sql_footprint *out)
{
	struct cursor c = {.arena = arena, .rest = bytes};

	*out = (struct sql_footprint){0};
	out->count = out->cap = get_count(&c, 12 * sizeof(uint32_t));
	if (out->count > SQL_FOOTPRINT_LIMIT)
		return false;
	out->items = arena_array(arena, out->count + 1, sizeof(*out->items));
	for (size_t i = 0; i < out->count && !c.bad; i++)
		get_access(&c, &out->items[i]);
	get_opaques(&c, out);
	out->statements = get_u32(&c);
	if (!c.bad && c.rest.len == 0)
		return true;
	*out = (struct sql_footprint){0};
	return false;
}
