/*
 * The command line of `confiture-coordinator`: few words, since what it does stands in its file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/daemon/daemon.h"

#include "shared/base/banned.h"

enum action { RUN, CHECK_CONFIG, PRINT_CONFIG, SHOW_HELP, SHOW_VERSION, TOKEN };

static const struct {
	const char *word;
	enum action action;
	const char *help;
} words[] = {
	{"--check-config", CHECK_CONFIG, "read the configuration, say what is wrong, and end"},
	{"--print-config", PRINT_CONFIG,
	 "print what is in effect as a file; without --config a sample with comments"},
	{"--help", SHOW_HELP, "this text"},
	{"-h", SHOW_HELP, NULL},
	{"--version", SHOW_VERSION, "the version"},
	{"token", TOKEN, NULL},
};

struct command {
	enum action action;
	const char *config; /* NULL: none given */
	int argc;	    /* words after `token`, without --config */
	char **argv;
};

static void
print_help(void)
{
	printf("usage: confiture-coordinator [--config FILE]\n"
	       "       confiture-coordinator [--config FILE] token create IDENTITY [--expires "
	       "DURATION]\n"
	       "       confiture-coordinator [--config FILE] token list\n"
	       "       confiture-coordinator [--config FILE] token revoke ID\n\n"
	       "Owns the journal: jobs, workers, audit. Answers `confiture` and "
	       "`confiture-worker`; knows no database.\n"
	       "IDENTITY is agent:NAME, operator:NAME or worker:NAME@ENVIRONMENT[,ENVIRONMENT].\n\n"
	       "  %-16s  %s\n",
	       "--config FILE", "settings; without it, what --print-config prints");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].help != NULL)
			printf("  %-16s  %s\n", words[i].word, words[i].help);
	}
	printf("\nSIGTERM: waiting requests are answered, then it ends. SIGHUP: log settings and "
	       "tokens are read again.\nSIGUSR2: it starts anew in the same process; clients ask "
	       "again by themselves.\n");
}

static bool
read_word(struct command *c, int argc, char **argv, int *at, struct error *err)
{
	const char *word = argv[*at];

	if (strncmp(word, "--config=", 9) == 0) {
		c->config = word + 9;
		return true;
	}
	if (strcmp(word, "--config") == 0) {
		if (*at + 1 == argc)
			return error_set(err, E_USAGE_001, "--config needs a file");
		c->config = argv[++*at];
		return true;
	}
	if (c->action == TOKEN) {
		c->argv[c->argc++] = argv[*at];
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(word, words[i].word) == 0) {
			c->action = words[i].action;
			return true;
		}
	}
	error_set(err, E_USAGE_001, "%s is not known", word);
	error_hint(err, "confiture-coordinator --help");
	return false;
}

static bool
read_command(struct command *c, int argc, char **argv, struct error *err)
{
	for (int i = 1; i < argc; i++) {
		if (!read_word(c, argc, argv, &i, err))
			return false;
	}
	return true;
}

static bool
print_config(struct arena *arena, const char *file, struct error *err)
{
	struct text out;

	text_init(&out, 0);
	bool ok = daemon_config_print(arena, file, &out, err);
	if (ok)
		fputs(out.ptr, stdout);
	text_fini(&out);
	return ok;
}

/* As the program was started; descriptors of before are closed by the kernel on the way. */
static bool
start_anew(char **argv, struct error *err)
{
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	execv("/proc/self/exe", argv);
	return error_set(err, E_INTERNAL_ERROR, "the program could not be started anew");
}

static bool
carry_out(const struct command *c, struct arena *arena, char **argv, struct error *err)
{
	struct runtime *rt = runtime_system();
	struct daemon_config config;
	bool restart = false;

	if (c->action == SHOW_HELP) {
		print_help();
		return true;
	}
	if (c->action == SHOW_VERSION) {
		printf("confiture-coordinator %s\n", CONFITURE_VERSION);
		return true;
	}
	if (c->action == PRINT_CONFIG)
		return print_config(arena, c->config, err);
	if (!daemon_config_load(arena, c->config, &config, err))
		return false;
	if (c->action == CHECK_CONFIG) {
		printf("the configuration is in order\n");
		return true;
	}
	if (c->action == TOKEN)
		return token_command(rt, &config, c->argc, c->argv, err);
	if (!daemon_run(rt, &config, &restart, err))
		return false;
	return !restart || start_anew(argv, err);
}

static void
print_error(const struct error *err)
{
	fputs("confiture-coordinator: ", stderr);
	if (err->at.file[0] != '\0')
		fprintf(stderr, "%s:%u: ", err->at.file, err->at.line);
	fprintf(stderr, "%s (%s)\n", err->message, err->code->name);
	if (err->cause[0] != '\0')
		fprintf(stderr, "  %s\n", err->cause);
	if (err->hint[0] != '\0')
		fprintf(stderr, "  %s\n", err->hint);
}

int
coordinator_main(int argc, char **argv)
{
	struct arena arena;
	struct command c = {.action = RUN};
	struct error err = {0};

	arena_init(&arena);
	c.argv = arena_array(&arena, (size_t)argc + 1, sizeof(*c.argv));
	bool ok = read_command(&c, argc, argv, &err) && carry_out(&c, &arena, argv, &err);
	if (!ok)
		print_error(&err);
	arena_fini(&arena);
	return ok ? 0 : err.code->exit_code;
}
