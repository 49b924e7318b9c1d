/* status and current as text and CSV. */
#include "cli/render.h"

#include <string.h>

#include "cli/csv.h"
#include "cli/table.h"

#include "shared/base/banned.h"

static const struct {
	const char *status;
	enum style style;
} styles[] = {
	{"applied", STYLE_GREEN}, {"pending", STYLE_YELLOW}, {"missing", STYLE_RED},
	{"partial", STYLE_RED},	  {"unknown", STYLE_DIM},
};

static enum style
style_of(const char *status)
{
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		if (strcmp(styles[i].status, status) == 0)
			return styles[i].style;
	}
	return STYLE_PLAIN;
}

static void
render_csv(struct cli *cli, const struct status_result *r)
{
	struct text csv;

	text_init(&csv, 0);
	text_put(&csv, "version,name,status\n");
	for (size_t i = 0; i < r->migrations.count; i++) {
		const struct status_migration *m = &r->migrations.items[i];
		csv_cell(&csv, m->version, ',');
		csv_cell(&csv, m->name, ',');
		csv_cell(&csv, m->status, '\n');
	}
	fputs(csv.ptr, cli->out);
	text_fini(&csv);
}

/* 2026-05-20T14:30:15.123456+00:00 -> 2026-05-20 14:30:15 +00:00 */
static const char *
short_time(struct cli *cli, const char *time)
{
	if (time == NULL || strlen(time) < 19)
		return time;
	const char *zone = time + 19 + strspn(time + 19, ".0123456789");
	return arena_printf(&cli->arena, "%.10s %.8s%s%s", time, time + 11, zone[0] ? " " : "",
			    zone);
}

static void
render_rows(struct cli *cli, const struct status_result *r)
{
	static const char *const heads[] = {"version", "name", "status", "applied at", NULL};
	struct table t;

	if (r->migrations.count == 0)
		return;
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->migrations.count; i++) {
		const struct status_migration *m = &r->migrations.items[i];
		const char *cells[] = {m->version, m->name, m->status,
				       short_time(cli, m->applied_at)};
		table_add(&t, style_of(m->status), cells);
	}
	table_print(&t);
}

static void
render_file_problems(struct cli *cli, const struct status_result *r)
{
	for (size_t i = 0; i < r->orphaned_migrations.count; i++)
		cli_warn(cli, "%s is no migration: its name does not end in .up.sql",
			 cli_safe(cli, r->orphaned_migrations.items[i]));
	for (size_t i = 0; i < r->duplicate_versions.count; i++) {
		const struct duplicate_version *d = &r->duplicate_versions.items[i];
		for (size_t f = 0; f < d->files.count; f++)
			cli_warn(cli, "version %s is also that of %s", cli_safe(cli, d->version),
				 cli_safe(cli, d->files.items[f]));
	}
	if (r->warning != NULL)
		cli_warn(cli, "%s", cli_safe(cli, r->warning));
}

static void
render_structure_state(struct cli *cli, const struct status_structure *s)
{
	if (s == NULL)
		return;
	if (strcmp(s->drift, "no") == 0)
		cli_say(cli, "structure: as the last run left it (%s)", s->recorded_at);
	else if (strcmp(s->drift, "yes") == 0)
		cli_say(cli, "structure: %sdiffers%s from what the last run left (%s)",
			cli_style(cli, cli->out, STYLE_RED), cli_style(cli, cli->out, STYLE_PLAIN),
			s->recorded_at);
	else
		cli_say(cli, "structure: not known to be as the last run left it: %s",
			s->recorded_fingerprint == NULL
				? "no run recorded its fingerprint (migrate up --structural-diff)"
				: "the ledger has changed since its fingerprint was recorded");
}

void
render_status(struct cli *cli, const struct status_result *r)
{
	if (cli->csv)
		render_csv(cli, r);
	else
		render_rows(cli, r);
	render_file_problems(cli, r);
	if (!cli->csv && r->summary->applied == 0 && r->summary->pending == 0 && r->total > 0)
		cli_say(cli, "%lld migration(s); no database was asked", (long long)r->total);
	else if (!cli->csv)
		cli_say(cli, "%lld applied, %lld pending, %lld in all%s%s",
			(long long)r->summary->applied, (long long)r->summary->pending,
			(long long)r->total, r->current ? "; current: " : "",
			r->current ? cli_safe(cli, r->current) : "");
	if (!cli->csv)
		render_structure_state(cli, r->structure);
	render_hints(cli, r->hints.items, r->hints.count);
}

void
render_current(struct cli *cli, const struct current_result *r)
{
	cli_say(cli, "%s", r->revision ? cli_safe(cli, r->revision) : "");
}
