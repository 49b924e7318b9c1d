#ifndef CONFITURE_CLI_BUNDLE_SEND_H
#define CONFITURE_CLI_BUNDLE_SEND_H

#include "cli/cli.h"
#include "shared/net/net.h"

/*
 * Gives a coordinator elsewhere the files of a bundle that it does not have, from `dir`. A bundle
 * without hashes has nothing to send. MIGR_011 when a file is not what it was when the bundle was
 * made.
 */
MUST_USE bool bundle_send(struct cli *cli, struct net_client *client, const char *dir,
			  const struct bundle_info *bundle, struct error *err);

#endif
