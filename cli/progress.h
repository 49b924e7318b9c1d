#ifndef CONFITURE_CLI_PROGRESS_H
#define CONFITURE_CLI_PROGRESS_H

#include "cli/cli.h"

/* One line on a terminal's stderr for work that takes longer than a second:
 * "[ 12/1000] 012_users.up.sql  3 s". Nothing is ever written into a pipe. */
struct progress {
	struct cli *cli;
	uint64_t started_ns;
	int64_t done, total; /* -1 = not known */
	char what[128];	     /* current file, or what is waited for */
	bool shown;
};

void progress_init(struct progress *p, struct cli *cli);
void progress_update(struct progress *p, const struct job_event *event);
/* Draws the line again, with the time that has passed. */
void progress_draw(struct progress *p);
/* Takes the line away, so that others may write. */
void progress_clear(struct progress *p);

#endif
