#ifndef CONFITURE_TESTS_UNIT_CLI_FIXTURE_H
#define CONFITURE_TESTS_UNIT_CLI_FIXTURE_H

#include "cli/args.h"
#include "cli/cli.h"
#include "shared/net/net.h"

/* A program without a terminal: what it would print is text, and it stands in a fresh folder. */
struct fixture {
	struct cli cli;
	char *out, *err;
	size_t out_len, err_len;
	char folder[64];
};

void fixture_begin(struct fixture *f);
void fixture_end(struct fixture *f);
const char *fixture_out(struct fixture *f);
const char *fixture_err(struct fixture *f);
/* Makes the file with its folders, below the fixture's folder. */
void fixture_file(const char *path, const char *text);
/* The command line as the program would read it; words are separated by single blanks. */
void fixture_args(struct fixture *f, const char *line, struct args *out);

/*
 * A coordinator of prepared answers: the n-th call gets the n-th answer, and calls beyond the last
 * one get the last. Keeps the requests' kinds and what was asked.
 */
struct script_step {
	enum message_kind kind;
	void *reply; /* NULL: refused with `refusal` */
	enum error_id refusal;
};
struct script {
	struct net_client base; /* first */
	const struct script_step *steps;
	size_t count, at;
	struct job_watch watched[16];
	size_t watched_count;
	struct job_submit submitted[8];
	struct job_spec specs[8];
	size_t submitted_count;
	size_t cancelled;
	uint64_t pause_ms; /* how long each answer takes */
	uint64_t hurry;	   /* of script_clock() */
	struct runtime clock;
	struct runtime_ops clock_ops;
};
void script_init(struct script *s, const struct script_step *steps, size_t count);
/* The machine, with a clock that runs `hurry` times as fast. Lives as long as the script. */
struct runtime *script_clock(struct script *s);

#endif
