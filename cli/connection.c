/*
 * Which databases a command means. The order in which options, variables and files are believed is
 * the Python confiture's, rule by rule (numbers in choose()), because pipelines depend on it; new
 * are environments by name, groups, and environments that hold several databases.
 */
#include "cli/connection.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/connection_remote.h"
#include "cli/session.h"
#include "shared/base/parse.h"
#include "shared/config/config.h"

#include "shared/base/banned.h"

#define ENVIRONMENTS "db/environments"
#define EXTENSION    ".yaml"

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
no_url(struct error *err)
{
	error_set(err, E_CONFIG_010,
		  "no connection URL: neither CONFITURE_DATABASE_URL nor "
		  "DATABASE_URL is set");
	error_hint(err, "export CONFITURE_DATABASE_URL=postgresql://…");
	return false;
}

static bool
two_sources(struct error *err, const char *first, const char *second)
{
	error_set(err, E_CONFIG_007, "both %s and %s say which database is meant", first, second);
	error_hint(err, "remove one of the two");
	return false;
}

static bool
ambient_refused(struct error *err)
{
	error_set(err, E_CONFIG_010,
		  "a command that changes the database does not take it from DATABASE_URL alone");
	error_hint(err, "export CONFITURE_DATABASE_URL=\"$DATABASE_URL\"\n"
			"or give --no-config, --database-url, --config or --env");
	return false;
}

/* Rules 5 to 8: nothing was asked for explicitly. `file` is the default one; NULL = no default. */
static bool
choose_implicit(enum connection_use use, const char *file, struct connection_choice *out,
		struct error *err)
{
	const char *canonical = variable("CONFITURE_DATABASE_URL");
	const char *ambient = variable("DATABASE_URL");

	*out = (struct connection_choice){SOURCE_NONE, NULL, NULL};
	if (canonical != NULL) /* 5 */
		*out = (struct connection_choice){SOURCE_URL, canonical, "env"};
	else if (use == CONNECTION_INTENTIONAL)
		return true;
	else if (file != NULL && access(file, F_OK) == 0) /* 6 */
		*out = (struct connection_choice){SOURCE_FILE, file, "yaml-file"};
	else if (ambient != NULL && use == CONNECTION_CHANGES) /* 7 */
		return ambient_refused(err);
	else if (ambient != NULL)
		*out = (struct connection_choice){SOURCE_URL, ambient, "env"};
	else if (file != NULL) /* 8: loading it says CONFIG_004 */
		*out = (struct connection_choice){SOURCE_FILE, file, "yaml-file"};
	return true;
}

static bool
choose(struct cli *cli, const struct args *args, enum connection_use use,
       struct connection_choice *out, struct error *err)
{
	const char *canonical = variable("CONFITURE_DATABASE_URL");
	bool named = args_given(args, "env") || args_given(args, "group");
	const char *word = args_given(args, "config") ? "--config"
			   : args_given(args, "env")  ? "--env"
						      : "--group";

	if (session_remote(cli_session(cli)) != NULL)
		return connection_remote_choose(cli, args, use, out, err);
	if (args_given(args, "database-url")) { /* 1 */
		*out = (struct connection_choice){SOURCE_URL, args_text(args, "database-url"),
						  "flags"};
		return true;
	}
	if (args_flag(args, "no-config")) { /* 2 */
		const char *url = canonical ? canonical : variable("DATABASE_URL");
		*out = (struct connection_choice){SOURCE_URL, url, "env"};
		return url != NULL || no_url(err);
	}
	if (!named && !args_given(args, "config"))
		return choose_implicit(use, args_text(args, "config"), out, err);
	if (canonical != NULL) /* 3 */
		return two_sources(err, word, "CONFITURE_DATABASE_URL");
	if (named && args_given(args, "config"))
		return two_sources(err, "--config", args_given(args, "env") ? "--env" : "--group");
	*out = named ? (struct connection_choice){SOURCE_NAMES, NULL, "yaml-file"} /* 4 */
		     : (struct connection_choice){SOURCE_FILE, args_text(args, "config"),
						  "yaml-file"};
	return true;
}

/* ---- what was chosen becomes targets ---- */

struct collector {
	struct cli *cli;
	struct connections *out;
	size_t cap;
	struct config_warnings warnings;
};

static void
add_target(struct collector *c, const char *name, const char *environment)
{
	struct connections *out = c->out;

	for (size_t i = 0; i < out->count; i++) {
		if (strcmp(out->items[i].name, name) == 0)
			return;
	}
	out->items =
		arena_grow(&c->cli->arena, out->items, out->count, &c->cap, sizeof(*out->items));
	out->items[out->count++] = (struct connection_target){name, environment};
}

bool
url_has_password(const char *url)
{
	const char *start = strstr(url, "://");

	if (start == NULL)
		return false;
	start += 3;
	size_t authority = strcspn(start, "/?#");
	const char *at = memchr(start, '@', authority);
	const char *colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
	const char *query = strchr(start, '?');
	return (colon != NULL && colon + 1 < at) ||
	       (query != NULL && strstr(query, "password=") != NULL);
}

bool
connection_add_url(struct cli *cli, const char *name, const char *option, const char *url,
		   const char *tracking_table, struct error *err)
{
	if (!config_url_valid(secret_of(url), err))
		return error_wrap(err, "%s", option);
	if (tracking_table != NULL && !config_tracking_table_valid(tracking_table, err))
		return error_wrap(err, "%s", option);
	if (option[0] == '-' && url_has_password(url))
		cli_warn(cli,
			 "%s holds a password: other users of this machine can see it while the "
			 "command runs; PGPASSFILE or a variable keeps it to yourself",
			 option);
	if (session_has_target(cli_session(cli), name))
		return error_set(err, E_CONFIG_007,
				 "%s stands for the environment of that name here; rename the file",
				 name);
	session_add_target(cli_session(cli), name, secret_of(url), tracking_table);
	return true;
}

bool
connection_add_other(struct cli *cli, const char *name, const char *option, const char *value,
		     const char *tracking_table, const char **known_as, struct error *err)
{
	if (session_remote(cli_session(cli)) != NULL)
		return connection_remote_other(cli, option, value, known_as, err);
	*known_as = name;
	return connection_add_url(cli, name, option, value, tracking_table, err);
}

static bool
take_url(struct collector *c, const struct connection_choice *choice, struct error *err)
{
	const char *option =
		strcmp(choice->from, "flags") == 0 ? "--database-url" : "the environment's URL";

	if (!connection_add_url(c->cli, "database", option, choice->value, NULL, err))
		return false;
	add_target(c, "database", NULL);
	return true;
}

/* `only` NULL: every target of the file. */
static bool
take_file(struct collector *c, const char *file, const char *only, struct error *err)
{
	struct config_environment env = {0};
	bool found = false;

	if (!config_environment_load(&c->cli->arena, file, &env, &c->warnings, err))
		return false;
	for (size_t i = 0; i < env.target_count; i++) {
		const struct config_target *t = &env.targets[i];
		if (only != NULL && strcmp(only, t->name) != 0)
			continue;
		session_add_target(cli_session(c->cli), t->name, t->url, t->tracking_table);
		add_target(c, t->name, env.name);
		found = true;
	}
	c->out->strict_mode |= env.strict_mode;
	c->out->replicas |= env.replicas;
	c->out->several |= only == NULL && env.target_count > 1;
	if (only != NULL && !found) {
		error_set(err, E_CONFIG_011, "environment %s has no target named %s", env.name,
			  only);
		error_at(err, file, 0, 0);
		return false;
	}
	return true;
}

/* What a coordinator elsewhere knows under that name; `file` has the environment's rules. */
static bool
take_remote(struct collector *c, const char *name, const char *file, struct error *err)
{
	const struct target_list *found;
	struct config_environment rules = {0};

	if (!connection_remote_targets(c->cli, name, &found, err) ||
	    !config_environment_rules(&c->cli->arena, file, &rules, &c->warnings, err))
		return false;
	for (size_t i = 0; i < found->targets.count; i++)
		add_target(c, found->targets.items[i].name, found->targets.items[i].environment);
	c->out->strict_mode |= rules.strict_mode;
	c->out->replicas |= rules.replicas;
	c->out->several |= strchr(name, '/') == NULL && found->targets.count > 1;
	return true;
}

/* "db/environments/production.yaml" means the environment "production". */
static bool
take_stem(struct collector *c, const char *file, struct error *err)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	const char *dot = strrchr(base, '.');
	size_t len = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);

	return take_remote(c, arena_span(&c->cli->arena, span_of(base, len)), file, err);
}

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

size_t
environment_names(struct cli *cli, const char ***out)
{
	const char **names = NULL;
	size_t count = 0, cap = 0, ext = strlen(EXTENSION);
	DIR *dir = opendir(ENVIRONMENTS);

	*out = NULL;
	if (dir == NULL)
		return 0;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		size_t len = strlen(e->d_name);
		if (e->d_name[0] == '.' || len <= ext ||
		    strcmp(e->d_name + len - ext, EXTENSION) != 0)
			continue;
		names = arena_grow(&cli->arena, names, count, &cap, sizeof(*names));
		names[count++] = arena_span(&cli->arena, span_of(e->d_name, len - ext));
	}
	closedir(dir);
	if (count > 0)
		qsort(names, count, sizeof(*names), by_name);
	*out = names;
	return count;
}

bool
connection_unknown(struct cli *cli, const char *what, const char *word, const char *const *known,
		   size_t count, struct error *err)
{
	const char *near = nearest_word(word, known, count);

	error_set(err, E_CONFIG_011, "there is no %s named \"%s\"%s%s%s", what, cli_safe(cli, word),
		  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	if (near != NULL)
		error_detail(err, "did_you_mean", "%s", near);
	return false;
}

/* "production", or "production/eu" for one target of it. */
static bool
take_name(struct collector *c, const char *name, struct error *err)
{
	struct cli *cli = c->cli;
	size_t len = strcspn(name, "/");
	const char *env = arena_span(&cli->arena, span_of(name, len));
	const char *file = arena_printf(&cli->arena, ENVIRONMENTS "/%s" EXTENSION, env);
	const char **known;

	if (session_remote(cli_session(cli)) != NULL)
		return take_remote(c, name, file, err);
	if (len == 0 || env[0] == '.' || access(file, F_OK) != 0) {
		size_t count = environment_names(cli, &known);
		return connection_unknown(cli, "environment", env, known, count, err);
	}
	return take_file(c, file, name[len] == '/' ? name : NULL, err);
}

static bool
take_group(struct collector *c, const struct config_project *project, const char *name,
	   struct error *err)
{
	struct cli *cli = c->cli;
	const char **known = arena_array(&cli->arena, project->group_count + 1, sizeof(*known));

	for (size_t i = 0; i < project->group_count; i++) {
		const struct config_group *g = &project->groups[i];
		known[i] = g->name;
		if (strcmp(g->name, name) != 0)
			continue;
		for (size_t m = 0; m < g->count; m++) {
			if (!take_name(c, g->members[m], err))
				return error_wrap(err, "group %s", name);
		}
		return true;
	}
	return connection_unknown(cli, "group", name, known, project->group_count, err);
}

static bool
take_names(struct collector *c, const struct args *args, struct error *err)
{
	const char *const *items;
	size_t count = args_list(args, "env", &items);

	c->out->several |= count > 1;
	for (size_t i = 0; i < count; i++) {
		if (!take_name(c, items[i], err))
			return false;
	}
	count = args_list(args, "group", &items);
	if (count == 0)
		return true;
	struct config_project project = {0};
	c->out->several = true;
	if (!config_project_load(&c->cli->arena, "confiture.yaml", &project, &c->warnings, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!take_group(c, &project, items[i], err))
			return false;
	}
	return true;
}

static int
by_target(const void *a, const void *b)
{
	const struct connection_target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
finish(struct collector *c)
{
	struct connections *out = c->out;

	for (size_t i = 0; i < c->warnings.count; i++) {
		const struct config_warning *w = &c->warnings.items[i];
		/* Remarks about keys that do nothing are for validate-config. */
		if (w->strict_error)
			cli_warn(c->cli, "%s:%u: %s", w->file, w->line, w->message);
	}
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), by_target);
}

bool
connections_resolve(struct cli *cli, const struct args *args, enum connection_use use,
		    struct connections *out, struct error *err)
{
	struct collector c = {.cli = cli, .out = out};
	struct connection_choice choice;
	bool ok = true;

	*out = (struct connections){0};
	if (!choose(cli, args, use, &choice, err))
		return false;
	out->source = choice.from;
	if (choice.source == SOURCE_URL)
		ok = take_url(&c, &choice, err);
	else if (choice.source == SOURCE_FILE && session_remote(cli_session(cli)) != NULL)
		ok = take_stem(&c, choice.value, err);
	else if (choice.source == SOURCE_FILE)
		ok = take_file(&c, choice.value, NULL, err);
	else if (choice.source == SOURCE_NAMES)
		ok = take_names(&c, args, err);
	finish(&c);
	return ok;
}

bool
connections_of_environment(struct cli *cli, const char *name, struct connections *out,
			   struct error *err)
{
	struct collector c = {.cli = cli, .out = out};

	*out = (struct connections){.source = "yaml-file"};
	bool ok = take_name(&c, name, err);
	finish(&c);
	return ok;
}
