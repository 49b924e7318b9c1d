/*
 * A client whose connection broke cannot know whether its request was heard, and asks again with
 * the same key. The answer that was given then is kept in the transaction of its effect, and is
 * given again.
 */
#include "coordinator/journal/query.h"
#include "shared/base/faults.h"

#include <string.h>

#include "shared/base/banned.h"

bool
journal_reply_find(struct journal *j, struct arena *a, const struct reply_key *key,
		   const char **body, struct error *err)
{
	struct query q = query_begin(j, journal_sql_reply_find);
	bool row, ok;

	*body = NULL;
	query_text(&q, key->identity);
	query_text(&q, key->key);
	ok = query_step(&q, &row, err);
	if (ok && row) {
		if (FAULT(key_for_all) || (span_is(query_col_span(&q, 0), key->message) &&
					   span_is(query_col_span(&q, 1), key->request_hash)))
			*body = query_col(&q, a, 2);
		else
			ok = error_set(err, E_USAGE_001,
				       "the idempotency key %s was used for another request",
				       key->key);
	}
	query_end(&q);
	return ok;
}

bool
journal_reply_add(struct journal *j, const struct reply_key *key, const char *body,
		  struct error *err)
{
	struct query q = query_begin(j, journal_sql_reply_add);

	query_text(&q, key->identity);
	query_text(&q, key->key);
	query_text(&q, key->message);
	query_text(&q, key->request_hash);
	query_text(&q, body);
	query_text(&q, j->rt->boot_id);
	query_int(&q, (int64_t)runtime_boot_ms(j->rt));
	query_int(&q, j->rt->ops->wall_us(j->rt));
	return query_run(&q, err);
}
