#ifndef CONFITURE_CLI_TOKEN_H
#define CONFITURE_CLI_TOKEN_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"

/*
 * The token that says who asks: CONFITURE_TOKEN, the file that CONFITURE_TOKEN_FILE names, else
 * confiture/token in the folder of the user's settings (XDG_CONFIG_HOME, ~/.config). None of them
 * is no error: `out` is empty then. A file that others can read, or that is not there though it was
 * named, is AUTH_001.
 */
MUST_USE bool token_find(struct arena *arena, struct secret *out, struct error *err);

#endif
