/*
 * The replay: every pending migration really runs, on a database that may be tried upon, inside one
 * transaction with a savepoint per migration. A failing migration is undone and the next one tried,
 * so that one replay finds all that is broken. At the end everything is rolled back.
 */
#include <stdio.h>
#include <string.h>

#include "worker/preflight.h"

#include "shared/base/banned.h"

static const char OUTER[] = "preflight_run";
static const char DOWN[] = "preflight_down";

struct trace {
	struct preflight *p;
	struct preflight_migration *row;
	size_t cap;
};

static void
note_statement(void *self, const struct body_statement *st, int64_t duration_ns, int64_t rows)
{
	struct trace *t = self;
	struct preflight_migration *row = t->row;

	if (row->statements.count >= PREFLIGHT_STATEMENTS)
		return;
	row->statements.items =
		arena_grow(t->p->run->arena, row->statements.items, row->statements.count, &t->cap,
			   sizeof(row->statements.items[0]));
	row->statements.items[row->statements.count++] =
		(struct preflight_statement){st->piece.line, NULL, (double)duration_ns / 1e6, rows};
}

static void
replay_failed(struct preflight *p, const struct migration *m, enum error_id id,
	      const struct error *why)
{
	struct error err = *why;

	err.code = error_code(id);
	error_detail(&err, "error", "%s", why->cause[0] ? why->cause : why->message);
	snprintf(err.migration, sizeof(err.migration), "%s", m->version);
	preflight_issue(p, &err);
}

/* These end the replay; everything else is a finding about the migration. */
static bool
ends_replay(const struct error *err)
{
	return error_is(err, E_TARGET_005) || error_is(err, E_JOB_004) ||
	       error_is(err, E_LOCK_1302) || error_is(err, E_JOB_003);
}

static bool
undo(struct target *t, const char *savepoint, struct error *err)
{
	return t->ops->rollback_to(t, savepoint, err) && t->ops->release(t, savepoint, err);
}

/* One file inside the open transaction, behind `savepoint`. *good says whether it ran. */
static bool
try_file(struct preflight *p, struct target *t, const struct execute_request *req,
	 const char *savepoint, bool *good, struct execute_result *res, struct error *failure,
	 struct error *err)
{
	if (!t->ops->savepoint(t, savepoint, err))
		return false;
	*good = job_execute(p->run, t, req, res, failure);
	if (*good)
		return true;
	if (ends_replay(failure)) {
		*err = *failure;
		return false;
	}
	return undo(t, savepoint, err);
}

/* Behind the down file the structure must be what it was before the up file. */
static bool
prove_down(struct preflight *p, struct target *t, const struct migration *m,
	   struct preflight_down *down, struct error *err)
{
	struct structural_diff *diff;
	struct error differs;
	bool known;

	if (!changes_back(&p->changes, t, &known, &diff, err))
		return false;
	down->state = !known ? "skipped" : diff->has_changes ? "differs" : "verified";
	if (!known || !diff->has_changes)
		return true;
	down->diff = diff;
	error_set(&differs, E_PFLIGHT_DOWN_DIFFERS,
		  "%s does not bring back the structure: %lld difference%s, first %s %s",
		  m->down_file, (long long)diff->total, diff->total == 1 ? "" : "s",
		  diff->changes.count > 0 ? diff->changes.items[0].kind : "of",
		  diff->changes.count > 0 ? diff->changes.items[0].object : "some size");
	error_at(&differs, m->down_file, 0, 0);
	snprintf(differs.migration, sizeof(differs.migration), "%s", m->version);
	preflight_issue(p, &differs);
	return true;
}

static bool
replay_down(struct preflight *p, struct target *t, const struct migration *m,
	    struct preflight_migration *row, struct error *err)
{
	struct execute_request req = {.migration = m,
				      .file = m->down_file,
				      .direction = "down",
				      .mode = EXECUTE_REHEARSAL};
	struct execute_result res;
	struct error failure = {0};
	bool good;

	row->down = arena_new(p->run->arena, struct preflight_down);
	row->down->status = m->down_file == NULL ? "missing" : "skipped";
	row->down->state = row->down->status;
	if (m->down_file == NULL)
		return true;
	struct body_plan plan;
	if (!body_check(p->run->bundles, m->down_file, NULL, NULL, NULL, &plan, &failure)) {
		row->down->status = row->down->state = "failed";
		preflight_issue(p, &failure);
		return true;
	}
	if (!plan.transactional)
		return true;
	if (!try_file(p, t, &req, DOWN, &good, &res, &failure, err))
		return false;
	row->down->status = good ? "replayed" : "failed";
	row->down->state = row->down->status;
	if (!good) {
		replay_failed(p, m, E_PFLIGHT_DOWN_FAILED, &failure);
		return true;
	}
	/* The next migration builds upon this one: the down was only tried. */
	return prove_down(p, t, m, row->down, err) && undo(t, DOWN, err);
}

/* A reading of a large database takes longer than most migrations; a down file can only be proven
 * by one before and one behind. */
static bool
see_changes(struct preflight *p, struct target *t, const struct migration *m,
	    struct preflight_migration *row, struct error *err)
{
	size_t at = (size_t)(row - p->out->migrations.items);

	if (at >= PREFLIGHT_DIFFS && !p->run->options->check_down)
		return true;
	return changes_step(&p->changes, t, m, &row->diff, err);
}

static bool
replay_in_transaction(struct preflight *p, struct target *t, const struct migration *m,
		      struct preflight_migration *row, struct error *err)
{
	struct trace trace = {.p = p, .row = row};
	struct execute_request req = {.migration = m,
				      .file = m->file,
				      .direction = "up",
				      .mode = EXECUTE_REHEARSAL,
				      .on_statement = note_statement,
				      .self = &trace};
	struct execute_result res = {0};
	struct error failure = {0};
	const char *savepoint = arena_printf(p->run->arena, "preflight_%s", m->version);
	bool good;
	uint64_t start = runtime_boot_ns(p->run->rt);

	if (!try_file(p, t, &req, savepoint, &good, &res, &failure, err))
		return false;
	row->status = good ? "replayed" : "failed";
	row->duration_ms = (double)(runtime_boot_ns(p->run->rt) - start) / 1e6;
	if (!good) {
		replay_failed(p, m, E_PFLIGHT_REPLAY_FAILED, &failure);
		return true;
	}
	if (!see_changes(p, t, m, row, err) ||
	    (p->run->options->check_down && !replay_down(p, t, m, row, err)))
		return false;
	return t->ops->release(t, savepoint, err);
}

/* ---- files outside transactions: only on a copy that may be used up ---- */

static bool
run_bare(struct preflight *p, struct target *t, const struct migration *m,
	 const struct body_plan *plan, struct trace *trace, struct error *err)
{
	struct body *body = body_open(p->run->bundles, m->file, plan, err);
	struct body_statement st;
	bool end = false;

	if (body == NULL)
		return false;
	bool ok = true;
	while (ok && (ok = body_next(body, &st, &end, err)) && !end) {
		struct run_result res = {0};
		uint64_t start = runtime_boot_ns(p->run->rt);
		ok = job_go_on(p->run, err) &&
		     t->ops->run(t, st.piece.text, NULL, NULL, p->run->arena, &res, err);
		if (ok)
			note_statement(trace, &st, (int64_t)(runtime_boot_ns(p->run->rt) - start),
				       res.rows);
		else
			error_at(err, m->file, st.piece.line, st.piece.column);
	}
	body_close(body);
	return ok;
}

static bool
replay_outside(struct preflight *p, struct target *t, size_t i, struct preflight_migration *row,
	       struct error *err)
{
	const struct migration *m = p->checked[i];
	struct trace trace = {.p = p, .row = row};
	struct error failure = {0};
	uint64_t start = runtime_boot_ns(p->run->rt);

	if (!p->run->options->allow_non_transactional) {
		row->status = "skipped";
		return true;
	}
	/* What ran so far must be there for it: from here on the copy is used up. */
	if (!t->ops->release(t, OUTER, err) || t->ops->commit(t, err) != COMMIT_DONE)
		return false;
	p->out->summary->db_consumed = true;
	bool good = run_bare(p, t, m, &p->plans[i], &trace, &failure);
	if (!good && ends_replay(&failure)) {
		*err = failure;
		return false;
	}
	row->status = good ? "replayed" : "failed";
	row->duration_ms = (double)(runtime_boot_ns(p->run->rt) - start) / 1e6;
	if (!good)
		replay_failed(p, m, E_PFLIGHT_REPLAY_FAILED, &failure);
	return t->ops->clean(t, err) && t->ops->begin(t, err) && t->ops->savepoint(t, OUTER, err) &&
	       (!good || see_changes(p, t, m, row, err));
}

static bool
replay_one(struct preflight *p, struct target *t, size_t i, struct error *err)
{
	struct preflight_migration *row = &p->out->migrations.items[i];

	if (p->checked[i]->python || !p->usable[i]) {
		row->status = "failed";
		return true;
	}
	if (!job_go_on(p->run, err))
		return false;
	return p->plans[i].transactional ? replay_in_transaction(p, t, p->checked[i], row, err)
					 : replay_outside(p, t, i, row, err);
}

static bool
replay_all(struct preflight *p, struct target *t, struct error *err)
{
	if (!changes_start(&p->changes, t, err))
		return false;
	for (size_t i = 0; i < p->count; i++) {
		if (!replay_one(p, t, i, err))
			return false;
		p->incomplete = p->incomplete ||
				strcmp(p->out->migrations.items[i].status, "replayed") != 0;
	}
	return changes_end(&p->changes, t, &p->out->structural_diff, err);
}

bool
preflight_replay(struct preflight *p, struct target *t, struct error *err)
{
	p->out->server_version = arena_str(p->run->arena, t->ops->info(t)->server_version);
	if (!t->ops->begin(t, err) || !t->ops->savepoint(t, OUTER, err))
		return false;
	p->major = t->ops->info(t)->server_version_num / 10000;
	p->role = arena_str(p->run->arena, t->ops->info(t)->user);
	bool ok = replay_all(p, t, err);
	return ok ? t->ops->rollback(t, err) : (t->ops->rollback(t, NULL), false);
}
