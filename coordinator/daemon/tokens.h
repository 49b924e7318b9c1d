#ifndef CONFITURE_COORDINATOR_DAEMON_TOKENS_H
#define CONFITURE_COORDINATOR_DAEMON_TOKENS_H

#include "coordinator/journal/journal.h"
#include "shared/base/secret.h"
#include "shared/net/net.h"
#include "shared/net/nng.h"

/* "confiture_" and 32 random bytes in hex. */
enum { TOKEN_TEXT = 80 };

/* A new token in the journal, with its audit event. The text is in `text` only: the journal keeps
 * its hash. `expires_us` INT_NULL: never. */
MUST_USE bool token_create(struct journal *j, struct runtime *rt, const char *identity,
			   int64_t expires_us, char text[TOKEN_TEXT], char id[ID_TEXT],
			   struct error *err);
MUST_USE bool token_revoke(struct journal *j, struct runtime *rt, const char *id,
			   struct error *err);
/* The local operator's token lies in a file of mode 0600 beside the journal: made when it is not
 * there, or of another journal. *made: `path` was written. */
MUST_USE bool token_local(struct journal *j, struct runtime *rt, const char **path, bool *made,
			  struct arena *arena, struct error *err);

/*
 * Who may come in, read from the journal and kept in memory. From any thread; `journal` is used by
 * nobody else from now on.
 */
struct tokens;

struct tokens *tokens_new(struct runtime *rt, struct journal *journal, struct secret proxy_secret);
void tokens_free(struct tokens *t);
/* Reads the journal where another process changed it, or `always`. *changed: since the last time,
 * somebody who might have come in may not any more, or the other way round. */
MUST_USE bool tokens_poll(struct tokens *t, bool always, bool *changed, struct error *err);
/* For net_nng_listen.authenticate; `self` is the tokens. */
bool tokens_authenticate(void *self, const struct net_credentials *shown, struct arena *arena,
			 struct net_peer *peer, struct error *err);

#endif
