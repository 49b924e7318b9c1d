#ifndef CONFITURE_CLI_HELP_H
#define CONFITURE_CLI_HELP_H

#include "cli/cli.h"

/* Help of one command or group, printed from its row. */
void help_print(struct cli *cli, FILE *to, const struct command *c);
/* The commands below `c`, one a line with its summary. */
void help_subcommands(struct cli *cli, FILE *to, const struct command *c);

/* "confiture migrate down-to [OPTIONS] REVISION" */
const char *help_usage(struct arena *arena, const struct command *c);
/* "-n, --steps N" */
const char *help_option_left(struct arena *arena, const struct option *o);
/* The help text with choices, range and default behind it. */
const char *help_option_right(struct arena *arena, const struct option *o);
/* "confiture migrate up" */
const char *help_full_name(struct arena *arena, const struct command *c);
/* Whether help's main list shows the option. */
bool help_shows(const struct option *o);
/* "--batched, --batch-size": options that do nothing; NULL when there are none. */
const char *help_without_effect(struct arena *arena, const struct command *c);
/* Takes the next "3 no connection, no such version" off a command's list of exit codes. */
bool help_next_exit_code(const char **list, struct span *number, struct span *words);

#endif
