#ifndef CONFITURE_BASE_SECRET_H
#define CONFITURE_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "shared/base/arena.h"

/*
 * A text that must never be shown: connection strings, passwords, keys. The type has no printer, so
 * that a secret cannot get into a message by habit; secret_reveal() is the one way to the bytes and
 * is called only where they leave for their purpose (tests/lint holds the list of files). For
 * showing a connection use dsn_print() of shared/pg.
 */
struct secret {
	const char *hidden; /* owned by whatever arena it came from; NULL = none */
};

static inline struct secret
secret_of(const char *s)
{
	return (struct secret){s};
}

static inline bool
secret_given(struct secret s)
{
	return s.hidden != NULL;
}

/* The same secret in another arena; its bytes are not shown to anybody. */
static inline struct secret
secret_copy(struct arena *arena, struct secret s)
{
	return (struct secret){arena_str(arena, s.hidden)};
}

/* Are both the same? For noticing a change; not for checking what somebody shows. */
static inline bool
secret_same(struct secret a, struct secret b)
{
	return a.hidden == b.hidden ||
	       (a.hidden != NULL && b.hidden != NULL && strcmp(a.hidden, b.hidden) == 0);
}

static inline const char *
secret_reveal(struct secret s)
{
	return s.hidden;
}

#endif
