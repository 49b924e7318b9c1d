/*
 * The small decisions about intents, each on its own: they are easy to try at their edges here, and
 * impossible to find again inside handlers.
 */
#include "coordinator/intent_rules.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "shared/sql/utf8.h"

#include "shared/base/banned.h"

enum { STATEMENT_SHOWN = 300, CHANGES_MAX = 10000 };

enum intent_state
intent_state_of(const struct intent_row *row)
{
	enum intent_state state = INTENT_REGISTERED;
	bool known = intent_state_named(row->doc.status, &state);

	assert(known);
	(void)known;
	return state;
}

/* ---- what may come in ---- */
/* C0, DEL and C1, which steer terminals, and whatever is no UTF-8. */
static bool
is_plain(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)s[i + 1] >= 0x80 &&
		     (unsigned char)s[i + 1] < 0xa0))
			return false;
	}
	size_t good;
	return utf8_check(s, len, &good) == UTF8_GOOD;
}

static bool
check_name(const char *what, const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len == 0)
		return error_set(err, E_INTENT_006, "the %s is empty", what);
	if (len > INTENT_NAME_MAX)
		return error_set(err, E_INTENT_006, "the %s is longer than %d bytes", what,
				 INTENT_NAME_MAX);
	if (!is_plain(name))
		return error_set(err, E_INTENT_006, "the %s has control characters, or is no UTF-8",
				 what);
	return true;
}

bool
intent_agent_check(const char *agent, struct error *err)
{
	return check_name("agent's id", agent, err);
}

static bool
check_changes(const struct intent_draft *draft, struct error *err)
{
	size_t bytes = 0;

	if (draft->schema_changes.count > CHANGES_MAX)
		return error_set(err, E_INTENT_006, "an intent has at most %d statements",
				 CHANGES_MAX);
	for (size_t i = 0; i < draft->schema_changes.count; i++)
		bytes += strlen(draft->schema_changes.items[i]);
	if (bytes > INTENT_SQL_MAX) {
		error_set(err, E_INTENT_006, "%zu bytes of SQL; an intent has at most %d", bytes,
			  INTENT_SQL_MAX);
		error_hint(err, "register the statements that change the schema, not the data");
		return false;
	}
	return true;
}

bool
intent_draft_check(const struct intent_draft *draft, int64_t ttl_ms, struct error *err)
{
	if ((draft->agent != NULL && !intent_agent_check(draft->agent, err)) ||
	    !check_name("feature's name", draft->feature_name, err) || !check_changes(draft, err))
		return false;
	for (size_t i = 0; i < draft->tables_affected.count; i++) {
		if (!check_name("table's name", draft->tables_affected.items[i], err))
			return false;
	}
	if (ttl_ms < 0 || ttl_ms > (int64_t)TTL_MAX_MS)
		return error_set(err, E_INTENT_006, "a lease lasts at most 30 days");
	const char *json;
	struct arena a;
	arena_init(&a);
	bool ok = record_free_json(&a, span_str(draft->metadata), &json, NULL);
	arena_fini(&a);
	return ok || error_set(err, E_INTENT_006, "the metadata is no JSON object");
}

bool
intent_agent_of_token(const char *said, const char *name)
{
	size_t len = strlen(name);

	return strncmp(said, name, len) == 0 && (said[len] == '\0' || said[len] == '/');
}

/* ---- who is in whose way ---- */
const char *
intent_scope(struct arena *a, const char *environment, const char *database)
{
	if (environment != NULL)
		return arena_printf(a, "environment:%s", environment);
	return database != NULL ? arena_printf(a, "database:%s", database) : "project";
}

bool
intent_scope_overlaps(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || strcmp(a, "project") == 0 || strcmp(b, "project") == 0;
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

bool
intent_same_side(const struct intent *a, const struct intent *b)
{
	return strcmp(a->agent_id, b->agent_id) == 0 &&
	       (a->worktree == NULL || b->worktree == NULL || same_text(a->worktree, b->worktree));
}

const char *
intent_branch_stem(struct arena *a, const char *feature)
{
	char *stem = arena_printf(a, "feature/%s", feature);

	for (char *p = stem + strlen("feature/"); *p != '\0'; p++) {
		if (*p == ' ' || *p == '/')
			*p = '_';
		else
			*p = (char)tolower((unsigned char)*p);
	}
	return stem;
}

/* ---- what a footprint comes to ---- */
static bool
is_table(enum sql_kind kind)
{
	return kind == SQL_KIND_TABLE || kind == SQL_KIND_FOREIGN_TABLE ||
	       kind == SQL_KIND_RELATION;
}

static const char *
short_name(struct arena *a, const char *schema, const char *name)
{
	if (schema == NULL || strcmp(schema, "public") == 0)
		return name;
	return arena_printf(a, "%s.%s", schema, name);
}

static void
add_text(struct arena *a, struct intent *out, size_t *cap, const char *text)
{
	for (size_t i = 0; i < out->tables_affected.count; i++) {
		if (strcmp(out->tables_affected.items[i], text) == 0)
			return;
	}
	out->tables_affected.items =
		arena_grow(a, out->tables_affected.items, out->tables_affected.count, cap,
			   sizeof(*out->tables_affected.items));
	out->tables_affected.items[out->tables_affected.count++] = text;
}

void
intent_tables(struct arena *a, const struct sql_footprint *f, const char *const *typed,
	      size_t typed_count, struct intent *out)
{
	size_t cap = 0;

	out->tables_affected.items = NULL;
	out->tables_affected.count = 0;
	for (size_t i = 0; i < typed_count; i++)
		add_text(a, out, &cap, typed[i]);
	for (size_t i = 0; i < f->count; i++) {
		const struct sql_access *s = &f->items[i];
		if (is_table(s->kind) && s->mode != SQL_MODE_READ)
			add_text(a, out, &cap, short_name(a, s->schema, s->name));
	}
}

/* What the text made itself is not there yet for others; what PostgreSQL does beside it follows
 * from what is written. */
bool
intent_access_claims(const struct sql_access *access)
{
	return access->mode != SQL_MODE_READ && !access->implied &&
	       (!access->own || access->mode == SQL_MODE_CREATE);
}

void
intent_claims(struct arena *a, const struct sql_footprint *f, int64_t token, const char *expires_at,
	      struct intent *out)
{
	size_t cap = 0;

	out->claims.items = NULL;
	out->claims.count = 0;
	for (size_t i = 0; i < f->count; i++) {
		if (!intent_access_claims(&f->items[i]))
			continue;
		out->claims.items = arena_grow(a, out->claims.items, out->claims.count, &cap,
					       sizeof(*out->claims.items));
		out->claims.items[out->claims.count++] =
			(struct intent_claim){.object = sql_access_text(a, &f->items[i]),
					      .kind = sql_kind_word(f->items[i].kind),
					      .mode = sql_mode_word(f->items[i].mode),
					      .token = token,
					      .expires_at = expires_at};
	}
}

const char *
intent_text(struct arena *a, const char *const *changes, size_t count)
{
	struct text all;

	text_init(&all, 0);
	for (size_t i = 0; i < count; i++) {
		text_put(&all, changes[i]);
		text_put(&all, "\n;\n");
	}
	const char *copy = arena_span(a, text_span(&all));
	text_fini(&all);
	return copy;
}

/* At most STATEMENT_SHOWN bytes, not cut within a character. */
static const char *
shortened(struct arena *a, struct span s)
{
	size_t len = s.len;

	if (len <= STATEMENT_SHOWN)
		return arena_span(a, s);
	len = STATEMENT_SHOWN;
	while (len > 0 && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len--;
	return arena_printf(a, "%.*s …", (int)len, s.ptr);
}

const char *
intent_statement(struct arena *a, const struct intent *doc, uint32_t statement, uint32_t line,
		 uint32_t statements)
{
	if (statement == 0 || statement > statements)
		return NULL;
	if (statements == doc->schema_changes.count)
		return shortened(a, span_str(doc->schema_changes.items[statement - 1]));
	const char *at = intent_text(a, doc->schema_changes.items, doc->schema_changes.count);
	for (uint32_t n = 1; n < line && at != NULL; n++) {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	return at != NULL ? shortened(a, span_of(at, strcspn(at, ";"))) : NULL;
}

static bool
is_covered(struct arena *a, const struct sql_footprint *planned, const struct sql_access *x)
{
	struct sql_keys want = sql_access_keys(a, x);

	for (size_t i = 0; i < planned->count; i++) {
		const struct sql_access *p = &planned->items[i];
		if (p->mode == SQL_MODE_READ)
			continue;
		struct sql_keys have = sql_access_keys(a, p);
		if (strcmp(have.part, want.part) == 0 ||
		    (p->mode == SQL_MODE_CREATE && p->part == NULL &&
		     strcmp(have.object, want.object) == 0))
			return true;
	}
	return false;
}

void
intent_exceeds(struct arena *a, const struct sql_footprint *planned,
	       const struct sql_footprint *landed, struct sql_footprint *out)
{
	*out = (struct sql_footprint){0};
	for (size_t i = 0; i < landed->count; i++) {
		const struct sql_access *x = &landed->items[i];
		if (!intent_access_claims(x) || is_covered(a, planned, x))
			continue;
		out->items = arena_grow(a, out->items, out->count, &out->cap, sizeof(*out->items));
		out->items[out->count++] = *x;
	}
}

/* ---- waiting ---- */
/* Depth first: who was visited and did not lead back to the start never will. */
static size_t
walk(const bool *edges, size_t count, size_t start, size_t depth, size_t *path, bool *seen)
{
	size_t at = path[depth];

	seen[at] = true;
	for (size_t k = 0; k < count; k++) {
		if (!edges[at * count + k])
			continue;
		path[depth + 1] = k;
		if (k == start)
			return depth + 2;
		size_t found = seen[k] ? 0 : walk(edges, count, start, depth + 1, path, seen);
		if (found > 0)
			return found;
	}
	return 0;
}

size_t
claim_cycle(struct arena *a, const bool *edges, size_t count, size_t start, size_t **cycle)
{
	bool *seen = arena_array(a, count, sizeof(*seen));

	*cycle = arena_array(a, count + 1, sizeof(**cycle));
	(*cycle)[0] = start;
	return walk(edges, count, start, 0, *cycle, seen);
}
