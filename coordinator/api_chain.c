/*
 * A chain that was cut or written anew is whole in itself; only who has seen more of it can tell.
 * So each worker is told the newest event's hash with every answer to its asks, keeps it, and shows
 * it when it comes again. A journal that was restored from a copy lacks what workers were told
 * since: an operator says once that this is meant, and that stands in the chain.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/banned.h"

bool
api_chain_head(struct coordinator *c, struct chain_head **out, struct error *err)
{
	*out = NULL;
	if (c->embedded || c->journal == NULL)
		return true;
	struct chain_head *head = arena_new(&c->round, struct chain_head);
	char *hash = arena_alloc(&c->round, SHA256_HEX);
	if (!journal_audit_head(c->journal, &head->seq, hash, err) ||
	    !journal_audit_accepted(c->journal, &head->accepted, err))
		return false;
	head->journal = journal_id(c->journal);
	head->hash = hash;
	*out = head;
	return true;
}

/* Whether an operator accepted this journal after the worker was told what it shows. */
static bool
accepted_since(const struct chain_head *now, const struct chain_head *seen)
{
	bool same = strcmp(now->journal, seen->journal) == 0;

	return now->accepted > 0 &&
	       !(same && (seen->accepted == now->accepted || seen->seq < now->accepted));
}

bool
api_chain_known(struct coordinator *c, const char *worker, const struct chain_head *seen,
		struct error *err)
{
	struct chain_head *now = NULL;
	bool has = false;

	if (seen == NULL || c->embedded)
		return true;
	if (!api_chain_head(c, &now, err))
		return false;
	if (now == NULL)
		return true;
	bool same = strcmp(now->journal, seen->journal) == 0;
	if (same && !journal_audit_has(c->journal, seen->seq, seen->hash, &has, err))
		return false;
	if (has || accepted_since(now, seen))
		return true;
	error_set(err, E_AUDIT_002,
		  "the journal %s does not contain event %lld that worker %s was told: it was cut, "
		  "rewritten, or restored from an older copy",
		  now->journal, (long long)seen->seq, worker);
	if (!same)
		error_cause(err, "it knows the journal %s", seen->journal);
	else
		error_cause(err, "the hash that it was told is %s", seen->hash);
	error_hint(err, "on the coordinator's machine, when that is meant: "
			"confiture-coordinator journal accept");
	return false;
}
