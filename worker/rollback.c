/*
 * Kinds "rollback" (migrate down) and "rollback_to" (migrate down-to). What was applied last is
 * undone first; the plan is made under the lock, and every down file must be there and readable
 * before the first of them runs.
 */
#include <string.h>

#include "shared/net/net.h"
#include "worker/kinds.h"
#include "worker/planned.h"

#include "shared/base/banned.h"

struct rollback {
	struct job_run *run;
	/* How many of the newest ledger rows are meant. */
	bool (*extent)(struct rollback *b, const struct ledger *ledger, size_t *count,
		       struct error *err);
	const char *newest; /* version applied last, before */
	struct planned plan;
	struct applied_migration *done;
	size_t done_count;
	bool began; /* a down file was begun: its failure belongs into the result */
	struct text_list warnings;
};

/* ---- which ---- */

/* More steps than there are rows undo all there are, as the Python confiture does. */
static bool
last_steps(struct rollback *b, const struct ledger *ledger, size_t *count, struct error *err)
{
	int64_t steps = b->run->options->steps;

	if (steps <= 0)
		return error_set(err, E_USAGE_001, "--steps must be 1 or more, not %lld",
				 (long long)steps);
	*count = (uint64_t)steps < ledger->count ? (size_t)steps : ledger->count;
	return true;
}

static bool
down_to_revision(struct rollback *b, const struct ledger *ledger, size_t *count, struct error *err)
{
	const char *revision = b->run->options->target_version;

	if (revision == NULL)
		return error_set(err, E_USAGE_001, "the revision to go back to is missing");
	for (size_t i = ledger->count; i-- > 0;) {
		if (strcmp(ledger->rows[i].version, revision) != 0)
			continue;
		*count = ledger->count - 1 - i;
		return true;
	}
	if (migration_find(&b->run->migrations, revision) != NULL)
		return error_set(err, E_MIGR_100,
				 "version %s is not applied: there is no way back to it", revision);
	return error_set(err, E_MIGR_100, "no migration has version %s", revision);
}

/* ---- how ---- */

/* Why a row of the ledger cannot be undone; NULL = it can. */
static const char *
obstacle(const struct migration *m)
{
	if (m == NULL)
		return "its files are gone";
	if (m->python)
		return "it is written in Python";
	return m->down_file == NULL ? "it has no .down.sql" : NULL;
}

static bool
refuse(const struct ledger_row *row, const char *why, bool first, struct error *err)
{
	if (first)
		error_set(err, E_ROLLBACK_600, "version %s (%s) cannot be rolled back: %s",
			  row->version, row->name, why);
	error_detail_item(err, "versions", row->version);
	return false;
}

static bool
plan_files(struct rollback *b, const struct ledger *ledger, size_t count, struct error *err)
{
	struct job_run *r = b->run;
	bool ok = true;

	b->plan.direction = "down";
	b->plan.items = arena_array(r->arena, count + 1, sizeof(b->plan.items[0]));
	b->done = arena_array(r->arena, count + 1, sizeof(b->done[0]));
	if (r->options->dry_run)
		b->plan.docs = arena_array(r->arena, count + 1, sizeof(b->plan.docs[0]));
	for (size_t i = 0; i < count; i++) {
		const struct ledger_row *row = &ledger->rows[ledger->count - 1 - i];
		const struct migration *m = migration_find(&r->migrations, row->version);
		const char *why = obstacle(m);
		if (why != NULL) {
			ok = refuse(row, why, ok, err);
			continue;
		}
		if (m->conditions_file != NULL)
			planned_warn(r, &b->warnings,
				     arena_printf(r->arena, "preconditions in %s are not checked",
						  m->conditions_file));
		b->plan.items[b->plan.count++] = (struct planned_file){
			.migration = m, .file = m->down_file, .change = LEDGER_DELETE};
	}
	return ok;
}

static bool
judge(struct rollback *b, const struct ledger *ledger, struct error *err)
{
	struct job_event event = JOB_EVENT("plan");
	size_t count = 0;

	if (ledger->count > 0)
		b->newest = ledger->rows[ledger->count - 1].version;
	if (!b->extent(b, ledger, &count, err) || !plan_files(b, ledger, count, err) ||
	    !planned_check(b->run, &b->plan, &b->warnings, err))
		return false;
	event.total = (int64_t)b->plan.count;
	event.done = 0;
	job_emit(b->run, &event);
	return true;
}

static bool
look(struct rollback *b, struct error *err)
{
	struct ledger ledger = {0};
	struct target *t;

	if (!job_connect(b->run, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, b->run->arena, &ledger, err);
	job_disconnect(b->run, t);
	return ok && judge(b, &ledger, err);
}

static bool
change(struct rollback *b, struct error *err)
{
	struct job_session s;

	if (!job_session_open(b->run, &s, err))
		return false;
	b->began = judge(b, &s.ledger, err);
	bool ok = b->began && planned_run(b->run, s.target, &b->plan, b->done, &b->done_count, err);
	job_session_close(b->run, &s);
	return ok;
}

static bool
undo(struct rollback *b, struct error *err)
{
	struct job_run *r = b->run;

	if (migration_set_unique(&r->migrations, err) &&
	    (r->options->dry_run ? look(b, err) : change(b, err)))
		return true;
	job_failed(r, err);
	return false;
}

/* ---- results ---- */

static struct issue *
issue_of(struct job_run *r, const struct error *err)
{
	struct issue *out = arena_new(r->arena, struct issue);

	error_to_issue(r->arena, err, out);
	return out;
}

bool
rollback_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct rollback b = {.run = r, .extent = last_steps};
	struct down_result *out = arena_new(r->arena, struct down_result);
	uint64_t start = runtime_boot_ms(r->rt);

	(void)exit_code;
	out->success = undo(&b, err);
	if (!out->success && b.began)
		out->error = issue_of(r, err);
	out->rolled_back.items = b.done;
	out->rolled_back.count = b.done_count;
	out->total_duration_ms = (int64_t)(runtime_boot_ms(r->rt) - start);
	out->warnings.items = b.warnings.items;
	out->warnings.count = b.warnings.count;
	out->dry_run = r->options->dry_run;
	out->migrations.items = b.plan.docs;
	out->migrations.count = b.plan.docs != NULL && out->success ? b.plan.count : 0;
	out->job = r->job;
	*result = (struct any){&record_down_result, out};
	return out->success;
}

bool
rollback_to_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct rollback b = {.run = r, .extent = down_to_revision};
	struct down_to_result *out = arena_new(r->arena, struct down_to_result);
	struct text_list undone = {0};

	(void)exit_code;
	bool ok = undo(&b, err);
	for (size_t i = 0; i < b.done_count; i++)
		text_list_add(r->arena, &undone, b.done[i].version);
	out->from = b.newest;
	out->to = r->options->target_version != NULL ? r->options->target_version : "";
	out->rolled_back.items = undone.items;
	out->rolled_back.count = undone.count;
	out->errors.count = !ok && b.began ? 1 : 0;
	out->errors.items = out->errors.count > 0 ? issue_of(r, err) : NULL;
	out->warnings.items = b.warnings.items;
	out->warnings.count = b.warnings.count;
	out->dry_run = r->options->dry_run;
	out->migrations.items = b.plan.docs;
	out->migrations.count = b.plan.docs != NULL && ok ? b.plan.count : 0;
	out->job = r->job;
	*result = (struct any){&record_down_to_result, out};
	return ok;
}
