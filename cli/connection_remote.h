#ifndef CONFITURE_CLI_CONNECTION_REMOTE_H
#define CONFITURE_CLI_CONNECTION_REMOTE_H

#include "cli/cli.h"

/* Part of connection.c: which databases are meant when a coordinator elsewhere knows them. */

enum connection_source { SOURCE_NONE, SOURCE_URL, SOURCE_FILE, SOURCE_NAMES };

struct connection_choice {
	enum connection_source source;
	const char *value; /* URL or file */
	const char *from;  /* as connections.source */
};

/* Never a URL: CONFIG_007 for one that was given by hand. A lone DATABASE_URL is ignored, and said
 * so. */
MUST_USE bool connection_remote_choose(struct cli *cli, const struct args *args,
				       enum connection_use use, struct connection_choice *out,
				       struct error *err);

/* The targets of an environment, or one target ("production/eu"), in name order. CONFIG_011 with
 * the nearest name when there is none. */
MUST_USE bool connection_remote_targets(struct cli *cli, const char *name,
					const struct target_list **out, struct error *err);

/* CONFIG_007: `what` gives a URL, and a coordinator elsewhere knows the databases. Returns false.
 */
bool connection_url_refused(struct cli *cli, const char *what, struct error *err);

/* connection_add_other() for a name. */
MUST_USE bool connection_remote_other(struct cli *cli, const char *option, const char *value,
				      const char **known_as, struct error *err);

#endif
