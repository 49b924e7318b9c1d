/*
 * Kind "baseline": adopts a database whose migrations were applied by other means. Rows are written
 * under the lock, all in one transaction; no SQL of any migration runs.
 */
#include <string.h>

#include "worker/job.h"
#include "worker/kinds.h"
#include "worker/ledger_view.h"

#include "shared/base/banned.h"

/* One row to write: a file, and, with --from-db, what the other ledger says about it. */
struct entry {
	const struct migration *file;
	const struct ledger_row *source;
};

struct plan {
	struct entry *items;
	size_t count;
};

static void
warn(struct job_run *r, struct baseline_result *out, const char *message)
{
	if (out->warnings.items == NULL)
		out->warnings.items = arena_array(r->arena, 4, sizeof(char *));
	out->warnings.items[out->warnings.count++] = message;
}

static void
list_row(struct baseline_result *out, const char *version, const char *name, const char *status)
{
	out->migrations.items[out->migrations.count++] =
		(struct baseline_row){version, name, status};
}

/* MIGR_100 with the first versions there are, so that a slip of the fingers is seen at once. */
static bool
version_known(struct job_run *r, const char *through, struct error *err)
{
	const struct migration_set *set = &r->migrations;

	if (through == NULL || migration_find(set, through) != NULL)
		return true;
	error_set(err, E_MIGR_100, "no migration file has version %s", through);
	for (size_t i = 0; i < set->count && i < 10; i++)
		error_detail_item(err, "versions", set->items[i].version);
	error_hint(err, "confiture migrate status\nls db/migrations");
	return false;
}

static bool
beyond(const struct job_run *r, const char *version)
{
	const char *through = r->options->target_version;

	return through != NULL && strcmp(version, through) > 0;
}

static void
plan_through(struct job_run *r, const struct ledger_view *v, struct plan *plan,
	     struct baseline_result *out)
{
	for (size_t i = 0; i < v->set->count && !beyond(r, v->set->items[i].version); i++) {
		const struct migration *m = &v->set->items[i];
		list_row(out, m->version, m->name, v->row_of[i] ? "already_applied" : "marked");
		if (v->row_of[i] == NULL)
			plan->items[plan->count++] = (struct entry){m, NULL};
		else
			out->skipped++;
	}
}

static void
plan_from(struct job_run *r, const struct ledger_view *v, const struct ledger *source,
	  struct plan *plan, struct baseline_result *out)
{
	size_t strange = 0, capped = 0;

	for (size_t i = 0; i < source->count; i++) {
		const struct ledger_row *row = &source->rows[i];
		const struct migration *m = migration_find(v->set, row->version);
		bool applied = m != NULL && v->row_of[m - v->set->items] != NULL;
		bool cap = m != NULL && beyond(r, row->version);

		list_row(out, row->version, row->name,
			 m == NULL ? "source_only"
			 : cap	   ? "beyond_through"
			 : applied ? "already_applied"
				   : "marked");
		strange += m == NULL;
		capped += cap;
		out->skipped += applied && !cap;
		if (m != NULL && !cap && !applied)
			plan->items[plan->count++] = (struct entry){m, row};
	}
	if (strange > 0)
		warn(r, out,
		     arena_printf(r->arena,
				  "%zu row(s) of the source have no file here and "
				  "were left out",
				  strange));
	if (capped > 0)
		warn(r, out,
		     arena_printf(r->arena,
				  "%zu row(s) of the source lie beyond --through "
				  "and were left out",
				  capped));
}

static bool
read_source(struct job_run *r, struct ledger *out, struct error *err)
{
	struct target *t;

	if (!job_connect(r, r->options->source_target, &t, err))
		return error_wrap(err, "--from-db");
	bool ok = t->ops->ledger_read(t, r->arena, out, err);
	job_disconnect(r, t);
	if (ok && !out->present)
		return error_set(err, E_PRECON_1001,
				 "the database given with --from-db has no tracking table");
	return ok;
}

static void
make_plan(struct job_run *r, const struct ledger *ledger, const struct ledger *source,
	  struct plan *plan, struct baseline_result *out)
{
	struct ledger_view view;
	size_t most = r->migrations.count + source->count + 1;

	ledger_view_build(r->arena, &r->migrations, ledger, &view);
	*plan = (struct plan){.items = arena_array(r->arena, most, sizeof(struct entry))};
	out->migrations.items = arena_array(r->arena, most, sizeof(out->migrations.items[0]));
	if (r->options->source_target != NULL)
		plan_from(r, &view, source, plan, out);
	else
		plan_through(r, &view, plan, out);
	out->marked = (int64_t)plan->count;
}

static bool
write_rows(struct job_run *r, struct target *t, const struct plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct entry *e = &plan->items[i];
		/* Numbered as the Python confiture numbers them. */
		const char *copied = arena_printf(r->arena, "_%04zu_baseline_from_db", i + 1);
		struct target_step step = {
			.number = (uint32_t)i + 1,
			.planned = (uint32_t)plan->count,
			.action = "baseline",
			.version = e->file->version,
			.change = LEDGER_INSERT,
			.name = e->file->name,
			.checksum = e->source ? e->source->checksum : e->file->sha256,
			.execution_time_ms = e->source ? e->source->execution_time_ms : 0,
			.slug_suffix = e->source ? copied : "_baseline",
			.applied_at = e->source ? e->source->applied_at : NULL,
		};
		if (!job_go_on(r, err) || !t->ops->step(t, &step, err))
			return false;
	}
	return true;
}

static bool
write_plan(struct job_run *r, struct target *t, const struct plan *plan, struct error *err)
{
	if (plan->count == 0)
		return true;
	if (!t->ops->begin(t, err))
		return false;
	if (!write_rows(r, t, plan, err)) {
		t->ops->rollback(t, NULL);
		return false;
	}
	return t->ops->commit(t, err) == COMMIT_DONE;
}

static bool
look(struct job_run *r, const struct ledger *source, struct baseline_result *out, struct error *err)
{
	struct ledger ledger;
	struct plan plan;
	struct target *t;

	if (!job_connect(r, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, r->arena, &ledger, err);
	if (ok)
		make_plan(r, &ledger, source, &plan, out);
	job_disconnect(r, t);
	return ok;
}

static bool
mark(struct job_run *r, const struct ledger *source, struct baseline_result *out, struct error *err)
{
	struct job_session s;
	struct plan plan;

	if (!job_session_open(r, &s, err))
		return false;
	make_plan(r, &s.ledger, source, &plan, out);
	bool ok = write_plan(r, s.target, &plan, err);
	job_session_close(r, &s);
	return ok;
}

bool
baseline_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct baseline_result *out = arena_new(r->arena, struct baseline_result);
	struct ledger source = {0};

	out->job = r->job;
	out->dry_run = r->options->dry_run;
	if (!migration_set_unique(&r->migrations, err) ||
	    !version_known(r, r->options->target_version, err))
		return false;
	if (r->options->source_target != NULL && !read_source(r, &source, err))
		return false;
	bool ok = out->dry_run ? look(r, &source, out, err) : mark(r, &source, out, err);
	if (!ok)
		return false;
	out->success = true;
	*result = (struct any){&record_baseline_result, out};
	*exit_code = 0;
	return true;
}
