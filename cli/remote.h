#ifndef CONFITURE_CLI_REMOTE_H
#define CONFITURE_CLI_REMOTE_H

#include "cli/cli.h"
#include "shared/net/net.h"

/*
 * A coordinator elsewhere: which one a command means, and the way there. Believed in this order:
 * --embedded, --coordinator, CONFITURE_COORDINATOR, `coordinator` of confiture.yaml. None of them:
 * the embedded one.
 */
struct remote {
	const char *const *urls; /* whole, with port and path */
	size_t url_count;	 /* 0: embedded */
	const char *shown;	 /* all of them, for messages */
	const char *from;	 /* "--coordinator", "CONFITURE_COORDINATOR", "confiture.yaml" */
};

/* CONFIG_005 for an address that is none, and whatever is wrong with confiture.yaml: a command that
 * does not know where it belongs does nothing. */
MUST_USE bool remote_choose(struct cli *cli, const struct args *args, struct remote *out,
			    struct error *err);

/*
 * Connects and says hello. The client lives as long as the process. AUTH_001 without a token, or
 * with one that others can read; COORD_001 when nobody answers; COORD_002 for another protocol.
 */
MUST_USE bool remote_dial(struct cli *cli, const struct remote *r, struct net_client **client,
			  const struct hello_reply **hello, struct error *err);

/* For main(), with everything written: leaves by _exit() if remote_dial() was called, since the
 * library's threads still run (shared/net/nng.h); else returns. */
void remote_leave(int exit_code);

#endif
