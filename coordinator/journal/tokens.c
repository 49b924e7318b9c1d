/* Tokens are kept as hashes: whoever reads the journal cannot come in with what is found there. */
#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

bool
journal_token_add(struct journal *j, const struct journal_token *token, struct error *err)
{
	struct query q = query_begin(j, journal_sql_token_add);

	query_text(&q, token->id);
	query_text(&q, token->identity);
	query_text(&q, token->sha256);
	query_text(&q, token->created_at);
	query_int(&q, token->expires_us);
	return query_run(&q, err);
}

bool
journal_token_list(struct journal *j, struct arena *a, struct journal_tokens *out,
		   struct error *err)
{
	struct query q = query_begin(j, journal_sql_token_list);
	size_t cap = 0;
	bool row, ok;

	*out = (struct journal_tokens){0};
	while ((ok = query_step(&q, &row, err)) && row) {
		out->items = arena_grow(a, out->items, out->count, &cap, sizeof(*out->items));
		out->items[out->count++] =
			(struct journal_token){.id = query_col(&q, a, 0),
					       .identity = query_col(&q, a, 1),
					       .sha256 = query_col(&q, a, 2),
					       .created_at = query_col(&q, a, 3),
					       .expires_us = query_col_int(&q, 4),
					       .revoked_at = query_col(&q, a, 5)};
	}
	query_end(&q);
	return ok;
}

bool
journal_token_revoke(struct journal *j, const char *id, const char *time, struct error *err)
{
	struct query q = query_begin(j, journal_sql_token_revoke);

	query_text(&q, id);
	query_text(&q, time);
	return query_run(&q, err);
}
