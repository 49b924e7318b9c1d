/*
 * Draws the events of a job as they come: one function for each kind of event, chosen by a table.
 * Results go to stdout, everything else to stderr, whatever the format is.
 */
#include "cli/live.h"

#include <string.h>

#include "shared/base/banned.h"

static const char *
safe(struct live *l, const char *text)
{
	return cli_safe(l->cli, text ? text : "");
}

static void
draw_migration(struct live *l, const struct job_event *e, enum style style, const char *result)
{
	struct cli *cli = l->cli;

	if (!l->lines)
		return;
	cli_say(cli, "   %s %s %s(%s)%s", safe(l, e->version), safe(l, e->name),
		cli_style(cli, cli->out, style), result, cli_style(cli, cli->out, STYLE_PLAIN));
	fflush(cli->out);
}

static const char *
duration(struct live *l, int64_t ms)
{
	if (ms == INT_NULL)
		return "";
	if (ms < 10000)
		return arena_printf(&l->cli->arena, " in %lld ms", (long long)ms);
	return arena_printf(&l->cli->arena, " in %.1f s", (double)ms / 1000);
}

static void
on_done(struct live *l, const struct job_event *e)
{
	bool down = e->file != NULL && strlen(e->file) > 9 &&
		    strcmp(e->file + strlen(e->file) - 9, ".down.sql") == 0;

	if (l->lines)
		draw_migration(l, e, STYLE_GREEN,
			       arena_printf(&l->cli->arena, "%s%s",
					    down ? "rolled back" : "applied",
					    duration(l, e->duration_ms)));
}

static void
on_failed(struct live *l, const struct job_event *e)
{
	draw_migration(l, e, STYLE_RED, "failed");
}

static void
on_skipped(struct live *l, const struct job_event *e)
{
	draw_migration(l, e, STYLE_DIM, e->message ? safe(l, e->message) : "skipped");
}

/* "file:line  CREATE TABLE  create table users (  12 ms" */
static void
on_statement(struct live *l, const struct job_event *e)
{
	struct cli *cli = l->cli;

	if (!l->verbose || e->file == NULL || e->line == INT_NULL)
		return;
	cli_note(cli, "%s%s:%lld%s  %s%s", cli_style(cli, cli->err, STYLE_DIM), safe(l, e->file),
		 (long long)e->line, cli_style(cli, cli->err, STYLE_PLAIN),
		 safe(l, source_lines_at(&l->source, e->file, e->line)),
		 duration(l, e->duration_ms));
}

static void
on_warning(struct live *l, const struct job_event *e)
{
	cli_warn(l->cli, "%s", safe(l, e->message));
}

static void
on_remark(struct live *l, const struct job_event *e)
{
	if (e->message != NULL)
		cli_note(l->cli, "%s", safe(l, e->message));
}

static void
on_detail(struct live *l, const struct job_event *e)
{
	if (l->verbose)
		on_remark(l, e);
}

static const struct {
	const char *kind;
	void (*draw)(struct live *l, const struct job_event *e);
} drawings[] = {
	{"connected", on_detail},	 {"lock_waiting", on_remark},
	{"lock_acquired", on_detail},	 {"settled", on_remark},
	{"statement", on_statement},	 {"migration_done", on_done},
	{"migration_failed", on_failed}, {"migration_skipped", on_skipped},
	{"index_rebuilt", on_remark},	 {"warning", on_warning},
	{"notice", on_detail},
};

static void
on_event(void *self, const struct job_event *event)
{
	struct live *l = self;

	progress_update(&l->bar, event);
	for (size_t i = 0; i < ARRAY_LEN(drawings); i++) {
		if (strcmp(drawings[i].kind, event->kind) != 0)
			continue;
		progress_clear(&l->bar);
		drawings[i].draw(l, event);
	}
}

static void
on_tick(void *self)
{
	struct live *l = self;

	progress_draw(&l->bar);
}

void
live_init(struct live *l, struct cli *cli, const char *migrations_dir, bool lines, bool verbose)
{
	*l = (struct live){.cli = cli,
			   .lines = lines && !cli->json && !cli->csv && !cli->quiet,
			   .verbose = verbose && !cli->ndjson};
	progress_init(&l->bar, cli);
	source_lines_init(&l->source, migrations_dir);
	l->view = (struct job_view){
		.event = on_event, .tick = cli->progress ? on_tick : NULL, .self = l};
}

const struct job_view *
live_view(struct live *l)
{
	return &l->view;
}

void
live_fini(struct live *l)
{
	progress_clear(&l->bar);
	source_lines_fini(&l->source);
}
