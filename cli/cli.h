#ifndef CONFITURE_CLI_CLI_H
#define CONFITURE_CLI_CLI_H

#include <stdio.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/runtime.h"
#include "shared/wire/messages.h"

/*
 * The command line. Every command and option is a row of ONE table (commands.c); the parser, help,
 * man pages, completions, "did you mean" and docs/reference/commands.md walk it.
 */
struct cli;
struct args;

enum option_type {
	OPTION_SWITCH, /* --x */
	OPTION_PAIR,   /* --x / --no-x; without a fallback something else says which */
	OPTION_TEXT,
	OPTION_PATH,
	OPTION_INT,	 /* `choices` may hold the least value that is allowed: "1" */
	OPTION_DURATION, /* 500ms, 30s; a bare number counts in milliseconds */
	OPTION_CHOICE,	 /* one of `choices`, "a|b|c" */
	OPTION_LIST,	 /* may be repeated, and holds comma-separated items */
	OPTION_EACH	 /* may be repeated, and a comma is a part of it */
};

enum { OPTION_REQUIRED = 1, OPTION_HIDDEN = 2, OPTION_SECRET = 4, OPTION_NO_EFFECT = 8 };

/* A row with the name "" is no option: its help text is the heading of the rows after it. */
struct option {
	const char *name; /* without dashes */
	char letter;	  /* 0 = none */
	enum option_type type;
	const char *value; /* word in help: PATH, VERSION; NULL for switches */
	const char *choices;
	const char *fallback; /* default as text; NULL = none */
	unsigned flags;
	const char *help;
};

struct argument {
	const char *name; /* REVISION */
	bool required;
	bool repeats;
	const char *help;
};

struct command {
	const char *path; /* "migrate up" */
	const char *summary;
	const char *description;
	const struct argument *arguments; /* ended by name NULL; may be NULL */
	const struct option *options;	  /* own ones; ended by name NULL */
	const struct option *const
		*option_sets;	     /* shared groups (connection, output …); ended by NULL */
	const char *const *examples; /* "command|what it does"; ended by NULL */
	const char *exit_codes;	     /* "0 nothing pending, 1 pending, 2 …" for help */
	bool hidden;
	/* Returns the exit code. NULL for groups ("migrate"). */
	int (*run)(struct cli *cli, const struct args *args);
};

extern const struct command commands[];
extern const size_t command_count;

/* ---- what was typed ---- */
/* An option that the command does not have reads as not given: NULL, 0, false, an empty list. */
const char *args_text(const struct args *a, const char *option); /* value or fallback or NULL */
int64_t args_int(const struct args *a, const char *option);	 /* ints and durations (ms) */
bool args_flag(const struct args *a, const char *option);
bool args_given(const struct args *a,
		const char *option); /* typed by the user, whatever the value */
bool args_known(const struct args *a, const char *option); /* the command has it */
size_t args_list(const struct args *a, const char *option, const char *const **out);
const char *args_argument(const struct args *a, size_t index); /* positional; NULL when absent */
size_t args_argument_count(const struct args *a);

/* ---- the running program ---- */
struct target_factory;
struct session;

struct cli {
	struct runtime *rt;
	struct arena arena;
	FILE *out; /* results only */
	FILE *err; /* everything else */
	const struct command *command;
	bool json; /* -f json or ndjson: out gets one document (or lines) and nothing else */
	bool ndjson;
	bool csv;
	bool quiet;
	bool no_input;		   /* never ask */
	bool color_out, color_err; /* terminal, and not NO_COLOR, --no-color */
	bool progress;		   /* stderr is a terminal and not quiet */
	const char *output_file;   /* -o: the JSON document goes there */
	bool output_failed;	   /* it could not be written */
	const char *command_line;  /* as typed, secrets taken out */
	struct target_factory *factory;
	struct session *session;   /* session.c's own; NULL until it is first used */
	struct registry *registry; /* registry.c's own; the same */
};

/* The whole program; `factory` lets tests put another make of target beneath. Returns the exit
 * code. */
int cli_main(int argc, char **argv, struct target_factory *factory);
/* One command line in a program that has rt, arena, out, err and factory set. */
int cli_run(struct cli *cli, int argc, char **argv);
struct target_factory *cli_target_factory(struct cli *cli);

/* ---- output.c: the only place that prints results ---- */
/* Prints the document: JSON to out (or to output_file with a one-line note on err). For text
 * formats the command draws itself; this then only serves --output. */
void cli_document(struct cli *cli, const struct record *of, const void *ptr);
/* The same in YAML, for commands that have it as a format. */
void cli_document_yaml(struct cli *cli, const struct record *of, const void *ptr);
/* Shows an error (envelope on out in JSON mode, words on err otherwise) and returns its exit code.
 */
int cli_fail(struct cli *cli, const struct error *err);
void cli_warn(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cli_note(struct cli *cli, const char *fmt, ...)
	PRINTF_LIKE(2, 3); /* err; not when quiet or json */
void cli_say(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3); /* out; not in json */

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GREEN, STYLE_YELLOW, STYLE_RED, STYLE_CYAN };
/* The escape sequence for `file`, or "" without colours. */
const char *cli_style(const struct cli *cli, FILE *file, enum style s);
/* Asks on the terminal; false at once when nobody can answer (no terminal, --no-input, JSON). */
bool cli_confirm(struct cli *cli, const char *question);
/* Text from files or databases, safe for a terminal: control characters are shown, never sent. */
const char *cli_safe(struct cli *cli, const char *text);

/* ---- connection.c: which databases a command means (spec: DSN precedence of the migrate family)
 * ---- */
enum connection_use {
	CONNECTION_CHANGES,    /* up, down, down-to: a lone ambient DATABASE_URL is refused */
	CONNECTION_READS,      /* current, preflight: accepted */
	CONNECTION_INTENTIONAL /* status, verify: only with an intentional source, else none */
};
struct connection_target {
	const char *name;	 /* of the job's target */
	const char *environment; /* NULL with a bare URL */
};
struct connections {
	struct connection_target *items; /* in name order */
	size_t count;			 /* 0: no database is meant (status without a source) */
	bool several;	    /* --env a,b or --group, or an environment with more than one target */
	bool strict_mode;   /* of the environment's file */
	bool replicas;	    /* the file names replicas: what they notice is an error */
	const char *source; /* "yaml-file", "flags", "env" */
};
/* Registers the targets with the embedded worker (session.h) and warns about unknown keys. With a
 * coordinator elsewhere it asks that for the targets; URLs are refused (CONFIG_007). */
MUST_USE bool connections_resolve(struct cli *cli, const struct args *args, enum connection_use use,
				  struct connections *out, struct error *err);

#endif
