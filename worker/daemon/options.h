#ifndef CONFITURE_WORKER_DAEMON_OPTIONS_H
#define CONFITURE_WORKER_DAEMON_OPTIONS_H

#include <stdio.h>

#include "shared/base/error.h"

/* The command line of confiture-worker. */
enum worker_action {
	WORKER_RUN,
	WORKER_CHECK,
	WORKER_PRINT,
	WORKER_SAMPLE,
	WORKER_HELP,
	WORKER_VERSION
};

struct worker_options {
	enum worker_action action;
	const char *config;
};

/* USAGE_001 with a hint. */
MUST_USE bool worker_options_read(int argc, char **argv, struct worker_options *out,
				  struct error *err);
void worker_options_help(FILE *out);

#endif
