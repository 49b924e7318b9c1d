#ifndef CONFITURE_CLI_COMPLETION_H
#define CONFITURE_CLI_COMPLETION_H

#include "shared/base/arena.h"
#include "shared/base/text.h"

/* The completion script of "bash", "zsh" or "fish"; false for any other shell. */
bool completion_script(struct arena *arena, struct text *out, const char *shell);

#endif
