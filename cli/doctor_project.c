/* The doctor's look at the project: migration files, settings, and the place of the journal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/connection.h"
#include "cli/doctor.h"
#include "cli/journal_place.h"
#include "cli/remote.h"
#include "cli/session.h"
#include "shared/config/config.h"
#include "shared/migration/migration.h"

#include "shared/base/banned.h"

static void
look_at_names(struct doctor *d, const char *dir, const struct migration_set *set)
{
	struct error err = {0};
	size_t no_down = 0, python = 0;

	for (size_t i = 0; i < set->count; i++) {
		python += set->items[i].python;
		no_down += !set->items[i].python && set->items[i].down_file == NULL;
	}
	doctor_note(d, "migrations", NULL, "ok", "%zu migration(s) in %s", set->count, dir);
	if (!migration_set_unique(set, &err))
		doctor_error(d, "migrations", NULL, "fail", &err);
	if (set->orphan_count > 0)
		doctor_note(d, "migrations", NULL, "warn",
			    "%zu .sql file(s) are no migration, %s the first: confiture migrate "
			    "validate names them",
			    set->orphan_count, set->orphans[0]);
	if (no_down > 0)
		doctor_note(d, "migrations", NULL, "warn",
			    "%zu migration(s) have no .down.sql and cannot be undone", no_down);
	if (python > 0)
		doctor_note(d, "migrations", NULL, "warn",
			    "%zu migration(s) are written in Python: no problem once applied, but "
			    "pending ones cannot be run",
			    python);
}

void
doctor_files(struct doctor *d)
{
	const char *dir = args_text(d->args, "migrations-dir");
	struct bundle_info bundle = {0};
	struct migration_set set;
	struct error err = {0};

	if (!bundle_scan(&d->cli->arena, dir, false, &bundle, &err)) {
		doctor_error(d, "migrations", NULL, "fail", &err);
		return;
	}
	migration_set_build(&d->cli->arena, &bundle, &set);
	look_at_names(d, dir, &set);
}

/* ---- settings ---- */

static bool
source_named(const struct args *args)
{
	static const char *const options[] = {"config", "env", "group", "database-url",
					      "no-config"};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (args_given(args, options[i]))
			return true;
	}
	return getenv("CONFITURE_DATABASE_URL") != NULL;
}

static void
append(struct doctor *d, struct connections *to, const struct connections *from)
{
	struct connection_target *items =
		arena_array(&d->cli->arena, to->count + from->count + 1, sizeof(*items));

	for (size_t i = 0; i < to->count; i++)
		items[i] = to->items[i];
	for (size_t i = 0; i < from->count; i++)
		items[to->count + i] = from->items[i];
	to->items = items;
	to->count += from->count;
}

static void
look_at_project_file(struct doctor *d)
{
	struct config_project project = {0};
	struct config_warnings warnings = {0};
	struct error err = {0};

	if (access("confiture.yaml", F_OK) != 0)
		return;
	if (!config_project_load(&d->cli->arena, "confiture.yaml", &project, &warnings, &err))
		doctor_error(d, "settings", NULL, "fail", &err);
	else
		doctor_note(d, "settings", NULL, "ok", "confiture.yaml: %zu group(s)",
			    project.group_count);
}

static void
look_at_environments(struct doctor *d, struct connections *out)
{
	const char **names;
	size_t count = environment_names(d->cli, &names);

	if (count == 0)
		doctor_note(d, "settings", NULL, "warn",
			    "db/environments has no .yaml file: confiture init makes one");
	for (size_t i = 0; i < count; i++) {
		struct connections one;
		struct error err = {0};
		if (!connections_of_environment(d->cli, names[i], &one, &err)) {
			doctor_error(d, "settings", names[i], "fail", &err);
			continue;
		}
		doctor_note(d, "settings", names[i], "ok", "%zu database(s)", one.count);
		append(d, out, &one);
	}
}

void
doctor_settings(struct doctor *d, struct connections *out)
{
	struct error err = {0};

	*out = (struct connections){0};
	look_at_project_file(d);
	if (!source_named(d->args) && session_remote(cli_session(d->cli)) != NULL) {
		(void)doctor_remote_targets(d, out);
		return;
	}
	if (!source_named(d->args)) {
		look_at_environments(d, out);
		return;
	}
	if (!connections_resolve(d->cli, d->args, CONNECTION_READS, out, &err)) {
		doctor_error(d, "settings", NULL, "fail", &err);
		*out = (struct connections){0};
		return;
	}
	doctor_note(d, "settings", NULL, "ok", "%zu database(s) named by %s", out->count,
		    out->source);
}

/* ---- journal ---- */

static void
look_into_journal(struct doctor *d, const struct journal_place *place)
{
	struct audit_verify request = {.full = false};
	struct error err = {0};
	void *reply;

	if (!session_call(cli_session(d->cli), MESSAGE_audit_verify, &request, &reply, &err)) {
		/* Its own remedy is to ask the doctor. */
		if (error_is(&err, E_JRNL_001))
			error_hint(&err, "df -h %s\nls -ld %s", place->folder, place->folder);
		doctor_error(d, "journal", NULL, "fail", &err);
		return;
	}
	doctor_report(d, place->file, reply);
}

void
doctor_journal(struct doctor *d)
{
	struct journal_place place;
	struct error err = {0};
	char cwd[4096];

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		memcpy(cwd, ".", 2);
	if (!journal_place_find(&d->cli->arena, cwd, &place, &err)) {
		doctor_error(d, "journal", NULL, "fail", &err);
		return;
	}
	if (place.moved != NULL)
		doctor_note(d, "journal", NULL, "warn", "%s", place.moved);
	if (session_journal(cli_session(d->cli)) == NULL)
		doctor_future_journal(d, &place);
	else
		look_into_journal(d, &place);
	session_end(cli_session(d->cli));
}
