/*
 * Kind "preflight": would the pending migrations run? First what is pending, then the files
 * (preflight_static.c), then, when a place for it was given, the replay (preflight_replay.c). The
 * report is complete in every case; exit code 7 when anything in it is an error, 1 when only
 * dependents were found that the user asked to fail for.
 */
#include "worker/preflight.h"

#include <stdio.h>
#include <string.h>

#include "worker/kinds.h"
#include "worker/ledger_view.h"

#include "shared/base/banned.h"

static bool
read_ledger(struct job_run *r, struct ledger *out, struct error *err)
{
	struct target *t;

	*out = (struct ledger){0};
	if (r->options->all_files)
		return true;
	if (!job_connect(r, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, r->arena, out, err);
	job_disconnect(r, t);
	return ok;
}

/* Applied files that were changed: the replay would not be what happened. */
static void
check_applied(struct preflight *p, const struct ledger_view *view)
{
	for (size_t i = 0; i < view->ledger->count; i++) {
		const struct migration *m = view->file_of[i];
		struct error err;
		if (ledger_view_checksum(view, i) != CHECKSUM_DIFFERS)
			continue;
		error_set(&err, E_PFLIGHT_CHECKSUM_MISMATCH, "%s was changed after it was applied",
			  m->file);
		error_at(&err, m->file, 0, 0);
		error_detail(&err, "expected", "%s", view->ledger->rows[i].checksum);
		error_detail(&err, "actual", "%s", m->sha256);
		snprintf(err.migration, sizeof(err.migration), "%s", m->version);
		preflight_issue(p, &err);
	}
}

static void
choose(struct preflight *p, const struct ledger_view *view)
{
	struct job_run *r = p->run;
	const char *since = r->options->since;

	p->checked = arena_array(r->arena, r->migrations.count + 1, sizeof(*p->checked));
	for (size_t i = 0; i < r->migrations.count; i++) {
		const struct migration *m = &r->migrations.items[i];
		bool before = since != NULL && strcmp(m->version, since) < 0;
		p->left_out = p->left_out || (before && view->row_of[i] == NULL);
		if (view->row_of[i] != NULL || before)
			continue;
		p->checked[p->count++] = m;
	}
	p->plans = arena_array(r->arena, p->count + 1, sizeof(*p->plans));
	p->usable = arena_array(r->arena, p->count + 1, sizeof(*p->usable));
}

static void
start_report(struct preflight *p)
{
	struct job_run *r = p->run;
	struct preflight_result *out = arena_new(r->arena, struct preflight_result);

	p->out = out;
	out->summary = arena_new(r->arena, struct preflight_summary);
	out->change_set = arena_new(r->arena, struct change_set);
	out->change_set->contract_version = 1;
	out->mode = r->options->replay ? r->options->replay : "static";
	out->job = r->job;
}

static void
list_migrations(struct preflight *p)
{
	struct preflight_result *out = p->out;

	out->summary->migrations_checked = (int64_t)p->count;
	out->migrations.items =
		arena_array(p->run->arena, p->count + 1, sizeof(out->migrations.items[0]));
	out->migrations.count = p->count;
	for (size_t i = 0; i < p->count; i++)
		out->migrations.items[i] =
			(struct preflight_migration){.version = p->checked[i]->version,
						     .name = p->checked[i]->name,
						     .status = "not_run",
						     .duration_ms = REAL_NULL};
}

/* The comparison with the schema files needs what was read, and no session. */
static bool
replay_on(struct preflight *p, const struct target_spec *spec, struct error *err)
{
	struct target *t;

	if (!job_connect_to(p->run, spec, &t, err))
		return false;
	changes_init(&p->changes, p->run);
	bool ok = preflight_replay(p, t, err);
	job_disconnect(p->run, t);
	ok = ok && preflight_schema(p, spec, err);
	changes_fini(&p->changes);
	return ok;
}

static bool
replay_against(struct preflight *p, struct error *err)
{
	struct job_run *r = p->run;
	struct target_spec spec;

	return job_target(r->directory, r->control, r->options->replay_target, r->arena, &spec,
			  err) &&
	       replay_on(p, &spec, err);
}

static bool
replay_on_scratch(struct preflight *p, enum scratch_kind kind, struct error *err)
{
	struct job_run *r = p->run;
	struct target_spec source, copy;
	struct scratch *scratch;

	if (!r->directory->find(r->directory, r->spec->target, &source, err) ||
	    !r->factory->scratch_open(r->factory, kind, &source, r->arena, &scratch, &copy, err))
		return false;
	bool ok = replay_on(p, &copy, err);
	r->factory->scratch_close(r->factory, scratch);
	return ok;
}

static bool
replay(struct preflight *p, struct error *err)
{
	const char *mode = p->out->mode;

	if (strcmp(mode, "against") == 0)
		return replay_against(p, err);
	if (strcmp(mode, "clone") == 0)
		return replay_on_scratch(p, SCRATCH_CLONE, err);
	if (strcmp(mode, "throwaway") == 0)
		return replay_on_scratch(p, SCRATCH_THROWAWAY, err);
	return true;
}

bool
preflight_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct preflight p = {.run = r};
	struct ledger_view view;
	struct ledger ledger;

	start_report(&p);
	if (!read_ledger(r, &ledger, err))
		return false;
	ledger_view_build(r->arena, &r->migrations, &ledger, &view);
	choose(&p, &view);
	list_migrations(&p);
	check_applied(&p, &view);
	preflight_static(&p);
	if (!job_go_on(r, err) || !preflight_dependents(&p, err) || !replay(&p, err))
		return false;
	bool failed =
		p.out->summary->errors > 0 || (r->options->strict && p.out->summary->warnings > 0);
	bool blocked = p.out->dependent_analysis != NULL && p.out->dependent_analysis->has_blocking;
	p.out->ok = !failed && !blocked;
	*result = (struct any){&record_preflight_result, p.out};
	*exit_code = failed ? 7 : blocked ? 1 : 0;
	return true;
}
