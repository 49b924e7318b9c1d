/*
 * Claims in the journal: the numbers that fence them, the leases that end them and the queue of
 * those that wait. A lease is elapsed time of one boot; the clock on the wall is only kept so that
 * people can be told when.
 */
#include "coordinator/journal/intents.h"

#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

bool
journal_claim_number(struct journal *j, const char *intent, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_claim_number_add);
	bool row, ok;

	query_text(&q, intent);
	ok = query_step(&q, &row, err);
	if (ok)
		*out = query_col_int(&q, 0);
	query_end(&q);
	return ok;
}

bool
journal_intents_claiming(struct journal *j, struct arena *a, const char *agent,
			 struct intent_set *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_claiming);

	query_text(&q, agent);
	return intent_rows_read(&q, a, out, err);
}

bool
journal_intents_queued(struct journal *j, struct arena *a, struct intent_set *out,
		       struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_queued);

	return intent_rows_read(&q, a, out, err);
}

bool
journal_queue_last(struct journal *j, int64_t *out, struct error *err)
{
	return journal_get_int(j, journal_sql_intent_queue_last, out, err);
}

bool
journal_claims_held(struct journal *j, bool *held, struct error *err)
{
	int64_t any = 0;
	bool ok = journal_get_int(j, journal_sql_claim_held, &any, err);

	*held = ok && any == 1;
	return ok;
}

bool
journal_intents_lapsed(struct journal *j, struct arena *a, struct intent_set *out,
		       struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_lapsed);

	query_text(&q, j->rt->boot_id);
	query_int(&q, (int64_t)runtime_boot_ms(j->rt));
	return intent_rows_read(&q, a, out, err);
}

bool
journal_intent_next_lapse(struct journal *j, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_next_lapse);
	bool row, ok;

	query_text(&q, j->rt->boot_id);
	ok = query_step(&q, &row, err);
	*out = ok && row ? query_col_int(&q, 0) : INT_NULL;
	query_end(&q);
	return ok;
}

static bool
any_stranger(struct journal *j, bool *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_strangers);
	bool row, ok;

	query_text(&q, j->rt->boot_id);
	ok = query_step(&q, &row, err);
	*out = ok && row && query_col_int(&q, 0) > 0;
	query_end(&q);
	return ok;
}

bool
journal_intent_leases_adopt(struct journal *j, bool all, struct error *err)
{
	bool needed = all;

	if (!all && !any_stranger(j, &needed, err))
		return false;
	if (!needed)
		return true;
	struct query q = query_begin(j, journal_sql_intent_adopt);
	query_text(&q, j->rt->boot_id);
	query_int(&q, (int64_t)runtime_boot_ms(j->rt));
	query_int(&q, j->rt->ops->wall_us(j->rt));
	query_int(&q, all);
	return query_run(&q, err);
}

bool
journal_intents_renew(struct journal *j, const char *agent, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_renew);

	query_text(&q, agent);
	query_text(&q, j->rt->boot_id);
	query_int(&q, (int64_t)runtime_boot_ms(j->rt));
	query_int(&q, j->rt->ops->wall_us(j->rt));
	return query_run(&q, err);
}

bool
journal_version_reserve(struct journal *j, const struct version_reserve *m, const char *version,
			const char *agent, bool *got, struct error *err)
{
	struct query q = query_begin(j, journal_sql_version_add);
	char now[TIME_TEXT];

	time_print(j->rt->ops->wall_us(j->rt), now);
	query_text(&q, version);
	query_text(&q, m->name);
	query_text(&q, agent);
	query_text(&q, m->branch);
	query_text(&q, m->worktree);
	query_text(&q, now);
	bool ok = query_step(&q, got, err);
	query_end(&q);
	return ok;
}
