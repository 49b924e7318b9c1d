/* From the command line to a running worker: everything that can be wrong with settings is said
 * here, before anything is opened. */
#include "worker/daemon/daemon.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "shared/config/program.h"
#include "shared/config/worker.h"
#include "shared/pg/dsn.h"
#include "worker/daemon/serve.h"
#include "worker/spool.h"

#include "shared/base/banned.h"

static const char default_config[] = "/etc/confiture/worker.yaml";

static const struct program_line signals[] = {
	{"SIGTERM", "takes no new job and waits for those that run; a second one cancels them"},
	{"SIGHUP", "reads the targets anew"},
	{NULL, NULL},
};

static const struct program_line files[] = {
	{default_config, "the settings, where --config names no others"},
	{"/var/lib/confiture-worker/spool",
	 "migration files of jobs, where the settings say no other"},
	{NULL, NULL},
};

static const struct program program = {
	.name = "confiture-worker",
	.summary = "runs migrations beside the databases, for a coordinator",
	.description =
		"Dials the coordinator, takes the jobs of its databases and runs them. It opens no "
		"port.",
	.config = "the settings [/etc/confiture/worker.yaml]",
	.signals = signals,
	.files = files,
	.see_also = "confiture(1), confiture-coordinator(8)",
	.settings = &settings_worker,
};

static int
fail(const struct error *err)
{
	fprintf(stderr, "confiture-worker: error %s: %s\n", err->code->name, err->message);
	if (err->at.line > 0)
		fprintf(stderr, "  at %s:%u:%u\n", err->at.file, (unsigned)err->at.line,
			(unsigned)err->at.column);
	if (err->cause[0] != '\0')
		fprintf(stderr, "  cause: %s\n", err->cause);
	fprintf(stderr, "  next: %s\n", err->hint[0] != '\0' ? err->hint : err->code->remedy);
	return err->code->exit_code;
}

/* The remedies of the table speak of a project's settings. */
static int
fail_settings(struct error *err, const char *file)
{
	if (error_is(err, E_CONFIG_004))
		error_hint(err, "confiture-worker --sample-config > %s", file);
	else if (err->hint[0] == '\0')
		error_hint(err, "confiture-worker --check-config --config %s", file);
	return fail(err);
}

static void
warn(const struct config_warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		fprintf(stderr, "confiture-worker: warning: %s:%u: %s\n", warnings->items[i].file,
			warnings->items[i].line, warnings->items[i].message);
}

/* What only libpq can say of a URL. */
static bool
check_urls(const struct config_worker *settings, struct error *err)
{
	for (size_t i = 0; i < settings->target_count; i++) {
		if (!dsn_check(settings->targets[i].url, err))
			return error_wrap(err, "target %s", settings->targets[i].name);
	}
	return true;
}

static bool
print(struct arena *arena, const char *file, struct error *err)
{
	struct text text;

	text_init(&text, 0);
	bool ok = config_worker_print(arena, file, &text, err);
	if (ok)
		fputs(text.ptr, stdout);
	text_fini(&text);
	return ok;
}

static int
check_or_run(struct arena *arena, const struct program_command *c, struct target_factory *factory)
{
	struct config_warnings warnings = {0};
	struct config_worker settings;
	struct error err = {0};

	bool ok = config_worker_load(arena, c->config, &settings, &warnings, &err) &&
		  check_urls(&settings, &err);
	if (ok && c->action == PROGRAM_CHECK)
		ok = spool_check(settings.spool_dir, &err);
	warn(&warnings);
	if (!ok)
		return fail_settings(&err, c->config);
	if (c->action == PROGRAM_CHECK) {
		printf("%s: no fault found\n", c->config);
		return 0;
	}
	/* One heap for all threads: many small ones would keep much memory each. */
	mallopt(M_ARENA_MAX, 2);
	worker_hold_signals();
	int code = worker_serve_until_signal(runtime_system(), &settings, factory);
	fflush(NULL);
	_exit(code);
}

static int
act(struct arena *arena, const struct program_command *c, struct target_factory *factory)
{
	struct error err = {0};
	bool done;

	if (!program_say(&program, c, &done, &err))
		return fail(&err);
	if (done)
		return 0;
	if (c->action != PROGRAM_PRINT)
		return check_or_run(arena, c, factory);
	return print(arena, c->config, &err) ? 0 : fail_settings(&err, c->config);
}

int
worker_main(int argc, char **argv, struct target_factory *factory)
{
	struct program_command c;
	struct error err = {0};
	struct arena arena;
	int code;

	arena_init(&arena);
	if (!program_read(&program, &arena, argc, argv, &c, &err)) {
		code = fail(&err);
	} else {
		c.config = c.config != NULL ? c.config : default_config;
		code = act(&arena, &c, factory);
	}
	arena_fini(&arena);
	return code;
}
