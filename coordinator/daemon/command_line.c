/*
 * The command line of `confiture-coordinator`: few words, since what it does stands in its file.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/daemon/daemon.h"
#include "shared/config/program.h"
#include "shared/sql/sandbox.h"

#include "shared/base/banned.h"

static const struct program_line verbs[] = {
	{"token create IDENTITY [--expires DURATION]", "make a token and show it, once"},
	{"token list", "show whose tokens there are, and which are good"},
	{"token revoke ID", "let nobody in with it any more"},
	{"journal copy FILE [--journal FILE]",
	 "make a proven copy of the journal, also while it runs"},
	{"journal rebuild [--journal FILE]", "make its tables anew from its events"},
	{"journal accept [--journal FILE]", "let workers in that knew more of it, after a restore"},
	{NULL, NULL},
};

static const struct program_line signals[] = {
	{"SIGTERM", "answers what waits, then ends"},
	{"SIGHUP", "reads log settings and tokens anew"},
	{"SIGUSR2", "starts anew in the same process; clients ask again by themselves"},
	{NULL, NULL},
};

static const struct program_line files[] = {
	{"/etc/confiture/coordinator.yaml", "the settings that the unit names"},
	{"/var/lib/confiture/journal.db", "the journal, where the settings name no other"},
	{"/var/lib/confiture/operator.token", "the local operator's token, made at first start"},
	{NULL, NULL},
};

static const struct program program = {
	.name = "confiture-coordinator",
	.summary = "keeps the journal of migrations and gives jobs to workers",
	.description =
		"Owns the journal: jobs, workers, audit. Answers confiture and confiture-worker; "
		"knows no\ndatabase. IDENTITY is agent:NAME, operator:NAME or "
		"worker:NAME@ENVIRONMENT[,ENVIRONMENT].",
	.config = "the settings; without it, the defaults that --sample-config shows",
	.verbs = verbs,
	.signals = signals,
	.files = files,
	.see_also = "confiture(1), confiture-worker(8)",
	.settings = &settings_coordinator,
};

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
carry_out(const struct program_command *c, struct arena *arena, char **argv, struct error *err)
{
	struct runtime *rt = runtime_system();
	struct daemon_config config;
	bool restart = false, done;

	if (!program_say(&program, c, &done, err) || done)
		return err->code == NULL;
	if (c->action == PROGRAM_PRINT)
		return print_config(arena, c->config, err);
	if (!daemon_config_load(arena, c->config, &config, err))
		return false;
	if (c->action == PROGRAM_CHECK) {
		printf("the configuration is in order\n");
		return true;
	}
	if (c->argc > 0 && strcmp(c->argv[0], "journal") == 0)
		return journal_command(rt, &config, c->argc - 1, c->argv + 1, err);
	if (c->argc > 0)
		return token_command(rt, &config, c->argc - 1, c->argv + 1, err);
	/* One heap for all threads: many small ones would keep what a crowd once needed. */
	mallopt(M_ARENA_MAX, 2);
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
	struct program_command c;
	struct error err = {0};

	if (argc == 2 && strcmp(argv[1], SQL_SANDBOX_WORD) == 0)
		return sql_sandbox_child(runtime_system());
	arena_init(&arena);
	bool ok = program_read(&program, &arena, argc, argv, &c, &err) &&
		  carry_out(&c, &arena, argv, &err);
	if (!ok)
		print_error(&err);
	arena_fini(&arena);
	return ok ? 0 : err.code->exit_code;
}
