#ifndef CONFITURE_CONFIG_PROGRAM_H
#define CONFITURE_CONFIG_PROGRAM_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/config/settings.h"

/*
 * The command line of a program that runs as a service: what it does stands in its settings file,
 * so all of them have the same few options. What is its own (verbs, signals, files) is a table;
 * --help, the manual page and the completions are printed from it.
 */
enum program_action {
	PROGRAM_RUN,
	PROGRAM_CHECK,
	PROGRAM_PRINT,
	PROGRAM_SAMPLE,
	PROGRAM_HELP,
	PROGRAM_VERSION,
	PROGRAM_MAN,
	PROGRAM_COMPLETION
};

struct program_line {
	const char *left, *right;
};

/* Lists of lines end with {NULL, NULL}. */
struct program {
	const char *name, *summary, *description;
	const char *config;		  /* what --config means here */
	const struct program_line *verbs; /* "token create IDENTITY", for reading only the words */
	const struct program_line *signals;
	const struct program_line *files;
	const char *see_also;
	const struct settings_table *settings;
};

struct program_command {
	enum program_action action; /* of the last option that names one */
	const char *config;	    /* NULL: none given */
	const char *shell;	    /* of --completion */
	int argc;		    /* a verb and what follows it, without --config; 0: none */
	char **argv;
};

/* USAGE_001 with a hint. */
MUST_USE bool program_read(const struct program *p, struct arena *arena, int argc, char **argv,
			   struct program_command *out, struct error *err);
/* Sample, help, version, manual page, completion: on standard output. *done is false when the
 * action is something else. USAGE_001 for a shell that is not known. */
MUST_USE bool program_say(const struct program *p, const struct program_command *c, bool *done,
			  struct error *err);

/* ---- parts ---- */
struct program_option {
	const char *name, *value; /* value NULL: takes none */
	enum program_action action;
	const char *meaning; /* NULL: `config` of the program */
};
extern const struct program_option program_options[];
extern const size_t program_option_count;

void program_man(struct text *out, const struct program *p);
/* False: no such shell. */
MUST_USE bool program_completion(struct text *out, const struct program *p, const char *shell);

#endif
