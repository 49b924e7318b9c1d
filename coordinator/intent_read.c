/*
 * What a request's SQL touches is read before the journal's transaction begins: a parser may be
 * slow or die, and nobody else's request may wait for that with the journal locked.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "shared/base/banned.h"

static bool
read_sql(struct coordinator *c, struct arena *a, const char *sql,
	 const struct sql_search_path *path, struct sql_footprint *out, struct error *err)
{
	*out = (struct sql_footprint){0};
	if (c->parser.footprint != NULL)
		return c->parser.footprint(c->parser.self, a, span_str(sql), path, out, err);
	out->opaque = true;
	out->opaques = arena_new(a, struct sql_opaque);
	out->opaques[0] = (struct sql_opaque){"nobody here can judge SQL", 1, 1};
	out->opaque_count = out->opaque_cap = 1;
	return true;
}

/* A version is an object like others: one of it can be made once. */
static void
add_versions(struct arena *a, const struct intent_draft *draft, struct sql_footprint *f)
{
	for (size_t i = 0; i < draft->versions.count; i++) {
		f->items = arena_grow(a, f->items, f->count, &f->cap, sizeof(*f->items));
		f->items[f->count++] = (struct sql_access){.kind = SQL_KIND_VERSION,
							   .mode = SQL_MODE_CREATE,
							   .name = draft->versions.items[i]};
	}
}

static bool
read_draft(struct coordinator *c, struct call *call, const struct intent_draft *draft,
	   int64_t ttl_ms, struct error *err)
{
	struct arena *a = &call->request->arena;
	struct intent_reading *r = arena_new(a, struct intent_reading);
	struct sql_search_path path = {.schemas = draft->search_path.items,
				       .count = draft->search_path.count};

	if (!intent_draft_check(draft, ttl_ms, err) ||
	    !read_sql(c, a,
		      intent_text(a, draft->schema_changes.items, draft->schema_changes.count),
		      &path, &r->footprint, err))
		return false;
	add_versions(a, draft, &r->footprint);
	call->prepared = r;
	return true;
}

static bool
read_landed(struct coordinator *c, struct call *call, const struct intent_move *m,
	    struct error *err)
{
	struct arena *a = &call->request->arena;
	struct intent_reading *r = arena_new(a, struct intent_reading);
	const char **texts = arena_array(a, m->files.count, sizeof(*texts));
	struct sql_search_path path = {0};
	size_t bytes = 0;

	for (size_t i = 0; i < m->files.count; i++) {
		texts[i] = m->files.items[i].sql;
		bytes += strlen(texts[i]);
	}
	if (bytes > INTENT_SQL_MAX)
		return error_set(err, E_INTENT_006,
				 "%zu bytes of migration files; at most %d are compared", bytes,
				 INTENT_SQL_MAX);
	if (!read_sql(c, a, intent_text(a, texts, m->files.count), &path, &r->footprint, err))
		return false;
	call->prepared = r;
	return true;
}

bool
intents_prepare(struct coordinator *c, struct call *call, struct error *err)
{
	const void *body = call->request->body;

	if (call->prepared != NULL)
		return true;
	switch (call->request->kind) {
	case MESSAGE_intent_register: {
		const struct intent_register *m = body;
		return read_draft(c, call, m->draft, m->ttl_ms, err);
	}
	case MESSAGE_intent_check: {
		const struct intent_check *m = body;
		return read_draft(c, call, m->draft, 0, err);
	}
	case MESSAGE_intent_move: {
		const struct intent_move *m = body;
		return m->files.count == 0 || read_landed(c, call, m, err);
	}
	default:
		return true;
	}
}
