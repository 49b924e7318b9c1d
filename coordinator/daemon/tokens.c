/*
 * Who comes in: by a token that an operator made, or by the name on a client certificate, when a
 * proxy that knows our secret says that it has checked it. Asked at each new connection, so the
 * list lies in memory; another process may change it in the journal at any time.
 */
#include "coordinator/daemon/tokens.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "coordinator/daemon/identity.h"
#include "shared/digest/digest.h"

#include "shared/base/banned.h"

struct tokens {
	struct runtime *rt;
	struct secret proxy_secret;
	struct mutex *lock; /* on all that follows */
	struct journal *journal;
	struct arena arena; /* of the list */
	struct journal_tokens list;
	size_t good;  /* how many of them were good when that was last counted */
	bool changed; /* since somebody asked */
};

struct tokens *
tokens_new(struct runtime *rt, struct journal *journal, struct secret proxy_secret)
{
	struct tokens *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->rt = rt;
	t->journal = journal;
	t->proxy_secret = proxy_secret;
	t->lock = rt->ops->mutex_new(rt);
	arena_init(&t->arena);
	return t;
}

void
tokens_free(struct tokens *t)
{
	if (t == NULL)
		return;
	t->rt->ops->mutex_free(t->rt, t->lock);
	arena_fini(&t->arena);
	free(t);
}

static bool
expired(const struct tokens *t, const struct journal_token *token)
{
	return token->expires_us != INT_NULL && t->rt->ops->wall_us(t->rt) >= token->expires_us;
}

static bool
is_good(const struct tokens *t, const struct journal_token *token)
{
	return token->revoked_at == NULL && !expired(t, token);
}

/* Tokens are added and revoked, expire, and never come back. */
static void
count_good(struct tokens *t)
{
	size_t good = 0;

	for (size_t i = 0; i < t->list.count; i++)
		good += is_good(t, &t->list.items[i]);
	t->changed |= good != t->good;
	t->good = good;
}

/* Under the lock. */
static bool
read_list(struct tokens *t, struct error *err)
{
	struct journal_tokens list;
	struct arena arena;

	arena_init(&arena);
	if (!journal_token_list(t->journal, &arena, &list, err)) {
		arena_fini(&arena);
		return false;
	}
	arena_fini(&t->arena);
	t->arena = arena;
	t->changed |= list.count != t->list.count;
	t->list = list;
	return true;
}

bool
tokens_poll(struct tokens *t, bool always, bool *changed, struct error *err)
{
	bool ok = true;

	t->rt->ops->mutex_lock(t->rt, t->lock);
	if (journal_changed(t->journal) || always)
		ok = read_list(t, err);
	count_good(t);
	*changed = t->changed;
	t->changed = false;
	t->rt->ops->mutex_unlock(t->rt, t->lock);
	return ok;
}

/* ---- who is that? ---- */
/* Of hashes, so that how long it takes tells nothing about the secret. */
static bool
same_secret(struct secret a, struct secret b)
{
	char ha[SHA256_HEX], hb[SHA256_HEX];

	if (!secret_given(a) || !secret_given(b))
		return false;
	sha256_of(span_str(secret_reveal(a)), ha);
	sha256_of(span_str(secret_reveal(b)), hb);
	return strcmp(ha, hb) == 0;
}

static bool
refuse(struct error *err, const char *why)
{
	error_set(err, E_AUTH_001, "the coordinator does not let this identity in: %s", why);
	return false;
}

static const struct journal_token *
find_token(const struct tokens *t, const char *sha256)
{
	for (size_t i = 0; i < t->list.count; i++) {
		if (strcmp(t->list.items[i].sha256, sha256) == 0)
			return &t->list.items[i];
	}
	return NULL;
}

/* Under the lock. A token may have been made a moment ago. */
static bool
check_token(struct tokens *t, const char *sha256, struct arena *arena, struct net_peer *peer,
	    struct error *err)
{
	const struct journal_token *token = find_token(t, sha256);

	if (token == NULL && journal_changed(t->journal)) {
		if (!read_list(t, err))
			return false;
		token = find_token(t, sha256);
	}
	if (token == NULL)
		return refuse(err, "its token is not known");
	if (token->revoked_at != NULL)
		return refuse(err, "its token was revoked");
	if (expired(t, token))
		return refuse(err, "its token is expired");
	return identity_parse(arena, token->identity, peer, err);
}

static bool
by_token(struct tokens *t, struct secret header, struct arena *arena, struct net_peer *peer,
	 struct error *err)
{
	static const char scheme[] = "Bearer ";
	char sha256[SHA256_HEX];

	if (!secret_given(header))
		return refuse(err, "it shows no token");
	const char *text = secret_reveal(header);
	if (strncasecmp(text, scheme, strlen(scheme)) != 0)
		return refuse(err, "its Authorization header holds no bearer token");
	sha256_of(span_str(text + strlen(scheme)), sha256);
	t->rt->ops->mutex_lock(t->rt, t->lock);
	bool ok = check_token(t, sha256, arena, peer, err);
	t->rt->ops->mutex_unlock(t->rt, t->lock);
	return ok;
}

static bool
by_certificate(const char *name, struct arena *arena, struct net_peer *peer, struct error *err)
{
	struct error why;

	if (identity_parse(arena, name, peer, &why))
		return true;
	return refuse(err, "the name on its certificate is none of agent:NAME, operator:NAME and "
			   "worker:NAME@ENVIRONMENT");
}

bool
tokens_authenticate(void *self, const struct net_credentials *shown, struct arena *arena,
		    struct net_peer *peer, struct error *err)
{
	struct tokens *t = self;

	if (!secret_given(shown->proxy_secret))
		return by_token(t, shown->authorization, arena, peer, err);
	if (!same_secret(shown->proxy_secret, t->proxy_secret))
		return refuse(err, "the secret of its proxy is wrong");
	if (shown->client_name != NULL && shown->client_name[0] != '\0')
		return by_certificate(shown->client_name, arena, peer, err);
	return by_token(t, shown->authorization, arena, peer, err);
}
