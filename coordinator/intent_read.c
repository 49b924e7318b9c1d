/*
 * What a request's SQL touches is read before the journal's transaction begins: a parser may be
 * slow or die, and nobody else's request may wait for that with the journal locked.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "shared/base/banned.h"

static void
opaque(struct arena *a, const char *reason, struct sql_footprint *out)
{
	*out = (struct sql_footprint){.opaque = true, .opaque_count = 1, .opaque_cap = 1};
	out->opaques = arena_new(a, struct sql_opaque);
	out->opaques[0] = (struct sql_opaque){reason, 1, 1};
}

static bool
read_sql(struct coordinator *c, struct arena *a, const char *sql,
	 const struct sql_search_path *path, struct sql_footprint *out, struct error *err)
{
	*out = (struct sql_footprint){0};
	if (c->parser.footprint != NULL)
		return c->parser.footprint(c->parser.self, a, span_str(sql), path, out, err);
	opaque(a, "nobody here can judge SQL", out);
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

/* The same for a file that a job is about to run; more of it than is read cannot be judged. */
static bool
read_file(struct coordinator *c, struct call *call, const struct job_check *m, struct error *err)
{
	struct arena *a = &call->request->arena;
	struct intent_reading *r = arena_new(a, struct intent_reading);
	struct sql_search_path path = {0};

	if (m->too_long || strlen(m->sql) > INTENT_SQL_MAX)
		opaque(a, "it is too long to be compared", &r->footprint);
	else if (!read_sql(c, a, m->sql, &path, &r->footprint, err))
		return false;
	call->prepared = r;
	return true;
}

/* One reading for each of them. */
static bool
read_registry(struct coordinator *c, struct call *call, const struct registry_import *m,
	      struct error *err)
{
	struct arena *a = &call->request->arena;
	struct intent_reading *all = arena_array(a, m->intents.count + 1, sizeof(*all));
	struct sql_search_path path = {0};

	for (size_t i = 0; i < m->intents.count; i++) {
		const struct registry_intent *r = &m->intents.items[i];
		if (!read_sql(c, a,
			      intent_text(a, r->schema_changes.items, r->schema_changes.count),
			      &path, &all[i].footprint, err))
			return false;
	}
	call->prepared = all;
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
	case MESSAGE_registry_import:
		return read_registry(c, call, body, err);
	case MESSAGE_job_check:
		return read_file(c, call, body, err);
	default:
		return true;
	}
}
