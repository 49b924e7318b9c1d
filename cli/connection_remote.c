/*
 * Which databases a command means when a coordinator elsewhere knows them. Their addresses and
 * passwords are the workers' own: here there are only names, and a URL that somebody gives by hand
 * is refused rather than sent anywhere or quietly used from this machine.
 */
#include "cli/connection_remote.h"

#include <stdlib.h>
#include <string.h>

#include "cli/connection.h"
#include "cli/remote.h"
#include "cli/session.h"

#include "shared/base/banned.h"

static bool
variable_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

/* ---- which source ---- */

bool
connection_url_refused(struct cli *cli, const char *what, struct error *err)
{
	const struct remote *r = session_remote(cli_session(cli));

	error_set(err, E_CONFIG_007,
		  "%s gives a connection of its own, and %s names a coordinator whose workers know "
		  "theirs",
		  what, r->from);
	error_hint(err, "name the target instead: --env NAME\n"
			"or run it from this machine: --embedded");
	return false;
}

static const char *
url_given(const struct args *args)
{
	if (args_given(args, "database-url"))
		return "--database-url";
	if (args_flag(args, "no-config"))
		return "--no-config";
	if (variable_set("CONFITURE_DATABASE_URL"))
		return "CONFITURE_DATABASE_URL";
	return NULL;
}

static bool
two_names(const char *first, const char *second, struct error *err)
{
	error_set(err, E_CONFIG_007, "both %s and %s say which database is meant", first, second);
	error_hint(err, "remove one of the two");
	return false;
}

bool
connection_remote_choose(struct cli *cli, const struct args *args, enum connection_use use,
			 struct connection_choice *out, struct error *err)
{
	bool env = args_given(args, "env"), group = args_given(args, "group");
	bool file = args_given(args, "config");
	const char *url = url_given(args), *fallback = args_text(args, "config");

	*out = (struct connection_choice){SOURCE_NONE, NULL, NULL};
	if (url != NULL)
		return connection_url_refused(cli, url, err);
	if (file && (env || group))
		return two_names("--config", env ? "--env" : "--group", err);
	if (variable_set("DATABASE_URL"))
		cli_note(cli,
			 "DATABASE_URL is ignored: the coordinator's workers know their databases");
	if (env || group)
		*out = (struct connection_choice){SOURCE_NAMES, NULL, "coordinator"};
	else if (fallback != NULL && (file || use != CONNECTION_INTENTIONAL))
		*out = (struct connection_choice){SOURCE_FILE, fallback, "coordinator"};
	return true;
}

/* ---- names become targets ---- */

static bool
list(struct cli *cli, const struct target_list_request *request, const struct target_list **out,
     struct error *err)
{
	void *reply;

	if (!session_call(cli_session(cli), MESSAGE_target_list_request, request, &reply, err))
		return false;
	*out = reply;
	return true;
}

/* Nothing fits: what is there, environments and targets, is what may have been meant. */
static bool
unknown(struct cli *cli, const char *name, struct error *err)
{
	const struct target_list_request everything = {0};
	const struct target_list *all;
	bool one = strchr(name, '/') != NULL;

	if (!list(cli, &everything, &all, err))
		return false;
	const char **known = arena_array(&cli->arena, all->targets.count + 1, sizeof(*known));
	for (size_t i = 0; i < all->targets.count; i++)
		known[i] = one ? all->targets.items[i].name : all->targets.items[i].environment;
	connection_unknown(cli, one ? "target" : "environment", name, known, all->targets.count,
			   err);
	error_hint(err,
		   all->targets.count > 0
			   ? "confiture worker list"
			   : "nobody serves a database here: start confiture-worker beside it\n"
			     "confiture worker list");
	return false;
}

bool
connection_remote_targets(struct cli *cli, const char *name, const struct target_list **out,
			  struct error *err)
{
	const char *names[] = {name};
	struct target_list_request request = {0};

	if (strchr(name, '/') != NULL) {
		request.names.items = names;
		request.names.count = 1;
	} else {
		request.environments.items = names;
		request.environments.count = 1;
	}
	if (!list(cli, &request, out, err))
		return false;
	return (*out)->targets.count > 0 || unknown(cli, name, err);
}

bool
connection_remote_other(struct cli *cli, const char *option, const char *value,
			const char **known_as, struct error *err)
{
	const struct target_list *found;

	if (strstr(value, "://") != NULL || strchr(value, '=') != NULL)
		return connection_url_refused(cli, option, err);
	if (!connection_remote_targets(cli, value, &found, err))
		return error_wrap(err, "%s", option);
	if (found->targets.count > 1) {
		error_set(err, E_USAGE_001, "%s must name one database, and %s has %zu", option,
			  cli_safe(cli, value), found->targets.count);
		error_hint(err, "%s %s", option, found->targets.items[0].name);
		return false;
	}
	*known_as = found->targets.items[0].name;
	return true;
}
