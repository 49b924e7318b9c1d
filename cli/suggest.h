#ifndef CONFITURE_CLI_SUGGEST_H
#define CONFITURE_CLI_SUGGEST_H

#include "cli/cli.h"

/* Lists of words out of the command table: for "did you mean", help and completions. */

/* The last words of the visible commands directly below `parent` ("" = the top). */
size_t suggest_subcommands(struct arena *arena, const char *parent, const char *const **out);
/* --x, and --no-x of pairs, without hidden ones. */
size_t suggest_options(struct arena *arena, const struct command *c, const char *const **out);
/* The items of "a|b|c". */
size_t suggest_choices(struct arena *arena, const char *choices, const char *const **out);
/* "a, b or c" */
const char *suggest_join(struct arena *arena, const char *const *words, size_t count);

/* Whether `c` stands directly below `parent`. */
bool command_below(const struct command *c, const char *parent);
/* "up" of "migrate up" */
const char *command_word(const struct command *c);

#endif
