#ifndef CONFITURE_CLI_ARGS_H
#define CONFITURE_CLI_ARGS_H

#include "cli/cli.h"

/* What was typed, as the accessors of cli.h read it. */
struct args_value {
	bool given;
	bool flag;
	const char *text;
	int64_t number;
	const char **items;
	size_t count, cap;
};

struct args {
	const struct command *command;
	const struct option **options; /* all that the command takes, without headings */
	struct args_value *values;     /* one for each option */
	size_t option_count;
	const char **arguments;
	size_t argument_count, argument_cap;
	bool help; /* --help or -h was typed */
};

/*
 * Reads the command line against the table. False with USAGE_001; `out->command` is set in every
 * case: the nearest command (the root's row when there is none), so that help can be named. A group
 * without a subcommand is no error here: the command's `run` is NULL then.
 */
MUST_USE bool args_parse(struct arena *arena, int argc, char **argv, struct args *out,
			 struct error *err);

/* Whether the words ask for JSON or NDJSON, before anything was checked. */
void args_sniff_format(int argc, char **argv, bool *json, bool *ndjson);

/* All options of a command in the order of help, headings left out; returns how many. */
size_t command_options(struct arena *arena, const struct command *c, const struct option ***out);

/* The row of exactly that path; NULL when there is none. */
const struct command *command_find(const char *path);

/* The command line for logs and lock holders: passwords and secret options' values become ***. */
const char *args_line(struct arena *arena, int argc, char **argv);

#endif
