/*
 * The way back when rows and events do not agree: the events are right. They are walked from the
 * first to the last, in one transaction, so that there is either what was or what they say.
 */
#include "coordinator/journal/chain.h"
#include "coordinator/journal/image.h"

#include "shared/base/banned.h"

static bool
run_all(struct journal *j, const char *const *all, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!journal_run(j, all[i], err))
			return false;
	}
	return true;
}

/* Rows that hold the text of statements are doubted until an event tells of them, and keep it. */
static bool
clear(struct journal *j, struct error *err)
{
	static const char *const all[] = {
		journal_sql_rebuild_defer,
		journal_sql_rebuild_clear_attempt,
		journal_sql_rebuild_clear_job,
		journal_sql_rebuild_clear_target,
		journal_sql_rebuild_clear_worker,
		journal_sql_rebuild_clear_token,
		journal_sql_rebuild_clear_upkeep,
		journal_sql_rebuild_clear_intent_lease,
		journal_sql_rebuild_clear_intent_key,
		journal_sql_rebuild_clear_claim_number,
		journal_sql_rebuild_clear_version,
		journal_sql_rebuild_doubt_conflict,
		journal_sql_rebuild_doubt_intent,
	};

	return run_all(j, all, ARRAY_LEN(all), err);
}

static bool
finish(struct journal *j, struct error *err)
{
	static const char *const all[] = {
		journal_sql_rebuild_drop_conflict,
		journal_sql_rebuild_drop_intent,
		journal_sql_rebuild_last_seq,
	};

	return run_all(j, all, ARRAY_LEN(all), err);
}

static bool
replay(struct journal *j, int64_t *steps, struct error *err)
{
	struct query q = query_begin(j, journal_sql_rebuild_steps);
	struct arena a;
	bool row, ok;

	*steps = 0;
	while ((ok = query_step(&q, &row, err)) && row) {
		arena_init(&a);
		ok = image_put(j, query_col(&q, &a, 0), query_col(&q, &a, 1), query_col(&q, &a, 2),
			       err);
		arena_fini(&a);
		if (!ok)
			break;
		(*steps)++;
	}
	query_end(&q);
	return ok;
}

static bool
check_chain(struct journal *j, struct error *err)
{
	struct chain_walk w;

	if (!chain_walk(j, &chain_start, &w, err))
		return false;
	if (w.problem == NULL)
		return true;
	error_set(err, E_AUDIT_001, "the audit chain of the journal %s is broken at event %lld",
		  j->path, (long long)w.at.seq + 1);
	error_cause(err, "%s", w.problem);
	return false;
}

bool
journal_rebuild(struct journal *j, int64_t *steps, struct error *err)
{
	if (!journal_begin(j, err))
		return false;
	if (check_chain(j, err) && clear(j, err) && replay(j, steps, err) && finish(j, err) &&
	    journal_commit(j, err))
		return true;
	journal_rollback(j);
	return false;
}
