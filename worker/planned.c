/*
 * Every file of a run is read once before the first of them changes anything: a run that must be
 * refused at its ninth file is refused with nothing changed.
 */
#include "worker/planned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/claims.h"

#include "shared/base/banned.h"

enum { STATEMENTS_SHOWN = 1000, ALIVE_MS = 1000 };

void
text_list_add(struct arena *arena, struct text_list *list, const char *text)
{
	list->items =
		arena_grow(arena, list->items, list->count, &list->cap, sizeof(list->items[0]));
	list->items[list->count++] = text;
}

void
planned_warn(struct job_run *r, struct text_list *list, const char *text)
{
	text_list_add(r->arena, list, text);
	job_warn(r, "%s", text);
}

/* ---- first pass ---- */

struct reading {
	struct job_run *run;
	struct target *holder;
	uint64_t alive_ms;	       /* when the holder last did something */
	struct planned_migration *doc; /* NULL = not wanted */
	struct claims *claims;	       /* NULL = nobody has any */
	size_t cap;
	uint32_t seen;
};

/* Reading hundreds of megabytes takes a while, and meanwhile the session that holds the lock must
 * not look dead. */
static bool
stay_alive(struct reading *g, struct error *err)
{
	uint64_t now = runtime_boot_ms(g->run->rt);
	struct lock_state state;
	struct arena arena;

	if (g->holder == NULL || now < g->alive_ms + ALIVE_MS)
		return true;
	g->alive_ms = now;
	arena_init(&arena);
	bool ok =
		job_go_on(g->run, err) && g->holder->ops->lock_read(g->holder, &arena, &state, err);
	arena_fini(&arena);
	return ok;
}

static void
list_statement(struct reading *g, const struct body_statement *st)
{
	struct planned_migration *doc = g->doc;

	doc->statements.items =
		arena_grow(g->run->arena, doc->statements.items, doc->statements.count, &g->cap,
			   sizeof(doc->statements.items[0]));
	doc->statements.items[doc->statements.count++] = (struct planned_statement){
		.line = st->piece.line,
		.kind = arena_str(g->run->arena, st->facts.tag),
		.transactional = st->facts.transactional,
		.bytes = (int64_t)st->piece.text.len,
	};
}

static bool
read_statement(void *self, const struct body_statement *st, struct error *err)
{
	struct reading *g = self;

	if (g->doc != NULL && g->seen++ < STATEMENTS_SHOWN)
		list_statement(g, st);
	if (g->claims != NULL)
		claims_add(g->claims, st);
	return stay_alive(g, err);
}

static int
compare_name(const void *key, const void *item)
{
	const struct bundle_file *file = item;

	return strcmp(key, file->name);
}

/* The hash that the bundle was submitted with. */
static const char *
bundled_sha256(const struct job_run *r, const char *file)
{
	const struct bundle_info *bundle = r->spec->bundle;
	const struct bundle_file *found =
		bundle == NULL ? NULL
			       : bsearch(file, bundle->files.items, bundle->files.count,
					 sizeof(*found), compare_name);

	return found == NULL ? NULL : found->sha256;
}

static bool
refuse_outside(struct job_run *r, const struct planned_file *p, struct error *err)
{
	if (p->body.transactional || !r->options->no_lock)
		return true;
	error_set(err, E_MIGR_115,
		  "%s has statements that cannot run in a transaction, and --no-lock was given",
		  p->file);
	error_at(err, p->file, 0, 0);
	return false;
}

static void
describe(struct job_run *r, const struct planned_file *p, const struct reading *g,
	 struct text_list *warnings)
{
	struct planned_migration *doc = g->doc;

	doc->version = p->migration->version;
	doc->name = p->migration->name;
	doc->file = p->file;
	doc->transactional = p->body.transactional;
	doc->duration_ms = INT_NULL;
	doc->rows_affected = INT_NULL;
	if (g->seen > STATEMENTS_SHOWN)
		text_list_add(r->arena, warnings,
			      arena_printf(r->arena,
					   "%s has %u statements; the first %d are listed", p->file,
					   g->seen, STATEMENTS_SHOWN));
}

static bool
check_one(struct job_run *r, struct planned_file *p, struct reading *g, struct text_list *warnings,
	  struct error *err)
{
	if (!job_go_on(r, err))
		return false;
	if (!body_check(r->bundles, p->file, bundled_sha256(r, p->file), read_statement, g,
			&p->body, err) ||
	    !refuse_outside(r, p, err)) {
		snprintf(err->migration, sizeof(err->migration), "%s", p->migration->version);
		return false;
	}
	if (p->body.wrapped)
		planned_warn(r, warnings,
			     arena_printf(r->arena,
					  "%s: the BEGIN and COMMIT around the whole file are left "
					  "out; it runs in one transaction anyway",
					  p->file));
	if (g->doc != NULL)
		describe(r, p, g, warnings);
	return true;
}

static bool
check_claims(struct job_run *r, struct planned_file *p, struct reading *g,
	     struct text_list *warnings, struct error *err)
{
	struct claims claims;

	if (!r->claimed)
		return check_one(r, p, g, warnings, err);
	claims_init(&claims);
	g->claims = &claims;
	bool ok = check_one(r, p, g, warnings, err) && claims_ask(r, &claims, p, warnings, err);
	claims_fini(&claims);
	g->claims = NULL;
	return ok;
}

bool
planned_check(struct job_run *r, struct planned *plan, struct text_list *warnings,
	      struct error *err)
{
	struct reading g = {.run = r, .holder = plan->holder, .alive_ms = runtime_boot_ms(r->rt)};

	for (size_t i = 0; i < plan->count; i++) {
		g.doc = plan->docs == NULL ? NULL : &plan->docs[i];
		g.cap = 0;
		g.seen = 0;
		if (!check_claims(r, &plan->items[i], &g, warnings, err))
			return false;
	}
	return true;
}

/* ---- for real ---- */

static struct execute_request
request_of(const struct planned *plan, size_t i, enum execute_mode mode)
{
	const struct planned_file *p = &plan->items[i];

	return (struct execute_request){
		.migration = p->migration,
		.file = p->file,
		.direction = plan->direction,
		.mode = mode,
		.plan = &p->body,
		.step = {.number = (uint32_t)i + 1,
			 .planned = (uint32_t)plan->count,
			 .action = plan->direction,
			 .version = p->migration->version,
			 .change = p->change,
			 .name = p->migration->name,
			 .checksum = p->body.sha256,
			 .execution_time_ms = INT_NULL,
			 .slug_suffix = "",
			 .record_user = true},
	};
}

static bool
session_lost(const struct planned *plan, size_t i, struct error *err)
{
	error_set(err, E_TARGET_005,
		  "the connection was lost after migration %s took effect; %zu of %zu are done",
		  plan->items[i].migration->version, i + 1, plan->count);
	err->retryable = true;
	return false;
}

/* The migration is done whatever comes of this: behind the last one nothing that fails here is more
 * than a remark. */
static bool
tell_changes(struct job_run *r, struct target *t, const struct planned *plan, size_t i,
	     struct applied_migration *done, struct error *err)
{
	struct changes *c = plan->changes;

	if (c == NULL || changes_step(c, t, plan->items[i].migration, &done->diff, err))
		return true;
	if (i + 1 < plan->count)
		return error_is(err, E_TARGET_005) ? session_lost(plan, i, err) : false;
	c->missing = arena_str(r->arena, err->message);
	job_warn(r, "what changed in the structure is not told: %s", c->missing);
	return true;
}

bool
planned_run(struct job_run *r, struct target *t, const struct planned *plan,
	    struct applied_migration *done, size_t *done_count, struct error *err)
{
	struct execute_result res;

	for (size_t i = 0; i < plan->count; i++) {
		struct execute_request req = request_of(plan, i, EXECUTE_FOR_REAL);
		if (!job_go_on(r, err))
			return false;
		bool ok = job_execute(r, t, &req, &res, err);
		if (ok || res.committed)
			done[(*done_count)++] = (struct applied_migration){
				.version = plan->items[i].migration->version,
				.name = plan->items[i].migration->name,
				.duration_ms = res.duration_ms,
				.rows_affected = res.rows,
			};
		if (!ok)
			return false;
		if (res.session_lost && i + 1 < plan->count)
			return session_lost(plan, i, err);
		if (!res.session_lost && !tell_changes(r, t, plan, i, &done[*done_count - 1], err))
			return false;
	}
	return true;
}

/* ---- rehearsal ---- */

static bool
rehearse_one(struct job_run *r, struct target *t, const struct planned *plan, size_t i,
	     struct text_list *warnings, struct error *err)
{
	struct execute_request req = request_of(plan, i, EXECUTE_REHEARSAL);
	struct execute_result res;

	if (!plan->items[i].body.transactional) {
		planned_warn(r, warnings,
			     arena_printf(r->arena,
					  "%s runs outside transactions: it was not executed, and "
					  "what follows was executed without it",
					  plan->items[i].file));
		return true;
	}
	if (!job_go_on(r, err) || !job_execute(r, t, &req, &res, err))
		return false;
	plan->docs[i].duration_ms = res.duration_ms;
	plan->docs[i].rows_affected = res.rows;
	return true;
}

bool
planned_rehearse(struct job_run *r, struct target *t, const struct planned *plan,
		 struct text_list *warnings, struct error *err)
{
	struct error undo;
	bool ok = true;

	if (!t->ops->begin(t, err))
		return false;
	for (size_t i = 0; i < plan->count && ok; i++)
		ok = rehearse_one(r, t, plan, i, warnings, err);
	job_shield(r, true);
	bool undone = t->ops->rollback(t, &undo);
	job_shield(r, false);
	/* A connection that is lost rolls back by itself. */
	if (ok && !undone)
		*err = undo;
	return ok && undone;
}
