#ifndef CONFITURE_CLI_MAN_H
#define CONFITURE_CLI_MAN_H

#include "cli/cli.h"

/* The manual page of a command in roff. */
void man_page(struct arena *arena, struct text *out, const struct command *c);
/* Writes a page for the program and one for each visible command: DIR/confiture-migrate-up.1 */
MUST_USE bool man_write(struct arena *arena, const char *dir, struct error *err);

#endif
