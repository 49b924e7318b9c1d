#ifndef CONFITURE_CLI_CONNECTION_H
#define CONFITURE_CLI_CONNECTION_H

#include "cli/cli.h"

/*
 * Besides connections_resolve() (cli.h): one more database, given as a URL by an option of its own
 * (--against, --from-db). Known to the embedded worker as `name`; the URL is shown nowhere.
 * CONFIG_003 when it is none. `tracking_table` NULL = the usual one.
 */
MUST_USE bool connection_add_url(struct cli *cli, const char *name, const char *option,
				 const char *url, const char *tracking_table, struct error *err);

/*
 * The same for whoever may have a coordinator elsewhere: then the option's value is the name of a
 * target (CONFIG_007 for a URL, CONFIG_011 for a name that nobody knows). *known_as is what the job
 * is to call it: `name`, or the target's own.
 */
MUST_USE bool connection_add_other(struct cli *cli, const char *name, const char *option,
				   const char *value, const char *tracking_table,
				   const char **known_as, struct error *err);

/* CONFIG_011 "there is no <what> named <word>", with the nearest of `known`. Returns false. */
bool connection_unknown(struct cli *cli, const char *what, const char *word,
			const char *const *known, size_t count, struct error *err);

/* Resolves one environment by name, as --env NAME does; for commands that find the name elsewhere.
 */
MUST_USE bool connections_of_environment(struct cli *cli, const char *name, struct connections *out,
					 struct error *err);

/* "production" of db/environments/production.yaml, in byte order; none is an empty list. */
size_t environment_names(struct cli *cli, const char ***out);

/* Whether a URL carries a password. */
bool url_has_password(const char *url);

#endif
