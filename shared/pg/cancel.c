/*
 * Cancelling from another thread. The PGcancel holds copies of address and key and is never changed
 * between open and close, so no lock is needed; libpq says that PQcancel() is safe from any thread.
 */
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

bool
pg_cancel(struct pg_conn *c, struct error *err)
{
	char words[256] = "";

	if (PQcancel(c->cancel, words, sizeof(words)))
		return true;
	error_set(err, E_TARGET_005, "the request to cancel did not reach %s", c->place);
	error_cause(err, "%s", words);
	return false;
}
