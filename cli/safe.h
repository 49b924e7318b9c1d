#ifndef CONFITURE_CLI_SAFE_H
#define CONFITURE_CLI_SAFE_H

#include "shared/base/arena.h"

/*
 * Text of others for a terminal. Control characters, escape sequences, bytes that are no UTF-8 and
 * marks that turn the direction of text come out as \xNN or \uNNNN; a line end as \n.
 */
const char *safe_text(struct arena *arena, const char *text);
/* The same, but line ends stay and a tab becomes blanks. */
const char *safe_lines(struct arena *arena, const char *text);

#endif
