/*
 * One run of the program from its words to its exit code: parse, set up what every command shares,
 * run the row's function, close the session. --version and --help end before anything is opened.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/help.h"
#include "cli/registry.h"
#include "cli/session.h"

#include "shared/base/banned.h"

static void
init_terminal(struct cli *cli)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool color = (no_color == NULL || no_color[0] == '\0') &&
		     (term == NULL || strcmp(term, "dumb") != 0);
	cli->color_out = color && isatty(fileno(cli->out));
	cli->color_err = color && isatty(fileno(cli->err));
	cli->progress = isatty(fileno(cli->err));
}

/* Also for a line that could not be parsed: whoever asked for JSON gets it for errors too. */
static void
init_words(struct cli *cli, int argc, char **argv)
{
	args_sniff_format(argc, argv, &cli->json, &cli->ndjson);
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--no-color") == 0)
			cli->color_out = cli->color_err = false;
}

static void
init_options(struct cli *cli, const struct args *args)
{
	const char *format = args_text(args, "format");
	cli->ndjson = format != NULL && strcmp(format, "ndjson") == 0;
	cli->json = cli->ndjson || (format != NULL && strcmp(format, "json") == 0);
	cli->csv = format != NULL && strcmp(format, "csv") == 0;
	cli->quiet = args_flag(args, "quiet");
	cli->no_input = args_flag(args, "no-input");
	cli->output_file = args_text(args, "output");
	cli->progress = cli->progress && !cli->quiet;
}

static void
warn_without_effect(struct cli *cli, const struct args *args)
{
	for (size_t i = 0; i < args->option_count; i++)
		if (args->values[i].given && (args->options[i]->flags & OPTION_NO_EFFECT) != 0)
			cli_warn(cli, "--%s is accepted and has no effect", args->options[i]->name);
}

static int
fail_usage(struct cli *cli, const struct command *c, struct error *err)
{
	error_hint(err, "%s --help", help_full_name(&cli->arena, c));
	return cli_fail(cli, err);
}

static int
missing_command(struct cli *cli, const struct command *c)
{
	struct error err = {0};
	error_set(&err, E_USAGE_001, "Missing command after \"%s\"",
		  help_full_name(&cli->arena, c));
	int code = fail_usage(cli, c, &err);
	if (!cli->json)
		help_subcommands(cli, cli->err, c);
	return code;
}

static int
run(struct cli *cli, int argc, char **argv)
{
	struct args args;
	struct error err = {0};
	init_terminal(cli);
	init_words(cli, argc, argv);
	if (!args_parse(&cli->arena, argc, argv, &args, &err))
		return fail_usage(cli, args.command, &err);
	cli->command = args.command;
	if (args.help) {
		help_print(cli, cli->out, args.command);
		return 0;
	}
	if (args.command->run == NULL)
		return missing_command(cli, args.command);
	init_options(cli, &args);
	warn_without_effect(cli, &args);
	bool chosen =
		!args_known(&args, "embedded") || session_choose(cli_session(cli), &args, &err);
	int code = chosen ? args.command->run(cli, &args) : cli_fail(cli, &err);
	registry_close(cli);
	if (cli->session != NULL)
		cli_session_close(cli);
	return code;
}

/* A result that did not get out is a failure, whatever the command itself says. */
static int
finish_output(struct cli *cli, int code)
{
	bool lost = fflush(cli->out) != 0 || ferror(cli->out) != 0;
	fflush(cli->err);
	return (lost || cli->output_failed) && code == 0 ? 1 : code;
}

int
cli_run(struct cli *cli, int argc, char **argv)
{
	return finish_output(cli, run(cli, argc, argv));
}

int
cli_main(int argc, char **argv, struct target_factory *factory)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("confiture version " CONFITURE_VERSION);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	/* a reader that goes away must not end a migration half-way */
	signal(SIGPIPE, SIG_IGN);
	struct cli cli = {.out = stdout, .err = stderr, .factory = factory};
	cli.rt = runtime_system();
	arena_init(&cli.arena);
	cli.command_line = args_line(&cli.arena, argc, argv);
	int code = cli_run(&cli, argc, argv);
	arena_fini(&cli.arena);
	return code;
}

struct target_factory *
cli_target_factory(struct cli *cli)
{
	return cli->factory;
}
