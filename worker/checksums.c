/*
 * Kind "checksums": every ledger row that has a file here is compared with it, .up.sql and .py
 * alike. With --fix the ledger is made to say what the files hold now, under the lock and in one
 * transaction.
 */
#include <string.h>

#include "worker/job.h"
#include "worker/kinds.h"
#include "worker/ledger_view.h"

#include "shared/base/banned.h"

static bool
read_ledger(struct job_run *r, struct ledger *out, struct error *err)
{
	struct target *t;

	if (!job_connect(r, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, r->arena, out, err);
	job_disconnect(r, t);
	return ok;
}

static bool
needs_fix(const struct ledger_view *v, size_t row)
{
	enum checksum_verdict verdict = ledger_view_checksum(v, row);

	return verdict == CHECKSUM_DIFFERS || verdict == CHECKSUM_NOT_RECORDED;
}

static bool
write_checksums(struct job_run *r, struct target *t, const struct ledger_view *v, uint32_t planned,
		struct error *err)
{
	uint32_t number = 0;

	for (size_t i = 0; i < v->ledger->count; i++) {
		if (!needs_fix(v, i))
			continue;
		struct target_step step = {
			.number = ++number,
			.planned = planned,
			.action = "fix",
			.version = v->ledger->rows[i].version,
			.change = LEDGER_CHECKSUM,
			.checksum = v->file_of[i]->sha256,
			.execution_time_ms = INT_NULL,
		};
		if (!job_go_on(r, err) || !t->ops->step(t, &step, err))
			return false;
	}
	return true;
}

static bool
fix_in_transaction(struct job_run *r, struct job_session *s, const struct ledger_view *v,
		   uint32_t planned, struct error *err)
{
	struct target *t = s->target;

	if (!t->ops->begin(t, err))
		return false;
	if (!write_checksums(r, t, v, planned, err)) {
		t->ops->rollback(t, NULL);
		return false;
	}
	return t->ops->commit(t, err) == COMMIT_DONE;
}

static bool
fix(struct job_run *r, struct ledger *ledger, int64_t *fixed, struct error *err)
{
	struct job_session s;
	struct ledger_view view;
	uint32_t planned = 0;

	if (!job_session_open(r, &s, err))
		return false;
	ledger_view_build(r->arena, &r->migrations, &s.ledger, &view);
	for (size_t i = 0; i < s.ledger.count; i++)
		planned += needs_fix(&view, i);
	bool ok = planned == 0 || fix_in_transaction(r, &s, &view, planned, err);
	*ledger = s.ledger;
	*fixed = ok ? planned : 0;
	job_session_close(r, &s);
	return ok;
}

static void
summarise(struct job_run *r, const struct ledger *ledger, const char *tracking_table,
	  struct checksum_result *out)
{
	struct ledger_view view;

	ledger_view_build(r->arena, &r->migrations, ledger, &view);
	ledger_view_mismatches(r->arena, &view, &out->issues.items, &out->issues.count);
	out->summary = arena_new(r->arena, struct checksum_summary);
	out->summary->tracking_table = tracking_table;
	out->summary->resolved_table = ledger->resolved;
	out->summary->mismatched = (int64_t)out->issues.count;
	for (size_t i = 0; i < ledger->count; i++) {
		enum checksum_verdict verdict = ledger_view_checksum(&view, i);
		bool compared = verdict == CHECKSUM_SAME || verdict == CHECKSUM_DIFFERS;
		out->summary->checked += compared;
		out->summary->skipped += !compared;
	}
}

bool
checksums_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct checksum_result *out = arena_new(r->arena, struct checksum_result);
	struct target_spec spec;
	struct ledger ledger;

	out->fixed = INT_NULL;
	if (!r->directory->find(r->directory, r->spec->target, &spec, err) ||
	    !read_ledger(r, &ledger, err))
		return false;
	out->ledger_present = ledger.present;
	summarise(r, &ledger, spec.ledger, out);
	out->ok = out->issues.count == 0;
	*result = (struct any){&record_checksum_result, out};
	*exit_code = out->ok ? 0 : error_code(E_CHECKSUM_MISMATCH)->exit_code;
	if (!ledger.present)
		return error_set(err, E_PRECON_1001, "the tracking table %s does not exist",
				 spec.ledger);
	if (!r->options->fix)
		return true;
	if (!fix(r, &ledger, &out->fixed, err))
		return false;
	out->ok = true;
	*exit_code = 0;
	return true;
}
