/*
 * `confiture validate-config`: everything about a project that can be judged without a database:
 * the environment's file (or the address that stands in for it), confiture.yaml and the migrations
 * folder. All findings come in one run, each with file and line.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cmds.h"
#include "cli/files.h"
#include "cli/project_documents.h"
#include "shared/config/config.h"
#include "shared/migration/migration.h"
#include "shared/net/net.h"

#include "shared/base/banned.h"

static const char default_file[] = "db/environments/local.yaml";

struct check {
	struct cli *cli;
	const struct args *args;
	bool strict;
	struct config_result result;
	size_t issue_cap;
	bool failed;
};

static struct issue *
add_issue(struct check *c)
{
	c->result.issues.items =
		arena_grow(&c->cli->arena, c->result.issues.items, c->result.issues.count,
			   &c->issue_cap, sizeof(*c->result.issues.items));
	return &c->result.issues.items[c->result.issues.count++];
}

static void
add_error(struct check *c, const struct error *err)
{
	error_to_issue(&c->cli->arena, err, add_issue(c));
	c->failed = true;
}

/* Remarks of the settings reader; under --strict those that allow it are errors. */
static void
add_warnings(struct check *c, const struct config_warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		const struct config_warning *w = &warnings->items[i];
		struct error err = {0};
		error_set(&err, E_CONFIG_008, "%s", w->message);
		error_at(&err, w->file, w->line, 0);
		bool is_error = c->strict && w->strict_error;
		struct issue *issue = add_issue(c);
		error_to_issue(&c->cli->arena, &err, issue);
		issue->severity = is_error ? "error" : "warning";
		c->failed = c->failed || is_error;
	}
}

static const char *
variable(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static void
check_url(struct check *c, const char *from, const char *option, const char *url)
{
	struct error err = {0};
	c->result.config_source = from;
	if (config_url_valid(secret_of(url), &err))
		return;
	error_wrap(&err, "%s", option);
	add_error(c, &err);
}

static void
check_file(struct check *c, const char *file)
{
	struct error err = {0};
	struct config_environment env = {0};
	struct config_warnings warnings = {0};
	c->result.config_source = "yaml-file";
	if (!config_environment_load(&c->cli->arena, file, &env, &warnings, &err))
		add_error(c, &err);
	add_warnings(c, &warnings);
}

/* Two sources that both say which database is meant: CONFIG_007, as a command would say. */
static bool
two_sources(struct check *c, const char *option, const char *other)
{
	struct error err = {0};
	error_set(&err, E_CONFIG_007, "both %s and %s say which database is meant", option, other);
	add_error(c, &err);
	c->result.config_source = "yaml-file";
	return false;
}

static bool
check_named(struct check *c)
{
	const char *const *names = NULL;
	size_t count = args_list(c->args, "env", &names);
	const char *config = args_given(c->args, "config") ? args_text(c->args, "config") : NULL;
	if (count == 0 && config == NULL)
		return false;
	if (variable("CONFITURE_DATABASE_URL") != NULL)
		two_sources(c, config != NULL ? "--config" : "--env", "CONFITURE_DATABASE_URL");
	else if (config != NULL && count > 0)
		two_sources(c, "--config", "--env");
	if (config != NULL)
		check_file(c, config);
	for (size_t i = 0; i < count; i++)
		check_file(c, arena_printf(&c->cli->arena, "db/environments/%s.yaml", names[i]));
	return true;
}

static void
check_source(struct check *c)
{
	if (args_given(c->args, "database-url"))
		check_url(c, "flags", "--database-url", args_text(c->args, "database-url"));
	else if (check_named(c))
		return;
	else if (variable("CONFITURE_DATABASE_URL") != NULL)
		check_url(c, "env", "CONFITURE_DATABASE_URL", variable("CONFITURE_DATABASE_URL"));
	else if (!file_exists(default_file) && variable("DATABASE_URL") != NULL)
		check_url(c, "env", "DATABASE_URL", variable("DATABASE_URL"));
	else
		check_file(c, default_file);
}

static void
check_project(struct check *c)
{
	struct error err = {0};
	struct config_project project = {0};
	struct config_warnings warnings = {0};
	if (!config_project_load(&c->cli->arena, "confiture.yaml", &project, &warnings, &err))
		add_error(c, &err);
	add_warnings(c, &warnings);
}

static void
check_migrations(struct check *c)
{
	struct error err = {0};
	struct bundle_info bundle = {0};
	struct migration_set set = {0};
	if (!bundle_scan(&c->cli->arena, c->result.migrations_path, false, &bundle, &err)) {
		add_error(c, &err);
		return;
	}
	migration_set_build(&c->cli->arena, &bundle, &set);
	c->result.migration_count = (int64_t)set.count;
	if (!migration_set_unique(&set, &err))
		add_error(c, &err);
}

static void
say_issue(struct cli *cli, const struct issue *issue)
{
	bool is_error = strcmp(issue->severity, "error") == 0;
	const char *place = "";
	if (issue->file != NULL && issue->line != INT_NULL && issue->line > 0)
		place = arena_printf(&cli->arena, "%s:%lld: ", issue->file, (long long)issue->line);
	else if (issue->file != NULL)
		place = arena_printf(&cli->arena, "%s: ", issue->file);
	cli_say(cli, "%s%s%s  %s%s [%s]",
		cli_style(cli, cli->out, is_error ? STYLE_RED : STYLE_YELLOW), issue->severity,
		cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, place),
		cli_safe(cli, issue->message), issue->code);
	for (size_t i = 0; is_error && i < issue->details->remediation.count; i++)
		cli_say(cli, "         next: %s",
			cli_safe(cli, issue->details->remediation.items[i]));
}

static void
say_result(struct check *c)
{
	struct cli *cli = c->cli;
	for (size_t i = 0; i < c->result.issues.count; i++)
		say_issue(cli, &c->result.issues.items[i]);
	cli_say(cli, "%s%s%s: settings from %s, %lld migration%s in %s",
		cli_style(cli, cli->out, c->failed ? STYLE_RED : STYLE_GREEN),
		c->failed ? "not valid" : "valid", cli_style(cli, cli->out, STYLE_PLAIN),
		c->result.config_source, (long long)c->result.migration_count,
		c->result.migration_count == 1 ? "" : "s",
		cli_safe(cli, c->result.migrations_path));
}

int
cmd_validate_config(struct cli *cli, const struct args *args)
{
	struct check c = {.cli = cli, .args = args, .strict = args_flag(args, "strict")};
	c.result.migrations_path = args_text(args, "migrations-path");
	check_source(&c);
	check_project(&c);
	check_migrations(&c);
	c.result.valid = !c.failed;
	say_result(&c);
	cli_document(cli, &record_config_result, &c.result);
	return c.failed ? 5 : 0;
}
