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
	if (m->down_file == NULL)
		return true;
	struct body_plan plan;
	if (!body_check(p->run->bundles, m->down_file, NULL, NULL, NULL, &plan, &failure)) {
		row->down->status = "failed";
		preflight_issue(p, &failure);
		return true;
	}
	if (!plan.transactional)
		return true;
	if (!try_file(p, t, &req, DOWN, &good, &res, &failure, err))
		return false;
	row->down->status = good ? "replayed" : "failed";
	if (!good)
		replay_failed(p, m, E_PFLIGHT_DOWN_FAILED, &failure);
	/* The next migration builds upon this one: the down was only tried. */
	return !good || undo(t, DOWN, err);
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
	if (p->run->options->check_down && !replay_down(p, t, m, row, err))
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
	return t->ops->clean(t, err) && t->ops->begin(t, err) && t->ops->savepoint(t, OUTER, err);
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

bool
preflight_replay(struct preflight *p, struct target *t, struct error *err)
{
	p->out->server_version = arena_str(p->run->arena, t->ops->info(t)->server_version);
	if (!t->ops->begin(t, err) || !t->ops->savepoint(t, OUTER, err))
		return false;
	bool ok = true;
	for (size_t i = 0; i < p->count && ok; i++)
		ok = replay_one(p, t, i, err);
	return ok ? t->ops->rollback(t, err) : (t->ops->rollback(t, NULL), false);
}
