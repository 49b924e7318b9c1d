/* From the command line to a running worker: everything that can be wrong with settings is said
 * here, before anything is opened. */
#include "worker/daemon/daemon.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "shared/config/worker.h"
#include "shared/pg/dsn.h"
#include "worker/daemon/options.h"
#include "worker/daemon/serve.h"

#include "shared/base/banned.h"

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

static void
print_sample(void)
{
	struct text text;

	text_init(&text, 0);
	config_worker_sample(&text);
	fputs(text.ptr, stdout);
	text_fini(&text);
}

static int
check_or_run(struct arena *arena, const struct worker_options *options,
	     struct target_factory *factory)
{
	struct config_warnings warnings = {0};
	struct config_worker settings;
	struct error err = {0};

	bool ok = config_worker_load(arena, options->config, &settings, &warnings, &err) &&
		  check_urls(&settings, &err);
	warn(&warnings);
	if (!ok)
		return fail_settings(&err, options->config);
	if (options->action == WORKER_CHECK) {
		printf("%s: no fault found\n", options->config);
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
act(struct arena *arena, const struct worker_options *options, struct target_factory *factory)
{
	struct error err = {0};

	switch (options->action) {
	case WORKER_HELP:
		worker_options_help(stdout);
		return 0;
	case WORKER_VERSION:
		printf("confiture-worker %s\n", CONFITURE_VERSION);
		return 0;
	case WORKER_SAMPLE:
		print_sample();
		return 0;
	case WORKER_PRINT:
		return print(arena, options->config, &err) ? 0
							   : fail_settings(&err, options->config);
	default:
		return check_or_run(arena, options, factory);
	}
}

int
worker_main(int argc, char **argv, struct target_factory *factory)
{
	struct worker_options options;
	struct error err = {0};
	struct arena arena;

	if (!worker_options_read(argc, argv, &options, &err))
		return fail(&err);
	arena_init(&arena);
	int code = act(&arena, &options, factory);
	arena_fini(&arena);
	return code;
}
