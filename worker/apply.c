/*
 * Kind "apply": migrate up. What is pending is computed under the lock, from the ledger and the
 * bundle; all of it is judged before the first statement runs; then one migration after another,
 * each in one transaction with its ledger row, up to the first that fails.
 */
#include <string.h>

#include "shared/net/net.h"
#include "shared/schema/fingerprint.h"
#include "worker/kinds.h"
#include "worker/ledger_view.h"
#include "worker/planned.h"

#include "shared/base/banned.h"

struct apply {
	struct job_run *run;
	struct ledger_view view;
	struct planned plan;
	struct applied_migration *done;
	size_t done_count;
	struct text_list warnings;
	struct changes changes; /* with --structural-diff */
	bool began;		/* a migration was begun: its failure belongs into the result */
	struct up_result *result;
};

/* ---- what is pending ---- */

static bool
wanted(const struct apply *a, size_t file)
{
	const struct job_options *o = a->run->options;
	const char *version = a->view.set->items[file].version;

	if (o->target_version != NULL && strcmp(version, o->target_version) > 0)
		return false;
	return o->force || a->view.row_of[file] == NULL;
}

static void
plan_files(struct apply *a)
{
	const struct migration_set *set = a->view.set;
	struct arena *arena = a->run->arena;

	a->plan.direction = "up";
	a->plan.items = arena_array(arena, set->count + 1, sizeof(a->plan.items[0]));
	for (size_t i = 0; i < set->count; i++) {
		if (!wanted(a, i))
			continue;
		a->plan.items[a->plan.count++] = (struct planned_file){
			.migration = &set->items[i],
			.file = set->items[i].file,
			.change = a->view.row_of[i] == NULL ? LEDGER_INSERT : LEDGER_NOTHING,
		};
	}
	a->done = arena_array(arena, set->count + 1, sizeof(a->done[0]));
	if (a->run->options->dry_run || a->run->options->dry_run_execute)
		a->plan.docs = arena_array(arena, a->plan.count + 1, sizeof(a->plan.docs[0]));
}

static void
emit_plan(struct apply *a)
{
	struct job_event event = JOB_EVENT("plan");

	event.total = (int64_t)a->plan.count;
	event.done = 0;
	job_emit(a->run, &event);
}

/* ---- what stands against it ---- */

static bool
target_known(struct apply *a, struct error *err)
{
	const char *version = a->run->options->target_version;

	if (version == NULL || migration_find(a->view.set, version) != NULL)
		return true;
	return error_set(err, E_MIGR_100, "no migration file has version %s", version);
}

static bool
no_orphans(struct apply *a, struct error *err)
{
	const struct migration_set *set = a->view.set;

	if (set->orphan_count == 0)
		return true;
	if (a->run->options->strict) {
		error_set(err, E_MIGR_120, "%zu files are no migration: %s%s", set->orphan_count,
			  set->orphans[0], set->orphan_count > 1 ? ", …" : "");
		for (size_t i = 0; i < set->orphan_count; i++)
			error_detail_item(err, "conflicting_files", set->orphans[i]);
		return false;
	}
	for (size_t i = 0; i < set->orphan_count; i++)
		planned_warn(a->run, &a->warnings,
			     arena_printf(a->run->arena, "%s is no migration and is left out",
					  set->orphans[i]));
	return true;
}

/* NULL checksums come from a tool that recorded none: nothing to compare, and said. */
static bool
count_unrecorded(struct apply *a)
{
	size_t missing = 0;

	for (size_t i = 0; i < a->view.ledger->count; i++)
		missing += ledger_view_checksum(&a->view, i) == CHECKSUM_NOT_RECORDED;
	if (missing > 0)
		planned_warn(a->run, &a->warnings,
			     arena_printf(a->run->arena,
					  "%zu applied migrations have no recorded checksum and "
					  "were not compared",
					  missing));
	return missing == 0;
}

static bool
refuse_mismatches(const struct issue *issues, size_t count, struct error *err)
{
	error_set(err, E_CHECKSUM_MISMATCH, "%zu applied migration file%s changed: %s%s", count,
		  count == 1 ? " was" : "s were", issues[0].file, count > 1 ? ", …" : "");
	for (size_t i = 0; i < count; i++)
		error_detail_item(err, "versions", issues[i].migration);
	return false;
}

static bool
checksums_agree(struct apply *a, struct error *err)
{
	const char *policy = a->run->options->on_checksum_mismatch;
	struct issue *issues;
	size_t count;

	if (a->run->options->force || (policy != NULL && strcmp(policy, "ignore") == 0))
		return true;
	ledger_view_mismatches(a->run->arena, &a->view, &issues, &count);
	bool complete = count_unrecorded(a);
	a->result->checksums_verified = complete && count == 0;
	if (count == 0)
		return true;
	if (policy != NULL && strcmp(policy, "warn") == 0) {
		for (size_t i = 0; i < count; i++)
			planned_warn(a->run, &a->warnings, issues[i].message);
		return true;
	}
	a->result->errors.items = issues;
	a->result->errors.count = count;
	return refuse_mismatches(issues, count, err);
}

static bool
reversible(struct apply *a, struct error *err)
{
	struct text_list list = {0};

	if (!a->run->options->require_reversible)
		return true;
	for (size_t i = 0; i < a->plan.count; i++) {
		const struct migration *m = a->plan.items[i].migration;
		if (m->down_file == NULL && !m->python)
			text_list_add(a->run->arena, &list, m->version);
	}
	if (list.count == 0)
		return true;
	a->result->irreversible_versions.items = list.items;
	a->result->irreversible_versions.count = list.count;
	error_set(err, E_MIGR_121, "%zu pending migrations have no .down.sql: %s%s", list.count,
		  list.items[0], list.count > 1 ? ", …" : "");
	for (size_t i = 0; i < list.count; i++)
		error_detail_item(err, "versions", list.items[i]);
	return false;
}

static bool
no_python(struct apply *a, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < a->plan.count; i++) {
		const struct migration *m = a->plan.items[i].migration;
		if (!m->python)
			continue;
		if (count++ == 0) {
			error_set(err, E_MIGR_113, "%s is pending and written in Python", m->file);
			error_at(err, m->file, 0, 0);
		}
		error_detail_item(err, "versions", m->version);
	}
	return count == 0;
}

/* What was written to keep a migration from doing harm must not be passed over. */
static bool
no_conditions(struct apply *a, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < a->plan.count; i++) {
		const struct migration *m = a->plan.items[i].migration;
		if (m->conditions_file == NULL)
			continue;
		if (count++ == 0) {
			error_set(err, E_MIGR_118, "%s is pending and has preconditions in %s",
				  m->file, m->conditions_file);
			error_at(err, m->conditions_file, 0, 0);
		}
		error_detail_item(err, "versions", m->version);
	}
	return count == 0;
}

/* Versions that are older than what is applied run all the same, as the Python confiture does. */
static void
say_out_of_order(struct apply *a)
{
	const char *newest = NULL;

	for (size_t i = 0; i < a->view.ledger->count; i++) {
		const char *version = a->view.ledger->rows[i].version;
		if (newest == NULL || strcmp(version, newest) > 0)
			newest = version;
	}
	for (size_t i = 0; i < a->plan.count && newest != NULL; i++) {
		const struct planned_file *p = &a->plan.items[i];
		if (p->change == LEDGER_INSERT && strcmp(p->migration->version, newest) < 0)
			planned_warn(a->run, &a->warnings,
				     arena_printf(a->run->arena,
						  "%s is older than %s, which is applied: it runs "
						  "out of order",
						  p->migration->version, newest));
	}
}

static bool
judge(struct apply *a, struct error *err)
{
	if (a->run->options->force)
		planned_warn(a->run, &a->warnings, "Force mode enabled");
	if (!target_known(a, err) || !no_orphans(a, err))
		return false;
	plan_files(a);
	if (!checksums_agree(a, err) || !reversible(a, err) || !no_python(a, err) ||
	    !no_conditions(a, err) || !planned_check(a->run, &a->plan, &a->warnings, err))
		return false;
	say_out_of_order(a);
	if (a->plan.count > 0)
		emit_plan(a);
	return true;
}

/* ---- the result ---- */

static void
list_versions(struct apply *a)
{
	struct text_list skipped = {0}, pending = {0};
	const struct migration_set *set = a->view.set;
	size_t next = 0;

	if (a->view.row_of == NULL)
		return;
	for (size_t i = 0; i < set->count; i++) {
		const char *version = set->items[i].version;
		/* Both are in version order, so that one walk is enough. */
		bool done = next < a->done_count && a->done[next].version == version;
		next += done;
		if (done)
			continue;
		text_list_add(a->run->arena, a->view.row_of[i] != NULL ? &skipped : &pending,
			      version);
	}
	a->result->skipped.items = skipped.items;
	a->result->skipped.count = skipped.count;
	a->result->pending.items = pending.items;
	a->result->pending.count = pending.count;
}

static void
report(struct apply *a, uint64_t start_ms, const struct error *err)
{
	struct up_result *out = a->result;
	struct job_run *r = a->run;

	list_versions(a);
	out->success = err == NULL;
	out->applied.items = a->done;
	out->applied.count = a->done_count;
	out->warnings.items = a->warnings.items;
	out->warnings.count = a->warnings.count;
	out->total_duration_ms = (int64_t)(runtime_boot_ms(r->rt) - start_ms);
	out->dry_run = r->options->dry_run;
	out->dry_run_execute = r->options->dry_run_execute;
	out->job = r->job;
	if (a->plan.docs != NULL) {
		out->migrations.items = a->plan.docs;
		out->migrations.count = err == NULL ? a->plan.count : 0;
	}
	bool ours = a->began || out->irreversible_versions.count > 0;
	if (err != NULL && ours && out->errors.count == 0) {
		out->errors.items = arena_new(r->arena, struct issue);
		out->errors.count = 1;
		error_to_issue(r->arena, err, out->errors.items);
	}
}

/* ---- the three ways to run ---- */

static bool
look(struct apply *a, struct error *err)
{
	struct ledger *ledger = arena_new(a->run->arena, struct ledger);
	struct target *t;

	if (!job_connect(a->run, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, a->run->arena, ledger, err);
	job_disconnect(a->run, t);
	if (!ok)
		return false;
	ledger_view_build(a->run->arena, &a->run->migrations, ledger, &a->view);
	return judge(a, err);
}

/*
 * Most runs of a pipeline find everything applied. Such a run writes nothing to the database and
 * waits for nobody: that all was applied at the moment of its look is true whatever runs beside it.
 * What an earlier attempt left is settled under the lock, and a tracking table is made under it.
 */
static bool
may_look_first(const struct job_run *r)
{
	const struct job_options *o = r->options;

	return r->unsettled_count == 0 && !o->force && !o->dry_run_execute;
}

static bool
all_applied(struct apply *a, const struct ledger *ledger)
{
	if (!ledger->present)
		return false;
	ledger_view_build(a->run->arena, &a->run->migrations, ledger, &a->view);
	for (size_t i = 0; i < a->view.set->count; i++) {
		if (wanted(a, i))
			return false;
	}
	return true;
}

/* Leaves the session with the ledger that counts; `idle`: there is nothing to run. */
static bool
open_session(struct apply *a, struct job_session *s, bool *idle, struct error *err)
{
	struct job_run *r = a->run;

	*idle = false;
	if (!job_session_connect(r, s, err))
		return false;
	if (may_look_first(r)) {
		if (!job_session_look(r, s, err))
			return false;
		*idle = all_applied(a, &s->ledger);
	}
	return *idle || job_session_lock(r, s, err);
}

static bool
is_among(const char *version, const char *const *versions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(version, versions[i]) == 0)
			return true;
	}
	return false;
}

/* What an attempt before this one applied was applied by this job: its outcome was lost, not its
 * work. */
static bool
count_earlier(struct apply *a, struct target *t, struct error *err)
{
	const struct migration_set *set = a->view.set;
	const char **versions;
	size_t count;

	if (a->run->attempt <= 1)
		return true;
	if (!t->ops->versions_of(t, a->run->arena, a->run->job, &versions, &count, err))
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct ledger_row *row = a->view.row_of[i];
		if (row == NULL || wanted(a, i) ||
		    !is_among(row->version, (const char *const *)versions, count))
			continue;
		a->done[a->done_count++] = (struct applied_migration){
			.version = set->items[i].version,
			.name = set->items[i].name,
			.duration_ms =
				row->execution_time_ms == INT_NULL ? 0 : row->execution_time_ms,
		};
	}
	return true;
}

/* What the structure is now, for migrate status: the run is through, and stays so. */
static void
note_structure(struct apply *a, struct target *t)
{
	struct changes *c = &a->changes;
	char fingerprint[SHA256_HEX];
	struct error why = {0};

	if (c->missing != NULL || c->last == NULL)
		return;
	schema_fingerprint(c->last, fingerprint);
	if (!job_go_on(a->run, &why) || !t->ops->structure_note(t, fingerprint, &why))
		job_warn(a->run, "the fingerprint of the structure is not recorded: %s%s%s",
			 why.message, why.cause[0] != '\0' ? ": " : "", why.cause);
}

static bool
run_and_tell(struct apply *a, struct target *t, struct error *err)
{
	struct job_run *r = a->run;

	if (!r->options->structural_diff || a->plan.count == 0)
		return planned_run(r, t, &a->plan, a->done, &a->done_count, err);
	changes_init(&a->changes, r);
	a->plan.changes = &a->changes;
	bool ok = changes_start(&a->changes, t, err) &&
		  planned_run(r, t, &a->plan, a->done, &a->done_count, err);
	if (ok)
		note_structure(a, t);
	a->result->structural_diff = changes_whole(&a->changes);
	changes_fini(&a->changes);
	return ok;
}

static bool
change(struct apply *a, struct error *err)
{
	struct job_run *r = a->run;
	struct job_session s;
	bool idle, ok;

	if (!open_session(a, &s, &idle, err))
		return false;
	ledger_view_build(r->arena, &r->migrations, &s.ledger, &a->view);
	a->plan.holder = s.target;
	ok = judge(a, err) && count_earlier(a, s.target, err);
	a->began = ok;
	if (ok && r->options->dry_run_execute)
		ok = planned_rehearse(r, s.target, &a->plan, &a->warnings, err);
	else if (ok && !idle)
		ok = run_and_tell(a, s.target, err);
	/* The lists of the report come from this ledger, which outlives the session. */
	struct ledger *kept = arena_new(r->arena, struct ledger);
	*kept = s.ledger;
	a->view.ledger = kept;
	job_session_close(r, &s);
	return ok;
}

bool
apply_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct apply a = {.run = r, .result = arena_new(r->arena, struct up_result)};
	uint64_t start = runtime_boot_ms(r->rt);

	(void)exit_code;
	bool ok = migration_set_unique(&r->migrations, err) &&
		  (r->options->dry_run ? look(&a, err) : change(&a, err));
	if (!ok)
		job_failed(r, err);
	report(&a, start, ok ? NULL : err);
	*result = (struct any){&record_up_result, a.result};
	return ok;
}
