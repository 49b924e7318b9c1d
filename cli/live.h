#ifndef CONFITURE_CLI_LIVE_H
#define CONFITURE_CLI_LIVE_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/source_lines.h"

/*
 * What is drawn while a job runs: finished migrations as lines of the result (text format),
 * remarks, statements with --verbose, and a bar on a terminal.
 */
struct live {
	struct cli *cli;
	struct progress bar;
	struct source_lines source; /* the project's files, for --verbose */
	struct job_view view;
	bool lines;
	bool verbose;
};

void live_init(struct live *l, struct cli *cli, const char *migrations_dir, bool lines,
	       bool verbose);
const struct job_view *live_view(struct live *l);
void live_fini(struct live *l);

#endif
